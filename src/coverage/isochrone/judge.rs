//! Which parts of a patch belong to each band?

use super::flood::{Lit, with_access};
use super::{IsochroneQuestion, PATCH_BLOCKS};
use crate::network::{
    LATTICE_BLOCK, LatticeBlocks, LatticeScratch, QUARTER_PLACES, QuarterPlaces, SnapLattice,
};
use crate::travel::{ChainTimes, NearTimes};

/// Parts along the side of a quarter of a block, and all of the lower left one.
const QUARTER: usize = LATTICE_BLOCK / 2;
const WHOLE_QUARTER: u64 = 0x0f0f_0f0f;

/// Finds the parts that belong to each band, block by block and place by place only where what is known of more does not settle it.
pub(super) struct Judge<'a> {
    question: &'a IsochroneQuestion,
    lattice: &'a SnapLattice,
    times: &'a ChainTimes,
    /// Of the patch at hand.
    near: NearTimes,
    /// Its quarters of blocks that only their places settle.
    open: Vec<Quarter<'a>>,
    scratch: LatticeScratch,
}

/// A quarter of a block and its places.
struct Quarter<'a> {
    block: usize,
    quarter: usize,
    places: &'a QuarterPlaces,
}

impl<'a> Judge<'a> {
    pub fn new(
        question: &'a IsochroneQuestion,
        lattice: &'a SnapLattice,
        times: &'a ChainTimes,
    ) -> Judge<'a> {
        let (near, scratch) = (NearTimes::default(), LatticeScratch::default());
        Judge { question, lattice, times, near, open: Vec::new(), scratch }
    }

    /// Each patch for each band.
    pub fn patches(&mut self, lit: &[Lit<'_>], cells: &mut [[u64; PATCH_BLOCKS]]) {
        let open = lit.iter().filter(|lit| self.settled(lit.patch.look().whole, lit.range).is_none());
        fetched(open.filter_map(|lit| self.lattice.known_blocks(lit.at)).map(|b| b.look(0).access.0.0));
        for (lit, cells) in lit.iter().zip(cells.chunks_mut(self.question.minutes.len())) {
            self.patch(lit, cells);
        }
    }

    /// The blocks of a patch, row by row, for each band; bit `8 r + c` of a block is the part in its row `r` and column `c`.
    fn patch(&mut self, lit: &Lit<'_>, cells: &mut [[u64; PATCH_BLOCKS]]) {
        if let Some(band) = self.settled(lit.patch.look().whole, lit.range) {
            band.into_iter().for_each(|b| cells[b] = [u64::MAX; PATCH_BLOCKS]);
            return;
        }
        self.times.narrow(lit.patch.chains(), &mut self.near);
        let blocks = self.lattice.blocks(lit.at, &mut self.scratch);
        self.open.clear();
        for block in 0..PATCH_BLOCKS {
            self.block((lit.at, blocks), block, cells);
        }
        let first = self.open.iter().map(|open| open.places.first().iter().step_by(4).map(|p| p.access.0));
        fetched(first.flatten());
        for i in 0..self.open.len() {
            self.places(&self.open[i], cells);
        }
    }

    /// The band of all places, none for "outside"; `None`: they may differ.
    fn settled(&self, whole: bool, (least, most): (u32, u32)) -> Option<Option<usize>> {
        let band = |ticks: u32| self.question.minutes.iter().position(|m| ticks <= m * 600);
        let nearest = band(least);
        (nearest.is_none() || (whole && nearest == band(most))).then_some(nearest)
    }

    /// One block of the patch, but for the quarters that are left open.
    fn block(
        &mut self,
        (at, blocks): ((usize, usize), &'a LatticeBlocks),
        block: usize,
        cells: &mut [[u64; PATCH_BLOCKS]],
    ) {
        let (look, chains) = (blocks.look(block), blocks.chains(block));
        if let Some(band) = self.settled(look.whole, with_access(self.near.range(chains), look)) {
            band.into_iter().for_each(|b| cells[b][block] = u64::MAX);
            return;
        }
        for (q, range) in self.near.ranges(chains).into_iter().enumerate() {
            let look = blocks.quarters(block)[q];
            match self.settled(look.whole, with_access(range, look)) {
                Some(band) => band.into_iter().for_each(|b| cells[b][block] |= WHOLE_QUARTER << shift(q)),
                None => {
                    let places = self.lattice.snapped(blocks, at, (block, q), &mut self.scratch);
                    self.open.push(Quarter { block, quarter: q, places });
                }
            }
        }
    }

    /// A quarter of a block place by place.
    fn places(&self, open: &Quarter<'_>, cells: &mut [[u64; PATCH_BLOCKS]]) {
        let mut ticks = [0; QUARTER_PLACES];
        self.near.fill(open.places, &mut ticks);
        let mut nearer = 0;
        for (cells, minutes) in cells.iter_mut().zip(&self.question.minutes) {
            let bit = |set: u64, (i, t): (usize, &u32)| {
                set | u64::from(*t <= minutes * 600) << (i / QUARTER * 8 + i % QUARTER)
            };
            let within = ticks.iter().enumerate().fold(0, bit);
            cells[open.block] |= (within & !nearer) << shift(open.quarter);
            nearer = within;
        }
    }
}

/// Reads these, which lie far apart in memory: read at once, their waits overlap.
fn fetched(values: impl Iterator<Item = u32>) {
    std::hint::black_box(values.fold(0, |all, value| all | value));
}

/// Where the parts of a block's quarter begin.
fn shift(quarter: usize) -> usize {
    quarter / 2 * 8 * QUARTER + quarter % 2 * QUARTER
}
