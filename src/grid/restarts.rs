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
        if !lacking.contains(&true) {
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
        found.iter_mut().for_each(|s| s.beginnings = (each / s.steps()).min(MOST));
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
