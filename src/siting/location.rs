//! MCLP at the root, and the branch and bound of MCLP and p-median: one engine, distances 0/1 or seconds.

use super::StopRule;
use super::branch_and_bound::{Search, Tree};
use super::cells::{Cells, reach_of};
use super::compact::{Compact, compact};
use super::cover_saddle::saddle_point;
use super::exact;
use super::fixing::settle;
use super::greedy::lazy_greedy;
use super::instance::{Instance, State};
use super::lagrangian::{Climb, Dual, climb};
use super::linear_relaxation::Simplex;
use super::median;
use super::relaxation::Relaxation;
use super::saddle::Steps;
use super::sifting::sift;
use super::support::{Effort, among_support};
use super::swaps::Placement;
use crate::base::{Progress, SiteIx, SplitMix64};

/// Rounds of kicked swap search before the dual climb.
const KICKS: usize = 3;

/// Iterations of the dual climb before the promising sites are solved for themselves.
const CLIMB: u64 = 200;

/// Swap search where the relaxation opens sites.
const EFFORT: Effort = Effort { likely: 1e-4, exchanges: 1_000, kicks: 1_000, booked: 50_000_000 };

/// Below this many steps no tree is grown: a quick curve is content with the root's bounds.
const FEWEST_FOR_TREE: u64 = 1_000;

/// A placement, its prices and what was spent, ready for branch and bound or for the next p.
#[derive(Debug, Clone)]
pub(super) struct Root {
    /// Best open set, ascending.
    pub(super) open: Vec<u32>,
    /// Its cost.
    pub(super) cost: i64,
    /// Best prices at the root.
    pub(super) dual: Dual,
}

/// Local search and dual climb with `p` outlets, from `warm` sites and `prices` where there are some.
pub(super) fn root(instance: &Instance, warm: &[u32], prices: Option<&[i64]>, stop: &StopRule) -> Root {
    if instance.has_distances() {
        return median::root(instance, warm, prices, stop);
    }
    let p = instance.p.unwrap_or(0);
    let state = &instance.state;
    let mut best = lazy_greedy(instance, state, warm, p);
    let mut moves = best.descend(state);
    let mut random = SplitMix64::new(stop.seed);
    for _ in 0..KICKS {
        let mut trial = best.clone();
        trial.kick(state, 2.max(p / 12), &mut random);
        moves += trial.descend(state);
        if trial.cost < best.cost {
            best = trial;
        }
    }
    let start = match prices {
        Some(prices) => prices.iter().map(|&y| y as f64 / exact::MILLION as f64).collect(),
        None => start_prices(&best),
    };
    let fits = instance.suits_sifting() && stop.steps >= FEWEST_FOR_TREE;
    let (target, first) = (best.cost, best.sorted());
    let mut tried: Vec<Vec<u32>> = Vec::new();
    let mut better = |chosen: &[u32]| {
        let mut set = chosen.to_vec();
        set.sort_unstable();
        if tried.contains(&set) {
            return best.cost;
        }
        tried.push(set);
        let mut trial = lazy_greedy(instance, state, chosen, p);
        moves += trial.descend(state);
        if trial.cost < best.cost {
            best = trial;
        }
        best.cost
    };
    let dual = if fits {
        climb_from(instance, &start, CLIMB.min(stop.steps), target, &mut better)
    } else {
        let rule = Steps { most: stop.steps, target, accuracy: 1e-5, of_gap: 0.0 };
        saddle_point(instance, state, &first, &start, rule, &mut |x| {
            let mut order: Vec<u32> = (0..x.len() as u32).filter(|&s| x[s as usize] > 0.01).collect();
            order.sort_by(|&a, &b| x[b as usize].total_cmp(&x[a as usize]).then(a.cmp(&b)));
            order.truncate(p);
            better(&order)
        })
    };
    let mut dual = Dual { steps: dual.steps + moves, ..dual };
    if fits
        && dual.value.whole() < i128::from(best.cost)
        && let Some(relaxed) = sift(instance, &best.sorted(), best.cost, &dual)
    {
        dual.steps += relaxed.steps;
        let known = (&best.sorted()[..], best.cost);
        let found = among_support(instance, known, &relaxed.share, EFFORT, &mut random, &|_| true);
        dual.steps += found.exchanges;
        if found.cost < best.cost {
            best = Placement::new(instance, state, &found.open);
        }
        if relaxed.value.bound > dual.value.bound {
            (dual.multipliers, dual.value) = (relaxed.multipliers, relaxed.value);
        }
    }
    Root { open: best.sorted(), cost: best.cost, dual }
}

