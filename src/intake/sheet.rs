//! Sheets as they came, and their rows by column meaning instead of position.

use crate::intake::chunk::{Chunk, RawRow};
use crate::intake::{FileCount, Listed};
use std::collections::HashMap;
use std::sync::Arc;

/// Which sheet of which file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SheetName {
    /// File name.
    pub file: Arc<str>,
    /// Sheet; empty for CSV.
    pub sheet: Arc<str>,
}

impl SheetName {
    /// Of these names.
    pub(crate) fn new(file: &str, sheet: &str) -> SheetName {
        SheetName { file: file.into(), sheet: sheet.into() }
    }
}

/// One sheet of a workbook, or a CSV file.
#[derive(Debug, Clone)]
pub(crate) struct RawSheet {
    /// Which.
    pub name: SheetName,
    /// Rows with at least one cell.
    pub chunks: Vec<Chunk>,
}

impl RawSheet {
    /// Without rows yet.
    pub(crate) fn new(name: SheetName) -> RawSheet {
        RawSheet { name, chunks: Vec::new() }
    }

    /// The rows in their order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = RawRow<'_>> {
        self.chunks.iter().flat_map(Chunk::rows)
    }

    /// No row has a cell.
    pub(crate) fn is_empty(&self) -> bool {
        self.chunks.iter().all(|c| c.len() == 0)
    }
}

/// Sheets as they came are kept for a workbook of problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RawSheets {
    Kept,
    Dropped,
}

/// What is wrong with a row: column heading, code, and the end of the sentence in Chinese and English, without the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowFault {
    /// Column heading, empty if the whole row is meant.
    pub column: String,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong and what to do, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

impl RowFault {
    /// A fault of the whole row.
    pub(crate) fn of_row(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> RowFault {
        RowFault { column: String::new(), code, zh: zh.into(), en: en.into() }
    }

    /// The listed row, with its place in front of the sentence.
    pub(crate) fn at(self, name: &SheetName, row: u32) -> Listed {
        let (zh_sheet, en_sheet) = match &*name.sheet {
            "" => (String::new(), String::new()),
            s => (format!("“{s}”表"), format!(", sheet {s}")),
        };
        let (zh_column, en_column) = match self.column.as_str() {
            "" => (String::new(), String::new()),
            c => (format!("“{c}”列"), format!(", column {c}")),
        };
        let file = &name.file;
        Listed {
            zh: format!("{file}{zh_sheet}第 {row} 行{zh_column}：{}", self.zh),
            en: format!("{file}{en_sheet}, row {row}{en_column}: {}", self.en),
            file: file.to_string(),
            sheet: name.sheet.to_string(),
            row,
            column: self.column,
            code: self.code.to_owned(),
            township: String::new(),
        }
    }
}

/// Where the known columns stand in a sheet.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    /// Row number of the header.
    pub header_row: u32,
    /// Position of each known column.
    places: Vec<Option<usize>>,
    /// Headings as they stand in the file.
    headings: Vec<String>,
}

/// What a person said about headings: the column of each plain heading, `None` to leave it out.
pub(crate) type Remembered = HashMap<String, Option<usize>>;

/// Headings are searched in this many rows: titles and notes stand above them.
const HEADER_WITHIN: usize = 20;

impl Columns {
    /// Finds the header: of the first rows, the one with most known headings (at least two, and one of `required`).
    /// `names[i]` are the headings of column `i`, normalised, its plain name first.
    pub(crate) fn find(sheet: &RawSheet, names: &[&[&str]], required: &[usize]) -> Option<Columns> {
        Columns::find_remembered(sheet, names, required, &Remembered::new())
    }

    /// As [`Columns::find`]; what a person said goes before what the names say.
    pub(crate) fn find_remembered(
        sheet: &RawSheet,
        names: &[&[&str]],
        required: &[usize],
        remembered: &Remembered,
    ) -> Option<Columns> {
        let mut best: Option<(usize, Columns)> = None;
        for row in sheet.rows().take(HEADER_WITHIN) {
            let columns = Columns::of_header(row, names, remembered);
            let known = columns.places.iter().flatten().count();
            let serves = known >= 2 && required.iter().any(|i| columns.places[*i].is_some());
            if serves && best.as_ref().is_none_or(|(most, _)| known > *most) {
                best = Some((known, columns));
            }
        }
        best.map(|(_, columns)| columns)
    }

