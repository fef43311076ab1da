//! The states of a search: junctions, and copies of a junction that remember how it was reached.
//!
//! A copy remembers the turns that are forbidden next (restrictions via a node), the beginnings of forbidden paths (restrictions via
//! ways), and on which part of the journey one is where roads are open at its ends only:
//! ```text
//!   Leaving ----> Through ----> Arriving        ends-only roads in Leaving and Arriving, all others in Through
//!      `----------------------------^
//! ```
//! Copies are made only where something binds (Geisberger, Vetter 2011: turns expanded at the restricted nodes alone).

use super::chains::Chain;
use super::components::Joined;
use super::graph::{RoadGraph, RoadLay};
use super::turns::Forbidden;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Networks with fewer map nodes lie behind ends-only roads; the number that makes an island a place (`SnapRules`).
const LEAST_NETWORK_NODES: u32 = 200;

/// The part of a journey, where a region of ends-only roads could be crossed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Leaving,
    Through,
    Arriving,
}

impl Part {
    /// The part after one more road; `None`: an ends-only road may not be left for another road any more.
    fn then(self, ends_only: bool) -> Option<Part> {
        match (self, ends_only) {
            (Part::Leaving, true) => Some(Part::Leaving),
            (Part::Leaving | Part::Through, false) => Some(Part::Through),
            (Part::Through | Part::Arriving, true) => Some(Part::Arriving),
            (Part::Arriving, false) => None,
        }
    }
}

/// A junction and what is remembered there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    node: u32,
    part: Part,
    /// Arcs that may not follow.
    banned: BTreeSet<u32>,
    /// Forbidden paths begun: number and arcs taken; the next arc but one or later would complete them.
    begun: Vec<(u32, u32)>,
}

/// The expanded graph and the junction behind each of its states.
pub(super) struct Expanded {
    pub graph: RoadGraph,
    /// Junction of each state beyond the junctions themselves.
    pub copy_of: Vec<u32>,
}

/// Expands `chains` between `nodes` junctions; states `0..nodes` are the junctions themselves.
pub(super) fn expand(chains: &[Chain], nodes: usize, forbidden: &Forbidden) -> Expanded {
    let ends_only = crossable(chains, nodes);
    let mut explorer = Explorer::new(chains, nodes, forbidden, &ends_only);
    let mut lay = RoadLay { copy_first: vec![0; 2 * chains.len() + 1], ..RoadLay::default() };
    let (mut graph, mut taken) = (RoadGraph { first_out: vec![0], ..RoadGraph::default() }, Vec::new());
    let mut at = 0;
    while let Some(state) = explorer.states.get(at).cloned() {
        for (arc, head) in explorer.leave(&state) {
            let (chain, d) = (&chains[arc as usize / 2], arc as usize % 2);
            graph.head.push(head);
            graph.ticks.push(chain.ticks(d).unwrap_or(u32::MAX));
            lay.ends.push([at as u32, head]);
            lay.copy_first[arc as usize + 1] += 1;
            taken.push(arc);
        }
        graph.first_out.push(graph.head.len() as u32);
        at += 1;
    }
    (0..2 * chains.len()).for_each(|a| lay.copy_first[a + 1] += lay.copy_first[a]);
    let mut next = lay.copy_first.clone();
    lay.copies = vec![0; taken.len()];
    for (copy, arc) in taken.iter().enumerate() {
        let slot = &mut next[*arc as usize];
        lay.copies[*slot as usize] = copy as u32;
        *slot += 1;
    }
    graph.lay = Arc::new(lay);
    Expanded { graph, copy_of: explorer.states[nodes..].iter().map(|s| s.node).collect() }
}

struct Explorer<'a> {
    forbidden: &'a Forbidden,
    /// Ends-only chains that could be crossed.
    ends_only: &'a [bool],
    /// Open arcs by the node they leave.
    first: Vec<u32>,
    leaving: Vec<u32>,
    arrives: Vec<u32>,
    states: Vec<State>,
    /// The part of the journey for which the junction itself stands.
    home: Vec<Part>,
    copies: BTreeMap<State, u32>,
}

impl<'a> Explorer<'a> {
    fn new(chains: &[Chain], nodes: usize, forbidden: &'a Forbidden, ends_only: &'a [bool]) -> Self {
        let arcs = || (0..2 * chains.len()).filter(|a| chains[a / 2].kmh[a % 2] > 0.0);
        let mut first = vec![0_u32; nodes + 1];
        let (mut inner, mut door) = (vec![false; nodes], vec![false; nodes]);
        for arc in arcs() {
            let chain = &chains[arc / 2];
            first[chain.leaves(arc % 2) as usize + 1] += 1;
            for end in [chain.tail, chain.head] {
                let side = if ends_only[arc / 2] { &mut inner } else { &mut door };
                side[end as usize] = true;
            }
        }
        (0..nodes).for_each(|n| first[n + 1] += first[n]);
        let mut next = first.clone();
        let mut leaving = vec![0; first[nodes] as usize];
        for arc in arcs() {
            let slot = &mut next[chains[arc / 2].leaves(arc % 2) as usize];
            leaving[*slot as usize] = arc as u32;
            *slot += 1;
        }
        // A junction of ends-only roads alone stands for the start of a journey; where other roads meet it, for the way through.
        let home: Vec<Part> =
            (0..nodes).map(|n| if inner[n] && !door[n] { Part::Leaving } else { Part::Through }).collect();
        let bare =
            |node: usize, part| State { node: node as u32, part, banned: BTreeSet::new(), begun: Vec::new() };
        let states = (0..nodes).map(|n| bare(n, home[n])).collect();
        let arrives = (0..2 * chains.len()).map(|a| chains[a / 2].leaves(1 - a % 2)).collect();
        let mut this =
            Explorer { forbidden, ends_only, first, leaving, arrives, states, home, copies: BTreeMap::new() };
        for n in (0..nodes).filter(|n| inner[*n] && door[*n]) {
            this.number(bare(n, Part::Leaving));
        }
        this
    }

