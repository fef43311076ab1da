//! The last pass: every caregiver is weighed for what is still missing, backups step in, days take their exact order.

use crate::base::{CaregiverIx, ClientIx, Seconds};
use crate::grid::draft::Draft;
use crate::grid::instance::{Home, INFINITE, MONTH};
use crate::grid::pattern::Patterns;
use crate::grid::recreate::Inserter;
use crate::grid::search::Search;
use crate::grid::tour::Stop;
use crate::grid::{Day, RotaProblem, Tour, Visit, order};

/// Seconds a visit by a backup caregiver is dearer than one by the responsible caregiver.
const BACKUP_PRICE: i32 = 7200;

/// Each client with their own caregiver, then the one of their grid; those who miss visits with everybody eligible.
pub(super) fn lists(
    draft: &Draft,
    eligible: &[Vec<u32>],
    grid_carer: &[Option<u32>],
    lacking: &[bool],
) -> Vec<Vec<u32>> {
    let of_one = |(c, everybody): (usize, &Vec<u32>)| {
        let own = draft.carer_of[c];
        let mut list: Vec<u32> = own.into_iter().collect();
        let grid = grid_carer.get(c).copied().flatten();
        list.extend(everybody.iter().filter(|g| own != Some(**g) && (lacking[c] || grid == Some(**g))));
        list
    };
    eligible.iter().enumerate().map(of_one).collect()
}

/// Clients of whom the draft holds fewer visits than owed.
pub(super) fn lacking(problem: &RotaProblem, draft: &Draft) -> Vec<bool> {
    let mut placed = vec![0u32; problem.clients.len()];
    draft.tours.iter().flatten().for_each(|c| placed[*c as usize] += 1);
    problem.clients.iter().zip(&placed).map(|(c, n)| *n < c.visits).collect()
}

/// Places what can still be placed, with one caregiver a client.
pub(super) fn complete(search: &mut Search) {
    let mut inserter = Inserter::new(search.instance, &search.clients);
    let mut waiting = search.incomplete().to_vec();
    waiting.sort_unstable();
    for client in waiting {
        let before = search.cost().total();
        search.take_out(client);
        inserter.insert(search, client, 0);
        if search.cost().total() < before && !search.is_broken() {
            search.keep();
        } else {
            search.undo();
        }
    }
}

/// Brings clients to the caregiver of their grid wherever all their visits fit there.
pub(super) fn bring_home(search: &mut Search, grid_carer: &[Option<u32>]) {
    let mut inserter = Inserter::new(search.instance, &search.clients);
    for (client, grid) in grid_carer.iter().enumerate() {
        let (client, home) = (client as u32, &search.instance.homes[client]);
        let choice = search.choice(client);
        let option = home.options.iter().position(|o| Some(o.carer) == *grid);
        let Some(option) = option.filter(|o| *o != choice.option as usize) else { continue };
        search.take_out(client);
        if inserter.insert_with(search, client, option as u16) && !search.is_broken() {
            search.keep();
        } else {
            search.undo();
        }
    }
}

/// Lets backups make visits that would else stay unplaced; the responsible caregiver of record stays.
pub(super) fn call_backups(search: &mut Search) {
    let mut waiting = search.incomplete().to_vec();
    waiting.sort_unstable();
    let mut patterns = Patterns::default();
    for client in waiting {
        share_out(search, client, &mut patterns);
    }
}

/// The cheapest pattern of a client over all eligible caregivers together, as few backups as the count of visits allows.
fn share_out(search: &mut Search, client: u32, patterns: &mut Patterns) {
    let home = search.instance.homes[client as usize].clone();
    let before = search.choice(client);
    let had = before.days.count_ones();
    search.take_out(client);
    if search.is_broken() {
        return search.undo();
    }
    let mut cost = [INFINITE; MONTH];
    let mut by = [(0u16, 0u16, 0i32); MONTH];
    for (k, option) in home.options.iter().enumerate() {
        let Some(slot) = search.slot(option.carer) else { continue };
        let (carer, left) = (search.carer(slot), search.hours_left(slot));
        for day in (1..MONTH).filter(|d| home.days & carer.days & (1 << d) != 0) {
            let found = search.tour(slot, day).best_insertion(carer, &home, option.local, carer.max_day);
            let price = found.cost.saturating_add(if k == 0 { 0 } else { BACKUP_PRICE });
            // A backup's month holds at least one of the visits; their sum is looked at below.
            if found.duration <= left && price < cost[day] && found.cost < INFINITE {
                (cost[day], by[day]) = (price, (k as u16, found.at, found.duration));
            }
        }
    }
    let owed = home.owed as usize;
    patterns.fill(&cost, owed, home.apart as usize);
    for visits in (had as usize + 1..=owed).rev() {
        let days = patterns.days(visits);
        if patterns.cost(visits) >= INFINITE || !hours_hold(search, &home, days, &by) {
            continue;
        }
        let places = (1..MONTH).filter(|d| days & (1 << d) != 0).map(|d| (by[d].0, d, by[d].1 as usize));
        search.place_with_backups(client, &places.collect::<Vec<_>>());
        search.keep();
        return;
    }
    search.undo();
}

/// Nobody's month overflows with the chosen days.
fn hours_hold(search: &Search, home: &Home, days: u32, by: &[(u16, u16, i32); MONTH]) -> bool {
    home.options.iter().enumerate().all(|(k, option)| {
        let mine = (1..MONTH).filter(|d| days & (1 << d) != 0 && by[*d].0 as usize == k);
        let seconds: i32 = mine.map(|d| by[d].2).sum();
        search.slot(option.carer).is_none_or(|slot| seconds <= search.hours_left(slot))
    })
}

/// Puts every day of at most eight stops in its best order.
pub(super) fn order_days(search: &mut Search) {
    let instance = search.instance;
    for slot in 0..search.carers.len() {
        let carer = &instance.carers[search.carers[slot] as usize];
        for day in 1..MONTH {
            if search.tour(slot, day).stops.len() > 1 {
                search.change_tour(slot, day, |tour| {
                    order::improve(carer, tour);
                    true
                });
            }
        }
    }
    search.keep();
}

/// Tours by caregiver, then day, with their times.
pub(super) fn tours(search: &Search) -> Vec<Tour> {
    let mut tours = Vec::new();
    for (slot, g) in search.carers.iter().enumerate() {
        for day in 1..MONTH {
            let tour = search.tour(slot, day);
            if tour.stops.is_empty() {
                continue;
            }
            let (depart, starts) = tour.times(search.carer(slot));
            let visit = |(stop, start): (&Stop, i32)| Visit {
                client: ClientIx(stop.client),
                arrive: Seconds(start as u32),
                leave: Seconds((start + stop.own.duration) as u32),
            };
            tours.push(Tour {
                caregiver: CaregiverIx(*g),
                day: Day(day as u8),
                depart: Seconds(depart as u32),
                back: Seconds((depart + tour.duration) as u32),
                visits: tour.stops.iter().zip(starts).map(visit).collect(),
                travel: Seconds(tour.travel as u32),
                wait: Seconds(tour.wait() as u32),
            });
        }
    }
    tours
}
