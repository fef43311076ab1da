//! The decisions counted: one row a client, outlet, caregiver, grid and visit, and plan.json from the same rows.

use crate::base::{CaregiverIx, ClientIx, GridIx, Minutes, Outcome, Seconds, SiteIx, Ticks, sha256_of_file};
use crate::coverage::{Cause, Verdict, is_reached, reachable_nodes};
use crate::grid::{Exception, MissingReason, RotaPlan};
use crate::intake::Intake;
use crate::network::Snap;
use crate::plan::cells::near_places;
use crate::plan::ground::{Ground, Steps};
use crate::plan::month::fits;
use crate::plan::{
    CaregiverRow, ClientRow, FORMAT, GridRow, OutletRow, Plan, PlanOptions, Recruitment, Summary,
    UnplacedRow, VisitRow,
};
use crate::roster::County;
use std::collections::BTreeMap;
use std::path::Path;

/// Counts everything into a [`Plan`].
///
/// # Errors
/// An input cannot be hashed.
pub fn plan(
    intake: Intake,
    options: &PlanOptions,
    map: &Path,
    ground: &Ground,
    (rota, recruits): (&RotaPlan, Option<&Recruitment>),
    timings_ms: BTreeMap<String, u64>,
) -> Outcome<Plan> {
    let steps = &Steps { ground, rota, recruits };
    let limit = intake.policy.limit;
    let unplaced = unplaced(&intake.county, steps);
    let clients = clients(&intake.county, limit, steps);
    let visits = visits(options, steps);
    let caregivers = caregivers(&intake.county, steps);
    let grids = grids(steps, &clients);
    let outlets = outlets(steps, &clients, &caregivers, limit);
    let mut summary = Summary {
        format: FORMAT,
        county: intake.county.name.clone(),
        synthetic: intake.county.synthetic,
        month: options.month.to_string(),
        clients_total: clients.len() as u32,
        clients_in_outlet_circle: clients.iter().filter(|c| inside(c.outlet_time, limit)).count() as u32,
        clients_served: 0,
        gaps_by_cause: BTreeMap::new(),
        outlets: outlets.len() as u32,
        siting: steps.outlets.summary.clone(),
        caregivers_used: caregivers.iter().filter(|g| g.visits > 0).count() as u32,
        visits_owed: steps.owed.iter().sum(),
        visits_planned: visits.len() as u32,
        visits_by_backup: 0,
        unplaced: unplaced.iter().map(|u| u.missing).sum(),
        unplaced_bound: 0.0,
        short_clients_bound: 0.0,
        long_gaps: long_gaps(&intake, ground, &visits),
        care_h_max: caregivers.iter().map(|g| f64::from(g.care.0)).fold(0.0, f64::max) / 3600.0,
        care_h_max_bound: 0.0,
        recruits: recruits.map(Recruitment::summary),
        travel_h: caregivers.iter().map(|g| f64::from(g.travel.0)).sum::<f64>() / 3600.0,
        seed: options.seed,
        steps: steps.rota.steps,
        inputs: hashes(&intake, map)?,
        timings_ms,
    };
    summary.travel_h = (summary.travel_h * 10.0).round() / 10.0;
    summary.care_h_max = (summary.care_h_max * 100.0).round() / 100.0;
    summary.clients_served = clients.iter().filter(|c| c.verdict == Verdict::Served).count() as u32;
    for cause in clients.iter().filter_map(|c| c.cause) {
        *summary.gaps_by_cause.entry(cause.word().into()).or_default() += 1;
    }
    let by_backup = |v: &&VisitRow| clients[v.client.at()].caregiver != Some(v.caregiver);
    summary.visits_by_backup = visits.iter().filter(by_backup).count() as u32;
    let cells = steps.cells.names.iter().map(String::as_str);
    let near = near_places(&intake.county, cells.zip(steps.cells.clients.iter().map(Vec::as_slice)));
    Ok(Plan {
        month: options.month,
        near,
        county: intake.county,
        policy: intake.policy,
        calendar: intake.calendar,
        clients,
        outlets,
        caregivers,
        grids,
        visits,
        unplaced,
        curve: steps.outlets.curve.clone(),
        listed: intake.listed,
        counts: intake.counts,
        notes: Vec::new(),
        summary,
    })
}

/// Clients with more days between two visits than the quota's long gap, the month before included where it is known.
fn long_gaps(intake: &Intake, ground: &Ground, visits: &[VisitRow]) -> u32 {
    let mut dates: BTreeMap<usize, Vec<chrono::NaiveDate>> = BTreeMap::new();
    visits.iter().for_each(|v| dates.entry(v.client.at()).or_default().push(v.date));
    let is_long = |c: &usize| {
        let Some(quota) = intake.policy.quota(intake.county.clients[*c].category) else { return false };
        let mut days = dates.get(c).cloned().unwrap_or_default();
        // The month before allowed a visit so many days after its last one.
        days.extend(
            ground.previous[*c].first_day.map(|d| d - chrono::Days::new(u64::from(quota.apart_days))),
        );
        days.sort_unstable();
        days.windows(2).any(|w| (w[1] - w[0]).num_days() > i64::from(quota.long_gap_days))
    };
    (0..intake.county.clients.len()).filter(is_long).count() as u32
}

