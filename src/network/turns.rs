//! Turn restrictions: which arcs may not follow which, and which paths may not be driven to their end.

use super::chains::Chains;
use super::mode::ModeFile;
use super::road_map::RoadMap;
use super::tags::Tags;
use std::collections::{BTreeMap, BTreeSet};

/// What the restrictions that bind a mode forbid. Arc `2c` runs along chain `c`, `2c + 1` against it.
#[derive(Debug, Default)]
pub(super) struct Forbidden {
    /// For each arc the arcs that may not follow it.
    pub turns: BTreeMap<u32, BTreeSet<u32>>,
    /// Paths of three arcs or more, sorted.
    pub paths: Vec<Vec<u32>>,
}

impl Forbidden {
    /// Numbers of the paths that begin with `arc`.
    pub(super) fn starting_with(&self, arc: u32) -> impl Iterator<Item = u32> {
        let from = self.paths.partition_point(|p| p[0] < arc);
        (from..self.paths.len()).take_while(move |p| self.paths[*p][0] == arc).map(|p| p as u32)
    }

    fn add(&mut self, path: Vec<u32>) {
        match path[..] {
            [entry, exit] => {
                self.turns.entry(entry).or_default().insert(exit);
            }
            _ => self.paths.push(path),
        }
    }
}

/// A path of arcs that a restriction speaks of: `no` forbids its end, `only` demands each step once it is begun.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    No,
    Only,
}

/// All that the restrictions that bind `mode` forbid; only arcs that are open count.
pub(super) fn forbidden(map: &RoadMap, mode: &ModeFile, net: &Chains) -> Forbidden {
    let around = Around::new(map, net);
    let mut out = Forbidden::default();
    // What an `only` allows next, by the arcs driven so far; several restrictions from one arc allow the sum of what each allows.
    let mut only: BTreeMap<Vec<u32>, BTreeSet<u32>> = BTreeMap::new();
    let mut from = 0;
    for [set, via, end] in map.turn.iter() {
        let members = &map.turn_way[from..*end as usize];
        from = *end as usize;
        let tags = map.tags(*set);
        for (kind, u_turn) in binding(&tags, mode) {
            let paths = match *via {
                u32::MAX => around.via_ways(members),
                node => around.via_node(members, node, u_turn),
            };
            for path in paths {
                if kind == Kind::No {
                    out.add(path);
                    continue;
                }
                for step in 1..path.len() {
                    only.entry(path[..step].to_vec()).or_default().insert(path[step]);
                }
            }
        }
    }
    for (driven, allowed) in only {
        let last = driven[driven.len() - 1];
        for other in around.after(last).iter().filter(|a| !allowed.contains(a)) {
            out.add([&driven[..], &[*other]].concat());
        }
    }
    out.paths.sort_unstable();
    out.paths.dedup();
    out
}

/// The kinds of a restriction that bind `mode`, and whether each is about turning round.
fn binding<'t>(tags: &'t Tags<'_>, mode: &'t ModeFile) -> impl Iterator<Item = (Kind, bool)> {
    let rules = &mode.rules.restriction;
    let words = |key: &str| tags.get(key).unwrap_or_default().split(';').map(str::trim);
    let free = words("except").any(|w| rules.except.iter().any(|e| e == w));
    let kinds = rules.keys.iter().filter(move |_| !free).flat_map(move |k| words(k));
    kinds.filter_map(|kind| {
        let what = match kind.split('_').next() {
            Some("no") => Kind::No,
            Some("only") => Kind::Only,
            _ => return None,
        };
        Some((what, kind.ends_with("u_turn")))
    })
}

/// A via path longer than this many stretches is not followed; real ones have one to five.
const LONGEST_VIA: usize = 64;

/// Open arcs at a junction that a restriction names.
#[derive(Default)]
struct Junction {
    arriving: Vec<u32>,
    leaving: Vec<u32>,
}

/// The network around the restrictions.
struct Around<'a> {
    map: &'a RoadMap,
    net: &'a Chains,
    /// By graph node: via nodes and the ends of every stretch of a way that a restriction via ways names.
    junctions: BTreeMap<u32, Junction>,
}

