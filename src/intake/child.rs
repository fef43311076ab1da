//! Files from outside are opened in a child process of this program, with limits; what comes back is checked like any other
//! input.
//!
//! A file can make a reading library abort the whole process, which no `catch_unwind` stops. So this process never opens
//! it: it takes frames (a kind, a length, bytes) from a child that has neither environment nor much memory or time.

use crate::base::{Fault, Outcome, Progress};
use crate::intake::refusal::Refusal;
use std::ffi::OsString;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

/// The hidden subcommand of the child; the task, the file and the task's own words follow.
pub const READING_CHILD: &str = "__read";

/// Bytes of one frame.
const MOST_FRAME: u64 = 64 << 20;
/// Frames that wait for this process.
const FRAMES_AHEAD: usize = 8;

/// What the child may use up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Bytes of address space.
    memory: u64,
    /// Processor seconds.
    cpu_s: u64,
    /// Wall clock, start to end.
    wall: Duration,
}

impl Limits {
    /// 1 GiB, 9 processor seconds and 10 s for a file of usual size; a large map may take more.
    pub(crate) fn of_size(bytes: u64) -> Limits {
        let more = bytes / (8 << 20);
        Limits {
            memory: (1 << 30).max(24 * bytes),
            cpu_s: 9 + more,
            wall: Duration::from_secs(10 + 4 * more),
        }
    }
}

/// One frame of the child's answer.
#[derive(Debug)]
pub(crate) struct Frame {
    /// What it is.
    pub kind: u8,
    /// The rest.
    pub bytes: Vec<u8>,
}

/// The answer is whole.
const END: u8 = b'E';
/// The file is refused.
const REFUSED: u8 = b'R';
/// Work goes on: done and total, eight bytes each, and the stage.
const PROGRESS: u8 = b'P';

/// Writes one frame.
///
/// # Errors
/// `out` cannot be written: nobody listens.
pub(crate) fn say(out: &mut dyn Write, kind: u8, bytes: &[u8]) -> io::Result<()> {
    out.write_all(&[kind])?;
    out.write_all(&(bytes.len() as u32).to_le_bytes())?;
    out.write_all(bytes)
}

/// What a child does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    /// Rows of a workbook or a CSV file.
    Table,
    /// A map into a road file.
    Map,
}

impl Task {
    const ALL: [Task; 2] = [Task::Table, Task::Map];

    fn word(self) -> &'static str {
        match self {
            Task::Table => "table",
            Task::Map => "map",
        }
    }

    fn do_it(
        self,
        path: &Path,
        words: &[OsString],
        out: &mut (dyn Write + Send),
    ) -> io::Result<Result<(), Refusal>> {
        match self {
            Task::Table => crate::intake::tables::send_rows(path, out),
            Task::Map => crate::intake::map_child::send_road_file(path, words, out),
        }
    }

    pub(crate) fn broken(self) -> Refusal {
        match self {
            Task::Table => Refusal::new(
                "文件已损坏或超出读取限额。请用表格软件打开并另存为新的 .xlsx。",
                "the file is damaged or beyond the reading limits; open it and save it as a new .xlsx.",
            ),
            Task::Map => Refusal::new(
                "地图已损坏或超出读取限额。请重新下载。",
                "the map is damaged or beyond the reading limits; fetch it again.",
            ),
        }
    }

    fn too_slow(self) -> Refusal {
        match self {
            Task::Table => Refusal::new(
                "文件在限定时间内没有读完。请拆分，或另存为 CSV。",
                "the file was not read within the time limit; split it, or save it as CSV.",
            ),
            Task::Map => Refusal::new(
                "地图在限定时间内没有读完。请先裁剪到本县范围。",
                "the map was not read within the time limit; cut it to the county first.",
            ),
        }
    }
}

/// If this process was started to open one file: does so with limits and writes frames to stdout; `None`: it was not.
/// `Some(false)`: the task is unknown or nobody listened.
#[must_use]
pub fn as_reading_child() -> Option<bool> {
    let mut words = std::env::args_os().skip(1);
    if words.next()? != READING_CHILD {
        return None;
    }
    let (task, path) = (words.next()?, words.next()?);
    let task = Task::ALL.into_iter().find(|t| task == t.word())?;
    let words: Vec<OsString> = words.collect();
    limit_this_process(task, Limits::of_size(std::fs::metadata(&path).map_or(0, |m| m.len())));
    let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout());
    Some(answer(task, path.as_ref(), &words, &mut out).is_ok())
}

