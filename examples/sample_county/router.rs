//! The generator's own plain Dijkstra: road lengths to the seat and rough travel times, to plant gaps and place caregivers.

use crate::network::{Network, Road};
use caregrid::base::Mode;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A directed graph: `arcs[first[n]..first[n + 1]]` leave node `n`; a weight is metres or seconds.
pub struct Graph {
    first: Vec<usize>,
    arcs: Vec<(u32, f64)>,
}

impl Graph {
    /// `weight(road, metres)` is `None` where the road is closed.
    fn new(network: &Network, both_ways: bool, weight: impl Fn(&Road, f64) -> Option<f64>) -> Graph {
        let mut arcs: Vec<(u32, u32, f64)> = Vec::new();
        for road in &network.roads {
            for w in road.nodes.windows(2) {
                let metres = network.at(w[0]).lonlat().metres_to(network.at(w[1]).lonlat()).0;
                let Some(weight) = weight(road, metres) else { continue };
                arcs.push((w[0], w[1], weight));
                if both_ways || !road.oneway() {
                    arcs.push((w[1], w[0], weight));
                }
            }
        }
        arcs.sort_by_key(|(from, to, _)| (*from, *to));
        let mut first = vec![0; network.points.len() + 1];
        arcs.iter().for_each(|(from, _, _)| first[*from as usize + 1] += 1);
        (1..first.len()).for_each(|n| first[n] += first[n - 1]);
        Graph { first, arcs: arcs.into_iter().map(|(_, to, w)| (to, w)).collect() }
    }

    /// Travel seconds of one mode; bollards stop cars, private tracks stop everybody.
    pub fn of_mode(network: &Network, mode: Mode) -> Graph {
        let blocked: std::collections::BTreeSet<u32> = network
            .node_tags
            .iter()
            .filter(|(_, tags)| {
                mode == Mode::Car && tags.iter().any(|(k, v)| *k == "barrier" && v == "bollard")
            })
            .map(|(n, _)| *n)
            .collect();
        let closed = |road: &Road| road.nodes.iter().any(|n| blocked.contains(n));
        Graph::new(network, mode == Mode::Foot, |road, metres| {
            let open = !closed(road) && !road.extra.contains(&("access", "private"));
            open.then(|| metres * 3.6 / kmh(mode, road))
        })
    }

    /// Weight from `from` to every node, infinite beyond `limit`.
    pub fn reach(&self, from: u32, limit: f64) -> Vec<f64> {
        let mut best = vec![f64::INFINITY; self.first.len() - 1];
        let mut queue = BinaryHeap::new();
        best[from as usize] = 0.0;
        queue.push(Reverse((0u64, from)));
        while let Some(Reverse((key, node))) = queue.pop() {
            let now = best[node as usize];
            if key > millis(now) {
                continue;
            }
            for (to, weight) in &self.arcs[self.first[node as usize]..self.first[node as usize + 1]] {
                let then = now + weight;
                if then < best[*to as usize] && then <= limit {
                    best[*to as usize] = then;
                    queue.push(Reverse((millis(then), *to)));
                }
            }
        }
        best
    }
}

/// Queue keys in thousandths, so that they order without floats.
fn millis(weight: f64) -> u64 {
    (weight * 1000.0).round() as u64
}

/// Speeds of the shipped mode files for the roads drawn here, so that planted gaps mean what they say.
fn kmh(mode: Mode, road: &Road) -> f64 {
    let [car, motorcycle, ebike] = match (road.highway, road.tracktype) {
        ("secondary", _) => [50.0, 45.0, 22.0],
        ("tertiary", _) => [40.0, 40.0, 22.0],
        ("unclassified", _) if road.surface == "gravel" => [30.0, 30.0, 10.0],
        ("unclassified", _) => [30.0, 30.0, 20.0],
        ("residential", _) => [25.0, 25.0, 18.0],
        (_, "grade2") => [15.0, 18.0, 10.0],
        (_, "grade3") => [15.0, 18.0, 12.0],
        (_, "grade4") => [15.0, 15.0, 10.0],
        (_, _) => [10.0, 10.0, 7.0],
    };
    match mode {
        Mode::Car => car,
        Mode::Motorcycle => motorcycle,
        Mode::Ebike => ebike,
        Mode::Foot => 4.5,
    }
}

/// Metres of road from `from` to every node, one-ways ignored.
pub fn lengths(network: &Network, from: u32) -> Vec<f64> {
    Graph::new(network, true, |_, metres| Some(metres)).reach(from, f64::INFINITY)
}

/// Number of weakly connected pieces and, for each node, the number of nodes in its piece.
pub fn pieces(network: &Network) -> (usize, Vec<usize>) {
    let graph = Graph::new(network, true, |_, metres| Some(metres));
    let mut size = vec![0; network.points.len()];
    let mut count = 0;
    for start in 0..network.points.len() {
        if size[start] > 0 {
            continue;
        }
        count += 1;
        let mut members = vec![start];
        size[start] = 1;
        let mut next = 0;
        while next < members.len() {
            let node = members[next];
            next += 1;
            for (to, _) in &graph.arcs[graph.first[node]..graph.first[node + 1]] {
                if size[*to as usize] == 0 {
                    size[*to as usize] = 1;
                    members.push(*to as usize);
                }
            }
        }
        members.iter().for_each(|m| size[*m] = members.len());
    }
    (count, size)
}
