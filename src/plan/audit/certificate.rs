//! Checks a siting certificate from the raw instance in exact integers. It shares no code with the solver.

use crate::base::{Fault, SiteIx};
use crate::siting::{Certificate, ConstraintPrices, ProofNode, SitingProblem};

const MILLION: i128 = 1_000_000;
/// Multipliers beyond this are refused, so that no sum leaves 128 bits.
const LARGEST_PRICE: i64 = 1_000_000_000_000_000_000;

/// Checks open sites, objective and bound of `certificate` against `problem`; an empty list means it holds.
#[must_use]
pub fn check_certificate(problem: &SitingProblem, certificate: &Certificate) -> Vec<Fault> {
    let mut broken = Vec::new();
    match Checker::new(problem, certificate) {
        Ok(checker) => {
            broken.extend(checker.check_open().err());
            if broken.is_empty() {
                broken.extend(checker.check_objective().err());
                broken.extend(checker.check_bound().err());
            }
        }
        Err(fault) => broken.push(fault),
    }
    if broken.is_empty() && certificate.seal_of_rest().ok().as_ref() != Some(&certificate.seal) {
        broken.push(fault(
            "证书内容与其封印不符，文件已被改动。",
            "the certificate does not match its seal: the file was changed.",
        ));
    }
    broken
}

pub(super) fn fault(zh: impl Into<String>, en: impl Into<String>) -> Fault {
    Fault::refused(zh, en)
}

pub(super) type Check = Result<(), Fault>;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Lscp,
    Mclp,
    PMedian,
    PCentre,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Site {
    Free,
    Open,
    Closed,
}

pub(super) struct Checker<'a> {
    pub(super) problem: &'a SitingProblem,
    pub(super) certificate: &'a Certificate,
    pub(super) kind: Kind,
    pub(super) root: Vec<Site>,
    /// Open sites that each client wants: 0 for those whom nobody reaches.
    pub(super) need: Vec<i128>,
    /// Demand of those who can be reached.
    pub(super) total: i128,
}

/// A dual value and what each site costs net of the multipliers, in millionths.
struct Dual {
    bound: i128,
    reduced: Vec<i128>,
    chosen: Vec<usize>,
}

