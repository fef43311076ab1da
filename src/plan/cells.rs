//! Village cells, the atoms of grids: the register's villages, else the map's places, else 2 km squares.

use crate::base::{CellIx, ClientIx, LonLat, metres_per_degree};
use crate::network::MapPlace;
use crate::roster::County;
use rstar::{RTree, primitives::GeomWithData};
use std::collections::{BTreeMap, BTreeSet};

/// Cells with their clients and neighbours.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VillageCells {
    /// Unique names, for lists.
    pub names: Vec<String>,
    /// Clients of each cell, ascending.
    pub clients: Vec<Vec<ClientIx>>,
    /// Neighbouring cells, each pair once, ascending.
    pub adjacent: Vec<(CellIx, CellIx)>,
}

const SQUARE_M: f64 = 2000.0;
/// Only so many nearest cells are tried as neighbours.
const NEIGHBOURS_TRIED: usize = 24;

/// Puts every located client into a cell; a cell with more care than `most_minutes` a month is halved along its longer side.
#[must_use]
pub fn village_cells(county: &County, places: &[MapPlace], care: &[u32], most_minutes: u32) -> VillageCells {
    let mut named: BTreeMap<String, Vec<ClientIx>> = BTreeMap::new();
    let seeds = Seeds::of(county, places);
    for (i, client) in county.clients.iter().enumerate() {
        let Some(at) = client.at.filter(|_| !client.doubtful) else { continue };
        let name = seeds.name(&client.township, &client.village, at);
        named.entry(name).or_default().push(ClientIx::of(i));
    }
    let place = |c: &ClientIx| county.clients[c.at()].at.unwrap_or_default();
    let mut cells = VillageCells::default();
    for (name, clients) in named {
        let mut parts = Vec::new();
        halve(clients, &place, care, most_minutes, &mut parts);
        let several = parts.len() > 1;
        for (k, mut part) in parts.into_iter().enumerate() {
            part.sort_unstable();
            cells.names.push(if several { format!("{name}·{}", k + 1) } else { name.clone() });
            cells.clients.push(part);
        }
    }
    let centres: Vec<LonLat> = cells.clients.iter().map(|c| mean(c.iter().map(place))).collect();
    cells.adjacent = gabriel(&centres);
    cells
}

fn mean(places: impl Iterator<Item = LonLat>) -> LonLat {
    let (n, lon, lat) = places.fold((0.0, 0.0, 0.0), |(n, x, y), p| (n + 1.0, x + p.lon, y + p.lat));
    LonLat { lon: lon / f64::max(n, 1.0), lat: lat / f64::max(n, 1.0) }
}

/// Local metres, good enough to compare neighbours.
fn flat(p: LonLat, lat0: f64) -> [f64; 2] {
    let (x, y) = metres_per_degree(lat0);
    [p.lon * x, p.lat * y]
}

type Seed = GeomWithData<[f64; 2], usize>;

struct Seeds {
    names: Vec<String>,
    by_name: BTreeSet<String>,
    tree: RTree<Seed>,
    lat0: f64,
}

impl Seeds {
    fn of(county: &County, places: &[MapPlace]) -> Seeds {
        let lat0 = mean(county.clients.iter().filter_map(|c| c.at)).lat;
        let full = |township: &str, name: &str| format!("{township}{name}").replace([';', '|'], " ");
        let villages: Vec<(String, Option<LonLat>)> =
            county.villages.iter().map(|v| (full(&v.township, &v.name), v.at)).collect();
        let by_name = villages.iter().map(|(n, _)| n.clone()).collect();
        let mut seeds: Vec<(String, LonLat)> =
            villages.into_iter().filter_map(|(n, at)| Some((n, at?))).collect();
        if seeds.is_empty() {
            let settled = [
                "city",
                "town",
                "village",
                "hamlet",
                "suburb",
                "neighbourhood",
                "isolated_dwelling",
                "locality",
            ];
            seeds = (places.iter().filter(|p| settled.contains(&p.kind.as_str())))
                .map(|p| (full("", &p.name), p.at))
                .collect();
            number_repeated(&mut seeds);
        }
        let points = seeds.iter().enumerate().map(|(i, (_, at))| Seed::new(flat(*at, lat0), i)).collect();
        Seeds {
            names: seeds.into_iter().map(|(n, _)| n).collect(),
            by_name,
            tree: RTree::bulk_load(points),
            lat0,
        }
    }