/// The frames that the child would write for a workbook or CSV file, made in this process without limits: for fuzzing.
///
/// # Errors
/// Never: the frames go into memory.
pub fn table_frames(path: &Path) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    answer(Task::Table, path, &[], &mut out)?;
    Ok(out)
}

fn answer(task: Task, path: &Path, words: &[OsString], out: &mut (dyn Write + Send)) -> io::Result<()> {
    match task.do_it(path, words, out)? {
        Ok(()) => say(out, END, &[])?,
        Err(refusal) => say(out, REFUSED, &serde_json::to_vec(&refusal)?)?,
    }
    out.flush()
}

/// Address space, processor time, no core, and no file written but a road file. Where the system has no such limits, the
/// wall clock remains.
fn limit_this_process(task: Task, limits: Limits) {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let written = if task == Task::Map { limits.memory } else { 0 };
        for (resource, most) in [
            (Resource::As, limits.memory),
            (Resource::Cpu, limits.cpu_s),
            (Resource::Core, 0),
            (Resource::Fsize, written),
        ] {
            // A limit that is already lower stays.
            let _ = setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
        }
    }
    #[cfg(not(unix))]
    let _ = (task, limits);
}

/// Opens `path` in a child and hands every frame but the last to `take`; `name` is the file's name for sentences.
///
/// # Errors
/// The file is missing or refused, the child went beyond its limits or broke the rules, `take` refuses, or cancellation.
pub(crate) fn read_in_child(
    task: Task,
    path: &Path,
    words: &[OsString],
    name: &str,
    progress: &dyn Progress,
    take: &mut dyn FnMut(Frame) -> Option<()>,
) -> Outcome<()> {
    let size = std::fs::metadata(path).map_err(|e| Fault::file(path, &e))?.len();
    let mut child = Child::start(task, path, words).map_err(|e| {
        Fault::refused(
            format!("{name}：无法启动读取文件的子进程（{e}）。"),
            format!("{name}: the process that reads files cannot be started ({e})."),
        )
    })?;
    let frames = frames_of(child.answer());
    let end = Instant::now() + Limits::of_size(size).wall;
    loop {
        let left = end.saturating_duration_since(Instant::now()).min(Duration::from_millis(200));
        match frames.recv_timeout(left) {
            Ok(Frame { kind: END, .. }) => return Ok(()),
            Ok(Frame { kind: REFUSED, bytes }) => {
                let refusal: Refusal = serde_json::from_slice(&bytes).unwrap_or_else(|_| task.broken());
                return Err(refusal.of(name));
            }
            Ok(Frame { kind: PROGRESS, bytes }) => report(&bytes, progress),
            Ok(frame) => take(frame).ok_or_else(|| task.broken().of(name))?,
            Err(RecvTimeoutError::Disconnected) => return Err(task.broken().of(name)),
            Err(RecvTimeoutError::Timeout) => {}
        }
        progress.go_on()?;
        if Instant::now() >= end {
            return Err(task.too_slow().of(name));
        }
    }
}

fn report(bytes: &[u8], progress: &dyn Progress) {
    let Some((numbers, stage)) = bytes.split_at_checked(16) else { return };
    let number = |at: usize| numbers[at..at + 8].try_into().map_or(0, u64::from_le_bytes);
    let stage: String = String::from_utf8_lossy(stage).chars().filter(|c| !c.is_control()).take(40).collect();
    progress.report(&stage, number(0), number(8));
}

/// Tells the listening process how far the work is.
pub(crate) struct Telling<'a> {
    /// Where frames go.
    pub out: std::sync::Mutex<&'a mut (dyn Write + Send)>,
}

impl Progress for Telling<'_> {
    fn report(&self, stage: &str, done: u64, total: u64) {
        let bytes = [&done.to_le_bytes()[..], &total.to_le_bytes(), stage.as_bytes()].concat();
        if let Ok(mut out) = self.out.lock() {
            // That nobody listens shows at the end of the work.
            let _ = say(&mut **out, PROGRESS, &bytes);
        }
    }
}

