//! Isochrones: which places have a journey within so many minutes of a centre?
//!
//! The plane is cut into square cells of a stated size, 50 m or finer, and each cell into four quarters. A quarter belongs to a band
//! iff its centre's own journey (access leg, roads, access leg, as in a travel table) says so, and the rings run along the quarters'
//! edges; nothing is smoothed or hulled. A place farther than one cell from every border agrees with its own table cell: a pocket
//! between two carriageways, whose sides are joined to different roads, would have to slip between all quarters around.

use crate::base::{Fault, LonLat, Metres, Outcome, Progress, Ticks, metres_per_degree};
use crate::coverage::grid_rings::{Area, ClassGrid, Corner};
use crate::network::{RoadGraph, SnapIndex};
use crate::travel::{Direction, TravelEngine};
use geo::{Coord, LineString, MultiPolygon, Polygon};
use rayon::prelude::*;
use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

/// Side of a cell unless another is asked for.
pub const CELL: Metres = Metres(50.0);
/// Quarters along the side of a cell.
const QUARTERS: f64 = 2.0;
/// Quarters along the side of a tile, the unit in which the plane is explored, and of a block, the unit of snapping.
const TILE: i32 = 32;
const BLOCK: i32 = 4;
/// At most this many quarters are held (one byte each, and rings): 300 km x 300 km at 50 m.
const MOST_CELLS: usize = 144_000_000;
/// Tiles whose places are snapped together; bounds the memory of the snaps.
const TILES_AT_ONCE: usize = 64;

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

/// Computes the bands of one centre.
///
/// # Errors
/// No usable road near the centre; no or unordered minutes; a cell larger than 50 m; more cells than memory is set aside for;
/// cancelled.
pub fn isochrone<G: Borrow<RoadGraph>>(
    engine: &TravelEngine<G>,
    snaps: &SnapIndex,
    question: &IsochroneQuestion,
    progress: &dyn Progress,
) -> Outcome<Isochrone> {
    question.check()?;
    let centre = snaps.snap(question.at).ok_or_else(|| {
        Fault::refused(
            "等时圈中心附近没有可用道路；请换一个离道路更近的位置。",
            "there is no usable road near the centre of the isochrone; choose a place nearer to a road.",
        )
    })?;
    let limit = Ticks(question.minutes.last().map_or(0, |m| m * 600));
    let ball = engine.ball(&centre, Some(limit), question.direction);
    let positions = ball.reached().map(|n| engine.graph().position[n.0 as usize]);
    let seeds: Vec<LonLat> = positions.chain([centre.at]).collect();
    let mut ticks_of = |places: &[Option<LonLat>]| {
        let block = |places: &[Option<LonLat>]| -> Vec<Option<Ticks>> {
            let on_earth: Vec<LonLat> = places.iter().copied().flatten().collect();
            let mut snapped = snaps.snap_block(&on_earth).into_iter();
            let mut ticks = || snapped.next().flatten().and_then(|s| ball.to(&s));
            places.iter().map(|p| p.and_then(|_| ticks())).collect()
        };
        places.par_chunks((BLOCK * BLOCK) as usize).flat_map_iter(block).collect()
    };
    bands(question, &seeds, &mut ticks_of, progress)
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

    /// The band (from 1) of a journey, 0 for none.
    fn class(&self, ticks: Option<Ticks>) -> u8 {
        let band = |t: Ticks| self.minutes.iter().position(|m| t <= Ticks(m * 600));
        ticks.and_then(band).map_or(0, |b| b as u8 + 1)
    }
}

/// The lattice of quarters: quarter `(0, 0)` has the question's place at its centre.
struct Lattice {
    origin: LonLat,
    /// Degrees a quarter.
    step: (f64, f64),
}

impl Lattice {
    fn new(question: &IsochroneQuestion) -> Lattice {
        // Degrees of longitude are longest towards the equator: measured half a degree nearer to it, no cell is wider than asked.
        let (east, _) = metres_per_degree((question.at.lat.abs() - 0.5).max(0.0));
        let (_, north) = metres_per_degree(question.at.lat.abs() + 0.5);
        let side = question.cell.0 / QUARTERS;
        Lattice { origin: question.at, step: (side / east, side / north) }
    }

