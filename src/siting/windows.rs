//! Large-neighbourhood search for covers: some open sites near each other close, what nobody covers then is covered again by no more sites, and
//! the new sites stay even where they are no fewer, so that later windows see other borders (Shaw 1998).

use super::instance::{Adjacency, Instance, State};
use super::row_weighting;
use crate::base::SplitMix64;

/// Sites that close at once.
const SIZE: usize = 25;
/// Exchanges that look for one site fewer.
const EXCHANGES: u64 = 1_000;

/// A cover and how often each row is covered.
struct Cover<'a> {
    instance: &'a Instance,
    near: &'a Adjacency,
    is_open: Vec<bool>,
    covers: Vec<u32>,
    /// Window that saw each site last.
    seen: Vec<u64>,
}

impl Cover<'_> {
    fn flip(&mut self, site: u32, opening: bool) {
        self.is_open[site as usize] = opening;
        for &(r, _) in self.instance.cols.of(site as usize) {
            let covers = &mut self.covers[r as usize];
            *covers = if opening { *covers + 1 } else { *covers - 1 };
        }
    }

    fn open(&self) -> Vec<u32> {
        (0..self.is_open.len() as u32).filter(|&s| self.is_open[s as usize]).collect()
    }

    /// Open sites that may close, nearest to `first` by steps over shared rows.
    fn around(&mut self, first: u32, window: u64) -> Vec<u32> {
        let (mut inside, mut queue, mut at) = (Vec::with_capacity(SIZE), vec![first], 0);
        self.seen[first as usize] = window;
        while at < queue.len() && inside.len() < SIZE {
            let s = queue[at];
            at += 1;
            if self.is_open[s as usize] && self.instance.state[s as usize] != State::Open {
                inside.push(s);
            }
            for &t in self.near.of_site(s) {
                if std::mem::replace(&mut self.seen[t as usize], window) != window {
                    queue.push(t);
                }
            }
        }
        inside
    }

    /// Rows that nobody covers once `closed` have closed, ascending.
    fn uncovered(&self, closed: &[u32]) -> Vec<u32> {
        let rows = closed.iter().flat_map(|&s| self.instance.cols.of(s as usize).iter().map(|e| e.0));
        let mut rows: Vec<u32> = rows.filter(|&r| self.covers[r as usize] == 0).collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }
}

/// A cover of no more sites than the cover `open`, ascending, and the exchanges taken: about `steps`, none once `floor` sites are enough.
/// Rows need one site each.
pub(super) fn improve(
    instance: &Instance,
    open: &[u32],
    floor: u64,
    steps: u64,
    seed: u64,
) -> (Vec<u32>, u64) {
    let near = Adjacency::of(instance);
    let mut random = SplitMix64::new(seed);
    let (sites, rows) = (instance.site_count(), instance.row_count());
    let mut cover = Cover {
        instance,
        near: &near,
        is_open: vec![false; sites],
        covers: vec![0; rows],
        seen: vec![0; sites],
    };
    open.iter().for_each(|&s| cover.flip(s, true));
    let (mut open, mut spent, mut window) = (cover.open(), 0, 0);
    while spent < steps && open.len() as u64 > floor {
        window += 1;
        let inside = cover.around(open[random.below(open.len())], window);
        inside.iter().for_each(|&s| cover.flip(s, false));
        let (small, site_of) = instance.patch(&cover.uncovered(&inside));
        let fewest = (inside.len() as u64).saturating_sub(1);
        let (found, used) = row_weighting::cover(&small, fewest, EXCHANGES, random.next_u64());
        spent += used.max(10);
        let found: Vec<u32> = found.iter().map(|&s| site_of[s as usize]).collect();
        let next = if found.len() <= inside.len() { &found } else { &inside };
        next.iter().for_each(|&s| cover.flip(s, true));
        open = cover.open();
    }
    (open, spent)
}
