//! The road network under construction: points, ways, what lies near, and its writing as a map.

use crate::geometry::Point;
use crate::pbf::{self, Kind, Tags};
use std::collections::BTreeMap;
use std::io::Write;

/// A road as drawn.
#[derive(Debug, Clone)]
pub struct Road {
    pub nodes: Vec<u32>,
    pub highway: &'static str,
    pub surface: &'static str,
    /// grade2 … grade5; empty: none.
    pub tracktype: &'static str,
    pub name: String,
    /// Further tags: oneway, access.
    pub extra: Vec<(&'static str, &'static str)>,
}

impl Road {
    pub fn new(highway: &'static str, surface: &'static str, name: String, nodes: Vec<u32>) -> Self {
        Road { nodes, highway, surface, tracktype: "", name, extra: Vec::new() }
    }

    pub fn oneway(&self) -> bool {
        self.extra.contains(&("oneway", "yes"))
    }
}

/// A turn restriction over one node.
#[derive(Debug, Clone)]
pub struct Restriction {
    pub from: usize,
    pub via: u32,
    pub to: usize,
    pub kind: &'static str,
}

/// Everything on the map.
#[derive(Default)]
pub struct Network {
    pub points: Vec<Point>,
    pub roads: Vec<Road>,
    pub node_tags: BTreeMap<u32, Tags>,
    pub restrictions: Vec<Restriction>,
    /// Places: point, kind (town, village), name.
    pub places: Vec<(Point, &'static str, String)>,
}

impl Network {
    pub fn add_point(&mut self, at: Point) -> u32 {
        self.points.push(at);
        (self.points.len() - 1) as u32
    }

    pub fn at(&self, node: u32) -> Point {
        self.points[node as usize]
    }

    /// A line's inner points become nodes between two nodes that are there already.
    pub fn join(&mut self, from: u32, line: &[Point], to: u32) -> Vec<u32> {
        let mut nodes = vec![from];
        for p in &line[1..line.len() - 1] {
            nodes.push(self.add_point(*p));
        }
        nodes.push(to);
        nodes
    }

    /// A line that leaves a node and ends where nothing was.
    pub fn extend(&mut self, from: u32, line: &[Point]) -> Vec<u32> {
        let mut nodes = vec![from];
        for p in &line[1..] {
            nodes.push(self.add_point(*p));
        }
        nodes
    }

    /// Writes the map; node `i` has id `i + 1`, places follow.
    pub fn write(&self, out: &mut impl Write, source: &str) -> std::io::Result<()> {
        let id = |node: u32| i64::from(node) + 1;
        let mut nodes: Vec<pbf::Node> = (0u32..)
            .zip(&self.points)
            .map(|(i, p)| pbf::Node {
                id: id(i),
                at: p.lonlat(),
                tags: self.node_tags.get(&i).cloned().unwrap_or_default(),
            })
            .collect();
        for (p, kind, name) in &self.places {
            let tags = vec![("place", (*kind).to_owned()), ("name", name.clone())];
            nodes.push(pbf::Node { id: nodes.len() as i64 + 1, at: p.lonlat(), tags });
        }
        let ways: Vec<pbf::Way> = (1..)
            .zip(&self.roads)
            .map(|(n, r)| pbf::Way { id: n, nodes: r.nodes.iter().map(|v| id(*v)).collect(), tags: tags(r) })
            .collect();
        let relations: Vec<pbf::Relation> = (1..)
            .zip(&self.restrictions)
            .map(|(n, r)| pbf::Relation {
                id: n,
                members: vec![
                    (Kind::Way, r.from as i64 + 1, "from"),
                    (Kind::Node, id(r.via), "via"),
                    (Kind::Way, r.to as i64 + 1, "to"),
                ],
                tags: vec![("type", "restriction".into()), ("restriction", r.kind.into())],
            })
            .collect();
        pbf::write(out, &nodes, &ways, &relations, source)
    }
}

fn tags(road: &Road) -> Tags {
    let mut out: Tags = vec![("highway", road.highway.into())];
    for (key, value) in
        [("name", road.name.as_str()), ("surface", road.surface), ("tracktype", road.tracktype)]
    {
        if !value.is_empty() {
            out.push((key, value.to_owned()));
        }
    }
    out.extend(road.extra.iter().map(|(k, v)| (*k, (*v).to_owned())));
    out
}

/// Points in square cells, for the nearest one.
#[derive(Default)]
pub struct NearIndex {
    cells: BTreeMap<(i32, i32), Vec<(u32, Point)>>,
}

impl NearIndex {
    const CELL: f64 = 500.0;

    fn cell(p: Point) -> (i32, i32) {
        ((p.x / Self::CELL).floor() as i32, (p.y / Self::CELL).floor() as i32)
    }

    pub fn add(&mut self, node: u32, at: Point) {
        self.cells.entry(Self::cell(at)).or_default().push((node, at));
    }

    pub fn add_all(&mut self, network: &Network, nodes: &[u32]) {
        nodes.iter().for_each(|n| self.add(*n, network.at(*n)));
    }

    /// The nearest node and its distance, searched ring by ring.
    pub fn nearest(&self, p: Point) -> Option<(u32, f64)> {
        let (cx, cy) = Self::cell(p);
        let mut best: Option<(u32, f64)> = None;
        for ring in 0..200 {
            if best.is_some_and(|(_, d)| d < f64::from(ring - 1) * Self::CELL) {
                break;
            }
            for (dx, dy) in (-ring..=ring).flat_map(|dx| (-ring..=ring).map(move |dy| (dx, dy))) {
                if i32::max(i32::abs(dx), i32::abs(dy)) != ring {
                    continue;
                }
                for (node, at) in self.cells.get(&(cx + dx, cy + dy)).into_iter().flatten() {
                    let d = at.to(p);
                    if best.is_none_or(|(_, b)| d < b) {
                        best = Some((*node, d));
                    }
                }
            }
        }
        best
    }
}

/// One segment: index of its road, both ends.
type Segment = (usize, Point, Point);

/// Road segments in square cells, for the distance from a home to the nearest road.
pub struct SegmentIndex {
    cells: BTreeMap<(i32, i32), Vec<Segment>>,
}

impl SegmentIndex {
    const CELL: f64 = 400.0;

    pub fn new(network: &Network) -> Self {
        let mut cells: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let cell = |v: f64| (v / Self::CELL).floor() as i32;
        for (way, road) in network.roads.iter().enumerate() {
            for w in road.nodes.windows(2) {
                let (a, b) = (network.at(w[0]), network.at(w[1]));
                for x in cell(a.x.min(b.x))..=cell(a.x.max(b.x)) {
                    for y in cell(a.y.min(b.y))..=cell(a.y.max(b.y)) {
                        cells.entry((x, y)).or_default().push((way, a, b));
                    }
                }
            }
        }
        SegmentIndex { cells }
    }

    /// Nearest road and its distance within `limit` metres.
    pub fn nearest(&self, p: Point, limit: f64) -> Option<(usize, f64)> {
        let cell = |v: f64| (v / Self::CELL).floor() as i32;
        let mut best: Option<(usize, f64)> = None;
        for x in cell(p.x - limit)..=cell(p.x + limit) {
            for y in cell(p.y - limit)..=cell(p.y + limit) {
                for (way, a, b) in self.cells.get(&(x, y)).into_iter().flatten() {
                    let d = p.to_segment(*a, *b);
                    if d <= limit && best.is_none_or(|(_, old)| d < old) {
                        best = Some((*way, d));
                    }
                }
            }
        }
        best
    }
}
