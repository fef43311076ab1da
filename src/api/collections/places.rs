//! Outlets, grids, villages and townships as features.

use crate::api::collections::{Feature, Names, position};
use crate::base::{Bounds, LonLat};
use crate::coverage::Verdict;
use crate::plan::{ClientRow, Plan};
use crate::roster::Category;
use geo::{ConvexHull, MultiPoint};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// All candidate sites, by site; `open` tells which the plan opens.
pub(super) fn outlets(plan: &Plan) -> Vec<Feature> {
    let rows: BTreeMap<usize, _> = plan.outlets.iter().map(|o| (o.site.at(), o)).collect();
    let sites = plan.county.sites.iter().enumerate();
    sites
        .map(|(at, site)| {
            let row = rows.get(&at);
            let properties = json!({
                "id": site.id,
                "name": site.name,
                "existing": site.existing,
                "open": row.is_some(),
                "township": site.township,
                "clients": row.map(|r| r.clients),
                "visits": row.map(|r| r.visits),
                "minutes": row.map(|r| r.minutes.0),
                "capacity_h": site.capacity_h,
                "cost_fen": site.cost.map(|c| c.0),
            });
            Feature::point(&site.id, Some(site.at), &properties)
        })
        .collect()
}

/// Grids with the hull around their homes (a picture, not a border).
pub(super) fn grids(plan: &Plan, names: Names) -> Vec<Feature> {
    let mut homes: Vec<Vec<LonLat>> = vec![Vec::new(); plan.grids.len()];
    for (client, row) in plan.county.clients.iter().zip(&plan.clients) {
        if let (Some(at), Some(grid)) = (client.at, row.grid) {
            homes[grid.at()].push(at);
        }
    }
    let people = &plan.county.caregivers;
    let rows = plan.grids.iter().zip(homes).enumerate();
    rows.map(|(at, (grid, homes))| {
        let id = Plan::grid_id(crate::base::GridIx::of(at));
        let caregiver = &people[grid.caregiver.at()];
        let exceptions: Vec<Value> = grid
            .exceptions
            .iter()
            .map(|(c, why)| json!({"client": plan.county.clients[c.at()].id, "reason": why.word()}))
            .collect();
        let properties = json!({
            "id": id,
            "caregiver": caregiver.id,
            "caregiver_name": names.of(&caregiver.name),
            "backup": grid.backup.map(|b| people[b.at()].id.as_str()),
            "cells": grid.cells,
            "clients": grid.clients,
            "exceptions": exceptions,
        });
        let extent = Bounds::around(homes.iter().copied());
        let ring = ring(&homes);
        let geometry = if ring.len() >= 4 && names.homes() {
            json!({"type": "Polygon", "coordinates": [ring]})
        } else {
            Value::Null
        };
        Feature::new(&id, extent, &geometry, &properties)
    })
    .collect()
}

/// The convex hull as a closed counter-clockwise ring; shorter than 4 if it has no area.
fn ring(homes: &[LonLat]) -> Vec<[f64; 2]> {
    let points: Vec<(f64, f64)> = homes.iter().map(|p| (p.lon, p.lat)).collect();
    let hull = MultiPoint::from(points).convex_hull();
    hull.exterior().coords().map(|c| position(LonLat { lon: c.x, lat: c.y })).collect()
}

/// The village register, with who lives there.
pub(super) fn villages(plan: &Plan) -> Vec<Feature> {
    let mut by_name: BTreeMap<(&str, &str), (u32, u32)> = BTreeMap::new();
    for (client, row) in plan.county.clients.iter().zip(&plan.clients) {
        let count = by_name.entry((&client.township, &client.village)).or_default();
        count.0 += 1;
        count.1 += u32::from(row.verdict == Verdict::Served);
    }
    if plan.county.villages.is_empty() {
        return near_places(plan);
    }
    let villages = plan.county.villages.iter();
    villages
        .map(|v| {
            let (clients, served) =
                by_name.get(&(v.township.as_str(), v.name.as_str())).copied().unwrap_or_default();
            let properties = json!({
                "code": v.code, "name": v.name, "township_code": v.township_code,
                "township": v.township, "clients": clients, "served": served,
            });
            Feature::point(&v.code, v.at, &properties)
        })
        .collect()
}

