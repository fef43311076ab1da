//! The plan's lists as GeoJSON (RFC 7946) in the manner of OGC API Features: `bbox`, `limit`, `offset`, `links`.

use crate::api::problem::{Answer, Problem};
use crate::api::query::{Asked, MOST_ITEMS, in_query};
use crate::api::state::House;
use crate::base::{Bounds, LonLat};
use crate::plan::Plan;
use crate::roster::masked_name;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use serde_json::{Value, json};
use std::sync::Arc;

mod people;
mod places;

/// A list whose features are already written.
pub(super) struct Collection {
    id: &'static str,
    title: &'static str,
    features: Vec<Feature>,
}

#[cfg(test)]
impl Collection {
    /// The features as text.
    pub(super) fn written(&self) -> impl Iterator<Item = &str> {
        self.features.iter().map(|f| f.json.as_str())
    }
}

/// One written feature and where it is.
pub(super) struct Feature {
    extent: Option<Bounds>,
    json: String,
}

impl Feature {
    /// A point, or no geometry.
    fn point(id: &str, at: Option<LonLat>, properties: &Value) -> Feature {
        let geometry = at.map(|p| json!({"type": "Point", "coordinates": position(p)}));
        Feature::new(id, at.map(|p| Bounds { min: p, max: p }), &json!(geometry), properties)
    }

    fn new(id: &str, extent: Option<Bounds>, geometry: &Value, properties: &Value) -> Feature {
        let json = json!({"type": "Feature", "id": id, "geometry": geometry, "properties": properties});
        Feature { extent, json: json.to_string() }
    }

    fn meets(&self, window: Option<&Bounds>) -> bool {
        let Some(w) = window else { return true };
        self.extent.is_some_and(|e| {
            e.min.lon <= w.max.lon
                && e.max.lon >= w.min.lon
                && e.min.lat <= w.max.lat
                && e.max.lat >= w.min.lat
        })
    }
}

/// Longitude and latitude with at most 7 decimals.
pub(super) fn position(p: LonLat) -> [f64; 2] {
    [(p.lon * 1e7).round() / 1e7, (p.lat * 1e7).round() / 1e7]
}

/// How a person's name is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// Not at all, and no homes either: the lists leave this machine.
    Absent,
    /// The first character and a star.
    Masked,
    /// In full, for those who asked.
    Full,
}

impl Names {
    fn of(self, name: &str) -> String {
        match self {
            Names::Absent => String::new(),
            Names::Masked => masked_name(name),
            Names::Full => name.to_owned(),
        }
    }

    fn homes(self) -> bool {
        self != Names::Absent
    }
}

/// Every list of the interface.
pub(super) fn all(plan: &Plan, names: Names) -> Vec<Collection> {
    let planned = people::visits_planned(plan);
    vec![
        Collection {
            id: "clients",
            title: "服务对象",
            features: people::clients(plan, &planned, names, false),
        },
        Collection { id: "gaps", title: "缺口", features: people::clients(plan, &planned, names, true) },
        Collection { id: "caregivers", title: "服务人员", features: people::caregivers(plan, names) },
        Collection { id: "outlets", title: "服务网点", features: places::outlets(plan) },
        Collection { id: "grids", title: "网格", features: places::grids(plan, names) },
        Collection { id: "villages", title: "村", features: places::villages(plan) },
        Collection { id: "townships", title: "乡镇", features: places::townships(plan, &planned) },
    ]
}

/// `/collections`: what lists there are.
pub(super) async fn list(State(house): State<Arc<House>>, asked: Asked) -> Answer {
    asked.only(&[])?;
    let list: Vec<Value> = house
        .collections
        .iter()
        .map(|c| {
            json!({"id": c.id, "title": c.title, "itemType": "feature", "numberMatched": c.features.len(),
                   "links": [{"rel": "items", "type": "application/geo+json", "href": format!("/collections/{}/items", c.id)}]})
        })
        .collect();
    let head = [(header::ETAG, house.etag.as_str()), (header::CACHE_CONTROL, "private, no-cache")];
    Ok((head, axum::Json(json!({"collections": list}))).into_response())
}

/// `/collections/{id}/items?bbox&limit&offset`.
pub(super) async fn items(State(house): State<Arc<House>>, Path(id): Path<String>, asked: Asked) -> Answer {
    asked.only(&["bbox", "limit", "offset", "names"])?;
    let named = match asked.text("names") {
        None | Some("masked") => false,
        Some("full") if house.loopback => true,
        Some(_) => {
            return Err(Problem::bad(
                "names 应为 masked 或 full；完整姓名只在本机提供。",
                "names should be masked or full; full names are given on this machine only.",
            ));
        }
    };
    let lists = if named { house.named() } else { &house.collections };
    let list = lists.iter().find(|c| c.id == id).ok_or_else(|| Problem::missing(&id))?;
    let (window, limit) = (asked.bbox()?, asked.number("limit", 1000, MOST_ITEMS)?);
    let offset = asked.number("offset", 0, u32::MAX as usize)?;
    let matched: Vec<&Feature> = list.features.iter().filter(|f| f.meets(window.as_ref())).collect();
    let page: Vec<&str> = matched.iter().skip(offset).take(limit).map(|f| f.json.as_str()).collect();
    let bbox = asked.text("bbox").map(|b| format!("&bbox={}", in_query(b))).unwrap_or_default();
    let kept = format!("{bbox}{}", if named { "&names=full" } else { "" });
    let mut links = vec![link("self", &id, limit, offset, &kept)];
    if limit > 0 && offset + page.len() < matched.len() {
        links.push(link("next", &id, limit, offset + limit, &kept));
    }
    let body = format!(
        "{{\"type\":\"FeatureCollection\",\"numberMatched\":{},\"numberReturned\":{},\"links\":{},\"features\":[{}]}}",
        matched.len(),
        page.len(),
        json!(links),
        page.join(",")
    );
    let head = [
        (header::CONTENT_TYPE, "application/geo+json".to_string()),
        (header::ETAG, if named { house.etag.replacen('"', "\"n", 1) } else { house.etag.clone() }),
        (header::CACHE_CONTROL, "private, no-cache".into()),
    ];
    Ok((head, body).into_response())
}

fn link(rel: &str, id: &str, limit: usize, offset: usize, kept: &str) -> Value {
    let href = format!("/collections/{id}/items?limit={limit}&offset={offset}{kept}");
    json!({"rel": rel, "type": "application/geo+json", "href": href})
}
