//! Small graphs for tests, and a search so plain that it can be believed.

use crate::base::{LonLat, Metres, SplitMix64, Ticks};
use crate::network::{ArcId, NodeId, RoadGraph, Snap, SnapArc};

/// A graph from `(tail, head, ticks)`; arc ids follow the sorted tails. Node `n` stands at a place of its own.
pub fn graph_of(nodes: usize, arcs: &[(u32, u32, u32)]) -> RoadGraph {
    let mut sorted = arcs.to_vec();
    sorted.sort_by_key(|a| a.0);
    let mut graph = RoadGraph { first_out: vec![0; nodes + 1], ..RoadGraph::default() };
    for &(tail, head, ticks) in &sorted {
        graph.first_out[tail as usize + 1] += 1;
        graph.head.push(head);
        graph.ticks.push(ticks);
    }
    for n in 0..nodes {
        graph.first_out[n + 1] += graph.first_out[n];
    }
    let mut place = SplitMix64::new(3);
    graph.position = (0..nodes).map(|_| LonLat { lon: place.unit(), lat: place.unit() }).collect();
    graph
}

/// One-ways, parallel arcs, self loops, zero-length arcs and islands, all by chance.
pub fn random_graph(random: &mut SplitMix64, nodes: usize, arcs: usize, longest: usize) -> RoadGraph {
    let mut list = Vec::new();
    for _ in 0..random.below(arcs + 1) {
        let (tail, head) = (random.below(nodes) as u32, random.below(nodes) as u32);
        let ticks = if random.below(5) == 0 { 0 } else { random.below(longest) as u32 };
        list.push((tail, head, ticks));
        if random.below(2) == 0 {
            list.push((head, tail, ticks));
        }
    }
    graph_of(nodes, &list)
}

/// A square grid of two-way streets with a few one-ways, `side * side` nodes, positions on the grid.
pub fn grid_graph(random: &mut SplitMix64, side: usize, longest: usize) -> RoadGraph {
    let mut list = Vec::new();
    for y in 0..side {
        for x in 0..side {
            let here = (y * side + x) as u32;
            for there in [(x + 1 < side).then_some(here + 1), (y + 1 < side).then_some(here + side as u32)] {
                let Some(there) = there else { continue };
                let ticks = 1 + random.below(longest) as u32;
                match random.below(10) {
                    0 => {}
                    1 => list.push((here, there, ticks)),
                    2 => list.push((there, here, ticks)),
                    _ => list.extend([(here, there, ticks), (there, here, ticks)]),
                }
            }
        }
    }
    let mut graph = graph_of(side * side, &list);
    let degrees = |n: usize| n as f64 * 0.001;
    graph.position =
        (0..side * side).map(|n| LonLat { lon: degrees(n % side), lat: degrees(n / side) }).collect();
    graph
}

/// A place on `arcs`, each `(arc, ticks from the tail)`.
pub fn snap_on(graph: &RoadGraph, arcs: &[(u32, u32)], access: u32) -> Snap {
    let arcs = arcs.iter().map(|&(arc, from_tail)| SnapArc {
        arc: ArcId(arc),
        tail: NodeId(graph.first_out.partition_point(|&f| f <= arc) as u32 - 1),
        head: NodeId(graph.head[arc as usize]),
        from_tail: Ticks(from_tail),
        to_head: Ticks(graph.ticks[arc as usize] - from_tail),
    });
    let at = LonLat::default();
    Snap { arcs: arcs.collect(), access: Ticks(access), distance: Metres(0.0), at, component: 0 }
}

/// Places on one or two random arcs; some are not snapped at all.
pub fn random_snaps(random: &mut SplitMix64, graph: &RoadGraph, count: usize) -> Vec<Option<Snap>> {
    let mut place = || {
        if graph.arcs() == 0 || random.below(8) == 0 {
            return None;
        }
        let arcs: Vec<_> = (0..1 + random.below(2))
            .map(|_| {
                let arc = random.below(graph.arcs());
                (arc as u32, random.below(graph.ticks[arc] as usize + 1) as u32)
            })
            .collect();
        Some(snap_on(graph, &arcs, random.below(40) as u32))
    };
    (0..count).map(|_| place()).collect()
}

/// Distances by relaxing every arc until nothing changes (Bellman 1958).
pub fn plain_distances(graph: &RoadGraph, seeds: &[(u32, u32)]) -> Vec<u32> {
    let mut distance = vec![u32::MAX; graph.nodes()];
    for &(node, ticks) in seeds {
        distance[node as usize] = distance[node as usize].min(ticks);
    }
    loop {
        let mut changed = false;
        for tail in 0..graph.nodes() {
            for arc in graph.first_out[tail] as usize..graph.first_out[tail + 1] as usize {
                let there = distance[tail].saturating_add(graph.ticks[arc]);
                let head = graph.head[arc] as usize;
                if there < distance[head] {
                    (distance[head], changed) = (there, true);
                }
            }
        }
        if !changed {
            return distance;
        }
    }
}

/// One journey by the definition, pair by pair.
pub fn plain_journey(graph: &RoadGraph, from: &Snap, to: &Snap) -> Option<Ticks> {
    let mut best = None;
    let mut offer = |ticks: u32| best = Some(best.map_or(ticks, |b: u32| b.min(ticks)));
    for a in &from.arcs {
        let distance = plain_distances(graph, &[(a.head.0, a.to_head.0)]);
        for b in &to.arcs {
            if distance[b.tail.0 as usize] != u32::MAX {
                offer(distance[b.tail.0 as usize] + b.from_tail.0);
            }
            if a.arc == b.arc && a.from_tail <= b.from_tail {
                offer(b.from_tail.0 - a.from_tail.0);
            }
        }
    }
    best.map(|ticks| Ticks(from.access.0 + ticks + to.access.0))
}
