//! What a person has told once is kept in the county folder as plain files: mapped headings, confirmed places, merged rows.

use crate::base::{Fault, LonLat, Outcome};
use crate::intake::address_text::{fold, township_core};
use crate::intake::client_columns::{NAMES, field_of, fields};
use crate::intake::sheet::{Remembered, plain_heading};
use crate::intake::table::{read_table, write_table};
use crate::roster::Village;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// `township,heading,field`: how headings of a township's files are read; no field: the column is left out.
const COLUMNS: &str = "columns.csv";
/// `township,text,code,lon,lat`: the village a written place means, or the place itself.
const PLACES: &str = "places.csv";
/// `keep,gone`: two rows that are one person.
const MERGED: &str = "merged.csv";

/// What a person tapped for a place that the register does not hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ConfirmedPlace {
    /// A village of the register.
    Village {
        /// Its code.
        code: String,
    },
    /// A point on the map.
    Pin {
        /// Degrees east on WGS 84.
        lon: f64,
        /// Degrees north on WGS 84.
        lat: f64,
    },
}

/// A field that a heading can be mapped to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MappingField {
    /// Plain name of the interface.
    pub field: String,
    /// The word offices use.
    pub zh: String,
}

/// All that is remembered about a county.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory {
    columns: HashMap<String, Remembered>,
    places: HashMap<(String, String), ConfirmedPlace>,
    /// The client that went, and the one that stays.
    pub merged: HashMap<String, String>,
    /// Files read.
    pub read: Vec<PathBuf>,
}

/// Every field a heading can be mapped to, for the box of the page.
#[must_use]
pub fn mapping_fields() -> Vec<MappingField> {
    fields().map(|(field, zh)| MappingField { field: field.to_owned(), zh: zh.to_owned() }).collect()
}

/// Remembers how the headings of `file` are read, for this and later files of its township.
///
/// # Errors
/// A field is unknown, or the county folder cannot be written.
pub fn remember_mapping(county: &Path, file: &str, columns: &[(String, Option<String>)]) -> Outcome<()> {
    let township = township_of_file(file, &register_townships(county));
    let mut table = Rows::open(county, COLUMNS, &["township", "heading", "field"])?;
    for (heading, field) in columns {
        let field = field.clone().unwrap_or_default();
        if !field.is_empty() && field_of(&field).is_none() {
            return Err(Fault::usage(
                format!("没有名为“{field}”的字段。"),
                format!("there is no field named '{field}'."),
            ));
        }
        let heading = plain_heading(heading);
        if heading.is_empty() {
            continue;
        }
        // One field has one column: a heading that held it before is left out.
        if !field.is_empty() {
            table.rows.retain(|r| !(r[0] == township && r[2] == field));
        }
        table.put(2, vec![township.clone(), heading, field]);
    }
    table.save()
}

/// Remembers what a written place means. `township` and `text` are those of the question.
///
/// # Errors
/// The code is not in the register, the pin is off the earth, or the county folder cannot be written.
pub fn confirm_place(county: &Path, township: &str, text: &str, to: &ConfirmedPlace) -> Outcome<()> {
    let cells = match to {
        ConfirmedPlace::Village { code } => {
            let known = read_table(&county.join("villages.csv"))?;
            if !known.rows.iter().any(|r| known.cell(r, "code") == code) {
                return Err(Fault::refused(
                    format!("村级名录中没有代码“{code}”。"),
                    format!("the village register has no code '{code}'."),
                ));
            }
            [code.clone(), String::new(), String::new()]
        }
        ConfirmedPlace::Pin { lon, lat } => {
            if !(LonLat { lon: *lon, lat: *lat }).is_on_earth() {
                return Err(Fault::usage("坐标超出范围。", "the pin is off the earth."));
            }
            [String::new(), lon.to_string(), lat.to_string()]
        }
    };
    let mut table = Rows::open(county, PLACES, &["township", "text", "code", "lon", "lat"])?;
    table.put(2, [&[township.to_owned(), text.to_owned()][..], &cells].concat());
    table.save()
}

