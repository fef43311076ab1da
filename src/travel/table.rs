//! The travel table: origins x destinations.

use crate::base::{Fault, Outcome, Progress, Seconds, Ticks};
use crate::network::{RoadGraph, Snap};

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
enum Cells {
    Narrow(Vec<u16>),
    Wide(Vec<u32>),
}

impl TravelTable {
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

/// Fills a table of journeys from every `from` to every `to` within `limit` (`None`: no limit). A cell depends on its two points only.
///
/// # Errors
/// The person cancelled.
pub fn travel_table(
    _graph: &RoadGraph,
    _from: &[Option<Snap>],
    _to: &[Option<Snap>],
    _limit: Option<Ticks>,
    _engine: Engine,
    _progress: &dyn Progress,
) -> Outcome<TravelTable> {
    Err(Fault::refused("尚未实现。", "not built yet."))
}
