//! What no plan can beat: relaxations of the month in which a client may be split among caregivers and each visit takes at least its
//! service and half of the shortest ways to it and from it.

use crate::base::Seconds;
use crate::grid::flow::Network;
use crate::grid::{RotaClient, RotaProblem, UNREACHED};
use std::collections::BTreeMap;

/// Lengths count in halves of seconds, so that half a trip is a whole number.
const HALF: i64 = 2;
/// Visits are rounded down to this many halves of seconds, so that few sizes differ.
const STEP: i64 = 2 * 60;

/// Clients who differ in nothing the relaxation sees: size of one piece, caregivers; with their number of pieces.
#[derive(Debug)]
struct Group {
    size: i64,
    carers: Vec<u32>,
    pieces: i64,
}

/// Groups by ascending size; `piece` gives size and number of pieces of a client.
fn groups(
    problem: &RotaProblem,
    eligible: &[Vec<u32>],
    piece: impl Fn(usize, &RotaClient) -> (i64, i64),
) -> Vec<Group> {
    let mut merged: BTreeMap<(i64, Vec<u32>), i64> = BTreeMap::new();
    for ((c, client), list) in problem.clients.iter().enumerate().zip(eligible) {
        let mut carers = list.clone();
        carers.sort_unstable();
        let (size, pieces) = piece(c, client);
        if size > 0 && pieces > 0 && !carers.is_empty() {
            *merged.entry((size, carers)).or_default() += pieces;
        }
    }
    merged.into_iter().map(|((size, carers), pieces)| Group { size, carers, pieces }).collect()
}

/// Lower bounds on what a month must leave undone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Undone {
    /// Visits.
    pub(super) visits: f64,
    /// Clients who miss a visit.
    pub(super) clients: f64,
}

/// Visits, and clients with all their visits, that no plan can place; alone in the world, `placeable[client]` visits could be made.
pub(super) fn undone(problem: &RotaProblem, eligible: &[Vec<u32>], placeable: &[u32]) -> Undone {
    let least = Least::of(problem, eligible);
    let visit = |c: usize, client: &RotaClient| {
        let least = HALF * i64::from(client.service.0) + least.way[c];
        if least < STEP { least } else { least / STEP * STEP }
    };
    let by_visit = groups(problem, eligible, |c, client| (visit(c, client), i64::from(placeable[c])));
    let by_client = groups(problem, eligible, |c, client| {
        let all = client.visits > 0 && placeable[c] == client.visits;
        (visit(c, client) * i64::from(client.visits), i64::from(all))
    });
    let never = |c: &usize| placeable[*c] < problem.clients[*c].visits;
    let beyond: u32 =
        (0..placeable.len()).filter(never).map(|c| problem.clients[c].visits - placeable[c]).sum();
    Undone {
        visits: f64::from(beyond) + left_over(problem, &by_visit, &least),
        clients: (0..placeable.len()).filter(never).count() as f64 + left_over(problem, &by_client, &least),
    }
}

/// Least ways, in halves of seconds.
struct Least {
    /// By client: half the shortest way to them and half the shortest one from them, whoever of the eligible comes.
    way: Vec<i64>,
    /// By caregiver: half the shortest way out and half the shortest one home.
    door: Vec<i64>,
}

impl Least {
    /// Each leg of a day is halved between its two ends, so a day is at least the sum over its visits and its door.
    fn of(problem: &RotaProblem, eligible: &[Vec<u32>]) -> Least {
        let mut homes: Vec<Vec<usize>> = vec![Vec::new(); problem.caregivers.len()];
        for (c, list) in eligible.iter().enumerate().filter(|(c, _)| problem.clients[*c].visits > 0) {
            list.iter().for_each(|g| homes[*g as usize].push(c));
        }
        let mut way = vec![i64::MAX; problem.clients.len()];
        let mut door = vec![0; homes.len()];
        for (g, homes) in homes.iter().enumerate() {
            let who = &problem.caregivers[g];
            let trip = |from, to| i64::from(problem.trips.seconds(who.profile, from, to));
            let place = |c: usize| problem.clients[c].place;
            let mut best_door = (i64::from(UNREACHED), i64::from(UNREACHED));
            for c in homes {
                let (out, back) = (trip(who.base, place(*c)), trip(place(*c), who.base));
                best_door = (best_door.0.min(out), best_door.1.min(back));
                let (mut to, mut from) = (out, back);
                for other in homes.iter().filter(|o| *o != c) {
                    to = to.min(trip(place(*other), place(*c)));
                    from = from.min(trip(place(*c), place(*other)));
                }
                way[*c] = way[*c].min(to + from);
            }
            door[g] = if homes.is_empty() { 0 } else { best_door.0 + best_door.1 };
        }
        Least { way: way.into_iter().map(|w| if w == i64::MAX { 0 } else { w }).collect(), door }
    }

