//! Brute force beside the solver on tiny instances, with every certificate checked.

use super::*;
use crate::base::{ClientIx, Seconds, Silent, SiteIx, SplitMix64};

/// A random instance of up to 9 sites and 10 clients, some of them unreachable, with fixed and forbidden sites.
pub(super) fn tiny(random: &mut SplitMix64) -> SitingProblem {
    let (sites, clients) = (2 + random.below(8), 1 + random.below(10));
    let dense = 0.2 + 0.6 * random.unit();
    let mut problem = SitingProblem { sites: sites as u32, ..SitingProblem::default() };
    problem.weights = (0..clients).map(|_| 1 + random.below(9) as u64).collect();
    for s in 0..sites {
        for c in 0..clients {
            if random.unit() < dense {
                let travel = Seconds(random.below(12) as u32);
                problem.pairs.push(Pair { client: ClientIx::of(c), site: SiteIx::of(s), travel });
            }
        }
    }
    for s in 0..sites {
        match random.below(8) {
            0 => problem.fixed.push(SiteIx::of(s)),
            1 => problem.forbidden.push(SiteIx::of(s)),
            _ => {}
        }
    }
    problem
}

/// Value of an open set (a bit a site), or `None` where it is no answer.
fn value(problem: &SitingProblem, model: Model, open: u32) -> Option<u64> {
    let has = |s: SiteIx| open >> s.0 & 1 == 1;
    if problem.fixed.iter().any(|&s| !has(s)) || problem.forbidden.iter().any(|&s| has(s)) {
        return None;
    }
    let (mut cover, mut cost, mut worst, mut beyond, mut missed) = (0, 0, 0, 1, 0);
    for (c, &w) in problem.weights.iter().enumerate() {
        let usable: Vec<&Pair> = problem
            .pairs
            .iter()
            .filter(|p| p.client.at() == c && !problem.forbidden.contains(&p.site))
            .collect();
        let near = usable.iter().filter(|p| has(p.site)).map(|p| u64::from(p.travel.0)).min();
        let count = usable.iter().filter(|p| has(p.site)).count();
        let need = if let Model::Lscp { backup, .. } = model { backup as usize } else { 1 };
        let everyone = !matches!(model, Model::Mclp { .. } | Model::CoverNearest { .. });
        beyond += w * usable.iter().map(|p| u64::from(p.travel.0)).max().unwrap_or(0);
        missed += if near.is_none() && !usable.is_empty() { w } else { 0 };
        if everyone && count < need.min(usable.len()) {
            return None;
        }
        if let Some(near) = near {
            cover += w;
            cost += w * near;
            worst = worst.max(near);
        }
    }
    match model {
        Model::Lscp { .. } => Some(u64::from(open.count_ones())),
        Model::Mclp { p } => (open.count_ones() == p).then_some(cover),
        Model::PMedian { p } => (open.count_ones() == p).then_some(cost),
        Model::PCentre { p } => (open.count_ones() == p).then_some(worst),
        // Missing one unit outweighs every journey together.
        Model::CoverNearest { p } => (open.count_ones() == p).then_some(missed * beyond + cost),
    }
}

fn brute_force(problem: &SitingProblem, model: Model) -> Option<u64> {
    let values = (0..1u32 << problem.sites).filter_map(|open| value(problem, model, open));
    if matches!(model, Model::Mclp { .. }) { values.max() } else { values.min() }
}

/// Every model with a number of outlets, one that the fixed and forbidden sites allow; none where they allow none.
pub(super) fn models_with_p(problem: &SitingProblem, random: &mut SplitMix64) -> Vec<Model> {
    let usable = problem.sites as usize - problem.forbidden.len();
    let least = problem.fixed.len().max(1);
    if usable < least {
        return Vec::new();
    }
    let p = (least + random.below(usable - least + 1)) as u32;
    vec![Model::Mclp { p }, Model::PMedian { p }, Model::PCentre { p }, Model::CoverNearest { p }]
}

fn models(problem: &SitingProblem, random: &mut SplitMix64) -> Vec<Model> {
    let mut models = vec![
        Model::Lscp { backup: 1, share_millionths: 1_000_000 },
        Model::Lscp { backup: 2, share_millionths: 1_000_000 },
    ];
    models.extend(models_with_p(problem, random));
    models
}

