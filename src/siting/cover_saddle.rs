//! The linear relaxation of large covering models as a saddle point: each row wants as many sites as it needs, and its price is what it
//! pays every site that serves it.

use super::exact::{self, MILLION};
use super::instance::{Instance, State};
use super::lagrangian::Dual;
use super::saddle::{Coupling, Point, Steps, approach, cheapest, project};

/// Rows with their sites in one flat list.
struct Covers<'a> {
    instance: &'a Instance,
    state: &'a [State],
    start: Vec<usize>,
    sites: Vec<u32>,
    /// Most that a row's price can be, whole units.
    most: Vec<f64>,
    /// Entries of each site.
    size: Vec<f64>,
}

impl<'a> Covers<'a> {
    fn new(instance: &'a Instance, state: &'a [State]) -> Covers<'a> {
        let m = instance.row_count();
        let (mut start, mut sites) = (vec![0], Vec::with_capacity(instance.rows.entry_count()));
        for r in 0..m {
            sites.extend(instance.rows.of(r).iter().map(|e| e.0));
            start.push(sites.len());
        }
        // A row that wants one site never pays more than the site costs.
        let counted = instance.need.iter().map(|&k| if k == 1 { 1.0 } else { 1_000.0 });
        let most = match instance.cap {
            Some(cap) => instance.unit.iter().map(|&u| u as f64 * cap as f64).collect(),
            None => counted.collect(),
        };
        let size = (0..instance.site_count()).map(|s| instance.cols.of(s).len().max(1) as f64).collect();
        Covers { instance, state, start, sites, most, size }
    }

    fn cost(&self) -> f64 {
        self.instance.site_cost as f64
    }

    fn of(&self, r: usize) -> &[u32] {
        &self.sites[self.start[r]..self.start[r + 1]]
    }
}

impl Coupling for Covers<'_> {
    fn step(&self, at: &mut Point, past: &mut [f64], weight: f64) {
        let cost = self.cost();
        past.copy_from_slice(&at.x);
        for s in 0..at.x.len() {
            at.x[s] -= (cost - at.earned[s]) / (weight * self.size[s]);
        }
        project(self.state, self.instance.p, |s| 1.0 / self.size[s], &mut at.x);
        // Twice the new fractions less the old ones.
        past.iter_mut().zip(&at.x).for_each(|(old, new)| *old = 2.0 * new - *old);
        at.earned.fill(0.0);
        for r in 0..at.y.len() {
            let sites = self.of(r);
            let (mut cover, mut ahead) = (0.0, 0.0);
            for &s in sites {
                cover += at.x[s as usize];
                ahead += past[s as usize];
            }
            at.cover[r] = cover;
            let lack = f64::from(self.instance.need[r]) - ahead;
            let y = (at.y[r] + lack * weight / sites.len() as f64).clamp(0.0, self.most[r]);
            at.y[r] = y;
            if y > 0.0 {
                sites.iter().for_each(|&s| at.earned[s as usize] += y);
            }
        }
    }

    fn sides(&self, at: &Point) -> (f64, f64) {
        let lack = |r: usize| (f64::from(self.instance.need[r]) - at.cover[r]).max(0.0) * self.most[r];
        let primal = self.cost() * at.x.iter().sum::<f64>() + (0..at.y.len()).map(lack).sum::<f64>();
        let paid: f64 = at.y.iter().zip(&self.instance.need).map(|(y, &k)| y * f64::from(k)).sum();
        let net = |s: usize| self.cost() - at.earned[s];
        (primal, paid + cheapest(self.state, self.instance.p, net))
    }

    fn moved(&self, from: &Point, to: &Point) -> (f64, f64) {
        let x = (0..to.x.len()).map(|s| self.size[s] * (to.x[s] - from.x[s]).powi(2)).sum::<f64>();
        let y = (0..to.y.len()).map(|r| self.of(r).len() as f64 * (to.y[r] - from.y[r]).powi(2)).sum::<f64>();
        (x.sqrt(), y.sqrt())
    }

    fn renew(&mut self, _: &mut Point) {
        // All products are linear, so those of an average are averages.
    }
}

/// Prices near the optimum of the linear relaxation, from the incumbent `open` and `prices` (whole units per unit of each row).
/// `visit` sees the fractions at each restart and may lower the target (a better incumbent). Rows must have no distances.
pub(super) fn saddle_point(
    instance: &Instance,
    state: &[State],
    open: &[u32],
    prices: &[f64],
    rule: Steps,
    visit: &mut dyn FnMut(&[f64]) -> i64,
) -> Dual {
    let mut covers = Covers::new(instance, state);
    let (m, n) = (instance.row_count(), instance.site_count());
    let mut at = Point { x: vec![0.0; n], y: vec![0.0; m], cover: vec![0.0; m], earned: vec![0.0; n] };
    open.iter().for_each(|&s| at.x[s as usize] = 1.0);
    for (r, price) in prices.iter().enumerate() {
        at.y[r] = (price * instance.unit[r] as f64).clamp(0.0, covers.most[r]);
        covers.of(r).iter().for_each(|&s| at.earned[s as usize] += at.y[r]);
    }
    let found = approach(&mut covers, at, None, rule, visit);
    let per_unit = |r: usize| (found.y[r] / instance.unit[r] as f64 * MILLION as f64).round() as i64;
    let multipliers: Vec<i64> = (0..m).map(per_unit).collect();
    let value = exact::evaluate(instance, state, &multipliers);
    Dual { multipliers, value, share: found.x, steps: found.steps }
}
