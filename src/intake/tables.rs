//! Workbooks and CSV files from outside, read in a child.

use crate::base::{Outcome, Progress};
use crate::intake::child::{Frame, Task, read_in_child, say};
use crate::intake::chunk::Chunk;
use crate::intake::refusal::Refusal;
use crate::intake::sheet::{RawSheet, SheetName};
use crate::intake::table::read_csv;
use crate::intake::workbook::{MOST_SHEETS, read_workbook};
use std::io::{self, Write};
use std::path::Path;

/// A sheet begins: its name.
const SHEET: u8 = b'S';
/// Rows of the sheet begun last.
const ROWS: u8 = b'C';
/// Letters of a sheet's name.
pub(crate) const MOST_LETTERS: usize = 64;
/// Rows that any table can have; an office program has fewer.
const MOST_ROWS: u32 = 1 << 28;
/// Cells that any row can have.
const MOST_CELLS: usize = 2_000;
/// Bytes of text taken from one file.
const MOST_TEXT: usize = 1 << 30;

fn is_csv(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv"))
}

/// In the child: writes every sheet of the file at `path` as frames.
///
/// # Errors
/// Nobody listens; the inner refusal: the file cannot be read.
pub(crate) fn send_rows(path: &Path, out: &mut dyn Write) -> io::Result<Result<(), Refusal>> {
    let mut lost = None;
    let mut send = |kind: u8, bytes: &[u8]| -> Result<(), Refusal> {
        say(out, kind, bytes).map_err(|e| {
            lost = Some(e);
            Refusal::new("没有接收方。", "nobody listens.")
        })
    };
    let mut rows = |part: Part| match part {
        Part::Sheet(name) => send(SHEET, name.as_bytes()),
        Part::Rows(chunk) => send(ROWS, &chunk.to_bytes()),
    };
    let read = if is_csv(path) {
        rows(Part::Sheet(String::new())).and_then(|()| {
            let file = std::fs::File::open(path)
                .map_err(|_| Refusal::new("无法读取。", "it cannot be read; check its permissions."))?;
            read_csv(file, &mut |chunk| rows(Part::Rows(chunk)))
        })
    } else {
        read_workbook(path, &mut rows)
    };
    lost.map_or(Ok(read), Err)
}

/// What a reader hands over.
pub(crate) enum Part {
    /// A sheet of this name begins.
    Sheet(String),
    /// Rows of it.
    Rows(Chunk),
}

/// Reads every sheet of a workbook or CSV file; `name` is the file's name for sentences and lists.
///
/// # Errors
/// The file is missing, no table, encrypted, larger than the limits, or the child did not answer in time.
pub(crate) fn read_sheets(path: &Path, name: &str, progress: &dyn Progress) -> Outcome<Vec<RawSheet>> {
    let mut sheets: Vec<RawSheet> = Vec::new();
    let (mut last_row, mut text) = (0, 0);
    read_in_child(Task::Table, path, &[], name, progress, &mut |Frame { kind, bytes }| {
        match kind {
            SHEET if sheets.len() < MOST_SHEETS => {
                let sheet = String::from_utf8(bytes).ok().filter(|s| s.chars().count() <= MOST_LETTERS)?;
                sheets.push(RawSheet::new(SheetName::new(name, &sheet)));
                last_row = 0;
            }
            ROWS => {
                let chunk = Chunk::of_bytes(&bytes, last_row, MOST_ROWS, MOST_CELLS)?;
                last_row = chunk.rows().last()?.number;
                text += chunk.bytes();
                sheets.last_mut().filter(|_| text <= MOST_TEXT)?.chunks.push(chunk);
            }
            _ => return None,
        }
        Some(())
    })?;
    Ok(sheets)
}
