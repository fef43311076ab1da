//! The month before: who was responsible, and from which day on its spacing allows a visit.

use crate::base::{CaregiverIx, Outcome};
use crate::intake::read_table;
use crate::plan::{Plan, open_plan};
use crate::roster::{County, Month, Policy};
use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
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

/// What the month before leaves to one client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Before {
    /// Responsible caregiver.
    pub caregiver: Option<CaregiverIx>,
    /// First day its spacing allows.
    pub first_day: Option<NaiveDate>,
    /// Weekdays of its visits (0 Monday .. 6 Sunday), each once, ascending.
    pub weekdays: Vec<u8>,
}

/// Columns of `inputs/previous.csv`.
pub const COLUMNS: [&str; 3] = ["client", "earliest", "weekdays"];

impl Before {
    /// The client's line in `inputs/previous.csv`, if there is anything to keep.
    #[must_use]
    pub fn row(&self, client: &str) -> Option<Vec<String>> {
        let weekdays: Vec<String> = self.weekdays.iter().map(|d| (d + 1).to_string()).collect();
        let earliest = self.first_day.map_or_else(String::new, |d| d.to_string());
        (!earliest.is_empty() || !weekdays.is_empty())
            .then(|| vec![client.to_owned(), earliest, weekdays.join(";")])
    }
}

/// What the month before leaves to clients, by id, as a plan's `inputs/` keep it (no caregivers); none where the file is missing.
///
/// # Errors
/// The file is damaged.
pub fn kept(inputs: &Path) -> Outcome<BTreeMap<String, Before>> {
    let path = inputs.join("previous.csv");
    let mut kept = BTreeMap::new();
    if path.is_file() {
        let table = read_table(&path)?;
        let weekday =
            |text: &str| text.trim().parse().ok().filter(|d| (1..=7).contains(d)).map(|d: u8| d - 1);
        for row in &table.rows {
            let before = Before {
                caregiver: None,
                first_day: table.cell(row, "earliest").parse().ok(),
                weekdays: table.cell(row, "weekdays").split(';').filter_map(weekday).collect(),
            };
            kept.insert(table.cell(row, "client").to_owned(), before);
        }
    }
    Ok(kept)
}

/// The month before of a plan made anew from a plan's `inputs/`: its spacing and weekdays, where the spacing still reaches into the month.
///
/// # Errors
/// As [`kept`].
pub fn of_inputs(inputs: &Path, county: &County, month: Month) -> Outcome<Vec<Before>> {
    let mut kept = kept(inputs)?;
    if !kept.values().any(|b| b.first_day.is_some_and(|d| month.contains(d))) {
        kept.clear();
    }
    Ok(county.clients.iter().map(|c| kept.remove(&c.id).unwrap_or_default()).collect())
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
    let mut dates: BTreeMap<usize, Vec<NaiveDate>> = BTreeMap::new();
    plan.visits.iter().for_each(|v| dates.entry(v.client.at()).or_default().push(v.date));
    let one = |client: &crate::roster::Client| {
        let Some(row) = then.get(client.id.as_str()) else { return Before::default() };
        let who = plan.clients[*row].caregiver.map(|g| plan.county.caregivers[g.at()].id.as_str());
        let apart = policy.quota(client.category).map_or(0, |q| u64::from(q.apart_days));
        let dates = dates.get(row).map_or(&[][..], |d| d);
        let weekdays: BTreeSet<u8> = dates.iter().map(|d| d.weekday().num_days_from_monday() as u8).collect();
        Before {
            caregiver: who.and_then(|id| now.get(id)).map(|i| CaregiverIx::of(*i)),
            first_day: dates.iter().max().map(|d| *d + Days::new(apart)),
            weekdays: weekdays.into_iter().collect(),
        }
    };
    Ok(county.clients.iter().map(one).collect())
}
