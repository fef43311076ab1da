//! The month as a rota problem: eligibility and travel times of the county, and the planned month back in its rows.

use crate::base::{CaregiverIx, CellIx, ClientIx, Mode, Outcome, Progress, Seconds, Ticks};
use crate::grid::{
    Continuity, Day, Locks, Prices, RotaCaregiver, RotaClient, RotaProblem, TripMatrix, TripTable, UNREACHED,
};
use crate::network::Snap;
use crate::plan::{VillageCells, county_roads::ModeRoads, previous::Before};
use crate::roster::{Calendar, Caregiver, Client, County, Month, Policy, VisitWindow};
use crate::travel::{Engine, travel_table};
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeMap;

/// Longest trip between two homes that a tour may hold; below the saturation of narrow tables.
const LONGEST_TRIP: Ticks = Ticks(60_000);
/// A day that no month has.
const NO_DAY: u8 = 40;
const SHIFT: (Seconds, Seconds) = (Seconds(8 * 3600), Seconds(18 * 3600));

/// Where everybody's day begins, in their own mode; `None`: no base on a road.
pub type Bases = Vec<Option<Snap>>;

/// Travel times from each caregiver's base to each client, in seconds; `None` beyond the fill limit.
#[derive(Debug, Clone)]
pub struct CareTimes(pub Vec<Vec<Option<Ticks>>>);

impl CareTimes {
    /// Fills the table mode by mode.
    ///
    /// # Errors
    /// The person cancelled.
    pub fn fill(
        county: &County,
        roads: &BTreeMap<Mode, ModeRoads>,
        bases: &Bases,
        limit: Ticks,
        progress: &dyn Progress,
    ) -> Outcome<CareTimes> {
        let mut times = vec![Vec::new(); county.caregivers.len()];
        for (mode, road) in roads {
            let who: Vec<usize> = (0..times.len()).filter(|g| county.caregivers[*g].mode == *mode).collect();
            let from: Vec<Option<Snap>> = who.iter().map(|g| bases[*g].clone()).collect();
            let table = travel_table(&road.graph, &from, &road.clients, Some(limit), Engine::Auto, progress)?;
            for (row, g) in who.into_iter().enumerate() {
                times[g] = (0..county.clients.len()).map(|c| table.get(row, c)).collect();
            }
        }
        Ok(CareTimes(times))
    }
}

/// The caregiver may serve the client: need and skills, whatever the distance.
#[must_use]
pub fn fits(caregiver: &Caregiver, client: &Client) -> bool {
    (caregiver.female || !client.needs_female)
        && client.needs_skill.iter().all(|s| caregiver.skills.contains(s))
}

/// Everything the rota needs beside the county itself.
pub struct MonthInputs<'a> {
    /// The county.
    pub county: &'a County,
    /// The rules.
    pub policy: &'a Policy,
    /// Working days.
    pub calendar: &'a Calendar,
    /// The month.
    pub month: Month,
    /// Roads by mode.
    pub roads: &'a BTreeMap<Mode, ModeRoads>,
    /// Bases.
    pub bases: &'a Bases,
    /// Base to home.
    pub times: &'a CareTimes,
    /// Visits owed.
    pub owed: &'a [u32],
    /// Village cells.
    pub cells: &'a VillageCells,
    /// The month before, client by client: responsible caregiver and first day its spacing allows.
    pub previous: &'a [Before],
    /// Clients who are gone, with the first day on which nothing is owed any more.
    pub gone: &'a BTreeMap<ClientIx, NaiveDate>,
    /// What the planner fixed by hand.
    pub locks: &'a Locks,
}

