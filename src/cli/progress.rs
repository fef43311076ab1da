//! A bar on stderr; Ctrl-C ends the process, and nothing half-written stays because plans are staged.

use crate::base::Progress;
use std::io::{IsTerminal, Write};
use std::sync::Mutex;

/// Shows the stage and its share on a terminal, one line a stage elsewhere.
#[derive(Debug, Default)]
pub struct Bar {
    last: Mutex<(String, u64)>,
}

impl Progress for Bar {
    fn report(&self, stage: &str, done: u64, total: u64) {
        let percent = if total == 0 { 0 } else { 100 * done.min(total) / total };
        let Ok(mut last) = self.last.lock() else { return };
        let is_new_stage = last.0 != stage;
        if !is_new_stage && last.1 == percent {
            return;
        }
        let mut err = std::io::stderr().lock();
        // A progress line that cannot be shown must not stop the work.
        let _ = if err.is_terminal() {
            write!(err, "\r\x1b[K{stage} {percent} %")
        } else if is_new_stage {
            writeln!(err, "{stage} …")
        } else {
            Ok(())
        };
        *last = (stage.to_owned(), percent);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if std::io::stderr().is_terminal() {
            eprintln!();
        }
    }
}
