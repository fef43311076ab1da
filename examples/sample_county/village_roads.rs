//! Village roads, group roads and field tracks; the islands, dead ends and remote hamlets that make real gaps.

use crate::figures::{Township, Unit};
use crate::geometry::{Point, winding};
use crate::network::{NearIndex, Network, Road};
use crate::router;
use caregrid::base::SplitMix64;
use std::f64::consts::{PI, TAU};

/// Metres between two points of a drawn road.
const SPACING: f64 = 50.0;
/// Field tracks drawn beyond the group roads.
const FIELD_TRACKS: usize = 1120;
/// Townships with a village behind a missing bridge.
const ISLANDS: [&str; 3] = ["头寨子镇", "大沟镇", "刘家寨子镇"];
/// Directions (degrees from east) in which a long track leads to a remote hamlet.
const REMOTE: [f64; 3] = [80.0, 160.0, 20.0];

/// Where people of a unit live: a villager group 社 (0: the village street) and the road nodes of its houses.
pub struct Hamlet {
    pub group: usize,
    pub nodes: Vec<u32>,
}

/// What was drawn for one unit of the register.
#[derive(Default)]
pub struct Settled {
    pub hamlets: Vec<Hamlet>,
    /// Its roads meet no other road.
    pub island: bool,
    /// A hamlet at the end of a very long track.
    pub remote: Option<Hamlet>,
}

/// Roads of townships under construction.
pub struct Sketch<'a> {
    pub network: &'a mut Network,
    pub random: &'a mut SplitMix64,
    /// Middle of the county seat.
    pub seat: u32,
    /// Nodes of through roads: village and group roads begin here.
    pub main: NearIndex,
    /// Nodes of group roads too: field tracks begin here.
    pub any: NearIndex,
}

impl Sketch<'_> {
    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.random.unit()
    }

    fn road_to(&mut self, from: u32, to: Point, detour: f64) -> Vec<u32> {
        let a = self.network.at(from);
        let line = winding(a, to, a.to(to) * detour, SPACING, self.random);
        self.network.extend(from, &line)
    }

    fn add_track(&mut self, name: String, nodes: Vec<u32>, grade: usize) {
        let (grade, surface) =
            [("grade2", "gravel"), ("grade3", "compacted"), ("grade4", "dirt"), ("grade5", "ground")][grade];
        let mut road = Road::new("track", surface, name, nodes);
        road.tracktype = grade;
        self.network.roads.push(road);
    }
}

/// Draws every village with its groups; moves the units to where their road ends. Order: nearest to the township seat first.
pub fn draw(
    sketch: &mut Sketch,
    townships: &[Township],
    units: &mut [Unit],
    streets: &[Vec<u32>],
) -> Vec<Settled> {
    let mut settled: Vec<Settled> = units.iter().map(|_| Settled::default()).collect();
    let islands = island_units(townships, units);
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_by(|a, b| {
        let key = |u: usize| units[u].at.to(townships[units[u].township].at);
        key(*a).total_cmp(&key(*b))
    });
    let mut ends = vec![None; units.len()];
    for u in order {
        if units[u].community {
            settled[u].hamlets.push(on_streets(sketch.network, units[u].at, &streets[units[u].township]));
        } else if islands.contains(&u) {
            settled[u] = island(sketch, &units[u]);
        } else {
            ends[u] = Some(village(sketch, &units[u], &mut settled[u]));
        }
        let kind = if units[u].community { "neighbourhood" } else { "village" };
        let street = &settled[u].hamlets[0].nodes;
        let angle = sketch.random.unit() * TAU;
        units[u].at = sketch.network.at(street[street.len() / 2]).moved(angle, 30.0);
        sketch.network.places.push((units[u].at, kind, units[u].name.clone()));
    }
    groups(sketch, units, &mut settled);
    links(sketch, units, &ends);
    remote(sketch, units, &mut settled);
    field_tracks(sketch, &settled);
    scraps(sketch, units);
    settled
}

/// The village of each island township that lies farthest from the township's seat.
fn island_units(townships: &[Township], units: &[Unit]) -> Vec<usize> {
    let far = |u: &usize| units[*u].at.to(townships[units[*u].township].at);
    let pick = |name: &&str| {
        let own =
            (0..units.len()).filter(|u| townships[units[*u].township].name == **name && !units[*u].community);
        own.max_by(|a, b| far(a).total_cmp(&far(b)))
    };
    ISLANDS.iter().filter_map(pick).collect()
}

/// A community lives on the streets near its place.
fn on_streets(network: &Network, at: Point, streets: &[u32]) -> Hamlet {
    let mut nodes = streets.to_vec();
    nodes.sort_by(|a, b| network.at(*a).to(at).total_cmp(&network.at(*b).to(at)));
    nodes.truncate(40);
    Hamlet { group: 0, nodes }
}

