//! Tables by sweeps: 32 origins a batch, sorted by rank so that those of a batch are neighbours and share their way up.
//!
//! Upwards a batch searches the ancestors of its origins; downwards one pass in descending rank serves every ancestor of a
//! destination, each arc once for 32 lanes. Batches run in parallel and write rows of their own.

use crate::base::{Fault, Outcome, Progress};
use crate::network::Snap;
use crate::travel::journey::{DirectWays, seeds_outward};
use crate::travel::sweep::SweepIndex;
use crate::travel::sweep::cch::ROOT;
use crate::travel::table::Lane;
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// Origins a batch: 64 bytes of u16 lanes, one cache line a node.
const LANES: usize = 32;
/// Destinations whose lanes are turned into rows together.
const TILE: usize = 32;
const NONE: u32 = u32::MAX;

/// What one thread carries from batch to batch.
struct Memory<L> {
    /// Ancestors of the batch's origins, ascending by rank.
    climbed: Vec<u32>,
    /// Place in `climbed` by rank, [`NONE`] elsewhere.
    place: Vec<u32>,
    up: Vec<[L; LANES]>,
    down: Vec<[L; LANES]>,
}

/// The downward arcs that the destinations of one table need, in descending rank, renumbered from 0 at the top.
struct Descent<L> {
    rank: Vec<u32>,
    first: Vec<u32>,
    arcs: Vec<(u32, L)>,
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
    let ways = DirectWays::new(to);
    let mut cells = vec![L::START; from.len() * to.len()];
    let mut rows: Vec<(u32, &Snap, &mut [L])> = Vec::with_capacity(from.len());
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
    rows.par_chunks_mut(LANES).try_for_each_init(
        || Memory::new(index.hierarchy.nodes(), descent.rank.len()),
        |memory, batch| {
            if progress.is_cancelled() {
                return Err(Fault::cancelled());
            }
            climb(index, batch, memory);
            fall(&descent, memory);
            arrive(&arrivals, &memory.down, limit, batch);
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
        },
    )?;
    Ok(cells)
}

impl<L: Lane> Memory<L> {
    fn new(nodes: usize, descent: usize) -> Memory<L> {
        let down = vec![[L::NEVER; LANES]; descent];
        Memory { climbed: Vec::new(), place: vec![NONE; nodes], up: Vec::new(), down }
    }
}

/// Restricts the downward hierarchy to the ancestors of the destinations.
fn descend_to<L: Lane>(index: &SweepIndex, to: &[Option<Snap>]) -> (Descent<L>, Arrivals<L>) {
    let hierarchy = &index.hierarchy;
    let mut local = vec![NONE; hierarchy.nodes()];
    let mut rank = Vec::new();
    for arc in to.iter().flatten().flat_map(|s| &s.arcs) {
        let mut node = hierarchy.rank[arc.tail.0 as usize];
        while node != ROOT && local[node as usize] == NONE {
            local[node as usize] = 0;
            rank.push(node);
            node = hierarchy.parent[node as usize];
        }
    }
    rank.sort_unstable_by(|a, b| b.cmp(a));
    let mut descent = Descent { rank, first: vec![0], arcs: Vec::new() };
    for (at, &rank) in descent.rank.iter().enumerate() {
        local[rank as usize] = at as u32;
        let arcs =
            index.metric.down.of(rank).map(|(upper, ticks)| (local[upper as usize], L::from_ticks(ticks)));
        descent.arcs.extend(arcs);
        descent.first.push(descent.arcs.len() as u32);
    }
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

/// Lanes of all ancestors of the batch's origins, relaxed upwards.
fn climb<L: Lane>(index: &SweepIndex, batch: &[(u32, &Snap, &mut [L])], memory: &mut Memory<L>) {
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
fn fall<L: Lane>(descent: &Descent<L>, memory: &mut Memory<L>) {
    let Memory { place, up, down, .. } = memory;
    for (at, &rank) in descent.rank.iter().enumerate() {
        let (above, rest) = down.split_at_mut(at);
        let climbed = place[rank as usize];
        let mut lanes = if climbed == NONE { [L::NEVER; LANES] } else { up[climbed as usize] };
        for &(upper, ticks) in &descent.arcs[descent.first[at] as usize..descent.first[at + 1] as usize] {
            relax(&mut lanes, &above[upper as usize], ticks);
        }
        rest[0] = lanes;
    }
}

/// `to = min(to, from + ticks)` in every lane.
#[inline(always)]
fn relax<L: Lane>(to: &mut [L; LANES], from: &[L; LANES], ticks: L) {
    for (to, &from) in to.iter_mut().zip(from) {
        *to = from.plus(ticks).min(*to);
    }
}

/// Cells from the lanes of the destinations' nodes, a tile of columns at a time so that rows are written in runs.
fn arrive<L: Lane>(
    arrivals: &Arrivals<L>,
    down: &[[L; LANES]],
    limit: u32,
    batch: &mut [(u32, &Snap, &mut [L])],
) {
    let columns = arrivals.first.len() - 1;
    let limit = L::from_ticks(limit);
    let mut tile = [[L::NEVER; LANES]; TILE];
    for start in (0..columns).step_by(TILE) {
        let width = TILE.min(columns - start);
        for (column, lanes) in tile[..width].iter_mut().enumerate() {
            *lanes = [L::NEVER; LANES];
            let range = arrivals.first[start + column] as usize..arrivals.first[start + column + 1] as usize;
            for &(node, ticks) in &arrivals.from[range] {
                relax(lanes, &down[node as usize], ticks);
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
