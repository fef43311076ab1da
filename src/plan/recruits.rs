//! Whom to hire so that nobody stays unplaced: candidates who live in the village cells, weighed on the county's own roads.

use crate::base::{ClientIx, Mode, Outcome, Progress, Seconds, SiteIx, Ticks};
use crate::grid::{self, Day, Locks, RotaPlan, RotaProblem, Tour};
use crate::intake::Intake;
use crate::network::Snap;
use crate::plan::ground::Ground;
use crate::plan::month::{CareTimes, MonthInputs, rota_problem};
use crate::plan::previous::Before;
use crate::plan::{Plan, clock};
use crate::roster::{Base, Caregiver, County, Month};
use crate::siting::{Model, Pair, SitingProblem, StopRule, solve};
use crate::travel::{Engine, travel_table};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Columns of recruits.csv.
pub const COLUMNS: [&str; 12] = [
    "hire",
    "village",
    "near_client",
    "mode",
    "visits",
    "care_min",
    "travel_min",
    "wait_min",
    "days",
    "needs_female",
    "skills",
    "clients",
];
/// Columns of recruit_visits.csv.
pub const VISIT_COLUMNS: [&str; 6] = ["hire", "date", "order", "client", "arrive", "leave"];

/// `recruits` in plan.json.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecruitSummary {
    /// Caregivers to hire.
    pub hires: u32,
    /// No fewer can make the same visits.
    pub bound: u32,
    /// Visits they would make.
    pub visits: u32,
    /// Unplaced visits that no hire in any village can make.
    pub beyond_help: u32,
    /// Hires by village.
    pub villages: BTreeMap<String, u32>,
}

/// One caregiver to hire.
#[derive(Debug, Clone, PartialEq)]
pub struct HireRow {
    /// Village cell to live in.
    pub village: String,
    /// The client whose home stands for the village; the hire is weighed as living there.
    pub near: ClientIx,
    /// Their month.
    pub tours: Vec<Tour>,
}

/// The recruitment answer of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Recruitment {
    /// How hires travel.
    pub mode: Mode,
    /// Whom to hire.
    pub hires: Vec<HireRow>,
    /// No fewer hires can make the same visits.
    pub bound: u32,
    /// Unplaced visits that no hire can make.
    pub beyond_help: u32,
}

/// Steps of the cover without hours.
const COVER_STEPS: u64 = 20_000;

/// Somebody who could be hired: a cell, the client who stands for its place, and that place on the road.
struct Candidate {
    cell: usize,
    near: ClientIx,
    base: Snap,
}

/// Weighs every village cell.
///
/// # Errors
/// The person cancelled.
pub fn recruitment(
    intake: &Intake,
    ground: &Ground,
    rota: &RotaPlan,
    month: Month,
    seed: u64,
    progress: &dyn Progress,
) -> Outcome<Recruitment> {
    let (county, policy) = (&intake.county, &intake.policy);
    let is_known = ground.roads.contains_key(&policy.caregiver_mode);
    let mode = if is_known { policy.caregiver_mode } else { ground.outlet_mode };
    let missing = missing(ground, rota);
    let (times, candidates) = candidates(county, ground, &missing, mode, policy.limit, progress)?;
    let skills: BTreeSet<&String> = county.clients.iter().flat_map(|c| &c.needs_skill).collect();
    let caregiver = |k: &Candidate| Caregiver {
        id: ground.cells.names[k.cell].clone(),
        name: String::new(),
        at: county.clients[k.near.at()].at,
        mode,
        female: true,
        max_day: policy.max_day,
        max_month: policy.max_month,
        leave: Vec::new(),
        township: String::new(),
        village: String::new(),
        skills: skills.iter().map(|s| (*s).clone()).collect(),
        kind: String::new(),
        base: Base::Home,
    };
    let hiring = County { caregivers: candidates.iter().map(caregiver).collect(), ..county.clone() };
    let bases: Vec<Option<Snap>> = candidates.iter().map(|k| Some(k.base.clone())).collect();
    let previous: Vec<_> =
        ground.previous.iter().map(|b| Before { first_day: b.first_day, ..Before::default() }).collect();
    let inputs = MonthInputs {
        county: &hiring,
        policy,
        calendar: &intake.calendar,
        month,
        roads: &ground.roads,
        bases: &bases,
        times: &times,
        owed: &missing,
        cells: &ground.cells,
        previous: &previous,
        gone: &ground.gone,
        locks: &Locks::default(),
    };
    let mut wanted = rota_problem(&inputs, progress)?;
    keep_apart(&mut wanted, rota);
    let cover = |sets: &[BTreeSet<u32>]| cover(sets, seed, progress);
    let recruits = grid::recruit(&wanted, &cover, seed, progress)?;
    let row = |h: grid::Hire| {
        let k = &candidates[h.candidate.at()];
        HireRow { village: ground.cells.names[k.cell].clone(), near: k.near, tours: h.tours }
    };
    let hires: Vec<HireRow> = recruits.hires.into_iter().map(row).collect();
    let made: u32 = hires.iter().map(HireRow::visits).sum();
    Ok(Recruitment { mode, bound: recruits.bound, beyond_help: missing.iter().sum::<u32>() - made, hires })
}

