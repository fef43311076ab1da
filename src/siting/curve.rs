//! Coverage against the number of outlets, each point warm from the one before and bounded by every price vector.

use super::answer::{Certificate, CurvePoint, SitingAnswer};
use super::instance::Instance;
use super::{Model, SitingProblem, StopRule, checks, constrained, covering, exact, location, proof, solve};
use crate::base::{Fault, Outcome, Progress};
use rayon::prelude::*;

/// Coverage against the number of outlets for p = 1..=`most`, each with its bound, warm from p to p + 1.
/// `stop.steps` counts per point. Points below the number of fixed sites are left out.
///
/// # Errors
/// As [`fn@super::solve`].
pub fn curve(
    problem: &SitingProblem,
    most: u32,
    stop: &StopRule,
    progress: &dyn Progress,
) -> Outcome<Vec<CurvePoint>> {
    Ok(proven_curve(problem, most, stop, progress)?.into_iter().map(|(point, _)| point).collect())
}

/// As [`curve`], with the certificate of every point.
///
/// # Errors
/// As [`fn@super::solve`].
pub fn proven_curve(
    problem: &SitingProblem,
    most: u32,
    stop: &StopRule,
    progress: &dyn Progress,
) -> Outcome<Vec<(CurvePoint, Certificate)>> {
    checks::check(problem, Model::Mclp { p: most })?;
    let mut instance = Instance::build(problem, Model::Mclp { p: most });
    let least = (instance.forced() as u32).max(1);
    let models: Vec<Model> = (least..=most).map(|p| Model::Mclp { p }).collect();
    if constrained::applies(problem, Model::Mclp { p: most }) {
        let one = |model: &Model| constrained::solve(problem, *model, stop, progress);
        return finish(models.par_iter().map(one).collect::<Outcome<Vec<SitingAnswer>>>()?);
    }
    let mut roots: Vec<location::Root> = Vec::new();
    for p in least..=most {
        if progress.is_cancelled() {
            return Err(Fault::cancelled());
        }
        progress.report("curve", u64::from(p), u64::from(most));
        instance.p = Some(p as usize);
        let warm = roots.last().map_or(&[][..], |root| root.open.as_slice());
        let prices = roots.last().map(|root| root.dual.multipliers.as_slice());
        roots.push(location::root(&instance, warm, prices, stop));
    }
    complete(problem, &instance, &mut roots, stop, progress);
    // Each tree starts from its own root and from nothing else, so threads change no answer.
    let grow = |(model, root): (&Model, &location::Root)| {
        let instance = Instance { p: model_p(*model), ..instance.clone() };
        let tree = location::finish(&instance, root, stop, progress);
        solve::from_tree(problem, *model, &instance, tree, &root.dual.multipliers)
    };
    let mut answers: Vec<SitingAnswer> = models.par_iter().zip(&roots).map(grow).collect();
    if progress.is_cancelled() {
        return Err(Fault::cancelled());
    }
    let vectors: Vec<Vec<i64>> = roots.into_iter().map(|root| root.dual.multipliers).collect();
    sharpen(&mut instance, &mut answers, &vectors);
    finish(answers)
}

/// As many outlets as cover all who can be reached need no search: their points take these over, and nought uncovered is its own proof.
fn complete(
    problem: &SitingProblem,
    instance: &Instance,
    roots: &mut [location::Root],
    stop: &StopRule,
    progress: &dyn Progress,
) {
    let lacks = |root: &&location::Root| root.cost > 0 && root.dual.value.whole() <= 0;
    let Some(most) = roots.iter().filter(lacks).map(|root| root.open.len()).max() else { return };
    let cover = Instance::build(problem, Model::Lscp { backup: 1, share_millionths: 1_000_000 });
    let quick = StopRule { steps: stop.steps.min(COVER_STEPS), ..*stop };
    let (tree, _) = covering::fewest(&cover, Some(most as u64), &quick, progress);
    let Some(open) = tree.best else { return };
    for root in roots.iter_mut().filter(|root| root.cost > 0 && root.open.len() >= open.len()) {
        root.open = solve::fill(&instance.state, open.clone(), root.open.len());
        root.cost = 0;
    }
}

/// Steps to find so few outlets.
const COVER_STEPS: u64 = 500;

fn model_p(model: Model) -> Option<usize> {
    if let Model::Mclp { p } = model { Some(p as usize) } else { None }
}

/// Every price vector bounds every p: where one proves less than a point's own proof does, it takes its place.
fn sharpen(instance: &mut Instance, answers: &mut [SitingAnswer], vectors: &[Vec<i64>]) {
    let total: i64 = instance.weight.iter().sum();
    for prices in vectors {
        for answer in answers.iter_mut().filter(|a| !a.proven) {
            instance.p = answer.certificate.p.map(|p| p as usize);
            let value = exact::evaluate(instance, &instance.state, prices);
            let most = u64::try_from(i128::from(total) - value.whole()).unwrap_or(0).max(answer.objective);
            if most < answer.certificate.bound {
                let certificate = &mut answer.certificate;
                (certificate.bound, certificate.multipliers) = (most, proof::to_clients(instance, prices));
                certificate.class_of.clear();
                certificate.settled.clear();
                certificate.tree.clear();
                answer.bound = most as f64;
                answer.gap_pct = solve::gap_pct(answer.objective, answer.bound);
                answer.proven = most == answer.objective;
            }
        }
    }
}

fn finish(answers: Vec<SitingAnswer>) -> Outcome<Vec<(CurvePoint, Certificate)>> {
    let mut finished: Vec<(CurvePoint, Certificate)> = Vec::with_capacity(answers.len());
    for answer in answers {
        let before = finished.last().map_or(&[][..], |(point, _)| point.open.as_slice());
        let mut certificate = answer.certificate;
        certificate.seal = certificate.seal_of_rest()?;
        let point = CurvePoint {
            p: certificate.p.unwrap_or(0),
            kept: answer.open.iter().filter(|s| before.contains(s)).count() as u32,
            objective: answer.objective,
            bound: answer.bound,
            gap_pct: answer.gap_pct,
            proven: answer.proven,
            clients: answer.assignment.iter().flatten().count() as u64,
            open: answer.open,
        };
        finished.push((point, certificate));
    }
    Ok(finished)
}

/// The point where the curve bends most: farthest above the chord from its first to its last point, both axes scaled to one
/// (Satopaa et al. 2011). `None` with fewer than three points.
#[must_use]
pub fn knee(points: &[CurvePoint]) -> Option<u32> {
    let (first, last) = (points.first()?, points.last()?);
    let (wide, high) = (f64::from(last.p - first.p), last.objective as f64 - first.objective as f64);
    if points.len() < 3 || high <= 0.0 {
        return None;
    }
    let above = |c: &CurvePoint| {
        (c.objective as f64 - first.objective as f64) / high - f64::from(c.p - first.p) / wide
    };
    points.iter().max_by(|a, b| above(a).total_cmp(&above(b)).then(b.p.cmp(&a.p))).map(|c| c.p)
}
