//! For tests: small invented months, and a plain judge that shares no code with the search.

use crate::base::{CaregiverIx, CellIx, Seconds, SplitMix64};
use crate::grid::{
    Continuity, Day, Locks, Prices, RotaCaregiver, RotaClient, RotaPlan, RotaProblem, TripTable,
};
use std::collections::{BTreeMap, BTreeSet};

/// Cells along each side of the plane.
const SIDE: u32 = 6;
/// Kilometres of a cell.
const CELL_KM: f64 = 4.0;

/// A month of December 2026 on a plane of 24 x 24 km.
pub(super) fn county(seed: u64, caregivers: usize, clients: usize, continuity: Continuity) -> RotaProblem {
    let mut random = SplitMix64::new(seed);
    let mut xy_km = Vec::new();
    let mut point = |random: &mut SplitMix64| {
        xy_km.push((random.unit() * CELL_KM * f64::from(SIDE), random.unit() * CELL_KM * f64::from(SIDE)));
        xy_km.len() - 1
    };
    let work: Vec<Day> = (1..=31).filter(|d| d % 7 < 5).map(Day).collect();
    let caregivers: Vec<RotaCaregiver> = (0..caregivers)
        .map(|_| RotaCaregiver {
            base: point(&mut random),
            profile: 0,
            days: work.iter().copied().filter(|_| random.below(12) > 0).collect(),
            shift: (Seconds(28_800), Seconds(64_800)),
            max_day: Seconds(28_800),
            max_month: Seconds(160 * 3600),
        })
        .collect();
    let places: Vec<usize> = (0..clients).map(|_| point(&mut random)).collect();
    let trips = TripTable::Planar { xy_km: xy_km.clone(), speed: 35.0 / 3600.0, detour: 1.4, fix_s: 60.0 };
    let clients = places
        .into_iter()
        .map(|place| client(&mut random, place, xy_km[place], &caregivers, &trips))
        .collect();
    let cell = |x: u32, y: u32| CellIx(x + SIDE * y);
    let right = (0..SIDE).flat_map(|y| (0..SIDE - 1).map(move |x| (cell(x, y), cell(x + 1, y))));
    let down = (0..SIDE - 1).flat_map(|y| (0..SIDE).map(move |x| (cell(x, y), cell(x, y + 1))));
    RotaProblem {
        first_weekday: 1,
        days_in_month: 31,
        adjacent: right.chain(down).collect(),
        cells: SIDE * SIDE,
        caregivers,
        clients,
        trips,
        continuity,
        locks: Locks::default(),
        prices: Prices::default(),
    }
}

fn client(
    random: &mut SplitMix64,
    place: usize,
    at: (f64, f64),
    caregivers: &[RotaCaregiver],
    trips: &TripTable,
) -> RotaClient {
    let mut near: Vec<(u16, usize)> =
        caregivers.iter().enumerate().map(|(g, who)| (trips.seconds(0, who.base, place), g)).collect();
    near.sort_unstable();
    let able: Vec<(u16, usize)> =
        near.into_iter().filter(|(s, _)| *s <= 1800 && random.below(5) > 0).collect();
    let windows = [(28_800, 64_800), (28_800, 64_800), (28_800, 43_200), (46_800, 64_800)];
    let window = windows[random.below(4)];
    RotaClient {
        place,
        visits: 2 + random.below(2) as u32,
        apart_days: 7,
        service: Seconds(3600 + 1800 * random.below(3) as u32),
        window: (Seconds(window.0), Seconds(window.1)),
        blocked_weekdays: if random.below(8) == 0 { vec![1, 3] } else { Vec::new() },
        earliest: Day(if random.below(10) == 0 { 12 } else { 1 }),
        only_days: Vec::new(),
        eligible: able.into_iter().map(|(_, g)| CaregiverIx::of(g)).collect(),
        cell: CellIx((at.0 / CELL_KM) as u32 + SIDE * (at.1 / CELL_KM) as u32),
        previous: None,
        previous_weekdays: Vec::new(),
        long_gap_days: 14,
        days_since_visit: None,
    }
}

