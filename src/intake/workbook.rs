//! Workbooks, opened in the child: the archive is checked first, then the cells come one by one.

use crate::intake::chunk::ChunkWriter;
use crate::intake::refusal::Refusal;
use crate::intake::tables::{MOST_LETTERS, Part};
use crate::intake::workbook_zip::check_archive;
use calamine::{DataRef, Reader, Xlsx};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;

/// Cells beyond this column cannot stand under a heading we know.
const MOST_COLUMNS: usize = 256;
/// Rows a sheet can have.
const MOST_ROWS: u32 = 1 << 20;
/// Sheets read.
pub(crate) const MOST_SHEETS: usize = 64;
/// Bytes of text taken from one workbook.
const MOST_TEXT: u64 = 256 << 20;

/// Takes what was read.
type Take<'a> = dyn FnMut(Part) -> Result<(), Refusal> + 'a;

fn damaged() -> Refusal {
    Refusal::new(
        "工作簿已损坏，请用表格软件打开并另存为新的 .xlsx。",
        "the workbook is damaged; open it and save it as a new .xlsx.",
    )
}

fn too_large() -> Refusal {
    Refusal::new(
        "工作簿过大，不像一份名册；请拆分，或另存为 CSV。",
        "the workbook is too large for a roster; split it, or save it as CSV.",
    )
}

/// Hands over every sheet of the workbook at `path`.
///
/// # Errors
/// No .xlsx, encrypted, damaged or larger than the limits; `take` refuses.
pub(crate) fn read_workbook(path: &Path, take: &mut Take) -> Result<(), Refusal> {
    let bytes = std::fs::read(path).map_err(|_| damaged())?;
    check_archive(&bytes)?;
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    let names = book.sheet_names();
    if names.len() > MOST_SHEETS {
        return Err(too_large());
    }
    let mut text = 0;
    for name in names {
        // A chart has no cells.
        let Ok(merged) = book.merge_cells_by_sheet_name(&name) else { continue };
        let down =
            merged.iter().filter(|m| m.start.1 == m.end.1 && m.end.0 > m.start.0).map(|m| (m.start, m.end.0));
        take(Part::Sheet(name.chars().take(MOST_LETTERS).collect()))?;
        let sheet = SheetReading {
            merged_down: down.collect(),
            held: BTreeMap::new(),
            row: RowCells::default(),
            rows: ChunkWriter::default(),
        };
        let cells = book.worksheet_cells_reader(&name).map_err(|_| damaged())?;
        sheet.read(cells, &mut text, take)?;
    }
    Ok(())
}

/// The row in hand.
#[derive(Default)]
struct RowCells {
    /// Row as the office program counts it, from 1.
    number: u32,
    cells: Vec<(String, bool)>,
}

impl RowCells {
    fn put(&mut self, column: u32, value: String, numeric: bool) {
        let at = column as usize;
        if self.cells.len() <= at {
            self.cells.resize(at + 1, Default::default());
        }
        self.cells[at] = (value, numeric);
    }
}

/// One sheet in hand, with the cells merged down a column: first cell to last row.
struct SheetReading {
    merged_down: BTreeMap<(u32, u32), u32>,
    /// By column: the last row of the merged cell above, its text, and whether it is a number.
    held: BTreeMap<u32, (u32, String, bool)>,
    row: RowCells,
    rows: ChunkWriter,
}

impl SheetReading {
    fn read<R: std::io::Read + std::io::Seek>(
        mut self,
        mut cells: calamine::XlsxCellReader<'_, R>,
        text: &mut u64,
        take: &mut Take,
    ) -> Result<(), Refusal> {
        while let Some(cell) = cells.next_cell().map_err(|_| damaged())? {
            let (at_row, column) = cell.get_position();
            let Some((value, numeric)) = shown(cell.get_value()) else { continue };
            // Rows go upwards in a sound sheet.
            if at_row >= MOST_ROWS || at_row + 1 < self.row.number {
                return Err(damaged());
            }
            if column as usize >= MOST_COLUMNS {
                continue;
            }
            *text += value.len() as u64;
            if *text > MOST_TEXT {
                return Err(too_large());
            }
            if at_row + 1 != self.row.number {
                self.finish(take)?;
                self.row.number = at_row + 1;
            }
            if let Some(last) = self.merged_down.get(&(at_row, column)) {
                self.held.insert(column, (*last, value.clone(), numeric));
            }
            self.row.put(column, value, numeric);
        }
        self.finish(take)?;
        self.rows.rest().map_or(Ok(()), |rest| take(Part::Rows(rest)))
    }

    /// Fills what is merged down from above and hands the row over.
    fn finish(&mut self, take: &mut Take) -> Result<(), Refusal> {
        if self.row.cells.iter().all(|c| c.0.is_empty()) {
            self.row.cells.clear();
            return Ok(());
        }
        let at_row = self.row.number - 1;
        self.held.retain(|_, (last, ..)| *last >= at_row);
        for (column, (_, value, numeric)) in &self.held {
            if self.row.cells.get(*column as usize).is_none_or(|c| c.0.is_empty()) {
                self.row.put(*column, value.clone(), *numeric);
            }
        }
        let full = self.rows.row(self.row.number, self.row.cells.iter().map(|(c, n)| (c.as_str(), *n)));
        self.row.cells.clear();
        full.map_or(Ok(()), |full| take(Part::Rows(full)))
    }
}

/// A cell as the office program shows it, and whether it is held as a number; `None` if empty.
fn shown(value: &DataRef) -> Option<(String, bool)> {
    let (text, numeric) = match value {
        DataRef::Empty => return None,
        DataRef::Int(n) => (n.to_string(), true),
        // Whole numbers without a point; an ID typed as a number shows the digits that are left of it.
        DataRef::Float(n) if n.fract() == 0.0 && n.abs() < 1e18 => (format!("{n:.0}"), true),
        DataRef::Float(n) => (n.to_string(), true),
        DataRef::String(s) => (s.trim().to_owned(), false),
        DataRef::SharedString(s) => (s.trim().to_owned(), false),
        DataRef::Bool(b) => (if *b { "1" } else { "0" }.to_owned(), false),
        DataRef::DateTime(d) => {
            let (year, month, day, ..) = d.to_ymd_hms_milli();
            (format!("{year:04}-{month:02}-{day:02}"), false)
        }
        DataRef::DateTimeIso(s) | DataRef::DurationIso(s) => (s.trim().to_owned(), false),
        DataRef::Error(e) => (e.to_string(), false),
    };
    (!text.is_empty()).then_some((text, numeric))
}
