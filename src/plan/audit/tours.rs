//! Every visit keeps the month's rules, every day and month its hours, every leg its road.

use crate::base::{Mode, Ticks};
use crate::plan::audit::promise::Findings;
use crate::plan::audit::search::PlainDijkstra;
use crate::plan::audit::sheets::Sheets;
use crate::plan::audit::times::Times;
use crate::roster::{Client, VisitWindow};
use chrono::NaiveDate;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const HOUR: u32 = 3600;
/// No leg is longer than a shift.
const TEN_HOURS: Ticks = Ticks(10 * HOUR * 10);

/// One readable visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    order: u32,
    arrive: u32,
    leave: u32,
    client: usize,
}

/// Days by caregiver and date.
pub type Days = BTreeMap<(usize, NaiveDate), Vec<Call>>;

/// What a caregiver's days add up to, in seconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Load {
    /// Visits.
    pub visits: u32,
    /// Days.
    pub days: u32,
    /// Care.
    pub care: u32,
    /// Road.
    pub travel: u32,
    /// Waiting.
    pub wait: u32,
}

/// Checks visits.csv; returns each caregiver's load for the sums.
pub fn check(sheets: &Sheets, times: &Times, found: &mut Findings) -> Vec<Load> {
    let days = read_days(sheets, found);
    let (gone, taken_over) = (sheets.gone(), sheets.taken_over());
    for ((g, date), calls) in &days {
        let is_taken_over = taken_over.contains_key(&(*g, *date));
        for call in calls {
            one_visit(sheets, *g, *date, call, found);
            let client = &sheets.intake.county.clients[call.client];
            let name = || format!("{} {date} {}", sheets.intake.county.caregivers[*g].id, client.id);
            let inside = times.care(*g, call.client).is_some_and(|t| t <= sheets.intake.policy.limit);
            found.expect(inside || is_taken_over, "visit_too_far", name);
            let owed = gone.get(client.id.as_str()).is_none_or(|d| date < d);
            found.expect(owed, "visit_after_exit", name);
        }
    }
    spacing_and_quota(sheets, &days, found);
    let legs = legs(sheets, times, &days);
    let mut loads = vec![Load::default(); sheets.intake.county.caregivers.len()];
    for ((g, date), calls) in &days {
        match taken_over.get(&(*g, *date)) {
            Some(sums) => old_day(*sums, calls, &mut loads[*g], found),
            None => one_day(sheets, times, &legs, *g, *date, calls, &mut loads[*g], found),
        }
    }
    for (g, load) in loads.iter().enumerate() {
        let who = &sheets.intake.county.caregivers[g];
        let total = load.care + load.travel + load.wait;
        found.expect(total <= who.max_month.0 * 60, "month_over", || {
            format!("{}: {} min in the month", who.id, total / 60)
        });
    }
    loads
}

fn read_days(sheets: &Sheets, found: &mut Findings) -> Days {
    let mut days = Days::new();
    for line in sheets.lines("visits") {
        let name = format!("{} {} {}", line.text("caregiver"), line.text("date"), line.text("client"));
        let parts = (
            sheets.caregiver.get(line.text("caregiver")),
            line.text("date").parse::<NaiveDate>(),
            line.seconds("order"),
            sheets.client.get(line.text("client")),
            line.clock("arrive"),
            line.clock("leave"),
        );
        if let (Some(g), Ok(date), Some(order), Some(client), Some(arrive), Some(leave)) = parts {
            days.entry((*g, date)).or_default().push(Call { order, arrive, leave, client: *client });
        } else {
            found.broken("value_unreadable", format!("visits.csv: {name}"));
        }
    }
    days.values_mut().for_each(|calls| calls.sort_unstable());
    days
}

fn one_visit(sheets: &Sheets, g: usize, date: NaiveDate, call: &Call, found: &mut Findings) {
    let (who, client) = (&sheets.intake.county.caregivers[g], &sheets.intake.county.clients[call.client]);
    let name = || format!("{} {date} {}", who.id, client.id);
    found.expect(!who.leave.contains(&date), "on_leave", name);
    found.expect(crate::plan::month::fits(who, client), "needs_female", name);
    rules_of_the_client(sheets, client, date, (call.arrive, call.leave), &name, found);
}

