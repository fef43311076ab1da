//! The roads around a tile of the lattice, in bins: which of them are nearest is asked for squares of places so close together that a
//! look at a tree for each would cost more than measuring all roads of the bins around.

use super::road_map::degrees;
use super::snap::{SAME_POINT_M, Segment, SnapIndex};
use crate::base::{LonLat, metres_per_degree};

/// Side of a bin, about: a few roads of a town touch one.
const BIN_M: f64 = 100.0;

/// Usable segments around a tile, by the bins that their rectangles touch.
#[derive(Debug)]
pub(super) struct TileRoads {
    bins: Bins,
    /// `first[b]..first[b + 1]` of `held` are the segments that touch bin `b`; length bins + 1.
    first: Vec<u32>,
    held: Vec<u32>,
    segments: Vec<Segment>,
    /// The bins that each segment's rectangle touches.
    spans: Vec<Window>,
}

/// West, south, east and north end of a rectangle of bins, both ends inclusive.
type Window = [u16; 4];

#[derive(Debug)]
struct Bins {
    corner: LonLat,
    /// Degrees of longitude and latitude.
    bin: (f64, f64),
    columns: usize,
    rows: usize,
}

impl Bins {
    /// The bins that a rectangle touches; what lies beyond the tile counts to its rim.
    fn window(&self, low: LonLat, high: LonLat) -> Window {
        let column =
            |lon: f64| (((lon - self.corner.lon) / self.bin.0) as usize).min(self.columns - 1) as u16;
        let row = |lat: f64| (((lat - self.corner.lat) / self.bin.1) as usize).min(self.rows - 1) as u16;
        [column(low.lon), row(low.lat), column(high.lon), row(high.lat)]
    }
}

impl TileRoads {
    /// The segments of `snaps` that touch the rectangle from `low` to `high`.
    pub fn new(snaps: &SnapIndex, low: LonLat, high: LonLat) -> TileRoads {
        let (x, y) = metres_per_degree((low.lat + high.lat) / 2.0);
        let count = |metres: f64| (metres / BIN_M).ceil().clamp(1.0, 4096.0);
        let (columns, rows) = (count((high.lon - low.lon) * x), count((high.lat - low.lat) * y));
        let bin = ((high.lon - low.lon) / columns, (high.lat - low.lat) / rows);
        let (columns, rows) = (columns as usize, rows as usize);
        let segments: Vec<Segment> = snaps.segments_in(low, high).copied().collect();
        let bins = Bins { corner: low, bin, columns, rows };
        let span = |s: &Segment| {
            let [a, b] = s.ends().map(degrees);
            let low = LonLat { lon: a.lon.min(b.lon), lat: a.lat.min(b.lat) };
            let high = LonLat { lon: a.lon.max(b.lon), lat: a.lat.max(b.lat) };
            bins.window(low, high)
        };
        let spans: Vec<Window> = segments.iter().map(span).collect();
        let bins_of = |span: &Window| {
            let [west, south, east, north] = span.map(usize::from);
            (south..=north).flat_map(move |r| (west..=east).map(move |c| r * columns + c))
        };
        let mut first = vec![0_u32; columns * rows + 1];
        spans.iter().flat_map(bins_of).for_each(|b| first[b + 1] += 1);
        (0..columns * rows).for_each(|b| first[b + 1] += first[b]);
        let mut held = vec![0_u32; first[columns * rows] as usize];
        let mut next = first.clone();
        for (i, span) in spans.iter().enumerate() {
            for b in bins_of(span) {
                held[next[b] as usize] = i as u32;
                next[b] += 1;
            }
        }
        TileRoads { bins, first, held, segments, spans }
    }

    pub fn segment(&self, i: u32) -> &Segment {
        &self.segments[i as usize]
    }

    /// Puts every segment that touches the bins of the rectangle from `low` to `high` into `lines`, each once.
    pub fn gather(&self, low: LonLat, high: LonLat, lines: &mut Lines) {
        lines.clear();
        let window = self.bins.window(low, high);
        for r in window[1]..=window[3] {
            for c in window[0]..=window[2] {
                let bin = usize::from(r) * self.bins.columns + usize::from(c);
                for i in &self.held[self.first[bin] as usize..self.first[bin + 1] as usize] {
                    let [west, south, ..] = self.spans[*i as usize];
                    // No bin of the window before this one holds it.
                    if (c, r) == (west.max(window[0]), south.max(window[1])) {
                        lines.push(*i, self.segments[*i as usize].ends().map(degrees));
                    }
                }
            }
        }
    }
}

