//! The workbook that goes back to a township: its rows as they came, the cells at fault marked, the sentences beside them.

use crate::base::{Fault, Outcome, Progress};
use crate::intake::Listed;
use crate::intake::chunk::RawRow;
use crate::intake::noticed::noticed;
use crate::intake::quality::duplicates;
use crate::intake::rosters::{Rosters, read_rosters_with};
use crate::intake::sheet::{RawSheet, RawSheets};
use crate::roster::Month;
use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Format, Note, Workbook, XlsxError};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// One workbook to send back. It holds the rows as they came, personal data included: it goes to who sent them.
#[derive(Debug, Clone)]
pub struct ProblemsFile {
    /// Name to save it under.
    pub name: String,
    /// The .xlsx.
    pub bytes: Vec<u8>,
    /// Sentences in it.
    pub problems: u64,
}

/// Writes one workbook for every roster file with something to correct.
///
/// # Errors
/// The county folder cannot be read, or a workbook cannot be made.
pub fn problems_workbook(
    files: &[PathBuf],
    county: &Path,
    month: Month,
    progress: &dyn Progress,
) -> Outcome<Vec<ProblemsFile>> {
    let rosters = read_rosters_with(files, Some(county), month, RawSheets::Kept, progress)?;
    let mut all = problems_by_file(&rosters);
    let mut out = Vec::new();
    for count in &rosters.counts {
        let Some(problems) = all.remove(count.file.as_str()) else { continue };
        let sheets: Vec<&RawSheet> = rosters.raw.iter().filter(|s| *s.name.file == *count.file).collect();
        let stem =
            Path::new(&count.file).file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        let bytes = workbook(&sheets, &problems).map_err(|e| {
            let file = &count.file;
            Fault::refused(
                format!("{file}：问题清单无法生成（{e}）。"),
                format!("{file}: the workbook of problems cannot be made ({e})."),
            )
        })?;
        out.push(ProblemsFile {
            name: format!("退回-{stem}.xlsx"), bytes, problems: problems.len() as u64
        });
    }
    Ok(out)
}

/// Everything to correct, by file: rows not kept, and rows with something to look at.
fn problems_by_file(rosters: &Rosters) -> BTreeMap<String, Vec<Listed>> {
    let mut all: BTreeMap<String, Vec<Listed>> = BTreeMap::new();
    let wanted = |l: &&Listed| !matches!(l.code.as_str(), "institution" | "merged");
    for listed in rosters.listed.iter().filter(wanted) {
        all.entry(listed.file.clone()).or_default().push(listed.clone());
    }
    for remark in noticed(rosters, &duplicates(rosters), &[], None) {
        all.entry(remark.file.clone()).or_default().push(remark);
    }
    for problems in all.values_mut() {
        problems.sort_by(|a, b| (&a.sheet, a.row).cmp(&(&b.sheet, b.row)));
    }
    all
}

fn workbook(sheets: &[&RawSheet], problems: &[Listed]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // A fixed date: the same problems give the same bytes.
    book.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2026, 1, 1)?));
    list(&mut book, problems)?;
    let mut taken = BTreeSet::from(["问题清单".to_owned()]);
    for sheet in sheets {
        let name = free_name(&sheet.name.sheet, &mut taken);
        rows(&mut book, &name, sheet, problems)?;
    }
    book.save_to_buffer()
}

fn list(book: &mut Workbook, problems: &[Listed]) -> Result<(), XlsxError> {
    let (head, text) = (Format::new().set_bold(), Format::new().set_num_format("@").set_text_wrap());
    let sheet = book.add_worksheet();
    sheet.set_name("问题清单")?;
    for (column, (heading, width)) in (0..).zip([
        ("工作表", 14.0),
        ("行", 6.0),
        ("列", 14.0),
        ("问题", 70.0),
        ("Problem", 70.0),
        ("code", 22.0),
    ]) {
        sheet.write_with_format(0, column, heading, &head)?;
        sheet.set_column_width(column, width)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (row, p) in (1..).zip(problems) {
        sheet.write_with_format(row, 0, &p.sheet, &text)?;
        sheet.write(row, 1, p.row)?;
        for (column, cell) in [(2, &p.column), (3, &p.zh), (4, &p.en), (5, &p.code)] {
            sheet.write_with_format(row, column, cell, &text)?;
        }
    }
    Ok(())
}

/// The sheet as it came, every cell as text at its place; a cell at fault is red, the rest of its row yellow.
fn rows(book: &mut Workbook, name: &str, sheet: &RawSheet, problems: &[Listed]) -> Result<(), XlsxError> {
    let text = Format::new().set_num_format("@");
    let in_row = text.clone().set_background_color(Color::RGB(0x00FF_F2CC));
    let at_fault = text.clone().set_background_color(Color::RGB(0x00F4_B6B6)).set_bold();
    let mut of_row: BTreeMap<u32, Vec<&Listed>> = BTreeMap::new();
    for problem in problems.iter().filter(|p| *p.sheet == *sheet.name.sheet) {
        of_row.entry(problem.row).or_default().push(problem);
    }
    let heading_at = |column: &str| {
        let position = |r: RawRow| r.cells().position(|c| c == column);
        sheet.rows().take(20).find_map(position)
    };
    let out = book.add_worksheet();
    out.set_name(name)?;
    for raw in sheet.rows() {
        let faults = of_row.get(&raw.number).map_or(&[][..], Vec::as_slice);
        let marked: BTreeMap<usize, &Listed> =
            faults.iter().map(|p| (heading_at(&p.column).unwrap_or(0), *p)).collect();
        let width = raw.len().max(marked.keys().next_back().map_or(0, |c| c + 1)).min(16_000);
        for column in 0..width {
            let cell: String = raw.cell(column).chars().take(32_000).collect();
            let format = match (marked.contains_key(&column), faults.is_empty()) {
                (true, _) => &at_fault,
                (false, false) => &in_row,
                (false, true) => &text,
            };
            if cell.is_empty() && faults.is_empty() {
                continue;
            }
            out.write_with_format(raw.number - 1, column as u16, &cell, format)?;
            if let Some(problem) = marked.get(&column) {
                let note = Note::new(&problem.zh).set_author("caregrid").set_width(320);
                out.insert_note(raw.number - 1, column as u16, &note)?;
            }
        }
    }
    Ok(())
}

/// A sheet name that the office program takes and no other sheet has.
fn free_name(name: &str, taken: &mut BTreeSet<String>) -> String {
    let kept = |c: &char| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'');
    let base: String = name.chars().filter(kept).take(24).collect();
    let base = if base.is_empty() { "名册".to_owned() } else { base };
    let numbered = (2..).map(|n| format!("{base}{n}"));
    let free = std::iter::once(base.clone()).chain(numbered).find(|n| !taken.contains(n)).unwrap_or(base);
    taken.insert(free.clone());
    free
}
