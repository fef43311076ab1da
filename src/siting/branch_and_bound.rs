//! Branch and bound with reduced-cost fixing. Every node keeps the multipliers that close it or settle its sites, so
//! the finished tree is its own proof. The nodes of least bound are looked at in batches of one size, side by side, and booked in
//! their order: threads change nothing.

use super::answer::{Branch, ConstraintPrices, ProofNode, Regions};
use super::exact::{self, Prices};
use super::gains::Gains;
use super::instance::{Instance, State};
use super::lagrangian::Dual;
use super::node::{Context, Expanded, Pending, Rest, Warm, corner};
use super::relaxation::Relaxation;
use crate::base::{Progress, SiteIx};
use rayon::prelude::*;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

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
    /// Rows of each cut whose prices the nodes have.
    pub(super) cuts: Vec<Vec<u32>>,
    /// Sites that the root prices settle before the tree begins.
    pub(super) settled: Vec<(SiteIx, bool)>,
    /// Class of each row in the multipliers of the nodes; `None`: the rows themselves.
    pub(super) class: Option<Vec<Option<u32>>>,
    /// A proof by regions in place of nodes.
    pub(super) regions: Option<Regions>,
    /// Where all answers below the cost were wanted and every one was found: these.
    pub(super) ends: Vec<End>,
    /// Steps taken.
    pub(super) steps: u64,
}

/// An answer below the cost, and the node that ends with it.
#[derive(Debug, Clone)]
pub(super) struct End {
    /// Open sites, ascending.
    pub(super) open: Vec<u32>,
    /// Its number among the nodes of the proof.
    pub(super) node: usize,
}

impl Tree {
    /// A tree without nodes.
    pub(super) fn bare(best: Option<Vec<u32>>, cost: i64, bound: i128, steps: u64) -> Tree {
        let (nodes, cuts, settled) = (Vec::new(), Vec::new(), Vec::new());
        Tree { best, cost, bound, nodes, cuts, settled, class: None, regions: None, ends: Vec::new(), steps }
    }

    /// A goal attained without any proof.
    pub(super) fn attained(open: Vec<u32>, steps: u64) -> Tree {
        let cost = open.len() as i64;
        Tree::bare(Some(open), cost, 0, steps)
    }

    /// Tells the tree of a smaller instance in the sites of the whole one.
    pub(super) fn renumber(&mut self, site_of: &[u32]) {
        let whole = |s: &mut SiteIx| *s = SiteIx(site_of[s.at()]);
        for node in &mut self.nodes {
            node.settled.iter_mut().for_each(|(s, _)| whole(s));
            node.branch.iter_mut().for_each(|b| whole(&mut b.site));
        }
        let ends = self.ends.iter_mut().flat_map(|end| &mut end.open);
        self.best.iter_mut().flatten().chain(ends).for_each(|s| *s = site_of[*s as usize]);
    }

    fn record(&mut self, prices: &Prices, settled: Vec<(SiteIx, bool)>) {
        self.nodes.push(ProofNode {
            multipliers: prices.rows.clone(),
            prices: ConstraintPrices::default(),
            cut_prices: prices.cuts.clone(),
            settled,
            branch: None,
            split: None,
            then: None,
        });
    }

    /// Tells the parent of `node` that it is the next to be recorded.
    fn link(&mut self, parent: Option<(usize, bool)>) {
        let number = self.nodes.len();
        let Some((parent, open)) = parent else { return };
        if let Some(branch) = self.nodes[parent].branch.as_mut() {
            *(if open { &mut branch.open } else { &mut branch.closed }) = number;
        }
    }
}

/// Nodes looked at side by side.
const BATCH: usize = 8;
/// More answers of one cost than this are not listed.
const MOST_ENDS: usize = 1_000;

/// A search over one instance.
pub(super) struct Search<'a> {
    instance: &'a Instance,
    relaxation: Option<Relaxation>,
    tree: Tree,
    /// Open nodes by bound, of equals the latest first.
    waiting: BTreeMap<(i128, Reverse<u64>), Pending>,
    made: u64,
    most_steps: u64,
    gains: Gains,
    /// Least bound of ends that their prices do not close.
    unproved: i128,
    /// All answers below the cost are wanted.
    wants_all: bool,
}

