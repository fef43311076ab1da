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
use crate::travel::sweep::cch::ROOT;
use crate::travel::sweep::targets::{Arrivals, Descent, Targets};
use crate::travel::table::Lane;
use rayon::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Origins a batch: 64 bytes of u16 lanes, one cache line a node.
const LANES: usize = 32;
const NONE: u32 = u32::MAX;

/// What one thread carries from batch to batch.
#[derive(Debug)]
pub struct Memory<L> {
    /// Ancestors of the batch's origins, ascending by rank.
    climbed: Vec<u32>,
    /// Place in `climbed` by rank, [`NONE`] elsewhere.
    place: Vec<u32>,
    up: Vec<[L; LANES]>,
    down: Sheet<[L; LANES]>,
    /// Nodes of the descent that this batch did not skip.
    met: Vec<bool>,
    /// Lanes at the ends of a tile of columns.
    reached: Vec<[L; LANES]>,
}

/// An origin: the rank it climbs from first, its place, its row of the table.
type Row<'a, L> = (u32, &'a Snap, &'a mut [L]);

/// Row-major cells of the table `from` x `to`; equal to what bucket Dijkstra gives.
pub fn sweep_rows<L: Lane>(
    index: &SweepIndex,
    (from, to): (&[Option<Snap>], &[Option<Snap>]),
    limit: u32,
    progress: &dyn Progress,
) -> Outcome<Sheet<L>> {
    let ready = || rayon::join(|| DirectWays::new(from, to), || Sheet::new(from.len() * to.len()));
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
    fill(index, (&kept.0, &kept.1), from, Sheet::new(from.len() * to.len()), limit, progress)
}

