//! A constrained problem in row form, and the exact value of its prices.

use crate::siting::answer::ConstraintPrices;
use crate::siting::exact::{self, DualValue, MILLION};
use crate::siting::instance::{Instance, State};
use crate::siting::{Model, SitingProblem};

/// Minimums of one group.
#[derive(Debug, Clone)]
pub(super) struct Bloc {
    /// Its sites, ascending.
    pub(super) sites: Vec<u32>,
    /// Its rows, ascending.
    pub(super) rows: Vec<u32>,
    /// Least number of open sites.
    pub(super) least_outlets: i64,
    /// Least demand covered.
    pub(super) least_covered: i64,
    /// Demand that can be reached.
    pub(super) reachable: i64,
}

/// Where a client's choice of site stands (with capacities only).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pin {
    /// Any open site.
    Free,
    /// This site.
    Site(u32),
    /// Left unserved.
    Unserved,
}

/// What a node of the search has decided.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    /// State of each site.
    pub(super) state: Vec<State>,
    /// Pin of each row; empty without capacities.
    pub(super) pinned: Vec<Pin>,
}

/// One multiplier a row and one a constraint, millionths.
#[derive(Debug, Clone)]
pub(super) struct Prices {
    /// Per unit of each row.
    pub(super) rows: Vec<i64>,
    /// Of the constraints.
    pub(super) limits: ConstraintPrices,
}

/// The problem with its constraints.
#[derive(Debug, Clone)]
pub(super) struct Case {
    /// Rows and columns; with capacities every client is a row of its own.
    pub(super) instance: Instance,
    /// Cost of a unit left unserved, whole units; `None`: all must be served (or, with `slack`, all but so much).
    pub(super) base: Option<i64>,
    /// LSCP: demand that may stay uncovered.
    pub(super) slack: Option<i64>,
    /// Most that open sites may cost.
    pub(super) budget: Option<i64>,
    /// Cost of each site, where there is a budget.
    pub(super) costs: Vec<i64>,
    /// Capacity of each site; empty: unlimited.
    pub(super) capacities: Vec<i64>,
    /// Groups in the order of the problem.
    pub(super) groups: Vec<Bloc>,
    /// Groups of each row.
    pub(super) groups_of: Vec<Vec<u32>>,
    /// Demand of all rows.
    pub(super) total: i64,
}

impl Case {
    /// `problem` under `model`, pairs within `limit` seconds. p-centre is asked as LSCP within a radius.
    pub(super) fn build(problem: &SitingProblem, model: Model, limit: u32) -> Case {
        let distances = matches!(model, Model::PMedian { .. } | Model::CoverNearest { .. });
        let mut instance = Instance::build_within(problem, model, distances, limit);
        let total: i64 = instance.weight.iter().sum();
        let partial = match model {
            Model::Lscp { share_millionths, .. } if share_millionths < 1_000_000 => {
                Some(i128::from(total) * i128::from(share_millionths))
            }
            _ => None,
        };
        let slack = partial.map(|share| {
            let target = share / 1_000_000 + i128::from(share % 1_000_000 != 0);
            total - i64::try_from(target).unwrap_or(total)
        });
        if slack.is_some() || !problem.capacities.is_empty() {
            instance.unit.clone_from(&instance.weight);
        }
        let mut groups_of = vec![Vec::new(); instance.row_count()];
        let mut groups = Vec::new();
        for (g, group) in problem.groups.iter().enumerate() {
            let mut rows: Vec<u32> = group.clients.iter().filter_map(|c| instance.row_of[c.at()]).collect();
            let mut sites: Vec<u32> = group.sites.iter().map(|s| s.0).collect();
            rows.sort_unstable();
            rows.dedup();
            sites.sort_unstable();
            sites.dedup();
            rows.iter().for_each(|&r| groups_of[r as usize].push(g as u32));
            groups.push(Bloc {
                reachable: rows.iter().map(|&r| instance.weight[r as usize]).sum(),
                least_outlets: i64::from(group.least_outlets),
                least_covered: i64::try_from(group.least_covered).unwrap_or(i64::MAX),
                rows,
                sites,
            });
        }
        let base = instance.cap;
        let budget = problem.budget.map(|b| b.0);
        let costs = if budget.is_some() { problem.costs.iter().map(|c| c.0).collect() } else { Vec::new() };
        let capacities =
            problem.capacities.iter().map(|&c| i64::try_from(c).unwrap_or(i64::MAX).min(total)).collect();
        Case { instance, base, slack, budget, costs, capacities, groups, groups_of, total }
    }

