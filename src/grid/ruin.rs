//! Which clients to take out next: a neighbourhood, a caregiver's day with the days beside it, or the surroundings of a missing visit.

use crate::base::SplitMix64;
use crate::grid::cost::NOBODY;
use crate::grid::instance::MONTH;
use crate::grid::search::Search;

/// Most clients taken out in one step.
const MOST: usize = 10;

/// Draws of a client more that are spent on finding one whose caregiver has too few hours: whether a visit more is placed is decided there.
const DRAWS_WHERE_SCARCE: usize = 3;

/// Fills `out` with the clients to take out, each once; clients who miss visits may be among them.
pub(super) fn pick(search: &Search, neighbours: &[Vec<u32>], random: &mut SplitMix64, out: &mut Vec<u32>) {
    out.clear();
    let seed = seed(search, random);
    let count = 1 + random.below(MOST);
    match random.below(10) {
        0..6 => neighbourhood(search, neighbours, random, seed, count, out),
        6..8 => same_days(search, random, seed, count, out),
        _ => same_carer(search, random, seed, count, out),
    }
    if out.is_empty() {
        out.push(seed);
    }
}

/// One client in four of those who miss visits, else anybody, oftener where hours are scarce.
fn seed(search: &Search, random: &mut SplitMix64) -> u32 {
    let lacking = search.incomplete();
    if !lacking.is_empty() && random.below(4) == 0 {
        return lacking[random.below(lacking.len())];
    }
    let mut seed = search.clients[random.below(search.clients.len())];
    for _ in 0..if search.is_scarce() { DRAWS_WHERE_SCARCE } else { 0 } {
        if search.choice(seed).option == NOBODY || search.carer_of(seed).is_some_and(|g| g.second_price > 0) {
            break;
        }
        seed = search.clients[random.below(search.clients.len())];
    }
    seed
}

/// The seed and its nearest neighbours, some skipped.
fn neighbourhood(
    search: &Search,
    neighbours: &[Vec<u32>],
    random: &mut SplitMix64,
    seed: u32,
    count: usize,
    out: &mut Vec<u32>,
) {
    out.push(seed);
    for c in &neighbours[seed as usize] {
        if out.len() >= count {
            break;
        }
        if random.below(4) > 0 && search.member(*c).is_some() {
            out.push(*c);
        }
    }
}

/// Everybody on the seed's own days, tour by tour.
fn same_days(search: &Search, random: &mut SplitMix64, seed: u32, count: usize, out: &mut Vec<u32>) {
    out.push(seed);
    let choice = search.choice(seed);
    if choice.option == NOBODY {
        return;
    }
    let Some(slot) = search.slot(search.home(seed).options[choice.option as usize].carer) else { return };
    let turn = random.below(MONTH);
    for k in 0..MONTH {
        let day = (k + turn) % MONTH;
        if choice.days & (1 << day) == 0 {
            continue;
        }
        for stop in &search.tour(slot, day).stops {
            if out.len() < count && !out.contains(&stop.client) {
                out.push(stop.client);
            }
        }
    }
}

/// Clients of the seed's caregiver on days drawn at random.
fn same_carer(search: &Search, random: &mut SplitMix64, seed: u32, count: usize, out: &mut Vec<u32>) {
    out.push(seed);
    let options = &search.home(seed).options;
    let choice = search.choice(seed);
    let option =
        if choice.option == NOBODY { random.below(options.len().max(1)) } else { choice.option as usize };
    let Some(slot) = options.get(option).and_then(|o| search.slot(o.carer)) else { return };
    for _ in 0..2 * count {
        let stops = &search.tour(slot, 1 + random.below(MONTH - 1)).stops;
        if stops.is_empty() || out.len() >= count {
            continue;
        }
        let client = stops[random.below(stops.len())].client;
        if !out.contains(&client) {
            out.push(client);
        }
    }
}
