//! `caregrid intake`: reads rosters only, and says which rows were not kept and why.

use crate::base::{Fault, Outcome, Silent};
use crate::cli::Bar;
use crate::intake::{
    Listed, RoadCheck, RosterDelta, Rosters, of_rosters, open_map, problems_workbook, read_rosters,
    roster_delta,
};
use crate::roster::Month;
use std::io::Write;
use std::path::{Path, PathBuf};
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
    /// Map: is a list in another datum, and which homes have no road near?
    #[arg(long)]
    roads: Option<PathBuf>,
    /// County folder of the month before: who is new, gone, changed?
    #[arg(long)]
    before: Option<PathBuf>,
    /// Folder for the workbooks that go back to the townships; they hold the rows as they came.
    #[arg(long)]
    problems: Option<PathBuf>,
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
/// The county folder, the map or the month before cannot be read, or the rosters cannot be planned with.
pub fn run(args: &IntakeArgs) -> Outcome<ExitCode> {
    let month: Month = args.month.parse()?;
    let rosters = read_rosters(&args.files, args.county.as_deref(), month, &Silent)?;
    let map = args.roads.as_deref().map(|path| open_map(path, &Bar::default())).transpose()?;
    let check = map.as_ref().map(|read| RoadCheck::new(&read.map)).transpose()?;
    let seen = of_rosters(&rosters, check.as_ref());
    let delta = args.before.as_deref().map(|dir| before(dir, &rosters, month)).transpose()?;
    if let Some(folder) = &args.problems {
        write_problems(args, folder, month)?;
    }
    let mut out = std::io::stdout().lock();
    let head = if args.json {
        serde_json::json!({
            "rows_in": seen.rows_in, "kept": seen.kept, "listed": seen.listed, "remarks": seen.remarks.len(),
            "files": rosters.counts, "townships": seen.townships, "questions": seen.questions,
            "duplicates": seen.duplicates, "datum": seen.datum, "delta": delta,
        })
        .to_string()
    } else {
        let (rows_in, kept, listed, more) = (seen.rows_in, seen.kept, seen.listed, seen.remarks.len());
        format!("读入 {rows_in} 行，采用 {kept} 行，列出 {listed} 行，另有 {more} 行需留意。")
    };
    // A reader that closes the pipe early has seen enough.
    let _ = writeln!(out, "{head}");
    if let (false, Some(delta)) = (args.json, &delta) {
        let (new, gone, changed) = (delta.new.len(), delta.gone.len(), delta.changed.len());
        let _ = writeln!(out, "与上月相比：新增 {new} 人，减少 {gone} 人，变更 {changed} 人。");
    }
    for row in seen.problems.iter().chain(seen.remarks.iter().filter(|_| args.remarks)) {
        let _ = writeln!(out, "{}", if args.json { line(row) } else { row.zh.clone() });
    }
    drop(out);
    rosters.usable()?;
    Ok(ExitCode::SUCCESS)
}

/// What changed since the month before.
fn before(dir: &Path, rosters: &Rosters, month: Month) -> Outcome<RosterDelta> {
    let then = read_rosters(&[], Some(dir), month, &Silent)?;
    let (then, now): (Vec<_>, Vec<_>) =
        (then.clients().cloned().collect(), rosters.clients().cloned().collect());
    Ok(roster_delta(&then, &now))
}

fn write_problems(args: &IntakeArgs, folder: &Path, month: Month) -> Outcome<()> {
    let Some(county) = args.county.as_deref() else {
        return Err(Fault::usage(
            "--problems 需要用 --county 给出县数据文件夹。",
            "--problems needs the county folder: name it with --county.",
        ));
    };
    std::fs::create_dir_all(folder).map_err(|e| Fault::file(folder, &e))?;
    for file in problems_workbook(&args.files, county, month, &Silent)? {
        let path = folder.join(&file.name);
        std::fs::write(&path, &file.bytes).map_err(|e| Fault::file(&path, &e))?;
    }
    Ok(())
}

fn line(row: &Listed) -> String {
    serde_json::json!({
        "file": row.file, "sheet": row.sheet, "row": row.row, "column": row.column, "code": row.code,
        "sentence": row.en, "sentence_zh": row.zh,
    })
    .to_string()
}
