//! `/api`: what this server answers, as OpenAPI 3.1.

use crate::api::problem::Answer;
use crate::api::query::Asked;
use axum::response::IntoResponse;
use serde_json::{Map, Value, json};

/// Path, method, summary, query parameters (name, required, JSON schema type).
type Entry = (&'static str, &'static str, &'static str, &'static [(&'static str, bool, &'static str)]);

const PATHS: [Entry; 36] = [
    ("/collections", "get", "The lists of the plan.", &[]),
    (
        "/collections/{id}/items",
        "get",
        "A list as GeoJSON; id is clients, outlets, caregivers, grids, gaps, villages or townships.",
        &[
            ("bbox", false, "string"),
            ("limit", false, "integer"),
            ("offset", false, "integer"),
            ("names", false, "string"),
        ],
    ),
    ("/plans", "get", "The plans served here.", &[]),
    ("/plans/current", "put", "Puts a served plan on the page.", &[]),
    ("/plans/{id}/summary", "get", "plan.json with the lists of intake; id may be 'current'.", &[]),
    (
        "/plans/{id}/visits",
        "get",
        "Visits by caregiver, date and order.",
        &[
            ("caregiver", false, "string"),
            ("client", false, "string"),
            ("date", false, "string"),
            ("limit", false, "integer"),
            ("offset", false, "integer"),
        ],
    ),
    ("/plans/{id}/report", "get", "The one-page report (text/html).", &[]),
    ("/plans/{id}/certificate", "get", "The proof of the siting bound.", &[]),
    (
        "/plans/{id}/calendar",
        "get",
        "A caregiver's month for a telephone (text/calendar).",
        &[("caregiver", true, "string")],
    ),
    (
        "/whatif",
        "post",
        "Outlets moved, added or removed: the outlet circle re-counted, nothing is stored.",
        &[],
    ),
    ("/remedies", "get", "The cheapest remedy of every gap.", &[]),
    ("/scenarios", "get", "Named what-ifs.", &[]),
    ("/scenarios", "post", "Keeps a what-if under a name.", &[]),
    ("/scenarios/{id}", "get", "One scenario.", &[]),
    ("/scenarios/{id}", "put", "Changes a scenario.", &[]),
    ("/scenarios/{id}", "delete", "Takes a scenario off the list; undo brings it back.", &[]),
    ("/scenarios/undo", "post", "Takes the last change of the scenarios back.", &[]),
    ("/scenarios/redo", "post", "Does it again.", &[]),
    (
        "/compare",
        "get",
        "Two scenarios side by side; a and b are 'plan' or a scenario's number.",
        &[("a", false, "string"), ("b", false, "string")],
    ),
    ("/curve", "get", "Coverage against number of outlets, with bounds.", &[]),
    (
        "/isochrones",
        "get",
        "The area within some minutes of a place, outward; a picture, the verdict is per person.",
        &[("from", true, "string"), ("minutes", false, "integer")],
    ),
    (
        "/intake",
        "get",
        "The dropped rosters as they read now: counts, mapping, problems, questions, quality.",
        &[],
    ),
    ("/intake/files", "post", "Drops one roster (application/octet-stream).", &[("name", true, "string")]),
    ("/intake/files", "delete", "Forgets a dropped roster, or all.", &[("name", false, "string")]),
    ("/intake/mapping", "post", "Says what headings mean; remembered.", &[]),
    ("/intake/place", "post", "Says what an address means; remembered.", &[]),
    ("/intake/duplicate", "post", "Says that two rows are one person.", &[]),
    ("/intake/problems", "get", "The workbook to send back to a township.", &[("file", true, "string")]),
    ("/intake/accept", "post", "Takes the dropped rosters into the county folder.", &[]),
    ("/jobs", "get", "Long work.", &[]),
    (
        "/jobs",
        "post",
        "Makes the plan anew from its inputs, or repairs it after events, beside the served one.",
        &[],
    ),
    (
        "/jobs/{id}",
        "get",
        "State of long work; id is a number, or 'roads' for the loading of the roads.",
        &[],
    ),
    ("/jobs/{id}", "delete", "Asks long work to stop.", &[]),
    ("/tiles/roads/{z}/{x}/{y}.mvt", "get", "The plan's roads as vector tiles to zoom 14.", &[]),
    ("/api", "get", "This document.", &[]),
    ("/", "get", "The page (text/html).", &[]),
];

/// Serves the document.
pub(super) async fn document(asked: Asked) -> Answer {
    asked.only(&[])?;
    Ok(axum::Json(describe()).into_response())
}

