//! Floor `siting`: where do outlets open? Facility location with proof. It knows no roads: plain problem tables in,
//! plain answers with bounds out.

mod answer;
mod problem;
mod checks;
mod instance;
mod dominance;
mod cuts;
mod exact;
mod fixing;
mod greedy;
mod swaps;
mod row_weighting;
mod regions;
mod windows;
mod saddle;
mod cover_saddle;
mod hinge_saddle;
mod exchanges;
mod support;
mod median;
mod lagrangian;
mod basis;
mod linear_relaxation;
mod relaxation;
mod sifting;
mod gains;
mod node;
mod branch_and_bound;
mod constrained;
mod cells;
mod compact;
mod cover_sets;
mod covering;
mod location;
mod pcentre;
mod curve;
mod explain;
mod phases;
mod balance;
mod even_loads;
mod proof;
mod solve;
mod weigh;

pub use answer::{
    Branch, Certificate, ConstraintPrices, CurvePoint, Cut, ProofNode, Region, Regions, SitingAnswer, Split,
};
pub use balance::{Balanced, balance, with_capacity};
pub use cover_sets::CoverSets;
pub use curve::{curve, knee, proven_curve};
pub use explain::{Explanation, Missed, Without, explain};
pub use phases::{Phase, phases};
pub use problem::{Group, Model, Pair, SitingProblem, StopRule};
pub use solve::solve;
pub use weigh::weigh;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod constrained_tests;
#[cfg(test)]
mod cut_tests;
#[cfg(test)]
mod region_tests;
#[cfg(test)]
mod median_tests;
