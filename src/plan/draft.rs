//! From a county folder to a plan: the page to read first. Only here is the order of the steps known.

use crate::base::{CaregiverIx, Mode, Outcome, Progress, SiteIx, Ticks};
use crate::grid::{self, RotaStop};
use crate::intake::{Intake, place_by_map, read_county};
use crate::network::{ModeFile, RoadMap, Snap};
use crate::plan::cells::{VillageCells, village_cells};
use crate::plan::county_roads::{ModeRoads, check_map_holds, county_roads, mode_files};
use crate::plan::month::{Bases, CareTimes, MonthInputs, rota_problem};
use crate::plan::outlets::{OpenOutlets, open_outlets};
use crate::plan::steps::Steps;
use crate::plan::{Plan, PlanOptions, previous, tally};
use crate::roster::{Base, County, Status};
use crate::travel::{Engine, travel_table};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

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
}

/// Reads a county and plans its month.
///
/// # Errors
/// A file fault of map or rosters (see [`RoadMap::open`], [`read_county`]), a wrong option, or cancellation.
pub fn draft(dir: &Path, options: &PlanOptions, progress: &dyn Progress) -> Outcome<Draft> {
    let mut clock = Clock::start();
    let mut intake = keep_approved(read_county(dir, options.month, progress)?);
    clock.lap("intake");

    let map_path = map_path(dir, &intake, options)?;
    if let Some(declared) = RoadMap::header_bounds(&map_path)? {
        check_map_holds(Some(declared), &intake.county, &map_path)?;
    }
    let map = RoadMap::open(&map_path, progress)?;
    place_by_map(&mut intake.county, &map.places());
    check_map_holds(map.bounds(), &intake.county, &map_path)?;
    let (county, policy) = (&intake.county, &intake.policy);
    clock.lap("map");
    let roads = county_roads(&map, mode_files(&intake)?, county, policy)?;
    clock.lap("roads");

    let owed: Vec<u32> = county.clients.iter().map(|c| policy.visits_owed(c, options.month)).collect();
    let by_outlet = &roads[&policy.outlet_mode];
    let fill = Some(policy.fill_limit);
    let outlet_times =
        travel_table(&by_outlet.graph, &by_outlet.sites, &by_outlet.clients, fill, Engine::Auto, progress)?;
    clock.lap("outlet_times");
    let outlets = open_outlets(county, &outlet_times, &owed, options, policy.limit, progress)?;
    progress.go_on()?;
    clock.lap("siting");

    let reports_to = reporting_outlets(county, &roads, &outlets.open, progress)?;
    let bases = bases(county, &roads, &reports_to);
    let care_times = CareTimes::fill(county, &roads, &bases, policy.fill_limit, progress)?;
    clock.lap("caregiver_times");

    let cells = village_cells(county, &map.places(), &care_minutes(county, &owed), CELL_MINUTES);
    let before = previous::read(options.previous.as_deref(), county, policy)?;
    let inputs = MonthInputs {
        county,
        policy,
        calendar: &intake.calendar,
        month: options.month,
        roads: &roads,
        bases: &bases,
        times: &care_times,
        owed: &owed,
        cells: &cells,
        previous: &before,
    };
    let problem = rota_problem(&inputs, progress)?;
    clock.lap("trip_times");
    let rota = grid::solve(&problem, &RotaStop { steps: options.steps, seed: options.seed }, progress)?;
    progress.go_on()?;
    drop(problem);
    clock.lap("month");

    let steps = Steps {
        roads: &roads,
        outlet_mode: policy.outlet_mode,
        outlet_times: &outlet_times,
        care_times: &care_times,
        outlets: &outlets,
        reports_to: &reports_to,
        bases: &bases,
        owed: &owed,
        cells: &cells,
        rota: &rota,
    };
    let plan = tally::plan(intake, options, &map_path, &steps, clock.laps)?;
    let modes = roads.into_values().map(|r| r.file).collect();
    Ok(Draft { plan, map, modes, cells, outlets, previous: before })
}

/// A cell holds at most this much care a month, a quarter of a caregiver's.
const CELL_MINUTES: u32 = 40 * 60;

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
struct Clock {
    at: Instant,
    laps: BTreeMap<String, u64>,
}

impl Clock {
    fn start() -> Clock {
        Clock { at: Instant::now(), laps: BTreeMap::new() }
    }

    fn lap(&mut self, stage: &str) {
        let now = Instant::now();
        self.laps.insert(stage.into(), (now - self.at).as_millis() as u64);
        self.at = now;
    }
}
