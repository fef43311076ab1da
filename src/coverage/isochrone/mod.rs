//! Isochrones: which places have a journey within so many minutes of a centre?
//!
//! The plane is cut into square cells of a stated size, 50 m or finer, and each cell into finer ones where bands are narrow. Such a
//! part belongs to a band iff its centre's own journey (access leg, roads, access leg, as in a travel table) says so, and the rings run
//! along the parts' edges; nothing is smoothed or hulled. A place farther than one cell from every border agrees with its own table
//! cell: a pocket between two carriageways, whose sides are joined to different roads, would have to slip between all parts around.
//!
//! Most parts need no look of their own: where even the worst point of every road that a block of parts can be joined to lies in the
//! same band as the best one, the whole block does, and so does a patch of blocks. What they can be joined to is kept from question to
//! question ([`SnapLattice`]).

mod flood;
mod frame;
mod judge;
#[cfg(test)]
mod tests;

use crate::base::{Fault, LonLat, Metres, Outcome, Progress, Ticks, metres_per_degree};
use crate::coverage::grid_rings::{Area, Corner};
use crate::network::{LATTICE_PATCH, NodeId, RoadGraph, SnapIndex, SnapLattice};
use crate::travel::{ChainEnds, ChainTimes, Direction, TravelEngine};
use flood::Flood;
use frame::Frame;
use geo::{Coord, LineString, MultiPolygon, Polygon};
use judge::Judge;
use rayon::prelude::*;
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Side of a cell unless another is asked for.
pub const CELL: Metres = Metres(50.0);
/// Parts along the side of a cell where bands are at least so many metres wide on average: borders of parts of a fortieth or a
/// hundredth of a band's width put well under one place in fifty on the wrong side.
const PARTS: [(f64, u32); 3] = [(2500.0, 2), (1000.0, 4), (0.0, 8)];
/// At most this many parts are held (one bit a band each, and rings): 300 km x 300 km in parts of 25 m.
const MOST_CELLS: usize = 144_000_000;
/// Patches between two looks at whether the person cancelled.
const PATCHES_AT_ONCE: usize = 512;
/// Patches that one thread takes at a time at least.
const PATCHES_A_TASK: usize = 8;
/// Blocks in a patch.
const PATCH_BLOCKS: usize = LATTICE_PATCH * LATTICE_PATCH;

/// What is asked.
#[derive(Debug, Clone)]
pub struct IsochroneQuestion {
    /// The centre.
    pub at: LonLat,
    /// Upper ends of the bands, ascending; the first band starts at 0.
    pub minutes: Vec<u32>,
    /// From the centre to the places, or back.
    pub direction: Direction,
    /// Side of a cell ([`CELL`]).
    pub cell: Metres,
}

/// Disjoint bands around a centre.
#[derive(Debug, Clone, PartialEq)]
pub struct Isochrone {
    /// In the order of the question's minutes; a band may be empty.
    pub bands: Vec<IsochroneBand>,
    /// From the centre to the places, or back.
    pub direction: Direction,
    /// Side of a cell.
    pub cell: Metres,
}

/// The places more than `from_minutes` (or at the centre, if 0) and at most `to_minutes` away.
#[derive(Debug, Clone, PartialEq)]
pub struct IsochroneBand {
    /// Exclusive lower end in minutes.
    pub from_minutes: u32,
    /// Inclusive upper end in minutes.
    pub to_minutes: u32,
    /// Valid polygons in degrees, with holes; outer rings counter-clockwise (RFC 7946).
    pub area: MultiPolygon<f64>,
}

/// Joins the cells of one network's map to its roads, and remembers what it found for the next centre.
#[derive(Debug)]
pub struct IsochroneCells {
    snaps: SnapIndex,
    ends: OnceLock<ChainEnds>,
    /// By the side of a part in millimetres.
    lattices: Mutex<BTreeMap<u32, Arc<Parts>>>,
}

/// A lattice of parts, and the patch that each node of the network lies in, by column and row.
#[derive(Debug)]
struct Parts {
    lattice: SnapLattice,
    patch_of_node: Vec<Option<(u32, u32)>>,
}

