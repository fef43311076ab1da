//! Tables by sweeps: 32 origins a batch, sorted by rank so that those of a batch are neighbours and share their way up.
//!
//! Upwards a batch searches the ancestors of its origins; downwards one pass in descending rank serves every ancestor of a
//! destination, each arc once for 32 lanes. A subtree of the elimination tree is skipped when nothing on its boundary is within the
//! limit in any lane, so a batch's work does not grow with the map. Batches run in parallel and write rows of their own.

use crate::base::{Fault, Outcome, Progress};
use crate::network::Snap;
use crate::travel::journey::{DirectWays, seeds_outward};
use crate::travel::sweep::SweepIndex;
use crate::travel::sweep::cch::ROOT;
use crate::travel::table::Lane;
use rayon::prelude::*;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Origins a batch: 64 bytes of u16 lanes, one cache line a node.
const LANES: usize = 32;
/// Destinations whose lanes are turned into rows together.
const TILE: usize = 32;
/// Subtrees of at least this many nodes of the descent are worth the look at their boundary.
const LEAST_SUBTREE: u32 = 64;
const NONE: u32 = u32::MAX;

/// What one thread carries from batch to batch.
struct Memory<L> {
    /// Ancestors of the batch's origins, ascending by rank.
    climbed: Vec<u32>,
    /// Place in `climbed` by rank, [`NONE`] elsewhere.
    place: Vec<u32>,
    up: Vec<[L; LANES]>,
    down: Vec<[L; LANES]>,
    /// Nodes of the descent that this batch did not skip.
    met: Vec<bool>,
}

/// An origin: the rank it climbs from first, its place, its row of the table.
type Row<'a, L> = (u32, &'a Snap, &'a mut [L]);

/// The downward arcs that the destinations of one table need, in descending rank, renumbered from 0 at the top.
struct Descent<L> {
    rank: Vec<u32>,
    first: Vec<u32>,
    arcs: Vec<(u32, L)>,
    /// End of the run of descendants after each node whose subtree is worth skipping; 0 elsewhere.
    end: Vec<u32>,
}

/// The last steps of the journeys: for each destination the nodes it is reached from.
struct Arrivals<L> {
    first: Vec<u32>,
    from: Vec<(u32, L)>,
}

