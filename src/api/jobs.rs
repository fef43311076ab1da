//! `/jobs`: a plan made anew from the served plan's inputs, or repaired after events with few changes; with progress and cancel.
//! One at a time; the new plan is served beside the old one, and only a person puts it on the page.

use crate::api::beside;
use crate::api::problem::{Answer, Problem};
use crate::api::query::{Asked, Json};
use crate::api::scenarios::on_store;
use crate::api::state::{Desk, House};
use crate::base::{Fault, FaultKind, Outcome, Progress};
use crate::plan::{
    EventFile, Followed, LockRow, PlanOptions, Repaired, Staging, WhatIf, followed, lock_costs, repair,
    road_file,
};
use crate::report::{make_plan, publish};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Source {
    #[default]
    Plan,
    County,
}

/// What the new plan shall differ in; what is left out stays as it was.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PlanRequest {
    month: Option<String>,
    outlets: Option<u32>,
    seed: Option<u64>,
    steps: Option<u64>,
    /// Whose rosters: the served plan's, or the county folder's that dropped files were taken into.
    source: Source,
    /// Plan with exactly the outlets of this scenario.
    scenario: Option<i64>,
    /// Keep caregivers and weekdays of the served plan, as for the month after it.
    follow: bool,
    /// Repair instead: per event the cells of an events file (`date`, `kind`, `who`, `until`, …).
    events: Vec<BTreeMap<String, String>>,
    /// Repair: first day that may change; the first event's day if left out. Without events: the rest of the month is tried again.
    from: Option<NaiveDate>,
    /// What the planner fixed by hand, in place of the locks in force.
    locks: Option<Vec<LockRow>>,
}

/// What a job does.
enum Work {
    Plan(Source, PlanOptions),
    Repair(EventFile, Option<NaiveDate>, Option<Vec<LockRow>>),
}

/// Where a job stands.
#[derive(Clone)]
struct Standing {
    status: &'static str,
    stage: String,
    done: u64,
    total: u64,
    fault: Option<Fault>,
    plan: Option<String>,
    changes: Option<Value>,
    followed: Option<Followed>,
}

/// One piece of long work.
pub(super) struct Job {
    id: u32,
    standing: Mutex<Standing>,
    cancelled: AtomicBool,
}

