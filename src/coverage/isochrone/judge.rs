//! Which parts of a patch belong to each band?

use super::flood::{Lit, with_access};
use super::{IsochroneQuestion, PATCH_BLOCKS};
use crate::network::{LATTICE_BLOCK, LatticeBlocks, LatticeScratch, QUARTER_PLACES, SnapLattice};
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
    scratch: LatticeScratch,
}

impl<'a> Judge<'a> {
    pub fn new(
        question: &'a IsochroneQuestion,
        lattice: &'a SnapLattice,
        times: &'a ChainTimes,
    ) -> Judge<'a> {
        Judge { question, lattice, times, near: NearTimes::default(), scratch: LatticeScratch::default() }
    }

    /// The blocks of a patch, row by row, for each band; bit `8 r + c` of a block is the part in its row `r` and column `c`.
    pub fn patch(&mut self, lit: &Lit<'_>, cells: &mut [[u64; PATCH_BLOCKS]]) {
        if let Some(band) = self.settled(lit.patch.look().whole, lit.range) {
            band.into_iter().for_each(|b| cells[b] = [u64::MAX; PATCH_BLOCKS]);
            return;
        }
        self.times.narrow(lit.patch.chains(), &mut self.near);
        let blocks = self.lattice.blocks(lit.at, &mut self.scratch);
        for block in 0..PATCH_BLOCKS {
            self.block(blocks, lit.at, block, cells);
        }
    }

    /// The band of all places, none for "outside"; `None`: they may differ.
    fn settled(&self, whole: bool, (least, most): (u32, u32)) -> Option<Option<usize>> {
        let band = |ticks: u32| self.question.minutes.iter().position(|m| ticks <= m * 600);
        let nearest = band(least);
        (nearest.is_none() || (whole && nearest == band(most))).then_some(nearest)
    }

    /// One block of the patch in this column and row.
    fn block(
        &mut self,
        blocks: &LatticeBlocks,
        at: (usize, usize),
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
            let shift = q / 2 * 8 * QUARTER + q % 2 * QUARTER;
            if let Some(band) = self.settled(look.whole, with_access(range, look)) {
                band.into_iter().for_each(|b| cells[b][block] |= WHOLE_QUARTER << shift);
                continue;
            }
            let mut ticks = [0; QUARTER_PLACES];
            self.near.fill(self.lattice.snapped(blocks, at, (block, q), &mut self.scratch), &mut ticks);
            let mut nearer = 0;
            for (cells, minutes) in cells.iter_mut().zip(&self.question.minutes) {
                let bit = |set: u64, (i, t): (usize, &u32)| {
                    set | u64::from(*t <= minutes * 600) << (i / QUARTER * 8 + i % QUARTER)
                };
                let within = ticks.iter().enumerate().fold(0, bit);
                cells[block] |= (within & !nearer) << shift;
                nearer = within;
            }
        }
    }
}