    /// The arcs that may leave a state, each with the state it leads to.
    fn leave(&mut self, state: &State) -> Vec<(u32, u32)> {
        let range = self.first[state.node as usize] as usize..self.first[state.node as usize + 1] as usize;
        let arcs: Vec<u32> = self.leaving[range].to_vec();
        let open = arcs.into_iter().filter(|a| !state.banned.contains(a));
        open.filter_map(|arc| {
            let part = state.part.then(self.ends_only[arc as usize / 2])?;
            let next = self.after(state, arc, part);
            Some((arc, self.number(next)))
        })
        .collect()
    }

    fn after(&self, state: &State, arc: u32, part: Part) -> State {
        let mut banned = self.forbidden.turns.get(&arc).cloned().unwrap_or_default();
        let mut begun = Vec::new();
        let starts = self.forbidden.starting_with(arc).map(|p| (p, 1));
        let go_on = state.begun.iter().copied();
        let go_on = go_on.filter(|(p, n)| self.forbidden.paths[*p as usize][*n as usize] == arc);
        for (path, taken) in starts.chain(go_on.map(|(p, n)| (p, n + 1))) {
            let arcs = &self.forbidden.paths[path as usize];
            if taken as usize + 1 == arcs.len() {
                banned.extend(arcs.last());
            } else {
                begun.push((path, taken));
            }
        }
        begun.sort_unstable();
        State { node: self.arrives[arc as usize], part, banned, begun }
    }

    fn number(&mut self, state: State) -> u32 {
        let home = self.home[state.node as usize] == state.part;
        if home && state.banned.is_empty() && state.begun.is_empty() {
            return state.node;
        }
        if let Some(n) = self.copies.get(&state) {
            return *n;
        }
        let n = self.states.len() as u32;
        self.copies.insert(state.clone(), n);
        self.states.push(state);
        n
    }
}

/// Ends-only chains in regions that other roads meet at two junctions or more. A region with one door is no short cut and needs no
/// copies.
fn crossable(chains: &[Chain], nodes: usize) -> Vec<bool> {
    let ends_only = behind_ends_only(chains, nodes);
    let mut region = Joined::new(nodes);
    let mut door = vec![false; nodes];
    for (chain, ends_only) in chains.iter().zip(&ends_only).filter(|(c, _)| is_open(c)) {
        if *ends_only {
            region.join(chain.tail, chain.head);
        } else {
            (door[chain.tail as usize], door[chain.head as usize]) = (true, true);
        }
    }
    let mut doors = vec![0_u32; nodes];
    (0..nodes).filter(|n| door[*n]).for_each(|n| doors[region.find(n as u32) as usize] += 1);
    let of = |(chain, ends_only): (&Chain, &bool)| {
        *ends_only && is_open(chain) && doors[region.find(chain.tail) as usize] > 1
    };
    chains.iter().zip(&ends_only).map(of).collect()
}

/// Ends-only chains, and the roads that lie behind them: whoever may drive through the gate may drive on to the house. A road lies
/// behind one if it belongs to a small network of its own once ends-only roads are taken away.
fn behind_ends_only(chains: &[Chain], nodes: usize) -> Vec<bool> {
    if !chains.iter().any(|c| c.ends_only) {
        return vec![false; chains.len()];
    }
    let public = || chains.iter().filter(|c| is_open(c) && !c.ends_only);
    let (mut network, mut met) = (Joined::new(nodes), vec![false; nodes]);
    for chain in public() {
        network.join(chain.tail, chain.head);
        (met[chain.tail as usize], met[chain.head as usize]) = (true, true);
    }
    let mut size = vec![0_u32; nodes];
    (0..nodes).filter(|n| met[*n]).for_each(|n| size[network.find(n as u32) as usize] += 1);
    public().for_each(|c| size[network.find(c.tail) as usize] += c.to - c.from - 1);
    let most = size.iter().copied().max().unwrap_or(0);
    let largest = size.iter().position(|s| *s == most).unwrap_or(0);
    let small = |root: usize| size[root] < LEAST_NETWORK_NODES && root != largest;
    chains.iter().map(|c| c.ends_only || small(network.find(c.tail) as usize)).collect()
}

fn is_open(chain: &Chain) -> bool {
    chain.kmh != [0.0, 0.0]
}
