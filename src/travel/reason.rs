//! Why is there no journey? Asked after a table said `None`.

use crate::base::Ticks;
use crate::network::{NodeId, RoadGraph, Snap};
use crate::travel::{Direction, TravelEngine, TravelTable};
use rayon::prelude::*;
use std::borrow::Borrow;
use std::cell::OnceCell;

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

impl Unreached {
    /// The word that tables and JSON use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Unreached::BeyondLimit => "beyond_limit",
            Unreached::Island => "island",
            Unreached::OneWay => "one_way",
            Unreached::Restriction => "restriction",
        }
    }
}

impl<G: Borrow<RoadGraph>> TravelEngine<G> {
    /// Why `to` is not reached from `from` within `limit`; `None`: it is reached. The first that applies, in the order: beyond the
    /// limit, restriction, one-way, island. For many pairs hold [`Reasons`].
    #[must_use]
    pub fn why_unreached(&self, from: &Snap, to: &Snap, limit: Option<Ticks>) -> Option<Unreached> {
        Reasons::new(self).of_row(from, &[Some(to)], limit).pop().flatten()
    }
}

/// Answers why places are not reached, a row of a table at a time.
#[derive(Debug)]
pub struct Reasons<'e, G> {
    engine: &'e TravelEngine<G>,
    junctions: Junctions,
}

impl<'e, G: Borrow<RoadGraph>> Reasons<'e, G> {
    /// Prepares what all rows share.
    #[must_use]
    pub fn new(engine: &'e TravelEngine<G>) -> Reasons<'e, G> {
        Reasons { engine, junctions: Junctions::of(engine.graph()) }
    }

    /// Why each of `to` is not reached from `from` within `limit`; `None`: it is reached, or is no place on the road.
    #[must_use]
    pub fn of_row(&self, from: &Snap, to: &[Option<&Snap>], limit: Option<Ticks>) -> Vec<Option<Unreached>> {
        let graph = self.engine.graph();
        let ball = self.engine.ball(from, None, Direction::Outward);
        let starts: Vec<u32> = from.arcs.iter().map(|a| graph.junction(a.head)).collect();
        let both = |snap: &Snap| -> Vec<u32> {
            snap.arcs.iter().flat_map(|a| [graph.junction(a.tail), graph.junction(a.head)]).collect()
        };
        let along = OnceCell::new();
        let either = OnceCell::new();
        let why = |to: &Snap| {
            if let Some(ticks) = ball.to(to) {
                return limit.is_some_and(|l| ticks > l).then_some(Unreached::BeyondLimit);
            }
            let along: &Vec<bool> = along.get_or_init(|| self.junctions.met(&starts, false));
            if to.arcs.iter().any(|a| along[graph.junction(a.tail) as usize]) {
                return Some(Unreached::Restriction);
            }
            let either: &Vec<bool> = either.get_or_init(|| self.junctions.met(&both(from), true));
            let joined = both(to).iter().any(|j| either[*j as usize]);
            Some(if joined { Unreached::OneWay } else { Unreached::Island })
        };
        to.iter().map(|to| to.and_then(why)).collect()
    }
}

impl<G: Borrow<RoadGraph> + Sync> Reasons<'_, G> {
    /// Origin, destination and reason of every cell of `table` without a time, row by row; `None`: one of the two is not joined to a
    /// road. `table` was filled for these places and this limit.
    #[must_use]
    pub fn of_table(
        &self,
        table: &TravelTable,
        (origins, destinations): (&[Option<Snap>], &[Option<Snap>]),
        limit: Option<Ticks>,
    ) -> Vec<(usize, usize, Option<Unreached>)> {
        let row = |o: usize| {
            let missing: Vec<usize> = (0..table.cols()).filter(|d| table.get(o, *d).is_none()).collect();
            let places: Vec<Option<&Snap>> = missing.iter().map(|d| destinations[*d].as_ref()).collect();
            let why = match &origins[o] {
                Some(origin) if !missing.is_empty() => self.of_row(origin, &places, limit),
                _ => vec![None; missing.len()],
            };
            missing.into_iter().zip(why).map(move |(d, why)| (o, d, why))
        };
        (0..table.rows()).into_par_iter().flat_map_iter(row).collect()
    }
}

/// The graph with all copies of a junction taken as one.
#[derive(Debug)]
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

    /// Which junctions are met from `starts`; `either_way`: one-way roads count both ways.
    fn met(&self, starts: &[u32], either_way: bool) -> Vec<bool> {
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
        seen
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
        let row = Reasons::new(&engine).of_row(&b, &[Some(&b), None, Some(&a), Some(&island)], None);
        assert_eq!(row, [None, None, Some(Unreached::OneWay), Some(Unreached::Island)]);
    }
}
