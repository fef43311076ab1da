//! One node of branch and bound: its best prices, what they settle, and what is left to decide. Nodes of one batch are looked at
//! side by side, so a node sees the incumbent and the experience from before its batch.

use super::exact::{self, MILLION, Prices};
use super::fixing::settle;
use super::gains::{Gain, Gains, fractional, promising_site};
use super::hinge_saddle::{Start, saddle_point};
use super::instance::{Instance, State};
use super::lagrangian::{Climb, Dual, climb};
use super::linear_relaxation::{DUAL_PIVOTS, Simplex, Vertex};
use super::relaxation::Relaxation;
use super::saddle::Steps;
use super::swaps::Placement;
use crate::base::SiteIx;
use std::sync::Arc;

/// A node still to be looked at.
pub(super) struct Pending {
    /// Basis of the parent's relaxation.
    pub(super) vertex: Option<Arc<Vertex>>,
    /// What was branched on.
    pub(super) guess: Option<Guess>,
    /// What is decided.
    pub(super) state: Vec<State>,
    /// Prices of the parent.
    pub(super) prices: Arc<Prices>,
    /// Fractions of the parent, where nodes are priced by steps towards a saddle point.
    pub(super) warm: Option<Arc<Warm>>,
    /// Bound inherited from above.
    pub(super) bound: i128,
    /// Proof node and side (open?) that wait for this node's number.
    pub(super) parent: Option<(usize, bool)>,
}

/// Where steps towards a saddle point go on.
#[derive(Debug, Clone)]
pub(super) struct Warm {
    /// Fraction of each site.
    pub(super) share: Vec<f64>,
    /// How far prices move for fractions; `None`: as the point itself suggests.
    pub(super) weight: Option<f64>,
}

/// The best prices of a node and what came with them.
struct Priced<'a> {
    value: exact::DualValue,
    prices: Arc<Prices>,
    /// Fraction of each site in the relaxation.
    share: Vec<f64>,
    simplex: Option<Simplex<'a>>,
    /// See [`Warm`].
    weight: Option<f64>,
    steps: u64,
}

/// A branch, to learn what such a branch gains.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guess {
    site: u32,
    open: bool,
    /// Fraction moved.
    moved: f64,
    /// The parent's bound.
    before: f64,
}

/// What a node knows of the search.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) instance: &'a Instance,
    /// The linear relaxation, where the instance suits it.
    pub(super) relaxation: Option<&'a Relaxation>,
    /// Best open set.
    pub(super) best: Option<&'a [u32]>,
    /// Its cost.
    pub(super) cost: i64,
    pub(super) gains: &'a Gains,
    /// All answers below the cost are wanted, so that none becomes the incumbent.
    pub(super) wants_all: bool,
}

/// What has become of a node.
pub(super) struct Expanded {
    /// Its prices.
    pub(super) prices: Arc<Prices>,
    /// Sites they settle.
    pub(super) settled: Vec<(SiteIx, bool)>,
    /// Steps taken.
    pub(super) steps: u64,
    /// Gains seen.
    pub(super) gains: Vec<Gain>,
    /// An answer better than the incumbent, and its cost.
    pub(super) answer: Option<(Vec<u32>, i64)>,
    /// What is left.
    pub(super) rest: Rest,
}

impl Expanded {
    /// A node that `prices` close.
    fn closed(prices: Arc<Prices>, steps: u64) -> Expanded {
        let (settled, gains) = (Vec::new(), Vec::new());
        Expanded { prices, settled, steps, gains, answer: None, rest: Rest::Closed }
    }
}

/// What is left of a node.
pub(super) enum Rest {
    /// Nothing: its prices close it.
    Closed,
    /// No choice: these open sites, prices that tell their exact value, and what the prices prove.
    Decided(Vec<u32>, Vec<i64>, i128),
    /// Two choices for a site: the likelier one last.
    Split(u32, [Pending; 2]),
}

/// Most steps towards a saddle point at a node.
const NODE_STEPS: u64 = 400;
/// They are enough once the two sides are apart by this share of what the bound lacks of the incumbent.
const NODE_GAP: f64 = 0.1;
/// Sites without experience that are tried at a node.
const TRIED: usize = 8;
/// Pivots of one trial.
const TRIAL_PIVOTS: u64 = 25;
/// Entries of a program whose sites are tried.
const TRIAL_ENTRIES: usize = 100_000;

