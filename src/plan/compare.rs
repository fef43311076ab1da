//! Two sets of outlets side by side on the notice's three principles 满意 · 受益 · 负担, and who gains and who loses.

use crate::base::{Fen, Outcome, Seconds, Ticks};
use crate::plan::Plan;
use crate::plan::live::LivePlan;
use crate::plan::whatif::WhatIf;
use crate::travel::{NearestOutlets, OutletHandle};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a set of outlets means. Caregivers and calendar stay as planned, so only what outlets decide is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// 满意: mean time from the nearest outlet, over the clients it reaches within the fill limit.
    pub mean_time_s: Option<Seconds>,
    /// 满意: the time that 95 of 100 of them do not exceed.
    pub p95_time_s: Option<Seconds>,
    /// 满意: clients of the circle whose nearest outlet is the plan's.
    pub same_outlet: u32,
    /// 受益: clients inside the limit of an open outlet.
    pub in_outlet_circle: u32,
    /// 受益: clients inside the limit of two or more.
    pub backed_up: u32,
    /// 受益: clients of the outlet that has most, and the mean over the open ones.
    pub busiest_outlet: u32,
    /// 受益: see above, rounded down.
    pub mean_outlet: u32,
    /// 负担: open outlets.
    pub outlets: u32,
    /// 负担: of them not existing today.
    pub new_outlets: u32,
    /// 负担: opening costs of the new ones that have a cost; moved and added places have none.
    pub opening_fen: Fen,
    /// 负担: outlets times the typed fee an outlet and month.
    pub month_fen: Fen,
}

/// A client who enters or leaves the outlet circle from A to B.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Crossing {
    /// Who.
    pub client: String,
    /// Time from the nearest outlet in A.
    pub before_s: Option<Seconds>,
    /// The same in B.
    pub after_s: Option<Seconds>,
}

/// A and B.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The first.
    pub a: Figures,
    /// The second.
    pub b: Figures,
    /// Inside in B, not in A, in the roster's order.
    pub gained: Vec<Crossing>,
    /// Inside in A, not in B.
    pub lost: Vec<Crossing>,
}

impl LivePlan {
    /// Compares two what-ifs of one plan; the empty one is the plan itself.
    ///
    /// # Errors
    /// As [`LivePlan::what_if`], for either.
    pub fn compare(&self, plan: &Plan, a: &WhatIf, b: &WhatIf) -> Outcome<Comparison> {
        let (a, b) = (self.asked(plan, a)?, self.asked(plan, b)?);
        let limit = plan.policy.limit;
        let inside = |t: Option<Ticks>| t.is_some_and(|t| t <= limit);
        let (mut gained, mut lost) = (Vec::new(), Vec::new());
        for (at, client) in plan.county.clients.iter().enumerate() {
            let [before, after] = [&a, &b].map(|open| open.nearest(at).map(|r| r.ticks));
            let list = match (inside(before), inside(after)) {
                (false, true) => &mut gained,
                (true, false) => &mut lost,
                _ => continue,
            };
            list.push(Crossing {
                client: client.id.clone(),
                before_s: before.map(Ticks::seconds_up),
                after_s: after.map(Ticks::seconds_up),
            });
        }
        let [a, b] = [a, b].map(|open| figures(plan, self.planned(), &open));
        Ok(Comparison { a, b, gained, lost })
    }
}

fn figures(plan: &Plan, planned: &NearestOutlets, open: &NearestOutlets) -> Figures {
    let limit = plan.policy.limit;
    let mut times = Vec::new();
    let mut clients: BTreeMap<OutletHandle, u32> = open.outlets().map(|outlet| (outlet, 0)).collect();
    let (mut same, mut backed_up) = (0, 0);
    for at in 0..plan.county.clients.len() {
        let Some(near) = open.nearest(at) else { continue };
        times.push(near.ticks);
        if near.ticks > limit {
            continue;
        }
        *clients.entry(near.outlet).or_default() += 1;
        same += u32::from(planned.nearest(at).is_some_and(|r| r.outlet == near.outlet));
        backed_up += u32::from(open.second_nearest(at).is_some_and(|r| r.ticks <= limit));
    }
    times.sort_unstable();
    let sum: u64 = times.iter().map(|t| u64::from(t.0)).sum();
    let mean = sum.checked_div(times.len() as u64).and_then(|t| u32::try_from(t).ok());
    let inside: u32 = clients.values().sum();
    // A new place is no site of the county.
    let sites = clients.keys().map(|outlet| plan.county.sites.get(outlet.0 as usize));
    let fresh: Vec<_> = sites.filter(|s| !s.is_some_and(|s| s.existing)).collect();
    let count = u32::try_from(clients.len()).unwrap_or(u32::MAX);
    Figures {
        mean_time_s: mean.map(|t| Ticks(t).seconds_up()),
        p95_time_s: times.get((times.len() * 95).div_ceil(100).saturating_sub(1)).map(|t| t.seconds_up()),
        same_outlet: same,
        in_outlet_circle: inside,
        backed_up,
        busiest_outlet: clients.values().copied().max().unwrap_or(0),
        mean_outlet: inside.checked_div(count).unwrap_or(0),
        outlets: count,
        new_outlets: u32::try_from(fresh.len()).unwrap_or(u32::MAX),
        opening_fen: Fen(fresh.iter().flatten().filter_map(|s| s.cost).map(|c| c.0).sum()),
        month_fen: Fen(plan.policy.outlet_fee.0.saturating_mul(i64::from(count))),
    }
}
