//! Rings around a set of equal square cells, traced on the cells' edges.
//!
//! Cells that touch at a corner only are not one area. Rings are simple: one that meets itself at a corner is cut there, so each
//! area is a valid polygon (outer ring counter-clockwise, holes clockwise, touching at most in points).

use std::collections::HashMap;

/// Cells along the side of a block, which are set at once.
pub const BLOCK: usize = 8;

/// A rectangle of cells, some of them in the set, a bit each; nothing around the rectangle is.
#[derive(Debug, Clone, PartialEq)]
pub struct CellSet {
    /// Words in a row.
    words: usize,
    rows: usize,
    bits: Vec<u64>,
}

/// A corner of cells: `(column, row)`, where the corner `(0, 0)` is the lower left of the first cell.
pub type Corner = (i32, i32);

/// One area: its outer ring and its holes, closed by repeating the first corner, only corners where the line turns.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// Counter-clockwise.
    pub outer: Vec<Corner>,
    /// Clockwise.
    pub holes: Vec<Vec<Corner>>,
}

/// Steps along the right, upper, left and lower side of a cell with the cell on the left hand.
const STEP: [(i32, i32); 4] = [(0, 1), (-1, 0), (0, -1), (1, 0)];
/// The cell beyond each side.
const BEYOND: [(i32, i32); 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];
/// Where each side's step starts, seen from the cell's lower left corner.
const START: [(i32, i32); 4] = [(1, 0), (1, 1), (0, 1), (0, 0)];
const LEFT: usize = 2;

impl CellSet {
    /// None of `columns` x `rows` blocks of cells.
    pub fn new(columns: usize, rows: usize) -> CellSet {
        let words = (columns * BLOCK).div_ceil(64);
        CellSet { words, rows: rows * BLOCK, bits: vec![0; words * rows * BLOCK] }
    }

    /// Takes cells of a block into the set: bit `8 r + c` of `cells` is the one in its row `r` and column `c`, from the lower left.
    pub fn put(&mut self, column: usize, row: usize, cells: u64) {
        let (word, shift) = (column * BLOCK / 64, column * BLOCK % 64);
        for (up, line) in cells.to_le_bytes().into_iter().enumerate() {
            self.bits[(row * BLOCK + up) * self.words + word] |= u64::from(line) << shift;
        }
    }

    fn at(&self, (column, row): (i32, i32)) -> Option<(usize, u64)> {
        let (column, row) = (usize::try_from(column).ok()?, usize::try_from(row).ok()?);
        let inside = column < self.words * 64 && row < self.rows;
        inside.then(|| (row * self.words + column / 64, 1 << (column % 64)))
    }

    fn has(&self, cell: (i32, i32)) -> bool {
        self.at(cell).is_some_and(|(word, bit)| self.bits[word] & bit != 0)
    }

    fn add(&mut self, cell: (i32, i32)) {
        if let Some((word, bit)) = self.at(cell) {
            self.bits[word] |= bit;
        }
    }

    /// The areas in the order of their lowest, then leftmost cell.
    pub fn areas(&self) -> Vec<Area> {
        const NONE: u32 = u32::MAX;
        let mut runs = Runs::of(self);
        let mut areas: Vec<Area> = Vec::new();
        let mut area_of = vec![NONE; runs.span.len()];
        // Cells whose left side was passed: every ring, around an area or a hole, passes the left side of some run.
        let mut traced = CellSet { bits: vec![0; self.bits.len()], ..*self };
        for row in 0..self.rows {
            for run in runs.first[row]..runs.first[row + 1] {
                let cell = (runs.span[run].0, row as i32);
                if traced.has(cell) {
                    continue;
                }
                let rings = simple_rings(&self.trace(cell, &mut traced));
                let area = &mut area_of[runs.root(run as u32) as usize];
                if *area == NONE {
                    *area = areas.len() as u32;
                    areas.push(Area { outer: Vec::new(), holes: Vec::new() });
                }
                let area = &mut areas[*area as usize];
                for ring in rings {
                    if doubled_area(&ring) > 0 {
                        area.outer = without_straights(ring);
                    } else {
                        area.holes.push(without_straights(ring));
                    }
                }
            }
        }
        areas
    }