    /// Most halves of seconds of visits a caregiver's month holds: each day begins and ends at the door, and a month of `max_month`
    /// takes at least `max_month / max_day` days.
    fn capacity(&self, problem: &RotaProblem, g: usize) -> i64 {
        let carer = &problem.caregivers[g];
        let day = HALF * i64::from(carer.max_day.0.min(carer.shift.1.0.saturating_sub(carer.shift.0.0)));
        let (days, month) = (carer.days.len() as i64, HALF * i64::from(carer.max_month.0));
        let door = self.door[g].min(day);
        let by_days = (day - door) * days;
        let by_month = month - if day > 0 { month * door / day } else { 0 };
        by_days.min(by_month).max(0)
    }
}

/// Pieces that find no hours when each is split at will among its caregivers. The linear program is a flow whose gain depends on the
/// source only, so filling the smallest pieces first is optimal (the greedy rule of a polymatroid; Edmonds 1970).
fn left_over(problem: &RotaProblem, groups: &[Group], least: &Least) -> f64 {
    let (source, sink) = (0, 1);
    let carer_node = |g: usize| 2 + g;
    let group_node = |i: usize| 2 + problem.caregivers.len() + i;
    let mut network = Network::new(2 + problem.caregivers.len() + groups.len());
    for g in 0..problem.caregivers.len() {
        network.arc(carer_node(g), sink, least.capacity(problem, g));
    }
    let (mut missing, mut at) = (0.0, 0);
    while at < groups.len() {
        let size = groups[at].size;
        let mut wanted = 0;
        while at < groups.len() && groups[at].size == size {
            let load = size * groups[at].pieces;
            wanted += load;
            network.arc(source, group_node(at), load);
            for g in &groups[at].carers {
                network.arc(group_node(at), carer_node(*g as usize), load);
            }
            at += 1;
        }
        // Augmenting paths never take flow back from an earlier source.
        missing += (wanted - network.augment(source, sink)) as f64 / size as f64;
    }
    missing
}

/// The least possible largest care load of a caregiver when all `placeable` visits are made. Newton steps on the minimum cut:
/// a cut names clients whose care needs more than their caregivers could carry at the level tried.
pub(super) fn largest_load(problem: &RotaProblem, eligible: &[Vec<u32>], placeable: &[u32]) -> Seconds {
    let groups =
        groups(problem, eligible, |c, client| (i64::from(client.service.0), i64::from(placeable[c])));
    let care: i64 = groups.iter().map(|g| g.size * g.pieces).sum();
    let carer_node = |g: usize| 2 + g;
    let group_node = |i: usize| 2 + problem.caregivers.len() + i;
    let mut level = care / (problem.caregivers.len() as i64).max(1);
    let seconds = |level: i64| Seconds(u32::try_from(level).unwrap_or(u32::MAX));
    loop {
        let mut network = Network::new(2 + problem.caregivers.len() + groups.len());
        (0..problem.caregivers.len()).for_each(|g| network.arc(carer_node(g), 1, level));
        for (i, group) in groups.iter().enumerate() {
            let load = group.size * group.pieces;
            network.arc(0, group_node(i), load);
            group.carers.iter().for_each(|g| network.arc(group_node(i), carer_node(*g as usize), load));
        }
        if network.augment(0, 1) == care {
            return seconds(level);
        }
        let side = network.source_side(0);
        let load: i64 = (0..groups.len())
            .filter(|i| side[group_node(*i)])
            .map(|i| groups[i].size * groups[i].pieces)
            .sum();
        let carriers = (0..problem.caregivers.len()).filter(|g| side[carer_node(*g)]).count() as i64;
        // Rounded up: loads are whole seconds.
        let next = load.div_euclid(carriers.max(1)) + i64::from(load.rem_euclid(carriers.max(1)) > 0);
        if next <= level {
            return seconds(level);
        }
        level = next;
    }
}
