//! Roads between township seats: a tree whose road distances to the county seat meet the published figures.

use crate::figures::Township;
use crate::geometry::winding;
use crate::network::{NearIndex, Network, Road};
use crate::town::Town;
use caregrid::base::SplitMix64;

/// Detour of a township road where no figure is published.
const USUAL_DETOUR: f64 = 1.3;

/// Distance from one node of the trunk to the county seat, in metres.
struct Reached {
    node: u32,
    metres: f64,
    name: char,
}

/// Joins every township seat (index as `seats`) to the trunk, nearest figure first. Roads are added to `near`.
pub fn draw(
    network: &mut Network,
    townships: &[Township],
    town: &Town,
    seats: &[u32],
    near: &mut NearIndex,
    random: &mut SplitMix64,
) {
    let initial = |t: &Township| t.name.chars().next().unwrap_or('县');
    let mut reached: Vec<Reached> = town
        .gateways(network)
        .into_iter()
        .map(|(node, metres)| Reached { node, metres, name: initial(&townships[0]) })
        .collect();
    let straight = |t: usize| network.at(seats[t]).to(network.at(seats[0]));
    let aim = |t: usize| townships[t].road_km.map_or(straight(t) * USUAL_DETOUR, |km| km * 1000.0);
    let mut order: Vec<(usize, f64)> = (1..townships.len()).map(|t| (t, aim(t))).collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    for (t, aim) in order {
        let (parent, target) = choose(network, &reached, seats[t], aim);
        let line = winding(network.at(reached[parent].node), network.at(seats[t]), target, 70.0, random);
        let nodes = network.join(reached[parent].node, &line, seats[t]);
        near.add_all(network, &nodes);
        let highway = if parent < town.gateways(network).len() { "secondary" } else { "tertiary" };
        let name = format!("{}{}路", reached[parent].name, initial(&townships[t]));
        network.roads.push(Road::new(highway, "asphalt", name, nodes));
        let metres = reached[parent].metres + target;
        reached.push(Reached { node: seats[t], metres, name: initial(&townships[t]) });
    }
}

/// The start that needs the most natural winding: detours between 1.04 and 1.9, best about 1.3, short roads first.
fn choose(network: &Network, reached: &[Reached], seat: u32, aim: f64) -> (usize, f64) {
    let mut best = (f64::MAX, 0, 0.0);
    for (i, from) in reached.iter().enumerate() {
        let straight = network.at(from.node).to(network.at(seat));
        let wanted = aim - from.metres;
        let target = wanted.clamp(straight * 1.04, straight * 1.9);
        let miss = (target - wanted).abs() / aim;
        let cost = straight * (1.0 + 1.5 * (target / straight - USUAL_DETOUR).abs()) + miss * 1e6;
        if cost < best.0 {
            best = (cost, i, target);
        }
    }
    (best.1, best.2)
}
