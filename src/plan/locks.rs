//! `locks.csv`: what the planner fixes by hand. `lock` and `move` tie a client to a caregiver, `forbid` keeps the two apart.

use crate::base::{CaregiverIx, ClientIx, Fault, Outcome};
use crate::grid::{LockCost, Locks, RotaProblem};
use crate::intake::read_table;
use crate::plan::Plan;
use crate::plan::month::fits;
use crate::roster::County;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::Path;

/// Columns of locks.csv in a plan: the planner's, then what each costs.
pub const COLUMNS: [&str; 5] = ["kind", "client", "caregiver", "travel_s", "visits"];

/// One lock as a person gives it: `lock` or `move` (the client is served by that caregiver alone) or `forbid`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockRow {
    /// lock, move or forbid.
    pub kind: String,
    /// Id of the client.
    pub client: String,
    /// Id of the caregiver.
    pub caregiver: String,
}

/// The locks of a county folder, or of a plan's `inputs/`; none where the file is missing. `typed` stands in their stead.
/// A lock of somebody in `left`, who is no longer on the roster, holds nobody.
///
/// # Errors
/// A row names an unknown kind, client or caregiver, or ties a client to two caregivers; the sentence names the row.
pub fn read(
    dir: &Path,
    county: &County,
    typed: Option<&[LockRow]>,
    left: &BTreeSet<String>,
) -> Outcome<Locks> {
    if let Some(rows) = typed {
        return of_rows("锁定 locks", 1, rows, county);
    }
    let path = dir.join("locks.csv");
    if !path.is_file() {
        return Ok(Locks::default());
    }
    let table = read_table(&path)?;
    let row = |cells: &Vec<String>| {
        let [kind, client, caregiver] =
            ["kind", "client", "caregiver"].map(|column| table.cell(cells, column).to_owned());
        LockRow { kind, client, caregiver }
    };
    let mut rows: Vec<LockRow> = table.rows.iter().map(row).collect();
    rows.retain(|r| !left.contains(&r.client) && !left.contains(&r.caregiver));
    of_rows("locks.csv", 2, &rows, county)
}

fn of_rows(name: &str, first_line: usize, rows: &[LockRow], county: &County) -> Outcome<Locks> {
    let mut locks = Locks::default();
    for (i, row) in rows.iter().enumerate() {
        let fault = |column: &str, zh: &str, en: &str| {
            let line = i + first_line;
            Fault::refused(
                format!("{name} 第 {line} 行“{column}”列：{zh}"),
                format!("{name}, row {line}, column {column}: {en}"),
            )
        };
        let client = county.clients.iter().position(|c| c.id == row.client).map(ClientIx::of);
        let client = client.ok_or_else(|| {
            fault(
                "client",
                "名册中没有此服务对象。",
                "the roster holds no such client; use an id of the roster.",
            )
        })?;
        let who = county.caregivers.iter().position(|g| g.id == row.caregiver).map(CaregiverIx::of);
        let who = who.ok_or_else(|| {
            fault(
                "caregiver",
                "名册中没有此服务人员。",
                "the roster holds no such caregiver; use an id of the roster.",
            )
        })?;
        match row.kind.as_str() {
            "lock" | "move" | "锁定" | "调整" => {
                if locks.keep.iter().any(|(c, g)| *c == client && *g != who) {
                    return Err(fault(
                        "client",
                        "同一服务对象被锁定给两名服务人员，请保留一行。",
                        "the client is tied to two caregivers; keep one of the rows.",
                    ));
                }
                locks.keep.push((client, who));
            }
            "forbid" | "禁止" => locks.forbid.push((client, who)),
            _ => return Err(fault("kind", "应为 lock、move 或 forbid。", "use lock, move or forbid.")),
        }
    }
    Ok(locks)
}

/// Refuses a lock to somebody who may not serve the client, with the reason.
///
/// # Errors
/// The caregiver lacks what the client needs, or does not reach the home inside the limit.
pub fn check(locks: &Locks, county: &County, problem: &RotaProblem) -> Outcome<()> {
    let may = |(c, g): &&(ClientIx, CaregiverIx)| problem.clients[c.at()].eligible.contains(g);
    let Some((c, g)) = locks.keep.iter().find(|pair| !may(pair)) else { return Ok(()) };
    let (client, who) = (&county.clients[c.at()], &county.caregivers[g.at()]);
    let (zh, en) = if fits(who, client) {
        ("在时限内到不了", "does not reach the home inside the limit")
    } else {
        ("性别或技能不符合需要", "lacks the sex or the skill that is needed")
    };
    let (client, who) = (&client.id, &who.id);
    Err(Fault::refused(
        format!("不能把服务对象 {client} 锁定给服务人员 {who}：该人员{zh}。请改选他人或取消锁定。"),
        format!(
            "the client {client} cannot be tied to the caregiver {who}, who {en}; choose somebody else or drop the lock."
        ),
    ))
}

/// The locks with their costs, as rows of locks.csv; costs are empty where they were not computed.
pub fn rows(plan: &Plan, locks: &Locks, costs: &[LockCost]) -> Vec<Vec<String>> {
    let kinds = locks.keep.iter().map(|pair| ("lock", pair));
    let kinds = kinds.chain(locks.forbid.iter().map(|pair| ("forbid", pair)));
    let row = |(i, (kind, (client, who))): (usize, (&str, &(ClientIx, CaregiverIx)))| {
        let cost = costs.get(i);
        vec![
            kind.into(),
            plan.county.clients[client.at()].id.clone(),
            plan.county.caregivers[who.at()].id.clone(),
            cost.map_or_else(String::new, |c| c.travel_s.to_string()),
            cost.map_or_else(String::new, |c| c.visits.to_string()),
        ]
    };
    kinds.enumerate().map(row).collect()
}