/// Climbs from `start` and returns the best prices. `better` tries a set as an answer and tells the cost of the best one.
fn climb_from(
    instance: &Instance,
    start: &[f64],
    iterations: u64,
    target: i64,
    better: &mut dyn FnMut(&[u32]) -> i64,
) -> Dual {
    let rule = Climb { iterations, target, agility: 0.8, patience: 10 };
    let (mut known, mut next_try) = (target, 10);
    climb(instance, &instance.state, start, rule, &mut |iteration, chosen| {
        if iteration >= next_try {
            // A descent costs as much as dozens of iterations.
            next_try = iteration * 2 + 20;
            known = better(chosen);
        }
        known
    })
}

/// Each row is priced half-way between its nearest and second nearest open site (Cornuéjols; Hanjoul and Peeters).
fn start_prices(placement: &Placement<'_>) -> Vec<f64> {
    let price = |r: usize| (placement.distance(r) as f64 + placement.second_distance(r) as f64) / 2.0;
    (0..placement.rows()).map(price).collect()
}

/// Closes the gap of `root` by branch and bound; with few steps the root's own bound stands.
pub(super) fn finish(instance: &Instance, root: &Root, stop: &StopRule, progress: &dyn Progress) -> Tree {
    if stop.steps < FEWEST_FOR_TREE {
        let bound = root.dual.value.whole().min(i128::from(root.cost));
        return Tree::bare(Some(root.open.clone()), root.cost, bound, root.dual.steps);
    }
    let apart = 100.0 * (i128::from(root.cost) - root.dual.value.whole()) as f64;
    if instance.has_distances() && apart <= stop.gap_pct * root.cost as f64 {
        let bound = root.dual.value.whole().min(i128::from(root.cost));
        return Tree::bare(Some(root.open.clone()), root.cost, bound, root.dual.steps);
    }
    let (root, settled, small) = narrowed(instance, root, stop);
    grow(instance, &root, settled, small, stop, false, progress)
}

/// All open sets of `cost`, which no set falls below, as the ends of a tree that proves there are no others; `prices` (millionths, one
/// a row) are the best known. `None` where steps run out, the sets are too many or rows
/// have no distances.
pub(super) fn all_of_cost(
    instance: &Instance,
    prices: Vec<i64>,
    cost: i64,
    stop: &StopRule,
    progress: &dyn Progress,
) -> Option<Tree> {
    if !instance.has_distances() {
        return None;
    }
    let value = exact::evaluate(instance, &instance.state, &prices);
    let mut state = instance.state.clone();
    let settled = settle(&mut state, &value, instance.p, cost + 1);
    let small = compact(instance, &state);
    let dual = Dual { multipliers: prices, value, share: Vec::new(), steps: 0 };
    let root = Root { open: Vec::new(), cost: cost + 1, dual };
    let tree = grow(instance, &root, settled, small, stop, true, progress);
    Some(tree).filter(|tree| !tree.ends.is_empty())
}

