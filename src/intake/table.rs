//! Plain CSV tables, read by header name and written with quoting.

use crate::base::{Fault, Outcome};
use crate::intake::sheet::{RawRow, RawSheet};
use crate::intake::text::decode;
use std::io::{BufWriter, Write};
use std::{fs::File, path::Path};

/// A larger file is not a roster; it would only exhaust the memory.
const MOST_BYTES: u64 = 1 << 30;
/// No roster has more columns.
const MOST_COLUMNS: usize = 2_000;
/// A quoted cell with more lines is an unclosed quote.
const MOST_LINES_IN_A_CELL: usize = 40;

/// A plain table: header and rows of the same length.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// Column names, trimmed.
    pub header: Vec<String>,
    /// Cells, trimmed, one row a line; short rows are filled with empty cells.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Position of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|h| h == name)
    }

    /// A cell by column name; empty if the column is missing.
    #[must_use]
    pub fn cell<'a>(&'a self, row: &'a [String], name: &str) -> &'a str {
        self.column(name).and_then(|i| row.get(i)).map_or("", String::as_str)
    }
}

/// Reads a CSV file in any encoding of practice (UTF-8 with or without BOM, GB18030, UTF-16), separated by comma,
/// semicolon, tab or bar. Rows without any cell are skipped.
///
/// # Errors
/// The file is missing, empty or no text, has no header, or a row has more cells than the header.
pub fn read_table(path: &Path) -> Outcome<Table> {
    let name = path.display().to_string();
    let mut rows = read_csv(path, &name)?.rows.into_iter();
    let Some(header) = rows.next().map(|r| r.cells) else {
        return Err(empty(&name));
    };
    let mut table = Table { header, rows: Vec::with_capacity(rows.len()) };
    for RawRow { number, mut cells, .. } in rows {
        if cells.iter().skip(table.header.len()).any(|c| !c.is_empty()) {
            return Err(Fault::refused(
                format!("{name} 第 {number} 行：单元格多于表头列数，请给含分隔符的内容加上引号。"),
                format!(
                    "{name}, row {number}: more cells than the header has columns; quote cells that hold a separator."
                ),
            ));
        }
        cells.resize(table.header.len(), String::new());
        table.rows.push(cells);
    }
    Ok(table)
}

/// The sentence of a table without a header.
pub(crate) fn empty(name: &str) -> Fault {
    Fault::refused(
        format!("{name}：文件是空的，没有表头。请检查提交的文件。"),
        format!("{name}: the file is empty and has no header; check what was sent."),
    )
}

/// Reads the non-empty rows of a CSV file with their row numbers; `name` is the file's name for sentences and lists.
///
/// # Errors
/// The file is missing, too large, no text, or a quote never closes.
pub(crate) fn read_csv(path: &Path, name: &str) -> Outcome<RawSheet> {
    let size = std::fs::metadata(path).map_err(|e| Fault::file(path, &e))?.len();
    if size > MOST_BYTES {
        return Err(Fault::refused(
            format!("{name}：文件超过 1 GiB，不像一份名册，请拆分后提交。"),
            format!("{name}: the file is over 1 GiB, no roster is; split it."),
        ));
    }
    let bytes = std::fs::read(path).map_err(|e| Fault::file(path, &e))?;
    parse_csv(&decode(bytes, name)?, name)
}

fn parse_csv(text: &str, name: &str) -> Outcome<RawSheet> {
    let separator = separator(text);
    let cells = |line: &str| line.bytes().filter(|b| *b == separator).count();
    if let Some(row) = text.lines().position(|line| line.len() > MOST_COLUMNS && cells(line) > MOST_COLUMNS) {
        let row = row + 1;
        return Err(Fault::refused(
            format!("{name} 第 {row} 行：超过 {MOST_COLUMNS} 列，不像一份名册。"),
            format!("{name}, row {row}: more than {MOST_COLUMNS} columns; this is hardly a roster."),
        ));
    }
    if let Some(row) = unclosed_quote(text, separator) {
        return Err(Fault::refused(
            format!("{name} 第 {row} 行：有一个引号没有闭合，其后的行无法读取。请补上或删除该引号。"),
            format!(
                "{name}, row {row}: a quote is never closed, so the rows after it cannot be read; close or delete it."
            ),
        ));
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    let (mut rows, mut record, mut folded) = (Vec::new(), csv::StringRecord::new(), 0);
    while reader.read_record(&mut record).map_err(|_| unreadable(name))? {
        // The office program counts rows, the parser lines: cells that span lines make the difference, and the parser
        // reports a record from the blank lines before it.
        let (line, from) = record.position().map_or((0, 0), |p| (p.line(), p.byte() as usize));
        let blank = text.as_bytes()[from..].iter().take_while(|b| **b == b'\n').count() as u64;
        let number = u32::try_from(line + blank - folded).map_err(|_| unreadable(name))?;
        folded += record.iter().map(|c| c.matches('\n').count() as u64).sum::<u64>();
        let cells: Vec<String> = record.iter().map(|c| c.trim().to_owned()).collect();
        if cells.iter().any(|c| !c.is_empty()) {
            rows.push(RawRow { number, cells, numeric: Vec::new() });
        }
    }
    Ok(RawSheet { file: name.to_owned(), sheet: String::new(), rows })
}

fn unreadable(name: &str) -> Fault {
    Fault::refused(
        format!("{name}：无法按 CSV 读取。请用表格软件另存为“CSV UTF-8”。"),
        format!("{name}: it cannot be read as CSV; save it as 'CSV UTF-8'."),
    )
}

/// The separator that stands most often in the first lines, outside quotes; a comma if none does.
fn separator(text: &str) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            // The header decides: cells below it may hold lists with separators of their own.
            b'\n' if counts.iter().any(|(_, n)| *n > 0) => break,
            _ if !quoted => counts.iter_mut().filter(|(s, _)| *s == byte).for_each(|(_, n)| *n += 1),
            _ => {}
        }
    }
    counts.iter().rev().max_by_key(|(_, n)| *n).map_or(b',', |(s, _)| *s)
}