    fn tile_of(&self, place: LonLat) -> (i32, i32) {
        let cell = |x: f64, step: f64| ((x / step).round() as i32).div_euclid(TILE);
        (cell(place.lon - self.origin.lon, self.step.0), cell(place.lat - self.origin.lat, self.step.1))
    }

    /// A point in cells; whole numbers are centres of cells.
    fn place(&self, column: f64, row: f64) -> LonLat {
        LonLat { lon: self.origin.lon + column * self.step.0, lat: self.origin.lat + row * self.step.1 }
    }

    /// Centres of a tile's quarters, block by block.
    fn centres(&self, tile: (i32, i32)) -> impl Iterator<Item = Option<LonLat>> + '_ {
        (0..TILE * TILE).map(within).map(move |(column, row)| {
            let place = self.place(f64::from(tile.0 * TILE + column), f64::from(tile.1 * TILE + row));
            Some(place).filter(|p| p.is_on_earth())
        })
    }
}

/// Column and row of a tile's quarter, counted block by block.
fn within(i: i32) -> (i32, i32) {
    let (block, i) = (i / (BLOCK * BLOCK), i % (BLOCK * BLOCK));
    let blocks = TILE / BLOCK;
    (block % blocks * BLOCK + i % BLOCK, block / blocks * BLOCK + i / BLOCK)
}

/// Explores tiles from those that hold reached junctions, going on wherever a tile holds a place inside: a road is followed
/// as far as it is reached, so nothing inside lies beyond a tile that holds nothing inside.
fn bands(
    question: &IsochroneQuestion,
    seeds: &[LonLat],
    ticks_of: &mut dyn FnMut(&[Option<LonLat>]) -> Vec<Option<Ticks>>,
    progress: &dyn Progress,
) -> Outcome<Isochrone> {
    let lattice = Lattice::new(question);
    let mut next: BTreeSet<(i32, i32)> = seeds.iter().map(|&p| lattice.tile_of(p)).collect();
    let mut seen = next.clone();
    let mut inside: BTreeMap<(i32, i32), Vec<u8>> = BTreeMap::new();
    while !next.is_empty() {
        let wave: Vec<_> = std::mem::take(&mut next).into_iter().collect();
        for tiles in wave.chunks(TILES_AT_ONCE) {
            if progress.is_cancelled() {
                return Err(Fault::cancelled());
            }
            let places: Vec<_> = tiles.iter().flat_map(|&t| lattice.centres(t)).collect();
            let ticks = ticks_of(&places);
            for (&tile, ticks) in tiles.iter().zip(ticks.chunks((TILE * TILE) as usize)) {
                let classes: Vec<u8> = ticks.iter().map(|t| question.class(*t)).collect();
                if classes.iter().any(|c| *c != 0) {
                    inside.insert(tile, classes);
                    next.extend(around(tile).filter(|t| seen.insert(*t)));
                }
            }
            if seen.len() * (TILE * TILE) as usize > MOST_CELLS {
                return Err(too_large());
            }
            progress.report("isochrone", inside.len() as u64, 0);
        }
    }
    let (grid, corner) = paint(&inside)?;
    let area = |band: usize| to_degrees(&lattice, corner, &grid.areas(band as u8 + 1));
    let from = std::iter::once(0).chain(question.minutes.iter().copied());
    let ends = from.zip(question.minutes.iter().copied()).enumerate();
    let bands =
        ends.map(|(i, (from_minutes, to_minutes))| IsochroneBand { from_minutes, to_minutes, area: area(i) });
    Ok(Isochrone { bands: bands.collect(), direction: question.direction, cell: question.cell })
}

fn around(tile: (i32, i32)) -> impl Iterator<Item = (i32, i32)> {
    (0..9).filter(|&i| i != 4).map(move |i| (tile.0 + i % 3 - 1, tile.1 + i / 3 - 1))
}

