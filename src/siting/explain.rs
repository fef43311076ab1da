//! Why an answer is what it is, told by solving the problem again with one thing changed.

use super::answer::SitingAnswer;
use super::solve::{covered_weight, nearest, solve};
use super::{Group, Model, SitingProblem, StopRule};
use crate::base::{ClientIx, Fault, Outcome, Progress, Seconds, SiteIx};

/// The objective after a change.
#[derive(Debug, Clone, PartialEq)]
pub struct Without {
    /// Objective found.
    pub objective: u64,
    /// Its bound.
    pub bound: f64,
    /// Objective after the change less objective before, in units of the objective.
    pub difference: i64,
}

/// A client who is not served.
#[derive(Debug, Clone, PartialEq)]
pub struct Missed {
    /// The client.
    pub client: ClientIx,
    /// Nearest site that could serve them, and its travel time; `None`: nobody reaches them.
    pub nearest: Option<(SiteIx, Seconds)>,
    /// The answer that must cover them; `None` where it was not asked or there is none.
    pub if_covered: Option<Without>,
}

/// What stands behind an answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Explanation {
    /// Clients not served.
    pub missed: Vec<Missed>,
    /// The closed site that would cover most more demand, and how much.
    pub best_addition: Option<(SiteIx, u64)>,
    /// Open sites without which the objective is provably worse.
    pub essential: Vec<SiteIx>,
    /// Open sites of which neither this nor its opposite was proved.
    pub undecided: Vec<SiteIx>,
    /// Up to five other open sets, best first, each without at least one site of the answer.
    pub alternatives: Vec<(Vec<SiteIx>, u64)>,
    /// For each fixed site, the answer if it need not stay.
    pub fixed: Vec<(SiteIx, Option<Without>)>,
    /// For each group, the answer without its minimums.
    pub groups: Vec<(String, Option<Without>)>,
}

/// Missed clients whose cover is priced.
const PRICED: usize = 10;
/// Alternatives told.
const ALTERNATIVES: usize = 5;

/// Explains `answer` to `problem` under `model`; each change is solved with `stop`.
///
/// # Errors
/// The person cancelled, or the model is cover_nearest, whose two objectives one change may shift at once. A change that leaves no answer is told as `None`.
pub fn explain(
    problem: &SitingProblem,
    model: Model,
    answer: &SitingAnswer,
    stop: &StopRule,
    progress: &dyn Progress,
) -> Outcome<Explanation> {
    if matches!(model, Model::CoverNearest { .. }) {
        return Err(Fault::usage(
            "解释不用于 cover_nearest；请对 mclp 求解释。",
            "an explanation is not told for cover_nearest; ask for that of mclp.",
        ));
    }
    let counts_covered = matches!(model, Model::Mclp { .. });
    let is_partial = matches!(model, Model::Lscp { share_millionths, .. } if share_millionths < 1_000_000);
    let ask = |changed: &SitingProblem| -> Outcome<Option<SitingAnswer>> {
        if progress.is_cancelled() {
            return Err(Fault::cancelled());
        }
        Ok(solve(changed, model, stop, progress).ok())
    };
    let mut told = Explanation { best_addition: best_addition(problem, answer), ..Explanation::default() };
    for &site in answer.open.iter().filter(|s| !problem.fixed.contains(s)) {
        let mut changed = problem.clone();
        changed.forbidden.push(site);
        // Clients whom only this site reaches must not drop out of the comparison.
        match ask(&changed)? {
            Some(other) if !counts_covered && other.unreachable.len() > answer.unreachable.len() => {
                if is_partial {
                    told.undecided.push(site)
                } else {
                    told.essential.push(site)
                }
            }
            Some(other) => {
                if is_worse(model, other.bound, answer.objective) {
                    told.essential.push(site);
                } else if other.objective != answer.objective {
                    told.undecided.push(site);
                }
                told.alternatives.push((other.open, other.objective));
            }
            None => told.essential.push(site),
        }
    }
    rank(model, &mut told.alternatives);
    for &site in &problem.fixed {
        let mut changed = problem.clone();
        changed.fixed.retain(|s| *s != site);
        told.fixed.push((site, ask(&changed)?.map(|a| without(answer, &a))));
    }
    for at in 0..problem.groups.len() {
        let mut changed = problem.clone();
        let group = changed.groups.remove(at);
        told.groups.push((group.name, ask(&changed)?.map(|a| without(answer, &a))));
    }
    told.missed = missed(problem, answer);
    for missed in told.missed.iter_mut().filter(|m| m.nearest.is_some()).take(PRICED) {
        let mut changed = problem.clone();
        changed.groups.push(Group {
            name: "this client".into(),
            sites: Vec::new(),
            clients: vec![missed.client],
            least_outlets: 0,
            least_covered: problem.weights[missed.client.at()],
        });
        missed.if_covered = ask(&changed)?.map(|a| without(answer, &a));
    }
    Ok(told)
}

fn without(answer: &SitingAnswer, other: &SitingAnswer) -> Without {
    let signed = |v: u64| i64::try_from(v).unwrap_or(i64::MAX);
    let difference = signed(other.objective) - signed(answer.objective);
    Without { objective: other.objective, bound: other.bound, difference }
}

/// `bound` proves that nothing as good as `objective` is left.
fn is_worse(model: Model, bound: f64, objective: u64) -> bool {
    if matches!(model, Model::Mclp { .. }) { bound < objective as f64 } else { bound > objective as f64 }
}

/// Best first, no set twice.
fn rank(model: Model, alternatives: &mut Vec<(Vec<SiteIx>, u64)>) {
    let more = matches!(model, Model::Mclp { .. });
    alternatives.sort_by(|a, b| if more { b.1.cmp(&a.1) } else { a.1.cmp(&b.1) }.then_with(|| a.0.cmp(&b.0)));
    alternatives.dedup();
    alternatives.truncate(ALTERNATIVES);
}

fn missed(problem: &SitingProblem, answer: &SitingAnswer) -> Vec<Missed> {
    let usable: Vec<SiteIx> =
        (0..problem.sites).map(SiteIx).filter(|s| !problem.forbidden.contains(s)).collect();
    let near = nearest(problem, &usable);
    let lacking = (0..near.len()).filter(|&c| answer.assignment[c].is_none());
    lacking.map(|c| Missed { client: ClientIx::of(c), nearest: near[c], if_covered: None }).collect()
}

/// The closed site that covers most of the demand not yet covered, capacities aside.
fn best_addition(problem: &SitingProblem, answer: &SitingAnswer) -> Option<(SiteIx, u64)> {
    let before = covered_weight(problem, &answer.assignment);
    let mut adds = vec![0u64; problem.sites as usize];
    for pair in problem.pairs.iter().filter(|p| answer.assignment[p.client.at()].is_none()) {
        adds[pair.site.at()] += problem.weights[pair.client.at()];
    }
    let closed = (0..problem.sites).map(SiteIx);
    let closed = closed.filter(|s| !problem.forbidden.contains(s) && !answer.open.contains(s));
    let best = closed.max_by_key(|s| (adds[s.at()], std::cmp::Reverse(*s)))?;
    (adds[best.at()] > 0 && before > 0).then(|| (best, adds[best.at()]))
}
