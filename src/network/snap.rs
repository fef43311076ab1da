//! From a place to the road: the nearest point of a usable segment.

use super::column::unwrapped;
use super::graph::RoadLay;
use super::road_map::degrees;
use crate::base::{LonLat, Metres, Ticks, metres_per_degree};
use crate::network::{ArcId, NodeId, RoadGraph, RoadMap};
use rayon::prelude::*;
use rstar::{AABB, PointDistance, RTree, RTreeObject};
use std::sync::Arc;

/// How places are joined to roads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SnapRules {
    /// Farthest road that counts (setting, 500 m).
    pub limit: Metres,
    /// Walking speed of access legs in km/h (setting, 5).
    pub walk_kmh: f64,
    /// Components with fewer map nodes are scraps, unless largest or carrying a site or caregiver (200).
    pub least_component_nodes: u32,
}

impl Default for SnapRules {
    fn default() -> Self {
        SnapRules { limit: Metres(500.0), walk_kmh: 5.0, least_component_nodes: 200 }
    }
}

/// One way to leave or reach a snapped point along an arc of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapArc {
    /// The arc the point lies on.
    pub arc: ArcId,
    /// Node the arc leaves.
    pub tail: NodeId,
    /// Node the arc reaches.
    pub head: NodeId,
    /// Ticks from the tail to the point, without the access leg.
    pub from_tail: Ticks,
    /// Ticks from the point to the head, without the access leg.
    pub to_head: Ticks,
}

/// A place joined to the road. Two snaps on the same arc can also be joined along it.
#[derive(Debug, Clone, PartialEq)]
pub struct Snap {
    /// Every arc that passes the point (both directions, and all segments that meet there); a one-way road has one.
    pub arcs: Vec<SnapArc>,
    /// The straight walk between the place and the road.
    pub access: Ticks,
    /// Its length.
    pub distance: Metres,
    /// The point on the road.
    pub at: LonLat,
    /// Strongly connected component of the road there, for the cause `disconnected`.
    pub component: u32,
}

/// A straight piece of road between neighbouring map nodes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    /// Ends in 1e-7 degrees, both on one side of the antimeridian.
    ends: [[i32; 2]; 2],
    chain: u32,
    /// Length of a degree of longitude in degrees of latitude, the same for a whole tree.
    squeeze: f32,
    /// Metres from the start of the way to the first end, and from there to the second.
    start_m: f64,
    length_m: f64,
}

impl Segment {
    pub(super) fn chain(&self) -> u32 {
        self.chain
    }

    /// Both ends in 1e-7 degrees.
    pub(super) fn ends(&self) -> [[i32; 2]; 2] {
        self.ends
    }

    /// The ends in the plane of the tree.
    fn planar(&self) -> [[f64; 2]; 2] {
        self.ends.map(|e| [f64::from(e[0]) / 1e7 * f64::from(self.squeeze), f64::from(e[1]) / 1e7])
    }
}

impl RTreeObject for Segment {
    type Envelope = AABB<[f64; 2]>;
    fn envelope(&self) -> Self::Envelope {
        let [a, b] = self.planar();
        AABB::from_corners(a, b)
    }
}

impl PointDistance for Segment {
    /// In the plane of the tree: good for a first guess; the answer is measured on the ellipsoid.
    fn distance_2(&self, p: &[f64; 2]) -> f64 {
        let [a, b] = self.planar().map(|e| [e[0] - p[0], e[1] - p[1]]);
        let (share, along) = nearest_share(a, b);
        (a[0] + share * along[0]).powi(2) + (a[1] + share * along[1]).powi(2)
    }
}

/// Where on the line from `a` to `b` the origin is nearest, 0 to 1, and the line's direction.
fn nearest_share(a: [f64; 2], b: [f64; 2]) -> (f64, [f64; 2]) {
    let along = [b[0] - a[0], b[1] - a[1]];
    let square = along[0] * along[0] + along[1] * along[1];
    let share = if square > 0.0 { -(a[0] * along[0] + a[1] * along[1]) / square } else { 0.0 };
    (share.clamp(0.0, 1.0), along)
}

/// The nearest point of one segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Foot {
    pub chain: u32,
    /// Metres from the place, east and north.
    offset: [f64; 2],
    pub distance: f64,
    /// Metres from the start of the way.
    pub metres: f64,
}

/// Ticks of an access leg.
pub(super) fn access_ticks(metres: f64, rules: &SnapRules) -> Ticks {
    Ticks((metres * 36.0 / rules.walk_kmh + 0.5) as u32) // rounded half up
}

/// Segments whose nearest points lie this close to each other are all passed by the snapped point.
pub(super) const SAME_POINT_M: f64 = 0.01;

