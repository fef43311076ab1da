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

use crate::base::{Fault, LonLat, Metres, Outcome, Progress, Ticks, metres_per_degree};
use crate::coverage::grid_rings::{Area, BLOCK, CellSet, Corner};
use crate::network::{
    LATTICE_BLOCK, LATTICE_PATCH, LatticePatch, LatticeScratch, Look, QUARTER_PLACES, RoadGraph, SnapIndex,
    SnapLattice,
};
use crate::travel::{ChainEnds, ChainTimes, Direction, NearTimes, TravelEngine};
use geo::{Coord, LineString, MultiPolygon, Polygon};
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
/// Blocks in a patch.
const PATCH_BLOCKS: usize = LATTICE_PATCH * LATTICE_PATCH;
/// Parts along the side of a quarter of a block, and all of the lower left one.
const QUARTER: usize = LATTICE_BLOCK / 2;
const WHOLE_QUARTER: u64 = 0x0f0f_0f0f;
/// Patches between two looks at whether the person cancelled.
const PATCHES_AT_ONCE: usize = 512;
/// Patches that one thread takes at a time at least.
const PATCHES_A_TASK: usize = 8;

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
    lattices: Mutex<BTreeMap<u32, Arc<SnapLattice>>>,
}

impl IsochroneCells {
    /// Nothing is computed yet; `snaps` belongs to the graph that is asked.
    #[must_use]
    pub fn new(snaps: &SnapIndex) -> IsochroneCells {
        IsochroneCells { snaps: snaps.clone(), ends: OnceLock::new(), lattices: Mutex::default() }
    }

