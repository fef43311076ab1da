//! Seconds on the road that no plan of the month can do without, proven with whole days.

use crate::base::{Outcome, Seconds};
use crate::grid::bounds::eligible_and_room;
use crate::grid::month_program::{Aim, Level, MonthProgram};
use crate::grid::{RotaPlan, RotaProblem, finish};

/// Comparisons that may be spent.
const LOOKS: u64 = 1_000_000_000_000;
/// Seconds that a visit not placed costs: more than most detours, and so little that plans which leave visits out have a bound too.
const VISIT: f64 = 4_000.0;
/// Part of the roads by which the bound may stay below the best of its kind.
const NEAR: f64 = 2e-4;
/// Hours between two levels of loads.
const LEVEL: f64 = 2.0;

/// How even care loads are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoadSpread {
    /// The largest load.
    pub largest: Seconds,
    /// Sum of squares, in square hours.
    pub squares: f64,
    /// Seconds on the road that a square hour is taken to be worth: any is allowed, the best is what evenness costs at the margin.
    pub square_hour: f64,
}

/// Seconds on the road of every plan that leaves out no more visits than `plan`, and, if wanted, whose loads are no less even than `even`.
/// What the linear program of whole days leaves out (one caregiver a client, spacing, weekdays) is missing to the truth.
///
/// # Errors
/// The problem is malformed, as in [`crate::grid::solve`].
pub fn travel_at_least(problem: &RotaProblem, plan: &RotaPlan, even: Option<LoadSpread>) -> Outcome<Seconds> {
    let (eligible, room) = eligible_and_room(problem)?;
    let draft = finish::draft(problem, plan);
    let carers: Vec<u32> = (0..problem.caregivers.len() as u32).collect();
    let clients: Vec<u32> = (0..problem.clients.len() as u32).filter(|c| room[*c as usize] > 0).collect();
    let aim = Aim { visit: VISIT, road: 1.0, loads: even.map_or(Vec::new(), levels) };
    let mut program = MonthProgram::new(problem, &eligible, &room, (&carers, &clients), aim);
    program.enter_days(&carers, &draft);
    let placed: usize = plan.tours.iter().map(|t| t.visits.len()).sum();
    let squares = even.map_or(0.0, |e| e.square_hour * e.squares);
    let travel = |most: f64| VISIT * placed as f64 - most - squares;
    let near = |bound: f64, value: f64| travel(bound) >= travel(value) * (1.0 - NEAR);
    Ok(Seconds(travel(program.most(LOOKS, near)).max(0.0) as u32))
}

/// Levels of loads up to the largest: each square costs as much as its tangents halfway to the levels beside it say, never more.
fn levels(even: LoadSpread) -> Vec<Level> {
    let largest = f64::from(even.largest.0) / 3600.0;
    let steps = (largest / LEVEL).ceil();
    let below = (largest / steps / 2.0).powi(2);
    (0..=steps as usize)
        .map(|i| largest * i as f64 / steps)
        .map(|hours| Level { hours, price: even.square_hour * (hours * hours - below) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Silent;
    use crate::grid::testing::county;
    use crate::grid::{Continuity, RotaStop, solve};

    #[test]
    fn an_even_month_never_drives_less_than_is_proven_for_its_loads_and_evenness_costs_roads() {
        let mut costly = 0;
        for seed in [1, 2, 5] {
            let mut problem = county(seed, 6, 60, Continuity::Strict);
            (problem.cells, problem.adjacent) = (0, Vec::new());
            problem.prices.square_hour = 20;
            let plan = solve(&problem, &RotaStop { steps: 20_000, seed: 1 }, &Silent).unwrap();
            let mut care = vec![0; problem.caregivers.len()];
            for (tour, visit) in plan.tours.iter().flat_map(|t| t.visits.iter().map(move |v| (t, v))) {
                care[tour.caregiver.at()] += problem.clients[visit.client.at()].service.0;
            }
            let squares = care.iter().map(|c| (f64::from(*c) / 3600.0).powi(2)).sum();
            let largest = Seconds(care.iter().copied().max().unwrap());
            let travel = plan.tours.iter().map(|t| t.travel.0).sum::<u32>();
            let least = |even| travel_at_least(&problem, &plan, even).unwrap().0;
            let free = least(None);
            let spread = |square_hour| least(Some(LoadSpread { largest, squares, square_hour }));
            let even = [2.0, 5.0].map(spread).into_iter().max().unwrap();
            assert!(free <= travel && even <= travel, "seed {seed}: {free} {even} {travel}");
            assert!(f64::from(even) >= 0.8 * f64::from(travel), "seed {seed}: {even} {travel}");
            costly += u32::from(f64::from(even) > 1.02 * f64::from(free));
        }
        assert!(costly >= 1, "evenness costs nothing anywhere");
    }
}
