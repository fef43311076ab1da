//! Floor `network`: which roads are there? `.osm.pbf` to directed road graphs, one a travel mode, and snapping.
//!
//! [`RoadMap`] holds what the map says, whatever the mode; [`RoadGraph`] is one mode's view of it in ticks;
//! [`SnapIndex`] joins places to it.

mod graph;
mod mode;
mod road_map;
mod snap;

pub use graph::{ArcId, NodeId, RoadGraph};
pub use mode::ModeFile;
pub use road_map::{ImportOptions, ImportReport, MapPlace, RoadMap, WaySpeed};
pub use snap::{Snap, SnapArc, SnapIndex, SnapRules};