impl IsochroneCells {
    /// Nothing is computed yet; `snaps` belongs to the graph that is asked.
    #[must_use]
    pub fn new(snaps: &SnapIndex) -> IsochroneCells {
        IsochroneCells { snaps: snaps.clone(), ends: OnceLock::new(), lattices: Mutex::default() }
    }

    fn parts(&self, graph: &RoadGraph, side: Metres) -> Arc<Parts> {
        let mut kept = self.lattices.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || {
            let lattice = SnapLattice::new(&self.snaps, side);
            let patch_of_node = graph.position.iter().map(|at| lattice.patch_of(*at)).collect();
            Arc::new(Parts { lattice, patch_of_node })
        };
        Arc::clone(kept.entry((side.0 * 1000.0).round() as u32).or_insert_with(fresh))
    }
}

/// Computes the bands of one centre.
///
/// # Errors
/// No usable road near the centre; no or unordered minutes; a cell larger than 50 m; more cells than memory is set aside for;
/// cancelled.
pub fn isochrone<G: Borrow<RoadGraph> + Sync>(
    engine: &TravelEngine<G>,
    cells: &IsochroneCells,
    question: &IsochroneQuestion,
    progress: &dyn Progress,
) -> Outcome<Isochrone> {
    question.check()?;
    let centre = cells.snaps.snap(question.at).ok_or_else(|| {
        Fault::refused(
            "等时圈中心附近没有可用道路；请换一个离道路更近的位置。",
            "there is no usable road near the centre of the isochrone; choose a place nearer to a road.",
        )
    })?;
    let limit = question.limit();
    let ball = engine.ball(&centre, Some(limit), question.direction);
    let graph = engine.graph();
    // In the order of their numbers: neighbours lie together in memory.
    let reached = || (0..graph.nodes()).filter(|node| ball.reaches(NodeId(*node as u32)));
    let far = question.farthest(reached().map(|node| graph.position[node]).chain([centre.at]));
    let parts = cells.parts(graph, Metres(question.cell.0 / f64::from(question.parts(far))));
    let Parts { lattice, patch_of_node } = &*parts;
    let ends = cells.ends.get_or_init(|| ChainEnds::of(graph));
    let times = ChainTimes::new(ends, &ball);
    let seeds = reached().map(|node| patch_of_node[node]).chain([lattice.patch_of(centre.at)]);
    let lit = Flood { lattice, times: &times, limit }.patches(seeds.flatten(), progress)?;
    let bands = question.minutes.len();
    let mut cells = vec![[0_u64; PATCH_BLOCKS]; lit.len() * bands];
    let at_once = lit.chunks(PATCHES_AT_ONCE).zip(cells.chunks_mut(PATCHES_AT_ONCE * bands));
    for (done, (some, cells)) in at_once.enumerate() {
        if progress.is_cancelled() {
            return Err(Fault::cancelled());
        }
        let some = some.par_chunks(PATCHES_A_TASK).zip(cells.par_chunks_mut(PATCHES_A_TASK * bands));
        let judge = || Judge::new(question, lattice, &times);
        some.for_each_init(judge, |judge, (lit, cells)| judge.patches(lit, cells));
        progress.report("isochrone", (done * PATCHES_AT_ONCE) as u64, lit.len() as u64);
    }
    let frame = Frame::of(&lit, &cells, bands)?;
    let from = std::iter::once(0).chain(question.minutes.iter().copied());
    let ends = from.zip(question.minutes.iter().copied()).enumerate();
    let bands = ends.map(|(band, (from_minutes, to_minutes))| {
        let set = frame.set(&lit, cells.chunks(bands).map(|c| &c[band]));
        IsochroneBand { from_minutes, to_minutes, area: to_degrees(lattice, frame.corner(), &set.areas()) }
    });
    Ok(Isochrone { bands: bands.collect(), direction: question.direction, cell: question.cell })
}

