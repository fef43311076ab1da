//! `/plans` and what a plan holds: summary, visits, report, certificate.

use crate::api::problem::{Answer, Problem};
use crate::api::query::{Asked, Json, MOST_ITEMS, in_query};
use crate::api::state::{Desk, House};
use crate::base::{CaregiverIx, Fault, base64};
use crate::plan::{clock, hires, lock_costs};
use crate::report::caregiver_calendar;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// `/plans`: the plans served here; `current` is the one on the page.
pub(super) async fn list(State(desk): State<Arc<Desk>>, asked: Asked) -> Answer {
    asked.only(&[])?;
    let current = desk.current().id.clone();
    let plans: Vec<Value> = desk.plans().iter().map(|house| entry(house, &current)).collect();
    Ok(axum::Json(json!({"plans": plans, "current": current})).into_response())
}

fn entry(house: &House, current: &str) -> Value {
    let s = &house.plan.summary;
    let links: Vec<String> = ["summary", "visits", "report", "certificate"]
        .iter()
        .map(|p| format!("/plans/{}/{p}", house.id))
        .collect();
    json!({"id": house.id, "county": s.county, "month": s.month, "synthetic": s.synthetic, "current": house.id == current,
           "clients_total": s.clients_total, "clients_served": s.clients_served, "outlets": s.outlets,
           "clients_in_outlet_circle": s.clients_in_outlet_circle, "visits_owed": s.visits_owed,
           "visits_planned": s.visits_planned, "travel_h": s.travel_h, "links": links})
}

/// Which plan.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Choice {
    id: String,
}

/// `PUT /plans/current`: puts a served plan on the page; the one before stays served, so choosing it again is the undo.
pub(super) async fn choose(
    State(desk): State<Arc<Desk>>,
    asked: Asked,
    Json(choice): Json<Choice>,
) -> Answer {
    asked.only(&[])?;
    let house = desk.plan(&choice.id).ok_or_else(|| Problem::missing(&choice.id))?;
    let body = entry(&house, &house.id);
    desk.choose(house);
    Ok(axum::Json(body).into_response())
}

/// `/plans/{id}/{part}`; `current` stands for the plan served here.
pub(super) async fn part(
    State(desk): State<Arc<Desk>>,
    Path((id, part)): Path<(String, String)>,
    asked: Asked,
) -> Answer {
    let house = desk.plan(&id).ok_or_else(|| Problem::missing(&id))?;
    match part.as_str() {
        "summary" => summary(&house, &asked),
        "visits" => visits(&house, &asked),
        "report" => report(&house, &asked),
        "certificate" => certificate(&house, &asked),
        "calendar" => calendar(&house, &asked),
        _ => Err(Problem::missing(&part)),
    }
}

fn summary(house: &House, asked: &Asked) -> Answer {
    asked.only(&[])?;
    let plan = &house.plan;
    let mut body = serde_json::to_value(&plan.summary).map_err(unwritable)?;
    let more = json!({
        "id": house.id,
        "limit_s": plan.policy.limit.seconds_up().0,
        "outlet_mode": plan.policy.outlet_mode,
        "caregivers_total": plan.county.caregivers.len(),
        "first_day": plan.month.first(),
        "days": plan.month.days(),
        "working_days": plan.month.dates().filter(|d| plan.calendar.is_working(*d)).collect::<Vec<_>>(),
        "counts": plan.counts,
        "listed": plan.listed,
        "notes": plan.notes,
        "unplaced_list": plan.unplaced.iter().map(|u| json!({
            "client": plan.county.clients[u.client.at()].id, "missing": u.missing, "reason": u.reason, "remedy": u.remedy,
        })).collect::<Vec<_>>(),
        "hires": hires(&house.dir)?,
        "locks": lock_costs(&house.dir)?,
    });
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    Ok((tagged(house), axum::Json(body)).into_response())
}

