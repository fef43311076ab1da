//! Rings around sets of equal square cells, traced on the cells' edges.
//!
//! Cells that touch at a corner only are not one area. Rings are simple: one that meets itself at a corner is cut there, so each
//! area is a valid polygon (outer ring counter-clockwise, holes clockwise, touching at most in points).

use std::collections::HashMap;

/// A rectangle of cells, each with a class; class 0 is "outside everything" and surrounds the rectangle.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassGrid {
    width: usize,
    height: usize,
    class: Vec<u8>,
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

impl ClassGrid {
    /// A grid of `width` x `height` cells of class 0.
    pub fn new(width: usize, height: usize) -> ClassGrid {
        ClassGrid { width, height, class: vec![0; width * height] }
    }

    /// Gives a rectangle of `width` columns, from `column` and `row` on, the classes listed row by row.
    pub fn paint(&mut self, column: usize, row: usize, width: usize, classes: &[u8]) {
        for (up, line) in classes.chunks(width).enumerate() {
            let from = (row + up) * self.width + column;
            self.class[from..from + width].copy_from_slice(line);
        }
    }

    /// Gives the cell a class.
    #[cfg(test)]
    pub fn set(&mut self, column: usize, row: usize, class: u8) {
        self.class[row * self.width + column] = class;
    }

    fn get(&self, (column, row): (i32, i32)) -> u8 {
        let inside = (0..self.width as i32).contains(&column) && (0..self.height as i32).contains(&row);
        if inside { self.class[row as usize * self.width + column as usize] } else { 0 }
    }

    #[cfg(test)]
    fn cells(&self) -> impl Iterator<Item = (i32, i32)> + use<> {
        let (width, height) = (self.width as i32, self.height as i32);
        (0..height).flat_map(move |row| (0..width).map(move |column| (column, row)))
    }

    /// The areas of `class` in the order of their lowest, then leftmost cell.
    pub fn areas(&self, class: u8) -> Vec<Area> {
        let runs = Runs::of(self, class);
        let mut areas: Vec<Area> = Vec::new();
        let mut area_of: HashMap<u32, usize> = HashMap::new(); // looked up only, never iterated
        let mut traced = vec![0u8; self.class.len()];
        // Every ring, around an area or a hole, passes the left side of some run.
        for row in 0..self.height {
            for run in runs.first[row]..runs.first[row + 1] {
                let cell = (runs.span[run].0, row as i32);
                if traced[row * self.width + cell.0 as usize] & 1 << LEFT != 0 {
                    continue;
                }
                let rings = simple_rings(&self.trace(class, cell, LEFT, &mut traced));
                let area = *area_of.entry(runs.root(run as u32)).or_insert_with(|| {
                    areas.push(Area { outer: Vec::new(), holes: Vec::new() });
                    areas.len() - 1
                });
                for ring in rings {
                    if doubled_area(&ring) > 0 {
                        areas[area].outer = without_straights(ring);
                    } else {
                        areas[area].holes.push(without_straights(ring));
                    }
                }
            }
        }
        areas
    }

