//! One mode's directed road graph in compressed sparse rows, in ticks.

use super::chains::{Chain, Chains};
use super::components::strong_components;
use super::road_map::degrees;
use super::states::{Expanded, expand};
use super::turns::forbidden;
use crate::base::{Fault, Outcome, Ticks};
use crate::network::{ModeFile, RoadMap, SnapArc};
use sha2::Digest;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A state of the search: a junction, or a copy of one behind an arc that some turns may not follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// A directed arc of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArcId(pub u32);

/// One mode's road graph. Immutable; queries carry their own memory.
///
/// U-turns at junctions are allowed unless a restriction forbids them; turns cost nothing. Roads open at the ends of a journey only
/// (destination, residents) are not crossed.
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
    /// Where arcs run and what they belong to, for snapping; empty in graphs made by [`RoadGraph::from_arcs`].
    pub lay: Arc<RoadLay>,
}

/// Where the arcs of a graph run on the map.
#[derive(Debug, Default, Clone)]
pub struct RoadLay {
    pub(super) chains: Vec<Chain>,
    /// `copy_first[a]..copy_first[a + 1]` in `copies` are the graph arcs of base arc `a` (`2c` along chain `c`, `2c + 1` against it).
    pub(super) copy_first: Vec<u32>,
    pub(super) copies: Vec<u32>,
    /// Tail and head of each graph arc.
    pub(super) ends: Vec<[u32; 2]>,
    /// Junction of each graph node; a junction is its own.
    pub(super) junction: Vec<u32>,
    /// Strongly connected component of each graph node, turns ignored.
    pub(super) component: Vec<u32>,
    /// Map nodes of each component.
    pub(super) component_nodes: Vec<u32>,
}

impl RoadLay {
    /// The component of a chain, if both its ends lie in one.
    pub(super) fn chain_component(&self, chain: usize) -> Option<u32> {
        let c = &self.chains[chain];
        let (a, b) = (self.component[c.tail as usize], self.component[c.head as usize]);
        (a == b).then_some(a)
    }

    /// The graph arcs that pass the point of a chain `metres` from the start of its way.
    pub(super) fn arcs_at(&self, chain: u32, metres: f64) -> impl Iterator<Item = SnapArc> {
        let lay = &self.chains[chain as usize];
        let open = (0..2).filter_map(move |d| Some((d, lay.ticks(d)?)));
        open.flat_map(move |(d, ticks)| {
            let from_tail = lay.ticks_to(d, metres).min(ticks);
            let base = 2 * chain as usize + d;
            let copies = self.copy_first[base] as usize..self.copy_first[base + 1] as usize;
            self.copies[copies].iter().map(move |arc| SnapArc {
                arc: ArcId(*arc),
                tail: NodeId(self.ends[*arc as usize][0]),
                head: NodeId(self.ends[*arc as usize][1]),
                from_tail: Ticks(from_tail),
                to_head: Ticks(ticks - from_tail),
            })
        })
    }
}

impl RoadGraph {
    /// The graph of one mode, turn restrictions expanded where they bind.
    ///
    /// # Errors
    /// The map has no road for the mode.
    pub fn build(map: &RoadMap, mode: &ModeFile) -> Outcome<RoadGraph> {
        let net = Chains::of(map, mode);
        if net.chains.is_empty() {
            let (zh, word) = (mode.mode.zh(), mode.mode.word());
            return Err(Fault::refused(
                format!("地图中没有可供{zh}通行的道路，请检查地图或 data/modes/{word}.toml。"),
                format!("the map has no road for {word}; check the map or data/modes/{word}.toml."),
            ));
        }
        let forbidden = forbidden(map, mode, &net);
        let Chains { chains, mut map_node, .. } = net;
        let mut component = base_components(&chains, map_node.len());
        let component_nodes = component_sizes(&chains, &component);
        let Expanded { mut graph, copy_of } = expand(&chains, map_node.len(), &forbidden);
        let mut junction: Vec<u32> = (0..map_node.len() as u32).collect();
        for node in copy_of {
            junction.push(node);
            map_node.push(map_node[node as usize]);
            component.push(component[node as usize]);
        }
        graph.position = map_node.iter().map(|n| degrees(map.at[*n as usize])).collect();
        if let Some(lay) = Arc::get_mut(&mut graph.lay) {
            (lay.chains, lay.junction) = (chains, junction);
            (lay.component, lay.component_nodes) = (component, component_nodes);
        }
        Ok(graph)
    }

