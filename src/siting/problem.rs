//! One sparse instance for every model.

use crate::base::{ClientIx, Fen, Seconds, SiteIx};
use serde::{Deserialize, Serialize};

/// A site within the limit of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// The client.
    pub client: ClientIx,
    /// A site that reaches them.
    pub site: SiteIx,
    /// Travel time from site to client.
    pub travel: Seconds,
}

/// Clients that count together, for example a township.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Name for sentences.
    pub name: String,
    /// Sites of the group.
    pub sites: Vec<SiteIx>,
    /// Clients of the group.
    pub clients: Vec<ClientIx>,
    /// Least number of open outlets among `sites`.
    pub least_outlets: u32,
    /// Least covered demand weight among `clients`.
    pub least_covered: u64,
}

/// A facility-location instance.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SitingProblem {
    /// Number of candidate sites.
    pub sites: u32,
    /// Demand weight of each client; positive.
    pub weights: Vec<u64>,
    /// Who is reached from where, in any order; a client without a pair is listed, never makes it infeasible.
    pub pairs: Vec<Pair>,
    /// Outlets that must stay open (existing ones).
    pub fixed: Vec<SiteIx>,
    /// Sites that must stay closed.
    pub forbidden: Vec<SiteIx>,
    /// Cost of each site; empty: all alike.
    pub costs: Vec<Fen>,
    /// Most that the open sites may cost together.
    pub budget: Option<Fen>,
    /// Capacity of each site in demand weight; empty: unlimited. Clients are then assigned to one site each.
    pub capacities: Vec<u64>,
    /// Minimums by group.
    pub groups: Vec<Group>,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Model {
    /// Fewest outlets so that every client who can be reached is covered by `backup` outlets (1, or 2 with backup).
    Lscp {
        /// How many outlets must cover each client.
        backup: u32,
        /// Least share of demand to cover, in millionths (1 000 000: all who can be reached).
        share_millionths: u32,
    },
    /// Most demand weight covered with `p` outlets, fixed ones included.
    Mclp {
        /// Number of outlets.
        p: u32,
    },
    /// Least weighted travel time with `p` outlets; every client needs a pair to be counted.
    PMedian {
        /// Number of outlets.
        p: u32,
    },
    /// Most demand weight covered with `p` outlets and, among such plans, the least weighted travel time.
    CoverNearest {
        /// Number of outlets.
        p: u32,
    },
    /// Least largest travel time with `p` outlets.
    PCentre {
        /// Number of outlets.
        p: u32,
    },
}

/// When to stop: counts, never clocks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StopRule {
    /// Most steps (a step is one dual iteration or one improving move).
    pub steps: u64,
    /// Good enough: 100 |bound - objective| / objective.
    pub gap_pct: f64,
    /// Seed of every random choice.
    pub seed: u64,
}

impl Default for StopRule {
    fn default() -> Self {
        StopRule { steps: 200_000, gap_pct: 0.0, seed: 1 }
    }
}
