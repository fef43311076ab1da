//! What a drop of files would bring in, before anything is planned: problems, questions, duplicates, datum, scores.

use crate::base::{Fault, Outcome, Progress};
use crate::intake::folder::rosters;
use crate::intake::locate::PlaceQuestion;
use crate::intake::noticed::noticed;
use crate::intake::quality::{Duplicate, TownshipQuality, duplicates, quality};
use crate::intake::road_check::{DatumPanel, RoadCheck};
use crate::intake::rosters::{Rosters, read_rosters};
use crate::intake::{Listed, Sentence};
use crate::network::RoadMap;
use crate::roster::Month;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// A heading and the field it was taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnGuess {
    /// Heading as it stands in the file.
    pub heading: String,
    /// Plain name of the field; `None`: the column is left out.
    pub field: Option<String>,
    /// A person said so.
    pub remembered: bool,
}

/// A sheet's header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SheetPreview {
    /// Sheet; empty for CSV.
    pub sheet: String,
    /// Row of the header, 0 where none was found.
    pub header_row: u32,
    /// Headings from left to right.
    pub columns: Vec<ColumnGuess>,
}

/// A file of the drop.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FilePreview {
    /// File name.
    pub file: String,
    /// Data rows found.
    pub rows_in: u64,
    /// Rows kept.
    pub kept: u64,
    /// Rows listed.
    pub listed: u64,
    /// Why it could not be read at all.
    pub fault: Option<Sentence>,
    /// Its sheets.
    pub sheets: Vec<SheetPreview>,
}

/// What a drop of files would bring in; `rows_in = kept + listed`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IntakePreview {
    /// Data rows found.
    pub rows_in: u64,
    /// Rows kept.
    pub kept: u64,
    /// Rows listed.
    pub listed: u64,
    /// Files, in the order of the drop.
    pub files: Vec<FilePreview>,
    /// Rows not kept.
    pub problems: Vec<Listed>,
    /// Rows kept with something to look at.
    pub remarks: Vec<Listed>,
    /// Written places to confirm.
    pub questions: Vec<PlaceQuestion>,
    /// Rows that may be one person.
    pub duplicates: Vec<Duplicate>,
    /// Datum of each file with coordinates; empty without roads.
    pub datum: Vec<DatumPanel>,
    /// Data quality by township.
    pub townships: Vec<TownshipQuality>,
    /// Why it cannot be planned with as it is.
    pub refusal: Option<Sentence>,
}

/// Reads `files` (none: the county's own rosters) with the settings and memory of `county`, and says what is in them.
/// `roads`: for the datum verdict and homes far from roads.
///
/// # Errors
/// The county folder cannot be read. A file that cannot be read is a fault of its own in the answer.
pub fn preview(
    files: &[PathBuf],
    county: &Path,
    month: Month,
    roads: Option<&RoadMap>,
    progress: &dyn Progress,
) -> Outcome<IntakePreview> {
    let rosters = read_rosters(files, Some(county), month, progress)?;
    let check = roads.map(RoadCheck::new).transpose()?;
    Ok(of_rosters(&rosters, check.as_ref()))
}

/// The preview of rosters that were read.
#[must_use]
pub fn of_rosters(rosters: &Rosters, check: Option<&RoadCheck>) -> IntakePreview {
    let doubles = duplicates(rosters);
    let datum = check.map(|c| c.datums(rosters)).unwrap_or_default();
    let sum = |of: fn(&crate::intake::FileCount) -> u64| rosters.counts.iter().map(of).sum();
    IntakePreview {
        rows_in: sum(|c| c.rows_in),
        kept: sum(|c| c.kept),
        listed: sum(|c| c.listed),
        files: rosters.counts.iter().map(|c| file(rosters, c)).collect(),
        problems: rosters.listed.clone(),
        remarks: noticed(rosters, &doubles, &datum, check),
        questions: rosters.questions.clone(),
        datum,
        townships: quality(rosters, &doubles, check),
        duplicates: doubles,
        refusal: rosters.usable().err().as_ref().map(Sentence::from),
    }
}