    /// Nothing decided but what the problem fixes and forbids.
    pub(super) fn root(&self) -> Choice {
        let pins = if self.capacities.is_empty() { 0 } else { self.instance.row_count() };
        Choice { state: self.instance.state.clone(), pinned: vec![Pin::Free; pins] }
    }

    /// All prices nought.
    pub(super) fn nought(&self) -> Prices {
        let groups = vec![0; self.groups.len()];
        let limits =
            ConstraintPrices { budget: 0, share: 0, group_outlets: groups.clone(), group_cover: groups };
        Prices { rows: vec![0; self.instance.row_count()], limits }
    }

    /// Rows may stay unserved at a cost.
    pub(super) fn may_lack(&self) -> bool {
        self.base.is_some() || self.slack.is_some()
    }

    /// As many sites as may open are forced open.
    pub(super) fn is_full(&self, choice: &Choice) -> bool {
        let forced = choice.state.iter().filter(|s| **s == State::Open).count();
        self.instance.p.is_some_and(|p| forced >= p)
    }

    /// Sites that may serve row `r` under `choice`, nearest first.
    pub(super) fn usable<'a>(
        &'a self,
        choice: &'a Choice,
        full: bool,
        r: usize,
    ) -> impl Iterator<Item = (u32, u32)> + 'a {
        let pin = choice.pinned.get(r).copied().unwrap_or(Pin::Free);
        self.instance.rows.of(r).iter().copied().filter(move |&(s, _)| {
            let state = choice.state[s as usize];
            let may_open = state == State::Open || (state == State::Free && !full);
            may_open && (pin == Pin::Free || pin == Pin::Site(s))
        })
    }

    /// Per unit of row `r`, the most that leaving it unserved costs, millionths; `None`: it must be served.
    pub(super) fn cap(&self, choice: &Choice, limits: &ConstraintPrices, r: usize) -> Option<i128> {
        if !self.may_lack() || matches!(choice.pinned.get(r), Some(Pin::Site(_))) {
            return None;
        }
        let base = self.base.map_or(i128::from(limits.share), |b| i128::from(b) * i128::from(MILLION));
        let groups = self.groups_of[r].iter().map(|&g| i128::from(limits.group_cover[g as usize]));
        Some(base + groups.sum::<i128>())
    }

    fn constant(&self, limits: &ConstraintPrices) -> i128 {
        let mut constant = -i128::from(limits.share) * i128::from(self.slack.unwrap_or(0));
        constant -= i128::from(limits.budget) * i128::from(self.budget.unwrap_or(0));
        for (g, group) in self.groups.iter().enumerate() {
            constant += i128::from(limits.group_outlets[g]) * i128::from(group.least_outlets);
            constant -= i128::from(limits.group_cover[g]) * i128::from(group.reachable - group.least_covered);
        }
        constant
    }

    fn site_costs(&self, limits: &ConstraintPrices) -> Vec<i128> {
        let mut costs =
            vec![i128::from(self.instance.site_cost) * i128::from(MILLION); self.instance.site_count()];
        for (cost, &fen) in costs.iter_mut().zip(&self.costs) {
            *cost += i128::from(limits.budget) * i128::from(fen);
        }
        for (group, &price) in self.groups.iter().zip(&limits.group_outlets) {
            group.sites.iter().for_each(|&s| costs[s as usize] -= i128::from(price));
        }
        costs
    }

    /// The exact Lagrangian value of `prices` under `choice`, and with capacities the offers each site would take
    /// (gain per unit, row), best first.
    pub(super) fn evaluate(&self, choice: &Choice, prices: &Prices) -> (DualValue, Vec<Vec<(i64, u32)>>) {
        let (instance, full) = (&self.instance, self.is_full(choice));
        let mut bound = self.constant(&prices.limits);
        let mut reduced = self.site_costs(&prices.limits);
        let mut offers = vec![Vec::new(); self.capacities.len()];
        for r in 0..instance.row_count() {
            let (y, unit) = (i128::from(prices.rows[r]), i128::from(instance.unit[r]));
            let need = instance.need[r];
            let earned = y * unit * i128::from(need);
            bound += match self.cap(choice, &prices.limits, r) {
                None => earned,
                Some(cap) if self.usable(choice, full, r).take(need as usize).count() < need as usize => {
                    cap * unit
                }
                Some(cap) => earned.min(cap * unit),
            };
            for (s, d) in self.usable(choice, full, r) {
                let gain = prices.rows[r] - i64::from(d) * MILLION;
                if gain <= 0 {
                    break;
                }
                if offers.is_empty() {
                    reduced[s as usize] -= i128::from(gain) * unit;
                } else {
                    offers[s as usize].push((gain, r as u32));
                }
            }
        }
        for (s, offer) in offers.iter_mut().enumerate() {
            offer.sort_unstable_by_key(|&(gain, r)| (std::cmp::Reverse(gain), r));
            self.fill(s, offer, |gain, units, _| reduced[s] -= i128::from(gain) * i128::from(units));
        }
        let chosen = exact::cheapest_set(&choice.state, instance.p, |s| reduced[s as usize]);
        bound += chosen.iter().map(|&s| reduced[s as usize]).sum::<i128>();
        (DualValue { bound, reduced, chosen }, offers)
    }

    /// Takes `offers` into site `s` in their order until it is full, the last one in part.
    pub(super) fn fill(&self, s: usize, offers: &[(i64, u32)], mut take: impl FnMut(i64, i64, u32)) {
        let mut left = self.capacities[s];
        for &(gain, row) in offers {
            let units = self.instance.unit[row as usize].min(left);
            if units == 0 {
                break;
            }
            left -= units;
            take(gain, units, row);
        }
    }

    /// Prices that prove there is no answer below `choice`, at least `goal` whole units: one constraint cannot hold.
    pub(super) fn dead_end(&self, choice: &Choice, goal: i64) -> Option<Prices> {
        let full = self.is_full(choice);
        let much = goal.saturating_add(1).saturating_mul(MILLION).clamp(MILLION, 1_000_000_000_000_000);
        let mut prices = self.nought();
        let lacks = |r: usize| {
            let need = self.instance.need[r] as usize;
            self.usable(choice, full, r).take(need).count() < need
        };
        let weight = |r: usize| self.instance.weight[r];
        let must = |r: usize| !self.may_lack() || matches!(choice.pinned.get(r), Some(Pin::Site(_)));
        if let Some(row) = (0..self.instance.row_count()).find(|&r| must(r) && lacks(r)) {
            prices.rows[row] = much;
            return Some(prices);
        }
        let open = || (0..choice.state.len()).filter(|&s| choice.state[s] == State::Open);
        if self.budget.is_some_and(|b| open().map(|s| self.costs[s]).sum::<i64>() > b) {
            prices.limits.budget = much;
            return Some(prices);
        }
        if self.slack.is_some_and(|slack| {
            (0..self.instance.row_count()).filter(|&r| lacks(r)).map(weight).sum::<i64>() > slack
        }) {
            prices.limits.share = much;
            return Some(prices);
        }
        for (g, group) in self.groups.iter().enumerate() {
            let may = |s: &&u32| {
                let state = choice.state[**s as usize];
                state == State::Open || (state == State::Free && !full)
            };
            if (group.sites.iter().filter(may).count() as i64) < group.least_outlets {
                prices.limits.group_outlets[g] = much;
                return Some(prices);
            }
            let short: i64 = group.rows.iter().map(|&r| r as usize).filter(|&r| lacks(r)).map(weight).sum();
            if self.may_lack() && group.reachable - short < group.least_covered {
                prices.limits.group_cover[g] = much;
                return Some(prices);
            }
        }
        self.overfull(choice).map(|site| {
            for (r, pin) in choice.pinned.iter().enumerate() {
                if *pin == Pin::Site(site) {
                    prices.rows[r] = much;
                }
            }
            prices
        })
    }

    /// A site with more pinned demand than it holds.
    pub(super) fn overfull(&self, choice: &Choice) -> Option<u32> {
        let mut load = vec![0i64; self.capacities.len()];
        for (r, pin) in choice.pinned.iter().enumerate() {
            if let Pin::Site(s) = pin {
                load[*s as usize] += self.instance.weight[r];
            }
        }
        (0..load.len()).find(|&s| load[s] > self.capacities[s]).map(|s| s as u32)
    }
}
