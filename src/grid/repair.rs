//! Few-change re-planning: after leave, a new client, a death or a move everything that may stay stays.

use crate::base::{CaregiverIx, ClientIx, Outcome};
use crate::grid::conclude::with_grids;
use crate::grid::eject::Step;
use crate::grid::instance::{Instance, MONTH, eligible_after_locks};
use crate::grid::mend::{self, Change, Held, Scope, Without};
use crate::grid::search::Search;
use crate::grid::{
    Continuity, Day, MissingReason, RotaPlan, RotaProblem, Tour, Unplaced, check, finish, grids, locks,
    order, reasons, territory,
};

/// Re-plans the days from `from` on with as few changed visits as it can; earlier days stay as they are.
///
/// `problem` is the month as it is now: leave taken out of `days`, gone clients owing 0, moved ones with their new place and
/// eligible caregivers, new ones appended. `previous` is the plan in force, in the same rows (it may be shorter).
/// `left`: caregivers who do not come back. Nobody loses their responsible caregiver unless that one has left or may no longer serve
/// them. Tours before `from` are taken over as they are.
///
/// # Errors
/// The problem is malformed, as in [`crate::grid::solve`].
pub fn repair(
    problem: &RotaProblem,
    previous: &RotaPlan,
    from: Day,
    left: &[CaregiverIx],
) -> Outcome<RotaPlan> {
    check::check(problem)?;
    let eligible = eligible_after_locks(problem)?;
    let grid_carer = grids::carer_of_cell(problem, &holders(problem, previous, left));
    let own: Vec<Option<u32>> =
        (0..problem.clients.len()).map(|c| kept_carer(previous, left, &eligible[c], c)).collect();
    let kept = kept_visits(problem, previous, &eligible, from);
    let lists = lists(&eligible, &own, &grid_carer, &kept, problem);
    let instance = Instance::compile(problem, &lists, &[], false);
    let everybody = (0..problem.caregivers.len() as u32).collect();
    let search = Search::new(&instance, everybody, (0..problem.clients.len() as u32).collect());
    // The own caregiver stands first in the list.
    let own_option = own.iter().map(|g| if g.is_some() { 0 } else { u16::MAX }).collect();
    let mut mending = Mending {
        problem,
        from: usize::from(from.0),
        search,
        held: vec![Vec::new(); problem.clients.len()],
        own: own_option,
        log: Vec::new(),
        spare: 0,
        lost: Vec::new(),
    };
    mending.load(&kept);
    mending.count_lost(previous);
    mending.place_all();
    let mut plan = mending.plan(&eligible, previous, left);
    plan.lock_costs = locks::costs(problem, &plan)?;
    Ok(plan)
}

/// Holder of each cell in the plan in force, unless they have left.
fn holders(problem: &RotaProblem, previous: &RotaPlan, left: &[CaregiverIx]) -> Vec<u32> {
    let mut holder = vec![territory::NONE; problem.cells as usize];
    for grid in previous.grids.iter().filter(|k| !left.contains(&k.caregiver)) {
        for cell in &grid.cells {
            if let Some(h) = holder.get_mut(cell.at()) {
                *h = grid.caregiver.0;
            }
        }
    }
    holder
}

/// The responsible caregiver of the plan in force, if they may go on.
fn kept_carer(previous: &RotaPlan, left: &[CaregiverIx], eligible: &[u32], c: usize) -> Option<u32> {
    let g = previous.responsible.get(c).copied().flatten()?;
    (!left.contains(&g) && eligible.contains(&g.0)).then_some(g.0)
}

/// Visits by (caregiver, day) in order: all of the frozen days, and of the others what the new problem still allows.
fn kept_visits(
    problem: &RotaProblem,
    previous: &RotaPlan,
    eligible: &[Vec<u32>],
    from: Day,
) -> Vec<Vec<u32>> {
    let mut kept = vec![Vec::new(); problem.caregivers.len() * MONTH];
    let mut count = vec![0u32; problem.clients.len()];
    let mut tours: Vec<_> =
        previous.tours.iter().filter(|t| t.caregiver.at() < problem.caregivers.len()).collect();
    tours.sort_by_key(|t| (t.day, t.caregiver));
    for tour in tours {
        let works = problem.caregivers[tour.caregiver.at()].days.contains(&tour.day);
        for visit in tour.visits.iter().filter(|v| v.client.at() < problem.clients.len()) {
            let c = visit.client.at();
            let frozen = tour.day < from;
            let may =
                works && eligible[c].contains(&tour.caregiver.0) && count[c] < problem.clients[c].visits;
            if frozen || may {
                count[c] += 1;
                kept[tour.caregiver.at() * MONTH + usize::from(tour.day.0)].push(visit.client.0);
            }
        }
    }
    kept
}