fn too_large() -> Fault {
    Fault::refused(
        "等时圈过大，超出内存上限；请减少分钟数。",
        "the isochrone is larger than the memory set aside for it; ask for fewer minutes.",
    )
}

/// All tiles in one grid of cells, and the lattice's cell at its lower left.
fn paint(inside: &BTreeMap<(i32, i32), Vec<u8>>) -> Outcome<(ClassGrid, (i32, i32))> {
    let range = |of: fn(&(i32, i32)) -> i32| {
        let low = inside.keys().map(of).min().unwrap_or(0);
        (low, (inside.keys().map(of).max().unwrap_or(low - 1) - low + 1) as usize)
    };
    let ((west, columns), (south, rows)) = (range(|t| t.0), range(|t| t.1));
    let side = TILE as usize;
    if columns.saturating_mul(rows).saturating_mul(side * side) > MOST_CELLS {
        return Err(too_large());
    }
    let mut grid = ClassGrid::new(columns * side, rows * side);
    for (tile, classes) in inside {
        let (column, row) = ((tile.0 - west) as usize * side, (tile.1 - south) as usize * side);
        for (i, &class) in classes.iter().enumerate() {
            let (right, up) = within(i as i32);
            grid.set(column + right as usize, row + up as usize, class);
        }
    }
    Ok((grid, (west * TILE, south * TILE)))
}

