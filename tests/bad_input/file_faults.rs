//! Every file fault ends in exit 1 with a sentence that names the file, and leaves an earlier plan as it was.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const CLIENTS: &str = "id,category,tier,lon,lat\nA,孤儿,1,105.0587,35.6716\nB,孤儿,1,105.0634,35.6666\n\
    C,孤儿,1,105.0600,35.6700\n";

/// A county with three clients on the sample map.
pub struct County(tempfile::TempDir);

impl County {
    pub fn new() -> County {
        let county = County(tempfile::tempdir().unwrap());
        county.write("clients.csv", CLIENTS);
        county.write("sites.csv", "id,name,lon,lat,existing\nS1,站,105.0598,35.6718,1\n");
        county.write("caregivers.csv", "id,lon,lat,mode,female\nG1,105.0579,35.6636,car,1\n");
        // What must stay as it is: an earlier plan in the place of the new one.
        county.write("P/plan.json", "{\"earlier\":true}");
        county.write("P/gaps.csv", "earlier\n");
        county
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn earlier(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = std::fs::read_dir(self.path("P")).unwrap().map(|e| e.unwrap().path());
        entries
            .map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(p).unwrap()))
            .collect()
    }

    fn plan(&self, map: &Path) -> Output {
        plan_into(self, map, "P")
    }
}

/// Plans the county into a folder beside its files.
pub fn plan_into(county: &County, map: &Path, folder: &str) -> Output {
    let dir = county.0.path().display().to_string();
    run(&["plan", &dir, "--month", "2026-12", "--steps", "10"], map, &county.path(folder))
}

fn run(words: &[&str], map: &Path, out: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_caregrid"));
    command.args(words).arg("--roads").arg(map).arg("--out").arg(out).output().unwrap()
}

pub fn sample_map() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample/roads.osm.pbf")
}

/// Exit 1, and a sentence in both languages with these words.
fn refuses(case: &str, out: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&out.stderr);
    println!("{case}: {}", said.lines().last().unwrap_or_default());
    assert_eq!(out.status.code(), Some(1), "{case}: {said}");
    assert!(!said.contains("panicked"), "{case}: {said}");
    for word in words {
        assert!(said.contains(word), "{case} does not say '{word}': {said}");
    }
}

#[test]
fn a_plan_that_cannot_be_made_says_why_and_leaves_the_earlier_one() {
    let map = std::fs::read(sample_map()).unwrap();
    type Spoil = fn(&County);
    let fine: Spoil = |_| {};
    let swapped: Spoil = |c| c.write("clients.csv", "id,category,tier,lon,lat\nA,孤儿,1,35.6716,75.0587\n");
    // 105 degrees north does not exist, so a county east of 90 degrees notices swapped columns row by row.
    let swapped_rows: Spoil =
        |c| c.write("clients.csv", "id,category,tier,lon,lat\nA,孤儿,1,35.6716,105.0587\n");
    let elsewhere: Spoil = |c| c.write("clients.csv", "id,category,tier,lon,lat\nA,孤儿,1,106.5,29.5\n");
    let empty: Spoil = |c| c.write("clients.csv", "id,category,tier,lon,lat\n");
    let mostly: Spoil =
        |c| c.write("clients.csv", format!("{CLIENTS}D,无,1,,\nE,无,1,,\nF,无,1,,\nG,无,1,,\n"));
    let gone: Spoil = |c| std::fs::remove_file(c.path("clients.csv")).unwrap();
    let old: Spoil = |c| {
        std::fs::remove_file(c.path("clients.csv")).unwrap();
        c.write("clients/a.xls", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1]);
    };
    let damaged_memory: Spoil = |c| c.write("places.csv", "a,b\n1,2\n");
    let no_road: Spoil = |c| {
        c.write("county.toml", "[modes]\ncar = \"car.toml\"\n");
        let own = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("data/modes/car.toml"))
            .unwrap();
        let (head, rest) = own.split_once("[speed]").unwrap();
        let tail = &rest[rest.find("\n[").unwrap()..];
        c.write("car.toml", format!("{head}[speed]\nmotorway = 100\n{tail}"));
    };
    let cases: [(&str, &[u8], Spoil, &[&str]); 13] = [
        ("empty map", b"", fine, &["empty", "m.osm.pbf"]),
        ("truncated map", &map[..map.len() / 2], fine, &["m.osm.pbf", "blob", "截断"]),
        ("foreign map", b"<osm></osm>", fine, &["not an .osm.pbf", "m.osm.pbf"]),
        ("map of another county", &map, elsewhere, &["outside the map", "km away"]),
        ("columns swapped", &map, swapped, &["outside the map"]),
        ("rows swapped", &map, swapped_rows, &["more than half", "swapped"]),
        ("empty roster", &map, empty, &["no client"]),
        ("mostly faults", &map, mostly, &["4 of 7 rows", "row 5"]),
        ("no roster", &map, gone, &["clients.csv", "no such file"]),
        ("old workbook", &map, old, &["a.xls", ".xlsx"]),
        ("damaged memory", &map, damaged_memory, &["places.csv", "column"]),
        ("no road for the mode", &map, no_road, &["no road"]),
        (
            "no map",
            b"",
            |c| std::fs::remove_file(c.path("m.osm.pbf")).unwrap(),
            &["m.osm.pbf", "no such file"],
        ),
    ];
    for (case, bytes, spoil, words) in cases {
        let county = County::new();
        county.write("m.osm.pbf", bytes);
        spoil(&county);
        let before = county.earlier();
        refuses(case, &county.plan(&county.path("m.osm.pbf")), words);
        assert_eq!(county.earlier(), before, "{case}: the earlier plan changed");
        let left: Vec<String> = std::fs::read_dir(county.0.path())
            .unwrap()
            .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|n| n.starts_with("P") && n != "P" || n.starts_with(".P"))
            .collect();
        assert!(left.is_empty(), "{case} left {left:?} behind");
    }
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_said_and_leaves_the_earlier_plan() {
    let county = County::new();
    let before = county.earlier();
    // A limit on the size of files is what a full disk looks like to the program.
    let line = format!(
        "trap '' XFSZ; ulimit -f 16; exec '{}' plan '{}' --month 2026-12 --steps 10 --roads '{}' --out '{}'",
        env!("CARGO_BIN_EXE_caregrid"),
        county.0.path().display(),
        sample_map().display(),
        county.path("P").display()
    );
    let out = Command::new("sh").args(["-c", &line]).output().unwrap();
    refuses("full disk", &out, &[]);
    assert_eq!(county.earlier(), before, "the earlier plan changed");
}

#[test]
fn a_plan_of_a_newer_version_is_told_and_left_alone() {
    let county = County::new();
    let plan = county.path("P").display().to_string();
    county.write("P/plan.json", "{\"format\":999,\"month\":\"2026-12\"}");
    let before = county.earlier();
    for words in [&["serve", &plan, "--port", "0"][..], &["verify", &plan]] {
        let out = Command::new(env!("CARGO_BIN_EXE_caregrid")).args(words).output().unwrap();
        refuses("newer plan", &out, &["newer version"]);
    }
    assert_eq!(county.earlier(), before);
}