#[test]
fn brute_force_agrees_on_tiny_instances_and_every_certificate_holds() {
    let mut random = SplitMix64::new(11);
    let stop = StopRule { steps: 20_000, ..StopRule::default() };
    let mut solved = 0;
    for round in 0..2_000 {
        let problem = tiny(&mut random);
        for model in models(&problem, &mut random) {
            let best = brute_force(&problem, model);
            match solve(&problem, model, &stop, &Silent) {
                Ok(answer) => {
                    assert_eq!(Some(answer.objective), best, "round {round} {model:?} {problem:?}");
                    assert!(answer.proven, "round {round} {model:?} {answer:?} {problem:?}");
                    let broken = crate::plan::audit::check_certificate(&problem, &answer.certificate);
                    assert!(broken.is_empty(), "round {round} {model:?} {broken:?}");
                    solved += 1;
                }
                Err(fault) => assert!(best.is_none(), "round {round} {model:?} {fault} {best:?}"),
            }
        }
    }
    assert!(solved > 6_000, "{solved}");
}

#[test]
fn two_hundred_changed_certificates_are_rejected() {
    let mut random = SplitMix64::new(5);
    let (mut rejected, mut by_arithmetic) = (0, 0);
    while rejected < 200 {
        let problem = tiny(&mut random);
        let stop = StopRule { steps: 20_000, ..StopRule::default() };
        for model in models(&problem, &mut random) {
            let Ok(answer) = solve(&problem, model, &stop, &Silent) else { continue };
            let mut changed = answer.certificate.clone();
            match random.below(5) {
                0 => changed.objective += 1,
                1 => changed.bound += 1 + random.below(3) as u64,
                2 if !changed.open.is_empty() => {
                    changed.open.remove(0);
                }
                3 => changed.open.push(SiteIx(problem.sites)),
                _ if !changed.multipliers.is_empty() => {
                    let at = random.below(changed.multipliers.len());
                    changed.multipliers[at] += 1 + random.below(2_000_000) as i64;
                }
                _ => changed.objective += 2,
            }
            assert!(!crate::plan::audit::check_certificate(&problem, &changed).is_empty(), "{changed:?}");
            rejected += 1;
            // Also where the seal is renewed, lies about open sites or objective do not pass the arithmetic.
            changed.seal = changed.seal_of_rest().unwrap();
            by_arithmetic +=
                usize::from(!crate::plan::audit::check_certificate(&problem, &changed).is_empty());
        }
    }
    assert!(by_arithmetic * 2 > rejected, "{by_arithmetic} of {rejected}");
}

#[test]
fn the_curve_never_falls_and_its_bounds_hold() {
    let mut random = SplitMix64::new(3);
    for round in 0..60 {
        let mut problem = tiny(&mut random);
        problem.fixed.clear();
        problem.forbidden.clear();
        let stop = StopRule { steps: if round % 2 == 0 { 300 } else { 3_000 }, ..StopRule::default() };
        let proven = proven_curve(&problem, problem.sites, &stop, &Silent).unwrap();
        assert_eq!(proven.len(), problem.sites as usize);
        let points: Vec<CurvePoint> = proven.iter().map(|(point, _)| point.clone()).collect();
        let nested = phases(&problem, &points).unwrap();
        assert_eq!(nested.len(), points.len());
        assert!(knee(&points).is_none_or(|p| (1..=problem.sites).contains(&p)));
        for ((point, certificate), phase) in proven.iter().zip(&nested) {
            let broken = crate::plan::audit::check_certificate(&problem, certificate);
            assert!(broken.is_empty(), "{broken:?} {point:?} {problem:?}");
            assert_eq!(phase.covered + phase.price, point.objective.max(phase.covered));
            let best = brute_force(&problem, Model::Mclp { p: point.p }).unwrap();
            assert!(point.objective <= best && best as f64 <= point.bound, "{point:?} {best}");
        }
    }
}

#[test]
fn bad_input_gets_a_sentence() {
    let pair = |client, site| Pair { client: ClientIx(client), site: SiteIx(site), travel: Seconds(1) };
    let good = SitingProblem {
        sites: 2,
        weights: vec![1, 1],
        pairs: vec![pair(0, 0), pair(1, 1)],
        ..Default::default()
    };
    let said = |problem: &SitingProblem, model| {
        solve(problem, model, &StopRule::default(), &Silent).err().map(|f| f.en).unwrap_or_default()
    };
    let fewest = Model::Lscp { backup: 1, share_millionths: 1_000_000 };
    assert!(said(&SitingProblem { weights: vec![1, 0], ..good.clone() }, fewest).contains("row 2"));
    let twice = SitingProblem { pairs: vec![pair(0, 0), pair(0, 0)], ..good.clone() };
    assert!(said(&twice, fewest).contains("paired twice"));
    let both = SitingProblem { fixed: vec![SiteIx(1)], forbidden: vec![SiteIx(1)], ..good.clone() };
    assert!(said(&both, fewest).contains("both fixed open and forbidden"));
    assert!(said(&good, Model::Mclp { p: 3 }).contains("p is 3 but 2 sites"));
    let group = Group {
        name: "Hejia".into(),
        sites: vec![SiteIx(0)],
        clients: vec![],
        least_outlets: 3,
        least_covered: 0,
    };
    assert!(said(&SitingProblem { groups: vec![group], ..good }, fewest).contains("2 more than"));
}

