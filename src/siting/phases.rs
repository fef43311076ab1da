//! Opening in phases: a sequence where every outlet once opened stays, and what that costs against the free curve.

use super::answer::CurvePoint;
use super::instance::Instance;
use super::solve;
use super::swaps::Placement;
use super::{Model, SitingProblem, checks, constrained};
use crate::base::{Fault, Outcome, SiteIx};

/// One phase: the outlet opened and what is covered then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phase {
    /// Number of open outlets, this one included.
    pub p: u32,
    /// The outlet opened now.
    pub site: SiteIx,
    /// Demand weight covered.
    pub covered: u64,
    /// Demand weight that this outlet adds.
    pub added: u64,
    /// Clients that this outlet adds.
    pub clients_added: u64,
    /// Demand weight that the free curve covers more with as many outlets.
    pub price: u64,
}

/// The nested sequence through `points` (of [`fn@super::curve`]) that covers most over all its lengths, of those that pass through
/// the best set of one point: sites leave it at least loss and join it at most gain. A heuristic: it carries no proof.
///
/// # Errors
/// The problem is malformed, or has constraints under which outlets cannot be opened one by one.
pub fn phases(problem: &SitingProblem, points: &[CurvePoint]) -> Outcome<Vec<Phase>> {
    let Some(most) = points.last().map(|c| c.p) else { return Ok(Vec::new()) };
    let model = Model::Mclp { p: most };
    checks::check(problem, model)?;
    if constrained::applies(problem, model) {
        return Err(Fault::refused(
            "有预算、容量或下限时不能逐个开设网点；请去掉这些约束。",
            "outlets cannot be opened one by one under a budget, capacities or minimums; leave these out.",
        ));
    }
    let instance = Instance::build(problem, model);
    let sequences = points.iter().map(|point| sequence(&instance, point, most as usize));
    let best = sequences.max_by_key(|(sites, area)| (*area, std::cmp::Reverse(sites.clone())));
    Ok(best.map_or(Vec::new(), |(sites, _)| told(problem, points, &sites)))
}

/// The sequence through the open set of `point` and the sum of what it covers.
fn sequence(instance: &Instance, point: &CurvePoint, most: usize) -> (Vec<u32>, i64) {
    let open: Vec<u32> = point.open.iter().map(|s| s.0).collect();
    let mut placement = Placement::new(instance, &instance.state, &open);
    let mut leaving = Vec::new();
    while let Some(site) = placement.cheapest_to_close() {
        leaving.push(site);
        placement.close_site(site);
    }
    let mut order: Vec<u32> = placement.sorted();
    order.extend(leaving.into_iter().rev());
    let mut placement = Placement::new(instance, &instance.state, &order);
    while order.len() < most {
        let closed = (0..instance.site_count() as u32).filter(|&s| {
            !placement.is_open[s as usize] && instance.state[s as usize] == super::instance::State::Free
        });
        let Some(site) = closed.max_by_key(|&s| (placement.saving(s), std::cmp::Reverse(s))) else { break };
        placement.open_site(site);
        order.push(site);
    }
    let mut placement = Placement::new(instance, &instance.state, &[]);
    let mut area = 0;
    for &site in &order {
        if !placement.is_open[site as usize] {
            placement.open_site(site);
        }
        area -= placement.cost;
    }
    (order, area)
}

fn told(problem: &SitingProblem, points: &[CurvePoint], sites: &[u32]) -> Vec<Phase> {
    let mut phases: Vec<Phase> = Vec::new();
    let mut clients_before = 0;
    for at in 0..sites.len() {
        let open: Vec<SiteIx> = sites[..=at].iter().map(|&s| SiteIx(s)).collect();
        let assignment = solve::nearest(problem, &open);
        let covered = solve::covered_weight(problem, &assignment);
        let clients = assignment.iter().flatten().count() as u64;
        let p = at as u32 + 1;
        let free = points.iter().find(|c| c.p == p).map_or(covered, |c| c.objective);
        phases.push(Phase {
            p,
            site: SiteIx(sites[at]),
            covered,
            added: covered - phases.last().map_or(0, |before| before.covered),
            clients_added: clients - clients_before,
            price: free.saturating_sub(covered),
        });
        clients_before = clients;
    }
    phases
}
