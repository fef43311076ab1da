//! Grids 网格: whose village cell is whose, before the search (so that it can aim at few exceptions) and after it.

use crate::base::{CaregiverIx, CellIx, ClientIx, GridIx, SplitMix64};
use crate::grid::territory::{NONE, Territories, Worth};
use crate::grid::{Exception, Grid, RotaProblem};
use std::collections::BTreeMap;

/// Seconds inside which a caregiver reaches a home (rule R01).
const REACH_S: u16 = 1800;
/// Share of a caregiver's hours a territory may fill; the rest is what windows and spacing cost.
const FILL: f64 = 0.88;
/// Share of the way from the base that a visit costs on a tour of several.
const TOUR_SHARE: f64 = 0.7;

/// Holder of each cell, chosen so that as many clients as possible can be served by the holder within reach, need and hours.
pub(super) fn territories(problem: &RotaProblem, eligible: &[Vec<u32>], seed: u64) -> Vec<u32> {
    let mut worth: Vec<BTreeMap<u32, Worth>> = vec![BTreeMap::new(); problem.cells as usize];
    let (mut seconds, mut clients) = (0.0, 0.0);
    for ((c, client), list) in problem.clients.iter().enumerate().zip(eligible) {
        if client.visits == 0 || list.is_empty() {
            continue;
        }
        let of_cell = &mut worth[client.cell.at()];
        for g in list {
            let (gain, load) = (value(problem, c, *g), visit_seconds(problem, c, *g));
            let w = of_cell.entry(*g).or_insert(Worth { carer: *g, gain: 0.0, load: 0.0 });
            (w.gain, w.load) = (w.gain + gain, w.load + load);
        }
        (seconds, clients) = (seconds + visit_seconds(problem, c, list[0]), clients + 1.0);
    }
    let hours = problem
        .caregivers
        .iter()
        .map(|g| FILL * f64::from(g.max_month.0).min(f64::from(g.max_day.0) * g.days.len() as f64));
    let worth = worth.into_iter().map(|w| w.into_values().collect()).collect();
    let per_client = seconds / f64::max(clients, 1.0);
    let mut territories = Territories::new(problem, worth, hours.collect(), per_client);
    territories.grow();
    territories.improve(&mut SplitMix64::new(seed), 1.0);
    territories.holder
}

/// One client served, less a little for a long way, more for a caregiver they know.
fn value(problem: &RotaProblem, c: usize, g: u32) -> f64 {
    let (client, who) = (&problem.clients[c], &problem.caregivers[g as usize]);
    let way = f64::from(problem.trips.seconds(who.profile, who.base, client.place).min(REACH_S));
    let known = if client.previous == Some(CaregiverIx(g)) { 1.0 } else { 0.0 };
    1.0 + known - 0.25 * way / f64::from(REACH_S)
}

/// Seconds of a caregiver's month a client takes, roughly.
fn visit_seconds(problem: &RotaProblem, c: usize, g: u32) -> f64 {
    let (client, who) = (&problem.clients[c], &problem.caregivers[g as usize]);
    let way = f64::from(problem.trips.seconds(who.profile, who.base, client.place).min(REACH_S));
    f64::from(client.visits) * (f64::from(client.service.0) + TOUR_SHARE * way)
}

/// Holders that fit the responsible caregivers found: most clients served by their cell's holder, territories in one piece.
/// `loyal`: clients count for a holder who could serve them with this weight, too.
pub(super) fn refit(
    problem: &RotaProblem,
    eligible: &[Vec<u32>],
    responsible: &[Option<u32>],
    holder: &[u32],
    loyal: f64,
    seed: u64,
) -> Vec<u32> {
    let mut worth: Vec<BTreeMap<u32, Worth>> = vec![BTreeMap::new(); problem.cells as usize];
    for ((client, list), own) in problem.clients.iter().zip(eligible).zip(responsible) {
        let Some(own) = own.as_ref().or(list.first()) else { continue };
        let of_cell = &mut worth[client.cell.at()];
        let mut add = |g: u32, gain: f64| {
            of_cell.entry(g).or_insert(Worth { carer: g, gain: 0.0, load: 0.0 }).gain += gain;
        };
        add(*own, 1.0 - loyal);
        if loyal > 0.0 {
            list.iter().for_each(|g| add(*g, loyal));
        }
    }
    let worth = worth.into_iter().map(|w| w.into_values().collect()).collect();
    let mut territories =
        Territories::new(problem, worth, vec![f64::INFINITY; problem.caregivers.len()], 1.0);
    territories.adopt(holder);
    territories.grow();
    territories.improve(&mut SplitMix64::new(seed), 0.5);
    territories.holder
}