impl<'a> Checker<'a> {
    fn new(problem: &'a SitingProblem, certificate: &'a Certificate) -> Result<Checker<'a>, Fault> {
        let kind = match certificate.model.as_str() {
            "lscp" => Kind::Lscp,
            "mclp" => Kind::Mclp,
            "pmedian" => Kind::PMedian,
            "pcenter" => Kind::PCentre,
            other => {
                return Err(fault(
                    format!("模型“{other}”未知。"),
                    format!("the model '{other}' is unknown."),
                ));
            }
        };
        let (sites, clients) = (problem.sites as usize, problem.weights.len());
        let inside = |p: &crate::siting::Pair| p.site.at() < sites && p.client.at() < clients;
        let listed = problem.fixed.iter().chain(&problem.forbidden);
        if !problem.pairs.iter().all(inside) || listed.clone().any(|s| s.at() >= sites) {
            return Err(fault(
                "实例含未知的网点或服务对象。",
                "the instance names an unknown site or client.",
            ));
        }
        let mut root = vec![Site::Free; sites];
        problem.fixed.iter().for_each(|s| root[s.at()] = Site::Open);
        problem.forbidden.iter().for_each(|s| root[s.at()] = Site::Closed);
        let mut need = vec![0i128; clients];
        problem
            .pairs
            .iter()
            .filter(|p| root[p.site.at()] != Site::Closed)
            .for_each(|p| need[p.client.at()] += 1);
        let most = if kind == Kind::Lscp { i128::from(certificate.backup.max(1)) } else { 1 };
        need.iter_mut().for_each(|n| *n = most.min(*n));
        let total = (0..clients).filter(|&c| need[c] > 0).map(|c| i128::from(problem.weights[c])).sum();
        let checker = Checker { problem, certificate, kind, root, need, total };
        checker.check_shape()?;
        Ok(checker)
    }

    fn check_shape(&self) -> Check {
        let (c, clients) = (self.certificate, self.problem.weights.len());
        let counted = self.kind == Kind::Lscp;
        let prices = c.tree.iter().flat_map(|n| n.multipliers.iter()).chain(&c.multipliers);
        let constraint = c.tree.iter().map(|n| &n.prices).chain([&c.prices]);
        let groups = self.problem.groups.len();
        let fits = |p: &ConstraintPrices| {
            let lists = p.group_outlets.iter().chain(&p.group_cover);
            let sized = |list: &[i64]| list.is_empty() || list.len() == groups;
            lists.chain([&p.budget, &p.share]).all(|v| (0..=LARGEST_PRICE / 1000).contains(v))
                && sized(&p.group_outlets)
                && sized(&p.group_cover)
        };
        let classes = c.tree.iter().map(|n| n.multipliers.len()).min().unwrap_or(usize::MAX);
        let shaped = c.multipliers.len() == clients
            && c.p.is_none() == counted
            && prices.copied().all(|y| (0..=LARGEST_PRICE).contains(&y))
            && constraint.into_iter().all(fits)
            && (c.tree.is_empty() || c.class_of.len() == clients)
            && c.class_of.iter().flatten().all(|&k| (k as usize) < classes)
            && (self.kind == Kind::PCentre || c.radius.is_none())
            && (self.kind == Kind::Lscp || (c.backup == 1 && c.share_millionths == 1_000_000))
            && (1..=1_000_000).contains(&c.share_millionths);
        if shaped {
            return Ok(());
        }
        Err(fault("证书的形状与实例不符。", "the certificate does not have the shape of the instance."))
    }

    /// Demand that LSCP has to cover: its share of those who can be reached, rounded up.
    pub(super) fn cover_target(&self) -> i128 {
        let share = self.total * i128::from(self.certificate.share_millionths);
        share / MILLION + i128::from(share % MILLION != 0)
    }

    fn check_bound(&self) -> Check {
        let (objective, told) = (i128::from(self.certificate.objective), i128::from(self.certificate.bound));
        let proved = if self.certificate.tree.is_empty() {
            self.bound_of_multipliers(objective)
        } else {
            let least = self.bound_of_tree()?;
            match self.kind {
                Kind::PCentre => self.after_refuted(least >= self.goal()).min(objective),
                Kind::Mclp => (self.total - least).max(objective),
                Kind::Lscp | Kind::PMedian => least.clamp(0, objective),
            }
        };
        if proved == told {
            return Ok(());
        }
        Err(fault(
            format!("乘子证明的界是 {proved}，证书写的是 {told}。"),
            format!("the multipliers prove the bound {proved}, the certificate says {told}."),
        ))
    }

    fn bound_of_multipliers(&self, objective: i128) -> i128 {
        let c = self.certificate;
        if self.kind == Kind::PCentre {
            return self.centre_bound(objective);
        }
        let whole = ceiling(self.dual(&self.root, &|i| c.multipliers[i], &c.prices).bound);
        match self.kind {
            Kind::Mclp => (self.total - whole).max(objective),
            _ => whole.clamp(0, objective),
        }
    }

    fn centre_bound(&self, objective: i128) -> i128 {
        let c = self.certificate;
        let whole = ceiling(self.dual(&self.root, &|i| c.multipliers[i], &c.prices).bound);
        self.after_refuted(whole >= self.goal()).min(objective)
    }

    /// The travel time after the radius of the certificate, if that is refuted, or the shortest of all.
    fn after_refuted(&self, refuted: bool) -> i128 {
        let radius = self.certificate.radius.filter(|_| refuted).map_or(-1, |r| i128::from(r.0));
        self.next_time(radius).unwrap_or(i128::MAX)
    }

    fn next_time(&self, after: i128) -> Option<i128> {
        self.problem.pairs.iter().map(|p| i128::from(p.travel.0)).filter(|&t| t > after).min()
    }

    /// What a dual value must reach to rule out anything better than the objective.
    fn goal(&self) -> i128 {
        let objective = i128::from(self.certificate.objective);
        match self.kind {
            Kind::Lscp | Kind::PMedian => objective,
            Kind::Mclp => self.total - objective,
            Kind::PCentre => self.certificate.p.map_or(i128::MAX, |p| i128::from(p) + 1),
        }
    }

    fn dual(&self, state: &[Site], price: &dyn Fn(usize) -> i64, prices: &ConstraintPrices) -> Dual {
        let problem = self.problem;
        let counted = matches!(self.kind, Kind::Lscp | Kind::PCentre);
        let weighted = !counted || !problem.capacities.is_empty();
        let limit = self.certificate.radius.map_or(u32::MAX, |r| r.0);
        let unit = |c: usize| if weighted { i128::from(problem.weights[c]) } else { 1 };
        let caps = self.caps(prices);
        let mut bound = self.constraint_constant(prices);
        for (c, cap) in caps.iter().enumerate().filter(|(c, _)| self.need[*c] > 0) {
            let earned = self.need[c] * unit(c) * i128::from(price(c));
            bound += cap.map_or(earned, |cap| earned.min(cap));
        }
        let mut reduced = self.site_costs(if counted { MILLION } else { 0 }, prices);
        let mut offers: Vec<Vec<(i128, i128)>> =
            vec![Vec::new(); if problem.capacities.is_empty() { 0 } else { reduced.len() }];
        for pair in problem.pairs.iter().filter(|p| p.travel.0 <= limit) {
            let (c, s) = (pair.client.at(), pair.site.at());
            let distance = if self.kind == Kind::PMedian { i128::from(pair.travel.0) * MILLION } else { 0 };
            let gain = i128::from(price(c)) - distance;
            if gain > 0 && offers.is_empty() {
                reduced[s] -= unit(c) * gain;
            } else if gain > 0 {
                offers[s].push((gain, unit(c)));
            }
        }
        for (s, offer) in offers.iter_mut().enumerate() {
            reduced[s] -= fill_capacity(offer, i128::from(problem.capacities[s]));
        }
        let chosen = choose(state, &reduced, self.chooses());
        bound += chosen.iter().map(|&s| reduced[s]).sum::<i128>();
        Dual { bound, reduced, chosen }
    }

    /// Most sites that the relaxation may open; where outlets are counted, as many as pay.
    fn chooses(&self) -> usize {
        if self.kind == Kind::PCentre {
            usize::MAX
        } else {
            self.certificate.p.map_or(usize::MAX, |p| p as usize)
        }
    }

    /// Most that leaving each client unserved can cost, in millionths; `None`: everyone must be served.
    fn caps(&self, prices: &ConstraintPrices) -> Vec<Option<i128>> {
        let base = match self.kind {
            Kind::Mclp => Some(MILLION),
            Kind::Lscp if self.certificate.share_millionths < 1_000_000 => Some(i128::from(prices.share)),
            _ => None,
        };
        let Some(base) = base else { return vec![None; self.need.len()] };
        let mut per_unit = vec![base; self.need.len()];
        for (group, &price) in self.problem.groups.iter().zip(&prices.group_cover) {
            distinct(&group.clients).iter().for_each(|c| per_unit[c.at()] += i128::from(price));
        }
        per_unit.iter().zip(&self.problem.weights).map(|(p, &w)| Some(p * i128::from(w))).collect()
    }

    fn constraint_constant(&self, prices: &ConstraintPrices) -> i128 {
        let problem = self.problem;
        let mut constant = -i128::from(prices.share) * (self.total - self.cover_target());
        constant -= problem.budget.map_or(0, |b| i128::from(prices.budget) * i128::from(b.0));
        for (group, &price) in problem.groups.iter().zip(&prices.group_outlets) {
            constant += i128::from(price) * i128::from(group.least_outlets);
        }
        for (group, &price) in problem.groups.iter().zip(&prices.group_cover) {
            let clients = distinct(&group.clients);
            let reachable = clients.iter().filter(|c| self.need[c.at()] > 0);
            let most: i128 = reachable.map(|c| i128::from(problem.weights[c.at()])).sum();
            constant -= i128::from(price) * (most - i128::from(group.least_covered));
        }
        constant
    }

    fn site_costs(&self, base: i128, prices: &ConstraintPrices) -> Vec<i128> {
        let mut costs = vec![base; self.root.len()];
        if self.problem.budget.is_some() {
            let each = costs.iter_mut().zip(&self.problem.costs);
            each.for_each(|(cost, fen)| *cost += i128::from(prices.budget) * i128::from(fen.0));
        }
        for (group, &price) in self.problem.groups.iter().zip(&prices.group_outlets) {
            distinct(&group.sites).iter().for_each(|s| costs[s.at()] -= i128::from(price));
        }
        costs
    }

    /// Walks the tree from its root: the least that its ends prove (what they settle holds for anything better than
    /// the objective only, so no more than the goal).
    fn bound_of_tree(&self) -> Result<i128, Fault> {
        let tree = &self.certificate.tree;
        let mut stack = vec![(0usize, self.root.clone())];
        let (mut visits, mut least) = (0, self.goal());
        while let Some((at, mut state)) = stack.pop() {
            visits += 1;
            // Children stand behind their parents and are visited once, so the walk ends.
            let Some(node) = tree.get(at).filter(|_| visits <= tree.len()) else { return Err(bad_tree(at)) };
            let whole = self.bound_and_settle(node, &mut state)?;
            if whole >= self.goal() {
                continue;
            }
            match (node.branch, node.then) {
                (Some(branch), None) if state.get(branch.site.at()) == Some(&Site::Free) => {
                    for (child, side) in [(branch.open, Site::Open), (branch.closed, Site::Closed)] {
                        let mut below = state.clone();
                        below[branch.site.at()] = side;
                        stack.push((child, below));
                    }
                }
                (None, Some(next)) => stack.push((next, state)),
                (None, None) => least = least.min(whole),
                _ => return Err(bad_tree(at)),
            }
        }
        Ok(least)
    }

    /// What the node's multipliers prove; below the goal its settled sites are proved and applied.
    fn bound_and_settle(&self, node: &ProofNode, state: &mut [Site]) -> Result<i128, Fault> {
        let class_of = &self.certificate.class_of;
        let price = |c: usize| class_of[c].map_or(0, |k| node.multipliers[k as usize]);
        let dual = self.dual(state, &price, &node.prices);
        let whole = ceiling(dual.bound);
        if whole >= self.goal() {
            return Ok(whole);
        }
        let before = state.to_vec();
        for &(site, open) in &node.settled {
            if !self.settles(&before, &dual, site, open) {
                return Err(fault(
                    format!("网点 {} 的取舍没有得到证明。", site.0),
                    format!("the proof does not settle site {} as it says.", site.0),
                ));
            }
            state[site.at()] = if open { Site::Open } else { Site::Closed };
        }
        Ok(whole)
    }

    /// The other choice for `site` cannot beat the objective.
    fn settles(&self, state: &[Site], dual: &Dual, site: SiteIx, open: bool) -> bool {
        if state.get(site.at()) != Some(&Site::Free) {
            return false;
        }
        let mut other = state.to_vec();
        other[site.at()] = if open { Site::Closed } else { Site::Open };
        let constant = dual.bound - dual.chosen.iter().map(|&s| dual.reduced[s]).sum::<i128>();
        let chosen = choose(&other, &dual.reduced, self.chooses());
        let forced = other.iter().filter(|s| **s == Site::Open).count();
        let bound = constant + chosen.iter().map(|&s| dual.reduced[s]).sum::<i128>();
        forced > self.chooses() || ceiling(bound) >= self.goal()
    }
}