/// The road from the nearest through road to a village; returns its end.
fn village(sketch: &mut Sketch, unit: &Unit, settled: &mut Settled) -> u32 {
    let start = sketch.main.nearest(unit.at).map_or(0, |(node, _)| node);
    let detour = sketch.between(1.12, 1.55);
    let nodes = sketch.road_to(start, unit.at, detour);
    let surface = ["concrete", "concrete", "concrete", "gravel"][sketch.random.below(4)];
    sketch.network.roads.push(Road::new("unclassified", surface, format!("{}路", unit.name), nodes.clone()));
    sketch.main.add_all(sketch.network, &nodes);
    sketch.any.add_all(sketch.network, &nodes);
    let street = nodes[nodes.len().saturating_sub(10)..].to_vec();
    settled.hamlets.push(Hamlet { group: 0, nodes: street });
    nodes[nodes.len() - 1]
}

/// Villager groups around every village that is no island.
fn groups(sketch: &mut Sketch, units: &[Unit], settled: &mut [Settled]) {
    for (unit, settled) in units.iter().zip(settled) {
        if unit.community || settled.island {
            continue;
        }
        let count = 3 + sketch.random.below(4);
        let turned = sketch.random.unit() * TAU;
        for group in 1..=count {
            let angle = turned + TAU * group as f64 / count as f64 + sketch.between(-0.3, 0.3);
            let to = unit.at.moved(angle, sketch.between(500.0, 1900.0));
            let start = sketch.main.nearest(to).map_or(0, |(node, _)| node);
            settled.hamlets.push(group_road(sketch, unit, group, start, to));
        }
    }
}

fn group_road(sketch: &mut Sketch, unit: &Unit, group: usize, start: u32, to: Point) -> Hamlet {
    let detour = sketch.between(1.1, 1.5);
    let nodes = sketch.road_to(start, to, detour);
    let name = format!("{}{group}社路", unit.name);
    match sketch.random.below(10) {
        0..=4 => sketch.network.roads.push(Road::new("unclassified", "concrete", name, nodes.clone())),
        5 => sketch.network.roads.push(Road::new("residential", "concrete", name, nodes.clone())),
        kind => sketch.add_track(name, nodes.clone(), if kind == 9 { 1 } else { 0 }),
    }
    sketch.any.add_all(sketch.network, &nodes[1..]);
    Hamlet { group, nodes: nodes[nodes.len().saturating_sub(9)..].to_vec() }
}

/// A village whose bridge is missing: its approach road stops 260 m short of the nearest through road.
fn island(sketch: &mut Sketch, unit: &Unit) -> Settled {
    let first_point = sketch.network.points.len();
    let middle = sketch.network.add_point(unit.at);
    let mut own = NearIndex::default();
    own.add(middle, unit.at);
    let mut hamlets = Vec::new();
    if let Some((outside, metres)) = sketch.main.nearest(unit.at) {
        let angle = unit.at.angle_to(sketch.network.at(outside));
        let to = unit.at.moved(angle, (metres - 260.0).max(300.0));
        let nodes = sketch.road_to(middle, to, 1.3);
        own.add_all(sketch.network, &nodes[..nodes.len() / 2]);
        let street = nodes[..nodes.len().min(6)].to_vec();
        sketch.network.roads.push(Road::new("unclassified", "concrete", format!("{}路", unit.name), nodes));
        hamlets.push(Hamlet { group: 0, nodes: street });
    }
    let mut group = 0;
    while group < 5 || sketch.network.points.len() - first_point < 290 {
        group += 1;
        let angle = TAU * 0.382 * group as f64;
        let to = unit.at.moved(angle, sketch.between(700.0, 1500.0));
        let start = own.nearest(to).map_or(middle, |(node, _)| node);
        let before = sketch.network.points.len() as u32;
        let nodes = sketch.road_to(start, to, 1.5);
        sketch.network.roads.push(Road::new(
            "unclassified",
            "gravel",
            format!("{}{group}社路", unit.name),
            nodes.clone(),
        ));
        (before..sketch.network.points.len() as u32).for_each(|n| own.add(n, sketch.network.at(n)));
        if group <= 5 {
            hamlets.push(Hamlet { group, nodes: nodes[nodes.len().saturating_sub(9)..].to_vec() });
        }
    }
    Settled { hamlets, island: true, remote: None }
}

