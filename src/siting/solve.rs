//! One door for every model: check, build, search, and put the proof beside the answer.

use super::answer::{Certificate, ConstraintPrices, SitingAnswer};
use super::branch_and_bound::Tree;
use super::instance::{Instance, State};
use super::{Model, SitingProblem, StopRule, checks, constrained, covering, location, pcentre, proof};
use crate::base::{ClientIx, Fault, Outcome, Progress, Seconds, SiteIx};

/// Solves one model.
///
/// # Errors
/// The problem is malformed (see [`SitingProblem`]) or contradicts itself; the sentence says by how much.
pub fn solve(
    problem: &SitingProblem,
    model: Model,
    stop: &StopRule,
    progress: &dyn Progress,
) -> Outcome<SitingAnswer> {
    checks::check(problem, model)?;
    let mut answer = search(problem, model, stop, progress)?;
    answer.certificate.seal = answer.certificate.seal_of_rest()?;
    Ok(answer)
}

fn search(
    problem: &SitingProblem,
    model: Model,
    stop: &StopRule,
    progress: &dyn Progress,
) -> Outcome<SitingAnswer> {
    if constrained::applies(problem, model) {
        return constrained::solve(problem, model, stop, progress);
    }
    match model {
        Model::Lscp { .. } => {
            let instance = Instance::build(problem, model);
            let (tree, root) = covering::fewest(&instance, None, stop, progress);
            Ok(from_tree(problem, model, &instance, tree, &root))
        }
        Model::Mclp { .. } | Model::PMedian { .. } | Model::CoverNearest { .. } => {
            let instance = Instance::build(problem, model);
            let root = match model {
                Model::CoverNearest { p } => {
                    let (warm, prices) = most_covered(problem, &instance, p, stop, progress);
                    location::root(&instance, &warm, Some(&prices), stop)
                }
                _ => location::root(&instance, &[], None, stop),
            };
            let tree = location::finish(&instance, &root, stop, progress);
            if tree.cost >= instance.penalty && matches!(model, Model::PMedian { .. }) {
                return Err(unserved(problem, &tree));
            }
            Ok(from_tree(problem, model, &instance, tree, &root.dual.multipliers))
        }
        Model::PCentre { p } => centre(problem, p, stop, progress),
    }
}

/// The first wish by itself: sites that cover most, from which the nearest are looked for, and what their proof says of the rows of
/// `instance`, where a unit left uncovered costs the penalty.
fn most_covered(
    problem: &SitingProblem,
    instance: &Instance,
    p: u32,
    stop: &StopRule,
    progress: &dyn Progress,
) -> (Vec<u32>, Vec<i64>) {
    let cover = Instance::build(problem, Model::Mclp { p });
    let first = StopRule { steps: stop.steps / 4, ..*stop };
    let root = location::root(&cover, &[], None, &first);
    let mut prices = vec![0; instance.row_count()];
    let of_clients = proof::to_clients(&cover, &root.dual.multipliers);
    for (row, price) in instance.row_of.iter().zip(of_clients) {
        row.iter().for_each(|&r| prices[r as usize] = price.saturating_mul(instance.penalty));
    }
    (location::finish(&cover, &root, &first, progress).best.unwrap_or(root.open), prices)
}

fn unserved(problem: &SitingProblem, tree: &Tree) -> Fault {
    let open: Vec<SiteIx> = sites(tree.best.as_deref().unwrap_or_default());
    let assigned = nearest(problem, &open);
    let missed = assigned.iter().filter(|a| a.is_none()).count() - unreachable(problem).len();
    let p = open.len();
    Fault::refused(
        format!("{p} 个网点不能到达所有可及的服务对象，目前最好的方案还漏 {missed} 人；请增加 p。"),
        format!(
            "{p} outlets do not reach everybody who can be reached: the best found misses {missed} clients; raise p."
        ),
    )
}

fn centre(
    problem: &SitingProblem,
    p: u32,
    stop: &StopRule,
    progress: &dyn Progress,
) -> Outcome<SitingAnswer> {
    let found = pcentre::least_radius(problem, p, stop, progress)?;
    let usable = Instance::build_within(problem, Model::PCentre { p }, false, u32::MAX);
    let open = sites(&fill(&usable.state, found.open, p as usize));
    let assignment = nearest(problem, &open);
    let bound = i128::from(found.bound);
    let mut told = answer(problem, Model::PCentre { p }, &usable, open, assignment, bound, found.steps);
    let certificate = &mut told.certificate;
    certificate.radius = found.refuted.radius.filter(|r| u64::from(r.0) < told.objective);
    certificate.multipliers = found.refuted.multipliers;
    certificate.multipliers.resize(problem.weights.len(), 0);
    if certificate.radius.is_some() {
        certificate.class_of = found.refuted.class_of;
        certificate.cuts = found.refuted.cuts;
        certificate.tree = found.refuted.tree;
    }
    Ok(told)
}

/// The answer a finished or interrupted tree stands for.
pub(super) fn from_tree(
    problem: &SitingProblem,
    model: Model,
    instance: &Instance,
    tree: Tree,
    root: &[i64],
) -> SitingAnswer {
    let best = tree.best.clone().unwrap_or_default();
    let open = sites(&instance.p.map_or(best.clone(), |p| fill(&instance.state, best, p)));
    let assignment = nearest(problem, &open);
    let mut told = answer(problem, model, instance, open, assignment, tree.bound, tree.steps);
    told.certificate.multipliers = proof::to_clients(instance, root);
    told.certificate.regions = tree.regions.clone();
    attach_tree(&mut told.certificate, instance, tree);
    told
}

