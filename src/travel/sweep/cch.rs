//! The contraction hierarchy of a network's shape: chordal completion along an order, renumbered in elimination-tree order.

use crate::network::RoadGraph;
use crate::travel::sweep::undirected::Undirected;

/// No parent: a root of the elimination forest.
pub const ROOT: u32 = u32::MAX;

/// Nodes are called by their rank: a postorder of the elimination tree, so a subtree is a range of ranks that ends at its root.
#[derive(Debug)]
pub struct ContractionHierarchy {
    /// Rank of each node of the graph.
    pub rank: Vec<u32>,
    /// Parent in the elimination tree by rank: the lowest upward neighbour.
    pub parent: Vec<u32>,
    /// Length nodes + 1: where the upward arcs of a rank stand.
    pub first_up: Vec<u32>,
    /// Upper end of each arc, ascending within a rank.
    pub upper: Vec<u32>,
    /// Lowest rank of the subtree below each rank, itself included.
    pub lowest: Vec<u32>,
    /// For each arc of the graph its arc here, twice, plus 1 if it runs downwards; `u32::MAX` for self loops.
    pub place_of_arc: Vec<u32>,
}

impl ContractionHierarchy {
    /// Contracts in `order` (lowest first, a permutation of the nodes).
    pub fn contract(graph: &RoadGraph, order: &[u32]) -> ContractionHierarchy {
        let mut position = vec![0u32; order.len()];
        for (at, &node) in order.iter().enumerate() {
            position[node as usize] = at as u32;
        }
        let up = fill_in(&Undirected::of_graph(graph), order, &position);
        let parent: Vec<u32> = up.iter().map(|u| u.first().copied().unwrap_or(ROOT)).collect();
        let new_rank = postorder(&parent);
        let mut old_of = vec![0u32; parent.len()];
        for (old, &new) in new_rank.iter().enumerate() {
            old_of[new as usize] = old as u32;
        }
        let mut this = ContractionHierarchy {
            rank: position.iter().map(|&p| new_rank[p as usize]).collect(),
            parent: Vec::with_capacity(parent.len()),
            first_up: vec![0],
            upper: Vec::with_capacity(up.iter().map(Vec::len).sum()),
            lowest: (0..parent.len() as u32).collect(),
            place_of_arc: Vec::new(),
        };
        for &old in &old_of {
            let start = this.upper.len();
            this.upper.extend(up[old as usize].iter().map(|&u| new_rank[u as usize]));
            this.upper[start..].sort_unstable();
            this.parent.push(this.upper.get(start).copied().unwrap_or(ROOT));
            this.first_up.push(this.upper.len() as u32);
        }
        for rank in 0..this.parent.len() {
            if this.parent[rank] != ROOT {
                let above = this.parent[rank] as usize;
                this.lowest[above] = this.lowest[above].min(this.lowest[rank]);
            }
        }
        this.place_of_arc = this.places(graph);
        this
    }

    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        self.parent.len()
    }

    /// Number of arcs, each standing for both directions.
    pub fn arcs(&self) -> usize {
        self.upper.len()
    }

    /// The upward arcs of a rank.
    #[inline]
    pub fn up(&self, rank: u32) -> std::ops::Range<usize> {
        self.first_up[rank as usize] as usize..self.first_up[rank as usize + 1] as usize
    }

    fn places(&self, graph: &RoadGraph) -> Vec<u32> {
        let mut places = Vec::with_capacity(graph.arcs());
        for tail in 0..graph.nodes() {
            for arc in graph.first_out[tail] as usize..graph.first_out[tail + 1] as usize {
                let (a, b) = (self.rank[tail], self.rank[graph.head[arc] as usize]);
                let up = self.up(a.min(b));
                let found = self.upper[up.clone()].binary_search(&a.max(b));
                places.push(found.map_or(u32::MAX, |i| (up.start + i) as u32 * 2 + u32::from(a > b)));
            }
        }
        places
    }
}

/// Upward neighbours (as positions in the order, ascending) after contraction: each node hands its own to its parent.
fn fill_in(shape: &Undirected, order: &[u32], position: &[u32]) -> Vec<Vec<u32>> {
    let mut up: Vec<Vec<u32>> = Vec::with_capacity(order.len());
    for (at, &node) in order.iter().enumerate() {
        let at = at as u32;
        up.push(shape.of(node).iter().map(|&n| position[n as usize]).filter(|&p| p > at).collect());
    }
    for at in 0..up.len() {
        let mut own = std::mem::take(&mut up[at]);
        own.sort_unstable();
        own.dedup();
        if let Some((&parent, rest)) = own.split_first() {
            up[parent as usize].extend_from_slice(rest);
        }
        own.shrink_to_fit();
        up[at] = own;
    }
    up
}

/// A postorder number for each node of a forest in which parents come after their children.
fn postorder(parent: &[u32]) -> Vec<u32> {
    let mut size = vec![1u32; parent.len()];
    for (node, &p) in parent.iter().enumerate() {
        if p != ROOT {
            size[p as usize] += size[node];
        }
    }
    // `free` is the first number of the subtree still to be given to children; a node itself takes the last of its range.
    let mut free = vec![0u32; parent.len()];
    let mut number = vec![0u32; parent.len()];
    let mut free_root = 0;
    for node in (0..parent.len()).rev() {
        let slot = match parent[node] {
            ROOT => &mut free_root,
            p => &mut free[p as usize],
        };
        let start = *slot;
        *slot += size[node];
        number[node] = start + size[node] - 1;
        free[node] = start;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SplitMix64;
    use crate::travel::fixture::random_graph;

    #[test]
    fn subtrees_are_ranges_and_upward_neighbours_are_ancestors() {
        let mut random = SplitMix64::new(5);
        for _ in 0..50 {
            let graph = random_graph(&mut random, 40, 60, 10);
            let mut order: Vec<u32> = (0..40).collect();
            (1..40).for_each(|i| order.swap(i, random.below(i + 1)));
            let hierarchy = ContractionHierarchy::contract(&graph, &order);
            let mut lowest: Vec<u32> = (0..40).collect();
            for rank in 0..40u32 {
                let parent = hierarchy.parent[rank as usize];
                if parent != ROOT {
                    assert!(parent > rank);
                    lowest[parent as usize] = lowest[parent as usize].min(lowest[rank as usize]);
                }
                for arc in hierarchy.up(rank).skip(1) {
                    let upper = hierarchy.upper[arc];
                    assert!(hierarchy.upper[hierarchy.up(parent)].contains(&upper), "chordal");
                }
            }
            for rank in 0..40u32 {
                for inner in lowest[rank as usize]..rank {
                    assert!(hierarchy.parent[inner as usize] <= rank, "a range holds one subtree");
                }
            }
        }
    }
}