/// Clients and sites strewn over a square, each client within reach of the sites around.
pub(super) fn strewn(seed: u64, clients: usize, sites: usize, reach: f64) -> SitingProblem {
    let mut random = SplitMix64::new(seed);
    let mut point = || (random.unit(), random.unit());
    let at: Vec<(f64, f64)> = (0..sites).map(|_| point()).collect();
    let homes: Vec<(f64, f64)> = (0..clients).map(|_| point()).collect();
    let mut problem = SitingProblem { sites: sites as u32, ..SitingProblem::default() };
    problem.weights = (0..clients).map(|_| 1 + random.below(4) as u64).collect();
    for (c, home) in homes.iter().enumerate() {
        for (s, site) in at.iter().enumerate() {
            let away = (home.0 - site.0).hypot(home.1 - site.1);
            if away < reach {
                let travel = Seconds((away * 1e4) as u32);
                problem.pairs.push(Pair { client: ClientIx::of(c), site: SiteIx::of(s), travel });
            }
        }
    }
    problem
}

#[test]
fn the_gap_asked_is_one_of_the_demand_covered_and_saves_steps() {
    let mut saved = 0;
    for seed in 0..6 {
        let problem = strewn(seed, 900, 90, 0.13);
        let run = |gap_pct| {
            let stop = StopRule { steps: 20_000, gap_pct, seed: 1 };
            solve(&problem, Model::Mclp { p: 24 }, &stop, &Silent).unwrap()
        };
        let (near, far) = (run(0.5), run(0.0));
        assert!(near.proven || near.gap_pct <= 0.5, "seed {seed}: {}", near.gap_pct);
        assert!(near.steps <= far.steps);
        // So little is missed that a rule of the missed demand would still have searched here.
        let missed = problem.weights.iter().sum::<u64>() - near.objective;
        let early = near.gap_pct * near.objective as f64 > 0.5 * missed as f64;
        saved += u32::from(early && near.steps < far.steps);
    }
    assert!(saved >= 2, "{saved} searches ended early");
}

#[test]
fn an_explanation_agrees_with_enumeration() {
    let mut random = SplitMix64::new(29);
    let stop = StopRule { steps: 20_000, ..StopRule::default() };
    let mut told_essential = 0;
    for _ in 0..40 {
        let problem = tiny(&mut random);
        for model in models(&problem, &mut random).into_iter().filter(|m| matches!(m, Model::Mclp { .. })) {
            let answer = solve(&problem, model, &stop, &Silent).unwrap();
            let told = explain(&problem, model, &answer, &stop, &Silent).unwrap();
            assert!(told.undecided.is_empty());
            for &site in answer.open.iter().filter(|s| !problem.fixed.contains(s)) {
                let mut sets = (0..1u32 << problem.sites).filter(|open| open >> site.0 & 1 == 0);
                let elsewhere = sets.any(|open| value(&problem, model, open) == Some(answer.objective));
                assert_eq!(told.essential.contains(&site), !elsewhere, "{site:?} {answer:?} {problem:?}");
                told_essential += usize::from(!elsewhere);
            }
            assert_eq!(
                told.missed.len(),
                answer.assignment.iter().filter(|a| a.is_none()).count(),
                "everyone not served is told"
            );
            for missed in told.missed.iter().filter_map(|m| m.if_covered.as_ref()) {
                assert!(missed.difference <= 0, "covering one more by force never gains");
            }
        }
    }
    assert!(told_essential > 10, "{told_essential}");
}

#[test]
fn one_and_two_threads_draw_the_same_curve() {
    let mut random = SplitMix64::new(77);
    for _ in 0..20 {
        let problem = tiny(&mut random);
        let most = problem.sites - problem.forbidden.len() as u32;
        let draw = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| proven_curve(&problem, most, &StopRule::default(), &Silent)).ok()
        };
        assert_eq!(draw(1), draw(2));
    }
}

