//! The linear relaxation of p-median as a saddle point. Of a row at price v a site at distance d < v earns the hinge v - d per unit, so
//! the value is the sum of all prices less what the open fractions earn: concave in the prices, linear in the fractions (primal-dual
//! steps for such couplings: Hamedani, Aybat 2021). A step reads of each row only the sites nearer than its price.

use super::instance::{Instance, State};
use super::saddle::{Coupling, Point, Saddle, Steps, approach, cheapest, project};

/// A row that no fraction serves is taken to cost at first so many times its last distance, not the penalty that outweighs all
/// journeys together: numbers stay small, and the bound is valid, if weaker.
const LAST: f64 = 20.0;
/// Where that leaves a row short, its most grows by this factor.
const DEARER: f64 = 5.0;
/// Fractions that lack no more than this of one site serve a row.
const SHORT: f64 = 1e-3;

/// Rows of an instance with distances, and the lengths of steps.
struct Hinges<'a> {
    instance: &'a Instance,
    state: &'a [State],
    /// Most that the price of each row can be, and the most that it may grow to.
    most: Vec<f64>,
    limit: f64,
    /// Sites nearer than its price, of each row.
    near: Vec<f64>,
    /// Demand that each site is near to.
    demand: Vec<f64>,
    /// Length of all steps; 1 is safe where nearly all near sites may open.
    pace: f64,
}

impl Hinges<'_> {
    /// Least cost of serving row `r` by the fractions `x`, per unit, and what is missing of one site.
    fn serve(&self, x: &[f64], r: usize) -> (f64, f64) {
        let (mut cost, mut left) = (0.0, 1.0);
        for &(s, d) in self.instance.rows.of(r) {
            let part = x[s as usize].min(left);
            cost += part * f64::from(d);
            left -= part;
            if left <= 1e-12 {
                return (cost, 0.0);
            }
        }
        (cost + left * self.most[r], left)
    }
}

impl Coupling for Hinges<'_> {
    fn step(&self, at: &mut Point, past: &mut [f64], weight: f64) {
        let instance = self.instance;
        past.copy_from_slice(&at.x);
        let length = |s: usize| self.pace / (weight * self.demand[s]);
        (0..past.len()).for_each(|s| at.x[s] += length(s) * at.earned[s]);
        project(self.state, instance.p, length, &mut at.x);
        // Twice the new fractions less the old ones.
        past.iter_mut().zip(&at.x).for_each(|(old, new)| *old = (2.0 * new - *old).max(0.0));
        at.earned.fill(0.0);
        for (r, price) in at.y.iter_mut().enumerate() {
            let (entries, length) = (instance.rows.of(r), self.pace * weight / self.near[r]);
            // The price rises from hinge to hinge until the fractions behind it are as many as hold it there.
            let (mut served, mut count, mut next) = (0.0, 0, *price + length);
            for &(s, d) in entries {
                if next <= f64::from(d) {
                    break;
                }
                served += past[s as usize];
                next = (*price + length * (1.0 - served)).max(f64::from(d));
                count += 1;
            }
            *price = next.clamp(0.0, self.most[r]);
            let unit = instance.unit[r] as f64;
            for &(s, d) in &entries[..count] {
                at.earned[s as usize] += unit * (*price - f64::from(d)).max(0.0);
            }
        }
    }

    fn sides(&self, at: &Point) -> (f64, f64) {
        let (mut cost, mut value) = (0.0, 0.0);
        let mut earned = vec![0.0; at.x.len()];
        for (r, &price) in at.y.iter().enumerate() {
            let unit = self.instance.unit[r] as f64;
            cost += unit * self.serve(&at.x, r).0;
            value += unit * price;
            for &(s, d) in self.instance.rows.of(r).iter().take_while(|e| f64::from(e.1) < price) {
                earned[s as usize] += unit * (price - f64::from(d));
            }
        }
        (cost, value + cheapest(self.state, self.instance.p, |s| -earned[s]))
    }

    fn moved(&self, from: &Point, to: &Point) -> (f64, f64) {
        let x = (0..to.x.len()).map(|s| self.demand[s] * (to.x[s] - from.x[s]).powi(2)).sum::<f64>();
        let of = |r: usize| self.instance.unit[r] as f64 * self.near[r];
        let y = (0..to.y.len()).map(|r| of(r) * (to.y[r] - from.y[r]).powi(2)).sum::<f64>();
        (x.sqrt(), y.sqrt())
    }

    fn renew(&mut self, at: &mut Point) {
        self.demand.fill(1.0);
        at.earned.fill(0.0);
        for (r, &price) in at.y.iter().enumerate() {
            let (unit, mut near) = (self.instance.unit[r] as f64, 0);
            for &(s, d) in self.instance.rows.of(r).iter().take_while(|e| f64::from(e.1) <= price) {
                near += 1;
                self.demand[s as usize] += unit;
                at.earned[s as usize] += unit * (price - f64::from(d));
            }
            self.near[r] = f64::from(near.max(1));
            if price >= 0.99 * self.most[r] && self.serve(&at.x, r).1 > SHORT {
                self.most[r] = (self.most[r] * DEARER).min(self.limit);
            }
        }
        // Sites that serve next to nobody would leap.
        let mean = self.demand.iter().sum::<f64>() / self.demand.len().max(1) as f64;
        self.demand.iter_mut().for_each(|d| *d = d.max(0.2 * mean));
    }
}

/// Where steps start.
#[derive(Debug, Clone)]
pub(super) struct Start {
    /// Fraction of each site.
    pub(super) x: Vec<f64>,
    /// Price per unit of each row.
    pub(super) prices: Vec<f64>,
    /// How far prices move for fractions; `None`: as the point itself suggests.
    pub(super) weight: Option<f64>,
}

/// Steps towards the optimum of the linear relaxation of `instance`, whose rows have distances and need one site each.
/// `pace` is the length of steps; 1 is safe where nearly all near sites may open.
pub(super) fn saddle_point(
    instance: &Instance,
    state: &[State],
    start: Start,
    pace: f64,
    rule: Steps,
) -> Saddle {
    let (m, n) = (instance.row_count(), instance.site_count());
    let limit = instance.cap.unwrap_or(instance.penalty) as f64;
    let far = |r: usize| instance.rows.of(r).last().map_or(0.0, |e| f64::from(e.1));
    // A price beyond a site that is open in any case earns nothing.
    let open = |r: usize| instance.rows.of(r).iter().find(|e| state[e.0 as usize] == State::Open);
    let most = |r: usize| match open(r) {
        Some(e) => f64::from(e.1),
        None if instance.rows.of(r).is_empty() => limit,
        None => (LAST * far(r) + 100.0).max(start.prices[r]).min(limit),
    };
    let most: Vec<f64> = (0..m).map(most).collect();
    // Whom none of these sites reaches pays the penalty at once, so that one that does is missed.
    let price =
        |r: usize| if instance.rows.of(r).is_empty() { most[r] } else { start.prices[r].clamp(0.0, most[r]) };
    let y = (0..m).map(price).collect();
    let at = Point { x: start.x, y, cover: Vec::new(), earned: vec![0.0; n] };
    let mut hinges = Hinges { instance, state, most, limit, near: vec![1.0; m], demand: vec![1.0; n], pace };
    approach(&mut hinges, at, start.weight, rule, &mut |_| rule.target)
}
