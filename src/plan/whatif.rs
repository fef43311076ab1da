//! What if outlets stood elsewhere? The outlet circle re-counted for every client, fast enough to follow a hand.

use crate::base::{Fault, LonLat, Outcome, Seconds, SiteIx};
use crate::coverage::Verdict;
use crate::plan::Plan;
use crate::plan::live::{LivePlan, numbered};
use crate::roster::{County, Site};
use crate::travel::{Change, NearestOutlets, OutletHandle};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Changes to the plan's open outlets.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WhatIf {
    /// Candidate sites to open in place of the plan's; without it the plan's outlets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<Vec<String>>,
    /// Open outlets that stand elsewhere.
    #[serde(rename = "move")]
    pub moves: Vec<Moved>,
    /// New outlets; they are called `+1`, `+2` … in the answer.
    pub add: Vec<LonLat>,
    /// Open outlets that close.
    pub remove: Vec<String>,
}

/// An outlet at another place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moved {
    /// Id of an open outlet.
    pub outlet: String,
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
}

/// What would follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WhatIfAnswer {
    /// Clients served: caregivers and visits stay as planned.
    pub served: u32,
    /// Clients inside the limit of an open outlet.
    pub in_outlet_circle: u32,
    /// Open outlets.
    pub outlets: u32,
    /// Clients whose nearest outlet, time or verdict differs from the plan, in the roster's order.
    pub changed: Vec<Changed>,
}

/// A client for whom something changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Who.
    pub client: String,
    /// Nearest open outlet within the fill limit.
    pub outlet: Option<String>,
    /// Its travel time.
    pub outlet_time_s: Option<Seconds>,
    /// The verdict.
    pub verdict: &'static str,
}

/// Most outlets of a question; each new place costs one search.
const MOST_OUTLETS: usize = 500;

impl LivePlan {
    /// Answers `question`. Equal times go to the outlet that stands first in the list of sites, new ones last.
    ///
    /// # Errors
    /// An outlet is unknown, not open, or named twice; a place is not on earth; too many outlets.
    pub fn what_if(&self, plan: &Plan, question: &WhatIf) -> Outcome<WhatIfAnswer> {
        let after = self.asked(plan, question)?;
        let changes = after.changes_since(self.planned());
        let served = plan.clients.iter().filter(|c| c.verdict == Verdict::Served).count();
        Ok(WhatIfAnswer {
            served: served as u32,
            in_outlet_circle: after.within(plan.policy.limit) as u32,
            outlets: after.outlets().count() as u32,
            changed: changes.iter().map(|change| changed(plan, change)).collect(),
        })
    }

    /// The outlets that `question` opens: candidate sites, moved or not, then new places.
    ///
    /// # Errors
    /// As [`LivePlan::what_if`].
    pub(super) fn asked(&self, plan: &Plan, question: &WhatIf) -> Outcome<NearestOutlets> {
        let Settled { open, moved } = settle(plan, question)?;
        let mut trial = self.planned().clone();
        let planned: BTreeSet<SiteIx> = plan.outlets.iter().map(|o| o.site).collect();
        planned.difference(&open).for_each(|site| trial.close(numbered(*site)));
        for site in open.difference(&planned).filter(|site| !moved.contains_key(site)) {
            trial.open(numbered(*site), self.site_times(plan, *site));
        }
        for (site, place) in &moved {
            trial.open(numbered(*site), self.place_times(*place));
        }
        for (number, place) in (plan.county.sites.len() as u32..).zip(&question.add) {
            trial.open(OutletHandle(number), self.place_times(on_earth(*place)?));
        }
        Ok(trial)
    }
}

fn changed(plan: &Plan, change: &Change) -> Changed {
    let (served, near) = (plan.clients[change.client].verdict == Verdict::Served, change.after);
    Changed {
        client: plan.county.clients[change.client].id.clone(),
        outlet: near.map(|r| label(plan, r.outlet)),
        outlet_time_s: near.map(|r| r.ticks.seconds_up()),
        verdict: verdict(served, near.is_some_and(|r| r.ticks <= plan.policy.limit)).word(),
    }
}

/// Id of a candidate site, `+1`, `+2` … of a new place.
fn label(plan: &Plan, outlet: OutletHandle) -> String {
    let (at, sites) = (outlet.0 as usize, &plan.county.sites);
    sites.get(at).map_or_else(|| format!("+{}", at - sites.len() + 1), |site| site.id.clone())
}

/// The candidate sites that a question opens, and where those stand that it moves.
struct Settled {
    open: BTreeSet<SiteIx>,
    moved: BTreeMap<SiteIx, LonLat>,
}

fn settle(plan: &Plan, question: &WhatIf) -> Outcome<Settled> {
    let mut open: BTreeSet<SiteIx> = match &question.open {
        None => plan.outlets.iter().map(|o| o.site).collect(),
        Some(ids) => ids.iter().map(|id| site_of(plan, id)).collect::<Outcome<_>>()?,
    };
    for id in &question.remove {
        let site = site_of(plan, id)?;
        if !open.remove(&site) {
            return Err(not_open(id));
        }
    }
    if open.len() + question.add.len() > MOST_OUTLETS {
        return Err(Fault::refused(
            format!("网点过多，最多 {MOST_OUTLETS} 个。"),
            format!("too many outlets; at most {MOST_OUTLETS}."),
        ));
    }
    let mut moved = BTreeMap::new();
    for m in &question.moves {
        let site = site_of(plan, &m.outlet)?;
        let place = on_earth(LonLat { lon: m.lon, lat: m.lat })?;
        if !open.contains(&site) || moved.insert(site, place).is_some() {
            return Err(not_open(&m.outlet));
        }
    }
    Ok(Settled { open, moved })
}

