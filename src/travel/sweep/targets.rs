//! What the destinations of a table need of the hierarchy: their ancestors, from the top down, and the last steps to themselves.
//!
//! A what-if asks for journeys to the same clients again and again, so the index keeps this for the destinations asked for last.

use crate::network::Snap;
use crate::travel::journey::DirectWays;
use crate::travel::sweep::SweepIndex;
use crate::travel::sweep::batch::Memory;
use crate::travel::sweep::cch::ROOT;
use crate::travel::table::Lane;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Subtrees of at least this many nodes of the descent are worth the look at their boundary.
const LEAST_SUBTREE: u32 = 64;
/// Destinations that one thread takes at a time.
const DESTINATIONS_A_TASK: usize = 2048;
/// The place of a rank that is not in a descent.
pub const NOWHERE: u32 = u32::MAX;

/// The destinations of a table, made ready for any origins.
#[derive(Debug)]
pub struct Targets<L> {
    pub descent: Descent<L>,
    pub arrivals: Arrivals<L>,
}

/// The downward arcs that the destinations of one table need, in descending rank, renumbered from 0 at the top.
#[derive(Debug)]
pub struct Descent<L> {
    /// Where each rank stands in the descent, [`NOWHERE`] if it is not in it.
    pub place: Vec<u32>,
    /// Its nodes in turn: a row each.
    pub arcs: Pairs<L>,
    /// The nodes whose subtree is worth skipping, ascending.
    pub looks: Vec<Look>,
}

/// A node of the descent below which everything may be skipped.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Where it stands.
    pub node: u32,
    pub rank: u32,
    /// End of the run of its descendants.
    pub end: u32,
}

/// The last steps of the journeys. Destinations stand in the order in which the descent comes to the last of their nodes, so that its lanes are
/// read in the order in which they were written.
#[derive(Debug)]
pub struct Arrivals<L> {
    /// The destination of each row.
    pub column: Vec<u32>,
    /// The nodes that it is reached from.
    pub steps: Pairs<L>,
}

/// Rows of arcs, two by two and one row after the other, at least a pair a row.
///
/// A pass over the pairs need not ask where a row ends, which the processor could only guess: it writes the lanes of the row so far after
/// every pair, and what it adds to them for the next one either keeps or clears them.
#[derive(Debug)]
pub struct Pairs<L> {
    first: Vec<u32>,
    pairs: Vec<Pair<L>>,
}

/// Two arcs to the same end.
#[derive(Debug, Clone, Copy)]
pub struct Pair<L> {
    /// The nodes of the descent that they come from; any node, with "not reached" for ticks, where there is one arc or none.
    pub from: [u32; 2],
    pub ticks: [L; 2],
    /// What the lanes grow by before the next pair: nothing within a row; after it the ticks of the arc from this row's end to that of the next,
    /// "not reached" where there is none.
    pub next: L,
    /// The row ends here.
    pub last: bool,
}

impl<L: Lane> Pair<L> {
    /// Ticks of the arcs that lead somewhere.
    pub fn arcs(&self) -> impl Iterator<Item = L> {
        let next = if self.last { self.next } else { L::NEVER };
        self.ticks.into_iter().chain([next]).filter(|ticks| *ticks != L::NEVER)
    }
}

impl<L: Lane> Pairs<L> {
    fn with_capacity(rows: usize) -> Pairs<L> {
        let mut first = Vec::with_capacity(rows + 1);
        first.push(0);
        Pairs { first, pairs: Vec::with_capacity(2 * rows) }
    }

    /// A row of its own.
    fn push(&mut self, mut arcs: impl Iterator<Item = (u32, L)>) {
        let absent = (0, L::NEVER);
        let mut one = arcs.next().unwrap_or(absent);
        loop {
            let other = arcs.next().unwrap_or(absent);
            let following = arcs.next();
            let (next, last) =
                (if following.is_some() { L::zeroed() } else { L::NEVER }, following.is_none());
            self.pairs.push(Pair { from: [one.0, other.0], ticks: [one.1, other.1], next, last });
            match following {
                Some(arc) => one = arc,
                None => break,
            }
        }
        self.first.push(self.pairs.len() as u32);
    }

    /// Tells the row before the last one of the arc between their ends.
    fn join_last_two(&mut self, ticks: L) {
        let before = self.first[self.rows() - 1] as usize;
        if let Some(pair) = before.checked_sub(1).and_then(|last| self.pairs.get_mut(last)) {
            pair.next = ticks;
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.first.len() - 1
    }

    /// The pairs of some rows.
    #[inline(always)]
    pub fn of(&self, rows: Range<usize>) -> &[Pair<L>] {
        &self.pairs[self.first[rows.start] as usize..self.first[rows.end] as usize]
    }
}

impl<L: Lane> Targets<L> {
    /// Of the destinations `to`.
    pub fn new(index: &SweepIndex, to: &[Option<Snap>]) -> Targets<L> {
        let (descent, arrivals) = descend_to(index, to);
        Targets { descent, arrivals }
    }

