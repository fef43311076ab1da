//! Which outlets open: the county's travel table as a siting problem, and its answer back in the county's rows.

use crate::base::{ClientIx, Fault, Outcome, Progress, SiteIx};
use crate::plan::{PlanOptions, SitingSummary};
use crate::roster::{County, Policy};
use crate::siting::{
    Certificate, CurvePoint, Model, Pair, SitingAnswer, SitingProblem, StopRule, curve, solve, weigh,
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

/// The longest curve drawn; it ends where all who can be reached are covered.
const CURVE_MOST: u32 = 150;
/// Steps to find where the curve ends, when a number of outlets was asked for.
const NEED_STEPS: u64 = 2_000;
const CURVE_STEPS: u64 = 4_000;

/// Chooses the outlets: the fewest for all who can be reached, or most demand with N of them. Those that a person chose
/// are proven against the most demand that as many could cover.
///
/// # Errors
/// N is smaller than the number of existing outlets or larger than the number of sites.
pub fn open_outlets(
    county: &County,
    times: &TravelTable,
    owed: &[u32],
    chosen: Option<&[SiteIx]>,
    options: &PlanOptions,
    policy: &Policy,
    progress: &dyn Progress,
) -> Outcome<OpenOutlets> {
    let demand: Vec<ClientIx> =
        (0..county.clients.len()).filter(|c| owed[*c] > 0).map(ClientIx::of).collect();
    let problem = problem(county, times, owed, &demand, policy);
    let stop = StopRule { seed: options.seed, ..StopRule::default() };
    let model = match (chosen.map(<[_]>::len), options.outlets) {
        (None, None) => Model::Lscp { backup: 1, share_millionths: 1_000_000 },
        (None, Some(p)) => Model::Mclp { p },
        (Some(p), _) => Model::Mclp { p: u32::try_from(p).unwrap_or(u32::MAX) },
    };
    let answer = match chosen {
        None => solve(&problem, model, &stop, progress)?,
        Some(open) => weigh(&problem, open, &stop, progress)?,
    };
    let opened = u32::try_from(answer.open.len()).unwrap_or(u32::MAX);
    let need = match model {
        Model::Lscp { .. } => opened,
        _ => need(&problem, &stop, progress)?,
    };
    let curve = curve_to(&problem, need.max(opened), &stop, progress)?;
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

/// The outlets of a plan in force stay open. Its proof stays too, unless people joined or moved: then the same outlets are proven anew
/// as so many of the candidates, against the most demand that as many could cover.
///
/// # Errors
/// certificate.json of the plan is missing or damaged, or the person cancelled.
#[allow(clippy::too_many_arguments)] // two callers; a struct would only rename these
pub fn kept_outlets(
    dir: &std::path::Path,
    plan: &crate::plan::Plan,
    county: &County,
    times: &TravelTable,
    owed: &[u32],
    policy: &Policy,
    same_people: bool,
    progress: &dyn Progress,
) -> Outcome<OpenOutlets> {
    let open: Vec<SiteIx> = plan.outlets.iter().map(|o| o.site).collect();
    let demand: Vec<ClientIx> =
        (0..county.clients.len()).filter(|c| owed[*c] > 0).map(ClientIx::of).collect();
    let problem = problem(county, times, owed, &demand, policy);
    let (summary, certificate, steps) = if same_people {
        let path = dir.join("certificate.json");
        let text = std::fs::read_to_string(&path).map_err(|e| Fault::file(&path, &e))?;
        let certificate = serde_json::from_str(&text).map_err(|e| {
            let p = path.display();
            Fault::refused(format!("{p}：内容损坏（{e}）。"), format!("{p}: the file is damaged ({e})."))
        })?;
        (plan.summary.siting.clone(), certificate, 0)
    } else {
        let answer = weigh(&problem, &open, &StopRule::default(), progress)?;
        let model = Model::Mclp { p: u32::try_from(open.len()).unwrap_or(u32::MAX) };
        (summary(&answer, model), answer.certificate, answer.steps)
    };
    Ok(OpenOutlets { open, summary, certificate, problem, demand, curve: plan.curve.clone(), steps })
}

/// About how many outlets cover all who can be reached.
fn need(problem: &SitingProblem, stop: &StopRule, progress: &dyn Progress) -> Outcome<u32> {
    let all = Model::Lscp { backup: 1, share_millionths: 1_000_000 };
    let quick = StopRule { steps: NEED_STEPS, gap_pct: 5.0, ..*stop };
    let fewest = solve(problem, all, &quick, progress)?;
    Ok(u32::try_from(fewest.open.len()).unwrap_or(u32::MAX))
}

/// Coverage against number of outlets.
fn curve_to(
    problem: &SitingProblem,
    most: u32,
    stop: &StopRule,
    progress: &dyn Progress,
) -> Outcome<Vec<CurvePoint>> {
    let most = most.min(problem.sites).min(CURVE_MOST);
    let least = u32::try_from(problem.fixed.len()).unwrap_or(u32::MAX);
    if most == 0 || most < least.max(1) {
        return Ok(Vec::new());
    }
    curve(problem, most, &StopRule { steps: CURVE_STEPS, gap_pct: 0.0, ..*stop }, progress)
}

fn problem(
    county: &County,
    times: &TravelTable,
    owed: &[u32],
    demand: &[ClientIx],
    policy: &Policy,
) -> SitingProblem {
    let mut pairs = Vec::new();
    for (row, client) in demand.iter().enumerate() {
        for site in 0..county.sites.len() {
            if let Some(t) = times.get(site, client.at()).filter(|t| *t <= policy.limit) {
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
    let weight = |c: &ClientIx| policy.weight_by.weight(owed[c.at()], county.clients[c.at()].service);
    SitingProblem {
        sites: u32::try_from(county.sites.len()).unwrap_or(u32::MAX),
        weights: demand.iter().map(weight).collect(),
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
