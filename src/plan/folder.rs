//! The plan folder: a [`Plan`] to files and back. `inputs/` is itself a county folder, so one reader serves both.

use crate::base::{Fault, Outcome, Seconds};
use crate::intake::write_table;
use crate::plan::{Plan, inputs, rows};
use std::path::{Path, PathBuf};

/// Version of the folder's layout; a newer one is refused with a sentence.
pub const FORMAT: u32 = 1;

/// The road file's place in a plan folder.
#[must_use]
pub fn road_file(dir: &Path) -> PathBuf {
    dir.join("inputs").join("roads.caregrid")
}

/// Writes `inputs/` (but the road file), the plan's tables, plan.json and certificate.json into an existing folder.
///
/// # Errors
/// A file cannot be written.
pub fn write_plan(plan: &Plan, dir: &Path) -> Outcome<()> {
    inputs::write_inputs(plan, &dir.join("inputs"))?;
    write_table(&dir.join("clients.csv"), &rows::CLIENTS, &client_rows(plan))?;
    write_table(&dir.join("outlets.csv"), &rows::OUTLETS, &outlet_rows(plan))?;
    write_table(&dir.join("caregivers.csv"), &rows::CAREGIVERS, &caregiver_rows(plan))?;
    write_table(&dir.join("grids.csv"), &rows::GRIDS, &grid_rows(plan))?;
    write_table(&dir.join("visits.csv"), &rows::VISITS, &visit_rows(plan))?;
    write_table(&dir.join("unplaced.csv"), &rows::UNPLACED, &unplaced_rows(plan))?;
    write_table(&dir.join("gaps.csv"), &rows::GAPS, &gap_rows(plan))?;
    write_json(&dir.join("curve.json"), &plan.curve)?;
    write_json(
        &dir.join("intake.json"),
        &serde_json::json!({"counts": plan.counts, "listed": plan.listed, "notes": plan.notes}),
    )?;
    write_summary(plan, dir)
}

/// Writes plan.json alone, for timings known only after the rest was written.
///
/// # Errors
/// The file cannot be written.
pub fn write_summary(plan: &Plan, dir: &Path) -> Outcome<()> {
    write_json(&dir.join("plan.json"), &plan.summary)
}

/// Writes any value as indented JSON with a final line end.
///
/// # Errors
/// The file cannot be written.
pub fn write_json(path: &Path, value: &impl serde::Serialize) -> Outcome<()> {
    let text = serde_json::to_string_pretty(value).map_err(|e| {
        Fault::refused(format!("{}：{e}。", path.display()), format!("{}: {e}.", path.display()))
    })?;
    std::fs::write(path, text + "\n").map_err(|e| Fault::file(path, &e))
}

fn or_empty<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |v| v.to_string())
}

fn seconds(value: Option<Seconds>) -> String {
    or_empty(value.map(|s| s.0))
}

/// HH:MM:SS of a second of the day.
#[must_use]
pub fn clock(at: Seconds) -> String {
    format!("{:02}:{:02}:{:02}", at.0 / 3600, at.0 / 60 % 60, at.0 % 60)
}

fn client_rows(plan: &Plan) -> Vec<Vec<String>> {
    let line = |(client, row): (&crate::roster::Client, &crate::plan::ClientRow)| {
        vec![
            client.id.clone(),
            inputs::precision_word(client.precision).into(),
            or_empty(row.outlet.map(|s| &plan.county.sites[s.at()].id)),
            seconds(row.outlet_time),
            or_empty(row.caregiver.map(|g| &plan.county.caregivers[g.at()].id)),
            seconds(row.caregiver_time),
            or_empty(row.grid.map(Plan::grid_id)),
            row.verdict.word().into(),
            row.cause.map_or("", |c| c.word()).into(),
        ]
    };
    plan.county.clients.iter().zip(&plan.clients).map(line).collect()
}

fn outlet_rows(plan: &Plan) -> Vec<Vec<String>> {
    let line = |o: &crate::plan::OutletRow| {
        let site = &plan.county.sites[o.site.at()];
        let existing = if site.existing { "1" } else { "0" };
        vec![
            site.id.clone(),
            existing.into(),
            o.clients.to_string(),
            o.visits.to_string(),
            o.minutes.0.to_string(),
        ]
    };
    plan.outlets.iter().map(line).collect()
}

fn caregiver_rows(plan: &Plan) -> Vec<Vec<String>> {
    let minutes = |s: Seconds| format!("{:.1}", f64::from(s.0) / 60.0);
    let line = |(who, row): (&crate::roster::Caregiver, &crate::plan::CaregiverRow)| {
        vec![
            who.id.clone(),
            or_empty(row.outlet.map(|s| &plan.county.sites[s.at()].id)),
            or_empty(row.grid.map(Plan::grid_id)),
            row.visits.to_string(),
            minutes(row.care),
            minutes(row.travel),
            minutes(row.wait),
            row.days.to_string(),
        ]
    };
    plan.county.caregivers.iter().zip(&plan.caregivers).map(line).collect()
}

fn grid_rows(plan: &Plan) -> Vec<Vec<String>> {
    let who = |g: crate::base::CaregiverIx| plan.county.caregivers[g.at()].id.clone();
    let line = |(i, g): (usize, &crate::plan::GridRow)| {
        let reasons: Vec<String> = g
            .exceptions
            .iter()
            .map(|(c, why)| format!("{}:{}", plan.county.clients[c.at()].id, why.word()))
            .collect();
        vec![
            Plan::grid_id(crate::base::GridIx::of(i)),
            who(g.caregiver),
            g.cells.join(";"),
            g.clients.to_string(),
            g.exceptions.len().to_string(),
            or_empty(g.backup.map(who)),
            reasons.join(";"),
        ]
    };
    plan.grids.iter().enumerate().map(line).collect()
}

fn visit_rows(plan: &Plan) -> Vec<Vec<String>> {
    let line = |v: &crate::plan::VisitRow| {
        vec![
            plan.county.caregivers[v.caregiver.at()].id.clone(),
            v.date.to_string(),
            v.order.to_string(),
            plan.county.clients[v.client.at()].id.clone(),
            clock(v.arrive),
            clock(v.leave),
        ]
    };
    plan.visits.iter().map(line).collect()
}

fn unplaced_rows(plan: &Plan) -> Vec<Vec<String>> {
    let line = |u: &crate::plan::UnplacedRow| {
        vec![
            plan.county.clients[u.client.at()].id.clone(),
            u.missing.to_string(),
            u.reason.clone(),
            u.remedy.clone(),
        ]
    };
    plan.unplaced.iter().map(line).collect()
}

fn gap_rows(plan: &Plan) -> Vec<Vec<String>> {
    let line = |(client, row): (&crate::roster::Client, &crate::plan::ClientRow)| {
        row.cause.map(|cause| {
            vec![
                client.id.clone(),
                client.township.clone(),
                client.village.clone(),
                cause.word().into(),
                seconds(row.outlet_time),
                seconds(row.caregiver_time),
            ]
        })
    };
    plan.county.clients.iter().zip(&plan.clients).filter_map(line).collect()
}
