//! The third wish of a mix: most demand covered, then nearest, then the busiest outlet as little loaded as can be.

use super::answer::{Certificate, SitingAnswer};
use super::instance::Instance;
use super::{Model, SitingProblem, StopRule, constrained, even_loads, solve};
use crate::base::{Outcome, Progress};

/// The best plan by cover and nearness whose busiest outlet carries least.
#[derive(Debug, Clone, PartialEq)]
pub struct Balanced {
    /// The plan.
    pub answer: SitingAnswer,
    /// The certificate of `answer` speaks of the problem with no outlet above this capacity; `None`: of the problem itself.
    pub capacity: Option<u64>,
    /// Demand weight of the busiest outlet.
    pub load: u64,
    /// No plan that covers as much and is as near has a lighter busiest outlet than this.
    pub least_load: u64,
    /// The proof, without these capacities, that no plan is better by cover and nearness.
    pub nearest: Certificate,
    /// Where least_load is more than the mean load: the largest capacity that makes every plan worse, and the proof.
    pub refuted: Option<(u64, Certificate)>,
}

/// Solves cover_nearest (the lexicographic mix cover, nearest, balance). Where its value is proven, all open sets that attain it are listed, and what
/// is nearest to one outlet alone loads it in every equally good plan. What that leaves open is asked by halving: how small a
/// capacity of every outlet leaves the value attained? Each of the three claims has a certificate of its own kind. Where the value is
/// not proven within the steps (see `nearest`), balance is compared among the plans that are as good as the one found.
///
/// # Errors
/// As [`fn@super::solve`].
pub fn balance(
    problem: &SitingProblem,
    p: u32,
    stop: &StopRule,
    progress: &dyn Progress,
) -> Outcome<Balanced> {
    let model = Model::CoverNearest { p };
    let first = solve(problem, model, stop, progress)?;
    let covered = solve::covered_weight(problem, &first.assignment);
    let mean = covered.div_ceil(u64::from(p.max(1)));
    let load = busiest(problem, &first);
    let nearest = first.certificate.clone();
    let mut told = Balanced { answer: first, capacity: None, load, least_load: mean, nearest, refuted: None };
    if told.answer.proven && load > mean && !constrained::applies(problem, model) {
        told = even_loads::among_best(problem, &Instance::build(problem, model), told, stop, progress)?;
    }
    halve(problem, model, told, stop, progress)
}

/// Asks by halving for capacities between the least load known and that of the plan.
fn halve(
    problem: &SitingProblem,
    model: Model,
    mut told: Balanced,
    stop: &StopRule,
    progress: &dyn Progress,
) -> Outcome<Balanced> {
    let (goal, warm) = (told.answer.objective, told.answer.open.iter().map(|s| s.0).collect::<Vec<u32>>());
    // Capacities below `low` were asked; those below `least_load` are refuted.
    let mut low = told.least_load;
    while low < told.load {
        progress.go_on()?;
        let middle = low + (told.load - low) / 2;
        let capped = with_capacity(problem, middle);
        match constrained::solve_from(&capped, model, &warm, stop, progress) {
            Ok(mut answer) if answer.objective == goal => {
                answer.certificate.seal = answer.certificate.seal_of_rest()?;
                (told.load, told.capacity) = (busiest(problem, &answer), Some(middle));
                told.answer = answer;
                continue;
            }
            // Weights are whole, so a refuted capacity refutes all below it.
            Ok(answer) if answer.certificate.bound > goal => {
                let mut certificate = answer.certificate;
                certificate.seal = certificate.seal_of_rest()?;
                (told.least_load, told.refuted) = (middle + 1, Some((middle, certificate)));
            }
            _ => progress.go_on()?,
        }
        low = middle + 1;
    }
    Ok(told)
}

/// `problem` with no outlet taking more than `most`.
#[must_use]
pub fn with_capacity(problem: &SitingProblem, most: u64) -> SitingProblem {
    let sites = problem.sites as usize;
    let capacities = match problem.capacities.is_empty() {
        true => vec![most; sites],
        false => problem.capacities.iter().map(|&c| c.min(most)).collect(),
    };
    SitingProblem { capacities, ..problem.clone() }
}

/// Demand weight of the busiest outlet of `answer`.
pub(super) fn busiest(problem: &SitingProblem, answer: &SitingAnswer) -> u64 {
    let mut load = vec![0u64; problem.sites as usize];
    for (served, weight) in answer.assignment.iter().zip(&problem.weights) {
        if let Some((site, _)) = served {
            load[site.at()] += weight;
        }
    }
    load.into_iter().max().unwrap_or(0)
}
