//! From a constrained problem to its answer, or to the sentence that says why there is none.

use super::case::Case;
use super::placement::Opening;
use super::search::{Found, Goal, run};
use crate::base::{Fault, Outcome, Progress, Seconds, SiteIx};
use crate::siting::answer::SitingAnswer;
use crate::siting::greedy::lazy_greedy;
use crate::siting::pcentre::distinct_times;
use crate::siting::solve::{answer, fill, nearest, sites};
use crate::siting::{Model, SitingProblem, StopRule, covering, proof};

/// Whether `problem` under `model` has constraints that join sites or clients.
pub(crate) fn applies(problem: &SitingProblem, model: Model) -> bool {
    let partial = matches!(model, Model::Lscp { share_millionths, .. } if share_millionths < 1_000_000);
    let asks = |g: &crate::siting::Group| g.least_outlets > 0 || g.least_covered > 0;
    partial || problem.budget.is_some() || !problem.capacities.is_empty() || problem.groups.iter().any(asks)
}

/// Solves a constrained problem.
///
/// # Errors
/// No plan satisfies the constraints (how much is missing), or none was found within the steps.
pub(crate) fn solve(
    problem: &SitingProblem,
    model: Model,
    stop: &StopRule,
    progress: &dyn Progress,
) -> Outcome<SitingAnswer> {
    solve_from(problem, model, &[], stop, progress)
}

/// As [`solve`], with the sites `warm` as the first guess where there are some.
///
/// # Errors
/// As [`solve`].
pub(crate) fn solve_from(
    problem: &SitingProblem,
    model: Model,
    warm: &[u32],
    stop: &StopRule,
    progress: &dyn Progress,
) -> Outcome<SitingAnswer> {
    if let Model::PCentre { p } = model {
        return centre(problem, p, stop, progress);
    }
    let case = Case::build(problem, model, u32::MAX);
    let ceiling = match model {
        Model::Lscp { .. } => case.instance.site_count() as i64,
        Model::Mclp { .. } => case.total,
        _ => case.instance.penalty.saturating_mul(case.base.map_or(1, |_| case.total + 1)),
    };
    let first = if warm.is_empty() { start(&case) } else { warm.to_vec() };
    let found = run(&case, &first, goal(stop, ceiling.saturating_add(1), false), progress);
    let Some(best) = found.best.clone() else {
        return Err(none_found(problem, model, &case, &found, progress));
    };
    Ok(put_together(problem, model, &case, best, found))
}

fn goal(stop: &StopRule, below: i64, any: bool) -> Goal {
    Goal { below, any, steps: stop.steps, gap_pct: stop.gap_pct, seed: stop.seed }
}

/// Sites that answer the problem without its constraints, as a first guess.
fn start(case: &Case) -> Vec<u32> {
    let (instance, state) = (&case.instance, &case.instance.state);
    match instance.p {
        Some(p) => {
            let mut placement = lazy_greedy(instance, state, &[], p);
            placement.descend(state);
            placement.sorted()
        }
        None if case.slack.is_some() => Vec::new(),
        None => covering::complete_and_prune(instance, state, &[]),
    }
}

fn put_together(
    problem: &SitingProblem,
    model: Model,
    case: &Case,
    best: Opening,
    found: Found,
) -> SitingAnswer {
    let open = opened(problem, case, case.instance.p, best.open);
    let assignment = assigned(problem, case, &open, &best.site);
    let mut told = answer(problem, model, &case.instance, open, assignment, found.bound, found.steps);
    told.certificate.tree = found.nodes;
    told.certificate.class_of = proof::classes_by_unit(&case.instance, by_weight(case));
    begin_certificate(problem, &mut told);
    told
}

/// The sites of an answer: where `p` are asked for and none of them costs anything, as many.
fn opened(problem: &SitingProblem, case: &Case, p: Option<usize>, open: Vec<u32>) -> Vec<SiteIx> {
    match p.filter(|_| problem.budget.is_none()) {
        Some(p) => sites(&fill(&case.instance.state, open, p)),
        None => sites(&open),
    }
}

