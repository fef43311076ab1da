//! Places on a lattice over the whole map, snapped a block at a time when first asked for, and kept.
//!
//! Questions about areas ask for the same places again and again with other centres. What a block of places can be joined to, and how
//! far away it is, is known from one look at the road, and what patches of blocks can be from another; the places themselves are
//! snapped only if that does not settle the question.

use super::lattice_places::{
    BLOCK, ChainOfBlock, KnownOfBlock, LatticeBlocks, LatticePatch, LatticePlace, Look, PATCH, PATCH_BLOCKS,
    QUARTER, QUARTER_PLACES, QuarterPlaces,
};
use super::snap::{Foot, SnapIndex, access_ticks, foot, keep_nearest};
use super::tile_roads::{Lines, NEARLY_SAME_M, TileRoads};
use crate::base::{LonLat, Metres, Ticks, metres_per_degree};
use std::sync::OnceLock;

/// Patches along the side of a tile, the unit of memory.
const TILE: usize = 8;
/// Places along the side of a tile.
const TILE_PLACES: usize = TILE * PATCH * BLOCK;

/// A lattice of places over the roads of a [`SnapIndex`] and its snap limit around; shared by threads.
#[derive(Debug)]
pub struct SnapLattice {
    snaps: SnapIndex,
    /// The lower left corner of the first block.
    corner: LonLat,
    /// Degrees from place to place.
    step: (f64, f64),
    /// Tiles along longitude and latitude.
    tiles: (usize, usize),
    tile: Vec<OnceLock<Tile>>,
}

#[derive(Debug)]
struct Tile {
    /// All roads that its places may be joined to.
    roads: TileRoads,
    /// Row by row from the lower left, and the blocks of each.
    patches: Box<[OnceLock<LatticePatch>]>,
    blocks: Box<[OnceLock<Box<LatticeBlocks>>]>,
}

/// What one thread writes on while it looks at blocks; empty at first, kept for the next block.
#[derive(Debug, Default)]
pub struct LatticeScratch {
    /// Around a quarter of a block, and a quarter of that; the first around whole blocks and patches too.
    lines: [Lines; 2],
    marks: Vec<u16>,
    chains: Vec<(u32, u16)>,
    feet: Vec<Foot>,
}

impl SnapLattice {
    /// Covers the roads of `snaps`; no two neighbouring places are farther apart than `side`.
    #[must_use]
    pub fn new(snaps: &SnapIndex, side: Metres) -> SnapLattice {
        let (low, high) = snaps.extent().unwrap_or_default();
        // Degrees of longitude are longest towards the equator: no step is longer than asked.
        let nearest = if low.lat * high.lat < 0.0 { 0.0 } else { low.lat.abs().min(high.lat.abs()) };
        let (east, _) = metres_per_degree((nearest - 0.1).max(0.0));
        let (_, north) = metres_per_degree((low.lat.abs().max(high.lat.abs()) + 0.1).min(90.0));
        let step = (side.0 / east, side.0 / north);
        let rim = 1.05 * snaps.rules().limit.0 + side.0;
        let narrow = metres_per_degree(low.lat.abs().max(high.lat.abs()).min(89.9)).0;
        let rim = (rim / narrow, rim / metres_per_degree(nearest).1);
        let corner = LonLat { lon: low.lon - rim.0, lat: low.lat - rim.1 };
        let count = |span: f64, step: f64| (span / (step * TILE_PLACES as f64)).ceil().max(1.0) as usize;
        let tiles =
            (count(high.lon + rim.0 - corner.lon, step.0), count(high.lat + rim.1 - corner.lat, step.1));
        let tile = std::iter::repeat_with(OnceLock::new).take(tiles.0 * tiles.1).collect();
        SnapLattice { snaps: snaps.clone(), corner, step, tiles, tile }
    }

    /// Patches along longitude and latitude.
    #[must_use]
    pub fn patches(&self) -> (usize, usize) {
        (self.tiles.0 * TILE, self.tiles.1 * TILE)
    }

