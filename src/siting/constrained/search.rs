//! Branch and bound over sites, then over the site of a client. Every node keeps its prices, so the tree is the proof.

use super::assignment::Assignment;
use super::case::{Case, Choice, Pin, Prices};
use super::climb::{Bound, Rule, climb};
use super::placement::Opening;
use super::transport::{self, Parts};
use crate::base::{ClientIx, Progress, SiteIx, SplitMix64};
use crate::siting::answer::{Branch, ProofNode, Split};
use crate::siting::exact::MILLION;
use crate::siting::fixing::{branch_site, settle};
use crate::siting::instance::State;

/// How a node hangs on its parent.
#[derive(Debug, Clone, Copy)]
enum Side {
    Open,
    Closed,
    /// Child at this position of the parent's split.
    Part(usize),
}

struct Pending {
    choice: Choice,
    prices: Prices,
    bound: i128,
    parent: Option<(usize, Side)>,
}

/// What is known at the end.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    /// Best opening without violation.
    pub(super) best: Option<Opening>,
    /// Lower bound on the cost.
    pub(super) bound: i128,
    /// The proof.
    pub(super) nodes: Vec<ProofNode>,
    /// Steps taken.
    pub(super) steps: u64,
    /// Every end of the tree is closed.
    pub(super) finished: bool,
    /// Multipliers of the first clients that prove the bound without a tree (p-centre).
    pub(super) alone: Vec<i64>,
    /// The opening that violates least, where none holds.
    pub(super) nearest: Option<Opening>,
}

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub(super) struct Goal {
    /// Answers must cost less than this.
    pub(super) below: i64,
    /// Any answer will do.
    pub(super) any: bool,
    /// Most steps.
    pub(super) steps: u64,
    /// Good enough, per cent.
    pub(super) gap_pct: f64,
    /// Seed of random choices.
    pub(super) seed: u64,
}

struct Search<'a> {
    case: &'a Case,
    goal: Goal,
    cost: i64,
    found: Found,
    stack: Vec<Pending>,
    random: SplitMix64,
    /// Least bound of ends that their prices do not close.
    unproved: i128,
    /// Client of each row, for splits.
    client_of: Vec<u32>,
}

/// Trials of the first local search.
const TRIALS: u64 = 12_000;
/// Entries looked at in its trials with capacities, each of which assigns all rows.
const TRIAL_ENTRIES: u64 = 150_000_000;
/// Rows times open sites up to which the transportation problem is solved at a leaf.
const TRANSPORT: usize = 400_000;

/// Searches `case` from `start` sites.
pub(super) fn run(case: &Case, start: &[u32], goal: Goal, progress: &dyn Progress) -> Found {
    let mut client_of = vec![0; case.instance.row_count()];
    for (client, row) in case.instance.row_of.iter().enumerate().rev() {
        row.iter().for_each(|&r| client_of[r as usize] = client as u32);
    }
    let mut search = Search {
        case,
        goal,
        cost: goal.below,
        found: Found::default(),
        stack: Vec::new(),
        random: SplitMix64::new(goal.seed),
        unproved: i128::MAX,
        client_of,
    };
    let choice = case.root();
    let trials = if case.capacities.is_empty() {
        TRIALS
    } else {
        (TRIAL_ENTRIES / (case.instance.rows.entry_count() as u64 + 1)).clamp(100, 2_000)
    };
    search.try_sites(&choice.state, start, trials);
    search.polish();
    search.stack.push(Pending { choice, prices: search.start_prices(), bound: 0, parent: None });
    search.work(progress);
    search.found
}

