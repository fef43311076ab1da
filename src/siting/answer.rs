//! Answers carry their proof.

use crate::base::{ClientIx, Seconds, SiteIx};
use serde::{Deserialize, Serialize};

/// What a checker needs to prove a bound from the raw instance in exact integer arithmetic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    /// lscp, mclp, pmedian or pcenter.
    pub model: String,
    /// Number of outlets asked for; `None` for the fewest.
    pub p: Option<u32>,
    /// Open sites, ascending.
    pub open: Vec<SiteIx>,
    /// Primal value.
    pub objective: u64,
    /// Dual bound that the multipliers prove, in whole units of the objective.
    pub bound: u64,
    /// One dual multiplier a client, in millionths.
    pub multipliers: Vec<i64>,
}

/// The answer of one model.
#[derive(Debug, Clone, PartialEq)]
pub struct SitingAnswer {
    /// Open sites, ascending, fixed ones included.
    pub open: Vec<SiteIx>,
    /// Nearest open site of each client within their pairs (with capacities: the one assigned).
    pub assignment: Vec<Option<(SiteIx, Seconds)>>,
    /// Clients without any pair.
    pub unreachable: Vec<ClientIx>,
    /// LSCP: outlets; MCLP: demand weight covered; p-median: weighted seconds; p-centre: seconds.
    pub objective: u64,
    /// Bound on the objective, on the other side of it.
    pub bound: f64,
    /// 100 |bound - objective| / objective.
    pub gap_pct: f64,
    /// The bound meets the objective.
    pub proven: bool,
    /// Steps taken.
    pub steps: u64,
    /// The proof.
    pub certificate: Certificate,
}

/// One point of the curve of coverage against number of outlets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Number of outlets.
    pub p: u32,
    /// Open sites, ascending.
    pub open: Vec<SiteIx>,
    /// Demand weight covered.
    pub objective: u64,
    /// Upper bound on it.
    pub bound: f64,
    /// 100 |bound - objective| / objective.
    pub gap_pct: f64,
    /// The bound meets the objective.
    pub proven: bool,
    /// Clients covered.
    pub clients: u64,
    /// How many open sites of p - 1 stay.
    pub kept: u32,
}
