//! The travel table: origins x destinations.

use crate::base::{Seconds, Ticks};
use crate::travel::sheet::Sheet;
use crate::travel::sweep::{Kept, KeptTargets};

/// Which way journeys run between a centre and places around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the centre to the places (rule R01: to the home).
    Outward,
    /// From the places to the centre.
    Towards,
}

/// Which engine fills a table; all give the same integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Chosen from the counts of origins, destinations and nodes.
    Auto,
    /// Bucket Dijkstra, bounded, one origin at a time.
    Dijkstra,
    /// Batched sweep over a customised contraction hierarchy.
    Sweep,
}

/// Travel times of `rows` origins to `cols` destinations, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TravelTable {
    rows: usize,
    cols: usize,
    cells: Cells,
    engine: Engine,
}

/// u16 while the limit is below 109 minutes, else u32; the largest value means "not reached".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cells {
    Narrow(Sheet<u16>),
    Wide(Sheet<u32>),
}

/// One cell or lane of either width. The largest value means "not reached", and sums saturate there.
pub(super) trait Lane: bytemuck::Pod + Ord + std::fmt::Debug + Send + Sync + 'static {
    /// "Not reached".
    const NEVER: Self;
    /// The value, or `NEVER` where it does not fit.
    fn from_ticks(ticks: u32) -> Self;
    /// The sum; anything beyond the type stays `NEVER`.
    fn plus(self, other: Self) -> Self;
    /// The table's cells of this width.
    fn cells(values: Sheet<Self>) -> Cells;
    /// The destinations kept for lanes of this width.
    fn kept(all: &KeptTargets) -> &Kept<Self>;
}

impl Lane for u16 {
    const NEVER: u16 = u16::MAX;
    #[inline(always)]
    fn from_ticks(ticks: u32) -> u16 {
        u16::try_from(ticks).unwrap_or(u16::MAX)
    }
    #[inline(always)]
    fn plus(self, other: u16) -> u16 {
        self.saturating_add(other)
    }
    fn cells(values: Sheet<u16>) -> Cells {
        Cells::Narrow(values)
    }
    fn kept(all: &KeptTargets) -> &Kept<u16> {
        &all.narrow
    }
}

impl Lane for u32 {
    const NEVER: u32 = u32::MAX;
    #[inline(always)]
    fn from_ticks(ticks: u32) -> u32 {
        ticks
    }
    #[inline(always)]
    fn plus(self, other: u32) -> u32 {
        self.saturating_add(other)
    }
    fn cells(values: Sheet<u32>) -> Cells {
        Cells::Wide(values)
    }
    fn kept(all: &KeptTargets) -> &Kept<u32> {
        &all.wide
    }
}

impl TravelTable {
    /// A filled table; `cells` holds `rows * cols` values.
    pub(super) fn new(rows: usize, cols: usize, cells: Cells, engine: Engine) -> TravelTable {
        TravelTable { rows, cols, cells, engine }
    }

    /// Number of origins.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of destinations.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// The engine that filled the table.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Travel time, access legs included; `None`: unreachable, not snapped, or beyond the limit.
    #[must_use]
    pub fn get(&self, origin: usize, destination: usize) -> Option<Ticks> {
        let at = origin * self.cols + destination;
        match &self.cells {
            Cells::Narrow(c) => (c[at] != u16::MAX).then(|| Ticks(u32::from(c[at]))),
            Cells::Wide(c) => (c[at] != u32::MAX).then(|| Ticks(c[at])),
        }
    }

    /// The same in whole seconds, rounded up.
    #[must_use]
    pub fn seconds(&self, origin: usize, destination: usize) -> Option<Seconds> {
        self.get(origin, destination).map(Ticks::seconds_up)
    }
}
