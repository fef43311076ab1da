//! From the optimum of a parent node: a site is settled against the basis, prices stay feasible, and few pivots lead to the
//! new optimum (Lemke 1954). The value of the prices rises with every pivot and bounds the node at any time.

use super::{Column, Entering, Row, Simplex, Stop, TOLERANCE};

/// What leaves the set of values within their bounds.
#[derive(Debug, Clone, Copy)]
enum Leaving {
    /// Basic position beyond its upper (+1) or lower (-1) bound.
    Site(usize, f64),
    /// A row that is served although it pays (-1), or lacks cover for nothing (+1): the way its price must go.
    Row(usize, f64),
}

/// What blocks the prices' way.
#[derive(Debug, Clone, Copy)]
enum Block {
    /// A site earns its keep: it enters, upwards (+1) or downwards.
    Site(usize),
    /// Tight position whose price comes to nought (+1) or to its hinge (-1).
    Tight(usize, f64),
    /// The leaving row's own price arrives at its other end.
    Own,
}

/// The least violation worth a pivot; right sides and bounds carry offsets of 1e-6.
const VIOLATION: f64 = 1e-7;

impl Simplex<'_> {
    /// Pivots until every value is within its bounds, or the prices' value passes `enough`, starting at `value`.
    /// Returns the pivots taken, or `None` if the basis is lost.
    pub(super) fn restore(&mut self, value: f64, enough: f64, pivots: u64) -> Option<u64> {
        let (mut steps, mut value) = (0, value);
        while steps < pivots && value < enough {
            if self.is_stale() {
                self.refresh()?;
            }
            self.age += 1;
            let Some((leaving, violation)) = self.leaving() else { break };
            let prices = self.tight_prices();
            let ray = self.ray(leaving);
            let Some((block, length)) = self.block(leaving, &ray, &prices) else { break };
            steps += 1;
            value += length * violation;
            if !self.exchange(leaving, block) {
                self.refresh()?;
            }
        }
        Some(steps)
    }

    /// The violation of a bound that promises most, and how large it is. A row's price can travel its hinge at most, so a row counts
    /// by that.
    fn leaving(&self) -> Option<(Leaving, f64)> {
        let mut best: Option<(Leaving, f64)> = None;
        let mut most = 0.0;
        let mut offer = |leaving, violation: f64, worth: f64| {
            if violation > VIOLATION && violation * worth > most {
                most = violation * worth;
                best = Some((leaving, violation));
            }
        };
        // A site moves many rows; the factor was measured on county a.
        let worth = 10.0 * self.program.usual;
        for (b, &s) in self.basic.iter().enumerate() {
            offer(Leaving::Site(b, 1.0), self.x[s] - self.up[s], worth);
            offer(Leaving::Site(b, -1.0), self.low[s] - self.x[s], worth);
        }
        for (r, row) in self.row.iter().enumerate() {
            match row {
                Row::Below => offer(Leaving::Row(r, -1.0), self.over[r], self.program.hinge[r]),
                Row::Above => offer(Leaving::Row(r, 1.0), -self.over[r], self.program.hinge[r]),
                Row::Tight => {}
            }
        }
        best
    }

    /// How the prices of the tight rows move while basic sites (but the leaving one) go on costing nothing net.
    fn ray(&self, leaving: Leaving) -> Vec<f64> {
        match leaving {
            Leaving::Site(b, sign) => self.basis.row(b).iter().map(|v| sign * v).collect(),
            Leaving::Row(r, sign) => {
                let across = self.basis.rows(&self.row_of_basis(r, &self.places()));
                across.iter().map(|v| -sign * v).collect()
            }
        }
    }

    /// The first to block, the surest pivot among near ties (Harris 1973), and the length until then.
    fn block(&self, leaving: Leaving, ray: &[f64], prices: &[f64]) -> Option<(Block, f64)> {
        let mut reduced = self.net.clone();
        let mut fall = vec![0.0; reduced.len()];
        let mut found: Vec<(Block, f64, f64)> = Vec::new();
        for (t, &r) in self.tight.iter().enumerate() {
            let (price, change) = (prices[t], ray[t]);
            if r == self.row.len() {
                reduced[..self.program.sites].iter_mut().for_each(|v| *v -= price);
                fall[..self.program.sites].iter_mut().for_each(|v| *v += change);
                continue;
            }
            for &(s, k) in self.columns_of(r) {
                reduced[s as usize] -= price * f64::from(k);
                fall[s as usize] += change * f64::from(k);
            }
            if change < -1e-9 {
                found.push((Block::Tight(t, 1.0), price, -change));
            } else if change > 1e-9 {
                found.push((Block::Tight(t, -1.0), self.program.hinge[r] - price, change));
            }
        }
        if let Leaving::Row(r, sign) = leaving {
            self.columns_of(r).iter().for_each(|e| fall[e.0 as usize] += sign * f64::from(e.1));
            found.push((Block::Own, self.program.hinge[r], 1.0));
        }
        for (s, column) in self.column.iter().enumerate() {
            match column {
                Column::Low if fall[s] > 1e-9 => found.push((Block::Site(s), reduced[s], fall[s])),
                Column::Up if fall[s] < -1e-9 => found.push((Block::Site(s), -reduced[s], -fall[s])),
                _ => {}
            }
        }
        let reach = |f: &(Block, f64, f64)| (f.1.max(0.0) + TOLERANCE) / f.2;
        let most = found.iter().map(reach).min_by(f64::total_cmp)?;
        let near = found.iter().filter(|f| f.1.max(0.0) / f.2 <= most);
        let best = near.max_by(|a, b| a.2.total_cmp(&b.2))?;
        Some((best.0, best.1.max(0.0) / best.2))
    }

    /// Exchanges what leaves for what blocks and moves every value along. False: the pivot is too small.
    fn exchange(&mut self, leaving: Leaving, block: Block) -> bool {
        let (image, entering) = match block {
            Block::Own => {
                let Leaving::Row(r, sign) = leaving else { return false };
                self.set_row(r, if sign < 0.0 { Row::Above } else { Row::Below });
                return true;
            }
            Block::Site(s) => {
                let sign = if self.column[s] == Column::Low { 1.0 } else { -1.0 };
                (self.basis.columns(&self.column_of_basis(s)), Entering::Site(s, sign))
            }
            Block::Tight(t, sign) => (self.basis.of_row(t), Entering::Tight(t, sign)),
        };
        let step: Vec<f64> = match entering {
            Entering::Site(_, sign) => image.iter().map(|v| -sign * v).collect(),
            Entering::Tight(_, sign) => image.iter().map(|v| sign * v).collect(),
        };
        self.spread_step(entering, &step);
        let (length, stop) = match leaving {
            Leaving::Site(b, sign) => {
                let s = self.basic[b];
                let (goal, side) =
                    if sign > 0.0 { (self.up[s], Column::Up) } else { (self.low[s], Column::Low) };
                ((goal - self.x[s]) / step[b], Stop::Basic(b, side))
            }
            Leaving::Row(r, _) => (-self.over[r] / self.delta[r], Stop::Row(r)),
        };
        if !length.is_finite() {
            return false;
        }
        self.advance(entering, &step, length);
        self.change_basis(entering, stop, &image)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Prices, Program};
    use super::*;
    use crate::base::{ClientIx, Seconds, SiteIx, SplitMix64};
    use crate::siting::instance::{Instance, State};
    use crate::siting::{Model, Pair, SitingProblem, exact};

    /// After a site is settled against a basis, the new optimum is that of a fresh start.
    #[test]
    fn a_restored_optimum_is_the_optimum() {
        let mut random = SplitMix64::new(11);
        for round in 0..60 {
            let (sites, clients) = (12 + random.below(12) as u32, 40);
            let mut problem = SitingProblem { sites, ..SitingProblem::default() };
            for client in 0..clients {
                problem.weights.push(1 + random.below(9) as u64);
                for site in (0..sites).filter(|_| random.below(4) == 0).collect::<Vec<_>>() {
                    problem.pairs.push(Pair {
                        client: ClientIx(client),
                        site: SiteIx(site),
                        travel: Seconds(0),
                    });
                }
            }
            let model = if round % 2 == 0 {
                Model::Mclp { p: 4 }
            } else {
                Model::Lscp { backup: 1, share_millionths: 1_000_000 }
            };
            let instance = Instance::build(&problem, model);
            let mut state = instance.state.clone();
            let program = Program::new(&instance, Vec::new());
            let mut warm = Simplex::new(&program, &state, &[0, 1, 2, 3]).unwrap();
            warm.optimise(5_000).unwrap();
            for turn in 0..3 {
                let doubt = |s: &usize| (warm.x[*s] - 0.5).abs();
                let free = (0..sites as usize).filter(|&s| state[s] == State::Free);
                let site = free.min_by(|a, b| doubt(a).total_cmp(&doubt(b))).unwrap();
                state[site] = if (round + turn) % 3 == 0 { State::Open } else { State::Closed };
                let (prices, _) = warm.continue_with(&state, 0.0, f64::INFINITY, 2_000).unwrap();
                let mut start: Vec<u32> = (0..sites).filter(|&s| state[s as usize] == State::Free).collect();
                let open = state.iter().filter(|s| **s == State::Open).count();
                if instance.p.is_some() {
                    start.truncate(4 - open);
                }
                let fresh = Simplex::new(&program, &state, &start).unwrap().optimise(5_000).unwrap();
                let value = |y: &Prices| exact::evaluate(&instance, &state, &y.rows).bound as f64 / 1e6;
                let (a, b) = (value(&prices), value(&fresh.0));
                assert!((a - b).abs() < 1e-3, "round {round} turn {turn}: {a} {b}");
            }
        }
    }
}
