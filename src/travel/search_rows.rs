//! Arcs seen from either end, as a search reads them: the other end and the ticks of an arc side by side.

use crate::network::RoadGraph;

/// Compressed sparse rows of one direction, borrowed; `Copy`, so queries pass it by value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arcs<'a> {
    /// Length nodes + 1 (or 0 without nodes).
    first: &'a [u32],
    /// The other end and the ticks of each arc: one wait for memory instead of two.
    arcs: &'a [(u32, u32)],
}

impl<'a> Arcs<'a> {
    /// Number of nodes.
    pub fn nodes(self) -> usize {
        self.first.len().saturating_sub(1)
    }

    /// `(other end, ticks)` of the arcs at `node`.
    #[inline]
    pub fn of(self, node: u32) -> impl Iterator<Item = (u32, u32)> + 'a {
        self.arcs[self.first[node as usize] as usize..self.first[node as usize + 1] as usize].iter().copied()
    }

    /// The ticks of all arcs.
    pub fn ticks(self) -> impl Iterator<Item = u32> + 'a {
        self.arcs.iter().map(|arc| arc.1)
    }
}

/// The arcs of a graph in one direction.
#[derive(Debug)]
pub(super) struct SearchRows {
    first: Vec<u32>,
    arcs: Vec<(u32, u32)>,
}

impl SearchRows {
    /// The arcs of `graph` as they are driven.
    pub fn outward(graph: &RoadGraph) -> SearchRows {
        let arcs = graph.head.iter().copied().zip(graph.ticks.iter().copied());
        SearchRows { first: graph.first_out.clone(), arcs: arcs.collect() }
    }

    /// Every arc turned round in linear time (counting sort by head; arcs into a node keep the order of their tails): searches ask "from
    /// where is this reached?".
    pub fn towards(graph: &RoadGraph) -> SearchRows {
        let mut first = vec![0u32; graph.nodes() + 1];
        for &h in &graph.head {
            first[h as usize + 1] += 1;
        }
        for n in 0..graph.nodes() {
            first[n + 1] += first[n];
        }
        let mut next = first.clone();
        let mut arcs = vec![(0, 0); graph.arcs()];
        for node in 0..graph.nodes() {
            for arc in graph.first_out[node] as usize..graph.first_out[node + 1] as usize {
                let slot = &mut next[graph.head[arc] as usize];
                arcs[*slot as usize] = (node as u32, graph.ticks[arc]);
                *slot += 1;
            }
        }
        SearchRows { first, arcs }
    }

    /// All of them.
    pub fn arcs(&self) -> Arcs<'_> {
        Arcs { first: &self.first, arcs: &self.arcs }
    }
}
