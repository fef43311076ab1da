//! Every model under every combination of constraints, against full enumeration.

use super::tests::{models_with_p, tiny};
use super::*;
use crate::base::{ClientIx, Fen, Seconds, Silent, SiteIx, SplitMix64};
use crate::plan::audit::check_certificate;

/// Adds the constraints whose bits stand in `mask`: budget 1, capacities 2, outlets of groups 4, cover of groups 8.
fn constrain(problem: &mut SitingProblem, mask: usize, random: &mut SplitMix64) {
    let sites = problem.sites as usize;
    if mask & 1 > 0 {
        problem.costs = (0..sites).map(|_| Fen(1 + random.below(9) as i64)).collect();
        let all: i64 = problem.costs.iter().map(|c| c.0).sum();
        problem.budget = Some(Fen(1 + random.below(all as usize) as i64));
    }
    if mask & 2 > 0 {
        problem.capacities = (0..sites).map(|_| random.below(24) as u64).collect();
    }
    if mask & 12 > 0 {
        for name in ["east", "west"] {
            let mut group = Group {
                name: name.into(),
                sites: (0..sites).filter(|_| random.below(2) == 0).map(SiteIx::of).collect(),
                clients: (0..problem.weights.len())
                    .filter(|_| random.below(2) == 0)
                    .map(ClientIx::of)
                    .collect(),
                least_outlets: 0,
                least_covered: 0,
            };
            let usable = group.sites.iter().filter(|s| !problem.forbidden.contains(s)).count();
            if mask & 4 > 0 {
                group.least_outlets = random.below(usable.min(2) + 1) as u32;
            }
            if mask & 8 > 0 {
                let reached = |c: &&ClientIx| {
                    problem.pairs.iter().any(|p| p.client == **c && !problem.forbidden.contains(&p.site))
                };
                let most: u64 = group.clients.iter().filter(reached).map(|c| problem.weights[c.at()]).sum();
                group.least_covered = random.below(most as usize + 1) as u64;
            }
            problem.groups.push(group);
        }
    }
}

/// Travel time of each client (`None`: not served) in the way of serving `open` that makes `value` best.
struct Enumeration<'a> {
    problem: &'a SitingProblem,
    model: Model,
    times: Vec<Vec<Option<u32>>>,
    reachable: Vec<bool>,
    beyond: u64,
}

impl<'a> Enumeration<'a> {
    fn new(problem: &'a SitingProblem, model: Model) -> Self {
        let mut times = vec![vec![None; problem.sites as usize]; problem.weights.len()];
        for pair in problem.pairs.iter().filter(|p| !problem.forbidden.contains(&p.site)) {
            times[pair.client.at()][pair.site.at()] = Some(pair.travel.0);
        }
        let reachable: Vec<bool> = times.iter().map(|t| t.iter().any(Option::is_some)).collect();
        let far = |t: &Vec<Option<u32>>| u64::from(t.iter().flatten().copied().max().unwrap_or(0));
        let beyond = 1 + times.iter().zip(&problem.weights).map(|(t, w)| far(t) * w).sum::<u64>();
        Enumeration { problem, model, times, reachable, beyond }
    }

    fn weight(&self, served: &[Option<u32>], of: impl Fn(usize) -> bool) -> u64 {
        (0..served.len()).filter(|&c| of(c) && served[c].is_some()).map(|c| self.problem.weights[c]).sum()
    }

    /// Value of an open set with each client served at `served`, smaller is better; `None`: not allowed.
    fn value(&self, open: u32, served: &[Option<u32>]) -> Option<u64> {
        let problem = self.problem;
        for group in &problem.groups {
            let outlets = group.sites.iter().filter(|s| open >> s.0 & 1 == 1).count();
            let covered = self.weight(served, |c| group.clients.contains(&ClientIx::of(c)));
            if (outlets as u32) < group.least_outlets || covered < group.least_covered {
                return None;
            }
        }
        let total: u64 = (0..served.len()).filter(|&c| self.reachable[c]).map(|c| problem.weights[c]).sum();
        let covered = self.weight(served, |_| true);
        let far: u64 = served.iter().zip(&problem.weights).map(|(t, w)| u64::from(t.unwrap_or(0)) * w).sum();
        match self.model {
            Model::Lscp { share_millionths, .. } => {
                let target = (total * u64::from(share_millionths)).div_ceil(1_000_000);
                (covered >= target).then_some(u64::from(open.count_ones()))
            }
            Model::Mclp { .. } => Some(total - covered),
            Model::CoverNearest { .. } => Some((total - covered) * self.beyond + far),
            Model::PMedian { .. } => (covered == total).then_some(far),
            Model::PCentre { .. } => {
                (covered == total).then_some(served.iter().flatten().copied().max().map_or(0, u64::from))
            }
        }
    }

