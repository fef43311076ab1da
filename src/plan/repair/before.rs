//! The plan in force as the grid's rows.

use crate::base::{CaregiverIx, CellIx, ClientIx, Seconds};
use crate::grid::{Day, Grid, RotaPlan, RotaProblem, Tour, Visit};
use crate::intake::Table;
use crate::plan::{Plan, VillageCells};
use crate::roster::County;
use chrono::Datelike;
use std::collections::BTreeMap;

/// The plan's grids and tours; ways are measured on `problem`, whose rows are the plan's.
pub fn rota_plan(plan: &Plan, cells: &VillageCells, problem: &RotaProblem) -> RotaPlan {
    let cell: BTreeMap<&str, usize> = cells.names.iter().map(String::as_str).zip(0..).collect();
    let of_grid = |g: &crate::plan::GridRow| Grid {
        caregiver: g.caregiver,
        backup: g.backup,
        cells: g.cells.iter().filter_map(|n| cell.get(n.as_str())).map(|c| CellIx::of(*c)).collect(),
    };
    let mut days: BTreeMap<(CaregiverIx, Day), Vec<(u32, Visit)>> = BTreeMap::new();
    for v in &plan.visits {
        let visit = Visit { client: v.client, arrive: v.arrive, leave: v.leave };
        days.entry((v.caregiver, Day(v.date.day() as u8))).or_default().push((v.order, visit));
    }
    let tours = days.into_iter().map(|((caregiver, day), mut visits)| {
        visits.sort_by_key(|(order, _)| *order);
        let visits = visits.into_iter().map(|(_, v)| v).collect();
        tour(problem, caregiver, day, visits)
    });
    RotaPlan {
        responsible: plan.clients.iter().map(|c| c.caregiver).collect(),
        grids: plan.grids.iter().map(of_grid).collect(),
        grid_of: plan.clients.iter().map(|c| c.grid).collect(),
        exceptions: Vec::new(),
        tours: tours.collect(),
        unplaced: Vec::new(),
        bounds: None,
        lock_costs: Vec::new(),
        steps: plan.summary.steps,
    }
}

fn tour(problem: &RotaProblem, caregiver: CaregiverIx, day: Day, visits: Vec<Visit>) -> Tour {
    let who = &problem.caregivers[caregiver.at()];
    let place = |v: &Visit| problem.clients[v.client.at()].place;
    let trip = |from: usize, to: usize| u32::from(problem.trips.seconds(who.profile, from, to));
    let first = visits.first().map_or(0, |v| trip(who.base, place(v)));
    let last = visits.last().map_or(0, |v| trip(place(v), who.base));
    let between: u32 = visits.windows(2).map(|w| trip(place(&w[0]), place(&w[1]))).sum();
    let depart = visits.first().map_or(0, |v| v.arrive.0.saturating_sub(first));
    let back = visits.last().map_or(0, |v| v.leave.0) + last;
    let travel = first + between + last;
    let care: u32 = visits.iter().map(|v| v.leave.0 - v.arrive.0).sum();
    Tour {
        caregiver,
        day,
        depart: Seconds(depart),
        back: Seconds(back),
        visits,
        travel: Seconds(travel),
        wait: Seconds((back - depart).saturating_sub(travel + care)),
    }
}

/// The plan's own cells; who is new or has moved joins the cell of the nearest client there.
pub fn kept_cells(table: &Table, county: &County, strangers: &[ClientIx]) -> VillageCells {
    let row_of: BTreeMap<&str, usize> = county.clients.iter().map(|c| c.id.as_str()).zip(0..).collect();
    let name_of = |i: usize| table.cell(&table.rows[i], "cell");
    let cell_of: BTreeMap<&str, usize> = (0..table.rows.len()).map(|i| (name_of(i), i)).collect();
    let mut cells = VillageCells::default();
    for (i, row) in table.rows.iter().enumerate() {
        let list = |column: &str| table.cell(row, column).split(';').filter(|s| !s.is_empty());
        let stays = |c: &ClientIx| !strangers.contains(c);
        cells.names.push(name_of(i).to_owned());
        cells.clients.push(
            list("clients").filter_map(|id| row_of.get(id)).map(|c| ClientIx::of(*c)).filter(stays).collect(),
        );
        let near = list("neighbours").filter_map(|n| cell_of.get(n)).filter(|n| **n > i);
        cells.adjacent.extend(near.map(|n| (CellIx::of(i), CellIx::of(*n))));
    }
    cells.adjacent.sort_unstable();
    for stranger in strangers {
        if let Some(cell) = nearest_cell(&cells, county, *stranger) {
            cells.clients[cell].push(*stranger);
            cells.clients[cell].sort_unstable();
        }
    }
    cells
}

fn nearest_cell(cells: &VillageCells, county: &County, stranger: ClientIx) -> Option<usize> {
    let here = county.clients[stranger.at()].at?;
    let narrow = here.lat.to_radians().cos();
    let away = |c: &ClientIx| {
        let at = county.clients[c.at()].at?;
        Some(((at.lon - here.lon) * narrow).hypot(at.lat - here.lat))
    };
    let near = cells.clients.iter().enumerate().filter_map(|(cell, clients)| {
        clients.iter().filter_map(away).min_by(f64::total_cmp).map(|d| (d, cell))
    });
    near.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, cell)| cell)
}
