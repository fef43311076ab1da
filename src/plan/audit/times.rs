//! Travel times of a plan, recomputed by the audit's own search on the imported graph.

use crate::base::{Mode, Outcome, Silent, Ticks};
use crate::coverage::{is_reached, reachable_nodes};
use crate::network::{RoadMap, Snap};
use crate::plan::audit::search::PlainDijkstra;
use crate::plan::audit::sheets::Sheets;
use crate::plan::county_roads::{ModeRoads, county_roads, modes_of, read_mode};
use crate::plan::{mode_path, road_file};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Times of open outlets and caregivers to clients, and roads for the tours.
pub struct Times {
    /// Roads by mode, from the plan's own inputs.
    pub roads: BTreeMap<Mode, ModeRoads>,
    outlets: BTreeMap<usize, Vec<Option<Ticks>>>,
    caregivers: Vec<Vec<Option<Ticks>>>,
    /// Base of each caregiver on the road.
    pub bases: Vec<Option<Snap>>,
    snapped: Vec<bool>,
    connected: Vec<bool>,
}

impl Times {
    /// Recomputes everything from `inputs/`.
    ///
    /// # Errors
    /// The road file or a mode file is missing or damaged.
    pub fn recompute(sheets: &Sheets) -> Outcome<Times> {
        let (county, policy) = (&sheets.intake.county, &sheets.intake.policy);
        let map = RoadMap::open(&road_file(&sheets.dir), &Silent)?;
        let mut files = BTreeMap::new();
        for mode in modes_of(county, policy) {
            files.insert(mode, read_mode(&mode_path(&sheets.dir, mode))?);
        }
        let roads = county_roads(&map, files, county, policy)?;
        let open: Vec<usize> =
            sheets.lines("outlets").filter_map(|l| sheets.site.get(l.text("site")).copied()).collect();
        let bases = bases(sheets, &roads);
        let road = &roads[&policy.outlet_mode];
        let fill = policy.fill_limit;
        let starts: Vec<(usize, Option<&Snap>)> =
            open.iter().map(|s| (*s, road.sites[*s].as_ref())).collect();
        let outlets = starts
            .into_par_iter()
            .map_init(
                || PlainDijkstra::new(&road.graph),
                |search, (s, from)| (s, journeys(search, from, &road.clients, fill)),
            )
            .collect::<Vec<_>>()
            .into_iter()
            .collect();
        let caregivers = caregiver_times(sheets, &roads, &bases, fill);
        let clients = 0..county.clients.len();
        let snapped = clients.map(|c| roads.values().any(|r| r.clients[c].is_some())).collect();
        let connected = connected(sheets, &roads, &bases, &open);
        Ok(Times { outlets, caregivers, bases, snapped, connected, roads })
    }

    /// Nearest open outlet of a client.
    #[must_use]
    pub fn nearest_outlet(&self, client: usize) -> Option<(Ticks, usize)> {
        self.outlets.iter().filter_map(|(s, times)| times[client].map(|t| (t, *s))).min()
    }

    /// Time from an open outlet.
    #[must_use]
    pub fn outlet(&self, site: usize, client: usize) -> Option<Ticks> {
        self.outlets.get(&site).and_then(|times| times[client])
    }

    /// Time from a caregiver's base.
    #[must_use]
    pub fn care(&self, caregiver: usize, client: usize) -> Option<Ticks> {
        self.caregivers[caregiver][client]
    }

    /// Some mode has a usable road near the home.
    #[must_use]
    pub fn is_snapped(&self, client: usize) -> bool {
        self.snapped[client]
    }

    /// An open outlet or a caregiver reaches the home at all.
    #[must_use]
    pub fn is_connected(&self, client: usize) -> bool {
        self.connected[client]
    }
}

fn journeys(
    search: &mut PlainDijkstra,
    from: Option<&Snap>,
    to: &[Option<Snap>],
    limit: Ticks,
) -> Vec<Option<Ticks>> {
    let places: Vec<Option<&Snap>> = to.iter().map(Option::as_ref).collect();
    from.map_or_else(|| vec![None; to.len()], |from| search.journeys(from, &places, limit))
}

/// Home, or the outlet of caregivers.csv where the roster says so.
fn bases(sheets: &Sheets, roads: &BTreeMap<Mode, ModeRoads>) -> Vec<Option<Snap>> {
    let mut outlet: BTreeMap<&str, usize> = BTreeMap::new();
    for line in sheets.lines("caregivers") {
        if let Some(site) = sheets.site.get(line.text("outlet")) {
            outlet.insert(line.text("caregiver"), *site);
        }
    }
    let base = |(i, g): (usize, &crate::roster::Caregiver)| match g.base {
        crate::roster::Base::Home => roads[&g.mode].caregivers[i].clone(),
        crate::roster::Base::Outlet => {
            outlet.get(g.id.as_str()).and_then(|s| roads[&g.mode].sites[*s].clone())
        }
    };
    sheets.intake.county.caregivers.iter().enumerate().map(base).collect()
}

fn caregiver_times(
    sheets: &Sheets,
    roads: &BTreeMap<Mode, ModeRoads>,
    bases: &[Option<Snap>],
    limit: Ticks,
) -> Vec<Vec<Option<Ticks>>> {
    let mut all = vec![Vec::new(); bases.len()];
    for (mode, road) in roads {
        let who: Vec<usize> =
            (0..bases.len()).filter(|g| sheets.intake.county.caregivers[*g].mode == *mode).collect();
        let rows: Vec<Vec<Option<Ticks>>> = who
            .par_iter()
            .map_init(
                || PlainDijkstra::new(&road.graph),
                |search, g| journeys(search, bases[*g].as_ref(), &road.clients, limit),
            )
            .collect();
        who.into_iter().zip(rows).for_each(|(g, row)| all[g] = row);
    }
    all
}

fn connected(
    sheets: &Sheets,
    roads: &BTreeMap<Mode, ModeRoads>,
    bases: &[Option<Snap>],
    open: &[usize],
) -> Vec<bool> {
    let county = &sheets.intake.county;
    let mut any = vec![false; county.clients.len()];
    for (mode, road) in roads {
        let riders = (0..bases.len()).filter(|g| county.caregivers[*g].mode == *mode);
        let mut origins: Vec<&Snap> = riders.filter_map(|g| bases[g].as_ref()).collect();
        if *mode == sheets.intake.policy.outlet_mode {
            origins.extend(open.iter().filter_map(|s| road.sites[*s].as_ref()));
        }
        let reached = reachable_nodes(&road.graph, origins.iter().copied());
        for (c, snap) in road.clients.iter().enumerate() {
            any[c] |= snap.as_ref().is_some_and(|s| is_reached(s, &reached, &origins));
        }
    }
    any
}
