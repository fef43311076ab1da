//! `/intake`: township files dropped, shown as they were read, corrected and taken in. The reading itself is the floor
//! `intake`'s, in a child process; nothing of a file is trusted here but its bytes.

use crate::api::drop::DropBox;
use crate::api::problem::{Answer, Problem};
use crate::api::query::{Asked, Json};
use crate::api::state::{Desk, House};
use crate::base::{Fault, Outcome, Silent};
use crate::intake;
use crate::plan::LivePlan;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

/// Runs `work` with the drop and the county folder where blocking is allowed.
async fn on_drop<T: Send + 'static>(
    desk: Arc<Desk>,
    house: Arc<House>,
    work: impl FnOnce(&DropBox, &Path, &House) -> Outcome<T> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(move || {
        let county = desk.dropped.county(&house.dir)?;
        work(&desk.dropped, county, &house)
    });
    let lost = |_| Fault::refused("读取中断，请重试。", "the reading stopped; try again.");
    Ok(done.await.map_err(lost).and_then(|answer| answer)?)
}

/// `POST /intake/files?name=…`: one file, as it is.
pub(super) async fn add(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    asked: Asked,
    body: Bytes,
) -> Answer {
    asked.only(&["name"])?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|k| k.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/octet-stream") {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "文件应以 application/octet-stream 发送。",
            "a file should come as application/octet-stream.",
        ));
    }
    let name = asked.text("name").unwrap_or_default().to_owned();
    let kept = tokio::task::spawn_blocking(move || desk.dropped.keep(&name, &body)).await;
    let lost = |_| Fault::refused("保存中断，请重试。", "the work stopped; try again.");
    kept.map_err(lost).and_then(|k| k)?;
    Ok(StatusCode::CREATED.into_response())
}

/// `DELETE /intake/files?name=…`: forgets one file, without a name all of them.
pub(super) async fn forget(State(desk): State<Arc<Desk>>, asked: Asked) -> Answer {
    asked.only(&["name"])?;
    match asked.text("name") {
        None => desk.dropped.empty(),
        Some(name) if desk.dropped.forget(name)? => {}
        Some(name) => return Err(Problem::missing(name)),
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /intake`: what the files say, as far as they can be read, and the fields a heading can mean.
pub(super) async fn preview(
    State(desk): State<Arc<Desk>>,
    State(house): State<Arc<House>>,
    asked: Asked,
) -> Answer {
    asked.only(&[])?;
    let read = on_drop(desk, house, |dropped, county, house| {
        let (files, roads) = (dropped.files(), house.live().ok().map(LivePlan::roads));
        // Without files the floor below would read the county's own.
        let preview = match files.as_slice() {
            [] => None,
            files => Some(intake::preview(files, county, house.plan.month, roads, &Silent)?),
        };
        Ok(json!({"preview": preview, "fields": intake::mapping_fields()}))
    });
    Ok(axum::Json(read.await?).into_response())
}

/// Headings of one file and what they mean.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mapping {
    file: String,
    columns: Vec<(String, Option<String>)>,
}

/// `POST /intake/mapping`: remembered for the township's later files too.
pub(super) async fn mapping(
    State(desk): State<Arc<Desk>>,
    State(house): State<Arc<House>>,
    asked: Asked,
    Json(m): Json<Mapping>,
) -> Answer {
    asked.only(&[])?;
    on_drop(desk, house, move |_, county, _| intake::remember_mapping(county, &m.file, &m.columns)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What an address means.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Confirmed {
    township: String,
    text: String,
    to: intake::ConfirmedPlace,
}

/// `POST /intake/place`: the one tap.
pub(super) async fn place(
    State(desk): State<Arc<Desk>>,
    State(house): State<Arc<House>>,
    asked: Asked,
    Json(c): Json<Confirmed>,
) -> Answer {
    asked.only(&[])?;
    on_drop(desk, house, move |_, county, _| intake::confirm_place(county, &c.township, &c.text, &c.to))
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Two rows that are one person.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Merge {
    keep: String,
    gone: String,
}

/// `POST /intake/duplicate`: merged only because a person said so.
pub(super) async fn duplicate(
    State(desk): State<Arc<Desk>>,
    State(house): State<Arc<House>>,
    asked: Asked,
    Json(m): Json<Merge>,
) -> Answer {
    asked.only(&[])?;
    on_drop(desk, house, move |_, county, _| intake::merge_duplicate(county, &m.keep, &m.gone)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /intake/problems?file=…`: the workbook to send back to a township, on this machine only.
pub(super) async fn problems(
    State(desk): State<Arc<Desk>>,
    State(house): State<Arc<House>>,
    asked: Asked,
) -> Answer {
    asked.only(&["file"])?;
    if !desk.loopback {
        return Err(Problem::missing("problems"));
    }
    let wanted = asked.text("file").unwrap_or_default().to_owned();
    let found = on_drop(desk, house, move |dropped, county, house| {
        let mut files = dropped.files();
        files.retain(|f| f.file_name().is_some_and(|n| n.to_string_lossy() == wanted));
        Ok(intake::problems_workbook(&files, county, house.plan.month, &Silent)?.into_iter().next())
    });
    let book = found.await?.ok_or_else(|| Problem::missing("problems"))?;
    let head = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (header::CONTENT_DISPOSITION, "attachment"),
    ];
    Ok((head, book.bytes).into_response())
}

/// `POST /intake/accept`: copies the files into the county folder; a plan is made from it by `POST /jobs`.
pub(super) async fn accept(
    State(desk): State<Arc<Desk>>,
    State(house): State<Arc<House>>,
    asked: Asked,
) -> Answer {
    asked.only(&[])?;
    on_drop(desk, house, |dropped, county, _| intake::accept_rosters(&dropped.files(), county)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
