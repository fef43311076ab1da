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
        let slack =
            partial.map(|share| total - i64::try_from(exact::whole_up(share, MILLION)).unwrap_or(total));
        if slack.is_some() || !problem.capacities.is_empty() {
            instance.unit.clone_from(&instance.weight);
        }
        let (groups, groups_of) = blocs(problem, &instance);
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

    /// Fewer sites than row `r` needs may serve it under `choice`.
    pub(super) fn is_short(&self, choice: &Choice, full: bool, r: usize) -> bool {
        let need = self.instance.need[r] as usize;
        self.usable(choice, full, r).take(need).count() < need
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
            let earned = y * unit * i128::from(instance.need[r]);
            bound += match self.cap(choice, &prices.limits, r) {
                None => earned,
                Some(cap) if self.is_short(choice, full, r) => cap * unit,
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
        let rows = || 0..self.instance.row_count();
        let must = |r: usize| !self.may_lack() || matches!(choice.pinned.get(r), Some(Pin::Site(_)));
        if let Some(row) = rows().find(|&r| must(r) && self.is_short(choice, full, r)) {
            prices.rows[row] = much;
        } else if self.is_over_budget(choice) {
            prices.limits.budget = much;
        } else if self.slack.is_some_and(|slack| self.short_demand(choice, full, rows()) > slack) {
            prices.limits.share = much;
        } else if let Some((g, minimum)) = self.lost_minimum(choice, full) {
            let of_groups = match minimum {
                Minimum::Outlets => &mut prices.limits.group_outlets,
                Minimum::Covered => &mut prices.limits.group_cover,
            };
            of_groups[g] = much;
        } else {
            let site = self.overfull(choice)?;
            for (price, _) in prices.rows.iter_mut().zip(&choice.pinned).filter(|p| *p.1 == Pin::Site(site)) {
                *price = much;
            }
        }
        Some(prices)
    }

    /// The sites forced open cost more than there is.
    fn is_over_budget(&self, choice: &Choice) -> bool {
        let open = (0..choice.state.len()).filter(|&s| choice.state[s] == State::Open);
        self.budget.is_some_and(|budget| open.map(|s| self.costs[s]).sum::<i64>() > budget)
    }

    /// Demand of those of `rows` that too few sites may serve.
    fn short_demand(&self, choice: &Choice, full: bool, rows: impl Iterator<Item = usize>) -> i64 {
        let short = rows.filter(|&r| self.is_short(choice, full, r));
        short.map(|r| self.instance.weight[r]).sum()
    }

    /// The first group that cannot reach one of its minimums any more.
    fn lost_minimum(&self, choice: &Choice, full: bool) -> Option<(usize, Minimum)> {
        let may_open = |s: &&u32| match choice.state[**s as usize] {
            State::Open => true,
            State::Free => !full,
            State::Closed => false,
        };
        let lost = |group: &Bloc| {
            if (group.sites.iter().filter(may_open).count() as i64) < group.least_outlets {
                return Some(Minimum::Outlets);
            }
            let rows = group.rows.iter().map(|&r| r as usize);
            let lacks = self.may_lack()
                && group.reachable - self.short_demand(choice, full, rows) < group.least_covered;
            lacks.then_some(Minimum::Covered)
        };
        self.groups.iter().enumerate().find_map(|(g, group)| Some((g, lost(group)?)))
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

/// What a group asks at least.
enum Minimum {
    Outlets,
    Covered,
}

/// The groups of `problem` in rows, and the groups of each row.
fn blocs(problem: &SitingProblem, instance: &Instance) -> (Vec<Bloc>, Vec<Vec<u32>>) {
    let mut groups_of = vec![Vec::new(); instance.row_count()];
    let ascending = |mut list: Vec<u32>| {
        list.sort_unstable();
        list.dedup();
        list
    };
    let mut groups = Vec::new();
    for (g, group) in problem.groups.iter().enumerate() {
        let rows = ascending(group.clients.iter().filter_map(|c| instance.row_of[c.at()]).collect());
        rows.iter().for_each(|&r| groups_of[r as usize].push(g as u32));
        groups.push(Bloc {
            reachable: rows.iter().map(|&r| instance.weight[r as usize]).sum(),
            least_outlets: i64::from(group.least_outlets),
            least_covered: i64::try_from(group.least_covered).unwrap_or(i64::MAX),
            rows,
            sites: ascending(group.sites.iter().map(|s| s.0).collect()),
        });
    }
    (groups, groups_of)
}