/// The map's places in the stead of a register: each at the mean of the homes near it.
fn near_places(plan: &Plan) -> Vec<Feature> {
    let mut sums: BTreeMap<&str, (u32, u32, f64, f64)> = BTreeMap::new();
    for (at, (client, row)) in plan.county.clients.iter().zip(&plan.clients).enumerate() {
        if let (Some(Some(name)), Some(home)) = (plan.near.get(at), client.at) {
            let sum = sums.entry(name).or_default();
            *sum = (
                sum.0 + 1,
                sum.1 + u32::from(row.verdict == Verdict::Served),
                sum.2 + home.lon,
                sum.3 + home.lat,
            );
        }
    }
    let one = |(name, (clients, served, lon, lat)): (&str, (u32, u32, f64, f64))| {
        let properties = json!({"code": name, "name": name, "township_code": "", "township": "",
                                "clients": clients, "served": served});
        let n = f64::from(clients);
        Feature::point(name, Some(LonLat { lon: lon / n, lat: lat / n }), &properties)
    };
    sums.into_iter().map(one).collect()
}

#[derive(Default)]
struct TownshipSum {
    clients: u32,
    served: u32,
    in_outlet_circle: u32,
    owed: u32,
    planned: u32,
    by_category: BTreeMap<Category, (u32, u32)>,
    causes: BTreeMap<&'static str, u32>,
    at: (f64, f64, u32),
}

impl TownshipSum {
    fn add(&mut self, category: Category, at: Option<LonLat>, row: &ClientRow, planned: u32, inside: bool) {
        self.clients += 1;
        self.served += u32::from(row.verdict == Verdict::Served);
        self.in_outlet_circle += u32::from(inside);
        self.owed += row.owed;
        self.planned += planned;
        let visits = self.by_category.entry(category).or_default();
        visits.0 += row.owed;
        visits.1 += planned;
        if let Some(cause) = row.cause {
            *self.causes.entry(cause.word()).or_default() += 1;
        }
        if let Some(p) = at {
            self.at = (self.at.0 + p.lon, self.at.1 + p.lat, self.at.2 + 1);
        }
    }
}

/// Townships by name with their sums; the point is the mean of their homes.
pub(super) fn townships(plan: &Plan, planned: &[u32]) -> Vec<Feature> {
    let mut sums: BTreeMap<&str, TownshipSum> = BTreeMap::new();
    let mut codes: BTreeMap<&str, &str> = BTreeMap::new();
    for v in &plan.county.villages {
        sums.entry(&v.township).or_default();
        codes.entry(&v.township).or_insert(&v.township_code);
    }
    let limit = plan.policy.limit.seconds_up();
    for ((client, row), planned) in plan.county.clients.iter().zip(&plan.clients).zip(planned) {
        let inside = row.outlet_time.is_some_and(|t| t <= limit);
        let sum = sums.entry(&client.township).or_default();
        sum.add(client.category, client.at, row, *planned, inside);
    }
    sums.into_iter()
        .map(|(name, s)| {
            let by_category: BTreeMap<&str, [u32; 2]> =
                s.by_category.iter().map(|(c, v)| (c.zh(), [v.0, v.1])).collect();
            let properties = json!({
                "name": name, "code": codes.get(name), "clients": s.clients, "served": s.served,
                "in_outlet_circle": s.in_outlet_circle, "gaps": s.clients - s.served,
                "owed": s.owed, "planned": s.planned, "by_category": by_category, "causes": s.causes,
            });
            let n = f64::from(s.at.2);
            let at = (s.at.2 > 0).then(|| LonLat { lon: s.at.0 / n, lat: s.at.1 / n });
            Feature::point(codes.get(name).unwrap_or(&name), at, &properties)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hull_of_a_square_with_a_middle_is_the_square_counter_clockwise() {
        let at = |lon: f64, lat: f64| LonLat { lon, lat };
        let square = ring(&[at(0.0, 0.0), at(1.0, 0.0), at(0.5, 0.5), at(1.0, 1.0), at(0.0, 1.0)]);
        let twice_area: f64 = square.windows(2).map(|w| w[0][0] * w[1][1] - w[1][0] * w[0][1]).sum();
        assert_eq!((square.len(), square.first(), twice_area), (5, square.last(), 2.0), "{square:?}");
        assert!(ring(&[at(0.0, 0.0), at(1.0, 1.0), at(2.0, 2.0)]).len() < 4);
    }
}