/// Finds the nearest usable segment of one mode. A copy shares what it found.
#[derive(Debug, Clone)]
pub struct SnapIndex {
    rules: SnapRules,
    lay: Arc<RoadLay>,
    /// Usable segments.
    tree: Arc<RTree<Segment>>,
    squeeze: f32,
    scraps: u64,
    /// Some road was closed since the tree was built.
    closures: bool,
}

impl SnapIndex {
    /// An index over the usable segments; components that `carried` places (sites, caregivers) snap to are usable too.
    #[must_use]
    pub fn build(map: &RoadMap, graph: &RoadGraph, rules: SnapRules, carried: &[LonLat]) -> SnapIndex {
        let lay = Arc::clone(&graph.lay);
        let sizes = &lay.component_nodes;
        let most = sizes.iter().copied().max().unwrap_or(0);
        let largest = sizes.iter().position(|s| *s == most);
        let mut counts: Vec<bool> = sizes.iter().map(|s| *s >= rules.least_component_nodes).collect();
        if let Some(largest) = largest {
            counts[largest] = true;
        }
        let squeeze = squeeze_of(map);
        let usable = |s: &Segment, counts: &[bool]| {
            lay.chain_component(s.chain as usize).is_some_and(|c| counts[c as usize])
        };
        let (main, scraps): (Vec<Segment>, Vec<Segment>) =
            segments(map, &lay, squeeze).into_iter().partition(|s| usable(s, &counts));
        let mut tree = RTree::bulk_load(main);
        if !carried.is_empty() && !scraps.is_empty() {
            let small = RTree::bulk_load(scraps);
            let touched: Vec<Vec<Foot>> =
                carried.par_iter().map(|p| feet(&[&tree, &small], *p, squeeze, rules.limit.0)).collect();
            for foot in touched.iter().flatten() {
                if let Some(c) = lay.chain_component(foot.chain as usize) {
                    counts[c as usize] = true;
                }
            }
            small.iter().filter(|s| usable(s, &counts)).for_each(|s| tree.insert(*s));
        }
        let scraps = counts.iter().filter(|c| !**c).count() as u64;
        SnapIndex { rules, lay, tree: Arc::new(tree), squeeze, scraps, closures: false }
    }

    /// The same index over a graph with other speeds ([`RoadGraph::with_speeds`]): places keep off roads that it closes.
    #[must_use]
    pub fn on(&self, graph: &RoadGraph) -> SnapIndex {
        let (lay, tree) = (Arc::clone(&graph.lay), Arc::clone(&self.tree));
        SnapIndex { rules: self.rules, lay, tree, squeeze: self.squeeze, scraps: self.scraps, closures: true }
    }

    fn is_open(&self, segment: &Segment) -> bool {
        !self.closures || self.lay.chains[segment.chain as usize].kmh != [0.0, 0.0]
    }

    /// Components of the road that are too small to be places and were skipped.
    #[must_use]
    pub fn skipped_scraps(&self) -> u64 {
        self.scraps
    }

    /// The nearest point of a usable segment, `None` beyond the limit.
    #[must_use]
    pub fn snap(&self, place: LonLat) -> Option<Snap> {
        if self.closures {
            return self.snap_block(&[place]).pop().flatten();
        }
        self.on_road(place, &feet(&[&*self.tree], place, self.squeeze, self.rules.limit.0))
    }

    /// The same for places close together, with one look at the tree for all of them; the answer has the order of `places`.
    #[must_use]
    pub fn snap_block(&self, places: &[LonLat]) -> Vec<Option<Snap>> {
        let feet = self.feet_of_block(places);
        places.iter().zip(&feet).map(|(place, feet)| self.on_road(*place, feet)).collect()
    }

    /// The nearest point of a usable segment for each place, with all segments that pass it; none beyond the limit.
    fn feet_of_block(&self, places: &[LonLat]) -> Vec<Vec<Foot>> {
        let count = places.len().max(1) as f64;
        let sum = places.iter().fold((0.0, 0.0), |s, p| (s.0 + p.lon, s.1 + p.lat));
        let centre = LonLat { lon: sum.0 / count, lat: sum.1 / count };
        let scale = metres_per_degree(centre.lat);
        let radius =
            places.iter().map(|p| ((p.lon - centre.lon) * scale.0).hypot((p.lat - centre.lat) * scale.1));
        let near = self.around(centre, radius.fold(0.0, f64::max));
        places.iter().map(|place| self.feet_among(&near, *place)).collect()
    }

    /// The nearest point of `near` to a place and all segments of `near` that pass it; none beyond the limit.
    fn feet_among(&self, near: &[Segment], place: LonLat) -> Vec<Foot> {
        let (scale, limit) = (metres_per_degree(place.lat), self.rules.limit.0);
        let (mut best, mut feet) = (limit, Vec::new());
        for segment in near {
            let foot = foot(segment, place, scale);
            if foot.distance <= best + SAME_POINT_M && foot.distance <= limit {
                best = best.min(foot.distance);
                feet.push(foot);
            }
        }
        keep_nearest(&mut feet);
        feet
    }

