//! What the road network connects at all, whatever the time: tells `disconnected` from `too_far`.

use crate::network::{NodeId, RoadGraph, Snap};

/// Marks every node that any of `origins` can reach along directed arcs (breadth first, no limit); length: nodes.
#[must_use]
pub fn reachable_nodes<'a>(graph: &RoadGraph, origins: impl IntoIterator<Item = &'a Snap>) -> Vec<bool> {
    let mut reached = vec![false; graph.nodes()];
    let mut open: Vec<NodeId> = Vec::new();
    for arc in origins.into_iter().flat_map(|snap| &snap.arcs) {
        mark(arc.head, &mut reached, &mut open);
    }
    while let Some(node) = open.pop() {
        let arcs = graph.first_out[node.0 as usize]..graph.first_out[node.0 as usize + 1];
        for arc in arcs {
            mark(NodeId(graph.head[arc as usize]), &mut reached, &mut open);
        }
    }
    reached
}

fn mark(node: NodeId, reached: &mut [bool], open: &mut Vec<NodeId>) {
    if !std::mem::replace(&mut reached[node.0 as usize], true) {
        open.push(node);
    }
}

/// The snapped place can be reached: by a marked node, or along the segment of an origin itself.
#[must_use]
pub fn is_reached(place: &Snap, reached: &[bool], origins: &[&Snap]) -> bool {
    place.arcs.iter().any(|to| {
        let along = |from: &crate::network::SnapArc| from.arc == to.arc && from.from_tail <= to.from_tail;
        reached[to.tail.0 as usize] || origins.iter().any(|o| o.arcs.iter().any(along))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{LonLat, Metres, Ticks};
    use crate::network::{ArcId, SnapArc};

    /// ```text
    /// 0 --> 1 --> 2     3 <-> 4
    /// ```
    fn two_islands() -> RoadGraph {
        RoadGraph {
            first_out: vec![0, 1, 2, 2, 3, 4],
            head: vec![1, 2, 4, 3],
            ticks: vec![10; 4],
            position: vec![LonLat::default(); 5],
            ..RoadGraph::default()
        }
    }

    fn on_arc(arc: u32, tail: u32, head: u32, from_tail: u32) -> Snap {
        let arc = SnapArc {
            arc: ArcId(arc),
            tail: NodeId(tail),
            head: NodeId(head),
            from_tail: Ticks(from_tail),
            to_head: Ticks(10 - from_tail),
        };
        Snap { arcs: vec![arc], access: Ticks(0), distance: Metres(0.0), at: LonLat::default(), component: 0 }
    }

    #[test]
    fn a_one_way_road_reaches_forward_only_and_never_another_island() {
        let graph = two_islands();
        let home = on_arc(0, 0, 1, 5);
        let reached = reachable_nodes(&graph, [&home]);
        assert_eq!(reached, [false, true, true, false, false]);
        assert!(is_reached(&on_arc(1, 1, 2, 3), &reached, &[&home]));
        assert!(!is_reached(&on_arc(2, 3, 4, 3), &reached, &[&home]));
        assert!(is_reached(&on_arc(0, 0, 1, 7), &reached, &[&home]), "further along the same arc");
        assert!(!is_reached(&on_arc(0, 0, 1, 2), &reached, &[&home]), "behind on a one-way arc");
    }
}
