//! One mode's directed road graph in compressed sparse rows, in ticks.

use super::chains::{Chain, Chains};
use super::components::strong_components;
use super::road_map::degrees;
use super::turns::{Bans, bans};
use crate::base::{Fault, Outcome};
use crate::network::{ModeFile, RoadMap};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A state of the search: a junction, or a copy of one behind an arc that some turns may not follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

/// A directed arc of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArcId(pub u32);

/// One mode's road graph. Immutable; queries carry their own memory.
///
/// U-turns at junctions are allowed unless a restriction forbids them; turns cost nothing.
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
#[derive(Debug, Default)]
pub struct RoadLay {
    pub(super) chains: Vec<Chain>,
    /// `copy_first[a]..copy_first[a + 1]` in `copies` are the graph arcs of base arc `a` (`2c` along chain `c`, `2c + 1` against it).
    pub(super) copy_first: Vec<u32>,
    pub(super) copies: Vec<u32>,
    /// Tail and head of each graph arc.
    pub(super) ends: Vec<[u32; 2]>,
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
        let bans = bans(map, mode, &net);
        let Chains { chains, mut map_node, .. } = net;
        let components = base_components(&chains, map_node.len());
        let component_nodes = component_sizes(&chains, &components);
        let states = States::of(&chains, map_node.len(), &bans);
        let mut component = components;
        for (node, _) in &states.copies {
            map_node.push(map_node[*node as usize]);
            component.push(component[*node as usize]);
        }
        let mut graph = states.rows(&chains, &bans);
        graph.position = map_node.iter().map(|n| degrees(map.at[*n as usize])).collect();
        if let Some(lay) = Arc::get_mut(&mut graph.lay) {
            (lay.chains, lay.component, lay.component_nodes) = (chains, component, component_nodes);
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

/// Nodes of the expanded graph: junctions, then one copy for each set of turns forbidden behind some arcs.
struct States<'a> {
    base: usize,
    copies: Vec<(u32, &'a BTreeSet<u32>)>,
    /// State each banned arc leads to.
    behind: BTreeMap<u32, u32>,
}

impl<'a> States<'a> {
    fn of(chains: &[Chain], base: usize, bans: &'a Bans) -> Self {
        let mut states = States { base, copies: Vec::new(), behind: BTreeMap::new() };
        let mut known: BTreeMap<(u32, &BTreeSet<u32>), u32> = BTreeMap::new();
        for (arc, banned) in bans {
            let node = chains[*arc as usize / 2].leaves(1 - *arc as usize % 2);
            let state = *known.entry((node, banned)).or_insert_with(|| {
                states.copies.push((node, banned));
                (base + states.copies.len() - 1) as u32
            });
            states.behind.insert(*arc, state);
        }
        states
    }

    /// The arcs of every state, by state and base arc.
    fn rows(&self, chains: &[Chain], bans: &Bans) -> RoadGraph {
        let mut leaving: Vec<(u32, u32)> = Vec::with_capacity(2 * chains.len());
        for (c, chain) in chains.iter().enumerate() {
            let open = (0..2).filter(|d| chain.kmh[*d] > 0.0);
            leaving.extend(open.map(|d| (chain.leaves(d), (2 * c + d) as u32)));
        }
        leaving.sort_unstable();
        let rows = leaving.len();
        for (i, (node, banned)) in self.copies.iter().enumerate() {
            let from = leaving[..rows].partition_point(|(n, _)| n < node);
            let to = leaving[..rows].partition_point(|(n, _)| n <= node);
            let state = (self.base + i) as u32;
            for k in from..to {
                let arc = leaving[k].1;
                if !banned.contains(&arc) {
                    leaving.push((state, arc));
                }
            }
        }
        debug_assert!(bans.len() >= self.copies.len());
        let nodes = self.base + self.copies.len();
        let (mut graph, mut lay) = (RoadGraph::default(), RoadLay::default());
        graph.first_out = vec![0; nodes + 1];
        lay.copy_first = vec![0; 2 * chains.len() + 1];
        for (tail, arc) in &leaving {
            let (chain, d) = (&chains[*arc as usize / 2], *arc as usize % 2);
            let head = self.behind.get(arc).copied().unwrap_or(chain.leaves(1 - d));
            graph.first_out[*tail as usize + 1] += 1;
            lay.copy_first[*arc as usize + 1] += 1;
            graph.head.push(head);
            graph.ticks.push(chain.ticks(d).unwrap_or(u32::MAX));
            lay.ends.push([*tail, head]);
        }
        (0..nodes).for_each(|n| graph.first_out[n + 1] += graph.first_out[n]);
        (0..2 * chains.len()).for_each(|a| lay.copy_first[a + 1] += lay.copy_first[a]);
        let mut next = lay.copy_first.clone();
        lay.copies = vec![0; leaving.len()];
        for (a, (_, arc)) in leaving.iter().enumerate() {
            let slot = &mut next[*arc as usize];
            lay.copies[*slot as usize] = a as u32;
            *slot += 1;
        }
        graph.lay = Arc::new(lay);
        graph
    }
}
