//! Workbooks are read in a child process of this program, with limits; what comes back is checked like any other input.
//!
//! A workbook can make the reading library abort the whole process, which no `catch_unwind` stops. So the parent never
//! opens it: it takes JSON lines from a child that has neither environment nor much memory or time.

use crate::base::{Fault, Outcome, Progress};
use crate::intake::sheet::{RawRow, RawSheet};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

/// The hidden subcommand of the child.
pub const READ_WORKBOOK: &str = "__read-workbook";
/// Address space of the child.
pub(crate) const MOST_MEMORY: u64 = 1 << 30;
/// Processor seconds of the child.
pub(crate) const MOST_CPU_S: u64 = 9;
/// Wall clock of the child, start to end.
const MOST_WALL: Duration = Duration::from_secs(10);
/// Cells beyond this column cannot stand under a heading we know.
pub(crate) const MOST_COLUMNS: usize = 256;
/// Rows a sheet can have.
pub(crate) const MOST_ROWS: u32 = 1 << 20;
/// Sheets read.
pub(crate) const MOST_SHEETS: usize = 64;
/// Bytes of text taken from one workbook.
pub(crate) const MOST_TEXT: u64 = 256 << 20;
/// Bytes of one line of the child's answer.
const MOST_LINE: u64 = 16 << 20;

/// One line of the child's answer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Said {
    /// A sheet begins.
    Sheet(String),
    /// A row of the sheet begun last.
    Row(RawRow),
    /// The workbook is refused: the end of the sentence in Chinese and English.
    Refused(String, String),
    /// The workbook was read to its end.
    End,
}

/// Reads every sheet of a workbook in a child process; `name` is the file's name for sentences and lists.
///
/// # Errors
/// The file is missing, no .xlsx, encrypted, larger than the limits, or the child did not answer in time.
pub(crate) fn read_workbook(path: &Path, name: &str, progress: &dyn Progress) -> Outcome<Vec<RawSheet>> {
    std::fs::metadata(path).map_err(|e| Fault::file(path, &e))?;
    let mut child = start(path, name)?;
    let answer = listen(&mut child, name, progress);
    // Whatever was said, nobody is left behind.
    let _ = child.kill();
    let _ = child.wait();
    answer
}

/// The program that has the hidden subcommand: this one, or for tests and examples the one built beside it.
fn program() -> std::io::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let file = format!("caregrid{}", std::env::consts::EXE_SUFFIX);
    let beside = own.ancestors().skip(1).take(2).map(|dir| dir.join(&file)).find(|p| p.is_file());
    let is_test_or_example = own.parent().is_some_and(|d| d.ends_with("deps") || d.ends_with("examples"));
    Ok(if is_test_or_example { beside.unwrap_or(own) } else { own })
}

fn start(path: &Path, name: &str) -> Outcome<Child> {
    let run = |program: PathBuf| {
        Command::new(program)
            .arg(READ_WORKBOOK)
            .arg(path)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
    };
    program().and_then(run).map_err(|e| {
        Fault::refused(
            format!("{name}：无法启动读取工作簿的子进程（{e}）。"),
            format!("{name}: the process that reads workbooks cannot be started ({e})."),
        )
    })
}

fn listen(child: &mut Child, name: &str, progress: &dyn Progress) -> Outcome<Vec<RawSheet>> {
    let Some(out) = child.stdout.take() else { return Err(broken(name)) };
    let (sender, lines) = sync_channel(1024);
    // The thread ends when the child does: its pipe closes.
    std::thread::spawn(move || {
        let mut out = BufReader::with_capacity(1 << 16, out);
        loop {
            let mut line = Vec::new();
            let read = (&mut out).take(MOST_LINE).read_until(b'\n', &mut line);
            if !matches!(read, Ok(n) if n > 0) || sender.send(line).is_err() {
                return;
            }
        }
    });
    let (end, mut sheets, mut text) = (Instant::now() + MOST_WALL, Vec::new(), 0);
    loop {
        let left = end.saturating_duration_since(Instant::now()).min(Duration::from_millis(200));
        match lines.recv_timeout(left) {
            Ok(line) => {
                text += line.len() as u64;
                let said = serde_json::from_slice(&line).map_err(|_| broken(name))?;
                if accept(said, &mut sheets, name)? {
                    return Ok(sheets);
                }
                if text > 2 * MOST_TEXT {
                    return Err(too_large(name));
                }
            }
            Err(RecvTimeoutError::Disconnected) => return Err(broken(name)),
            Err(RecvTimeoutError::Timeout) if progress.is_cancelled() => return Err(Fault::cancelled()),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if Instant::now() >= end {
            return Err(too_large(name));
        }
    }
}

/// Takes one line of the answer if it keeps the rules; `true` at the end.
fn accept(said: Said, sheets: &mut Vec<RawSheet>, name: &str) -> Outcome<bool> {
    match said {
        Said::End => return Ok(true),
        Said::Refused(zh, en) => {
            return Err(Fault::refused(format!("{name}：{zh}"), format!("{name}: {en}")));
        }
        Said::Sheet(sheet) if sheets.len() < MOST_SHEETS && sheet.chars().count() <= 64 => {
            sheets.push(RawSheet { file: name.to_owned(), sheet, rows: Vec::new() });
        }
        Said::Row(row) => {
            let fine = (1..=MOST_ROWS).contains(&row.number)
                && row.cells.len() <= MOST_COLUMNS
                && row.numeric.iter().all(|i| (*i as usize) < row.cells.len());
            match sheets.last_mut() {
                Some(sheet) if fine && sheet.rows.len() < MOST_ROWS as usize => sheet.rows.push(row),
                _ => return Err(broken(name)),
            }
        }
        Said::Sheet(_) => return Err(broken(name)),
    }
    Ok(false)
}

fn broken(name: &str) -> Fault {
    Fault::refused(
        format!("{name}：工作簿已损坏或超出读取限额。请用表格软件打开并另存为新的 .xlsx。"),
        format!(
            "{name}: the workbook is damaged or beyond the reading limits; open it and save it as a new .xlsx."
        ),
    )
}

fn too_large(name: &str) -> Fault {
    Fault::refused(
        format!("{name}：工作簿在 10 秒内没有读完。请拆分，或另存为 CSV。"),
        format!("{name}: the workbook was not read within 10 s; split it, or save it as CSV."),
    )
}
