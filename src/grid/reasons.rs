//! Why a visit is missing: the rule without which it could be placed, all other visits standing.

use crate::base::CaregiverIx;
use crate::grid::instance::{Carer, Home, INFINITE, Instance, MONTH};
use crate::grid::mend::{self, Change, Held, Scope, Without};
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

/// Visits that one caregiver with nobody else to serve can make.
pub(super) fn room_with(problem: &RotaProblem, instance: &Instance, c: usize, g: usize) -> u32 {
    let home = &instance.homes[c];
    let days = days_alone(problem, c, g, home, &instance.carers[g]);
    let mut cost = [INFINITE; MONTH];
    (1..MONTH).filter(|d| days & (1 << d) != 0).for_each(|d| cost[d] = 0);
    let mut patterns = Patterns::default();
    patterns.fill(&cost, home.owed as usize, home.apart as usize);
    (0..=home.owed).rev().find(|j| patterns.cost(*j as usize) < INFINITE).unwrap_or(0)
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

/// Rules in the order in which they are left out of sight, the first of whose going helps is the reason.
const LADDER: [(Without, MissingReason); 5] = {
    let none = Without { month_hours: false, day_hours: false, window: false };
    [
        (none, MissingReason::NotFoundInBudget),
        (Without { month_hours: true, ..none }, MissingReason::MonthHours),
        (Without { day_hours: true, ..none }, MissingReason::DayHours),
        (Without { window: true, ..none }, MissingReason::WindowFull),
        (Without { month_hours: true, day_hours: true, window: true }, MissingReason::SeveralRules),
    ]
};

/// A reason, and who could make the visit without that rule.
pub(super) type Cause = (MissingReason, Option<CaregiverIx>);

/// The first rule without which there is one visit more; `more` names who makes it.
pub(super) fn cause(mut more: impl FnMut(Without) -> Option<u32>) -> Cause {
    let mut found =
        LADDER.iter().filter_map(|(without, why)| more(*without).map(|g| (*why, Some(CaregiverIx(g)))));
    found.next().unwrap_or((MissingReason::NoRoomInMonth, None))
}

/// Who would make one visit more than `held`, as `change` has it.
pub(super) fn helper(search: &Search, client: u32, held: &[Held], change: Option<Change>) -> Option<u32> {
    let (option, _, _) = *change.filter(|c| c.visits > held.len())?.new.first()?;
    Some(search.home(client).options[option as usize].carer)
}

/// The reason for a client of the search who misses visits, all other clients' visits standing. `held`: the client's visits, the responsible caregiver is the first option; `room`: see [`room`].
pub(super) fn reason(
    search: &mut Search,
    client: u32,
    held: &[Held],
    room: u32,
    continuity: Continuity,
) -> Cause {
    if search.home(client).options.is_empty() {
        return (MissingReason::NobodyEligible, None);
    }
    if room as usize <= held.len() {
        return (MissingReason::NoRoomInMonth, None);
    }
    cause(|without| {
        let scope = Scope { from: 1, continuity, without };
        let with = |search: &Search, mine: &[Held], own| {
            // Of visits that all move, one more than before must fit.
            let change = mend::fewest_changes(search, client, mine, own, scope);
            helper(search, client, held, change)
        };
        let own = with(search, held, 0);
        if own.is_some() || continuity == Continuity::Prefer {
            return own;
        }
        // One caregiver a client: somebody else would take over every visit.
        search.take_out(client);
        let found = (1..search.home(client).options.len() as u16).find_map(|own| with(search, &[], own));
        search.undo();
        found
    })
}