/// Rules of a visit that hold whoever makes it; `(arrive, leave)` in seconds of the day.
pub(super) fn rules_of_the_client(
    sheets: &Sheets,
    client: &Client,
    date: NaiveDate,
    (arrive, leave): (u32, u32),
    name: &dyn Fn() -> String,
    found: &mut Findings,
) {
    found.expect(sheets.month.contains(date), "outside_month", name);
    found.expect(sheets.intake.calendar.is_working(date), "not_working_day", name);
    found.expect(client.from.is_none_or(|d| d <= date), "before_entry", name);
    found.expect(sheets.intake.policy.may_visit(client, date), "blocked_day", name);
    let on_demand = sheets.intake.policy.quota(client.category).is_none();
    found.expect(!on_demand || client.on_demand_dates.contains(&date), "extra_visits", name);
    let (from, to) = match client.window {
        VisitWindow::Day => (8 * HOUR, 18 * HOUR),
        VisitWindow::Am => (8 * HOUR, 12 * HOUR),
        VisitWindow::Pm => (13 * HOUR, 18 * HOUR),
    };
    found.expect(arrive >= from && leave <= to, "window", name);
    found.expect(leave.checked_sub(arrive) == Some(client.service.0 * 60), "service_minutes", name);
}

fn spacing_and_quota(sheets: &Sheets, days: &Days, found: &mut Findings) {
    let mut dates: BTreeMap<usize, Vec<NaiveDate>> = BTreeMap::new();
    for ((_, date), calls) in days {
        calls.iter().for_each(|c| dates.entry(c.client).or_default().push(*date));
    }
    let mut unplaced: BTreeMap<&str, u32> = BTreeMap::new();
    let gone = sheets.gone();
    for line in sheets.lines("unplaced") {
        let says_gone = line.text("reason") == crate::plan::tally::GONE;
        found.expect(says_gone == gone.contains_key(line.text("client")), "unplaced_wrong", || {
            format!("{}: the reason 'gone' and the events contradict each other", line.text("client"))
        });
        let missing = line.seconds("missing").filter(|n| *n > 0);
        found.expect(
            missing.is_some()
                && sheets.client.contains_key(line.text("client"))
                && !line.text("reason").is_empty(),
            "unplaced_wrong",
            || line.text("client").to_owned(),
        );
        *unplaced.entry(line.text("client")).or_default() += missing.unwrap_or(0);
    }
    let not_before = sheets.not_before();
    for (row, client) in sheets.intake.county.clients.iter().enumerate() {
        let planned = dates.entry(row).or_default();
        planned.sort_unstable();
        let missing = unplaced.get(client.id.as_str()).copied().unwrap_or(0);
        let owed = sheets.owed(row);
        found.expect(planned.len() as u32 + missing == owed, "quota", || {
            format!("{}: {} planned, {missing} unplaced, {owed} owed", client.id, planned.len())
        });
        let apart = sheets.intake.policy.quota(client.category).map_or(1, |q| i64::from(q.apart_days));
        for pair in planned.windows(2) {
            let kept = (pair[1] - pair[0]).num_days() >= apart;
            found.expect(kept, "spacing", || format!("{}: {} and {}", client.id, pair[0], pair[1]));
        }
        let earliest = not_before.get(client.id.as_str());
        let kept = planned.first().zip(earliest).is_none_or(|(first, d)| first >= d);
        found.expect(kept, "spacing", || format!("{}: too near to the month before", client.id));
    }
}

/// Where a leg ends or begins: a client, or the caregiver's base.
type Legs = BTreeMap<(Mode, usize), BTreeMap<Stop, Option<Ticks>>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stop {
    Client(usize),
    Base(usize),
}

