//! `/scenarios`: named what-ifs, kept in the plan folder; `/compare`: two of them side by side.

use crate::api::live::on_roads;
use crate::api::problem::{Answer, Problem};
use crate::api::query::{Asked, Json};
use crate::api::state::{Desk, House};
use crate::base::{Fault, Outcome};
use crate::plan::{Scenario, Store, WhatIf};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// What is kept.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    name: String,
    edits: WhatIf,
}

/// Runs `work` on the store where blocking is allowed.
pub(super) async fn on_store<T: Send + 'static>(
    desk: Arc<Desk>,
    work: impl FnOnce(&Store) -> Outcome<T> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(move || work(desk.store()?)).await;
    let lost = |_| Fault::refused("保存中断，请重试。", "the work stopped; try again.");
    Ok(done.map_err(lost).and_then(|answer| answer)?)
}

fn listed(all: &[Scenario]) -> Value {
    json!({ "scenarios": all })
}

/// `GET /scenarios`.
pub(super) async fn list(State(desk): State<Arc<Desk>>, asked: Asked) -> Answer {
    asked.only(&[])?;
    let all = on_store(desk, Store::scenarios).await?;
    Ok(axum::Json(listed(&all)).into_response())
}

/// `GET /scenarios/{id}`.
pub(super) async fn one(State(desk): State<Arc<Desk>>, Path(id): Path<String>, asked: Asked) -> Answer {
    asked.only(&[])?;
    let at = number(&id)?;
    let found = on_store(desk, move |store| store.scenario(at)).await?;
    Ok(axum::Json(found.ok_or_else(|| Problem::missing(&id))?).into_response())
}

/// `POST /scenarios`: the edits are tried first, so that only what can be answered is kept.
pub(super) async fn create(
    State(desk): State<Arc<Desk>>,
    State(house): State<Arc<House>>,
    asked: Asked,
    Json(named): Json<Named>,
) -> Answer {
    asked.only(&[])?;
    let named = tried(house, named).await?;
    let kept = on_store(desk, move |store| store.save(None, &named.name, &named.edits)).await?;
    let place = [(header::LOCATION, format!("/scenarios/{}", kept.id))];
    Ok((StatusCode::CREATED, place, axum::Json(kept)).into_response())
}

/// `PUT /scenarios/{id}`.
pub(super) async fn replace(
    State(desk): State<Arc<Desk>>,
    State(house): State<Arc<House>>,
    Path(id): Path<String>,
    asked: Asked,
    Json(named): Json<Named>,
) -> Answer {
    asked.only(&[])?;
    let at = number(&id)?;
    let named = tried(house, named).await?;
    let kept = on_store(desk, move |store| store.save(Some(at), &named.name, &named.edits)).await?;
    Ok(axum::Json(kept).into_response())
}

/// `DELETE /scenarios/{id}`.
pub(super) async fn remove(State(desk): State<Arc<Desk>>, Path(id): Path<String>, asked: Asked) -> Answer {
    asked.only(&[])?;
    let at = number(&id)?;
    on_store(desk, move |store| store.remove(at)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /scenarios/undo` and `/scenarios/redo`: the last change taken back or done again; answers with the list.
pub(super) async fn undo(State(desk): State<Arc<Desk>>, asked: Asked) -> Answer {
    turned(desk, asked, Store::undo).await
}

/// See [`undo`].
pub(super) async fn redo(State(desk): State<Arc<Desk>>, asked: Asked) -> Answer {
    turned(desk, asked, Store::redo).await
}

async fn turned(desk: Arc<Desk>, asked: Asked, turn: fn(&Store) -> Outcome<bool>) -> Answer {
    asked.only(&[])?;
    let (changed, all) = on_store(desk, move |store| Ok((turn(store)?, store.scenarios()?))).await?;
    let mut body = listed(&all);
    body["changed"] = json!(changed);
    Ok(axum::Json(body).into_response())
}

/// `GET /compare?a=plan&b=3`: `plan`, or a scenario's number.
pub(super) async fn compare(
    State(desk): State<Arc<Desk>>,
    State(house): State<Arc<House>>,
    asked: Asked,
) -> Answer {
    asked.only(&["a", "b"])?;
    let mut sides = Vec::new();
    for side in ["a", "b"] {
        sides.push(match asked.text(side).unwrap_or("plan") {
            "plan" => WhatIf::default(),
            id => {
                let at = number(id)?;
                let found = on_store(Arc::clone(&desk), move |store| store.scenario(at)).await?;
                found.ok_or_else(|| Problem::missing(id))?.edits
            }
        });
    }
    let answer = on_roads(house, move |house, live| live.compare(&house.plan, &sides[0], &sides[1])).await?;
    Ok(axum::Json(answer).into_response())
}

async fn tried(house: Arc<House>, named: Named) -> Result<Named, Problem> {
    on_roads(house, move |house, live| live.what_if(&house.plan, &named.edits).map(|_| named)).await
}

fn number(id: &str) -> Result<i64, Problem> {
    id.parse().ok().filter(|n| *n > 0).ok_or_else(|| Problem::missing(id))
}
