//! Lagrangian bounds: the demand of each row is priced, sites are chosen by price, prices follow a deflected
//! subgradient (Beasley 1985; Camerini, Fratta, Maffioli 1975) from the local-search solution.

use super::exact::{self, DualValue, MILLION};
use super::instance::{Instance, State};

/// The best prices found.
#[derive(Debug, Clone)]
pub(super) struct Dual {
    /// Millionths per unit, one a row.
    pub(super) multipliers: Vec<i64>,
    /// Their exact value.
    pub(super) value: DualValue,
    /// How often each site was chosen over the last iterations, 0 to 1: a guess at the linear relaxation.
    pub(super) share: Vec<f64>,
    /// Iterations spent.
    pub(super) steps: u64,
}

/// How long to climb.
#[derive(Debug, Clone, Copy)]
pub(super) struct Climb {
    /// Most iterations.
    pub(super) iterations: u64,
    /// Cost of the incumbent, whole units; the climb stops once the bound reaches it.
    pub(super) target: i64,
    /// First step length.
    pub(super) agility: f64,
    /// Iterations without progress before the step is cut.
    pub(super) patience: u32,
}

/// Working arrays of one climb, in whole units as floating point; only the final evaluation is exact.
struct Ascent<'a> {
    instance: &'a Instance,
    state: &'a [State],
    price: Vec<f64>,
    reduced: Vec<f64>,
    served: Vec<f64>,
    order: Vec<u32>,
}

impl Ascent<'_> {
    /// The relaxation's value at the current prices; fills `reduced` and puts the chosen sites first in `order`.
    fn value(&mut self) -> (f64, usize) {
        let instance = self.instance;
        self.reduced.iter_mut().enumerate().for_each(|(s, cost)| *cost = instance.cost_of(s) as f64);
        let mut value = 0.0;
        for (r, &price) in self.price.iter().enumerate() {
            if price <= 0.0 {
                continue;
            }
            let unit = instance.unit[r] as f64;
            let earned = price * f64::from(instance.need[r]);
            value += unit * instance.cap.map_or(earned, |cap| earned.min(cap as f64));
            for &(site, d) in instance.rows.of(r) {
                let short = f64::from(d) - price;
                if short >= 0.0 {
                    break;
                }
                self.reduced[site as usize] += unit * short;
            }
        }
        let forced = self.forced();
        let (reduced, state) = (&self.reduced, self.state);
        self.order.truncate(forced);
        let free = (0..state.len() as u32).filter(|&s| state[s as usize] == State::Free);
        self.order.extend(free.filter(|&s| reduced[s as usize] < 0.0));
        let room = instance.p.map_or(usize::MAX, |p| p.saturating_sub(forced));
        let tail = &mut self.order[forced..];
        let by_price =
            |a: &u32, b: &u32| reduced[*a as usize].total_cmp(&reduced[*b as usize]).then(a.cmp(b));
        if tail.len() > room {
            tail.select_nth_unstable_by(room, by_price);
        }
        let count = self.order.len().min(forced.saturating_add(room));
        (value + self.order[..count].iter().map(|&s| reduced[s as usize]).sum::<f64>(), count)
    }

    fn forced(&self) -> usize {
        self.state.iter().filter(|s| **s == State::Open).count()
    }

    /// Fills `served` with how often the chosen sites serve each row at its price.
    fn serve(&mut self, chosen: usize) {
        self.served.fill(0.0);
        for &s in &self.order[..chosen] {
            for &(r, d) in self.instance.cols.of(s as usize) {
                if f64::from(d) < self.price[r as usize] {
                    self.served[r as usize] += 1.0;
                }
            }
        }
    }
}

/// Climbs from `start`. `visit` sees the set chosen by each iteration and may lower the target (a better incumbent).
pub(super) fn climb(
    instance: &Instance,
    state: &[State],
    start: &[f64],
    rule: Climb,
    visit: &mut dyn FnMut(u64, &[u32]) -> i64,
) -> Dual {
    let (m, n) = (instance.row_count(), instance.site_count());
    let forced: Vec<u32> = (0..n as u32).filter(|&s| state[s as usize] == State::Open).collect();
    let mut ascent = Ascent {
        instance,
        state,
        price: start.to_vec(),
        reduced: vec![0.0; n],
        served: vec![0.0; m],
        order: forced,
    };
    let (mut best, mut best_value) = (start.to_vec(), f64::NEG_INFINITY);
    let (mut direction, mut share) = (vec![0.0; m], vec![0.0; n]);
    let (mut agility, mut idle, mut target, mut steps) = (rule.agility, 0, rule.target, 0);
    while steps < rule.iterations && agility > 1e-4 {
        let (value, chosen) = ascent.value();
        steps += 1;
        share.iter_mut().for_each(|x| *x *= 0.95);
        ascent.order[..chosen].iter().for_each(|&s| share[s as usize] += 0.05);
        target = target.min(visit(steps, &ascent.order[..chosen]));
        if value - 1e-7 * value.abs().max(1.0) > best_value {
            idle = 0;
            best_value = value;
            best.copy_from_slice(&ascent.price);
        } else {
            idle += 1;
            if idle >= rule.patience {
                idle = 0;
                agility *= 0.6;
                ascent.price.copy_from_slice(&best);
                direction.fill(0.0);
                continue;
            }
        }
        if best_value > target as f64 - 1.0 + 1e-3 {
            break;
        }
        ascent.serve(chosen);
        if !step(&mut ascent, &mut direction, agility * (target as f64 * 1.001 + 0.05 - value).max(0.01)) {
            break;
        }
    }
    let multipliers: Vec<i64> = best.iter().map(|p| (p * MILLION as f64).round() as i64).collect();
    let value = exact::evaluate(instance, state, &multipliers);
    Dual { multipliers, value, share, steps }
}

/// One move of the prices by `length` over the squared norm of the direction; false at a point that cannot improve.
fn step(ascent: &mut Ascent, direction: &mut [f64], length: f64) -> bool {
    let instance = ascent.instance;
    let mut norm = 0.0;
    for (r, d) in direction.iter_mut().enumerate() {
        let (price, served) = (ascent.price[r], ascent.served[r]);
        let lack = f64::from(instance.need[r]) - served;
        let full = instance.cap.is_some_and(|cap| price >= cap as f64);
        let blocked = (price <= 0.0 && lack < 0.0) || (full && lack > 0.0);
        *d = if blocked { 0.0 } else { 0.6 * *d + lack };
        norm += instance.unit[r] as f64 * *d * *d;
    }
    if norm < 1e-12 {
        return false;
    }
    let t = length / norm;
    for (r, d) in direction.iter().enumerate() {
        let moved = (ascent.price[r] + t * d).max(0.0);
        ascent.price[r] = instance.cap.map_or(moved, |cap| moved.min(cap as f64));
    }
    true
}
