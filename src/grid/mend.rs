//! Fewest changes for one client, all other visits standing: kept visits cost nothing, each new one a change.

use crate::grid::Continuity;
use crate::grid::instance::{Carer, Home, INFINITE, MONTH};
use crate::grid::pattern::Patterns;
use crate::grid::search::Search;
use crate::grid::tour::DayTour;

/// Price of a visit on a new day, in seconds: more than any detour.
const CHANGE: i32 = 100_000;
/// Reward for a visit that lies in the frozen part and therefore stays.
const FROZEN: i32 = -8_000_000;
/// A backup is dearer than the responsible caregiver, and cheaper than a change.
const BACKUP: i32 = 20_000;

/// A visit of the plan: day and row of the caregiver.
pub(super) type Held = (usize, u32);

/// Rules left out of sight, to find the reason of a missing visit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Without {
    pub(super) month_hours: bool,
    pub(super) day_hours: bool,
    pub(super) window: bool,
}

/// The new visits of a client: (option, day, position), and the days that stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) visits: usize,
    pub(super) stay: u32,
    pub(super) new: Vec<(u16, usize, usize)>,
}

/// What may be changed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope {
    /// First day that may change.
    pub(super) from: usize,
    pub(super) continuity: Continuity,
    pub(super) without: Without,
}

/// The most visits of `client`, then the fewest changes, then the least travel; `own`: option of the responsible caregiver.
pub(super) fn fewest_changes(
    search: &Search,
    client: u32,
    held: &[Held],
    own: u16,
    scope: Scope,
) -> Option<Change> {
    let home = &*any_time(search.home(client), scope.without);
    let mut cost = [INFINITE; MONTH];
    let mut by = [(u16::MAX, 0usize, 0i32); MONTH];
    for (k, option) in home.options.iter().enumerate() {
        if scope.continuity == Continuity::Strict && k != own as usize {
            continue;
        }
        let Some(slot) = search.slot(option.carer) else { continue };
        let carer = relaxed(search.carer(slot), scope.without);
        let left = if scope.without.month_hours { INFINITE } else { search.hours_left(slot) };
        let price = CHANGE + if k == own as usize { 0 } else { BACKUP };
        for day in (scope.from..MONTH).filter(|d| home.days & carer.days & (1 << d) != 0) {
            let found = insertion(search.tour(slot, day), &carer, home, option.local, scope.without);
            if found.cost < INFINITE && found.duration <= left && found.cost + price < cost[day] {
                cost[day] = found.cost + price;
                by[day] = (k as u16, found.at as usize, found.duration);
            }
        }
    }
    for (day, _) in held {
        cost[*day] = if *day < scope.from { FROZEN } else { 0 };
        by[*day].0 = u16::MAX;
    }
    let found = Found { held, by: &by, without: scope.without };
    let mut patterns = Patterns::default();
    let cheapest = found.most_visits(search, home, &cost, &mut patterns);
    if cheapest.as_ref().is_some_and(|c| c.visits == home.owed as usize) {
        return cheapest;
    }
    // The month's hours may hold more visits where each takes fewer of them.
    for day in (1..MONTH).filter(|d| by[*d].0 != u16::MAX) {
        cost[day] = by[day].2.max(0) + CHANGE;
    }
    let shortest = found.most_visits(search, home, &cost, &mut patterns);
    match (cheapest, shortest) {
        (Some(a), Some(b)) => Some(if b.visits > a.visits { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// The places found for each day.
struct Found<'a> {
    held: &'a [Held],
    by: &'a [(u16, usize, i32); MONTH],
    without: Without,
}

impl Found<'_> {
    fn most_visits(
        &self,
        search: &Search,
        home: &Home,
        cost: &[i32; MONTH],
        patterns: &mut Patterns,
    ) -> Option<Change> {
        let (held, by) = (self.held, self.by);
        patterns.fill(cost, home.owed as usize, home.apart as usize);
        (1..=home.owed as usize).rev().find_map(|visits| {
            let days = patterns.days(visits);
            let fits = patterns.cost(visits) < INFINITE
                && (self.without.month_hours || month_holds(search, home, days, by));
            let chosen = |d: &usize| days & (1 << d) != 0;
            fits.then(|| Change {
                visits,
                stay: held.iter().map(|(d, _)| *d).filter(chosen).fold(0, |m, d| m | 1 << d),
                new: (1..MONTH)
                    .filter(chosen)
                    .filter(|d| by[*d].0 != u16::MAX)
                    .map(|d| (by[d].0, d, by[d].1))
                    .collect(),
            })
        })
    }
}

fn any_time(home: &Home, without: Without) -> std::borrow::Cow<'_, Home> {
    if !without.window {
        return std::borrow::Cow::Borrowed(home);
    }
    std::borrow::Cow::Owned(Home { start: (0, INFINITE), ..home.clone() })
}

fn relaxed(carer: &Carer, without: Without) -> std::borrow::Cow<'_, Carer> {
    if !without.day_hours {
        return std::borrow::Cow::Borrowed(carer);
    }
    let mut longer = carer.clone();
    longer.max_day = INFINITE;
    longer.shift = (0, INFINITE);
    std::borrow::Cow::Owned(longer)
}

fn insertion(
    tour: &DayTour,
    carer: &Carer,
    home: &Home,
    local: u32,
    without: Without,
) -> crate::grid::tour::Insertion {
    if !without.day_hours {
        return tour.best_insertion(carer, home, local, carer.max_day);
    }
    let mut longer = DayTour::empty();
    longer.copy_from(tour);
    longer.retime(carer);
    longer.best_insertion(carer, home, local, carer.max_day)
}

/// Visits of each client as the tours hold them, by day.
pub(super) fn held(search: &Search) -> Vec<Vec<Held>> {
    let mut held = vec![Vec::new(); search.instance.homes.len()];
    for day in 1..MONTH {
        for (slot, g) in search.carers.iter().enumerate() {
            search.tour(slot, day).stops.iter().for_each(|s| held[s.client as usize].push((day, *g)));
        }
    }
    held
}

/// Nobody's month overflows with the new visits.
fn month_holds(search: &Search, home: &Home, days: u32, by: &[(u16, usize, i32); MONTH]) -> bool {
    home.options.iter().enumerate().all(|(k, option)| {
        let new = (1..MONTH).filter(|d| days & (1 << d) != 0 && by[*d].0 as usize == k);
        let seconds: i32 = new.map(|d| by[d].2).sum();
        search.slot(option.carer).is_none_or(|slot| seconds <= search.hours_left(slot))
    })
}