impl Job {
    fn change(&self, change: impl FnOnce(&mut Standing)) {
        change(&mut self.standing.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn standing(&self) -> Standing {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn json(&self) -> Value {
        let s = self.standing();
        let progress = (s.total > 0).then(|| 100 * s.done.min(s.total) / s.total);
        json!({"jobID": self.id.to_string(), "type": "process", "status": s.status, "stage": s.stage, "progress": progress,
               "message": s.fault.as_ref().map(|f| f.zh.as_str()), "message_en": s.fault.as_ref().map(|f| f.en.as_str()),
               "plan": s.plan, "changes": s.changes, "followed": s.followed})
    }
}

impl Progress for Job {
    fn report(&self, stage: &str, done: u64, total: u64) {
        self.change(|s| {
            s.stage = stage.to_owned();
            (s.done, s.total) = (done, total);
        });
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// All jobs of this server.
#[derive(Default)]
pub(super) struct JobBoard {
    jobs: Mutex<Vec<Arc<Job>>>,
}

impl JobBoard {
    fn all(&self) -> Vec<Arc<Job>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A new running job, or the one that still runs.
    fn begin(&self) -> Result<Arc<Job>, Arc<Job>> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(busy) = jobs.iter().find(|j| j.standing().status == "running") {
            return Err(Arc::clone(busy));
        }
        let standing = Standing {
            status: "running",
            stage: String::new(),
            done: 0,
            total: 0,
            fault: None,
            plan: None,
            changes: None,
            followed: None,
        };
        let job = Arc::new(Job {
            id: jobs.len() as u32 + 1,
            standing: Mutex::new(standing),
            cancelled: AtomicBool::new(false),
        });
        jobs.push(Arc::clone(&job));
        Ok(job)
    }

    /// Asks every running job to stop.
    pub(super) fn cancel_all(&self) {
        for job in self.all() {
            job.cancelled.store(true, Ordering::Relaxed);
        }
    }
}

/// `POST /jobs`: 201 and where to look; 409 while another runs.
pub(super) async fn create(
    State(desk): State<Arc<Desk>>,
    State(house): State<Arc<House>>,
    asked: Asked,
    Json(request): Json<PlanRequest>,
) -> Answer {
    asked.only(&[])?;
    let edits = match request.scenario {
        None => None,
        Some(id) => {
            let found = on_store(Arc::clone(&desk), move |store| store.scenario(id)).await?;
            Some(found.ok_or_else(|| Problem::missing(&id.to_string()))?.edits)
        }
    };
    let work = work(&house, &request, edits.as_ref())?;
    let job = desk.jobs.begin().map_err(|busy| {
        Problem::new(
            StatusCode::CONFLICT,
            format!("正在编制另一方案（/jobs/{}），请等它结束或取消它。", busy.id),
            format!("another plan is being made (/jobs/{}); wait for it or cancel it.", busy.id),
        )
    })?;
    let body = job.json();
    let place = [(header::LOCATION, format!("/jobs/{}", job.id))];
    tokio::task::spawn_blocking(move || run(&desk, &house, &job, work));
    Ok((StatusCode::CREATED, place, axum::Json(body)).into_response())
}

fn options(house: &House, request: &PlanRequest, edits: Option<&WhatIf>) -> Outcome<PlanOptions> {
    let s = &house.plan.summary;
    let asked_for = (s.siting.model == "mclp").then_some(s.outlets);
    Ok(PlanOptions {
        roads: Some(road_file(&house.dir)),
        month: request.month.as_deref().unwrap_or(&s.month).parse()?,
        outlets: request.outlets.or(asked_for),
        chosen: edits.map(|edits| edits.chosen(&house.plan)).transpose()?,
        previous: request.follow.then(|| house.dir.clone()),
        locks: request.locks.clone(),
        seed: request.seed.unwrap_or(s.seed),
        steps: request.steps.unwrap_or(s.steps),
    })
}

fn work(house: &House, request: &PlanRequest, edits: Option<&WhatIf>) -> Outcome<Work> {
    if request.events.is_empty() && request.from.is_none() {
        return Ok(Work::Plan(request.source, options(house, request, edits)?));
    }
    Ok(Work::Repair(EventFile::typed(&request.events)?, request.from, request.locks.clone()))
}

fn run(desk: &Desk, house: &House, job: &Job, work: Work) {
    let made = folder(house, job.id).and_then(|out| {
        match work {
            Work::Plan(source, options) => {
                let county = match source {
                    Source::Plan => house.dir.join("inputs"),
                    Source::County => desk.dropped.county(&house.dir)?.to_path_buf(),
                };
                let made = make_plan(&county, &out, &options, job)?;
                let kept = options.previous.is_some().then(|| followed(&house.plan, &made.plan));
                job.change(|s| s.followed = kept);
            }
            Work::Repair(events, from, locks) => {
                let staging = Staging::begin(&out)?;
                let Repaired { draft, changes, .. } =
                    repair(&house.dir, events, from, locks.as_deref(), job)?;
                let draft = publish(staging, draft, job)?;
                let mut told = changes.to_json(&draft.plan);
                told["locks"] = json!(lock_costs(&out)?);
                job.change(|s| s.changes = Some(told));
            }
        }
        House::open(&out, house.loopback)
    });
    match made {
        Ok(house) => {
            let house = Arc::new(house);
            desk.add(Arc::clone(&house));
            house.load_roads();
            job.change(|s| (s.status, s.plan) = ("successful", Some(house.id.clone())));
        }
        Err(fault) if fault.kind == FaultKind::Cancelled => job.change(|s| s.status = "dismissed"),
        Err(fault) => job.change(|s| (s.status, s.fault) = ("failed", Some(fault))),
    }
}

/// A folder beside the served plan that is not there yet.
fn folder(house: &House, id: u32) -> Outcome<PathBuf> {
    let mut free = (id..id + 10_000).map(|n| beside(&house.dir, &n.to_string())).filter(|p| !p.exists());
    free.next().ok_or_else(|| {
        Fault::refused("方案文件夹过多，请先清理。", "there are too many plan folders; remove some first.")
    })
}

/// `GET /jobs`.
pub(super) async fn list(State(desk): State<Arc<Desk>>, asked: Asked) -> Answer {
    asked.only(&[])?;
    let jobs: Vec<Value> = desk.jobs.all().iter().map(|j| j.json()).collect();
    Ok(axum::Json(json!({ "jobs": jobs })).into_response())
}

/// `GET /jobs/{id}`: `roads` is the loading of the plan's roads.
pub(super) async fn one(
    State(desk): State<Arc<Desk>>,
    State(house): State<Arc<House>>,
    Path(id): Path<String>,
    asked: Asked,
) -> Answer {
    asked.only(&[])?;
    if id != "roads" {
        return Ok(axum::Json(find(&desk, &id)?.json()).into_response());
    }
    let status = house.stage.read().map(|s| s.clone()).unwrap_or_default();
    let fault = house.live_fault();
    let body = json!({"jobID": "roads", "type": "process", "status": status,
                      "message": fault.map(|f| f.zh.as_str()), "message_en": fault.map(|f| f.en.as_str())});
    Ok(axum::Json(body).into_response())
}

/// `DELETE /jobs/{id}`: asks it to stop; what it had begun to write is removed.
pub(super) async fn cancel(State(desk): State<Arc<Desk>>, Path(id): Path<String>, asked: Asked) -> Answer {
    asked.only(&[])?;
    let job = find(&desk, &id)?;
    job.cancelled.store(true, Ordering::Relaxed);
    Ok(axum::Json(job.json()).into_response())
}

fn find(desk: &Desk, id: &str) -> Result<Arc<Job>, Problem> {
    let found = desk.jobs.all().into_iter().find(|j| j.id.to_string() == id);
    found.ok_or_else(|| Problem::missing(id))
}