/// Rounded down to hundredths: a bound stays one.
fn inside(time: Option<Seconds>, limit: Ticks) -> bool {
    time.is_some_and(|t| t <= limit.seconds_up())
}

fn hashes(intake: &Intake, map: &Path) -> Outcome<BTreeMap<String, String>> {
    let name = |p: &Path| p.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let all = intake.files.read.iter().map(std::path::PathBuf::as_path).chain([map]);
    all.filter(|p| p.is_file()).map(|p| Ok((name(p), sha256_of_file(p)?))).collect()
}

/// Reason of visits that nobody is owed any more.
pub const GONE: &str = "gone";

/// The cheapest remedy of a client's missing visits: a longer search, more hours of whom the reason names, else a hire.
fn remedy(county: &County, steps: &Steps, missing: &crate::grid::Unplaced) -> String {
    if steps.gone.contains_key(&missing.client) {
        return String::new();
    }
    let by = missing.by.map_or("", |g| county.caregivers[g.at()].id.as_str());
    let hire = || {
        // A repaired plan does not ask whom to hire; the next one made anew does.
        let Some(recruits) = steps.recruits else { return "plan_anew".into() };
        let helpers = recruits.helpers(missing.client);
        if helpers.is_empty() { "none".into() } else { format!("hire:{helpers}") }
    };
    match missing.reason {
        MissingReason::NotFoundInBudget => "more_steps".into(),
        MissingReason::MonthHours => format!("overtime:{by}"),
        MissingReason::DayHours => format!("longer_day:{by}"),
        MissingReason::WindowFull => format!("other_window:{by}"),
        _ => hire(),
    }
}

fn unplaced(county: &County, steps: &Steps) -> Vec<UnplacedRow> {
    let word = |reason| match reason {
        MissingReason::NobodyEligible => "nobody_eligible",
        MissingReason::NoRoomInMonth => "no_room_in_month",
        MissingReason::MonthHours => "month_hours",
        MissingReason::DayHours => "day_hours",
        MissingReason::WindowFull => "window_full",
        MissingReason::SeveralRules => "several_rules",
        MissingReason::NotFoundInBudget => "not_found_in_budget",
    };
    let row = |u: &crate::grid::Unplaced| UnplacedRow {
        remedy: remedy(county, steps, u),
        client: u.client,
        missing: u.missing,
        reason: if steps.gone.contains_key(&u.client) { GONE.into() } else { word(u.reason).into() },
    };
    steps.rota.unplaced.iter().filter(|u| u.missing > 0).map(row).collect()
}

fn visits(options: &PlanOptions, steps: &Steps) -> Vec<VisitRow> {
    let mut rows = Vec::new();
    for tour in &steps.rota.tours {
        let date = options.month.first() + chrono::Days::new(u64::from(tour.day.0) - 1);
        rows.extend(tour.visits.iter().zip(1..).map(|(v, order)| VisitRow {
            caregiver: tour.caregiver,
            date,
            order,
            client: v.client,
            arrive: v.arrive,
            leave: v.leave,
        }));
    }
    rows
}

/// Nearest open outlet of a client and its time.
fn nearest_outlet(steps: &Steps, client: usize) -> Option<(Ticks, SiteIx)> {
    let times =
        steps.outlets.open.iter().filter_map(|s| steps.outlet_times.get(s.at(), client).map(|t| (t, *s)));
    times.min()
}

/// Responsible caregiver, else the nearest who fits the need, else the nearest at all.
fn caregiver_of(county: &County, steps: &Steps, client: usize) -> Option<(CaregiverIx, Option<Ticks>)> {
    let time = |g: usize| steps.care_times.0[g].get(client).copied().flatten();
    if let Some(g) = steps.rota.responsible[client] {
        return Some((g, time(g.at())));
    }
    let fitting = |g: &usize| fits(&county.caregivers[*g], &county.clients[client]);
    let nearest = |only_fitting: bool| {
        let who = (0..county.caregivers.len()).filter(|g| !only_fitting || fitting(g));
        who.filter_map(|g| time(g).map(|t| (t, g))).min()
    };
    nearest(true).map(|(t, g)| (CaregiverIx::of(g), Some(t)))
}

fn any_caregiver_inside(steps: &Steps, client: usize, limit: Ticks) -> bool {
    steps.care_times.0.iter().any(|row| row.get(client).copied().flatten().is_some_and(|t| t <= limit))
}