impl<'a> Context<'a> {
    fn value(&self, state: &[State], prices: &Prices) -> exact::DualValue {
        let cuts = self.relaxation.map_or(&[][..], |r| r.program.cuts());
        exact::evaluate_with(self.instance, state, cuts, &prices.rows, &prices.cuts)
    }

    /// `value` proves that no answer below the incumbent is left.
    fn closes(&self, value: &exact::DualValue) -> bool {
        value.whole() >= i128::from(self.cost)
    }

    /// Looks at `node`.
    pub(super) fn expand(self, mut node: Pending) -> Expanded {
        if let Some(rows) = self.dead_end(&node.state) {
            return Expanded::closed(Arc::new(Prices { rows, cuts: Vec::new() }), 0);
        }
        let inherited = self.value(&node.state, &node.prices);
        if self.closes(&inherited) {
            return Expanded::closed(node.prices, 0);
        }
        let mut priced = self.price(&node);
        if inherited.bound > priced.value.bound {
            (priced.value, priced.prices) = (inherited, node.prices.clone());
        }
        let mut gains = self.gain_of(&node, priced.value.bound);
        if self.closes(&priced.value) {
            return Expanded { gains, ..Expanded::closed(priced.prices, priced.steps) };
        }
        let settled = settle(&mut node.state, &priced.value, self.instance.p, self.cost);
        let answer = if self.wants_all { None } else { self.try_primal(&node.state, &priced) };
        let below = Context { cost: answer.as_ref().map_or(self.cost, |a| a.1), ..self };
        let (site, seen, pivots) = below.branching(&node.state, &priced);
        gains.extend(seen);
        let rest = match site {
            None => below.decided(&node.state),
            Some(site) => Rest::Split(site, split(&node, &priced, site)),
        };
        Expanded { prices: priced.prices, settled, steps: priced.steps + pivots, gains, answer, rest }
    }

    /// The site to branch on (`None`: no choice is left), and what trials of sites gained in how many pivots.
    fn branching(&self, state: &[State], priced: &Priced<'a>) -> (Option<u32>, Vec<Gain>, u64) {
        let forced = state.iter().filter(|s| **s == State::Open).count();
        if self.instance.p.is_some_and(|p| forced >= p) {
            return (None, Vec::new(), 0);
        }
        let (seen, pivots) = self.try_sites(state, priced);
        let mut gains = self.gains.clone();
        gains.book(&seen);
        (promising_site(&gains, state, &priced.share, &priced.value.reduced), seen, pivots)
    }

    /// The end of a branch on which nothing is left to choose.
    fn decided(&self, state: &[State]) -> Rest {
        let rows = self.dead_end(state).unwrap_or_else(|| self.leaf_prices(state));
        let proved = exact::evaluate(self.instance, state, &rows).whole();
        let open = (0..state.len() as u32).filter(|&s| state[s as usize] == State::Open);
        Rest::Decided(open.collect(), rows, proved)
    }

    /// Prices that prove there is no answer below: a row without enough sites left.
    fn dead_end(&self, state: &[State]) -> Option<Vec<i64>> {
        if self.instance.cap.is_some() {
            return None;
        }
        let left = |r: usize| {
            self.instance.rows.of(r).iter().filter(|e| state[e.0 as usize] != State::Closed).count()
        };
        let row = (0..self.instance.row_count()).find(|&r| left(r) < self.instance.need[r] as usize)?;
        let mut prices = vec![0; self.instance.row_count()];
        prices[row] = self.cost.saturating_add(1).saturating_mul(MILLION);
        Some(prices)
    }