/// The cover without hours, as a siting problem: candidates are sites.
fn cover(sets: &[BTreeSet<u32>], seed: u64, progress: &dyn Progress) -> Outcome<(Vec<usize>, u32)> {
    let clients: Vec<u32> = sets.iter().flatten().copied().collect::<BTreeSet<u32>>().into_iter().collect();
    if clients.is_empty() {
        return Ok((Vec::new(), 0));
    }
    let pair = |site: usize, c: &u32| Pair {
        client: ClientIx::of(clients.partition_point(|k| k < c)),
        site: SiteIx::of(site),
        travel: Seconds(0),
    };
    let problem = SitingProblem {
        sites: sets.len() as u32,
        weights: vec![1; clients.len()],
        pairs: sets
            .iter()
            .enumerate()
            .flat_map(|(s, set)| set.iter().map(|c| pair(s, c)).collect::<Vec<_>>())
            .collect(),
        ..SitingProblem::default()
    };
    let model = Model::Lscp { backup: 1, share_millionths: 1_000_000 };
    let stop = StopRule { seed, steps: COVER_STEPS, ..StopRule::default() };
    let answer = solve(&problem, model, &stop, progress)?;
    Ok((answer.open.iter().map(|s| s.at()).collect(), (answer.bound - 1e-6).ceil().max(0.0) as u32))
}

/// Visits missing, by client; nothing more is owed to who is gone.
fn missing(ground: &Ground, rota: &RotaPlan) -> Vec<u32> {
    let mut missing = vec![0; ground.owed.len()];
    let owed = rota.unplaced.iter().filter(|u| !ground.gone.contains_key(&u.client));
    owed.for_each(|u| missing[u.client.at()] += u.missing);
    missing
}

/// Cells from whose middle somebody who misses visits is reached inside the limit, with the times to them.
fn candidates(
    county: &County,
    ground: &Ground,
    missing: &[u32],
    mode: Mode,
    limit: Ticks,
    progress: &dyn Progress,
) -> Outcome<(CareTimes, Vec<Candidate>)> {
    let road = &ground.roads[&mode];
    let lacking: Vec<usize> = (0..missing.len()).filter(|c| missing[*c] > 0).collect();
    let all = (0..ground.cells.names.len()).filter_map(|cell| {
        let near = middle(county, &ground.cells.clients[cell], &road.clients)?;
        Some(Candidate { cell, near, base: road.clients[near.at()].clone()? })
    });
    let mut all: Vec<Candidate> = all.collect();
    let from: Vec<Option<Snap>> = all.iter().map(|k| Some(k.base.clone())).collect();
    let to: Vec<Option<Snap>> = lacking.iter().map(|c| road.clients[*c].clone()).collect();
    let table = travel_table(&road.graph, &from, &to, Some(limit), Engine::Auto, progress)?;
    let mut times = Vec::new();
    let mut row = 0;
    all.retain(|_| {
        let mut reached = vec![None; missing.len()];
        lacking.iter().enumerate().for_each(|(k, c)| reached[*c] = table.get(row, k));
        row += 1;
        let is_useful = reached.iter().any(Option::is_some);
        if is_useful {
            times.push(reached);
        }
        is_useful
    });
    Ok((CareTimes(times), all))
}

/// The client nearest to the mean of a cell's homes, among those on a road.
fn middle(county: &County, members: &[ClientIx], snaps: &[Option<Snap>]) -> Option<ClientIx> {
    let at = |c: &ClientIx| county.clients[c.at()].at.filter(|_| snaps[c.at()].is_some());
    let places: Vec<_> = members.iter().filter_map(at).collect();
    let n = places.len().max(1) as f64;
    let (lon, lat) = places.iter().fold((0.0, 0.0), |(x, y), p| (x + p.lon / n, y + p.lat / n));
    let away = |c: &ClientIx| at(c).map(|p| (p.lon - lon).powi(2) + (p.lat - lat).powi(2));
    let near = members.iter().filter_map(|c| Some((away(c)?, *c)));
    near.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))).map(|(_, c)| c)
}

