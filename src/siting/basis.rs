//! The inverse of a small square basis that grows, shrinks and swaps single rows and columns.

/// Dense inverse of the matrix K (tight rows by basic columns): `inverse[column][row]`.
#[derive(Debug, Clone, Default)]
pub(super) struct Basis {
    inverse: Vec<Vec<f64>>,
}

/// Pivots smaller than this make the inverse useless.
const TINY: f64 = 1e-9;

impl Basis {
    /// The inverse of `matrix` (rows of K), or `None` if it is singular.
    pub(super) fn invert(mut matrix: Vec<Vec<f64>>) -> Option<Basis> {
        let k = matrix.len();
        let mut inverse: Vec<Vec<f64>> =
            (0..k).map(|i| (0..k).map(|j| f64::from(u8::from(i == j))).collect()).collect();
        for c in 0..k {
            let pivot = (c..k).max_by(|&a, &b| matrix[a][c].abs().total_cmp(&matrix[b][c].abs()))?;
            if matrix[pivot][c].abs() < TINY {
                return None;
            }
            matrix.swap(c, pivot);
            inverse.swap(c, pivot);
            let scale = 1.0 / matrix[c][c];
            matrix[c].iter_mut().chain(&mut inverse[c]).for_each(|v| *v *= scale);
            let (row, image) = (matrix[c].clone(), inverse[c].clone());
            for r in (0..k).filter(|&r| r != c) {
                let factor = matrix[r][c];
                if factor != 0.0 {
                    subtract(&mut matrix[r], &row, factor);
                    subtract(&mut inverse[r], &image, factor);
                }
            }
        }
        Some(Basis { inverse })
    }

    /// K^-1 `right`: one value a column from one value a row.
    pub(super) fn columns(&self, right: &[f64]) -> Vec<f64> {
        self.inverse.iter().map(|row| row.iter().zip(right).map(|(a, b)| a * b).sum()).collect()
    }

    /// `left` K^-1: one value a row from one value a column.
    pub(super) fn rows(&self, left: &[f64]) -> Vec<f64> {
        let mut sum = vec![0.0; left.len()];
        for (row, &l) in self.inverse.iter().zip(left) {
            if l != 0.0 {
                subtract(&mut sum, row, -l);
            }
        }
        sum
    }

    /// Row `b` of the inverse: how basic column `b` depends on each row.
    pub(super) fn row(&self, b: usize) -> &[f64] {
        &self.inverse[b]
    }

    /// Column `t` of the inverse: what the basic columns do when row `t` moves by one.
    pub(super) fn of_row(&self, t: usize) -> Vec<f64> {
        self.inverse.iter().map(|row| row[t]).collect()
    }

    /// Replaces basic column `b`; `image` is K^-1 times the new column. False if the basis would become singular.
    pub(super) fn replace_column(&mut self, b: usize, image: &[f64]) -> bool {
        if image[b].abs() < TINY {
            return false;
        }
        let scaled: Vec<f64> = self.inverse[b].iter().map(|v| v / image[b]).collect();
        for (i, row) in self.inverse.iter_mut().enumerate() {
            if i != b && image[i] != 0.0 {
                subtract(row, &scaled, image[i]);
            }
        }
        self.inverse[b] = scaled;
        true
    }

    /// Replaces tight row `t`; `image` is the new row times K^-1.
    pub(super) fn replace_row(&mut self, t: usize, image: &[f64]) -> bool {
        if image[t].abs() < TINY {
            return false;
        }
        for row in &mut self.inverse {
            let pivot = row[t] / image[t];
            if pivot != 0.0 {
                subtract(row, image, pivot);
            }
            row[t] = pivot;
        }
        true
    }

    /// Appends a row and a column: `column` = K^-1 times the new column, `row` = the new row times K^-1, and the
    /// Schur complement of the corner.
    pub(super) fn grow(&mut self, column: &[f64], row: &[f64], schur: f64) -> bool {
        if schur.abs() < TINY {
            return false;
        }
        for (line, &h) in self.inverse.iter_mut().zip(column) {
            if h != 0.0 {
                subtract(line, row, -h / schur);
            }
            line.push(-h / schur);
        }
        let mut last: Vec<f64> = row.iter().map(|q| -q / schur).collect();
        last.push(1.0 / schur);
        self.inverse.push(last);
        true
    }

    /// Drops basic column `b` and tight row `t`; the last ones take their places.
    pub(super) fn shrink(&mut self, b: usize, t: usize) -> bool {
        let pivot = self.inverse[b][t];
        if pivot.abs() < TINY {
            return false;
        }
        let gone = self.inverse.swap_remove(b);
        for row in &mut self.inverse {
            let factor = row[t] / pivot;
            if factor != 0.0 {
                subtract(row, &gone, factor);
            }
            row.swap_remove(t);
        }
        true
    }
}

/// `row` -= `factor` * `other`.
fn subtract(row: &mut [f64], other: &[f64], factor: f64) {
    row.iter_mut().zip(other).for_each(|(r, o)| *r -= factor * o);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: &Basis, b: &Basis) {
        for (x, y) in a.inverse.iter().flatten().zip(b.inverse.iter().flatten()) {
            assert!((x - y).abs() < 1e-9, "{x} {y}");
        }
    }

    #[test]
    fn updates_equal_a_fresh_inverse() {
        let k = vec![vec![2.0, 1.0], vec![0.0, 3.0]];
        let mut basis = Basis::invert(k).unwrap();
        let column = basis.columns(&[1.0, 1.0]);
        let row = basis.rows(&[1.0, 0.0]);
        let schur = 1.0 - column[0];
        assert!(basis.grow(&column, &row, schur));
        let whole = vec![vec![2.0, 1.0, 1.0], vec![0.0, 3.0, 1.0], vec![1.0, 0.0, 1.0]];
        close(&basis, &Basis::invert(whole).unwrap());
        let image = basis.rows(&[1.0, 2.0, 0.0]);
        assert!(basis.replace_row(1, &image));
        let whole = vec![vec![2.0, 1.0, 1.0], vec![1.0, 2.0, 0.0], vec![1.0, 0.0, 1.0]];
        close(&basis, &Basis::invert(whole).unwrap());
        assert!(basis.shrink(2, 2));
        close(&basis, &Basis::invert(vec![vec![2.0, 1.0], vec![1.0, 2.0]]).unwrap());
        let image = basis.columns(&[0.0, 5.0]);
        assert!(basis.replace_column(0, &image));
        close(&basis, &Basis::invert(vec![vec![0.0, 1.0], vec![5.0, 2.0]]).unwrap());
    }
}
