//! A simple undirected graph in compressed sparse rows: the shape of a network without directions, loops and parallels.

use crate::network::RoadGraph;

/// Sorted neighbour lists; every edge stands in both.
#[derive(Debug, Default, Clone)]
pub struct Undirected {
    /// Length nodes + 1.
    pub first: Vec<u32>,
    /// Neighbours, ascending within a node.
    pub neighbour: Vec<u32>,
}

impl Undirected {
    /// The shape of a road graph.
    pub fn of_graph(graph: &RoadGraph) -> Undirected {
        let tails = (0..graph.nodes()).flat_map(|n| {
            let range = graph.first_out[n] as usize..graph.first_out[n + 1] as usize;
            graph.head[range].iter().map(move |&h| (n as u32, h))
        });
        Undirected::of_edges(
            graph.nodes(),
            tails.filter(|(a, b)| a != b).flat_map(|(a, b)| [(a, b), (b, a)]).collect(),
        )
    }

    /// From edges given both ways round; repeats are merged.
    pub fn of_edges(nodes: usize, mut edges: Vec<(u32, u32)>) -> Undirected {
        edges.sort_unstable();
        edges.dedup();
        let mut first = vec![0u32; nodes + 1];
        for &(a, _) in &edges {
            first[a as usize + 1] += 1;
        }
        for n in 0..nodes {
            first[n + 1] += first[n];
        }
        Undirected { first, neighbour: edges.into_iter().map(|e| e.1).collect() }
    }

    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        self.first.len().saturating_sub(1)
    }

    /// Where the neighbours of `node` stand.
    #[inline]
    pub fn range(&self, node: u32) -> std::ops::Range<usize> {
        self.first[node as usize] as usize..self.first[node as usize + 1] as usize
    }

    /// The neighbours of `node`.
    #[inline]
    pub fn of(&self, node: u32) -> &[u32] {
        &self.neighbour[self.range(node)]
    }

    /// The graph on `members` (ascending or not) alone, renumbered in their order. `local` is scratch of at least the graph's
    /// length filled with `u32::MAX`, and is left so.
    pub fn induced(&self, members: &[u32], local: &mut [u32]) -> Undirected {
        for (i, &m) in members.iter().enumerate() {
            local[m as usize] = i as u32;
        }
        let mut sub = Undirected { first: Vec::with_capacity(members.len() + 1), neighbour: Vec::new() };
        sub.first.push(0);
        for &m in members {
            sub.neighbour.extend(self.of(m).iter().map(|&n| local[n as usize]).filter(|&n| n != u32::MAX));
            sub.first.push(sub.neighbour.len() as u32);
        }
        for &m in members {
            local[m as usize] = u32::MAX;
        }
        sub
    }
}
