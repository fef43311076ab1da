//! Long work shows progress and can be cancelled.

use crate::base::{Fault, Outcome};

/// What long work reports to, and asks whether to go on.
pub trait Progress: Sync {
    /// `done` of `total` steps of `stage` are finished (`total` 0: unknown).
    fn report(&self, stage: &str, done: u64, total: u64);

    /// The person asked to stop; work ends with [`Fault::cancelled`] or its best answer so far.
    fn is_cancelled(&self) -> bool {
        false
    }

    /// Goes on, unless the person asked to stop.
    ///
    /// # Errors
    /// [`Fault::cancelled`].
    fn go_on(&self) -> Outcome<()> {
        if self.is_cancelled() { Err(Fault::cancelled()) } else { Ok(()) }
    }
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn report(&self, _stage: &str, _done: u64, _total: u64) {}
}
