//! Cuts carry proofs, and a changed cut is rejected.

use super::tests::strewn;
use super::*;
use crate::base::{Silent, SplitMix64};

/// Fewest outlets and most covered on strewn clients, whose relaxations leave gaps that cuts narrow.
fn with_cuts() -> Vec<(SitingProblem, Model, Certificate)> {
    let fewest = Model::Lscp { backup: 1, share_millionths: 1_000_000 };
    let asked = (0..12).flat_map(|seed| [(seed, fewest), (seed, Model::Mclp { p: 20 })]);
    let solved = asked.map(|(seed, model)| {
        let problem = strewn(seed, 800, 80, 0.13);
        let answer = solve(&problem, model, &StopRule::default(), &Silent).unwrap();
        assert!(answer.proven, "seed {seed} {model:?}");
        (problem, model, answer.certificate)
    });
    solved.filter(|(_, _, certificate)| !certificate.cuts.is_empty()).collect()
}

#[test]
fn a_changed_cut_is_rejected() {
    use crate::plan::audit::check_certificate;
    let solved = with_cuts();
    assert!(solved.len() >= 4, "{} instances needed cuts", solved.len());
    let mut random = SplitMix64::new(13);
    let mut tried = 0;
    for (problem, model, certificate) in &solved {
        assert!(check_certificate(problem, certificate).is_empty(), "{model:?}");
        // The cuts carry the proof: without them the prices prove less.
        let mut bare = certificate.clone();
        bare.cuts.clear();
        bare.tree.iter_mut().for_each(|node| node.cut_prices.clear());
        bare.seal = bare.seal_of_rest().unwrap();
        assert!(!check_certificate(problem, &bare).is_empty(), "{model:?}");
        // A stronger cut than the rows give would prove too much; each is rejected with a fresh seal too.
        for _ in 0..25 {
            let mut changed = certificate.clone();
            let used = |c: &usize| changed.tree.iter().any(|n| n.cut_prices.get(*c).is_some_and(|p| *p > 0));
            let Some(at) = (0..changed.cuts.len()).filter(used).nth(random.below(3)) else { continue };
            match random.below(4) {
                0 => changed.cuts[at].denominator = 0,
                1 => changed.cuts[at].rows[0].0 = u32::MAX,
                2 => changed.cuts[at].rows.clear(),
                _ => changed
                    .tree
                    .iter_mut()
                    .for_each(|n| n.cut_prices.iter_mut().for_each(|p| *p -= *p * 2 + 1)),
            }
            changed.seal = changed.seal_of_rest().unwrap();
            assert!(!check_certificate(problem, &changed).is_empty(), "{model:?} {:?}", changed.cuts[at]);
            tried += 1;
        }
    }
    assert!(tried >= 100, "{tried}");
}

/// Whatever rows a certificate combines with whatever multipliers, a bound that the checker accepts is on the right side.
#[test]
fn no_combination_of_rows_proves_too_much() {
    let mut random = SplitMix64::new(19);
    for (problem, model, certificate) in with_cuts() {
        let best = certificate.objective;
        for _ in 0..20 {
            let mut changed = certificate.clone();
            for cut in &mut changed.cuts {
                cut.denominator = 2 + random.below(3) as u32;
                cut.rows.iter_mut().for_each(|r| r.1 = 1 + random.below(3) as u32);
            }
            changed.tree.truncate(1);
            (changed.tree[0].branch, changed.tree[0].then) = (None, None);
            // The bound is told in the complaint; a wrong one would pass beyond the optimum.
            for claimed in [best.saturating_sub(1), best + 1] {
                changed.bound = claimed;
                changed.seal = changed.seal_of_rest().unwrap();
                let accepted = crate::plan::audit::check_certificate(&problem, &changed).is_empty();
                let right_side =
                    if matches!(model, Model::Mclp { .. }) { claimed >= best } else { claimed <= best };
                assert!(!accepted || right_side, "{model:?} {claimed} {best}");
            }
        }
    }
}
