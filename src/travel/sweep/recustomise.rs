//! New ticks for a few arcs of the graph: only what depends on them is computed again, to the same integers.
//!
//! ```text
//! upwards     basic(x, y) = min(own arcs, basic(x, v) + basic(v, y)) over common lower neighbours v, lowest arcs first
//! downwards   perfect(v, x) = min(basic(v, x), basic(v, y) + perfect(y, x)) over upper neighbours y, highest nodes first
//! ```

use crate::travel::sweep::cch::ContractionHierarchy;
use crate::travel::sweep::customise::{Below, Metric, Weights};
use std::collections::BTreeSet;

/// Arcs of the graph by the hierarchy's arc they lie on.
#[derive(Debug)]
pub struct OwnArcs {
    first: Vec<u32>,
    arc: Vec<u32>,
}

impl OwnArcs {
    /// Sorts the graph's arcs by their places.
    pub fn new(hierarchy: &ContractionHierarchy) -> OwnArcs {
        let mut first = vec![0_u32; hierarchy.arcs() + 1];
        let places = || hierarchy.place_of_arc.iter().enumerate().filter(|(_, p)| **p != u32::MAX);
        places().for_each(|(_, p)| first[*p as usize / 2 + 1] += 1);
        (0..hierarchy.arcs()).for_each(|a| first[a + 1] += first[a]);
        let mut next = first.clone();
        let mut arc = vec![0; first[hierarchy.arcs()] as usize];
        for (a, p) in places() {
            let slot = &mut next[*p as usize / 2];
            arc[*slot as usize] = a as u32;
            *slot += 1;
        }
        OwnArcs { first, arc }
    }

    fn of(&self, arc: usize) -> &[u32] {
        &self.arc[self.first[arc] as usize..self.first[arc + 1] as usize]
    }
}

/// Counted work (arcs, and eight triangles for one) beyond this share of the hierarchy's arcs costs as much as customising anew.
const WORTH_IT: usize = 128;

impl Metric {
    /// Brings `ticks` in, which differ from those known at most at the graph's arcs `changed`. Edits that turn out to reach far are
    /// customised from scratch, to the same integers.
    pub fn update(
        &mut self,
        hierarchy: &ContractionHierarchy,
        (below, own): (&Below, &OwnArcs),
        ticks: &[u32],
        changed: &[u32],
    ) {
        if !self.update_within(hierarchy, (below, own), ticks, changed, hierarchy.arcs() / WORTH_IT) {
            *self = Metric::new(hierarchy, below, ticks);
        }
    }

    /// The same for at most `budget` units of work; false if that was not enough and the metric is half done.
    pub(super) fn update_within(
        &mut self,
        hierarchy: &ContractionHierarchy,
        (below, own): (&Below, &OwnArcs),
        ticks: &[u32],
        changed: &[u32],
        budget: usize,
    ) -> bool {
        let mut left = budget;
        let places = changed.iter().map(|a| hierarchy.place_of_arc[*a as usize]);
        let mut open: BTreeSet<u32> = places.filter(|p| *p != u32::MAX).map(|p| p / 2).collect();
        // Nodes whose perfect arcs must be computed again.
        let mut dirty: BTreeSet<u32> = BTreeSet::new();
        while let Some(arc) = open.pop_first() {
            let Some(rest) = left.checked_sub(1) else { return false };
            left = rest;
            let arc = arc as usize;
            let lower = hierarchy.first_up.partition_point(|f| *f as usize <= arc) as u32 - 1;
            let now = basic_of(hierarchy, (below, own), &self.basic, ticks, lower, arc);
            if (self.basic.up[arc], self.basic.down[arc]) == now {
                continue;
            }
            (self.basic.up[arc], self.basic.down[arc]) = now;
            dirty.insert(lower);
            // Triangles with `lower` as their lowest node: this arc and any other upward one carry the arc between their ends.
            let x = hierarchy.upper[arc];
            for other in hierarchy.up(lower).filter(|o| *o != arc) {
                let y = hierarchy.upper[other];
                open.extend(arc_between(hierarchy, x.min(y), x.max(y)));
            }
        }
        while let Some(v) = dirty.pop_last() {
            let Some(rest) = left.checked_sub(1 + hierarchy.up(v).len().pow(2) / 16) else { return false };
            left = rest;
            for (x, moved) in self.perfect_of(hierarchy, v) {
                if moved {
                    let under = below.of(v).iter().map(|b| b.0);
                    dirty.extend(under.filter(|u| arc_between(hierarchy, *u, x).is_some()));
                }
            }
        }
        true
    }