/// Remembers that the client `gone` is the client `keep`.
///
/// # Errors
/// Both are one id, or the county folder cannot be written.
pub fn merge_duplicate(county: &Path, keep: &str, gone: &str) -> Outcome<()> {
    let mut table = Rows::open(county, MERGED, &["keep", "gone"])?;
    let chained = table.rows.iter().any(|r| r[1] == keep);
    if keep == gone || keep.is_empty() || gone.is_empty() || chained {
        return Err(Fault::usage(
            "要合并的两行编号不能相同，保留的一行也不能已被并入他行。",
            "the two ids must differ, and the one that stays must not have been merged itself.",
        ));
    }
    table.rows.retain(|r| r[1] != gone);
    table.rows.push(vec![keep.to_owned(), gone.to_owned()]);
    table.save()
}

impl Memory {
    /// Reads what is remembered in a county folder.
    ///
    /// # Errors
    /// A file of the memory is damaged.
    pub(crate) fn open(county: &Path) -> Outcome<Memory> {
        let mut memory = Memory::default();
        let columns = Rows::open(county, COLUMNS, &["township", "heading", "field"])?;
        for row in &columns.rows {
            let known = memory.columns.entry(row[0].clone()).or_default();
            known.insert(plain_heading(&row[1]), field_of(&row[2]));
        }
        let places = Rows::open(county, PLACES, &["township", "text", "code", "lon", "lat"])?;
        for row in &places.rows {
            let pin = row[3].parse().ok().zip(row[4].parse().ok());
            let to = match pin {
                Some((lon, lat)) => ConfirmedPlace::Pin { lon, lat },
                None => ConfirmedPlace::Village { code: row[2].clone() },
            };
            memory.places.insert(place_key(&row[0], &row[1]), to);
        }
        let merged = Rows::open(county, MERGED, &["keep", "gone"])?;
        memory.merged = merged.rows.iter().map(|r| (r[1].clone(), r[0].clone())).collect();
        memory.read = [columns, places, merged].into_iter().map(|t| t.path).filter(|p| p.is_file()).collect();
        Ok(memory)
    }

    /// The headings remembered for a township's files.
    pub(crate) fn columns(&self, township: &str) -> Remembered {
        self.columns.get(township).cloned().unwrap_or_default()
    }

    /// What a written place was confirmed to mean.
    pub(crate) fn place(&self, township: &str, text: &str) -> Option<&ConfirmedPlace> {
        if self.places.is_empty() { None } else { self.places.get(&place_key(township, text)) }
    }
}

fn place_key(township: &str, text: &str) -> (String, String) {
    (township_core(&fold(township)).to_owned(), fold(text))
}

