//! The last pass: every caregiver is weighed for what is still missing, backups step in, days take their exact order.

use crate::base::{CaregiverIx, ClientIx, Seconds};
use crate::grid::draft::Draft;
use crate::grid::instance::MONTH;
use crate::grid::mend::{self, Scope, Without};
use crate::grid::recreate::Inserter;
use crate::grid::search::Search;
use crate::grid::tour::Stop;
use crate::grid::{Continuity, Day, RotaPlan, RotaProblem, Tour, Visit, order};

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

/// A finished plan as a draft again; visits by backups are left out.
pub(super) fn draft(problem: &RotaProblem, plan: &RotaPlan) -> Draft {
    let mut draft = Draft::empty(problem.clients.len(), problem.caregivers.len());
    for tour in &plan.tours {
        let own = |v: &&Visit| plan.responsible[v.client.at()] == Some(tour.caregiver);
        let day = &mut draft.tours[tour.caregiver.at() * MONTH + usize::from(tour.day.0)];
        day.extend(tour.visits.iter().filter(own).map(|v| v.client.0));
    }
    let has_own: Vec<bool> = {
        let mut has = vec![false; problem.clients.len()];
        draft.tours.iter().flatten().for_each(|c| has[*c as usize] = true);
        has
    };
    let own = |c: usize| plan.responsible[c].map(|g| g.0).filter(|_| has_own[c]);
    draft.carer_of = (0..problem.clients.len()).map(own).collect();
    draft
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

/// Lets backups make visits that would else stay unplaced; the responsible caregiver of record (the first option) stays.
/// Such clients can no longer be taken out.
pub(super) fn call_backups(search: &mut Search) {
    let mut waiting = search.incomplete().to_vec();
    waiting.sort_unstable();
    let held = mend::held(search);
    let scope = Scope { from: 1, continuity: Continuity::Prefer, without: Without::default() };
    for client in waiting {
        let held = &held[client as usize];
        let change = mend::fewest_changes(search, client, held, 0, scope);
        let Some(change) = change.filter(|c| c.visits > held.len()) else { continue };
        for (day, g) in held.iter().filter(|(day, _)| change.stay & (1 << day) == 0) {
            search.drop_visit(client, *g as usize, *day);
        }
        for (option, day, at) in &change.new {
            search.insert_visit(client, *option, *day, *at);
        }
        let days = change.new.iter().fold(change.stay, |m, (_, day, _)| m | 1 << day);
        search.record(client, days);
    }
    search.keep();
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
            let spare = tour.stops.last().map_or(0, |s| search.carer(slot).spare_home(s.local));
            let visit = |(stop, start): (&Stop, i32)| Visit {
                client: ClientIx(stop.client),
                arrive: Seconds(start as u32),
                leave: Seconds((start + stop.own.duration) as u32),
            };
            tours.push(Tour {
                caregiver: CaregiverIx(*g),
                day: Day(day as u8),
                depart: Seconds(depart as u32),
                back: Seconds((depart + tour.duration - spare) as u32),
                visits: tour.stops.iter().zip(starts).map(visit).collect(),
                travel: Seconds((tour.travel - spare) as u32),
                wait: Seconds(tour.wait() as u32),
            });
        }
    }
    tours
}
