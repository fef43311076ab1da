//! A packing of columns under room in rows, as a linear program that columns are added to: the revised simplex method with the inverse of
//! the basis kept whole (Dantzig, Orchard-Hays 1954). All room is zero or more, so that the empty packing begins it.

/// Smallest entry that counts.
const SMALL: f64 = 1e-9;

/// Pivots after which prices are summed anew.
const FRESH: u32 = 100;
/// What a column must gain beyond its price, at least.
const GAINFUL: f64 = SMALL * 100.0;
/// Columns entered at the prices that one look at all of them found.
const ENTERED: usize = 24;

/// A column: what it takes of rows, and what it gains.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// Row and amount.
    pub(super) entries: Vec<(u32, f64)>,
    pub(super) gain: f64,
}

/// A packing that is optimal among the columns seen as far as they were entered.
#[derive(Debug)]
pub(super) struct Packing {
    rows: usize,
    /// `inverse[i * rows + j]`.
    inverse: Vec<f64>,
    /// By basic column: its gain and its amount.
    gains: Vec<f64>,
    amounts: Vec<f64>,
    /// Price of each row's room; negative where a row that is full had better not be, which [`Packing::settle`] mends.
    prices: Vec<f64>,
    /// Pivots since prices were summed.
    pivots: u32,
}

impl Packing {
    /// Nothing packed yet into `room`, by row.
    pub(super) fn new(room: Vec<f64>) -> Packing {
        let rows = room.len();
        let mut inverse = vec![0.0; rows * rows];
        (0..rows).for_each(|i| inverse[i * rows + i] = 1.0);
        let nothing = vec![0.0; rows];
        Packing { rows, inverse, gains: nothing.clone(), amounts: room, prices: nothing, pivots: 0 }
    }

    /// What the packing gains.
    pub(super) fn value(&self) -> f64 {
        self.gains.iter().zip(&self.amounts).map(|(g, a)| g * a).sum()
    }

    /// Price of each row's room.
    pub(super) fn prices(&self) -> &[f64] {
        &self.prices
    }

    /// The column gains more than the room it takes is worth.
    pub(super) fn pays(&self, column: &Column) -> bool {
        self.over(column) > GAINFUL
    }

    fn over(&self, column: &Column) -> f64 {
        column.gain - column.entries.iter().map(|(row, x)| self.prices[*row as usize] * x).sum::<f64>()
    }

    /// Packs a column if that makes the packing better.
    pub(super) fn enter(&mut self, column: &Column) -> bool {
        self.pays(column) && self.pivot(&column.entries, column.gain)
    }

    /// Packs columns and leaves room in rows until nothing makes the packing better, or nothing can be told apart from rounding. Returns
    /// the numbers touched.
    pub(super) fn pack(&mut self, columns: &[Column]) -> u64 {
        let mut touched = 0;
        loop {
            self.settle();
            let over = columns.iter().enumerate().map(|(i, c)| (self.over(c), i));
            let mut paying: Vec<(f64, usize)> = over.filter(|(over, _)| *over > GAINFUL).collect();
            touched += columns.len() as u64 * 8;
            paying.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            paying.truncate(ENTERED);
            let before = self.value();
            let mut entered = false;
            for (_, i) in paying {
                touched += (self.rows * self.rows) as u64;
                entered |= self.enter(&columns[i]);
            }
            if !entered || self.value() < before - GAINFUL {
                return touched;
            }
        }
    }

    /// Leaves room in rows where it pays, until no price is negative.
    fn settle(&mut self) {
        for _ in 0..self.rows {
            let Some(row) = self.prices.iter().position(|p| *p < -SMALL) else { return };
            if !self.pivot(&[(row as u32, 1.0)], 0.0) {
                return;
            }
        }
    }

    /// Sums the prices anew.
    fn refresh(&mut self) {
        self.pivots = 0;
        self.prices.fill(0.0);
        for (gain, row) in self.gains.iter().zip(self.inverse.chunks(self.rows.max(1))) {
            if *gain != 0.0 {
                self.prices.iter_mut().zip(row).for_each(|(p, x)| *p += gain * x);
            }
        }
    }

    fn pivot(&mut self, entries: &[(u32, f64)], gain: f64) -> bool {
        let rows = self.rows;
        let over = gain - entries.iter().map(|(j, x)| self.prices[*j as usize] * x).sum::<f64>();
        let line =
            |i: usize| entries.iter().map(|(j, x)| self.inverse[i * rows + *j as usize] * x).sum::<f64>();
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
        self.prices.iter_mut().zip(&pivot).for_each(|(p, x)| *p += over * x);
        (self.amounts[out], self.gains[out]) = (amount, gain);
        self.pivots += 1;
        if self.pivots == FRESH {
            self.refresh();
        }
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
        let column = |entries: &[(u32, f64)], gain| Column { entries: entries.to_vec(), gain };
        let columns = [column(&[(0, 1.0), (1, 1.0), (2, 1.0)], 3.0), column(&[(0, 1.0), (1, 3.0)], 2.0)];
        packing.pack(&columns);
        assert!((packing.value() - 11.0).abs() < 1e-9, "{packing:?}");
        let prices = packing.prices();
        assert!([2.0, 0.0, 1.0].iter().zip(prices).all(|(a, b)| (a - b).abs() < 1e-9), "{prices:?}");
    }
}