/// Options of each client: own caregiver first; whoever lacks a visit may be served by everybody eligible, the grid's first.
fn lists(
    eligible: &[Vec<u32>],
    own: &[Option<u32>],
    grid_carer: &[Option<u32>],
    kept: &[Vec<u32>],
    problem: &RotaProblem,
) -> Vec<Vec<u32>> {
    let mut carers: Vec<Vec<u32>> = own.iter().map(|g| g.iter().copied().collect()).collect();
    let mut count = vec![0u32; own.len()];
    for (at, clients) in kept.iter().enumerate() {
        for c in clients {
            count[*c as usize] += 1;
            let g = (at / MONTH) as u32;
            if eligible[*c as usize].contains(&g) {
                push_new(&mut carers[*c as usize], g);
            }
        }
    }
    // An ejected client must find another day, but keeps to those who serve them already.
    for (c, list) in carers.iter_mut().enumerate().filter(|(c, _)| count[*c] < problem.clients[*c].visits) {
        let grid = grid_carer.get(c).copied().flatten().filter(|g| eligible[c].contains(g));
        grid.into_iter().chain(eligible[c].iter().copied()).for_each(|g| push_new(list, g));
    }
    carers
}

fn push_new(list: &mut Vec<u32>, g: u32) {
    if !list.contains(&g) {
        list.push(g);
    }
}

/// The plan while it is mended.
pub(super) struct Mending<'a> {
    pub(super) problem: &'a RotaProblem,
    pub(super) from: usize,
    pub(super) search: Search<'a>,
    /// Visits of each client.
    pub(super) held: Vec<Vec<Held>>,
    /// Option of the responsible caregiver; `u16::MAX`: to be chosen.
    pub(super) own: Vec<u16>,
    /// Steps since the last that is final.
    pub(super) log: Vec<Step>,
    /// Visits of others that may still move to make room: few changes are promised.
    pub(super) spare: usize,
    /// Visits of the plan in force that could not stay, by client; a newcomer has lost what they are owed.
    lost: Vec<u32>,
}

/// One visit of somebody else may move for so many lost.
const LOST_PER_MOVE: usize = 5;

