//! What is computed on demand: what-ifs, remedies, the curve, isochrones.

use crate::api::problem::{Answer, Problem};
use crate::api::query::{Asked, Json};
use crate::api::state::House;
use crate::base::{Fault, Outcome};
use crate::plan::{LivePlan, Remedy, WhatIf};
use axum::extract::State;
use axum::http::header;
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
    asked: Asked,
    Json(question): Json<WhatIf>,
) -> Answer {
    asked.only(&[])?;
    let answer = on_roads(house, move |house, live| live.what_if(&house.plan, &question)).await?;
    Ok(axum::Json(answer).into_response())
}

/// `/remedies`: the cheapest remedy of every gap.
pub(super) async fn remedies(State(house): State<Arc<House>>, asked: Asked) -> Answer {
    asked.only(&[])?;
    let tag = house.etag.clone();
    let found = on_roads(house, |house, _| house.remedies().map(<[Remedy]>::to_vec)).await?;
    let head = [(header::ETAG, tag), (header::CACHE_CONTROL, "private, no-cache".into())];
    Ok((head, axum::Json(json!({"remedies": found}))).into_response())
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