    /// The best prices at a node: the optimum of the linear relaxation where the instance suits it, else near it with distances, else
    /// those of a climb.
    fn price(&self, node: &Pending) -> Priced<'a> {
        if let Some((prices, simplex, steps)) = self.relax(node) {
            let (share, value) = (simplex.share(), self.value(&node.state, &prices));
            let prices = Arc::new(prices);
            return Priced { value, prices, share, simplex: Some(simplex), weight: None, steps };
        }
        let (dual, weight) =
            if self.instance.has_distances() { self.approach(node) } else { (self.climb_from(node), None) };
        let prices = Arc::new(Prices { rows: dual.multipliers, cuts: Vec::new() });
        Priced { value: dual.value, prices, share: dual.share, simplex: None, weight, steps: dual.steps }
    }

    /// Steps towards the saddle point of the relaxation, from the parent's.
    fn approach(&self, node: &Pending) -> (Dual, Option<f64>) {
        let (instance, state) = (self.instance, &node.state);
        let known = node.warm.as_ref();
        let share = known.map(|w| w.share.clone()).filter(|s| s.len() == instance.site_count());
        let start = Start {
            x: share.unwrap_or_else(|| vec![0.0; instance.site_count()]),
            prices: node.prices.rows.iter().map(|&y| y as f64 / MILLION as f64).collect(),
            weight: known.and_then(|w| w.weight),
        };
        let rule = Steps { most: NODE_STEPS, target: self.cost, accuracy: 1e-10, of_gap: NODE_GAP };
        let found = saddle_point(instance, state, start, 0.9, rule);
        let multipliers: Vec<i64> = found.y.iter().map(|y| (y * MILLION as f64).round() as i64).collect();
        let value = exact::evaluate(instance, state, &multipliers);
        (Dual { multipliers, value, share: found.x, steps: found.steps }, Some(found.weight))
    }

    fn relax(&self, node: &Pending) -> Option<(Prices, Simplex<'a>, u64)> {
        let relaxation = self.relaxation?;
        let program = &relaxation.program;
        let (mut simplex, prices, steps);
        if let Some(vertex) = &node.vertex {
            simplex = Simplex::at(program, &node.state, vertex);
            let value = node.guess.map_or(f64::NEG_INFINITY, |g| g.before);
            (prices, steps) =
                simplex.continue_with(&node.state, value, self.cost as f64 - 0.9, DUAL_PIVOTS)?;
        } else {
            simplex = Simplex::new(program, &node.state, &corner(self.instance, &node.state, self.best))?;
            (prices, steps) = simplex.optimise(20_000)?;
        }
        Some((relaxation.prices(prices), simplex, steps))
    }

    /// What the branch that led to `node` gained.
    fn gain_of(&self, node: &Pending, bound: i128) -> Vec<Gain> {
        let gained = |g: Guess| (g.site, g.open, self.gain(g.before, bound, g.moved));
        node.guess.map(gained).into_iter().collect()
    }

    fn gain(&self, before: f64, now: i128, moved: f64) -> f64 {
        let now = (now as f64 / MILLION as f64).min(self.cost as f64);
        (now - before).max(0.0) / moved.max(0.05)
    }

    /// Tries both sides of the least decided sites nobody has experience with, for a few pivots (reliability branching;
    /// Achterberg, Koch, Martin 2005).
    fn try_sites(&self, state: &[State], priced: &Priced<'a>) -> (Vec<Gain>, u64) {
        let (mut gains, mut pivots) = (Vec::new(), 0);
        let small = priced.simplex.as_ref().filter(|simplex| simplex.entry_count() <= TRIAL_ENTRIES);
        let Some((relaxation, simplex)) = self.relaxation.zip(small) else { return (gains, pivots) };
        let share = &priced.share;
        let mut sites: Vec<u32> = fractional(state, share).filter(|&s| !self.gains.seen(s)).collect();
        let doubt = |s: &u32| (share[*s as usize] - 0.5).abs();
        sites.sort_by(|a, b| doubt(a).total_cmp(&doubt(b)).then(a.cmp(b)));
        let before = priced.value.bound as f64 / MILLION as f64;
        for &site in sites.iter().take(TRIED) {
            for open in [false, true] {
                let (mut trial, mut below) = (simplex.clone(), state.to_vec());
                below[site as usize] = if open { State::Open } else { State::Closed };
                let enough = self.cost as f64 - 0.9;
                let Some((prices, steps)) = trial.continue_with(&below, before, enough, TRIAL_PIVOTS) else {
                    continue;
                };
                pivots += steps;
                let now = self.value(&below, &relaxation.prices(prices)).bound;
                let moved = if open { 1.0 - share[site as usize] } else { share[site as usize] };
                gains.push((site, open, self.gain(before, now, moved)));
            }
        }
        (gains, pivots)
    }

    fn climb_from(&self, node: &Pending) -> Dual {
        let start: Vec<f64> = node.prices.rows.iter().map(|&p| p as f64 / MILLION as f64).collect();
        let root = node.guess.is_none();
        let rule = Climb {
            iterations: if root { 300 } else { 120 },
            target: self.cost,
            agility: if root { 0.3 } else { 0.4 },
            patience: if root { 12 } else { 7 },
        };
        climb(self.instance, &node.state, &start, rule, &mut |_, _| rule.target)
    }

    /// Forced sites and those with the largest share in the relaxation.
    fn likely_set(&self, state: &[State], priced: &Priced) -> Vec<u32> {
        let share = &priced.share;
        let Some(p) = self.instance.p.filter(|_| !share.is_empty()) else {
            return priced.value.chosen.clone();
        };
        let sites = || 0..state.len() as u32;
        let mut set: Vec<u32> = sites().filter(|&s| state[s as usize] == State::Open).collect();
        let mut free: Vec<u32> = sites().filter(|&s| state[s as usize] == State::Free).collect();
        free.sort_by(|&a, &b| share[b as usize].total_cmp(&share[a as usize]).then(a.cmp(&b)));
        set.extend(free.into_iter().take(p.saturating_sub(set.len())));
        set
    }

    /// The relaxation's own set as an answer, where it is one and better.
    fn try_primal(&self, state: &[State], priced: &Priced) -> Option<(Vec<u32>, i64)> {
        let (instance, chosen) = (self.instance, self.likely_set(state, priced));
        let (open, cost) = match instance.p {
            Some(p) => {
                let mut placement = super::greedy::lazy_greedy(instance, state, &chosen, p);
                placement.descend(state);
                (placement.sorted(), placement.cost)
            }
            None => {
                let open = super::covering::complete_and_prune(instance, state, &chosen);
                let cost = open.iter().map(|&s| instance.cost_of(s as usize)).sum();
                (open, cost)
            }
        };
        (cost < self.cost && covers(instance, &open)).then_some((open, cost))
    }

    /// Exact prices where nothing is left to choose: each row earns the distance to its nearest open site.
    fn leaf_prices(&self, state: &[State]) -> Vec<i64> {
        let chosen: Vec<u32> =
            (0..state.len() as u32).filter(|&s| state[s as usize] == State::Open).collect();
        let placement = Placement::new(self.instance, state, &chosen);
        (0..self.instance.row_count()).map(|r| placement.distance(r).saturating_mul(MILLION)).collect()
    }
}

