//! What is computed on demand: what-ifs, the curve, isochrones, and the state of the loader.

use crate::api::problem::{Answer, Problem};
use crate::api::query::Asked;
use crate::api::state::House;
use crate::base::{Fault, Outcome};
use crate::plan::{LivePlan, WhatIf};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde_json::{Value, json};
use std::sync::Arc;

/// Runs `work` on the live roads where blocking is allowed.
pub(super) async fn on_roads<T: Send + 'static>(
    house: Arc<House>,
    work: impl FnOnce(&House, &LivePlan) -> Outcome<T> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(move || work(&house, house.live()?)).await;
    let lost = |_| Fault::refused("计算中断，请重试。", "the computation stopped; try again.");
    Ok(done.map_err(lost).and_then(|answer| answer)?)
}

/// `POST /whatif`.
pub(super) async fn whatif(
    State(house): State<Arc<House>>,
    headers: HeaderMap,
    asked: Asked,
    body: axum::body::Bytes,
) -> Answer {
    asked.only(&[])?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|k| k.to_str().ok()).unwrap_or_default();
    // A form on another site cannot send this type without asking first, and it is not allowed to.
    if !kind.starts_with("application/json") {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "请求体应为 application/json。",
            "the body should be application/json.",
        ));
    }
    let question: WhatIf = serde_json::from_slice(&body).map_err(|e| {
        Problem::bad(format!("请求体无法解析：{e}。"), format!("the body cannot be read: {e}."))
    })?;
    let answer = on_roads(house, move |house, live| live.what_if(&house.plan, &question)).await?;
    Ok(axum::Json(answer).into_response())
}

/// `/curve`: coverage against number of outlets.
pub(super) async fn curve(State(house): State<Arc<House>>, asked: Asked) -> Answer {
    asked.only(&[])?;
    let sites = &house.plan.county.sites;
    let points: Vec<Value> = house
        .plan
        .curve
        .iter()
        .map(|c| {
            let open: Vec<&str> = c.open.iter().map(|s| sites[s.at()].id.as_str()).collect();
            json!({"p": c.p, "objective": c.objective, "bound": c.bound, "gap_pct": c.gap_pct, "proven": c.proven,
                   "clients": c.clients, "kept": c.kept, "open": open})
        })
        .collect();
    let head = [(header::ETAG, house.etag.as_str()), (header::CACHE_CONTROL, "private, no-cache")];
    Ok((head, axum::Json(json!({"curve": points}))).into_response())
}

/// `/isochrones?from=lon,lat&minutes=30`: a picture only; the verdict is per person.
pub(super) async fn isochrones(State(house): State<Arc<House>>, asked: Asked) -> Answer {
    asked.only(&["from", "minutes"])?;
    let (from, minutes) = (asked.place("from")?, asked.number("minutes", 30, 90)?);
    if minutes == 0 {
        return Err(Problem::bad("minutes 应为 1 到 90。", "minutes should be 1 to 90."));
    }
    let drawn = on_roads(house, move |_, live| live.isochrone(from, minutes as u32)).await?;
    Ok(([(header::CONTENT_TYPE, "application/geo+json")], drawn).into_response())
}

/// `/jobs/{id}`: `roads` is the loading of the plan's roads, the only work that outlives a request.
pub(super) async fn job(State(house): State<Arc<House>>, Path(id): Path<String>, asked: Asked) -> Answer {
    asked.only(&[])?;
    if id != "roads" {
        return Err(Problem::missing(&id));
    }
    let status = house.stage.read().map(|s| s.clone()).unwrap_or_default();
    let fault = house.live_fault();
    let body = json!({"jobID": "roads", "type": "process", "status": status,
                      "message": fault.map(|f| f.zh.as_str()), "message_en": fault.map(|f| f.en.as_str())});
    Ok(axum::Json(body).into_response())
}
