//! `/tiles/roads/{z}/{x}/{y}.mvt`: the plan's own roads as vector tiles, so the page needs no map service.

use crate::api::live::on_roads;
use crate::api::problem::{Answer, Problem};
use crate::api::query::Asked;
use crate::api::state::House;
use crate::base::{Bounds, LonLat};
use crate::plan::LivePlan;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use std::f64::consts::PI;
use std::sync::Arc;

mod mvt;

use mvt::{EXTENT, Layer};

/// Deepest zoom; the page stretches it beyond.
const DEEPEST: u8 = 14;
/// Most tiles kept in memory.
const MOST_KEPT: usize = 4096;

/// A tile of the slippy map in Web Mercator.
#[derive(Debug, Clone, Copy)]
struct Tile {
    z: u8,
    x: u32,
    y: u32,
}

impl Tile {
    /// `None` if there is no such tile.
    fn parse(z: &str, x: &str, y: &str) -> Option<Tile> {
        let z: u8 = z.parse().ok().filter(|z| *z <= DEEPEST)?;
        let side = 1u32 << z;
        let number = |word: &str| word.parse::<u32>().ok().filter(|n| *n < side);
        Some(Tile { z, x: number(x)?, y: number(y.strip_suffix(".mvt")?)? })
    }

    /// Tile coordinates, 0 to 4096 from the north-west corner.
    fn project(self, p: LonLat) -> (f64, f64) {
        let side = f64::from(1u32 << self.z);
        let x = (p.lon + 180.0) / 360.0;
        let y = (1.0 - p.lat.to_radians().tan().asinh() / PI) / 2.0;
        ((x * side - f64::from(self.x)) * EXTENT, (y * side - f64::from(self.y)) * EXTENT)
    }

    /// The tile with a rim of 1/32, in degrees.
    fn bounds(self) -> Bounds {
        let side = f64::from(1u32 << self.z);
        let rim = 1.0 / 32.0;
        let place = |x: f64, y: f64| LonLat {
            lon: x / side * 360.0 - 180.0,
            lat: (PI * (1.0 - 2.0 * y / side)).sinh().atan().to_degrees(),
        };
        let (x, y) = (f64::from(self.x), f64::from(self.y));
        let (nw, se) = (place(x - rim, y - rim), place(x + 1.0 + rim, y + 1.0 + rim));
        Bounds { min: LonLat { lon: nw.lon, lat: se.lat }, max: LonLat { lon: se.lon, lat: nw.lat } }
    }
}

/// Serves one tile; `application/vnd.mapbox-vector-tile`, one layer `roads` with the tag `class`.
pub(super) async fn roads(
    State(house): State<Arc<House>>,
    Path((z, x, y)): Path<(String, String, String)>,
    asked: Asked,
) -> Answer {
    asked.only(&[])?;
    let tile =
        Tile::parse(&z, &x, &y).ok_or_else(|| Problem::missing(&format!("/tiles/roads/{z}/{x}/{y}")))?;
    let head = [
        (header::CONTENT_TYPE, "application/vnd.mapbox-vector-tile".to_string()),
        (header::ETAG, house.etag.clone()),
        (header::CACHE_CONTROL, "private, max-age=3600".into()),
    ];
    let key = (tile.z, tile.x, tile.y);
    if let Some(done) = house.tiles.lock().ok().and_then(|t| t.get(&key).cloned()) {
        return Ok((head, done).into_response());
    }
    let drawn = on_roads(house, move |house, live| {
        let body = draw(live, tile);
        if let Ok(mut kept) = house.tiles.lock() {
            if kept.len() >= MOST_KEPT {
                kept.clear();
            }
            kept.insert(key, body.clone());
        }
        Ok(body)
    })
    .await?;
    Ok((head, drawn).into_response())
}

/// Classes of the quiet ground, and the zoom from which each is drawn.
fn class_of(highway: &str) -> Option<(&'static str, u8)> {
    let base = highway.strip_suffix("_link").unwrap_or(highway);
    match base {
        "motorway" | "trunk" | "primary" => Some(("main", 0)),
        "secondary" | "tertiary" => Some(("middle", 7)),
        "unclassified" => Some(("small", 8)),
        "residential" | "living_street" | "road" => Some(("small", 10)),
        "track" | "service" | "ferry" => Some(("track", 11)),
        "path" | "footway" | "cycleway" | "bridleway" | "steps" | "pedestrian" => Some(("path", 13)),
        _ => None,
    }
}

fn draw(live: &LivePlan, tile: Tile) -> Vec<u8> {
    let mut layers: Vec<Layer> = Vec::new();
    live.draw_roads(&tile.bounds(), &mut |highway, line| {
        let Some((class, _)) = class_of(highway).filter(|(_, from)| tile.z >= *from) else { return };
        let points: Vec<(f64, f64)> = line.iter().map(|p| tile.project(*p)).collect();
        let at = layers.iter().position(|l| l.class == class).unwrap_or_else(|| {
            layers.push(Layer::new(class));
            layers.len() - 1
        });
        layers[at].add_line(&points);
    });
    mvt::tile("roads", &layers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_holds_its_own_corners() {
        let tile = Tile::parse("10", "810", "400.mvt").unwrap();
        let bounds = tile.bounds();
        let (x, y) = tile.project(LonLat { lon: bounds.min.lon, lat: bounds.max.lat });
        assert!((x + 128.0).abs() < 1e-6 && (y + 128.0).abs() < 1e-6, "{x} {y}");
        assert!(Tile::parse("15", "0", "0.mvt").is_none());
        assert!(Tile::parse("3", "8", "0.mvt").is_none());
        assert!(Tile::parse("3", "7", "0.png").is_none());
    }
}
