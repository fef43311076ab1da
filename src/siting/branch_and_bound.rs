//! Branch and bound with reduced-cost fixing. Every node keeps the multipliers that close it or settle its sites, so
//! the finished tree is its own proof.

use super::answer::{Branch, ConstraintPrices, ProofNode};
use super::cells::Cells;
use super::exact::{self, DualValue, MILLION};
use super::instance::{Instance, State};
use super::lagrangian::{Climb, Dual, climb};
use super::linear_relaxation::Simplex;
use super::swaps::Placement;
use crate::base::{Progress, SiteIx};
use std::rc::Rc;

/// What the search knows when it ends.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    /// Best open set, ascending; `None` while nothing feasible is known.
    pub(super) best: Option<Vec<u32>>,
    /// Its cost, or the cost that any answer must stay below.
    pub(super) cost: i64,
    /// Lower bound on the cost, whole units.
    pub(super) bound: i128,
    /// Proof nodes with row multipliers; ends that do not close bound with what they have.
    pub(super) nodes: Vec<ProofNode>,
    /// Sites that the root prices settle before the tree begins.
    pub(super) settled: Vec<(SiteIx, bool)>,
    /// Class of each row in the multipliers of the nodes; `None`: the rows themselves.
    pub(super) class: Option<Vec<Option<u32>>>,
    /// Steps taken.
    pub(super) steps: u64,
}

impl Tree {
    /// A goal attained without any proof.
    pub(super) fn attained(open: Vec<u32>, steps: u64) -> Tree {
        let cost = open.len() as i64;
        Tree { best: Some(open), cost, bound: 0, nodes: Vec::new(), settled: Vec::new(), class: None, steps }
    }

    /// Tells the tree of a smaller instance in the sites of the whole one.
    pub(super) fn renumber(&mut self, site_of: &[u32]) {
        let whole = |s: &mut SiteIx| *s = SiteIx(site_of[s.at()]);
        for node in &mut self.nodes {
            node.settled.iter_mut().for_each(|(s, _)| whole(s));
            node.branch.iter_mut().for_each(|b| whole(&mut b.site));
        }
        self.best.iter_mut().flatten().for_each(|s| *s = site_of[*s as usize]);
    }
}

/// A node still to be looked at.
struct Pending<'a> {
    /// Basis of the parent's relaxation.
    basis: Option<Rc<Simplex<'a>>>,
    /// What was branched on, to learn what such a branch gains: site, side, fraction moved and the parent's bound.
    guess: Option<(u32, bool, f64, f64)>,
    state: Vec<State>,
    prices: Vec<i64>,
    /// Bound inherited from above.
    bound: i128,
    /// Proof node and side (open?) that wait for this node's number.
    parent: Option<(usize, bool)>,
}

/// A search over one instance.
pub(super) struct Search<'a> {
    instance: &'a Instance,
    /// Rows of the linear relaxation, where the instance suits it.
    cells: Option<&'a Cells>,
    tree: Tree,
    stack: Vec<Pending<'a>>,
    most_steps: u64,
    /// Gain of the bound per unit of fraction by site, closed and open: sum and count.
    gains: Vec<[(f64, u32); 2]>,
}

