//! What no plan can beat: relaxations of the month in which a client may be split among caregivers and travel costs nothing.

use crate::grid::RotaProblem;
use crate::grid::flow::Network;
use std::collections::BTreeMap;

/// Clients who differ in nothing the relaxation sees: service, caregivers; with their visits.
#[derive(Debug)]
struct Group {
    service: i64,
    carers: Vec<u32>,
    visits: i64,
}

fn groups(problem: &RotaProblem, eligible: &[Vec<u32>], placeable: &[u32]) -> Vec<Group> {
    let mut merged: BTreeMap<(i64, Vec<u32>), i64> = BTreeMap::new();
    for ((client, list), visits) in problem.clients.iter().zip(eligible).zip(placeable) {
        let mut carers = list.clone();
        carers.sort_unstable();
        if *visits > 0 && client.service.0 > 0 && !carers.is_empty() {
            *merged.entry((i64::from(client.service.0), carers)).or_default() += i64::from(*visits);
        }
    }
    merged.into_iter().map(|((service, carers), visits)| Group { service, carers, visits }).collect()
}

/// Visits that no plan can place, of `placeable[client]` ones: each client's care is split at will among the eligible caregivers, whose
/// hours are the lesser of the month and their days. The linear program is a flow whose gain depends on the source only, so filling
/// the shortest services first is optimal (the greedy rule of a polymatroid; Edmonds 1970).
pub(super) fn unplaced(problem: &RotaProblem, eligible: &[Vec<u32>], placeable: &[u32]) -> f64 {
    let groups = groups(problem, eligible, placeable);
    let (source, sink) = (0, 1);
    let carer_node = |g: usize| 2 + g;
    let group_node = |i: usize| 2 + problem.caregivers.len() + i;
    let mut network = Network::new(2 + problem.caregivers.len() + groups.len());
    for (g, carer) in problem.caregivers.iter().enumerate() {
        let day = carer.max_day.0.min(carer.shift.1.0.saturating_sub(carer.shift.0.0));
        let hours = i64::from(carer.max_month.0).min(i64::from(day) * carer.days.len() as i64);
        network.arc(carer_node(g), sink, hours);
    }
    let mut missing = 0.0;
    let mut at = 0;
    while at < groups.len() {
        let service = groups[at].service;
        let mut care = 0;
        while at < groups.len() && groups[at].service == service {
            let load = groups[at].service * groups[at].visits;
            care += load;
            network.arc(source, group_node(at), load);
            for g in &groups[at].carers {
                network.arc(group_node(at), carer_node(*g as usize), load);
            }
            at += 1;
        }
        // Augmenting paths never take flow back from an earlier source.
        missing += (care - network.augment(source, sink)) as f64 / service as f64;
    }
    missing
}

/// Seconds: the least possible largest care load of a caregiver when all `placeable` visits are made. Newton steps on the minimum cut:
/// a cut names clients whose care needs more than their caregivers could carry at the level tried.
pub(super) fn largest_load(problem: &RotaProblem, eligible: &[Vec<u32>], placeable: &[u32]) -> u32 {
    let groups = groups(problem, eligible, placeable);
    let care: i64 = groups.iter().map(|g| g.service * g.visits).sum();
    let carer_node = |g: usize| 2 + g;
    let group_node = |i: usize| 2 + problem.caregivers.len() + i;
    let mut level = care / (problem.caregivers.len() as i64).max(1);
    loop {
        let mut network = Network::new(2 + problem.caregivers.len() + groups.len());
        (0..problem.caregivers.len()).for_each(|g| network.arc(carer_node(g), 1, level));
        for (i, group) in groups.iter().enumerate() {
            let load = group.service * group.visits;
            network.arc(0, group_node(i), load);
            group.carers.iter().for_each(|g| network.arc(group_node(i), carer_node(*g as usize), load));
        }
        if network.augment(0, 1) == care {
            return u32::try_from(level).unwrap_or(u32::MAX);
        }
        let side = network.source_side(0);
        let load: i64 = (0..groups.len())
            .filter(|i| side[group_node(*i)])
            .map(|i| groups[i].service * groups[i].visits)
            .sum();
        let carriers = (0..problem.caregivers.len()).filter(|g| side[carer_node(*g)]).count() as i64;
        // Rounded up: loads are whole seconds.
        let next = load.div_euclid(carriers.max(1)) + i64::from(load.rem_euclid(carriers.max(1)) > 0);
        if next <= level {
            return u32::try_from(level).unwrap_or(u32::MAX);
        }
        level = next;
    }
}
