//! From a county folder to a plan: the page to read first. Only here is the order of the steps known.

use crate::base::{Outcome, Progress};
use crate::grid::{self, HoursBound, LockCost, Locks, RotaStop};
use crate::intake::{Intake, MapRead, open_map, place_by_map, read_county};
use crate::network::{ModeFile, RoadMap};
use crate::plan::cells::{VillageCells, village_cells};
use crate::plan::county_roads::{check_map_holds, county_roads, mode_files};
use crate::plan::ground::{Choices, Clock, Ground};
use crate::plan::outlets::{OpenOutlets, open_outlets};
use crate::plan::recruits::recruitment;
use crate::plan::repair::{Event, TakenOver, earlier_events, gone_clients, without_the_gone};
use crate::plan::{Plan, PlanOptions, Recruitment, locks, month_bound, previous, tally};
use crate::roster::{County, Status};
use std::path::{Path, PathBuf};

/// A plan with what only its making knows: roads for the road file, cells and proof for the audit.
#[derive(Debug)]
pub struct Draft {
    /// The plan.
    pub plan: Plan,
    /// The road map it was made on.
    pub map: RoadMap,
    /// Mode files it was made with.
    pub modes: Vec<ModeFile>,
    /// Village cells.
    pub cells: VillageCells,
    /// Outlets with their certificate.
    pub outlets: OpenOutlets,
    /// Responsible caregiver and first allowed day from the month before, one a client.
    pub previous: Vec<previous::Before>,
    /// What the planner fixed by hand.
    pub locks: Locks,
    /// What each lock costs; empty after a repair.
    pub lock_costs: Vec<LockCost>,
    /// Whom to hire so that nobody stays unplaced; `None` after a repair.
    pub recruits: Option<Recruitment>,
    /// What the hours forbid; `None` after a repair, whose first weeks are no longer free to plan.
    pub hours: Option<HoursBound>,
    /// Events of the month since it was first planned.
    pub events: Vec<Event>,
    /// Days of the frozen part whose roads nobody can search again, because a client on them has moved since.
    pub taken_over: Vec<TakenOver>,
}

/// Reads a county and plans its month.
///
/// # Errors
/// A file fault of map or rosters (see [`open_map`], [`read_county`]), a wrong option, or cancellation.
pub fn draft(dir: &Path, options: &PlanOptions, progress: &dyn Progress) -> Outcome<Draft> {
    let mut clock = Clock::start();
    let mut intake = keep_approved(read_county(dir, options.month, progress)?);
    let (events, left) = without_the_gone(earlier_events(dir)?, &mut intake.county, options.month);
    clock.lap("intake");

    let map_path = map_path(dir, &intake, options)?;
    let MapRead { map, declared, .. } = open_map(&map_path, progress)?;
    if declared.is_some() {
        check_map_holds(declared, &intake.county, &map_path)?;
    }
    place_by_map(&mut intake.county, &map.places());
    check_map_holds(map.bounds(), &intake.county, &map_path)?;
    let chosen = options.chosen.as_ref().map(|c| c.apply(&mut intake.county)).transpose()?;
    let (county, policy) = (&intake.county, &intake.policy);
    clock.lap("map");
    let roads = county_roads(&map, mode_files(&intake)?, county, policy)?;
    clock.lap("roads");

    let owed: Vec<u32> = county.clients.iter().map(|c| policy.visits_owed(c, options.month)).collect();
    let choices = Choices {
        outlets: &|times, owed| {
            open_outlets(county, times, owed, chosen.as_deref(), options, policy, progress)
        },
        cells: village_cells(county, &map.places(), &care_minutes(county, &owed), CELL_MINUTES),
        previous: match &options.previous {
            Some(before) => previous::read(before, county, policy)?,
            None => previous::of_inputs(dir, county, options.month)?,
        },
        gone: gone_clients(&events, county),
        locks: locks::read(dir, county, options.locks.as_deref(), &left)?,
    };
    let ground = Ground::build(&intake, options.month, roads, choices, &mut clock, progress)?;
    let problem = ground.problem(&intake, options.month, progress)?;
    locks::check(&ground.locks, &intake.county, &problem)?;
    clock.lap("trip_times");
    let rota = grid::solve(&problem, &RotaStop { steps: options.steps, seed: options.seed }, progress)?;
    progress.go_on()?;
    let hours = grid::hours_bound(&problem)?;
    drop(problem);
    clock.lap("month");
    let recruits = recruitment(&intake, &ground, &rota, options.month, options.seed, progress)?;
    clock.lap("recruits");
    let mut plan = tally::plan(intake, options, &map_path, &ground, (&rota, Some(&recruits)), clock.laps)?;
    month_bound::tell(&hours, &mut plan.summary);
    Ok(Draft {
        lock_costs: rota.lock_costs,
        recruits: Some(recruits),
        hours: Some(hours),
        events,
        ..Draft::of(plan, map, ground)
    })
}

impl Draft {
    /// A plan with the ground it stands on.
    pub(super) fn of(plan: Plan, map: RoadMap, ground: Ground) -> Draft {
        Draft {
            plan,
            map,
            modes: ground.roads.into_values().map(|r| r.file).collect(),
            cells: ground.cells,
            outlets: ground.outlets,
            previous: ground.previous,
            locks: ground.locks,
            lock_costs: Vec::new(),
            recruits: None,
            hours: None,
            events: Vec::new(),
            taken_over: Vec::new(),
        }
    }
}

/// A cell holds at most this much care a month, a tenth of a caregiver's: half a dozen clients, so that grids can follow who may serve.
const CELL_MINUTES: u32 = 15 * 60;

/// Plans use approved clients (R30); the others are counted and listed by intake, and noted here.
fn keep_approved(mut intake: Intake) -> Intake {
    if !intake.policy.include_pending {
        intake.county.clients.retain(|c| c.status == Status::Approved);
    }
    intake
}

fn map_path(dir: &Path, intake: &Intake, options: &PlanOptions) -> Outcome<PathBuf> {
    options.roads.clone().or_else(|| intake.files.map.clone()).ok_or_else(|| {
        let d = dir.display();
        crate::base::Fault::refused(
            format!("{d}：文件夹中没有 .osm.pbf 地图，请放入一份，或用 --roads 指定。"),
            format!("{d}: the folder holds no .osm.pbf map; put one there or name it with --roads."),
        )
    })
}

fn care_minutes(county: &County, owed: &[u32]) -> Vec<u32> {
    county.clients.iter().zip(owed).map(|(c, n)| c.service.0 * n).collect()
}