    /// The patch that a place lies in, if it is on the lattice.
    #[must_use]
    pub fn patch_of(&self, place: LonLat) -> Option<(u32, u32)> {
        let at = |x: f64, step: f64, patches: usize| {
            let patch = x / (step * (BLOCK * PATCH) as f64);
            (patch >= 0.0 && patch < patches as f64).then_some(patch as u32)
        };
        let (columns, rows) = self.patches();
        let column = at(place.lon - self.corner.lon, self.step.0, columns);
        column.zip(at(place.lat - self.corner.lat, self.step.1, rows))
    }

    /// A point in steps from the lattice's lower left corner; the place of column `c` and row `r` lies at `c + 0.5`, `r + 0.5`.
    #[must_use]
    pub fn point(&self, column: f64, row: f64) -> LonLat {
        LonLat { lon: self.corner.lon + column * self.step.0, lat: self.corner.lat + row * self.step.1 }
    }

    /// The tile in this column and row.
    fn tile(&self, column: usize, row: usize) -> &Tile {
        self.tile[row * self.tiles.0 + column].get_or_init(|| {
            let parts = TILE_PLACES as f64;
            let low = self.point(column as f64 * parts, row as f64 * parts);
            let high = self.point((column + 1) as f64 * parts, (row + 1) as f64 * parts);
            let narrow = metres_per_degree(low.lat.abs().max(high.lat.abs()).min(89.9)).0;
            let short = metres_per_degree(low.lat.abs().min(high.lat.abs())).1;
            let block = Square { column: column * TILE_PLACES, row: row * TILE_PLACES, side: BLOCK };
            let rim = 1.05 * self.snaps.reach(f64::INFINITY, self.middle(block).1);
            let (dx, dy) = (rim / narrow, rim / short);
            let low = LonLat { lon: low.lon - dx, lat: low.lat - dy };
            let high = LonLat { lon: high.lon + dx, lat: high.lat + dy };
            Tile {
                roads: TileRoads::new(&self.snaps, low, high),
                patches: std::iter::repeat_with(OnceLock::new).take(TILE * TILE).collect(),
                blocks: std::iter::repeat_with(OnceLock::new).take(TILE * TILE).collect(),
            }
        })
    }

    /// What is known of the patch in this column and row of patches.
    pub fn patch(&self, (column, row): (usize, usize), scratch: &mut LatticeScratch) -> &LatticePatch {
        let tile = self.tile(column / TILE, row / TILE);
        let patch = &tile.patches[row % TILE * TILE + column % TILE];
        match patch.get() {
            Some(known) => known,
            None => {
                let side = BLOCK * PATCH;
                let square = Square { column: column * side, row: row * side, side };
                let looks: [Look; PATCH_BLOCKS] = self.look(&tile.roads, square, PATCH, scratch);
                let chains = scratch.chains.iter().map(|c| c.0).collect();
                patch.get_or_init(|| LatticePatch { chains, look: Look::of_all(&looks) })
            }
        }
    }

    /// The blocks of the patch in this column and row of patches.
    pub fn blocks(&self, at: (usize, usize), scratch: &mut LatticeScratch) -> &LatticeBlocks {
        match self.known_blocks(at) {
            Some(known) => known,
            None => {
                let fresh = Box::new(self.look_at_blocks(at, scratch));
                self.slot(at).get_or_init(|| fresh)
            }
        }
    }

    /// The same, if they were looked at before.
    #[must_use]
    pub fn known_blocks(&self, at: (usize, usize)) -> Option<&LatticeBlocks> {
        self.slot(at).get().map(|blocks| &**blocks)
    }

    fn slot(&self, (column, row): (usize, usize)) -> &OnceLock<Box<LatticeBlocks>> {
        &self.tile(column / TILE, row / TILE).blocks[row % TILE * TILE + column % TILE]
    }

