//! LSCP: the fewest outlets for all who can be reached.

use super::branch_and_bound::{Search, Tree};
use super::cells::Cells;
use super::dominance::{core, undominated_rows};
use super::instance::{Instance, State};
use super::lagrangian::Dual;
use super::linear_relaxation::{Program, Simplex};
use super::relaxation::Relaxation;
use super::saddle::{Steps, saddle_point};
use super::{StopRule, row_weighting};
use crate::base::Progress;

/// Steps of the row-weighting search for each candidate site; the proof usually stops it earlier.
const EXCHANGES: u64 = 200;

/// Solves the set cover of `instance` (no cardinality) and returns the tree with the root multipliers, one a row.
/// With `enough`, any cover of at most that many sites will do, and otherwise a proof that none exists is sought: the
/// tree's cost is then `enough + 1` and its best set empty. Without it the best set is always a cover.
pub(super) fn fewest(
    instance: &Instance,
    enough: Option<u64>,
    stop: &StopRule,
    progress: &dyn Progress,
) -> (Tree, Vec<i64>) {
    let (keep, rows) = (undominated_rows(instance), instance.row_count());
    let reduced = instance.only_rows(&keep);
    let (core, core_rows) = core(&reduced);
    let every: Vec<u32> = (0..core_rows.len() as u32).collect();
    // The fewest are looked for twice as long as any cover of a given size.
    let patience = if enough.is_some() { 1 } else { 2 };
    let exchanges = (EXCHANGES * patience * core.site_count() as u64)
        .clamp(20_000, 3_000_000)
        .min(stop.steps.saturating_mul(1_000));
    let floor = enough.unwrap_or(0);
    let (mut open, mut spent) =
        row_weighting::cover(&core, &core.state, &every, floor, exchanges / 20, stop.seed);
    let attained = |open: &[u32]| enough.is_some_and(|p| open.len() as u64 <= p);
    spent /= 30;
    if attained(&open) {
        return (Tree::attained(open, spent), vec![0; rows]);
    }
    let target = enough.map_or(open.len() as i64, |p| p as i64 + 1);
    let mut dual = relaxed(&core, &open).unwrap_or_else(|| {
        let rule = Steps { most: 10_000.min(stop.steps.saturating_mul(4)), target, accuracy: 3e-6 };
        saddle_point(&core, &core.state, &open, &start_prices(&core), rule, &mut |_| target)
    });
    dual.multipliers = spread(&dual.multipliers, &core_rows, keep.len());
    dual.value = super::exact::evaluate(&reduced, &reduced.state, &dual.multipliers);
    if dual.value.whole() < i128::from(target) {
        let floor = floor.max(u64::try_from(dual.value.whole()).unwrap_or(0));
        let again = stop.seed.wrapping_add(1);
        let (second, steps) = row_weighting::cover(&core, &core.state, &every, floor, exchanges, again);
        spent += steps / 30;
        if second.len() < open.len() {
            open = second;
        }
        if attained(&open) {
            return (Tree::attained(open, spent + dual.steps), vec![0; rows]);
        }
    }
    dual.steps += spent;
    let root = spread(&dual.multipliers, &keep, rows);
    let (best, cost) = match enough {
        Some(p) => (None, p as i64 + 1),
        None => (Some(open.clone()), open.len() as i64),
    };
    let relaxation = Cells::build(&reduced, &[]).map(|cells| Relaxation::plain(cells, None));
    let mut tree =
        Search::new(&reduced, relaxation, best, cost, &dual, stop.steps).run(stop.gap_pct, None, progress);
    let mut class = vec![None; rows];
    keep.iter().enumerate().for_each(|(new, &r)| class[r as usize] = Some(new as u32));
    tree.class = Some(class);
    (tree, root)
}

/// Prices at the optimum of the linear relaxation, where the instance suits the simplex.
fn relaxed(reduced: &Instance, open: &[u32]) -> Option<Dual> {
    if !reduced.suits_simplex() {
        return None;
    }
    let program = Program::new(reduced, Vec::new());
    let mut simplex = Simplex::new(&program, &reduced.state, open)?;
    let (prices, steps) = simplex.optimise(20_000)?;
    let value = super::exact::evaluate(reduced, &reduced.state, &prices.rows);
    Some(Dual { multipliers: prices.rows, value, share: simplex.share(), steps })
}

/// Row values of a reduced instance on the rows of the whole one; the others get 0.
pub(super) fn spread(values: &[i64], keep: &[u32], rows: usize) -> Vec<i64> {
    let mut whole = vec![0; rows];
    keep.iter().zip(values).for_each(|(&r, &v)| whole[r as usize] = v);
    whole
}

/// Each row takes its share of the cost of the largest site that serves it.
fn start_prices(instance: &Instance) -> Vec<f64> {
    let size = |s: u32| instance.cols.of(s as usize).len();
    let best = |r: usize| instance.rows.of(r).iter().map(|e| size(e.0)).max().unwrap_or(1).max(1);
    (0..instance.row_count()).map(|r| 1.0 / best(r) as f64).collect()
}

/// Completes `chosen` to a cover with the free sites of `state`, then closes what is not needed.
/// The result is a cover wherever the free and open sites allow one.
pub(super) fn complete_and_prune(instance: &Instance, state: &[State], chosen: &[u32]) -> Vec<u32> {
    let mut open = vec![false; instance.site_count()];
    chosen.iter().for_each(|&s| open[s as usize] = true);
    let mut lack: Vec<i64> = instance.need.iter().map(|&k| i64::from(k)).collect();
    for &s in chosen {
        instance.cols.of(s as usize).iter().for_each(|e| lack[e.0 as usize] -= 1);
    }
    loop {
        let gain = |s: usize| instance.cols.of(s).iter().filter(|e| lack[e.0 as usize] > 0).count();
        let free = (0..open.len()).filter(|&s| !open[s] && state[s] == State::Free);
        let Some((most, site)) = free.map(|s| (gain(s), std::cmp::Reverse(s))).max() else { break };
        if most == 0 {
            break;
        }
        open[site.0] = true;
        instance.cols.of(site.0).iter().for_each(|e| lack[e.0 as usize] -= 1);
    }
    let mut order: Vec<usize> = (0..open.len()).filter(|&s| open[s] && state[s] != State::Open).collect();
    order.sort_by_key(|&s| (instance.cols.of(s).len(), s));
    for s in order {
        if instance.cols.of(s).iter().all(|e| lack[e.0 as usize] < 0) {
            open[s] = false;
            instance.cols.of(s).iter().for_each(|e| lack[e.0 as usize] += 1);
        }
    }
    (0..open.len() as u32).filter(|&s| open[s as usize]).collect()
}
