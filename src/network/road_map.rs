//! What the map says, whatever the mode.

use super::column::Column;
use super::speed::WayRule;
use super::tags::Tags;
use crate::base::{Bounds, LonLat, Outcome, Progress};
use crate::network::ModeFile;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// How a map is read.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// Keep only what lies in this GeoJSON area (and a rim).
    pub clip: Option<PathBuf>,
}

/// What an import saw; nothing is dropped silently.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ImportReport {
    /// Road nodes kept.
    pub nodes: u64,
    /// Directed arcs between junctions, before any mode.
    pub arcs: u64,
    /// Highway and ferry ways kept.
    pub ways: u64,
    /// Turn restrictions kept.
    pub restrictions: u64,
    /// Weakly connected components of the road map.
    pub components: u64,
    /// Ways with nodes that the extract does not hold.
    pub clipped_ways: u64,
    /// Day up to which the map's header says it is complete (UTC, ISO 8601), where it says so.
    pub map_date: Option<String>,
    /// Map objects that could not be used, with their reason and count.
    pub rejected: std::collections::BTreeMap<String, u64>,
}

/// A named `place` node of the map.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MapPlace {
    /// `name`, or `name:zh` where there is one.
    pub name: String,
    /// `place`: city, town, village, hamlet …
    pub kind: String,
    /// Where it stands.
    pub at: LonLat,
}

/// One highway way as a mode sees it (`caregrid roads`).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WaySpeed {
    /// The map's id of the way.
    pub way_id: i64,
    /// Speed along the way; `None`: not allowed.
    pub forward_kmh: Option<f64>,
    /// Speed against the way; `None`: not allowed.
    pub backward_kmh: Option<f64>,
    /// The tag that decided.
    pub reason: String,
}

/// The road network of a map: nodes, ways with their tags, restrictions, barriers, places.
///
/// Ways are unbroken lines: a way with a hole stands here as several with one id.
#[derive(Debug, Default)]
pub struct RoadMap {
    /// Longitude and latitude of each node in 1e-7 degrees, in the order of the map's ids.
    pub(super) at: Column<[i32; 2]>,
    pub(super) way_id: Column<i64>,
    /// Tag set of each way.
    pub(super) way_set: Column<u32>,
    /// 1: no node of the way was missing.
    pub(super) way_whole: Column<u8>,
    /// End of each way in `way_node`.
    pub(super) way_end: Column<u32>,
    pub(super) way_node: Column<u32>,
    /// `set_first[s]..set_first[s + 1]` are the pairs of tag set `s`.
    pub(super) set_first: Column<u32>,
    /// Key and value as string numbers.
    pub(super) set_pair: Column<[u32; 2]>,
    pub(super) string_first: Column<u32>,
    pub(super) string_bytes: Column<u8>,
    /// Node and tag set of each barrier, by node.
    pub(super) barrier: Column<[u32; 2]>,
    /// Tag set, via node (`u32::MAX`: via ways) and end in `turn_way` of each turn restriction.
    pub(super) turn: Column<[u32; 3]>,
    /// Way id and role: 0 from, 1 to, 2 via.
    pub(super) turn_way: Column<[i64; 2]>,
    /// Longitude, latitude, name and kind (string numbers) of each named place.
    pub(super) place: Column<[i32; 4]>,
    /// Orders of contraction kept with the map: shape of the graph (four words) and end in `order_node`.
    pub(super) order_shape: Column<[u64; 5]>,
    pub(super) order_node: Column<u32>,
}

/// Degrees of a place in 1e-7 degrees.
pub(super) fn degrees(at: [i32; 2]) -> LonLat {
    LonLat { lon: f64::from(at[0]) / 1e7, lat: f64::from(at[1]) / 1e7 }
}

impl RoadMap {
    /// Reads an `.osm.pbf`.
    ///
    /// # Errors
    /// The file is missing, empty, cut, not a PBF, or lies about itself; the sentence names file, blob and cause.
    pub fn import(
        map: &Path,
        options: &ImportOptions,
        progress: &dyn Progress,
    ) -> Outcome<(RoadMap, ImportReport)> {
        match &options.clip {
            None => super::import::import(map, None, progress),
            Some(area) => {
                let area = super::clip::ClipArea::read(area)?;
                super::import::import(map, Some(&|at| area.keeps(at)), progress)
            }
        }
    }

