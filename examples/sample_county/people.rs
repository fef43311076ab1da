//! Invented clients: by census population to townships, then to villages and homes along drawn roads.

use crate::geometry::Point;
use crate::invent;
use crate::network::SegmentIndex;
use crate::village_roads::Hamlet;
use crate::{Land, router};
use caregrid::base::SplitMix64;
use std::f64::consts::TAU;

pub const CLIENTS: usize = 5000;
/// The notice serves the rural poor first: the county seat counts with half its population.
const SEAT_SHARE: f64 = 0.5;
/// Share of rows without coordinates, located by village.
const UNLOCATED: f64 = 0.03;
const NO_ROAD: usize = 50;
const REMOTE_HOMES: usize = 9;

/// Where somebody lives: `node` is a road node beside the home.
#[derive(Debug, Clone, Copy)]
pub struct Home {
    pub at: Point,
    pub node: u32,
}

/// One invented client.
#[derive(Debug, Clone)]
pub struct Client {
    pub id: String,
    pub person: invent::Person,
    pub unit: usize,
    pub group: usize,
    pub home: Home,
    /// 经度/纬度 are filled.
    pub located: bool,
    pub category: &'static str,
    pub tier: usize,
    pub needs_female: bool,
    /// 上午, 下午 or empty.
    pub window: &'static str,
    /// The planted gap.
    pub planted: Option<&'static str>,
}

impl Client {
    /// Hours a month: visits owed, each with some travel.
    pub fn load_h(&self) -> f64 {
        let visits = match self.category {
            "分散供养特困人员" | "经济困难老年人" => 3.0,
            "贫困重度残疾人" => 2.0,
            _ => 0.0,
        };
        visits * ([60.0, 90.0, 120.0][self.tier - 1] + 20.0) / 60.0
    }
}

/// Splits `total` in proportion to `weights`, largest remainders first.
pub fn apportion(total: usize, weights: &[f64]) -> Vec<usize> {
    let sum: f64 = weights.iter().sum();
    let exact: Vec<f64> = weights.iter().map(|w| w / sum * total as f64).collect();
    let mut out: Vec<usize> = exact.iter().map(|e| e.floor() as usize).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|a, b| exact[*b].fract().total_cmp(&exact[*a].fract()).then(a.cmp(b)));
    let missing = total - out.iter().sum::<usize>();
    order.iter().take(missing).for_each(|i| out[*i] += 1);
    out
}

/// All clients, township by township, village by village.
pub fn clients(land: &Land, random: &mut SplitMix64) -> Vec<Client> {
    let segments = SegmentIndex::new(&land.network);
    let weights: Vec<f64> = land
        .townships
        .iter()
        .enumerate()
        .map(|(i, t)| t.population * if i == 0 { SEAT_SHARE } else { 1.0 })
        .collect();
    let mut out = Vec::with_capacity(CLIENTS);
    for (t, count) in apportion(CLIENTS, &weights).into_iter().enumerate() {
        let own: Vec<usize> = (0..land.units.len()).filter(|u| land.units[*u].township == t).collect();
        let spread: Vec<f64> = own.iter().map(|_| 0.75 + 0.5 * random.unit()).collect();
        let mut names = invent::Names::default();
        let mut serial = 0;
        for (u, heads) in own.iter().zip(apportion(count, &spread)) {
            for _ in 0..heads {
                serial += 1;
                let id = format!("{}-{serial:04}", &land.townships[t].code[6..]);
                out.push(client(land, &segments, *u, id, &mut names, random));
            }
        }
    }
    plant_far_from_roads(land, &segments, &mut out, random);
    plant_remote(land, &segments, &mut out, random);
    out
}

