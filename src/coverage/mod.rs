//! Floor `coverage`: who is inside 30 minutes, who is not, and why?

mod grid_rings;
mod isochrone;
mod reach;
mod verdict;

pub use isochrone::{
    CELL as ISOCHRONE_CELL, Isochrone, IsochroneBand, IsochroneCells, IsochroneQuestion, isochrone,
};
pub use reach::{is_reached, reachable_nodes};
pub use verdict::{Cause, Verdict};
