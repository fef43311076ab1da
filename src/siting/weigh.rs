//! Outlets that a person chose, beside the most that as many could cover.

use super::answer::SitingAnswer;
use super::instance::Instance;
use super::{Model, SitingProblem, StopRule, checks, exact, location, proof, solve};
use crate::base::{Outcome, Progress, SiteIx};

/// The demand that `open` covers, with a bound on what as many outlets could. The bound rests on multipliers alone: what a
/// proof tree settles holds only for answers that beat the tree's own. Constraints other than fixed sites only lower the
/// truth, so the bound stays valid beside them.
///
/// # Errors
/// As [`fn@super::solve`].
pub fn weigh(
    problem: &SitingProblem,
    open: &[SiteIx],
    stop: &StopRule,
    progress: &dyn Progress,
) -> Outcome<SitingAnswer> {
    let model = Model::Mclp { p: u32::try_from(open.len()).unwrap_or(u32::MAX) };
    checks::check(problem, model)?;
    let instance = Instance::build(problem, model);
    let warm: Vec<u32> = open.iter().map(|s| s.0).collect();
    let root = location::root(&instance, &warm, None, stop);
    progress.go_on()?;
    let multipliers = &root.dual.multipliers;
    let bound = exact::evaluate(&instance, &instance.state, multipliers).whole();
    let assignment = solve::nearest(problem, open);
    let mut told =
        solve::answer(problem, model, &instance, open.to_vec(), assignment, bound, root.dual.steps);
    told.certificate.multipliers = proof::to_clients(&instance, multipliers);
    told.certificate.seal = told.certificate.seal_of_rest()?;
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::super::tests::tiny;
    use super::*;
    use crate::base::{Silent, SplitMix64};
    use crate::plan::audit::check_certificate;

    #[test]
    fn any_outlets_are_weighed_with_a_proof_that_holds() {
        let mut random = SplitMix64::new(11);
        let (mut seen, mut worse) = (0, 0);
        while seen < 300 {
            let problem = tiny(&mut random);
            let free = |s: &u32| !problem.forbidden.contains(&SiteIx(*s));
            let wanted = |s: &u32| problem.fixed.contains(&SiteIx(*s)) || random.unit() < 0.5;
            let open: Vec<SiteIx> = (0..problem.sites).filter(free).filter(wanted).map(SiteIx).collect();
            if open.is_empty() {
                continue;
            }
            let told = weigh(&problem, &open, &StopRule::default(), &Silent).unwrap();
            assert_eq!(told.open, open);
            let broken = check_certificate(&problem, &told.certificate);
            assert!(broken.is_empty(), "{broken:?}");
            let best = solve(&problem, Model::Mclp { p: open.len() as u32 }, &StopRule::default(), &Silent);
            let best = best.unwrap().objective;
            assert!(told.objective <= best && best as f64 <= told.bound);
            worse += u32::from(told.objective < best);
            seen += 1;
        }
        assert!(worse > 50, "most random outlets are not the best: {worse}");
    }
}
