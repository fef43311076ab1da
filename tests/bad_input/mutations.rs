//! Random damage to sound files: tables through the reading child, maps and areas in this process, where a panic counts, and
//! some of them through the child too. A few thousand in the suite; the full run is
//! `HOSTILE_MUTATIONS=100000 cargo test --release --test bad_input mutations -- --nocapture`.

use crate::hostile_files::{block, map_of, roster};
use caregrid::base::{Fault, Silent, SplitMix64};
use caregrid::intake::{import_map, read_rosters};
use caregrid::network::{ImportOptions, RoadMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
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

/// What became of a damaged file.
enum Ended {
    Read,
    Refused,
    /// The child was killed by its limits or fell: a sentence for the person.
    ChildFell,
}

impl Ended {
    fn of(fault: Option<&Fault>) -> Ended {
        match fault {
            None => Ended::Read,
            Some(f) if f.en.contains("beyond the reading limits") => Ended::ChildFell,
            Some(f) => {
                assert!(f.en.ends_with(['.', '?']) && f.zh.ends_with(['。', '？']), "no sentence: {f}");
                Ended::Refused
            }
        }
    }
}

struct Row {
    kind: &'static str,
    runs: usize,
    read: usize,
    fell: usize,
    panics: usize,
    slowest: f64,
}

fn mutations(
    kind: &'static str,
    runs: usize,
    seed: u64,
    mut one: impl FnMut(&mut SplitMix64) -> Ended,
) -> Row {
    let mut random = SplitMix64::new(seed);
    let mut row = Row { kind, runs, read: 0, fell: 0, panics: 0, slowest: 0.0 };
    for _ in 0..runs {
        let start = Instant::now();
        match catch_unwind(AssertUnwindSafe(|| one(&mut random))) {
            Ok(Ended::Read) => row.read += 1,
            Ok(Ended::Refused) => {}
            Ok(Ended::ChildFell) => row.fell += 1,
            Err(_) => row.panics += 1,
        }
        row.slowest = row.slowest.max(start.elapsed().as_secs_f64());
    }
    row
}

#[test]
fn mutations_of_every_format_end_in_an_answer_or_a_sentence() {
    let total: usize = std::env::var("HOSTILE_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(4_000);
    let dir = tempfile::tempdir().unwrap();
    let month = "2026-12".parse().unwrap();
    let file = |name: &str| dir.path().join(name);
    let sound = map_of(&block());
    let import = |path: &Path, clip: Option<&Path>| {
        let read = RoadMap::import(path, &ImportOptions { clip: clip.map(Path::to_owned) }, &Silent);
        Ended::of(read.err().as_ref())
    };
    let intake = |path: &Path| {
        let rosters = read_rosters(&[path.to_owned()], None, month, &Silent).unwrap();
        assert!(rosters.counts.iter().all(|c| c.rows_in == c.kept + c.listed));
        Ended::of(rosters.usable().err().as_ref())
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
        intake(&file("c.csv"))
    });
    std::fs::write(file("sound.osm.pbf"), &sound).unwrap();
    let area = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[-1,-1],[1,-1],[1,1],[-1,1],[-1,-1]]]}}]}"#;
    let geojson = mutations("GeoJSON", total / 10, 4, |random| {
        std::fs::write(file("a.geojson"), mutate(area.as_bytes(), random)).unwrap();
        import(&file("sound.osm.pbf"), Some(&file("a.geojson")))
    });
    let book = roster();
    let workbook = mutations("workbook", total / 10, 5, |random| {
        std::fs::write(file("w.xlsx"), mutate(&book, random)).unwrap();
        intake(&file("w.xlsx"))
    });
    let map_child = mutations("map, through the child", total / 100, 6, |random| {
        std::fs::write(file("m.osm.pbf"), map_of(&mutate(&block(), random))).unwrap();
        Ended::of(import_map(&file("m.osm.pbf"), &ImportOptions::default(), &Silent).err().as_ref())
    });
    println!(
        "| mutations of | runs | still read | child fell | panics | slowest s |\n|---|---|---|---|---|---|"
    );
    for row in [packed, inner, csv, geojson, workbook, map_child] {
        println!(
            "| {} | {} | {} | {} | {} | {:.3} |",
            row.kind, row.runs, row.read, row.fell, row.panics, row.slowest
        );
        assert!(row.panics == 0 && row.slowest < 10.0, "{}", row.kind);
    }
}
