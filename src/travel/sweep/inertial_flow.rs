//! Inertial flow (Schild, Sommer 2015): balanced small cuts of a road network.
//!
//! Along each of four compass lines the first quarter of the nodes is the source, the last quarter the sink, and a maximum flow
//! over unit edges (Dinic 1970) names the smallest cut between them. The best of the four is kept.

use crate::travel::sweep::undirected::Undirected;
use std::collections::VecDeque;

/// Share of the nodes tied to each end of the line: no side of a cut is smaller.
const TIED: f64 = 0.25;
/// East, north, and the two diagonals.
const LINES: [(f64, f64); 4] = [(1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, -1.0)];

/// Which nodes of a connected `graph` (at least 2 nodes) lie on the first side of the best cut. `place` is metric, one a node.
pub fn cut(graph: &Undirected, place: &[(f64, f64)]) -> Vec<bool> {
    let mut flow = UnitFlow::new(graph);
    let mut best: Option<(f64, Vec<bool>)> = None;
    for (east, north) in LINES {
        let (source, sink) =
            ends(graph.nodes(), |n| place[n as usize].0 * east + place[n as usize].1 * north);
        // A cut of k edges cannot beat the best once k / (half the nodes) is worse.
        let hopeless =
            best.as_ref().map_or(usize::MAX, |b| (b.0 * graph.nodes() as f64 / 2.0).ceil() as usize);
        let Some((size, side)) = flow.smallest_cut(&source, &sink, hopeless) else { continue };
        let first = side.iter().filter(|s| **s).count();
        let score = size as f64 / first.min(graph.nodes() - first) as f64;
        if best.as_ref().is_none_or(|b| score < b.0) {
            best = Some((score, side));
        }
    }
    best.map(|b| b.1).unwrap_or_default()
}

/// The first and the last quarter of the nodes along a line.
fn ends(nodes: usize, along: impl Fn(u32) -> f64) -> (Vec<u32>, Vec<u32>) {
    let mut line: Vec<(f64, u32)> = (0..nodes as u32).map(|n| (along(n), n)).collect();
    let tied = ((nodes as f64 * TIED) as usize).max(1);
    let by = |a: &(f64, u32), b: &(f64, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
    line.select_nth_unstable_by(tied - 1, by);
    line[tied..].select_nth_unstable_by(nodes - 2 * tied, by);
    (line[..tied].iter().map(|l| l.1).collect(), line[nodes - tied..].iter().map(|l| l.1).collect())
}

/// Maximum flow over undirected unit edges.
struct UnitFlow<'g> {
    graph: &'g Undirected,
    /// The same edge seen from its other end.
    twin: Vec<u32>,
    /// Net flow along an edge as seen from here: -1, 0, 1. Below 1 there is room.
    flow: Vec<i8>,
    level: Vec<u32>,
    next: Vec<u32>,
    end: Vec<End>,
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    Free,
    Source,
    Sink,
}