/// Every rule the plan breaks, judged from the problem alone.
pub(super) fn broken(problem: &RotaProblem, plan: &RotaPlan) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut days: BTreeMap<u32, Vec<(u8, u32)>> = BTreeMap::new();
    let mut month = vec![0; problem.caregivers.len()];
    for tour in &plan.tours {
        let who = &problem.caregivers[tour.caregiver.at()];
        let name = format!("caregiver {} day {}", tour.caregiver.0, tour.day.0);
        if !who.days.contains(&tour.day) {
            wrong.push(format!("{name}: not worked"));
        }
        let (mut t, mut place, mut travel) = (tour.depart.0, who.base, 0);
        for visit in &tour.visits {
            let client = &problem.clients[visit.client.at()];
            let leg = u32::from(problem.trips.seconds(who.profile, place, client.place));
            (t, travel) = (t + leg, travel + leg);
            let late = visit.arrive.0 < t || visit.arrive < client.window.0 || visit.leave > client.window.1;
            if late || visit.leave.0 != visit.arrive.0 + client.service.0 {
                wrong.push(format!("{name}: client {} timed wrongly", visit.client.0));
            }
            (t, place) = (visit.leave.0, client.place);
            days.entry(visit.client.0).or_default().push((tour.day.0, tour.caregiver.0));
            let weekday = (problem.first_weekday + tour.day.0 - 1) % 7;
            let asked = client.only_days.is_empty() || client.only_days.contains(&tour.day);
            if client.blocked_weekdays.contains(&weekday) || tour.day < client.earliest || !asked {
                wrong.push(format!("{name}: client {} not on this day", visit.client.0));
            }
            if !client.eligible.contains(&tour.caregiver) {
                wrong.push(format!("{name}: client {} not eligible", visit.client.0));
            }
        }
        let leg = u32::from(problem.trips.seconds(who.profile, place, who.base));
        let (back, long) = (t + leg, t + leg - tour.depart.0);
        month[tour.caregiver.at()] += long;
        let inside = tour.depart >= who.shift.0 && back <= who.shift.1.0 && long <= who.max_day.0;
        if !inside || back != tour.back.0 || travel + leg != tour.travel.0 {
            wrong.push(format!("{name}: day {}-{back}", tour.depart.0));
        }
    }
    for (g, who) in problem.caregivers.iter().enumerate().filter(|(g, w)| month[*g] > w.max_month.0) {
        wrong.push(format!("caregiver {g}: month {} of {}", month[g], who.max_month.0));
    }
    for (c, client) in problem.clients.iter().enumerate() {
        let mut had = days.remove(&(c as u32)).unwrap_or_default();
        had.sort_unstable();
        if had.windows(2).any(|w| u32::from(w[1].0 - w[0].0) < client.apart_days.max(1)) {
            wrong.push(format!("client {c}: spacing {had:?}"));
        }
        let missing: u32 = plan.unplaced.iter().filter(|u| u.client.at() == c).map(|u| u.missing).sum();
        if had.len() as u32 + missing != client.visits {
            wrong.push(format!(
                "client {c}: {} visits and {missing} missing of {}",
                had.len(),
                client.visits
            ));
        }
        let strangers = had.iter().filter(|(_, g)| plan.responsible[c] != Some(CaregiverIx(*g))).count();
        if problem.continuity == Continuity::Strict && strangers > 0 {
            wrong.push(format!("client {c}: {strangers} visits by others"));
        }
    }
    wrong.extend(broken_grids(problem, plan));
    wrong
}

/// Grids that are not in one piece, cells in two grids, clients in the wrong grid, exceptions not told.
fn broken_grids(problem: &RotaProblem, plan: &RotaPlan) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut grid_of_cell = BTreeMap::new();
    for (k, grid) in plan.grids.iter().enumerate() {
        let mut seen = BTreeSet::from([grid.cells[0]]);
        while let Some((a, b)) = problem.adjacent.iter().copied().find(|(a, b)| {
            seen.contains(a) != seen.contains(b) && grid.cells.contains(a) && grid.cells.contains(b)
        }) {
            seen.extend([a, b]);
        }
        if seen.len() != grid.cells.len() {
            wrong.push(format!("grid {k}: not in one piece"));
        }
        if grid.cells.iter().any(|c| grid_of_cell.insert(*c, k).is_some()) {
            wrong.push(format!("grid {k}: a cell of another grid"));
        }
    }
    let told: BTreeSet<u32> = plan.exceptions.iter().map(|(c, _)| c.0).collect();
    for (c, client) in problem.clients.iter().enumerate().filter(|_| problem.cells > 0) {
        let grid = plan.grid_of[c];
        if plan.responsible[c].is_some() && grid.map(|g| g.at()) != grid_of_cell.get(&client.cell).copied() {
            wrong.push(format!("client {c}: wrong grid"));
        }
        let odd = grid.is_some_and(|g| Some(plan.grids[g.at()].caregiver) != plan.responsible[c]);
        if odd != told.contains(&(c as u32)) {
            wrong.push(format!("client {c}: exception not told, or told for nothing"));
        }
    }
    wrong
}
