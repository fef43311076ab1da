//! What the person asked for.

use crate::plan::{ChosenOutlets, LockRow};
use crate::roster::Month;
use std::path::PathBuf;

/// The choices of one planning run.
#[derive(Debug, Clone)]
pub struct PlanOptions {
    /// The map, if not the county folder's own.
    pub roads: Option<PathBuf>,
    /// The month.
    pub month: Month,
    /// Number of outlets; `None`: the fewest for all who can be reached.
    pub outlets: Option<u32>,
    /// Outlets that a person chose one by one, in place of a number.
    pub chosen: Option<ChosenOutlets>,
    /// Plan of the month before.
    pub previous: Option<PathBuf>,
    /// What the planner fixed by hand; `None`: the locks.csv of the county folder.
    pub locks: Option<Vec<LockRow>>,
    /// Seed of every random choice.
    pub seed: u64,
    /// Ruin-and-recreate iterations of the month's search.
    pub steps: u64,
}
