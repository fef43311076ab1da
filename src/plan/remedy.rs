//! The cheapest remedy for every gap: a better place, a road, an outlet that a candidate site offers, or one more caregiver.

use crate::base::{Outcome, Silent, SiteIx, Ticks};
use crate::coverage::Cause;
use crate::plan::Plan;
use crate::plan::live::LivePlan;
use serde::Serialize;
use std::cmp::Reverse;

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Measure the home's place, or complete the address.
    Locate,
    /// Let the township say which of two addresses is meant.
    ConfirmAddress,
    /// Add the missing road to the map, or check the place.
    AddRoad,
    /// Check one-ways and dead ends: roads are there but do not lead to the home.
    CheckRoads,
    /// Open an outlet at `site`.
    OpenOutlet,
    /// Hire one caregiver who lives near `site`.
    Hire,
    /// No candidate site reaches the home: name another site near it.
    NewSite,
}

/// The remedy for one client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// Who.
    pub client: String,
    /// What to do.
    pub step: Step,
    /// Where, for an outlet or a caregiver.
    pub site: Option<String>,
    /// How many gaps of the same kind lie inside the limit from there, this one included.
    pub reaches: u32,
}

impl LivePlan {
    /// One remedy a gap, in the roster's order. A far home takes the closed site that reaches most far homes, a home without a
    /// caregiver or without room the site that reaches most of those; equal sites in the order of the list. Reach is measured in
    /// the outlet mode; hours and needs of a new caregiver are not looked at.
    ///
    /// # Errors
    /// None but what the travel table may refuse.
    pub fn remedies(&self, plan: &Plan) -> Outcome<Vec<Remedy>> {
        let sites = &plan.county.sites;
        let open = |s: usize| plan.outlets.iter().any(|o| o.site.at() == s);
        let table = self.sites_table(plan, plan.policy.limit, &Silent)?;
        let kind = |at: usize| plan.clients[at].cause.and_then(placed);
        let gaps: Vec<usize> = (0..plan.clients.len()).filter(|at| kind(*at).is_some()).collect();
        let reach = |s: usize, at: usize| table.get(s, at).is_some_and(|t: Ticks| t <= plan.policy.limit);
        let count = |s: usize, step: Step| {
            let usable = step == Step::Hire || !open(s);
            gaps.iter().filter(|at| usable && kind(**at) == Some(step) && reach(s, **at)).count()
        };
        let counts: Vec<[usize; 2]> =
            (0..sites.len()).map(|s| [Step::OpenOutlet, Step::Hire].map(|step| count(s, step))).collect();
        let best = |at: usize, step: Step| {
            let column = usize::from(step == Step::Hire);
            let fit = (0..sites.len()).filter(|s| counts[*s][column] > 0 && reach(*s, at));
            fit.min_by_key(|s| (Reverse(counts[*s][column]), *s)).map(|s| (s, counts[s][column]))
        };
        let rows = plan.county.clients.iter().zip(&plan.clients).enumerate();
        let each = rows.filter_map(|(at, (client, row))| {
            let cause = row.cause?;
            let found = placed(cause).and_then(|step| best(at, step).map(|(s, n)| (step, s, n)));
            let (step, site, reaches) = match found {
                Some((step, s, n)) => (step, Some(SiteIx::of(s)), n),
                None => (unplaced(cause), None, 0),
            };
            Some(Remedy {
                client: client.id.clone(),
                step,
                site: site.map(|s| sites[s.at()].id.clone()),
                reaches: u32::try_from(reaches).unwrap_or(u32::MAX),
            })
        });
        Ok(each.collect())
    }
}

/// The step that needs a place.
fn placed(cause: Cause) -> Option<Step> {
    match cause {
        Cause::TooFar => Some(Step::OpenOutlet),
        Cause::NoCaregiver | Cause::OverCapacity => Some(Step::Hire),
        _ => None,
    }
}

/// The step where no site reaches, or none is needed.
fn unplaced(cause: Cause) -> Step {
    match cause {
        Cause::NoLocation => Step::Locate,
        Cause::MatchDoubtful => Step::ConfirmAddress,
        Cause::NoRoadNear => Step::AddRoad,
        Cause::Disconnected => Step::CheckRoads,
        Cause::TooFar => Step::NewSite,
        Cause::NoCaregiver | Cause::OverCapacity => Step::Hire,
    }
}
