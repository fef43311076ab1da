//! Branch and bound with reduced-cost fixing. Every node keeps the multipliers that close it or settle its sites, so
//! the finished tree is its own proof.

use super::answer::{Branch, ConstraintPrices, ProofNode};
use super::exact::{self, DualValue, MILLION};
use super::instance::{Instance, State};
use super::lagrangian::{Climb, Dual, climb};
use super::swaps::Placement;
use crate::base::{Progress, SiteIx};

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
    /// Steps taken.
    pub(super) steps: u64,
}

impl Tree {
    /// A goal attained without any proof.
    pub(super) fn attained(open: Vec<u32>, steps: u64) -> Tree {
        let cost = open.len() as i64;
        Tree { best: Some(open), cost, bound: 0, nodes: Vec::new(), steps }
    }

    /// Moves the proof from the rows `keep` of a reduced instance to all `rows`; the others get 0.
    pub(super) fn spread(&mut self, keep: &[u32], rows: usize) {
        for node in &mut self.nodes {
            node.multipliers = super::covering::spread(&node.multipliers, keep, rows);
        }
    }
}

/// A node still to be looked at.
struct Pending {
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
    tree: Tree,
    stack: Vec<Pending>,
    most_steps: u64,
}

impl<'a> Search<'a> {
    /// Starts from an incumbent (`best`, `cost`) and the best root prices.
    pub(super) fn new(
        instance: &'a Instance,
        best: Option<Vec<u32>>,
        cost: i64,
        root: &Dual,
        most_steps: u64,
    ) -> Search<'a> {
        let pending = Pending {
            state: instance.state.clone(),
            prices: root.multipliers.clone(),
            bound: root.value.whole(),
            parent: None,
        };
        let tree = Tree { best, cost, bound: root.value.whole(), nodes: Vec::new(), steps: root.steps };
        Search { instance, tree, stack: vec![pending], most_steps: most_steps.saturating_add(root.steps) }
    }

    /// Runs until the tree is closed or the steps are spent.
    /// `gap_pct` is good enough: 100 (cost - bound) / cost.
    pub(super) fn run(mut self, gap_pct: f64, progress: &dyn Progress) -> Tree {
        while let Some(node) = self.stack.pop() {
            let spent = self.tree.steps >= self.most_steps || progress.is_cancelled();
            let lowest = self.stack.iter().map(|n| n.bound).fold(node.bound, i128::min);
            let gap = 100.0 * (i128::from(self.tree.cost) - lowest) as f64;
            if (spent && !self.tree.nodes.is_empty()) || (gap > 0.0 && gap <= gap_pct * self.tree.cost as f64)
            {
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
    fn link(&mut self, node: &Pending) {
        let number = self.tree.nodes.len();
        let Some((parent, open)) = node.parent else { return };
        if let Some(branch) = self.tree.nodes[parent].branch.as_mut() {
            *(if open { &mut branch.open } else { &mut branch.closed }) = number;
        }
    }

    fn visit(&mut self, mut node: Pending) {
        let number = self.tree.nodes.len();
        self.link(&node);
        if let Some(prices) = self.dead_end(&node.state) {
            return self.record(prices, Vec::new());
        }
        let dual = self.price(&node);
        let mut settled = settle(&mut node.state, &dual.value, self.instance.p, self.tree.cost);
        if dual.value.whole() >= i128::from(self.tree.cost) {
            settled.clear();
            return self.record(dual.multipliers, settled);
        }
        self.try_primal(&node.state, &self.likely_set(&node.state, &dual));
        let forced = node.state.iter().filter(|s| **s == State::Open).count();
        let full = self.instance.p.is_some_and(|p| forced >= p);
        let site = if full { None } else { branch_site(&node.state, &dual.share, &dual.value.reduced) };
        let Some(site) = site else {
            let prices = self.dead_end(&node.state).unwrap_or_else(|| self.leaf_prices(&node.state));
            self.record(dual.multipliers, settled);
            return self.continue_with(number, node.state, prices, dual.value.whole());
        };
        self.record(dual.multipliers.clone(), settled);
        self.tree.nodes[number].branch = Some(Branch { site: SiteIx(site), open: 0, closed: 0 });
        for open in [false, true] {
            let mut state = node.state.clone();
            state[site as usize] = if open { State::Open } else { State::Closed };
            let (prices, bound) = (dual.multipliers.clone(), dual.value.whole().max(node.bound));
            self.stack.push(Pending { state, prices, bound, parent: Some((number, open)) });
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

    /// The best prices at a node: the optimum of the linear relaxation where rows have no distances, else a climb.
    fn price(&mut self, node: &Pending) -> Dual {
        let inherited = exact::evaluate(self.instance, &node.state, &node.prices);
        if inherited.whole() >= i128::from(self.tree.cost) {
            return Dual { multipliers: node.prices.clone(), value: inherited, share: Vec::new(), steps: 0 };
        }
        let mut dual = self.relax(node, &inherited.chosen).unwrap_or_else(|| self.climb_from(node));
        self.tree.steps += dual.steps;
        if inherited.bound > dual.value.bound {
            dual = Dual { multipliers: node.prices.clone(), value: inherited, ..dual };
        }
        dual
    }

    fn relax(&self, node: &Pending, chosen: &[u32]) -> Option<Dual> {
        if !self.instance.suits_simplex() {
            return None;
        }
        let mut start = chosen.to_vec();
        let wanted = self.instance.p.unwrap_or(0);
        for s in (0..node.state.len() as u32).filter(|&s| node.state[s as usize] == State::Free) {
            if start.len() < wanted && !start.contains(&s) {
                start.push(s);
            }
        }
        super::linear_relaxation::optimum(self.instance, &node.state, &start, 20_000)
    }

    fn climb_from(&self, node: &Pending) -> Dual {
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