impl<'a> Search<'a> {
    /// Starts from an incumbent (`best`, `cost`) and the best root prices.
    pub(super) fn new(
        instance: &'a Instance,
        relaxation: Option<Relaxation>,
        best: Option<Vec<u32>>,
        cost: i64,
        root: &Dual,
        most_steps: u64,
    ) -> Search<'a> {
        let bound = root.value.whole();
        let prices = Arc::new(Prices { rows: root.multipliers.clone(), cuts: Vec::new() });
        let warm = Some(Arc::new(Warm { share: root.share.clone(), weight: None }));
        let state = instance.state.clone();
        let pending = Pending { vertex: None, guess: None, state, prices, warm, bound, parent: None };
        Search {
            instance,
            relaxation,
            tree: Tree::bare(best, cost, bound, root.steps),
            waiting: BTreeMap::from([((bound, Reverse(0)), pending)]),
            made: 0,
            most_steps: most_steps.saturating_add(root.steps),
            gains: Gains::new(instance.site_count()),
            unproved: i128::MAX,
            wants_all: false,
        }
    }

    /// The same search for all answers below the cost: they become the tree's ends, unless steps or their number ran out.
    pub(super) fn for_all(self) -> Search<'a> {
        Search { wants_all: true, ..self }
    }

    /// Runs until the tree is closed or the steps are spent.
    /// `gap_pct` is good enough: 100 (cost - bound) / objective, which is the cost or, with `total`, the demand covered of so much.
    pub(super) fn run(mut self, gap_pct: f64, total: Option<i64>, progress: &dyn Progress) -> Tree {
        let enough = |tree: &Tree, lowest: i128| {
            let gap = 100.0 * (i128::from(tree.cost) - lowest) as f64;
            let objective = total.map_or(tree.cost, |total| total - tree.cost);
            gap > 0.0 && gap <= gap_pct * objective as f64
        };
        while let Some((&(lowest, _), _)) = self.waiting.first_key_value() {
            let spent = self.tree.steps >= self.most_steps || progress.is_cancelled();
            if self.tree.ends.len() > MOST_ENDS
                || (spent && !self.tree.nodes.is_empty())
                || enough(&self.tree, lowest)
            {
                break;
            }
            progress.report("branch and bound", self.tree.steps, self.most_steps);
            if self.tree.nodes.is_empty() {
                self.add_cuts(gap_pct);
            }
            self.advance();
        }
        self.tree.bound = i128::from(self.tree.cost).min(self.unproved);
        if !self.waiting.is_empty() {
            self.tree.ends.clear();
        }
        for (_, node) in std::mem::take(&mut self.waiting) {
            // An open end of the proof bounds with what it inherited.
            let cuts = self.relaxation.as_ref().map_or(&[][..], |r| r.program.cuts());
            let prices = &node.prices;
            let value = exact::evaluate_with(self.instance, &node.state, cuts, &prices.rows, &prices.cuts);
            self.tree.bound = self.tree.bound.min(value.whole());
            self.tree.link(node.parent);
            self.tree.record(prices, Vec::new());
        }
        let cuts = self.relaxation.iter().flat_map(|r| r.program.cuts());
        self.tree.cuts = cuts.map(|cut| cut.rows.clone()).collect();
        self.tree
    }

    /// Cuts, where the relaxation leaves a gap at the root.
    fn add_cuts(&mut self, gap_pct: f64) {
        let Some(((lowest, _), root)) = self.waiting.first_key_value() else { return };
        let open = i128::from(self.tree.cost) > *lowest;
        let Some(relaxation) = self.relaxation.as_mut().filter(|r| open && r.cells.are_rows()) else {
            return;
        };
        let start = corner(self.instance, &root.state, self.tree.best.as_deref());
        let gap = gap_pct / 100.0 * self.tree.cost as f64;
        self.tree.steps += relaxation.cut(&root.state, &start, self.tree.cost, gap);
    }

    /// Looks at the nodes of least bound.
    fn advance(&mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        while let Some((_, mut node)) = self.waiting.pop_first() {
            if node.guess.is_none() {
                node.vertex = self.relaxation.as_mut().and_then(|r| r.vertex.take()).map(Arc::new);
            }
            batch.push(node);
            if batch.len() == BATCH {
                break;
            }
        }
        let context = Context {
            instance: self.instance,
            relaxation: self.relaxation.as_ref(),
            best: self.tree.best.as_deref(),
            cost: self.tree.cost,
            gains: &self.gains,
            wants_all: self.wants_all,
        };
        let expand = |node: Pending| (node.parent, context.expand(node));
        let expanded: Vec<_> = batch.into_par_iter().map(expand).collect();
        expanded.into_iter().for_each(|(parent, node)| self.book(parent, node));
    }

    fn book(&mut self, parent: Option<(usize, bool)>, node: Expanded) {
        let number = self.tree.nodes.len();
        self.tree.link(parent);
        self.tree.record(&node.prices, node.settled);
        self.tree.steps += node.steps;
        self.gains.book(&node.gains);
        if let Some((open, cost)) = node.answer.filter(|a| a.1 < self.tree.cost) {
            (self.tree.best, self.tree.cost) = (Some(open), cost);
        }
        match node.rest {
            Rest::Closed => {}
            Rest::Decided(open, rows, proved) => {
                // A node whose sites are all settled is closed by a second price vector.
                self.tree.nodes[number].then = Some(number + 1);
                self.tree.record(&Prices { rows, cuts: Vec::new() }, Vec::new());
                if proved < i128::from(self.tree.cost) {
                    self.unproved = self.unproved.min(proved);
                    if self.wants_all {
                        self.tree.ends.push(End { open, node: number + 1 });
                    }
                }
            }
            Rest::Split(site, children) => {
                self.tree.nodes[number].branch = Some(Branch { site: SiteIx(site), open: 0, closed: 0 });
                for mut child in children {
                    self.made += 1;
                    let open = child.state[site as usize] == State::Open;
                    child.parent = Some((number, open));
                    self.waiting.insert((child.bound, Reverse(self.made)), child);
                }
            }
        }
    }
}
