//! The order of the steps: grids, start, search in rounds, last pass, reasons and bounds.

use crate::base::{Fault, Outcome, Progress};
use crate::grid::conclude::conclude;
use crate::grid::evenness::Evenness;
use crate::grid::instance::eligible_after_locks;
use crate::grid::rounds::Rounds;
use crate::grid::{
    MonthBounds, RotaPlan, RotaProblem, RotaStop, check, grids, least_squares, locks, month_bounds,
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
    let holder =
        if problem.cells > 0 { grids::territories(problem, &eligible, stop.seed) } else { Vec::new() };
    let bounds = month_bounds(problem)?;
    let mut rounds =
        Rounds::new(problem, &eligible, holder, evenness(problem, &bounds)?, bounds.unplaced, stop);
    rounds.run(progress);
    let Rounds { draft, holder, steps, .. } = rounds;
    let mut plan = conclude(problem, &eligible, draft, holder, steps);
    plan.bounds = Some(bounds);
    plan.lock_costs = locks::costs(problem, &plan)?;
    Ok(plan)
}

fn evenness(problem: &RotaProblem, bounds: &MonthBounds) -> Outcome<Evenness> {
    if problem.prices.square_hour == 0 {
        return Ok(Evenness::default());
    }
    Ok(Evenness::new(problem.prices.square_hour, bounds.largest_load.0, least_squares(problem)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{CaregiverIx, ClientIx, Seconds, Silent};
    use crate::grid::testing::{broken, county};
    use crate::grid::{Continuity, Day, MissingReason, TripMatrix, TripTable};

    fn plan(problem: &RotaProblem, steps: u64, seed: u64) -> RotaPlan {
        solve(problem, &RotaStop { steps, seed }, &Silent).unwrap()
    }

    #[test]
    fn no_plan_breaks_a_rule_strict_or_not_with_few_caregivers_or_many() {
        for seed in 0..8 {
            for (caregivers, continuity) in
                [(6, Continuity::Strict), (6, Continuity::Prefer), (12, Continuity::Prefer)]
            {
                let problem = county(seed, caregivers, 150, continuity);
                let plan = plan(&problem, 2000, seed);
                assert_eq!(
                    broken(&problem, &plan),
                    Vec::<String>::new(),
                    "seed {seed}, {caregivers} caregivers"
                );
                let missing: u32 = plan.unplaced.iter().map(|u| u.missing).sum();
                assert!(
                    f64::from(missing) + 1e-6 >= plan.bounds.unwrap().unplaced,
                    "{missing} below {}",
                    plan.bounds.unwrap().unplaced
                );
                assert!(plan.unplaced.len() as f64 + 1e-6 >= plan.bounds.unwrap().clients);
            }
        }
    }

    /// The planar trips as a matrix in which every way out from a base takes `longer` seconds more than the way home.
    fn one_way_streets(problem: &RotaProblem, longer: u16) -> TripTable {
        let size = problem.caregivers.len() + problem.clients.len();
        let is_base = |place| problem.caregivers.iter().any(|g| g.base == place);
        let seconds = |from: usize, to: usize| {
            let way = problem.trips.seconds(0, from, to);
            if from != to && is_base(from) { way + longer } else { way }
        };
        TripTable::Matrices(vec![TripMatrix {
            row_of_place: (0..size as u32).collect(),
            size,
            seconds: (0..size * size).map(|i| seconds(i / size, i % size)).collect(),
        }])
    }

    #[test]
    fn a_day_fits_even_if_the_way_home_takes_as_long_as_the_way_out() {
        let mut problem = county(7, 6, 150, Continuity::Prefer);
        problem.trips = one_way_streets(&problem, 300);
        let plan = plan(&problem, 2000, 7);
        assert_eq!(broken(&problem, &plan), Vec::<String>::new());
        let mut fullest = 0;
        for tour in &plan.tours {
            let who = &problem.caregivers[tour.caregiver.at()];
            let last = problem.clients[tour.visits.last().unwrap().client.at()].place;
            let out = u32::from(problem.trips.seconds(0, who.base, last));
            let long = tour.visits.last().unwrap().leave.0 + out - tour.depart.0;
            assert!(long <= who.max_day.0, "{long}");
            fullest = fullest.max(long);
        }
        assert!(fullest > 27_000, "no day comes near its limit: {fullest}");
    }

    #[test]
    fn one_two_and_four_threads_plan_the_same_month() {
        let problem = county(3, 70, 300, Continuity::Prefer);
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| plan(&problem, 3000, 1))
        };
        let one = with(1);
        assert_eq!(broken(&problem, &one), Vec::<String>::new());
        assert!(one == with(2) && one == with(4));
    }

    #[test]
    fn bad_rows_get_a_sentence_with_their_row() {
        let refused = |change: &dyn Fn(&mut RotaProblem)| {
            let mut problem = county(1, 4, 20, Continuity::Prefer);
            change(&mut problem);
            solve(&problem, &RotaStop { steps: 10, seed: 1 }, &Silent).unwrap_err().en
        };
        assert!(refused(&|p| p.caregivers[2].days.push(Day(32))).contains("caregiver row 3"));
        assert!(refused(&|p| p.clients[4].place = 999).contains("client row 5"));
        assert!(refused(&|p| p.clients[0].eligible.push(CaregiverIx(9))).contains("client row 1"));
        assert!(refused(&|p| p.caregivers[0].base = 999).contains("no base"));
        let unfit = |p: &mut RotaProblem| {
            p.clients[1].eligible = vec![CaregiverIx(0)];
            p.locks.keep.push((ClientIx(1), CaregiverIx(1)));
        };
        assert!(refused(&unfit).contains("locked"));
    }

    #[test]
    fn each_missing_visit_has_the_reason_that_was_planted() {
        let mut problem = county(2, 12, 60, Continuity::Prefer);
        problem.clients[0].eligible.clear();
        (problem.clients[1].visits, problem.clients[1].apart_days) = (3, 20);
        problem.clients[2].window = (Seconds(28_800), Seconds(30_000));
        problem.clients[2].service = Seconds(3600);
        let plan = plan(&problem, 2000, 1);
        assert_eq!(broken(&problem, &plan), Vec::<String>::new());
        let reason = |c| plan.unplaced.iter().find(|u| u.client == ClientIx(c)).map(|u| u.reason);
        assert_eq!(reason(0), Some(MissingReason::NobodyEligible));
        assert_eq!(reason(1), Some(MissingReason::NoRoomInMonth));
        assert_eq!(reason(2), Some(MissingReason::NoRoomInMonth));
    }

    #[test]
    fn a_household_is_visited_on_one_trip() {
        let mut problem = county(6, 6, 60, Continuity::Prefer);
        (problem.clients[1].place, problem.clients[1].eligible) =
            (problem.clients[0].place, problem.clients[0].eligible.clone());
        for c in 0..2 {
            let client = &mut problem.clients[c];
            (client.visits, client.earliest, client.service) = (2, Day(1), Seconds(3600));
            (client.window, client.blocked_weekdays) = ((Seconds(28_800), Seconds(64_800)), Vec::new());
        }
        let plan = plan(&problem, 4000, 1);
        assert_eq!(broken(&problem, &plan), Vec::<String>::new());
        let together = plan.tours.iter().filter(|t| {
            let at = |c: u32| t.visits.iter().position(|v| v.client == ClientIx(c));
            at(0).zip(at(1)).is_some_and(|(a, b)| a.abs_diff(b) == 1)
        });
        assert_eq!(together.count(), 2, "both visits of both, each time one after the other");
    }

    #[test]
    fn twice_the_steps_are_not_worse_in_the_mean_of_twenty_seeds() {
        let problem = county(9, 8, 140, Continuity::Strict);
        let cost = |steps| -> f64 {
            let of_seed = |seed| {
                let plan = plan(&problem, steps, seed);
                let missing: u32 = plan.unplaced.iter().map(|u| u.missing).sum();
                f64::from(missing) * 20_000.0 + plan.tours.iter().map(|t| f64::from(t.travel.0)).sum::<f64>()
            };
            (1..=20).map(of_seed).sum::<f64>() / 20.0
        };
        let (once, twice) = (cost(1500), cost(3000));
        assert!(twice <= once, "{once} {twice}");
    }

    #[test]
    fn a_full_month_is_the_reason_when_the_month_is_cut() {
        let mut problem = county(4, 3, 40, Continuity::Strict);
        problem.caregivers.iter_mut().for_each(|g| g.max_month = Seconds(30 * 3600));
        let plan = plan(&problem, 3000, 1);
        assert_eq!(broken(&problem, &plan), Vec::<String>::new());
        let mut reasons =
            plan.unplaced.iter().map(|u| u.reason).filter(|r| *r != MissingReason::NobodyEligible).peekable();
        assert!(
            reasons.peek().is_some() && reasons.all(|r| r == MissingReason::MonthHours),
            "{:?}",
            plan.unplaced
        );
    }

    #[test]
    fn weekdays_of_the_month_before_are_kept_where_they_have_a_price() {
        let mut problem = county(5, 10, 100, Continuity::Prefer);
        let first = plan(&problem, 3000, 1);
        let weekday = |day: Day| ((u32::from(problem.first_weekday) + u32::from(day.0) - 1) % 7) as u8;
        let mut habits = vec![Vec::new(); 100];
        for (visit, day) in first.tours.iter().flat_map(|t| t.visits.iter().map(|v| (v, t.day))) {
            habits[visit.client.at()].push(weekday(day));
        }
        let kept = |plan: &RotaPlan| -> usize {
            let of_tour = |t: &crate::grid::Tour| {
                t.visits.iter().filter(|v| habits[v.client.at()].contains(&weekday(t.day))).count()
            };
            plan.tours.iter().map(of_tour).sum()
        };
        let all: usize = first.tours.iter().map(|t| t.visits.len()).sum();
        // Days lie elsewhere in the month, as a month later.
        problem.clients.iter_mut().zip(&habits).for_each(|(c, h)| c.previous_weekdays.clone_from(h));
        let without = kept(&plan(&problem, 3000, 2));
        problem.prices.weekday = 600;
        let with = plan(&problem, 3000, 2);
        assert_eq!(broken(&problem, &with), Vec::<String>::new());
        assert!(
            kept(&with) * 10 > all * 8 && kept(&with) > without + all / 10,
            "{} {without} {all}",
            kept(&with)
        );
    }

    #[test]
    fn locks_are_kept_and_a_known_caregiver_stays_where_nothing_speaks_against_it() {
        let mut problem = county(5, 10, 100, Continuity::Prefer);
        let first = plan(&problem, 3000, 1);
        for (client, own) in problem.clients.iter_mut().zip(&first.responsible) {
            client.previous = *own;
        }
        let c = problem.clients.iter().position(|c| c.eligible.len() > 2).unwrap();
        let (keep, forbid) = (problem.clients[c].eligible[2], ClientIx::of((c + 1) % 100));
        let gone = first.responsible[forbid.at()];
        problem.locks.keep.push((ClientIx::of(c), keep));
        problem.locks.forbid.extend(gone.map(|g| (forbid, g)));
        let second = plan(&problem, 3000, 2);
        assert_eq!(second.responsible[c], Some(keep));
        assert!(gone.is_none() || second.responsible[forbid.at()] != gone);
        let kept = (0..100).filter(|c| first.responsible[*c] == second.responsible[*c]).count();
        assert!(kept >= 90, "{kept} of 100 keep their caregiver");
    }
}
