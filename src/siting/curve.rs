//! Coverage against the number of outlets, each point warm from the one before and bounded by every price vector.

use super::answer::CurvePoint;
use super::instance::Instance;
use super::{Model, SitingProblem, StopRule, checks, exact, location, solve};
use crate::base::{Fault, Outcome, Progress, SiteIx};

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
    checks::check(problem, Model::Mclp { p: most })?;
    let mut instance = Instance::build(problem, Model::Mclp { p: most });
    let least = (instance.forced() as u32).max(1);
    let total: i64 = instance.weight.iter().sum();
    let (mut points, mut vectors): (Vec<Point>, Vec<Vec<i64>>) = (Vec::new(), Vec::new());
    for p in least..=most {
        if progress.is_cancelled() {
            return Err(Fault::cancelled());
        }
        progress.report("curve", u64::from(p), u64::from(most));
        instance.p = Some(p as usize);
        let warm = points.last().map_or(&[][..], |point| point.open.as_slice());
        let root = location::root(&instance, warm, vectors.last().map(Vec::as_slice), stop);
        let tree = location::finish(&instance, &root, stop, progress);
        let open = tree.best.unwrap_or_else(|| root.open.clone());
        points.push(Point { p, open, bound: i128::from(total) - tree.bound });
        // The first node of a tree holds the sharper prices, if only under what it settled: they bound every p alike.
        vectors.push(tree.nodes.into_iter().next().map_or(root.dual.multipliers, |node| node.multipliers));
    }
    sharpen(&mut instance, &mut points, &vectors, total);
    Ok(finish(problem, &points))
}

/// A point in the making.
struct Point {
    p: u32,
    open: Vec<u32>,
    bound: i128,
}

/// Every price vector bounds every p: the smallest upper bound stays. One more outlet never covers less.
fn sharpen(instance: &mut Instance, points: &mut [Point], vectors: &[Vec<i64>], total: i64) {
    for prices in vectors {
        for point in points.iter_mut() {
            instance.p = Some(point.p as usize);
            let value = exact::evaluate(instance, &instance.state, prices);
            point.bound = point.bound.min(i128::from(total) - value.whole());
        }
    }
    for i in (1..points.len()).rev() {
        points[i - 1].bound = points[i - 1].bound.min(points[i].bound);
    }
}

fn finish(problem: &SitingProblem, points: &[Point]) -> Vec<CurvePoint> {
    let mut before: Vec<SiteIx> = Vec::new();
    let mut finished = Vec::with_capacity(points.len());
    for point in points {
        let open: Vec<SiteIx> = point.open.iter().map(|&s| SiteIx(s)).collect();
        let assignment = solve::nearest(problem, &open);
        let objective = solve::covered_weight(problem, &assignment);
        let bound = u64::try_from(point.bound).unwrap_or(0).max(objective);
        finished.push(CurvePoint {
            p: point.p,
            kept: open.iter().filter(|s| before.contains(s)).count() as u32,
            objective,
            bound: bound as f64,
            gap_pct: solve::gap_pct(objective, bound as f64),
            proven: bound == objective,
            clients: assignment.iter().flatten().count() as u64,
            open: open.clone(),
        });
        before = open;
    }
    finished
}