#[test]
fn every_model_answers_alike_on_one_and_two_threads() {
    let mut random = SplitMix64::new(78);
    let (mut problem, sites) = (SitingProblem { sites: 40, ..SitingProblem::default() }, 40);
    let place = |random: &mut SplitMix64| (random.unit() * 100.0, random.unit() * 100.0);
    let at: Vec<(f64, f64)> = (0..sites).map(|_| place(&mut random)).collect();
    for client in 0..300 {
        let home = place(&mut random);
        problem.weights.push(1 + random.below(5) as u64);
        for (s, from) in at.iter().enumerate() {
            let travel = Seconds((home.0 - from.0).hypot(home.1 - from.1) as u32);
            if travel.0 <= 40 {
                problem.pairs.push(Pair { client: ClientIx(client), site: SiteIx::of(s), travel });
            }
        }
    }
    let limited = with_capacity(&problem, problem.weights.iter().sum::<u64>() / 6);
    let fewest = Model::Lscp { backup: 1, share_millionths: 1_000_000 };
    let part = Model::Lscp { backup: 1, share_millionths: 900_000 };
    let p = 8;
    let plain = [
        fewest,
        part,
        Model::Mclp { p },
        Model::PMedian { p },
        Model::PCentre { p },
        Model::CoverNearest { p },
    ];
    let mut cases: Vec<(&SitingProblem, Model)> = plain.into_iter().map(|m| (&problem, m)).collect();
    cases.extend([(&limited, Model::Mclp { p }), (&limited, Model::PMedian { p })]);
    let stop = StopRule { steps: 200, ..StopRule::default() };
    for (problem, model) in cases {
        let asked = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| solve(problem, model, &stop, &Silent)).map_err(|fault| fault.en)
        };
        let one = asked(1);
        assert_eq!(one, asked(2), "{model:?}");
        let bytes = |answer: &SitingAnswer| serde_json::to_vec(&answer.certificate).unwrap();
        assert_eq!(one.as_ref().map(bytes).ok(), asked(2).as_ref().map(bytes).ok(), "{model:?}");
        let answer = one.unwrap_or_else(|fault| panic!("{model:?}: {fault}"));
        let broken = crate::plan::audit::check_certificate(problem, &answer.certificate);
        assert!(broken.is_empty(), "{model:?} {broken:?}");
    }
    let draw = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| proven_curve(&problem, 10, &StopRule { steps: 2_000, ..stop }, &Silent)).unwrap()
    };
    assert_eq!(draw(1), draw(2));
}

/// Large instances rest on primal-dual steps; here the simplex tells the optimum.
#[test]
fn primal_dual_steps_come_near_the_linear_relaxation() {
    use super::cover_saddle::saddle_point;
    use super::instance::Instance;
    use super::linear_relaxation::{Program, Simplex};
    use super::saddle::Steps;
    let mut random = SplitMix64::new(41);
    for round in 0..60 {
        let mut problem = SitingProblem { sites: 20, ..SitingProblem::default() };
        for client in 0..60 {
            problem.weights.push(1 + random.below(9) as u64);
            let near: Vec<u32> = (0..20).filter(|_| random.below(5) == 0).collect();
            problem.pairs.extend(near.into_iter().map(|site| Pair {
                client: ClientIx(client),
                site: SiteIx(site),
                travel: Seconds(0),
            }));
        }
        let cover = Model::Lscp { backup: 1, share_millionths: 1_000_000 };
        let instance = Instance::build(&problem, if round % 2 == 0 { Model::Mclp { p: 4 } } else { cover });
        let start: Vec<u32> = (0..if round % 2 == 0 { 4 } else { 20 }).collect();
        let program = Program::new(&instance, Vec::new());
        let (prices, _) = Simplex::new(&program, &instance.state, &start).unwrap().optimise(5_000).unwrap();
        let optimum = exact::evaluate(&instance, &instance.state, &prices.rows).bound as f64 / 1e6;
        let rule = Steps { most: 20_000, target: 1_000, accuracy: 1e-4, of_gap: 0.0 };
        let nought = vec![0.0; instance.row_count()];
        let near = saddle_point(&instance, &instance.state, &start, &nought, rule, &mut |_| 1_000);
        let value = near.value.bound as f64 / 1e6;
        assert!(value <= optimum + 1e-3 && value >= optimum - 0.01, "round {round}: {value} {optimum}");
    }
}
