//! What a ball says of every chain of the network at once, so that a place on a chain costs two sums.

use crate::network::{ArcId, BLOCK_PLACES, BlockPlaces, ChainFoot, RoadGraph};
use crate::travel::Direction;
use crate::travel::bucket_dijkstra::{BucketDijkstra, NEVER};
use crate::travel::engine::Ball;

/// Times between a centre and the points of every chain, the access leg at the centre included, that of the place not.
#[derive(Debug)]
pub struct ChainTimes {
    direction: Direction,
    /// Outward: ticks to the tail of each direction of a chain; towards: ticks from the tail by way of the head.
    tail: Vec<[u32; 2]>,
    /// Least ticks to any point of a chain, and most to the worst one.
    range: Vec<(u32, u32)>,
    /// The centre's own points: chain, direction, ticks from the tail.
    own: Vec<(u32, usize, u32)>,
    access: u32,
}

impl ChainTimes {
    /// Of a ball on `graph`.
    #[must_use]
    pub fn new(graph: &RoadGraph, ball: &Ball<'_>) -> ChainTimes {
        let (centre, search, direction) = ball.parts();
        let mut arcs: Vec<(ArcId, u32)> = centre.arcs.iter().map(|a| (a.arc, a.from_tail.0)).collect();
        arcs.sort_unstable();
        let mut this = ChainTimes {
            direction,
            tail: Vec::with_capacity(graph.chains()),
            range: Vec::with_capacity(graph.chains()),
            own: Vec::new(),
            access: centre.access.0,
        };
        for chain in 0..graph.chains() {
            this.add(graph, chain, search, &arcs);
        }
        this
    }

    fn add(&mut self, graph: &RoadGraph, chain: usize, search: &BucketDijkstra, centre: &[(ArcId, u32)]) {
        let (mut tail, mut range) = ([NEVER; 2], (NEVER, NEVER));
        for (d, slot) in tail.iter_mut().enumerate() {
            let (mut end, mut all) = (NEVER, NEVER);
            for (arc, from, to) in graph.chain_arcs(chain, d) {
                let node = if self.direction == Direction::Outward { from } else { to };
                end = end.min(search.distance(node.0));
                all = graph.ticks[arc.0 as usize]; // of every copy the same
                if let Some(own) = centre.iter().find(|c| c.0 == arc) {
                    self.own.push((chain as u32, d, own.1));
                    range.0 = 0;
                }
            }
            if all == NEVER {
                continue; // closed
            }
            let whole = end.saturating_add(all);
            *slot = if self.direction == Direction::Outward { end } else { whole };
            range = (range.0.min(end), range.1.min(whole));
        }
        self.tail.push(tail);
        self.range.push(range);
    }

    /// No point of the chain takes less than the first or more than the second; `u32::MAX`: beyond the ball.
    #[must_use]
    pub fn range(&self, chain: u32) -> (u32, u32) {
        self.range[chain as usize]
    }

    /// Fills `out` with the ticks between the centre and each place of a block that may be joined to `chains` (ascending); equal to
    /// [`Ball::to`] of its snap where that is inside the ball's limit, beyond the limit or `u32::MAX` where it is not.
    pub fn fill(&self, chains: &[u32], places: &BlockPlaces, out: &mut [u32; BLOCK_PLACES]) {
        let is_ours = self.own.iter().any(|(own, ..)| chains.binary_search(own).is_ok());
        for (slot, place) in out.iter_mut().zip(places.first()) {
            let road = match is_ours {
                true => self.on_chain(&place.foot),
                false => self.by_tails(&place.foot),
            };
            *slot = road.saturating_add(place.access.0);
        }
        for (i, foot) in places.more() {
            let slot = usize::from(*i);
            let there = self.on_chain(foot).saturating_add(places.first()[slot].access.0);
            out[slot] = out[slot].min(there);
        }
    }

    /// By way of a tail of the chain; no chain: never.
    fn by_tails(&self, foot: &ChainFoot) -> u32 {
        let Some(tail) = self.tail.get(foot.chain as usize) else { return NEVER };
        let by = |d: usize| match self.direction {
            Direction::Outward => tail[d].saturating_add(foot.from_tail[d]),
            Direction::Towards if tail[d] == NEVER => NEVER,
            Direction::Towards => tail[d].saturating_sub(foot.from_tail[d]),
        };
        by(0).min(by(1))
    }

    fn on_chain(&self, foot: &ChainFoot) -> u32 {
        let mut best = self.by_tails(foot);
        for &(_, d, at) in self.own.iter().filter(|o| o.0 == foot.chain) {
            let there = foot.from_tail[d];
            let along = match self.direction {
                Direction::Outward => there.checked_sub(at),
                Direction::Towards => at.checked_sub(there),
            };
            if let Some(along) = along.filter(|_| there != NEVER) {
                best = best.min(along.saturating_add(self.access));
            }
        }
        best
    }
}