    /// Follows the border on the left side of `start` with the set on the left hand, turning left where it can, and marks the cells
    /// whose left side it passed. Gives the corners where it turns, and whether two cells of the set touch there at the corner only:
    /// such a corner is met twice.
    fn trace(&self, start: (i32, i32), traced: &mut CellSet) -> Vec<(Corner, bool)> {
        let (mut here, mut side) = (start, LEFT);
        let mut ring = Vec::new();
        loop {
            if side == LEFT {
                traced.add(here);
            }
            let ahead = add(here, STEP[side]);
            let across = add(ahead, BEYOND[side]);
            if !self.has(ahead) {
                side = (side + 1) % 4;
                ring.push((add(here, START[side]), self.has(across)));
            } else if !self.has(across) {
                here = ahead;
            } else {
                here = across;
                side = (side + 3) % 4;
                ring.push((add(here, START[side]), false));
            }
            if (here, side) == (start, LEFT) {
                return ring;
            }
        }
    }
}

fn add(a: (i32, i32), b: (i32, i32)) -> (i32, i32) {
    (a.0 + b.0, a.1 + b.1)
}

/// Cuts a closed walk (first corner not repeated) where it meets itself; every ring is closed.
fn simple_rings(walk: &[(Corner, bool)]) -> Vec<Vec<Corner>> {
    let mut rings = Vec::new();
    let mut open: Vec<Corner> = Vec::new();
    // Where corners that are met twice stand in `open`, in their order there; the map finds them.
    let mut twice: Vec<Corner> = Vec::new();
    let mut at: HashMap<Corner, (usize, usize)> = HashMap::new();
    for &(corner, meets_itself) in walk {
        if meets_itself {
            if let Some(&(from, nth)) = at.get(&corner) {
                let mut ring: Vec<Corner> = open.drain(from..).collect();
                ring.push(corner);
                rings.push(ring);
                twice.drain(nth..).for_each(|c| {
                    at.remove(&c);
                });
            }
            at.insert(corner, (open.len(), twice.len()));
            twice.push(corner);
        }
        open.push(corner);
    }
    open.extend(open.first().copied());
    rings.push(open);
    rings
}

/// Twice the signed area of a closed ring, positive if counter-clockwise.
fn doubled_area(ring: &[Corner]) -> i64 {
    let cross = |w: &[Corner]| i64::from(w[0].0) * i64::from(w[1].1) - i64::from(w[1].0) * i64::from(w[0].1);
    ring.windows(2).map(cross).sum()
}

/// Keeps the corners of a closed ring where it turns.
fn without_straights(ring: Vec<Corner>) -> Vec<Corner> {
    let count = ring.len() - 1;
    let turns = |i: usize| {
        let (before, here, after) = (ring[(i + count - 1) % count], ring[i], ring[(i + 1) % count]);
        (here.0 - before.0) * (after.1 - here.1) != (here.1 - before.1) * (after.0 - here.0)
    };
    let mut corners: Vec<Corner> = (0..count).filter(|&i| turns(i)).map(|i| ring[i]).collect();
    corners.extend(corners.first().copied());
    corners
}

/// Runs of the set in each row, joined to areas over shared edges (union-find); memory grows with the runs, not the cells.
struct Runs {
    /// Length rows + 1.
    first: Vec<usize>,
    /// `(first column, column after the last)`.
    span: Vec<(i32, i32)>,
    parent: Vec<u32>,
}

impl Runs {
    fn of(cells: &CellSet) -> Runs {
        let mut runs = Runs { first: vec![0], span: Vec::new(), parent: Vec::new() };
        for row in cells.bits.chunks(cells.words.max(1)) {
            runs.add_row(row);
            runs.join_to_row_below();
            runs.first.push(runs.span.len());
        }
        runs
    }

    /// A run begins or ends where a bit differs from the one before it.
    fn add_row(&mut self, row: &[u64]) {
        let (mut before, mut begun) = (0_u64, None);
        for (i, word) in row.iter().chain([&0]).enumerate() {
            let mut changes = word ^ (word << 1 | before);
            while changes != 0 {
                let column = (i * 64) as i32 + changes.trailing_zeros() as i32;
                match begun.take() {
                    None => begun = Some(column),
                    Some(from) => {
                        self.parent.push(self.span.len() as u32);
                        self.span.push((from, column));
                    }
                }
                changes &= changes - 1;
            }
            before = word >> 63;
        }
    }

