//! Places on a lattice over the whole map, snapped a block at a time when first asked for, and kept.
//!
//! Questions about areas ask for the same places again and again with other centres. What a block of places can be joined to, and how
//! far away it is, is known from one look at the road; the places themselves are snapped only if that does not settle the question.

use super::graph::RoadLay;
use super::snap::{Around, Foot, Segment, SnapIndex, access_ticks};
use crate::base::{LonLat, Metres, Ticks, metres_per_degree};
use std::sync::OnceLock;

/// Places along the side of a block.
pub const BLOCK: usize = 8;
/// Places in a block.
pub const BLOCK_PLACES: usize = BLOCK * BLOCK;
/// Blocks along the side of a tile, the unit of memory.
const TILE: usize = 32;

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
    tile: Vec<OnceLock<Box<[OnceLock<LatticeBlock>]>>>,
}

/// A block of places: what is known of all of them, and each place's own snap once it was asked for.
#[derive(Debug)]
pub struct LatticeBlock {
    /// Chains that a place of the block may be joined to, ascending; none if no road is near.
    chains: Box<[u32]>,
    access: (Ticks, Ticks),
    whole: bool,
    places: OnceLock<Box<BlockPlaces>>,
}

/// The snaps of a block's places, row by row from the lower left.
#[derive(Debug)]
pub struct BlockPlaces {
    access: [u32; BLOCK_PLACES],
    first: [u16; BLOCK_PLACES + 1],
    feet: Vec<ChainFoot>,
}

/// A point on a chain: ticks from the tail of each of its two directions, `u32::MAX` where the direction is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainFoot {
    /// The chain (see [`crate::network::RoadGraph::chains`]).
    pub chain: u32,
    /// Along and against it.
    pub from_tail: [u32; 2],
}

impl LatticeBlock {
    /// Chains that any place of the block may be joined to.
    #[must_use]
    pub fn chains(&self) -> &[u32] {
        &self.chains
    }

    /// No access leg from the block is shorter or longer than these.
    #[must_use]
    pub fn access(&self) -> (Ticks, Ticks) {
        self.access
    }

    /// Every place of the block is joined to a road for sure.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.whole
    }
}

impl BlockPlaces {
    /// The access leg of a place and the points where it meets the road; none: no usable road within the limit.
    #[must_use]
    pub fn place(&self, i: usize) -> (Ticks, &[ChainFoot]) {
        (Ticks(self.access[i]), &self.feet[usize::from(self.first[i])..usize::from(self.first[i + 1])])
    }
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
        let (narrow, short) =
            (metres_per_degree(low.lat.abs().max(high.lat.abs()).min(89.9)).0, metres_per_degree(nearest).1);
        let rim = (rim / narrow, rim / short);
        let corner = LonLat { lon: low.lon - rim.0, lat: low.lat - rim.1 };
        let count = |span: f64, step: f64| (span / (step * (BLOCK * TILE) as f64)).ceil().max(1.0) as usize;
        let tiles =
            (count(high.lon + rim.0 - corner.lon, step.0), count(high.lat + rim.1 - corner.lat, step.1));
        let tile = std::iter::repeat_with(OnceLock::new).take(tiles.0 * tiles.1).collect();
        SnapLattice { snaps: snaps.clone(), corner, step, tiles, tile }
    }

    /// Blocks along longitude and latitude.
    #[must_use]
    pub fn blocks(&self) -> (usize, usize) {
        (self.tiles.0 * TILE, self.tiles.1 * TILE)
    }

    /// The block that a place lies in, if it is on the lattice.
    #[must_use]
    pub fn block_of(&self, place: LonLat) -> Option<(usize, usize)> {
        let at = |x: f64, step: f64, blocks: usize| {
            let block = (x / (step * BLOCK as f64)).floor();
            (block >= 0.0 && block < blocks as f64).then_some(block as usize)
        };
        let (columns, rows) = self.blocks();
        at(place.lon - self.corner.lon, self.step.0, columns).zip(at(
            place.lat - self.corner.lat,
            self.step.1,
            rows,
        ))
    }

    /// A point in steps from the lattice's lower left corner; the place of column `c` and row `r` lies at `c + 0.5`, `r + 0.5`.
    #[must_use]
    pub fn point(&self, column: f64, row: f64) -> LonLat {
        LonLat { lon: self.corner.lon + column * self.step.0, lat: self.corner.lat + row * self.step.1 }
    }

    /// What is known of the block in this column and row.
    #[must_use]
    pub fn block(&self, (column, row): (usize, usize)) -> &LatticeBlock {
        let tile = &self.tile[row / TILE * self.tiles.0 + column / TILE];
        let fresh = || std::iter::repeat_with(OnceLock::new).take(TILE * TILE).collect();
        let blocks: &[OnceLock<LatticeBlock>] = tile.get_or_init(fresh);
        blocks[row % TILE * TILE + column % TILE].get_or_init(|| self.look(column, row))
    }

    /// The middle of a square of places, and how far its corners are from there in metres.
    fn middle(&self, square: Square) -> (LonLat, f64) {
        let half = square.side as f64 / 2.0;
        let centre = self.point(square.column as f64 + half, square.row as f64 + half);
        let (x, y) = metres_per_degree(centre.lat);
        (centre, (half * self.step.0 * x).hypot(half * self.step.1 * y))
    }

    fn around(&self, square: Square) -> Around {
        let (centre, radius) = self.middle(square);
        self.snaps.around(centre, radius)
    }

    fn look(&self, column: usize, row: usize) -> LatticeBlock {
        let block = Square::block(column, row);
        let (around, (_, radius)) = (self.around(block), self.middle(block));
        let mut chains: Vec<u32> = Vec::new();
        for quarter in block.quarters() {
            let (centre, radius) = self.middle(quarter);
            chains.extend(
                self.snaps.narrow(&around.segments, centre, radius).segments.iter().map(Segment::chain),
            );
        }
        chains.sort_unstable();
        chains.dedup();
        let rules = self.snaps.rules();
        // A hundredth covers the change of scale inside the block and the choice of the nearest in the tree's plane.
        let most = 1.02 * (around.guess + radius) + 1.0;
        let least = (0.98 * around.guess - 1.02 * radius - 1.0).max(0.0);
        LatticeBlock {
            chains: chains.into(),
            access: (access_ticks(least, rules), access_ticks(most.min(rules.limit.0), rules)),
            whole: most <= rules.limit.0,
            places: OnceLock::new(),
        }
    }

    /// The snaps of a block's places, each equal to [`SnapIndex::snap`] of the place alone.
    pub fn snapped<'b>(&self, block: &'b LatticeBlock, (column, row): (usize, usize)) -> &'b BlockPlaces {
        block.places.get_or_init(|| {
            let square = Square::block(column, row);
            let mut feet: [Vec<Foot>; BLOCK_PLACES] = std::array::from_fn(|_| Vec::new());
            self.snap_square(square, &self.around(square).segments, &mut feet);
            let mut out =
                BlockPlaces { access: [0; BLOCK_PLACES], first: [0; BLOCK_PLACES + 1], feet: Vec::new() };
            for (i, feet) in feet.iter().enumerate() {
                out.access[i] = feet.first().map_or(0, |f| access_ticks(f.distance, self.snaps.rules()).0);
                out.feet.extend(feet.iter().map(|f| on_chain(self.snaps.lay(), f)));
                out.first[i + 1] = out.feet.len() as u16;
            }
            Box::new(out)
        })
    }

    /// Quarters again and again, each with the roads that it may be joined to, down to single places.
    fn snap_square(&self, square: Square, near: &[Segment], out: &mut [Vec<Foot>; BLOCK_PLACES]) {
        if square.side == 1 {
            let place = self.point(square.column as f64 + 0.5, square.row as f64 + 0.5);
            out[square.row % BLOCK * BLOCK + square.column % BLOCK] = self.snaps.feet_among(near, place);
            return;
        }
        for quarter in square.quarters() {
            let (centre, radius) = self.middle(quarter);
            self.snap_square(quarter, &self.snaps.narrow(near, centre, radius).segments, out);
        }
    }
}

