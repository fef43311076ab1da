//! Checks a siting certificate from the raw instance in exact integers. It shares no code with the solver.

use super::certificate_cuts::CutRows;
use super::certificate_dual::{Dual, Position, ceiling, choose};
use super::certificate_regions;
use crate::base::{Fault, SiteIx};
use crate::siting::{Certificate, ConstraintPrices, ProofNode, SitingProblem, Split};

pub(super) const MILLION: i128 = 1_000_000;
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
    CoverNearest,
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
    /// Weighted travel times of all together are less than this: the cost of a unit left uncovered (cover_nearest).
    pub(super) beyond: i128,
}

impl<'a> Checker<'a> {
    fn new(problem: &'a SitingProblem, certificate: &'a Certificate) -> Result<Checker<'a>, Fault> {
        let kind = match certificate.model.as_str() {
            "lscp" => Kind::Lscp,
            "mclp" => Kind::Mclp,
            "pmedian" => Kind::PMedian,
            "pcenter" => Kind::PCentre,
            "cover_nearest" => Kind::CoverNearest,
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
        let mut farthest = vec![0i128; clients];
        for pair in problem.pairs.iter().filter(|p| root[p.site.at()] != Site::Closed) {
            let known = &mut farthest[pair.client.at()];
            *known = i128::from(pair.travel.0).max(*known);
        }
        let beyond = 1 + farthest.iter().zip(&problem.weights).map(|(d, &w)| d * i128::from(w)).sum::<i128>();
        let checker = Checker { problem, certificate, kind, root, need, total, beyond };
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
            && (c.cuts.is_empty() || !c.tree.is_empty())
            && prices.copied().all(|y| (0..=LARGEST_PRICE).contains(&y))
            && constraint.into_iter().all(fits)
            && (c.tree.is_empty() || c.class_of.len() == clients)
            && c.class_of.iter().flatten().all(|&k| (k as usize) < classes)
            && (self.kind == Kind::PCentre || c.radius.is_none())
            && (self.kind == Kind::Lscp || (c.backup == 1 && c.share_millionths == 1_000_000))
            && (1..=1_000_000).contains(&c.share_millionths);
        if shaped {
            let regions = c.regions.as_ref().map_or(&[][..], |r| &r.parts);
            return certificate_regions::fits(regions, |y| (0..=LARGEST_PRICE).contains(&y));
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
                Kind::Lscp | Kind::PMedian | Kind::CoverNearest => least.clamp(0, objective),
            }
        };
        let proved = match self.bound_of_regions()? {
            regional if self.kind == Kind::Lscp => proved.max(regional.min(objective)),
            _ => proved,
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
        let whole = ceiling(self.dual(&self.start(), &|i| c.multipliers[i], &c.prices).bound);
        match self.kind {
            Kind::Mclp => (self.total - whole).max(objective),
            _ => whole.clamp(0, objective),
        }
    }

    fn centre_bound(&self, objective: i128) -> i128 {
        let c = self.certificate;
        let whole = ceiling(self.dual(&self.start(), &|i| c.multipliers[i], &c.prices).bound);
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
            Kind::Lscp => objective,
            Kind::PMedian | Kind::CoverNearest => {
                self.certificate.goal.map_or(objective, |goal| i128::from(goal).min(objective))
            }
            Kind::Mclp => self.total - objective,
            Kind::PCentre => self.certificate.p.map_or(i128::MAX, |p| i128::from(p) + 1),
        }
    }

    /// Walks the tree from its root: the least that its ends prove (what they settle holds for anything better than
    /// the objective only, so no more than the goal).
    fn bound_of_tree(&self) -> Result<i128, Fault> {
        let (c, tree) = (self.certificate, &self.certificate.tree);
        let mut start = self.start();
        let root = self.dual(&start, &|i| c.multipliers[i], &c.prices);
        self.settle(&mut start, &root, &c.settled)?;
        let cuts = self.cut_rows(&start.sites)?;
        let mut stack = vec![(0usize, start)];
        let (mut visits, mut least) = (0, self.goal());
        while let Some((at, mut here)) = stack.pop() {
            visits += 1;
            // Children stand behind their parents and are visited once, so the walk ends.
            let Some(node) = tree.get(at).filter(|_| visits <= tree.len()) else { return Err(bad_tree(at)) };
            let whole = self.bound_and_settle(node, &cuts, &mut here)?;
            if whole >= self.goal() {
                continue;
            }
            match (node.branch, &node.split, node.then) {
                (Some(branch), None, None) if here.sites.get(branch.site.at()) == Some(&Site::Free) => {
                    for (child, side) in [(branch.open, Site::Open), (branch.closed, Site::Closed)] {
                        let mut below = here.clone();
                        below.sites[branch.site.at()] = side;
                        stack.push((child, below));
                    }
                }
                (None, Some(split), None) if self.splits_all(split, &here) => {
                    for &(site, child) in &split.children {
                        let mut below = here.clone();
                        below.pins.insert(split.client.at(), site);
                        stack.push((child, below));
                    }
                }
                (None, None, Some(next)) => stack.push((next, here)),
                (None, None, None) => least = least.min(whole),
                _ => return Err(bad_tree(at)),
            }
        }
        Ok(least)
    }

    /// The children of a split leave out no site that may serve the client, nor the choice to leave them unserved.
    fn splits_all(&self, split: &Split, here: &Position) -> bool {
        let client = split.client.at();
        if self.problem.capacities.is_empty() || client >= self.need.len() || here.pins.contains_key(&client)
        {
            return false;
        }
        let has = |site: Option<SiteIx>| split.children.iter().any(|c| c.0 == site);
        let may = |s: &SiteIx| here.sites[s.at()] == Site::Open || self.may_open(here, s.at());
        let pairs = self.problem.pairs.iter().filter(|p| p.client.at() == client);
        let near = pairs.filter(|p| p.travel.0 <= self.radius() && may(&p.site));
        near.map(|p| Some(p.site)).all(has) && (!self.may_lack() || has(None))
    }

    /// What the node's multipliers prove; below the goal its settled sites are proved and applied.
    fn bound_and_settle(&self, node: &ProofNode, cuts: &CutRows, here: &mut Position) -> Result<i128, Fault> {
        let class_of = &self.certificate.class_of;
        let price = |c: usize| class_of[c].map_or(0, |k| node.multipliers[k as usize]);
        let dual = self.dual_with(here, &price, &node.prices, cuts, &node.cut_prices);
        let whole = ceiling(dual.bound);
        if whole >= self.goal() {
            return Ok(whole);
        }
        self.settle(here, &dual, &node.settled)?;
        Ok(whole)
    }

    /// Applies what `dual` settles; everything in `settled` must be proved by it.
    fn settle(&self, here: &mut Position, dual: &Dual, settled: &[(SiteIx, bool)]) -> Check {
        let before = here.sites.clone();
        for &(site, open) in settled {
            if !self.settles(&before, dual, site, open) {
                return Err(fault(
                    format!("网点 {} 的取舍没有得到证明。", site.0),
                    format!("the proof does not settle site {} as it says.", site.0),
                ));
            }
            here.sites[site.at()] = if open { Site::Open } else { Site::Closed };
        }
        Ok(())
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

pub(super) fn distinct<T: Copy + Ord>(items: &[T]) -> Vec<T> {
    let mut items = items.to_vec();
    items.sort_unstable();
    items.dedup();
    items
}
