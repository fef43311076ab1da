//! `/api`: what this server answers, as OpenAPI 3.1.

use crate::api::problem::Answer;
use crate::api::query::Asked;
use axum::response::IntoResponse;
use serde_json::{Map, Value, json};

/// Path, method, summary, query parameters (name, required, JSON schema type).
type Entry = (&'static str, &'static str, &'static str, &'static [(&'static str, bool, &'static str)]);

const PATHS: [Entry; 14] = [
    ("/collections", "get", "The lists of the plan.", &[]),
    (
        "/collections/{id}/items",
        "get",
        "A list as GeoJSON; id is clients, outlets, caregivers, grids, gaps, villages or townships.",
        &[("bbox", false, "string"), ("limit", false, "integer"), ("offset", false, "integer")],
    ),
    ("/plans", "get", "The plan served here.", &[]),
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
        "/whatif",
        "post",
        "Outlets moved, added or removed: the outlet circle re-counted, nothing is stored.",
        &[],
    ),
    ("/curve", "get", "Coverage against number of outlets, with bounds.", &[]),
    (
        "/isochrones",
        "get",
        "The area within some minutes of a place, outward; a picture, the verdict is per person.",
        &[("from", true, "string"), ("minutes", false, "integer")],
    ),
    ("/jobs/{id}", "get", "State of long work; id is roads.", &[]),
    ("/tiles/roads/{z}/{x}/{y}.mvt", "get", "The plan's roads as vector tiles to zoom 14.", &[]),
    ("/api", "get", "This document.", &[]),
    ("/", "get", "The page (text/html).", &[]),
];

/// Serves the document.
pub(super) async fn document(asked: Asked) -> Answer {
    asked.only(&[])?;
    Ok(axum::Json(describe()).into_response())
}

fn describe() -> Value {
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
        if method == "post" {
            operation["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/WhatIf"}}}});
        }
        paths.insert(path.into(), json!({method: operation}));
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "caregrid", "version": env!("CARGO_PKG_VERSION"),
                 "description": "A home-care plan over HTTP. Times are whole seconds rounded up (suffix _s); coordinates are longitude, latitude on WGS 84."},
        "paths": paths,
        "components": {"schemas": schemas()},
    })
}

fn schemas() -> Value {
    let place = json!({"lon": {"type": "number"}, "lat": {"type": "number"}});
    let ids = json!({"type": "array", "items": {"type": "string"}});
    json!({
        "WhatIf": {"type": "object", "additionalProperties": false, "properties": {
            "open": ids, "remove": ids,
            "move": {"type": "array", "items": {"type": "object", "required": ["outlet", "lon", "lat"],
                     "properties": {"outlet": {"type": "string"}, "lon": {"type": "number"}, "lat": {"type": "number"}}}},
            "add": {"type": "array", "items": {"type": "object", "required": ["lon", "lat"], "properties": place}},
        }},
        "Problem": {"type": "object", "properties": {
            "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
            "detail": {"type": "string"}, "detail_en": {"type": "string"},
        }},
    })
}
