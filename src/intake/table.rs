//! Plain CSV tables, read by header name and written with quoting.

use crate::base::{Fault, Outcome};
use std::path::Path;

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

/// Reads a CSV file in any encoding of practice (UTF-8 with or without BOM, GB18030, UTF-16).
///
/// # Errors
/// The file is missing, empty, or has no header.
pub fn read_table(_path: &Path) -> Outcome<Table> {
    Err(Fault::refused("尚未实现。", "not built yet."))
}

/// Writes a CSV file in UTF-8 with `\n` line ends, cells quoted where needed.
///
/// # Errors
/// The file cannot be written.
pub fn write_table(_path: &Path, _header: &[&str], _rows: &[Vec<String>]) -> Outcome<()> {
    Err(Fault::refused("尚未实现。", "not built yet."))
}
