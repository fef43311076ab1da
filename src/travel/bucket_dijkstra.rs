//! Bounded Dijkstra on a bucket queue (Dial 1969; buckets wider than one tick are settled by label correction, as in
//! Δ-stepping, Meyer and Sanders 2003). One-to-all within a limit; the query object belongs to one thread and is reused.

use crate::travel::search_rows::Arcs;

/// "Not reached".
pub(super) const NEVER: u32 = u32::MAX;
/// Buckets are 16 ticks (1.6 s) wide unless arcs are very long: narrow enough that few labels are corrected.
const WIDTH_BITS: u32 = 4;
/// At most this many buckets in the ring; longer arcs make wider buckets.
const MOST_BUCKETS: u32 = 1 << 16;

/// The memory of one search: distances of the last run, reset in time proportional to what it touched.
#[derive(Debug, Default)]
pub(super) struct BucketDijkstra {
    distance: Vec<u32>,
    touched: Vec<u32>,
    ring: Vec<Vec<(u32, u32)>>,
    longest_arc: u32,
}

impl BucketDijkstra {
    /// Memory for searches on `arcs`.
    pub fn new(arcs: Arcs<'_>) -> BucketDijkstra {
        BucketDijkstra {
            distance: vec![NEVER; arcs.nodes()],
            touched: Vec::new(),
            ring: Vec::new(),
            longest_arc: arcs.ticks().filter(|&t| t != NEVER).max().unwrap_or(0), // NEVER: closed
        }
    }

    /// Distance of `node` in the last run, [`NEVER`] if beyond its limit.
    #[inline]
    pub fn distance(&self, node: u32) -> u32 {
        self.distance[node as usize]
    }

    /// The nodes the last run reached, in no useful order.
    pub fn reached(&self) -> &[u32] {
        &self.touched
    }

    /// Searches from `seeds` (node, ticks already spent) to everything within `limit` ticks, inclusive.
    pub fn run(&mut self, arcs: Arcs<'_>, seeds: &[(u32, u32)], limit: u32) {
        let limit = limit.min(NEVER - 1);
        for node in self.touched.drain(..) {
            self.distance[node as usize] = NEVER;
        }
        let inside = || seeds.iter().filter(|s| s.1 <= limit);
        let Some(first) = inside().map(|s| s.1).min() else { return };
        let spread = inside().map(|s| s.1 - first).max().unwrap_or(0);
        let bits = self.size_ring(spread.max(self.longest_arc.min(limit)));
        let mut queued = 0usize;
        for &(node, ticks) in inside() {
            queued += usize::from(self.improve(node, ticks, bits));
        }
        let mut slot = first >> bits;
        while queued > 0 {
            let at = slot as usize & (self.ring.len() - 1);
            while let Some((node, ticks)) = self.ring[at].pop() {
                queued -= 1;
                if self.distance[node as usize] != ticks {
                    continue; // improved since it was queued
                }
                for (head, cost) in arcs.of(node) {
                    let there = ticks.saturating_add(cost);
                    if there <= limit {
                        queued += usize::from(self.improve(head, there, bits));
                    }
                }
            }
            slot = slot.wrapping_add(1);
        }
    }

    /// Makes the ring long enough for steps of `longest` ticks and returns the width of a bucket as a power of two.
    fn size_ring(&mut self, longest: u32) -> u32 {
        let mut bits = WIDTH_BITS;
        while (longest >> bits) + 2 > MOST_BUCKETS {
            bits += 1;
        }
        let buckets = ((longest >> bits) + 2).next_power_of_two() as usize;
        if self.ring.len() < buckets {
            self.ring.resize_with(buckets, Vec::new); // empty between runs, so a longer ring is only a longer ring
        }
        bits
    }

    /// Lowers the label of `node` and queues it; false if it is no better.
    #[inline]
    fn improve(&mut self, node: u32, ticks: u32, bits: u32) -> bool {
        let label = &mut self.distance[node as usize];
        if ticks >= *label {
            return false;
        }
        if *label == NEVER {
            self.touched.push(node);
        }
        *label = ticks;
        let at = (ticks >> bits) as usize & (self.ring.len() - 1);
        self.ring[at].push((node, ticks));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SplitMix64;
    use crate::travel::fixture::{graph_of, plain_distances, random_graph};
    use crate::travel::search_rows::SearchRows;

    /// ```text
    ///   0 --5--> 1 --0--> 2      3 (island)
    ///   0 --------9-----> 2 --1--> 0
    /// ```
    #[test]
    fn the_short_way_round_wins_and_islands_stay_dark() {
        let graph = graph_of(4, &[(0, 1, 5), (1, 2, 0), (0, 2, 9), (2, 0, 1)]);
        let rows = SearchRows::outward(&graph);
        let arcs = rows.arcs();
        let mut search = BucketDijkstra::new(arcs);
        search.run(arcs, &[(0, 2)], u32::MAX);
        assert_eq!((0..4).map(|n| search.distance(n)).collect::<Vec<_>>(), [2, 7, 7, NEVER]);
        search.run(arcs, &[(0, 2)], 6);
        assert_eq!((0..4).map(|n| search.distance(n)).collect::<Vec<_>>(), [2, NEVER, NEVER, NEVER]);
        assert_eq!(search.reached(), [0]);
    }

    #[test]
    fn one_query_object_serves_many_searches_and_very_long_arcs() {
        let mut random = SplitMix64::new(7);
        for round in 0..200 {
            let longest = if round % 3 == 0 { 1 << 31 } else { 500 };
            let graph = random_graph(&mut random, 30, 90, longest);
            let rows = SearchRows::outward(&graph);
            let arcs = rows.arcs();
            let mut search = BucketDijkstra::new(arcs);
            for _ in 0..4 {
                let (seed, spent) = (random.below(30) as u32, random.below(1000) as u32);
                let limit = if random.below(2) == 0 { u32::MAX } else { random.below(2000) as u32 };
                search.run(arcs, &[(seed, spent)], limit);
                for (node, &want) in plain_distances(&graph, &[(seed, spent)]).iter().enumerate() {
                    let want = if want <= limit.min(NEVER - 1) { want } else { NEVER };
                    assert_eq!(search.distance(node as u32), want);
                }
            }
        }
    }
}