fn fill<L: Lane>(
    index: &SweepIndex,
    (targets, ways): (&Targets<L>, &DirectWays),
    from: &[Option<Snap>],
    mut cells: Sheet<L>,
    limit: u32,
    progress: &dyn Progress,
) -> Outcome<Sheet<L>> {
    let columns = targets.columns();
    let mut rows: Vec<Row<'_, L>> = Vec::with_capacity(from.len());
    for (origin, row) in from.iter().zip(cells.chunks_mut(columns.max(1))) {
        match origin {
            Some(snap) => rows.push((lead(index, snap), snap, row)),
            None => row.fill(L::NEVER),
        }
    }
    rows.sort_by_key(|r| r.0);
    let done = AtomicU64::new(0);
    rows.par_chunks_mut(LANES).try_for_each(|batch| {
        if progress.is_cancelled() {
            return Err(Fault::cancelled());
        }
        let mut memory = targets.idle_memory(index);
        answer(index, targets, limit, batch, &mut memory);
        targets.give_back(memory);
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

/// Bytes of u16 lanes and cells that a table moves, skipped subtrees left out: a read an arc, a write a node, a write a cell.
pub fn bytes_moved(index: &SweepIndex, from: &[Option<Snap>], to: &[Option<Snap>], limit: u32) -> u64 {
    let targets = Targets::<u16>::new(index, to);
    let mut origins: Vec<&Snap> = from.iter().flatten().collect();
    origins.sort_by_key(|snap| lead(index, snap));
    let mut memory = targets.idle_memory(index);
    let mut lanes = 0;
    for batch in origins.chunks(LANES) {
        let rows: Vec<Row<'_, u16>> = batch.iter().map(|snap| (0, *snap, &mut [][..])).collect();
        climb(index, &rows, &mut memory);
        fall(index, &targets.descent, &mut memory, limit);
        let climbed = memory.climbed.iter().map(|rank| index.metric.up.of(*rank).count());
        lanes += climbed.sum::<usize>() + 2 * memory.climbed.len();
        let met = |node: &usize| memory.met[*node];
        let arcs = |pairs: &[[(u32, u16); 2]]| pairs.iter().flatten().filter(|a| a.1 != u16::NEVER).count();
        let fallen = (0..targets.descent.rank.len()).filter(met);
        lanes += fallen.map(|node| arcs(targets.descent.arcs.of(node)) + 1).sum::<usize>();
        lanes += (0..targets.columns()).map(|c| arcs(targets.arrivals.steps.of(c))).sum::<usize>();
    }
    (lanes * LANES * 2 + from.len() * to.len() * 2) as u64
}

impl<L: Lane> Memory<L> {
    /// For a hierarchy of so many nodes, so many of them in the descent.
    pub fn new(nodes: usize, descent: usize) -> Memory<L> {
        // What a batch did not meet it reads as "not reached", whatever stands there.
        let (down, met) = (Sheet::new(descent), vec![false; descent]);
        Memory { climbed: Vec::new(), place: vec![NONE; nodes], up: Vec::new(), down, met, reached: Vec::new() }
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
        // present, as the line above found; 5,000 x 5,000 places take 0.7 of the time of portable lanes, 0.4 without a limit
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
    answer_portable(index, targets, limit, batch, memory);
}

#[inline(always)]
fn answer_portable<L: Lane>(
    index: &SweepIndex,
    targets: &Targets<L>,
    limit: u32,
    batch: &mut [Row<'_, L>],
    memory: &mut Memory<L>,
) {
    climb(index, batch, memory);
    fall(index, &targets.descent, memory, limit);
    arrive(&targets.arrivals, memory, limit, batch);
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
    let Memory { climbed, place, up, down, met, .. } = memory;
    met.fill(true);
    let limit = L::from_ticks(limit);
    let mut at = 0;
    while at < descent.rank.len() {
        let rank = descent.rank[at];
        let (above, rest) = down.split_at_mut(at);
        let start = place[rank as usize];
        let mut lanes = if start == NONE { [L::NEVER; LANES] } else { up[start as usize] };
        for &[(upper, ticks), (other, more)] in descent.arcs.of(at) {
            relax(&mut lanes, &above[upper as usize], ticks);
            relax(&mut lanes, &above[other as usize], more);
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
fn arrive<L: Lane>(arrivals: &Arrivals<L>, memory: &mut Memory<L>, limit: u32, batch: &mut [Row<'_, L>]) {
    let columns = arrivals.column.len();
    let limit = L::from_ticks(limit);
    let Memory { down, met, reached, .. } = memory;
    reached.resize(columns.next_multiple_of(LANES), [L::NEVER; LANES]);
    for (row, &column) in arrivals.column.iter().enumerate() {
        let mut lanes = [L::NEVER; LANES];
        for &[(node, ticks), (other, more)] in arrivals.steps.of(row) {
            relax(&mut lanes, &down[node as usize], if met[node as usize] { ticks } else { L::NEVER });
            relax(&mut lanes, &down[other as usize], if met[other as usize] { more } else { L::NEVER });
        }
        for (cell, lane) in reached[column as usize].iter_mut().zip(lanes) {
            *cell = if lane <= limit { lane } else { L::NEVER };
        }
    }
    let mut turned = [L::NEVER; LANES * LANES];
    for (start, tile) in (0..columns).step_by(LANES).zip(reached.as_flattened_mut().as_chunks_mut::<{LANES*LANES}>().0) {
        let width = LANES.min(columns - start);
        turn(tile, &mut turned);
        for ((_, _, row), cells) in batch.iter_mut().zip(turned.as_chunks::<LANES>().0) {
            if width == LANES {
                let run: &mut [L; LANES] = row[start..].first_chunk_mut().unwrap();
                *run = *cells;
            } else {
                row[start..].copy_from_slice(&cells[..width]);
            }
        }
    }
}

/// The transpose of a square of 32 x 32 by five perfect shuffles of its halves: each takes one bit of a cell's place from the row's
/// end to the column's, and runs on whole vectors.
#[inline(always)]
fn turn<L: Lane>(square: &mut [L; LANES * LANES], turned: &mut [L; LANES * LANES]) {
    shuffle(square, turned);
    shuffle(turned, square);
    shuffle(square, turned);
    shuffle(turned, square);
    shuffle(square, turned);
}

#[inline(always)]
fn shuffle<L: Lane>(from: &[L; LANES * LANES], to: &mut [L; LANES * LANES]) {
    let (low, high) = from.split_at(LANES * LANES / 2);
    for (pair, (a, b)) in to.as_chunks_mut::<2>().0.iter_mut().zip(low.iter().zip(high)) {
        *pair = [*a, *b];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turned_square_has_its_rows_as_columns() {
        let mut square: [u16; LANES * LANES] = std::array::from_fn(|i| i as u16);
        let mut turned = [0; LANES * LANES];
        turn(&mut square, &mut turned);
        for (at, cell) in turned.iter().enumerate() {
            assert_eq!(usize::from(*cell), at % LANES * LANES + at / LANES);
        }
    }
}
