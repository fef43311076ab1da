//! Where the month's hours are scarce, and what a second of them is worth: the dual of the linear program that bounds the unplaced visits.
//! The search pays that price, so that it drives less and hands over clients just there, long before one visit more would fit.

use crate::grid::RotaProblem;
use crate::grid::bounds::{groups, left_over};
use crate::grid::cost::SIXTEENTHS;
use crate::grid::draft::Draft;
use crate::grid::instance::{Carer, Instance, MONTH, visit_price};

/// Part of a month spent on the road where the plan does not say.
const ROAD: f64 = 0.08;
/// At the whole dual price it is all the same whether the longest visits of a full area are made; a part of it keeps them wanted.
const PART: f64 = 0.6;
/// Seconds that a day must have left to take one more visit of an hour.
const HOLE: i32 = 4200;

/// By caregiver: seconds of the shortest visits that find no hours where ways take what they take in the draft; `None`: hours are left.
pub(super) fn missed_at(
    problem: &RotaProblem,
    eligible: &[Vec<u32>],
    draft: &Draft,
    instance: &Instance,
) -> Vec<Option<i64>> {
    let hours: Vec<i64> =
        (0..).zip(&instance.carers).map(|(g, carer)| hours_of_care(instance, draft, g, carer)).collect();
    let visits = groups(problem, eligible, |c, client| {
        (i64::from(client.service.0), i64::from(instance.homes[c].owed))
    });
    left_over(problem, &visits, |g| hours[g]).missed_at
}

/// Prices the caregivers' hours anew by where the draft has too few of them.
pub(super) fn price(problem: &RotaProblem, eligible: &[Vec<u32>], draft: &Draft, instance: &mut Instance) {
    let missed_at = missed_at(problem, eligible, draft, instance);
    for (carer, size) in instance.carers.iter_mut().zip(missed_at) {
        let dual = |size: i64| (visit_price(size) * SIXTEENTHS) as f64 / size as f64;
        carer.second_price = size.map_or(0, |size| (PART * dual(size)) as i32);
        // Who has days to spare loses nothing by a hole in one of them.
        let days_to_spare = all_days(carer) - i64::from(carer.max_month) >= i64::from(carer.max_day / 2);
        carer.hole = if days_to_spare { 0 } else { HOLE };
    }
}

/// Hours are free: what is paid in the end.
pub(super) fn forget(instance: &mut Instance) {
    instance.carers.iter_mut().for_each(|carer| carer.second_price = 0);
}

fn all_days(carer: &Carer) -> i64 {
    i64::from(carer.max_day) * i64::from(carer.days.count_ones())
}

/// Seconds of a month less what the road takes of it now.
fn hours_of_care(instance: &Instance, draft: &Draft, g: usize, carer: &Carer) -> i64 {
    let month = i64::from(carer.max_month).min(all_days(carer));
    let (mut care, mut road) = (0, 0);
    for stops in &draft.tours[g * MONTH..][..MONTH] {
        let mut place = 0;
        for client in stops {
            let home = &instance.homes[*client as usize];
            let Some(option) = home.options.iter().find(|o| o.carer as usize == g) else { continue };
            road += i64::from(carer.trip(place, option.local));
            care += i64::from(home.service);
            place = option.local;
        }
        road += i64::from(carer.trip(place, 0));
    }
    let part = if 2 * care > month { road as f64 / (road + care) as f64 } else { ROAD };
    (month as f64 * (1.0 - part)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seconds;
    use crate::grid::Continuity;
    use crate::grid::instance::eligible_after_locks;
    use crate::grid::testing::county;

    fn prices(problem: &RotaProblem) -> Vec<i32> {
        let eligible = eligible_after_locks(problem).unwrap();
        let mut instance = Instance::compile(problem, &eligible, &[], true);
        let draft = Draft::empty(problem.clients.len(), problem.caregivers.len());
        price(problem, &eligible, &draft, &mut instance);
        instance.carers.iter().map(|c| c.second_price).collect()
    }

    #[test]
    fn hours_cost_something_exactly_where_visits_find_none() {
        let mut problem = county(3, 6, 60, Continuity::Strict);
        assert_eq!(prices(&problem), [0; 6]);
        problem.caregivers[2].max_month = Seconds(3600);
        for client in problem.clients.iter_mut().take(10) {
            client.eligible = vec![crate::base::CaregiverIx(2)];
        }
        let scarce = prices(&problem);
        assert!(scarce[2] > 0, "{scarce:?}");
        assert!(scarce.iter().enumerate().all(|(g, p)| g == 2 || *p == 0), "{scarce:?}");
    }

    #[test]
    fn a_hole_counts_in_full_only_where_a_visit_fits_into_it() {
        let problem = county(3, 6, 60, Continuity::Strict);
        let eligible = eligible_after_locks(&problem).unwrap();
        let mut carer = Instance::compile(&problem, &eligible, &[], true).carers.swap_remove(0);
        (carer.second_price, carer.hole, carer.max_day) = (16, HOLE, 28_800);
        let saved = |left: i32| carer.price_of_day(28_800) - carer.price_of_day(28_800 - left);
        assert_eq!([saved(HOLE), saved(2 * HOLE)], [16 * i64::from(HOLE), 32 * i64::from(HOLE)]);
        assert!(4 * saved(HOLE / 2) == saved(HOLE), "half a hole is worth a quarter");
    }
}
