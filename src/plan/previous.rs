//! The month before: who was responsible, and from which day on its spacing allows a visit.

use crate::base::{CaregiverIx, Outcome};
use crate::intake::read_table;
use crate::plan::{Plan, open_plan};
use crate::roster::{County, Month, Policy};
use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// What the month after kept of the one before, for those whom both plans visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Followed {
    /// Clients with a responsible caregiver who are served in both months.
    pub clients: u32,
    /// Of them with the same caregiver.
    pub same_caregiver: u32,
    /// Their visits in the new month.
    pub visits: u32,
    /// Of those on a weekday on which the client was visited before.
    pub same_weekday: u32,
}

/// Compares a plan with the one it follows; people are joined by id.
#[must_use]
pub fn followed(was: &Plan, now: &Plan) -> Followed {
    let habits = |plan: &Plan| {
        let mut days: BTreeMap<String, (String, Vec<Weekday>)> = BTreeMap::new();
        for visit in &plan.visits {
            let client = visit.client.at();
            if let Some(g) = plan.clients[client].caregiver {
                let of_client = days
                    .entry(plan.county.clients[client].id.clone())
                    .or_insert_with(|| (plan.county.caregivers[g.at()].id.clone(), Vec::new()));
                of_client.1.push(visit.date.weekday());
            }
        }
        days
    };
    let (before, after) = (habits(was), habits(now));
    let mut kept = Followed { clients: 0, same_caregiver: 0, visits: 0, same_weekday: 0 };
    for (client, (carer, days)) in &after {
        let Some((old, habit)) = before.get(client) else { continue };
        kept.clients += 1;
        kept.same_caregiver += u32::from(carer == old);
        kept.visits += days.len() as u32;
        kept.same_weekday += days.iter().filter(|d| habit.contains(d)).count() as u32;
    }
    kept
}

/// Responsible caregiver, and first day its spacing allows.
pub type Before = (Option<CaregiverIx>, Option<NaiveDate>);

/// First days that the month before allows, by client id, as a plan's `inputs/` keep them; none where the file is missing.
///
/// # Errors
/// The file is damaged.
pub fn kept_days(inputs: &Path) -> Outcome<BTreeMap<String, NaiveDate>> {
    let path = inputs.join("previous.csv");
    let mut days = BTreeMap::new();
    if path.is_file() {
        let table = read_table(&path)?;
        for row in &table.rows {
            if let Ok(date) = table.cell(row, "earliest").parse() {
                days.insert(table.cell(row, "client").to_owned(), date);
            }
        }
    }
    Ok(days)
}

/// The month before of a plan made anew from a plan's `inputs/`: its spacing, where it still reaches into the month.
///
/// # Errors
/// As [`kept_days`].
pub fn of_inputs(inputs: &Path, county: &County, month: Month) -> Outcome<Vec<Before>> {
    let mut days = kept_days(inputs)?;
    if !days.values().any(|d| month.contains(*d)) {
        days.clear();
    }
    Ok(county.clients.iter().map(|c| (None, days.get(&c.id).copied())).collect())
}

/// One entry a client of `county`. Caregivers and clients are joined by id.
///
/// # Errors
/// The folder holds no readable plan.
pub fn read(dir: &Path, county: &County, policy: &Policy) -> Outcome<Vec<Before>> {
    let plan = open_plan(dir)?;
    let now: BTreeMap<&str, usize> =
        county.caregivers.iter().zip(0..).map(|(g, i)| (g.id.as_str(), i)).collect();
    let then: BTreeMap<&str, usize> =
        plan.county.clients.iter().zip(0..).map(|(c, i)| (c.id.as_str(), i)).collect();
    let mut last: BTreeMap<usize, NaiveDate> = BTreeMap::new();
    for visit in &plan.visits {
        let day = last.entry(visit.client.at()).or_insert(visit.date);
        *day = (*day).max(visit.date);
    }
    let one = |client: &crate::roster::Client| {
        let Some(row) = then.get(client.id.as_str()) else { return (None, None) };
        let who = plan.clients[*row].caregiver.map(|g| plan.county.caregivers[g.at()].id.as_str());
        let apart = policy.quota(client.category).map_or(0, |q| u64::from(q.apart_days));
        let who = who.and_then(|id| now.get(id)).map(|i| CaregiverIx::of(*i));
        (who, last.get(row).map(|d| *d + Days::new(apart)))
    };
    Ok(county.clients.iter().map(one).collect())
}
