//! The month's bounds proved again: the sizes of month_bound.csv are taken at their word, everything they multiply is counted anew.
//!
//! Give a caregiver's hour the worth `1 / t` of a piece of care of size `t`. Care placed is then at most the worth of all hours plus,
//! for each piece, what it gains over the dearest hours it could be placed in; whatever is owed beyond that stays undone (weak duality).

use crate::plan::audit::promise::Findings;
use crate::plan::audit::sheets::Sheets;
use crate::plan::audit::times::Times;
use std::collections::BTreeSet;

/// A shift, 08:00-18:00.
const TEN_HOURS: u32 = 10 * 3600;
/// Sums of a few thousand quotients err by less.
const ROUNDING: f64 = 1e-6;

/// Checks the bounds of plan.json; a plan without month_bound.csv may claim none.
pub fn check(sheets: &Sheets, times: &Times, found: &mut Findings) {
    let may_serve: Vec<Vec<usize>> =
        (0..sheets.intake.county.clients.len()).map(|c| may_serve(sheets, times, c)).collect();
    let hours: Vec<f64> = (0..times.bases.len()).map(|g| hours(sheets, g)).collect();
    let proof = Proof::read(sheets, found);
    let owed = |c: usize| f64::from(sheets.owed(c));
    let visit = |c: usize| f64::from(sheets.intake.county.clients[c].service.0 * 60);
    let clients = (0..may_serve.len()).map(|c| Piece {
        may_serve: &may_serve[c],
        size: owed(c) * visit(c),
        pieces: owed(c).min(1.0),
    });
    let visits =
        (0..may_serve.len()).map(|c| Piece { may_serve: &may_serve[c], size: visit(c), pieces: owed(c) });
    let load = 0.0_f64
        + (0..may_serve.len())
            .filter(|c| !may_serve[*c].is_empty() && may_serve[*c].iter().all(|g| proof.carries.contains(g)))
            .map(|c| owed(c) * visit(c))
            .sum::<f64>();
    for (key, most) in [
        ("short_clients_bound", undone(clients, &hours, &proof.client)),
        ("unplaced_bound", undone(visits, &hours, &proof.visit)),
        // Somebody carries at least the mean; loads are whole seconds.
        ("care_h_max_bound", (load / (proof.carries.len() as f64).max(1.0)).ceil() / 3600.0),
    ] {
        let said = sheets.plan[key].as_f64().unwrap_or(0.0);
        found.expect(said <= most + ROUNDING, "month_bound", || {
            format!("{key}: says {said}, month_bound.csv proves {most:.2}")
        });
    }
}

/// Caregivers inside the limit who fit the need.
fn may_serve(sheets: &Sheets, times: &Times, client: usize) -> Vec<usize> {
    let (county, limit) = (&sheets.intake.county, sheets.intake.policy.limit);
    let fits = |g: &usize| {
        crate::plan::month::fits(&county.caregivers[*g], &county.clients[client])
            && times.care(*g, client).is_some_and(|t| t <= limit)
    };
    (0..county.caregivers.len()).filter(fits).collect()
}

/// Seconds a caregiver may be out in the month.
fn hours(sheets: &Sheets, g: usize) -> f64 {
    let who = &sheets.intake.county.caregivers[g];
    let works = |d: &chrono::NaiveDate| sheets.intake.calendar.is_working(*d) && !who.leave.contains(d);
    let days = sheets.month.dates().filter(works).count() as u32;
    f64::from((days * (who.max_day.0 * 60).min(TEN_HOURS)).min(who.max_month.0 * 60))
}

/// month_bound.csv, by caregiver.
struct Proof {
    client: Vec<Option<f64>>,
    visit: Vec<Option<f64>>,
    carries: BTreeSet<usize>,
}

impl Proof {
    fn read(sheets: &Sheets, found: &mut Findings) -> Proof {
        let none = vec![None; sheets.caregiver.len()];
        let mut proof = Proof { client: none.clone(), visit: none, carries: BTreeSet::new() };
        for line in sheets.lines("month_bound") {
            let Some(&g) = sheets.caregiver.get(line.text("caregiver")) else {
                found.broken("month_bound", "month_bound.csv names nobody's hours");
                continue;
            };
            // A size of nothing would make hours worth more than they are: dividing by it proves nothing.
            let size = |column| line.seconds(column).filter(|s| *s > 0).map(f64::from);
            (proof.client[g], proof.visit[g]) = (size("client_s"), size("visit_s"));
            if line.text("carries") == "1" {
                proof.carries.insert(g);
            }
        }
        proof
    }
}

/// Equal pieces of care, all of one client.
struct Piece<'a> {
    may_serve: &'a [usize],
    size: f64,
    pieces: f64,
}

fn undone<'a>(pieces: impl Iterator<Item = Piece<'a>>, hours: &[f64], missed_at: &[Option<f64>]) -> f64 {
    let (mut owed, mut gains) = (0.0, 0.0);
    for piece in pieces.filter(|p| p.pieces > 0.0) {
        owed += piece.pieces;
        let mut largest = Some(0.0_f64);
        for g in piece.may_serve {
            largest = largest.zip(missed_at[*g]).map(|(a, b)| a.max(b));
        }
        gains += piece.pieces
            * match largest {
                // Nobody may come: nothing is gained.
                Some(0.0) => 0.0,
                Some(t) => (1.0 - piece.size / t).max(0.0),
                None => 1.0,
            };
    }
    let worth: f64 = hours.iter().zip(missed_at).filter_map(|(h, t)| t.map(|t| h / t)).sum();
    (owed - worth - gains).max(0.0)
}