impl Mending<'_> {
    pub(super) fn scope(&self) -> Scope {
        Scope { from: self.from, continuity: self.problem.continuity, without: Without::default() }
    }

    /// Rebuilds the days; where a day became illegal (a client moved, hours were cut) visits leave it until it is legal.
    fn load(&mut self, kept: &[Vec<u32>]) {
        for (at, clients) in kept.iter().enumerate() {
            let (slot, day) = (at / MONTH, at % MONTH);
            for client in clients {
                // A frozen visit by somebody who may no longer come stands in the record only.
                if let Some(option) = self.option(*client, slot as u32) {
                    self.search.append_visit(*client, option, day);
                }
                self.held[*client as usize].push((day, slot as u32));
            }
            while day >= self.from && !self.search.day_is_legal(slot, day) {
                let Some(client) = self.search.worst_stop(slot, day) else { break };
                self.search.drop_visit(client, slot, day);
                self.held[client as usize].retain(|h| *h != (day, slot as u32));
            }
        }
        for c in 0..self.held.len() {
            self.held[c].sort_unstable();
            self.drop_forbidden_days(c);
        }
        self.search.take_changed(|_, _| {});
        self.search.keep();
    }

    /// A visit from `from` on that the client's own rules no longer allow leaves.
    fn drop_forbidden_days(&mut self, c: usize) {
        let home = &self.search.instance.homes[c];
        for (day, g) in self.held[c].clone() {
            if day >= self.from && home.days & (1 << day) == 0 {
                self.search.drop_visit(c as u32, g as usize, day);
                self.held[c].retain(|h| *h != (day, g));
            }
        }
    }

    pub(super) fn option(&self, client: u32, carer: u32) -> Option<u16> {
        self.search.home(client).options.iter().position(|o| o.carer == carer).map(|i| i as u16)
    }

    pub(super) fn lacks(&self, c: usize) -> bool {
        (self.held[c].len() as u32) < self.search.instance.homes[c].owed
    }

    fn count_lost(&mut self, previous: &RotaPlan) {
        let rows = self.held.len();
        let mut had = vec![0u32; rows];
        let visits = previous.tours.iter().flat_map(|t| &t.visits).filter(|v| v.client.at() < rows);
        visits.for_each(|v| had[v.client.at()] += 1);
        let owed = |c: usize| self.search.instance.homes[c].owed;
        let of = |c: usize| match previous.responsible.get(c) {
            Some(_) => had[c].min(owed(c)).saturating_sub(self.held[c].len() as u32),
            None => owed(c),
        };
        self.lost = (0..self.held.len()).map(of).collect();
        self.spare = self.lost.iter().sum::<u32>() as usize / LOST_PER_MOVE;
    }

    fn place_all(&mut self) {
        for c in 0..self.held.len() {
            if self.own[c] == u16::MAX {
                self.choose_carer(c as u32);
            }
        }
        for c in 0..self.held.len() {
            if self.lacks(c) && !self.place(c as u32) && self.lost[c] > 0 {
                self.eject(c as u32);
            }
        }
    }

    /// A responsible caregiver for a client without one: most visits, then the earlier in the list (grid, then nearest).
    fn choose_carer(&mut self, client: u32) {
        let strict = Scope { continuity: Continuity::Strict, ..self.scope() };
        let held = &self.held[client as usize];
        let of_option = |k: usize| {
            mend::fewest_changes(&self.search, client, held, k as u16, strict).map_or(0, |c| c.visits)
        };
        let options = 0..self.search.home(client).options.len();
        let best = options.max_by_key(|k| (of_option(*k), std::cmp::Reverse(*k)));
        self.own[client as usize] = best.unwrap_or(0) as u16;
    }

    /// Places what is missing with the fewest changes; `true`: nothing is missing any more.
    fn place(&mut self, client: u32) -> bool {
        let c = client as usize;
        if let Some(change) =
            mend::fewest_changes(&self.search, client, &self.held[c], self.own[c], self.scope())
            && change.visits > self.held[c].len()
        {
            self.apply(client, &change);
            self.log.clear();
        }
        !self.lacks(c)
    }

    pub(super) fn apply(&mut self, client: u32, change: &Change) {
        for (day, g) in self.held[client as usize].clone() {
            if change.stay & (1 << day) == 0 {
                self.take(client, g, day);
            }
        }
        for (option, day, at) in &change.new {
            let carer = self.search.home(client).options[*option as usize].carer;
            self.put(client, carer, *day, *at);
        }
    }

    /// The mended month with its grids, reasons and bounds.
    fn plan(mut self, eligible: &[Vec<u32>], previous: &RotaPlan, left: &[CaregiverIx]) -> RotaPlan {
        let problem = self.problem;
        self.order_changed_days();
        let of = |c: usize| self.search.home(c as u32).options.get(self.own[c] as usize).map(|o| o.carer);
        let own: Vec<Option<u32>> =
            (0..problem.clients.len()).map(|c| of(c).or(eligible[c].first().copied())).collect();
        let holder = if problem.cells > 0 {
            grids::refit_gaps(problem, &own, &holders(problem, previous, left))
        } else {
            Vec::new()
        };
        let responsible: Vec<Option<CaregiverIx>> = own.iter().map(|g| g.map(CaregiverIx)).collect();
        let plan = with_grids(problem, eligible, responsible, &holder);
        RotaPlan { tours: self.tours(previous), unplaced: self.unplaced(eligible), ..plan }
    }

    /// The frozen tours as they were, then the new ones; by caregiver, then day.
    fn tours(&self, previous: &RotaPlan) -> Vec<Tour> {
        let frozen = |t: &&Tour| usize::from(t.day.0) < self.from;
        let mut tours: Vec<Tour> = previous.tours.iter().filter(frozen).cloned().collect();
        tours.extend(finish::tours(&self.search).into_iter().filter(|t| !frozen(&t)));
        tours.sort_by_key(|t| (t.caregiver, t.day));
        tours
    }

    fn order_changed_days(&mut self) {
        let (instance, mut changed) = (self.search.instance, Vec::new());
        self.search.take_changed(|at, _| changed.push(at));
        for at in changed.into_iter().filter(|at| at % MONTH >= self.from) {
            let carer = &instance.carers[at / MONTH];
            self.search.change_tour(at / MONTH, at % MONTH, |tour| {
                order::improve(carer, tour);
                true
            });
        }
        self.search.keep();
    }

    fn unplaced(&self, eligible: &[Vec<u32>]) -> Vec<Unplaced> {
        let of = |(c, client): (usize, &crate::grid::RotaClient)| {
            let missing = client.visits.saturating_sub(self.held[c].len() as u32);
            (missing > 0).then(|| {
                let (reason, by) = self.reason(c, &eligible[c]);
                Unplaced { client: ClientIx::of(c), missing, reason, by }
            })
        };
        self.problem.clients.iter().enumerate().filter_map(of).collect()
    }

    fn reason(&self, c: usize, eligible: &[u32]) -> reasons::Cause {
        if eligible.is_empty() {
            return (MissingReason::NobodyEligible, None);
        }
        let (client, held) = (c as u32, &self.held[c]);
        reasons::cause(|without| {
            let scope = Scope { without, ..self.scope() };
            let change = mend::fewest_changes(&self.search, client, held, self.own[c], scope);
            reasons::helper(&self.search, client, held, change)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Silent;
    use crate::grid::testing::{broken, county};
    use crate::grid::{RotaStop, solve};
    use std::collections::BTreeSet;

    fn visits(plan: &RotaPlan) -> BTreeSet<(u32, u8, u32)> {
        let of_tour = |t: &Tour| {
            let (g, d) = (t.caregiver.0, t.day.0);
            t.visits.iter().map(move |v| (v.client.0, d, g)).collect::<Vec<_>>()
        };
        plan.tours.iter().flat_map(of_tour).collect()
    }

    #[test]
    fn without_an_event_nothing_changes() {
        let problem = county(1, 12, 150, Continuity::Prefer);
        let plan = solve(&problem, &RotaStop { steps: 3000, seed: 1 }, &Silent).unwrap();
        let after = repair(&problem, &plan, Day(1), &[]).unwrap();
        assert_eq!(broken(&problem, &after), Vec::<String>::new());
        assert!(visits(&plan).is_subset(&visits(&after)));
        assert_eq!(plan.responsible, after.responsible);
    }

    #[test]
    fn a_week_of_sick_leave_moves_little_more_than_the_visits_lost_and_nobody_loses_their_caregiver() {
        let (mut lost, mut changed) = (0, 0);
        for seed in 0..10 {
            let mut problem = county(seed, 12, 150, Continuity::Prefer);
            let plan = solve(&problem, &RotaStop { steps: 3000, seed }, &Silent).unwrap();
            problem.caregivers[0].days.retain(|d| !(7..=11).contains(&d.0));
            let after = repair(&problem, &plan, Day(7), &[]).unwrap();
            assert_eq!(broken(&problem, &after), Vec::<String>::new());
            assert_eq!(plan.responsible, after.responsible);
            let (old, new) = (visits(&plan), visits(&after));
            lost += old.iter().filter(|(_, d, g)| *g == 0 && (7..=11).contains(d)).count();
            changed += old.difference(&new).count();
            assert!(old.iter().filter(|v| v.1 < 7).all(|v| new.contains(v)), "frozen days moved");
            assert!(after.unplaced.len() <= plan.unplaced.len() + 1);
        }
        assert!(lost > 20 && changed * 10 <= lost * 12, "{changed} changed for {lost} lost");
    }

    #[test]
    fn a_new_client_is_placed_a_dead_one_leaves_and_a_mover_finds_a_new_place() {
        let mut problem = county(7, 12, 150, Continuity::Prefer);
        let (newcomer, mut plan) = (problem.clients.pop().unwrap(), None);
        if let Ok(p) = solve(&problem, &RotaStop { steps: 3000, seed: 1 }, &Silent) {
            plan = Some(p);
        }
        let plan = plan.unwrap();
        problem.clients.push(crate::grid::RotaClient { earliest: Day(14), visits: 2, ..newcomer });
        problem.clients[3].visits = 0;
        let home = problem.clients[9].clone();
        (problem.clients[5].place, problem.clients[5].eligible, problem.clients[5].cell) =
            (home.place, home.eligible, home.cell);
        let after = repair(&problem, &plan, Day(1), &[]).unwrap();
        assert_eq!(broken(&problem, &after), Vec::<String>::new());
        assert!(after.unplaced.iter().all(|u| u.client.0 != 149 && u.client.0 != 5));
        assert!(visits(&after).iter().all(|v| v.0 != 3));
    }
}