    fn name(&self, township: &str, village: &str, at: LonLat) -> String {
        let said = format!("{township}{village}");
        if !village.is_empty() && self.by_name.contains(&said) {
            return said;
        }
        let here = flat(at, self.lat0);
        match self.tree.nearest_neighbor(here) {
            Some(seed) => self.names[seed.data].clone(),
            None => format!("R{}C{}", (here[1] / SQUARE_M).floor(), (here[0] / SQUARE_M).floor()),
        }
    }
}

/// The map's place that each client's cell is named after, for lists of a county whose rosters name no village; a register
/// of villages says it better, and squares have no name.
pub(super) fn near_places<'a>(
    county: &County,
    cells: impl Iterator<Item = (&'a str, &'a [ClientIx])>,
) -> Vec<Option<String>> {
    let mut near = vec![None; county.clients.len()];
    if !county.villages.is_empty() {
        return near;
    }
    for (name, clients) in cells {
        let whole = name.split(['·', '#']).next().unwrap_or(name);
        let is_square = whole.strip_prefix('R').is_some_and(|rest| {
            rest.split('C').count() == 2 && rest.chars().all(|c| c.is_ascii_digit() || "C-".contains(c))
        });
        if is_square {
            continue;
        }
        for client in clients {
            near[client.at()] = Some(whole.to_owned());
        }
    }
    near
}

/// Two places of one name are two cells.
fn number_repeated(seeds: &mut [(String, LonLat)]) {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for (name, _) in seeds {
        let n = seen.entry(name.clone()).or_default();
        *n += 1;
        if *n > 1 {
            *name = format!("{name}#{n}");
        }
    }
}

fn halve(
    mut clients: Vec<ClientIx>,
    place: &dyn Fn(&ClientIx) -> LonLat,
    care: &[u32],
    most: u32,
    out: &mut Vec<Vec<ClientIx>>,
) {
    let load: u32 = clients.iter().map(|c| care[c.at()]).sum();
    if load <= most || clients.len() < 2 {
        out.push(clients);
        return;
    }
    let lat0 = mean(clients.iter().map(place)).lat;
    let key = |c: &ClientIx, axis: usize| flat(place(c), lat0)[axis];
    let span = |axis: usize| {
        let values = clients.iter().map(|c| key(c, axis));
        let (lo, hi) = values.fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
        hi - lo
    };
    let axis = usize::from(span(1) > span(0));
    clients.sort_by(|a, b| key(a, axis).total_cmp(&key(b, axis)).then(a.cmp(b)));
    let rest = clients.split_off(clients.len() / 2);
    halve(clients, place, care, most, out);
    halve(rest, place, care, most, out);
}

/// Gabriel graph: two cells are neighbours when no third centre lies in the circle between them (Gabriel, Sokal 1969).
/// It holds the minimum spanning tree, so every region is connected.
fn gabriel(centres: &[LonLat]) -> Vec<(CellIx, CellIx)> {
    let lat0 = mean(centres.iter().copied()).lat;
    let points: Vec<[f64; 2]> = centres.iter().map(|c| flat(*c, lat0)).collect();
    let tree = RTree::bulk_load(points.iter().enumerate().map(|(i, p)| Seed::new(*p, i)).collect());
    let mut pairs = Vec::new();
    for (i, p) in points.iter().enumerate() {
        for other in tree.nearest_neighbor_iter(*p).take(NEIGHBOURS_TRIED + 1).filter(|s| s.data != i) {
            let q = points[other.data];
            let middle = [(p[0] + q[0]) / 2.0, (p[1] + q[1]) / 2.0];
            let square = |a: &[f64; 2]| (a[0] - middle[0]).powi(2) + (a[1] - middle[1]).powi(2);
            let radius = square(p) * (1.0 - 1e-9);
            let empty = tree
                .nearest_neighbor_iter(middle)
                .take_while(|s| square(s.geom()) < radius)
                .all(|s| s.data == i || s.data == other.data);
            if empty {
                pairs.push((CellIx::of(i.min(other.data)), CellIx::of(i.max(other.data))));
            }
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ```text
    /// a . b . c     b lies between a and c, so a and c are no neighbours
    ///     d
    /// ```
    #[test]
    fn a_village_between_two_others_parts_them() {
        let at = |lon: f64, lat: f64| LonLat { lon, lat };
        let pairs = gabriel(&[at(0.0, 0.0), at(0.01, 0.0), at(0.02, 0.0), at(0.01, -0.01)]);
        let pairs: Vec<(u32, u32)> = pairs.into_iter().map(|(a, b)| (a.0, b.0)).collect();
        assert!(pairs.contains(&(0, 1)) && pairs.contains(&(1, 2)) && pairs.contains(&(1, 3)));
        assert!(!pairs.contains(&(0, 2)));
    }
}
