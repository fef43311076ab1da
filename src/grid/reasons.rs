//! Why a visit is missing: the rule without which it could be placed, all other visits standing.

use crate::grid::instance::{Carer, Home, INFINITE, Instance, MONTH};
use crate::grid::mend::{self, Held, Scope, Without};
use crate::grid::pattern::Patterns;
use crate::grid::search::Search;
use crate::grid::{Continuity, MissingReason, RotaProblem};

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

/// The reason for a client of the search who misses visits, all other clients' visits standing. `held`: the client's visits, the responsible caregiver is the first option; `room`: see [`room`].
pub(super) fn reason(
    search: &mut Search,
    client: u32,
    held: &[Held],
    room: u32,
    continuity: Continuity,
) -> MissingReason {
    if search.home(client).options.is_empty() {
        return MissingReason::NobodyEligible;
    }
    if room as usize <= held.len() {
        return MissingReason::NoRoomInMonth;
    }
    let mut more = |month_hours| {
        let scope = Scope { from: 1, continuity, without: Without { month_hours, day_hours: false } };
        let with = |search: &Search, held: &[Held], own| {
            mend::fewest_changes(search, client, held, own, scope).map_or(0, |c| c.visits)
        };
        if with(search, held, 0) > held.len() {
            return true;
        }
        if continuity == Continuity::Prefer {
            return false;
        }
        // One caregiver a client: somebody else would take over every visit.
        search.take_out(client);
        let others = 1..search.home(client).options.len() as u16;
        let found = others.into_iter().any(|own| with(search, &[], own) > held.len());
        search.undo();
        found
    };
    if more(false) {
        MissingReason::NotFoundInBudget
    } else if more(true) {
        MissingReason::MonthHours
    } else {
        // Other clients' visits fill the days: longer days would help, or, where windows collide, days with fewer visits (see `room`).
        MissingReason::DayHours
    }
}
