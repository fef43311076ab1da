//! Arcs seen from either end.

use crate::network::RoadGraph;

/// Compressed sparse rows of one direction, borrowed; `Copy`, so queries pass it by value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arcs<'a> {
    /// Length nodes + 1 (or 0 without nodes).
    pub first_out: &'a [u32],
    /// The other end of each arc.
    pub head: &'a [u32],
    /// Ticks of each arc.
    pub ticks: &'a [u32],
}

impl<'a> Arcs<'a> {
    /// The arcs of `graph` as they are driven.
    pub fn forward(graph: &'a RoadGraph) -> Arcs<'a> {
        Arcs { first_out: &graph.first_out, head: &graph.head, ticks: &graph.ticks }
    }

    /// Number of nodes.
    pub fn nodes(self) -> usize {
        self.first_out.len().saturating_sub(1)
    }

    /// `(other end, ticks)` of the arcs at `node`.
    #[inline]
    pub fn of(self, node: u32) -> impl Iterator<Item = (u32, u32)> + 'a {
        let range = self.first_out[node as usize] as usize..self.first_out[node as usize + 1] as usize;
        self.head[range.clone()].iter().copied().zip(self.ticks[range].iter().copied())
    }
}

/// A graph with every arc turned round: searches on it ask "from where is this reached?".
#[derive(Debug)]
pub(super) struct ReverseGraph {
    first_out: Vec<u32>,
    tail: Vec<u32>,
    ticks: Vec<u32>,
}

impl ReverseGraph {
    /// Turns every arc round in linear time (counting sort by head; arcs into a node keep the order of their tails).
    pub fn build(graph: &RoadGraph) -> ReverseGraph {
        let mut first_out = vec![0u32; graph.nodes() + 1];
        for &h in &graph.head {
            first_out[h as usize + 1] += 1;
        }
        for n in 0..graph.nodes() {
            first_out[n + 1] += first_out[n];
        }
        let mut next = first_out.clone();
        let (mut tail, mut ticks) = (vec![0; graph.arcs()], vec![0; graph.arcs()]);
        let forward = Arcs::forward(graph);
        for node in 0..graph.nodes() as u32 {
            for (head, cost) in forward.of(node) {
                let at = next[head as usize] as usize;
                (tail[at], ticks[at]) = (node, cost);
                next[head as usize] += 1;
            }
        }
        ReverseGraph { first_out, tail, ticks }
    }

    /// The reversed arcs.
    pub fn arcs(&self) -> Arcs<'_> {
        Arcs { first_out: &self.first_out, head: &self.tail, ticks: &self.ticks }
    }
}