/// Every leg that leaves a client, searched once a client and mode.
fn legs(sheets: &Sheets, times: &Times, days: &Days) -> Legs {
    let mut wanted: BTreeMap<(Mode, usize), BTreeSet<Stop>> = BTreeMap::new();
    for ((g, _), calls) in days {
        let mode = sheets.intake.county.caregivers[*g].mode;
        for (i, call) in calls.iter().enumerate() {
            let next = calls.get(i + 1).map_or(Stop::Base(*g), |c| Stop::Client(c.client));
            wanted.entry((mode, call.client)).or_default().insert(next);
        }
    }
    let mut all = Legs::new();
    for (mode, road) in &times.roads {
        let place = |s: &Stop| match s {
            Stop::Client(c) => road.clients[*c].as_ref(),
            Stop::Base(g) => times.bases[*g].as_ref(),
        };
        let mine: Vec<_> = wanted.iter().filter(|((m, _), _)| m == mode).collect();
        let search = |search: &mut PlainDijkstra, (from, stops): &(&(Mode, usize), &BTreeSet<Stop>)| {
            let to: Vec<_> = stops.iter().map(place).collect();
            let start = road.clients[from.1].as_ref();
            let answer = start.map_or_else(|| vec![None; to.len()], |s| search.journeys(s, &to, TEN_HOURS));
            (**from, stops.iter().copied().zip(answer).collect())
        };
        let found: Vec<_> = mine.par_iter().map_init(|| PlainDijkstra::new(&road.graph), search).collect();
        all.extend(found);
    }
    all
}

/// A frozen day driven to a home that has moved since: its visits in order, its sums as they were.
fn old_day((travel, wait): (u32, u32), calls: &[Call], load: &mut Load, found: &mut Findings) {
    let in_order = calls.windows(2).all(|pair| pair[1].arrive >= pair[0].leave);
    found.expect(in_order, "overlap", || "a frozen day's visits overlap".into());
    load.visits += calls.len() as u32;
    load.days += 1;
    load.care += calls.iter().map(|c| c.leave.saturating_sub(c.arrive)).sum::<u32>();
    load.travel += travel;
    load.wait += wait;
}

#[allow(clippy::too_many_arguments)] // one day is judged against all of these; a struct would only rename them
fn one_day(
    sheets: &Sheets,
    times: &Times,
    legs: &Legs,
    g: usize,
    date: NaiveDate,
    calls: &[Call],
    load: &mut Load,
    found: &mut Findings,
) {
    let who = &sheets.intake.county.caregivers[g];
    let name = || format!("{} {date}", who.id);
    let leg = |from: usize, to: Stop| {
        let same_house = |c: usize| {
            let (a, b) = (&sheets.intake.county.clients[from], &sheets.intake.county.clients[c]);
            from == c || (!a.household.is_empty() && a.household == b.household)
        };
        match to {
            Stop::Client(c) if same_house(c) => Some(0),
            _ => legs
                .get(&(who.mode, from))
                .and_then(|l| l.get(&to))
                .copied()
                .flatten()
                .map(|t| t.seconds_up().0),
        }
    };
    let (Some(first), Some(last)) = (calls.first(), calls.last()) else { return };
    let orders_rise = calls.iter().zip(1..).all(|(c, k)| c.order == k);
    found.expect(orders_rise, "order_wrong", name);
    let out = times.care(g, first.client).map(|t| t.seconds_up().0);
    let home = leg(last.client, Stop::Base(g));
    let mut travel = out.unwrap_or(0) + home.unwrap_or(0);
    for pair in calls.windows(2) {
        let road = leg(pair[0].client, Stop::Client(pair[1].client));
        found.expect(pair[1].arrive >= pair[0].leave, "overlap", name);
        let fits = road.is_some_and(|t| pair[0].leave + t <= pair[1].arrive);
        found.expect(fits, "road_travel", || {
            format!("{}: stop {} to {}", name(), pair[0].order, pair[1].order)
        });
        travel += road.unwrap_or(0);
    }
    found.expect(out.is_some() && home.is_some(), "road_travel", || {
        format!("{}: no way from or to the base", name())
    });
    let begin = first.arrive.checked_sub(out.unwrap_or(0));
    let end = last.leave + home.unwrap_or(0);
    let in_shift = begin.is_some_and(|b| b >= 8 * HOUR) && end <= 18 * HOUR;
    found.expect(in_shift, "shift", name);
    let long = end.saturating_sub(begin.unwrap_or(0));
    found.expect(long <= who.max_day.0 * 60, "day_over", || format!("{}: {} min", name(), long / 60));
    let care: u32 = calls.iter().map(|c| c.leave.saturating_sub(c.arrive)).sum();
    load.visits += calls.len() as u32;
    load.days += 1;
    load.care += care;
    load.travel += travel;
    load.wait += long.saturating_sub(care + travel);
}