    fn lattice(&self, side: Metres) -> Arc<SnapLattice> {
        let mut kept = self.lattices.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Arc::new(SnapLattice::new(&self.snaps, side));
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
    let seeds = || {
        let positions = ball.reached().map(|n| engine.graph().position[n.0 as usize]);
        positions.chain([centre.at])
    };
    let lattice = cells.lattice(Metres(question.cell.0 / f64::from(question.parts(seeds()))));
    let ends = cells.ends.get_or_init(|| ChainEnds::of(engine.graph()));
    let times = ChainTimes::new(ends, &ball);
    let lit = Flood { lattice: &lattice, times: &times, limit }.patches(seeds(), progress)?;
    let bands = question.minutes.len();
    let mut cells = vec![[0_u64; PATCH_BLOCKS]; lit.len() * bands];
    let at_once = lit.chunks(PATCHES_AT_ONCE).zip(cells.chunks_mut(PATCHES_AT_ONCE * bands));
    for (done, (some, cells)) in at_once.enumerate() {
        if progress.is_cancelled() {
            return Err(Fault::cancelled());
        }
        let some = some.par_iter().with_min_len(PATCHES_A_TASK).zip(cells.par_chunks_mut(bands));
        let judge = || Judge::new(question, &lattice, &times);
        some.for_each_init(judge, |judge, (lit, cells)| judge.patch(lit, cells));
        progress.report("isochrone", (done * PATCHES_AT_ONCE) as u64, lit.len() as u64);
    }
    let frame = Frame::of(&lit, &cells, bands)?;
    let from = std::iter::once(0).chain(question.minutes.iter().copied());
    let ends = from.zip(question.minutes.iter().copied()).enumerate();
    let bands = ends.map(|(band, (from_minutes, to_minutes))| {
        let set = frame.set(&lit, cells.chunks(bands).map(|c| &c[band]));
        IsochroneBand { from_minutes, to_minutes, area: to_degrees(&lattice, frame.corner(), &set.areas()) }
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

    /// Parts along the side of a cell: the narrower the narrowest band on the ground, the more.
    fn parts(&self, reached: impl Iterator<Item = LonLat>) -> u32 {
        let (east, north) = metres_per_degree(self.at.lat);
        let square =
            |p: LonLat| ((p.lon - self.at.lon) * east).powi(2) + ((p.lat - self.at.lat) * north).powi(2);
        let far = reached.map(square).fold(0.0, f64::max).sqrt();
        let ends = std::iter::once(&0).chain(&self.minutes);
        let narrowest = ends.zip(&self.minutes).map(|(from, to)| to - from).min().unwrap_or(1);
        let width = far * f64::from(narrowest) / f64::from(self.minutes.last().copied().unwrap_or(1));
        PARTS.iter().find(|(least, _)| width >= *least).map_or(2, |(_, parts)| *parts)
    }
}

/// A patch that may hold a place inside, by column and row, and the least and most ticks of any journey to it.
struct Lit<'a> {
    at: (usize, usize),
    patch: &'a LatticePatch,
    range: (u32, u32),
}

/// Finds the parts that belong to each band, block by block and place by place only where what is known of more does not settle it.
struct Judge<'a> {
    question: &'a IsochroneQuestion,
    lattice: &'a SnapLattice,
    times: &'a ChainTimes,
    /// Of the patch at hand.
    near: NearTimes,
    scratch: LatticeScratch,
}

impl<'a> Judge<'a> {
    fn new(question: &'a IsochroneQuestion, lattice: &'a SnapLattice, times: &'a ChainTimes) -> Judge<'a> {
        Judge { question, lattice, times, near: NearTimes::default(), scratch: LatticeScratch::default() }
    }

    /// The blocks of a patch, row by row, for each band; bit `8 r + c` of a block is the part in its row `r` and column `c`.
    fn patch(&mut self, lit: &Lit<'_>, cells: &mut [[u64; PATCH_BLOCKS]]) {
        if let Some(band) = self.settled(lit.patch.look().whole, lit.range) {
            band.into_iter().for_each(|b| cells[b] = [u64::MAX; PATCH_BLOCKS]);
            return;
        }
        self.times.narrow(lit.patch.chains(), &mut self.near);
        let (column, row) = (lit.at.0 * LATTICE_PATCH, lit.at.1 * LATTICE_PATCH);
        for block in 0..PATCH_BLOCKS {
            self.block((column + block % LATTICE_PATCH, row + block / LATTICE_PATCH), cells, block);
        }
    }

    /// The band of all places, none for "outside"; `None`: they may differ.
    fn settled(&self, whole: bool, (least, most): (u32, u32)) -> Option<Option<usize>> {
        let band = |ticks: u32| self.question.minutes.iter().position(|m| ticks <= m * 600);
        let nearest = band(least);
        (nearest.is_none() || (whole && nearest == band(most))).then_some(nearest)
    }

    fn block(&mut self, at: (usize, usize), cells: &mut [[u64; PATCH_BLOCKS]], which: usize) {
        let block = self.lattice.block(at, &mut self.scratch);
        let look = block.look();
        if let Some(band) = self.settled(look.whole, with_access(self.near.range(block.chains()), look)) {
            band.into_iter().for_each(|b| cells[b][which] = u64::MAX);
            return;
        }
        for (q, range) in self.near.ranges(block.chains()).into_iter().enumerate() {
            let look = block.quarters()[q];
            let shift = q / 2 * 8 * QUARTER + q % 2 * QUARTER;
            if let Some(band) = self.settled(look.whole, with_access(range, look)) {
                band.into_iter().for_each(|b| cells[b][which] |= WHOLE_QUARTER << shift);
                continue;
            }
            let mut ticks = [0; QUARTER_PLACES];
            self.near.fill(self.lattice.snapped(block, at, q, &mut self.scratch), &mut ticks);
            let mut nearer = 0;
            for (cells, minutes) in cells.iter_mut().zip(&self.question.minutes) {
                let bit = |set: u64, (i, t): (usize, &u32)| {
                    set | u64::from(*t <= minutes * 600) << (i / QUARTER * 8 + i % QUARTER)
                };
                let within = ticks.iter().enumerate().fold(0, bit);
                cells[which] |= (within & !nearer) << shift;
                nearer = within;
            }
        }
    }
}

/// A range of ticks on the road, with the shortest and the longest access leg.
fn with_access((least, most): (u32, u32), look: Look) -> (u32, u32) {
    (least.saturating_add(look.access.0.0), most.saturating_add(look.access.1.0))
}

/// Finds the patches that may hold a place inside, from those of reached junctions on: a road is followed as far as it is reached, and
/// a walk from it to a place inside leads through places inside, so nothing inside lies beyond patches that cannot hold any.
struct Flood<'a> {
    lattice: &'a SnapLattice,
    times: &'a ChainTimes,
    limit: Ticks,
}

impl<'a> Flood<'a> {
    /// The patches, each once, in an order that depends on the seeds only.
    fn patches(&self, seeds: impl Iterator<Item = LonLat>, progress: &dyn Progress) -> Outcome<Vec<Lit<'a>>> {
        let (columns, rows) = self.lattice.patches();
        let mut seen = vec![0_u64; (columns * rows).div_ceil(64)];
        let mut is_new = |(column, row): &(usize, usize)| {
            let at = row * columns + column;
            let (word, bit) = (&mut seen[at / 64], 1_u64 << (at % 64));
            let new = *word & bit == 0;
            *word |= bit;
            new
        };
        let mut open: Vec<_> = seeds.filter_map(|s| self.lattice.patch_of(s)).filter(&mut is_new).collect();
        let mut lit: Vec<Lit<'a>> = Vec::new();
        while !open.is_empty() {
            if progress.is_cancelled() {
                return Err(Fault::cancelled());
            }
            let look = |scratch: &mut LatticeScratch, at: &(usize, usize)| {
                let patch = self.lattice.patch(*at, scratch);
                Lit { at: *at, patch, range: with_access(self.times.range(patch.chains()), patch.look()) }
            };
            let patches = open.par_iter().with_min_len(PATCHES_A_TASK);
            let looked: Vec<Lit<'a>> = patches.map_init(LatticeScratch::default, look).collect();
            let from = lit.len();
            lit.extend(looked.into_iter().filter(|l| l.range.0 <= self.limit.0));
            if lit.len() * PATCH_BLOCKS * 4 * QUARTER_PLACES > MOST_CELLS {
                return Err(too_large());
            }
            open.clear();
            for Lit { at: (column, row), .. } in &lit[from..] {
                let around = |at: usize, count: usize| at.saturating_sub(1)..(at + 2).min(count);
                for r in around(*row, rows) {
                    open.extend(around(*column, columns).map(|c| (c, r)).filter(&mut is_new));
                }
            }
        }
        Ok(lit)
    }
}

