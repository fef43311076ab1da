//! Open sets under constraints: appraised whole (what is violated first, then cost), improved by adding, dropping and
//! exchanging sites.

use super::assignment::Assignment;
use super::case::{Case, Choice, Pin};
use crate::base::SplitMix64;
use crate::siting::instance::State;

/// Open sites near a closed one that it is exchanged with.
const NEAR: usize = 4;

/// Violation, then cost: smaller is better.
pub(super) type Worth = (i64, i64);

/// An open set, ascending, with the site of each row under capacities.
#[derive(Debug, Clone)]
pub(super) struct Opening {
    /// Open sites, ascending.
    pub(super) open: Vec<u32>,
    /// Site of each row (`u32::MAX`: none); empty without capacities.
    pub(super) site: Vec<u32>,
    /// Its worth.
    pub(super) worth: Worth,
}

impl Case {
    /// The choice that opens exactly `open`.
    pub(super) fn exactly(&self, open: &[u32]) -> Choice {
        let mut choice = self.root();
        choice.state.fill(State::Closed);
        open.iter().for_each(|&s| choice.state[s as usize] = State::Open);
        choice
    }

    /// Appraises `open`; with capacities after a quick assignment.
    pub(super) fn appraise(&self, open: &[u32]) -> Opening {
        if self.capacities.is_empty() {
            return self.appraise_nearest(open);
        }
        let mut assignment = Assignment::new(self, &self.exactly(open));
        assignment.greedy();
        assignment.improve(2);
        self.appraise_assigned(open, assignment.site)
    }

    /// Appraises `open` with the sites of all rows given.
    pub(super) fn appraise_assigned(&self, open: &[u32], site: Vec<u32>) -> Opening {
        let distance = |r: usize| {
            let near = self.instance.rows.of(r).iter().find(|e| e.0 == site[r]);
            near.map(|e| i64::from(e.1))
        };
        let near: Vec<Option<i64>> = (0..site.len()).map(distance).collect();
        let worth = self.worth(open, &near);
        Opening { open: open.to_vec(), site, worth }
    }

    fn appraise_nearest(&self, open: &[u32]) -> Opening {
        let rows = self.instance.row_count();
        let (mut count, mut near) = (vec![0u32; rows], vec![i64::MAX; rows]);
        for &s in open {
            for &(r, d) in self.instance.cols.of(s as usize) {
                count[r as usize] += 1;
                near[r as usize] = near[r as usize].min(i64::from(d));
            }
        }
        let covered = |r: usize| (count[r] >= self.instance.need[r]).then_some(near[r]);
        let near: Vec<Option<i64>> = (0..rows).map(covered).collect();
        Opening { open: open.to_vec(), site: Vec::new(), worth: self.worth(open, &near) }
    }

    /// Worth of an open set that serves each row at `near` or not at all.
    fn worth(&self, open: &[u32], near: &[Option<i64>]) -> Worth {
        let weight = &self.instance.weight;
        let (mut uncovered, mut far) = (0i64, 0i64);
        for (r, d) in near.iter().enumerate() {
            match d {
                Some(d) => far += weight[r] * d,
                None => uncovered += weight[r],
            }
        }
        let mut violation = match (self.base, self.slack) {
            (Some(_), _) => 0,
            (None, Some(slack)) => (uncovered - slack).max(0),
            (None, None) => uncovered,
        };
        if let Some(budget) = self.budget {
            let spent: i64 = open.iter().map(|&s| self.costs[s as usize]).sum();
            violation = violation.saturating_add((spent - budget).max(0));
        }
        for group in &self.groups {
            let outlets = group.sites.iter().filter(|s| open.binary_search(s).is_ok()).count() as i64;
            violation += (group.least_outlets - outlets).max(0) * (self.total / 16 + 1);
            if group.least_covered > 0 && self.may_lack() {
                let covered = group.rows.iter().filter(|&&r| near[r as usize].is_some());
                let covered: i64 = covered.map(|&r| weight[r as usize]).sum();
                violation += (group.least_covered - covered).max(0);
            }
        }
        let cost = if self.instance.p.is_none() {
            open.len() as i64
        } else {
            self.base.unwrap_or(0) * uncovered + far
        };
        (violation, cost)
    }