/// The month as plain data.
///
/// # Errors
/// The person cancelled.
pub fn rota_problem(inputs: &MonthInputs, progress: &dyn Progress) -> Outcome<RotaProblem> {
    let profiles: Vec<Mode> = inputs.roads.keys().copied().collect();
    let clients = rota_clients(inputs);
    let working: Vec<Day> = (inputs.month.dates().filter(|d| inputs.calendar.is_working(*d)))
        .map(|d| Day(d.day() as u8))
        .collect();
    let caregivers = inputs.county.caregivers.iter().enumerate();
    let caregivers = caregivers.map(|(i, g)| RotaCaregiver {
        base: inputs.county.clients.len() + i,
        profile: profiles.iter().position(|m| *m == g.mode).unwrap_or_default(),
        days: working.iter().copied().filter(|d| !is_on_leave(g, inputs.month, *d)).collect(),
        shift: SHIFT,
        max_day: g.max_day.seconds(),
        max_month: g.max_month.seconds(),
    });
    let mut matrices = Vec::new();
    for mode in &profiles {
        matrices.push(trip_matrix(inputs, *mode, &clients, progress)?);
    }
    Ok(RotaProblem {
        first_weekday: inputs.month.first().weekday().num_days_from_monday() as u8,
        days_in_month: inputs.month.days() as u8,
        caregivers: caregivers.collect(),
        clients,
        trips: TripTable::Matrices(matrices),
        cells: inputs.cells.names.len() as u32,
        adjacent: inputs.cells.adjacent.clone(),
        continuity: if inputs.policy.strict_continuity { Continuity::Strict } else { Continuity::Prefer },
        locks: inputs.locks.clone(),
        prices: prices(inputs.policy),
    })
}

fn prices(policy: &Policy) -> Prices {
    let p = policy.prices;
    Prices {
        change: p.change_s,
        exception: p.exception_s,
        square_hour: p.square_hour_s,
        weekday: p.weekday_s,
        gap_day: p.gap_day_s,
        short_client: p.short_client_s,
    }
}

fn is_on_leave(caregiver: &Caregiver, month: Month, day: Day) -> bool {
    caregiver.leave.iter().any(|d| month.contains(*d) && d.day() == u32::from(day.0))
}

fn window(client: &Client) -> (Seconds, Seconds) {
    match client.window {
        VisitWindow::Day => SHIFT,
        VisitWindow::Am => (Seconds(8 * 3600), Seconds(12 * 3600)),
        VisitWindow::Pm => (Seconds(13 * 3600), Seconds(18 * 3600)),
    }
}

fn rota_clients(inputs: &MonthInputs) -> Vec<RotaClient> {
    let mut cell_of = vec![CellIx(0); inputs.county.clients.len()];
    for (cell, clients) in inputs.cells.clients.iter().enumerate() {
        clients.iter().for_each(|c| cell_of[c.at()] = CellIx::of(cell));
    }
    let mut household: BTreeMap<&str, usize> = BTreeMap::new();
    let mut all = Vec::with_capacity(cell_of.len());
    for (i, client) in inputs.county.clients.iter().enumerate() {
        let key = client.household.as_str();
        let alone = key.is_empty() || client.at.is_none();
        let place = if alone { i } else { *household.entry(key).or_insert(i) };
        all.push(RotaClient { place, cell: cell_of[i], ..rota_client(inputs, i, client) });
    }
    all
}

