//! What a repair moves, visit by visit, for a person to look at before they take it.

use crate::base::{CaregiverIx, ClientIx};
use crate::plan::{Plan, VisitRow};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// One visit that moves: from where, to where. A visit without a new place is dropped, one without an old place is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Whose visit.
    pub client: ClientIx,
    /// Day and caregiver before.
    pub was: Option<(NaiveDate, CaregiverIx)>,
    /// Day and caregiver now.
    pub now: Option<(NaiveDate, CaregiverIx)>,
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
}

impl Changes {
    /// Visits of the plan before that are no longer where they were.
    #[must_use]
    pub fn moved(&self) -> usize {
        self.moves.iter().filter(|m| m.was.is_some()).count()
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
    }
}
