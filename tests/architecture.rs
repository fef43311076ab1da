//! The house keeps its walls: who may import whom, and which libraries live on which floor.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Floor, and the floors it may import; the same table stands in docs/ARCHITECTURE.md.
const FLOORS: [(&str, &str); 12] = [
    ("base", ""),
    ("network", "base"),
    ("roster", "base"),
    ("travel", "base network"),
    ("coverage", "base network roster travel"),
    ("intake", "base network roster"),
    ("siting", "base"),
    ("grid", "base"),
    ("plan", "base network roster travel coverage intake siting grid"),
    ("report", "base network roster travel coverage intake siting grid plan"),
    ("api", "base network roster travel coverage intake plan report"),
    ("cli", "base network roster travel coverage intake siting grid plan report api"),
];

/// Libraries that only the named floors may use.
const LIBRARIES: [(&str, &str); 13] = [
    ("ruzstd", "network"),
    ("osmpbf", "network"),
    ("rstar", "network plan coverage"),
    ("memmap2", "network travel"),
    ("rayon", "network travel coverage intake siting grid plan"),
    ("calamine", "intake"),
    ("csv", "intake report cli"),
    ("encoding_rs", "intake"),
    ("rusqlite", "plan"),
    ("plotters", "report"),
    ("rust_xlsxwriter", "report intake"),
    ("axum", "api"),
    ("clap", "cli"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(dir: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// The file is a module that some `mod.rs` or sibling declares under `#[cfg(test)]`.
fn is_test_module(file: &Path, texts: &[String]) -> bool {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let declared = |text: &String| {
        let pairs = text.lines().zip(text.lines().skip(1));
        let ends = [format!("mod {name};"), format!("mod {name} {{")];
        pairs
            .into_iter()
            .any(|(a, b)| a.trim() == "#[cfg(test)]" && ends.iter().any(|e| b.trim().ends_with(e)))
    };
    texts.iter().any(declared)
}

/// Every line of product code of a floor with its file and number; comments and tests are left out: a test may stand on
/// any floor it likes.
fn lines_of(floor: &str) -> Vec<(PathBuf, usize, String)> {
    let mut files = Vec::new();
    rust_files(&root().join("src").join(floor), &mut files);
    let texts: Vec<String> = files.iter().map(|f| fs::read_to_string(f).unwrap()).collect();
    let mut lines = Vec::new();
    for file in files.iter().filter(|f| !is_test_module(f, &texts)) {
        let text = fs::read_to_string(file).unwrap();
        let short = file.strip_prefix(root()).unwrap().to_owned();
        let product = text.lines().take_while(|l| *l != "mod tests {");
        let code = product.enumerate().filter(|(_, l)| !l.trim_start().starts_with("//"));
        lines.extend(code.map(|(i, l)| (short.clone(), i + 1, l.to_owned())));
    }
    lines
}

/// `crate::floor::rest` in a line: every (floor, rest).
fn imports(line: &str) -> Vec<(String, String)> {
    let word = |s: &str| s.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let after = line.split("crate::").skip(1);
    after
        .map(|tail| {
            let floor = word(tail);
            let rest = tail[floor.len()..].strip_prefix("::").map(word).unwrap_or_default();
            (floor, rest)
        })
        .collect()
}

#[test]
fn every_floor_imports_only_the_floors_below_it() {
    for (floor, allowed) in FLOORS {
        let allowed: BTreeSet<&str> = allowed.split(' ').chain([floor]).collect();
        for (file, number, line) in lines_of(floor) {
            for (other, _) in imports(&line) {
                let is_floor = FLOORS.iter().any(|(f, _)| *f == other);
                assert!(
                    !is_floor || allowed.contains(other.as_str()),
                    "{}:{number}: the floor `{floor}` may not import `{other}`; data flows down the floors only",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn another_floor_is_named_through_its_front_door() {
    for (floor, _) in FLOORS {
        for (file, number, line) in lines_of(floor) {
            for (other, rest) in imports(&line).into_iter().filter(|(other, _)| other != floor) {
                let inner = root().join("src").join(&other).join(format!("{rest}.rs"));
                let module =
                    fs::read_to_string(root().join("src").join(&other).join("mod.rs")).unwrap_or_default();
                let is_public =
                    module.contains(&format!("pub mod {rest};")) || module.contains(&format!("fn {rest}"));
                let is_exported = module.contains(&format!("{rest}}}"))
                    || module.contains(&format!("::{rest};"))
                    || module.contains(&format!("{rest},"));
                assert!(
                    rest.is_empty() || !inner.is_file() || is_public || is_exported,
                    "{}:{number}: `{other}::{rest}` is a room inside the floor `{other}`; use what its mod.rs offers",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn libraries_stay_on_their_floors() {
    for (floor, _) in FLOORS {
        for (file, number, line) in lines_of(floor) {
            for (library, homes) in LIBRARIES {
                let used = line.contains(&format!("use {library}::"))
                    || line.contains(&format!("{library}::")) && !line.contains(&format!("::{library}::"));
                let used = used && !line.contains(&format!("_{library}::"));
                assert!(
                    !used || homes.split(' ').any(|h| h == floor),
                    "{}:{number}: the library `{library}` lives on {homes}, not on `{floor}`",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn the_table_equals_the_folders() {
    let mut folders: Vec<String> = fs::read_dir(root().join("src"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.is_dir())
        .map(|p| p.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    folders.sort();
    let mut floors: Vec<&str> = FLOORS.iter().map(|(f, _)| *f).collect();
    floors.sort_unstable();
    assert_eq!(folders, floors, "src/ and the floor table differ; change both in one step");
}

#[test]
fn the_architecture_page_shows_the_same_table() {
    let page = fs::read_to_string(root().join("docs").join("ARCHITECTURE.md")).unwrap();
    for (floor, allowed) in FLOORS {
        let row = page.lines().find(|l| l.starts_with(&format!("| `{floor}` |")));
        let row = row.unwrap_or_else(|| panic!("docs/ARCHITECTURE.md has no row for the floor `{floor}`"));
        let imports = row.split('|').nth(3).unwrap_or_default().replace([',', '–'], " ");
        let imports: Vec<&str> = imports.split_whitespace().collect();
        let expected: Vec<&str> = allowed.split_whitespace().collect();
        assert_eq!(
            imports, expected,
            "docs/ARCHITECTURE.md, row of `{floor}`: the imports differ from the test's table"
        );
    }
}
