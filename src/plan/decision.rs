//! A plan as plain data: the rows of the plan folder and what they were made from.

use crate::base::{CaregiverIx, ClientIx, GridIx, Minutes, Seconds, SiteIx};
use crate::coverage::{Cause, Verdict};
use crate::grid::Exception;
use crate::intake::{FileCount, Listed};
use crate::plan::RecruitSummary;
use crate::roster::{Calendar, County, Month, Policy};
use crate::siting::CurvePoint;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A line of clients.csv; row `i` is client `i` of the county.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientRow {
    /// Nearest open outlet within the fill limit.
    pub outlet: Option<SiteIx>,
    /// Its travel time.
    pub outlet_time: Option<Seconds>,
    /// Responsible caregiver, or the nearest one where nobody is responsible.
    pub caregiver: Option<CaregiverIx>,
    /// Their travel time.
    pub caregiver_time: Option<Seconds>,
    /// The grid.
    pub grid: Option<GridIx>,
    /// The verdict.
    pub verdict: Verdict,
    /// The one cause, unless served.
    pub cause: Option<Cause>,
    /// Visits owed this month.
    pub owed: u32,
}

/// A line of outlets.csv.
#[derive(Debug, Clone, PartialEq)]
pub struct OutletRow {
    /// The open site.
    pub site: SiteIx,
    /// Clients whose nearest open outlet inside the limit it is.
    pub clients: u32,
    /// Visits of the caregivers who report to it.
    pub visits: u32,
    /// Care minutes of the caregivers who report to it.
    pub minutes: Minutes,
}

/// A line of caregivers.csv; row `i` is caregiver `i` of the county.
#[derive(Debug, Clone, PartialEq)]
pub struct CaregiverRow {
    /// The open outlet they report to.
    pub outlet: Option<SiteIx>,
    /// Their grid.
    pub grid: Option<GridIx>,
    /// Visits planned.
    pub visits: u32,
    /// Seconds of care.
    pub care: Seconds,
    /// Seconds on the road, home again included.
    pub travel: Seconds,
    /// Seconds waiting.
    pub wait: Seconds,
    /// Days worked.
    pub days: u32,
}

/// A line of grids.csv.
#[derive(Debug, Clone, PartialEq)]
pub struct GridRow {
    /// Responsible caregiver.
    pub caregiver: CaregiverIx,
    /// Backup caregiver.
    pub backup: Option<CaregiverIx>,
    /// Names of its village cells.
    pub cells: Vec<String>,
    /// Clients in it.
    pub clients: u32,
    /// Clients with another caregiver, with the reason.
    pub exceptions: Vec<(ClientIx, Exception)>,
}

/// A line of visits.csv, ordered by caregiver, date, order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitRow {
    /// Who visits.
    pub caregiver: CaregiverIx,
    /// When.
    pub date: NaiveDate,
    /// Position in the day's tour, from 1.
    pub order: u32,
    /// Who is visited.
    pub client: ClientIx,
    /// Begin of service, seconds of the day.
    pub arrive: Seconds,
    /// End of service.
    pub leave: Seconds,
}

/// A line of unplaced.csv.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnplacedRow {
    /// Who.
    pub client: ClientIx,
    /// How many visits.
    pub missing: u32,
    /// Stable code of the reason.
    pub reason: String,
    /// The cheapest remedy: `more_steps`, `overtime:CAREGIVER`, `longer_day:CAREGIVER`, `hire:HIRES` of recruits.csv,
    /// `none`, or in a repaired plan, which weighs no hires, `plan_anew`.
    pub remedy: String,
}

/// `siting` in plan.json.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SitingSummary {
    /// lscp or mclp.
    pub model: String,
    /// Value of the plan.
    pub objective: f64,
    /// Bound on it.
    pub bound: f64,
    /// 100 |bound - objective| / objective.
    pub gap_pct: f64,
    /// The bound meets the objective.
    pub proven: bool,
}

/// plan.json; key names are the interface's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)] // the keys are defined in the interface document, one by one
pub struct Summary {
    pub format: u32,
    pub county: String,
    pub synthetic: bool,
    pub month: String,
    pub clients_total: u32,
    pub clients_in_outlet_circle: u32,
    pub clients_served: u32,
    pub gaps_by_cause: BTreeMap<String, u32>,
    pub outlets: u32,
    pub siting: SitingSummary,
    pub caregivers_used: u32,
    pub visits_owed: u32,
    pub visits_planned: u32,
    pub visits_by_backup: u32,
    pub unplaced: u32,
    /// Visits that no plan can place, and clients who miss one in every plan, for want of hours or of anybody who may come: proven in
    /// month_bound.csv; 0 in a repaired plan, which claims nothing.
    #[serde(default)]
    pub unplaced_bound: f64,
    #[serde(default)]
    pub short_clients_bound: f64,
    /// Clients with more days between two visits than their quota's long gap.
    #[serde(default)]
    pub long_gaps: u32,
    /// Largest care load of a caregiver, and the least that any plan without missing visits could have, in hours.
    #[serde(default)]
    pub care_h_max: f64,
    #[serde(default)]
    pub care_h_max_bound: f64,
    /// Whom to hire so that nobody stays unplaced; a repaired plan does not ask.
    #[serde(default)]
    pub recruits: Option<RecruitSummary>,
    pub travel_h: f64,
    pub seed: u64,
    pub steps: u64,
    pub inputs: BTreeMap<String, String>,
    pub timings_ms: BTreeMap<String, u64>,
}

/// A whole plan in memory.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The month planned.
    pub month: Month,
    /// What came in.
    pub county: County,
    /// The rules.
    pub policy: Policy,
    /// The working days.
    pub calendar: Calendar,
    /// One row a client.
    pub clients: Vec<ClientRow>,
    /// The map's place near each client, where the county has no register of villages.
    pub near: Vec<Option<String>>,
    /// Open outlets, by site.
    pub outlets: Vec<OutletRow>,
    /// One row a caregiver.
    pub caregivers: Vec<CaregiverRow>,
    /// Grids.
    pub grids: Vec<GridRow>,
    /// The month's visits.
    pub visits: Vec<VisitRow>,
    /// What could not be placed.
    pub unplaced: Vec<UnplacedRow>,
    /// Coverage against number of outlets; may be empty.
    pub curve: Vec<CurvePoint>,
    /// Rows listed at intake.
    pub listed: Vec<Listed>,
    /// Counts at intake.
    pub counts: Vec<FileCount>,
    /// Notes on data quality (snap scraps, clipped ways …), each a pair (Chinese, English).
    pub notes: Vec<(String, String)>,
    /// plan.json.
    pub summary: Summary,
}

impl Plan {
    /// Id of a grid as files write it.
    #[must_use]
    pub fn grid_id(grid: GridIx) -> String {
        format!("G{:03}", grid.0 + 1)
    }
}