/// Rows of visits.csv, by caregiver, date, order.
fn visits(house: &House, asked: &Asked) -> Answer {
    asked.only(&["caregiver", "client", "date", "limit", "offset"])?;
    let limit = asked.number("limit", MOST_ITEMS, MOST_ITEMS)?;
    let offset = asked.number("offset", 0, u32::MAX as usize)?;
    let (county, wanted) =
        (&house.plan.county, |name: &str, have: &str| asked.text(name).is_none_or(|w| w == have));
    let rows = house.plan.visits.iter().filter(|v| {
        wanted("caregiver", &county.caregivers[v.caregiver.at()].id)
            && wanted("client", &county.clients[v.client.at()].id)
            && (asked.text("date").is_none() || wanted("date", &v.date.to_string()))
    });
    let matched: Vec<_> = rows.collect();
    let page: Vec<Value> = matched
        .iter()
        .skip(offset)
        .take(limit)
        .map(|v| {
            json!({"caregiver": county.caregivers[v.caregiver.at()].id, "date": v.date, "order": v.order,
                   "client": county.clients[v.client.at()].id, "arrive": clock(v.arrive), "leave": clock(v.leave)})
        })
        .collect();
    let mut links = Vec::new();
    if limit > 0 && offset + page.len() < matched.len() {
        let kept: String = ["caregiver", "client", "date"]
            .iter()
            .filter_map(|name| asked.text(name).map(|v| format!("&{name}={}", in_query(v))))
            .collect();
        let href = format!("/plans/{}/visits?limit={limit}&offset={}{kept}", house.id, offset + limit);
        links.push(json!({"rel": "next", "type": "application/json", "href": href}));
    }
    let body =
        json!({"numberMatched": matched.len(), "numberReturned": page.len(), "links": links, "visits": page});
    Ok((tagged(house), axum::Json(body)).into_response())
}

/// The plan's own report; its style sheets are allowed by their hash, nothing else inline is.
fn report(house: &House, asked: &Asked) -> Answer {
    asked.only(&[])?;
    if !house.loopback {
        return Err(Problem::missing("report"));
    }
    let file = house.dir.join("report.html");
    let html = std::fs::read_to_string(&file).map_err(|e| Fault::file(&file, &e))?;
    let styles: Vec<String> =
        styles(&html).map(|s| format!("'sha256-{}'", base64(&Sha256::digest(s.as_bytes())))).collect();
    let style = if styles.is_empty() { "'none'".into() } else { styles.join(" ") };
    let policy = format!(
        "default-src 'none'; style-src {style}; img-src 'self' data:; font-src 'self' data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    );
    let head = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_string()),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::ETAG, house.etag.clone()),
        (header::CACHE_CONTROL, "private, no-cache".into()),
    ];
    Ok((head, html).into_response())
}

/// The text of every style element.
fn styles(html: &str) -> impl Iterator<Item = &str> {
    html.split("<style").skip(1).filter_map(|rest| {
        let (_, text) = rest.split_once('>')?;
        text.split_once("</style>").map(|(style, _)| style)
    })
}

fn certificate(house: &House, asked: &Asked) -> Answer {
    asked.only(&[])?;
    let file = house.dir.join("certificate.json");
    let text = std::fs::read_to_string(&file).map_err(|e| Fault::file(&file, &e))?;
    let [tag, keep] = tagged(house);
    let head = [(header::CONTENT_TYPE, "application/json".to_string()), tag, keep];
    Ok((head, text).into_response())
}

/// `?caregiver=ID`: that caregiver's month for a telephone (RFC 5545).
fn calendar(house: &House, asked: &Asked) -> Answer {
    asked.only(&["caregiver"])?;
    let id = asked.text("caregiver").ok_or_else(|| {
        Problem::bad("缺少参数 caregiver（服务人员编号）。", "the parameter caregiver (an id) is missing.")
    })?;
    let who = house.plan.county.caregivers.iter().position(|g| g.id == id);
    let (file, text) =
        caregiver_calendar(&house.plan, CaregiverIx::of(who.ok_or_else(|| Problem::missing(id))?));
    let [tag, keep] = tagged(house);
    let head = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8".to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{file}\"")),
        tag,
        keep,
    ];
    Ok((head, text).into_response())
}

fn tagged(house: &House) -> [(header::HeaderName, String); 2] {
    [(header::ETAG, house.etag.clone()), (header::CACHE_CONTROL, "private, no-cache".into())]
}

fn unwritable(e: serde_json::Error) -> Problem {
    Fault::refused(format!("无法写出答案：{e}。"), format!("the answer cannot be written: {e}.")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_style_elements_is_found() {
        let html = "<style>a{}</style><p><style media=print>b{}</style>";
        assert_eq!(styles(html).collect::<Vec<_>>(), ["a{}", "b{}"]);
    }
}
