//! Which outlets open: the county's travel table as a siting problem, and its answer back in the county's rows.

use crate::base::{ClientIx, Outcome, Progress, SiteIx};
use crate::plan::{PlanOptions, SitingSummary};
use crate::roster::County;
use crate::siting::{
    Certificate, CurvePoint, Model, Pair, SitingAnswer, SitingProblem, StopRule, curve, solve,
};
use crate::travel::TravelTable;

/// Open outlets with their proof.
#[derive(Debug, Clone)]
pub struct OpenOutlets {
    /// Open sites, ascending.
    pub open: Vec<SiteIx>,
    /// For plan.json.
    pub summary: SitingSummary,
    /// The proof; its clients are rows of [`OpenOutlets::demand`].
    pub certificate: Certificate,
    /// The problem the certificate speaks of.
    pub problem: SitingProblem,
    /// County row of each client of the problem.
    pub demand: Vec<ClientIx>,
    /// Coverage against number of outlets.
    pub curve: Vec<CurvePoint>,
    /// Steps taken.
    pub steps: u64,
}

/// Points of the curve beyond the number of outlets chosen.
const CURVE_BEYOND: u32 = 4;
/// The longest curve drawn.
const CURVE_MOST: u32 = 40;
const CURVE_STEPS: u64 = 4_000;

/// Chooses the outlets: the fewest for all who can be reached, or most demand with N of them.
///
/// # Errors
/// N is smaller than the number of existing outlets or larger than the number of sites.
pub fn open_outlets(
    county: &County,
    times: &TravelTable,
    owed: &[u32],
    options: &PlanOptions,
    limit: crate::base::Ticks,
    progress: &dyn Progress,
) -> Outcome<OpenOutlets> {
    let demand: Vec<ClientIx> =
        (0..county.clients.len()).filter(|c| owed[*c] > 0).map(ClientIx::of).collect();
    let problem = problem(county, times, owed, &demand, limit);
    let model = match options.outlets {
        None => Model::Lscp { backup: 1, share_millionths: 1_000_000 },
        Some(p) => Model::Mclp { p },
    };
    let stop = StopRule { seed: options.seed, ..StopRule::default() };
    let answer = solve(&problem, model, &stop, progress)?;
    let chosen = u32::try_from(answer.open.len()).unwrap_or(u32::MAX);
    let most = (chosen + CURVE_BEYOND).min(problem.sites).min(CURVE_MOST);
    let least = u32::try_from(problem.fixed.len()).unwrap_or(u32::MAX);
    let curve = match most {
        0 => Vec::new(),
        most if most < least.max(1) => Vec::new(),
        most => curve(&problem, most, &StopRule { steps: CURVE_STEPS, gap_pct: 0.5, ..stop }, progress)?,
    };
    Ok(OpenOutlets {
        summary: summary(&answer, model),
        open: answer.open,
        certificate: answer.certificate,
        steps: answer.steps,
        problem,
        demand,
        curve,
    })
}

fn problem(
    county: &County,
    times: &TravelTable,
    owed: &[u32],
    demand: &[ClientIx],
    limit: crate::base::Ticks,
) -> SitingProblem {
    let mut pairs = Vec::new();
    for (row, client) in demand.iter().enumerate() {
        for site in 0..county.sites.len() {
            if let Some(t) = times.get(site, client.at()).filter(|t| *t <= limit) {
                pairs.push(Pair {
                    client: ClientIx::of(row),
                    site: SiteIx::of(site),
                    travel: t.seconds_up(),
                });
            }
        }
    }
    let fixed =
        county.sites.iter().enumerate().filter(|(_, s)| s.existing).map(|(i, _)| SiteIx::of(i)).collect();
    SitingProblem {
        sites: u32::try_from(county.sites.len()).unwrap_or(u32::MAX),
        weights: demand.iter().map(|c| u64::from(owed[c.at()])).collect(),
        pairs,
        fixed,
        ..SitingProblem::default()
    }
}

fn summary(answer: &SitingAnswer, model: Model) -> SitingSummary {
    let model = if matches!(model, Model::Lscp { .. }) { "lscp" } else { "mclp" };
    SitingSummary {
        model: model.into(),
        objective: answer.objective as f64,
        bound: answer.bound,
        gap_pct: answer.gap_pct,
        proven: answer.proven,
    }
}