/// The two choices for `site` at a node, the likelier one last.
fn split(node: &Pending, priced: &Priced, site: u32) -> [Pending; 2] {
    let vertex = priced.simplex.as_ref().map(|s| Arc::new(s.vertex()));
    let bound = priced.value.whole().max(node.bound);
    let warm = priced.weight.map(|w| Arc::new(Warm { share: priced.share.clone(), weight: Some(w) }));
    let share = priced.share.get(site as usize).copied().unwrap_or(0.5);
    let child = |open: bool| {
        let mut state = node.state.clone();
        state[site as usize] = if open { State::Open } else { State::Closed };
        let moved = if open { 1.0 - share } else { share };
        let before = priced.value.bound as f64 / MILLION as f64;
        Pending {
            vertex: vertex.clone(),
            guess: Some(Guess { site, open, moved, before }),
            state,
            prices: priced.prices.clone(),
            warm: warm.clone(),
            bound,
            parent: None,
        }
    };
    let likely = share > 0.5;
    [child(!likely), child(likely)]
}

/// Free sites of a first vertex: those of `best`, then any, as many as may open.
pub(super) fn corner(instance: &Instance, state: &[State], best: Option<&[u32]>) -> Vec<u32> {
    let is_free = |s: &u32| state[*s as usize] == State::Free;
    let mut corner: Vec<u32> = best.unwrap_or_default().iter().copied().filter(is_free).collect();
    let Some(p) = instance.p else { return corner };
    let forced = state.iter().filter(|s| **s == State::Open).count();
    let room = p.saturating_sub(forced);
    for s in (0..state.len() as u32).filter(is_free) {
        if corner.len() < room && !corner.contains(&s) {
            corner.push(s);
        }
    }
    corner.truncate(room);
    corner
}

/// Where outlets are counted, the set must serve every row; elsewhere any set is an answer.
fn covers(instance: &Instance, open: &[u32]) -> bool {
    if instance.p.is_some() {
        return true;
    }
    let mut served = vec![0; instance.row_count()];
    for &s in open {
        instance.cols.of(s as usize).iter().for_each(|e| served[e.0 as usize] += 1);
    }
    served.iter().zip(&instance.need).all(|(served, need)| served >= need)
}
