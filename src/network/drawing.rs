//! Small maps drawn in tests, written as real `.osm.pbf`.

use super::road_map::{ImportOptions, ImportReport, RoadMap};
use crate::base::{LonLat, Outcome, Silent, Ticks};
use crate::network::{ModeFile, RoadGraph, Snap, SnapIndex, SnapRules};
use std::collections::BTreeMap;

pub(crate) type Pairs<'a> = &'a [(&'a str, &'a str)];
type OwnedPairs = Vec<(String, String)>;

/// Metres between neighbours of a drawn grid.
pub(crate) const STEP_M: f64 = 100.0;

/// A map being drawn.
#[derive(Debug, Default, Clone)]
pub(crate) struct Drawing {
    nodes: Vec<(i64, LonLat, OwnedPairs)>,
    ways: Vec<(i64, Vec<i64>, OwnedPairs)>,
    relations: Vec<(OwnedPairs, Vec<(u64, i64, String)>)>,
}

fn owned(tags: Pairs<'_>) -> OwnedPairs {
    tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

impl Drawing {
    /// A node `x`, `y` steps east and north of a corner near the equator.
    pub(crate) fn node(mut self, id: i64, x: f64, y: f64, tags: Pairs<'_>) -> Self {
        let at = LonLat { lon: 105.0 + x * STEP_M / 111_319.49, lat: y * STEP_M / 110_574.27 };
        self.nodes.push((id, at, owned(tags)));
        self
    }

    pub(crate) fn node_at(mut self, id: i64, lon: f64, lat: f64) -> Self {
        self.nodes.push((id, LonLat { lon, lat }, Vec::new()));
        self
    }

    /// Nodes 1, 2 … row by row from the south-west.
    pub(crate) fn grid(columns: i64, rows: i64) -> Self {
        let cell = |d: Drawing, i: i64| d.node(i + 1, (i % columns) as f64, (i / columns) as f64, &[]);
        (0..columns * rows).fold(Drawing::default(), cell)
    }

    pub(crate) fn tag(mut self, node: i64, tags: Pairs<'_>) -> Self {
        self.nodes.iter_mut().filter(|n| n.0 == node).for_each(|n| n.2 = owned(tags));
        self
    }

    pub(crate) fn way(mut self, id: i64, nodes: &[i64], tags: Pairs<'_>) -> Self {
        self.ways.push((id, nodes.to_vec(), owned(tags)));
        self
    }

    /// A two-way residential street.
    pub(crate) fn street(self, id: i64, nodes: &[i64]) -> Self {
        self.way(id, nodes, &[("highway", "residential")])
    }

    /// A turn restriction via a node.
    pub(crate) fn turn(mut self, tags: Pairs<'_>, from: i64, via: i64, to: i64) -> Self {
        let mut tags = owned(tags);
        tags.push(("type".into(), "restriction".into()));
        let members = vec![(1, from, "from".into()), (0, via, "via".into()), (1, to, "to".into())];
        self.relations.push((tags, members));
        self
    }

    pub(crate) fn turn_via_way(mut self, tags: Pairs<'_>, from: i64, via: i64, to: i64) -> Self {
        let mut tags = owned(tags);
        tags.push(("type".into(), "restriction".into()));
        let members = vec![(1, from, "from".into()), (1, via, "via".into()), (1, to, "to".into())];
        self.relations.push((tags, members));
        self
    }

    /// The content of one block.
    pub(crate) fn block(&self) -> Vec<u8> {
        let mut strings = Strings::default();
        let mut dense = [const { Vec::new() }; 4];
        let (mut last, mut any_tags) = ([0_i64; 3], false);
        for (id, at, tags) in &self.nodes {
            let now = [*id, (at.lat * 1e7).round() as i64, (at.lon * 1e7).round() as i64];
            for i in 0..3 {
                dense[i].extend(varint(zigzag(now[i] - last[i])));
            }
            last = now;
            for (k, v) in tags {
                any_tags = true;
                dense[3].extend(varint(strings.number(k)));
                dense[3].extend(varint(strings.number(v)));
            }
            dense[3].push(0);
        }
        let mut group_nodes = Vec::new();
        for (field, bytes) in [1, 8, 9, 10].into_iter().zip(&dense) {
            if field != 10 || any_tags {
                group_nodes.extend(message(field, bytes));
            }
        }
        let mut groups = vec![message(2, &group_nodes)];
        groups.push(
            self.ways
                .iter()
                .flat_map(|(id, refs, tags)| {
                    let mut way = number(1, id.cast_unsigned());
                    way.extend(strings.tags(tags));
                    let mut last = 0;
                    let refs: Vec<u8> = refs
                        .iter()
                        .flat_map(|r| varint(zigzag(r - std::mem::replace(&mut last, *r))))
                        .collect();
                    way.extend(message(8, &refs));
                    message(3, &way)
                })
                .collect(),
        );
        groups.push(
            self.relations
                .iter()
                .enumerate()
                .flat_map(|(i, (tags, members))| {
                    let mut relation = number(1, i as u64 + 1);
                    relation.extend(strings.tags(tags));
                    relation.extend(message(
                        8,
                        &members.iter().flat_map(|m| varint(strings.number(&m.2))).collect::<Vec<_>>(),
                    ));
                    let mut last = 0;
                    let ids: Vec<u8> = members
                        .iter()
                        .flat_map(|m| varint(zigzag(m.1 - std::mem::replace(&mut last, m.1))))
                        .collect();
                    relation.extend(message(9, &ids));
                    relation
                        .extend(message(10, &members.iter().flat_map(|m| varint(m.0)).collect::<Vec<_>>()));
                    message(4, &relation)
                })
                .collect(),
        );
        let mut block = message(1, &strings.table());
        groups.iter().filter(|g| !g.is_empty()).for_each(|g| block.extend(message(2, g)));
        block
    }

    /// A whole file: header and one block.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        [header(&["OsmSchema-V0.6", "DenseNodes"]), frame("OSMData", &zlib_blob(&self.block()))].concat()
    }

    pub(crate) fn import(&self) -> (RoadMap, ImportReport) {
        import_bytes(&self.bytes()).unwrap()
    }

    /// Ticks from node `a` to node `b` by a plain Dijkstra; `None`: unreachable. Scraps count here.
    pub(crate) fn ticks(&self, mode: &ModeFile, a: i64, b: i64) -> Option<u32> {
        let map = self.import().0;
        let graph = RoadGraph::build(&map, mode).unwrap();
        let places: Vec<LonLat> =
            [a, b].iter().map(|id| self.nodes.iter().find(|n| n.0 == *id).unwrap().1).collect();
        let rules = SnapRules { least_component_nodes: 1, ..SnapRules::default() };
        let index = SnapIndex::build(&map, &graph, rules, &[]);
        journey(&graph, &index.snap(places[0])?, &index.snap(places[1])?).map(|t| t.0)
    }
}