    fn join_to_row_below(&mut self) {
        let Some(&last) = self.first.last() else { return };
        let below = self.first.len().checked_sub(2).map_or(last, |row| self.first[row]);
        let (mut a, mut b) = (below, last);
        while a < last && b < self.span.len() {
            if self.span[a].0 < self.span[b].1 && self.span[b].0 < self.span[a].1 {
                let (x, y) = (self.root(a as u32), self.root(b as u32));
                self.parent[x.max(y) as usize] = x.min(y);
            }
            if self.span[a].1 < self.span[b].1 { a += 1 } else { b += 1 }
        }
    }

    fn root(&mut self, mut run: u32) -> u32 {
        while self.parent[run as usize] != run {
            let above = self.parent[self.parent[run as usize] as usize];
            self.parent[run as usize] = above;
            run = above;
        }
        run
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SplitMix64;

    fn grid(picture: &[&str]) -> CellSet {
        let mut cells = CellSet::new(1, 1);
        for (row, line) in picture.iter().rev().enumerate() {
            line.bytes()
                .enumerate()
                .filter(|c| c.1 == b'#')
                .for_each(|c| cells.add((c.0 as i32, row as i32)));
        }
        cells
    }

    #[test]
    fn a_frame_is_one_area_with_one_hole() {
        let areas = grid(&["###", "#.#", "###"]).areas();
        assert_eq!(areas.len(), 1);
        assert_eq!(areas[0].outer, [(0, 0), (3, 0), (3, 3), (0, 3), (0, 0)]);
        assert_eq!(areas[0].holes.len(), 1);
        assert_eq!(doubled_area(&areas[0].holes[0]), -2);
    }

    #[test]
    fn cells_that_touch_at_a_corner_are_two_areas() {
        assert_eq!(grid(&["#.", ".#"]).areas().len(), 2);
    }

    #[test]
    fn holes_that_touch_each_other_or_the_outside_are_cut_apart() {
        let two_holes = grid(&["####", "#.##", "##.#", "####"]).areas();
        assert_eq!((two_holes.len(), two_holes[0].holes.len()), (1, 2));
        let at_the_rim = grid(&["###", "#.#", "##."]).areas();
        assert_eq!((at_the_rim.len(), at_the_rim[0].holes.len()), (1, 1));
    }

    #[test]
    fn random_blocks_give_valid_polygons_that_cover_exactly_their_cells() {
        use geo::{Contains, Coord, LineString, Polygon, Validation};
        let mut random = SplitMix64::new(4);
        for round in 0..200 {
            let (columns, rows) = (1 + round % 10, 1 + round % 2);
            let mut cells = CellSet::new(columns, rows);
            for block in 0..columns * rows {
                // Blocks of few cells, of many, and whole ones.
                let (some, more) = (random.next_u64(), random.next_u64());
                let of = [some & more, some | more, some, u64::MAX, 0];
                cells.put(block % columns, block / columns, of[random.below(5)]);
            }
            let ring = |r: &Vec<Corner>| {
                LineString::from_iter(r.iter().map(|c| Coord { x: f64::from(c.0), y: f64::from(c.1) }))
            };
            let areas = cells.areas();
            let polygons: Vec<Polygon> = areas
                .iter()
                .map(|a| Polygon::new(ring(&a.outer), a.holes.iter().map(ring).collect()))
                .collect();
            assert!(polygons.iter().all(Validation::is_valid), "{cells:?}");
            for cell in
                (0..(rows * BLOCK) as i32).flat_map(|r| (0..(columns * BLOCK) as i32).map(move |c| (c, r)))
            {
                let centre = Coord { x: f64::from(cell.0) + 0.5, y: f64::from(cell.1) + 0.5 };
                let holding = polygons.iter().filter(|p| p.contains(&centre)).count();
                assert_eq!(holding, usize::from(cells.has(cell)));
            }
        }
    }
}
