//! Mapbox Vector Tile 2.1, lines only: one feature a class, many lines a feature, clipped and thinned to the grid.

use geo::{LineString, Simplify};
/// Grid units along a tile's side.
pub(super) const EXTENT: f64 = 4096.0;
/// Lines are clipped this far outside the tile.
const RIM: f64 = 96.0;
/// Bends smaller than this many units are left out (a quarter of a screen pixel at 512 pixels a tile).
const THIN: f64 = 2.0;

/// All lines of one class.
pub(super) struct Layer {
    pub(super) class: &'static str,
    geometry: Vec<u32>,
    pen: (i32, i32),
}

impl Layer {
    pub(super) fn new(class: &'static str) -> Layer {
        Layer { class, geometry: Vec::new(), pen: (0, 0) }
    }

    /// Adds a line in tile units; parts outside the rim are cut off.
    pub(super) fn add_line(&mut self, points: &[(f64, f64)]) {
        let mut piece: Vec<(f64, f64)> = Vec::new();
        for pair in points.windows(2) {
            let Some((a, b)) = clip(pair[0], pair[1]) else {
                self.add_piece(&std::mem::take(&mut piece));
                continue;
            };
            if piece.last() != Some(&a) {
                self.add_piece(&std::mem::take(&mut piece));
                piece.push(a);
            }
            piece.push(b);
        }
        self.add_piece(&piece);
    }

    fn add_piece(&mut self, piece: &[(f64, f64)]) {
        let thin = LineString::from(piece.to_vec()).simplify(THIN);
        let mut grid: Vec<(i32, i32)> =
            thin.coords().map(|c| (c.x.round() as i32, c.y.round() as i32)).collect();
        grid.dedup();
        let [first, rest @ ..] = grid.as_slice() else { return };
        if rest.is_empty() {
            return;
        }
        self.geometry.push(1 << 3 | 1);
        self.move_pen(*first);
        self.geometry.push((rest.len() as u32) << 3 | 2);
        for point in rest {
            self.move_pen(*point);
        }
    }

    fn move_pen(&mut self, to: (i32, i32)) {
        self.geometry.push(zigzag(to.0 - self.pen.0));
        self.geometry.push(zigzag(to.1 - self.pen.1));
        self.pen = to;
    }
}

fn zigzag(n: i32) -> u32 {
    (n << 1 ^ n >> 31) as u32
}

/// The part of a segment inside the tile and its rim (Liang, Barsky 1984).
fn clip(a: (f64, f64), b: (f64, f64)) -> Option<((f64, f64), (f64, f64))> {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (mut enter, mut leave) = (0.0f64, 1.0f64);
    for (step, room) in
        [(-dx, a.0 + RIM), (dx, EXTENT + RIM - a.0), (-dy, a.1 + RIM), (dy, EXTENT + RIM - a.1)]
    {
        if step == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if step < 0.0 {
            enter = enter.max(room / step);
        } else {
            leave = leave.min(room / step);
        }
    }
    let at = |t: f64| (a.0 + t * dx, a.1 + t * dy);
    // The exact end points are kept so that the pieces of a line join.
    let start = if enter == 0.0 { a } else { at(enter) };
    let end = if leave == 1.0 { b } else { at(leave) };
    (enter <= leave).then_some((start, end))
}

/// The bytes of a tile with one layer `name`; empty if there is nothing to draw.
pub(super) fn tile(name: &str, classes: &[Layer]) -> Vec<u8> {
    let drawn: Vec<&Layer> = classes.iter().filter(|l| !l.geometry.is_empty()).collect();
    if drawn.is_empty() {
        return Vec::new();
    }
    let mut layer = Vec::new();
    field_number(&mut layer, 15, 2);
    field_bytes(&mut layer, 1, name.as_bytes());
    for (at, class) in drawn.iter().enumerate() {
        let mut feature = Vec::new();
        field_packed(&mut feature, 2, &[0, at as u32]);
        field_number(&mut feature, 3, 2);
        field_packed(&mut feature, 4, &class.geometry);
        field_bytes(&mut layer, 2, &feature);
    }
    field_bytes(&mut layer, 3, b"class");
    for class in drawn {
        let mut value = Vec::new();
        field_bytes(&mut value, 1, class.class.as_bytes());
        field_bytes(&mut layer, 4, &value);
    }
    field_number(&mut layer, 5, EXTENT as u32);
    let mut tile = Vec::new();
    field_bytes(&mut tile, 3, &layer);
    tile
}

fn varint(out: &mut Vec<u8>, mut n: u32) {
    while n >= 0x80 {
        out.push((n & 0x7f | 0x80) as u8);
        n >>= 7;
    }
    out.push(n as u8);
}

fn field_number(out: &mut Vec<u8>, field: u32, n: u32) {
    varint(out, field << 3);
    varint(out, n);
}

fn field_bytes(out: &mut Vec<u8>, field: u32, bytes: &[u8]) {
    varint(out, field << 3 | 2);
    varint(out, bytes.len() as u32);
    out.extend_from_slice(bytes);
}

fn field_packed(out: &mut Vec<u8>, field: u32, numbers: &[u32]) {
    let mut packed = Vec::new();
    numbers.iter().for_each(|n| varint(&mut packed, *n));
    field_bytes(out, field, &packed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_the_specification_is_encoded_as_it_says() {
        // Vector Tile 2.1, 4.3.5.3: LineString (2,2) (2,10) (10,10).
        let mut layer = Layer::new("main");
        layer.add_line(&[(2.0, 2.0), (2.0, 10.0), (10.0, 10.0)]);
        assert_eq!(layer.geometry, [9, 4, 4, 18, 0, 16, 16, 0]);
    }

    #[test]
    fn a_line_that_leaves_and_returns_is_two_lines() {
        let mut layer = Layer::new("main");
        layer.add_line(&[(10.0, 10.0), (9000.0, 10.0), (9000.0, 500.0), (10.0, 500.0)]);
        assert_eq!(layer.geometry.iter().filter(|c| **c == 9).count(), 2);
    }

    #[test]
    fn nothing_to_draw_is_an_empty_tile() {
        assert!(tile("roads", &[Layer::new("main")]).is_empty());
    }
}