    /// A better opening near `start`: completed, pruned and exchanged in at most `trials` appraisals.
    pub(super) fn improve(
        &self,
        state: &[State],
        start: &[u32],
        mut trials: u64,
        random: &mut SplitMix64,
    ) -> (Opening, u64) {
        let most = trials;
        let forced = (0..state.len() as u32).filter(|&s| state[s as usize] == State::Open);
        let mut open: Vec<u32> = forced.collect();
        let room = self.instance.p.unwrap_or(usize::MAX);
        let extra = start.iter().copied().filter(|&s| state[s as usize] == State::Free);
        open.extend(extra.take(room.saturating_sub(open.len())));
        open.sort_unstable();
        let mut best = self.appraise(&open);
        while best.open.len() < room && (best.worth.0 > 0 || self.instance.p.is_some()) {
            let closed: Vec<u32> = (0..state.len() as u32)
                .filter(|&s| state[s as usize] == State::Free && best.open.binary_search(&s).is_err())
                .collect();
            trials = trials.saturating_sub(closed.len() as u64);
            let grown = closed.iter().map(|&s| self.appraise(&with(&best.open, s)));
            let Some(next) = grown.min_by(|a, b| (a.worth, &a.open).cmp(&(b.worth, &b.open))) else { break };
            if next.worth >= best.worth || trials == 0 {
                break;
            }
            best = next;
        }
        self.exchange(state, room, &mut best, &mut trials, random);
        if self.instance.p.is_none() {
            self.shrink(state, &mut best, &mut trials, random);
        }
        (best, most - trials)
    }

    /// Where outlets are counted: one outlet fewer, then exchanges until nothing is violated, as often as that works.
    fn shrink(&self, state: &[State], best: &mut Opening, trials: &mut u64, random: &mut SplitMix64) {
        while best.worth.0 == 0 && *trials > 0 {
            let may = best.open.iter().filter(|&&s| state[s as usize] == State::Free);
            let fewer = may.map(|&s| self.appraise(&without(&best.open, s)));
            *trials = trials.saturating_sub(best.open.len() as u64);
            let Some(mut trial) = fewer.min_by(|a, b| (a.worth, &a.open).cmp(&(b.worth, &b.open))) else {
                break;
            };
            let most = trial.open.len();
            self.exchange(state, most, &mut trial, trials, random);
            if trial.worth.0 > 0 {
                break;
            }
            *best = trial;
        }
    }

    /// Random additions, removals and exchanges that are better, up to `most` open sites.
    fn exchange(
        &self,
        state: &[State],
        most: usize,
        best: &mut Opening,
        trials: &mut u64,
        random: &mut SplitMix64,
    ) {
        let free: Vec<u32> = (0..state.len() as u32).filter(|&s| state[s as usize] == State::Free).collect();
        let (mut idle, patience) = (0, 2 * free.len() * best.open.len().max(1) + 8);
        while *trials > 0 && idle < patience && !free.is_empty() {
            *trials -= 1;
            idle += 1;
            let site = free[random.below(free.len())];
            let trial = match best.open.binary_search(&site) {
                Ok(_) => without(&best.open, site),
                Err(_) => {
                    let may = best.open.len() < most;
                    let out = best.open.iter().copied().filter(|&o| state[o as usize] == State::Free);
                    let out: Vec<u32> = out.collect();
                    if out.is_empty() || (may && random.below(4) == 0) {
                        if !may {
                            continue;
                        }
                        with(&best.open, site)
                    } else {
                        let near = self.near_open(site, &out);
                        let out = if near.is_empty() { &out } else { &near };
                        with(&without(&best.open, out[random.below(out.len())]), site)
                    }
                }
            };
            let trial = self.appraise(&trial);
            if trial.worth < best.worth {
                *best = trial;
                idle = 0;
            }
        }
    }

    /// With capacities, the open sites of `out` that are nearest to the client nearest to `site`: an exchange far away is a loss on
    /// both sides there.
    fn near_open(&self, site: u32, out: &[u32]) -> Vec<u32> {
        if self.capacities.is_empty() {
            return Vec::new();
        }
        let nearest = self.instance.cols.of(site as usize).iter().min_by_key(|e| (e.1, e.0));
        let rows = nearest.map(|e| self.instance.rows.of(e.0 as usize)).unwrap_or_default();
        rows.iter().map(|e| e.0).filter(|s| out.binary_search(s).is_ok()).take(NEAR).collect()
    }

    /// The opening that `choice` stands for when all is decided.
    pub(super) fn settled(&self, choice: &Choice) -> Opening {
        let open: Vec<u32> =
            (0..choice.state.len() as u32).filter(|&s| choice.state[s as usize] == State::Open).collect();
        if self.capacities.is_empty() {
            return self.appraise_nearest(&open);
        }
        let site = |pin: &Pin| if let Pin::Site(s) = pin { *s } else { u32::MAX };
        self.appraise_assigned(&open, choice.pinned.iter().map(site).collect())
    }
}

fn with(open: &[u32], site: u32) -> Vec<u32> {
    let mut open = open.to_vec();
    if let Err(at) = open.binary_search(&site) {
        open.insert(at, site);
    }
    open
}

fn without(open: &[u32], site: u32) -> Vec<u32> {
    open.iter().copied().filter(|&s| s != site).collect()
}
