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
const STEPS_A_CLIENT: u64 = 500;
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
        let jobs: Vec<(usize, u64)> =
            (0..stuck.len()).flat_map(|k| (0..stuck[k].beginnings).map(move |i| (k, i))).collect();
        if jobs.is_empty() {
            return 0;
        }
        scarcity::price(self.problem, self.eligible, draft, instance);
        let warm = self.each(&jobs, |(k, i)| {
            let mut search =
                first_plan(instance, stuck[*k].cluster.carers.clone(), stuck[*k].clients.clone());
            search.set_share(stuck[*k].share);
            let steps = stuck[*k].steps() * (FREE - 1) / FREE;
            let taken = anneal::run(
                &mut search,
                self.neighbours,
                &mut self.random(*k, *i),
                steps,
                self.heat,
                false,
                progress,
            );
            (drafted(&search, draft), taken)
        });
        scarcity::forget(instance);
        let cold = Heat { from: self.heat.to, to: self.heat.to };
        let done = self.each(&(0..jobs.len()).collect::<Vec<usize>>(), |j| {
            let (k, i) = jobs[*j];
            let mut search = stuck[k].search(instance);
            search.load(&warm[*j].0);
            search.set_share(stuck[k].share);
            let steps = stuck[k].steps() / FREE;
            let taken = anneal::run(
                &mut search,
                self.neighbours,
                &mut self.random(k, MOST + i),
                steps,
                cold,
                true,
                progress,
            );
            (search.cost().total(), drafted(&search, draft), taken)
        });
        for (k, stuck) in stuck.iter().enumerate() {
            let mut now = stuck.search(instance);
            now.load(draft);
            now.set_share(stuck.share);
            let of_cluster = jobs.iter().zip(&done).filter(|((of, _), _)| *of == k);
            let best = of_cluster.min_by_key(|((_, i), (total, ..))| (*total, *i));
            if let Some((_, (_, plan, _))) = best.filter(|(_, (total, ..))| *total < now.cost().total()) {
                now.load(plan);
                now.store(draft);
            }
        }
        warm.iter().map(|(_, taken)| taken).chain(done.iter().map(|(.., taken)| taken)).sum()
    }

    fn each<J: Sync, T: Send>(&self, jobs: &[J], work: impl Fn(&J) -> T + Sync + Send) -> Vec<T> {
        jobs.par_iter().map(work).collect()
    }

    /// Each beginning has its own random stream, so threads do not matter.
    fn random(&self, cluster: usize, beginning: u64) -> SplitMix64 {
        SplitMix64::new(self.seed ^ ((cluster as u64 + 1) << 40) ^ ((beginning + 1) << 20))
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