fn file(rosters: &Rosters, count: &crate::intake::FileCount) -> FilePreview {
    let sheets = rosters.sheets_seen.iter().filter(|(file, _)| *file == count.file);
    FilePreview {
        file: count.file.clone(),
        rows_in: count.rows_in,
        kept: count.kept,
        listed: count.listed,
        fault: rosters.faults.iter().find(|(file, _)| *file == count.file).map(|(_, f)| Sentence::from(f)),
        sheets: sheets.map(|(_, s)| s.clone()).collect(),
    }
}

/// Copies roster files into the county's folder `clients/`; a file of the same name is replaced.
///
/// # Errors
/// A file is no roster by its ending, the county keeps its clients in one file, or the disk refuses.
pub fn accept_rosters(files: &[PathBuf], county: &Path) -> Outcome<()> {
    if county.join("clients.csv").is_file() {
        return Err(Fault::refused(
            "本县名册是单个 clients.csv；请先把它移入 clients 文件夹，再加入新文件。",
            "this county keeps its clients in one clients.csv; move it into a folder clients/ before adding files.",
        ));
    }
    let folder = county.join("clients");
    std::fs::create_dir_all(&folder).map_err(|e| Fault::file(&folder, &e))?;
    for file in files.iter().map(|f| rosters(f.clone())).collect::<Outcome<Vec<_>>>()?.concat() {
        let Some(name) = file.file_name() else { continue };
        let (new, to) = (folder.join(".new"), folder.join(name));
        // Copied beside its place first: a full disk leaves the earlier file whole.
        std::fs::copy(&file, &new).map_err(|e| Fault::file(&to, &e))?;
        std::fs::rename(&new, &to).map_err(|e| Fault::file(&to, &e))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Silent;
    use crate::intake::{
        ConfirmedPlace, confirm_place, merge_duplicate, problems_workbook, remember_mapping, roster_delta,
    };

    const REGISTER: &str = "code,name,township_code,township,lon,lat\n620422100001,南嘴村,620422100,会师镇,105.1,35.7\n\
        620422100002,南什村,620422100,会师镇,105.2,35.7\n620422101001,西村,620422101,河畔镇,105.3,35.7\n";

    /// A county with two township files, one of them with headings of its own.
    fn county() -> (tempfile::TempDir, Vec<PathBuf>) {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            std::fs::write(dir.path().join(name), text).unwrap();
            dir.path().join(name)
        };
        write("villages.csv", REGISTER);
        let a = write(
            "会师镇.csv",
            "编号,姓名,类别,村,评估日期\nA1,王某福,孤儿,南嘴村三社,2026-10-01\nA2,李某贵,孤儿,南大村,2026-10-01\n\
             A3,张某祥,孤儿,南嘴村,2020-01-01\nA4,张某祥,孤儿,南嘴,2026-10-01\nA5,刘某平,无此类,南嘴村,\n\
             A6,刘某安,分散供养特困人员集中供养,南嘴村,\n",
        );
        let b = write("河畔镇.csv", "编号,大名,人员类别,村\nB1,陈某顺,孤儿,西村\nB2,杨某兴,孤儿,无名湾\n");
        (dir, vec![a, b])
    }

    fn look(dir: &Path, files: &[PathBuf]) -> IntakePreview {
        preview(files, dir, "2026-12".parse().unwrap(), None, &Silent).unwrap()
    }

    #[test]
    fn a_drop_says_what_is_in_it_and_every_row_is_kept_or_listed() {
        let (dir, files) = county();
        let seen = look(dir.path(), &files);
        assert_eq!((seen.rows_in, seen.kept, seen.listed), (8, 6, 2));
        let codes: Vec<&str> = seen.problems.iter().map(|p| p.code.as_str()).collect();
        assert_eq!(codes, ["category_unknown", "institution"]);
        let asked: Vec<(&str, &str, usize)> =
            seen.questions.iter().map(|q| (&*q.township, &*q.text, q.candidates.len())).collect();
        assert_eq!(asked, [("会师镇", "南大村", 2), ("河畔镇", "无名湾", 0)]);
        let doubles: Vec<(&str, usize)> = seen.duplicates.iter().map(|d| (&*d.kind, d.rows.len())).collect();
        assert_eq!(doubles, [("same_name_and_village", 2)]);
        assert_eq!(seen.duplicates[0].rows[0].name, "张*");
        let town: Vec<(&str, u64, u64, u64, u64, u8)> = seen
            .townships
            .iter()
            .map(|t| (&*t.township, t.rows_in, t.to_confirm, t.duplicates, t.stale_assessment, t.score))
            .collect();
        // Six rows, one in an institution; of the five others only the first is without fault.
        let written = town.iter().find(|t| t.0 == "会师镇").unwrap();
        assert_eq!(*written, ("会师镇", 6, 1, 2, 1, 20));
    }

    #[test]
    fn one_tap_settles_a_place_and_one_correction_a_heading_and_both_are_remembered() {
        let (dir, files) = county();
        let columns = &look(dir.path(), &files).files[1].sheets[0].columns;
        assert_eq!(columns[1], ColumnGuess { heading: "大名".into(), field: None, remembered: false });
        remember_mapping(dir.path(), "河畔镇.csv", &[("大名".into(), Some("name".into()))]).unwrap();
        confirm_place(
            dir.path(),
            "会师镇",
            "南大村",
            &ConfirmedPlace::Village { code: "620422100002".into() },
        )
        .unwrap();
        confirm_place(dir.path(), "河畔镇", "无名湾", &ConfirmedPlace::Pin { lon: 105.31, lat: 35.71 })
            .unwrap();
        let seen = look(dir.path(), &files);
        assert!(seen.questions.is_empty(), "{:?}", seen.questions);
        assert_eq!(
            seen.files[1].sheets[0].columns[1],
            ColumnGuess { heading: "大名".into(), field: Some("name".into()), remembered: true }
        );
        let month = "2026-12".parse().unwrap();
        let rosters = read_rosters(&files, Some(dir.path()), month, &Silent).unwrap();
        let places: Vec<_> = rosters.clients().filter(|c| c.at.is_none()).collect();
        assert!(places.is_empty());
        merge_duplicate(dir.path(), "A3", "A4").unwrap();
        let after = read_rosters(&files, Some(dir.path()), month, &Silent).unwrap();
        assert_eq!(after.listed.iter().filter(|l| l.code == "merged").count(), 1);
        let (before, after): (Vec<_>, Vec<_>) =
            (rosters.clients().cloned().collect(), after.clients().cloned().collect());
        let delta = roster_delta(&before, &after);
        assert_eq!((delta.gone.as_slice(), delta.new.len(), delta.same), (&["A4".to_owned()][..], 0, 5));
    }

    #[test]
    fn what_is_wrong_goes_back_in_a_workbook_that_can_be_read_again() {
        let (dir, files) = county();
        let back = problems_workbook(&files, dir.path(), "2026-12".parse().unwrap(), &Silent).unwrap();
        let said: Vec<(&str, u64)> = back.iter().map(|f| (f.name.as_str(), f.problems)).collect();
        assert_eq!(said, [("退回-会师镇.xlsx", 4), ("退回-河畔镇.xlsx", 1)]);
        use calamine::Reader;
        let mut book = calamine::Xlsx::new(std::io::Cursor::new(back[0].bytes.clone())).unwrap();
        assert_eq!(book.sheet_names(), ["问题清单", "名册"]);
        let rows = book.worksheet_range("名册").unwrap();
        assert_eq!(rows.get((5, 2)).map(ToString::to_string).as_deref(), Some("无此类"));
    }

    #[test]
    fn accepted_files_become_the_countys_own() {
        let (dir, files) = county();
        accept_rosters(&files, dir.path()).unwrap();
        let own = look(dir.path(), &[]);
        assert_eq!((own.rows_in, own.files[0].file.as_str()), (8, "clients/会师镇.csv"));
    }
}
