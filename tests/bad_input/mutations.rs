//! Random damage to sound files. A few thousand in the suite; the full run is
//! `HOSTILE_MUTATIONS=100000 cargo test --release --test bad_input mutations -- --nocapture`.

use crate::hostile_files::{block, map_of, roster};
use caregrid::base::{Silent, SplitMix64};
use caregrid::intake::read_rosters;
use caregrid::network::{ImportOptions, RoadMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Replaces, drops, doubles or swaps some bytes.
fn mutate(sound: &[u8], random: &mut SplitMix64) -> Vec<u8> {
    let mut bad = sound.to_vec();
    for _ in 0..=random.below(4) {
        if bad.is_empty() {
            break;
        }
        let at = random.below(bad.len());
        let end = (at + 1 + random.below(8)).min(bad.len());
        match random.below(5) {
            0 => bad[at] = random.next_u64() as u8,
            1 => bad[at] ^= 1 << random.below(8),
            2 => drop(bad.drain(at..end)),
            3 => {
                let twice = bad[at..end].to_vec();
                bad.splice(at..at, twice);
            }
            _ => bad.truncate(at),
        }
    }
    bad
}

struct Row {
    kind: &'static str,
    runs: usize,
    read: usize,
    panics: usize,
    slowest: f64,
}

fn mutations(
    kind: &'static str,
    runs: usize,
    seed: u64,
    mut one: impl FnMut(&mut SplitMix64) -> bool,
) -> Row {
    let mut random = SplitMix64::new(seed);
    let mut row = Row { kind, runs, read: 0, panics: 0, slowest: 0.0 };
    for _ in 0..runs {
        let start = Instant::now();
        match catch_unwind(AssertUnwindSafe(|| one(&mut random))) {
            Ok(read) => row.read += usize::from(read),
            Err(_) => row.panics += 1,
        }
        row.slowest = row.slowest.max(start.elapsed().as_secs_f64());
    }
    row
}

/// The reading child alone: it may be killed by its limits, but never runs on.
fn read_workbook(path: &Path) -> bool {
    let out = Command::new(env!("CARGO_BIN_EXE_caregrid"))
        .arg(caregrid::intake::READ_WORKBOOK)
        .arg(path)
        .env_clear()
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .unwrap();
    out.stdout.ends_with(b"\"End\"\n")
}

#[test]
fn mutations_of_every_format_end_in_an_answer_or_a_sentence() {
    let total: usize = std::env::var("HOSTILE_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(4_000);
    let dir = tempfile::tempdir().unwrap();
    let month = "2026-12".parse().unwrap();
    let file = |name: &str| dir.path().join(name);
    let sound = map_of(&block());
    let import = |path: &Path, clip: Option<&Path>| {
        RoadMap::import(path, &ImportOptions { clip: clip.map(Path::to_owned) }, &Silent).is_ok()
    };
    let packed = mutations("map, packed", total * 3 / 10, 1, |random| {
        std::fs::write(file("m.osm.pbf"), mutate(&sound, random)).unwrap();
        import(&file("m.osm.pbf"), None)
    });
    let inner = mutations("map, inside its blob", total * 3 / 10, 2, |random| {
        std::fs::write(file("m.osm.pbf"), map_of(&mutate(&block(), random))).unwrap();
        import(&file("m.osm.pbf"), None)
    });
    let text = "编号,姓名,身份证号,类别,自理能力,经度,纬度,评估日期\n1,王某福,00000019500101001X,孤儿,半失能,105.1,35.7,2026-05-01\n\
        2,\"李某,贵\",000000194802290029,经济困难老年人,完全自理,105°03′11″,\"35,7\",2026/5/1\n";
    let csv = mutations("CSV", total * 2 / 10, 3, |random| {
        std::fs::write(file("c.csv"), mutate(text.as_bytes(), random)).unwrap();
        let rosters = read_rosters(&[file("c.csv")], None, month, &Silent).unwrap();
        assert!(rosters.counts.iter().all(|c| c.rows_in == c.kept + c.listed));
        rosters.usable().is_ok()
    });
    std::fs::write(file("sound.osm.pbf"), &sound).unwrap();
    let area = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[-1,-1],[1,-1],[1,1],[-1,1],[-1,-1]]]}}]}"#;
    let geojson = mutations("GeoJSON", total / 10, 4, |random| {
        std::fs::write(file("a.geojson"), mutate(area.as_bytes(), random)).unwrap();
        import(&file("sound.osm.pbf"), Some(&file("a.geojson")))
    });
    let book = roster();
    let workbook = mutations("workbook (child)", total / 10, 5, |random| {
        std::fs::write(file("w.xlsx"), mutate(&book, random)).unwrap();
        read_workbook(&file("w.xlsx"))
    });
    println!("| mutations of | runs | still read | panics | slowest s |\n|---|---|---|---|---|");
    for row in [packed, inner, csv, geojson, workbook] {
        println!("| {} | {} | {} | {} | {:.3} |", row.kind, row.runs, row.read, row.panics, row.slowest);
        assert!(row.panics == 0 && row.slowest < 10.0, "{}", row.kind);
    }
}