    /// Number of destinations.
    pub fn columns(&self) -> usize {
        self.arrivals.column.len()
    }
}

/// What destinations need of the hierarchy, and the ways to them along one arc, whatever the origins.
pub type Ready<L> = (Targets<L>, DirectWays);

/// The destinations asked for last, by the list that named them, and what they need.
type Last<L> = Option<(Arc<[Option<Snap>]>, Arc<Ready<L>>)>;

/// What tables of lanes of one width leave for the next.
#[derive(Debug)]
pub struct Kept<L> {
    last: Mutex<Last<L>>,
    /// Handed from batch to batch and from table to table: a fresh one costs as much as a batch.
    idle: Mutex<Vec<Memory<L>>>,
}

impl<L> Default for Kept<L> {
    fn default() -> Self {
        Kept { last: Mutex::default(), idle: Mutex::default() }
    }
}

impl<L: Lane> Kept<L> {
    /// The targets of `to`: those kept, if they are of the same list, else fresh ones, kept from now on.
    pub fn targets_of(&self, index: &SweepIndex, to: &Arc<[Option<Snap>]>) -> Arc<Ready<L>> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((of, targets)) if Arc::ptr_eq(of, to) => Arc::clone(targets),
            _ => {
                let targets = Arc::new((Targets::new(index, to), DirectWays::on_all_arcs(to)));
                *last = Some((Arc::clone(to), Arc::clone(&targets)));
                targets
            }
        }
    }

    /// Memory for a batch, to be given back.
    pub fn lend(&self, index: &SweepIndex, targets: &Targets<L>) -> Memory<L> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let descent = targets.descent.arcs.rows();
        let mut memory = idle.unwrap_or_else(|| Memory::new(&index.hierarchy, descent));
        memory.fit(descent);
        memory
    }

    /// Hands memory to the next batch.
    pub fn give_back(&self, memory: Memory<L>) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
    }
}

/// What an index keeps from table to table, until its ticks change.
#[derive(Debug, Default)]
pub struct KeptTargets {
    pub narrow: Kept<u16>,
    pub wide: Kept<u32>,
}

/// The ways to destinations from the nodes before them, as they were given.
struct LastSteps<L> {
    /// Length destinations + 1.
    first: Vec<u32>,
    /// Rank of the node and ticks from it.
    steps: Vec<(u32, L)>,
}

impl<L: Lane> LastSteps<L> {
    /// Of all destinations, some at a time on each thread: each lies somewhere else in memory.
    fn new(index: &SweepIndex, to: &[Option<Snap>]) -> LastSteps<L> {
        let some: Vec<LastSteps<L>> =
            to.par_chunks(DESTINATIONS_A_TASK).map(|to| LastSteps::of_some(index, to)).collect();
        let mut all = LastSteps {
            first: Vec::with_capacity(to.len() + 1),
            steps: Vec::with_capacity(some.iter().map(|some| some.steps.len()).sum()),
        };
        all.first.push(0);
        for LastSteps { first, steps } in some {
            let before = all.steps.len() as u32;
            all.first.extend(first.iter().map(|end| before + end));
            all.steps.extend(steps);
        }
        all
    }

    /// The same where `first` holds the ends alone.
    fn of_some(index: &SweepIndex, to: &[Option<Snap>]) -> LastSteps<L> {
        let (first, steps) = (Vec::with_capacity(to.len()), Vec::with_capacity(2 * to.len()));
        let mut some = LastSteps { first, steps };
        for snap in to {
            if let Some(snap) = snap {
                some.steps.extend(snap.arcs.iter().map(|arc| {
                    let ticks = arc.from_tail.0.saturating_add(snap.access.0);
                    (index.hierarchy.rank[arc.tail.0 as usize], L::from_ticks(ticks))
                }));
            }
            some.first.push(some.steps.len() as u32);
        }
        some
    }

    fn of(&self, destination: usize) -> &[(u32, L)] {
        &self.steps[self.first[destination] as usize..self.first[destination + 1] as usize]
    }

    /// A place, 0 for now, for each rank that a way to a destination may lead down by, and how many these are.
    fn ancestors(&self, index: &SweepIndex) -> (Vec<u32>, usize) {
        let mut place = vec![NOWHERE; index.hierarchy.nodes()];
        let mut count = 0;
        for &(rank, _) in &self.steps {
            let mut node = rank;
            while node != ROOT && place[node as usize] == NOWHERE {
                place[node as usize] = 0;
                count += 1;
                node = index.hierarchy.parent[node as usize];
            }
        }
        (place, count)
    }

