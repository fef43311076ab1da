//! A county folder, read whole.

use crate::base::{Fault, Mode, Outcome, Progress};
use crate::intake::{FileCount, Listed};
use crate::roster::{Calendar, County, Month, Policy};
use std::path::{Path, PathBuf};

/// Where a county folder's files are (`county.toml`, else the defaults of the interface).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CountyFiles {
    /// The map, if the folder has one.
    pub map: Option<PathBuf>,
    /// Mode files that replace the shipped ones.
    pub modes: Vec<(Mode, PathBuf)>,
    /// Every file read, for hashes, in the order of reading.
    pub read: Vec<PathBuf>,
}

/// What came in.
#[derive(Debug, Clone)]
pub struct Intake {
    /// The county.
    pub county: County,
    /// The rules.
    pub policy: Policy,
    /// The calendar.
    pub calendar: Calendar,
    /// Which files.
    pub files: CountyFiles,
    /// Rows not kept, or kept with a remark.
    pub listed: Vec<Listed>,
    /// Counts by file.
    pub counts: Vec<FileCount>,
}

/// Reads a county folder for `month`. Workbooks are read in a child process with limits.
///
/// # Errors
/// A file fault: a required table is missing or empty, or more than half of its rows are listed.
pub fn read_county(_dir: &Path, _month: Month, _progress: &dyn Progress) -> Outcome<Intake> {
    Err(Fault::refused("尚未实现。", "not built yet."))
}
