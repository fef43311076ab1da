//! A packing of columns under room in rows, as a linear program that columns are added to: the revised simplex method with the inverse of
//! the basis kept whole (Dantzig, Orchard-Hays 1954). All room is zero or more, so that the empty packing begins it.

/// Smallest entry that counts.
const SMALL: f64 = 1e-9;

/// A packing that is optimal among the columns seen as far as they were entered.
#[derive(Debug)]
pub(super) struct Packing {
    rows: usize,
    /// `inverse[i * rows + j]`.
    inverse: Vec<f64>,
    /// By basic column: its gain and its amount.
    gains: Vec<f64>,
    amounts: Vec<f64>,
}

impl Packing {
    /// Nothing packed yet into `room`, by row.
    pub(super) fn new(room: Vec<f64>) -> Packing {
        let rows = room.len();
        let mut inverse = vec![0.0; rows * rows];
        (0..rows).for_each(|i| inverse[i * rows + i] = 1.0);
        Packing { rows, inverse, gains: vec![0.0; rows], amounts: room }
    }

    /// What the packing gains.
    pub(super) fn value(&self) -> f64 {
        self.gains.iter().zip(&self.amounts).map(|(g, a)| g * a).sum()
    }

    /// Price of each row's room; negative where a row that is full had better not be, which [`Packing::settle`] mends.
    pub(super) fn prices(&self) -> Vec<f64> {
        let mut prices = vec![0.0; self.rows];
        for (gain, row) in self.gains.iter().zip(self.inverse.chunks(self.rows.max(1))) {
            if *gain != 0.0 {
                prices.iter_mut().zip(row).for_each(|(p, x)| *p += gain * x);
            }
        }
        prices
    }

    /// Packs a column that takes `entries` (row, amount) and gains `gain`, if that makes the packing better.
    pub(super) fn enter(&mut self, entries: &[(usize, f64)], gain: f64) -> bool {
        let prices = self.prices();
        let paid: f64 = entries.iter().map(|(row, x)| prices[*row] * x).sum();
        gain - paid > SMALL * 100.0 && self.pivot(entries, gain)
    }

    /// Leaves room in rows where it pays, until no price is negative.
    pub(super) fn settle(&mut self) {
        for _ in 0..self.rows {
            let prices = self.prices();
            let Some(row) = prices.iter().position(|p| *p < -SMALL) else { return };
            if !self.pivot(&[(row, 1.0)], 0.0) {
                return;
            }
        }
    }

    fn pivot(&mut self, entries: &[(usize, f64)], gain: f64) -> bool {
        let rows = self.rows;
        let line = |i: usize| entries.iter().map(|(j, x)| self.inverse[i * rows + j] * x).sum::<f64>();
        let column: Vec<f64> = (0..rows).map(line).collect();
        let mut leaves: Option<(f64, usize)> = None;
        for (i, x) in column.iter().enumerate().filter(|(_, x)| **x > SMALL) {
            let most = self.amounts[i].max(0.0) / x;
            let sooner =
                |(least, k): (f64, usize)| most < least - 1e-12 || most < least + 1e-12 && *x > column[k];
            if leaves.is_none_or(sooner) {
                leaves = Some((most, i));
            }
        }
        let Some((amount, out)) = leaves else { return false };
        let pivot: Vec<f64> = self.inverse[out * rows..][..rows].iter().map(|x| x / column[out]).collect();
        for (i, factor) in column.iter().enumerate().filter(|(i, x)| *i != out && **x != 0.0) {
            self.amounts[i] -= amount * factor;
            self.inverse[i * rows..][..rows].iter_mut().zip(&pivot).for_each(|(x, p)| *x -= factor * p);
        }
        self.inverse[out * rows..][..rows].copy_from_slice(&pivot);
        (self.amounts[out], self.gains[out]) = (amount, gain);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packing_by_hand() {
        // Most of 3 a + 2 b with a + b <= 4, a + 3 b <= 7, a <= 3: a = 3, b = 1.
        let mut packing = Packing::new(vec![4.0, 7.0, 3.0]);
        let (a, b) = ([(0, 1.0), (1, 1.0), (2, 1.0)], [(0, 1.0), (1, 3.0)]);
        while packing.enter(&b, 2.0) || packing.enter(&a, 3.0) {
            packing.settle();
        }
        assert!((packing.value() - 11.0).abs() < 1e-9, "{packing:?}");
        let prices = packing.prices();
        assert!([2.0, 0.0, 1.0].iter().zip(&prices).all(|(a, b)| (a - b).abs() < 1e-9), "{prices:?}");
    }
}
