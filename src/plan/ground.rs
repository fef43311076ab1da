//! The county on its roads: what every step of the planning stands on, for a new month and for one that is repaired.

use crate::base::{CaregiverIx, ClientIx, Mode, Outcome, Progress, SiteIx, Ticks};
use crate::grid::{Locks, RotaPlan, RotaProblem};
use crate::intake::Intake;
use crate::network::Snap;
use crate::plan::cells::VillageCells;
use crate::plan::county_roads::ModeRoads;
use crate::plan::month::{Bases, CareTimes, MonthInputs, rota_problem};
use crate::plan::outlets::OpenOutlets;
use crate::plan::{Recruitment, previous};
use crate::roster::{Base, County, Month};
use crate::travel::{Engine, TravelTable, travel_table};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::time::Instant;

/// The county on its roads: everything the month is planned from.
pub struct Ground {
    /// Roads by mode.
    pub roads: BTreeMap<Mode, ModeRoads>,
    /// Mode of the outlet circle.
    pub outlet_mode: Mode,
    /// Sites x clients in the outlet mode, up to the fill limit.
    pub outlet_times: TravelTable,
    /// Caregivers x clients in their own mode, up to the fill limit.
    pub care_times: CareTimes,
    /// Open outlets.
    pub outlets: OpenOutlets,
    /// Outlet each caregiver reports to.
    pub reports_to: Vec<Option<SiteIx>>,
    /// Bases.
    pub bases: Bases,
    /// Visits owed.
    pub owed: Vec<u32>,
    /// Village cells.
    pub cells: VillageCells,
    /// Responsible caregiver and first allowed day from the month before, one a client.
    pub previous: Vec<previous::Before>,
    /// Clients who are gone, with the first day on which nothing is owed any more.
    pub gone: BTreeMap<ClientIx, NaiveDate>,
    /// What the planner fixed by hand.
    pub locks: Locks,
}

/// What differs between a new month and one that is repaired.
pub struct Choices<'a> {
    /// Which outlets are open.
    pub outlets: &'a dyn Fn(&TravelTable, &[u32]) -> Outcome<OpenOutlets>,
    /// The village cells.
    pub cells: VillageCells,
    /// The month before, one a client.
    pub previous: Vec<previous::Before>,
    /// Clients who are gone.
    pub gone: BTreeMap<ClientIx, NaiveDate>,
    /// What the planner fixed by hand.
    pub locks: Locks,
}

impl Ground {
    /// Joins people to roads, opens outlets and measures the ways.
    ///
    /// # Errors
    /// A mode has no road on the map, the outlets asked for are impossible, or the person cancelled.
    pub fn build(
        intake: &Intake,
        month: Month,
        roads: BTreeMap<Mode, ModeRoads>,
        choices: Choices,
        clock: &mut Clock,
        progress: &dyn Progress,
    ) -> Outcome<Ground> {
        let (county, policy) = (&intake.county, &intake.policy);
        let owed: Vec<u32> = county.clients.iter().map(|c| policy.visits_owed(c, month)).collect();
        let by_outlet = &roads[&policy.outlet_mode];
        let fill = Some(policy.fill_limit);
        let outlet_times = travel_table(
            &by_outlet.graph,
            &by_outlet.sites,
            &by_outlet.clients,
            fill,
            Engine::Auto,
            progress,
        )?;
        clock.lap("outlet_times");
        let outlets = (choices.outlets)(&outlet_times, &owed)?;
        progress.go_on()?;
        clock.lap("siting");
        let reports_to = reporting_outlets(county, &roads, &outlets.open, progress)?;
        let bases = bases(county, &roads, &reports_to);
        let care_times = CareTimes::fill(county, &roads, &bases, policy.fill_limit, progress)?;
        clock.lap("caregiver_times");
        Ok(Ground {
            outlet_mode: policy.outlet_mode,
            outlet_times,
            care_times,
            outlets,
            reports_to,
            bases,
            owed,
            cells: choices.cells,
            previous: choices.previous,
            gone: choices.gone,
            locks: choices.locks,
            roads,
        })
    }

    /// The month to plan.
    ///
    /// # Errors
    /// The person cancelled.
    pub fn problem(&self, intake: &Intake, month: Month, progress: &dyn Progress) -> Outcome<RotaProblem> {
        let inputs = MonthInputs {
            county: &intake.county,
            policy: &intake.policy,
            calendar: &intake.calendar,
            month,
            roads: &self.roads,
            bases: &self.bases,
            times: &self.care_times,
            owed: &self.owed,
            cells: &self.cells,
            previous: &self.previous,
            gone: &self.gone,
            locks: &self.locks,
        };
        rota_problem(&inputs, progress)
    }
}

/// The ground and the month planned on it.
pub struct Steps<'a> {
    /// What the month was planned from.
    pub ground: &'a Ground,
    /// The month.
    pub rota: &'a RotaPlan,
    /// Whom to hire, if it was asked.
    pub recruits: Option<&'a Recruitment>,
}

impl std::ops::Deref for Steps<'_> {
    type Target = Ground;
    fn deref(&self) -> &Ground {
        self.ground
    }
}

/// Each caregiver reports to the open outlet nearest to their home in their own mode.
fn reporting_outlets(
    county: &County,
    roads: &BTreeMap<Mode, ModeRoads>,
    open: &[SiteIx],
    progress: &dyn Progress,
) -> Outcome<Vec<Option<SiteIx>>> {
    let mut nearest: Vec<Option<SiteIx>> = vec![None; county.caregivers.len()];
    for (mode, road) in roads {
        let sites: Vec<Option<Snap>> = open.iter().map(|s| road.sites[s.at()].clone()).collect();
        let who: Vec<CaregiverIx> =
            (0..nearest.len()).filter(|g| county.caregivers[*g].mode == *mode).map(CaregiverIx::of).collect();
        let homes: Vec<Option<Snap>> = who.iter().map(|g| road.caregivers[g.at()].clone()).collect();
        let table = travel_table(&road.graph, &homes, &sites, None, Engine::Auto, progress)?;
        for (row, g) in who.iter().enumerate() {
            let reach = |k: usize| table.get(row, k).map(|t: Ticks| (t, open[k]));
            nearest[g.at()] = (0..open.len()).filter_map(reach).min().map(|(_, site)| site);
        }
    }
    Ok(nearest)
}

/// Where each day begins: the home, or the reporting outlet where the roster says so.
fn bases(county: &County, roads: &BTreeMap<Mode, ModeRoads>, reports_to: &[Option<SiteIx>]) -> Bases {
    let one = |(i, g): (usize, &crate::roster::Caregiver)| match g.base {
        Base::Home => roads[&g.mode].caregivers[i].clone(),
        Base::Outlet => reports_to[i].and_then(|s| roads[&g.mode].sites[s.at()].clone()),
    };
    county.caregivers.iter().enumerate().map(one).collect()
}

/// Wall time by stage, for `timings_ms` alone.
pub struct Clock {
    at: Instant,
    /// Milliseconds by stage.
    pub laps: BTreeMap<String, u64>,
}

impl Clock {
    /// Starts now.
    pub fn start() -> Clock {
        Clock { at: Instant::now(), laps: BTreeMap::new() }
    }

    /// Ends a stage.
    pub fn lap(&mut self, stage: &str) {
        let now = Instant::now();
        self.laps.insert(stage.into(), (now - self.at).as_millis() as u64);
        self.at = now;
    }
}