    fn best(&self) -> Option<u64> {
        (0..1u32 << self.problem.sites).filter_map(|open| self.best_of(open)).min()
    }

    fn best_of(&self, open: u32) -> Option<u64> {
        let problem = self.problem;
        let has = |s: SiteIx| open >> s.0 & 1 == 1;
        if problem.fixed.iter().any(|&s| !has(s)) || problem.forbidden.iter().any(|&s| has(s)) {
            return None;
        }
        let spent: i64 =
            problem.costs.iter().enumerate().filter(|(s, _)| open >> s & 1 == 1).map(|c| c.1.0).sum();
        if problem.budget.is_some_and(|b| spent > b.0) {
            return None;
        }
        match self.model {
            Model::Lscp { .. } => {}
            Model::Mclp { p } | Model::PMedian { p } | Model::PCentre { p } | Model::CoverNearest { p } => {
                let count = open.count_ones();
                if count > p || (count < p && problem.budget.is_none()) {
                    return None;
                }
            }
        }
        let near = |c: usize| {
            let mut t: Vec<u32> = self.times[c]
                .iter()
                .enumerate()
                .filter(|(s, _)| open >> s & 1 == 1)
                .filter_map(|(_, t)| *t)
                .collect();
            t.sort_unstable();
            t
        };
        if problem.capacities.is_empty() {
            let backup = if let Model::Lscp { backup, .. } = self.model { backup as usize } else { 1 };
            let wants = |c: usize| backup.min(self.times[c].iter().flatten().count());
            let served: Vec<Option<u32>> = (0..problem.weights.len())
                .map(|c| near(c).first().copied().filter(|_| near(c).len() >= wants(c)))
                .collect();
            return self.value(open, &served);
        }
        let mut room: Vec<u64> = problem.capacities.clone();
        let mut served = vec![None; problem.weights.len()];
        let mut best = None;
        self.assign(open, 0, &mut room, &mut served, &mut best);
        best
    }

    fn assign(
        &self,
        open: u32,
        client: usize,
        room: &mut [u64],
        served: &mut Vec<Option<u32>>,
        best: &mut Option<u64>,
    ) {
        if client == served.len() {
            if let Some(value) = self.value(open, served) {
                *best = Some(best.map_or(value, |b| b.min(value)));
            }
            return;
        }
        let w = self.problem.weights[client];
        self.assign(open, client + 1, room, served, best);
        for s in (0..room.len()).filter(|s| open >> s & 1 == 1) {
            if let Some(t) = self.times[client][s].filter(|_| room[s] >= w) {
                room[s] -= w;
                served[client] = Some(t);
                self.assign(open, client + 1, room, served, best);
                served[client] = None;
                room[s] += w;
            }
        }
    }
}

fn models(problem: &SitingProblem, capacities: bool, random: &mut SplitMix64) -> Vec<Model> {
    let share = [1_000_000, 500_000 + random.below(500_000) as u32];
    let mut models: Vec<Model> =
        share.into_iter().map(|share_millionths| Model::Lscp { backup: 1, share_millionths }).collect();
    if !capacities {
        models.extend(share.into_iter().map(|share_millionths| Model::Lscp { backup: 2, share_millionths }));
    }
    models.extend(models_with_p(problem, random));
    models
}

