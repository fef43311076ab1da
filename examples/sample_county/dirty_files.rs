//! The forms in which offices send a table: encodings, separators, title rows, merged cells, several sheets.

use crate::NOTICE;
use crate::dirty::{Cell, Table};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use std::path::Path;

/// How a file is dressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dress {
    /// Title, note, blank rows, a totals row, and a sheet of notes without a header.
    Titled,
    /// CSV in GB18030.
    Gb,
    /// CSV in UTF-16 with its mark.
    Utf16,
    /// CSV in GB18030 with its mark, semicolons, decimal commas.
    Semicolons,
    /// Villages merged down, other headings in the reverse order.
    Merged,
    /// CSV in UTF-8 with its mark, degrees, minutes and seconds.
    Sexagesimal,
    /// Two sheets.
    Sheets,
}

/// Where a row ended up.
pub struct Spot {
    pub sheet: String,
    pub row: u32,
}

/// What else must be found, and where.
type Beside = Vec<(Spot, &'static str)>;
/// File name, the place of each row, and what stands beside the rows.
type Written = (String, Vec<Spot>, Beside);

impl Dress {
    pub fn of(township: usize) -> Dress {
        use Dress::{Gb, Merged, Semicolons, Sexagesimal, Sheets, Titled, Utf16};
        [Titled, Gb, Utf16, Semicolons, Merged, Sexagesimal, Sheets][township % 7]
    }

    pub fn is_workbook(self) -> bool {
        matches!(self, Dress::Titled | Dress::Merged | Dress::Sheets)
    }
}

pub fn write(table: &Table, dress: Dress, folder: &Path, stem: &str) -> Result<Written, String> {
    let name = format!("{stem}.{}", if dress.is_workbook() { "xlsx" } else { "csv" });
    let path = folder.join(&name);
    if dress.is_workbook() {
        let (spots, extra) = workbook(table, dress, &path).map_err(|e| format!("{}: {e}", path.display()))?;
        return Ok((name, spots, extra));
    }
    std::fs::write(&path, csv_bytes(table, dress)?).map_err(|e| format!("{}: {e}", path.display()))?;
    let spots = (0..table.rows.len()).map(|i| Spot { sheet: String::new(), row: i as u32 + 2 });
    Ok((name, spots.collect(), Vec::new()))
}

fn csv_bytes(table: &Table, dress: Dress) -> Result<Vec<u8>, String> {
    let separator = if dress == Dress::Semicolons { b';' } else { b',' };
    let mut out = csv::WriterBuilder::new().flexible(true).delimiter(separator).from_writer(Vec::new());
    out.write_record(&table.header).map_err(|e| e.to_string())?;
    for row in &table.rows {
        let cells = row.iter().map(|c| match (c, dress) {
            (Cell::Text(t), _) => t.clone(),
            (Cell::Number(n), Dress::Semicolons) => n.to_string().replace('.', ","),
            (Cell::Number(n), Dress::Sexagesimal) if *n > 0.0 && *n < 180.0 => sexagesimal(*n),
            (Cell::Number(n), _) => n.to_string(),
        });
        out.write_record(cells).map_err(|e| e.to_string())?;
    }
    let text = String::from_utf8(out.into_inner().map_err(|e| e.to_string())?).map_err(|e| e.to_string())?;
    let gb = || encoding_rs::GB18030.encode(&text).0.into_owned();
    Ok(match dress {
        Dress::Gb => gb(),
        Dress::Semicolons => [&[0x84, 0x31, 0x95, 0x33][..], &gb()].concat(),
        Dress::Utf16 => {
            [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
        }
        _ => [&[0xEF, 0xBB, 0xBF], text.as_bytes()].concat(),
    })
}

/// 105°03′11.4″, within 3 m.
fn sexagesimal(degrees: f64) -> String {
    let tenths = (degrees * 36_000.0).round() as u64;
    let (whole, minutes, seconds) = (tenths / 36_000, tenths / 600 % 60, tenths % 600);
    format!("{whole}°{minutes:02}′{:02}.{}″", seconds / 10, seconds % 10)
}

fn workbook(table: &Table, dress: Dress, path: &Path) -> Result<(Vec<Spot>, Beside), XlsxError> {
    let mut book = Workbook::new();
    // A fixed date: the library would write the clock's.
    let made = ExcelDateTime::from_ymd(2026, 11, 20)?;
    book.set_properties(&DocProperties::new().set_comment(NOTICE).set_creation_datetime(&made));
    let (mut spots, mut extra) = (Vec::new(), Vec::new());
    let halves = if dress == Dress::Sheets { 2 } else { 1 };
    let share = table.rows.len().div_ceil(halves);
    for (part, rows) in table.rows.chunks(share).enumerate() {
        let name = format!("摸底表{}", part + 1);
        let sheet = book.add_worksheet();
        sheet.set_name(&name)?;
        let numbers = rows_of(sheet, table, rows, dress)?;
        spots.extend(numbers.into_iter().map(|row| Spot { sheet: name.clone(), row }));
    }
    if dress == Dress::Titled {
        let notes = book.add_worksheet();
        notes.set_name("填表说明")?;
        notes.write(0, 0, NOTICE)?;
        notes.write(1, 0, "每人一行，不得漏填。")?;
        extra.push((Spot { sheet: "填表说明".into(), row: 1 }, "sheet_without_header"));
    }
    book.save(path)?;
    Ok((spots, extra))
}

/// Writes the rows of a sheet and returns where each stands, from 1.
fn rows_of(
    sheet: &mut Worksheet,
    table: &Table,
    rows: &[Vec<Cell>],
    dress: Dress,
) -> Result<Vec<u32>, XlsxError> {
    let (text, mut at) = (Format::new().set_num_format("@"), 0);
    let width = table.header.len();
    let order: Vec<usize> =
        if dress == Dress::Merged { (0..width).rev().collect() } else { (0..width).collect() };
    if dress == Dress::Titled {
        sheet.merge_range(0, 0, 0, width as u16 - 1, "特殊困难弱势群体排查摸底表（示例）", &text)?;
        sheet.merge_range(1, 0, 1, width as u16 - 1, NOTICE, &text)?;
        at = 2;
    }
    for (column, from) in (0..).zip(&order) {
        let heading = table.header[*from];
        sheet.write(at, column, if dress == Dress::Merged { synonym(heading) } else { heading })?;
    }
    let mut numbers = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        at += if dress == Dress::Titled && i > 0 && i % 20 == 0 { 2 } else { 1 };
        numbers.push(at + 1);
        for (column, from) in (0..).zip(&order) {
            match &row[*from] {
                Cell::Text(t) if t.is_empty() => {}
                Cell::Text(t) => {
                    sheet.write_with_format(at, column, t, &text)?;
                }
                Cell::Number(n) => {
                    sheet.write(at, column, *n)?;
                }
            }
        }
    }
    if dress == Dress::Merged {
        let from = table.header.iter().position(|h| *h == "村").unwrap_or(0);
        let column = (width - 1 - from) as u16;
        let mut start = 0;
        for run in rows.chunk_by(|a, b| a[from] == b[from]) {
            if let (true, Cell::Text(name)) = (run.len() > 1, &run[0][from]) {
                sheet.merge_range(
                    numbers[start] - 1,
                    column,
                    numbers[start + run.len() - 1] - 1,
                    column,
                    name,
                    &text,
                )?;
            }
            start += run.len();
        }
    }
    if dress == Dress::Titled {
        sheet.write(at + 1, 0, "合计")?;
        sheet.write(at + 1, 3, rows.len() as f64)?;
    }
    Ok(numbers)
}

fn synonym(heading: &'static str) -> &'static str {
    match heading {
        "姓名" => "服务对象姓名",
        "身份证号" => "公民身份号码",
        "类别" => "对象 类别",
        "自理能力" => "自理能力等级",
        "乡镇" => "乡（镇）",
        "村" => "行政村",
        "社" => "村民小组",
        "家庭住址" => "现住址",
        other => other,
    }
}