/// Frames as they come; the thread ends when the child does, because its pipe closes.
fn frames_of(answer: impl Read + Send + 'static) -> Receiver<Frame> {
    let (sender, frames) = sync_channel(FRAMES_AHEAD);
    std::thread::spawn(move || {
        let mut answer = BufReader::with_capacity(1 << 16, answer);
        while let Some(frame) = next_frame(&mut answer) {
            if sender.send(frame).is_err() {
                return;
            }
        }
    });
    frames
}

/// The next frame that keeps the rules.
fn next_frame(answer: &mut impl Read) -> Option<Frame> {
    let mut head = [0; 5];
    answer.read_exact(&mut head).ok()?;
    let [kind, a, b, c, d] = head;
    let length = u64::from(u32::from_le_bytes([a, b, c, d]));
    if length > MOST_FRAME {
        return None;
    }
    let mut bytes = Vec::new();
    answer.take(length).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 == length).then_some(Frame { kind, bytes })
}

#[cfg(not(test))]
use running::Child;
#[cfg(test)]
use tests::Child;

#[cfg(not(test))]
mod running {
    use super::{READING_CHILD, Task};
    use std::ffi::OsString;
    use std::io;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};

    /// A child at work; it never outlives this value.
    pub(super) struct Child(std::process::Child);

    impl Child {
        pub(super) fn start(task: Task, path: &Path, words: &[OsString]) -> io::Result<Child> {
            Command::new(program()?)
                .args([READING_CHILD, task.word()])
                .arg(path)
                .args(words)
                .env_clear()
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .map(Child)
        }

        pub(super) fn answer(&mut self) -> Box<dyn io::Read + Send> {
            self.0
                .stdout
                .take()
                .map_or_else(|| Box::new(io::empty()) as Box<dyn io::Read + Send>, |out| Box::new(out))
        }
    }

    impl Drop for Child {
        fn drop(&mut self) {
            // Whatever was said, nobody is left behind.
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    /// The program that has the hidden subcommand: this one, or for tests and examples the one built beside it.
    fn program() -> io::Result<PathBuf> {
        let own = std::env::current_exe()?;
        let is_test_or_example = own.parent().is_some_and(|d| d.ends_with("deps") || d.ends_with("examples"));
        if !is_test_or_example {
            return Ok(own);
        }
        let file = format!("caregrid{}", std::env::consts::EXE_SUFFIX);
        let beside = own.ancestors().skip(1).take(2).map(|dir| dir.join(&file)).find(|p| p.is_file());
        beside.ok_or_else(|| io::Error::other("the program `caregrid` is not built beside this one"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Silent;

    /// In unit tests the program is not built: the same work is done here, and its answer read as from a child.
    pub(super) struct Child(Vec<u8>);

    impl Child {
        pub(super) fn start(task: Task, path: &Path, words: &[OsString]) -> io::Result<Child> {
            let mut out = Vec::new();
            answer(task, path, words, &mut out)?;
            Ok(Child(out))
        }

        pub(super) fn answer(&mut self) -> impl Read + Send + 'static {
            io::Cursor::new(std::mem::take(&mut self.0))
        }
    }

    #[test]
    fn frames_that_break_the_rules_end_the_answer() {
        let kinds =
            |bytes: Vec<u8>| frames_of(io::Cursor::new(bytes)).iter().map(|f| f.kind).collect::<Vec<_>>();
        let mut out = Vec::new();
        say(&mut out, b'C', b"abc").unwrap();
        say(&mut out, END, b"").unwrap();
        assert_eq!(kinds(out.clone()), [b'C', END]);
        assert_eq!(kinds(out[..6].to_vec()), [0; 0]);
        assert_eq!(kinds([&[b'C'][..], &u32::MAX.to_le_bytes(), &[0; 9]].concat()), [0; 0]);
    }

    #[test]
    fn limits_are_those_of_the_issue_for_a_roster_and_grow_with_a_map() {
        let usual = Limits::of_size(7 << 20);
        assert_eq!((usual.memory, usual.cpu_s, usual.wall), (1 << 30, 9, Duration::from_secs(10)));
        assert!(Limits::of_size(1 << 30).memory > 1 << 34);
    }

    #[test]
    fn a_missing_file_is_told_before_anything_is_started() {
        let path = Path::new("no/such.csv");
        let fault =
            read_in_child(Task::Table, path, &[], "such.csv", &Silent, &mut |_| Some(())).unwrap_err();
        assert!(fault.en.contains("no such file"), "{fault}");
    }
}