impl Search<'_> {
    /// Rows priced half-way between nearest and second nearest open site of the first opening.
    fn start_prices(&self) -> Prices {
        let mut prices = self.case.nought();
        let instance = &self.case.instance;
        let opening = self.found.best.as_ref().or(self.found.nearest.as_ref());
        let open: &[u32] = opening.map_or(&[], |o| &o.open);
        let columns =
            |r: usize| instance.rows.of(r).iter().map(|e| instance.cols.of(e.0 as usize).len()).max();
        for r in 0..instance.row_count() {
            let mut near = instance.rows.of(r).iter().filter(|e| open.binary_search(&e.0).is_ok());
            let most = self.case.base.unwrap_or(instance.penalty);
            let first = near.next().map_or(most, |e| i64::from(e.1));
            let second = near.next().map_or(first.saturating_mul(2).max(1), |e| i64::from(e.1));
            prices.rows[r] = if instance.p.is_some() {
                (first.saturating_add(second) / 2)
                    .min(most)
                    .saturating_mul(MILLION)
                    .min(900_000_000_000_000_000)
            } else {
                MILLION / columns(r).unwrap_or(1).max(1) as i64
            };
        }
        prices
    }

    fn work(&mut self, progress: &dyn Progress) {
        while let Some(node) = self.stack.pop() {
            let spent = self.found.steps >= self.goal.steps || progress.is_cancelled();
            let lowest = self.stack.iter().map(|n| n.bound).fold(node.bound, i128::min);
            let gap = 100.0 * (i128::from(self.cost) - lowest) as f64;
            // The objective is the demand covered where a unit left uncovered costs one.
            let covers = self.case.base == Some(1);
            let objective = if covers { self.case.total - self.cost } else { self.cost };
            let enough =
                self.found.best.is_some() && gap > 0.0 && gap <= self.goal.gap_pct * objective as f64;
            if (spent && !self.found.nodes.is_empty())
                || enough
                || (self.goal.any && self.found.best.is_some())
            {
                self.stack.push(node);
                break;
            }
            progress.report("branch and bound", self.found.steps, self.goal.steps);
            self.visit(node);
        }
        self.found.finished = self.stack.is_empty();
        self.found.bound = i128::from(self.cost).min(self.unproved);
        for node in std::mem::take(&mut self.stack) {
            let bound = self.case.evaluate(&node.choice, &node.prices).0.whole();
            self.found.bound = self.found.bound.min(bound);
            self.link(node.parent);
            self.record(node.prices, Vec::new());
        }
    }

    fn link(&mut self, parent: Option<(usize, Side)>) {
        let number = self.found.nodes.len();
        let Some((parent, side)) = parent else { return };
        let node = &mut self.found.nodes[parent];
        match (side, node.branch.as_mut(), node.split.as_mut()) {
            (Side::Open, Some(branch), _) => branch.open = number,
            (Side::Closed, Some(branch), _) => branch.closed = number,
            (Side::Part(at), _, Some(split)) => split.children[at].1 = number,
            _ => {}
        }
    }

    /// A node that its prices close; where they cannot (numbers too large), the bound stays honest.
    fn close(&mut self, choice: &Choice, prices: Prices) {
        let proved = self.case.evaluate(choice, &prices).0.whole();
        if proved < i128::from(self.cost) {
            self.unproved = self.unproved.min(proved);
        }
        self.record(prices, Vec::new());
    }

    fn record(&mut self, prices: Prices, settled: Vec<(SiteIx, bool)>) {
        self.found.nodes.push(ProofNode {
            multipliers: prices.rows,
            prices: prices.limits,
            cut_prices: Vec::new(),
            settled,
            branch: None,
            split: None,
            then: None,
        });
    }

    fn visit(&mut self, mut node: Pending) {
        let number = self.found.nodes.len();
        self.link(node.parent);
        if let Some(prices) = self.case.dead_end(&node.choice, self.cost) {
            return self.close(&node.choice, prices);
        }
        let (inherited, _) = self.case.evaluate(&node.choice, &node.prices);
        if inherited.whole() >= i128::from(self.cost) {
            return self.record(node.prices, Vec::new());
        }
        let bound = self.price(&node);
        if bound.value.whole() >= i128::from(self.cost) {
            return self.record(bound.prices, Vec::new());
        }
        let settled = settle(&mut node.choice.state, &bound.value, self.case.instance.p, self.cost);
        self.record(bound.prices.clone(), settled);
        if let Some(prices) = self.case.dead_end(&node.choice, self.cost) {
            return self.go_on(number, &node.choice, prices);
        }
        self.try_sites(&node.choice.state, &bound.value.chosen, 40);
        let site = if self.case.is_full(&node.choice) {
            None
        } else {
            branch_site(&node.choice.state, &bound.share, &bound.value.reduced)
        };
        let below = bound.value.whole().max(node.bound);
        match site {
            Some(site) => {
                self.found.nodes[number].branch = Some(Branch { site: SiteIx(site), open: 0, closed: 0 });
                for (side, to) in [(Side::Closed, State::Closed), (Side::Open, State::Open)] {
                    let mut choice = node.choice.clone();
                    choice.state[site as usize] = to;
                    let (prices, parent) = (bound.prices.clone(), Some((number, side)));
                    self.stack.push(Pending { choice, prices, bound: below, parent });
                }
            }
            None if self.case.capacities.is_empty() => {
                self.offer(self.case.settled(&node.choice));
                let prices = self.leaf_prices(&node.choice);
                self.go_on(number, &node.choice, prices);
            }
            None => self.split(number, &node.choice, bound.prices, below),
        }
    }

    /// One more node with the same sites.
    fn go_on(&mut self, number: usize, choice: &Choice, prices: Prices) {
        self.found.nodes[number].then = Some(self.found.nodes.len());
        self.close(choice, prices);
    }

    fn price(&mut self, node: &Pending) -> Bound {
        let root = node.parent.is_none();
        let most = if root { 600 } else { 60 };
        let rule = Rule {
            iterations: most.min(self.goal.steps),
            agility: if root { 1.0 } else { 0.5 },
            patience: if root { 12 } else { 6 },
        };
        let mut sets: Vec<Vec<u32>> = Vec::new();
        let bound =
            climb(self.case, &node.choice, &node.prices, self.cost, rule, &mut |iteration, chosen| {
                if root && iteration % 60 == 30 {
                    sets.push(chosen.to_vec());
                }
            });
        self.found.steps += bound.steps;
        for set in sets {
            self.try_sites(&node.choice.state, &set, if self.case.capacities.is_empty() { 400 } else { 20 });
        }
        if root {
            self.polish();
        }
        bound
    }

    /// Exact prices where nothing is left to choose: each row earns the distance of its nearest open site.
    fn leaf_prices(&self, choice: &Choice) -> Prices {
        let mut prices = self.case.nought();
        for r in 0..self.case.instance.row_count() {
            let near = self.case.usable(choice, true, r).next();
            prices.rows[r] = near.map_or(0, |e| i64::from(e.1) * MILLION);
        }
        prices
    }

    /// Sites are final but capacities leave rows in parts: the transportation problem bounds, and one row is split.
    fn split(&mut self, number: usize, choice: &Choice, prices: Prices, below: i128) {
        let mut decided = choice.clone();
        for state in decided.state.iter_mut().filter(|s| **s == State::Free) {
            *state = State::Closed;
        }
        let (prices, parts) = self.transport(choice, &decided, prices);
        let value = self.case.evaluate(choice, &prices).0.whole();
        if value >= i128::from(self.cost) {
            return self.go_on(number, choice, prices);
        }
        let weight = &self.case.instance.weight;
        let free = (0..choice.pinned.len()).filter(|&r| choice.pinned[r] == Pin::Free);
        let pieces = |r: usize| parts.get(r).map_or(0, |p| p.len().max(usize::from(self.lacks(p, r))));
        let Some(row) = free.max_by_key(|&r| (pieces(r), weight[r], std::cmp::Reverse(r))) else {
            self.offer(self.case.settled(&decided));
            let prices = self.leaf_prices(choice);
            return self.go_on(number, choice, prices);
        };
        let mut pins: Vec<Pin> = self.case.usable(&decided, true, row).map(|e| Pin::Site(e.0)).collect();
        if self.case.may_lack() {
            pins.insert(0, Pin::Unserved);
        }
        pins.reverse();
        let site = |p: &Pin| if let Pin::Site(s) = p { Some(SiteIx(*s)) } else { None };
        let children = pins.iter().map(|p| (site(p), 0)).collect();
        self.found.nodes[number].split = Some(Split { client: ClientIx(self.client_of[row]), children });
        for (at, pin) in pins.into_iter().enumerate() {
            let mut choice = choice.clone();
            choice.pinned[row] = pin;
            let parent = Some((number, Side::Part(at)));
            self.stack.push(Pending { choice, prices: prices.clone(), bound: below.max(value), parent });
        }
    }

    /// The transportation problem between the sites that `decided` opens, where it is small enough: the better of `prices` and its own
    /// under `choice`, and (site, units) of each row.
    fn transport(&mut self, choice: &Choice, decided: &Choice, prices: Prices) -> (Prices, Parts) {
        let open = decided.state.iter().filter(|s| **s == State::Open).count();
        if open * self.case.instance.row_count() > TRANSPORT {
            return (prices, Vec::new());
        }
        let much = self.cost.saturating_add(1).saturating_mul(MILLION).clamp(MILLION, 900_000_000_000_000);
        let mut limits = prices.limits.clone();
        if self.case.slack.is_some() {
            limits.share = much;
        }
        let costs = transport::unserved_costs(self.case, decided, &limits, much);
        let flow = transport::solve(self.case, decided, costs);
        self.offer(self.rounded(decided, &flow));
        let exact = Prices { rows: flow.rows, limits };
        let bound = |prices: &Prices| self.case.evaluate(choice, prices).0.bound;
        let better = if bound(&exact) > bound(&prices) { exact } else { prices };
        (better, flow.parts)
    }

    fn lacks(&self, parts: &[(u32, i64)], r: usize) -> bool {
        parts.iter().map(|p| p.1).sum::<i64>() < self.case.instance.weight[r]
    }

    /// The best opening so far with its rows placed by the transportation problem.
    fn polish(&mut self) {
        let best = self.found.best.as_ref().or(self.found.nearest.as_ref());
        let Some(open) = best.map(|b| b.open.clone()).filter(|_| !self.case.capacities.is_empty()) else {
            return;
        };
        if open.len() * self.case.instance.row_count() > TRANSPORT {
            return;
        }
        let choice = self.case.exactly(&open);
        let much = self.case.base.unwrap_or(self.case.instance.penalty).saturating_mul(MILLION);
        let flow = transport::solve(self.case, &choice, vec![i128::from(much); choice.pinned.len()]);
        self.offer(self.rounded(&choice, &flow));
    }

    fn rounded(&self, choice: &Choice, flow: &transport::Flow) -> Opening {
        let mut assignment = Assignment::new(self.case, choice);
        assignment.round(flow);
        assignment.improve(6);
        let sites = 0..choice.state.len() as u32;
        let open: Vec<u32> = sites.filter(|&s| choice.state[s as usize] == State::Open).collect();
        self.case.appraise_assigned(&open, assignment.site)
    }

    fn try_sites(&mut self, state: &[State], start: &[u32], trials: u64) {
        let (opening, used) = self.case.improve(state, start, trials, &mut self.random);
        self.found.steps += used / 50;
        self.offer(opening);
    }

    fn offer(&mut self, opening: Opening) {
        if opening.worth.0 == 0 {
            if opening.worth.1 < self.cost {
                self.cost = opening.worth.1;
                self.found.best = Some(opening);
            }
        } else if self.found.nearest.as_ref().is_none_or(|n| opening.worth < n.worth) {
            self.found.nearest = Some(opening);
        }
    }
}