    /// By where the descent comes to the last of their nodes; `local` tells where a rank stands in it, which has `nodes`.
    fn arrivals(&self, local: &[u32], nodes: usize) -> Arrivals<L> {
        let count = self.first.len() - 1;
        let here = |steps: &[(u32, L)]| steps.iter().map(|s| local[s.0 as usize]).max().unwrap_or(0) as usize;
        let last: Vec<usize> = (0..count).map(|to| here(self.of(to))).collect();
        let mut next = vec![0u32; nodes.max(1) + 1];
        last.iter().for_each(|node| next[node + 1] += 1);
        (1..next.len()).for_each(|node| next[node] += next[node - 1]);
        let mut column = vec![0; count];
        for (to, node) in last.into_iter().enumerate() {
            column[next[node] as usize] = to as u32;
            next[node] += 1;
        }
        let mut steps = Pairs::with_capacity(count);
        for to in &column {
            steps.push(self.of(*to as usize).iter().map(|(rank, ticks)| (local[*rank as usize], *ticks)));
        }
        Arrivals { column, steps }
    }
}

/// Restricts the downward hierarchy to the ancestors of the destinations.
fn descend_to<L: Lane>(index: &SweepIndex, to: &[Option<Snap>]) -> (Descent<L>, Arrivals<L>) {
    let hierarchy = &index.hierarchy;
    let ways = LastSteps::new(index, to);
    let (mut place, count) = ways.ancestors(index);
    let mut arcs = Pairs::with_capacity(count);
    let mut looks = Vec::new();
    let mut open: Vec<Look> = Vec::new(); // the path from the root to the current node
    for rank in (0..hierarchy.nodes() as u32).rev() {
        if place[rank as usize] == NOWHERE {
            continue;
        }
        let node = arcs.rows() as u32;
        place[rank as usize] = node;
        let mut from_previous = L::NEVER;
        let down =
            index.metric.down.of(rank).map(|(upper, ticks)| (place[upper as usize], L::from_ticks(ticks)));
        arcs.push(down.filter(|(upper, ticks)| {
            let previous = upper + 1 == node;
            if previous {
                from_previous = *ticks;
            }
            !previous
        }));
        arcs.join_last_two(from_previous);
        close(&mut open, &mut looks, |above| hierarchy.lowest[above as usize] > rank, node);
        open.push(Look { node, rank, end: 0 });
    }
    close(&mut open, &mut looks, |_| true, count as u32);
    looks.sort_unstable_by_key(|look| look.node);
    let arrivals = ways.arrivals(&place, count);
    (Descent { place, arcs, looks }, arrivals)
}

/// Ends the subtrees of the open nodes that `end`, the next node, is not below. Of a chain of only children the last looks for all.
fn close(open: &mut Vec<Look>, looks: &mut Vec<Look>, over: impl Fn(u32) -> bool, end: u32) {
    let mut below = NOWHERE;
    while let Some(above) = open.pop_if(|look| over(look.rank)) {
        if end - above.node > LEAST_SUBTREE {
            if below != above.node + 1 {
                looks.push(Look { end, ..above });
            }
            below = above.node;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ```text
    /// 0 - 1 - 2 ---- 3, 4, ... 99      40 - 41 - ... 99
    ///          `---- 100 - 101 ... 199
    /// ```
    #[test]
    fn of_a_chain_of_only_children_the_last_looks_for_all() {
        let closed = |nodes: &[u32], end: u32| {
            let mut open = nodes.iter().map(|node| Look { node: *node, rank: 1000 - node, end: 0 }).collect();
            let mut looks = Vec::new();
            close(&mut open, &mut looks, |rank| rank <= 1000, end);
            assert!(open.is_empty() && looks.iter().all(|look| look.end == end));
            looks.into_iter().map(|look| look.node).collect::<Vec<_>>()
        };
        assert_eq!(closed(&[100, 101, 102], 200), [102]);
        assert_eq!(closed(&[0, 1, 2, 100, 199], 200), [100, 2]);
        assert_eq!(closed(&[40, 41, 42], 100), [0; 0]);
    }

    #[test]
    fn a_row_knows_the_arc_from_the_row_before_and_what_follows_within() {
        let mut pairs = Pairs::<u16>::with_capacity(3);
        for row in [&[][..], &[(0, 5)], &[(0, 7), (1, 8), (0, 9)]] {
            pairs.push(row.iter().copied());
        }
        pairs.join_last_two(4);
        let of = |row: usize| -> Vec<([u16; 2], u16, bool)> {
            pairs.of(row..row + 1).iter().map(|p| (p.ticks, p.next, p.last)).collect()
        };
        let never = u16::NEVER;
        assert_eq!(of(0), [([never, never], never, true)]);
        assert_eq!(of(1), [([5, never], 4, true)]);
        assert_eq!(of(2), [([7, 8], 0, false), ([9, never], never, true)]);
        assert_eq!(pairs.of(0..3).iter().map(|p| p.arcs().count()).sum::<usize>(), 5);
    }
}