/// What every certificate under constraints begins with: no multipliers but those of its tree, and with capacities who is
/// served from where.
fn begin_certificate(problem: &SitingProblem, told: &mut SitingAnswer) {
    told.certificate.multipliers = vec![0; problem.weights.len()];
    if !problem.capacities.is_empty() {
        told.certificate.assignment = told.assignment.iter().map(|a| a.map(|a| a.0)).collect();
    }
}

/// Multipliers are per unit of weight, so that every client of a row carries them.
fn by_weight(case: &Case) -> bool {
    case.instance.p.is_some() || case.slack.is_some() || !case.capacities.is_empty()
}

/// Who is served from where: the nearest open site, or the one assigned under capacities.
fn assigned(
    problem: &SitingProblem,
    case: &Case,
    open: &[SiteIx],
    site: &[u32],
) -> Vec<Option<(SiteIx, Seconds)>> {
    if problem.capacities.is_empty() {
        return nearest(problem, open);
    }
    let mut served = vec![None; problem.weights.len()];
    for pair in &problem.pairs {
        let row = case.instance.row_of[pair.client.at()];
        if row.is_some_and(|r| site[r as usize] == pair.site.0) {
            served[pair.client.at()] = Some((pair.site, pair.travel));
        }
    }
    served
}

/// p-centre by halving over the distinct travel times, each asked as a cover within the radius.
fn centre(
    problem: &SitingProblem,
    p: u32,
    stop: &StopRule,
    progress: &dyn Progress,
) -> Outcome<SitingAnswer> {
    let mut times = distinct_times(problem);
    if times.is_empty() {
        times.push(0);
    }
    let model = Model::PCentre { p };
    let Halving { best, refuted, undecided, proven, steps } = halve(problem, p, &times, stop, progress)?;
    let Some((case, opening)) = best else {
        let (case, found) = match (undecided, refuted) {
            (Some(last), _) => last,
            (None, Some((_, case, found))) => (case, found),
            (None, None) => return Err(Fault::cancelled()),
        };
        return Err(none_found(problem, model, &case, &found, progress));
    };
    let open = opened(problem, &case, Some(p as usize), opening.open);
    let assignment = assigned(problem, &case, &open, &opening.site);
    let bound = i128::from(times.get(proven).copied().unwrap_or(0));
    let mut told = answer(problem, model, &case.instance, open, assignment, bound, steps);
    begin_certificate(problem, &mut told);
    if let Some(refuted) = refuted.filter(|r| u64::from(r.0) < told.objective) {
        certify_radius(&mut told, refuted);
    }
    Ok(told)
}

/// What halving over the radii found.
#[derive(Default)]
struct Halving {
    /// The opening of least radius.
    best: Option<(Case, Opening)>,
    /// The largest radius that is proved too small, in seconds, and its proof.
    refuted: Option<(u32, Case, Found)>,
    /// The last radius for which there was neither an opening nor a proof.
    undecided: Option<(Case, Found)>,
    /// So many of the first radii are proved too small.
    proven: usize,
    steps: u64,
}

/// Halves over the radii `times`, ascending; the largest is asked first.
fn halve(
    problem: &SitingProblem,
    p: u32,
    times: &[u32],
    stop: &StopRule,
    progress: &dyn Progress,
) -> Outcome<Halving> {
    let cover = Model::Lscp { backup: 1, share_millionths: 1_000_000 };
    let whole = Case::build(problem, cover, u32::MAX);
    let (mut low, mut high, mut halving) = (0, times.len(), Halving::default());
    while low < high {
        if progress.is_cancelled() {
            return Err(Fault::cancelled());
        }
        let middle = if low == 0 && high == times.len() { high - 1 } else { usize::midpoint(low, high) };
        let case = Case::build(problem, cover, times[middle]);
        let lost = (0..problem.weights.len())
            .find(|&c| whole.instance.row_of[c].is_some() && case.instance.row_of[c].is_none());
        let found = match lost {
            Some(client) => Found::refuted_by(client, p),
            None => run(&case, &start(&case), goal(stop, i64::from(p) + 1, true), progress),
        };
        halving.steps += found.steps;
        if let Some(opening) = found.best {
            halving.best = Some((case, opening));
            high = middle;
            continue;
        }
        low = middle + 1;
        if found.finished {
            halving.proven = low;
            halving.refuted = Some((times[middle], case, found));
        } else {
            halving.undecided = Some((case, found));
        }
    }
    Ok(halving)
}

