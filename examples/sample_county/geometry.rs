//! Plane geometry around the county's middle, in metres: winding lines of a given length, and what lies near.

use caregrid::base::{LonLat, SplitMix64, metres_per_degree};

/// Middle of the county; the plane's distortion stays under 1 % within 60 km.
const ORIGIN: LonLat = LonLat { lon: 105.06, lat: 35.95 };

/// A point in metres east and north of the origin.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

impl Point {
    pub fn new(x: f64, y: f64) -> Self {
        Point { x, y }
    }

    pub fn from_lonlat(at: LonLat) -> Self {
        let (mx, my) = metres_per_degree(ORIGIN.lat);
        Point::new((at.lon - ORIGIN.lon) * mx, (at.lat - ORIGIN.lat) * my)
    }

    /// On the map's grid of 1e-7 degrees.
    pub fn lonlat(self) -> LonLat {
        let (mx, my) = metres_per_degree(ORIGIN.lat);
        let grid = |degrees: f64| (degrees * 1e7).round() / 1e7;
        LonLat { lon: grid(ORIGIN.lon + self.x / mx), lat: grid(ORIGIN.lat + self.y / my) }
    }

    pub fn to(self, other: Point) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    pub fn moved(self, angle: f64, metres: f64) -> Point {
        Point::new(self.x + metres * angle.cos(), self.y + metres * angle.sin())
    }

    pub fn angle_to(self, other: Point) -> f64 {
        (other.y - self.y).atan2(other.x - self.x)
    }

    /// Distance to the segment `a`-`b`.
    pub fn to_segment(self, a: Point, b: Point) -> f64 {
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let square = dx * dx + dy * dy;
        let t = if square > 0.0 { ((self.x - a.x) * dx + (self.y - a.y) * dy) / square } else { 0.0 };
        let t = t.clamp(0.0, 1.0);
        self.to(Point::new(a.x + t * dx, a.y + t * dy))
    }
}

pub fn length(line: &[Point]) -> f64 {
    line.windows(2).map(|w| w[0].to(w[1])).sum()
}

/// Three sines with random phases: ridges, gullies, bends.
struct Waves([(f64, f64, f64); 3]);

impl Waves {
    fn new(straight: f64, random: &mut SplitMix64) -> Self {
        let long = (straight * 0.7).min(2200.0) * (0.8 + 0.4 * random.unit());
        let wave = |share: f64, weight: f64, random: &mut SplitMix64| {
            (std::f64::consts::TAU / (long * share), weight, random.unit() * std::f64::consts::TAU)
        };
        Waves([wave(1.0, 1.0, random), wave(0.37, 0.33, random), wave(0.17, 0.12, random)])
    }

    fn at(&self, metres: f64) -> f64 {
        self.0.iter().map(|(k, weight, phase)| weight * (k * metres + phase).sin()).sum()
    }
}

/// A winding line from `a` to `b` of about `target` metres, with a point every `spacing` metres.
/// The amplitude is found by bisection; a target under 1.01 times the straight line gives nearly that line.
pub fn winding(a: Point, b: Point, target: f64, spacing: f64, random: &mut SplitMix64) -> Vec<Point> {
    let straight = a.to(b).max(1.0);
    let waves = Waves::new(straight, random);
    let angle = a.angle_to(b);
    let draw = |amplitude: f64| -> Vec<Point> {
        let steps = (straight / 8.0).ceil().max(4.0) as usize;
        let rim = (straight / 4.0).min(300.0);
        let point = |i: usize| {
            let along = straight * i as f64 / steps as f64;
            let envelope = (along / rim).min((straight - along) / rim).clamp(0.0, 1.0);
            a.moved(angle, along)
                .moved(angle + std::f64::consts::FRAC_PI_2, amplitude * envelope * waves.at(along))
        };
        resample(&(0..=steps).map(point).collect::<Vec<_>>(), spacing)
    };
    let (mut low, mut high) = (0.0, straight.max(400.0));
    for _ in 0..24 {
        let middle = (low + high) / 2.0;
        if length(&draw(middle)) < target { low = middle } else { high = middle }
    }
    draw(low)
}

/// The same line with evenly spaced points; both ends stay.
pub fn resample(line: &[Point], spacing: f64) -> Vec<Point> {
    let total = length(line);
    let pieces = (total / spacing).round().max(1.0);
    let step = total / pieces;
    let mut out = vec![line[0]];
    let (mut walked, mut next) = (0.0, step);
    for w in line.windows(2) {
        let piece = w[0].to(w[1]);
        while next <= walked + piece && (out.len() as f64) < pieces {
            let t = (next - walked) / piece;
            out.push(Point::new(w[0].x + t * (w[1].x - w[0].x), w[0].y + t * (w[1].y - w[0].y)));
            next += step;
        }
        walked += piece;
    }
    out.push(line[line.len() - 1]);
    out
}