impl IsochroneQuestion {
    fn check(&self) -> Outcome<()> {
        let ordered = self.minutes.windows(2).all(|w| w[0] < w[1]);
        let known =
            self.minutes.first().is_some_and(|m| *m > 0) && self.minutes.last().is_some_and(|m| *m <= 1440);
        if !(ordered && known && self.minutes.len() < 256) {
            return Err(Fault::usage(
                "等时圈分钟数须为 1 至 1440 的递增整数，例如 10,20,30。",
                "isochrone minutes are rising whole numbers from 1 to 1440, such as 10,20,30.",
            ));
        }
        if !(1.0..=CELL.0).contains(&self.cell.0) {
            return Err(Fault::usage(
                "等时圈网格边长须在 1 至 50 米之间。",
                "the side of an isochrone's cell lies between 1 and 50 m.",
            ));
        }
        Ok(())
    }

    fn limit(&self) -> Ticks {
        Ticks(self.minutes.last().map_or(0, |m| m * 600))
    }

    /// The band (from 1) of a journey, 0 for none.
    #[cfg(test)]
    fn class(&self, ticks: Option<Ticks>) -> u8 {
        let band = |t: Ticks| self.minutes.iter().position(|m| t <= Ticks(m * 600));
        ticks.and_then(band).map_or(0, |b| b as u8 + 1)
    }

    /// Metres from the centre to the farthest of the places.
    fn farthest(&self, places: impl Iterator<Item = LonLat>) -> f64 {
        let (east, north) = metres_per_degree(self.at.lat);
        let square =
            |p: LonLat| ((p.lon - self.at.lon) * east).powi(2) + ((p.lat - self.at.lat) * north).powi(2);
        places.map(square).fold(0.0, f64::max).sqrt()
    }

    /// Parts along the side of a cell: the narrower the narrowest band on the ground, the more.
    fn parts(&self, far: f64) -> u32 {
        let ends = std::iter::once(&0).chain(&self.minutes);
        let narrowest = ends.zip(&self.minutes).map(|(from, to)| to - from).min().unwrap_or(1);
        let width = far * f64::from(narrowest) / f64::from(self.minutes.last().copied().unwrap_or(1));
        PARTS.iter().find(|(least, _)| width >= *least).map_or(2, |(_, parts)| *parts)
    }
}

fn too_large() -> Fault {
    Fault::refused(
        "等时圈过大，超出内存上限；请减少分钟数。",
        "the isochrone is larger than the memory set aside for it; ask for fewer minutes.",
    )
}

fn to_degrees(lattice: &SnapLattice, corner: (usize, usize), areas: &[Area]) -> MultiPolygon<f64> {
    let coord = |c: &Corner| {
        let p = lattice.point(f64::from(c.0) + corner.0 as f64, f64::from(c.1) + corner.1 as f64);
        Coord { x: p.lon, y: p.lat }
    };
    let ring = |corners: &Vec<Corner>| LineString::from_iter(corners.iter().map(coord));
    let polygon = |a: &Area| Polygon::new(ring(&a.outer), a.holes.iter().map(ring).collect());
    MultiPolygon::from_iter(areas.iter().map(polygon))
}

impl Isochrone {
    /// A GeoJSON FeatureCollection, one feature a band (RFC 7946), degrees with 7 decimals.
    #[must_use]
    pub fn geojson(&self) -> serde_json::Value {
        let degrees = |x: f64| (x * 1e7).round() / 1e7;
        let ring =
            |r: &LineString| -> Vec<[f64; 2]> { r.coords().map(|c| [degrees(c.x), degrees(c.y)]).collect() };
        let polygon = |p: &Polygon| -> Vec<_> {
            std::iter::once(p.exterior()).chain(p.interiors()).map(ring).collect()
        };
        let feature = |band: &IsochroneBand| {
            let coordinates: Vec<_> = band.area.iter().map(polygon).collect();
            serde_json::json!({
                "type": "Feature",
                "properties": {
                    "from_min": band.from_minutes,
                    "to_min": band.to_minutes,
                    "direction": match self.direction { Direction::Outward => "outward", Direction::Towards => "towards" },
                    "cell_m": self.cell.0,
                },
                "geometry": { "type": "MultiPolygon", "coordinates": coordinates },
            })
        };
        let features: Vec<_> = self.bands.iter().map(feature).collect();
        serde_json::json!({ "type": "FeatureCollection", "features": features })
    }
}
