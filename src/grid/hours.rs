//! What the hours alone forbid, with a proof that can be checked by adding up: a month of caregivers who need no time on the road.
//!
//! The linear program: give each piece of care (a client's whole month, or one visit) to its caregivers in any shares, as many pieces as
//! the hours hold. Its dual has one number a caregiver: the size of a piece at which one of their hours would be missed. With any such
//! sizes `t`, no plan holds more pieces than `sum of hours / t + sum of max(0, 1 - size / largest t of the piece's caregivers)`.

use crate::base::{Outcome, Seconds};
use crate::grid::bounds::{self, Densest};
use crate::grid::{RotaProblem, check};

/// Bounds with their proof; the columns of month_bound.csv.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HoursBound {
    /// Clients who miss a visit in every plan.
    pub short_clients: f64,
    /// Visits that no plan can place.
    pub unplaced: f64,
    /// Least possible largest care load when all owed to whom somebody may serve is made.
    pub largest_load: Seconds,
    /// One row a caregiver.
    pub proof: Vec<HoursProof>,
}

/// A caregiver's part in the proof.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HoursProof {
    /// Seconds of a client's whole month at which an hour would be missed; `None`: hours are left.
    pub client: Option<Seconds>,
    /// The same for one visit.
    pub visit: Option<Seconds>,
    /// One of those who must carry the largest load between them, since nobody else may.
    pub carries: bool,
}

/// What the hours of a month forbid, whatever the roads.
///
/// # Errors
/// The problem is malformed, as in [`crate::grid::solve`].
pub fn hours_bound(problem: &RotaProblem) -> Outcome<HoursBound> {
    check::check(problem)?;
    let eligible: Vec<Vec<u32>> =
        problem.clients.iter().map(|c| c.eligible.iter().map(|g| g.0).collect()).collect();
    let visit = |c: usize| i64::from(problem.clients[c].service.0);
    let owed = |c: usize| i64::from(problem.clients[c].visits);
    let by_client = bounds::groups(problem, &eligible, |c, _| (visit(c) * owed(c), owed(c).min(1)));
    let by_visit = bounds::groups(problem, &eligible, |c, _| (visit(c), owed(c)));
    let nobody = |c: &usize| eligible[*c].is_empty();
    let hopeless: Vec<usize> = (0..eligible.len()).filter(nobody).collect();
    let hours = |g: usize| hours(problem, g);
    let (clients, visits) =
        (bounds::left_over(problem, &by_client, hours), bounds::left_over(problem, &by_visit, hours));
    let everybody: Vec<u32> = (0..problem.caregivers.len() as u32).collect();
    let densest = bounds::densest(&by_visit, &everybody);
    let proof = |g: usize| HoursProof {
        client: clients.missed_at[g].map(seconds),
        visit: visits.missed_at[g].map(seconds),
        carries: densest.carriers.contains(&(g as u32)),
    };
    Ok(HoursBound {
        short_clients: hopeless.iter().map(|c| owed(*c).min(1)).sum::<i64>() as f64 + clients.pieces,
        unplaced: hopeless.iter().map(|c| owed(*c)).sum::<i64>() as f64 + visits.pieces,
        largest_load: level(&densest),
        proof: (0..problem.caregivers.len()).map(proof).collect(),
    })
}

/// Hours of a month, by days and by the month.
fn hours(problem: &RotaProblem, g: usize) -> i64 {
    let carer = &problem.caregivers[g];
    let shift = carer.shift.1.0.saturating_sub(carer.shift.0.0);
    let by_days = i64::from(carer.max_day.0.min(shift)) * carer.days.len() as i64;
    by_days.min(i64::from(carer.max_month.0))
}

fn seconds(s: i64) -> Seconds {
    Seconds(u32::try_from(s).unwrap_or(u32::MAX))
}

/// Load a head, rounded up: loads are whole seconds.
pub(super) fn level(densest: &Densest) -> Seconds {
    let heads = (densest.carriers.len() as i64).max(1);
    seconds(densest.load.div_euclid(heads) + i64::from(densest.load.rem_euclid(heads) > 0))
}

