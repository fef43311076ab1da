//! Swap search: exchange one open site for a closed one while it pays (Whitaker's fast interchange as told by
//! Resende and Werneck 2004), with random kicks.

use super::instance::{Instance, State};
use crate::base::SplitMix64;

const NONE: u32 = u32::MAX;

/// An open set with the nearest and second nearest open site of every row.
#[derive(Debug, Clone)]
pub(super) struct Placement<'a> {
    instance: &'a Instance,
    /// Whether each site is open.
    pub(super) is_open: Vec<bool>,
    /// Whether each site may close.
    pinned: Vec<bool>,
    /// Open sites in opening order.
    pub(super) open: Vec<u32>,
    first: Vec<(u32, i64)>,
    second: Vec<i64>,
    loss: Vec<i64>,
    /// Sum of weight times distance (or penalty).
    pub(super) cost: i64,
}

impl<'a> Placement<'a> {
    /// The placement that opens `sites` (forced ones are added).
    pub(super) fn new(instance: &'a Instance, state: &[State], sites: &[u32]) -> Placement<'a> {
        let (n, m) = (instance.site_count(), instance.row_count());
        let mut placement = Placement {
            instance,
            is_open: vec![false; n],
            pinned: state.iter().map(|s| *s == State::Open).collect(),
            open: Vec::new(),
            first: vec![(NONE, 0); m],
            second: vec![0; m],
            loss: vec![0; n],
            cost: 0,
        };
        let forced = (0..n as u32).filter(|&s| state[s as usize] == State::Open);
        for s in forced.chain(sites.iter().copied()) {
            if !placement.is_open[s as usize] {
                placement.is_open[s as usize] = true;
                placement.open.push(s);
            }
        }
        (0..m).for_each(|r| placement.look_up(r));
        placement
    }

    /// Finds nearest and second nearest of row `r` and books their cost and loss.
    fn look_up(&mut self, r: usize) {
        let penalty = self.instance.penalty;
        let mut near = self.instance.rows.of(r).iter().filter(|e| self.is_open[e.0 as usize]);
        self.first[r] = near.next().map_or((NONE, penalty), |e| (e.0, i64::from(e.1)));
        self.second[r] = near.next().map_or(penalty, |e| i64::from(e.1));
        self.book(r, 1);
    }

    fn book(&mut self, r: usize, sign: i64) {
        let (w, (site, d)) = (self.instance.weight[r] * sign, self.first[r]);
        self.cost += w * d;
        if site != NONE {
            self.loss[site as usize] += w * (self.second[r] - d);
        }
    }

    /// Saving by opening `site` now.
    pub(super) fn saving(&self, site: u32) -> i64 {
        let rows = self.instance.cols.of(site as usize).iter();
        rows.map(|&(r, d)| {
            self.instance.weight[r as usize] * (self.first[r as usize].1 - i64::from(d)).max(0)
        })
        .sum()
    }

    /// Opens a closed site.
    pub(super) fn open_site(&mut self, site: u32) {
        self.is_open[site as usize] = true;
        self.open.push(site);
        self.refresh(site);
    }

    /// Closes an open site.
    pub(super) fn close_site(&mut self, site: u32) {
        self.is_open[site as usize] = false;
        self.open.retain(|&s| s != site);
        self.refresh(site);
    }

    fn refresh(&mut self, site: u32) {
        let instance = self.instance;
        for &(r, d) in instance.cols.of(site as usize) {
            if i64::from(d) <= self.second[r as usize] {
                self.book(r as usize, -1);
                self.look_up(r as usize);
            }
        }
    }

    /// Best site to close when `site` opens, with the profit of the exchange. `change` is noughts, before and after.
    fn best_exchange(&self, site: u32, change: &mut [i64]) -> Option<(i64, u32)> {
        let mut gain = 0;
        let column = self.instance.cols.of(site as usize);
        for &(r, d) in column {
            let (r, d) = (r as usize, i64::from(d));
            let (w, (near, d1), d2) = (self.instance.weight[r], self.first[r], self.second[r]);
            gain += w * (d1 - d).max(0);
            if near != NONE && d < d2 {
                change[near as usize] += w * (d2 - d.max(d1));
            }
        }
        let closable = self.open.iter().filter(|&&s| !self.pinned[s as usize]);
        let losses = closable.map(|&s| (self.loss[s as usize] - change[s as usize], s));
        let best = losses.min();
        for &(r, _) in column {
            if self.first[r as usize].0 != NONE {
                change[self.first[r as usize].0 as usize] = 0;
            }
        }
        best.map(|(loss, out)| (gain - loss, out))
    }

    /// Exchanges while any exchange pays; returns the number of exchanges.
    pub(super) fn descend(&mut self, state: &[State]) -> u64 {
        let candidates: Vec<u32> =
            (0..state.len() as u32).filter(|&s| state[s as usize] == State::Free).collect();
        let mut change = vec![0; state.len()];
        let (mut moves, mut idle, mut at) = (0, 0, 0);
        while idle < candidates.len() {
            let site = candidates[at % candidates.len()];
            at += 1;
            idle += 1;
            if self.is_open[site as usize] {
                continue;
            }
            if let Some((profit, out)) = self.best_exchange(site, &mut change)
                && profit > 0
            {
                self.close_site(out);
                self.open_site(site);
                moves += 1;
                idle = 0;
            }
        }
        moves
    }

    /// Exchanges `count` random sites.
    pub(super) fn kick(&mut self, state: &[State], count: usize, random: &mut SplitMix64) {
        for _ in 0..count {
            let out: Vec<u32> = self.open.iter().copied().filter(|&s| !self.pinned[s as usize]).collect();
            let free = |s: &u32| state[*s as usize] == State::Free && !self.is_open[*s as usize];
            let into: Vec<u32> = (0..state.len() as u32).filter(free).collect();
            if out.is_empty() || into.is_empty() {
                return;
            }
            let (o, i) = (out[random.below(out.len())], into[random.below(into.len())]);
            self.close_site(o);
            self.open_site(i);
        }
    }

    /// The open site whose closing costs least; `None` where all are forced.
    pub(super) fn cheapest_to_close(&self) -> Option<u32> {
        let may = self.open.iter().copied().filter(|&s| !self.pinned[s as usize]);
        may.min_by_key(|&s| (self.loss[s as usize], s))
    }

    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        self.first.len()
    }

    /// Distance of row `r` to its nearest open site, or the penalty.
    pub(super) fn distance(&self, r: usize) -> i64 {
        self.first[r].1
    }

    /// Distance of row `r` to its second nearest open site, or the penalty.
    pub(super) fn second_distance(&self, r: usize) -> i64 {
        self.second[r]
    }

    /// Open sites, ascending.
    pub(super) fn sorted(&self) -> Vec<u32> {
        let mut open = self.open.clone();
        open.sort_unstable();
        open
    }
}
