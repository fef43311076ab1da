//! What no plan can beat: relaxations of the month in which a client may be split among caregivers and each visit takes at least its
//! service and half of the shortest ways to it and from it.

use crate::base::{Outcome, Seconds};
use crate::grid::flow::Network;
use crate::grid::hours::level;
use crate::grid::instance::{Instance, eligible_after_locks};
use crate::grid::{RotaClient, RotaProblem, TripMatrix, TripTable, UNREACHED, check, reasons};
use std::collections::{BTreeMap, BTreeSet};

/// Lengths count in halves of seconds, so that half a trip is a whole number.
pub(super) const HALF: i64 = 2;
/// Visits are rounded down to this many halves of seconds, so that few sizes differ.
const STEP: i64 = 2 * 60;

/// Clients who differ in nothing the relaxation sees: size of one piece, caregivers; with their number of pieces.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) size: i64,
    pub(super) carers: Vec<u32>,
    pub(super) pieces: i64,
}

/// Groups by ascending size; `piece` gives size and number of pieces of a client.
pub(super) fn groups(
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

/// What no plan of a month can beat.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MonthBounds {
    /// Visits that no plan can place.
    pub unplaced: f64,
    /// Clients who miss a visit in every plan.
    pub clients: f64,
    /// Smallest possible largest care load of a caregiver.
    pub largest_load: Seconds,
}

/// Bounds of a month, without planning it.
///
/// # Errors
/// The problem is malformed, as in [`crate::grid::solve`].
pub fn month_bounds(problem: &RotaProblem) -> Outcome<MonthBounds> {
    let (eligible, room) = eligible_and_room(problem)?;
    Ok(of_room(problem, &eligible, &room))
}

/// The least possible sum of squares of the caregivers' care loads, in square hours: what fairness is measured against.
///
/// # Errors
/// The problem is malformed, as in [`crate::grid::solve`].
pub fn least_squares(problem: &RotaProblem) -> Outcome<f64> {
    let (eligible, room) = eligible_and_room(problem)?;
    Ok(squares(problem, &eligible, &room))
}

/// Everybody who may serve each client, and how many visits of theirs the month has room for at all.
pub(super) fn eligible_and_room(problem: &RotaProblem) -> Outcome<(Vec<Vec<u32>>, Vec<u32>)> {
    check::check(problem)?;
    let eligible = eligible_after_locks(problem)?;
    let instance = Instance::compile(problem, &eligible, &[], true);
    let room = reasons::room(problem, &eligible, &instance);
    Ok((eligible, room))
}

/// All bounds; `placeable`: see [`undone`].
pub(super) fn of_room(problem: &RotaProblem, eligible: &[Vec<u32>], placeable: &[u32]) -> MonthBounds {
    let undone = undone(problem, eligible, placeable);
    MonthBounds {
        unplaced: undone.visits,
        clients: undone.clients,
        largest_load: largest_load(problem, eligible, placeable),
    }
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
    let hours = |g: usize| least.capacity(problem, g);
    let by_visit = groups(problem, eligible, |c, client| (visit(c, client), i64::from(placeable[c])));
    let by_client = groups(problem, eligible, |c, client| {
        let all = client.visits > 0 && placeable[c] == client.visits;
        (visit(c, client) * i64::from(client.visits), i64::from(all))
    });
    let never = |c: &usize| placeable[*c] < problem.clients[*c].visits;
    let beyond: u32 =
        (0..placeable.len()).filter(never).map(|c| problem.clients[c].visits - placeable[c]).sum();
    Undone {
        visits: f64::from(beyond) + left_over(problem, &by_visit, hours).pieces,
        clients: (0..placeable.len()).filter(never).count() as f64
            + left_over(problem, &by_client, hours).pieces,
    }
}

/// Least ways, in halves of seconds.
pub(super) struct Least {
    /// By client: half the shortest way to them and half the shortest one from them, whoever of the eligible comes.
    pub(super) way: Vec<i64>,
    /// By caregiver: half the shortest way out and half the shortest one home.
    door: Vec<i64>,
}