/// Roads between neighbouring villages that shorten nobody's way to the seat: both ends lie about as far from it as the link is long.
fn links(sketch: &mut Sketch, units: &[Unit], ends: &[Option<u32>]) {
    let seat = router::lengths(sketch.network, sketch.seat);
    for (u, end) in ends.iter().enumerate() {
        let Some(end) = *end else { continue };
        let mut others: Vec<(f64, usize)> = (0..u)
            .filter(|v| ends[*v].is_some())
            .map(|v| (units[u].at.to(units[v].at), v))
            .filter(|(metres, _)| *metres < 6000.0)
            .collect();
        others.sort_by(|a, b| a.0.total_cmp(&b.0));
        let detour = sketch.between(1.25, 1.5);
        let level = |v: usize| {
            let other = ends[v].unwrap_or(end);
            let straight = sketch.network.at(end).to(sketch.network.at(other));
            (seat[end as usize] - seat[other as usize]).abs() < straight * detour * 0.97
        };
        let found = others.iter().filter(|(_, v)| level(*v)).take(2).map(|(_, v)| *v).collect::<Vec<_>>();
        for v in found {
            let Some(other) = ends[v] else { continue };
            if sketch.random.unit() < 0.4 {
                let (a, b) = (sketch.network.at(end), sketch.network.at(other));
                let line = winding(a, b, a.to(b) * detour, SPACING, sketch.random);
                let nodes = sketch.network.join(end, &line, other);
                let surface = ["concrete", "gravel"][sketch.random.below(2)];
                let name = format!("{}{}联村路", units[u].name, units[v].name);
                sketch.any.add_all(sketch.network, &nodes);
                sketch.network.roads.push(Road::new("unclassified", surface, name, nodes));
            }
        }
    }
}

/// From the outermost village of each direction a track of some 15 km leads to a hamlet.
fn remote(sketch: &mut Sketch, units: &[Unit], settled: &mut [Settled]) {
    for degrees in REMOTE {
        let (sin, cos) = (degrees * PI / 180.0).sin_cos();
        let outward = |u: &usize| units[*u].at.x * cos + units[*u].at.y * sin;
        let open = (0..units.len())
            .filter(|u| !units[*u].community && !settled[*u].island && settled[*u].remote.is_none());
        let Some(u) = open.max_by(|a, b| outward(a).total_cmp(&outward(b))) else { continue };
        let Some(start) = settled[u].hamlets[0].nodes.last().copied() else { continue };
        let to = sketch.network.at(start).moved(degrees * PI / 180.0, 8300.0);
        let nodes = sketch.road_to(start, to, 1.85);
        let group = settled[u].hamlets.len();
        sketch.add_track(format!("{}{group}社山路", units[u].name), nodes.clone(), 2);
        settled[u].remote = Some(Hamlet { group, nodes: nodes[nodes.len() - 10..].to_vec() });
    }
}

/// Tracks into the fields; a third of them stop short of another road, as surveyed by nobody; some have a gate.
fn field_tracks(sketch: &mut Sketch, settled: &[Settled]) {
    let open: Vec<&Settled> = settled.iter().filter(|s| !s.island && s.hamlets.len() > 1).collect();
    for _ in 0..FIELD_TRACKS {
        let place = open[sketch.random.below(open.len())];
        let hamlet = &place.hamlets[1 + sketch.random.below(place.hamlets.len() - 1)];
        let from = hamlet.nodes[sketch.random.below(hamlet.nodes.len())];
        let angle = sketch.random.unit() * TAU;
        let mut to = sketch.network.at(from).moved(angle, sketch.between(500.0, 1600.0));
        if sketch.random.unit() < 0.33
            && let Some((near, metres)) = sketch.any.nearest(to)
            && metres > 250.0
        {
            to = to.moved(to.angle_to(sketch.network.at(near)), metres - 150.0);
        }
        let nodes = sketch.road_to(from, to, 1.4);
        if sketch.random.unit() < 0.06 {
            sketch.network.node_tags.insert(nodes[1], vec![("barrier", "gate".into())]);
        }
        let grade = 1 + sketch.random.below(3);
        sketch.add_track(String::new(), nodes, grade);
        if sketch.random.unit() < 0.03
            && let Some(road) = sketch.network.roads.last_mut()
        {
            road.extra.push(("access", "private"));
        }
    }
}

/// Short tracks that meet nothing.
fn scraps(sketch: &mut Sketch, units: &[Unit]) {
    for _ in 0..14 {
        let unit = &units[sketch.random.below(units.len())];
        let angle = sketch.random.unit() * TAU;
        let from = unit.at.moved(angle, sketch.between(1500.0, 2500.0));
        let start = sketch.network.add_point(from);
        let to = from.moved(angle, sketch.between(300.0, 900.0));
        let nodes = sketch.road_to(start, to, 1.2);
        sketch.add_track(String::new(), nodes, 2);
    }
}
