//! The month before: who was responsible, and from which day on its spacing allows a visit.

use crate::base::{CaregiverIx, Outcome};
use crate::plan::open_plan;
use crate::roster::{County, Policy};
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;
use std::path::Path;

/// Responsible caregiver, and first day its spacing allows.
pub type Before = (Option<CaregiverIx>, Option<NaiveDate>);

/// One entry a client of `county`; all empty without a previous plan. Caregivers and clients are joined by id.
///
/// # Errors
/// The folder holds no readable plan.
pub fn read(dir: Option<&Path>, county: &County, policy: &Policy) -> Outcome<Vec<Before>> {
    let Some(dir) = dir else { return Ok(vec![(None, None); county.clients.len()]) };
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