impl Least {
    /// Each leg of a day is halved between its two ends, so a day is at least the sum over its visits and its door.
    pub(super) fn of(problem: &RotaProblem, eligible: &[Vec<u32>]) -> Least {
        let mut homes: Vec<Vec<usize>> = vec![Vec::new(); problem.caregivers.len()];
        for (c, list) in eligible.iter().enumerate().filter(|(c, _)| problem.clients[*c].visits > 0) {
            list.iter().for_each(|g| homes[*g as usize].push(c));
        }
        let door = homes.iter().enumerate().map(|(g, homes)| shortest_door(problem, g, homes)).collect();
        let mut way = vec![i64::MAX; problem.clients.len()];
        match &problem.trips {
            TripTable::Matrices(matrices) => {
                for (profile, matrix) in matrices.iter().enumerate() {
                    let rides = |g: &&u32| problem.caregivers[**g as usize].profile == profile;
                    let mine =
                        |c: &usize| problem.clients[*c].visits > 0 && eligible[*c].iter().any(|g| rides(&g));
                    let mine: Vec<usize> = (0..way.len()).filter(mine).collect();
                    for (c, least) in shortest_ways(problem, matrix, &mine) {
                        way[c] = way[c].min(least);
                    }
                }
            }
            // A plane knows no matrix; what one caregiver may visit is few enough to be looked at pair by pair.
            TripTable::Planar { .. } => {
                for (g, homes) in homes.iter().enumerate() {
                    pairwise_ways(problem, g, homes, &mut way);
                }
            }
        }
        Least { way: way.into_iter().map(|w| if w == i64::MAX { 0 } else { w }).collect(), door }
    }

    /// Most halves of seconds of visits a caregiver's month holds: each day begins and ends at the door, and a month of `max_month`
    /// takes at least `max_month / max_day` days.
    pub(super) fn capacity(&self, problem: &RotaProblem, g: usize) -> i64 {
        let carer = &problem.caregivers[g];
        let day = HALF * i64::from(carer.max_day.0.min(carer.shift.1.0.saturating_sub(carer.shift.0.0)));
        let (days, month) = (carer.days.len() as i64, HALF * i64::from(carer.max_month.0));
        let door = self.door[g].min(day);
        let by_days = (day - door) * days;
        let by_month = month - if day > 0 { month * door / day } else { 0 };
        by_days.min(by_month).max(0)
    }
}

/// Shortest way out plus shortest way home of a caregiver.
fn shortest_door(problem: &RotaProblem, g: usize, homes: &[usize]) -> i64 {
    let who = &problem.caregivers[g];
    let trip = |from, to| i64::from(problem.trips.seconds(who.profile, from, to));
    let out = homes.iter().map(|c| trip(who.base, problem.clients[*c].place)).min();
    let back = homes.iter().map(|c| trip(problem.clients[*c].place, who.base)).min();
    out.unwrap_or(0) + back.unwrap_or(0)
}

/// Shortest way to each of `clients` plus shortest way from them, over every other place of the matrix; 0 beside a housemate.
fn shortest_ways(problem: &RotaProblem, matrix: &TripMatrix, clients: &[usize]) -> Vec<(usize, i64)> {
    let size = matrix.size;
    let (mut to, mut from) = (vec![UNREACHED; size], vec![UNREACHED; size]);
    for (a, row) in matrix.seconds.chunks(size.max(1)).enumerate() {
        let (left, right) = row.split_at(a);
        let (own, right) = right.split_first().unwrap_or((&0, &[]));
        debug_assert_eq!(*own, 0, "a place is beside itself");
        from[a] = left.iter().chain(right).copied().min().unwrap_or(UNREACHED);
        let other = |b: &(usize, (&mut u16, &u16))| b.0 != a;
        to.iter_mut().zip(row).enumerate().filter(other).for_each(|(_, (t, s))| *t = (*t).min(*s));
    }
    let row = |c: usize| matrix.row_of_place[problem.clients[c].place] as usize;
    let mut at_home = vec![0u32; size];
    clients.iter().filter(|c| row(**c) < size).for_each(|c| at_home[row(*c)] += 1);
    let least = |c: usize| {
        let r = row(c);
        if r >= size || at_home[r] > 1 { 0 } else { i64::from(to[r]) + i64::from(from[r]) }
    };
    clients.iter().map(|c| (*c, least(*c))).collect()
}

fn pairwise_ways(problem: &RotaProblem, g: usize, homes: &[usize], way: &mut [i64]) {
    let who = &problem.caregivers[g];
    let trip = |from, to| i64::from(problem.trips.seconds(who.profile, from, to));
    let place = |c: usize| problem.clients[c].place;
    for c in homes {
        let (mut to, mut from) = (trip(who.base, place(*c)), trip(place(*c), who.base));
        for other in homes.iter().filter(|o| *o != c) {
            to = to.min(trip(place(*other), place(*c)));
            from = from.min(trip(place(*c), place(*other)));
        }
        way[*c] = way[*c].min(to + from);
    }
}

/// Pieces that find no hours.
pub(super) struct LeftOver {
    /// How many, in shares of pieces.
    pub(super) pieces: f64,
    /// By caregiver: size of the smallest pieces for which hours are missing; `None`: hours are left.
    pub(super) missed_at: Vec<Option<i64>>,
}