    /// Whatever is nearest to a place within `radius` metres of a centre lies this close to the centre, where the nearest to that is
    /// `guess` away; a hundredth covers the change of scale.
    pub(super) fn reach(&self, guess: f64, radius: f64) -> f64 {
        1.01 * ((guess + 2.0 * radius).min(self.rules.limit.0 + radius)) + SAME_POINT_M + 1.0
    }

    /// The usable segments that any place within `radius` metres of `centre` may be joined to.
    fn around(&self, centre: LonLat, radius: f64) -> Vec<Segment> {
        let scale = metres_per_degree(centre.lat);
        let limit = self.rules.limit.0;
        let at = [centre.lon * f64::from(self.squeeze), centre.lat];
        let nearest = match self.closures {
            false => self.tree.nearest_neighbor(at),
            true => self.tree.nearest_neighbor_iter(at).find(|s| self.is_open(s)),
        };
        let guess = nearest.map_or(f64::INFINITY, |s| foot(s, centre, scale).distance);
        if guess > 2.0 * (limit + radius) {
            return Vec::new();
        }
        let reach = self.reach(guess, radius);
        let (dx, dy) = (reach / scale.0.max(1.0), reach / scale.1);
        let low = LonLat { lon: centre.lon - dx, lat: centre.lat - dy };
        let high = LonLat { lon: centre.lon + dx, lat: centre.lat + dy };
        self.segments_in(low, high).filter(|s| foot(s, centre, scale).distance <= reach).copied().collect()
    }

    /// The usable segments that touch the rectangle from `low` to `high`.
    pub(super) fn segments_in(&self, low: LonLat, high: LonLat) -> impl Iterator<Item = &Segment> {
        let [low, high] = [low, high].map(|p| [p.lon * f64::from(self.squeeze), p.lat]);
        self.tree.locate_in_envelope_intersecting(AABB::from_corners(low, high)).filter(|s| self.is_open(s))
    }

    /// The corners of the rectangle that holds all usable segments.
    pub(super) fn extent(&self) -> Option<(LonLat, LonLat)> {
        let envelope = self.tree.root().envelope();
        let place = |p: [f64; 2]| LonLat { lon: p[0] / f64::from(self.squeeze), lat: p[1] };
        (self.tree.size() > 0).then(|| (place(envelope.lower()), place(envelope.upper())))
    }

    /// How places are joined to roads.
    #[must_use]
    pub fn rules(&self) -> &SnapRules {
        &self.rules
    }

    pub(super) fn lay(&self) -> &RoadLay {
        &self.lay
    }

    fn on_road(&self, place: LonLat, feet: &[Foot]) -> Option<Snap> {
        let best = feet.first()?;
        let (x, y) = metres_per_degree(place.lat);
        let at =
            LonLat { lon: place.lon + best.offset[0] / x.max(1e-9), lat: place.lat + best.offset[1] / y };
        let mut arcs = Vec::new();
        feet.iter().for_each(|f| arcs.extend(self.lay.arcs_at(f.chain, f.metres)));
        Some(Snap {
            arcs,
            access: access_ticks(best.distance, &self.rules),
            distance: Metres(best.distance),
            at,
            component: self.lay.chain_component(best.chain as usize)?,
        })
    }

    /// All places at once, in parallel; the answer has the order of `places`.
    #[must_use]
    pub fn snap_all(&self, places: &[Option<LonLat>]) -> Vec<Option<Snap>> {
        places.par_iter().map(|p| p.and_then(|p| self.snap(p))).collect()
    }
}

/// The nearest point within `limit` metres on every segment of `trees` that passes it, once a chain and position.
///
/// The nearest segment in the trees' plane bounds the distance; all segments in a window of that half-width are then measured exactly.
fn feet(trees: &[&RTree<Segment>], place: LonLat, squeeze: f32, limit: f64) -> Vec<Foot> {
    let scale = metres_per_degree(place.lat);
    let at = [place.lon * f64::from(squeeze), place.lat];
    let guesses = trees.iter().filter_map(|t| t.nearest_neighbor(at)).map(|s| foot(s, place, scale).distance);
    let Some(guess) = guesses.reduce(f64::min) else { return Vec::new() };
    // Whatever is nearer on the ellipsoid than the plane's choice is so by a part in some hundreds, never by half.
    if guess > 2.0 * limit {
        return Vec::new();
    }
    let radius = (guess + SAME_POINT_M).min(limit);
    let (dx, dy) = (radius / scale.0.max(1.0) * f64::from(squeeze), radius / scale.1);
    let window = || AABB::from_corners([at[0] - dx, at[1] - dy], [at[0] + dx, at[1] + dy]);
    let near = trees.iter().flat_map(|t| t.locate_in_envelope_intersecting(window()));
    let mut feet: Vec<Foot> = near.map(|s| foot(s, place, scale)).filter(|f| f.distance <= limit).collect();
    keep_nearest(&mut feet);
    feet
}

