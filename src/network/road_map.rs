//! What the map says, whatever the mode.

use crate::base::{Bounds, Fault, LonLat, Outcome, Progress};
use crate::network::ModeFile;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// How a map is read.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// Keep only what lies in this GeoJSON area (and a rim).
    pub clip: Option<PathBuf>,
}

/// What an import saw; nothing is dropped silently.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ImportReport {
    /// Road nodes kept.
    pub nodes: u64,
    /// Directed arcs between junctions, before any mode.
    pub arcs: u64,
    /// Highway and ferry ways kept.
    pub ways: u64,
    /// Turn restrictions kept.
    pub restrictions: u64,
    /// Weakly connected components of the road map.
    pub components: u64,
    /// Ways with nodes that the extract does not hold.
    pub clipped_ways: u64,
    /// Map objects that could not be used, with their reason and count.
    pub rejected: std::collections::BTreeMap<String, u64>,
}

/// A named `place` node of the map.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MapPlace {
    /// `name`, or `name:zh` where there is one.
    pub name: String,
    /// `place`: city, town, village, hamlet …
    pub kind: String,
    /// Where it stands.
    pub at: LonLat,
}

/// One highway way as a mode sees it (`caregrid roads`).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WaySpeed {
    /// The map's id of the way.
    pub way_id: i64,
    /// Speed along the way; `None`: not allowed.
    pub forward_kmh: Option<f64>,
    /// Speed against the way; `None`: not allowed.
    pub backward_kmh: Option<f64>,
    /// The tag that decided.
    pub reason: String,
}

/// The road network of a map: nodes, ways with their tags, restrictions, barriers, places.
#[derive(Debug)]
pub struct RoadMap {}

impl RoadMap {
    /// Reads an `.osm.pbf`.
    ///
    /// # Errors
    /// The file is missing, empty, cut, not a PBF, or lies about itself; the sentence names file, blob and cause.
    pub fn import(
        _map: &Path,
        _options: &ImportOptions,
        _progress: &dyn Progress,
    ) -> Outcome<(RoadMap, ImportReport)> {
        Err(Fault::refused("尚未实现。", "not built yet."))
    }

    /// Loads a road file by memory map (header checked), or imports an `.osm.pbf`: decided by the file's first bytes.
    ///
    /// # Errors
    /// As [`RoadMap::import`]; a road file of a newer version or with a damaged header.
    pub fn open(_path: &Path, _progress: &dyn Progress) -> Outcome<RoadMap> {
        Err(Fault::refused("尚未实现。", "not built yet."))
    }

    /// Writes the versioned road file; the same map gives the same bytes.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, _road_file: &Path) -> Outcome<()> {
        Err(Fault::refused("尚未实现。", "not built yet."))
    }

    /// Checks a whole road file against the hashes in its header.
    ///
    /// # Errors
    /// The file is damaged; the sentence names the section.
    pub fn verify(_road_file: &Path) -> Outcome<()> {
        Err(Fault::refused("尚未实现。", "not built yet."))
    }

    /// The rectangle around all road nodes.
    #[must_use]
    pub fn bounds(&self) -> Option<Bounds> {
        None
    }

    /// The map's named places, in the file's order.
    #[must_use]
    pub fn places(&self) -> Vec<MapPlace> {
        Vec::new()
    }

    /// Every highway way as `mode` sees it, in the map's order.
    #[must_use]
    pub fn way_speeds(&self, _mode: &ModeFile) -> Vec<WaySpeed> {
        Vec::new()
    }

    /// Calls `draw` with the `highway` class and the line of every way that meets `window`, in the map's order; for maps and tiles.
    pub fn for_each_way_in(&self, _window: &Bounds, _draw: &mut dyn FnMut(&str, &[LonLat])) {}
}
