//! Who has gone in earlier repairs: they stay gone when a month is made anew from the plan's inputs, and in the months after.

use crate::base::{ClientIx, Outcome};
use crate::plan::repair::events::{Event, EventKind, read_events};
use crate::roster::{County, Month};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Events of earlier repairs, as a plan's `inputs/` keep them; none where the file is missing.
///
/// # Errors
/// The file is damaged.
pub fn earlier_events(inputs: &Path) -> Outcome<Vec<Event>> {
    let path = inputs.join("events.csv");
    if path.is_file() { Ok(read_events(&path)?.events) } else { Ok(Vec::new()) }
}

/// Clients who are gone, with the first day on which nothing is owed.
#[must_use]
pub fn gone_clients(events: &[Event], county: &County) -> BTreeMap<ClientIx, NaiveDate> {
    let row = |id: &str| county.clients.iter().position(|c| c.id == id).map(ClientIx::of);
    let gone = events.iter().filter(|e| e.kind == EventKind::Gone && !is_caregiver(e, county));
    gone.filter_map(|e| Some((row(&e.who)?, e.date))).collect()
}

fn is_caregiver(event: &Event, county: &County) -> bool {
    county.caregivers.iter().any(|g| g.id == event.who)
}

/// Takes out of `county` who went before `month` begins, and leaves the events of the month itself. Answers with them and with the
/// ids of who was taken out.
#[must_use]
pub fn without_the_gone(
    events: Vec<Event>,
    county: &mut County,
    month: Month,
) -> (Vec<Event>, BTreeSet<String>) {
    let went = |e: &&Event| e.kind == EventKind::Gone && e.date < month.first();
    let of = |caregivers: bool| -> BTreeSet<String> {
        let those = events.iter().filter(went).filter(|e| is_caregiver(e, county) == caregivers);
        those.map(|e| e.who.clone()).collect()
    };
    let (left, dead) = (of(true), of(false));
    county.caregivers.retain(|g| !left.contains(&g.id));
    county.clients.retain(|c| !dead.contains(&c.id));
    let here = events.into_iter().filter(|e| month.contains(e.date)).collect();
    (here, left.into_iter().chain(dead).collect())
}
