//! A plan with its roads in memory, for questions that want an answer while a person waits.

use crate::base::{Bounds, LonLat, Metres, Mode, Outcome, Progress, Silent, SiteIx, Ticks};
use crate::coverage::{ISOCHRONE_CELL, IsochroneCells, IsochroneQuestion, isochrone};
use crate::network::{ModeFile, RoadGraph, RoadMap, Snap, SnapIndex, SnapRules};
use crate::plan::{Plan, mode_path, road_file};
use crate::travel::{
    Direction, Engine, NearestOutlets, OutletHandle, OutletTimes, TravelEngine, TravelTable,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// The roads of a plan in the outlet mode, with every client snapped once.
#[derive(Debug)]
pub struct LivePlan {
    map: RoadMap,
    mode: Mode,
    engine: TravelEngine<RoadGraph>,
    index: SnapIndex,
    cells: IsochroneCells,
    clients: Arc<[Option<Snap>]>,
    /// The plan's outlets, numbered by site, up to the fill limit.
    planned: NearestOutlets,
    /// Closed sites that were asked about.
    sites: Mutex<BTreeMap<SiteIx, Arc<OutletTimes>>>,
}

impl LivePlan {
    /// Loads the road file of `plan_dir`, joins the clients to it and fills the times of the open outlets.
    ///
    /// # Errors
    /// The road file or the mode file is missing or damaged; the mode has no road.
    pub fn open(plan: &Plan, plan_dir: &Path, progress: &dyn Progress) -> Outcome<LivePlan> {
        progress.report("roads", 0, 0);
        let map = RoadMap::open(&road_file(plan_dir), progress)?;
        let mode = plan.policy.outlet_mode;
        let path = mode_path(plan_dir, mode);
        let file = match std::fs::read_to_string(&path) {
            Ok(text) => ModeFile::parse(&text, &path.display().to_string())?,
            Err(_) => ModeFile::builtin(mode)?,
        };
        LivePlan::build(plan, map, &file)
    }

    /// The same from a map in memory.
    ///
    /// # Errors
    /// The mode has no road on the map.
    pub fn build(plan: &Plan, map: RoadMap, file: &ModeFile) -> Outcome<LivePlan> {
        let (county, policy) = (&plan.county, &plan.policy);
        let graph = RoadGraph::build(&map, file)?;
        let rules = SnapRules {
            limit: Metres(policy.snap_limit_m),
            walk_kmh: policy.walk_kmh,
            ..SnapRules::default()
        };
        let carried: Vec<LonLat> =
            county.sites.iter().map(|s| s.at).chain(county.caregivers.iter().filter_map(|g| g.at)).collect();
        let index = SnapIndex::build(&map, &graph, rules, &carried);
        let homes: Vec<_> = county.clients.iter().map(|c| c.at.filter(|_| !c.doubtful)).collect();
        let clients = index.snap_all(&homes).into();
        let engine = TravelEngine::prepare(graph);
        let mut planned = NearestOutlets::new(&clients, Some(policy.fill_limit), Direction::Outward);
        let open = |site: SiteIx| (numbered(site), index.snap(county.sites[site.at()].at));
        planned.open_all(&engine, plan.outlets.iter().map(|o| open(o.site)).collect(), &Silent)?;
        Ok(LivePlan {
            clients,
            mode: policy.outlet_mode,
            engine,
            planned,
            sites: Mutex::new(BTreeMap::new()),
            map,
            cells: IsochroneCells::new(&index),
            index,
        })
    }

    /// The mode of the outlet circle.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The road map.
    #[must_use]
    pub fn roads(&self) -> &RoadMap {
        &self.map
    }

    /// The plan's outlets, numbered by site.
    pub(super) fn planned(&self) -> &NearestOutlets {
        &self.planned
    }

    /// Times from any place to every client, outward, up to the fill limit, by one bounded search.
    #[must_use]
    pub fn place_times(&self, place: LonLat) -> Arc<OutletTimes> {
        self.planned.times(&self.engine, self.index.snap(place))
    }

    /// Times from a candidate site, kept once computed.
    pub(super) fn site_times(&self, plan: &Plan, site: SiteIx) -> Arc<OutletTimes> {
        if let Some(times) = self.sites.lock().ok().and_then(|s| s.get(&site).cloned()) {
            return times;
        }
        let times = self.place_times(plan.county.sites[site.at()].at);
        if let Ok(mut kept) = self.sites.lock() {
            kept.insert(site, Arc::clone(&times));
        }
        times
    }

    /// Times from every candidate site to every client within `limit`, rows by site; nothing is kept.
    ///
    /// # Errors
    /// The person cancelled.
    pub fn sites_table(&self, plan: &Plan, limit: Ticks, progress: &dyn Progress) -> Outcome<TravelTable> {
        let places: Vec<_> = plan.county.sites.iter().map(|s| Some(s.at)).collect();
        self.engine.table(&self.index.snap_all(&places), &self.clients, Some(limit), Engine::Auto, progress)
    }

    /// Highway class and line of every way that meets `window`, in the map's order.
    pub fn draw_roads(&self, window: &Bounds, draw: &mut dyn FnMut(&str, &[LonLat])) {
        self.map.for_each_way_in(window, draw);
    }

    /// The area within `minutes` of a place, outward, as GeoJSON: a picture, the verdict is per person.
    ///
    /// # Errors
    /// No road near the place.
    pub fn isochrone(&self, place: LonLat, minutes: u32) -> Outcome<String> {
        let question = IsochroneQuestion {
            at: place,
            minutes: vec![minutes],
            direction: Direction::Outward,
            cell: ISOCHRONE_CELL,
        };
        Ok(isochrone(&self.engine, &self.cells, &question, &Silent)?.geojson().to_string())
    }
}

/// The number of a candidate site as an outlet.
pub(super) fn numbered(site: SiteIx) -> OutletHandle {
    OutletHandle(site.0)
}
