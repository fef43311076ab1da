//! The search in rounds: blocks of caregivers side by side, cut elsewhere each round, cells following the caregivers found.

use crate::base::{Progress, SplitMix64};
use crate::grid::anneal::{self, Heat};
use crate::grid::draft::Draft;
use crate::grid::evenness::Evenness;
use crate::grid::instance::Instance;
use crate::grid::recreate::first_plan;
use crate::grid::restarts::Restarts;
use crate::grid::search::Search;
use crate::grid::{RotaProblem, RotaStop, blocks, grids, nearby, scarcity};
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// Seconds a plan may be worse and still be taken: at the begin and at the end.
const HEAT: Heat = Heat { from: 4000.0, to: 10.0 };
/// Rounds with other cuts between the blocks and other prices of scarce hours.
const ROUNDS: usize = 12;

/// The search, round by round.
pub(super) struct Rounds<'a> {
    problem: &'a RotaProblem,
    eligible: &'a [Vec<u32>],
    stop: &'a RotaStop,
    /// Visits that no plan can place.
    unplaceable: f64,
    instance: Instance,
    neighbours: Vec<Vec<u32>>,
    pub(super) draft: Draft,
    /// Caregiver of each cell; empty without grids.
    pub(super) holder: Vec<u32>,
    pub(super) steps: u64,
}

impl<'a> Rounds<'a> {
    pub(super) fn new(
        problem: &'a RotaProblem,
        eligible: &'a [Vec<u32>],
        holder: Vec<u32>,
        evenness: Evenness,
        unplaceable: f64,
        stop: &'a RotaStop,
    ) -> Rounds<'a> {
        let mut instance =
            Instance::compile(problem, eligible, &grids::carer_of_cell(problem, &holder), true);
        instance.evenness = evenness;
        let neighbours = nearby::neighbours(&instance);
        let draft = Draft::empty(problem.clients.len(), problem.caregivers.len());
        Rounds { problem, eligible, stop, unplaceable, instance, neighbours, draft, holder, steps: 0 }
    }

    pub(super) fn run(&mut self, progress: &dyn Progress) {
        let mut random = SplitMix64::new(self.stop.seed);
        let shared = blocks::shared_clients(&self.instance);
        self.start();
        for round in 0..ROUNDS {
            if progress.is_cancelled() {
                return;
            }
            let mut steps = self.stop.steps * (round as u64 + 1) / ROUNDS as u64
                - self.stop.steps * round as u64 / ROUNDS as u64;
            if round + 1 < ROUNDS {
                scarcity::price(self.problem, self.eligible, &self.draft, &mut self.instance);
            } else {
                scarcity::forget(&mut self.instance);
                steps -= self.restart(steps / 2, progress);
            }
            let cuts = blocks::cut(&shared, &mut random);
            self.round(&cuts, round, steps, progress);
            // Before that the loads say more of the heat than of the price.
            if round >= ROUNDS / 3 {
                let squares = self.draft.squares(&self.instance);
                self.instance.evenness.follow(squares);
            }
            // Midway the cells follow the caregivers found, then the caregivers the cells.
            if !self.holder.is_empty() && (round == ROUNDS / 3 || round == 2 * ROUNDS / 3) {
                self.refit(0.2);
            }
        }
        if !self.holder.is_empty() {
            self.refit(0.0);
        }
    }

    /// First plan of all.
    fn start(&mut self) {
        let owed = |c: &u32| self.instance.homes[*c as usize].owed > 0;
        let clients: Vec<u32> = (0..self.instance.homes.len() as u32).filter(owed).collect();
        let carers = (0..self.instance.carers.len() as u32).collect();
        first_plan(&self.instance, carers, clients).store(&mut self.draft);
    }

    /// Plans those with too few hours anew in at most so many steps; returns the steps taken.
    fn restart(&mut self, steps: u64, progress: &dyn Progress) -> u64 {
        let (problem, eligible, neighbours) = (self.problem, self.eligible, &self.neighbours[..]);
        let (seed, unplaceable) = (self.stop.seed, self.unplaceable);
        let restarts = Restarts { problem, eligible, neighbours, heat: HEAT, seed, unplaceable, steps };
        let taken = restarts.run(&mut self.instance, &mut self.draft, progress);
        self.steps += taken;
        taken
    }

    /// All blocks side by side; each has its own random stream and its share of the steps, so threads do not matter.
    fn round(&mut self, cuts: &[Vec<u32>], round: usize, steps: u64, progress: &dyn Progress) {
        let heat_at = |part: f64| HEAT.from * (HEAT.to / HEAT.from).powf(part);
        let (begin, end) = (round as f64 / ROUNDS as f64, (round + 1) as f64 / ROUNDS as f64);
        let heat = Heat { from: heat_at(begin), to: heat_at(end) };
        let last = round + 1 == ROUNDS;
        let clients = blocks::clients_of(&self.instance, &self.draft, cuts, round);
        let total: u64 = clients.iter().map(|c| c.len() as u64).sum();
        let done = AtomicU64::new(self.steps);
        let squares = self.draft.squares(&self.instance);
        let work = cuts.par_iter().zip(clients.into_par_iter()).enumerate().map(|(b, (carers, clients))| {
            let mut random = SplitMix64::new(self.stop.seed ^ (((round as u64 + 1) << 32) | (b as u64 + 1)));
            let steps = steps * clients.len() as u64 / total.max(1);
            let mut search = Search::new(&self.instance, carers.clone(), clients);
            search.load(&self.draft);
            search.set_share(self.instance.evenness.share(search.squares(), squares));
            let taken = anneal::run(&mut search, &self.neighbours, &mut random, steps, heat, last, progress);
            progress.report("grid", done.fetch_add(taken, Ordering::Relaxed) + taken, self.stop.steps);
            (search, taken)
        });
        let parts: Vec<(Search, u64)> = work.collect();
        let mut draft = self.draft.clone();
        for (search, taken) in &parts {
            search.store(&mut draft);
            self.steps += taken;
        }
        drop(parts);
        self.draft = draft;
    }

    fn refit(&mut self, loyal: f64) {
        let carers = &self.draft.carer_of;
        self.holder = grids::refit(self.problem, self.eligible, carers, &self.holder, loyal, self.stop.seed);
        self.instance.reprice(self.problem, &grids::carer_of_cell(self.problem, &self.holder));
    }
}
