//! The recruitment answer proved again: the visits that stay unplaced are made, by nobody but the hires, inside every rule of the month.

use crate::base::{Mode, Outcome, Ticks};
use crate::intake::{Table, read_table};
use crate::network::Snap;
use crate::plan::audit::promise::Findings;
use crate::plan::audit::search::PlainDijkstra;
use crate::plan::audit::sheets::{Line, Sheets};
use crate::plan::audit::times::Times;
use crate::plan::audit::tours::rules_of_the_client;
use chrono::NaiveDate;
use std::collections::BTreeMap;

const HOUR: u32 = 3600;
const TEN_HOURS: Ticks = Ticks(10 * HOUR * 10);

/// One visit a hire would make.
struct Call {
    order: u32,
    client: usize,
    arrive: u32,
    leave: u32,
}

type Days = BTreeMap<(String, NaiveDate), Vec<Call>>;

/// Checks recruits.csv and recruit_visits.csv; a repaired plan has none.
pub fn check(sheets: &Sheets, times: &Times, found: &mut Findings) -> Outcome<()> {
    let said = &sheets.plan["recruits"];
    if said.is_null() {
        return Ok(());
    }
    let hires = read_table(&sheets.dir.join("recruits.csv"))?;
    let visits = read_table(&sheets.dir.join("recruit_visits.csv"))?;
    let days = read_days(sheets, &visits, found);
    everybody_is_helped(sheets, &days, found);
    let made: usize = days.values().map(Vec::len).sum();
    let missing: i64 = missing(sheets).values().sum();
    let number = |key: &str| said[key].as_u64();
    let sums = [
        ("hires", hires.rows.len() as u64),
        ("visits", made as u64),
        ("beyond_help", missing.max(0) as u64 - made as u64),
    ];
    for (key, right) in sums {
        found.expect(number(key) == Some(right), "recruits", || format!("recruits.{key}: counted {right}"));
    }
    let bound = number("bound");
    found.expect(bound.is_some_and(|b| b <= hires.rows.len() as u64), "recruits", || {
        "fewer hires than the bound".into()
    });
    for cells in &hires.rows {
        one_hire(sheets, times, &Line::of(&hires, cells), &days, found);
    }
    let known = |id: &str| hires.rows.iter().any(|r| hires.cell(r, "hire") == id);
    found.expect(days.keys().all(|(id, _)| known(id)), "recruits", || {
        "recruit_visits.csv names nobody's visits".into()
    });
    Ok(())
}

/// Visits missing of those who are still owed them, by client.
fn missing(sheets: &Sheets) -> BTreeMap<usize, i64> {
    let gone = sheets.gone();
    let mut missing = super::people::missing_visits(sheets);
    missing.retain(|row, n| *n > 0 && !gone.contains_key(sheets.intake.county.clients[*row].id.as_str()));
    missing
}

fn read_days(sheets: &Sheets, visits: &Table, found: &mut Findings) -> Days {
    let mut days = Days::new();
    for cells in &visits.rows {
        let line = Line::of(visits, cells);
        let parts = (
            line.text("date").parse::<NaiveDate>(),
            line.seconds("order"),
            sheets.client.get(line.text("client")),
            line.clock("arrive"),
            line.clock("leave"),
        );
        if let (Ok(date), Some(order), Some(client), Some(arrive), Some(leave)) = parts {
            let call = Call { order, client: *client, arrive, leave };
            days.entry((line.text("hire").to_owned(), date)).or_default().push(call);
        } else {
            found.broken("value_unreadable", format!("recruit_visits.csv: {}", line.text("hire")));
        }
    }
    days.values_mut().for_each(|calls| calls.sort_by_key(|c| c.order));
    days
}