/// The answer that opens `open` and serves `assignment`, bounded by `bound` (cost; p-centre: seconds), without its proof.
pub(super) fn answer(
    problem: &SitingProblem,
    model: Model,
    instance: &Instance,
    open: Vec<SiteIx>,
    assignment: Vec<Option<(SiteIx, Seconds)>>,
    bound: i128,
    steps: u64,
) -> SitingAnswer {
    let each = || assignment.iter().zip(&problem.weights);
    let far = || each().map(|(a, w)| a.map_or(0, |a| u64::from(a.1.0)) * w).sum::<u64>();
    let total: i64 = instance.weight.iter().sum();
    let (name, p, objective, bound) = match model {
        Model::Mclp { p } => {
            let covered = covered_weight(problem, &assignment);
            let most = u64::try_from(i128::from(total) - bound).unwrap_or(0);
            ("mclp", Some(p), covered, most.max(covered))
        }
        Model::Lscp { .. } => ("lscp", None, open.len() as u64, lower(bound, open.len() as u64)),
        Model::PMedian { p } => ("pmedian", Some(p), far(), lower(bound, far())),
        Model::CoverNearest { p } => {
            let uncovered = total.unsigned_abs() - covered_weight(problem, &assignment);
            let cost = uncovered * instance.penalty.unsigned_abs() + far();
            ("cover_nearest", Some(p), cost, lower(bound, cost))
        }
        Model::PCentre { p } => {
            let worst = assignment.iter().flatten().map(|a| u64::from(a.1.0)).max().unwrap_or(0);
            ("pcenter", Some(p), worst, lower(bound, worst))
        }
    };
    let mut certificate = empty_certificate(name, p, open.clone(), objective, bound);
    if let Model::Lscp { backup, share_millionths } = model {
        (certificate.backup, certificate.share_millionths) = (backup, share_millionths);
    }
    SitingAnswer {
        open,
        assignment,
        unreachable: unreachable(problem),
        objective,
        bound: bound as f64,
        gap_pct: gap_pct(objective, bound as f64),
        proven: bound == objective,
        steps,
        certificate,
    }
}

/// A tree without nodes leaves the multipliers to prove what they do.
pub(super) fn attach_tree(certificate: &mut Certificate, instance: &Instance, tree: Tree) {
    if !tree.nodes.is_empty() {
        certificate.class_of = proof::classes_of_tree(instance, &tree);
        certificate.cuts = proof::halves(&tree.cuts);
        (certificate.settled, certificate.tree) = (tree.settled, tree.nodes);
    }
}

fn empty_certificate(
    model: &str,
    p: Option<u32>,
    open: Vec<SiteIx>,
    objective: u64,
    bound: u64,
) -> Certificate {
    Certificate {
        model: model.into(),
        p,
        open,
        objective,
        bound,
        multipliers: Vec::new(),
        backup: 1,
        share_millionths: 1_000_000,
        radius: None,
        prices: ConstraintPrices::default(),
        class_of: Vec::new(),
        settled: Vec::new(),
        cuts: Vec::new(),
        tree: Vec::new(),
        assignment: Vec::new(),
        goal: None,
        regions: None,
        seal: String::new(),
    }
}

fn lower(bound: i128, objective: u64) -> u64 {
    u64::try_from(bound).unwrap_or(0).min(objective)
}

pub(super) fn sites(open: &[u32]) -> Vec<SiteIx> {
    open.iter().map(|&s| SiteIx(s)).collect()
}

/// Opens forced sites, then the first usable ones until `p` are open: more outlets never make an answer worse.
pub(super) fn fill(state: &[State], mut open: Vec<u32>, p: usize) -> Vec<u32> {
    let forced = (0..state.len() as u32).filter(|&s| state[s as usize] == State::Open);
    open.extend(forced);
    open.sort_unstable();
    open.dedup();
    for s in (0..state.len() as u32).filter(|&s| state[s as usize] != State::Closed) {
        if open.len() < p && !open.contains(&s) {
            open.push(s);
        }
    }
    open.sort_unstable();
    open
}

/// 100 |bound - objective| / objective.
pub(super) fn gap_pct(objective: u64, bound: f64) -> f64 {
    let apart = (bound - objective as f64).abs();
    if apart == 0.0 { 0.0 } else { 100.0 * apart / (objective as f64).max(1.0) }
}

/// Nearest open site of each client; of equals the lowest number.
pub(super) fn nearest(problem: &SitingProblem, open: &[SiteIx]) -> Vec<Option<(SiteIx, Seconds)>> {
    let mut is_open = vec![false; problem.sites as usize];
    open.iter().for_each(|s| is_open[s.at()] = true);
    let mut nearest: Vec<Option<(SiteIx, Seconds)>> = vec![None; problem.weights.len()];
    for pair in problem.pairs.iter().filter(|p| is_open[p.site.at()]) {
        let known = &mut nearest[pair.client.at()];
        if known.is_none_or(|(site, time)| (pair.travel, pair.site) < (time, site)) {
            *known = Some((pair.site, pair.travel));
        }
    }
    nearest
}

/// Demand weight of the assigned clients.
pub(super) fn covered_weight(problem: &SitingProblem, assignment: &[Option<(SiteIx, Seconds)>]) -> u64 {
    assignment.iter().zip(&problem.weights).filter(|(a, _)| a.is_some()).map(|(_, w)| w).sum()
}

/// Clients whom no permitted site reaches.
fn unreachable(problem: &SitingProblem) -> Vec<ClientIx> {
    let mut usable = vec![true; problem.sites as usize];
    problem.forbidden.iter().for_each(|s| usable[s.at()] = false);
    let mut reached = vec![false; problem.weights.len()];
    problem.pairs.iter().filter(|p| usable[p.site.at()]).for_each(|p| reached[p.client.at()] = true);
    (0..reached.len()).filter(|&c| !reached[c]).map(ClientIx::of).collect()
}
