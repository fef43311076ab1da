//! Why a visit is missing: the rule without which it could be placed, all other visits standing.

use crate::grid::instance::{Carer, Home, INFINITE, Instance, MONTH};
use crate::grid::pattern::Patterns;
use crate::grid::search::Search;
use crate::grid::tour::DayTour;
use crate::grid::{Continuity, MissingReason, RotaProblem};

/// A rule left out of sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Without {
    Nothing,
    MonthHours,
    DayHours,
}

/// Visits each client could have if nobody else were served: spacing, windows, entry day, working days and the way there and back.
pub(super) fn room(problem: &RotaProblem, eligible: &[Vec<u32>], instance: &Instance) -> Vec<u32> {
    let mut patterns = Patterns::default();
    let of_one = |(c, list): (usize, &Vec<u32>)| {
        let home = &instance.homes[c];
        let days: Vec<u32> = list
            .iter()
            .map(|g| days_alone(problem, c, *g as usize, home, &instance.carers[*g as usize]))
            .collect();
        let mut most = |days: u32| {
            let mut cost = [INFINITE; MONTH];
            (1..MONTH).filter(|d| days & (1 << d) != 0).for_each(|d| cost[d] = 0);
            patterns.fill(&cost, home.owed as usize, home.apart as usize);
            (0..=home.owed).rev().find(|j| patterns.cost(*j as usize) < INFINITE).unwrap_or(0)
        };
        match problem.continuity {
            Continuity::Prefer => most(days.iter().fold(0, |all, d| all | d)),
            Continuity::Strict => days.iter().map(|d| most(*d)).max().unwrap_or(0),
        }
    };
    eligible.iter().enumerate().map(of_one).collect()
}

/// Days on which a caregiver with nobody else to serve can make the visit.
fn days_alone(problem: &RotaProblem, c: usize, g: usize, home: &Home, carer: &Carer) -> u32 {
    let (who, place) = (&problem.caregivers[g], problem.clients[c].place);
    let there = i32::from(problem.trips.seconds(who.profile, who.base, place));
    let back = i32::from(problem.trips.seconds(who.profile, place, who.base));
    let day = carer.door().then(there, home.segment()).and_then(|d| d.then(back, carer.door()));
    let fits = day.is_some_and(|d| d.duration <= carer.max_day && d.duration <= carer.max_month);
    if fits { home.days & carer.days } else { 0 }
}

/// The reason for a client of the search who misses visits; `room`: see [`room`].
pub(super) fn reason(search: &mut Search, client: u32, room: u32, continuity: Continuity) -> MissingReason {
    let home = search.home(client);
    if home.options.is_empty() {
        return MissingReason::NobodyEligible;
    }
    let placed = search.choice(client).days.count_ones();
    if room <= placed {
        return MissingReason::NoRoomInMonth;
    }
    let fits = |without| fits_more(search, client, placed as usize + 1, continuity, without);
    if fits(Without::Nothing) {
        MissingReason::NotFoundInBudget
    } else if fits(Without::MonthHours) {
        MissingReason::MonthHours
    } else if fits(Without::DayHours) {
        MissingReason::DayHours
    } else {
        MissingReason::NotFoundInBudget
    }
}

/// `visits` visits of the client could be placed, others standing, if the rule were not there.
fn fits_more(search: &Search, client: u32, visits: usize, continuity: Continuity, without: Without) -> bool {
    let home = search.home(client);
    let mut patterns = Patterns::default();
    let mut shared = [INFINITE; MONTH];
    for option in &home.options {
        let Some(slot) = search.slot(option.carer) else { continue };
        let mut carer = search.carer(slot).clone();
        if without == Without::DayHours {
            carer.max_day = INFINITE;
            carer.shift = (0, INFINITE);
        }
        let left = if without == Without::MonthHours { INFINITE } else { search.hours_left(slot) };
        let mut seconds = [INFINITE; MONTH];
        for day in (1..MONTH).filter(|d| home.days & carer.days & (1 << d) != 0) {
            let mut tour = DayTour::empty();
            tour.copy_from(search.tour(slot, day));
            // The client's own visits may move.
            tour.remove(&carer, client);
            let found = tour.best_insertion(&carer, home, option.local, carer.max_day);
            let more = tour.duration + found.duration - search.tour(slot, day).duration;
            if found.cost < INFINITE && more <= left {
                seconds[day] = more.max(0);
                shared[day] = shared[day].min(more.max(0));
            }
        }
        patterns.fill(&seconds, visits, home.apart as usize);
        if patterns.cost(visits) <= left && patterns.cost(visits) < INFINITE {
            return true;
        }
    }
    patterns.fill(&shared, visits, home.apart as usize);
    continuity == Continuity::Prefer && patterns.cost(visits) < INFINITE
}