impl<'a> Search<'a> {
    /// Starts from an incumbent (`best`, `cost`) and the best root prices.
    pub(super) fn new(
        instance: &'a Instance,
        cells: Option<&'a Cells>,
        best: Option<Vec<u32>>,
        cost: i64,
        root: &Dual,
        most_steps: u64,
    ) -> Search<'a> {
        let pending = Pending {
            basis: None,
            guess: None,
            state: instance.state.clone(),
            prices: root.multipliers.clone(),
            bound: root.value.whole(),
            parent: None,
        };
        let bound = root.value.whole();
        let (settled, nodes) = (Vec::new(), Vec::new());
        let tree = Tree { best, cost, bound, nodes, settled, class: None, steps: root.steps };
        let gains = vec![[(0.0, 0); 2]; instance.site_count()];
        let most_steps = most_steps.saturating_add(root.steps);
        Search { instance, cells, tree, stack: vec![pending], most_steps, gains }
    }

    /// Runs until the tree is closed or the steps are spent.
    /// `gap_pct` is good enough: 100 (cost - bound) / objective, which is the cost or, with `total`, the demand covered of so much.
    pub(super) fn run(mut self, gap_pct: f64, total: Option<i64>, progress: &dyn Progress) -> Tree {
        while let Some(node) = self.stack.pop() {
            let spent = self.tree.steps >= self.most_steps || progress.is_cancelled();
            let lowest = self.stack.iter().map(|n| n.bound).fold(node.bound, i128::min);
            let gap = 100.0 * (i128::from(self.tree.cost) - lowest) as f64;
            let objective = total.map_or(self.tree.cost, |total| total - self.tree.cost);
            if (spent && !self.tree.nodes.is_empty()) || (gap > 0.0 && gap <= gap_pct * objective as f64) {
                self.stack.push(node);
                break;
            }
            progress.report("branch and bound", self.tree.steps, self.most_steps);
            self.visit(node);
        }
        self.tree.bound = i128::from(self.tree.cost);
        for node in std::mem::take(&mut self.stack) {
            // An open end of the proof bounds with what it inherited.
            let bound = exact::evaluate(self.instance, &node.state, &node.prices).whole();
            self.tree.bound = self.tree.bound.min(bound);
            self.link(&node);
            self.record(node.prices, Vec::new());
        }
        self.tree
    }

    /// Tells the parent of `node` that it is the next to be recorded.
    fn link(&mut self, node: &Pending<'a>) {
        let number = self.tree.nodes.len();
        let Some((parent, open)) = node.parent else { return };
        if let Some(branch) = self.tree.nodes[parent].branch.as_mut() {
            *(if open { &mut branch.open } else { &mut branch.closed }) = number;
        }
    }

    fn visit(&mut self, mut node: Pending<'a>) {
        let number = self.tree.nodes.len();
        self.link(&node);
        if let Some(prices) = self.dead_end(&node.state) {
            return self.record(prices, Vec::new());
        }
        let (dual, basis) = self.price(&mut node);
        self.learn(&node, &dual);
        let mut settled = settle(&mut node.state, &dual.value, self.instance.p, self.tree.cost);
        if dual.value.whole() >= i128::from(self.tree.cost) {
            settled.clear();
            return self.record(dual.multipliers, settled);
        }
        self.try_primal(&node.state, &self.likely_set(&node.state, &dual));
        let forced = node.state.iter().filter(|s| **s == State::Open).count();
        let full = self.instance.p.is_some_and(|p| forced >= p);
        let site = if full { None } else { self.promising_site(&node.state, &dual) };
        let Some(site) = site else {
            let prices = self.dead_end(&node.state).unwrap_or_else(|| self.leaf_prices(&node.state));
            self.record(dual.multipliers, settled);
            return self.continue_with(number, node.state, prices, dual.value.whole());
        };
        self.record(dual.multipliers.clone(), settled);
        self.tree.nodes[number].branch = Some(Branch { site: SiteIx(site), open: 0, closed: 0 });
        let share = dual.share.get(site as usize).copied().unwrap_or(0.5);
        let likely = share > 0.5;
        for open in [!likely, likely] {
            let mut state = node.state.clone();
            state[site as usize] = if open { State::Open } else { State::Closed };
            let (prices, bound) = (dual.multipliers.clone(), dual.value.whole().max(node.bound));
            let moved = if open { 1.0 - share } else { share };
            let guess = Some((site, open, moved, dual.value.bound as f64 / MILLION as f64));
            let (basis, parent) = (basis.clone(), Some((number, open)));
            self.stack.push(Pending { basis, guess, state, prices, bound, parent });
        }
    }

    fn record(&mut self, multipliers: Vec<i64>, settled: Vec<(SiteIx, bool)>) {
        self.tree.nodes.push(ProofNode {
            multipliers,
            prices: ConstraintPrices::default(),
            settled,
            branch: None,
            split: None,
            then: None,
        });
    }

    /// A node whose sites are all settled is closed by a second price vector.
    fn continue_with(&mut self, number: usize, state: Vec<State>, prices: Vec<i64>, bound: i128) {
        let value = exact::evaluate(self.instance, &state, &prices);
        let next = self.tree.nodes.len();
        self.tree.nodes[number].then = Some(next);
        self.record(prices, Vec::new());
        if value.whole() < i128::from(self.tree.cost) {
            // Never expected; the tree then stays honest by keeping the node's bound.
            self.tree.cost = self.tree.cost.max(i64::try_from(bound).unwrap_or(i64::MAX));
        }
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
        prices[row] = self.tree.cost.saturating_add(1).saturating_mul(MILLION);
        Some(prices)
    }

    /// The best prices at a node: the optimum of the linear relaxation where the instance suits it, else a climb.
    fn price(&mut self, node: &mut Pending<'a>) -> (Dual, Option<Rc<Simplex<'a>>>) {
        let inherited = exact::evaluate(self.instance, &node.state, &node.prices);
        if inherited.whole() >= i128::from(self.tree.cost) {
            let multipliers = node.prices.clone();
            return (Dual { multipliers, value: inherited, share: Vec::new(), steps: 0 }, None);
        }
        let (mut dual, basis) = match self.relax(node) {
            Some((dual, basis)) => (dual, Some(basis)),
            None => (self.climb_from(node), None),
        };
        self.tree.steps += dual.steps;
        if inherited.bound > dual.value.bound {
            dual = Dual { multipliers: node.prices.clone(), value: inherited, ..dual };
        }
        (dual, basis)
    }

    fn relax(&self, node: &mut Pending<'a>) -> Option<(Dual, Rc<Simplex<'a>>)> {
        let cells = self.cells?;
        let (simplex, (prices, steps)) = match node.basis.take() {
            Some(basis) => {
                let mut simplex = Rc::try_unwrap(basis).unwrap_or_else(|shared| (*shared).clone());
                let value = node.guess.map_or(f64::NEG_INFINITY, |g| g.3);
                let answer = simplex.continue_with(&node.state, value, self.tree.cost as f64 - 0.9)?;
                (simplex, answer)
            }
            None => {
                let mut simplex = Simplex::new(&cells.instance, &node.state, &self.corner(&node.state))?;
                let answer = simplex.optimise(20_000)?;
                (simplex, answer)
            }
        };
        let multipliers = cells.prices(prices);
        let value = exact::evaluate(self.instance, &node.state, &multipliers);
        Some((Dual { multipliers, value, share: simplex.share(), steps }, Rc::new(simplex)))
    }

    /// Free sites of a first vertex: those of the incumbent, then any, as many as may open.
    fn corner(&self, state: &[State]) -> Vec<u32> {
        let is_free = |s: &u32| state[*s as usize] == State::Free;
        let mut corner: Vec<u32> = self.tree.best.iter().flatten().copied().filter(is_free).collect();
        let Some(p) = self.instance.p else { return corner };
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

    /// Books what the branch that led to `node` gained.
    fn learn(&mut self, node: &Pending<'a>, dual: &Dual) {
        let Some((site, open, moved, before)) = node.guess else { return };
        let now = (dual.value.bound as f64 / MILLION as f64).min(self.tree.cost as f64);
        let entry = &mut self.gains[site as usize][usize::from(open)];
        entry.0 += (now - before).max(0.0) / moved.max(0.05);
        entry.1 += 1;
    }

    /// The free site whose two branches are expected to gain most (pseudo-costs; Benichou et al. 1971).
    fn promising_site(&self, state: &[State], dual: &Dual) -> Option<u32> {
        if dual.share.is_empty() || self.cells.is_none() {
            return branch_site(state, &dual.share, &dual.value.reduced);
        }
        let mut mean = [(0.0, 0u32); 2];
        for gains in &self.gains {
            for side in 0..2 {
                mean[side] = (mean[side].0 + gains[side].0, mean[side].1 + gains[side].1);
            }
        }
        let typical =
            |side: usize| if mean[side].1 > 0 { mean[side].0 / f64::from(mean[side].1) } else { 1.0 };
        let rate = |s: u32, side: usize| {
            let (sum, count) = self.gains[s as usize][side];
            if count > 0 { sum / f64::from(count) } else { typical(side) }
        };
        let fraction = |s: u32| dual.share[s as usize];
        let score =
            |s: u32| (rate(s, 0) * fraction(s)).max(1e-6) * (rate(s, 1) * (1.0 - fraction(s))).max(1e-6);
        let free = (0..state.len() as u32).filter(|&s| state[s as usize] == State::Free);
        let fractional = free.filter(|&s| fraction(s) > 1e-4 && fraction(s) < 1.0 - 1e-4);
        let best = fractional.max_by(|&a, &b| score(a).total_cmp(&score(b)).then(b.cmp(&a)));
        best.or_else(|| branch_site(state, &dual.share, &dual.value.reduced))
    }

    fn climb_from(&self, node: &Pending<'a>) -> Dual {
        let start: Vec<f64> = node.prices.iter().map(|&p| p as f64 / MILLION as f64).collect();
        let root = node.parent.is_none();
        let rule = Climb {
            iterations: if root { 300 } else { 120 },
            target: self.tree.cost,
            agility: if root { 0.3 } else { 0.4 },
            patience: if root { 12 } else { 7 },
        };
        climb(self.instance, &node.state, &start, rule, &mut |_, _| rule.target)
    }

    /// Forced sites and those with the largest share in the relaxation.
    fn likely_set(&self, state: &[State], dual: &Dual) -> Vec<u32> {
        let Some(p) = self.instance.p.filter(|_| !dual.share.is_empty()) else {
            return dual.value.chosen.clone();
        };
        let sites = || 0..state.len() as u32;
        let mut set: Vec<u32> = sites().filter(|&s| state[s as usize] == State::Open).collect();
        let mut free: Vec<u32> = sites().filter(|&s| state[s as usize] == State::Free).collect();
        free.sort_by(|&a, &b| dual.share[b as usize].total_cmp(&dual.share[a as usize]).then(a.cmp(&b)));
        set.extend(free.into_iter().take(p.saturating_sub(set.len())));
        set
    }

    /// Takes the relaxation's own set as an answer where it is one.
    fn try_primal(&mut self, state: &[State], chosen: &[u32]) {
        let instance = self.instance;
        let (open, cost) = match instance.p {
            Some(p) => {
                let mut placement = super::greedy::lazy_greedy(instance, state, chosen, p);
                placement.descend(state);
                (placement.sorted(), placement.cost)
            }
            None => {
                let open = super::covering::complete_and_prune(instance, state, chosen);
                let cost = open.len() as i64;
                (open, cost)
            }
        };
        if cost < self.tree.cost && covers(instance, &open) {
            self.tree.cost = cost;
            self.tree.best = Some(open);
        }
    }

    /// Exact prices where nothing is left to choose: each row earns the distance to its nearest open site.
    fn leaf_prices(&self, state: &[State]) -> Vec<i64> {
        let chosen: Vec<u32> =
            (0..state.len() as u32).filter(|&s| state[s as usize] == State::Open).collect();
        let placement = Placement::new(self.instance, state, &chosen);
        (0..self.instance.row_count()).map(|r| placement.distance(r).saturating_mul(MILLION)).collect()
    }
}

