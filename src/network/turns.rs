//! Turn restrictions via a node: which arcs may not follow which.

use super::chains::Chains;
use super::mode::ModeFile;
use super::road_map::RoadMap;
use std::collections::{BTreeMap, BTreeSet};

/// For each arc into a via node, the arcs that may not follow it. Arc `2c` runs along chain `c`, `2c + 1` against it.
pub(super) type Bans = BTreeMap<u32, BTreeSet<u32>>;

/// The bans of every restriction that binds the mode; only arcs that are open count.
pub(super) fn bans(map: &RoadMap, mode: &ModeFile, net: &Chains) -> Bans {
    let leaving = arcs_leaving_vias(map, net);
    let (mut bans, mut only) = (Bans::new(), Bans::new());
    let mut from = 0;
    for [set, via, end] in map.turn.iter() {
        let members = &map.turn_way[from..*end as usize];
        from = *end as usize;
        let Some(leaving) = leaving.get(via) else { continue };
        let tags = map.tags(*set);
        let rules = &mode.rules.restriction;
        let words = |key: &str| tags.get(key).unwrap_or_default().split(';').map(str::trim);
        if words("except").any(|w| rules.except.iter().any(|e| e == w)) {
            continue;
        }
        let ways =
            |role: i64| -> BTreeSet<i64> { members.iter().filter(|m| m[1] == role).map(|m| m[0]).collect() };
        let (froms, tos) = (ways(0), ways(1));
        let way = |arc: u32| map.way_id[net.chains[arc as usize / 2].way as usize];
        for kind in rules.keys.iter().flat_map(|k| words(k)) {
            let target = match kind.split('_').next() {
                Some("no") => &mut bans,
                Some("only") => &mut only,
                _ => continue,
            };
            let u_turn = kind.ends_with("u_turn");
            for entry in
                leaving.iter().map(|a| a ^ 1).filter(|a| is_open(net, *a) && froms.contains(&way(*a)))
            {
                let exits: Vec<u32> = leaving
                    .iter()
                    .copied()
                    .filter(|o| is_open(net, *o) && tos.contains(&way(*o)))
                    .filter(|o| froms != tos || (*o == entry ^ 1) == u_turn)
                    .collect();
                if !exits.is_empty() {
                    target.entry(entry).or_default().extend(exits);
                }
            }
        }
    }
    for (entry, exits) in only {
        let chain = &net.chains[entry as usize / 2];
        let via = net.map_node[chain.leaves(1 - entry as usize % 2) as usize];
        let others = leaving.get(&via).into_iter().flatten().copied();
        let banned: Vec<u32> = others.filter(|o| is_open(net, *o) && !exits.contains(o)).collect();
        if !banned.is_empty() {
            bans.entry(entry).or_default().extend(banned);
        }
    }
    bans
}

fn is_open(net: &Chains, arc: u32) -> bool {
    net.chains[arc as usize / 2].kmh[arc as usize % 2] > 0.0
}

/// Arcs, open or closed, that leave each via node of the mode's graph, by map node.
fn arcs_leaving_vias(map: &RoadMap, net: &Chains) -> BTreeMap<u32, Vec<u32>> {
    let mut leaving: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let vias = map.turn.iter().map(|t| t[1]).filter(|v| net.graph_node[*v as usize] != u32::MAX);
    let is_via: BTreeSet<u32> = vias.collect();
    for (c, chain) in net.chains.iter().enumerate() {
        for d in 0..2 {
            let node = net.map_node[chain.leaves(d) as usize];
            if is_via.contains(&node) {
                leaving.entry(node).or_default().push((2 * c + d) as u32);
            }
        }
    }
    leaving
}
