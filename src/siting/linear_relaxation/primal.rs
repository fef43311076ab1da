//! From a feasible vertex: the entering condition most violated, and a line search over hinges.

use super::{Column, Entering, Prices, Row, Simplex, Stop, TOLERANCE};

/// A row that becomes exactly served after a length; the shortest is the largest.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Crossing(f64, usize);

impl Eq for Crossing {}

impl Ord for Crossing {
    fn cmp(&self, other: &Crossing) -> std::cmp::Ordering {
        other.0.total_cmp(&self.0).then(other.1.cmp(&self.1))
    }
}

impl PartialOrd for Crossing {
    fn partial_cmp(&self, other: &Crossing) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Simplex<'_> {
    /// Pivots to the optimum; returns the prices and the pivots, or `None` if the basis is lost.
    pub(in crate::siting) fn optimise(&mut self, pivots: u64) -> Option<(Prices, u64)> {
        let mut steps = 0;
        loop {
            if self.is_stale() {
                self.refresh()?;
                self.settle_rows();
            }
            self.age += 1;
            steps += 1;
            let prices = self.tight_prices();
            let Some((entering, slope)) = self.entering(&prices) else {
                return Some((self.multipliers(&prices), steps));
            };
            if steps >= pivots {
                return Some((self.multipliers(&prices), steps));
            }
            if !self.pivot(entering, slope) {
                // The basis may have changed without its inverse; prices belong to tight rows as they stand.
                self.refresh()?;
                self.settle_rows();
                return Some((self.multipliers(&self.tight_prices()), steps));
            }
        }
    }

    /// The most violated optimality condition and its slope (negative), or `None` at the optimum.
    fn entering(&self, prices: &[f64]) -> Option<(Entering, f64)> {
        let mut reduced = self.net.clone();
        let mut best: Option<(Entering, f64)> = None;
        let mut offer = |entering, slope: f64| {
            if slope < -TOLERANCE && best.is_none_or(|b| slope < b.1) {
                best = Some((entering, slope));
            }
        };
        for (t, (&r, &price)) in self.tight.iter().zip(prices).enumerate() {
            if r == self.row.len() {
                reduced[..self.program.sites].iter_mut().for_each(|v| *v -= price);
                continue;
            }
            self.columns_of(r).iter().for_each(|e| reduced[e.0 as usize] -= price * f64::from(e.1));
            // More cover frees the row's price; less cover costs its hinge but returns the price.
            offer(Entering::Tight(t, 1.0), price);
            offer(Entering::Tight(t, -1.0), self.program.hinge[r] - price);
        }
        for (s, &value) in reduced.iter().enumerate() {
            match self.column[s] {
                Column::Low => offer(Entering::Site(s, 1.0), value),
                Column::Up => offer(Entering::Site(s, -1.0), -value),
                Column::Basic | Column::Fixed => {}
            }
        }
        best
    }

    /// Moves along the entering direction to the first point where the cost stops falling. False: numerically stuck.
    fn pivot(&mut self, entering: Entering, slope: f64) -> bool {
        let image = match entering {
            Entering::Site(s, _) => self.basis.columns(&self.column_of_basis(s)),
            Entering::Tight(t, _) => self.basis.of_row(t),
        };
        let step: Vec<f64> = match entering {
            Entering::Site(_, sign) => image.iter().map(|v| -sign * v).collect(),
            Entering::Tight(_, sign) => image.iter().map(|v| sign * v).collect(),
        };
        self.spread_step(entering, &step);
        let Some((length, stop)) = self.line_search(entering, slope, &step) else { return false };
        self.advance(entering, &step, length);
        self.change_basis(entering, stop, &image)
    }

    /// Walks the breakpoints in order, adding the hinges passed, until the slope is no longer negative.
    fn line_search(&mut self, entering: Entering, mut slope: f64, step: &[f64]) -> Option<(f64, Stop)> {
        let mut wall = match entering {
            Entering::Site(s, _) => (self.up[s] - self.low[s], Stop::Flip),
            Entering::Tight(..) => (f64::INFINITY, Stop::Flip),
        };
        for (b, &change) in step.iter().enumerate() {
            let s = self.basic[b];
            let (room, side) = if change < 0.0 {
                (self.x[s] - self.low[s], Column::Low)
            } else {
                (self.up[s] - self.x[s], Column::Up)
            };
            if change.abs() > 1e-9 && room.max(0.0) / change.abs() < wall.0 {
                wall = (room.max(0.0) / change.abs(), Stop::Basic(b, side));
            }
        }
        let mut points: Vec<Crossing> = Vec::new();
        for &r in &self.touched {
            let (over, delta) = (self.over[r], self.delta[r]);
            let crosses = match self.row[r] {
                Row::Below => delta > 1e-9,
                Row::Above => delta < -1e-9,
                Row::Tight => false,
            };
            if crosses && (-over / delta) < wall.0 {
                points.push(Crossing((-over / delta).max(0.0), r));
            }
        }
        // Few crossings are passed, so they are not sorted but taken from a heap.
        let mut points = std::collections::BinaryHeap::from(points);
        while let Some(Crossing(length, r)) = points.pop() {
            slope += self.program.hinge[r] * self.delta[r].abs();
            if slope >= -TOLERANCE {
                return Some((length, Stop::Row(r)));
            }
            self.set_row(r, if self.delta[r] > 0.0 { Row::Above } else { Row::Below });
        }
        wall.0.is_finite().then_some(wall)
    }
}