    /// A graph of bare arcs `(tail, head, ticks)`, arcs numbered by tail and then in the order given; for tests and joined maps.
    #[must_use]
    pub fn from_arcs(position: Vec<crate::base::LonLat>, arcs: &[(u32, u32, u32)]) -> RoadGraph {
        let mut order: Vec<usize> = (0..arcs.len()).collect();
        order.sort_by_key(|a| arcs[*a].0);
        let mut first_out = vec![0; position.len() + 1];
        arcs.iter().for_each(|a| first_out[a.0 as usize + 1] += 1);
        (0..position.len()).for_each(|n| first_out[n + 1] += first_out[n]);
        RoadGraph {
            head: order.iter().map(|a| arcs[*a].1).collect(),
            ticks: order.iter().map(|a| arcs[*a].2).collect(),
            first_out,
            position,
            lay: Arc::default(),
        }
    }

    /// The junction of which `node` is a copy, itself if it is none.
    #[must_use]
    pub fn junction(&self, node: NodeId) -> u32 {
        self.lay.junction.get(node.0 as usize).copied().unwrap_or(node.0)
    }

    /// Number of chains: stretches of a way between two junctions, open in one direction or both.
    #[must_use]
    pub fn chains(&self) -> usize {
        self.lay.chains.len()
    }

    /// Ticks of a chain along it (`direction` 0) or against it (1); `None`: closed.
    #[must_use]
    pub fn chain_ticks(&self, chain: usize, direction: usize) -> Option<Ticks> {
        self.lay.chains[chain].ticks(direction).map(Ticks)
    }

    /// The arcs that run along a chain in one direction, each with its tail and head: several where turns are remembered.
    pub fn chain_arcs(
        &self,
        chain: usize,
        direction: usize,
    ) -> impl Iterator<Item = (ArcId, NodeId, NodeId)> {
        let base = 2 * chain + direction;
        let copies = self.lay.copy_first[base] as usize..self.lay.copy_first[base + 1] as usize;
        self.lay.copies[copies].iter().map(|arc| {
            let [tail, head] = self.lay.ends[*arc as usize];
            (ArcId(*arc), NodeId(tail), NodeId(head))
        })
    }

    /// A hash of the graph's nodes and arcs whatever their ticks: what an order of contraction depends on.
    #[must_use]
    pub fn shape(&self) -> [u64; 4] {
        let mut hash = sha2::Sha256::new();
        hash.update(bytemuck::cast_slice::<u32, u8>(&self.first_out));
        hash.update(bytemuck::cast_slice::<u32, u8>(&self.head));
        let bytes = hash.finalize();
        std::array::from_fn(|i| bytes[8 * i..8 * i + 8].iter().fold(0, |word, b| word << 8 | u64::from(*b)))
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

    /// The components ([`crate::network::Snap::component`]) that a journey from any of `from` can reach, those included.
    #[must_use]
    pub fn components_reached(&self, from: &BTreeSet<u32>) -> BTreeSet<u32> {
        let component = &self.lay.component;
        let mut seen: Vec<bool> = component.iter().map(|c| from.contains(c)).collect();
        let mut open: Vec<usize> = (0..seen.len()).filter(|n| seen[*n]).collect();
        let mut reached = from.clone();
        while let Some(n) = open.pop() {
            for head in &self.head[self.first_out[n] as usize..self.first_out[n + 1] as usize] {
                let h = *head as usize;
                if !std::mem::replace(&mut seen[h], true) {
                    reached.insert(component[h]);
                    open.push(h);
                }
            }
        }
        reached
    }
}

/// Strongly connected components of the junctions, turns ignored.
fn base_components(chains: &[Chain], nodes: usize) -> Vec<u32> {
    let mut first = vec![0_u32; nodes + 1];
    let open = || {
        let arcs = chains.iter().flat_map(|c| [(c, 0), (c, 1)]);
        arcs.filter(|(c, d)| c.kmh[*d] > 0.0).map(|(c, d)| (c.leaves(d), c.leaves(1 - d)))
    };
    open().for_each(|(tail, _)| first[tail as usize + 1] += 1);
    (0..nodes).for_each(|n| first[n + 1] += first[n]);
    let mut next = first.clone();
    let mut head = vec![0; first[nodes] as usize];
    for (tail, h) in open() {
        let slot = &mut next[tail as usize];
        head[*slot as usize] = h;
        *slot += 1;
    }
    strong_components(&first, &head)
}

/// Map nodes of each component: its junctions, and what stands on chains inside it.
fn component_sizes(chains: &[Chain], component: &[u32]) -> Vec<u32> {
    let mut sizes = vec![0_u32; component.iter().max().map_or(0, |c| *c as usize + 1)];
    component.iter().for_each(|c| sizes[*c as usize] += 1);
    for c in chains {
        let (a, b) = (component[c.tail as usize], component[c.head as usize]);
        if a == b {
            sizes[a as usize] += c.to - c.from - 1;
        } else {
            // Nodes on a one-way link between components are components of their own, below any threshold.
        }
    }
    sizes
}
