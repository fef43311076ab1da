//! Floor `siting`: where do outlets open? Facility location with proof. It knows no roads: plain problem tables in,
//! plain answers with bounds out.

mod answer;
mod problem;

pub use answer::{Certificate, CurvePoint, SitingAnswer};
pub use problem::{Group, Model, Pair, SitingProblem, StopRule};

use crate::base::{Fault, Outcome, Progress};

/// Solves one model.
///
/// # Errors
/// The problem is malformed (see [`SitingProblem`]) or contradicts itself; the sentence says by how much.
pub fn solve(
    _problem: &SitingProblem,
    _model: Model,
    _stop: &StopRule,
    _progress: &dyn Progress,
) -> Outcome<SitingAnswer> {
    Err(Fault::refused("尚未实现。", "not built yet."))
}

/// Coverage against the number of outlets for p = 1..=`most`, each with its bound, warm from p to p + 1.
///
/// # Errors
/// As [`solve`].
pub fn curve(
    _problem: &SitingProblem,
    _most: u32,
    _stop: &StopRule,
    _progress: &dyn Progress,
) -> Outcome<Vec<CurvePoint>> {
    Err(Fault::refused("尚未实现。", "not built yet."))
}
