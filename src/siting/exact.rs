//! The dual bound in whole numbers: multipliers in millionths, sums in 128 bits, nothing rounded the wrong way.

use super::cuts::Cut;
use super::instance::{Instance, State};

/// Millionths in one.
pub(super) const MILLION: i64 = 1_000_000;

/// Multipliers in millionths, non-negative.
#[derive(Debug, Clone, Default)]
pub(super) struct Prices {
    /// Per unit, one a row.
    pub(super) rows: Vec<i64>,
    /// One a cut; fewer: the others are nought.
    pub(super) cuts: Vec<i64>,
}

/// The Lagrangian value of one multiplier vector.
#[derive(Debug, Clone)]
pub(super) struct DualValue {
    /// Lower bound on the minimised cost, in millionths.
    pub(super) bound: i128,
    /// What opening each site costs net of the multipliers it earns, in millionths.
    pub(super) reduced: Vec<i128>,
    /// The set the relaxation opens, forced sites included, cheapest first.
    pub(super) chosen: Vec<u32>,
}

impl DualValue {
    /// The bound as a whole number of the objective's unit.
    pub(super) fn whole(&self) -> i128 {
        whole_up(self.bound, MILLION)
    }
}

/// `value` in units of `unit` (above nought), rounded up.
pub(super) fn whole_up(value: i128, unit: i64) -> i128 {
    let unit = i128::from(unit);
    value.div_euclid(unit) + i128::from(value.rem_euclid(unit) != 0)
}

/// Evaluates `multipliers` (millionths per unit, one a row, non-negative) under `state`.
pub(super) fn evaluate(instance: &Instance, state: &[State], multipliers: &[i64]) -> DualValue {
    evaluate_with(instance, state, &[], multipliers, &[])
}

/// As [`evaluate`], with the prices of `cuts` beside.
pub(super) fn evaluate_with(
    instance: &Instance,
    state: &[State],
    cuts: &[Cut],
    multipliers: &[i64],
    cut_prices: &[i64],
) -> DualValue {
    let million = i128::from(MILLION);
    let cost = |s: usize| i128::from(instance.cost_of(s)) * million;
    let mut reduced: Vec<i128> = (0..instance.site_count()).map(cost).collect();
    let mut constant = 0i128;
    let mut rebate = vec![0i128; if cut_prices.is_empty() { 0 } else { instance.row_count() }];
    for (cut, &price) in cuts.iter().zip(cut_prices).filter(|(_, price)| **price > 0) {
        let price = i128::from(price);
        constant += price * i128::from(cut.right);
        cut.sites.iter().for_each(|&(s, k)| reduced[s as usize] -= price * i128::from(k));
        cut.rows.iter().for_each(|&r| rebate[r as usize] += price);
    }
    for (r, &y) in multipliers.iter().enumerate() {
        let (y, unit) = (i128::from(y), i128::from(instance.unit[r]));
        let earned = unit * y * i128::from(instance.need[r]);
        // A row left unserved costs its cap, less what the cuts grant it for that.
        let unserved = |cap: i64| unit * i128::from(cap) * million - rebate.get(r).copied().unwrap_or(0);
        constant += instance.cap.map_or(earned, |cap| earned.min(unserved(cap)));
        for &(site, d) in instance.rows.of(r) {
            let short = i128::from(d) * million - y;
            if short >= 0 {
                break;
            }
            reduced[site as usize] += unit * short;
        }
    }
    let chosen = cheapest_set(state, instance.p, |s| reduced[s as usize]);
    let bound = constant + chosen.iter().map(|&s| reduced[s as usize]).sum::<i128>();
    DualValue { bound, reduced, chosen }
}

/// Forced sites and the cheapest negative ones, at most `p` together.
pub(super) fn cheapest_set(state: &[State], p: Option<usize>, cost: impl Fn(u32) -> i128) -> Vec<u32> {
    let sites = || 0..state.len() as u32;
    let mut chosen: Vec<u32> = sites().filter(|&s| state[s as usize] == State::Open).collect();
    let mut free: Vec<u32> = sites().filter(|&s| state[s as usize] == State::Free && cost(s) < 0).collect();
    free.sort_by_key(|&s| (cost(s), s));
    let room = p.map_or(free.len(), |p| p.saturating_sub(chosen.len()));
    chosen.extend(free.into_iter().take(room));
    chosen
}
