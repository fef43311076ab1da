//! What the planner's locks cost: each against the cheapest place with anybody else, all other visits standing.

use crate::base::{ClientIx, Outcome};
use crate::grid::instance::{Instance, eligible_after_locks};
use crate::grid::recreate::Inserter;
use crate::grid::search::Search;
use crate::grid::{Continuity, LockCost, Locks, RotaPlan, RotaProblem, finish};
use std::collections::BTreeSet;

/// One entry a kept lock and one a forbidden pair, in the problem's order.
pub(super) fn costs(problem: &RotaProblem, plan: &RotaPlan) -> Outcome<Vec<LockCost>> {
    let locked: Vec<ClientIx> =
        problem.locks.keep.iter().chain(&problem.locks.forbid).map(|(client, _)| *client).collect();
    if locked.is_empty() {
        return Ok(Vec::new());
    }
    let free = RotaProblem { locks: Locks::default(), continuity: Continuity::Strict, ..problem.clone() };
    let everybody = eligible_after_locks(&free)?;
    let mine: BTreeSet<usize> = locked.iter().map(|c| c.at()).collect();
    let lists: Vec<Vec<u32>> = (0..problem.clients.len())
        .map(|c| {
            let own = plan.responsible[c].map(|g| g.0);
            let others = everybody[c].iter().copied().filter(|g| mine.contains(&c) && Some(*g) != own);
            own.into_iter().chain(others).collect()
        })
        .collect();
    let instance = Instance::compile(&free, &lists, &[], false);
    let everybody = (0..problem.caregivers.len() as u32).collect();
    let mut search = Search::new(&instance, everybody, (0..problem.clients.len() as u32).collect());
    search.load(&finish::draft(problem, plan));
    let mut inserter = Inserter::new(&instance, &search.clients);
    Ok(locked.iter().map(|client| cost(&mut search, &mut inserter, *client)).collect())
}

fn cost(search: &mut Search, inserter: &mut Inserter, client: ClientIx) -> LockCost {
    let (now, held) = (search.cost(), search.choice(client.0).days.count_ones());
    search.take_out(client.0);
    inserter.insert(search, client.0, 0);
    let (then, could) = (search.cost(), search.choice(client.0).days.count_ones());
    let travel_s = if could > held { 0 } else { (now.travel - then.travel).max(0) };
    search.undo();
    LockCost { client, travel_s, visits: could.saturating_sub(held) }
}

#[cfg(test)]
mod tests {
    use crate::base::{ClientIx, Silent};
    use crate::grid::testing::county;
    use crate::grid::{Continuity, RotaStop, solve};

    #[test]
    fn a_lock_to_a_far_caregiver_costs_travel_and_one_to_the_best_costs_nothing() {
        let mut problem = county(11, 10, 80, Continuity::Strict);
        let free = solve(&problem, &RotaStop { steps: 3000, seed: 1 }, &Silent).unwrap();
        let far = problem.clients.iter().position(|c| c.eligible.len() > 3 && c.visits > 1).unwrap();
        let near = (far + 1..80).find(|c| free.responsible[*c].is_some()).unwrap();
        problem.locks.keep.push((ClientIx::of(far), *problem.clients[far].eligible.last().unwrap()));
        problem.locks.keep.push((ClientIx::of(near), free.responsible[near].unwrap()));
        let plan = solve(&problem, &RotaStop { steps: 3000, seed: 1 }, &Silent).unwrap();
        let [a, b] = plan.lock_costs[..] else { panic!("{:?}", plan.lock_costs) };
        assert!(a.client.at() == far && a.travel_s > b.travel_s, "{a:?} {b:?}");
    }
}
