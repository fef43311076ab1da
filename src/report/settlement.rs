//! settlement.csv: the provider's sheet of the month (R19, R25). Planned visits and their price stand in it; done, accepted
//! and deducted are typed after the assessment, which releases the payment.

use crate::base::{Fault, Outcome};
use crate::plan::Plan;
use crate::report::figures::{by_township, planned_by_client};
use crate::report::files::save;
use crate::roster::Category;
use std::path::Path;

const HEADINGS: [&str; 11] = [
    "township",
    "category",
    "planned",
    "care_min",
    "visit_fee_fen",
    "hour_fee_fen",
    "planned_fen",
    "done",
    "accepted",
    "deduction_fen",
    "deduction_reason",
];

/// Writes the sheet: a line a township and category, and one for the outlets; UTF-8 with BOM, as offices open it.
///
/// # Errors
/// The file cannot be written.
pub(super) fn write(plan: &Plan, path: &Path) -> Outcome<()> {
    let mut table = csv::Writer::from_writer(vec![0xEF, 0xBB, 0xBF]);
    let mut all = vec![HEADINGS.map(str::to_owned)];
    all.extend(lines(plan));
    let filled = all.iter().try_for_each(|line| table.write_record(line));
    let bytes = filled.ok().and_then(|()| table.into_inner().ok());
    let bytes =
        bytes.ok_or_else(|| Fault::refused("结算表无法生成。", "the settlement list cannot be made."))?;
    save(path, &bytes)
}

fn lines(plan: &Plan) -> Vec<[String; 11]> {
    let (planned, care_s) = (planned_by_client(plan), care_by_client(plan));
    let policy = &plan.policy;
    let mut lines = Vec::new();
    for (township, members) in by_township(&plan.county) {
        for category in Category::ALL {
            let of_category = members
                .iter()
                .filter(|m| plan.county.clients.get(m.at()).is_some_and(|c| c.category == category));
            let (visits, seconds) = of_category
                .fold((0_u64, 0_u64), |sum, m| (sum.0 + u64::from(planned[m.at()]), sum.1 + care_s[m.at()]));
            if visits > 0 {
                let fen = priced(policy.visit_fee.0, visits, 1) + priced(policy.hour_fee.0, seconds, 3600);
                let fees = [policy.visit_fee.0, policy.hour_fee.0];
                lines.push(line(&township, category.zh(), visits, seconds / 60, fees, fen));
            }
        }
    }
    let outlets = plan.outlets.len() as u64;
    lines.push(line(
        "",
        "网点",
        outlets,
        0,
        [policy.outlet_fee.0, 0],
        priced(policy.outlet_fee.0, outlets, 1),
    ));
    lines
}

fn line(township: &str, kind: &str, count: u64, care_min: u64, fees: [i64; 2], fen: i128) -> [String; 11] {
    let [visit, hour] = fees.map(|f| f.to_string());
    let empty = String::new;
    let (count, care_min) = (count.to_string(), care_min.to_string());
    let planned = [township.to_string(), kind.to_string(), count, care_min, visit, hour, fen.to_string()];
    let [a, b, c, d, e, f, g] = planned;
    [a, b, c, d, e, f, g, empty(), empty(), empty(), empty()]
}

/// Seconds of planned care at each client.
fn care_by_client(plan: &Plan) -> Vec<u64> {
    let mut care = vec![0; plan.clients.len()];
    for visit in &plan.visits {
        if let Some(sum) = care.get_mut(visit.client.at()) {
            *sum += u64::from(visit.leave.0.saturating_sub(visit.arrive.0));
        }
    }
    care
}

fn priced(fee: i64, amount: u64, per: i128) -> i128 {
    i128::from(fee) * i128::from(amount) / per
}
