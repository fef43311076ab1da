//! The transportation problem of a fixed open set: demand in parts, at least cost, with the price of each capacity
//! (successive shortest paths over the sites).

use super::case::{Case, Choice, Pin};
use crate::siting::exact::MILLION;

/// (site, units) of each row; what is missing stays unserved.
pub(super) type Parts = Vec<Vec<(u32, i64)>>;

/// Units of each row at each site, and optimal row prices.
#[derive(Debug, Clone)]
pub(super) struct Flow {
    /// Who is served from where.
    pub(super) parts: Parts,
    /// Row prices in millionths per unit.
    pub(super) rows: Vec<i64>,
}

/// Where a unit of a row goes when a path moves it.
#[derive(Debug, Clone, Copy)]
enum Onward {
    /// The site has room.
    Room,
    /// Row to the next site.
    Site(u32, u32),
    /// Row stays unserved.
    Unserved(u32),
}

struct Net<'a> {
    case: &'a Case,
    choice: &'a Choice,
    /// Cost of leaving a unit of each row unserved, millionths.
    unserved: Vec<i128>,
    load: Vec<i64>,
    /// Units by site and row.
    held: Vec<Vec<(u32, i64)>>,
    cost: Vec<i128>,
    onward: Vec<Onward>,
}

const FAR: i128 = i128::MAX / 4;

/// Solves it under `choice`, whose open sites are final. `unserved` is per unit, millionths.
pub(super) fn solve(case: &Case, choice: &Choice, unserved: Vec<i128>) -> Flow {
    let n = choice.state.len();
    let mut net = Net {
        case,
        choice,
        unserved,
        load: vec![0; n],
        held: vec![Vec::new(); n],
        cost: vec![0; n],
        onward: vec![Onward::Room; n],
    };
    net.price();
    let rows = case.instance.row_count();
    for r in 0..rows {
        net.place(r);
    }
    net.price();
    let mut parts = vec![Vec::new(); rows];
    for (s, held) in net.held.iter().enumerate() {
        held.iter().for_each(|&(r, units)| parts[r as usize].push((s as u32, units)));
    }
    let price = |r: usize| {
        let best = net.sites(r).map(|(s, d)| d + net.cost[s as usize]).min().unwrap_or(FAR);
        i64::try_from(best.min(net.unserved[r])).unwrap_or(i64::MAX).clamp(0, 900_000_000_000_000_000)
    };
    Flow { parts, rows: (0..rows).map(price).collect() }
}

impl Net<'_> {
    /// Sites of row `r` with cost per unit, millionths.
    fn sites(&self, r: usize) -> impl Iterator<Item = (u32, i128)> + '_ {
        self.case.usable(self.choice, true, r).map(|(s, d)| (s, i128::from(d) * i128::from(MILLION)))
    }

    /// Routes the demand of row `r`, path by path.
    fn place(&mut self, r: usize) {
        let mut left = self.case.instance.weight[r];
        while left > 0 {
            let best = self.sites(r).map(|(s, d)| (d + self.cost[s as usize], s)).min();
            let Some((cost, first)) = best.filter(|b| b.0 < self.unserved[r]) else { return };
            debug_assert!(cost < FAR);
            let path = self.path(first);
            let mut units = left;
            for &(site, onward) in &path {
                units = units.min(match onward {
                    Onward::Room => self.case.capacities[site as usize] - self.load[site as usize],
                    Onward::Site(row, _) | Onward::Unserved(row) => self.units(site, row),
                });
            }
            self.shift(first, r as u32, units);
            for &(site, onward) in &path {
                match onward {
                    Onward::Room => {}
                    Onward::Site(row, to) => {
                        self.shift(site, row, -units);
                        self.shift(to, row, units);
                    }
                    Onward::Unserved(row) => self.shift(site, row, -units),
                }
            }
            left -= units;
            if path.len() > 1 || self.load[first as usize] == self.case.capacities[first as usize] {
                self.price();
            }
        }
    }

    fn path(&self, first: u32) -> Vec<(u32, Onward)> {
        let (mut path, mut at) = (Vec::new(), first);
        loop {
            let onward = self.onward[at as usize];
            path.push((at, onward));
            match onward {
                Onward::Site(_, to) => at = to,
                Onward::Room | Onward::Unserved(_) => return path,
            }
        }
    }

    fn units(&self, site: u32, row: u32) -> i64 {
        self.held[site as usize].iter().find(|h| h.0 == row).map_or(0, |h| h.1)
    }

    fn shift(&mut self, site: u32, row: u32, units: i64) {
        self.load[site as usize] += units;
        let held = &mut self.held[site as usize];
        match held.iter().position(|h| h.0 == row) {
            Some(at) => {
                held[at].1 += units;
                if held[at].1 == 0 {
                    held.swap_remove(at);
                }
            }
            None => held.push((row, units)),
        }
    }

    /// Cost of freeing one unit at each site (Bellman and Ford): nothing where there is room.
    fn price(&mut self) {
        let n = self.cost.len();
        let full: Vec<usize> = (0..n).filter(|&s| self.load[s] >= self.case.capacities[s]).collect();
        (0..n).for_each(|s| (self.cost[s], self.onward[s]) = (0, Onward::Room));
        // Cheapest move of one unit between two sites, found once.
        let mut moves: Vec<Vec<(i128, Onward)>> = Vec::with_capacity(full.len());
        for &s in &full {
            (self.cost[s], self.onward[s]) = (FAR, Onward::Room);
            let mut cheapest: std::collections::BTreeMap<u32, (i128, Onward)> =
                std::collections::BTreeMap::new();
            for &(row, _) in &self.held[s] {
                let r = row as usize;
                let here = self.sites(r).find(|e| e.0 as usize == s).map_or(0, |e| e.1);
                let mut offer = |to: u32, cost: i128, onward: Onward| {
                    let known = cheapest.entry(to).or_insert((cost, onward));
                    if cost < known.0 {
                        *known = (cost, onward);
                    }
                };
                offer(u32::MAX, self.unserved[r] - here, Onward::Unserved(row));
                for (to, d) in self.sites(r).filter(|e| e.0 as usize != s) {
                    offer(to, d - here, Onward::Site(row, to));
                }
            }
            moves.push(cheapest.into_values().collect());
        }
        let mut changed = true;
        while changed {
            changed = false;
            for (&s, moves) in full.iter().zip(&moves) {
                for &(cost, onward) in moves {
                    let beyond = if let Onward::Site(_, to) = onward { self.cost[to as usize] } else { 0 };
                    if beyond < FAR && cost + beyond < self.cost[s] {
                        (self.cost[s], self.onward[s]) = (cost + beyond, onward);
                        changed = true;
                    }
                }
            }
        }
    }
}

/// What leaving each row unserved costs under the prices of the constraints, millionths a unit; `much` where it must not.
pub(super) fn unserved_costs(
    case: &Case,
    choice: &Choice,
    limits: &crate::siting::ConstraintPrices,
    much: i64,
) -> Vec<i128> {
    let rows = 0..case.instance.row_count();
    let pin = |r: usize| choice.pinned.get(r).copied().unwrap_or(Pin::Free);
    rows.map(|r| {
        case.cap(choice, limits, r)
            .map_or(i128::from(much), |cap| if pin(r) == Pin::Unserved { 0 } else { cap })
    })
    .collect()
}
