//! plan.json and the totals of every table, counted again from the rows.

use crate::base::Ticks;
use crate::plan::audit::promise::Findings;
use crate::plan::audit::sheets::Sheets;
use crate::plan::audit::times::Times;
use crate::plan::audit::tours::Load;
use std::collections::{BTreeMap, BTreeSet};

/// Checks plan.json, outlets.csv and caregivers.csv.
pub fn check(sheets: &Sheets, times: &Times, loads: &[Load], found: &mut Findings) {
    plan_json(sheets, times, loads, found);
    caregivers(sheets, loads, found);
    outlets(sheets, times, loads, found);
}

fn plan_json(sheets: &Sheets, times: &Times, loads: &[Load], found: &mut Findings) {
    let clients = sheets.intake.county.clients.len() as u64;
    let limit = sheets.intake.policy.limit;
    let served = sheets.lines("clients").filter(|l| l.text("verdict") == "served").count() as u64;
    let inside = |c: &usize| times.nearest_outlet(*c).is_some_and(|(t, _)| t <= limit);
    let owed: u64 = (0..clients as usize).map(|c| u64::from(sheets.owed(c))).sum();
    let planned = sheets.lines("visits").count() as u64;
    let responsible: BTreeMap<&str, &str> =
        sheets.lines("clients").map(|l| (l.text("client"), l.text("caregiver"))).collect();
    let by_backup =
        sheets.lines("visits").filter(|v| responsible.get(v.text("client")) != Some(&v.text("caregiver")));
    let counted = [
        ("clients_total", clients),
        ("clients_served", served),
        ("clients_in_outlet_circle", (0..clients as usize).filter(inside).count() as u64),
        ("outlets", sheets.lines("outlets").count() as u64),
        ("caregivers_used", loads.iter().filter(|l| l.visits > 0).count() as u64),
        ("visits_owed", owed),
        ("visits_planned", planned),
        ("visits_by_backup", by_backup.count() as u64),
        ("unplaced", owed.saturating_sub(planned)),
    ];
    for (key, right) in counted {
        let said = sheets.said(key);
        found.expect(said == Some(right), "plan_json_differs", || {
            format!("{key}: says {said:?}, counted {right}")
        });
    }
    let mut causes: BTreeMap<String, u64> = BTreeMap::new();
    for line in sheets.lines("clients").filter(|l| !l.text("cause").is_empty()) {
        *causes.entry(line.text("cause").to_owned()).or_default() += 1;
    }
    let said: BTreeMap<String, u64> =
        serde_json::from_value(sheets.plan["gaps_by_cause"].clone()).unwrap_or_default();
    found.expect(said == causes, "plan_json_differs", || {
        format!("gaps_by_cause: says {said:?}, counted {causes:?}")
    });
    let sum = served + causes.values().sum::<u64>();
    found.expect(sum == clients, "total_not_served_plus_causes", || {
        format!("{clients} clients, but served and causes make {sum}")
    });
    let travel_h = loads.iter().map(|l| f64::from(l.travel)).sum::<f64>() / 3600.0;
    let said = sheets.plan["travel_h"].as_f64();
    found.expect(said.is_some_and(|h| (h - travel_h).abs() <= 0.051), "plan_json_differs", || {
        format!("travel_h: says {said:?}, counted {travel_h:.2}")
    });
}

fn caregivers(sheets: &Sheets, loads: &[Load], found: &mut Findings) {
    let mut seen = BTreeSet::new();
    for line in sheets.lines("caregivers") {
        let id = line.text("caregiver");
        let Some(&row) = sheets.caregiver.get(id) else {
            found.broken("caregiver_unknown", format!("caregivers.csv names {id}"));
            continue;
        };
        found.expect(seen.insert(row), "caregivers_sums", || format!("{id} stands twice in caregivers.csv"));
        let load = loads[row];
        let near = |column: &str, seconds: u32| {
            line.number(column).is_some_and(|m| (m - f64::from(seconds) / 60.0).abs() <= 0.06)
        };
        let right = line.seconds("visits") == Some(load.visits)
            && line.seconds("days") == Some(load.days)
            && near("care_min", load.care)
            && near("travel_min", load.travel)
            && near("wait_min", load.wait);
        found.expect(right, "caregivers_sums", || {
            format!("{id}: the row differs from its days ({load:?} in seconds)")
        });
    }
    found.expect(seen.len() == loads.len(), "caregivers_sums", || {
        "caregivers.csv does not list every caregiver".into()
    });
}

fn outlets(sheets: &Sheets, times: &Times, loads: &[Load], found: &mut Findings) {
    let limit = sheets.intake.policy.limit;
    let mut clients: BTreeMap<&str, u32> = BTreeMap::new();
    for line in sheets.lines("clients") {
        let row = sheets.client.get(line.text("client"));
        let inside =
            row.and_then(|r| times.nearest_outlet(*r)).is_some_and(|(t, _): (Ticks, usize)| t <= limit);
        if inside {
            *clients.entry(line.text("outlet")).or_default() += 1;
        }
    }
    let mut reported: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for line in sheets.lines("caregivers") {
        let Some(row) = sheets.caregiver.get(line.text("caregiver")) else { continue };
        let sum = reported.entry(line.text("outlet")).or_default();
        *sum = (sum.0 + loads[*row].visits, sum.1 + loads[*row].care);
    }
    for line in sheets.lines("outlets") {
        let id = line.text("site");
        let (visits, care) = reported.get(id).copied().unwrap_or_default();
        let right = line.seconds("clients") == Some(clients.get(id).copied().unwrap_or(0))
            && line.seconds("visits") == Some(visits)
            && line.seconds("minutes") == Some(care / 60);
        found.expect(right, "outlets_sums", || {
            format!("outlet {id}: the row differs from its clients and caregivers")
        });
    }
}
