//! The sample county is what it says: invented, complete, small, and drawn by its generator byte for byte.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample")
}

/// Every file below `folder` with its bytes, by relative path.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                out.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    out
}

fn rows(name: &str) -> Vec<csv::StringRecord> {
    csv::Reader::from_path(sample().join(name)).unwrap().records().map(Result::unwrap).collect()
}

#[test]
fn the_tables_have_the_promised_rows_and_stay_small() {
    assert_eq!(rows("sites.csv").len(), 300);
    assert_eq!(rows("sites.csv").iter().filter(|r| &r[4] == "1").count(), 12);
    assert_eq!(rows("caregivers.csv").len(), 190);
    assert_eq!(rows("villages.csv").len(), 322);
    let all = files(&sample());
    assert_eq!(all.keys().filter(|name| name.ends_with(".xlsx")).count(), 28);
    assert!(all.values().map(Vec::len).sum::<usize>() < 12_000_000);
}

#[test]
fn the_county_says_that_it_is_invented() {
    let toml = std::fs::read_to_string(sample().join("county.toml")).unwrap();
    assert!(toml.contains("synthetic = true") && toml.contains("示例数据，非真实道路与人员"));
}

#[test]
fn planted_gaps_are_few_and_of_every_kind() {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    rows("key.csv").iter().for_each(|r| *kinds.entry(r[1].to_owned()).or_default() += 1);
    let words: Vec<&str> = kinds.keys().map(String::as_str).collect();
    assert_eq!(words, ["disconnected", "no_caregiver", "no_road_near", "too_far"]);
    assert!((100..250).contains(&kinds.values().sum::<usize>()), "{kinds:?}");
}

/// The county drawn anew with these words behind the folder; `None` where the generator is not built.
fn drawn(words: &[&str]) -> Option<tempfile::TempDir> {
    let here = std::env::current_exe().unwrap();
    let generator = here.parent().and_then(Path::parent).unwrap().join("examples/sample_county");
    if !generator.is_file() {
        println!("skipped: the example sample_county is not built; `cargo test --release` builds it");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("source")).unwrap();
    for name in ["townships.csv", "register_2023.csv"] {
        std::fs::copy(sample().join("source").join(name), folder.path().join("source").join(name)).unwrap();
    }
    let mut command = std::process::Command::new(generator);
    assert!(command.arg(folder.path()).args(words).status().unwrap().success());
    Some(folder)
}

/// What `caregrid intake` finds in a county: the head, and every (file, sheet, row, code).
fn found(county: &Path) -> (serde_json::Value, Vec<[String; 4]>) {
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_caregrid"))
        .args(["intake", "--remarks", "--json", "--month", "2026-12", "--county"])
        .arg(county)
        .arg("--roads")
        .arg(county.join("roads.osm.pbf"))
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8(out.stdout).unwrap();
    let mut lines = text.lines().map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap());
    let head = lines.next().unwrap();
    let text = |v: &serde_json::Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let mut found: Vec<[String; 4]> =
        lines.map(|l| ["file", "sheet", "row", "code"].map(|k| text(&l[k]))).collect();
    found.sort();
    (head, found)
}

#[test]
fn intake_finds_every_planted_fault_of_the_dirty_county_and_nothing_else() {
    let Some(folder) = drawn(&["--dirty"]) else { return };
    let mut key: Vec<[String; 4]> = csv::Reader::from_path(folder.path().join("dirty_key.csv"))
        .unwrap()
        .records()
        .map(|r| std::array::from_fn(|i| r.as_ref().unwrap()[i].to_owned()))
        .collect();
    key.sort();
    let kinds: std::collections::BTreeSet<&String> = key.iter().map(|k| &k[3]).collect();
    assert!(key.len() > 200 && kinds.len() >= 32, "{} {kinds:?}", key.len());
    let (head, found) = found(folder.path());
    let missed: Vec<_> = key.iter().filter(|k| !found.contains(k)).collect();
    let alarms: Vec<_> = found.iter().filter(|f| !key.contains(f)).collect();
    assert!(missed.is_empty() && alarms.is_empty(), "missed {missed:?}\nfalse alarms {alarms:?}");
    assert_eq!(found.len(), key.len());
    let count = |k: &str| head[k].as_u64().unwrap();
    assert_eq!((count("rows_in"), count("kept") + count("listed")), (5_000, 5_000));
}

#[test]
fn the_clean_county_raises_no_alarm_but_its_planted_homes_far_from_roads() {
    let (head, found) = found(&sample());
    assert_eq!((head["rows_in"].as_u64(), head["kept"].as_u64()), (Some(5_000), Some(5_000)));
    let far = rows("key.csv").iter().filter(|r| &r[1] == "no_road_near").count();
    assert_eq!(found.len(), far, "{:?}", found.iter().find(|f| f[3] != "far_from_roads"));
    assert!(found.iter().all(|f| f[3] == "far_from_roads"));
}

#[test]
fn the_generator_draws_the_same_bytes() {
    let Some(folder) = drawn(&[]) else { return };
    let (drawn, kept) = (files(folder.path()), files(&sample()));
    for (name, bytes) in &drawn {
        assert!(kept.get(name) == Some(bytes), "{name} differs from data/sample; run the generator again");
    }
    let lost: Vec<&String> = kept.keys().filter(|n| !drawn.contains_key(*n) && *n != "README.md").collect();
    assert!(lost.is_empty(), "not drawn: {lost:?}");
}
