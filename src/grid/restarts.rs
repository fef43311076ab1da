//! Caregivers with too few hours planned anew: a few who share clients with nobody outside, searched by themselves from several
//! beginnings. How many visits fit into their days is a packing that one long search settles early, well or badly; of several short
//! ones the best is kept.

use crate::base::{Progress, SplitMix64};
use crate::grid::anneal::{self, Heat};
use crate::grid::clusters::{Cluster, clusters};
use crate::grid::draft::Draft;
use crate::grid::instance::Instance;
use crate::grid::recreate::first_plan;
use crate::grid::search::Search;
use crate::grid::{RotaProblem, finish, scarcity};
use rayon::prelude::*;

/// Beginnings of a cluster, at most.
const MOST: u64 = 8;
/// Steps a client that a beginning needs to be worth it.
const STEPS_A_CLIENT: u64 = 1000;
/// Of a beginning's steps one in so many is taken with hours free of price, as in the end of the whole search.
const FREE: u64 = 8;

/// A cluster of the draft, as it stands.
struct Stuck {
    cluster: Cluster,
    /// Everybody whom the caregivers serve in the draft, and the clients left out who have nobody else.
    clients: Vec<u32>,
    /// Square hours of the least possible sum of squares of loads that fall to the cluster.
    share: f64,
    beginnings: u64,
}

/// One beginning of one cluster.
#[derive(Debug, Clone, Copy)]
struct Beginning {
    cluster: usize,
    number: u64,
}

/// Where a beginning ended.
struct End {
    total: i64,
    plan: Draft,
    taken: u64,
}

/// What all beginnings share.
pub(super) struct Restarts<'a> {
    pub(super) problem: &'a RotaProblem,
    pub(super) eligible: &'a [Vec<u32>],
    pub(super) neighbours: &'a [Vec<u32>],
    pub(super) heat: Heat,
    pub(super) seed: u64,
    /// Visits that no plan can place.
    pub(super) unplaceable: f64,
    /// Most steps of all beginnings together.
    pub(super) steps: u64,
}

impl Restarts<'_> {
    /// Plans the clusters that leave visits out anew, and keeps what is better. Returns the steps taken, fewer than allowed (often none)
    /// where there is nothing to plan anew.
    pub(super) fn run(&self, instance: &mut Instance, draft: &mut Draft, progress: &dyn Progress) -> u64 {
        let stuck = self.stuck(instance, draft);
        let beginnings: Vec<Beginning> = (stuck.iter().enumerate())
            .flat_map(|(cluster, s)| (0..s.beginnings).map(move |number| Beginning { cluster, number }))
            .collect();
        if beginnings.is_empty() {
            return 0;
        }
        scarcity::price(self.problem, self.eligible, draft, instance);
        let warm: Vec<(Draft, u64)> = beginnings
            .par_iter()
            .map(|b| self.begin(instance, &stuck[b.cluster], *b, draft, progress))
            .collect();
        scarcity::forget(instance);
        let ends: Vec<End> = (beginnings.par_iter().zip(&warm))
            .map(|(b, (plan, _))| self.end(instance, &stuck[b.cluster], *b, plan, progress))
            .collect();
        for (k, stuck) in stuck.iter().enumerate() {
            let mut now = stuck.search(instance);
            stuck.load(&mut now, draft);
            let of_cluster = beginnings.iter().zip(&ends).filter(|(b, _)| b.cluster == k);
            let best = of_cluster.min_by_key(|(b, end)| (end.total, b.number));
            if let Some((_, end)) = best.filter(|(_, end)| end.total < now.cost().total()) {
                now.load(&end.plan);
                now.store(draft);
            }
        }
        warm.iter().map(|(_, taken)| taken).chain(ends.iter().map(|end| &end.taken)).sum()
    }

    /// A plan from nothing, with the hours at their prices.
    fn begin(
        &self,
        instance: &Instance,
        stuck: &Stuck,
        beginning: Beginning,
        draft: &Draft,
        progress: &dyn Progress,
    ) -> (Draft, u64) {
        let mut search = first_plan(instance, stuck.cluster.carers.clone(), stuck.clients.clone());
        search.set_share(stuck.share);
        let (steps, mut random) = (stuck.steps() * (FREE - 1) / FREE, self.random(beginning, 1));
        let taken = anneal::run(&mut search, self.neighbours, &mut random, steps, self.heat, false, progress);
        (drafted(&search, draft), taken)
    }

    /// The same plan improved with hours free of price.
    fn end(
        &self,
        instance: &Instance,
        stuck: &Stuck,
        beginning: Beginning,
        plan: &Draft,
        progress: &dyn Progress,
    ) -> End {
        let mut search = stuck.search(instance);
        stuck.load(&mut search, plan);
        let (steps, mut random) = (stuck.steps() / FREE, self.random(beginning, 2));
        let cold = Heat { from: self.heat.to, to: self.heat.to };
        let taken = anneal::run(&mut search, self.neighbours, &mut random, steps, cold, true, progress);
        End { total: search.cost().total(), plan: drafted(&search, plan), taken }
    }

    /// Each beginning has its own random stream, so threads do not matter.
    fn random(&self, Beginning { cluster, number }: Beginning, part: u64) -> SplitMix64 {
        SplitMix64::new(self.seed ^ ((cluster as u64 + 1) << 48) ^ ((number + 1) << 40) ^ (part << 36))
    }

    /// The clusters that leave visits out, as far as the steps suffice for them.
    fn stuck(&self, instance: &Instance, draft: &Draft) -> Vec<Stuck> {
        let lacking = finish::lacking(self.problem, draft);
        let placed: usize = draft.tours.iter().map(Vec::len).sum();
        let owed: u32 = self.problem.clients.iter().map(|c| c.visits).sum();
        if f64::from(owed) - (placed as f64) < self.unplaceable + 1.0 {
            return Vec::new();
        }
        let short = scarcity::missed_at(self.problem, self.eligible, draft, instance);
        let mut found: Vec<Stuck> = Vec::new();
        for cluster in clusters(self.eligible, &short) {
            if !cluster.clients.iter().any(|c| lacking[*c as usize] && instance.homes[*c as usize].owed > 0) {
                continue;
            }
            let inside = |c: &u32| match draft.carer_of[*c as usize] {
                Some(g) => cluster.carers.binary_search(&g).is_ok(),
                None => cluster.clients.binary_search(c).is_ok(),
            };
            let owed = |c: &u32| instance.homes[*c as usize].owed > 0;
            let clients = (0..draft.carer_of.len() as u32).filter(|c| owed(c) && inside(c)).collect();
            let mut stuck = Stuck { cluster, clients, share: 0.0, beginnings: 0 };
            let mut now = stuck.search(instance);
            now.load(draft);
            stuck.share = instance.evenness.share(now.squares(), draft.squares(instance));
            found.push(stuck);
        }
        found.sort_by_key(|s| s.clients.len());
        let each = self.steps / found.len().max(1) as u64;
        // One beginning more is no better than what the whole search found.
        let several = |n: u64| if n > 1 { n.min(MOST) } else { 0 };
        found.iter_mut().for_each(|s| s.beginnings = several(each / s.steps()));
        found
    }
}

