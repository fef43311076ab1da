//! Siting: value recounted from the audit's own times, bound on the right side, gap and proof as stated.

use crate::base::{ClientIx, SiteIx, Ticks, WeightBy};
use crate::plan::audit::check_certificate;
use crate::plan::audit::promise::Findings;
use crate::plan::audit::search::PlainDijkstra;
use crate::plan::audit::sheets::Sheets;
use crate::plan::audit::times::Times;
use crate::siting::{Certificate, Pair, SitingProblem};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// Checks `siting` of plan.json.
pub fn check(sheets: &Sheets, times: &Times, found: &mut Findings) {
    let said = &sheets.plan["siting"];
    let value = |key: &str| said[key].as_f64();
    let model = said["model"].as_str().unwrap_or_default();
    let (Some(objective), Some(bound), Some(gap)) = (value("objective"), value("bound"), value("gap_pct"))
    else {
        found.broken("siting_gap", "plan.json: siting lacks objective, bound or gap_pct");
        return;
    };
    let ahead = if model == "mclp" { objective - bound } else { bound - objective };
    found.expect(ahead <= 1e-6 * objective.abs().max(1.0), "siting_bound_side", || {
        format!("{model}: objective {objective} and bound {bound} lie on the wrong sides")
    });
    let own = if objective == 0.0 { 0.0 } else { 100.0 * (bound - objective).abs() / objective };
    found.expect((own - gap).abs() <= 1e-6, "siting_gap", || format!("gap_pct says {gap}, is {own:.6}"));
    let proven = said["proven"].as_bool().unwrap_or(false);
    found.expect(!proven || own <= 1e-9, "siting_proven", || format!("proven at a gap of {own:.6} %"));

    let (problem, open) = problem(sheets, times);
    let covered: BTreeSet<ClientIx> =
        problem.pairs.iter().filter(|p| open.contains(&p.site)).map(|p| p.client).collect();
    let recount = if model == "mclp" {
        covered.iter().map(|c| problem.weights[c.at()]).sum::<u64>()
    } else {
        let reachable: BTreeSet<ClientIx> = problem.pairs.iter().map(|p| p.client).collect();
        found.expect(covered == reachable, "siting_cover", || {
            format!("{} clients who can be reached are not covered", reachable.len() - covered.len())
        });
        open.len() as u64
    };
    found.expect((recount as f64 - objective).abs() < 0.5, "siting_objective", || {
        format!("objective says {objective}, recounted {recount}")
    });
    certificate(sheets, &problem, &open, objective, bound, found);
}

/// The certificate speaks of this problem, these outlets and this bound, and its proof holds in exact arithmetic.
fn certificate(
    sheets: &Sheets,
    problem: &SitingProblem,
    open: &BTreeSet<SiteIx>,
    objective: f64,
    bound: f64,
    found: &mut Findings,
) {
    let text = std::fs::read_to_string(sheets.dir.join("certificate.json")).unwrap_or_default();
    let Ok(proof) = serde_json::from_str::<Certificate>(&text) else {
        found.broken("siting_certificate", "certificate.json is missing or cannot be read");
        return;
    };
    let same = proof.open.iter().copied().collect::<BTreeSet<_>>() == *open
        && (proof.objective as f64 - objective).abs() < 0.5
        && (proof.bound as f64 - bound).abs() < 0.5;
    found.expect(same, "siting_certificate", || {
        "certificate.json proves another answer than plan.json states".into()
    });
    for fault in check_certificate(problem, &proof) {
        found.broken("siting_certificate", fault.en);
    }
}

/// The siting problem from the audit's own searches, and the open sites.
fn problem(sheets: &Sheets, times: &Times) -> (SitingProblem, BTreeSet<SiteIx>) {
    let (county, policy) = (&sheets.intake.county, &sheets.intake.policy);
    let road = &times.roads[&policy.outlet_mode];
    let demand: Vec<usize> = (0..county.clients.len()).filter(|c| sheets.owed(*c) > 0).collect();
    let to: Vec<_> = demand.iter().map(|c| road.clients[*c].as_ref()).collect();
    let rows: Vec<Vec<Option<Ticks>>> = road
        .sites
        .par_iter()
        .map_init(
            || PlainDijkstra::new(&road.graph),
            |search, from| {
                from.as_ref().map_or_else(Vec::new, |from| search.journeys(from, &to, policy.limit))
            },
        )
        .collect();
    let mut pairs = Vec::new();
    for row in 0..demand.len() {
        for (site, times) in rows.iter().enumerate() {
            if let Some(t) = times.get(row).copied().flatten() {
                pairs.push(Pair {
                    client: ClientIx::of(row),
                    site: SiteIx::of(site),
                    travel: t.seconds_up(),
                });
            }
        }
    }
    let existing = county.sites.iter().enumerate().filter(|(_, s)| s.existing);
    let service = |c: usize| u64::from(county.clients[c].service.0);
    // Written again, not shared with the planner.
    let weight = |c: &usize| match policy.weight_by {
        WeightBy::Person => 1,
        WeightBy::Visits => u64::from(sheets.owed(*c)),
        WeightBy::Minutes => (u64::from(sheets.owed(*c)) * service(*c)).max(1),
    };
    let problem = SitingProblem {
        sites: county.sites.len() as u32,
        weights: demand.iter().map(weight).collect(),
        pairs,
        fixed: existing.map(|(i, _)| SiteIx::of(i)).collect(),
        ..SitingProblem::default()
    };
    let open =
        sheets.lines("outlets").filter_map(|l| sheets.site.get(l.text("site"))).map(|s| SiteIx::of(*s));
    (problem, open.collect())
}