/// Holders as they stand; only cells without one take the nearest territory or their clients' caregiver.
pub(super) fn refit_gaps(problem: &RotaProblem, responsible: &[Option<u32>], holder: &[u32]) -> Vec<u32> {
    let mut worth: Vec<BTreeMap<u32, Worth>> = vec![BTreeMap::new(); problem.cells as usize];
    for (client, own) in problem.clients.iter().zip(responsible) {
        if let Some(g) = own {
            worth[client.cell.at()].entry(*g).or_insert(Worth { carer: *g, gain: 0.0, load: 0.0 }).gain +=
                1.0;
        }
    }
    let worth = worth.into_iter().map(|w| w.into_values().collect()).collect();
    let mut territories =
        Territories::new(problem, worth, vec![f64::INFINITY; problem.caregivers.len()], 1.0);
    territories.adopt(holder);
    territories.grow();
    territories.holder
}

/// The caregiver of each client's cell.
pub(super) fn carer_of_cell(problem: &RotaProblem, holder: &[u32]) -> Vec<Option<u32>> {
    let of = |cell: CellIx| holder.get(cell.at()).copied().filter(|g| *g != NONE);
    problem.clients.iter().map(|c| of(c.cell)).collect()
}

/// Grids, the grid of each client with a responsible caregiver, and the exceptions with their reasons.
pub(super) struct Gridding {
    pub(super) grids: Vec<Grid>,
    pub(super) grid_of: Vec<Option<GridIx>>,
    pub(super) exceptions: Vec<(ClientIx, Exception)>,
}

/// Describes the grids of a finished plan.
pub(super) fn describe(
    problem: &RotaProblem,
    eligible: &[Vec<u32>],
    responsible: &[Option<CaregiverIx>],
    holder: &[u32],
) -> Gridding {
    let mut territories = Territories::new(
        problem,
        vec![Vec::new(); holder.len()],
        vec![f64::INFINITY; problem.caregivers.len()],
        1.0,
    );
    territories.adopt(holder);
    let mut grid_of_cell = vec![None; holder.len()];
    let mut grids = Vec::new();
    for (g, cells) in territories.pieces() {
        cells.iter().for_each(|cell| grid_of_cell[*cell as usize] = Some(GridIx::of(grids.len())));
        let cells = cells.into_iter().map(CellIx).collect();
        grids.push(Grid { caregiver: CaregiverIx(g), backup: None, cells });
    }
    let grid_of: Vec<Option<GridIx>> = problem
        .clients
        .iter()
        .zip(responsible)
        .map(|(c, own)| own.and_then(|_| grid_of_cell.get(c.cell.at()).copied().flatten()))
        .collect();
    name_backups(problem, eligible, &grid_of, &mut grids);
    let mut exceptions = Vec::new();
    for (c, (own, grid)) in responsible.iter().zip(&grid_of).enumerate() {
        if let (Some(own), Some(grid)) = (own, grid)
            && grids[grid.at()].caregiver != *own
        {
            exceptions
                .push((ClientIx::of(c), exception(problem, c, grids[grid.at()].caregiver, &eligible[c])));
        }
    }
    Gridding { grids, grid_of, exceptions }
}

/// Why the grid's caregiver does not serve the client.
fn exception(problem: &RotaProblem, c: usize, holder: CaregiverIx, eligible: &[u32]) -> Exception {
    let (client, who) = (&problem.clients[c], &problem.caregivers[holder.at()]);
    if eligible.contains(&holder.0) {
        Exception::Hours
    } else if client.eligible.contains(&holder) {
        Exception::Lock
    } else if problem.trips.seconds(who.profile, who.base, client.place) > REACH_S {
        Exception::Reach
    } else {
        Exception::Need
    }
}

/// The backup of a grid: whoever else may serve most of its clients, the one nearest to them first.
fn name_backups(
    problem: &RotaProblem,
    eligible: &[Vec<u32>],
    grid_of: &[Option<GridIx>],
    grids: &mut [Grid],
) {
    let mut able: Vec<BTreeMap<u32, (u32, u64)>> = vec![BTreeMap::new(); grids.len()];
    for (c, grid) in grid_of.iter().enumerate() {
        let Some(grid) = grid else { continue };
        for g in eligible[c].iter().filter(|g| grids[grid.at()].caregiver.0 != **g) {
            let who = &problem.caregivers[*g as usize];
            let way = problem.trips.seconds(who.profile, who.base, problem.clients[c].place);
            let entry = able[grid.at()].entry(*g).or_default();
            *entry = (entry.0 + 1, entry.1 + u64::from(way));
        }
    }
    for (grid, able) in grids.iter_mut().zip(able) {
        let best = able.into_iter().min_by_key(|(g, (clients, way))| {
            (std::cmp::Reverse(*clients), *way / u64::from(*clients).max(1), *g)
        });
        grid.backup = best.map(|(g, _)| CaregiverIx(g));
    }
}
