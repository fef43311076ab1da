//! Where the month's hours are scarce, and what a second of them is worth: the dual of the linear program that bounds the unplaced visits.
//! The search pays that price, so that it drives less and hands over clients just there, long before a whole visit more would fit.

use crate::grid::RotaProblem;
use crate::grid::bounds::{groups, left_over};
use crate::grid::draft::Draft;
use crate::grid::instance::{Instance, MONTH};
use crate::grid::search::SIXTEENTHS;

/// Part of a month spent on the road and waiting where the plan does not say.
const ROAD: f64 = 0.08;
/// The dual price makes it all the same whether the longest visit of a full area is made; a part of it keeps the visit wanted.
const PART: f64 = 0.7;

/// Prices the caregivers' hours by what the draft leaves undone; `part` of the dual price.
pub(super) fn price(
    problem: &RotaProblem,
    eligible: &[Vec<u32>],
    draft: &Draft,
    instance: &mut Instance,
    wanted: bool,
) {
    let hours = hours_of_care(instance, draft);
    let owed = |c: usize| i64::from(instance.homes[c].owed);
    let by_visit = groups(problem, eligible, |c, client| (i64::from(client.service.0), owed(c)));
    let missed_at = left_over(problem, &by_visit, |g| hours[g]).missed_at;
    for (carer, size) in instance.carers.iter_mut().zip(missed_at) {
        carer.second_price = match size.filter(|s| wanted && *s > 0) {
            Some(size) => {
                let visit = crate::grid::instance::visit_price(size);
                (env("PART", PART) * (visit * SIXTEENTHS) as f64 / size as f64) as i32
            }
            None => 0,
        };
        let days = carer.max_day * carer.days.count_ones() as i32;
        carer.hole = if carer.max_month + carer.max_day / 2 > days { env("HOLE", 4200.0) as i32 } else { 0 };
    }
}

/// Seconds each caregiver has for care: the month less what the road takes now.
fn hours_of_care(instance: &Instance, draft: &Draft) -> Vec<i64> {
    let of_carer = |(g, carer): (usize, &crate::grid::instance::Carer)| {
        let month = i64::from(carer.max_month.min(carer.max_day * carer.days.count_ones() as i32));
        let (mut care, mut road) = (0i64, 0i64);
        for day in 1..MONTH {
            let stops = &draft.tours[g * MONTH + day];
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
    };
    instance.carers.iter().enumerate().map(of_carer).collect()
}

pub(super) fn env(name: &str, or: f64) -> f64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(or)
}
