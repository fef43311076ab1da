//! A bar on stderr; Ctrl-C asks the work to stop, so that nothing half-written stays behind.

use crate::base::Progress;
use std::io::{IsTerminal, Write};
use std::process::exit;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Exit code of a process ended by Ctrl-C, as shells expect it.
const INTERRUPTED: i32 = 130;

static STOP: AtomicBool = AtomicBool::new(false);

/// Shows the stage and its share on a terminal, one line a stage elsewhere.
#[derive(Debug, Default)]
pub struct Bar {
    last: Mutex<(String, u64)>,
}

impl Bar {
    /// A bar whose work the first Ctrl-C asks to stop; the second ends the process at once.
    #[must_use]
    pub fn stoppable() -> Bar {
        // Without the watcher Ctrl-C ends the process, as it does by default.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
        if let Ok(runtime) = runtime {
            std::thread::spawn(move || runtime.block_on(watch()));
        }
        Bar::default()
    }
}

async fn watch() {
    while tokio::signal::ctrl_c().await.is_ok() {
        if STOP.swap(true, Ordering::Relaxed) {
            exit(INTERRUPTED);
        }
    }
}

impl Progress for Bar {
    fn report(&self, stage: &str, done: u64, total: u64) {
        let percent = (100 * done.min(total)).checked_div(total).unwrap_or(0);
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

    fn is_cancelled(&self) -> bool {
        STOP.load(Ordering::Relaxed)
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if std::io::stderr().is_terminal() {
            eprintln!();
        }
    }
}
