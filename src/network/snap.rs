//! From a place to the road: the nearest point of a usable segment.

use crate::base::{LonLat, Metres, Ticks};
use crate::network::{ArcId, NodeId, RoadGraph, RoadMap};

/// How places are joined to roads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SnapRules {
    /// Farthest road that counts (setting, 500 m).
    pub limit: Metres,
    /// Walking speed of access legs in km/h (setting, 5).
    pub walk_kmh: f64,
    /// Components with fewer map nodes are scraps, unless largest or carrying a site or caregiver (200).
    pub least_component_nodes: u32,
}

impl Default for SnapRules {
    fn default() -> Self {
        SnapRules { limit: Metres(500.0), walk_kmh: 5.0, least_component_nodes: 200 }
    }
}

/// One way to leave or reach a snapped point along an arc of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapArc {
    /// The arc the point lies on.
    pub arc: ArcId,
    /// Node the arc leaves.
    pub tail: NodeId,
    /// Node the arc reaches.
    pub head: NodeId,
    /// Ticks from the tail to the point, without the access leg.
    pub from_tail: Ticks,
    /// Ticks from the point to the head, without the access leg.
    pub to_head: Ticks,
}

/// A place joined to the road. Two snaps on the same arc can also be joined along it.
#[derive(Debug, Clone, PartialEq)]
pub struct Snap {
    /// Every arc that passes the point (both directions, and all segments that meet there); a one-way road has one.
    pub arcs: Vec<SnapArc>,
    /// The straight walk between the place and the road.
    pub access: Ticks,
    /// Its length.
    pub distance: Metres,
    /// The point on the road.
    pub at: LonLat,
    /// Strongly connected component of the road there, for the cause `disconnected`.
    pub component: u32,
}

/// Finds the nearest usable segment of one mode.
#[derive(Debug)]
pub struct SnapIndex {}

impl SnapIndex {
    /// An index over the usable segments; components that `carried` places (sites, caregivers) snap to are usable too.
    #[must_use]
    pub fn build(_map: &RoadMap, _graph: &RoadGraph, _rules: SnapRules, _carried: &[LonLat]) -> SnapIndex {
        SnapIndex {}
    }

    /// The nearest point of a usable segment, `None` beyond the limit.
    #[must_use]
    pub fn snap(&self, _place: LonLat) -> Option<Snap> {
        None
    }

    /// All places at once, in parallel; the answer has the order of `places`.
    #[must_use]
    pub fn snap_all(&self, places: &[Option<LonLat>]) -> Vec<Option<Snap>> {
        places.iter().map(|p| p.and_then(|p| self.snap(p))).collect()
    }
}