fn rota_client(inputs: &MonthInputs, i: usize, client: &Client) -> RotaClient {
    let quota = inputs.policy.quota(client.category);
    let entry = client.from.into_iter().chain(inputs.previous[i].first_day).max();
    let earliest =
        entry.map_or(1, |d| (d - inputs.month.first()).num_days().clamp(0, i64::from(NO_DAY) - 1) + 1);
    let gone = inputs.gone.get(&ClientIx::of(i));
    let asked = |d: &NaiveDate| quota.is_some() || client.on_demand_dates.contains(d);
    let may = |d: &NaiveDate| inputs.policy.may_visit(client, *d) && asked(d) && gone.is_none_or(|g| d < g);
    let dates: Vec<NaiveDate> = inputs.month.dates().filter(may).collect();
    let any_day = dates.len() as u32 == inputs.month.days();
    RotaClient {
        place: i,
        visits: inputs.owed[i],
        apart_days: quota.map_or(1, |q| q.apart_days),
        service: client.service.seconds(),
        window: window(client),
        blocked_weekdays: Vec::new(),
        // No list of days means any day.
        earliest: Day(if dates.is_empty() { NO_DAY } else { earliest as u8 }),
        only_days: if any_day { Vec::new() } else { dates.iter().map(|d| Day(d.day() as u8)).collect() },
        eligible: eligible(inputs, ClientIx::of(i), client),
        cell: CellIx(0),
        previous: inputs.previous[i].caregiver,
        previous_weekdays: inputs.previous[i].weekdays.clone(),
        long_gap_days: quota.map_or(0, |q| q.long_gap_days),
        days_since_visit: last_visit(inputs, i)
            .map(|d| (inputs.month.first() - d).num_days().clamp(0, 60) as u32),
    }
}

/// Last visit of the month before, if a previous plan is given.
fn last_visit(inputs: &MonthInputs, i: usize) -> Option<NaiveDate> {
    let quota = inputs.policy.quota(inputs.county.clients[i].category)?;
    Some(inputs.previous[i].first_day? - chrono::Days::new(u64::from(quota.apart_days)))
}

/// Caregivers inside the limit who fit the client's need, nearest first (R01).
fn eligible(inputs: &MonthInputs, i: ClientIx, client: &Client) -> Vec<CaregiverIx> {
    let inside =
        |g: usize| inputs.times.0[g].get(i.at()).copied().flatten().filter(|t| *t <= inputs.policy.limit);
    let caregivers = inputs.county.caregivers.iter().enumerate();
    let mut near: Vec<(Ticks, CaregiverIx)> = (caregivers.filter(|(_, who)| fits(who, client)))
        .filter_map(|(g, _)| inside(g).map(|t| (t, CaregiverIx::of(g))))
        .collect();
    near.sort_unstable();
    near.into_iter().map(|(_, g)| g).collect()
}

/// Trips of one mode between the homes somebody of that mode may visit and the bases of that mode.
fn trip_matrix(
    inputs: &MonthInputs,
    mode: Mode,
    clients: &[RotaClient],
    progress: &dyn Progress,
) -> Outcome<TripMatrix> {
    let road = &inputs.roads[&mode];
    let (n, m) = (clients.len(), inputs.county.caregivers.len());
    let rides = |g: &CaregiverIx| inputs.county.caregivers[g.at()].mode == mode;
    let mut row_of_place = vec![u32::MAX; n + m];
    let mut snaps: Vec<Option<Snap>> = Vec::new();
    let mut add = |place: usize, snap: &Option<Snap>, rows: &mut Vec<u32>| {
        if rows[place] == u32::MAX && snap.is_some() {
            rows[place] = snaps.len() as u32;
            snaps.push(snap.clone());
        }
    };
    for client in clients.iter().filter(|c| c.visits > 0 && c.eligible.iter().any(rides)) {
        add(client.place, &road.clients[client.place], &mut row_of_place);
    }
    for g in (0..m).filter(|g| inputs.county.caregivers[*g].mode == mode) {
        add(n + g, &inputs.bases[g], &mut row_of_place);
    }
    let size = snaps.len();
    let table = travel_table(&road.graph, &snaps, &snaps, Some(LONGEST_TRIP), Engine::Auto, progress)?;
    let mut seconds = vec![UNREACHED; size * size];
    for (from, row) in seconds.chunks_mut(size.max(1)).enumerate() {
        for (to, cell) in row.iter_mut().enumerate() {
            *cell = table.seconds(from, to).map_or(UNREACHED, |s| s.0 as u16);
        }
        row[from] = 0;
    }
    Ok(TripMatrix { row_of_place, size, seconds })
}
