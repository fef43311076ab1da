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

#[cfg(test)]
mod tests {
    use crate::base::{CaregiverIx, Seconds, Silent};
    use crate::grid::testing::county;
    use crate::grid::{Continuity, Day, MissingReason, RotaPlan, RotaProblem, RotaStop, solve};
    use std::collections::BTreeMap;

    fn plan(problem: &RotaProblem, steps: u64, seed: u64) -> RotaPlan {
        solve(problem, &RotaStop { steps, seed }, &Silent).unwrap()
    }

    /// Could the named caregiver make one visit more of the client on some day, the rules as `problem` has them and every other
    /// visit in its order? Walked through by hand, without the search.
    fn one_more_fits(problem: &RotaProblem, plan: &RotaPlan, c: usize, g: CaregiverIx) -> bool {
        let (who, client) = (&problem.caregivers[g.at()], &problem.clients[c]);
        let mine = |t: &crate::grid::Tour| t.visits.iter().any(|v| v.client.at() == c);
        let held: Vec<Day> = plan.tours.iter().filter(|t| mine(t)).map(|t| t.day).collect();
        let month: u32 = plan.tours.iter().filter(|t| t.caregiver == g).map(|t| t.back.0 - t.depart.0).sum();
        let free = |d: &&Day| {
            let weekday = (problem.first_weekday + d.0 - 1) % 7;
            let apart = held.iter().all(|h| u32::from(h.0.abs_diff(d.0)) >= client.apart_days);
            apart && **d >= client.earliest && !client.blocked_weekdays.contains(&weekday)
        };
        who.days.iter().filter(free).any(|day| {
            let tour = plan.tours.iter().find(|t| t.caregiver == g && t.day == *day);
            let stops: Vec<usize> = tour.iter().flat_map(|t| &t.visits).map(|v| v.client.at()).collect();
            let before = tour.map_or(0, |t| t.back.0 - t.depart.0);
            (0..=stops.len()).any(|at| {
                let mut order = stops.clone();
                order.insert(at, c);
                let long = shortest_day(problem, g, &order);
                long.is_some_and(|long| long <= who.max_day.0 && month - before + long <= who.max_month.0)
            })
        })
    }

    /// Seconds door to door of a day in this order, left as late as waiting allows; `None`: something is late.
    fn shortest_day(problem: &RotaProblem, g: CaregiverIx, order: &[usize]) -> Option<u32> {
        let who = &problem.caregivers[g.at()];
        let (mut t, mut place, mut waited, mut slack) = (who.shift.0.0, who.base, 0, u32::MAX);
        for c in order {
            let client = &problem.clients[*c];
            t += u32::from(problem.trips.seconds(0, place, client.place));
            waited += client.window.0.0.saturating_sub(t);
            t = t.max(client.window.0.0);
            slack = slack.min(waited + client.window.1.0.checked_sub(t + client.service.0)?);
            (t, place) = (t + client.service.0, client.place);
        }
        t += u32::from(problem.trips.seconds(0, place, who.base));
        (t <= who.shift.1.0).then(|| t - who.shift.0.0 - waited.min(slack))
    }

    #[test]
    fn without_the_rule_a_reason_names_the_visit_has_a_place_and_with_it_none() {
        let (mut counted, long) = (BTreeMap::new(), Seconds(1 << 20));
        for seed in 0..24 {
            let mut problem = county(seed, 5, 90, Continuity::Prefer);
            for who in &mut problem.caregivers {
                // Short months in one half, short days in the other.
                (who.max_day, who.max_month) = if seed % 2 == 0 {
                    (who.max_day, Seconds(70 * 3600))
                } else {
                    (Seconds(4 * 3600), who.max_month)
                };
            }
            let plan = plan(&problem, 1500, seed);
            for u in &plan.unplaced {
                *counted.entry(u.reason).or_insert(0) += 1;
                let Some(g) = u.by else { continue };
                let c = u.client.at();
                let mut relaxed = problem.clone();
                let who = &mut relaxed.caregivers[g.at()];
                match u.reason {
                    MissingReason::MonthHours => who.max_month = long,
                    MissingReason::DayHours => (who.max_day, who.shift) = (long, (Seconds(0), long)),
                    MissingReason::WindowFull => relaxed.clients[c].window = (Seconds(0), long),
                    _ => continue,
                }
                // Where the client's own visits would have to move too, the plain walk cannot say.
                let held = plan.tours.iter().flat_map(|t| &t.visits).filter(|v| v.client == u.client).count();
                if held == 0 {
                    assert!(one_more_fits(&relaxed, &plan, c, g), "seed {seed}: {u:?}");
                    assert!(
                        problem.clients[c].eligible.iter().all(|g| !one_more_fits(&problem, &plan, c, *g)),
                        "seed {seed}: {u:?}"
                    );
                }
            }
        }
        let count = |why| counted.get(&why).copied().unwrap_or(0);
        assert!(count(MissingReason::MonthHours) > 20 && count(MissingReason::DayHours) > 5, "{counted:?}");
        assert!(count(MissingReason::NotFoundInBudget) * 10 <= counted.values().sum::<i32>(), "{counted:?}");
    }
}
