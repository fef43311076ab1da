//! The dual half of a siting certificate: the Lagrangian value of multipliers in exact integers.

use super::certificate::{Checker, Kind, MILLION, Site, distinct};
use super::certificate_cuts::CutRows;
use crate::base::SiteIx;
use crate::siting::ConstraintPrices;
use std::collections::BTreeMap;

/// What a node of the tree has decided.
#[derive(Clone)]
pub(super) struct Position {
    /// State of each site.
    pub(super) sites: Vec<Site>,
    /// Clients whose site is decided (`None`: unserved).
    pub(super) pins: BTreeMap<usize, Option<SiteIx>>,
}

impl Position {
    fn allows(&self, client: usize, site: SiteIx) -> bool {
        self.pins.get(&client).is_none_or(|pin| *pin == Some(site))
    }
}

/// A dual value and what each site costs net of the multipliers, in millionths.
pub(super) struct Dual {
    /// Lower bound on the minimised cost.
    pub(super) bound: i128,
    /// Net cost of each site.
    pub(super) reduced: Vec<i128>,
    /// Sites the relaxation opens.
    pub(super) chosen: Vec<usize>,
}

impl Checker<'_> {
    /// Nothing decided but what the problem fixes and forbids.
    pub(super) fn start(&self) -> Position {
        Position { sites: self.root.clone(), pins: BTreeMap::new() }
    }

    /// Pairs beyond this do not count (p-centre).
    pub(super) fn radius(&self) -> u32 {
        self.certificate.radius.map_or(u32::MAX, |r| r.0)
    }

    /// Clients may stay unserved at a cost.
    pub(super) fn may_lack(&self) -> bool {
        let partial = self.kind == Kind::Lscp && self.certificate.share_millionths < 1_000_000;
        partial || matches!(self.kind, Kind::Mclp | Kind::CoverNearest)
    }

    /// A free site may still open: fewer than `p` are forced.
    pub(super) fn may_open(&self, here: &Position, site: usize) -> bool {
        let forced = here.sites.iter().filter(|s| **s == Site::Open).count();
        here.sites[site] == Site::Free && forced < self.chooses()
    }

    /// Open or openable sites that may still serve each client, where clients may stay unserved.
    fn usable(&self, here: &Position) -> Vec<i128> {
        let forced = here.sites.iter().filter(|s| **s == Site::Open).count();
        let full = forced >= self.chooses();
        let mut usable = vec![0i128; self.need.len()];
        for pair in self.problem.pairs.iter().filter(|p| p.travel.0 <= self.radius()) {
            let site = here.sites[pair.site.at()];
            let may = site == Site::Open || (site == Site::Free && !full);
            if may && here.allows(pair.client.at(), pair.site) {
                usable[pair.client.at()] += 1;
            }
        }
        usable
    }

    /// The Lagrangian value of `price` (a client) and `prices` under `here`.
    pub(super) fn dual(
        &self,
        here: &Position,
        price: &dyn Fn(usize) -> i64,
        prices: &ConstraintPrices,
    ) -> Dual {
        self.dual_with(here, price, prices, &CutRows::default(), &[])
    }

    /// As `dual`, with the prices of `cuts` beside.
    pub(super) fn dual_with(
        &self,
        here: &Position,
        price: &dyn Fn(usize) -> i64,
        prices: &ConstraintPrices,
        cuts: &CutRows,
        cut_prices: &[i64],
    ) -> Dual {
        let problem = self.problem;
        let counted = matches!(self.kind, Kind::Lscp | Kind::PCentre);
        let weighted = !counted || self.may_lack() || !problem.capacities.is_empty();
        let unit = |c: usize| if weighted { i128::from(problem.weights[c]) } else { 1 };
        let caps = self.caps(prices);
        let usable = if self.may_lack() { self.usable(here) } else { Vec::new() };
        let mut bound = self.constraint_constant(prices);
        let granted = cuts.granted(cut_prices);
        let as_row = |c: &usize| cuts.class_of.get(c).is_some_and(|k| granted.contains_key(k));
        for (c, cap) in caps.iter().enumerate().filter(|(c, _)| self.need[*c] > 0 && !as_row(c)) {
            let earned = self.need[c] * unit(c) * i128::from(price(c));
            let must = matches!(here.pins.get(&c), Some(Some(_)));
            bound += match cap.filter(|_| !must) {
                None => earned,
                // Too few sites are left for this client, so they stay unserved.
                Some(cap) if usable[c] < self.need[c] => cap,
                Some(cap) => earned.min(cap),
            };
        }
        // A class that a cut names is one row: served or unserved as a whole.
        for (class, granted) in &granted {
            let clients = || cuts.members[class].iter().copied();
            let earned: i128 = clients().map(|c| self.need[c] * unit(c) * i128::from(price(c))).sum();
            let cap = clients().filter_map(|c| caps[c]).sum::<i128>() - granted;
            let lacks = clients().any(|c| usable[c] < self.need[c]);
            bound += if lacks { cap } else { earned.min(cap) };
        }
        let mut reduced = self.site_costs(if counted { MILLION } else { 0 }, prices);
        for (cut, &price) in cuts.cuts.iter().zip(cut_prices) {
            bound += i128::from(price) * cut.right;
            cut.sites.iter().for_each(|&(s, k)| reduced[s] -= i128::from(price) * k);
        }
        let mut offers: Vec<Vec<(i128, i128)>> =
            vec![Vec::new(); if problem.capacities.is_empty() { 0 } else { reduced.len() }];
        for pair in problem.pairs.iter().filter(|p| p.travel.0 <= self.radius()) {
            let (c, s) = (pair.client.at(), pair.site.at());
            if !here.allows(c, pair.site) {
                continue;
            }
            let timed = matches!(self.kind, Kind::PMedian | Kind::CoverNearest);
            let distance = if timed { i128::from(pair.travel.0) * MILLION } else { 0 };
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
        let chosen = choose(&here.sites, &reduced, self.chooses());
        bound += chosen.iter().map(|&s| reduced[s]).sum::<i128>();
        Dual { bound, reduced, chosen }
    }

    /// Most sites that the relaxation may open; where outlets are counted, as many as pay.
    pub(super) fn chooses(&self) -> usize {
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
            Kind::CoverNearest => Some(self.beyond * MILLION),
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
}

pub(super) fn ceiling(millionths: i128) -> i128 {
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
pub(super) fn choose(state: &[Site], reduced: &[i128], most: usize) -> Vec<usize> {
    let mut chosen: Vec<usize> = (0..state.len()).filter(|&s| state[s] == Site::Open).collect();
    let mut free: Vec<usize> =
        (0..state.len()).filter(|&s| state[s] == Site::Free && reduced[s] < 0).collect();
    free.sort_by_key(|&s| (reduced[s], s));
    free.truncate(most.saturating_sub(chosen.len()));
    chosen.extend(free);
    chosen
}
