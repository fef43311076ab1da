//! From the draft found to the plan: the last pass, backups, reasons of what is missing, grids described.

use crate::base::{CaregiverIx, ClientIx};
use crate::grid::draft::Draft;
use crate::grid::instance::Instance;
use crate::grid::search::Search;
use crate::grid::{Continuity, RotaPlan, RotaProblem, Unplaced, finish, grids, mend, reasons};

/// Last pass, reasons, bounds.
pub(super) fn conclude(
    problem: &RotaProblem,
    eligible: &[Vec<u32>],
    draft: Draft,
    holder: Vec<u32>,
    steps: u64,
) -> RotaPlan {
    let grid_carer = grids::carer_of_cell(problem, &holder);
    let lists = finish::lists(&draft, eligible, &grid_carer, &finish::lacking(problem, &draft));
    let instance = Instance::compile(problem, &lists, &grid_carer, false);
    let carers = (0..problem.caregivers.len() as u32).collect();
    let clients = (0..problem.clients.len() as u32).collect();
    let mut search = Search::new(&instance, carers, clients);
    search.load(&draft);
    finish::order_days(&mut search);
    finish::complete(&mut search);
    finish::bring_home(&mut search, &grid_carer);
    finish::order_days(&mut search);
    finish::complete(&mut search);
    finish::order_days(&mut search);
    let mut after = draft;
    search.store(&mut after);
    if problem.continuity == Continuity::Prefer {
        finish::call_backups(&mut search);
        finish::order_days(&mut search);
    }
    let room = reasons::room(problem, eligible, &instance);
    let unplaced = unplaced(problem, &mut search, &room);
    let own = |c: usize| after.carer_of[c].or_else(|| eligible[c].first().copied()).map(CaregiverIx);
    let responsible: Vec<Option<CaregiverIx>> = (0..problem.clients.len()).map(own).collect();
    let plan = with_grids(problem, eligible, responsible, &holder);
    RotaPlan { tours: finish::tours(&search), unplaced, steps, ..plan }
}

/// A plan that says who is responsible in which grids, and holds no visit yet.
pub(super) fn with_grids(
    problem: &RotaProblem,
    eligible: &[Vec<u32>],
    responsible: Vec<Option<CaregiverIx>>,
    holder: &[u32],
) -> RotaPlan {
    let gridding = grids::describe(problem, eligible, &responsible, holder);
    RotaPlan {
        responsible,
        grids: gridding.grids,
        grid_of: gridding.grid_of,
        exceptions: gridding.exceptions,
        tours: Vec::new(),
        unplaced: Vec::new(),
        bounds: None,
        lock_costs: Vec::new(),
        steps: 0,
    }
}

/// What is missing, by client.
fn unplaced(problem: &RotaProblem, search: &mut Search, room: &[u32]) -> Vec<Unplaced> {
    let (mut list, held) = (Vec::new(), mend::held(search));
    for (c, client) in problem.clients.iter().enumerate() {
        let missing = client.visits.saturating_sub(held[c].len() as u32);
        if missing > 0 {
            let (reason, by) = reasons::reason(search, c as u32, &held[c], room[c], problem.continuity);
            list.push(Unplaced { client: ClientIx::of(c), missing, reason, by });
        }
    }
    list
}
