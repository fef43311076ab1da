//! p-centre: the least radius within which `p` outlets cover all, found by covering at trial radii.

use super::answer::{Cut, ProofNode};
use super::instance::Instance;
use super::{Model, SitingProblem, StopRule, covering, proof};
use crate::base::{Fault, Outcome, Progress, Seconds};

/// A radius that is too small, with its proof.
#[derive(Debug, Clone, Default)]
pub(super) struct Refuted {
    /// The radius; `None`: no travel time is shorter than the objective.
    pub(super) radius: Option<Seconds>,
    /// Multiplier of each client.
    pub(super) multipliers: Vec<i64>,
    /// Class of each client in the tree.
    pub(super) class_of: Vec<Option<u32>>,
    /// Cuts of the tree.
    pub(super) cuts: Vec<Cut>,
    /// The tree, where one multiplier vector is not enough.
    pub(super) tree: Vec<ProofNode>,
}

/// What the search over radii knows.
#[derive(Debug, Clone)]
pub(super) struct LeastRadius {
    /// Open sites, ascending.
    pub(super) open: Vec<u32>,
    /// Largest travel time with them, seconds.
    pub(super) objective: u32,
    /// No `p` outlets do better than this.
    pub(super) bound: u32,
    /// Why not.
    pub(super) refuted: Refuted,
    /// Steps taken.
    pub(super) steps: u64,
}

/// Searches the distinct travel times by halving.
///
/// # Errors
/// More than `p` outlets are needed to reach all at any travel time in the pairs, or the person cancelled.
pub(super) fn least_radius(
    problem: &SitingProblem,
    p: u32,
    stop: &StopRule,
    progress: &dyn Progress,
) -> Outcome<LeastRadius> {
    let times = distinct_times(problem);
    let cover = Model::Lscp { backup: 1, share_millionths: 1_000_000 };
    let whole = Instance::build_within(problem, cover, true, u32::MAX);
    let mut found =
        LeastRadius { open: Vec::new(), objective: 0, bound: 0, refuted: Refuted::default(), steps: 0 };
    if whole.row_count() == 0 {
        return Ok(found);
    }
    // Radii below `low` are not attained, `high` is (or stands past the end); `proven`: all below are refuted.
    // Nobody is served sooner than by their nearest site.
    let far = (0..whole.row_of.len()).filter_map(|c| whole.row_of[c].map(|r| (nearest(&whole, r), c)));
    let (least, farthest) = far.max_by_key(|&(d, c)| (d, std::cmp::Reverse(c))).unwrap_or((0, 0));
    let mut low = times.partition_point(|&t| t < least);
    let (mut high, mut proven) = (times.len(), low);
    if low > 0 {
        found.refuted = refuted_by_client(times[low - 1], farthest, problem.weights.len(), p);
    }
    while low < high {
        if progress.is_cancelled() {
            return Err(Fault::cancelled());
        }
        let middle = if high == times.len() {
            // Nothing is attained yet: half as far again, because wide radii are dear to look at.
            times.partition_point(|&t| t < times[low] + times[low] / 2).clamp(low, high - 1)
        } else {
            usize::midpoint(low, high)
        };
        let radius = times[middle];
        let instance = whole.within(radius);
        let (tree, root) = covering::fewest(&instance, Some(u64::from(p)), stop, progress);
        found.steps += tree.steps;
        if let Some(open) = tree.best {
            // The sites found may do better than the radius asked about.
            let worst =
                (0..whole.row_count()).map(|r| reached(&whole, r as u32, &open)).max().unwrap_or(radius);
            high = times.partition_point(|&t| t < worst).clamp(low, middle);
            found.open = open;
            continue;
        }
        low = middle + 1;
        if tree.bound > i128::from(p) {
            proven = middle + 1;
            found.refuted = Refuted {
                radius: Some(Seconds(radius)),
                multipliers: proof::to_clients(&instance, &root),
                class_of: proof::classes_of_tree(&instance, &tree),
                cuts: proof::halves(&tree.cuts),
                tree: tree.nodes,
            };
        }
    }
    let (Some(&objective), Some(&bound)) = (times.get(high), times.get(proven)) else {
        return Err(too_few(p));
    };
    (found.objective, found.bound) = (objective, bound);
    Ok(found)
}

/// Travel times of all pairs, ascending, each once.
pub(super) fn distinct_times(problem: &SitingProblem) -> Vec<u32> {
    let mut times: Vec<u32> = problem.pairs.iter().map(|p| p.travel.0).collect();
    times.sort_unstable();
    times.dedup();
    times
}

fn nearest(whole: &Instance, row: u32) -> u32 {
    whole.rows.of(row as usize).first().map_or(0, |e| e.1)
}

/// Distance of `row` to its nearest site of `open` (ascending).
fn reached(whole: &Instance, row: u32, open: &[u32]) -> u32 {
    let near = whole.rows.of(row as usize).iter().find(|e| open.binary_search(&e.0).is_ok());
    near.map_or(u32::MAX, |e| e.1)
}

fn refuted_by_client(radius: u32, client: usize, clients: usize, p: u32) -> Refuted {
    let mut multipliers = vec![0; clients];
    multipliers[client] = (i64::from(p) + 1) * super::exact::MILLION;
    Refuted { radius: Some(Seconds(radius)), multipliers, ..Refuted::default() }
}

fn too_few(p: u32) -> Fault {
    Fault::refused(
        format!("{p} 个网点不能到达所有可及的服务对象，请增加 p。"),
        format!(
            "{p} outlets cannot reach everybody who can be reached; raise p (the model lscp tells the fewest)."
        ),
    )
}
