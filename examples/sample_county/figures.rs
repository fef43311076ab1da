//! The public figures the sample county is shaped by: townships and the village register of 2023.

use crate::geometry::Point;
use caregrid::base::{LonLat, SplitMix64};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::Path;

/// One township with its published figures.
#[derive(Debug, Clone)]
pub struct Township {
    pub code: String,
    pub name: String,
    /// Census of 2020.
    pub population: f64,
    /// Published road distance to the county seat; 22 townships have one.
    pub road_km: Option<f64>,
    pub area_km2: f64,
    /// Its centroid, where the generator puts its seat.
    pub at: Point,
}

/// One unit of the register: a village or a community.
#[derive(Debug, Clone)]
pub struct Unit {
    pub code: String,
    /// 高家庄村, 广场社区.
    pub name: String,
    /// As registered: 高家庄村民委员会.
    pub registered: String,
    /// Index of its township.
    pub township: usize,
    pub community: bool,
    /// Invented place.
    pub at: Point,
}

/// The columns of townships.csv that shape the county.
#[derive(Deserialize)]
struct TownshipRow {
    code: String,
    name: String,
    pop_census_2020: f64,
    road_km_to_seat: Option<f64>,
    polygon_km2: f64,
    centroid_lon_wgs84: f64,
    centroid_lat_wgs84: f64,
}

/// The columns of register_2023.csv; townships are joined by code, since their names differ.
#[derive(Deserialize)]
struct UnitRow {
    code: String,
    name: String,
    township_code: String,
}

fn rows<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, String> {
    let fault = |e: csv::Error| format!("{}: {e}", path.display());
    csv::Reader::from_path(path).map_err(fault)?.deserialize().map(|row| row.map_err(fault)).collect()
}

/// Reads the townships; the county seat (road distance 0) comes first.
pub fn townships(source: &Path) -> Result<Vec<Township>, String> {
    let township = |row: TownshipRow| Township {
        code: row.code,
        name: row.name,
        population: row.pop_census_2020,
        road_km: row.road_km_to_seat,
        area_km2: row.polygon_km2,
        at: Point::from_lonlat(LonLat { lon: row.centroid_lon_wgs84, lat: row.centroid_lat_wgs84 }),
    };
    Ok(rows(&source.join("townships.csv"))?.into_iter().map(township).collect())
}

/// Reads the register and invents a place for each unit in the neighbourhood of its township's centroid.
pub fn units(source: &Path, townships: &[Township], random: &mut SplitMix64) -> Result<Vec<Unit>, String> {
    let mut out: Vec<Unit> = Vec::new();
    for row in rows::<UnitRow>(&source.join("register_2023.csv"))? {
        let registered = row.name;
        let township = townships.iter().position(|t| t.code == row.township_code);
        let township =
            township.ok_or_else(|| format!("register_2023.csv: no township {}", row.township_code))?;
        let community = registered.ends_with("居民委员会");
        let name = match registered.strip_suffix("村民委员会") {
            Some(name) => format!("{name}村"),
            None => registered.trim_end_matches("居民委员会").to_owned(),
        };
        let at = if community {
            beside_seat(&townships[township], township == 0, random)
        } else {
            in_township(township, townships, &out, random)
        };
        out.push(Unit { code: row.code, name, registered, township, community, at });
    }
    Ok(out)
}

fn beside_seat(township: &Township, county_seat: bool, random: &mut SplitMix64) -> Point {
    let reach = if county_seat { 1000.0 } else { 250.0 };
    let mut one = || (random.unit() * 2.0 - 1.0) * reach;
    Point::new(township.at.x + one(), township.at.y + one() * 0.8)
}

/// Best of many candidates that lie nearest to their own township's centroid: villages keep apart and townships keep together.
fn in_township(own: usize, townships: &[Township], placed: &[Unit], random: &mut SplitMix64) -> Point {
    let centre = townships[own].at;
    let radius = (townships[own].area_km2 / std::f64::consts::PI).sqrt() * 1000.0 * 1.08;
    let room = |p: Point| placed.iter().map(|u| u.at.to(p)).fold(f64::MAX, f64::min);
    let mut best = (f64::MIN, centre);
    for _ in 0..30 {
        let p = centre.moved(random.unit() * std::f64::consts::TAU, radius * random.unit().sqrt());
        let foreign = townships.iter().any(|t| t.at.to(p) < centre.to(p));
        if !foreign && centre.to(p) > 1300.0 && room(p) > best.0 {
            best = (room(p), p);
        }
    }
    best.1
}