    fn of_header(row: RawRow, names: &[&[&str]], remembered: &Remembered) -> Columns {
        let plain: Vec<String> = row.cells().map(plain_heading).collect();
        let free = |at: &usize| !remembered.contains_key(&plain[*at]);
        let place = |(column, known): (usize, &&[&str])| {
            let said = plain.iter().position(|h| remembered.get(h) == Some(&Some(column)));
            said.or_else(|| {
                known.iter().find_map(|k| plain.iter().position(|h| h == k)).filter(|at| free(at))
            })
        };
        Columns {
            header_row: row.number,
            places: names.iter().enumerate().map(place).collect(),
            headings: row.cells().map(str::to_owned).collect(),
        }
    }

    /// Each heading as it stands in the file, and the column it was taken for.
    pub(crate) fn guesses(&self) -> impl Iterator<Item = (&str, Option<usize>)> {
        let column = |at: usize| self.places.iter().position(|p| *p == Some(at));
        self.headings.iter().enumerate().map(move |(at, heading)| (heading.as_str(), column(at)))
    }

    /// The column is in the sheet.
    pub(crate) fn has(&self, column: usize) -> bool {
        self.places[column].is_some()
    }

    /// The heading as it stands in the file; empty if the sheet lacks the column.
    pub(crate) fn heading(&self, column: usize) -> &str {
        self.places[column].map_or("", |i| &self.headings[i])
    }

    /// The row repeats the header (printed page by page).
    pub(crate) fn repeats_header(&self, row: RawRow) -> bool {
        row.len() == self.headings.len()
            && row.cells().zip(&self.headings).all(|(c, h)| c == h)
            && self.headings.iter().filter(|h| !h.is_empty()).count() >= 2
    }

    /// How many columns the sheet has.
    pub(crate) fn width(&self) -> usize {
        self.headings.len()
    }
}

/// A heading without blanks, marks and full-width forms, in lower case.
pub(crate) fn plain_heading(heading: &str) -> String {
    let half = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        c => c,
    };
    let kept = |c: &char| !c.is_whitespace() && !matches!(c, '*' | ':' | '\u{feff}' | '\u{200b}');
    heading.chars().map(half).filter(kept).flat_map(char::to_lowercase).collect()
}

/// One row by column meaning.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    /// The row as it came.
    pub raw: RawRow<'a>,
    /// Where the columns are.
    pub columns: &'a Columns,
}

impl<'a> Row<'a> {
    /// The cell of a column; empty if the sheet lacks it.
    pub(crate) fn text(&self, column: usize) -> &'a str {
        self.columns.places[column].map_or("", |i| self.raw.cell(i))
    }

    /// The cell is held as a number by the office program.
    pub(crate) fn is_numeric(&self, column: usize) -> bool {
        self.columns.places[column].is_some_and(|i| self.raw.is_numeric(i))
    }

    /// A fault of one cell.
    pub(crate) fn fault(
        &self,
        column: usize,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> RowFault {
        RowFault { column: self.columns.heading(column).to_owned(), code, zh: zh.into(), en: en.into() }
    }

    /// More cells than the header has columns: the separator stands in a cell without quotes, so columns are shifted.
    pub(crate) fn is_shifted(&self) -> bool {
        self.raw.cells().skip(self.columns.width()).any(|c| !c.is_empty())
    }
}

/// Keeps the books of one file: what was kept, what was listed, and that nothing got lost.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Rows not kept.
    pub listed: Vec<Listed>,
    /// Rows kept with a remark.
    pub remarks: Vec<Listed>,
    /// Counts by file.
    pub counts: Vec<FileCount>,
    /// Township of the row in hand, as written.
    pub township: String,
}

impl Ledger {
    /// Opens the books of a file; rows are counted to the file opened last.
    pub(crate) fn open(&mut self, file: &str) {
        self.counts.push(FileCount { file: file.to_owned(), ..FileCount::default() });
    }

    /// Books one row.
    pub(crate) fn book<T>(&mut self, sheet: &SheetName, row: u32, outcome: Result<T, RowFault>) -> Option<T> {
        let Some(count) = self.counts.last_mut() else {
            return outcome.ok();
        };
        count.rows_in += 1;
        match outcome {
            Ok(kept) => {
                count.kept += 1;
                Some(kept)
            }
            Err(fault) => {
                count.listed += 1;
                self.listed.push(Listed { township: self.township.clone(), ..fault.at(sheet, row) });
                None
            }
        }
    }

    /// Notes something about a row that is kept.
    pub(crate) fn remark(&mut self, sheet: &SheetName, row: u32, fault: RowFault) {
        self.remarks.push(Listed { township: self.township.clone(), ..fault.at(sheet, row) });
    }
}
