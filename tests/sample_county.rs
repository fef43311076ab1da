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

#[test]
fn the_generator_draws_the_same_bytes() {
    let here = std::env::current_exe().unwrap();
    let generator = here.parent().and_then(Path::parent).unwrap().join("examples/sample_county");
    if !generator.is_file() {
        println!("skipped: the example sample_county is not built; `cargo test --release` builds it");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("source")).unwrap();
    for name in ["townships.csv", "register_2023.csv"] {
        std::fs::copy(sample().join("source").join(name), folder.path().join("source").join(name)).unwrap();
    }
    assert!(std::process::Command::new(generator).arg(folder.path()).status().unwrap().success());
    let (drawn, kept) = (files(folder.path()), files(&sample()));
    for (name, bytes) in &drawn {
        assert!(kept.get(name) == Some(bytes), "{name} differs from data/sample; run the generator again");
    }
    let lost: Vec<&String> = kept.keys().filter(|n| !drawn.contains_key(*n) && *n != "README.md").collect();
    assert!(lost.is_empty(), "not drawn: {lost:?}");
}
