//! Answers carry their proof.

use crate::base::{ClientIx, Fault, Outcome, Seconds, SiteIx, sha256_hex};
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
    /// One dual multiplier a client, in millionths per unit of demand weight (LSCP and p-centre: per client).
    pub multipliers: Vec<i64>,
    /// LSCP: how many outlets cover each client (at most as many as reach them).
    #[serde(default = "one")]
    pub backup: u32,
    /// LSCP: least share of demand to cover, in millionths.
    #[serde(default = "all")]
    pub share_millionths: u32,
    /// p-centre: the multipliers speak about covering all within this many seconds; more than `p` outlets are needed.
    #[serde(default)]
    pub radius: Option<Seconds>,
    /// Multipliers of the constraints.
    #[serde(default)]
    pub prices: ConstraintPrices,
    /// With capacities: the one site that serves each client; else empty (everyone goes to the nearest).
    #[serde(default)]
    pub assignment: Vec<Option<SiteIx>>,
    /// Class of each client in the multipliers of `tree`; `None`: multiplier 0.
    #[serde(default)]
    pub class_of: Vec<Option<u32>>,
    /// Sites that `multipliers` settle before the tree begins (true: open).
    #[serde(default)]
    pub settled: Vec<(SiteIx, bool)>,
    /// Cuts whose multipliers the nodes of the tree carry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<Cut>,
    /// Branch-and-bound tree that proves the bound where one multiplier vector does not; the root is first.
    #[serde(default)]
    pub tree: Vec<ProofNode>,
    /// p-median and cover, then nearest: the tree speaks of answers below this alone, where that is less than the objective.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<u64>,
    /// LSCP: a bound by regions beside that of the multipliers; the larger one counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regions: Option<Regions>,
    /// SHA-256 over the rest, so that a damaged file is told from a wrong proof.
    #[serde(default)]
    pub seal: String,
}

impl Certificate {
    /// The hash that belongs into `seal`.
    ///
    /// # Errors
    /// The certificate cannot be written as JSON.
    pub fn seal_of_rest(&self) -> Outcome<String> {
        let rest = Certificate { seal: String::new(), ..self.clone() };
        let text = serde_json::to_vec(&rest).map_err(|e| {
            Fault::refused(format!("证书无法写出：{e}。"), format!("the certificate cannot be written: {e}."))
        })?;
        Ok(sha256_hex(&text))
    }
}

/// A cut as the combination of rows that it is: each class (a row of the instance once sites are settled) has a multiplier; coefficients and
/// right side of the sum are rounded up, which whole sites still satisfy (Chvátal 1973).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// Class and numerator of its multiplier.
    pub rows: Vec<(u32, u32)>,
    /// Denominator of all multipliers.
    pub denominator: u32,
}

/// A bound of LSCP put together from regions: the cost of each site is shared out among them, so what the regions cost
/// at least, each by itself, adds up to what all cost at least.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Regions {
    /// Sites that need not open, each with one that stands in for it: that one reaches every client of any region whom it reaches.
    #[serde(default)]
    pub instead: Vec<(SiteIx, SiteIx)>,
    /// The regions.
    pub parts: Vec<Region>,
}

/// One region and the search that proves what it costs at least.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Region {
    /// Clients of whom each has to be covered: the classes of its multipliers and cuts, in this order.
    pub clients: Vec<ClientIx>,
    /// What sites cost here, in ten-thousandths of an outlet; sites not named cost nothing.
    pub costs: Vec<(SiteIx, i64)>,
    /// The search looked for a cost below this (ten-thousandths); so the region proves no more.
    pub goal: i64,
    /// Cuts whose multipliers the nodes carry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<Cut>,
    /// The search, root first; multipliers are millionths of ten-thousandths, missing ones nought.
    pub tree: Vec<ProofNode>,
}

/// Non-negative multipliers of constraints that join sites or clients, in millionths.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ConstraintPrices {
    /// Per fen of the budget.
    #[serde(default)]
    pub budget: i64,
    /// Per unit of demand of the cover target (LSCP with a share below all).
    #[serde(default)]
    pub share: i64,
    /// Per outlet missing from the minimum of each group.
    #[serde(default)]
    pub group_outlets: Vec<i64>,
    /// Per unit of demand missing from the minimum of each group.
    #[serde(default)]
    pub group_cover: Vec<i64>,
}

/// A node of a proof tree: closed by its own multipliers, or settled further and split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProofNode {
    /// One multiplier a class, in millionths.
    pub multipliers: Vec<i64>,
    /// Multipliers of the constraints.
    #[serde(default)]
    pub prices: ConstraintPrices,
    /// One multiplier a cut, in millionths; fewer: the others are nought.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cut_prices: Vec<i64>,
    /// Sites settled here (true: open), because these multipliers prove the other choice no better.
    pub settled: Vec<(SiteIx, bool)>,
    /// The site whose two choices make the children.
    pub branch: Option<Branch>,
    /// The client whose choices of site make the children (with capacities).
    #[serde(default)]
    pub split: Option<Split>,
    /// The one node that goes on with the same sites, where no choice is left.
    pub then: Option<usize>,
}

/// The two children of a proof node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch {
    /// The site branched on.
    pub site: SiteIx,
    /// Position of the child where it is open.
    pub open: usize,
    /// Position of the child where it is closed.
    pub closed: usize,
}

/// The children of a proof node, one a site that may serve the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// The client.
    pub client: ClientIx,
    /// Site (`None`: left unserved) and position of the child.
    pub children: Vec<(Option<SiteIx>, usize)>,
}

fn one() -> u32 {
    1
}

fn all() -> u32 {
    1_000_000
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
