//! Tables by sweeps: 32 origins a batch, sorted by rank so that those of a batch are neighbours and share their way up.
//!
//! Upwards a batch searches the ancestors of its origins; downwards one pass in descending rank serves every ancestor of a
//! destination, each arc once for 32 lanes. A subtree of the elimination tree is skipped when nothing on its boundary is within the
//! limit in any lane, so a batch's work does not grow with the map. Batches run in parallel and write rows of their own.

use crate::base::{Fault, Outcome, Progress};
use crate::network::Snap;
use crate::travel::journey::{DirectWays, seeds_outward};
use crate::travel::sheet::Sheet;
use crate::travel::sweep::SweepIndex;
use crate::travel::sweep::cch::{ContractionHierarchy, ROOT};
use crate::travel::sweep::lanes::{LANES, Lanes, dark, land, relax, run, write};
use crate::travel::sweep::targets::{Arrivals, Descent, NOWHERE, Pair, Targets};
use crate::travel::table::Lane;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const NONE: u32 = u32::MAX;

/// What one thread carries from batch to batch.
#[derive(Debug)]
pub struct Memory<L> {
    /// Ancestors of the batch's origins, ascending by rank.
    climbed: Vec<u32>,
    /// Place in `climbed` by rank, [`NONE`] elsewhere.
    place: Vec<u32>,
    up: Vec<Lanes<L>>,
    down: Sheet<Lanes<L>>,
    /// The runs of nodes of the descent that this batch skipped.
    skipped: Vec<Range<usize>>,
    /// Lanes at the ends of a tile of columns.
    reached: Vec<Lanes<L>>,
}

/// An origin: the rank it climbs from first, its place, its row of the table.
pub type Row<'a, L> = (u32, &'a Snap, &'a mut [L]);

/// Row-major cells of the table `from` x `to`; equal to what bucket Dijkstra gives.
pub fn sweep_rows<L: Lane>(
    index: &SweepIndex,
    (from, to): (&[Option<Snap>], &[Option<Snap>]),
    limit: u32,
    progress: &dyn Progress,
) -> Outcome<Sheet<L>> {
    let ready = || rayon::join(|| DirectWays::new(from, to), || index.sheets.sheet(from.len() * to.len()));
    let (targets, (ways, cells)) = rayon::join(|| Targets::new(index, to), ready);
    fill(index, (&targets, &ways), from, cells, limit, progress)
}

/// The same to destinations that were or will be asked for again: what they need of the hierarchy is kept in the index until others come.
pub fn sweep_rows_to<L: Lane>(
    index: &SweepIndex,
    (from, to): (&[Option<Snap>], &Arc<[Option<Snap>]>),
    limit: u32,
    progress: &dyn Progress,
) -> Outcome<Sheet<L>> {
    let kept = L::kept(&index.kept).targets_of(index, to);
    fill(index, (&kept.0, &kept.1), from, index.sheets.sheet(from.len() * to.len()), limit, progress)
}

fn fill<L: Lane>(
    index: &SweepIndex,
    (targets, ways): (&Targets<L>, &DirectWays),
    from: &[Option<Snap>],
    mut cells: Sheet<L>,
    limit: u32,
    progress: &dyn Progress,
) -> Outcome<Sheet<L>> {
    let (columns, idle) = (targets.columns(), L::kept(&index.kept));
    let mut rows: Vec<Row<'_, L>> = Vec::with_capacity(from.len());
    for (origin, row) in from.iter().zip(cells.chunks_mut(columns.max(1))) {
        match origin {
            Some(snap) => rows.push((lead(index, snap), snap, row)),
            None => row.fill(L::NEVER),
        }
    }
    rows.sort_by_key(|r| r.0);
    let done = AtomicU64::new(0);
    // A batch a task: longer ones would leave a thread idle at the end.
    rows.par_chunks_mut(LANES).with_max_len(1).try_for_each(|batch| {
        if progress.is_cancelled() {
            return Err(Fault::cancelled());
        }
        let mut memory = idle.lend(index, targets);
        answer(index, targets, limit, batch, &mut memory);
        idle.give_back(memory);
        for (_, origin, row) in batch.iter_mut() {
            ways.for_each(origin, |column, ticks| {
                if ticks <= limit {
                    row[column] = row[column].min(L::from_ticks(ticks));
                }
            });
        }
        let done = done.fetch_add(batch.len() as u64, Ordering::Relaxed) + batch.len() as u64;
        progress.report("travel_table", done, from.len() as u64);
        Ok(())
    })?;
    Ok(cells)
}

