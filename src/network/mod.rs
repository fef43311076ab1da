//! Floor `network`: which roads are there? `.osm.pbf` to directed road graphs, one a travel mode, and snapping.
//!
//! [`RoadMap`] holds what the map says, whatever the mode; [`RoadGraph`] is one mode's view of it in ticks;
//! [`SnapIndex`] joins places to it.

mod pbf;
mod tags;
mod tile_roads;
mod column;
mod harvest;
mod clip;
mod import;
mod road_map;
mod road_file;
mod mode;
mod speed;
mod access;
mod oneway;
mod maxspeed;
mod chains;
mod components;
mod turns;
mod states;
mod graph;
mod snap;
mod lattice;
mod lattice_places;
mod edit;

#[cfg(test)]
pub(crate) mod drawing;
#[cfg(test)]
mod tests_hostile;
#[cfg(test)]
mod tests_osmpbf;
#[cfg(test)]
mod tests_semantics;
#[cfg(test)]
mod tests_turns;

pub use edit::SpeedEdits;
pub use graph::{ArcId, NodeId, RoadGraph, RoadLay};
pub use lattice::{LatticeScratch, SnapLattice};
pub use lattice_places::{
    BLOCK as LATTICE_BLOCK, ChainFoot, ChainOfBlock, LatticeBlocks, LatticePatch, LatticePlace, Look,
    PATCH as LATTICE_PATCH, QUARTER_PLACES, QuarterPlaces,
};
pub use mode::ModeFile;
pub use road_map::{ImportOptions, ImportReport, MapPlace, RoadMap, WaySpeed};
pub use snap::{Snap, SnapArc, SnapIndex, SnapRules};