/// Imports a file held in memory.
pub(crate) fn import_bytes(bytes: &[u8]) -> Outcome<(RoadMap, ImportReport)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("drawn.osm.pbf");
    std::fs::write(&path, bytes).unwrap();
    RoadMap::import(&path, &ImportOptions::default(), &Silent)
}

/// The quickest journey between two snaps, access legs included, by a Dijkstra that anybody can check by eye.
pub(crate) fn journey(graph: &RoadGraph, from: &Snap, to: &Snap) -> Option<Ticks> {
    let mut best: Option<u32> = None;
    let mut offer = |t: u32| best = Some(best.map_or(t, |b| b.min(t)));
    let mut open: BTreeMap<(u32, u32), ()> = BTreeMap::new();
    for a in &from.arcs {
        open.insert((a.to_head.0, a.head.0), ());
        for b in to.arcs.iter().filter(|b| b.arc == a.arc && b.from_tail >= a.from_tail) {
            offer((b.from_tail - a.from_tail).0);
        }
    }
    let mut done = vec![false; graph.nodes()];
    while let Some(((t, n), ())) = open.pop_first() {
        if std::mem::replace(&mut done[n as usize], true) {
            continue;
        }
        to.arcs.iter().filter(|b| b.tail.0 == n).for_each(|b| offer(t + b.from_tail.0));
        let leaving = graph.first_out[n as usize]..graph.first_out[n as usize + 1];
        for a in leaving.filter(|a| graph.ticks[*a as usize] != u32::MAX) {
            open.insert((t + graph.ticks[a as usize], graph.head[a as usize]), ());
        }
    }
    best.map(|t| Ticks(t) + from.access + to.access)
}

#[derive(Default)]
struct Strings(Vec<String>);

impl Strings {
    /// String 0 is reserved for the end of a dense node's tags.
    fn number(&mut self, text: &str) -> u64 {
        let at = self.0.iter().position(|s| s == text).unwrap_or_else(|| {
            self.0.push(text.to_owned());
            self.0.len() - 1
        });
        at as u64 + 1
    }

    fn tags(&mut self, tags: &OwnedPairs) -> Vec<u8> {
        let keys: Vec<u8> = tags.iter().flat_map(|t| varint(self.number(&t.0))).collect();
        let values: Vec<u8> = tags.iter().flat_map(|t| varint(self.number(&t.1))).collect();
        [message(2, &keys), message(3, &values)].concat()
    }

    fn table(&self) -> Vec<u8> {
        let rest = self.0.iter().flat_map(|s| message(1, s.as_bytes()));
        message(1, b"").into_iter().chain(rest).collect()
    }
}

pub(crate) fn varint(mut n: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
    out
}

pub(crate) fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)).cast_unsigned()
}

/// A length-delimited field.
pub(crate) fn message(field: u64, bytes: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

/// A varint field.
pub(crate) fn number(field: u64, n: u64) -> Vec<u8> {
    [varint(field << 3), varint(n)].concat()
}

pub(crate) fn deflate(content: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// A Blob that tells the truth about its size.
pub(crate) fn zlib_blob(content: &[u8]) -> Vec<u8> {
    [number(2, content.len() as u64), message(3, &deflate(content))].concat()
}

/// Frame, BlobHeader and Blob.
pub(crate) fn frame(kind: &str, blob: &[u8]) -> Vec<u8> {
    lying_frame(kind, blob, blob.len() as u64)
}

pub(crate) fn lying_frame(kind: &str, blob: &[u8], datasize: u64) -> Vec<u8> {
    let header = [message(1, kind.as_bytes()), number(3, datasize)].concat();
    [(header.len() as u32).to_be_bytes().to_vec(), header, blob.to_vec()].concat()
}

pub(crate) fn header(features: &[&str]) -> Vec<u8> {
    let content: Vec<u8> = features.iter().flat_map(|f| message(4, f.as_bytes())).collect();
    frame("OSMHeader", &zlib_blob(&content))
}