    fn look_at_blocks(&self, at: (usize, usize), scratch: &mut LatticeScratch) -> LatticeBlocks {
        let roads = &self.tile(at.0 / TILE, at.1 / TILE).roads;
        let patch = self.patch(at, scratch);
        let (mut first, mut chains) = ([0; PATCH_BLOCKS + 1], Vec::new());
        let known = std::array::from_fn(|b| {
            let quarters: [Look; 4] = self.look(roads, block_of(at, b), 2, scratch);
            // What only the block's own look holds possible is impossible by the patch's.
            let number = |(chain, parts): &(u32, u16)| {
                let number = patch.chains.binary_search(chain).ok()?;
                Some(ChainOfBlock((number as u32) << 4 | u32::from(*parts)))
            };
            chains.extend(scratch.chains.iter().filter_map(number));
            first[b + 1] = chains.len() as u32;
            KnownOfBlock { all: Look::of_all(&quarters), quarters }
        });
        LatticeBlocks { first, chains: chains.into(), known, places: Default::default() }
    }

    /// The middle of a square of places, and how far its corners are from there in metres.
    fn middle(&self, square: Square) -> (LonLat, f64) {
        let half = square.side as f64 / 2.0;
        let centre = self.point(square.column as f64 + half, square.row as f64 + half);
        let (x, y) = metres_per_degree(centre.lat);
        (centre, (half * self.step.0 * x).hypot(half * self.step.1 * y))
    }

    /// Gathers all roads that the places of a square may be joined to. `reach` looks at each of its `cuts` x `cuts` parts, of which it
    /// gets the number, the middle and the radius, and gives the metres from the middle within which whatever its places are joined to
    /// lies, as far as the roads gathered so far tell; where these may not be all, more are gathered and all parts looked at again.
    fn gather(
        &self,
        roads: &TileRoads,
        square: Square,
        cuts: usize,
        near: &mut Lines,
        mut reach: impl FnMut(&mut Lines, usize, LonLat, f64) -> f64,
    ) {
        let (centre, radius) = self.middle(square);
        let scale = metres_per_degree(centre.lat);
        // From the centre to the middles of the outermost parts.
        let inner = 0.5 * (square.side - square.side / cuts) as f64;
        let (dx, dy) = (inner * self.step.0, inner * self.step.1);
        let mut metres = 3.5 * radius / cuts as f64;
        loop {
            let (dx, dy) = (dx + 1.01 * metres / scale.0.max(1.0), dy + 1.01 * metres / scale.1);
            let low = LonLat { lon: centre.lon - dx, lat: centre.lat - dy };
            let high = LonLat { lon: centre.lon + dx, lat: centre.lat + dy };
            roads.gather(low, high, near);
            let mut needed = 0.0_f64;
            for (i, part) in square.cut(cuts).enumerate() {
                let (middle, radius) = self.middle(part);
                needed = needed.max(reach(near, i, middle, radius));
            }
            if needed <= metres {
                return;
            }
            metres = needed;
        }
    }