    /// Computes the perfect arcs of `v` again; the upper end of each, and whether it changed.
    fn perfect_of(&mut self, hierarchy: &ContractionHierarchy, v: u32) -> Vec<(u32, bool)> {
        let arcs = hierarchy.up(v);
        let mut now: Vec<(u32, u32)> = arcs.clone().map(|a| (self.basic.up[a], self.basic.down[a])).collect();
        for (i, vx) in arcs.clone().enumerate() {
            for (j, vy) in arcs.clone().enumerate().skip(i + 1) {
                let between = arc_between(hierarchy, hierarchy.upper[vx], hierarchy.upper[vy]);
                let Some(xy) = between.map(|a| a as usize) else { continue };
                let (x_to_y, y_to_x) = (self.perfect.up[xy], self.perfect.down[xy]);
                let (up, down) = (&self.basic.up, &self.basic.down);
                now[j].0 = now[j].0.min(up[vx].saturating_add(x_to_y));
                now[i].0 = now[i].0.min(up[vy].saturating_add(y_to_x));
                now[j].1 = now[j].1.min(y_to_x.saturating_add(down[vx]));
                now[i].1 = now[i].1.min(x_to_y.saturating_add(down[vy]));
            }
        }
        let mut ends = Vec::with_capacity(now.len());
        for (arc, now) in arcs.zip(now) {
            ends.push((hierarchy.upper[arc], (self.perfect.up[arc], self.perfect.down[arc]) != now));
            (self.perfect.up[arc], self.perfect.down[arc]) = now;
        }
        ends
    }
}

/// Ticks of one arc over its own arcs of the graph and over every common lower neighbour of its ends.
fn basic_of(
    hierarchy: &ContractionHierarchy,
    (below, own): (&Below, &OwnArcs),
    basic: &Weights,
    ticks: &[u32],
    x: u32,
    arc: usize,
) -> (u32, u32) {
    let (mut up, mut down) = (u32::MAX, u32::MAX);
    for a in own.of(arc) {
        let side = if hierarchy.place_of_arc[*a as usize].is_multiple_of(2) { &mut up } else { &mut down };
        *side = (*side).min(ticks[*a as usize]);
    }
    let mut others = below.of(hierarchy.upper[arc]).iter().peekable();
    for (v, vx) in below.of(x) {
        while others.next_if(|o| o.0 < *v).is_some() {}
        let Some((_, vy)) = others.next_if(|o| o.0 == *v) else { continue };
        let (vx, vy) = (*vx as usize, *vy as usize);
        up = up.min(basic.down[vx].saturating_add(basic.up[vy]));
        down = down.min(basic.down[vy].saturating_add(basic.up[vx]));
    }
    (up, down)
}

/// The arc from a rank to a higher one.
fn arc_between(hierarchy: &ContractionHierarchy, lower: u32, upper: u32) -> Option<u32> {
    let up = hierarchy.up(lower);
    let found = hierarchy.upper[up.clone()].binary_search(&upper).ok()?;
    Some((up.start + found) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SplitMix64;
    use crate::travel::fixture::random_graph;

    #[test]
    fn a_few_new_ticks_end_where_customising_afresh_ends() {
        let mut random = SplitMix64::new(4);
        for round in 0..300 {
            let mut graph = random_graph(&mut random, 30, 80, 200);
            if graph.arcs() == 0 {
                continue;
            }
            let mut order: Vec<u32> = (0..30).collect();
            (1..30).for_each(|i| order.swap(i, random.below(i + 1)));
            let hierarchy = ContractionHierarchy::contract(&graph, &order);
            let (below, own) = (Below::new(&hierarchy), OwnArcs::new(&hierarchy));
            let mut metric = Metric::new(&hierarchy, &below, &graph.ticks);
            for _ in 0..4 {
                let changed: Vec<u32> =
                    (0..1 + random.below(3)).map(|_| random.below(graph.arcs()) as u32).collect();
                for arc in &changed {
                    let closed = random.below(4) == 0;
                    graph.ticks[*arc as usize] = if closed { u32::MAX } else { random.below(300) as u32 };
                }
                if round % 2 == 0 {
                    let all = (&below, &own);
                    assert!(metric.update_within(&hierarchy, all, &graph.ticks, &changed, usize::MAX));
                } else {
                    metric.update(&hierarchy, (&below, &own), &graph.ticks, &changed);
                }
                let fresh = Metric::new(&hierarchy, &below, &graph.ticks);
                assert!(metric.basic == fresh.basic && metric.perfect == fresh.perfect, "round {round}");
            }
        }
    }
}
