//! `caregrid intake`: reads rosters only, and says which rows were not kept and why.

use crate::base::{Outcome, Silent};
use crate::intake::{Listed, READ_WORKBOOK, read_rosters, read_workbook_child};
use crate::roster::Month;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Reads rosters and lists the rows that cannot be used.
#[derive(Debug, Clone, clap::Args)]
pub struct IntakeArgs {
    /// Rosters (.csv, .xlsx) or folders of them; none: those of the county folder.
    files: Vec<PathBuf>,
    /// County folder with settings, policy and village register.
    #[arg(long)]
    county: Option<PathBuf>,
    /// Month that ages are checked against, like 2026-12.
    #[arg(long, default_value = "2026-12")]
    month: String,
    /// Also list rows that are kept with a remark.
    #[arg(long)]
    remarks: bool,
    /// One JSON object with the counts, then one a listed row.
    #[arg(long)]
    json: bool,
}

/// Runs `caregrid intake`: exit 0 if the rosters can be planned with, else 1.
///
/// # Errors
/// A file cannot be read, or more than half of the rows are listed.
pub fn run(args: &IntakeArgs) -> Outcome<ExitCode> {
    let month: Month = args.month.parse()?;
    let rosters = read_rosters(&args.files, args.county.as_deref(), month, &Silent)?;
    let (listed, remarks) = (rosters.listed.iter(), rosters.remarks.iter().filter(|_| args.remarks));
    let mut out = std::io::stdout().lock();
    let total = |of: fn(&crate::intake::FileCount) -> u64| rosters.counts.iter().map(of).sum::<u64>();
    let (rows_in, kept, dropped) = (total(|c| c.rows_in), total(|c| c.kept), total(|c| c.listed));
    let head = if args.json {
        serde_json::json!({ "rows_in": rows_in, "kept": kept, "listed": dropped, "remarks": rosters.remarks.len(), "files": rosters.counts }).to_string()
    } else {
        format!(
            "读入 {rows_in} 行，采用 {kept} 行，列出 {dropped} 行，另有 {} 行需留意。",
            rosters.remarks.len()
        )
    };
    // A reader that closes the pipe early has seen enough.
    let _ = writeln!(out, "{head}");
    for row in listed.chain(remarks) {
        let _ = writeln!(out, "{}", if args.json { line(row) } else { row.zh.clone() });
    }
    rosters.usable()?;
    Ok(ExitCode::SUCCESS)
}

fn line(row: &Listed) -> String {
    serde_json::json!({
        "file": row.file, "sheet": row.sheet, "row": row.row, "column": row.column, "code": row.code,
        "sentence": row.en, "sentence_zh": row.zh,
    })
    .to_string()
}

/// If this process was started to open one workbook: does so with limits, writing its rows to stdout as JSON lines.
#[must_use]
pub fn as_reading_child() -> Option<ExitCode> {
    let mut words = std::env::args_os().skip(1);
    if words.next()? != READ_WORKBOOK {
        return None;
    }
    let read = words.next().map(|path| read_workbook_child(path.as_ref(), std::io::stdout().lock()));
    Some(if matches!(read, Some(Ok(()))) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
