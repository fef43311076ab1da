//! All that is known to fell the libraries we stand on: each case ends in a sentence, in time and memory.

use crate::hostile_files::{areas, block, block_of, map_of, maps, rosters};
use crate::{Outcome, caregrid};
use std::path::Path;

/// Exit 1 with a sentence, in at most 10 s and 1 GiB; never a panic, never an abort.
fn check(case: &str, out: &Outcome, word: &str) {
    let said = out.stderr.lines().last().unwrap_or_default();
    let short: String = said.chars().take(90).collect();
    println!("| {case} | {short} | {:.2} | {} |", out.seconds, out.mib);
    assert_eq!(out.code, Some(1), "{case}: {} {}", out.stderr, out.stdout);
    assert!(!out.stderr.contains("panicked") && said.contains(word), "{case} does not say '{word}': {said}");
    assert!(out.seconds < 12.0 && out.mib <= 1024, "{case}: {} s, {} MiB", out.seconds, out.mib);
}

fn write(dir: &Path, name: &str, bytes: &[u8]) -> String {
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.display().to_string()
}

#[test]
fn hostile_maps_areas_and_rosters_end_in_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let out = dir.join("out.roads").display().to_string();
    println!("| case | outcome | seconds | MiB |\n|---|---|---|---|");
    for (case, bytes, word) in maps() {
        let path = write(dir, "m.osm.pbf", &bytes);
        check(case, &caregrid(&["import", &path, "--out", &out]), word);
    }
    let sound = write(dir, "sound.osm.pbf", &map_of(&block()));
    assert_eq!(
        caregrid(&["import", &sound, "--out", &out]).code,
        Some(0),
        "the map that the others are made from"
    );
    for (case, text) in areas() {
        let area = write(dir, "area.geojson", text.as_bytes());
        check(case, &caregrid(&["import", &sound, "--out", &out, "--clip", &area]), "");
    }
    for (case, ending, bytes) in rosters() {
        let path = write(dir, &format!("roster.{ending}"), &bytes);
        let out = caregrid(&["intake", &path, "--json"]);
        check(case, &out, "roster");
        let head: serde_json::Value = serde_json::from_str(out.stdout.lines().next().unwrap()).unwrap();
        let count = |k: &str| head[k].as_u64().unwrap();
        assert_eq!(count("rows_in"), count("kept") + count("listed"), "{case}");
    }
}

#[test]
fn a_map_cut_between_blobs_counts_lists_and_draws_what_it_lacks() {
    let dir = tempfile::tempdir().unwrap();
    // The way names a sixth node that stood in a blob which is gone.
    let path = write(dir.path(), "cut.osm.pbf", &map_of(&block_of(&[2; 6])));
    let (out, drawn) = (dir.path().join("r"), dir.path().join("clipped.geojson"));
    let (out, drawn) = (out.display().to_string(), drawn.display().to_string());
    let run = caregrid(&["import", &path, "--out", &out, "--json", "--clipped", &drawn]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((report["ways"].as_u64(), report["clipped_ways"].as_u64()), (Some(1), Some(1)));
    let lines: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&drawn).unwrap()).unwrap();
    let lines = lines["features"].as_array().unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["properties"]["way_id"], 7);
    assert_eq!(lines[0]["geometry"]["coordinates"].as_array().unwrap().len(), 5);
}