/// The tree over what is left of `instance` at the root; `wants_all`: all answers below the root's cost are wanted.
fn grow(
    instance: &Instance,
    root: &Root,
    settled: Vec<(SiteIx, bool)>,
    small: Compact,
    stop: &StopRule,
    wants_all: bool,
    progress: &dyn Progress,
) -> Tree {
    let prices = small.prices(instance, &root.dual.multipliers);
    let value = exact::evaluate(&small.instance, &small.instance.state, &prices);
    let share = if root.dual.share.is_empty() { Vec::new() } else { small.pick(&root.dual.share) };
    let dual = Dual { multipliers: prices, value, share, steps: root.dual.steps };
    let (relaxation, spent) = relaxation(&small.instance, &dual.multipliers, &small.local(&root.open));
    if relaxation.is_none() && instance.suits_sifting() {
        // Without a basis to go on from, nodes gain less on the root's optimum than they cost.
        let bound = root.dual.value.whole().min(i128::from(root.cost));
        return Tree::bare(Some(root.open.clone()), root.cost, bound, dual.steps);
    }
    let dual = Dual { steps: dual.steps + spent, ..dual };
    let best = Some(small.local(&root.open)).filter(|b| b.len() == root.open.len());
    let best = best.or_else(|| Some(Vec::new()));
    let covers = !instance.has_distances();
    let total = covers.then(|| instance.weight.iter().sum());
    let search = Search::new(&small.instance, relaxation, best, root.cost, &dual, stop.steps);
    let search = if wants_all { search.for_all() } else { search };
    let mut tree = search.run(stop.gap_pct, total, progress);
    tree.renumber(&small.site_of);
    if tree.cost == root.cost {
        tree.best = Some(root.open.clone());
    }
    (tree.settled, tree.class) = (settled, Some(small.class));
    tree
}

/// Settles what the root's prices settle and searches what is left, which is quick; a better answer settles more.
fn narrowed(instance: &Instance, root: &Root, stop: &StopRule) -> (Root, Vec<(SiteIx, bool)>, Compact) {
    let (mut root, mut random) = (root.clone(), SplitMix64::new(stop.seed.wrapping_add(2)));
    loop {
        let mut state = instance.state.clone();
        let settled = settle(&mut state, &root.dual.value, instance.p, root.cost);
        let small = compact(instance, &state);
        let rounds = (POLISH / (small.instance.rows.entry_count() as u64 + 1)).clamp(4, 100);
        let local = small.local(&root.open);
        let closed = root.dual.value.whole() >= i128::from(root.cost);
        if closed || instance.has_distances() || local.len() < root.open.len() {
            return (root, settled, small);
        }
        let states = &small.instance.state;
        let mut best = Placement::new(&small.instance, states, &local);
        for round in 0..rounds {
            let mut trial = best.clone();
            trial.kick(states, 2 + (round % 3) as usize, &mut random);
            root.dual.steps += trial.descend(states);
            if trial.cost < best.cost {
                best = trial;
            }
        }
        if best.cost >= root.cost {
            return (root, settled, small);
        }
        root.cost = best.cost;
        root.open = best.sorted().iter().map(|&s| small.site_of[s as usize]).collect();
    }
}

/// Entries looked at in all rounds of search over what is left.
const POLISH: u64 = 20_000_000;

/// Rows of the linear relaxation; with distances, levels are added until the fractions need no more.
fn relaxation(small: &Instance, prices: &[i64], open: &[u32]) -> (Option<Relaxation>, u64) {
    let mut reach = reach_of(prices);
    let mut spent = 0;
    let mut known = Cells::build(small, &reach).map(|cells| Relaxation::plain(cells, None));
    if !small.has_distances() {
        return (known, 0);
    }
    let mut start: Vec<u32> =
        open.iter().copied().filter(|&s| small.state[s as usize] == State::Free).collect();
    start.truncate(small.p.unwrap_or(0).saturating_sub(small.forced()));
    for _ in 0..ROUNDS {
        let Some(relaxation) = &mut known else { break };
        let Some(mut simplex) = Simplex::new(&relaxation.program, &small.state, &start) else { break };
        let Some((_, steps)) = simplex.optimise(20_000) else { break };
        spent += steps;
        let (share, vertex) = (simplex.share(), simplex.vertex());
        relaxation.vertex = Some(vertex);
        if !relaxation.cells.extend(small, &share, &mut reach) {
            break;
        }
        // Where more levels are too many, those at hand still bound.
        let Some(cells) = Cells::build(small, &reach) else { break };
        known = Some(Relaxation::plain(cells, None));
    }
    (known, spent)
}

/// Most times that levels are added at the root.
const ROUNDS: usize = 6;
