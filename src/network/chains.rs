//! Chains: the stretch of a way between two junctions, with the cumulative length that prices every point on it.

use super::access::{Barrier, barrier};
use super::mode::ModeFile;
use super::road_map::RoadMap;

/// A stretch of one way between junctions of a mode.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chain {
    pub way: u32,
    /// Positions in [`RoadMap::nodes_of`] of the first and the last node.
    pub from: u32,
    pub to: u32,
    /// Graph nodes at both ends.
    pub tail: u32,
    pub head: u32,
    /// Metres from the start of the way to both ends.
    pub start_m: f64,
    pub end_m: f64,
    /// Speeds along and against; 0: closed.
    pub kmh: [f64; 2],
    /// Open at the ends of a journey only.
    pub ends_only: bool,
    /// Ticks lost at the barrier that stands at the tail and at the head.
    pub cost: [u32; 2],
}

impl Chain {
    /// Cumulative ticks at `metres` from the start of the way, rounded half up.
    pub(super) fn cumulative(metres: f64, kmh: f64) -> u32 {
        (metres * 36.0 / kmh + 0.5) as u32
    }

    /// Ticks from the start of direction `d` (0 along, 1 against) to `metres`, without barrier costs.
    pub(super) fn ticks_to(&self, d: usize, metres: f64) -> u32 {
        let at = |m: f64| Chain::cumulative(m, self.kmh[d]);
        if d == 0 {
            at(metres).saturating_sub(at(self.start_m))
        } else {
            at(self.end_m).saturating_sub(at(metres))
        }
    }

    /// Ticks of the whole stretch in direction `d`, the barrier at its far end included; `None`: closed.
    pub(super) fn ticks(&self, d: usize) -> Option<u32> {
        let far = if d == 0 { self.end_m } else { self.start_m };
        (self.kmh[d] > 0.0).then(|| self.ticks_to(d, far).saturating_add(self.cost[1 - d]))
    }

    /// Node that direction `d` leaves.
    pub(super) fn leaves(&self, d: usize) -> u32 {
        if d == 0 { self.tail } else { self.head }
    }
}

/// Counts a visit of each node, two for the ends: more than one makes a junction.
pub(super) fn count_uses(nodes: &[u32], uses: &mut [u8]) {
    for n in nodes {
        uses[*n as usize] = uses[*n as usize].saturating_add(1);
    }
    for n in [nodes.first(), nodes.last()].into_iter().flatten() {
        uses[*n as usize] = uses[*n as usize].saturating_add(1);
    }
}

/// Junctions and chains of a mode.
#[derive(Debug, Default)]
pub(super) struct Chains {
    pub chains: Vec<Chain>,
    /// Map node of each graph node.
    pub map_node: Vec<u32>,
    /// Graph node of each map node; `u32::MAX`: none, or a barrier that nothing passes.
    pub graph_node: Vec<u32>,
}

const NONE: u32 = u32::MAX;
const BLOCKED: u32 = u32::MAX;

impl Chains {
    /// Cuts the ways open to `mode` at junctions, at via nodes of turn restrictions and at barriers.
    pub(super) fn of(map: &RoadMap, mode: &ModeFile) -> Chains {
        let rules = map.way_rules(mode);
        let kmh: Vec<[f64; 2]> = (0..map.ways())
            .map(|w| map.way_kmh(w, &rules[map.way_set[w] as usize]).map(|k| k.unwrap_or(0.0)))
            .collect();
        let open = |w: &usize| kmh[*w] != [0.0, 0.0];
        let mut uses = vec![0_u8; map.at.len()];
        (0..map.ways()).filter(open).for_each(|w| count_uses(map.nodes_of(w), &mut uses));
        for [_, via, _] in map.turn.iter().filter(|t| t[1] != NONE) {
            if uses[*via as usize] > 0 {
                uses[*via as usize] = 2;
            }
        }
        let effect = barrier_effects(map, mode);
        for (n, e) in effect.iter().enumerate() {
            if *e > 0 && uses[n] > 0 {
                uses[n] = 2;
            }
        }
        let mut out = Chains { graph_node: vec![NONE; map.at.len()], ..Chains::default() };
        for (n, count) in uses.iter().enumerate() {
            if *count > 1 && effect[n] != BLOCKED {
                out.graph_node[n] = out.map_node.len() as u32;
                out.map_node.push(n as u32);
            }
        }
        let priced = |w: usize| (kmh[w], rules[map.way_set[w] as usize].ends_only);
        (0..map.ways()).filter(open).for_each(|w| out.cut(map, w, priced(w), &uses, &effect));
        out
    }

    /// Adds the chains of one way.
    fn cut(
        &mut self,
        map: &RoadMap,
        way: usize,
        (kmh, ends_only): ([f64; 2], bool),
        uses: &[u8],
        effect: &[u32],
    ) {
        let nodes = map.nodes_of(way);
        let (mut from, mut start_m, mut metres) = (0, 0.0, 0.0);
        let mut tail = self.end_at(nodes[0], effect);
        for (i, pair) in nodes.windows(2).enumerate() {
            metres += map.piece_metres(pair[0], pair[1]);
            let (to, node) = (i + 1, pair[1]);
            if uses[node as usize] < 2 {
                continue;
            }
            let head = self.end_at(node, effect);
            let cost =
                [nodes[from], node].map(|n| Some(effect[n as usize]).filter(|e| *e != BLOCKED).unwrap_or(0));
            self.chains.push(Chain {
                way: way as u32,
                from: from as u32,
                to: to as u32,
                tail,
                head,
                start_m,
                end_m: metres,
                kmh,
                ends_only,
                cost,
            });
            (from, start_m) = (to, metres);
            tail = if effect[node as usize] == BLOCKED { self.end_at(node, effect) } else { head };
        }
    }

    /// The graph node where a chain ends: each chain has its own at a barrier that nothing passes.
    fn end_at(&mut self, node: u32, effect: &[u32]) -> u32 {
        if effect[node as usize] != BLOCKED {
            return self.graph_node[node as usize];
        }
        self.map_node.push(node);
        self.map_node.len() as u32 - 1
    }
}

/// Ticks lost at each map node; [`BLOCKED`] where nothing passes.
fn barrier_effects(map: &RoadMap, mode: &ModeFile) -> Vec<u32> {
    let mut effect = vec![0; map.at.len()];
    for [node, set] in map.barrier.iter() {
        effect[*node as usize] = match barrier(&map.tags(*set), &mode.rules) {
            Barrier::Blocks => BLOCKED,
            Barrier::Costs(ticks) => ticks,
        };
    }
    effect
}