/// What the sizes of a proof forbid, by the formula above.
#[cfg(test)]
fn proven(problem: &RotaProblem, pieces: &[bounds::Group], missed_at: &[Option<i64>]) -> f64 {
    let held: f64 = missed_at
        .iter()
        .enumerate()
        .filter_map(|(g, t)| t.map(|t| hours(problem, g) as f64 / t as f64))
        .sum();
    let short = |group: &bounds::Group| {
        let at = group
            .carers
            .iter()
            .map(|g| missed_at[*g as usize])
            .try_fold(0, |most: i64, t| Some(most.max(t?)));
        let left = at.map_or(1.0, |t| (1.0 - group.size as f64 / t as f64).max(0.0));
        group.pieces as f64 * (1.0 - left)
    };
    pieces.iter().map(short).sum::<f64>() - held
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Silent;
    use crate::grid::testing::county;
    use crate::grid::{Continuity, RotaStop, solve};

    #[test]
    fn the_sizes_prove_the_bound_and_no_plan_beats_it() {
        let mut binding = 0;
        for seed in 0..12 {
            let mut problem = county(seed, 4, 120, Continuity::Prefer);
            problem
                .caregivers
                .iter_mut()
                .for_each(|g| g.max_month = Seconds((40 + 10 * (seed as u32 % 5)) * 3600));
            let bound = hours_bound(&problem).unwrap();
            let eligible: Vec<Vec<u32>> =
                problem.clients.iter().map(|c| c.eligible.iter().map(|g| g.0).collect()).collect();
            let nobody = |c: &&crate::grid::RotaClient| c.eligible.is_empty();
            let hopeless: Vec<_> = problem.clients.iter().filter(nobody).collect();
            let by_client = bounds::groups(&problem, &eligible, |_, c| {
                (i64::from(c.service.0 * c.visits), i64::from(c.visits.min(1)))
            });
            let at: Vec<Option<i64>> = bound.proof.iter().map(|p| p.client.map(|s| i64::from(s.0))).collect();
            let shown = hopeless.len() as f64 + proven(&problem, &by_client, &at);
            assert!(
                (shown - bound.short_clients).abs() < 1e-6,
                "seed {seed}: {shown} {}",
                bound.short_clients
            );
            let by_visit =
                bounds::groups(&problem, &eligible, |_, c| (i64::from(c.service.0), i64::from(c.visits)));
            let at: Vec<Option<i64>> = bound.proof.iter().map(|p| p.visit.map(|s| i64::from(s.0))).collect();
            let beyond: u32 = hopeless.iter().map(|c| c.visits).sum();
            let shown = f64::from(beyond) + proven(&problem, &by_visit, &at);
            assert!((shown - bound.unplaced).abs() < 1e-6, "seed {seed}: {shown} {}", bound.unplaced);
            let plan = solve(&problem, &RotaStop { steps: 1000, seed }, &Silent).unwrap();
            assert!(plan.unplaced.len() as f64 + 1e-6 >= bound.short_clients, "seed {seed}");
            let missing: u32 = plan.unplaced.iter().map(|u| u.missing).sum();
            assert!(f64::from(missing) + 1e-6 >= bound.unplaced, "seed {seed}");
            binding += usize::from(bound.short_clients > hopeless.len() as f64 + 1.0);
        }
        assert!(binding >= 6, "hours bind in {binding} months");
    }

    #[test]
    fn two_clients_and_hours_for_one_and_a_half() {
        let mut problem = county(1, 1, 2, Continuity::Prefer);
        for client in &mut problem.clients {
            (client.visits, client.service) = (2, Seconds(7200));
            client.eligible = vec![crate::base::CaregiverIx(0)];
        }
        problem.caregivers[0].max_month = Seconds(6 * 3600);
        let bound = hours_bound(&problem).unwrap();
        assert_eq!((bound.short_clients, bound.unplaced), (0.5, 1.0));
        assert_eq!(bound.largest_load, Seconds(8 * 3600));
        let proof = HoursProof { client: Some(Seconds(14_400)), visit: Some(Seconds(7200)), carries: true };
        assert_eq!(bound.proof, [proof]);
    }
}
