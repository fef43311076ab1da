//! Clients, gaps and caregivers as features.

use crate::api::collections::{Feature, Names};
use crate::plan::Plan;
use crate::roster::Dossier;
use serde_json::{Value, json};

/// Visits planned for each client.
pub(super) fn visits_planned(plan: &Plan) -> Vec<u32> {
    let mut planned = vec![0; plan.county.clients.len()];
    for visit in &plan.visits {
        planned[visit.client.at()] += 1;
    }
    planned
}

/// Clients in the roster's order; `gaps_only`: those who are not served.
pub(super) fn clients(plan: &Plan, planned: &[u32], names: Names, gaps_only: bool) -> Vec<Feature> {
    let county = &plan.county;
    let rows = county.clients.iter().zip(&plan.clients).zip(planned);
    rows.enumerate()
        .filter(|(_, ((_, row), _))| !gaps_only || row.cause.is_some())
        .map(|(at, ((client, row), planned))| {
            let properties = json!({
                "id": client.id,
                "name": names.of(&client.name),
                "category": client.category.zh(),
                "tier": client.tier,
                "township": client.township,
                "village": client.village,
                "group": client.group,
                "near": plan.near.get(at).and_then(Option::as_ref),
                "precision": client.precision,
                "service_min": client.service.0,
                "needs_female": client.needs_female,
                "window": client.window,
                "outlet": row.outlet.map(|s| county.sites[s.at()].id.as_str()),
                "outlet_time_s": row.outlet_time.map(|t| t.0),
                "caregiver": row.caregiver.map(|c| county.caregivers[c.at()].id.as_str()),
                "caregiver_time_s": row.caregiver_time.map(|t| t.0),
                "grid": row.grid.map(Plan::grid_id),
                "verdict": row.verdict.word(),
                "cause": row.cause.map(|c| c.word()),
                "owed": row.owed,
                "planned": planned,
                "dossier": dossier(&client.dossier, names),
            });
            Feature::point(&client.id, client.at.filter(|_| names.homes()), &properties)
        })
        .collect()
}

/// What the client's file says beside (rules R29, R32); `null` if nothing. It stays on this machine.
fn dossier(file: &Dossier, names: Names) -> Value {
    if *file == Dossier::default() || names == Names::Absent {
        return Value::Null;
    }
    json!({
        "measures": file.measures.iter().map(|m| m.zh()).collect::<Vec<_>>(),
        "assessed": file.assessed,
        "assessor": file.assessor,
        "assessed_by_provider": file.assessed_by_provider(),
        "guardian": names.of(&file.guardian),
        "elder_grade": file.elder_grade,
        "id_last4": if names == Names::Full { file.id_last4.as_str() } else { "" },
    })
}

/// Caregivers in the roster's order.
pub(super) fn caregivers(plan: &Plan, names: Names) -> Vec<Feature> {
    let county = &plan.county;
    let mut clients = vec![0u32; county.caregivers.len()];
    for row in plan.clients.iter().filter(|r| r.cause.is_none()) {
        if let Some(c) = row.caregiver {
            clients[c.at()] += 1;
        }
    }
    let rows = county.caregivers.iter().zip(&plan.caregivers).zip(&clients);
    rows.map(|((person, row), clients)| {
        let properties = json!({
            "id": person.id,
            "name": names.of(&person.name),
            "mode": person.mode,
            "female": person.female,
            "township": person.township,
            "village": person.village,
            "kind": person.kind,
            "base": person.base,
            "leave": person.leave,
            "max_day_min": person.max_day.0,
            "max_month_min": person.max_month.0,
            "outlet": row.outlet.map(|s| county.sites[s.at()].id.as_str()),
            "grid": row.grid.map(Plan::grid_id),
            "clients": clients,
            "visits": row.visits,
            "care_min": row.care.0.div_ceil(60),
            "travel_min": row.travel.0.div_ceil(60),
            "wait_min": row.wait.0.div_ceil(60),
            "days": row.days,
        });
        Feature::point(&person.id, person.at.filter(|_| names.homes()), &properties)
    })
    .collect()
}
