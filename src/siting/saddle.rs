//! Near-exact bounds of large covering models: the linear relaxation as a saddle point, min over site fractions and max over row
//! prices, by preconditioned primal-dual steps with restarts at the average (Chambolle, Pock 2011; Pock, Chambolle 2011;
//! Applegate et al. 2021). One pass over the entries a step, no matrix is factored.

use super::exact::{self, MILLION};
use super::instance::{Instance, State};
use super::lagrangian::Dual;

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub(super) struct Steps {
    /// Most steps.
    pub(super) most: u64,
    /// Cost of the incumbent, whole units: the bound need not pass it.
    pub(super) target: i64,
    /// Good enough: relative difference of the relaxation's two sides.
    pub(super) accuracy: f64,
}

/// Steps between two looks at the gap.
const LOOK: u64 = 40;

/// A point with the products that belong to it.
#[derive(Debug, Clone)]
struct Point {
    /// Fraction of each site.
    x: Vec<f64>,
    /// Price of each row, whole units.
    y: Vec<f64>,
    /// Cover of each row.
    cover: Vec<f64>,
    /// What each site earns.
    earned: Vec<f64>,
}

impl Point {
    fn add(&mut self, other: &Point) {
        let add = |a: &mut [f64], b: &[f64]| a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        add(&mut self.x, &other.x);
        add(&mut self.y, &other.y);
        add(&mut self.cover, &other.cover);
        add(&mut self.earned, &other.earned);
    }

    fn scaled(&self, by: f64) -> Point {
        let scale = |a: &[f64]| a.iter().map(|v| v * by).collect();
        Point { x: scale(&self.x), y: scale(&self.y), cover: scale(&self.cover), earned: scale(&self.earned) }
    }
}

struct Saddle<'a> {
    instance: &'a Instance,
    state: &'a [State],
    start: Vec<usize>,
    sites: Vec<u32>,
    /// Most that a row's price can be.
    most: Vec<f64>,
    /// Entries of each site.
    size: Vec<f64>,
    /// How far prices move for fractions.
    weight: f64,
}

