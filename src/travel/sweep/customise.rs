//! Ticks for the hierarchy: basic customisation by lower triangles, perfect customisation by the other triangles, and the
//! arcs that are left (Dibbelt, Strasser, Wagner 2016, sections 7 and 8).

use crate::travel::sweep::cch::ContractionHierarchy;

const NEVER: u32 = u32::MAX;

/// The arcs that shortest up-down paths need, by rank of their lower end.
#[derive(Debug, Default)]
pub struct Customised {
    /// From the rank upwards.
    pub up: Half,
    /// From above down to the rank.
    pub down: Half,
}

/// One direction of the pruned hierarchy.
#[derive(Debug, Default)]
pub struct Half {
    /// Length nodes + 1.
    pub first: Vec<u32>,
    /// The upper end of each arc.
    pub upper: Vec<u32>,
    /// Ticks of each arc.
    pub ticks: Vec<u32>,
}

impl Half {
    /// Number of arcs.
    pub fn arcs(&self) -> usize {
        self.upper.len()
    }

    /// `(upper end, ticks)` of the arcs at a rank.
    #[inline]
    pub fn of(&self, rank: u32) -> impl Iterator<Item = (u32, u32)> {
        let range = self.first[rank as usize] as usize..self.first[rank as usize + 1] as usize;
        self.upper[range.clone()].iter().copied().zip(self.ticks[range].iter().copied())
    }
}

/// Ticks of every arc of the hierarchy in both directions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Weights {
    pub up: Vec<u32>,
    pub down: Vec<u32>,
}

/// What customising computes: the cheapest path over lower nodes, and the cheapest path at all, between the ends of every arc.
#[derive(Debug, Default)]
pub struct Metric {
    pub(super) basic: Weights,
    pub(super) perfect: Weights,
}

impl Metric {
    /// Customises `hierarchy` for `ticks`, one for each arc of its graph.
    pub fn new(hierarchy: &ContractionHierarchy, below: &Below, ticks: &[u32]) -> Metric {
        let mut basic = respect(hierarchy, ticks);
        lower_triangles(hierarchy, below, &mut basic);
        let mut perfect = basic.clone();
        other_triangles(hierarchy, &mut perfect);
        Metric { basic, perfect }
    }

    /// The arcs that are left: one that a path over higher nodes beats is on no shortest up-down path.
    pub fn needed(&self, hierarchy: &ContractionHierarchy) -> Customised {
        let keep = |basic: &[u32], perfect: &[u32]| {
            let needed = |arc: usize| basic[arc] != NEVER && basic[arc] == perfect[arc];
            let (nodes, arcs) = (hierarchy.nodes(), hierarchy.arcs());
            let (upper, ticks) = (Vec::with_capacity(arcs), Vec::with_capacity(arcs));
            let mut half = Half { first: Vec::with_capacity(nodes + 1), upper, ticks };
            half.first.push(0);
            for rank in 0..hierarchy.nodes() as u32 {
                for arc in hierarchy.up(rank).filter(|&arc| needed(arc)) {
                    half.upper.push(hierarchy.upper[arc]);
                    half.ticks.push(basic[arc]);
                }
                half.first.push(half.upper.len() as u32);
            }
            half
        };
        let Metric { basic, perfect } = self;
        Customised { up: keep(&basic.up, &perfect.up), down: keep(&basic.down, &perfect.down) }
    }
}

/// The graph's own arcs; of parallel ones the fastest.
fn respect(hierarchy: &ContractionHierarchy, ticks: &[u32]) -> Weights {
    let mut weights = Weights { up: vec![NEVER; hierarchy.arcs()], down: vec![NEVER; hierarchy.arcs()] };
    for (&place, &cost) in hierarchy.place_of_arc.iter().zip(ticks) {
        if place != u32::MAX {
            let side = if place % 2 == 0 { &mut weights.up } else { &mut weights.down };
            let arc = &mut side[place as usize / 2];
            *arc = (*arc).min(cost);
        }
    }
    weights
}

/// ```text
///     y          x -> y over a lower v: down to v, then up to y
///    / \
///   x   |        ranks: v < x < y
///    \ /
///     v
/// ```
fn lower_triangles(hierarchy: &ContractionHierarchy, below: &Below, w: &mut Weights) {
    let mut arc_to = vec![u32::MAX; hierarchy.nodes()];
    for x in 0..hierarchy.nodes() as u32 {
        for arc in hierarchy.up(x) {
            arc_to[hierarchy.upper[arc] as usize] = arc as u32;
        }
        for &(v, vx) in below.of(x) {
            let (from_x, to_x) = (w.down[vx as usize], w.up[vx as usize]);
            // Arcs of v are ascending: those after vx go above x, and contraction made an arc from x to each of them.
            for vy in vx as usize + 1..hierarchy.up(v).end {
                let xy = arc_to[hierarchy.upper[vy] as usize] as usize;
                w.up[xy] = w.up[xy].min(from_x.saturating_add(w.up[vy]));
                w.down[xy] = w.down[xy].min(w.down[vy].saturating_add(to_x));
            }
        }
    }
}

/// Intermediate and upper triangles from the top down: afterwards every arc costs what the whole graph can do between its ends.
fn other_triangles(hierarchy: &ContractionHierarchy, w: &mut Weights) {
    let mut arc_to = vec![u32::MAX; hierarchy.nodes()];
    for v in (0..hierarchy.nodes() as u32).rev() {
        for arc in hierarchy.up(v) {
            arc_to[hierarchy.upper[arc] as usize] = arc as u32;
        }
        for vx in hierarchy.up(v) {
            for xy in hierarchy.up(hierarchy.upper[vx]) {
                let vy = arc_to[hierarchy.upper[xy] as usize] as usize;
                if vy == u32::MAX as usize {
                    continue;
                }
                let (x_to_y, y_to_x) = (w.up[xy], w.down[xy]);
                w.up[vy] = w.up[vy].min(w.up[vx].saturating_add(x_to_y));
                w.up[vx] = w.up[vx].min(w.up[vy].saturating_add(y_to_x));
                w.down[vy] = w.down[vy].min(y_to_x.saturating_add(w.down[vx]));
                w.down[vx] = w.down[vx].min(x_to_y.saturating_add(w.down[vy]));
            }
        }
        for arc in hierarchy.up(v) {
            arc_to[hierarchy.upper[arc] as usize] = u32::MAX;
        }
    }
}

/// The downward neighbours of each rank with the arc between, ascending.
#[derive(Debug)]
pub struct Below {
    first: Vec<u32>,
    list: Vec<(u32, u32)>,
}

impl Below {
    /// Turns the upward lists round.
    pub fn new(hierarchy: &ContractionHierarchy) -> Below {
        let mut first = vec![0u32; hierarchy.nodes() + 1];
        for &x in &hierarchy.upper {
            first[x as usize + 1] += 1;
        }
        for n in 0..hierarchy.nodes() {
            first[n + 1] += first[n];
        }
        let mut next = first.clone();
        let mut list = vec![(0, 0); hierarchy.arcs()];
        for v in 0..hierarchy.nodes() as u32 {
            for arc in hierarchy.up(v) {
                let slot = &mut next[hierarchy.upper[arc] as usize];
                list[*slot as usize] = (v, arc as u32);
                *slot += 1;
            }
        }
        Below { first, list }
    }

    /// `(lower neighbour, arc)` of a rank.
    pub fn of(&self, rank: u32) -> &[(u32, u32)] {
        &self.list[self.first[rank as usize] as usize..self.first[rank as usize + 1] as usize]
    }
}