pub(super) fn describe() -> Value {
    let mut paths = Map::new();
    for (path, method, summary, query) in PATHS {
        let in_path =
            path.split('{').skip(1).filter_map(|p| p.split('}').next()).map(
                |name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}),
            );
        let in_query = query.iter().map(
            |(name, required, kind)| json!({"name": name, "in": "query", "required": required, "schema": {"type": kind}}),
        );
        let parameters: Vec<Value> = in_path.chain(in_query).collect();
        let mut operation = json!({
            "summary": summary,
            "parameters": parameters,
            "responses": {
                "200": {"description": "the answer"},
                "default": {"description": "a problem",
                            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
            },
        });
        if let Some(schema) = body(path, method) {
            let schema = json!({"$ref": format!("#/components/schemas/{schema}")});
            operation["requestBody"] =
                json!({"required": true, "content": {"application/json": {"schema": schema}}});
        }
        let methods = paths.entry(path).or_insert_with(|| json!({}));
        methods[method] = operation;
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "caregrid", "version": env!("CARGO_PKG_VERSION"),
                 "description": "A home-care plan over HTTP. Times are whole seconds rounded up (suffix _s); coordinates are longitude, latitude on WGS 84."},
        "paths": paths,
        "components": {"schemas": schemas()},
    })
}

/// Schema of the body of an operation.
fn body(path: &str, method: &str) -> Option<&'static str> {
    match (path, method) {
        ("/whatif", _) => Some("WhatIf"),
        ("/scenarios", "post") | ("/scenarios/{id}", "put") => Some("Scenario"),
        ("/plans/current", _) => Some("Choice"),
        ("/jobs", "post") => Some("PlanRequest"),
        ("/intake/mapping", _) => Some("Mapping"),
        ("/intake/place", _) => Some("ConfirmedAddress"),
        ("/intake/duplicate", _) => Some("Merge"),
        _ => None,
    }
}

fn schemas() -> Value {
    let place = json!({"lon": {"type": "number"}, "lat": {"type": "number"}});
    let ids = json!({"type": "array", "items": {"type": "string"}});
    json!({
        "WhatIf": {"type": "object", "additionalProperties": false, "properties": {
            "open": ids, "remove": ids,
            "move": {"type": "array", "items": {"type": "object", "required": ["outlet", "lon", "lat"],
                     "properties": {"outlet": {"type": "string"}, "lon": {"type": "number"}, "lat": {"type": "number"}}}},
            "add": {"type": "array", "items": {"type": "object", "required": ["lon", "lat"], "properties": place.clone()}},
        }},
        "Scenario": {"type": "object", "additionalProperties": false, "required": ["name", "edits"], "properties": {
            "name": {"type": "string", "maxLength": 60}, "edits": {"$ref": "#/components/schemas/WhatIf"}}},
        "Choice": {"type": "object", "additionalProperties": false, "required": ["id"],
                   "properties": {"id": {"type": "string"}}},
        "PlanRequest": {"type": "object", "additionalProperties": false, "properties": {
            "month": {"type": "string"}, "outlets": {"type": "integer"}, "scenario": {"type": "integer"}, "seed": {"type": "integer"},
            "steps": {"type": "integer"}, "follow": {"type": "boolean"},
            "source": {"type": "string", "enum": ["plan", "county"]},
            "events": {"type": "array", "items": {"type": "object", "required": ["date", "kind", "who"],
                       "additionalProperties": {"type": "string"}, "properties": {
                "date": {"type": "string", "format": "date"},
                "kind": {"type": "string", "enum": ["leave", "escort", "new_client", "gone", "moved"]},
                "who": {"type": "string"}, "until": {"type": "string"}}}},
            "from": {"type": "string", "format": "date"},
            "locks": {"type": "array", "items": {"type": "object", "required": ["kind", "client", "caregiver"],
                      "additionalProperties": false, "properties": {
                "kind": {"type": "string", "enum": ["lock", "move", "forbid"]},
                "client": {"type": "string"}, "caregiver": {"type": "string"}}}}}},
        "Mapping": {"type": "object", "additionalProperties": false, "required": ["file", "columns"], "properties": {
            "file": {"type": "string"},
            "columns": {"type": "array", "items": {"type": "array", "prefixItems": [
                {"type": "string"}, {"type": ["string", "null"]}], "minItems": 2, "maxItems": 2}}}},
        "ConfirmedAddress": {"type": "object", "additionalProperties": false, "required": ["township", "text", "to"],
            "properties": {"township": {"type": "string"}, "text": {"type": "string"}, "to": {"oneOf": [
                {"type": "object", "required": ["code"], "properties": {"code": {"type": "string"}}},
                {"type": "object", "required": ["lon", "lat"], "properties": place}]}}},
        "Merge": {"type": "object", "additionalProperties": false, "required": ["keep", "gone"],
                  "properties": {"keep": {"type": "string"}, "gone": {"type": "string"}}},
        "Problem": {"type": "object", "properties": {
            "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
            "detail": {"type": "string"}, "detail_en": {"type": "string"},
        }},
    })
}
