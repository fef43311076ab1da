//! The child that opens a workbook: limits first, then the archive, then the cells one by one.

use crate::intake::sheet::RawRow;
use crate::intake::workbook::{MOST_COLUMNS, MOST_ROWS, MOST_SHEETS, MOST_TEXT, Said};
use crate::intake::workbook_zip::check_archive;
use calamine::{DataRef, Reader, Xlsx};
use std::collections::BTreeMap;
use std::io::{BufWriter, Cursor, Write};
use std::path::Path;

/// Why a workbook is refused: the end of the sentence in Chinese and English.
pub(crate) type Refusal = (String, String);

/// Reads the workbook at `path` and writes JSON lines to `out`; the last one says `End` or `Refused`.
///
/// # Errors
/// `out` cannot be written.
pub fn read_workbook_child(path: &Path, out: impl Write) -> std::io::Result<()> {
    limit_this_process();
    let mut out = BufWriter::with_capacity(1 << 16, out);
    let last = match read(path, &mut out) {
        Ok(()) => Said::End,
        Err((zh, en)) => Said::Refused(zh, en),
    };
    say(&mut out, &last)?;
    out.flush()
}

/// Address space, processor time, and no file written. Where the system has no such limits, the wall clock remains.
fn limit_this_process() {
    #[cfg(unix)]
    {
        use crate::intake::workbook::{MOST_CPU_S, MOST_MEMORY};
        use rustix::process::{Resource, Rlimit, setrlimit};
        let limits = [
            (Resource::As, MOST_MEMORY),
            (Resource::Cpu, MOST_CPU_S),
            (Resource::Core, 0),
            (Resource::Fsize, 0),
        ];
        for (resource, most) in limits {
            // A limit that is already lower stays.
            let _ = setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
        }
    }
}

fn say(out: &mut impl Write, said: &Said) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, said)?;
    out.write_all(b"\n")
}

fn damaged() -> Refusal {
    (
        "工作簿已损坏，请用表格软件打开并另存为新的 .xlsx。".into(),
        "the workbook is damaged; open it and save it as a new .xlsx.".into(),
    )
}

fn too_large() -> Refusal {
    (
        "工作簿过大，不像一份名册；请拆分，或另存为 CSV。".into(),
        "the workbook is too large for a roster; split it, or save it as CSV.".into(),
    )
}

fn read(path: &Path, out: &mut impl Write) -> Result<(), Refusal> {
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
        say(out, &Said::Sheet(name.chars().take(64).collect())).map_err(|_| damaged())?;
        let sheet = SheetReading { merged_down: down.collect(), held: BTreeMap::new() };
        let cells = book.worksheet_cells_reader(&name).map_err(|_| damaged())?;
        sheet.rows(cells, &mut text, out)?;
    }
    Ok(())
}

/// One sheet in hand, with the cells merged down a column: first cell to last row.
struct SheetReading {
    merged_down: BTreeMap<(u32, u32), u32>,
    /// By column: the last row of the merged cell above, its text, and whether it is a number.
    held: BTreeMap<u32, (u32, String, bool)>,
}

impl SheetReading {
    fn rows<R: std::io::Read + std::io::Seek>(
        mut self,
        mut cells: calamine::XlsxCellReader<'_, R>,
        text: &mut u64,
        out: &mut impl Write,
    ) -> Result<(), Refusal> {
        let mut row = RawRow::default();
        while let Some(cell) = cells.next_cell().map_err(|_| damaged())? {
            let (at_row, column) = cell.get_position();
            let Some((value, numeric)) = shown(cell.get_value()) else { continue };
            if at_row >= MOST_ROWS {
                return Err(damaged());
            }
            if column as usize >= MOST_COLUMNS {
                continue;
            }
            *text += value.len() as u64;
            if *text > MOST_TEXT {
                return Err(too_large());
            }
            if at_row + 1 != row.number {
                self.finish(&mut row, out)?;
                row.number = at_row + 1;
            }
            if let Some(last) = self.merged_down.get(&(at_row, column)) {
                self.held.insert(column, (*last, value.clone(), numeric));
            }
            put(&mut row, column, value, numeric);
        }
        self.finish(&mut row, out)
    }

    /// Fills what is merged down from above and hands the row over.
    fn finish(&mut self, row: &mut RawRow, out: &mut impl Write) -> Result<(), Refusal> {
        let mut row = std::mem::take(row);
        if row.cells.iter().all(String::is_empty) {
            return Ok(());
        }
        let at_row = row.number - 1;
        self.held.retain(|_, (last, ..)| *last >= at_row);
        for (column, (_, value, numeric)) in &self.held {
            if row.cells.get(*column as usize).is_none_or(String::is_empty) {
                put(&mut row, *column, value.clone(), *numeric);
            }
        }
        say(out, &Said::Row(row)).map_err(|_| damaged())
    }
}

fn put(row: &mut RawRow, column: u32, value: String, numeric: bool) {
    let at = column as usize;
    if row.cells.len() <= at {
        row.cells.resize(at + 1, String::new());
    }
    if numeric {
        row.numeric.push(column);
    }
    row.cells[at] = value;
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
