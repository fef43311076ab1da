//! Bad input from outside, through the program itself: file faults, hostile files, mutations.

mod file_faults;
mod hostile;
mod hostile_files;
mod mutations;
mod served;

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What became of one run.
struct Outcome {
    /// Exit code; `None`: killed by a signal.
    code: Option<i32>,
    stdout: String,
    stderr: String,
    seconds: f64,
    /// Peak memory in MiB of the process or its reading child, as far as sampling every 2 ms sees it.
    mib: u64,
}

/// Runs `caregrid` with these words, watched.
fn caregrid(words: &[&str]) -> Outcome {
    let start = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_caregrid"))
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let readers = [collect(out), collect(err)];
    let (mut mib, mut status) = (0, None);
    while status.is_none() {
        mib = mib.max(peak_mib(child.id()).unwrap_or(0)).max(child_peak_mib(child.id()));
        status = child.try_wait().unwrap();
        assert!(start.elapsed() < Duration::from_secs(60), "{words:?} does not end");
        std::thread::sleep(Duration::from_millis(if status.is_some() { 0 } else { 2 }));
    }
    let [stdout, stderr] = readers.map(|r| r.join().unwrap());
    let code = status.and_then(|s| s.code());
    Outcome { code, stdout, stderr, seconds: start.elapsed().as_secs_f64(), mib }
}

fn collect(mut from: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Peak memory of a process, where the system tells (Linux).
fn peak_mib(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status")).ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kb| kb / 1024)
}

/// Peak memory of the children of a process.
fn child_peak_mib(pid: u32) -> u64 {
    let task = format!("/proc/{pid}/task/{pid}/children");
    let children = std::fs::read_to_string(task).unwrap_or_default();
    children.split_whitespace().filter_map(|c| peak_mib(c.parse().ok()?)).max().unwrap_or(0)
}
