//! Dead ends and chains first: nodes with at most two neighbours are eliminated before anything is cut, because they add no fill
//! (Bodlaender, Koster, van den Eijkhof 2005: the islet, twig and series rules). What is left has three neighbours or more.

use crate::travel::sweep::undirected::Undirected;

/// The elimination's answer.
#[derive(Debug)]
pub struct LowDegree {
    /// Eliminated nodes, lowest first.
    pub eliminated: Vec<u32>,
    /// The rest, renumbered.
    pub core: Undirected,
    /// The graph's node of each core node.
    pub core_nodes: Vec<u32>,
}

/// Eliminates in rounds of nodes that are not adjacent, so that a chain of n nodes makes a tree of depth log n, not n.
pub fn eliminate(graph: Undirected) -> LowDegree {
    let nodes = graph.nodes();
    let mut near: Vec<Vec<u32>> = (0..nodes as u32).map(|n| graph.of(n).to_vec()).collect();
    let mut gone = vec![false; nodes];
    let mut touched = vec![u32::MAX; nodes]; // the round in which a neighbour was eliminated
    let mut eliminated = Vec::new();
    let mut candidates: Vec<u32> = (0..nodes as u32).filter(|&n| near[n as usize].len() <= 2).collect();
    let mut round = 0;
    while !candidates.is_empty() {
        let mut next = Vec::new();
        for node in candidates {
            if gone[node as usize] || near[node as usize].len() > 2 {
                continue;
            }
            if touched[node as usize] == round {
                next.push(node);
                continue;
            }
            let around = std::mem::take(&mut near[node as usize]);
            gone[node as usize] = true;
            eliminated.push(node);
            bridge(&mut near, node, &around);
            for &n in &around {
                touched[n as usize] = round;
                if near[n as usize].len() <= 2 {
                    next.push(n);
                }
            }
        }
        candidates = next;
        round += 1;
    }
    let core_nodes: Vec<u32> = (0..nodes as u32).filter(|&n| !gone[n as usize]).collect();
    let mut local = vec![u32::MAX; nodes];
    for (i, &n) in core_nodes.iter().enumerate() {
        local[n as usize] = i as u32;
    }
    let edges = core_nodes.iter().flat_map(|&n| near[n as usize].iter().map(move |&m| (n, m)));
    let edges = edges.map(|(a, b)| (local[a as usize], local[b as usize])).collect();
    LowDegree { eliminated, core: Undirected::of_edges(core_nodes.len(), edges), core_nodes }
}

/// Takes `node` out of its neighbours' lists and joins them.
fn bridge(near: &mut [Vec<u32>], node: u32, around: &[u32]) {
    for &n in around {
        near[n as usize].retain(|&m| m != node);
    }
    if let &[a, b] = around
        && !near[a as usize].contains(&b)
    {
        near[a as usize].push(b);
        near[b as usize].push(a);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ```text
    ///   0 - 1 - 2 - 3 - 4      5 - 6      7     and K4 on 8..12 with a tail 12 at 8
    /// ```
    #[test]
    fn trees_and_chains_vanish_and_the_knot_stays() {
        let mut edges = vec![(0, 1), (1, 2), (2, 3), (3, 4), (5, 6), (8, 12)];
        edges.extend([(8, 9), (8, 10), (8, 11), (9, 10), (9, 11), (10, 11)]);
        let both = edges.iter().flat_map(|&(a, b)| [(a, b), (b, a)]).collect();
        let low = eliminate(Undirected::of_edges(13, both));
        assert_eq!(low.core_nodes, [8, 9, 10, 11]);
        let mut gone = low.eliminated;
        gone.sort_unstable();
        assert_eq!(gone, [0, 1, 2, 3, 4, 5, 6, 7, 12]);
    }
}
