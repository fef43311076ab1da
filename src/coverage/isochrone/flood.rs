//! Which patches may hold a place inside?

use super::{MOST_CELLS, PATCH_BLOCKS, PATCHES_A_TASK, too_large};
use crate::base::{Fault, Outcome, Progress, Ticks};
use crate::network::{LatticePatch, LatticeScratch, Look, QUARTER_PLACES, SnapLattice};
use crate::travel::ChainTimes;
use rayon::prelude::*;

/// A patch that may hold a place inside, by column and row, and the least and most ticks of any journey to it.
pub(super) struct Lit<'a> {
    pub at: (usize, usize),
    pub patch: &'a LatticePatch,
    pub range: (u32, u32),
}

/// Finds the patches that may hold a place inside, from those of reached junctions on: a road is followed as far as it is reached, and
/// a walk from it to a place inside leads through places inside, so nothing inside lies beyond patches that cannot hold any.
pub(super) struct Flood<'a> {
    pub lattice: &'a SnapLattice,
    pub times: &'a ChainTimes,
    pub limit: Ticks,
}

impl<'a> Flood<'a> {
    /// The patches, from those of the seeds on, each once, in an order that depends on the seeds only.
    pub fn patches(
        &self,
        seeds: impl Iterator<Item = (u32, u32)>,
        progress: &dyn Progress,
    ) -> Outcome<Vec<Lit<'a>>> {
        let (columns, rows) = self.lattice.patches();
        let mut seen = vec![0_u64; (columns * rows).div_ceil(64)];
        let mut is_new = |(column, row): &(usize, usize)| {
            let at = row * columns + column;
            let (word, bit) = (&mut seen[at / 64], 1_u64 << (at % 64));
            let new = *word & bit == 0;
            *word |= bit;
            new
        };
        let seeds = seeds.map(|(column, row)| (column as usize, row as usize));
        let mut open: Vec<_> = seeds.filter(&mut is_new).collect();
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

/// A range of ticks on the road, with the shortest and the longest access leg.
pub(super) fn with_access((least, most): (u32, u32), look: Look) -> (u32, u32) {
    (least.saturating_add(look.access.0.0), most.saturating_add(look.access.1.0))
}