/// The proof that the radius `refuted` is too small.
fn certify_radius(told: &mut SitingAnswer, (radius, case, found): (u32, Case, Found)) {
    let certificate = &mut told.certificate;
    certificate.radius = Some(Seconds(radius));
    if found.nodes.is_empty() {
        found.alone.iter().zip(&mut certificate.multipliers).for_each(|(&y, own)| *own = y);
    } else {
        certificate.class_of = proof::classes_by_unit(&case.instance, by_weight(&case));
        certificate.tree = found.nodes;
    }
}

/// Why there is no answer, with the best partial one beside it where demand is above capacity.
fn none_found(
    problem: &SitingProblem,
    model: Model,
    case: &Case,
    found: &Found,
    progress: &dyn Progress,
) -> Fault {
    if let Some(fault) = over_capacity(problem, model, case, progress) {
        return fault;
    }
    let short = found.nearest.as_ref().map_or(0, |n| n.worth.0);
    if found.finished {
        return Fault::refused(
            format!(
                "没有任何网点组合能同时满足全部约束（已证明）；最接近的方案总短缺 {short}。请放宽预算、容量、下限或增加 p。"
            ),
            format!(
                "no set of outlets meets all constraints (proved); the nearest found misses them by {short} in all. \
                 Relax the budget, the capacities or a minimum, or raise p."
            ),
        );
    }
    Fault::refused(
        format!(
            "在 {} 步内没有找到满足全部约束的方案（未证明不存在）；最接近的短缺 {short}。请增加步数或放宽约束。",
            found.steps
        ),
        format!(
            "no set of outlets that meets all constraints was found in {} steps (none is proved impossible); the nearest \
             misses them by {short} in all. Allow more steps or relax a constraint.",
            found.steps
        ),
    )
}

/// Demand above the capacity of as many sites as may open: by how much, and the best partial answer.
fn over_capacity(
    problem: &SitingProblem,
    model: Model,
    case: &Case,
    progress: &dyn Progress,
) -> Option<Fault> {
    if problem.capacities.is_empty() || case.may_lack() {
        return None;
    }
    let mut usable: Vec<i64> = (0..case.capacities.len())
        .filter(|&s| case.instance.state[s] != crate::siting::instance::State::Closed)
        .map(|s| case.capacities[s])
        .collect();
    usable.sort_unstable_by(|a, b| b.cmp(a));
    let p = match model {
        Model::PMedian { p } | Model::PCentre { p } | Model::Mclp { p } | Model::CoverNearest { p } => {
            p as usize
        }
        Model::Lscp { .. } => usable.len(),
    };
    let capacity: i64 = usable.iter().take(p).sum();
    let short = case.total - capacity;
    if short <= 0 {
        return None;
    }
    let stop = StopRule { steps: 2_000, ..StopRule::default() };
    let p = u32::try_from(p).unwrap_or(u32::MAX);
    let partial = solve(problem, Model::Mclp { p }, &stop, progress).ok();
    let (served, open) = partial.map_or((0, 0), |a| (a.objective, a.open.len()));
    Some(Fault::refused(
        format!(
            "可及需求 {} 超出 {p} 个网点的总容量 {capacity}，差 {short}；最好的部分方案用 {open} 个网点服务 {served}（模型 mclp 给出名单）。",
            case.total
        ),
        format!(
            "the demand that can be reached, {}, is above the capacity of {p} outlets, {capacity}, by {short}; the best \
             partial answer found serves {served} with {open} outlets (the model mclp lists them).",
            case.total
        ),
    ))
}

impl Found {
    /// Within the radius nobody reaches this client: more than `p` sites would be needed, however many there are.
    fn refuted_by(client: usize, p: u32) -> Found {
        let mut alone = vec![0; client + 1];
        alone[client] = (i64::from(p) + 1) * crate::siting::exact::MILLION;
        Found { alone, finished: true, ..Found::default() }
    }
}
