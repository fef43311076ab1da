//! Visits that no plan can place, proven with whole days: where hours are short, the caregivers who share clients with nobody outside are
//! looked at by themselves, and each of their days is a route of whole visits with its ways, not a sum of hours.

use crate::base::Outcome;
use crate::grid::bounds::{eligible_and_room, of_room};
use crate::grid::clusters::{Cluster, clusters};
use crate::grid::draft::Draft;
use crate::grid::instance::Instance;
use crate::grid::month_program::{Aim, MonthProgram};
use crate::grid::{RotaPlan, RotaProblem, finish, scarcity};

/// Comparisons of partial days that may be spent on one set of caregivers: about half a minute.
const LOOKS: u64 = 12_000_000_000;
/// Less than this is a rounding error of the sums.
const ROUNDING: f64 = 1e-6;

/// Visits that no plan of the month can place: the bound of [`crate::grid::month_bounds`], or that of whole days if it is higher. `plan`
/// shows where hours are short; caregivers who leave no more visits out than hours alone forbid are not looked at. Takes half a
/// minute at most for each set of caregivers who share clients.
///
/// # Errors
/// The problem is malformed, as in [`crate::grid::solve`].
pub fn unplaced_at_least(problem: &RotaProblem, plan: &RotaPlan) -> Outcome<f64> {
    let (eligible, room) = eligible_and_room(problem)?;
    let by_hours = of_room(problem, &eligible, &room).unplaced;
    let missing: u32 = plan.unplaced.iter().map(|u| u.missing).sum();
    if f64::from(missing) < by_hours + 1.0 {
        return Ok(by_hours);
    }
    let draft = finish::draft(problem, plan);
    let instance = Instance::compile(problem, &eligible, &[], false);
    let short = scarcity::missed_at(problem, &eligible, &draft, &instance);
    let never: u32 = problem.clients.iter().zip(&room).map(|(c, r)| c.visits.saturating_sub(*r)).sum();
    let by_days: f64 = (clusters(&eligible, &short).iter())
        .map(|cluster| cluster.unplaced(problem, &eligible, &room, &draft, plan))
        .sum();
    Ok(by_hours.max(f64::from(never) + by_days))
}

impl Cluster {
    /// Visits of these clients that must stay unplaced, a whole number.
    fn unplaced(
        &self,
        problem: &RotaProblem,
        eligible: &[Vec<u32>],
        room: &[u32],
        draft: &Draft,
        plan: &RotaPlan,
    ) -> f64 {
        let left_out = plan.unplaced.iter().filter(|u| self.clients.binary_search(&u.client.0).is_ok());
        let goal = f64::from(left_out.map(|u| u.missing).sum::<u32>());
        let owed: f64 = self.clients.iter().map(|c| f64::from(room[*c as usize])).sum();
        let aim = Aim { visit: 1.0, road: 0.0, loads: Vec::new() };
        let mut program = MonthProgram::new(problem, eligible, room, (&self.carers, &self.clients), aim);
        program.enter_days(&self.carers, draft);
        let whole = |placed: f64| (owed - placed - ROUNDING).ceil().max(0.0);
        whole(program.most(LOOKS, |bound, placed| whole(bound) >= goal.min(whole(placed))))
    }
}
