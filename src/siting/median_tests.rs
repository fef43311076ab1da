//! Bounds and swap search of p-median: near the linear relaxation, true to what exchanges gain, and not lost by a core.

use super::cells::Cells;
use super::exact;
use super::exchanges::Exchanges;
use super::hinge_saddle::{Start, saddle_point};
use super::instance::Instance;
use super::linear_relaxation::{Program, Simplex};
use super::saddle::Steps;
use super::*;
use crate::base::{ClientIx, Seconds, Silent, SiteIx, SplitMix64};
use crate::plan::audit::check_certificate;

/// Sites and clients strewn over a square; pairs within `reach` of its side, travel in hundredths of it.
fn square(seed: u64, sites: usize, clients: usize, reach: f64) -> SitingProblem {
    let mut random = SplitMix64::new(seed);
    let mut places =
        |count: usize| -> Vec<(f64, f64)> { (0..count).map(|_| (random.unit(), random.unit())).collect() };
    let (outlets, homes) = (places(sites), places(clients));
    let mut problem = SitingProblem { sites: sites as u32, ..SitingProblem::default() };
    for (c, home) in homes.iter().enumerate() {
        problem.weights.push(1 + (c % 5) as u64);
        for (s, outlet) in outlets.iter().enumerate() {
            let apart = (home.0 - outlet.0).hypot(home.1 - outlet.1);
            if apart <= reach {
                let travel = Seconds((apart * 100.0) as u32);
                problem.pairs.push(Pair { client: ClientIx::of(c), site: SiteIx::of(s), travel });
            }
        }
    }
    problem
}

/// The simplex over levels of distance tells the optimum of the relaxation.
#[test]
fn steps_over_hinges_come_near_the_linear_relaxation() {
    for seed in 0..40 {
        let instance = Instance::build(&square(seed, 25, 90, 2.0), Model::PMedian { p: 5 });
        let cells = Cells::build(&instance, &vec![i64::MAX; instance.row_count()]).unwrap();
        let program = Program::new(&cells.instance, Vec::new());
        let start: Vec<u32> = (0..5).collect();
        let mut simplex = Simplex::new(&program, &instance.state, &start).unwrap();
        let (prices, _) = simplex.optimise(20_000).unwrap();
        let value = |prices: &[i64]| exact::evaluate(&instance, &instance.state, prices).bound as f64 / 1e6;
        let optimum = value(&cells.prices(prices.rows));
        let mut x = vec![0.0; 25];
        start.iter().for_each(|&s| x[s as usize] = 1.0);
        let begin = Start { x, prices: vec![10.0; instance.row_count()], weight: None };
        let rule = Steps { most: 20_000, target: i64::MAX, accuracy: 1e-5, of_gap: 0.0 };
        let found = saddle_point(&instance, &instance.state, begin, 0.9, rule);
        let millionths: Vec<i64> = found.y.iter().map(|y| (y * 1e6).round() as i64).collect();
        let near = value(&millionths);
        assert!(near <= optimum + 1e-3 && near >= optimum * (1.0 - 1e-4), "{seed}: {near} {optimum}");
        assert!((found.x.iter().sum::<f64>() - 5.0).abs() < 1e-6);
    }
}

#[test]
fn the_table_of_exchanges_is_what_a_new_one_would_be() {
    let mut random = SplitMix64::new(7);
    for seed in 0..30 {
        // Short reaches leave clients without a second outlet, or without any.
        let reach = [0.2, 0.35, 2.0][seed as usize % 3];
        let instance = Instance::build(&square(seed, 30, 120, reach), Model::CoverNearest { p: 6 });
        let start: Vec<u32> = (0..6).collect();
        let mut search = Exchanges::new(&instance, &instance.state, &start);
        search.roam(20, u64::MAX, &mut random);
        search.search(5, u64::MAX, &mut random);
        let (cost, open) = (search.cost, search.sorted());
        assert_eq!(open.len(), 6);
        let mut again = Exchanges::new(&instance, &instance.state, &open);
        assert_eq!(again.cost, cost);
        // The kicks end at the foot of a descent, as a new table says too.
        assert_eq!((again.descend(), again.cost), (0, cost));
    }
}

/// Enough sites for a core: the answer is that of the proof, whatever the core leaves out.
#[test]
fn a_core_of_promising_sites_loses_nothing() {
    for seed in 0..4 {
        let problem = square(seed, 160, 600, 0.4);
        let answer = solve(&problem, Model::PMedian { p: 12 }, &StopRule::default(), &Silent).unwrap();
        assert!(answer.proven, "seed {seed}: {} {}", answer.objective, answer.bound);
        assert!(check_certificate(&problem, &answer.certificate).is_empty());
        let quick = StopRule { steps: 300, gap_pct: 1.0, ..StopRule::default() };
        let near = solve(&problem, Model::PMedian { p: 12 }, &quick, &Silent).unwrap();
        assert!(near.bound <= answer.objective as f64 && near.objective >= answer.objective);
        assert!(near.gap_pct <= 1.0, "seed {seed}: {}", near.gap_pct);
        assert!(check_certificate(&problem, &near.certificate).is_empty());
    }
}
