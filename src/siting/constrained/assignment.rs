//! Single assignment within capacities: rows to one open site each, greedily by regret, then by moves and exchanges.

use super::case::{Case, Choice};
use super::transport::Flow;

const NONE: u32 = u32::MAX;

/// One site a row, or none.
#[derive(Debug, Clone)]
pub(super) struct Assignment<'a> {
    case: &'a Case,
    /// Site of each row; `u32::MAX`: unserved.
    pub(super) site: Vec<u32>,
    room: Vec<i64>,
    options: Vec<Vec<(u32, i64)>>,
    /// What leaving a unit unserved costs beside any distance.
    penalty: i64,
}

impl<'a> Assignment<'a> {
    /// Nobody assigned yet; open sites of `choice` only.
    pub(super) fn new(case: &'a Case, choice: &Choice) -> Assignment<'a> {
        let rows = case.instance.row_count();
        let options = (0..rows)
            .map(|r| case.usable(choice, true, r).map(|(s, d)| (s, i64::from(d))).collect())
            .collect();
        let penalty = case.base.unwrap_or(case.instance.penalty).max(1);
        Assignment { case, site: vec![NONE; rows], room: case.capacities.clone(), options, penalty }
    }

    fn put(&mut self, r: usize, site: u32) {
        let w = self.case.instance.weight[r];
        if self.site[r] != NONE {
            self.room[self.site[r] as usize] += w;
        }
        if site != NONE {
            self.room[site as usize] -= w;
        }
        self.site[r] = site;
    }

    fn distance(&self, r: usize, site: u32) -> i64 {
        if site == NONE {
            return self.penalty;
        }
        self.options[r].iter().find(|o| o.0 == site).map_or(self.penalty, |o| o.1)
    }

    /// Rows with few choices and much regret first, each to the nearest site with room.
    pub(super) fn greedy(&mut self) {
        let weight = &self.case.instance.weight;
        let regret = |r: usize| {
            let o = &self.options[r];
            let second = o.get(1).map_or(self.penalty, |e| e.1);
            o.first().map_or(0, |e| second - e.1)
        };
        let mut order: Vec<usize> = (0..self.site.len()).filter(|&r| self.site[r] == NONE).collect();
        order.sort_by_key(|&r| (std::cmp::Reverse((regret(r), weight[r])), r));
        for r in order {
            let w = self.case.instance.weight[r];
            if let Some(&(s, _)) = self.options[r].iter().find(|o| self.room[o.0 as usize] >= w) {
                self.put(r, s);
            }
        }
    }

    /// Keeps what the flow serves at one site, then completes greedily.
    pub(super) fn round(&mut self, flow: &Flow) {
        let mut rows: Vec<usize> = (0..self.site.len()).collect();
        rows.sort_by_key(|&r| (flow.parts[r].len(), std::cmp::Reverse(self.case.instance.weight[r]), r));
        for r in rows {
            let largest = flow.parts[r].iter().max_by_key(|p| (p.1, std::cmp::Reverse(p.0)));
            if let Some(&(s, _)) = largest.filter(|p| self.room[p.0 as usize] >= self.case.instance.weight[r])
            {
                self.put(r, s);
            }
        }
        self.greedy();
    }

    /// Moves of one row, and a move that makes room for another, while the cost falls; at most `rounds` passes.
    pub(super) fn improve(&mut self, rounds: usize) {
        for _ in 0..rounds {
            let mut changed = false;
            for r in 0..self.site.len() {
                changed |= self.move_row(r) || self.make_room(r);
            }
            if !changed {
                break;
            }
        }
    }

    fn move_row(&mut self, r: usize) -> bool {
        let (w, here) = (self.case.instance.weight[r], self.distance(r, self.site[r]));
        let better = self.options[r].iter().find(|o| o.1 < here && self.room[o.0 as usize] >= w);
        let Some(&(site, _)) = better else { return false };
        self.put(r, site);
        true
    }

    /// Row `r` takes a nearer full site whose one other row moves elsewhere (or is left unserved), if that pays.
    fn make_room(&mut self, r: usize) -> bool {
        let weight = &self.case.instance.weight;
        let (w, here) = (weight[r], self.distance(r, self.site[r]));
        let mut best: Option<(i64, u32, usize, u32)> = None;
        let nearer =
            self.options[r].iter().filter(|o| o.1 < here).take(if self.site[r] == NONE { 64 } else { 2 });
        for &(site, d) in nearer {
            for &(q, _) in self.case.instance.cols.of(site as usize) {
                let q = q as usize;
                if q == r || self.site[q] != site || self.room[site as usize] + weight[q] < w {
                    continue;
                }
                let from = self.distance(q, site);
                let fits = |o: &&(u32, i64)| {
                    let room = self.room[o.0 as usize] + if o.0 == self.site[r] { w } else { 0 };
                    o.0 != site && room >= weight[q]
                };
                let (to, far) = self.options[q].iter().find(fits).map_or((NONE, self.penalty), |o| *o);
                let change = w * (d - here) + weight[q] * (far - from);
                if change < best.map_or(0, |b| b.0) {
                    best = Some((change, site, q, to));
                }
            }
        }
        let Some((_, site, q, to)) = best else { return false };
        self.put(r, NONE);
        self.put(q, to);
        self.put(r, site);
        true
    }
}
