//! A month of visits judged from the problem alone, sharing no code with the search: rules of `domain/rules.md`, counted one by one.

use crate::base::{CaregiverIx, ClientIx};
use crate::grid::{Continuity, Day, RotaCaregiver, RotaProblem};
use std::collections::BTreeMap;

/// One visit of a plan; the visits of a caregiver's day stand in visiting order.
pub type PlannedVisit = (CaregiverIx, Day, ClientIx);

/// How often each hard rule is broken, and what is missing (which breaks none).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BrokenRules {
    /// Two visits of a client too few days apart.
    pub spacing: u32,
    /// Days of a caregiver longer than they may be.
    pub long_days: u32,
    /// Caregivers whose month is too long.
    pub long_months: u32,
    /// Visits that end after their window, and returns after the shift.
    pub late: u32,
    /// Visits on days on which the caregiver does not work.
    pub not_worked: u32,
    /// Visits by somebody who may not serve the client.
    pub not_eligible: u32,
    /// Visits on days the client cannot be visited on.
    pub not_on_this_day: u32,
    /// Visits beyond those owed.
    pub extra: u32,
    /// Clients with several caregivers where each may have one only.
    pub several_caregivers: u32,
    /// Visits owed and not planned.
    pub missing: u32,
    /// Seconds on the road.
    pub travel: u32,
}

impl BrokenRules {
    /// Sum over the hard rules.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.spacing
            + self.long_days
            + self.long_months
            + self.late
            + self.not_worked
            + self.not_eligible
            + self.not_on_this_day
            + self.extra
            + self.several_caregivers
    }
}

/// Judges visits against the rules of the problem.
///
/// Rows that point beyond the problem's caregivers and clients are counted as not eligible and left out otherwise.
#[must_use]
pub fn broken_rules(problem: &RotaProblem, visits: &[PlannedVisit]) -> BrokenRules {
    let mut found = BrokenRules::default();
    let mut tours: BTreeMap<(CaregiverIx, Day), Vec<ClientIx>> = BTreeMap::new();
    let mut by_client: Vec<Vec<(Day, CaregiverIx)>> = vec![Vec::new(); problem.clients.len()];
    for (who, day, client) in visits {
        let known = who.at() < problem.caregivers.len() && client.at() < problem.clients.len();
        if !known {
            found.not_eligible += 1;
            continue;
        }
        tours.entry((*who, *day)).or_default().push(*client);
        by_client[client.at()].push((*day, *who));
        found.not_worked += u32::from(!problem.caregivers[who.at()].days.contains(day));
        found.not_eligible += u32::from(!problem.clients[client.at()].eligible.contains(who));
        found.not_on_this_day += u32::from(!may_be_visited(problem, *client, *day));
    }
    let mut months = vec![0u32; problem.caregivers.len()];
    for ((who, _), stops) in &tours {
        let carer = &problem.caregivers[who.at()];
        let day = walk(problem, carer, stops);
        found.late += day.late;
        found.travel += day.travel;
        found.long_days += u32::from(day.long > carer.max_day.0);
        months[who.at()] += day.long;
    }
    let too_long = |(long, carer): &(&u32, &RotaCaregiver)| **long > carer.max_month.0;
    found.long_months = months.iter().zip(&problem.caregivers).filter(too_long).count() as u32;
    for (client, had) in problem.clients.iter().zip(&mut by_client) {
        had.sort_unstable();
        let count = had.len() as u32;
        found.missing += client.visits.saturating_sub(count);
        found.extra += count.saturating_sub(client.visits);
        let close = |w: &&[(Day, CaregiverIx)]| u32::from(w[1].0.0 - w[0].0.0) < client.apart_days;
        found.spacing += had.windows(2).filter(close).count() as u32;
        let several = had.iter().any(|(_, g)| *g != had[0].1);
        found.several_caregivers += u32::from(several && problem.continuity == Continuity::Strict);
    }
    found
}

fn may_be_visited(problem: &RotaProblem, client: ClientIx, day: Day) -> bool {
    let client = &problem.clients[client.at()];
    let weekday = (u32::from(problem.first_weekday) + u32::from(day.0) + 6) % 7;
    let blocked = client.blocked_weekdays.iter().any(|b| u32::from(*b) == weekday);
    let asked = client.only_days.is_empty() || client.only_days.contains(&day);
    !blocked && asked && day >= client.earliest
}

struct Walked {
    travel: u32,
    long: u32,
    late: u32,
}