fn too_large() -> Fault {
    Fault::refused(
        "等时圈过大，超出内存上限；请减少分钟数。",
        "the isochrone is larger than the memory set aside for it; ask for fewer minutes.",
    )
}

/// The rectangle of patches that holds everything inside.
struct Frame {
    west: usize,
    south: usize,
    columns: usize,
    rows: usize,
}

const _: () = assert!(LATTICE_BLOCK == BLOCK, "a block of places is a block of cells");

impl Frame {
    fn of(lit: &[Lit<'_>], cells: &[[u64; PATCH_BLOCKS]], bands: usize) -> Outcome<Frame> {
        let (mut low, mut high) = ((usize::MAX, usize::MAX), (0, 0));
        for (Lit { at: (column, row), .. }, cells) in lit.iter().zip(cells.chunks(bands)) {
            if cells.iter().flatten().any(|c| *c != 0) {
                low = (low.0.min(*column), low.1.min(*row));
                high = (high.0.max(column + 1), high.1.max(row + 1));
            }
        }
        let (columns, rows) = (high.0.saturating_sub(low.0), high.1.saturating_sub(low.1));
        if columns.saturating_mul(rows).saturating_mul(PATCH_BLOCKS * 4 * QUARTER_PLACES) > MOST_CELLS {
            return Err(too_large());
        }
        Ok(Frame { west: low.0, south: low.1, columns, rows })
    }

    /// One band's cells of every patch, in the order of `lit`.
    fn set<'c>(&self, lit: &[Lit<'_>], cells: impl Iterator<Item = &'c [u64; PATCH_BLOCKS]>) -> CellSet {
        let mut set = CellSet::new(self.columns * LATTICE_PATCH, self.rows * LATTICE_PATCH);
        for (Lit { at: (column, row), .. }, blocks) in lit.iter().zip(cells) {
            for (i, cells) in blocks.iter().enumerate().filter(|(_, c)| **c != 0) {
                let column = (column - self.west) * LATTICE_PATCH + i % LATTICE_PATCH;
                set.put(column, (row - self.south) * LATTICE_PATCH + i / LATTICE_PATCH, *cells);
            }
        }
        set
    }

    /// The lattice's part at the lower left.
    fn corner(&self) -> (usize, usize) {
        let side = LATTICE_PATCH * BLOCK;
        (self.west.saturating_mul(side), self.south.saturating_mul(side))
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Mode, Silent, SplitMix64};
    use crate::network::drawing::Drawing;
    use crate::network::{ModeFile, RoadMap, SnapRules};
    use geo::Contains;

    const AT: LonLat = LonLat { lon: 105.0, lat: 35.7 };

    fn question(minutes: &[u32]) -> IsochroneQuestion {
        IsochroneQuestion { at: AT, minutes: minutes.to_vec(), direction: Direction::Outward, cell: CELL }
    }

    #[test]
    fn wrong_questions_are_refused_in_a_sentence() {
        for minutes in [&[][..], &[0, 10], &[20, 10], &[10, 10], &[10, 2000]] {
            assert!(question(minutes).check().is_err());
        }
        assert!(IsochroneQuestion { cell: Metres(80.0), ..question(&[10]) }.check().is_err());
    }

    /// Streets around a square of 1.7 km whose middle is beyond the snap limit.
    fn square() -> RoadMap {
        let side: Vec<i64> = (0..16).collect();
        let street = |of: fn(i64) -> i64| side.iter().map(|i| of(*i)).collect::<Vec<i64>>();
        let drawn = Drawing::grid(16, 16)
            .street(1000, &street(|i| 1 + i))
            .street(1001, &street(|i| 241 + i))
            .street(1002, &street(|i| 1 + 16 * i))
            .street(1003, &street(|i| 16 + 16 * i));
        drawn.import().0
    }

    #[test]
    fn a_square_of_streets_is_an_area_with_a_hole_and_places_agree_with_their_journeys() {
        let map = square();
        let at = map.bounds().unwrap().min;
        for (minutes, direction) in [(&[60][..], Direction::Outward), (&[7, 15, 31], Direction::Towards)] {
            let ask = IsochroneQuestion { at, direction, ..question(minutes) };
            let graph = RoadGraph::build(&map, &ModeFile::builtin(Mode::Foot).unwrap()).unwrap();
            let snaps = SnapIndex::build(&map, &graph, SnapRules::default(), &[]);
            let engine = TravelEngine::prepare(&graph);
            let answer = isochrone(&engine, &IsochroneCells::new(&snaps), &ask, &Silent).unwrap();
            if minutes.len() == 1 {
                let area = &answer.bands[0].area;
                assert_eq!((area.0.len(), area.0[0].interiors().len()), (1, 1));
            }
            let (wrong, far) = disagreements(&map, Mode::Foot, &ask, 0.03);
            assert!(wrong <= 20 && far == 0, "{wrong} {far}");
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
            ("monaco_2022", 7.4246, 43.7384, Mode::Car, out, [3, 6, 9], 0.03),
            ("porto_portugal", -8.611, 41.1496, Mode::Car, out, [10, 20, 30], 0.3),
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
        let answer = isochrone(&engine, &IsochroneCells::new(&snaps), ask, &Silent).unwrap();
        let band_at = |p: LonLat| {
            let c = Coord { x: p.lon, y: p.lat };
            let mut held = (0..).zip(&answer.bands).filter(|(_, b)| b.area.contains(&c));
            let band = held.next().map_or(0, |(b, _)| b + 1);
            assert!(held.next().is_none(), "disjoint");
            band
        };
        let centre = snaps.snap(ask.at).unwrap();
        let (east, north) = metres_per_degree(ask.at.lat);
        let ball = engine.ball(&centre, Some(ask.limit()), ask.direction);
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
            // A border within a cell shows at one of the places around.
            let near = (0..289).map(|i| {
                let (x, y) = (f64::from(i % 17 - 8) / 8.0 * 50.0, f64::from(i / 17 - 8) / 8.0 * 50.0);
                LonLat { lon: p.lon + x / east, lat: p.lat + y / north }
            });
            far += u32::from(near.map(band_at).all(|b| b == band_at(p)));
        }
        (wrong, far)
    }
}