/// The visits that are planned stand: a missing one keeps its distance from them.
fn keep_apart(wanted: &mut RotaProblem, rota: &RotaPlan) {
    let mut held: BTreeMap<ClientIx, Vec<Day>> = BTreeMap::new();
    for tour in &rota.tours {
        tour.visits.iter().for_each(|v| held.entry(v.client).or_default().push(tour.day));
    }
    for (c, client) in wanted.clients.iter_mut().enumerate().filter(|(_, c)| c.visits > 0) {
        let Some(days) = held.get(&ClientIx::of(c)) else { continue };
        let apart = client.apart_days.max(1);
        let free = |d: &Day| days.iter().all(|h| u32::from(h.0.abs_diff(d.0)) >= apart);
        let asked = |d: &Day| client.only_days.is_empty() || client.only_days.contains(d);
        let left: Vec<Day> = (1..=wanted.days_in_month).map(Day).filter(asked).filter(free).collect();
        // No list means any day; a client without one owes nothing here and stays beyond help.
        client.visits = if left.is_empty() { 0 } else { client.visits };
        client.only_days = left;
    }
}

impl HireRow {
    /// Visits they would make.
    #[must_use]
    pub fn visits(&self) -> u32 {
        self.tours.iter().map(|t| t.visits.len() as u32).sum()
    }

    fn clients(&self) -> BTreeSet<ClientIx> {
        self.tours.iter().flat_map(|t| &t.visits).map(|v| v.client).collect()
    }
}

/// `H01`, in the order of recruits.csv.
fn hire_id(row: usize) -> String {
    format!("H{:02}", row + 1)
}

impl Recruitment {
    /// For plan.json.
    #[must_use]
    pub fn summary(&self) -> RecruitSummary {
        let mut villages = BTreeMap::new();
        self.hires.iter().for_each(|h| *villages.entry(h.village.clone()).or_default() += 1);
        RecruitSummary {
            hires: self.hires.len() as u32,
            bound: self.bound,
            visits: self.hires.iter().map(HireRow::visits).sum(),
            beyond_help: self.beyond_help,
            villages,
        }
    }

    /// Who would make a client's missing visits: ids of recruits.csv, `;` between.
    #[must_use]
    pub fn helpers(&self, client: ClientIx) -> String {
        let ids = self.hires.iter().enumerate().filter(|(_, h)| h.clients().contains(&client));
        ids.map(|(i, _)| hire_id(i)).collect::<Vec<_>>().join(";")
    }

    /// Rows of recruits.csv.
    #[must_use]
    pub fn rows(&self, plan: &Plan) -> Vec<Vec<String>> {
        let line = |(i, h): (usize, &HireRow)| {
            let sum = |of: &dyn Fn(&Tour) -> Seconds| h.tours.iter().map(|t| of(t).0).sum::<u32>();
            let minutes = |s: u32| format!("{:.1}", f64::from(s) / 60.0);
            let clients = h.clients();
            let rows = || clients.iter().map(|c| &plan.county.clients[c.at()]);
            let skills: BTreeSet<&str> = rows().flat_map(|c| &c.needs_skill).map(String::as_str).collect();
            let care = |t: &Tour| Seconds(t.visits.iter().map(|v| v.leave.0 - v.arrive.0).sum());
            vec![
                hire_id(i),
                h.village.clone(),
                plan.county.clients[h.near.at()].id.clone(),
                self.mode.word().into(),
                h.visits().to_string(),
                minutes(sum(&care)),
                minutes(sum(&|t| t.travel)),
                minutes(sum(&|t| t.wait)),
                h.tours.len().to_string(),
                if rows().any(|c| c.needs_female) { "1".into() } else { "0".into() },
                skills.into_iter().collect::<Vec<_>>().join(";"),
                rows().map(|c| c.id.as_str()).collect::<Vec<_>>().join(";"),
            ]
        };
        self.hires.iter().enumerate().map(line).collect()
    }

    /// Rows of recruit_visits.csv.
    #[must_use]
    pub fn visit_rows(&self, plan: &Plan) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for (i, hire) in self.hires.iter().enumerate() {
            for tour in &hire.tours {
                let date = plan.month.first() + chrono::Days::new(u64::from(tour.day.0) - 1);
                rows.extend(tour.visits.iter().zip(1..).map(|(v, order)| {
                    let client = plan.county.clients[v.client.at()].id.clone();
                    vec![
                        hire_id(i),
                        date.to_string(),
                        order.to_string(),
                        client,
                        clock(v.arrive),
                        clock(v.leave),
                    ]
                }));
            }
        }
        rows
    }
}
