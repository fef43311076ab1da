//! What a repair moves, visit by visit, for a person to look at before they take it.

use crate::base::{CaregiverIx, ClientIx, Seconds};
use crate::plan::tally::GONE;
use crate::plan::{Plan, VisitRow};
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A day and who comes.
pub type Slot = Option<(NaiveDate, CaregiverIx)>;

/// One visit that moves: from where, to where. A visit without a new place is dropped, one without an old place is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Whose visit.
    pub client: ClientIx,
    /// Day and caregiver before.
    pub was: Slot,
    /// Day and caregiver now.
    pub now: Slot,
}

/// The differences between two plans of one month.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Visits of the plan before.
    pub visits: usize,
    /// Its visits that could not stay: their caregiver is off, their client gone or moved away.
    pub lost: usize,
    /// Moves, by client and day.
    pub moves: Vec<Move>,
    /// Clients whose responsible caregiver is another one.
    pub handed_over: Vec<ClientIx>,
    /// Visits unplaced in the plan before.
    pub unplaced_before: u32,
    /// Unplaced visits of people who are gone, before and now: nobody misses them.
    pub gone: [u32; 2],
    /// Time on the road, before and now.
    pub travel: [Seconds; 2],
}

impl Changes {
    /// Visits of the plan before that are no longer where they were.
    #[must_use]
    pub fn moved(&self) -> usize {
        self.moves.iter().filter(|m| m.was.is_some()).count()
    }

    /// Counts and moves with the ids of the repaired plan, as the command and the page show them before anybody takes them.
    #[must_use]
    pub fn to_json(&self, plan: &Plan) -> Value {
        let id = |c: &ClientIx| plan.county.clients[c.at()].id.clone();
        let date = |s: Slot| s.map(|(d, _)| d.to_string());
        let who = |s: Slot| s.map(|(_, g)| plan.county.caregivers[g.at()].id.clone());
        // A visit without a new place has the reason of unplaced.csv.
        let reason = |m: &Move| {
            let missing = plan.unplaced.iter().find(|u| m.now.is_none() && u.client == m.client);
            missing.map(|u| u.reason.clone())
        };
        let moves = self.moves.iter().map(|m| {
            json!({"client": id(&m.client), "was_date": date(m.was), "was_caregiver": who(m.was),
                   "now_date": date(m.now), "now_caregiver": who(m.now), "reason": reason(m)})
        });
        json!({"visits": self.visits, "lost": self.lost, "moved": self.moved(), "unplaced": plan.summary.unplaced,
               "unplaced_before": self.unplaced_before, "gone": self.gone, "travel_s": self.travel.map(|s| s.0),
               "handed_over": self.handed_over.iter().map(id).collect::<Vec<_>>(), "moves": moves.collect::<Vec<_>>()})
    }
}

type Slots = BTreeMap<ClientIx, BTreeSet<(NaiveDate, CaregiverIx)>>;

fn slots(visits: &[VisitRow]) -> Slots {
    let mut all = Slots::new();
    for v in visits {
        all.entry(v.client).or_default().insert((v.date, v.caregiver));
    }
    all
}

/// Compares the plan in force with the repaired one. `lost`: a visit that could not stay.
pub fn changes(was: &Plan, now: &Plan, lost: impl Fn(&VisitRow) -> bool) -> Changes {
    let (before, after) = (slots(&was.visits), slots(&now.visits));
    let none = BTreeSet::new();
    let mut moves = Vec::new();
    for client in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        let (old, new) = (before.get(client).unwrap_or(&none), after.get(client).unwrap_or(&none));
        let mut gone = old.difference(new).copied();
        let mut come = new.difference(old).copied();
        loop {
            let (was, now) = (gone.next(), come.next());
            if was.is_none() && now.is_none() {
                break;
            }
            moves.push(Move { client: *client, was, now });
        }
    }
    let other = |c: &usize| {
        let (a, b) = (was.clients[*c].caregiver, now.clients[*c].caregiver);
        a.is_some() && a != b && before.contains_key(&ClientIx::of(*c))
    };
    Changes {
        visits: was.visits.len(),
        lost: was.visits.iter().filter(|v| lost(v)).count(),
        moves,
        handed_over: (0..was.clients.len()).filter(other).map(ClientIx::of).collect(),
        unplaced_before: was.summary.unplaced,
        gone: [was, now]
            .map(|plan| plan.unplaced.iter().filter(|u| u.reason == GONE).map(|u| u.missing).sum()),
        travel: [was, now].map(|plan| Seconds(plan.caregivers.iter().map(|g| g.travel.0).sum())),
    }
}
