//! What the destinations of a table need of the hierarchy: their ancestors, from the top down, and the last steps to themselves.
//!
//! A what-if asks for journeys to the same clients again and again, so the index keeps this for the destinations asked for last.

use crate::network::Snap;
use crate::travel::journey::DirectWays;
use crate::travel::sweep::SweepIndex;
use crate::travel::sweep::batch::Memory;
use crate::travel::sweep::cch::ROOT;
use crate::travel::table::Lane;
use std::sync::{Arc, Mutex, PoisonError};

/// Subtrees of at least this many nodes of the descent are worth the look at their boundary.
const LEAST_SUBTREE: u32 = 64;
const NONE: u32 = u32::MAX;

/// The destinations of a table, made ready for any origins.
#[derive(Debug)]
pub struct Targets<L> {
    pub descent: Descent<L>,
    pub arrivals: Arrivals<L>,
    /// Handed from batch to batch and from table to table: a fresh one costs as much as a batch.
    idle: Mutex<Vec<Memory<L>>>,
}

/// The downward arcs that the destinations of one table need, in descending rank, renumbered from 0 at the top.
#[derive(Debug)]
pub struct Descent<L> {
    pub rank: Vec<u32>,
    pub arcs: Pairs<L>,
    /// End of the run of descendants after each node whose subtree is worth skipping; 0 elsewhere.
    pub end: Vec<u32>,
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

/// Rows of arcs, each arc where it comes from and its ticks, two by two: most rows are one or two pairs, so the processor guesses the
/// end of a row far more often than that of a row of single arcs.
#[derive(Debug)]
pub struct Pairs<L> {
    first: Vec<u32>,
    pairs: Vec<[(u32, L); 2]>,
}

impl<L: Lane> Pairs<L> {
    fn with_capacity(rows: usize) -> Pairs<L> {
        let mut first = Vec::with_capacity(rows + 1);
        first.push(0);
        Pairs { first, pairs: Vec::with_capacity(2 * rows) }
    }

    /// A row of its own; an odd one ends in an arc that reaches nothing.
    fn push(&mut self, mut arcs: impl Iterator<Item = (u32, L)>) {
        while let Some(arc) = arcs.next() {
            self.pairs.push([arc, arcs.next().unwrap_or((0, L::NEVER))]);
        }
        self.first.push(self.pairs.len() as u32);
    }

    /// The pairs of a row.
    #[inline(always)]
    pub fn of(&self, row: usize) -> &[[(u32, L); 2]] {
        &self.pairs[self.first[row] as usize..self.first[row + 1] as usize]
    }
}

impl<L: Lane> Targets<L> {
    /// Of the destinations `to`.
    pub fn new(index: &SweepIndex, to: &[Option<Snap>]) -> Targets<L> {
        let (descent, arrivals) = descend_to(index, to);
        Targets { descent, arrivals, idle: Mutex::default() }
    }

    /// Number of destinations.
    pub fn columns(&self) -> usize {
        self.arrivals.column.len()
    }

    /// Memory for a batch, to be given back.
    pub fn idle_memory(&self, index: &SweepIndex) -> Memory<L> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.unwrap_or_else(|| Memory::new(index.hierarchy.nodes(), self.descent.rank.len()))
    }

    /// Hands memory to the next batch.
    pub fn give_back(&self, memory: Memory<L>) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
    }
}

/// What destinations need of the hierarchy, and the ways to them along one arc, whatever the origins.
pub type Ready<L> = (Targets<L>, DirectWays);

/// The destinations asked for last, by the list that named them, and what they need.
type Last<L> = Option<(Arc<[Option<Snap>]>, Arc<Ready<L>>)>;

/// The last destinations of lanes of one width.
#[derive(Debug)]
pub struct Kept<L>(Mutex<Last<L>>);

impl<L> Default for Kept<L> {
    fn default() -> Self {
        Kept(Mutex::new(None))
    }
}

impl<L: Lane> Kept<L> {
    /// The targets of `to`: those kept, if they are of the same list, else fresh ones, kept from now on.
    pub fn targets_of(&self, index: &SweepIndex, to: &Arc<[Option<Snap>]>) -> Arc<Ready<L>> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((of, targets)) if Arc::ptr_eq(of, to) => Arc::clone(targets),
            _ => {
                let targets = Arc::new((Targets::new(index, to), DirectWays::on_all_arcs(to)));
                *last = Some((Arc::clone(to), Arc::clone(&targets)));
                targets
            }
        }
    }
}

/// What an index keeps of destinations, until its ticks change.
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
    fn new(index: &SweepIndex, to: &[Option<Snap>]) -> LastSteps<L> {
        let mut ways = LastSteps { first: Vec::with_capacity(to.len() + 1), steps: Vec::with_capacity(2 * to.len()) };
        ways.first.push(0);
        for snap in to {
            if let Some(snap) = snap {
                ways.steps.extend(snap.arcs.iter().map(|arc| {
                    let ticks = arc.from_tail.0.saturating_add(snap.access.0);
                    (index.hierarchy.rank[arc.tail.0 as usize], L::from_ticks(ticks))
                }));
            }
            ways.first.push(ways.steps.len() as u32);
        }
        ways
    }

    fn of(&self, destination: usize) -> &[(u32, L)] {
        &self.steps[self.first[destination] as usize..self.first[destination + 1] as usize]
    }

    /// By where the descent comes to the last of their nodes; `local` tells where a rank stands in it, which has `nodes`.
    fn arrivals(&self, local: &[u32], nodes: usize) -> Arrivals<L> {
        let count = self.first.len() - 1;
        let here = |steps: &[(u32, L)]| steps.iter().map(|s| local[s.0 as usize]).max().unwrap_or(0) as usize;
        let last: Vec<usize> = (0..count).map(|to| here(self.of(to))).collect();
        let mut next = vec![0u32; nodes + 1];
        last.iter().for_each(|node| next[node + 1] += 1);
        (0..nodes).for_each(|node| next[node + 1] += next[node]);
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
    let mut local = vec![NONE; hierarchy.nodes()];
    let mut count = 0;
    for &(rank, _) in &ways.steps {
        let mut node = rank;
        while node != ROOT && local[node as usize] == NONE {
            local[node as usize] = 0;
            count += 1;
            node = hierarchy.parent[node as usize];
        }
    }
    let mut rank = Vec::with_capacity(count);
    rank.extend((0..hierarchy.nodes() as u32).rev().filter(|r| local[*r as usize] == 0));
    let mut descent = Descent { rank, arcs: Pairs::with_capacity(count), end: vec![0; count] };
    let mut open: Vec<usize> = Vec::new(); // the path from the root to the current node
    for (at, &rank) in descent.rank.iter().enumerate() {
        local[rank as usize] = at as u32;
        let arcs =
            index.metric.down.of(rank).map(|(upper, ticks)| (local[upper as usize], L::from_ticks(ticks)));
        descent.arcs.push(arcs);
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
    let arrivals = ways.arrivals(&local, count);
    (descent, arrivals)
}
