//! Why is there no journey? Asked for one pair at a time, after a table said `None`.

use crate::base::Ticks;
use crate::network::{NodeId, RoadGraph, Snap};
use crate::travel::{Direction, TravelEngine};
use std::borrow::Borrow;

/// Why one place is not reached from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreached {
    /// There is a journey, but it takes longer than the limit.
    BeyondLimit,
    /// No road at all joins the two: an island of the map.
    Island,
    /// Roads join them, but one-way roads lead the wrong way: a trap.
    OneWay,
    /// Turn restrictions, or roads open at the ends of a journey only, stand between them.
    Restriction,
}

impl<G: Borrow<RoadGraph>> TravelEngine<G> {
    /// Why `to` is not reached from `from` within `limit`; `None`: it is reached. The first that applies, in the order: beyond the
    /// limit, restriction, one-way, island.
    #[must_use]
    pub fn why_unreached(&self, from: &Snap, to: &Snap, limit: Option<Ticks>) -> Option<Unreached> {
        if let Some(ticks) = self.ball(from, None, Direction::Outward).to(to) {
            return limit.is_some_and(|l| ticks > l).then_some(Unreached::BeyondLimit);
        }
        let junctions = Junctions::of(self.graph());
        let starts = from.arcs.iter().map(|a| self.graph().junction(a.head));
        let ends: Vec<u32> = to.arcs.iter().map(|a| self.graph().junction(a.tail)).collect();
        let starts: Vec<u32> = starts.collect();
        if junctions.meets(&starts, &ends, false) {
            return Some(Unreached::Restriction);
        }
        let either = |places: &[u32], snap: &Snap| -> Vec<u32> {
            let both =
                snap.arcs.iter().flat_map(|a| [self.graph().junction(a.tail), self.graph().junction(a.head)]);
            places.iter().copied().chain(both).collect()
        };
        let joined = junctions.meets(&either(&starts, from), &either(&ends, to), true);
        Some(if joined { Unreached::OneWay } else { Unreached::Island })
    }
}

/// The graph with all copies of a junction taken as one.
struct Junctions {
    /// `(junction left, junction reached)` of every open arc, sorted; and the same turned round.
    along: Vec<(u32, u32)>,
    against: Vec<(u32, u32)>,
    count: usize,
}

impl Junctions {
    fn of(graph: &RoadGraph) -> Junctions {
        let junction = |n: u32| graph.junction(NodeId(n));
        let arcs =
            |tail: u32| graph.first_out[tail as usize] as usize..graph.first_out[tail as usize + 1] as usize;
        let open = (0..graph.nodes() as u32).flat_map(|tail| arcs(tail).map(move |arc| (tail, arc)));
        let open = open.filter(|(_, arc)| graph.ticks[*arc] != u32::MAX);
        let mut along: Vec<(u32, u32)> =
            open.map(|(tail, arc)| (junction(tail), junction(graph.head[arc]))).collect();
        let mut against: Vec<(u32, u32)> = along.iter().map(|(a, b)| (*b, *a)).collect();
        along.sort_unstable();
        against.sort_unstable();
        Junctions { along, against, count: graph.nodes() }
    }

    /// Whether any of `goals` is met from `starts`; `either_way`: one-way roads count both ways.
    fn meets(&self, starts: &[u32], goals: &[u32], either_way: bool) -> bool {
        let mut seen = vec![false; self.count];
        let mut open = starts.to_vec();
        while let Some(node) = open.pop() {
            if std::mem::replace(&mut seen[node as usize], true) {
                continue;
            }
            for list in [Some(&self.along), either_way.then_some(&self.against)].into_iter().flatten() {
                let from = list.partition_point(|a| a.0 < node);
                open.extend(list[from..].iter().take_while(|a| a.0 == node).map(|a| a.1));
            }
        }
        goals.iter().any(|g| seen[*g as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::travel::fixture::{graph_of, snap_on};

    /// ```text
    /// 0 --5--> 1 --5--> 2      3 --5-- 4      arcs 0, 1 and the pair 2, 3
    /// ```
    #[test]
    fn a_trap_an_island_and_a_long_way_are_told_apart() {
        let graph = graph_of(5, &[(0, 1, 5), (1, 2, 5), (3, 4, 5), (4, 3, 5)]);
        let engine = TravelEngine::prepare(&graph);
        let (a, b) = (snap_on(&graph, &[(0, 1)], 0), snap_on(&graph, &[(1, 2)], 0));
        let island = snap_on(&graph, &[(2, 0), (3, 0)], 0);
        assert_eq!(engine.why_unreached(&a, &b, Some(Ticks(10))), None);
        assert_eq!(engine.why_unreached(&a, &b, Some(Ticks(5))), Some(Unreached::BeyondLimit));
        assert_eq!(engine.why_unreached(&b, &a, None), Some(Unreached::OneWay));
        assert_eq!(engine.why_unreached(&a, &island, None), Some(Unreached::Island));
    }
}
