//! The road map as the county's modes see it, with everybody joined to the road.

use crate::base::{Bounds, Fault, LonLat, Metres, Mode, Outcome};
use crate::intake::Intake;
use crate::network::{ModeFile, RoadGraph, RoadMap, Snap, SnapIndex, SnapRules};
use crate::roster::{County, Policy};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// One mode's roads with the county's people on them.
#[derive(Debug)]
pub struct ModeRoads {
    /// Speeds and access.
    pub file: ModeFile,
    /// The graph in ticks.
    pub graph: RoadGraph,
    /// Homes of clients; `None`: no place, or no road near.
    pub clients: Vec<Option<Snap>>,
    /// Candidate sites.
    pub sites: Vec<Option<Snap>>,
    /// Homes of caregivers.
    pub caregivers: Vec<Option<Snap>>,
}

/// Mode files by mode: the shipped ones, replaced where the county has its own.
///
/// # Errors
/// A file is missing or wrong.
pub fn mode_files(intake: &Intake) -> Outcome<BTreeMap<Mode, ModeFile>> {
    let mut files = BTreeMap::new();
    for mode in modes_of(&intake.county, &intake.policy) {
        let own = intake.files.modes.iter().find(|(m, _)| *m == mode);
        let file = match own {
            None => ModeFile::builtin(mode)?,
            Some((_, path)) => read_mode(path)?,
        };
        files.insert(mode, file);
    }
    Ok(files)
}

/// Reads one mode file.
///
/// # Errors
/// The file is missing or wrong.
pub fn read_mode(path: &Path) -> Outcome<ModeFile> {
    let text = std::fs::read_to_string(path).map_err(|e| Fault::file(path, &e))?;
    ModeFile::parse(&text, &path.display().to_string())
}

/// Modes a plan needs: the outlet circle's and those of the caregivers.
#[must_use]
pub fn modes_of(county: &County, policy: &Policy) -> BTreeSet<Mode> {
    county.caregivers.iter().map(|g| g.mode).chain([policy.outlet_mode]).collect()
}

/// Builds every mode's roads.
///
/// # Errors
/// A mode has no road on the map.
pub fn county_roads(
    map: &RoadMap,
    files: BTreeMap<Mode, ModeFile>,
    county: &County,
    policy: &Policy,
) -> Outcome<BTreeMap<Mode, ModeRoads>> {
    let clients: Vec<_> = county.clients.iter().map(|c| c.at.filter(|_| !c.doubtful)).collect();
    let sites: Vec<_> = county.sites.iter().map(|s| Some(s.at)).collect();
    let caregivers: Vec<_> = county.caregivers.iter().map(|g| g.at).collect();
    let carried: Vec<LonLat> = sites.iter().chain(&caregivers).flatten().copied().collect();
    let rules =
        SnapRules { limit: Metres(policy.snap_limit_m), walk_kmh: policy.walk_kmh, ..SnapRules::default() };
    let mut all = BTreeMap::new();
    for (mode, file) in files {
        let graph = RoadGraph::build(map, &file)?;
        let index = SnapIndex::build(map, &graph, rules, &carried);
        let roads = ModeRoads {
            clients: index.snap_all(&clients),
            sites: index.snap_all(&sites),
            caregivers: index.snap_all(&caregivers),
            file,
            graph,
        };
        all.insert(mode, roads);
    }
    Ok(all)
}

/// Refuses a map that does not hold most of the clients; tells by how far, and whether swapped columns would explain it.
///
/// # Errors
/// Fewer than half of the located clients lie on the map.
pub fn check_map_holds(bounds: Option<Bounds>, county: &County, map: &Path) -> Outcome<()> {
    let Some(bounds) = bounds else {
        return Err(Fault::refused(
            format!("{}：地图中没有道路。", map.display()),
            format!("{}: the map holds no road.", map.display()),
        ));
    };
    let places: Vec<LonLat> = county.clients.iter().filter_map(|c| c.at).collect();
    let inside = |swap: bool| {
        places
            .iter()
            .filter(|p| bounds.contains(if swap { LonLat { lon: p.lat, lat: p.lon } } else { **p }))
            .count()
    };
    if 2 * inside(false) >= places.len() {
        return Ok(());
    }
    let mut away: Vec<f64> = places.iter().map(|p| kilometres_outside(&bounds, *p)).collect();
    away.sort_by(f64::total_cmp);
    let km = away.get(away.len() / 2).copied().unwrap_or_default();
    let (zh, en) = if 2 * inside(true) >= places.len() {
        (
            "经度和纬度两列可能填反了，请对调后重试。",
            "longitude and latitude seem to be swapped; exchange the two columns.",
        )
    } else {
        ("请换用本县的地图，或检查坐标系。", "use the county's own map, or check the datum.")
    };
    Err(Fault::refused(
        format!("{}：多数服务对象不在地图范围内（中位距离 {km:.0} 公里）。{zh}", map.display()),
        format!("{}: most clients lie outside the map (median {km:.0} km away); {en}", map.display()),
    ))
}

fn kilometres_outside(bounds: &Bounds, p: LonLat) -> f64 {
    let nearest = LonLat {
        lon: p.lon.clamp(bounds.min.lon, bounds.max.lon),
        lat: p.lat.clamp(bounds.min.lat, bounds.max.lat),
    };
    p.metres_to(nearest).0 / 1000.0
}