impl WhatIf {
    /// The outlets that the question opens, as a plan can be made with them.
    ///
    /// # Errors
    /// An outlet is unknown, not open, or named twice; a place is not on earth; too many outlets.
    pub fn chosen(&self, plan: &Plan) -> Outcome<ChosenOutlets> {
        let Settled { open, moved } = settle(plan, self)?;
        let id = |site: &SiteIx| plan.county.sites[site.at()].id.clone();
        Ok(ChosenOutlets {
            open: open.iter().map(id).collect(),
            moved: moved.iter().map(|(site, place)| (id(site), *place)).collect(),
            added: self.add.iter().map(|place| on_earth(*place)).collect::<Outcome<_>>()?,
        })
    }
}

/// Outlets that a person chose one by one.
#[derive(Debug, Clone, PartialEq)]
pub struct ChosenOutlets {
    /// Ids of the sites that open.
    pub open: BTreeSet<String>,
    /// Those of them that stand elsewhere.
    pub moved: BTreeMap<String, LonLat>,
    /// New places.
    pub added: Vec<LonLat>,
}

impl ChosenOutlets {
    /// Moves and adds sites of the county; an existing outlet that closes or moves is a mere candidate from now on.
    /// Answers the open sites, ascending.
    ///
    /// # Errors
    /// A chosen site is not in the county.
    pub fn apply(&self, county: &mut County) -> Outcome<Vec<SiteIx>> {
        if let Some(id) = self.open.iter().find(|id| county.sites.iter().all(|s| s.id != **id)) {
            return Err(unknown(id));
        }
        let mut open = Vec::new();
        for (at, site) in county.sites.iter_mut().enumerate() {
            let moved = self.moved.get(&site.id);
            site.at = moved.copied().unwrap_or(site.at);
            site.existing &= self.open.contains(&site.id) && moved.is_none();
            if self.open.contains(&site.id) {
                open.push(SiteIx::of(at));
            }
        }
        let taken: BTreeSet<String> = county.sites.iter().map(|s| s.id.clone()).collect();
        let ids = (1..).map(|n| format!("T{n}")).filter(|id| !taken.contains(id));
        for (id, at) in ids.zip(&self.added) {
            open.push(SiteIx::of(county.sites.len()));
            let (name, township) = (format!("新设 {id}"), String::new());
            county.sites.push(Site {
                id,
                name,
                at: *at,
                existing: false,
                capacity_h: None,
                cost: None,
                township,
            });
        }
        Ok(open)
    }
}

fn verdict(served: bool, inside: bool) -> Verdict {
    match (served, inside) {
        (true, _) => Verdict::Served,
        (false, true) => Verdict::OutletOnly,
        (false, false) => Verdict::Gap,
    }
}

fn site_of(plan: &Plan, id: &str) -> Outcome<SiteIx> {
    plan.county.sites.iter().position(|s| s.id == id).map(SiteIx::of).ok_or_else(|| unknown(id))
}

fn unknown(id: &str) -> Fault {
    Fault::refused(
        format!("网点“{id}”不在候选网点表中。"),
        format!("the outlet '{id}' is not in the list of sites."),
    )
}

fn not_open(id: &str) -> Fault {
    Fault::refused(
        format!("网点“{id}”未开放，或重复出现。"),
        format!("the outlet '{id}' is not open, or named twice."),
    )
}

fn on_earth(place: LonLat) -> Outcome<LonLat> {
    if place.is_on_earth() {
        return Ok(place);
    }
    Err(Fault::refused(
        "坐标超出范围，应为经度、纬度。",
        "the place is out of range; give longitude and latitude.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chosen_outlets_move_add_and_close_sites_of_the_county() {
        let site = |id: &str, existing: bool| Site {
            id: id.into(),
            name: id.into(),
            at: LonLat { lon: 105.0, lat: 35.0 },
            existing,
            capacity_h: None,
            cost: None,
            township: String::new(),
        };
        let mut county = County {
            name: "示例".into(),
            synthetic: true,
            clients: Vec::new(),
            caregivers: Vec::new(),
            sites: vec![site("S1", true), site("S2", true), site("S3", false), site("T1", true)],
            villages: Vec::new(),
        };
        let there = LonLat { lon: 105.1, lat: 35.1 };
        let chosen = ChosenOutlets {
            open: ["S2", "S3", "T1"].map(str::to_owned).into(),
            moved: [("T1".to_owned(), there)].into(),
            added: vec![there],
        };
        assert_eq!(chosen.apply(&mut county).unwrap(), [1, 2, 3, 4].map(SiteIx::of));
        let existing: Vec<bool> = county.sites.iter().map(|s| s.existing).collect();
        assert_eq!(existing, [false, true, false, false, false], "closed and moved ones are mere candidates");
        assert_eq!((county.sites[3].at, county.sites[4].at), (there, there));
        assert_eq!(county.sites[4].id, "T2", "T1 was taken");
        let lost = ChosenOutlets { open: ["S9".to_owned()].into(), ..chosen };
        assert!(lost.apply(&mut county).unwrap_err().zh.contains("S9"));
    }
}