/// Nobody gets more than they miss, and all visits of a client, planned and promised, keep apart.
fn everybody_is_helped(sheets: &Sheets, days: &Days, found: &mut Findings) {
    let missing = missing(sheets);
    let mut dates: BTreeMap<usize, (i64, Vec<NaiveDate>)> = BTreeMap::new();
    for ((_, date), calls) in days {
        for call in calls {
            let of_client = dates.entry(call.client).or_default();
            of_client.0 += 1;
            of_client.1.push(*date);
        }
    }
    for line in sheets.lines("visits") {
        let (row, date) = (sheets.client.get(line.text("client")), line.text("date").parse());
        if let (Some(of_client), Ok(date)) = (row.and_then(|r| dates.get_mut(r)), date) {
            of_client.1.push(date);
        }
    }
    let not_before = sheets.not_before();
    for (row, (promised, mut all)) in dates {
        let client = &sheets.intake.county.clients[row];
        let name = || format!("recruits: {}", client.id);
        found.expect(promised <= missing.get(&row).copied().unwrap_or(0), "recruits", name);
        all.sort_unstable();
        let apart = sheets.intake.policy.quota(client.category).map_or(1, |q| i64::from(q.apart_days));
        found.expect(all.windows(2).all(|w| (w[1] - w[0]).num_days() >= apart), "spacing", name);
        let earliest = not_before.get(client.id.as_str());
        found.expect(all.first().zip(earliest).is_none_or(|(first, d)| first >= d), "spacing", name);
    }
}

fn one_hire(sheets: &Sheets, times: &Times, line: &Line, days: &Days, found: &mut Findings) {
    let id = line.text("hire");
    let mode = Mode::ALL.into_iter().find(|m| m.word() == line.text("mode"));
    let near = sheets.client.get(line.text("near_client"));
    let Some((road, base)) = mode
        .and_then(|m| times.roads.get(&m))
        .zip(near)
        .and_then(|(road, c)| Some((road, road.clients[*c].as_ref()?)))
    else {
        found.broken("recruits", format!("{id}: no place on a road"));
        return;
    };
    let mut search = PlainDijkstra::new(&road.graph);
    let mut month = 0;
    for ((_, date), calls) in days.iter().filter(|((hire, _), _)| hire == id) {
        let name = || format!("{id} {date}");
        for call in calls {
            let client = &sheets.intake.county.clients[call.client];
            let name = || format!("{id} {date} {}", client.id);
            rules_of_the_client(sheets, client, *date, (call.arrive, call.leave), &name, found);
        }
        found.expect(calls.iter().zip(1..).all(|(c, k)| c.order == k), "order_wrong", name);
        let homes: Vec<Option<&Snap>> = calls.iter().map(|c| road.clients[c.client].as_ref()).collect();
        let reach = search.journeys(base, &homes, TEN_HOURS);
        let inside = reach.iter().all(|t| t.is_some_and(|t| t <= sheets.intake.policy.limit));
        found.expect(inside, "visit_too_far", name);
        let mut leg = |from: usize, to: Option<usize>| {
            if to.is_some_and(|to| same_house(sheets, calls[from].client, calls[to].client)) {
                return Some(0);
            }
            let to = to.map_or(Some(base), |k| homes[k]);
            homes[from].and_then(|from| search.journeys(from, &[to], TEN_HOURS)[0]).map(|t| t.seconds_up().0)
        };
        for k in 1..calls.len() {
            let fits = leg(k - 1, Some(k)).is_some_and(|t| calls[k - 1].leave + t <= calls[k].arrive);
            found.expect(fits, "road_travel", name);
        }
        let out = reach.first().copied().flatten().map(|t| t.seconds_up().0);
        let back = leg(calls.len() - 1, None);
        let (begin, end) =
            (calls[0].arrive.checked_sub(out.unwrap_or(0)), calls[calls.len() - 1].leave + back.unwrap_or(0));
        let in_shift =
            out.is_some() && back.is_some() && begin.is_some_and(|b| b >= 8 * HOUR) && end <= 18 * HOUR;
        found.expect(in_shift, "shift", name);
        let long = end.saturating_sub(begin.unwrap_or(0));
        found.expect(long <= sheets.intake.policy.max_day.0 * 60, "day_over", name);
        month += long;
    }
    found.expect(month <= sheets.intake.policy.max_month.0 * 60, "month_over", || {
        format!("{id}: {} min", month / 60)
    });
    let visits: usize = days.iter().filter(|((hire, _), _)| hire == id).map(|(_, calls)| calls.len()).sum();
    found.expect(line.seconds("visits") == Some(visits as u32), "recruits", || {
        format!("{id}: {visits} visits counted")
    });
}

fn same_house(sheets: &Sheets, a: usize, b: usize) -> bool {
    let (a, b) = (&sheets.intake.county.clients[a], &sheets.intake.county.clients[b]);
    a.id == b.id || (!a.household.is_empty() && a.household == b.household)
}
