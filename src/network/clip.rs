//! The area of an import with `--clip`.

use crate::base::{Fault, Outcome, metres_per_degree};
use geo::{Contains, Distance, Euclidean};
use serde_json::Value;
use std::path::Path;

/// Metres kept around the area, so that roads that leave it and come back stay whole.
const RIM_M: f64 = 2_000.0;

/// Polygons of a GeoJSON file, widened by a rim.
#[derive(Debug)]
pub(super) struct ClipArea {
    /// In metres-like degrees: longitude scaled to the length of a degree of latitude.
    polygons: geo::MultiPolygon<f64>,
    squeeze: f64,
    rim_deg: f64,
    bounds: [f64; 4],
}

impl ClipArea {
    /// Reads Polygon and MultiPolygon geometries, bare or in features.
    ///
    /// # Errors
    /// The file cannot be read or holds no polygon.
    pub(super) fn read(path: &Path) -> Outcome<ClipArea> {
        let text = std::fs::read_to_string(path).map_err(|e| Fault::file(path, &e))?;
        let mut rings = Vec::new();
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            collect(&value, &mut rings);
        }
        let points = || rings.iter().flatten().flatten();
        let Some(b) = points().fold(None, |acc: Option<[f64; 4]>, p: &[f64; 2]| {
            let b = acc.unwrap_or([p[0], p[1], p[0], p[1]]);
            Some([b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])])
        }) else {
            let p = path.display();
            return Err(Fault::refused(
                format!("{p}：不是含有面（Polygon）的 GeoJSON 文件。"),
                format!("{p}: this is no GeoJSON file with a Polygon or MultiPolygon."),
            ));
        };
        let (x, y) = metres_per_degree((b[1] + b[3]) / 2.0);
        let (squeeze, rim_deg) = ((x / y).max(1e-6), RIM_M / y);
        let ring = |r: &Vec<[f64; 2]>| {
            geo::LineString::from(r.iter().map(|p| (p[0] * squeeze, p[1])).collect::<Vec<_>>())
        };
        let polygon = |p: &Vec<Vec<[f64; 2]>>| {
            let mut lines = p.iter().map(ring);
            lines.next().map(|outer| geo::Polygon::new(outer, lines.collect()))
        };
        let polygons = geo::MultiPolygon(rings.iter().filter_map(polygon).collect());
        let wide = rim_deg / squeeze;
        let bounds = [b[0] - wide, b[1] - rim_deg, b[2] + wide, b[3] + rim_deg];
        Ok(ClipArea { polygons, squeeze, rim_deg, bounds })
    }

    /// The place (1e-7 degrees) lies in the area or its rim.
    pub(super) fn keeps(&self, at: [i32; 2]) -> bool {
        let (lon, lat) = (f64::from(at[0]) / 1e7, f64::from(at[1]) / 1e7);
        let b = self.bounds;
        if lon < b[0] || lat < b[1] || lon > b[2] || lat > b[3] {
            return false;
        }
        let point = geo::Point::new(lon * self.squeeze, lat);
        let near =
            |p: &geo::Polygon<f64>| p.contains(&point) || Euclidean.distance(p, &point) <= self.rim_deg;
        self.polygons.iter().any(near)
    }
}

/// Rings of every polygon inside `value`.
fn collect(value: &Value, out: &mut Vec<Vec<Vec<[f64; 2]>>>) {
    match value.get("type").and_then(Value::as_str) {
        Some("FeatureCollection") => {
            value["features"].as_array().into_iter().flatten().for_each(|f| collect(f, out))
        }
        Some("GeometryCollection") => {
            value["geometries"].as_array().into_iter().flatten().for_each(|g| collect(g, out));
        }
        Some("Feature") => collect(&value["geometry"], out),
        Some("Polygon") => out.extend(rings(&value["coordinates"])),
        Some("MultiPolygon") => {
            out.extend(value["coordinates"].as_array().into_iter().flatten().filter_map(rings));
        }
        _ => {}
    }
}

/// A polygon's rings; `None` if a ring is no ring of at least four places.
fn rings(polygon: &Value) -> Option<Vec<Vec<[f64; 2]>>> {
    let place = |p: &Value| Some([p.get(0)?.as_f64()?, p.get(1)?.as_f64()?]);
    let ring =
        |r: &Value| r.as_array()?.iter().map(place).collect::<Option<Vec<_>>>().filter(|r| r.len() > 3);
    polygon.as_array()?.iter().map(ring).collect::<Option<Vec<_>>>().filter(|p| !p.is_empty())
}