impl Stuck {
    fn steps(&self) -> u64 {
        STEPS_A_CLIENT * self.clients.len().max(1) as u64
    }

    fn load(&self, search: &mut Search, plan: &Draft) {
        search.load(plan);
        search.set_share(self.share);
    }

    fn search<'a>(&self, instance: &'a Instance) -> Search<'a> {
        Search::new(instance, self.cluster.carers.clone(), self.clients.clone())
    }
}

/// The draft with the visits of one search.
fn drafted(search: &Search, draft: &Draft) -> Draft {
    let mut plan = draft.clone();
    search.store(&mut plan);
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{CaregiverIx, Seconds, Silent};
    use crate::grid::instance::{MONTH, eligible_after_locks};
    use crate::grid::testing::county;
    use crate::grid::{Continuity, nearby};

    /// Twelve clients who have nobody but one caregiver of 30 hours; none of them is planned yet.
    fn planned_anew(unplaceable: f64, threads: usize) -> (u64, Draft, Draft) {
        let mut problem = county(3, 6, 60, Continuity::Strict);
        (problem.cells, problem.adjacent) = (0, Vec::new());
        problem.caregivers[2].max_month = Seconds(30 * 3600);
        problem.clients.iter_mut().take(12).for_each(|c| c.eligible = vec![CaregiverIx(2)]);
        problem.clients.iter_mut().skip(12).for_each(|c| c.eligible.retain(|g| g.0 != 2));
        let eligible = eligible_after_locks(&problem).unwrap();
        let mut instance = Instance::compile(&problem, &eligible, &[], true);
        let mut before = Draft::empty(60, 6);
        let others = (12..60).filter(|c| instance.homes[*c as usize].owed > 0).collect();
        first_plan(&instance, (0..6).collect(), others).store(&mut before);
        let neighbours = &nearby::neighbours(&instance)[..];
        let heat = Heat { from: 4000.0, to: 10.0 };
        let (problem, eligible) = (&problem, &eligible[..]);
        let restarts = Restarts { problem, eligible, neighbours, heat, seed: 1, unplaceable, steps: 30_000 };
        let mut after = before.clone();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let taken = pool.install(|| restarts.run(&mut instance, &mut after, &Silent));
        (taken, before, after)
    }

    #[test]
    fn a_cluster_is_planned_anew_and_all_others_stay_as_they_are() {
        let (taken, before, after) = planned_anew(0.0, 1);
        assert!(taken > 20_000 && taken <= 30_000, "{taken}");
        let visits = |draft: &Draft| draft.tours[2 * MONTH..3 * MONTH].iter().map(Vec::len).sum::<usize>();
        assert!(visits(&before) == 0 && visits(&after) >= 12, "{}", visits(&after));
        for (at, (a, b)) in before.tours.iter().zip(&after.tours).enumerate() {
            assert!(at / MONTH == 2 || a == b);
        }
        assert_eq!(before.carer_of[12..], after.carer_of[12..]);
        let (_, _, again) = planned_anew(0.0, 2);
        assert_eq!(after, again);
    }

    #[test]
    fn nothing_is_planned_anew_where_no_plan_could_do_better() {
        let (taken, before, after) = planned_anew(1000.0, 1);
        assert!(taken == 0 && before == after);
    }
}
