//! The batched sweep: one downward pass over a customised contraction hierarchy serves 32 origins at once.
//!
//! 1. [`low_degree`] removes chains and dead ends, [`nested_dissection`] orders the rest by [`inertial_flow`] cuts.
//! 2. [`cch`] contracts in that order, whatever the ticks (customisable contraction hierarchies: Dibbelt, Strasser, Wagner 2016).
//! 3. [`customise`] brings the ticks in and drops arcs that no shortest up-down path needs (perfect customisation).
//! 4. [`batch`] answers tables (PHAST: Delling, Goldberg, Nowatzyk, Werneck 2011; restricted to the destinations' ancestors: RPHAST).
//!
//! Steps 1 and 2 depend on the shape of the network only, so new speeds repeat step 3 alone.

mod batch;
mod cch;
mod customise;
mod inertial_flow;
mod low_degree;
mod nested_dissection;
mod undirected;

pub(super) use batch::sweep_rows;

use crate::network::RoadGraph;
use cch::ContractionHierarchy;
use customise::Customised;
use std::time::Instant;

/// A graph made ready for sweeps. Immutable; each thread of a table has its own lanes.
#[derive(Debug)]
pub struct SweepIndex {
    hierarchy: ContractionHierarchy,
    metric: Customised,
    timings: SweepTimings,
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
        let contract_ms = milliseconds(start);
        let mut index =
            SweepIndex { hierarchy, metric: Customised::default(), timings: SweepTimings::default() };
        index.customise(&graph.ticks);
        index.timings.contract_ms = contract_ms;
        index
    }

    /// Brings new `ticks` in (one for each arc of the graph that the index was built for); `u32::MAX` closes an arc.
    pub fn customise(&mut self, ticks: &[u32]) {
        let start = Instant::now();
        self.metric = Customised::new(&self.hierarchy, ticks);
        self.timings.customise_ms = milliseconds(start);
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
