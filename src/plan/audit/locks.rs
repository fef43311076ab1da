//! What the planner fixed by hand is kept: a locked client is visited by that caregiver alone, a forbidden pair never meets.

use crate::plan::audit::promise::Findings;
use crate::plan::audit::sheets::Sheets;
use std::collections::BTreeSet;

/// Checks visits.csv and the caregivers of record in clients.csv against `inputs/locks.csv`, and that locks.csv tells of each lock.
pub fn check(sheets: &Sheets, found: &mut Findings) {
    let mut told: BTreeSet<[&str; 3]> = BTreeSet::new();
    for line in sheets.lines("lock_costs") {
        told.insert(["kind", "client", "caregiver"].map(|column| line.text(column)));
    }
    for lock in sheets.lines("locks") {
        let row @ [kind, client, caregiver] = ["kind", "client", "caregiver"].map(|column| lock.text(column));
        let name = || format!("{kind} {client} {caregiver}");
        found.expect(told.contains(&row), "lock_untold", name);
        let is_kept = |who: &str| (kind == "forbid") != (who == caregiver);
        let mine = |name: &'static str| sheets.lines(name).filter(|line| line.text("client") == client);
        for visit in mine("visits") {
            found.expect(is_kept(visit.text("caregiver")), "lock_broken", || {
                format!("{}: visited on {} by {}", name(), visit.text("date"), visit.text("caregiver"))
            });
        }
        for record in mine("clients").map(|line| line.text("caregiver")).filter(|who| !who.is_empty()) {
            found.expect(is_kept(record), "lock_broken", || format!("{}: {record} is responsible", name()));
        }
    }
}