/// Names of the register's townships; none without a register.
fn register_townships(county: &Path) -> Vec<String> {
    let Ok(table) = read_table(&county.join("villages.csv")) else { return Vec::new() };
    let mut names: Vec<String> = table.rows.iter().map(|r| table.cell(r, "township").to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

/// Names of the townships of a register.
pub(crate) fn townships_of(villages: &[Village]) -> Vec<String> {
    let mut names: Vec<String> = villages.iter().map(|v| v.township.clone()).collect();
    names.sort();
    names.dedup();
    names
}

/// The township a file is from: the longest of `townships` that its name holds, else the name without ending and digits.
pub(crate) fn township_of_file(file: &str, townships: &[String]) -> String {
    let name = Path::new(file).file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let folded = fold(&name);
    let held = townships.iter().filter(|t| !t.is_empty() && folded.contains(&fold(t)));
    held.max_by_key(|t| t.chars().count())
        .cloned()
        .unwrap_or_else(|| name.chars().filter(|c| c.is_alphabetic()).collect())
}

/// A small table of the memory.
struct Rows {
    path: PathBuf,
    header: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

impl Rows {
    fn open(county: &Path, name: &str, header: &'static [&'static str]) -> Outcome<Rows> {
        let path = county.join(name);
        if !path.is_file() {
            return Ok(Rows { path, header, rows: Vec::new() });
        }
        let table = read_table(&path)?;
        if let Some(lacks) = header.iter().find(|h| table.column(h).is_none()) {
            return Err(Fault::refused(
                format!("{name}：缺少 {lacks} 列。请改正，或删除该文件后重新确认。"),
                format!(
                    "{name}: the column {lacks} is missing; correct it, or delete the file and confirm again."
                ),
            ));
        }
        let row = |r: &Vec<String>| header.iter().map(|h| table.cell(r, h).to_owned()).collect();
        Ok(Rows { path, header, rows: table.rows.iter().map(row).collect() })
    }

    /// Adds a row, or replaces the one with the same first `key` cells.
    fn put(&mut self, key: usize, row: Vec<String>) {
        self.rows.retain(|r| r[..key] != row[..key]);
        self.rows.push(row);
    }

    /// Writes the table beside its place and moves it there, so that a full disk leaves the old one.
    fn save(mut self) -> Outcome<()> {
        self.rows.sort();
        let beside = self.path.with_extension("csv.new");
        write_table(&beside, self.header, &self.rows)?;
        std::fs::rename(&beside, &self.path).map_err(|e| Fault::file(&self.path, &e))
    }
}

/// The plain name of a roster column.
pub(crate) fn plain_name(column: usize) -> &'static str {
    NAMES[column].first().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_belongs_to_the_township_of_its_file_and_the_last_word_counts() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(
            dir.path().join("villages.csv"),
            "code,name,township_code,township\n620422100001,东村,620422100,会师镇\n620422101001,西村,620422101,河畔镇\n",
        )
        .unwrap();
        let said = |h: &str, f: Option<&str>| (h.to_owned(), f.map(str::to_owned));
        remember_mapping(
            dir.path(),
            "620422100会师镇11月.xlsx",
            &[said("老人 姓名", Some("name")), said("备注", None)],
        )
        .unwrap();
        remember_mapping(dir.path(), "会师镇12月.xlsx", &[said("大名", Some("name"))]).unwrap();
        let memory = Memory::open(dir.path()).unwrap();
        let known = memory.columns("会师镇");
        assert_eq!(known.get("大名"), Some(&field_of("name")));
        assert_eq!((known.get("备注"), known.get("老人姓名")), (Some(&None), None));
        assert!(memory.columns("河畔镇").is_empty());
        assert!(remember_mapping(dir.path(), "x.csv", &[said("a", Some("nonsense"))]).is_err());
    }

    #[test]
    fn places_and_merged_rows_are_remembered_and_wrong_ones_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(
            dir.path().join("villages.csv"),
            "code,name,township_code,township\n1,东塬村,9,会师镇\n",
        )
        .unwrap();
        let village = |code: &str| ConfirmedPlace::Village { code: code.into() };
        confirm_place(dir.path(), "会师镇", "大东塬", &village("1")).unwrap();
        assert!(confirm_place(dir.path(), "会师镇", "大东塬", &village("2")).is_err());
        confirm_place(dir.path(), "会师镇", "羊圈湾", &ConfirmedPlace::Pin { lon: 105.1, lat: 35.7 })
            .unwrap();
        assert!(confirm_place(dir.path(), "", "x", &ConfirmedPlace::Pin { lon: 1.0, lat: 135.7 }).is_err());
        merge_duplicate(dir.path(), "A", "B").unwrap();
        assert!(merge_duplicate(dir.path(), "B", "C").is_err());
        let memory = Memory::open(dir.path()).unwrap();
        assert_eq!(memory.place("会师", "大东原"), Some(&village("1")));
        assert_eq!(memory.merged.get("B").map(String::as_str), Some("A"));
        assert_eq!(memory.read.len(), 2);
    }
}
