//! Set cover by local search with row weights (Gao, Weise, Li 2015): drop an outlet whenever all are covered, else
//! exchange one while uncovered rows gain weight until somebody attends to them.

use super::instance::{Adjacency, Instance, State};
use crate::base::SplitMix64;

/// Open sites looked at before one closes.
const SAMPLE: usize = 100;

/// State of the search.
struct Search<'a> {
    instance: &'a Instance,
    weight: Vec<i64>,
    covers: Vec<u32>,
    chosen: Vec<bool>,
    open: Vec<u32>,
    place_in_open: Vec<u32>,
    /// Weight that opening would satisfy, or that closing would leave unsatisfied.
    score: Vec<i64>,
    /// May the site return: something near it changed since it left.
    may_enter: Vec<bool>,
    moved_at: Vec<u64>,
    uncovered: Vec<u32>,
    place_in_uncovered: Vec<u32>,
    /// Open sites of each row, by exclusive or: where one is open, that one.
    served_by: Vec<u32>,
    near: Adjacency,
}

impl<'a> Search<'a> {
    fn new(instance: &'a Instance) -> Search<'a> {
        let (m, n) = (instance.row_count(), instance.site_count());
        Search {
            instance,
            weight: vec![1; m],
            covers: vec![0; m],
            chosen: vec![false; n],
            open: Vec::new(),
            place_in_open: vec![0; n],
            score: (0..n).map(|s| instance.cols.of(s).len() as i64).collect(),
            may_enter: vec![true; n],
            moved_at: vec![0; n],
            uncovered: (0..m as u32).collect(),
            place_in_uncovered: (0..m as u32).collect(),
            served_by: vec![0; m],
            near: Adjacency::of(instance),
        }
    }

    fn set_uncovered(&mut self, r: usize, uncovered: bool) {
        if uncovered {
            self.place_in_uncovered[r] = self.uncovered.len() as u32;
            self.uncovered.push(r as u32);
        } else {
            let at = self.place_in_uncovered[r] as usize;
            self.uncovered.swap_remove(at);
            if let Some(&moved) = self.uncovered.get(at) {
                self.place_in_uncovered[moved as usize] = at as u32;
            }
        }
    }

    /// Opens or closes `site` and keeps every score true.
    fn flip(&mut self, site: u32, opening: bool, now: u64) {
        let instance = self.instance;
        let s = site as usize;
        self.chosen[s] = opening;
        if opening {
            self.place_in_open[s] = self.open.len() as u32;
            self.open.push(site);
        } else {
            let at = self.place_in_open[s] as usize;
            self.open.swap_remove(at);
            if let Some(&moved) = self.open.get(at) {
                self.place_in_open[moved as usize] = at as u32;
            }
            self.may_enter[s] = false;
        }
        self.moved_at[s] = now;
        self.score[s] = 0;
        self.near.of_site(site).iter().for_each(|&t| self.may_enter[t as usize] = true);
        for &(r, _) in instance.cols.of(s) {
            let r = r as usize;
            let before = self.covers[r];
            let after = if opening { before + 1 } else { before - 1 };
            self.covers[r] = after;
            self.rescore(r, s, before, after);
        }
    }

    /// Row `r` went from `before` to `after` covers because `moved` changed sides.
    fn rescore(&mut self, r: usize, moved: usize, before: u32, after: u32) {
        let (need, w) = (self.instance.need[r], self.weight[r]);
        // Open sites score what their closing would leave unsatisfied, closed ones what opening would satisfy.
        let matters = if self.chosen[moved] { after <= need } else { after < need };
        self.score[moved] += if matters { w } else { 0 };
        self.served_by[r] ^= moved as u32;
        let lack = i64::from(after < need) - i64::from(before < need);
        let bare = i64::from(after <= need) - i64::from(before <= need);
        if lack == 0 && bare != 0 && need == 1 {
            // One other site stands alone now, or did until now.
            let other = self.served_by[r] ^ if before < after { moved as u32 } else { 0 };
            self.score[other as usize] += w * bare;
        } else if lack != 0 || bare != 0 {
            for &(t, _) in self.instance.rows.of(r) {
                let t = t as usize;
                if t != moved {
                    self.score[t] += w * if self.chosen[t] { bare } else { lack };
                }
            }
        }
        if lack != 0 {
            self.set_uncovered(r, after < need);
        }
    }

    /// The open site whose closing costs least, oldest first, `tabu` just came in. Of many only some are looked at (Cai 2015: the best
    /// of a sample is nearly the best).
    fn cheapest_to_close(&self, pinned: &[bool], tabu: Option<u32>, random: &mut SplitMix64) -> Option<u32> {
        let may = |s: &u32| !pinned[*s as usize] && Some(*s) != tabu;
        let key = |s: &u32| (self.score[*s as usize], self.moved_at[*s as usize], *s);
        if self.open.len() > 4 * SAMPLE {
            let drawn = (0..SAMPLE).map(|_| self.open[random.below(self.open.len())]);
            if let Some(best) = drawn.filter(may).min_by_key(key) {
                return Some(best);
            }
        }
        self.open.iter().copied().filter(may).min_by_key(key)
    }

    /// The best site to open for a random uncovered row.
    fn best_to_open(&self, random: &mut SplitMix64) -> Option<u32> {
        let row = self.uncovered[random.below(self.uncovered.len())] as usize;
        let sites = self.instance.rows.of(row).iter().map(|e| e.0).filter(|&s| !self.chosen[s as usize]);
        let key = |s: &u32| (self.score[*s as usize], std::cmp::Reverse((self.moved_at[*s as usize], *s)));
        let entering = sites.clone().filter(|&s| self.may_enter[s as usize]).max_by_key(key);
        entering.or_else(|| sites.max_by_key(key))
    }

    fn weigh_uncovered(&mut self) {
        for i in 0..self.uncovered.len() {
            let r = self.uncovered[i] as usize;
            self.weight[r] += 1;
            for &(t, _) in self.instance.rows.of(r) {
                // The row lacks cover: open sites that serve it would make it worse, closed ones better.
                self.score[t as usize] += 1;
            }
        }
    }
}

/// Covers the rows with few sites in `steps` exchanges, never fewer than `floor` sites.
/// Returns the open sites, ascending, forced ones included, and the steps taken.
pub(super) fn cover(instance: &Instance, floor: u64, steps: u64, seed: u64) -> (Vec<u32>, u64) {
    let pinned: Vec<bool> = instance.state.iter().map(|s| *s == State::Open).collect();
    let mut search = Search::new(instance);
    let mut random = SplitMix64::new(seed);
    for s in (0..pinned.len() as u32).filter(|&s| pinned[s as usize]) {
        search.flip(s, true, 0);
    }
    let (mut best, mut tabu, mut step) = (None, None, 0);
    while step < steps || best.is_none() {
        if search.uncovered.is_empty() {
            let mut open = search.open.clone();
            open.sort_unstable();
            let enough = open.len() as u64 <= floor;
            best = Some(open);
            match search.cheapest_to_close(&pinned, None, &mut random) {
                Some(out) if !enough => search.flip(out, false, step),
                _ => break,
            }
            continue;
        }
        step += 1;
        if best.is_some()
            && let Some(out) = search.cheapest_to_close(&pinned, tabu, &mut random)
        {
            search.flip(out, false, step);
        }
        let Some(into) = search.best_to_open(&mut random) else { break };
        search.flip(into, true, step);
        tabu = Some(into);
        search.weigh_uncovered();
    }
    (best.unwrap_or_default(), step)
}
