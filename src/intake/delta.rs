//! What changed between two months' rosters, by stable client id.

use crate::roster::Client;
use serde::Serialize;
use std::collections::HashMap;

/// A client whose row says something else than the month before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClientChange {
    /// Client id.
    pub id: String,
    /// Plain names of the fields that changed; never their values.
    pub fields: Vec<String>,
}

/// New, gone and changed clients. Every client of either month is in one of the lists or counted as same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RosterDelta {
    /// Ids that the month before had not.
    pub new: Vec<String>,
    /// Ids that are no longer there.
    pub gone: Vec<String>,
    /// Ids in both months, with other content.
    pub changed: Vec<ClientChange>,
    /// Clients that are as they were.
    pub same: u64,
}

/// Compares two rosters. Ids are the roster's own, else made from the ID number with the county's secret, so they do not
/// depend on file, row or order.
#[must_use]
pub fn roster_delta(before: &[Client], after: &[Client]) -> RosterDelta {
    let then: HashMap<&str, &Client> = before.iter().map(|c| (c.id.as_str(), c)).collect();
    let now: HashMap<&str, &Client> = after.iter().map(|c| (c.id.as_str(), c)).collect();
    let mut delta = RosterDelta::default();
    for client in after {
        match then.get(client.id.as_str()) {
            None => delta.new.push(client.id.clone()),
            Some(old) => {
                let fields = changed_fields(old, client);
                if fields.is_empty() {
                    delta.same += 1;
                } else {
                    delta.changed.push(ClientChange { id: client.id.clone(), fields });
                }
            }
        }
    }
    delta.gone = before.iter().filter(|c| !now.contains_key(c.id.as_str())).map(|c| c.id.clone()).collect();
    delta
}

fn changed_fields(a: &Client, b: &Client) -> Vec<String> {
    let moved = match (a.at, b.at) {
        // Less than a metre is rounding.
        (Some(p), Some(q)) => p.metres_to(q).0 >= 1.0,
        (p, q) => p.is_some() != q.is_some(),
    };
    let pairs = [
        ("name", a.name != b.name),
        ("category", a.category != b.category),
        ("tier", a.tier != b.tier),
        ("place", moved),
        ("precision", a.precision != b.precision),
        ("service_min", a.service != b.service),
        ("needs_female", a.needs_female != b.needs_female),
        ("window", a.window != b.window),
        ("needs_skill", a.needs_skill != b.needs_skill),
        ("township", a.township != b.township),
        ("village", a.village != b.village),
        ("group", a.group != b.group),
        ("household", a.household != b.household),
        ("status", a.status != b.status),
        ("from", a.from != b.from),
        ("on_demand_dates", a.on_demand_dates != b.on_demand_dates),
        ("blocked_weekdays", a.blocked_weekdays != b.blocked_weekdays),
        ("dossier", a.dossier != b.dossier),
    ];
    pairs.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field.to_owned()).collect()
}