fn bad_tree(at: usize) -> Fault {
    fault(format!("证明树在第 {at} 个节点断开。"), format!("the proof tree breaks at node {at}."))
}

fn ceiling(millionths: i128) -> i128 {
    millionths.div_euclid(MILLION) + i128::from(millionths.rem_euclid(MILLION) != 0)
}

/// Most that a capacity can earn from offers (gain per unit, units), taken in parts.
fn fill_capacity(offers: &mut [(i128, i128)], capacity: i128) -> i128 {
    offers.sort_unstable_by(|a, b| b.cmp(a));
    let (mut left, mut earned) = (capacity, 0);
    for &(gain, units) in offers.iter() {
        let taken = units.min(left);
        earned += gain * taken;
        left -= taken;
    }
    earned
}

/// Open sites and the cheapest free ones that pay, at most `most` together.
fn choose(state: &[Site], reduced: &[i128], most: usize) -> Vec<usize> {
    let mut chosen: Vec<usize> = (0..state.len()).filter(|&s| state[s] == Site::Open).collect();
    let mut free: Vec<usize> =
        (0..state.len()).filter(|&s| state[s] == Site::Free && reduced[s] < 0).collect();
    free.sort_by_key(|&s| (reduced[s], s));
    free.truncate(most.saturating_sub(chosen.len()));
    chosen.extend(free);
    chosen
}

pub(super) fn distinct<T: Copy + Ord>(items: &[T]) -> Vec<T> {
    let mut items = items.to_vec();
    items.sort_unstable();
    items.dedup();
    items
}