/// Segments with their squared distances from one place, in columns, so that several are measured at once.
#[derive(Debug, Default)]
pub(super) struct Lines {
    id: Vec<u32>,
    /// Longitude and latitude of the first end and of the second.
    ends: [Vec<f64>; 4],
    /// Square metres.
    square: Vec<f64>,
}

impl Lines {
    pub fn clear(&mut self) {
        self.id.clear();
        self.ends.iter_mut().for_each(Vec::clear);
        self.square.clear();
    }

    fn push(&mut self, id: u32, [a, b]: [LonLat; 2]) {
        self.id.push(id);
        for (column, x) in self.ends.iter_mut().zip([a.lon, a.lat, b.lon, b.lat]) {
            column.push(x);
        }
    }

    /// Measures all from `place`, where degrees have the lengths `scale`, and gives the least square.
    pub fn measure(&mut self, place: LonLat, scale: (f64, f64)) -> f64 {
        let count = self.id.len();
        self.square.resize(count, 0.0);
        let [ax, ay, bx, by] = &self.ends;
        let (ax, ay, bx, by) = (&ax[..count], &ay[..count], &bx[..count], &by[..count]);
        let square = &mut self.square[..count];
        for i in 0..count {
            let a = ((ax[i] - place.lon) * scale.0, (ay[i] - place.lat) * scale.1);
            let b = ((bx[i] - place.lon) * scale.0, (by[i] - place.lat) * scale.1);
            let along = (b.0 - a.0, b.1 - a.1);
            // A point of a road is no line: its tiny divisor leaves a share of 0.
            let whole = (along.0 * along.0 + along.1 * along.1).max(1e-12);
            let share = (-(a.0 * along.0 + a.1 * along.1) / whole).clamp(0.0, 1.0);
            let foot = (a.0 + share * along.0, a.1 + share * along.1);
            square[i] = foot.0 * foot.0 + foot.1 * foot.1;
        }
        least(square)
    }

    /// Those measured within `metres`.
    pub fn within(&self, metres: f64) -> impl Iterator<Item = u32> {
        let most = metres * metres;
        self.id.iter().zip(&self.square).filter(move |(_, s)| **s <= most).map(|(id, _)| *id)
    }

    /// Makes `out` those measured within `metres`.
    pub fn keep_within(&self, metres: f64, out: &mut Lines) {
        out.clear();
        let most = metres * metres;
        for (i, square) in self.square.iter().enumerate() {
            if *square <= most {
                out.id.push(self.id[i]);
                out.ends.iter_mut().zip(&self.ends).for_each(|(to, from)| to.push(from[i]));
            }
        }
    }

    /// Adds `mark` to the marks, one for each, of those measured within `metres`.
    pub fn mark_within(&self, metres: f64, mark: u16, marks: &mut Vec<u16>) {
        marks.resize(self.id.len(), 0);
        let most = metres * metres;
        marks.iter_mut().zip(&self.square).for_each(|(m, s)| *m |= if *s <= most { mark } else { 0 });
    }

    pub fn ids(&self) -> &[u32] {
        &self.id
    }
}

/// The least of numbers, four at a time; infinite of none.
fn least(numbers: &[f64]) -> f64 {
    let smaller = |a: f64, b: f64| if b < a { b } else { a };
    let (fours, rest) = numbers.as_chunks::<4>();
    let mut least = [f64::INFINITY; 4];
    for four in fours {
        least = std::array::from_fn(|i| smaller(least[i], four[i]));
    }
    least.into_iter().chain(rest.iter().copied()).fold(f64::INFINITY, smaller)
}

/// Farther than this from the nearest none passes the same point; the lines' columns round otherwise than a foot alone.
pub(super) const NEARLY_SAME_M: f64 = SAME_POINT_M + 0.001;