    /// Loads a road file by memory map (header checked), or imports an `.osm.pbf`: decided by the file's first bytes.
    ///
    /// # Errors
    /// As [`RoadMap::import`]; a road file of a newer version or with a damaged header.
    pub fn open(path: &Path, progress: &dyn Progress) -> Outcome<RoadMap> {
        if super::road_file::is_road_file(path)? {
            return super::road_file::load(path);
        }
        RoadMap::import(path, &ImportOptions::default(), progress).map(|(map, _)| map)
    }

    /// Whether a file begins like a road file.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn is_road_file(path: &Path) -> Outcome<bool> {
        super::road_file::is_road_file(path)
    }

    /// Loads a road file by memory map: header, bounds and every index are checked.
    ///
    /// # Errors
    /// The file is no road file, of another version, or damaged.
    pub fn load(road_file: &Path) -> Outcome<RoadMap> {
        super::road_file::load(road_file)
    }

    /// The rectangle that the header of an `.osm.pbf` declares; `None` without one, and of road files.
    ///
    /// # Errors
    /// As [`RoadMap::import`], as far as the blobs' frames and the header tell.
    pub fn header_bounds(path: &Path) -> Outcome<Option<Bounds>> {
        if super::road_file::is_road_file(path)? {
            return Ok(None);
        }
        Ok(super::pbf::PbfFile::open(path)?.bounds())
    }

    /// Calls `draw` with the map's id and the line of every piece of a way that has nodes the extract does not hold.
    pub fn for_each_clipped_way(&self, draw: &mut dyn FnMut(i64, &[LonLat])) {
        for way in (0..self.ways()).filter(|w| self.way_whole[*w] == 0) {
            let line: Vec<LonLat> =
                self.nodes_of(way).iter().map(|n| degrees(self.at[*n as usize])).collect();
            draw(self.way_id[way], &line);
        }
    }

    /// Writes the versioned road file; the same map gives the same bytes.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, road_file: &Path) -> Outcome<()> {
        super::road_file::write(self, road_file)
    }

    /// Checks a whole road file against the hashes in its header.
    ///
    /// # Errors
    /// The file is damaged; the sentence names the section.
    pub fn verify(road_file: &Path) -> Outcome<()> {
        super::road_file::verify(road_file)
    }

    /// The order of contraction kept for graphs of this [`RoadGraph::shape`](crate::network::RoadGraph::shape).
    #[must_use]
    pub fn order_for(&self, shape: [u64; 4]) -> Option<&[u32]> {
        let at = self.order_shape.iter().position(|s| s[..4] == shape)?;
        let from = at.checked_sub(1).map_or(0, |before| self.order_shape[before][4] as usize);
        self.order_node.get(from..self.order_shape[at][4] as usize)
    }

    /// Keeps an order of contraction with the map, for the next [`RoadMap::write`].
    pub fn keep_order(&mut self, shape: [u64; 4], order: &[u32]) {
        if self.order_for(shape).is_none() {
            let (mut shapes, mut nodes) = (self.order_shape.to_vec(), self.order_node.to_vec());
            nodes.extend_from_slice(order);
            let [a, b, c, d] = shape;
            shapes.push([a, b, c, d, nodes.len() as u64]);
            (self.order_shape, self.order_node) = (shapes.into(), nodes.into());
        }
    }

    /// The rectangle around all road nodes.
    #[must_use]
    pub fn bounds(&self) -> Option<Bounds> {
        Bounds::around(self.at.iter().map(|at| degrees(*at)))
    }

    /// The map's named places, in the file's order.
    #[must_use]
    pub fn places(&self) -> Vec<MapPlace> {
        let text = |n: i32| self.string(n.cast_unsigned()).to_owned();
        let place = |p: &[i32; 4]| MapPlace { name: text(p[2]), kind: text(p[3]), at: degrees([p[0], p[1]]) };
        self.place.iter().map(place).collect()
    }

    /// Every highway way as `mode` sees it, in the map's order.
    #[must_use]
    pub fn way_speeds(&self, mode: &ModeFile) -> Vec<WaySpeed> {
        let rules = self.way_rules(mode);
        let mut speeds: Vec<WaySpeed> = Vec::with_capacity(self.ways());
        for way in 0..self.ways() {
            let rule = &rules[self.way_set[way] as usize];
            let [forward_kmh, backward_kmh] = self.way_kmh(way, rule);
            let way_id = self.way_id[way];
            if speeds.last().is_none_or(|s| s.way_id != way_id) {
                speeds.push(WaySpeed { way_id, forward_kmh, backward_kmh, reason: rule.reason.clone() });
            }
        }
        speeds
    }

    /// Calls `draw` with the `highway` class and the line of every way that meets `window`, in the map's order; for maps and tiles.
    pub fn for_each_way_in(&self, window: &Bounds, draw: &mut dyn FnMut(&str, &[LonLat])) {
        let mut line = Vec::new();
        for way in 0..self.ways() {
            line.clear();
            line.extend(self.nodes_of(way).iter().map(|n| degrees(self.at[*n as usize])));
            let Some(b) = Bounds::around(line.iter().copied()) else { continue };
            let meets = b.min.lon <= window.max.lon
                && b.max.lon >= window.min.lon
                && b.min.lat <= window.max.lat
                && b.max.lat >= window.min.lat;
            if meets {
                let tags = self.tags(self.way_set[way]);
                draw(tags.get("highway").or(tags.get("route")).unwrap_or_default(), &line);
            }
        }
    }

    /// Number of ways (pieces between holes).
    pub(super) fn ways(&self) -> usize {
        self.way_id.len()
    }

    /// Node numbers of a way.
    pub(super) fn nodes_of(&self, way: usize) -> &[u32] {
        let from = if way == 0 { 0 } else { self.way_end[way - 1] as usize };
        &self.way_node[from..self.way_end[way] as usize]
    }

    fn string(&self, n: u32) -> &str {
        let n = n as usize;
        let bytes = &self.string_bytes[self.string_first[n] as usize..self.string_first[n + 1] as usize];
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// The tags of a set.
    pub(super) fn tags(&self, set: u32) -> Tags<'_> {
        let s = set as usize;
        let pairs = &self.set_pair[self.set_first[s] as usize..self.set_first[s + 1] as usize];
        Tags(pairs.iter().map(|[k, v]| (self.string(*k), self.string(*v))).collect())
    }

    /// What `mode` makes of each tag set.
    pub(super) fn way_rules(&self, mode: &ModeFile) -> Vec<WayRule> {
        (0..self.set_first.len().saturating_sub(1)).map(|s| WayRule::of(&self.tags(s as u32), mode)).collect()
    }

    /// Speed along and against a way; a ferry with a duration has its own.
    pub(super) fn way_kmh(&self, way: usize, rule: &WayRule) -> [Option<f64>; 2] {
        match rule.ferry_hours {
            Some(hours) if self.way_whole[way] == 1 => {
                let kmh = (self.metres(way) / 1000.0 / hours).clamp(0.1, 100.0);
                rule.kmh.map(|k| k.map(|_| kmh))
            }
            _ => rule.kmh,
        }
    }

    /// Length of a way in metres.
    fn metres(&self, way: usize) -> f64 {
        self.nodes_of(way).windows(2).map(|w| self.piece_metres(w[0], w[1])).sum()
    }

    /// Length between two neighbouring nodes in metres.
    pub(super) fn piece_metres(&self, a: u32, b: u32) -> f64 {
        let (a, mut b) = (self.at[a as usize], self.at[b as usize]);
        b[0] = super::column::unwrapped(a[0], b[0]);
        degrees(a).metres_to(degrees(b)).0
    }

    /// Directed arcs between junctions and weakly connected components, every way taken as open.
    pub(super) fn arcs_and_components(&self) -> (u64, u64) {
        let mut uses = vec![0_u8; self.at.len()];
        let mut joined = super::components::Joined::new(self.at.len());
        for way in 0..self.ways() {
            let nodes = self.nodes_of(way);
            super::chains::count_uses(nodes, &mut uses);
            nodes.windows(2).for_each(|w| joined.join(w[0], w[1]));
        }
        let inner = |nodes: &[u32]| {
            let inside = nodes.len().saturating_sub(2);
            nodes.iter().skip(1).take(inside).filter(|n| uses[**n as usize] > 1).count() as u64
        };
        let arcs = (0..self.ways()).map(|w| 2 + 2 * inner(self.nodes_of(w))).sum();
        (arcs, joined.sets())
    }
}
