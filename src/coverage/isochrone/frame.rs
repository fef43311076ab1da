//! All patches in one rectangle of parts, a set for each band.

use super::flood::Lit;
use super::{MOST_CELLS, PATCH_BLOCKS, too_large};
use crate::base::Outcome;
use crate::coverage::grid_rings::{BLOCK, CellSet};
use crate::network::{LATTICE_BLOCK, LATTICE_PATCH, QUARTER_PLACES};

/// The rectangle of patches that holds everything inside.
pub(super) struct Frame {
    west: usize,
    south: usize,
    columns: usize,
    rows: usize,
}

const _: () = assert!(LATTICE_BLOCK == BLOCK, "a block of places is a block of cells");

impl Frame {
    pub fn of(lit: &[Lit<'_>], cells: &[[u64; PATCH_BLOCKS]], bands: usize) -> Outcome<Frame> {
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
    pub fn set<'c>(&self, lit: &[Lit<'_>], cells: impl Iterator<Item = &'c [u64; PATCH_BLOCKS]>) -> CellSet {
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
    pub fn corner(&self) -> (usize, usize) {
        let side = LATTICE_PATCH * BLOCK;
        (self.west.saturating_mul(side), self.south.saturating_mul(side))
    }
}
