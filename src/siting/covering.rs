//! LSCP: the fewest outlets for all who can be reached.

use super::branch_and_bound::{Search, Tree};
use super::cells::Cells;
use super::cover_saddle::saddle_point;
use super::dominance::{core, undominated_rows};
use super::instance::{Instance, State};
use super::lagrangian::Dual;
use super::linear_relaxation::{Program, Simplex};
use super::relaxation::Relaxation;
use super::saddle::Steps;
use super::{StopRule, regions, row_weighting, windows};
use crate::base::{ClientIx, Progress};

/// Steps of the row-weighting search for each candidate site; the proof usually stops it earlier.
const EXCHANGES: u64 = 200;
/// Covers of more sites than this are searched window by window.
const WINDOWED: usize = 400;
/// Exchanges in windows for each site of the cover.
const EACH: u64 = 5_000;
/// Sites that cost more than this net of what they earn, in millionths of an outlet, are left out then.
const DEAR: i128 = 50_000;
/// Sites of one region, about, and the most steps in one, where one tree would be too large.
const REGION: usize = 220;
/// See `REGION`.
const REGION_STEPS: u64 = 20_000;
/// Where this part of the steps gains no more than one outlet, the regions get no more.
const GLANCE: u64 = 30;

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
    let plain = enough.is_none() && core.need.iter().all(|&need| need == 1);
    // The fewest are looked for twice as long as any cover of a given size.
    let patience = if enough.is_some() { 1 } else { 2 };
    let exchanges = (EXCHANGES * patience * core.site_count() as u64)
        .clamp(20_000, 3_000_000)
        .min(stop.steps.saturating_mul(1_000));
    let floor = enough.unwrap_or(0);
    let (mut open, mut spent) = row_weighting::cover(&core, floor, exchanges / 20, stop.seed);
    let attained = |open: &[u32]| enough.is_some_and(|p| open.len() as u64 <= p);
    spent /= 30;
    if attained(&open) {
        return (Tree::attained(open, spent), vec![0; rows]);
    }
    let target = enough.map_or(open.len() as i64, |p| p as i64 + 1);
    let mut dual = relaxed(&core, &open).unwrap_or_else(|| {
        let rule =
            Steps { most: 10_000.min(stop.steps.saturating_mul(4)), target, accuracy: 3e-6, of_gap: 0.0 };
        saddle_point(&core, &core.state, &open, &start_prices(&core), rule, &mut |_| target)
    });
    let core_prices = std::mem::take(&mut dual.multipliers);
    dual.multipliers = spread(&core_prices, &core_rows, keep.len());
    dual.value = super::exact::evaluate(&reduced, &reduced.state, &dual.multipliers);
    if dual.value.whole() < i128::from(target) {
        let floor = floor.max(u64::try_from(dual.value.whole()).unwrap_or(0));
        let again = stop.seed.wrapping_add(1);
        let (second, steps) = if plain && !core.suits_simplex() {
            among_likely(&core, &open, &core_prices, floor, exchanges, again)
        } else {
            row_weighting::cover(&core, floor, exchanges, again)
        };
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
    let relaxation = Cells::build(&reduced, &[]).map(|cells| Relaxation::plain(cells, None));
    if plain && relaxation.is_none() {
        let core = Core { whole: &reduced, instance: &core, rows: &core_rows };
        let client_of = core.clients(instance, &keep);
        return (core.by_regions(open, &dual, &core_prices, &client_of, stop, progress), root);
    }
    let (best, cost) = match enough {
        Some(p) => (None, p as i64 + 1),
        None => (Some(open.clone()), open.len() as i64),
    };
    let mut tree =
        Search::new(&reduced, relaxation, best, cost, &dual, stop.steps).run(stop.gap_pct, None, progress);
    let mut class = vec![None; rows];
    keep.iter().enumerate().for_each(|(new, &r)| class[r as usize] = Some(new as u32));
    tree.class = Some(class);
    (tree, root)
}

/// A cover of the core by exchanges, a large one soon window by window, among the sites that the prices of the
/// relaxation leave likely (the core problem of Caprara, Fischetti, Toth 1999); and the exchanges.
fn among_likely(
    instance: &Instance,
    open: &[u32],
    prices: &[i64],
    floor: u64,
    exchanges: u64,
    seed: u64,
) -> (Vec<u32>, u64) {
    let reduced = super::exact::evaluate(instance, &instance.state, prices).reduced;
    let mut likely = instance.clone();
    for (s, state) in likely.state.iter_mut().enumerate() {
        if *state == State::Free && reduced[s] > DEAR && open.binary_search(&(s as u32)).is_err() {
            *state = State::Closed;
        }
    }
    let (likely, _) = core(&likely.without_closed());
    if open.len() <= WINDOWED {
        return row_weighting::cover(&likely, floor, exchanges, seed);
    }
    let (first, steps) = row_weighting::cover(&likely, floor, exchanges / 10, seed);
    let (best, more) =
        windows::improve(&likely, &first, floor, (exchanges * 2).min(EACH * open.len() as u64), seed);
    (best, steps + more)
}

/// What dominance leaves of an instance.
pub(super) struct Core<'a> {
    /// All rows but the dominated ones.
    pub(super) whole: &'a Instance,
    /// What is left of it.
    pub(super) instance: &'a Instance,
    /// Row of `whole` of each row.
    pub(super) rows: &'a [u32],
}

impl Core<'_> {
    /// A client of each row; `keep`: the rows of `instance` that `whole` has.
    pub(super) fn clients(&self, instance: &Instance, keep: &[u32]) -> Vec<ClientIx> {
        let mut first = vec![0; instance.row_count()];
        for (client, row) in instance.row_of.iter().enumerate().rev() {
            row.iter().for_each(|&r| first[r as usize] = client);
        }
        self.rows.iter().map(|&r| ClientIx::of(first[keep[r as usize] as usize])).collect()
    }

    /// The cover `open` with a bound by regions, where the relaxation leaves more than the gap asked.
    fn by_regions(
        &self,
        open: Vec<u32>,
        dual: &Dual,
        prices: &[i64],
        client_of: &[ClientIx],
        stop: &StopRule,
        progress: &dyn Progress,
    ) -> Tree {
        let cost = open.len() as i64;
        let bound = dual.value.whole().min(i128::from(cost));
        if 100.0 * (i128::from(cost) - bound) as f64 <= stop.gap_pct * cost as f64 {
            return Tree::bare(Some(open), cost, bound, dual.steps);
        }
        let free = self.instance.state.iter().filter(|s| **s != State::Closed).count();
        let size = (REGION * open.len() / free.max(1)).max(4);
        let bounded = |steps: u64| {
            let rule = regions::Rule { size, steps };
            regions::bound(self.instance, client_of, &open, prices, rule, progress)
        };
        let steps = stop.steps.saturating_mul(4).min(REGION_STEPS);
        let mut found = bounded(steps / GLANCE);
        let mut spent = dual.steps + found.steps;
        if found.bound > bound + 1 {
            found = bounded(steps);
            spent += found.steps;
        }
        found.proof.instead = regions::stand_ins(self.whole, self.instance, self.rows);
        let better = found.bound.min(i128::from(cost)) > bound;
        let bound = bound.max(found.bound.min(i128::from(cost)));
        let mut tree = Tree::bare(Some(open), cost, bound, spent);
        tree.regions = better.then_some(found.proof);
        tree
    }
}

/// Prices at the optimum of the linear relaxation, where the instance suits the simplex.
pub(super) fn relaxed(reduced: &Instance, open: &[u32]) -> Option<Dual> {
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