fn clients(county: &County, limit: Ticks, steps: &Steps) -> Vec<ClientRow> {
    let mut missing = vec![0; county.clients.len()];
    let owed = steps.rota.unplaced.iter().filter(|u| !steps.gone.contains_key(&u.client));
    owed.for_each(|u| missing[u.client.at()] += u.missing);
    let connected = Connected::of(county, steps);
    let row = |i: usize| {
        let outlet = nearest_outlet(steps, i);
        let caregiver = caregiver_of(county, steps, i);
        let responsible = steps.rota.responsible[i].is_some();
        let served =
            responsible && missing[i] == 0 && caregiver.and_then(|(_, t)| t).is_some_and(|t| t <= limit);
        let in_circle = outlet.is_some_and(|(t, _)| t <= limit);
        let verdict = match (served, in_circle) {
            (true, _) => Verdict::Served,
            (false, true) => Verdict::OutletOnly,
            (false, false) => Verdict::Gap,
        };
        let cause = (!served).then(|| {
            let client = &county.clients[i];
            let snapped = steps.roads.values().any(|r| r.clients[i].is_some());
            if client.doubtful {
                Cause::MatchDoubtful
            } else if client.at.is_none() {
                Cause::NoLocation
            } else if !snapped {
                Cause::NoRoadNear
            } else if !connected.reaches(steps, i) {
                Cause::Disconnected
            } else if !in_circle && !any_caregiver_inside(steps, i, limit) {
                Cause::TooFar
            } else if !responsible {
                Cause::NoCaregiver
            } else {
                Cause::OverCapacity
            }
        });
        ClientRow {
            outlet: outlet.map(|(_, s)| s),
            outlet_time: outlet.map(|(t, _)| t.seconds_up()),
            caregiver: caregiver.map(|(g, _)| g),
            caregiver_time: caregiver.and_then(|(_, t)| t).map(Ticks::seconds_up),
            grid: steps.rota.grid_of[i].filter(|_| responsible),
            verdict,
            cause,
            owed: steps.owed[i],
        }
    };
    (0..county.clients.len()).map(row).collect()
}

/// Which nodes any open outlet or caregiver reaches at all, by mode.
struct Connected<'a> {
    by_mode: Vec<(crate::base::Mode, Vec<&'a Snap>, Vec<bool>)>,
}

impl<'a> Connected<'a> {
    fn of(county: &County, steps: &'a Ground) -> Connected<'a> {
        let mut by_mode = Vec::new();
        for (mode, road) in &steps.roads {
            let riders = (0..county.caregivers.len()).filter(|g| county.caregivers[*g].mode == *mode);
            let mut origins: Vec<&Snap> = riders.filter_map(|g| steps.bases[g].as_ref()).collect();
            if *mode == steps.outlet_mode {
                origins.extend(steps.outlets.open.iter().filter_map(|s| road.sites[s.at()].as_ref()));
            }
            let reached = reachable_nodes(&road.graph, origins.iter().copied());
            by_mode.push((*mode, origins, reached));
        }
        Connected { by_mode }
    }

    fn reaches(&self, steps: &Steps, client: usize) -> bool {
        self.by_mode.iter().any(|(mode, origins, reached)| {
            steps.roads[mode].clients[client].as_ref().is_some_and(|snap| is_reached(snap, reached, origins))
        })
    }
}

fn caregivers(county: &County, steps: &Steps) -> Vec<CaregiverRow> {
    let mut rows: Vec<CaregiverRow> = (0..county.caregivers.len())
        .map(|g| CaregiverRow {
            outlet: steps.reports_to[g],
            grid: steps.rota.grids.iter().position(|k| k.caregiver.at() == g).map(GridIx::of),
            visits: 0,
            care: Seconds(0),
            travel: Seconds(0),
            wait: Seconds(0),
            days: 0,
        })
        .collect();
    for tour in &steps.rota.tours {
        let row = &mut rows[tour.caregiver.at()];
        row.visits += tour.visits.len() as u32;
        row.days += 1;
        row.travel = row.travel + tour.travel;
        row.wait = row.wait + tour.wait;
        row.care = tour.visits.iter().fold(row.care, |sum, v| Seconds(sum.0 + v.leave.0 - v.arrive.0));
    }
    rows
}

fn grids(steps: &Steps, clients: &[ClientRow]) -> Vec<GridRow> {
    let grid = |(i, g): (usize, &crate::grid::Grid)| {
        let mine = |c: &&(ClientIx, Exception)| clients[c.0.at()].grid == Some(GridIx::of(i));
        GridRow {
            caregiver: g.caregiver,
            backup: g.backup,
            cells: g.cells.iter().map(|c| steps.cells.names[c.at()].clone()).collect(),
            clients: clients.iter().filter(|c| c.grid == Some(GridIx::of(i))).count() as u32,
            exceptions: (steps.rota.exceptions.iter().filter(mine)).copied().collect(),
        }
    };
    steps.rota.grids.iter().enumerate().map(grid).collect()
}

fn outlets(
    steps: &Steps,
    clients: &[ClientRow],
    caregivers: &[CaregiverRow],
    limit: Ticks,
) -> Vec<OutletRow> {
    let outlet = |site: &SiteIx| {
        let mine = || caregivers.iter().filter(|g| g.outlet == Some(*site));
        let near = |c: &&ClientRow| c.outlet == Some(*site) && inside(c.outlet_time, limit);
        OutletRow {
            site: *site,
            clients: clients.iter().filter(near).count() as u32,
            visits: mine().map(|g| g.visits).sum(),
            minutes: Minutes(mine().map(|g| g.care.0).sum::<u32>() / 60),
        }
    };
    steps.outlets.open.iter().map(outlet).collect()
}
