//! The audit's own search: a plain binary-heap Dijkstra (Dijkstra 1959) that shares no code with the floor `travel`.

use crate::base::Ticks;
use crate::network::{RoadGraph, Snap};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// Memory of one thread's searches; `seen` tells which entries of `best` belong to the current one.
#[derive(Debug)]
pub struct PlainDijkstra<'g> {
    graph: &'g RoadGraph,
    best: Vec<u32>,
    touched: Vec<u32>,
}

impl<'g> PlainDijkstra<'g> {
    /// A search over `graph`.
    #[must_use]
    pub fn new(graph: &'g RoadGraph) -> Self {
        PlainDijkstra { graph, best: vec![u32::MAX; graph.nodes()], touched: Vec::new() }
    }

    /// Journeys from one place to many, access legs included; `None`: not reached within `limit`. Stops when all are settled.
    pub fn journeys(&mut self, from: &Snap, to: &[Option<&Snap>], limit: Ticks) -> Vec<Option<Ticks>> {
        let mut doors: BTreeMap<u32, Vec<(usize, u32)>> = BTreeMap::new();
        let mut found: Vec<Option<u32>> = to.iter().map(|t| t.and_then(|t| along_one_arc(from, t))).collect();
        for (i, place) in to.iter().enumerate() {
            for arc in place.iter().flat_map(|p| &p.arcs) {
                doors.entry(arc.tail.0).or_default().push((i, arc.from_tail.0));
            }
        }
        let budget = limit.0.saturating_sub(from.access.0);
        let mut heap = BinaryHeap::new();
        for arc in &from.arcs {
            self.relax(arc.head.0, arc.to_head.0, &mut heap);
        }
        let mut doors_left = doors.len();
        while let Some(Reverse((ticks, node))) = heap.pop() {
            if ticks > budget || doors_left == 0 {
                break;
            }
            if self.best[node as usize] < ticks {
                continue;
            }
            if let Some(places) = doors.get(&node) {
                doors_left -= 1;
                for (i, more) in places {
                    let total = ticks.saturating_add(*more);
                    found[*i] = Some(found[*i].map_or(total, |f| f.min(total)));
                }
            }
            let arcs = self.graph.first_out[node as usize]..self.graph.first_out[node as usize + 1];
            for arc in arcs {
                let arc = arc as usize;
                self.relax(self.graph.head[arc], ticks.saturating_add(self.graph.ticks[arc]), &mut heap);
            }
        }
        self.touched.drain(..).for_each(|n| self.best[n as usize] = u32::MAX);
        let access = |i: usize| from.access.0 + to[i].map_or(0, |t| t.access.0);
        let totals =
            found.into_iter().enumerate().map(|(i, f)| f.map(|f| Ticks(f.saturating_add(access(i)))));
        totals.map(|t| t.filter(|t| *t <= limit)).collect()
    }

    fn relax(&mut self, node: u32, ticks: u32, heap: &mut BinaryHeap<Reverse<(u32, u32)>>) {
        let best = &mut self.best[node as usize];
        if ticks < *best {
            if *best == u32::MAX {
                self.touched.push(node);
            }
            *best = ticks;
            heap.push(Reverse((ticks, node)));
        }
    }
}

/// Both places on one arc, the destination ahead: along it.
fn along_one_arc(from: &Snap, to: &Snap) -> Option<u32> {
    let pairs = from.arcs.iter().flat_map(|a| to.arcs.iter().map(move |b| (a, b)));
    pairs
        .filter(|(a, b)| a.arc == b.arc && a.from_tail <= b.from_tail)
        .map(|(a, b)| b.from_tail.0 - a.from_tail.0)
        .min()
}