    /// Follows one border with the class on the left hand, turning left where it can, and marks the sides it passed. Gives the corners
    /// where it turns, and whether two cells of the class touch there at the corner only: such a corner is met twice.
    fn trace(&self, class: u8, cell: (i32, i32), side: usize, traced: &mut [u8]) -> Vec<(Corner, bool)> {
        let (mut here, mut side) = (cell, side);
        let mut ring = Vec::new();
        loop {
            let mark = &mut traced[here.1 as usize * self.width + here.0 as usize];
            if *mark & 1 << side != 0 {
                return ring;
            }
            *mark |= 1 << side;
            let ahead = add(here, STEP[side]);
            let across = add(ahead, BEYOND[side]);
            if self.get(ahead) != class {
                side = (side + 1) % 4;
                ring.push((add(here, START[side]), self.get(across) == class));
            } else if self.get(across) != class {
                here = ahead;
            } else {
                here = across;
                side = (side + 3) % 4;
                ring.push((add(here, START[side]), false));
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

/// Runs of one class in each row, joined to areas over shared edges (union-find); memory grows with the runs, not the cells.
struct Runs {
    /// Length rows + 1.
    first: Vec<usize>,
    /// `(first column, column after the last)`.
    span: Vec<(i32, i32)>,
    parent: Vec<u32>,
}

impl Runs {
    fn of(grid: &ClassGrid, class: u8) -> Runs {
        let mut runs = Runs { first: vec![0], span: Vec::new(), parent: Vec::new() };
        for row in grid.class.chunks(grid.width.max(1)) {
            let mut column = 0;
            for run in row.chunk_by(|a, b| a == b) {
                let end = column + run.len() as i32;
                if run[0] == class {
                    runs.parent.push(runs.span.len() as u32);
                    runs.span.push((column, end));
                }
                column = end;
            }
            runs.join_to_row_below();
            runs.first.push(runs.span.len());
        }
        runs
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

    fn root(&self, mut run: u32) -> u32 {
        while self.parent[run as usize] != run {
            run = self.parent[run as usize];
        }
        run
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SplitMix64;

    fn grid(picture: &[&str]) -> ClassGrid {
        let mut grid = ClassGrid::new(picture[0].len(), picture.len());
        for (row, line) in picture.iter().rev().enumerate() {
            for (column, c) in line.bytes().enumerate() {
                grid.set(column, row, u8::from(c == b'#'));
            }
        }
        grid
    }

    #[test]
    fn a_frame_is_one_area_with_one_hole() {
        let areas = grid(&["###", "#.#", "###"]).areas(1);
        assert_eq!(areas.len(), 1);
        assert_eq!(areas[0].outer, [(0, 0), (3, 0), (3, 3), (0, 3), (0, 0)]);
        assert_eq!(areas[0].holes.len(), 1);
        assert_eq!(doubled_area(&areas[0].holes[0]), -2);
    }

    #[test]
    fn cells_that_touch_at_a_corner_are_two_areas() {
        assert_eq!(grid(&["#.", ".#"]).areas(1).len(), 2);
    }

    #[test]
    fn holes_that_touch_each_other_or_the_outside_are_cut_apart() {
        let two_holes = grid(&["####", "#.##", "##.#", "####"]).areas(1);
        assert_eq!((two_holes.len(), two_holes[0].holes.len()), (1, 2));
        let at_the_rim = grid(&["###", "#.#", "##."]).areas(1);
        assert_eq!((at_the_rim.len(), at_the_rim[0].holes.len()), (1, 1));
    }

    #[test]
    fn random_pictures_give_valid_polygons_that_cover_exactly_their_cells() {
        use geo::{Contains, Coord, LineString, Polygon, Validation};
        let mut random = SplitMix64::new(4);
        for _ in 0..200 {
            let mut grid = ClassGrid::new(9, 7);
            grid.cells().for_each(|(c, r)| grid.set(c as usize, r as usize, random.below(3) as u8));
            for class in 1..3 {
                let ring = |r: &Vec<Corner>| {
                    LineString::from_iter(r.iter().map(|c| Coord { x: f64::from(c.0), y: f64::from(c.1) }))
                };
                let areas = grid.areas(class);
                let polygons: Vec<Polygon> = areas
                    .iter()
                    .map(|a| Polygon::new(ring(&a.outer), a.holes.iter().map(ring).collect()))
                    .collect();
                assert!(polygons.iter().all(Validation::is_valid), "{grid:?}");
                for cell in grid.cells() {
                    let centre = Coord { x: f64::from(cell.0) + 0.5, y: f64::from(cell.1) + 0.5 };
                    let holding = polygons.iter().filter(|p| p.contains(&centre)).count();
                    assert_eq!(holding, usize::from(grid.get(cell) == class));
                }
            }
        }
    }
}
