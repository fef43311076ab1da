//! coverage.geojson: clients with their verdict, and the open outlets (RFC 7946, at most 7 decimals, no names of people).

use crate::base::{LonLat, Outcome};
use crate::coverage::{Cause, Verdict};
use crate::plan::Plan;
use crate::report::files::save;
use crate::report::legend::{CREDIT, SYNTHETIC, map_notice};
use crate::roster::Precision;
use serde::Serialize;
use std::path::Path;

#[derive(Serialize)]
struct Feature<T> {
    r#type: &'static str,
    id: String,
    geometry: Option<PointGeometry>,
    properties: T,
}

#[derive(Serialize)]
struct PointGeometry {
    r#type: &'static str,
    coordinates: [f64; 2],
}

#[derive(Serialize)]
struct ClientProperties<'a> {
    kind: &'static str,
    client: &'a str,
    precision: Precision,
    verdict: Verdict,
    cause: Option<Cause>,
    outlet: Option<&'a str>,
    outlet_time_s: Option<u32>,
    caregiver: Option<&'a str>,
    caregiver_time_s: Option<u32>,
    caregiver_time_min: Option<u32>,
    grid: Option<String>,
}

#[derive(Serialize)]
struct OutletProperties<'a> {
    kind: &'static str,
    number: usize,
    outlet: &'a str,
    name: &'a str,
    existing: bool,
    clients: u32,
    visits: u32,
    care_min: u32,
}

/// Writes the file, one feature a line. Clients without a place have a null geometry (RFC 7946, 3.2).
///
/// # Errors
/// The file cannot be written.
pub(super) fn write(plan: &Plan, path: &Path) -> Outcome<()> {
    let mut lines = Vec::with_capacity(plan.clients.len() + plan.outlets.len());
    for (i, outlet) in plan.outlets.iter().enumerate() {
        if let Some(site) = plan.county.sites.get(outlet.site.at()) {
            let properties = OutletProperties {
                kind: "outlet",
                number: i + 1,
                outlet: &site.id,
                name: &site.name,
                existing: site.existing,
                clients: outlet.clients,
                visits: outlet.visits,
                care_min: outlet.minutes.0,
            };
            lines.push(feature(format!("outlet/{}", site.id), Some(site.at), properties));
        }
    }
    lines.extend(client_lines(plan));
    let head = serde_json::json!({
        "attribution": CREDIT,
        "notice": map_notice(plan),
        "synthetic": plan.county.synthetic.then_some(SYNTHETIC),
    });
    let lines: Vec<String> = lines.into_iter().filter(|l| !l.is_empty()).collect();
    let text = format!(
        "{{\"type\":\"FeatureCollection\",\"about\":{head},\"features\":[\n{}\n]}}\n",
        lines.join(",\n")
    );
    save(path, text.as_bytes())
}

fn client_lines(plan: &Plan) -> impl Iterator<Item = String> {
    let county = &plan.county;
    county.clients.iter().zip(&plan.clients).map(move |(client, row)| {
        let properties = ClientProperties {
            kind: "client",
            client: &client.id,
            precision: client.precision,
            verdict: row.verdict,
            cause: row.cause,
            outlet: row.outlet.and_then(|s| county.sites.get(s.at())).map(|s| s.id.as_str()),
            outlet_time_s: row.outlet_time.map(|t| t.0),
            caregiver: row.caregiver.and_then(|c| county.caregivers.get(c.at())).map(|c| c.id.as_str()),
            caregiver_time_s: row.caregiver_time.map(|t| t.0),
            caregiver_time_min: row.caregiver_time.map(|t| t.0.div_ceil(60)),
            grid: row.grid.map(Plan::grid_id),
        };
        feature(format!("client/{}", client.id), client.at, properties)
    })
}

/// One feature; empty only if serialising plain data failed, which it cannot.
fn feature<T: Serialize>(id: String, at: Option<LonLat>, properties: T) -> String {
    let geometry =
        at.map(|p| PointGeometry { r#type: "Point", coordinates: [rounded(p.lon), rounded(p.lat)] });
    serde_json::to_string(&Feature { r#type: "Feature", id, geometry, properties }).unwrap_or_default()
}

/// Seven decimals are a centimetre.
fn rounded(degrees: f64) -> f64 {
    (degrees * 1e7).round() / 1e7
}