/// Length of a degree of longitude in degrees of latitude, at the middle of the map.
fn squeeze_of(map: &RoadMap) -> f32 {
    let (low, high) = map.at.iter().fold((i32::MAX, i32::MIN), |(l, h), at| (l.min(at[1]), h.max(at[1])));
    let (x, y) = metres_per_degree((f64::from(low) + f64::from(high)) / 2e7);
    (x / y).max(0.01) as f32
}

/// The pieces of every chain; a piece across the antimeridian stands on both sides of it.
fn segments(map: &RoadMap, lay: &RoadLay, squeeze: f32) -> Vec<Segment> {
    let mut out = Vec::new();
    for (c, chain) in lay.chains.iter().enumerate() {
        let nodes = &map.nodes_of(chain.way as usize)[chain.from as usize..=chain.to as usize];
        let mut start_m = chain.start_m;
        for pair in nodes.windows(2) {
            let [a, b] = [pair[0], pair[1]].map(|n| map.at[n as usize]);
            let chain = c as u32;
            let moved = [unwrapped(a[0], b[0]), b[1]];
            let length_m = map.piece_metres(pair[0], pair[1]);
            out.push(Segment { ends: [a, moved], chain, squeeze, start_m, length_m });
            if moved != b {
                out.push(Segment {
                    ends: [[unwrapped(b[0], a[0]), a[1]], b],
                    chain,
                    squeeze,
                    start_m,
                    length_m,
                });
            }
            start_m += length_m;
        }
    }
    out
}

/// The point of a segment nearest to `place`, in the plane of the place's metres per degree.
pub(super) fn foot(s: &Segment, place: LonLat, (x, y): (f64, f64)) -> Foot {
    let ends = s.ends.map(degrees);
    let [a, b] = ends.map(|e| [(e.lon - place.lon) * x, (e.lat - place.lat) * y]);
    let (share, along) = nearest_share(a, b);
    let offset = [a[0] + share * along[0], a[1] + share * along[1]];
    Foot {
        chain: s.chain,
        offset,
        distance: (offset[0] * offset[0] + offset[1] * offset[1]).sqrt(),
        metres: s.start_m + share * s.length_m,
    }
}

/// Keeps the nearest foot and those at the same point, in an order that does not depend on the tree.
pub(super) fn keep_nearest(feet: &mut Vec<Foot>) {
    feet.sort_by(|f, g| {
        f.distance.total_cmp(&g.distance).then(f.chain.cmp(&g.chain)).then(f.metres.total_cmp(&g.metres))
    });
    let Some(best) = feet.first().copied() else { return };
    if feet.len() == 1 {
        return;
    }
    feet.retain(|f| (f.offset[0] - best.offset[0]).hypot(f.offset[1] - best.offset[1]) < SAME_POINT_M);
    let mut kept: Vec<Foot> = Vec::with_capacity(feet.len());
    for f in feet.iter() {
        if !kept.iter().any(|k| k.chain == f.chain && (k.metres - f.metres).abs() < 2.0 * SAME_POINT_M) {
            kept.push(*f);
        }
    }
    *feet = kept;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SplitMix64;
    use crate::network::ModeFile;
    use crate::network::drawing::Drawing;

    #[test]
    fn a_block_of_places_snaps_as_each_place_alone() {
        let line: Vec<i64> = (1..=12).collect();
        let map = Drawing::grid(12, 12)
            .street(10, &line)
            .street(11, &[1, 14, 27, 40, 53])
            .street(12, &[12, 24, 36, 48, 60, 72])
            .street(13, &[53, 54, 55, 67, 79, 91])
            .import()
            .0;
        let graph = RoadGraph::build(&map, &ModeFile::builtin(crate::base::Mode::Foot).unwrap()).unwrap();
        let rules = SnapRules { limit: Metres(180.0), ..SnapRules::default() };
        let index = SnapIndex::build(&map, &graph, rules, &[]);
        let mut random = SplitMix64::new(3);
        for _ in 0..300 {
            let (lon, lat) = (105.0 + 0.014 * random.unit() - 0.002, 0.014 * random.unit() - 0.002);
            let near = |random: &mut SplitMix64| LonLat {
                lon: lon + 0.001 * random.unit(),
                lat: lat + 0.001 * random.unit(),
            };
            let places: Vec<LonLat> = (0..16).map(|_| near(&mut random)).collect();
            let alone: Vec<_> = places.iter().map(|p| index.snap(*p)).collect();
            assert_eq!(index.snap_block(&places), alone);
        }
    }
}
