//! What a ball says of every chain of the network at once, so that a place on a chain costs two sums.

use crate::base::Ticks;
use crate::network::{ArcId, ChainFoot, RoadGraph};
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
            let Some(all) = graph.chain_ticks(chain, d) else { continue };
            let mut end = NEVER;
            for (arc, from, to) in graph.chain_arcs(chain, d) {
                let node = if self.direction == Direction::Outward { from } else { to };
                end = end.min(search.distance(node.0));
                if let Ok(at) = centre.binary_search_by_key(&arc, |c| c.0) {
                    self.own.push((chain as u32, d, centre[at].1));
                    range.0 = 0;
                }
            }
            let whole = end.saturating_add(all.0);
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

    /// Travel time between the centre and a place that meets the road at `feet`; equal to [`Ball::to`] of its snap where that is
    /// inside the ball's limit, and beyond the limit or `None` where it is not.
    #[must_use]
    pub fn to(&self, access: Ticks, feet: &[ChainFoot]) -> Option<Ticks> {
        let road = feet.iter().map(|f| self.on_chain(f)).min().unwrap_or(NEVER);
        Some(road.saturating_add(access.0)).filter(|t| *t != NEVER).map(Ticks)
    }

    fn on_chain(&self, foot: &ChainFoot) -> u32 {
        let tail = self.tail[foot.chain as usize];
        let mut best = NEVER;
        for (tail, from_tail) in tail.into_iter().zip(foot.from_tail) {
            best = best.min(match self.direction {
                Direction::Outward => tail.saturating_add(from_tail),
                Direction::Towards if tail == NEVER => NEVER,
                Direction::Towards => tail.saturating_sub(from_tail),
            });
        }
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
