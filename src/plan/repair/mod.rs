//! Few-change re-planning of a plan folder: sick leave, escorts, people who join, move or go. Everything that may stay stays.

mod before;
mod changes;
mod events;
mod gone;

pub use changes::{Changes, Move, Slot};
pub use events::{EVENT_COLUMNS, Event, EventFile, EventKind, read_events};
pub use gone::{earlier_events, gone_clients, without_the_gone};

use crate::base::{CaregiverIx, ClientIx, Fault, Outcome, Progress, Seconds, Silent};
use crate::grid::{self, Day, RotaPlan};
use crate::intake::{Intake, read_county, read_table};
use crate::network::RoadMap;
use crate::plan::county_roads::{ModeRoads, county_roads, modes_of, read_mode};
use crate::plan::draft::Draft;
use crate::plan::ground::{Choices, Clock, Ground};
use crate::plan::outlets::kept_outlets;
use crate::plan::repair::events::Applied;
use crate::plan::{LockRow, Plan, PlanOptions, locks, mode_path, open_plan, previous, road_file, tally};
use crate::roster::Month;
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A frozen day on which a client was visited who lives elsewhere now: its sums as they were, since its roads cannot be searched again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenOver {
    /// Who drove.
    pub caregiver: CaregiverIx,
    /// On which day.
    pub date: NaiveDate,
    /// Time on the road.
    pub travel: Seconds,
    /// Time waiting.
    pub wait: Seconds,
}

/// A repaired plan and what changed.
#[derive(Debug)]
pub struct Repaired {
    /// The plan after the events.
    pub draft: Draft,
    /// What moves.
    pub changes: Changes,
    /// First day that could change.
    pub from: NaiveDate,
}

/// Re-plans the month of the plan in `dir` from `from` on (default: the first event) after the events; without events what is
/// missing is tried again on the days left. `typed`: the planner's locks in place of the plan's own.
///
/// # Errors
/// The folder holds no plan, an event names nobody, `from` lies outside the month, or the person cancelled.
pub fn repair(
    dir: &Path,
    file: EventFile,
    from: Option<NaiveDate>,
    typed: Option<&[LockRow]>,
    progress: &dyn Progress,
) -> Outcome<Repaired> {
    let mut clock = Clock::start();
    let was = open_plan(dir)?;
    let month = was.month;
    let first = file.events.iter().map(|e| e.date).min().unwrap_or(month.last());
    let from = from.unwrap_or(first);
    if !month.contains(from) {
        return Err(Fault::usage(
            format!("--from {from} 不在方案月份 {month} 内。"),
            format!("--from {from} does not lie in the plan's month {month}."),
        ));
    }
    let before = intake_of(&was, dir, month)?;
    let mut intake = before.clone();
    let earlier = earlier_events(&dir.join("inputs"))?;
    let mut gone = gone_clients(&earlier, &intake.county);
    let applied = file.apply(&mut intake.county, &intake.policy, month, from)?;
    gone.extend(applied.gone.iter().map(|(c, d)| (*c, *d)));
    clock.lap("intake");

    let map = RoadMap::open(&road_file(dir), progress)?;
    clock.lap("map");
    let options = PlanOptions {
        roads: None,
        month,
        outlets: None,
        chosen: None,
        previous: None,
        locks: None,
        seed: was.summary.seed,
        steps: was.summary.steps,
    };
    let world = World { dir, map: &map, was: &was, gone: &gone, typed, progress };
    let strangers: Vec<ClientIx> = applied.moved.iter().chain(&applied.joined).copied().collect();
    let ground = world.ground(&intake, month, &strangers, &mut clock)?;
    let problem = ground.problem(&intake, month, progress)?;
    locks::check(&ground.locks, &intake.county, &problem)?;
    clock.lap("trip_times");
    let mut in_force = if applied.moved.is_empty() {
        before::rota_plan(&was, &ground.cells, &problem)
    } else {
        // Frozen days were driven to the old homes.
        let old = world.ground(&before, month, &[], &mut clock)?;
        before::rota_plan(&was, &old.cells, &old.problem(&before, month, progress)?)
    };
    // Days that stay frozen keep the sums of the homes they were driven to, also those of people who moved in an earlier repair.
    let mut old_days = earlier_taken_over(dir, &intake)?;
    old_days.retain(|(_, date), _| *date < from);
    for tour in &mut in_force.tours {
        let date = month.first() + chrono::Days::new(u64::from(tour.day.0) - 1);
        if let Some((travel, wait)) = old_days.get(&(tour.caregiver, date)) {
            (tour.travel, tour.wait) = (*travel, *wait);
        }
    }
    let day = Day(from.day() as u8);
    let mut rota = grid::repair(&problem, &in_force, day, &applied.left)?;
    rota.steps = was.summary.steps;
    clock.lap("month");
    let taken_over = taken_over(old_days, &rota, &applied, day, month);
    let mut plan = tally::plan(intake, &options, &road_file(dir), &ground, (&rota, None), clock.laps)?;
    plan.summary.inputs.clone_from(&was.summary.inputs);
    plan.summary.siting = ground.outlets.summary.clone();
    let lost = |v: &crate::plan::VisitRow| is_lost(&plan, &problem, &applied, from, v);
    let changes = changes::changes(&was, &plan, lost);
    let mut draft = Draft::of(plan, map, ground);
    draft.lock_costs = rota.lock_costs;
    draft.events = earlier.into_iter().chain(file.events).collect();
    draft.taken_over = taken_over;
    Ok(Repaired { draft, changes, from })
}

