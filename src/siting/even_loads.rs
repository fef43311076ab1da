//! Equally good plans of cover_nearest told apart by their busiest outlet. All open sets of the proven value are listed; in each of them clients with
//! one nearest outlet load it, and the others are free to choose among those they are equally near to.

use super::answer::Certificate;
use super::balance::{Balanced, busiest, with_capacity};
use super::branch_and_bound::{End, Tree};
use super::exact::MILLION;
use super::instance::Instance;
use super::{Model, SitingProblem, StopRule, constrained, location, proof, solve};
use crate::base::{Outcome, Progress, Seconds, SiteIx};

/// Steps in search of any plan at all under a capacity that is too small.
const ANY_PLAN: u64 = 50;

/// Who is served from where by one open set.
struct Loads {
    open: Vec<SiteIx>,
    /// Travel time of each client and the nearest outlets, ascending; `None`: uncovered.
    nearest: Vec<Option<(Seconds, Vec<SiteIx>)>>,
    /// Demand that each site carries in every equally good plan of this set.
    own: Vec<u64>,
}

impl Loads {
    fn of(problem: &SitingProblem, open: Vec<SiteIx>) -> Loads {
        let mut is_open = vec![false; problem.sites as usize];
        open.iter().for_each(|s| is_open[s.at()] = true);
        let mut nearest: Vec<Option<(Seconds, Vec<SiteIx>)>> = vec![None; problem.weights.len()];
        for pair in problem.pairs.iter().filter(|p| is_open[p.site.at()]) {
            match &mut nearest[pair.client.at()] {
                Some((time, sites)) if *time == pair.travel => sites.push(pair.site),
                Some((time, _)) if *time < pair.travel => {}
                other => *other = Some((pair.travel, vec![pair.site])),
            }
        }
        let mut own = vec![0; is_open.len()];
        for (near, weight) in nearest.iter_mut().zip(&problem.weights) {
            if let Some((_, sites)) = near {
                sites.sort_unstable();
                if let [site] = sites[..] {
                    own[site.at()] += weight;
                }
            }
        }
        Loads { open, nearest, own }
    }

    /// The site that carries most in every plan of this set, and what.
    fn heaviest(&self) -> (SiteIx, u64) {
        let most = (0..self.own.len()).max_by_key(|&s| (self.own[s], std::cmp::Reverse(s))).unwrap_or(0);
        (SiteIx(most as u32), self.own.get(most).copied().unwrap_or(0))
    }

    /// Clients with a choice, the heaviest first, each to the least loaded of their outlets.
    fn assignment(&self, problem: &SitingProblem) -> Vec<Option<(SiteIx, Seconds)>> {
        let mut load = self.own.clone();
        let mut served: Vec<Option<(SiteIx, Seconds)>> =
            self.nearest.iter().map(|n| n.as_ref().map(|(time, sites)| (sites[0], *time))).collect();
        let choices = |c: usize| self.nearest[c].as_ref().map_or(0, |n| n.1.len());
        let mut order: Vec<usize> = (0..served.len()).filter(|&c| choices(c) > 1).collect();
        order.sort_by_key(|&c| (std::cmp::Reverse(problem.weights[c]), c));
        for c in order {
            let Some((time, sites)) = &self.nearest[c] else { continue };
            let Some(&site) = sites.iter().min_by_key(|s| (load[s.at()], **s)) else { continue };
            load[site.at()] += problem.weights[c];
            served[c] = Some((site, *time));
        }
        served
    }
}

/// `told`, whose value is proven, with the lightest of all plans of that value that even choices make, and the load that each of
/// them has at least. `instance` is that of cover_nearest. Unchanged where the sets are too many to be listed within the steps.
pub(super) fn among_best(
    problem: &SitingProblem,
    instance: &Instance,
    mut told: Balanced,
    stop: &StopRule,
    progress: &dyn Progress,
) -> Outcome<Balanced> {
    let mut prices = vec![0; instance.row_count()];
    for (row, price) in instance.row_of.iter().zip(&told.nearest.multipliers) {
        row.iter().for_each(|&r| prices[r as usize] = *price);
    }
    let cost = i64::try_from(told.answer.objective).unwrap_or(i64::MAX - 1);
    let Some(tree) = location::all_of_cost(instance, prices.clone(), cost, stop, progress) else {
        progress.go_on()?;
        return Ok(told);
    };
    let p = instance.p.unwrap_or(0);
    let set = |end: &End| solve::sites(&solve::fill(&instance.state, end.open.clone(), p));
    let sets: Vec<Loads> = tree.ends.iter().map(|end| Loads::of(problem, set(end))).collect();
    for loads in &sets {
        let mut answer = told.answer.clone();
        (answer.open, answer.assignment) = (loads.open.clone(), loads.assignment(problem));
        let load = busiest(problem, &answer);
        if load < told.load {
            // No capacity makes a plan better, so what proves the value without them proves it with them.
            let certificate = &mut answer.certificate;
            certificate.open.clone_from(&answer.open);
            certificate.assignment = answer.assignment.iter().map(|a| a.map(|a| a.0)).collect();
            certificate.seal = certificate.seal_of_rest()?;
            (told.answer, told.load, told.capacity) = (answer, load, Some(load));
        }
    }
    let least = sets.iter().map(|loads| loads.heaviest().1).min().unwrap_or(0);
    if least > told.least_load
        && let Some(certificate) = refutation(problem, instance, &prices, tree, &sets, least - 1, progress)?
    {
        (told.least_load, told.refuted) = (least, Some((least - 1, certificate)));
    }
    Ok(told)
}

/// The proof that no plan within `capacity` attains the value that all `sets` have, each of which loads an outlet with more. `None` where
/// no plan at all is found within it, for a certificate tells one.
fn refutation(
    problem: &SitingProblem,
    instance: &Instance,
    prices: &[i64],
    mut tree: Tree,
    sets: &[Loads],
    capacity: u64,
    progress: &dyn Progress,
) -> Outcome<Option<Certificate>> {
    let model = Model::CoverNearest { p: u32::try_from(instance.p.unwrap_or(0)).unwrap_or(u32::MAX) };
    let quick = StopRule { steps: ANY_PLAN, ..StopRule::default() };
    let capped = with_capacity(problem, capacity);
    let warm: Vec<u32> = sets.first().map_or(Vec::new(), |l| l.open.iter().map(|s| s.0).collect());
    let Ok(plan) = constrained::solve_from(&capped, model, &warm, &quick, progress) else {
        progress.go_on()?;
        return Ok(None);
    };
    let mut certificate = plan.certificate;
    certificate.multipliers = proof::to_clients(instance, prices);
    let class_of = proof::classes_of_tree(instance, &tree);
    for (end, loads) in tree.ends.iter().zip(sets) {
        // Whoever has the overloaded outlet alone nearest pays one second more: some of them have to go elsewhere.
        let (full, _) = loads.heaviest();
        for (class, near) in class_of.iter().zip(&loads.nearest) {
            if let (Some(class), Some((time, near))) = (class, near) {
                let more = i64::from(near[..] == [full]);
                tree.nodes[end.node].multipliers[*class as usize] = (i64::from(time.0) + more) * MILLION;
            }
        }
    }
    let goal = tree.cost.unsigned_abs();
    (certificate.bound, certificate.goal) = (goal.min(certificate.objective), Some(goal));
    certificate.tree.clear();
    solve::attach_tree(&mut certificate, instance, tree);
    certificate.seal = certificate.seal_of_rest()?;
    Ok(Some(certificate))
}