impl<'a> Saddle<'a> {
    fn new(instance: &'a Instance, state: &'a [State]) -> Saddle<'a> {
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
        Saddle { instance, state, start, sites, most, size, weight: 1.0 }
    }

    fn cost(&self) -> f64 {
        self.instance.site_cost as f64
    }

    fn of(&self, r: usize) -> &[u32] {
        &self.sites[self.start[r]..self.start[r + 1]]
    }

    /// The nearest fractions that may be: within 0 and 1, settled sites as they are, `p` in all; by each site's own step.
    fn project(&self, x: &mut [f64]) {
        let step = |s: usize| 1.0 / self.size[s];
        let clamp = |s: usize, v: f64| match self.state[s] {
            State::Free => v.clamp(0.0, 1.0),
            State::Open => 1.0,
            State::Closed => 0.0,
        };
        if let Some(p) = self.instance.p {
            let sum = |shift: f64| (0..x.len()).map(|s| clamp(s, x[s] - shift * step(s))).sum::<f64>();
            let (mut low, mut high) = (-1.0, 1.0);
            while sum(low) < p as f64 && low > -1e12 {
                low *= 2.0;
            }
            while sum(high) > p as f64 && high < 1e12 {
                high *= 2.0;
            }
            for _ in 0..50 {
                let middle = f64::midpoint(low, high);
                *(if sum(middle) > p as f64 { &mut low } else { &mut high }) = middle;
            }
            let shift = f64::midpoint(low, high);
            (0..x.len()).for_each(|s| x[s] = clamp(s, x[s] - shift * step(s)));
        } else {
            (0..x.len()).for_each(|s| x[s] = clamp(s, x[s]));
        }
    }

    /// One step of both sides; `past` holds twice the new fractions less the old ones.
    fn step(&self, at: &mut Point, past: &mut [f64]) {
        let cost = self.cost();
        past.copy_from_slice(&at.x);
        for s in 0..at.x.len() {
            at.x[s] -= (cost - at.earned[s]) / (self.weight * self.size[s]);
        }
        self.project(&mut at.x);
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
            let y = (at.y[r] + lack * self.weight / sites.len() as f64).clamp(0.0, self.most[r]);
            at.y[r] = y;
            if y > 0.0 {
                sites.iter().for_each(|&s| at.earned[s as usize] += y);
            }
        }
    }

    /// Cost of the fractions and value of the prices: the relaxation's optimum lies between.
    fn sides(&self, at: &Point) -> (f64, f64) {
        let lack = |r: usize| (f64::from(self.instance.need[r]) - at.cover[r]).max(0.0) * self.most[r];
        let primal = self.cost() * at.x.iter().sum::<f64>() + (0..at.y.len()).map(lack).sum::<f64>();
        let net = |s: u32| self.cost() - at.earned[s as usize];
        let paid: f64 = at.y.iter().zip(&self.instance.need).map(|(y, &k)| y * f64::from(k)).sum();
        let mut free: Vec<f64> = Vec::new();
        let mut dual = paid;
        for (s, state) in self.state.iter().enumerate() {
            match state {
                State::Free if net(s as u32) < 0.0 => free.push(net(s as u32)),
                State::Open => dual += net(s as u32),
                _ => {}
            }
        }
        let room = self.instance.p.map_or(free.len(), |p| p.saturating_sub(self.forced()));
        if free.len() > room {
            free.select_nth_unstable_by(room, f64::total_cmp);
            free.truncate(room);
        }
        (primal, dual + free.iter().sum::<f64>())
    }

    fn forced(&self) -> usize {
        self.state.iter().filter(|s| **s == State::Open).count()
    }

    /// Distance gone since `from`, each side in its own measure.
    fn moved(&self, from: &Point, to: &Point) -> (f64, f64) {
        let x = (0..to.x.len()).map(|s| self.size[s] * (to.x[s] - from.x[s]).powi(2)).sum::<f64>();
        let y = (0..to.y.len()).map(|r| self.of(r).len() as f64 * (to.y[r] - from.y[r]).powi(2)).sum::<f64>();
        (x.sqrt(), y.sqrt())
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
    let mut saddle = Saddle::new(instance, state);
    let (m, n) = (instance.row_count(), instance.site_count());
    let mut at = Point { x: vec![0.0; n], y: vec![0.0; m], cover: vec![0.0; m], earned: vec![0.0; n] };
    open.iter().for_each(|&s| at.x[s as usize] = 1.0);
    for r in 0..m {
        at.y[r] = (prices[r] * instance.unit[r] as f64).clamp(0.0, saddle.most[r]);
        saddle.of(r).iter().for_each(|&s| at.earned[s as usize] += at.y[r]);
    }
    let origin = Point { x: vec![0.0; n], y: vec![0.0; m], cover: Vec::new(), earned: Vec::new() };
    let scale = saddle.moved(&origin, &at);
    saddle.weight = if scale.0 > 0.0 && scale.1 > 0.0 { scale.1 / scale.0 } else { 1.0 };
    let (mut past, mut anchor) = (vec![0.0; n], at.clone());
    let (mut sum, mut count) = (at.scaled(0.0), 0u64);
    let (mut gap_then, mut gap_last, mut steps, mut target) = (f64::INFINITY, f64::INFINITY, 0, rule.target);
    let (mut best, mut best_value) = (at.y.clone(), f64::NEG_INFINITY);
    let mut best_x = at.x.clone();
    while steps < rule.most {
        for _ in 0..LOOK {
            saddle.step(&mut at, &mut past);
            sum.add(&at);
        }
        (steps, count) = (steps + LOOK, count + LOOK);
        let mean = sum.scaled(1.0 / count as f64);
        let (now, average) = (saddle.sides(&at), saddle.sides(&mean));
        for (side, point) in [(now, &at), (average, &mean)] {
            if side.1 > best_value {
                best_value = side.1;
                best.copy_from_slice(&point.y);
            }
        }
        let gap_of = |side: (f64, f64)| side.0 - side.1;
        let candidate =
            if gap_of(now) < gap_of(average) { (&at, gap_of(now)) } else { (&mean, gap_of(average)) };
        let gap = candidate.1;
        if best_value > target as f64 - 1.0 + 1e-3 || gap <= rule.accuracy * best_value.abs().max(1.0) {
            best_x.copy_from_slice(&candidate.0.x);
            break;
        }
        let due = gap <= 0.3 * gap_then
            || (gap <= 0.8 * gap_then && gap > gap_last)
            || count * 3 >= steps.max(LOOK * 8);
        gap_last = gap;
        if due {
            let next = candidate.0.clone();
            target = target.min(visit(&next.x));
            let (x, y) = saddle.moved(&anchor, &next);
            if x > 1e-9 && y > 1e-9 {
                saddle.weight = (saddle.weight * y / x).sqrt();
            }
            best_x.copy_from_slice(&next.x);
            (anchor, at) = (next.clone(), next);
            (sum, count, gap_then, gap_last) = (at.scaled(0.0), 0, gap, f64::INFINITY);
        }
    }
    let per_unit = |r: usize| (best[r] / instance.unit[r] as f64 * MILLION as f64).round() as i64;
    let multipliers: Vec<i64> = (0..m).map(per_unit).collect();
    let value = exact::evaluate(instance, state, &multipliers);
    Dual { multipliers, value, share: best_x, steps }
}