fn client(
    land: &Land,
    segments: &SegmentIndex,
    unit: usize,
    id: String,
    names: &mut invent::Names,
    random: &mut SplitMix64,
) -> Client {
    let settled = &land.settled[unit];
    let spot = (random.unit() * (settled.hamlets.len() as f64 + 0.6)) as usize;
    let hamlet = settled.hamlets.get(spot).unwrap_or(&settled.hamlets[0]);
    let home = home(land, segments, hamlet, random);
    let (category, age) = category(random);
    let tier = match (category, random.below(100)) {
        ("贫困重度残疾人", 0..45) | (_, 0..62) => 1,
        ("贫困重度残疾人", 45..75) | (_, 62..87) => 2,
        _ => 3,
    };
    let window = match random.below(100) {
        0..6 => "上午",
        6..12 => "下午",
        _ => "",
    };
    let planted = settled.island.then_some("disconnected");
    let located = planted.is_some() || random.unit() >= UNLOCATED * 1.04;
    let person = names.person(age, random);
    let group = if land.units[unit].community { 0 } else { hamlet.group.max(1) };
    Client { id, person, unit, group, home, located, category, tier, needs_female: false, window, planted }
}

fn category(random: &mut SplitMix64) -> (&'static str, std::ops::Range<usize>) {
    match random.below(100) {
        0..30 => ("分散供养特困人员", 60..90),
        30..64 => ("经济困难老年人", 60..92),
        64..89 => ("贫困重度残疾人", 20..75),
        89..93 => ("低收入残疾人", 20..75),
        93..95 => ("孤儿", 6..17),
        95..97 => ("事实无人抚养儿童", 5..17),
        _ => ("其他", 30..80),
    }
}

/// A home 20-150 m beside the hamlet's road, with no other road nearer than 15 m.
fn home(land: &Land, segments: &SegmentIndex, hamlet: &Hamlet, random: &mut SplitMix64) -> Home {
    let mut best = None;
    for _ in 0..40 {
        let node = hamlet.nodes[random.below(hamlet.nodes.len())];
        let at = land.network.at(node).moved(random.unit() * TAU, 20.0 + 115.0 * random.unit().powi(2));
        let near = segments.nearest(at, 160.0);
        let beside_own = near.is_some_and(|(way, d)| {
            (17.0..150.0).contains(&d) && land.network.roads[way].nodes.contains(&node)
        });
        best = Some(Home { at, node });
        if beside_own {
            break;
        }
    }
    best.unwrap_or(Home { at: Point::default(), node: 0 })
}

/// Homes with no road within 620 m: a real gap of the road map.
fn plant_far_from_roads(
    land: &Land,
    segments: &SegmentIndex,
    clients: &mut [Client],
    random: &mut SplitMix64,
) {
    let mut planted = 0;
    for _ in 0..400_000 {
        if planted == NO_ROAD {
            return;
        }
        let c = random.below(clients.len());
        let unit = &land.units[clients[c].unit];
        let at = unit.at.moved(random.unit() * TAU, 900.0 + 2200.0 * random.unit());
        let own = land.units.iter().all(|u| u.at.to(at) >= unit.at.to(at));
        if clients[c].planted.is_some() || unit.community || !own || segments.nearest(at, 620.0).is_some() {
            continue;
        }
        clients[c].home.at = at;
        clients[c].located = true;
        clients[c].planted = Some("no_road_near");
        planted += 1;
    }
}

/// Homes at the end of the long tracks.
fn plant_remote(land: &Land, segments: &SegmentIndex, clients: &mut [Client], random: &mut SplitMix64) {
    for (u, settled) in land.settled.iter().enumerate() {
        let Some(hamlet) = &settled.remote else { continue };
        let own = clients.iter_mut().filter(|c| c.unit == u && c.planted.is_none());
        for client in own.take(REMOTE_HOMES) {
            client.home = home(land, segments, hamlet, random);
            client.group = hamlet.group;
            client.located = true;
            client.planted = Some("too_far");
        }
    }
}

/// Seconds from a caregiver's home to every road node within `limit` seconds, the walk to the road included.
pub fn reach(graph: &router::Graph, home: &Home, land: &Land, limit: f64) -> Vec<f64> {
    let walk = walk_s(land, home);
    let mut seconds = graph.reach(home.node, limit);
    seconds.iter_mut().for_each(|s| *s += walk);
    seconds
}

/// The walk between a home and its road, at 5 km/h.
pub fn walk_s(land: &Land, home: &Home) -> f64 {
    home.at.to(land.network.at(home.node)) / 5.0 * 3.6
}