    /// What is known of each of the `PARTS` = `cuts` x `cuts` parts of a square. The scratch then holds the chains that their places may
    /// be joined to, ascending, each with the parts, bit `q` for the `q`th.
    fn look<const PARTS: usize>(
        &self,
        roads: &TileRoads,
        square: Square,
        cuts: usize,
        scratch: &mut LatticeScratch,
    ) -> [Look; PARTS] {
        let LatticeScratch { lines: [near, ..], marks, chains, .. } = scratch;
        let rules = self.snaps.rules();
        let mut looks = [Look { access: (Ticks(u32::MAX), Ticks(0)), whole: true }; PARTS];
        self.gather(roads, square, cuts, near, |near, part, middle, radius| {
            let guess = near.measure(middle, metres_per_degree(middle.lat)).sqrt();
            let reach = self.snaps.reach(guess, radius);
            if part == 0 {
                marks.clear();
            }
            near.mark_within(reach, 1 << part, marks);
            // A hundredth covers the change of scale inside the square.
            let most = 1.02 * (guess + radius) + 1.0;
            let least = (0.98 * guess - 1.02 * radius - 1.0).max(0.0);
            let access = (access_ticks(least, rules), access_ticks(most.min(rules.limit.0), rules));
            looks[part] = Look { access, whole: most <= rules.limit.0 };
            reach
        });
        let marked = near.ids().iter().zip(marks.iter()).filter(|(_, parts)| **parts != 0);
        chains.clear();
        chains.extend(marked.map(|(id, parts)| (roads.segment(*id).chain(), *parts)));
        chains.sort_unstable();
        chains.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            kept.1 |= if same { next.1 } else { 0 };
            same
        });
        looks
    }

    /// The snaps of the places of a block's quarter, each equal to [`SnapIndex::snap`] of the place alone; `blocks` are those of the patch
    /// in this column and row.
    pub fn snapped<'b>(
        &self,
        blocks: &'b LatticeBlocks,
        at: (usize, usize),
        (block, quarter): (usize, usize),
        scratch: &mut LatticeScratch,
    ) -> &'b QuarterPlaces {
        let places = &blocks.places[block][quarter];
        if let Some(known) = places.get() {
            return known;
        }
        let roads = &self.tile(at.0 / TILE, at.1 / TILE).roads;
        let chains = self.patch(at, scratch).chains();
        let Square { column, row, .. } = block_of(at, block);
        let (column, row) = (column + quarter % 2 * QUARTER, row + quarter / 2 * QUARTER);
        let square = Square { column, row, side: QUARTER };
        let LatticeScratch { lines, feet, .. } = scratch;
        self.gather(roads, square, 1, &mut lines[0], |near, _, middle, radius| {
            self.snaps.reach(near.measure(middle, metres_per_degree(middle.lat)).sqrt(), radius)
        });
        let mut fresh =
            Box::new(QuarterPlaces { first: [LatticePlace::NONE; QUARTER_PLACES], more: Vec::new() });
        let mut set = |place: usize, feet: &[Foot]| fresh.set(place, feet, chains, &self.snaps);
        self.snap_square(roads, square, lines, feet, &mut set);
        places.get_or_init(|| fresh)
    }

    /// Quarters again and again, each with the roads that it may be joined to, and then place by place.
    fn snap_square(
        &self,
        roads: &TileRoads,
        square: Square,
        lines: &mut [Lines],
        feet: &mut Vec<Foot>,
        set: &mut impl FnMut(usize, &[Foot]),
    ) {
        match lines {
            [near] => {
                for row in square.row..square.row + square.side {
                    for column in square.column..square.column + square.side {
                        let place = self.point(column as f64 + 0.5, row as f64 + 0.5);
                        self.feet_among(roads, near, place, feet);
                        set(row % QUARTER * QUARTER + column % QUARTER, feet);
                    }
                }
            }
            [near, inner @ ..] => {
                for quarter in square.cut(2) {
                    let (middle, radius) = self.middle(quarter);
                    let guess = near.measure(middle, metres_per_degree(middle.lat)).sqrt();
                    near.keep_within(self.snaps.reach(guess, radius), &mut inner[0]);
                    self.snap_square(roads, quarter, inner, feet, set);
                }
            }
            [] => {}
        }
    }

    /// The nearest point of `near` to a place, and all that pass it; none beyond the limit.
    fn feet_among(&self, roads: &TileRoads, near: &mut Lines, place: LonLat, feet: &mut Vec<Foot>) {
        let scale = metres_per_degree(place.lat);
        let least = near.measure(place, scale).sqrt();
        feet.clear();
        feet.extend(near.within(least + NEARLY_SAME_M).map(|id| foot(roads.segment(id), place, scale)));
        feet.retain(|f| f.distance <= self.snaps.rules().limit.0);
        keep_nearest(feet);
    }
}

/// Block `b` of the patch in this column and row of patches.
fn block_of((column, row): (usize, usize), b: usize) -> Square {
    let (column, row) = (column * PATCH + b % PATCH, row * PATCH + b / PATCH);
    Square { column: column * BLOCK, row: row * BLOCK, side: BLOCK }
}