/// The rank that an origin climbs from first: neighbours in it are neighbours on the map.
fn lead(index: &SweepIndex, origin: &Snap) -> u32 {
    origin.arcs.first().map_or(0, |a| index.hierarchy.rank[a.head.0 as usize])
}

/// Bytes of u16 lanes and cells that a table moves: a read an arc outside skipped subtrees, a write a node, a write and a read a destination,
/// a write a cell.
pub fn bytes_moved(index: &SweepIndex, from: &[Option<Snap>], to: &[Option<Snap>], limit: u32) -> u64 {
    let targets = Targets::<u16>::new(index, to);
    let mut origins: Vec<&Snap> = from.iter().flatten().collect();
    origins.sort_by_key(|snap| lead(index, snap));
    let mut memory = Memory::new(&index.hierarchy, targets.descent.arcs.rows());
    let mut lanes = 0;
    for batch in origins.chunks(LANES) {
        let rows: Vec<Row<'_, u16>> = batch.iter().map(|snap| (0, *snap, &mut [][..])).collect();
        climb(index, &rows, &mut memory);
        fall(index, &targets.descent, &mut memory, limit, run);
        let climbed = memory.climbed.iter().map(|rank| index.metric.up.of(*rank).count());
        lanes += climbed.sum::<usize>() + 2 * memory.climbed.len();
        let arcs = |pairs: &[Pair<u16>]| pairs.iter().map(|pair| pair.arcs().count()).sum::<usize>();
        let descent = &targets.descent.arcs;
        let skipped: usize = memory.skipped.iter().map(|run| arcs(descent.of(run.clone()))).sum();
        lanes += descent.rows() + arcs(descent.of(0..descent.rows())) - skipped;
        lanes += arcs(targets.arrivals.steps.of(0..targets.columns())) + 2 * targets.columns();
    }
    (lanes * LANES * 2 + from.len() * to.len() * 2) as u64
}

impl<L: Lane> Memory<L> {
    /// For a descent of so many nodes.
    pub fn new(hierarchy: &ContractionHierarchy, descent: usize) -> Memory<L> {
        Memory {
            climbed: Vec::new(),
            place: vec![NONE; hierarchy.nodes()],
            up: Vec::new(),
            // One at least: an absent arc of a pair comes from the first.
            down: Sheet::new(descent.max(1)),
            skipped: Vec::new(),
            reached: Vec::new(),
        }
    }

    /// Makes room for a descent of so many nodes.
    pub fn fit(&mut self, descent: usize) {
        if self.down.len() < descent {
            self.down = Sheet::new(descent);
        }
    }
}