#[test]
fn brute_force_agrees_under_every_combination_of_constraints() {
    let mut random = SplitMix64::new(23);
    let stop = StopRule { steps: 200_000, ..StopRule::default() };
    let (mut solved, mut refused) = (0, 0);
    for round in 0..2_000 {
        let mask = round % 16;
        let mut problem = tiny(&mut random);
        if mask & 2 > 0 {
            // Full enumeration of assignments: fewer clients.
            problem.weights.truncate(5);
            let clients = problem.weights.len();
            problem.pairs.retain(|p| p.client.at() < clients);
        }
        constrain(&mut problem, mask, &mut random);
        for model in models(&problem, mask & 2 > 0, &mut random) {
            let best = Enumeration::new(&problem, model).best();
            match solve(&problem, model, &stop, &Silent) {
                Ok(answer) => {
                    let broken = check_certificate(&problem, &answer.certificate);
                    assert!(broken.is_empty(), "round {round} {model:?} {broken:?} {problem:?}");
                    assert!(answer.proven, "round {round} {model:?} {answer:?} {problem:?}");
                    let total: u64 = {
                        let e = Enumeration::new(&problem, model);
                        (0..problem.weights.len())
                            .filter(|&c| e.reachable[c])
                            .map(|c| problem.weights[c])
                            .sum()
                    };
                    let lacking = matches!(model, Model::Mclp { .. }).then(|| total - answer.objective);
                    assert_eq!(
                        Some(lacking.unwrap_or(answer.objective)),
                        best,
                        "round {round} {model:?} {answer:?} {problem:?}"
                    );
                    solved += 1;
                }
                Err(fault) => {
                    assert!(best.is_none(), "round {round} {model:?} {fault} {best:?} {problem:?}");
                    refused += 1;
                }
            }
        }
    }
    assert!(solved > 6_000 && refused > 400, "{solved} solved, {refused} refused");
}

#[test]
fn demand_above_capacity_is_told_by_how_much() {
    let pair = |client, site| Pair { client: ClientIx(client), site: SiteIx(site), travel: Seconds(1) };
    let problem = SitingProblem {
        sites: 2,
        weights: vec![5, 4],
        pairs: vec![pair(0, 0), pair(1, 0), pair(1, 1)],
        capacities: vec![5, 2],
        ..SitingProblem::default()
    };
    let fault = solve(&problem, Model::PMedian { p: 2 }, &StopRule::default(), &Silent).unwrap_err();
    assert!(fault.en.contains("by 2") && fault.en.contains("serves 5"), "{}", fault.en);
}

#[test]
fn two_hundred_changed_certificates_under_constraints_are_rejected() {
    let (mut random, mut rejected, mut round) = (SplitMix64::new(29), 0, 0);
    while rejected < 200 {
        round += 1;
        let mask = 1 + round % 15;
        let mut problem = tiny(&mut random);
        constrain(&mut problem, mask, &mut random);
        for model in models(&problem, mask & 2 > 0, &mut random) {
            let Ok(answer) = solve(&problem, model, &StopRule::default(), &Silent) else { continue };
            let mut changed = answer.certificate.clone();
            let better = if matches!(model, Model::Mclp { .. }) { -1i64 } else { 1 };
            // A bound better than the truth: the seal is renewed, so arithmetic alone must find it out.
            match rejected % 3 {
                0 => changed.bound = changed.bound.saturating_add_signed(better),
                1 => changed.objective = changed.objective.saturating_add_signed(-better),
                _ => changed.open.push(SiteIx(problem.sites)),
            }
            if changed == answer.certificate {
                continue;
            }
            changed.seal = changed.seal_of_rest().unwrap();
            assert!(!check_certificate(&problem, &changed).is_empty(), "{model:?} {changed:?} {problem:?}");
            rejected += 1;
        }
    }
}

/// Least (uncovered, travel, busiest load) over all open sets and assignments.
fn best_balance(problem: &SitingProblem, p: u32) -> Option<(u64, u64, u64)> {
    let e = Enumeration::new(problem, Model::CoverNearest { p });
    let mut best = None;
    for open in (0..1u32 << problem.sites).filter(|o| o.count_ones() == p) {
        let has = |s: SiteIx| open >> s.0 & 1 == 1;
        if problem.fixed.iter().all(|&s| has(s)) && !problem.forbidden.iter().any(|&s| has(s)) {
            serve_all(&e, open, 0, &mut vec![0; problem.sites as usize], (0, 0), &mut best);
        }
    }
    best
}

