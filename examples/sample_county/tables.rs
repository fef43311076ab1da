//! The plain tables of the county folder: sites, caregivers, villages, the key of planted gaps, county.toml.

use crate::caregivers::Caregiver;
use crate::geometry::Point;
use crate::people::Client;
use crate::{Land, NOTICE};
use caregrid::base::SplitMix64;
use std::path::Path;

pub const SITES: usize = 300;
const EXISTING: usize = 12;

pub fn write(path: &Path, header: &[&str], rows: &[Vec<String>]) -> Result<(), String> {
    caregrid::intake::write_table(path, header, rows).map_err(|e| e.to_string())
}

/// Longitude and latitude with six decimals (0.1 m).
pub fn degrees(p: Point) -> [String; 2] {
    let at = p.lonlat();
    [format!("{:.6}", at.lon), format!("{:.6}", at.lat)]
}

/// One candidate in every township seat, the rest in villages; islands have none. Twelve of the seats are open already.
pub fn sites(land: &Land, path: &Path, random: &mut SplitMix64) -> Result<(), String> {
    let mut rows = Vec::new();
    let mut beside = |at: Point| at.moved(random.unit() * std::f64::consts::TAU, 25.0 + 20.0 * random.unit());
    let existing: Vec<usize> = (0..EXISTING).map(|k| k * land.townships.len() / EXISTING).collect();
    let mut row = |name: String, at: Point, open: bool, cost: u64, township: usize| {
        let [lon, lat] = degrees(at);
        let id = format!("S{:03}", rows.len() + 1);
        let open = u8::from(open).to_string();
        rows.push(vec![
            id,
            name,
            lon,
            lat,
            open,
            (cost * 100).to_string(),
            land.townships[township].name.clone(),
        ]);
    };
    for (t, township) in land.townships.iter().enumerate() {
        let at = beside(land.network.at(land.seats[t]));
        row(format!("{}综合养老服务中心（示例）", township.name), at, existing.contains(&t), 60_000, t);
    }
    let open: Vec<usize> = (0..land.units.len()).filter(|u| !land.settled[*u].island).collect();
    let wanted = SITES - land.townships.len();
    for k in 0..wanted {
        let unit = &land.units[open[k * open.len() / wanted]];
        let cost = if unit.community { 42_000 } else { 30_000 };
        row(format!("{}互助幸福院（示例）", unit.name), beside(unit.at), false, cost, unit.township);
    }
    write(path, &["id", "name", "lon", "lat", "existing", "cost_fen", "township"], &rows)
}

/// The register with invented places.
pub fn villages(land: &Land, path: &Path) -> Result<(), String> {
    let row = |u: &crate::figures::Unit| {
        let [lon, lat] = degrees(u.at);
        let township = &land.townships[u.township];
        vec![
            u.code.clone(),
            u.name.clone(),
            township.code.clone(),
            township.name.clone(),
            lon,
            lat,
            u.registered.clone(),
        ]
    };
    let rows: Vec<Vec<String>> = land.units.iter().map(row).collect();
    write(path, &["code", "name", "township_code", "township", "lon", "lat", "aliases"], &rows)
}

pub fn caregivers(land: &Land, caregivers: &[Caregiver], path: &Path) -> Result<(), String> {
    let header = [
        "id",
        "name",
        "lon",
        "lat",
        "mode",
        "female",
        "max_day_min",
        "max_month_h",
        "leave",
        "township",
        "village",
        "kind",
        "base",
    ];
    let row = |c: &Caregiver| {
        let [lon, lat] = degrees(c.home.at);
        let unit = &land.units[c.unit];
        vec![
            c.id.clone(),
            c.name.clone(),
            lon,
            lat,
            c.mode.word().to_owned(),
            u8::from(c.female).to_string(),
            c.max_day_min.to_string(),
            c.max_month_h.to_string(),
            c.leave.clone(),
            land.townships[unit.township].name.clone(),
            unit.name.clone(),
            c.kind.to_owned(),
            c.base.to_owned(),
        ]
    };
    write(path, &header, &caregivers.iter().map(row).collect::<Vec<_>>())
}

/// The planted gaps, for tests.
pub fn key(clients: &[Client], path: &Path) -> Result<(), String> {
    let row = |c: &Client| c.planted.map(|cause| vec![c.id.clone(), cause.to_owned()]);
    write(path, &["client", "planted"], &clients.iter().filter_map(row).collect::<Vec<_>>())
}

pub fn county_toml(path: &Path) -> Result<(), String> {
    let text = format!(
        "# {NOTICE}。Invented roads and people in the shape of public figures; made by examples/sample_county.\n\
         name = \"会宁县（示例）\"\nsynthetic = true\ndatum = \"WGS84\"\n"
    );
    std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}
