//! Which clients live near each other, seen from the caregivers they share.

use crate::grid::instance::Instance;

/// Neighbours kept per client.
const KEPT: usize = 32;
/// Caregivers of a client whose other clients are looked at.
const SEEN_FROM: usize = 4;

/// For each client, others near by, nearest first.
pub(super) fn neighbours(instance: &Instance) -> Vec<Vec<u32>> {
    (0..instance.homes.len() as u32).map(|c| of_one(instance, c)).collect()
}

fn of_one(instance: &Instance, client: u32) -> Vec<u32> {
    let mut near: Vec<(i32, u32)> = Vec::new();
    for option in instance.homes[client as usize].options.iter().take(SEEN_FROM) {
        let carer = &instance.carers[option.carer as usize];
        let trips = carer.trips_of(option.local);
        near.extend(carer.homes.iter().enumerate().map(|(i, c)| (trips.seconds_to(i as u32 + 1), *c)));
    }
    near.retain(|(_, c)| *c != client && instance.homes[*c as usize].owed > 0);
    near.sort_unstable();
    let mut list: Vec<u32> = Vec::with_capacity(KEPT);
    for (_, c) in near {
        if list.last() != Some(&c) && !list.contains(&c) {
            list.push(c);
            if list.len() == KEPT {
                break;
            }
        }
    }
    list
}