fn to_degrees(lattice: &Lattice, corner: (i32, i32), areas: &[Area]) -> MultiPolygon<f64> {
    let coord = |c: &Corner| {
        let p = lattice.place(f64::from(c.0 + corner.0) - 0.5, f64::from(c.1 + corner.1) - 0.5);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Mode, Silent, SplitMix64};
    use crate::network::{ModeFile, RoadMap, SnapRules};
    use geo::Contains;

    const AT: LonLat = LonLat { lon: 105.0, lat: 35.7 };

    fn question(minutes: &[u32]) -> IsochroneQuestion {
        IsochroneQuestion { at: AT, minutes: minutes.to_vec(), direction: Direction::Outward, cell: CELL }
    }

    /// One walker on a plain without roads, and a lake: 1 minute is 80 m.
    fn walk(p: LonLat) -> Option<Ticks> {
        let metres = AT.metres_to(p).0;
        let lake = LonLat { lon: AT.lon + 0.006, lat: AT.lat }.metres_to(p).0 < 200.0;
        (!lake).then(|| Ticks((metres * 7.5) as u32))
    }

    #[test]
    fn bands_are_disjoint_have_holes_and_agree_with_each_place_away_from_borders() {
        let ask = question(&[5, 10, 20]);
        let mut ticks_of = |p: &[Option<LonLat>]| p.iter().map(|p| p.and_then(walk)).collect();
        let answer = bands(&ask, &[AT], &mut ticks_of, &Silent).unwrap();
        assert!(answer.bands.iter().any(|b| b.area.iter().any(|p| !p.interiors().is_empty())));
        let mut random = SplitMix64::new(1);
        let (mut agree, mut total) = (0, 0);
        for _ in 0..2000 {
            let p = LonLat {
                lon: AT.lon + 0.05 * (random.unit() - 0.5),
                lat: AT.lat + 0.04 * (random.unit() - 0.5),
            };
            let held = (0..3).filter(|&b| answer.bands[b].area.contains(&Coord { x: p.lon, y: p.lat }));
            let held: Vec<usize> = held.collect();
            assert!(held.len() <= 1, "disjoint");
            let class = ask.class(walk(p));
            total += 1;
            agree += usize::from(held.first().map_or(0, |b| b + 1) == usize::from(class));
        }
        assert!(agree * 100 >= total * 96, "{agree} of {total}");
    }

    #[test]
    fn wrong_questions_are_refused_in_a_sentence() {
        for minutes in [&[][..], &[0, 10], &[20, 10], &[10, 10], &[10, 2000]] {
            assert!(question(minutes).check().is_err());
        }
        assert!(IsochroneQuestion { cell: Metres(80.0), ..question(&[10]) }.check().is_err());
    }

    #[test]
    fn no_cell_is_wider_than_asked() {
        for lat in [-40.0, 0.0, 35.7, 60.0] {
            let lattice =
                Lattice::new(&IsochroneQuestion { at: LonLat { lon: 9.0, lat }, ..question(&[30]) });
            for off in [-0.4, 0.0, 0.4] {
                let (east, north) = metres_per_degree(lat + off);
                assert!(lattice.step.0 * east <= 50.0 + 1e-9 && lattice.step.1 * north <= 50.0 + 1e-9);
            }
        }
    }

    /// Of 1,000 seeded places on a real map 98 % agree with their own journey, and all that differ lie within a cell of a border.
    #[test]
    fn on_real_maps_a_place_is_inside_iff_its_journey_says_so() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/osm");
        let (out, back) = (Direction::Outward, Direction::Towards);
        for (name, lon, lat, mode, direction, minutes, spread) in [
            ("liechtenstein_2022", 9.5215, 47.1410, Mode::Car, out, [5, 10, 20], 0.12),
            ("liechtenstein_2022", 9.5215, 47.1410, Mode::Ebike, back, [5, 10, 20], 0.08),
            ("andorra_2021", 1.5218, 42.5063, Mode::Car, out, [10, 20, 30], 0.15),
            (
                "yuba_sierra_ca_mountain_2024",
                -121.177458,
                39.436557,
                Mode::Motorcycle,
                back,
                [10, 20, 30],
                0.3,
            ),
        ] {
            let file = folder.join(format!("{name}.osm.pbf"));
            if !file.exists() {
                println!("skipped: there is no map {name} beside this project");
                continue;
            }
            let map = RoadMap::open(&file, &Silent).unwrap();
            let ask = IsochroneQuestion { at: LonLat { lon, lat }, direction, ..question(&minutes) };
            let (wrong, far_from_borders) = disagreements(&map, mode, &ask, spread);
            let word = mode.word();
            println!(
                "{name} {word}: {wrong} of 1000 differ, {far_from_borders} of them more than a cell from a border"
            );
            assert!(wrong <= 20 && far_from_borders == 0, "{name} {word}: {wrong} {far_from_borders}");
        }
    }

    /// How many of 1,000 places differ from their own journey, and how many of these lie more than a cell from every border.
    fn disagreements(map: &RoadMap, mode: Mode, ask: &IsochroneQuestion, spread: f64) -> (u32, u32) {
        let graph = RoadGraph::build(map, &ModeFile::builtin(mode).unwrap()).unwrap();
        let snaps = SnapIndex::build(map, &graph, SnapRules::default(), &[]);
        let engine = TravelEngine::prepare(&graph);
        let answer = isochrone(&engine, &snaps, ask, &Silent).unwrap();
        let band_at = |p: LonLat| {
            let c = Coord { x: p.lon, y: p.lat };
            answer.bands.iter().position(|b| b.area.contains(&c)).map_or(0, |b| b as u8 + 1)
        };
        let (centre, lattice) = (snaps.snap(ask.at).unwrap(), Lattice::new(ask));
        let ball = engine.ball(&centre, Some(Ticks(ask.minutes[2] * 600)), ask.direction);
        let mut random = SplitMix64::new(1);
        let (mut wrong, mut far) = (0, 0);
        for _ in 0..1000 {
            let mut off = || spread * (random.unit() - 0.5);
            let p = LonLat { lon: ask.at.lon + off(), lat: ask.at.lat + off() };
            let class = ask.class(snaps.snap(p).and_then(|s| ball.to(&s)));
            if band_at(p) == class {
                continue;
            }
            wrong += 1;
            // A border within a cell shows at one of the quarters around.
            let near = (0..25).map(|i| {
                let (x, y) = (f64::from(i % 5 - 2), f64::from(i / 5 - 2));
                LonLat { lon: p.lon + x * lattice.step.0, lat: p.lat + y * lattice.step.1 }
            });
            far += u32::from(near.map(band_at).all(|b| b == band_at(p)));
        }
        (wrong, far)
    }
}
