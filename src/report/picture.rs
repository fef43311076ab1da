//! A drawing as plain data: made once, written as SVG and as PNG alike.

use crate::base::{Bounds, LonLat, metres_per_degree};
use crate::report::style::Colour;

/// A point of the drawing in pixels, y down.
pub(super) type Point = (f32, f32);

/// Which side of a text its point is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
}

/// One shape of a drawing.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// Open lines.
    Lines { lines: Vec<Vec<Point>>, width: f32, colour: Colour },
    /// A filled area, perhaps with an outline.
    Area { outline: Vec<Point>, fill: Colour, edge: Option<Colour> },
    /// Alike dots; rings have a white heart.
    Dots { at: Vec<Point>, radius: f32, colour: Colour, ring: bool },
    /// Text on its base line; with a halo where it must be read over lines.
    Text { at: Point, size: f32, anchor: Anchor, colour: Colour, halo: Option<Colour>, text: String },
}

/// A drawing.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picture {
    pub width: u32,
    pub height: u32,
    pub shapes: Vec<Shape>,
}

/// A rectangle of the drawing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frame {
    pub left: f32,
    pub top: f32,
    pub width: f32,
    pub height: f32,
}

impl Frame {
    /// Its four corners.
    pub(super) fn corners(&self) -> Vec<Point> {
        let (right, bottom) = (self.left + self.width, self.top + self.height);
        vec![(self.left, self.top), (right, self.top), (right, bottom), (self.left, bottom)]
    }

    /// Its outline as a closed line.
    pub(super) fn outline(&self) -> Vec<Point> {
        let mut line = self.corners();
        line.push((self.left, self.top));
        line
    }

    /// The point lies inside, with `rim` to spare.
    pub(super) fn holds(&self, (x, y): Point, rim: f32) -> bool {
        x >= self.left + rim
            && x <= self.left + self.width - rim
            && y >= self.top + rim
            && y <= self.top + self.height - rim
    }

    /// The parts of a line inside the frame (Liang and Barsky 1984, segment by segment).
    pub(super) fn clip(&self, line: &[Point]) -> Vec<Vec<Point>> {
        let mut parts: Vec<Vec<Point>> = Vec::new();
        for pair in line.windows(2) {
            let Some((from, to)) = self.clip_segment(pair[0], pair[1]) else { continue };
            match parts.last_mut() {
                Some(part) if part.last() == Some(&from) => part.push(to),
                _ => parts.push(vec![from, to]),
            }
        }
        parts
    }

    fn clip_segment(&self, a: Point, b: Point) -> Option<(Point, Point)> {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let (mut enter, mut exit) = (0.0_f32, 1.0_f32);
        let sides = [
            (-dx, a.0 - self.left),
            (dx, self.left + self.width - a.0),
            (-dy, a.1 - self.top),
            (dy, self.top + self.height - a.1),
        ];
        for (step, room) in sides {
            if step == 0.0 {
                if room < 0.0 {
                    return None;
                }
            } else if step < 0.0 {
                enter = enter.max(room / step);
            } else {
                exit = exit.min(room / step);
            }
        }
        let at = |t: f32| (a.0 + t * dx, a.1 + t * dy);
        let from = if enter > 0.0 { at(enter) } else { a };
        let to = if exit < 1.0 { at(exit) } else { b };
        (enter <= exit).then_some((from, to))
    }
}

/// Places to points: equirectangular about the window's middle latitude, true to scale within a county.
#[derive(Debug, Clone, Copy)]
pub(super) struct Projection {
    middle: LonLat,
    centre: Point,
    /// Metres a degree east and north.
    degree: (f64, f64),
    /// Pixels a metre.
    pub scale: f64,
}

impl Projection {
    /// Fits `window` into `frame`; a window smaller than 2 km is shown 2 km wide.
    pub(super) fn fit(window: &Bounds, frame: &Frame) -> Projection {
        const LEAST_M: f64 = 2000.0;
        let middle = LonLat {
            lon: (window.min.lon + window.max.lon) / 2.0,
            lat: (window.min.lat + window.max.lat) / 2.0,
        };
        let degree = metres_per_degree(middle.lat);
        let wide = ((window.max.lon - window.min.lon) * degree.0).max(LEAST_M);
        let high = ((window.max.lat - window.min.lat) * degree.1).max(LEAST_M);
        let scale = (f64::from(frame.width) / wide).min(f64::from(frame.height) / high);
        let centre = (frame.left + frame.width / 2.0, frame.top + frame.height / 2.0);
        Projection { middle, centre, degree, scale }
    }

    /// The point of a place.
    pub(super) fn point(&self, at: LonLat) -> Point {
        let x = (at.lon - self.middle.lon) * self.degree.0 * self.scale;
        let y = (at.lat - self.middle.lat) * self.degree.1 * self.scale;
        (self.centre.0 + x as f32, self.centre.1 - y as f32)
    }

    /// The window that `frame` shows, which is wider than the one fitted in one direction.
    pub(super) fn window(&self, frame: &Frame) -> Bounds {
        let east = f64::from(frame.width) / 2.0 / self.scale / self.degree.0;
        let north = f64::from(frame.height) / 2.0 / self.scale / self.degree.1;
        Bounds {
            min: LonLat { lon: self.middle.lon - east, lat: self.middle.lat - north },
            max: LonLat { lon: self.middle.lon + east, lat: self.middle.lat + north },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_at_the_frame_and_kept_inside() {
        let frame = Frame { left: 0.0, top: 0.0, width: 10.0, height: 10.0 };
        let parts = frame.clip(&[(-5.0, 5.0), (5.0, 5.0), (5.0, 20.0), (8.0, 20.0), (8.0, 5.0)]);
        assert_eq!(parts, [vec![(0.0, 5.0), (5.0, 5.0), (5.0, 10.0)], vec![(8.0, 10.0), (8.0, 5.0)]]);
        assert!(frame.clip(&[(20.0, 20.0), (30.0, 0.0)]).is_empty());
    }

    #[test]
    fn north_is_up_and_a_kilometre_is_as_long_both_ways() {
        let frame = Frame { left: 0.0, top: 0.0, width: 100.0, height: 100.0 };
        let window = Bounds { min: LonLat { lon: 105.0, lat: 35.0 }, max: LonLat { lon: 105.2, lat: 35.2 } };
        let map = Projection::fit(&window, &frame);
        let (south, north) = (map.point(window.min), map.point(window.max));
        assert!(south.1 > north.1 && (north.1 - 0.0).abs() < 0.1 && south.0 > 8.0, "{south:?} {north:?}");
        let seen = map.window(&frame);
        assert!(seen.min.lon < 105.0 && (seen.min.lat - 35.0).abs() < 1e-6);
    }
}