/// The plan's own inputs, with what intake told when the month was first planned.
fn intake_of(was: &Plan, dir: &Path, month: Month) -> Outcome<Intake> {
    let mut intake = read_county(&dir.join("inputs"), month, &Silent)?;
    intake.listed.clone_from(&was.listed);
    intake.counts.clone_from(&was.counts);
    Ok(intake)
}

/// What stays the same through a repair.
struct World<'a> {
    dir: &'a Path,
    map: &'a RoadMap,
    was: &'a Plan,
    gone: &'a BTreeMap<ClientIx, NaiveDate>,
    typed: Option<&'a [LockRow]>,
    progress: &'a dyn Progress,
}

impl World<'_> {
    fn ground(
        &self,
        intake: &Intake,
        month: Month,
        strangers: &[ClientIx],
        clock: &mut Clock,
    ) -> Outcome<Ground> {
        let (county, policy) = (&intake.county, &intake.policy);
        let mut modes = BTreeMap::new();
        for mode in modes_of(county, policy) {
            modes.insert(mode, read_mode(&mode_path(self.dir, mode))?);
        }
        let roads: BTreeMap<_, ModeRoads> = county_roads(self.map, modes, county, policy)?;
        clock.lap("roads");
        let table = read_table(&self.dir.join("inputs").join("cells.csv"))?;
        let choices = Choices {
            outlets: &|times, owed| {
                kept_outlets(
                    self.dir,
                    self.was,
                    county,
                    times,
                    owed,
                    policy,
                    strangers.is_empty(),
                    self.progress,
                )
            },
            cells: before::kept_cells(&table, county, strangers),
            previous: self.previous(county)?,
            gone: self.gone.clone(),
            locks: locks::read(&self.dir.join("inputs"), county, self.typed, &BTreeSet::new())?,
        };
        Ground::build(intake, month, roads, choices, clock, self.progress)
    }

    /// Responsible caregivers of the plan in force, and the first days the month before it allowed.
    fn previous(&self, county: &crate::roster::County) -> Outcome<Vec<previous::Before>> {
        let mut kept = previous::kept(&self.dir.join("inputs"))?;
        let own = |c: usize| self.was.clients.get(c).and_then(|row| row.caregiver);
        let one = |(i, c): (usize, &crate::roster::Client)| previous::Before {
            caregiver: own(i),
            ..kept.remove(&c.id).unwrap_or_default()
        };
        Ok(county.clients.iter().enumerate().map(one).collect())
    }
}

/// Frozen days with a client who has moved, of this repair and of earlier ones.
fn taken_over(mut days: Sums, rota: &RotaPlan, applied: &Applied, from: Day, month: Month) -> Vec<TakenOver> {
    let date = |day: Day| month.first() + chrono::Days::new(u64::from(day.0) - 1);
    for tour in rota.tours.iter().filter(|t| t.day < from) {
        if tour.visits.iter().any(|v| applied.moved.contains(&v.client)) {
            days.entry((tour.caregiver, date(tour.day))).or_insert((tour.travel, tour.wait));
        }
    }
    let row = |((caregiver, date), (travel, wait))| TakenOver { caregiver, date, travel, wait };
    days.into_iter().map(row).collect()
}

type Sums = BTreeMap<(CaregiverIx, NaiveDate), (Seconds, Seconds)>;

fn earlier_taken_over(dir: &Path, intake: &Intake) -> Outcome<Sums> {
    let path = dir.join("inputs").join("taken_over.csv");
    let mut days = Sums::new();
    if path.is_file() {
        let table = read_table(&path)?;
        for row in &table.rows {
            let cell = |column: &str| table.cell(row, column);
            let who = intake.county.caregivers.iter().position(|g| g.id == cell("caregiver"));
            let seconds = |column: &str| cell(column).parse().ok().map(Seconds);
            let parts = (who, cell("date").parse(), seconds("travel_s"), seconds("wait_s"));
            if let (Some(g), Ok(date), Some(travel), Some(wait)) = parts {
                days.insert((CaregiverIx::of(g), date), (travel, wait));
            }
        }
    }
    Ok(days)
}

/// The visit cannot stay where it is: its caregiver is off that day or may not serve the client any more, or nothing is owed.
fn is_lost(
    plan: &Plan,
    problem: &grid::RotaProblem,
    applied: &Applied,
    from: NaiveDate,
    v: &crate::plan::VisitRow,
) -> bool {
    let off = plan.county.caregivers[v.caregiver.at()].leave.contains(&v.date);
    let owed = applied.gone.get(&v.client).is_none_or(|d| v.date < *d);
    let may = problem.clients[v.client.at()].eligible.contains(&v.caregiver);
    v.date >= from && (off || !owed || !may)
}
