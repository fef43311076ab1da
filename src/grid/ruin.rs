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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::Continuity;
    use crate::grid::draft::Draft;
    use crate::grid::instance::{Instance, eligible_after_locks};
    use crate::grid::recreate::first_plan;
    use crate::grid::testing::county;

    /// Part of the steps that begin at a client of the `busiest` caregivers with most clients, whose hours have a price, and their part
    /// among all clients. Everybody is placed.
    fn begun_where_scarce(busiest: usize) -> (f64, f64) {
        let problem = county(9, 12, 100, Continuity::Strict);
        let mut instance = Instance::compile(&problem, &eligible_after_locks(&problem).unwrap(), &[], true);
        let placed: Vec<u32> = (0..100).filter(|c| !instance.homes[*c as usize].options.is_empty()).collect();
        let carers: Vec<u32> = (0..12).collect();
        let served = {
            let search = first_plan(&instance, carers.clone(), placed.clone());
            assert!(search.incomplete().is_empty(), "{:?}", search.incomplete());
            let mut draft = Draft::empty(100, 12);
            search.store(&mut draft);
            draft
        };
        let mut busy = carers.clone();
        busy.sort_by_key(|g| std::cmp::Reverse(served.carer_of.iter().filter(|of| **of == Some(*g)).count()));
        busy[..busiest].iter().for_each(|g| instance.carers[*g as usize].second_price = 1);
        let mut search = Search::new(&instance, carers, placed);
        search.load(&served);
        let is_scarce = |c: u32| search.carer_of(c).is_some_and(|g| g.second_price > 0);
        let theirs = search.clients.iter().filter(|c| is_scarce(**c)).count();
        let mut random = SplitMix64::new(3);
        let begun = (0..20_000).filter(|_| is_scarce(seed(&search, &mut random))).count();
        (begun as f64 / 20_000.0, theirs as f64 / search.clients.len() as f64)
    }

    #[test]
    fn steps_begin_oftener_where_hours_are_short() {
        for busiest in [1, 2] {
            let (begun, part) = begun_where_scarce(busiest);
            assert!(part > 0.05 && part < 0.6, "{part}");
            let law = 1.0 - (1.0 - part).powi(1 + DRAWS_WHERE_SCARCE as i32);
            assert!((begun - law).abs() < 0.015, "{begun} of the steps for {part} of the clients, not {law}");
        }
        assert_eq!(begun_where_scarce(0), (0.0, 0.0));
    }

    #[test]
    fn one_step_in_four_begins_at_somebody_who_misses_a_visit() {
        let problem = county(9, 12, 100, Continuity::Strict);
        let instance = Instance::compile(&problem, &eligible_after_locks(&problem).unwrap(), &[], true);
        let owed = |c: &u32| !instance.homes[*c as usize].options.is_empty();
        let mut search = first_plan(&instance, (0..12).collect(), (0..100).filter(owed).collect());
        let out = search.clients[5];
        search.take_out(out);
        search.keep();
        let mut random = SplitMix64::new(3);
        let begun = (0..20_000).filter(|_| seed(&search, &mut random) == out).count() as f64 / 20_000.0;
        let law = 0.25 + 0.75 / search.clients.len() as f64;
        assert!((begun - law).abs() < 0.015, "{begun} {law}");
    }
}
