//! One mode's directed road graph in compressed sparse rows, in ticks.

use crate::base::Outcome;
use crate::network::{ModeFile, RoadMap};

/// A state of the search: a junction, or a copy of one behind an arc that some turns may not follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// A directed arc of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArcId(pub u32);

/// One mode's road graph. Immutable; queries carry their own memory.
#[derive(Debug, Default)]
pub struct RoadGraph {
    /// `first_out[n]..first_out[n + 1]` are the arcs leaving node `n`; length nodes + 1.
    pub first_out: Vec<u32>,
    /// Head node of each arc.
    pub head: Vec<u32>,
    /// Ticks of each arc, barrier costs included.
    pub ticks: Vec<u32>,
    /// A place near each node, for spatial sorting only; length nodes.
    pub position: Vec<crate::base::LonLat>,
}

impl RoadGraph {
    /// The graph of one mode, turn restrictions expanded where they bind.
    ///
    /// # Errors
    /// The map has no road for the mode.
    pub fn build(_map: &RoadMap, _mode: &ModeFile) -> Outcome<RoadGraph> {
        Err(crate::base::Fault::refused("尚未实现。", "not built yet."))
    }

    /// Number of nodes.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.first_out.len().saturating_sub(1)
    }

    /// Number of arcs.
    #[must_use]
    pub fn arcs(&self) -> usize {
        self.head.len()
    }
}