/// The line of a quote that never closes, or closes only after [`MOST_LINES_IN_A_CELL`] lines.
fn unclosed_quote(text: &str, separator: u8) -> Option<u64> {
    let (mut line, mut opened, mut cell_starts) = (1, None, true);
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match (byte, opened) {
            (b'"', None) if cell_starts => opened = Some(line),
            (b'"', Some(_)) if bytes.peek() == Some(&b'"') => {
                bytes.next();
            }
            (b'"', Some(_)) => opened = None,
            (b'\n', Some(from)) if line - from >= MOST_LINES_IN_A_CELL as u64 => return Some(from),
            _ => {}
        }
        line += u64::from(byte == b'\n');
        cell_starts = byte == b'\n' || byte == separator;
    }
    opened
}

/// Writes a CSV file in UTF-8 with `\n` line ends, cells quoted where needed.
///
/// # Errors
/// The file cannot be written.
pub fn write_table(path: &Path, header: &[&str], rows: &[Vec<String>]) -> Outcome<()> {
    let fault = |e: std::io::Error| Fault::file(path, &e);
    let mut out = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(BufWriter::new(File::create(path).map_err(fault)?));
    let written = |e: csv::Error| match e.into_kind() {
        csv::ErrorKind::Io(e) => Fault::file(path, &e),
        _ => unreadable(&path.display().to_string()),
    };
    out.write_record(header).map_err(written)?;
    for row in rows {
        out.write_record(row).map_err(written)?;
    }
    out.into_inner().map_err(|e| fault(std::io::Error::from(e.error().kind())))?.flush().map_err(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Vec<(u32, Vec<String>)> {
        parse_csv(text, "x.csv").unwrap().rows.into_iter().map(|r| (r.number, r.cells)).collect()
    }

    #[test]
    fn a_table_comes_back_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        let rows: Vec<Vec<String>> =
            vec![vec!["a,b".into(), "\"q\"".into()], vec![String::new(), "村\n社".into()]];
        write_table(&path, &["x", "名"], &rows).unwrap();
        let table = read_table(&path).unwrap();
        assert_eq!((table.header.as_slice(), &table.rows), (&["x".to_owned(), "名".to_owned()][..], &rows));
        assert_eq!(table.cell(&table.rows[0], "名"), "\"q\"");
    }

    #[test]
    fn rows_are_numbered_as_the_office_program_counts_them() {
        let rows = parsed("id,name\n\n1,\"a\nb\"\n,\n2,c\n");
        assert_eq!(rows.iter().map(|r| r.0).collect::<Vec<_>>(), [1, 3, 5]);
    }

    #[test]
    fn semicolons_tabs_and_bars_separate_too() {
        for s in [';', '\t', '|'] {
            let rows = parsed(&format!("id{s}name\n1{s}\"a,b\"\n"));
            assert_eq!(rows[1].1, ["1", "a,b"]);
        }
    }

    #[test]
    fn an_unclosed_quote_is_named_by_its_row_and_swallows_nothing() {
        let fault = parse_csv("id,name\n1,\"a\n2,b\n", "x.csv").unwrap_err();
        assert!(fault.en.starts_with("x.csv, row 2"), "{fault}");
        let long = format!("id,name\n1,\"a\n{}2,\"b\"\n", "3,c\n".repeat(1000));
        assert!(parse_csv(&long, "x.csv").is_err());
    }

    #[test]
    fn a_row_with_more_cells_than_the_header_is_refused_with_its_number() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        std::fs::write(&path, "a,b\n1\n1,2,3\n").unwrap();
        assert!(read_table(&path).unwrap_err().en.contains("row 3"));
        std::fs::write(&path, "").unwrap();
        assert!(read_table(&path).unwrap_err().en.contains("empty"));
    }
}
