//! Bounds by regions and covers by windows beside the solved optimum, and changed regions rejected.

use super::covering::{Core, relaxed};
use super::dominance::{core, undominated_rows};
use super::instance::Instance;
use super::regions::{Regional, Rule, bound, stand_ins};
use super::tests::{strewn, tiny};
use super::*;
use crate::base::{Silent, SplitMix64};
use crate::plan::audit::check_certificate;

const FEWEST: Model = Model::Lscp { backup: 1, share_millionths: 1_000_000 };

/// The regional bound of `problem`, with a certificate that has no other proof, and the fewest outlets.
fn regional(problem: &SitingProblem, rule: Rule) -> (Regional, Certificate, u64) {
    let answer = solve(problem, FEWEST, &StopRule::default(), &Silent).unwrap();
    assert!(answer.proven);
    let instance = Instance::build(problem, FEWEST);
    let keep = undominated_rows(&instance);
    let reduced = instance.only_rows(&keep);
    let (small, rows) = core(&reduced);
    let (open, _) = row_weighting::cover(&small, 0, 2_000, 1);
    let prices = relaxed(&small, &open).unwrap().multipliers;
    let clients = Core { whole: &reduced, instance: &small, rows: &rows }.clients(&instance, &keep);
    let mut found = bound(&small, &clients, &open, &prices, rule, &Silent);
    found.proof.instead = stand_ins(&reduced, &small, &rows);
    let mut certificate = answer.certificate;
    (certificate.tree, certificate.cuts, certificate.class_of) = (Vec::new(), Vec::new(), Vec::new());
    certificate.settled.clear();
    certificate.multipliers.fill(0);
    certificate.bound = u64::try_from(found.bound).unwrap();
    certificate.regions = Some(found.proof.clone());
    certificate.seal = certificate.seal_of_rest().unwrap();
    (found, certificate, answer.objective)
}

#[test]
fn regions_never_prove_more_than_the_optimum_and_one_region_proves_it() {
    let mut random = SplitMix64::new(23);
    for round in 0..400 {
        let problem = tiny(&mut random);
        if problem.pairs.iter().all(|p| problem.forbidden.contains(&p.site)) {
            continue;
        }
        let steps = if round % 2 == 0 { 10_000 } else { 3 };
        for size in [1, 2, 100] {
            let (found, certificate, best) = regional(&problem, Rule { size, steps });
            let broken = check_certificate(&problem, &certificate);
            assert!(broken.is_empty(), "round {round} size {size} {broken:?} {problem:?}");
            assert!(found.bound <= i128::from(best), "round {round} size {size}");
        }
    }
    for seed in 0..8 {
        let problem = strewn(seed, 400, 40, 0.15);
        let (whole, certificate, best) = regional(&problem, Rule { size: 100, steps: 20_000 });
        // What is not connected is a region of its own; together they are exact.
        assert_eq!(whole.bound, i128::from(best), "seed {seed}");
        assert!(check_certificate(&problem, &certificate).is_empty(), "seed {seed}");
    }
}

#[test]
fn changed_regions_are_rejected() {
    let mut random = SplitMix64::new(29);
    let mut tried = 0;
    for seed in 0..8 {
        let problem = strewn(seed, 800, 80, 0.13);
        let (_, certificate, best) = regional(&problem, Rule { size: 6, steps: 200 });
        assert!(check_certificate(&problem, &certificate).is_empty(), "seed {seed}");
        assert!(certificate.regions.as_ref().unwrap().parts.len() > 1, "seed {seed}");
        for _ in 0..40 {
            let mut changed = certificate.clone();
            let regions = changed.regions.as_mut().unwrap();
            let count = regions.parts.len();
            let part = &mut regions.parts[random.below(count)];
            let nodes = part.tree.len();
            match random.below(6) {
                // More of the costs than there is, for a bound that would follow.
                0 => part.costs.iter_mut().for_each(|(_, cost)| *cost = 10_001),
                1 => part.tree.clear(),
                2 => part.tree[nodes - 1].multipliers = vec![-1],
                3 if part.tree[0].branch.is_none() => continue,
                3 => part.tree[0].branch.iter_mut().for_each(|b| (b.open, b.closed) = (0, 0)),
                4 => part.clients[0] = crate::base::ClientIx(u32::MAX),
                _ if regions.instead.is_empty() => continue,
                _ => {
                    let (site, _) = regions.instead[0];
                    regions.instead.push((site, site));
                }
            }
            changed.seal = changed.seal_of_rest().unwrap();
            assert!(!check_certificate(&problem, &changed).is_empty(), "seed {seed}");
            tried += 1;
        }
        // Whatever the multipliers and goals are, nothing beyond the optimum is accepted.
        for _ in 0..20 {
            let mut changed = certificate.clone();
            for part in &mut changed.regions.as_mut().unwrap().parts {
                part.goal += random.below(30_000) as i64;
                let nodes = part.tree.iter_mut().flat_map(|n| n.multipliers.iter_mut());
                nodes.for_each(|y| *y += random.below(3) as i64 * 1_000_000_000);
            }
            changed.bound = best + 1;
            changed.objective = best;
            changed.seal = changed.seal_of_rest().unwrap();
            assert!(!check_certificate(&problem, &changed).is_empty(), "seed {seed}");
        }
    }
    assert!(tried >= 200, "{tried}");
}

#[test]
fn one_and_two_threads_prove_the_same_regions() {
    let problem = strewn(3, 800, 80, 0.13);
    let told = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| regional(&problem, Rule { size: 6, steps: 200 }).1)
    };
    assert_eq!(told(1), told(2));
}

#[test]
fn windows_keep_a_cover_and_come_to_the_fewest() {
    let mut attained = 0;
    for seed in 0..8 {
        let problem = strewn(seed, 1_200, 150, 0.09);
        let best = solve(&problem, FEWEST, &StopRule::default(), &Silent).unwrap();
        let instance = Instance::build(&problem, FEWEST);
        let first = covering::complete_and_prune(&instance, &instance.state, &[]);
        let (open, steps) = windows::improve(&instance, &first, 0, 30_000, 1);
        assert!(steps >= 30_000);
        let served = |r: usize| instance.rows.of(r).iter().any(|e| open.binary_search(&e.0).is_ok());
        assert!((0..instance.row_count()).all(served), "seed {seed}");
        assert!(open.len() <= first.len() && open.len() as f64 >= best.bound, "seed {seed}");
        attained += usize::from(open.len() as u64 <= best.objective);
        let (enough, _) = windows::improve(&instance, &first, first.len() as u64, 30_000, 1);
        assert_eq!(enough, first, "seed {seed}");
    }
    assert!(attained >= 6, "{attained}");
}
