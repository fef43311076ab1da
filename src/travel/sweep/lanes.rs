//! The loops over the lanes of a batch: 32 times a node, one for each origin.
//!
//! Most of a table's time is spent in [`run`] and [`land`]. They are functions of their own, never part of a larger one: there the compiler
//! sees that nothing overlaps and keeps the lanes in registers.

use crate::travel::sweep::batch::Row;
use crate::travel::sweep::targets::{Arrivals, Pair};
use crate::travel::table::Lane;

/// Origins a batch: 64 bytes of u16 lanes, one cache line a node.
pub const LANES: usize = 32;

/// Ticks from each origin of a batch.
pub type Lanes<L> = [L; LANES];

/// No lane is within the limit.
#[inline(always)]
pub fn dark<L: Lane>(lanes: &Lanes<L>, limit: L) -> bool {
    lanes.iter().fold(L::NEVER, |least, lane| least.min(*lane)) > limit
}

/// `to = min(to, from + ticks)` in every lane.
#[inline(always)]
pub fn relax<L: Lane>(to: &mut Lanes<L>, from: &Lanes<L>, ticks: L) {
    for (to, &from) in to.iter_mut().zip(from) {
        *to = from.plus(ticks).min(*to);
    }
}

/// Every lane later by `ticks`.
#[inline(always)]
fn go_on<L: Lane>(lanes: &mut Lanes<L>, ticks: L) {
    for lane in lanes {
        *lane = lane.plus(ticks);
    }
}

/// Nodes from `at` on, the rows of `pairs`; `start` is what the first of them has from the node before it.
#[inline(always)]
pub fn run<L: Lane>(pairs: &[Pair<L>], start: &Lanes<L>, down: &mut [Lanes<L>], mut at: usize) {
    let mut lanes = *start;
    for pair in pairs {
        relax(&mut lanes, &down[pair.from[0] as usize], pair.ticks[0]);
        relax(&mut lanes, &down[pair.from[1] as usize], pair.ticks[1]);
        down[at] = lanes;
        go_on(&mut lanes, pair.next);
        at += usize::from(pair.last);
    }
}

/// Lanes of the destinations, from those of their nodes.
#[inline(always)]
pub fn land<L: Lane>(arrivals: &Arrivals<L>, down: &[Lanes<L>], limit: L, reached: &mut [Lanes<L>]) {
    let (mut row, mut lanes) = (0, [L::NEVER; LANES]);
    for pair in arrivals.steps.of(0..arrivals.column.len()) {
        relax(&mut lanes, &down[pair.from[0] as usize], pair.ticks[0]);
        relax(&mut lanes, &down[pair.from[1] as usize], pair.ticks[1]);
        for (cell, lane) in reached[arrivals.column[row] as usize].iter_mut().zip(lanes) {
            *cell = if lane <= limit { lane } else { L::NEVER };
        }
        go_on(&mut lanes, pair.next);
        row += usize::from(pair.last);
    }
}

/// Rows from the lanes of so many columns, a square at a time so that rows are written in runs.
#[inline(always)]
pub fn write<L: Lane>(reached: &mut [Lanes<L>], columns: usize, batch: &mut [Row<'_, L>]) {
    let mut turned = [L::NEVER; LANES * LANES];
    let squares = reached.as_flattened_mut().as_chunks_mut::<{ LANES * LANES }>().0;
    for (at, square) in squares.iter_mut().enumerate() {
        turn(square, &mut turned);
        let cells = turned.as_chunks::<LANES>().0;
        if (at + 1) * LANES <= columns {
            for ((_, _, row), cells) in batch.iter_mut().zip(cells) {
                row.as_chunks_mut().0[at] = *cells;
            }
        } else {
            for ((_, _, row), cells) in batch.iter_mut().zip(cells) {
                row[at * LANES..].copy_from_slice(&cells[..columns - at * LANES]);
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
