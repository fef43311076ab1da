//! Near-exact bounds of large linear relaxations: a saddle point, min over site fractions and max over row prices, by preconditioned
//! primal-dual steps with restarts at the average (Chambolle, Pock 2011; Pock, Chambolle 2011; Applegate et al. 2021). One
//! pass over the entries a step, no matrix is factored. What couples fractions with prices is a [`Coupling`].

use super::instance::State;

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub(super) struct Steps {
    /// Most steps.
    pub(super) most: u64,
    /// Cost of the incumbent, whole units: the bound need not pass it.
    pub(super) target: i64,
    /// Good enough: relative difference of the relaxation's two sides.
    pub(super) accuracy: f64,
    /// Good enough as well: their difference as a share of what the bound lacks of the target.
    pub(super) of_gap: f64,
}

/// Steps between two looks at the gap.
const LOOK: u64 = 40;

/// A point with the products that belong to it.
#[derive(Debug, Clone)]
pub(super) struct Point {
    /// Fraction of each site.
    pub(super) x: Vec<f64>,
    /// Price of each row.
    pub(super) y: Vec<f64>,
    /// Cover of each row; empty where nobody asks for it.
    pub(super) cover: Vec<f64>,
    /// What each site earns.
    pub(super) earned: Vec<f64>,
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

/// How fractions and prices of a relaxation act on each other.
pub(super) trait Coupling {
    /// One step of both sides; prices move `weight` times as far as fractions. `past` is room for a number a site.
    fn step(&self, at: &mut Point, past: &mut [f64], weight: f64);

    /// Cost of the fractions and value of the prices: the relaxation's optimum lies between.
    fn sides(&self, at: &Point) -> (f64, f64);

    /// Distance between two points, fractions and prices each in their own measure.
    fn moved(&self, from: &Point, to: &Point) -> (f64, f64);

    /// Called where the steps start or start again: makes the products and the lengths of steps fit `at`.
    fn renew(&mut self, at: &mut Point);
}

/// Where the steps ended.
#[derive(Debug, Clone)]
pub(super) struct Saddle {
    /// Fractions of the last restart.
    pub(super) x: Vec<f64>,
    /// The best prices met.
    pub(super) y: Vec<f64>,
    /// How far prices move for fractions, for steps that go on from here.
    pub(super) weight: f64,
    /// The sides met as near as was asked.
    pub(super) is_tight: bool,
    /// Steps taken.
    pub(super) steps: u64,
}

/// Steps from `at`, with prices moving `weight` times as far as fractions (`None`: as far as the point itself suggests). `visit` sees
/// the fractions at each restart and may lower the target (a better incumbent).
pub(super) fn approach(
    coupling: &mut dyn Coupling,
    mut at: Point,
    weight: Option<f64>,
    rule: Steps,
    visit: &mut dyn FnMut(&[f64]) -> i64,
) -> Saddle {
    coupling.renew(&mut at);
    let mut weight = weight.unwrap_or_else(|| {
        let (x, y) = coupling.moved(&at.scaled(0.0), &at);
        if x > 0.0 && y > 0.0 { y / x } else { 1.0 }
    });
    let (mut past, mut anchor) = (vec![0.0; at.x.len()], at.clone());
    let (mut sum, mut count) = (at.scaled(0.0), 0u64);
    let (mut gap_then, mut gap_last, mut target) = (f64::INFINITY, f64::INFINITY, rule.target);
    let mut found = Saddle { x: at.x.clone(), y: at.y.clone(), weight, is_tight: false, steps: 0 };
    let mut best_value = f64::NEG_INFINITY;
    while found.steps < rule.most {
        for _ in 0..LOOK {
            coupling.step(&mut at, &mut past, weight);
            sum.add(&at);
        }
        (found.steps, count) = (found.steps + LOOK, count + LOOK);
        let mean = sum.scaled(1.0 / count as f64);
        let (now, average) = (coupling.sides(&at), coupling.sides(&mean));
        for (side, point) in [(now, &at), (average, &mean)] {
            if side.1 > best_value {
                best_value = side.1;
                found.y.copy_from_slice(&point.y);
            }
        }
        let (now, average) = (now.0 - now.1, average.0 - average.1);
        let (next, gap) = if now < average { (&at, now) } else { (&mean, average) };
        found.is_tight = gap <= rule.accuracy * best_value.abs().max(1.0)
            || gap <= rule.of_gap * (target as f64 - best_value);
        if best_value > target as f64 - 1.0 + 1e-3 || found.is_tight {
            found.x.copy_from_slice(&next.x);
            break;
        }
        let due = gap <= 0.3 * gap_then
            || (gap <= 0.8 * gap_then && gap > gap_last)
            || count * 3 >= found.steps.max(LOOK * 8);
        gap_last = gap;
        if due {
            let mut next = next.clone();
            target = target.min(visit(&next.x));
            let (x, y) = coupling.moved(&anchor, &next);
            if x > 1e-9 && y > 1e-9 {
                weight = (weight * y / x).sqrt();
            }
            found.x.copy_from_slice(&next.x);
            coupling.renew(&mut next);
            (anchor, at) = (next.clone(), next);
            (sum, count, gap_then, gap_last) = (at.scaled(0.0), 0, gap, f64::INFINITY);
        }
    }
    Saddle { weight, ..found }
}

/// The nearest fractions that may be: within 0 and 1, settled sites as they are, `p` in all; each site moves by its own `step`.
pub(super) fn project(state: &[State], p: Option<usize>, step: impl Fn(usize) -> f64, x: &mut [f64]) {
    let clamp = |s: usize, v: f64| match state[s] {
        State::Free => v.clamp(0.0, 1.0),
        State::Open => 1.0,
        State::Closed => 0.0,
    };
    let Some(p) = p else {
        (0..x.len()).for_each(|s| x[s] = clamp(s, x[s]));
        return;
    };
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
}

/// The least sum of `net` that whole sites can have: forced sites, and the cheapest free ones below nought, at most `p` in all.
pub(super) fn cheapest(state: &[State], p: Option<usize>, net: impl Fn(usize) -> f64) -> f64 {
    let (mut free, mut sum, mut forced) = (Vec::new(), 0.0, 0);
    for (s, state) in state.iter().enumerate() {
        match state {
            State::Free if net(s) < 0.0 => free.push(net(s)),
            State::Open => (sum, forced) = (sum + net(s), forced + 1),
            _ => {}
        }
    }
    let room = p.map_or(free.len(), |p| p.saturating_sub(forced));
    if free.len() > room {
        free.select_nth_unstable_by(room, f64::total_cmp);
        free.truncate(room);
    }
    sum + free.iter().sum::<f64>()
}
