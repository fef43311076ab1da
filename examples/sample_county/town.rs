//! The county seat: a grid of streets with one-ways, bollards, gates and turn restrictions; and the small crosses of the township seats.

use crate::figures::Township;
use crate::geometry::Point;
use crate::network::{Network, Restriction, Road};
use caregrid::base::SplitMix64;

/// Streets west to east and south to north.
pub const COLUMNS: usize = 12;
pub const ROWS: usize = 10;
const BLOCK: f64 = 210.0;
const AVENUES: [&str; 12] = [
    "西河路",
    "柳荫巷",
    "文庙巷",
    "北关街",
    "书院街",
    "会师大道",
    "钟鼓楼街",
    "桃花路",
    "校场街",
    "东关街",
    "杏林巷",
    "东河路",
];
const STREETS: [&str; 10] =
    ["南环路", "南关巷", "枝阳街", "状元街", "汉唐街", "长征路", "广场街", "月牙巷", "北街", "北环路"];

/// The crossings of the seat's grid, `[column][row]`.
pub struct Town {
    pub crossings: Vec<Vec<u32>>,
}

impl Town {
    pub fn centre(&self) -> u32 {
        self.crossings[5][5]
    }

    /// Crossings on the rim, where township roads begin, with their road distance to the centre.
    pub fn gateways(&self, network: &Network) -> Vec<(u32, f64)> {
        let centre = (5i32, 5i32);
        let mut out = Vec::new();
        for c in 0..COLUMNS {
            for r in 0..ROWS {
                if c == 0 || r == 0 || c == COLUMNS - 1 || r == ROWS - 1 {
                    let blocks = (c as i32 - centre.0).abs() + (r as i32 - centre.1).abs();
                    out.push((self.crossings[c][r], f64::from(blocks) * BLOCK));
                }
            }
        }
        out.retain(|(n, _)| (*n as usize) < network.points.len());
        out
    }
}

/// A big street is wide, two-way, and keeps its name through the town.
fn class(column: bool, line: usize) -> (&'static str, bool) {
    match (column, line) {
        (true, 5) | (false, 5) => ("secondary", true),
        (true, 0 | 11 | 8 | 2) | (false, 0 | 9 | 3 | 7) => ("tertiary", true),
        _ => ("residential", false),
    }
}

/// Draws the seat around its township's centroid.
pub fn seat(network: &mut Network, township: &Township, random: &mut SplitMix64) -> Town {
    let turned = 0.12f64;
    let corner = |c: usize, r: usize| {
        let (u, v) = ((c as f64 - 5.0) * BLOCK, (r as f64 - 5.0) * BLOCK);
        let at = township.at;
        Point::new(at.x + u * turned.cos() - v * turned.sin(), at.y + u * turned.sin() + v * turned.cos())
    };
    let crossings: Vec<Vec<u32>> =
        (0..COLUMNS).map(|c| (0..ROWS).map(|r| network.add_point(corner(c, r))).collect()).collect();
    let mut arriving = vec![vec![Vec::new(); ROWS]; COLUMNS];
    for c in 0..COLUMNS {
        for r in 0..ROWS {
            if c + 1 < COLUMNS {
                let way = block(network, crossings[c][r], crossings[c + 1][r], (false, r), random);
                arriving[c][r].push(way);
                arriving[c + 1][r].push(way);
            }
            if r + 1 < ROWS {
                let way = block(network, crossings[c][r], crossings[c][r + 1], (true, c), random);
                arriving[c][r].push(way);
                arriving[c][r + 1].push(way);
            }
        }
    }
    restrict(network, &crossings, &arriving);
    network.places.push((township.at, "town", township.name.clone()));
    Town { crossings }
}

/// One block of a street; residential streets alternate as one-ways, some quiet two-way ones end at bollards or gates.
fn block(
    network: &mut Network,
    a: u32,
    b: u32,
    (column, line): (bool, usize),
    random: &mut SplitMix64,
) -> usize {
    let (highway, wide) = class(column, line);
    let line_points = crate::geometry::resample(&[network.at(a), network.at(b)], 52.0);
    let mut nodes = network.join(a, &line_points, b);
    let name = if column { AVENUES[line] } else { STREETS[line] };
    let oneway = !wide && line % 2 == 1;
    if !wide && !oneway && random.unit() < 0.16 {
        let kind = if random.unit() < 0.6 { "bollard" } else { "gate" };
        network.node_tags.insert(nodes[nodes.len() / 2], vec![("barrier", kind.into())]);
    }
    if oneway && line % 4 == 3 {
        nodes.reverse();
    }
    let mut road = Road::new(highway, "asphalt", name.into(), nodes);
    if oneway {
        road.extra.push(("oneway", "yes"));
    }
    network.roads.push(road);
    network.roads.len() - 1
}

/// No left turn off the two great streets where they meet the tertiary ones, no U-turn at the centre.
fn restrict(network: &mut Network, crossings: &[Vec<u32>], arriving: &[Vec<Vec<usize>>]) {
    for (c, r) in [(5, 3), (5, 7), (2, 5), (8, 5), (5, 5)] {
        let via = crossings[c][r];
        let ways = &arriving[c][r];
        for from in ways.iter().copied() {
            for to in ways.iter().copied() {
                let kind = turn(network, from, via, to);
                if kind == "no_left_turn" && network.roads[from].highway == "secondary" || kind == "no_u_turn"
                {
                    network.restrictions.push(Restriction { from, via, to, kind });
                }
            }
        }
    }
}

fn turn(network: &Network, from: usize, via: u32, to: usize) -> &'static str {
    if from == to {
        return "no_u_turn";
    }
    let next = |way: usize| {
        let nodes = &network.roads[way].nodes;
        if nodes[0] == via { nodes[1] } else { nodes[nodes.len() - 2] }
    };
    let (a, v, b) = (network.at(next(from)), network.at(via), network.at(next(to)));
    let cross = (v.x - a.x) * (b.y - v.y) - (v.y - a.y) * (b.x - v.x);
    if cross > 0.5 * a.to(v) * v.to(b) { "no_left_turn" } else { "allowed" }
}

/// A township's seat: a street with two crossings. Returns its middle and all its nodes.
pub fn small_seat(network: &mut Network, township: &Township, random: &mut SplitMix64) -> (u32, Vec<u32>) {
    let turned = random.unit() * std::f64::consts::PI;
    let middle = network.add_point(township.at);
    let across = turned + std::f64::consts::FRAC_PI_2;
    let mut all = vec![middle];
    let mut street = |network: &mut Network, from: u32, angle: f64, metres: f64, name: String, highway| {
        let a = network.at(from);
        let line = crate::geometry::resample(&[a, a.moved(angle, metres)], 50.0);
        let nodes = network.extend(from, &line);
        all.extend(&nodes[1..]);
        network.roads.push(Road::new(highway, "asphalt", name, nodes.clone()));
        nodes
    };
    let town = &township.name;
    let east = street(network, middle, turned, 400.0, format!("{town}东街"), "tertiary");
    let west =
        street(network, middle, turned + std::f64::consts::PI, 400.0, format!("{town}西街"), "tertiary");
    for (from, label) in [(middle, "中"), (east[4], "东"), (west[4], "西")] {
        street(network, from, across, 220.0, format!("{town}{label}北巷"), "residential");
        street(
            network,
            from,
            across + std::f64::consts::PI,
            220.0,
            format!("{town}{label}南巷"),
            "residential",
        );
    }
    network.places.push((township.at, "town", township.name.clone()));
    (middle, all)
}
