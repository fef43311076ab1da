//! The batched sweep: one downward pass over a customised contraction hierarchy serves 32 origins at once.
//!
//! 1. [`low_degree`] removes chains and dead ends, [`nested_dissection`] orders the rest by [`inertial_flow`] cuts.
//! 2. [`cch`] contracts in that order, whatever the ticks (customisable contraction hierarchies: Dibbelt, Strasser, Wagner 2016).
//! 3. [`customise`] brings the ticks in and drops arcs that no shortest up-down path needs (perfect customisation).
//!    [`recustomise`] does so for a few arcs.
//! 4. [`batch`] answers tables to [`targets`] by loops over [`lanes`] (PHAST: Delling, Goldberg, Nowatzyk, Werneck 2011; restricted to the destinations' ancestors: RPHAST).
//!
//! Steps 1 and 2 depend on the shape of the network only, so new speeds repeat step 3 alone.

mod batch;
mod cch;
mod customise;
mod inertial_flow;
mod lanes;
mod low_degree;
mod nested_dissection;
mod recustomise;
mod targets;
mod undirected;

pub(super) use batch::{sweep_rows, sweep_rows_to};
pub(super) use targets::{Kept, KeptTargets};

use crate::base::Ticks;
use crate::network::{RoadGraph, Snap};
use crate::travel::sheet::Sheets;
use cch::ContractionHierarchy;
use customise::{Below, Customised, Metric};
use recustomise::OwnArcs;
use std::time::Instant;

/// A graph made ready for sweeps. Immutable; each thread of a table has its own lanes.
#[derive(Debug)]
pub struct SweepIndex {
    hierarchy: ContractionHierarchy,
    below: Below,
    own: OwnArcs,
    weights: Metric,
    /// The arcs that sweeps use.
    metric: Customised,
    timings: SweepTimings,
    kept: KeptTargets,
    sheets: Sheets,
}

/// What preparing cost, in milliseconds; for logs and benchmarks, never for decisions.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SweepTimings {
    /// Reduction and nested dissection.
    pub order_ms: f64,
    /// Contraction.
    pub contract_ms: f64,
    /// Customisation, the part that a speed edit repeats.
    pub customise_ms: f64,
}

impl SweepIndex {
    /// Orders, contracts and customises `graph`.
    #[must_use]
    pub fn build(graph: &RoadGraph) -> SweepIndex {
        let start = Instant::now();
        let order = SweepIndex::order(graph);
        let order_ms = milliseconds(start);
        let mut index = SweepIndex::with_order(graph, &order);
        index.timings.order_ms = order_ms;
        index
    }

    /// The order of contraction, lowest first: a permutation of the graph's nodes that depends on its shape and positions only.
    #[must_use]
    pub fn order(graph: &RoadGraph) -> Vec<u32> {
        let low = low_degree::eliminate(undirected::Undirected::of_graph(graph));
        let mut order = low.eliminated;
        order.extend(nested_dissection::order(&low.core, &low.core_nodes, &graph.position));
        order
    }

    /// Contracts and customises `graph` in an order kept from before (see [`SweepIndex::order`]).
    #[must_use]
    pub fn with_order(graph: &RoadGraph, order: &[u32]) -> SweepIndex {
        let start = Instant::now();
        let hierarchy = ContractionHierarchy::contract(graph, order);
        let (below, own) = (Below::new(&hierarchy), OwnArcs::new(&hierarchy));
        let contract_ms = milliseconds(start);
        let (weights, metric) = (Metric::default(), Customised::default());
        let (timings, kept) = (SweepTimings::default(), KeptTargets::default());
        let sheets = Sheets::default();
        let mut index = SweepIndex { hierarchy, below, own, weights, metric, timings, kept, sheets };
        index.customise(&graph.ticks);
        index.timings.contract_ms = contract_ms;
        index
    }

    /// Brings new `ticks` in (one for each arc of the graph that the index was built for); `u32::MAX` closes an arc.
    pub fn customise(&mut self, ticks: &[u32]) {
        let start = Instant::now();
        self.weights = Metric::new(&self.hierarchy, &self.below, ticks);
        self.metric = self.weights.needed(&self.hierarchy);
        self.kept = KeptTargets::default();
        self.timings.customise_ms = milliseconds(start);
    }

    /// The same where only the graph's arcs `changed` have other ticks than before: one way's speed, a road closed.
    pub fn customise_arcs(&mut self, ticks: &[u32], changed: &[u32]) {
        let start = Instant::now();
        self.weights.update(&self.hierarchy, (&self.below, &self.own), ticks, changed);
        self.metric = self.weights.needed(&self.hierarchy);
        self.kept = KeptTargets::default();
        self.timings.customise_ms = milliseconds(start);
    }

    /// Bytes of lanes and cells that a u16 table within `limit` moves, skipped subtrees left out; for benchmarks.
    #[must_use]
    pub fn bytes_moved(&self, from: &[Option<Snap>], to: &[Option<Snap>], limit: Ticks) -> u64 {
        batch::bytes_moved(self, from, to, limit.0)
    }

    /// What preparing cost.
    #[must_use]
    pub fn timings(&self) -> SweepTimings {
        self.timings
    }

    /// Arcs of the hierarchy, and those that sweeps still use (upward, downward) after perfect customisation.
    #[must_use]
    pub fn arc_counts(&self) -> (usize, usize, usize) {
        (self.hierarchy.arcs(), self.metric.up.arcs(), self.metric.down.arcs())
    }
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