/// A square of places, `side` of them along each side.
#[derive(Debug, Clone, Copy)]
struct Square {
    column: usize,
    row: usize,
    side: usize,
}

impl Square {
    fn block(column: usize, row: usize) -> Square {
        Square { column: column * BLOCK, row: row * BLOCK, side: BLOCK }
    }

    fn quarters(self) -> [Square; 4] {
        let side = self.side / 2;
        [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(x, y)| Square {
            column: self.column + x * side,
            row: self.row + y * side,
            side,
        })
    }
}

fn on_chain(lay: &RoadLay, foot: &Foot) -> ChainFoot {
    let chain = &lay.chains[foot.chain as usize];
    let ticks = |d: usize| chain.ticks(d).map_or(u32::MAX, |all| chain.ticks_to(d, foot.metres).min(all));
    ChainFoot { chain: foot.chain, from_tail: [ticks(0), ticks(1)] }
}

#[cfg(test)]
mod tests {
    use super::super::drawing::Drawing;
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
        let (columns, rows) = lattice.blocks();
        let mut joined = 0;
        for at in (0..rows).flat_map(|r| (0..columns).map(move |c| (c, r))).step_by(3) {
            let block = lattice.block(at);
            let snapped = lattice.snapped(block, at);
            for i in 0..BLOCK_PLACES {
                let (column, row) = (at.0 * BLOCK + i % BLOCK, at.1 * BLOCK + i / BLOCK);
                let place = lattice.point(column as f64 + 0.5, row as f64 + 0.5);
                let (access, feet) = snapped.place(i);
                let alone = index.snap(place);
                assert_eq!(alone.is_some(), !feet.is_empty());
                assert!(!block.is_whole() || alone.is_some());
                let Some(alone) = alone else { continue };
                joined += 1;
                assert_eq!(alone.access, access);
                assert!(block.access().0 <= access && access <= block.access().1);
                assert!(feet.iter().all(|f| block.chains().contains(&f.chain)));
                let of = |f: &ChainFoot| f.from_tail.into_iter().filter(|t| *t != u32::MAX);
                let mut ours: Vec<u32> = feet.iter().flat_map(of).collect();
                let mut theirs: Vec<u32> = alone.arcs.iter().map(|a| a.from_tail.0).collect();
                (ours.sort_unstable(), theirs.sort_unstable());
                assert_eq!(ours, theirs);
            }
        }
        assert!(joined > 500);
    }
}
