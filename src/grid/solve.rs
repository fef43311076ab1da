//! The order of the steps: grids, start, search, last pass, reasons and bounds.

use crate::base::{CaregiverIx, ClientIx, Fault, Outcome, Progress, Seconds, SplitMix64};
use crate::grid::anneal::{self, Heat};
use crate::grid::draft::Draft;
use crate::grid::instance::{Instance, eligible_after_locks};
use crate::grid::recreate::Inserter;
use crate::grid::search::Search;
use crate::grid::{
    Continuity, RotaPlan, RotaProblem, RotaStop, Unplaced, bounds, check, finish, nearby, reasons,
};

/// Plans a month: grids, responsible caregivers, days and tours, and a reason for every visit it could not place.
/// The same problem and stop rule give the same plan on any number of threads.
///
/// # Errors
/// The problem is malformed; the sentence names the row. Infeasible quotas are not errors: they are unplaced visits with reasons.
pub fn solve(problem: &RotaProblem, stop: &RotaStop, progress: &dyn Progress) -> Outcome<RotaPlan> {
    check::check(problem)?;
    let eligible = eligible_after_locks(problem)?;
    if progress.is_cancelled() {
        return Err(Fault::cancelled());
    }
    let (draft, steps) = search(problem, &eligible, stop, progress);
    Ok(conclude(problem, &eligible, draft, steps))
}

/// Start and search.
fn search(
    problem: &RotaProblem,
    eligible: &[Vec<u32>],
    stop: &RotaStop,
    progress: &dyn Progress,
) -> (Draft, u64) {
    let instance = Instance::compile(problem, eligible, &[], true);
    let neighbours = nearby::neighbours(&instance);
    let mut draft = Draft::empty(problem.clients.len(), problem.caregivers.len());
    let carers = (0..problem.caregivers.len() as u32).collect();
    let clients =
        (0..problem.clients.len() as u32).filter(|c| instance.homes[*c as usize].owed > 0).collect();
    let mut block = Search::new(&instance, carers, clients);
    start(&mut block);
    let mut random = SplitMix64::new(stop.seed);
    let heat = Heat { from: 600.0, to: 10.0 };
    let steps = anneal::run(&mut block, &neighbours, &mut random, stop.steps, heat, progress);
    block.store(&mut draft);
    (draft, steps)
}

/// First plan: those with the fewest caregivers first.
fn start(block: &mut Search) {
    let mut inserter = Inserter::new(block.instance, &block.clients);
    let mut clients = block.clients.clone();
    clients.sort_by_key(|c| block.home(*c).options.len());
    for client in clients {
        inserter.insert(block, client, 0);
    }
    block.keep();
}

/// Last pass, reasons, bounds.
fn conclude(problem: &RotaProblem, eligible: &[Vec<u32>], draft: Draft, steps: u64) -> RotaPlan {
    let lists = finish::lists(&draft, eligible, &finish::lacking(problem, &draft));
    let instance = Instance::compile(problem, &lists, &[], false);
    let carers = (0..problem.caregivers.len() as u32).collect();
    let clients = (0..problem.clients.len() as u32).collect();
    let mut search = Search::new(&instance, carers, clients);
    search.load(&draft);
    finish::order_days(&mut search);
    finish::complete(&mut search);
    if problem.continuity == Continuity::Prefer {
        finish::call_backups(&mut search);
    }
    finish::order_days(&mut search);
    let mut after = draft;
    search.store(&mut after);
    let room = reasons::room(problem, eligible, &instance);
    let unplaced = unplaced(problem, &mut search, &room);
    let beyond: u32 = problem.clients.iter().zip(&room).map(|(c, r)| c.visits.saturating_sub(*r)).sum();
    let placed_for = |c: usize| after.carer_of[c].or_else(|| eligible[c].first().copied()).map(CaregiverIx);
    RotaPlan {
        responsible: (0..problem.clients.len()).map(placed_for).collect(),
        grids: Vec::new(),
        grid_of: vec![None; problem.clients.len()],
        exceptions: Vec::new(),
        tours: finish::tours(&search),
        unplaced,
        bound_unplaced: f64::from(beyond) + bounds::unplaced(problem, eligible, &room),
        bound_largest_load: Seconds(bounds::largest_load(problem, eligible, &room)),
        steps,
    }
}

/// What is missing, by client.
fn unplaced(problem: &RotaProblem, search: &mut Search, room: &[u32]) -> Vec<Unplaced> {
    let mut list = Vec::new();
    for (c, client) in problem.clients.iter().enumerate() {
        let missing = client.visits.saturating_sub(search.choice(c as u32).days.count_ones());
        if missing > 0 {
            let reason = reasons::reason(search, c as u32, room[c], problem.continuity);
            list.push(Unplaced { client: ClientIx::of(c), missing, reason });
        }
    }
    list
}