/// Row-major cells of the table `from` x `to`; equal to what bucket Dijkstra gives.
pub fn sweep_rows<L: Lane>(
    index: &SweepIndex,
    (from, to): (&[Option<Snap>], &[Option<Snap>]),
    limit: u32,
    progress: &dyn Progress,
) -> Outcome<Vec<L>> {
    let (descent, arrivals) = descend_to::<L>(index, to);
    let ways = DirectWays::new(from, to);
    let mut cells = vec![L::START; from.len() * to.len()];
    let mut rows: Vec<Row<'_, L>> = Vec::with_capacity(from.len());
    for (origin, row) in from.iter().zip(cells.chunks_mut(to.len().max(1))) {
        match origin {
            Some(snap) => {
                let lead = snap.arcs.first().map_or(0, |a| index.hierarchy.rank[a.head.0 as usize]);
                rows.push((lead, snap, row));
            }
            None => row.fill(L::NEVER),
        }
    }
    rows.sort_by_key(|r| r.0);
    let done = AtomicU64::new(0);
    // Memory is handed from batch to batch: a fresh one costs as much as a batch.
    let idle: Mutex<Vec<Memory<L>>> = Mutex::new(Vec::new());
    let take = || idle.lock().map(|mut i| i.pop()).unwrap_or_default();
    rows.par_chunks_mut(LANES).try_for_each(|batch| {
        if progress.is_cancelled() {
            return Err(Fault::cancelled());
        }
        let mut memory = take().unwrap_or_else(|| Memory::new(index.hierarchy.nodes(), descent.rank.len()));
        answer(index, (&descent, &arrivals), limit, batch, &mut memory);
        if let Ok(mut idle) = idle.lock() {
            idle.push(memory);
        }
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

/// Bytes of u16 lanes and cells that a table moves if no subtree is skipped.
pub fn bytes_moved(index: &SweepIndex, from: &[Option<Snap>], to: &[Option<Snap>]) -> u64 {
    let (descent, arrivals) = descend_to::<u16>(index, to);
    let lanes = descent.arcs.len() + descent.rank.len() + arrivals.from.len();
    let batches = from.iter().flatten().count().div_ceil(LANES) as u64;
    batches * (lanes * LANES * 2) as u64 + (from.len() * to.len() * 2) as u64
}

impl<L: Lane> Memory<L> {
    fn new(nodes: usize, descent: usize) -> Memory<L> {
        let down = vec![[L::NEVER; LANES]; descent];
        Memory {
            climbed: Vec::new(),
            place: vec![NONE; nodes],
            up: Vec::new(),
            down,
            met: vec![false; descent],
        }
    }
}

/// Restricts the downward hierarchy to the ancestors of the destinations.
fn descend_to<L: Lane>(index: &SweepIndex, to: &[Option<Snap>]) -> (Descent<L>, Arrivals<L>) {
    let hierarchy = &index.hierarchy;
    let mut local = vec![NONE; hierarchy.nodes()];
    let mut count = 0;
    for arc in to.iter().flatten().flat_map(|s| &s.arcs) {
        let mut node = hierarchy.rank[arc.tail.0 as usize];
        while node != ROOT && local[node as usize] == NONE {
            local[node as usize] = 0;
            count += 1;
            node = hierarchy.parent[node as usize];
        }
    }
    let mut rank = Vec::with_capacity(count);
    rank.extend((0..hierarchy.nodes() as u32).rev().filter(|r| local[*r as usize] == 0));
    let mut descent =
        Descent { rank, first: vec![0], arcs: Vec::with_capacity(3 * count), end: vec![0; count] };
    let mut open: Vec<usize> = Vec::new(); // the path from the root to the current node
    for (at, &rank) in descent.rank.iter().enumerate() {
        local[rank as usize] = at as u32;
        let arcs =
            index.metric.down.of(rank).map(|(upper, ticks)| (local[upper as usize], L::from_ticks(ticks)));
        descent.arcs.extend(arcs);
        descent.first.push(descent.arcs.len() as u32);
        while let Some(above) = open.pop_if(|a| hierarchy.lowest[descent.rank[*a] as usize] > rank) {
            descent.end[above] = at as u32;
        }
        open.push(at);
    }
    open.into_iter().for_each(|above| descent.end[above] = count as u32);
    let large = |(at, end): (usize, &mut u32)| {
        if *end - (at as u32) < LEAST_SUBTREE {
            *end = 0;
        }
    };
    descent.end.iter_mut().enumerate().for_each(large);
    let mut arrivals = Arrivals { first: vec![0], from: Vec::new() };
    for snap in to {
        for (snap, arc) in snap.iter().flat_map(|s| s.arcs.iter().map(move |a| (s, a))) {
            let node = local[hierarchy.rank[arc.tail.0 as usize] as usize];
            arrivals.from.push((node, L::from_ticks(arc.from_tail.0.saturating_add(snap.access.0))));
        }
        arrivals.first.push(arrivals.from.len() as u32);
    }
    (descent, arrivals)
}

/// Up, down and into the rows, with the widest lanes that the processor has.
fn answer<L: Lane>(
    index: &SweepIndex,
    plan: (&Descent<L>, &Arrivals<L>),
    limit: u32,
    batch: &mut [Row<'_, L>],
    memory: &mut Memory<L>,
) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        #[allow(unsafe_code)]
        // the feature is present, as the line above found; it more than halves the time of a table
        unsafe {
            answer_avx2(index, plan, limit, batch, memory);
        }
        return;
    }
    answer_portable(index, plan, limit, batch, memory);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn answer_avx2<L: Lane>(
    index: &SweepIndex,
    plan: (&Descent<L>, &Arrivals<L>),
    limit: u32,
    batch: &mut [Row<'_, L>],
    memory: &mut Memory<L>,
) {
    answer_portable(index, plan, limit, batch, memory);
}

#[inline(always)]
fn answer_portable<L: Lane>(
    index: &SweepIndex,
    (descent, arrivals): (&Descent<L>, &Arrivals<L>),
    limit: u32,
    batch: &mut [Row<'_, L>],
    memory: &mut Memory<L>,
) {
    climb(index, batch, memory);
    fall(index, descent, memory, limit);
    arrive(arrivals, memory, limit, batch);
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

/// The sweep: every node of the descent from what lies above it.
#[inline(always)]
fn fall<L: Lane>(index: &SweepIndex, descent: &Descent<L>, memory: &mut Memory<L>, limit: u32) {
    let Memory { climbed, place, up, down, met } = memory;
    met.fill(true);
    let limit = L::from_ticks(limit);
    let mut at = 0;
    while at < descent.rank.len() {
        let rank = descent.rank[at];
        let (above, rest) = down.split_at_mut(at);
        let start = place[rank as usize];
        let mut lanes = if start == NONE { [L::NEVER; LANES] } else { up[start as usize] };
        for &(upper, ticks) in &descent.arcs[descent.first[at] as usize..descent.first[at + 1] as usize] {
            relax(&mut lanes, &above[upper as usize], ticks);
        }
        rest[0] = lanes;
        let end = descent.end[at] as usize;
        at += 1;
        if end > 0 && dark(&lanes, limit) && !lit_below(index, climbed, rank) {
            let boundary = index.hierarchy.up(rank).map(|arc| index.hierarchy.upper[arc]);
            // The hierarchy is chordal, so these and `rank` are all that any node below has above the subtree.
            if boundary.into_iter().all(|r| dark(&down[place_of(descent, r)], limit)) {
                met[at..end].fill(false);
                at = end;
            }
        }
    }
}

/// No lane is within the limit.
#[inline(always)]
fn dark<L: Lane>(lanes: &[L; LANES], limit: L) -> bool {
    lanes.iter().fold(L::NEVER, |least, lane| least.min(*lane)) > limit
}

/// An origin of the batch lies in the subtree below `rank`.
fn lit_below(index: &SweepIndex, climbed: &[u32], rank: u32) -> bool {
    let lowest = index.hierarchy.lowest[rank as usize];
    climbed.get(climbed.partition_point(|c| *c < lowest)).is_some_and(|c| *c < rank)
}

/// Where an ancestor of a node of the descent stands.
fn place_of<L>(descent: &Descent<L>, rank: u32) -> usize {
    descent.rank.partition_point(|r| *r > rank)
}

/// `to = min(to, from + ticks)` in every lane.
#[inline(always)]
fn relax<L: Lane>(to: &mut [L; LANES], from: &[L; LANES], ticks: L) {
    for (to, &from) in to.iter_mut().zip(from) {
        *to = from.plus(ticks).min(*to);
    }
}

/// Cells from the lanes of the destinations' nodes, a tile of columns at a time so that rows are written in runs.
#[inline(always)]
fn arrive<L: Lane>(arrivals: &Arrivals<L>, memory: &Memory<L>, limit: u32, batch: &mut [Row<'_, L>]) {
    let columns = arrivals.first.len() - 1;
    let limit = L::from_ticks(limit);
    let mut tile = [[L::NEVER; LANES]; TILE];
    for start in (0..columns).step_by(TILE) {
        let width = TILE.min(columns - start);
        for (column, lanes) in tile[..width].iter_mut().enumerate() {
            *lanes = [L::NEVER; LANES];
            let range = arrivals.first[start + column] as usize..arrivals.first[start + column + 1] as usize;
            for &(node, ticks) in &arrivals.from[range] {
                if memory.met[node as usize] {
                    relax(lanes, &memory.down[node as usize], ticks);
                }
            }
            for lane in lanes.iter_mut() {
                *lane = if *lane <= limit { *lane } else { L::NEVER };
            }
        }
        for (lane, (_, _, row)) in batch.iter_mut().enumerate() {
            for (cell, lanes) in row[start..start + width].iter_mut().zip(&tile) {
                *cell = lanes[lane];
            }
        }
    }
}