/// Up, down and into the rows, with the widest lanes that the processor has.
fn answer<L: Lane>(
    index: &SweepIndex,
    targets: &Targets<L>,
    limit: u32,
    batch: &mut [Row<'_, L>],
    memory: &mut Memory<L>,
) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        #[allow(unsafe_code)]
        // present, as the line above found; tables of 1,000 x 20,000 and 5,000 x 5,000 places take 0.7 of the time of portable lanes
        unsafe {
            answer_avx2(index, targets, limit, batch, memory);
        }
        return;
    }
    answer_portable(index, targets, limit, batch, memory);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn answer_avx2<L: Lane>(
    index: &SweepIndex,
    targets: &Targets<L>,
    limit: u32,
    batch: &mut [Row<'_, L>],
    memory: &mut Memory<L>,
) {
    #[target_feature(enable = "avx2")]
    #[inline(never)]
    fn run_avx2<L: Lane>(pairs: &[Pair<L>], start: &Lanes<L>, down: &mut [Lanes<L>], at: usize) {
        run(pairs, start, down, at);
    }
    #[target_feature(enable = "avx2")]
    #[inline(never)]
    fn land_avx2<L: Lane>(arrivals: &Arrivals<L>, down: &[Lanes<L>], limit: L, reached: &mut [Lanes<L>]) {
        land(arrivals, down, limit, reached);
    }
    let run = |pairs: &[Pair<L>], start: &Lanes<L>, down: &mut [Lanes<L>], at| {
        run_avx2(pairs, start, down, at);
    };
    let land = |arrivals: &Arrivals<L>, down: &[Lanes<L>], limit, reached: &mut [Lanes<L>]| {
        land_avx2(arrivals, down, limit, reached);
    };
    answer_by(index, targets, limit, batch, memory, (run, land));
}

fn answer_portable<L: Lane>(
    index: &SweepIndex,
    targets: &Targets<L>,
    limit: u32,
    batch: &mut [Row<'_, L>],
    memory: &mut Memory<L>,
) {
    #[inline(never)]
    fn run_alone<L: Lane>(pairs: &[Pair<L>], start: &Lanes<L>, down: &mut [Lanes<L>], at: usize) {
        run(pairs, start, down, at);
    }
    #[inline(never)]
    fn land_alone<L: Lane>(arrivals: &Arrivals<L>, down: &[Lanes<L>], limit: L, reached: &mut [Lanes<L>]) {
        land(arrivals, down, limit, reached);
    }
    answer_by(index, targets, limit, batch, memory, (run_alone, land_alone));
}

/// Up, down and into the rows by the two loops that most of the time is spent in.
#[inline(always)]
fn answer_by<L: Lane>(
    index: &SweepIndex,
    targets: &Targets<L>,
    limit: u32,
    batch: &mut [Row<'_, L>],
    memory: &mut Memory<L>,
    (run, land): (
        impl Fn(&[Pair<L>], &Lanes<L>, &mut [Lanes<L>], usize),
        impl Fn(&Arrivals<L>, &[Lanes<L>], L, &mut [Lanes<L>]),
    ),
) {
    climb(index, batch, memory);
    fall(index, &targets.descent, memory, limit, run);
    let Memory { down, reached, .. } = memory;
    reached.resize(targets.columns().next_multiple_of(LANES), [L::NEVER; LANES]);
    land(&targets.arrivals, down, L::from_ticks(limit), reached);
    write(reached, targets.columns(), batch);
}

/// Lanes of all ancestors of the batch's origins, relaxed upwards.
#[inline(always)]
fn climb<L: Lane>(index: &SweepIndex, batch: &[Row<'_, L>], memory: &mut Memory<L>) {
    let Memory { climbed, place, up, .. } = memory;
    for rank in climbed.drain(..) {
        place[rank as usize] = NONE;
    }
    for arc in batch.iter().flat_map(|b| &b.1.arcs) {
        let mut node = index.hierarchy.rank[arc.head.0 as usize];
        while node != ROOT && place[node as usize] == NONE {
            place[node as usize] = 0;
            climbed.push(node);
            node = index.hierarchy.parent[node as usize];
        }
    }
    climbed.sort_unstable();
    for (at, &rank) in climbed.iter().enumerate() {
        place[rank as usize] = at as u32;
    }
    up.clear();
    up.resize(climbed.len(), [L::NEVER; LANES]);
    for (lane, (_, origin, _)) in batch.iter().enumerate() {
        for (node, ticks) in seeds_outward(origin) {
            let at = place[index.hierarchy.rank[node as usize] as usize] as usize;
            up[at][lane] = up[at][lane].min(L::from_ticks(ticks));
        }
    }
    for (at, &rank) in climbed.iter().enumerate() {
        let (low, high) = up.split_at_mut(at + 1);
        for (upper, ticks) in index.metric.up.of(rank) {
            relax(&mut high[place[upper as usize] as usize - at - 1], &low[at], L::from_ticks(ticks));
        }
    }
}

/// The sweep: every node of the descent from what lies above it, in runs that end where the batch has a start of its own or where a
/// subtree may be skipped.
#[inline(always)]
fn fall<L: Lane>(
    index: &SweepIndex,
    descent: &Descent<L>,
    memory: &mut Memory<L>,
    limit: u32,
    run: impl Fn(&[Pair<L>], &Lanes<L>, &mut [Lanes<L>], usize),
) {
    let Memory { climbed, up, down, skipped, .. } = memory;
    skipped.clear();
    let limit = L::from_ticks(limit);
    let place = |rank: u32| descent.place[rank as usize];
    let starts = climbed.iter().zip(&*up).rev().map(|(rank, lanes)| (place(*rank), lanes));
    let mut starts = starts.filter(|start| start.0 != NOWHERE).peekable();
    let mut looks = descent.looks.iter().peekable();
    let count = descent.arcs.rows();
    let (mut at, mut carried) = (0, [L::NEVER; LANES]);
    while at < count {
        while looks.next_if(|look| (look.node as usize) < at).is_some() {}
        let (start, look) = (starts.peek().map(|s| s.0), looks.peek().map(|l| l.node));
        let stop = start.into_iter().chain(look).min().map_or(count - 1, |node| node as usize);
        run(descent.arcs.of(at..stop + 1), &carried, down, at);
        if let Some((_, lanes)) = starts.next_if(|s| s.0 as usize == stop) {
            relax(&mut down[stop], lanes, L::zeroed());
        }
        at = stop + 1;
        let lanes = down[stop];
        carried = [L::NEVER; LANES];
        match looks.next_if(|look| look.node as usize == stop) {
            Some(look)
                if dark(&lanes, limit) && !lit_below(index, climbed, look.rank) && {
                    // The hierarchy is chordal, so these and `rank` are all that any node below has above the subtree.
                    let mut boundary = index.hierarchy.up(look.rank).map(|arc| index.hierarchy.upper[arc]);
                    boundary.all(|rank| dark(&down[place(rank) as usize], limit))
                } =>
            {
                let end = look.end as usize;
                down[at..end].fill([L::NEVER; LANES]);
                skipped.push(at..end);
                at = end;
            }
            _ => {
                if let Some(pair) = descent.arcs.of(stop..stop + 1).last() {
                    relax(&mut carried, &lanes, pair.next);
                }
            }
        }
    }
}

/// An origin of the batch lies in the subtree below `rank`.
fn lit_below(index: &SweepIndex, climbed: &[u32], rank: u32) -> bool {
    let lowest = index.hierarchy.lowest[rank as usize];
    climbed.get(climbed.partition_point(|c| *c < lowest)).is_some_and(|c| *c < rank)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SplitMix64;
    use crate::travel::fixture::{grid_graph, random_snaps};

    /// A batch of one origin on 3,600 crossings: what it reads of the descent within a short limit is a fraction of the whole.
    #[test]
    fn far_subtrees_are_not_read() {
        let mut random = SplitMix64::new(3);
        let graph = grid_graph(&mut random, 60, 40);
        let index = SweepIndex::build(&graph);
        let (from, to) = (random_snaps(&mut random, &graph, 1), random_snaps(&mut random, &graph, 2_000));
        let moved = |limit: u32| bytes_moved(&index, &from, &to, limit);
        assert!(moved(100) * 5 < moved(10_000) * 4, "{} {}", moved(100), moved(10_000));
    }
}