fn serve_all(
    e: &Enumeration,
    open: u32,
    client: usize,
    load: &mut [u64],
    (missed, far): (u64, u64),
    best: &mut Option<(u64, u64, u64)>,
) {
    let Some(&w) = e.problem.weights.get(client) else {
        let value = (missed, far, load.iter().copied().max().unwrap_or(0));
        *best = Some(best.map_or(value, |b| b.min(value)));
        return;
    };
    let lost = if e.reachable[client] { w } else { 0 };
    serve_all(e, open, client + 1, load, (missed + lost, far), best);
    for s in (0..load.len()).filter(|s| open >> s & 1 == 1) {
        if let Some(t) = e.times[client][s] {
            load[s] += w;
            serve_all(e, open, client + 1, load, (missed, far + w * u64::from(t)), best);
            load[s] -= w;
        }
    }
}

#[test]
fn balance_after_cover_and_nearness_agrees_with_enumeration() {
    let mut random = SplitMix64::new(31);
    let (mut lighter, mut refuted, mut with_goal, mut rejected, mut seen) = (0, 0, 0, 0, 0);
    while seen < 300 {
        let mut problem = tiny(&mut random);
        problem.weights.truncate(6);
        let clients = problem.weights.len();
        problem.pairs.retain(|p| p.client.at() < clients);
        // Few travel times, so that many plans are equally near.
        problem.pairs.iter_mut().for_each(|p| p.travel.0 /= 6);
        let usable = problem.sites as usize - problem.forbidden.len();
        if usable < problem.fixed.len().max(1) {
            continue;
        }
        let least = problem.fixed.len().max(1);
        let p = (least + random.below((usable - least + 1).min(3))) as u32;
        let Some((missed, far, load)) = best_balance(&problem, p) else { continue };
        let told = balance(&problem, p, &StopRule::default(), &Silent).unwrap();
        let beyond = Enumeration::new(&problem, Model::CoverNearest { p }).beyond;
        assert_eq!(told.answer.objective, missed * beyond + far, "{problem:?}");
        assert_eq!((told.load, told.least_load), (load, load), "{told:?} {problem:?}");
        let nearest = solve(&problem, Model::CoverNearest { p }, &StopRule::default(), &Silent).unwrap();
        assert_eq!(told.nearest, nearest.certificate);
        let limited = told.capacity.map_or(problem.clone(), |most| with_capacity(&problem, most));
        assert_eq!(check_certificate(&problem, &told.nearest), []);
        assert_eq!(check_certificate(&limited, &told.answer.certificate), []);
        if let Some((capacity, certificate)) = &told.refuted {
            let broken = check_certificate(&with_capacity(&problem, *capacity), certificate);
            assert!(broken.is_empty(), "{broken:?} {certificate:?} {problem:?}");
            assert!(certificate.bound > told.answer.objective && capacity + 1 == load);
            // A goal lets a tree prove as much as it says: what is claimed beyond is refused, or happens to be true.
            let capped = with_capacity(&problem, *capacity);
            for goal in [certificate.goal.map(|goal| goal + 1), None] {
                let mut changed = Certificate { goal, bound: certificate.bound + 1, ..certificate.clone() };
                changed.seal = changed.seal_of_rest().unwrap();
                if check_certificate(&capped, &changed).is_empty() {
                    let least =
                        solve(&capped, Model::CoverNearest { p }, &StopRule::default(), &Silent).unwrap();
                    assert!(least.objective >= changed.bound, "{changed:?} {problem:?}");
                } else {
                    rejected += 1;
                }
            }
            with_goal += usize::from(certificate.goal.is_some());
            refuted += 1;
        }
        lighter += usize::from(told.capacity.is_some());
        seen += 1;
    }
    assert!(lighter > 30 && refuted > 30, "{lighter} lighter, {refuted} refuted");
    assert!(rejected > 30, "{rejected} rejected");
    assert!(with_goal > 10, "{with_goal} refuted by the list of all best open sets");
}
