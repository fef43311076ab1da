//! Every client once, with one verdict and one cause that their times bear out.

use crate::base::{Seconds, Ticks};
use crate::coverage::Cause;
use crate::plan::audit::promise::Findings;
use crate::plan::audit::sheets::Sheets;
use crate::plan::audit::times::Times;
use std::collections::{BTreeMap, BTreeSet};

/// Checks clients.csv, outlets opened and gaps.csv against the recomputed times.
pub fn check(sheets: &Sheets, times: &Times, found: &mut Findings) {
    once_each(sheets, found);
    outlets_are_sites(sheets, found);
    let (mut missing, gone) = (missing_visits(sheets), sheets.gone());
    // Nothing more is owed to who is gone; unplaced.csv lists it with this reason.
    for (row, n) in &mut missing {
        if gone.contains_key(sheets.intake.county.clients[*row].id.as_str()) {
            *n = 0;
        }
    }
    for line in sheets.lines("clients") {
        if let Some(&row) = sheets.client.get(line.text("client")) {
            let missing = missing.get(&row).copied().unwrap_or(0);
            one_client(sheets, times, &line, row, missing, found);
        }
    }
    gaps_are_the_clients_with_a_cause(sheets, found);
}

fn once_each(sheets: &Sheets, found: &mut Findings) {
    let mut seen = BTreeSet::new();
    for line in sheets.lines("clients") {
        let id = line.text("client");
        found.expect(sheets.client.contains_key(id), "client_invented", || {
            format!("clients.csv names {id}, whom the inputs do not hold")
        });
        found.expect(seen.insert(id), "client_twice", || format!("{id} stands twice in clients.csv"));
    }
    for id in sheets.client.keys() {
        found.expect(seen.contains(id.as_str()), "client_lost", || format!("{id} is missing in clients.csv"));
    }
}

fn outlets_are_sites(sheets: &Sheets, found: &mut Findings) {
    let mut open = BTreeSet::new();
    for line in sheets.lines("outlets") {
        let id = line.text("site");
        found.expect(open.insert(id), "outlet_unknown", || format!("outlet {id} stands twice"));
        match sheets.site.get(id) {
            None => found.broken("outlet_unknown", format!("outlet {id} is no site of the inputs")),
            Some(&s) => {
                let existing = sheets.intake.county.sites[s].existing;
                found.expect(existing == (line.text("existing") == "1"), "outlet_unknown", || {
                    format!("outlet {id}: existing differs from the inputs")
                });
            }
        }
    }
    for site in sheets.intake.county.sites.iter().filter(|s| s.existing) {
        found.expect(open.contains(site.id.as_str()), "existing_not_open", || {
            format!("existing outlet {} is closed", site.id)
        });
    }
}

/// Visits owed less visits planned, by client.
pub fn missing_visits(sheets: &Sheets) -> BTreeMap<usize, i64> {
    let mut missing: BTreeMap<usize, i64> =
        sheets.client.values().map(|row| (*row, i64::from(sheets.owed(*row)))).collect();
    for line in sheets.lines("visits") {
        if let Some(row) = sheets.client.get(line.text("client")) {
            *missing.entry(*row).or_default() -= 1;
        }
    }
    missing
}