/// A square of places, `side` of them along each side.
#[derive(Debug, Clone, Copy)]
struct Square {
    column: usize,
    row: usize,
    side: usize,
}

impl Square {
    /// Its `cuts` x `cuts` equal parts.
    fn cut(self, cuts: usize) -> impl Iterator<Item = Square> {
        let side = self.side / cuts;
        let part = move |(x, y)| Square { column: self.column + x * side, row: self.row + y * side, side };
        (0..cuts).flat_map(move |y| (0..cuts).map(move |x| (x, y))).map(part)
    }
}

#[cfg(test)]
mod tests {
    use super::super::drawing::Drawing;
    use super::super::lattice_places::{ChainFoot, NO_CHAIN};
    use super::*;
    use crate::network::{ModeFile, RoadGraph, SnapRules};

    #[test]
    fn places_of_a_block_snap_as_each_place_alone_and_inside_what_is_said_of_the_block() {
        let line: Vec<i64> = (1..=12).collect();
        let map = Drawing::grid(12, 12)
            .street(10, &line)
            .street(11, &[1, 14, 27, 40, 53])
            .street(12, &[12, 24, 36, 48, 60, 72])
            .import()
            .0;
        let graph = RoadGraph::build(&map, &ModeFile::builtin(crate::base::Mode::Foot).unwrap()).unwrap();
        let index = SnapIndex::build(&map, &graph, SnapRules::default(), &[]);
        let lattice = SnapLattice::new(&index, Metres(25.0));
        let (columns, rows) = lattice.patches();
        let (mut joined, mut scratch) = (0, LatticeScratch::default());
        let all = (0..rows).flat_map(|r| (0..columns).map(move |c| (c, r)));
        for (at, block) in all.flat_map(|at| (0..PATCH_BLOCKS).map(move |b| (at, b))).step_by(3) {
            let patch = lattice.patch(at, &mut scratch);
            let blocks = lattice.blocks(at, &mut scratch);
            let Square { column, row, .. } = block_of(at, block);
            for i in 0..BLOCK * BLOCK {
                let (x, y) = (i % BLOCK, i / BLOCK);
                let q = y / QUARTER * 2 + x / QUARTER;
                let snapped = lattice.snapped(blocks, at, (block, q), &mut scratch);
                let (column, row) = (column + x, row + y);
                let place = lattice.point(column as f64 + 0.5, row as f64 + 0.5);
                let i = y % QUARTER * QUARTER + x % QUARTER;
                let LatticePlace { access, foot } = snapped.first()[i];
                let more = snapped.more().iter().filter(|m| usize::from(m.0) == i).map(|m| m.1);
                let feet: Vec<ChainFoot> =
                    std::iter::once(foot).filter(|f| f.chain != NO_CHAIN).chain(more).collect();
                let alone = index.snap(place);
                assert_eq!(alone.is_some(), !feet.is_empty());
                let looks = [blocks.look(block), blocks.quarters(block)[q], patch.look()];
                assert!(looks.iter().all(|l| !l.whole || alone.is_some()));
                let Some(alone) = alone else { continue };
                joined += 1;
                assert_eq!(alone.access, access);
                assert!(looks.iter().all(|l| l.access.0 <= access && access <= l.access.1));
                let of_quarter = |f: &ChainFoot| {
                    blocks.chains(block).iter().any(|c| c.number() == f.chain && c.quarters() & 1 << q != 0)
                };
                assert!(feet.iter().all(of_quarter));
                let of = |f: &ChainFoot| f.from_tail.into_iter().filter(|t| *t != u32::MAX);
                assert!(feet.iter().all(|f| (f.chain as usize) < patch.chains().len()));
                let mut ours: Vec<u32> = feet.iter().flat_map(of).collect();
                let mut theirs: Vec<u32> = alone.arcs.iter().map(|a| a.from_tail.0).collect();
                (ours.sort_unstable(), theirs.sort_unstable());
                assert_eq!(ours, theirs);
            }
        }
        assert!(joined > 500);
    }
}
