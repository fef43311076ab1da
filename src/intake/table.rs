//! Plain CSV tables, read by header name and written with quoting.

use crate::base::{Fault, Outcome};
use crate::intake::chunk::{Chunk, ChunkWriter};
use crate::intake::refusal::{About, Refusal};
use crate::intake::text::PlainText;
use std::io::{BufWriter, Read, Seek, Write};
use std::{fs::File, path::Path};

/// A larger file is not a roster.
const MOST_BYTES: u64 = 1 << 30;
/// No roster has more columns.
const MOST_COLUMNS: usize = 2_000;

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
    let file = File::open(path).map_err(|e| Fault::file(path, &e))?;
    let mut table = Table::default();
    let mut longer = None;
    read_csv(file, &mut |chunk: Chunk| {
        for row in chunk.rows() {
            let mut cells: Vec<String> = row.cells().map(str::to_owned).collect();
            if table.header.is_empty() {
                table.header = cells;
                continue;
            }
            let width = table.header.len();
            if cells.iter().skip(width).any(|c| !c.is_empty()) {
                longer = longer.or(Some(row.number));
            }
            cells.resize(width, String::new());
            table.rows.push(cells);
        }
        Ok(())
    })
    .map_err(|refusal| refusal.of(&name))?;
    if let Some(number) = longer {
        return Err(Fault::refused(
            format!("{name} 第 {number} 行：单元格多于表头列数，请给含分隔符的内容加上引号。"),
            format!(
                "{name}, row {number}: more cells than the header has columns; quote cells that hold a separator."
            ),
        ));
    }
    if table.header.is_empty() { Err(empty(&name)) } else { Ok(table) }
}

/// The sentence of a table without a header.
pub(crate) fn empty(name: &str) -> Fault {
    Fault::refused(
        format!("{name}：文件是空的，没有表头。请检查提交的文件。"),
        format!("{name}: the file is empty and has no header; check what was sent."),
    )
}

/// Reads the non-empty rows of a CSV file as a stream and hands them over in pieces, numbered as the office program counts
/// them. What was handed over before a refusal is of no use.
///
/// # Errors
/// The file is too large, no text, a quote never closes, or a row has too many columns; `take` refuses.
pub(crate) fn read_csv(
    file: File,
    take: &mut dyn FnMut(Chunk) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    if file.metadata().map_err(|_| unreadable())?.len() > MOST_BYTES {
        return Err(Refusal::new(
            "文件超过 1 GiB，不像一份名册，请拆分后提交。",
            "the file is over 1 GiB, no roster is; split it.",
        ));
    }
    read_rows(file, take)
}

fn read_rows(
    from: impl Read + Seek,
    take: &mut dyn FnMut(Chunk) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let (text, separator) = PlainText::open(from).map_err(|_| unreadable())??;
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text);
    let (mut record, mut writer, mut folded) = (csv::StringRecord::new(), ChunkWriter::default(), 0);
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(_) => return Err(reader.get_ref().fault.map_or_else(unreadable, Refusal::from)),
        }
        // The office program counts rows, the parser lines: cells that span lines make the difference. The parser stands in
        // the line after the record, because every line ends.
        let inner = record.as_slice().matches('\n').count() as u64;
        let line = reader.position().line().saturating_sub(inner + 1);
        let number = u32::try_from(line.saturating_sub(folded)).map_err(|_| unreadable())?;
        folded += inner;
        if record.len() > MOST_COLUMNS {
            return Err(Refusal {
                about: About::Row(u64::from(number)),
                ..Refusal::new(
                    format!("超过 {MOST_COLUMNS} 列，不像一份名册。"),
                    format!("more than {MOST_COLUMNS} columns; this is hardly a roster."),
                )
            });
        }
        if let Some(full) = writer.row(number, record.iter().map(|c| (c, false))) {
            take(full)?;
        }
    }
    writer.rest().map_or(Ok(()), take)
}

fn unreadable() -> Refusal {
    Refusal::new(
        "无法按 CSV 读取。请用表格软件另存为“CSV UTF-8”。",
        "it cannot be read as CSV; save it as 'CSV UTF-8'.",
    )
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
        _ => unreadable().of(&path.display().to_string()),
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

    fn parsed(text: &str) -> Result<Vec<(u32, Vec<String>)>, Refusal> {
        let mut rows = Vec::new();
        read_rows(std::io::Cursor::new(text.as_bytes().to_vec()), &mut |chunk| {
            rows.extend(chunk.rows().map(|r| (r.number, r.cells().map(str::to_owned).collect())));
            Ok(())
        })?;
        Ok(rows)
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
        for end in ["\n", ""] {
            let rows = parsed(&format!("id,name\n\n1,\"a\nb\"\n,\n2,c{end}")).unwrap();
            assert_eq!(rows.iter().map(|r| r.0).collect::<Vec<_>>(), [1, 3, 5]);
        }
    }

    #[test]
    fn semicolons_tabs_and_bars_separate_too() {
        for s in [';', '\t', '|'] {
            let rows = parsed(&format!("id{s}name\n1{s}\"a,b\"\n")).unwrap();
            assert_eq!(rows[1].1, ["1", "a,b"]);
        }
    }

    #[test]
    fn an_unclosed_quote_is_named_by_its_row_and_swallows_nothing() {
        let fault = parsed("id,name\n1,\"a\n2,b\n").unwrap_err().of("x.csv");
        assert!(fault.en.starts_with("x.csv, row 2"), "{fault}");
        let long = format!("id,name\n1,\"a\n{}2,\"b\"\n", "3,c\n".repeat(1000));
        assert_eq!(parsed(&long).unwrap_err().about, About::Row(2));
        let wide = parsed(&",".repeat(3_000)).unwrap_err();
        assert_eq!(wide.about, About::Row(1));
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