fn one_client(
    sheets: &Sheets,
    times: &Times,
    line: &crate::plan::audit::sheets::Line,
    row: usize,
    missing: i64,
    found: &mut Findings,
) {
    let (id, client) = (line.text("client"), &sheets.intake.county.clients[row]);
    let limit = sheets.intake.policy.limit;
    check_outlet_time(sheets, times, line, row, found);
    let who = line.text("caregiver");
    let caregiver = sheets.caregiver.get(who).copied();
    found.expect(who.is_empty() || caregiver.is_some(), "caregiver_unknown", || {
        format!("{id}: caregiver {who} is unknown")
    });
    let care = caregiver.and_then(|g| times.care(g, row));
    let said = line.seconds("caregiver_time_s").map(Seconds);
    found.expect(said == care.map(Ticks::seconds_up), "road_times", || {
        format!("{id}: caregiver_time_s says {said:?}, recomputed {:?}", care.map(Ticks::seconds_up))
    });

    let served = line.text("verdict") == "served";
    let in_circle = times.nearest_outlet(row).is_some_and(|(t, _)| t <= limit);
    let right = if served {
        "served"
    } else if in_circle {
        "outlet_only"
    } else {
        "gap"
    };
    found.expect(line.text("verdict") == right, "verdict_wrong", || {
        format!("{id}: {} should be {right}", line.text("verdict"))
    });
    found.expect(served == line.text("cause").is_empty(), "cause_wrong", || {
        format!("{id}: verdict and cause contradict each other")
    });
    if served {
        found.expect(care.is_some_and(|t| t <= limit), "served_too_far", || {
            format!("{id} is served from beyond the limit")
        });
        found.expect(missing == 0, "quota", || {
            format!("{id} is served, but visits planned differ from visits owed by {missing}")
        });
        found.expect(
            !line.text("grid").is_empty() || sheets.lines("grids").next().is_none(),
            "grid_unknown",
            || format!("{id} is served, but in no grid"),
        );
        let fit =
            caregiver.is_some_and(|g| crate::plan::month::fits(&sheets.intake.county.caregivers[g], client));
        found
            .expect(fit, "needs_female", || format!("{id}: the responsible caregiver does not fit the need"));
    } else if let Some(cause) = cause(sheets, times, row) {
        found.expect(line.text("cause") == cause.word(), "cause_wrong", || {
            format!("{id}: {} should be {}", line.text("cause"), cause.word())
        });
    } else {
        found.expect(missing > 0, "cause_wrong", || format!("{id}: nothing is missing, yet not served"));
        found.expect(line.text("cause") == Cause::OverCapacity.word(), "cause_wrong", || {
            format!("{id}: {} should be over_capacity", line.text("cause"))
        });
    }
}

fn check_outlet_time(
    sheets: &Sheets,
    times: &Times,
    line: &crate::plan::audit::sheets::Line,
    row: usize,
    found: &mut Findings,
) {
    let (id, outlet) = (line.text("client"), line.text("outlet"));
    let said = line.seconds("outlet_time_s").map(Seconds);
    let nearest = times.nearest_outlet(row).map(|(t, _)| t.seconds_up());
    found.expect(said == nearest, "road_times", || {
        format!("{id}: outlet_time_s says {said:?}, the nearest open outlet is at {nearest:?}")
    });
    let open = sheets.lines("outlets").any(|o| o.text("site") == outlet);
    found.expect(outlet.is_empty() || open, "outlet_not_open", || {
        format!("{id}: outlet {outlet} is not open")
    });
    found.expect(said.is_none() || !outlet.is_empty(), "outlet_not_open", || {
        format!("{id}: a time, but no outlet")
    });
    let own = sheets.site.get(outlet).and_then(|s| times.outlet(*s, row)).map(Ticks::seconds_up);
    found.expect(outlet.is_empty() || own == said, "road_times", || {
        format!("{id}: outlet {outlet} is at {own:?}, not {said:?}")
    });
}

/// The cause by definition; `None`: over capacity or served.
fn cause(sheets: &Sheets, times: &Times, row: usize) -> Option<Cause> {
    let (county, limit) = (&sheets.intake.county, sheets.intake.policy.limit);
    let client = &county.clients[row];
    let inside = |g: &usize| times.care(*g, row).is_some_and(|t| t <= limit);
    let mut near = (0..county.caregivers.len()).filter(inside).peekable();
    if client.doubtful {
        Some(Cause::MatchDoubtful)
    } else if client.at.is_none() {
        Some(Cause::NoLocation)
    } else if !times.is_snapped(row) {
        Some(Cause::NoRoadNear)
    } else if !times.is_connected(row) {
        Some(Cause::Disconnected)
    } else if near.peek().is_none() && times.nearest_outlet(row).is_none_or(|(t, _)| t > limit) {
        Some(Cause::TooFar)
    } else if !near.any(|g| crate::plan::month::fits(&county.caregivers[g], client)) {
        Some(Cause::NoCaregiver)
    } else {
        None
    }
}

fn gaps_are_the_clients_with_a_cause(sheets: &Sheets, found: &mut Findings) {
    let pairs = |name: &str| -> BTreeSet<(String, String)> {
        let lines = sheets.lines(name).filter(|l| !l.text("cause").is_empty());
        lines.map(|l| (l.text("client").to_owned(), l.text("cause").to_owned())).collect()
    };
    found.expect(pairs("clients") == pairs("gaps"), "gaps_differ", || {
        "gaps.csv does not list the clients with a cause".into()
    });
}