/// The day stop by stop from the beginning of the shift; it then begins as late as its waiting allows.
fn walk(problem: &RotaProblem, carer: &RotaCaregiver, stops: &[ClientIx]) -> Walked {
    let trip = |from, to| u32::from(problem.trips.seconds(carer.profile, from, to));
    let (mut now, mut place) = (carer.shift.0.0, carer.base);
    let (mut travel, mut late, mut waited, mut slack) = (0, 0, 0, u32::MAX);
    for client in stops.iter().map(|c| &problem.clients[c.at()]) {
        let leg = trip(place, client.place);
        (travel, now) = (travel + leg, now + leg);
        waited += client.window.0.0.saturating_sub(now);
        now = now.max(client.window.0.0);
        let end = now + client.service.0;
        late += u32::from(end > client.window.1.0);
        slack = slack.min(waited + client.window.1.0.saturating_sub(end));
        (now, place) = (end, client.place);
    }
    let leg = trip(place, carer.base);
    (travel, now) = (travel + leg, now + leg);
    late += u32::from(now > carer.shift.1.0);
    Walked { travel, long: now - carer.shift.0.0 - waited.min(slack), late }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Seconds, Silent, SplitMix64};
    use crate::grid::testing::{broken, county};
    use crate::grid::{RotaStop, solve};

    fn visits_of(plan: &crate::grid::RotaPlan) -> Vec<PlannedVisit> {
        let tours = plan.tours.iter();
        tours.flat_map(|t| t.visits.iter().map(|v| (t.caregiver, t.day, v.client))).collect()
    }

    #[test]
    fn of_plans_it_says_what_the_judge_of_the_tests_says() {
        for (seed, continuity) in [(0, Continuity::Strict), (1, Continuity::Prefer), (2, Continuity::Strict)]
        {
            let problem = county(seed, 8, 120, continuity);
            let plan = solve(&problem, &RotaStop { steps: 1000, seed }, &Silent).unwrap();
            assert_eq!(broken(&problem, &plan), Vec::<String>::new());
            let found = broken_rules(&problem, &visits_of(&plan));
            assert_eq!(found.total(), 0, "{found:?}");
            assert_eq!(found.missing, plan.unplaced.iter().map(|u| u.missing).sum::<u32>());
            assert_eq!(found.travel, plan.tours.iter().map(|t| t.travel.0).sum::<u32>());
        }
    }

    /// A plan, and one change of it that breaks the named rule.
    type Change = fn(&mut RotaProblem, &mut Vec<PlannedVisit>);

    #[test]
    fn each_rule_that_is_broken_is_named_and_counted() {
        let problem = county(4, 8, 120, Continuity::Strict);
        let plan = solve(&problem, &RotaStop { steps: 1000, seed: 4 }, &Silent).unwrap();
        let visits = visits_of(&plan);
        let changed = |change: Change| {
            let (mut problem, mut visits) = (problem.clone(), visits.clone());
            change(&mut problem, &mut visits);
            broken_rules(&problem, &visits)
        };
        assert!(changed(|_, v| v.push(v[0])).spacing > 0);
        assert!(changed(|_, v| v.push(v[0])).extra == 1);
        assert_eq!(changed(|_, v| v.truncate(v.len() - 1)).total(), 0);
        assert!(changed(|p, _| p.caregivers[0].max_day = Seconds(60)).long_days > 0);
        assert_eq!(changed(|p, _| p.caregivers[0].max_month = Seconds(60)).long_months, 1);
        assert!(changed(|p, _| p.caregivers[0].shift.1 = Seconds(30_000)).late > 0);
        assert!(changed(|p, _| p.caregivers[0].days.clear()).not_worked > 0);
        assert!(changed(|p, v| p.clients[v[0].2.at()].eligible.clear()).not_eligible > 0);
        assert!(changed(|p, v| p.clients[v[0].2.at()].earliest = Day(31)).not_on_this_day > 0);
        assert!(changed(|_, v| v[0].0 = CaregiverIx(u32::from(v[0].0.0 == 0))).several_caregivers > 0);
        assert_eq!(changed(|_, v| v[0].2 = ClientIx(9999)).not_eligible, 1);
    }

    #[test]
    fn random_changes_are_never_overlooked_where_they_move_a_visit_to_the_day_of_another() {
        let mut random = SplitMix64::new(8);
        let problem = county(5, 8, 120, Continuity::Strict);
        let plan = solve(&problem, &RotaStop { steps: 1000, seed: 5 }, &Silent).unwrap();
        let visits = visits_of(&plan);
        for _ in 0..500 {
            let mut changed = visits.clone();
            let at = random.below(changed.len());
            let others: Vec<Day> =
                visits.iter().filter(|v| v.2 == visits[at].2 && v.1 != visits[at].1).map(|v| v.1).collect();
            let Some(day) = others.first() else { continue };
            changed[at].1 = *day;
            assert!(broken_rules(&problem, &changed).spacing > 0);
        }
    }
}
