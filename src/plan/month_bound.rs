//! What no month can beat, in the plan's files: numbers in plan.json, their proof in month_bound.csv.

use crate::grid::HoursBound;
use crate::plan::{Plan, Summary};

/// month_bound.csv: what each caregiver's hours are worth, in the seconds of [`crate::grid::HoursProof`].
pub const COLUMNS: [&str; 4] = ["caregiver", "client_s", "visit_s", "carries"];

/// The numbers, rounded down: a bound may be weaker than proven, never stronger.
pub fn tell(bound: &HoursBound, summary: &mut Summary) {
    let hundredths = |bound: f64| (bound * 100.0).floor() / 100.0;
    summary.unplaced_bound = hundredths(bound.unplaced);
    summary.short_clients_bound = hundredths(bound.short_clients);
    summary.care_h_max_bound = hundredths(f64::from(bound.largest_load.0) / 3600.0);
}

/// The proof, one row a caregiver.
pub fn rows(bound: &HoursBound, plan: &Plan) -> Vec<Vec<String>> {
    let size = |s: Option<crate::base::Seconds>| s.map_or_else(String::new, |s| s.0.to_string());
    let row = |(who, proof): (&crate::roster::Caregiver, &crate::grid::HoursProof)| {
        let carries = if proof.carries { "1" } else { "0" };
        vec![who.id.clone(), size(proof.client), size(proof.visit), carries.into()]
    };
    plan.county.caregivers.iter().zip(&bound.proof).map(row).collect()
}