/// The free site whose share in the relaxation is least decided; `None` when nothing is left to decide.
pub(super) fn branch_site(state: &[State], share: &[f64], reduced: &[i128]) -> Option<u32> {
    let free = (0..state.len() as u32).filter(|&s| state[s as usize] == State::Free);
    let doubt = |s: u32| (share[s as usize] - 0.5).abs();
    free.min_by(|&a, &b| {
        doubt(a).total_cmp(&doubt(b)).then_with(|| reduced[a as usize].cmp(&reduced[b as usize]))
    })
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

/// Settles free sites whose other choice cannot beat the incumbent.
pub(super) fn settle(
    state: &mut [State],
    value: &DualValue,
    p: Option<usize>,
    cost: i64,
) -> Vec<(SiteIx, bool)> {
    let mut settled = Vec::new();
    let mut in_set = vec![false; state.len()];
    value.chosen.iter().for_each(|&s| in_set[s as usize] = true);
    let forced = state.iter().filter(|s| **s == State::Open).count();
    let full = p.is_some_and(|p| value.chosen.len() >= p);
    let last = value.chosen.get(forced..).and_then(<[u32]>::last).map_or(0, |&s| value.reduced[s as usize]);
    let next = (0..state.len()).filter(|&s| state[s] == State::Free && !in_set[s]);
    let next = next.map(|s| value.reduced[s]).min().unwrap_or(0).min(0);
    let (limit, million) = (i128::from(cost), i128::from(MILLION));
    let proves = |bound: i128| bound > (limit - 1) * million;
    for s in 0..state.len() {
        if state[s] != State::Free {
            continue;
        }
        let reduced = value.reduced[s];
        if in_set[s] && proves(value.bound - reduced + if full { next } else { 0 }) {
            state[s] = State::Open;
            settled.push((SiteIx(s as u32), true));
        } else if !in_set[s] && proves(value.bound + reduced - if full { last } else { 0 }) {
            state[s] = State::Closed;
            settled.push((SiteIx(s as u32), false));
        }
    }
    settled
}