impl<'a> Around<'a> {
    fn new(map: &'a RoadMap, net: &'a Chains) -> Self {
        let way = |c: &super::chains::Chain| map.way_id[c.way as usize];
        let mut junctions: BTreeMap<u32, Junction> = BTreeMap::new();
        let mut named = BTreeSet::new();
        let mut from = 0;
        for [_, via, end] in map.turn.iter() {
            let members = &map.turn_way[from..*end as usize];
            from = *end as usize;
            match *via {
                u32::MAX => named.extend(members.iter().map(|m| m[0])),
                via => {
                    let node = Some(net.graph_node[via as usize]).filter(|n| *n != u32::MAX);
                    node.map(|n| junctions.entry(n).or_default());
                }
            }
        }
        for chain in net.chains.iter().filter(|c| !named.is_empty() && named.contains(&way(c))) {
            junctions.entry(chain.tail).or_default();
            junctions.entry(chain.head).or_default();
        }
        for (c, chain) in net.chains.iter().enumerate() {
            for d in (0..2).filter(|d| chain.kmh[*d] > 0.0) {
                let arc = (2 * c + d) as u32;
                if let Some(j) = junctions.get_mut(&chain.leaves(d)) {
                    j.leaving.push(arc);
                }
                if let Some(j) = junctions.get_mut(&chain.leaves(1 - d)) {
                    j.arriving.push(arc);
                }
            }
        }
        Around { map, net, junctions }
    }

    fn way(&self, arc: u32) -> i64 {
        self.map.way_id[self.net.chains[arc as usize / 2].way as usize]
    }

    /// Open arcs that leave where `arc` arrives.
    fn after(&self, arc: u32) -> &[u32] {
        let at = self.net.chains[arc as usize / 2].leaves(1 - arc as usize % 2);
        self.junctions.get(&at).map_or(&[], |j| &j.leaving)
    }

    /// Entry and exit arcs of a restriction via a node.
    fn via_node(&self, members: &[[i64; 2]], via: u32, u_turn: bool) -> Vec<Vec<u32>> {
        let Some(junction) = self.junctions.get(&self.net.graph_node[via as usize]) else {
            return Vec::new();
        };
        let (froms, tos) = (ways(members, 0), ways(members, 1));
        let mut paths = Vec::new();
        for entry in junction.arriving.iter().copied().filter(|a| froms.contains(&self.way(*a))) {
            let exits = junction.leaving.iter().copied().filter(|o| tos.contains(&self.way(*o)));
            let exits = exits.filter(|o| froms != tos || (*o == entry ^ 1) == u_turn);
            paths.extend(exits.map(|exit| vec![entry, exit]));
        }
        paths
    }

    /// Paths that enter the via ways from a `from` way, drive all of them without turning round, and leave by a `to` way.
    fn via_ways(&self, members: &[[i64; 2]]) -> Vec<Vec<u32>> {
        let (froms, vias, tos) = (ways(members, 0), ways(members, 2), ways(members, 1));
        let mut paths = Vec::new();
        if !froms.is_disjoint(&vias) {
            return paths; // a way cannot be entered from itself: the restriction says nothing
        }
        let starts = self.junctions.values().flat_map(|j| &j.arriving);
        let starts: BTreeSet<u32> = starts.copied().filter(|a| froms.contains(&self.way(*a))).collect();
        let mut open: Vec<Vec<u32>> = starts.into_iter().map(|a| vec![a]).collect();
        while let Some(path) = open.pop() {
            let last = path[path.len() - 1];
            let onward = || self.after(last).iter().copied().filter(|a| *a != last ^ 1);
            let driven: BTreeSet<i64> = path[1..].iter().map(|a| self.way(*a)).collect();
            if driven == vias {
                let exits: Vec<u32> = onward().filter(|a| tos.contains(&self.way(*a))).collect();
                if !exits.is_empty() {
                    paths.extend(exits.into_iter().map(|exit| [&path[..], &[exit]].concat()));
                    continue;
                }
            }
            if path.len() <= LONGEST_VIA {
                let next = onward().filter(|a| vias.contains(&self.way(*a)) && !path.contains(a));
                open.extend(next.map(|a| [&path[..], &[a]].concat()));
            }
        }
        paths
    }
}

/// Way ids with a role.
fn ways(members: &[[i64; 2]], role: i64) -> BTreeSet<i64> {
    members.iter().filter(|m| m[1] == role).map(|m| m[0]).collect()
}