/// Pieces that find no hours when each is split at will among its caregivers. The linear program is a flow whose gain depends on the
/// source only, so filling the smallest pieces first is optimal (the greedy rule of a polymatroid; Edmonds 1970). After each size the
/// source's side of the cut names the caregivers whose hours are missed; these sets only grow, and their sizes are the dual solution.
pub(super) fn left_over(problem: &RotaProblem, groups: &[Group], hours: impl Fn(usize) -> i64) -> LeftOver {
    let (source, sink) = (0, 1);
    let carer_node = |g: usize| 2 + g;
    let group_node = |i: usize| 2 + problem.caregivers.len() + i;
    let mut network = Network::new(2 + problem.caregivers.len() + groups.len());
    let mut left = LeftOver { pieces: 0.0, missed_at: vec![None; problem.caregivers.len()] };
    for g in 0..problem.caregivers.len() {
        network.arc(carer_node(g), sink, hours(g));
    }
    let mut at = 0;
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
        left.pieces += (wanted - network.augment(source, sink)) as f64 / size as f64;
        let missed = network.source_side(source);
        for (g, missed_at) in left.missed_at.iter_mut().enumerate() {
            if missed[carer_node(g)] {
                missed_at.get_or_insert(size);
            }
        }
    }
    left
}

/// The least possible largest care load, when all `placeable` visits are made and a client's care may be split at will.
pub(super) fn largest_load(problem: &RotaProblem, eligible: &[Vec<u32>], placeable: &[u32]) -> Seconds {
    let carers: Vec<u32> = (0..problem.caregivers.len() as u32).collect();
    let densest = densest(&care(problem, eligible, placeable), &carers);
    level(&densest)
}

/// The least possible sum of squares of the care loads, in square hours. The lexicographically least loads are found piece by piece:
/// the caregivers who must carry most on average, then the same among the rest (decomposition of a polymatroid; Fujishige 1980).
fn squares(problem: &RotaProblem, eligible: &[Vec<u32>], placeable: &[u32]) -> f64 {
    let mut groups = care(problem, eligible, placeable);
    let mut left: Vec<u32> = (0..problem.caregivers.len() as u32).collect();
    let mut squares = 0.0;
    while !left.is_empty() && !groups.is_empty() {
        let densest = densest(&groups, &left);
        let (hours, heads) = (densest.load as f64 / 3600.0, densest.carriers.len() as f64);
        squares += hours * hours / heads;
        left.retain(|g| !densest.carriers.contains(g));
        for group in &mut groups {
            group.carers.retain(|g| !densest.carriers.contains(g));
        }
        groups.retain(|group| !group.carers.is_empty());
    }
    squares
}

fn care(problem: &RotaProblem, eligible: &[Vec<u32>], placeable: &[u32]) -> Vec<Group> {
    groups(problem, eligible, |c, client| (i64::from(client.service.0), i64::from(placeable[c])))
}

/// Caregivers and the care that nobody else could take from them.
pub(super) struct Densest {
    pub(super) carriers: BTreeSet<u32>,
    pub(super) load: i64,
}

/// The caregivers with most care a head that nobody else could take. Newton steps on the minimum cut: a cut names clients whose care
/// needs more than their caregivers could carry at the level tried.
pub(super) fn densest(groups: &[Group], carers: &[u32]) -> Densest {
    let care: i64 = groups.iter().map(|g| g.size * g.pieces).sum();
    let mut best = Densest { carriers: carers.iter().copied().collect(), load: care };
    let node_of: BTreeMap<u32, usize> = carers.iter().copied().zip(2..).collect();
    let group_node = |i: usize| 2 + carers.len() + i;
    loop {
        let heads = best.carriers.len() as i64;
        let mut network = Network::new(2 + carers.len() + groups.len());
        // Loads count in seconds a head of the set found, so that levels are whole numbers.
        carers.iter().for_each(|g| network.arc(node_of[g], 1, best.load));
        for (i, group) in groups.iter().enumerate() {
            let load = group.size * group.pieces * heads;
            network.arc(0, group_node(i), load);
            group.carers.iter().for_each(|g| network.arc(group_node(i), node_of[g], load));
        }
        if network.augment(0, 1) == care * heads {
            return best;
        }
        let side = network.source_side(0);
        let carriers: BTreeSet<u32> = carers.iter().copied().filter(|g| side[node_of[g]]).collect();
        let load = (0..groups.len())
            .filter(|i| side[group_node(*i)])
            .map(|i| groups[i].size * groups[i].pieces)
            .sum();
        if carriers.is_empty() {
            return best;
        }
        best = Densest { carriers, load };
    }
}