impl<'g> UnitFlow<'g> {
    fn new(graph: &'g Undirected) -> UnitFlow<'g> {
        let mut next = graph.first.clone();
        let mut twin = vec![0; graph.neighbour.len()];
        // Lists are sorted, so visiting nodes in order meets the twins of each node in order too.
        for node in 0..graph.nodes() as u32 {
            for edge in graph.range(node) {
                let other = graph.neighbour[edge] as usize;
                twin[edge] = next[other];
                next[other] += 1;
            }
        }
        let nodes = graph.nodes();
        let flow = vec![0; graph.neighbour.len()];
        UnitFlow { graph, twin, flow, level: vec![u32::MAX; nodes], next, end: vec![End::Free; nodes] }
    }

    /// Size and first side of the smallest cut between two sets; of the two extreme smallest cuts the more balanced one.
    /// `None` once the flow exceeds `hopeless`.
    fn smallest_cut(&mut self, source: &[u32], sink: &[u32], hopeless: usize) -> Option<(usize, Vec<bool>)> {
        self.flow.fill(0);
        self.end.fill(End::Free);
        source.iter().for_each(|&n| self.end[n as usize] = End::Source);
        sink.iter().for_each(|&n| self.end[n as usize] = End::Sink);
        let mut size = 0;
        while self.levels(source) {
            self.next.copy_from_slice(&self.graph.first);
            for &start in source {
                while self.augment(start) {
                    size += 1;
                }
            }
            if size > hopeless {
                return None;
            }
        }
        let near: Vec<bool> = self.level.iter().map(|&l| l != u32::MAX).collect();
        let far = self.reaches_sink(sink);
        let (a, b) = (near.iter().filter(|n| **n).count(), far.iter().filter(|f| **f).count());
        Some((size, if a >= b { near } else { far.iter().map(|f| !f).collect() }))
    }

    /// Breadth-first levels from the source over edges with room; false if the sink is cut off.
    fn levels(&mut self, source: &[u32]) -> bool {
        self.level.fill(u32::MAX);
        source.iter().for_each(|&n| self.level[n as usize] = 0);
        let mut queue: VecDeque<u32> = source.iter().copied().collect();
        let mut found = u32::MAX;
        while let Some(node) = queue.pop_front() {
            let deeper = self.level[node as usize] + 1;
            if deeper > found {
                break;
            }
            for edge in self.graph.range(node) {
                let other = self.graph.neighbour[edge] as usize;
                if self.flow[edge] < 1 && self.level[other] == u32::MAX {
                    self.level[other] = deeper;
                    match self.end[other] {
                        End::Sink => found = deeper,
                        _ => queue.push_back(other as u32),
                    }
                }
            }
        }
        found != u32::MAX
    }

    /// Sends one unit from `start` down the levels to the sink, if it gets there.
    fn augment(&mut self, start: u32) -> bool {
        let mut path: Vec<usize> = Vec::new();
        let mut node = start;
        loop {
            if self.end[node as usize] == End::Sink {
                for edge in path {
                    self.flow[edge] += 1;
                    self.flow[self.twin[edge] as usize] -= 1;
                }
                return true;
            }
            let last = self.graph.first[node as usize + 1];
            let at = self.next[node as usize];
            if at < last {
                let other = self.graph.neighbour[at as usize];
                let downhill = self.level[other as usize] == self.level[node as usize] + 1;
                if downhill && self.flow[at as usize] < 1 {
                    path.push(at as usize);
                    node = other;
                } else {
                    self.next[node as usize] += 1;
                }
            } else {
                let Some(edge) = path.pop() else { return false };
                node = self.graph.neighbour[self.twin[edge] as usize];
                self.next[node as usize] += 1;
            }
        }
    }

    /// Which nodes still have room towards the sink.
    fn reaches_sink(&self, sink: &[u32]) -> Vec<bool> {
        let mut reaches = vec![false; self.graph.nodes()];
        sink.iter().for_each(|&n| reaches[n as usize] = true);
        let mut stack = sink.to_vec();
        while let Some(node) = stack.pop() {
            for edge in self.graph.range(node) {
                let other = self.graph.neighbour[edge] as usize;
                if !reaches[other] && self.flow[self.twin[edge] as usize] < 1 {
                    reaches[other] = true;
                    stack.push(other as u32);
                }
            }
        }
        reaches
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ```text
    ///   two 5 x 5 grids side by side, one street between them
    ///   # # # # #       # # # # #
    ///   # # # # # ----- # # # # #
    ///   # # # # #       # # # # #
    /// ```
    #[test]
    fn the_one_street_between_two_towns_is_the_cut() {
        let at = |town: u32, x: u32, y: u32| town * 25 + y * 5 + x;
        let mut edges = vec![(at(0, 4, 1), at(1, 0, 1))];
        for (town, x, y) in (0..50).map(|n| (n / 25, n % 5, n % 25 / 5)) {
            if x < 4 {
                edges.push((at(town, x, y), at(town, x + 1, y)));
            }
            if y < 4 {
                edges.push((at(town, x, y), at(town, x, y + 1)));
            }
        }
        let both = edges.iter().flat_map(|&(a, b)| [(a, b), (b, a)]).collect();
        let graph = Undirected::of_edges(50, both);
        let place: Vec<_> =
            (0..50u32).map(|n| (f64::from(n / 25 * 8 + n % 5), f64::from(n % 25 / 5))).collect();
        let side = cut(&graph, &place);
        assert!((1..25).all(|n| side[n] == side[0]) && (25..50).all(|n| side[n] != side[0]));
    }
}
