//! A deflected subgradient over the prices of rows and constraints together, each scaled by the size it moves.

use super::case::{Case, Choice, Prices};
use crate::siting::exact::{DualValue, MILLION};

/// The best prices found under a choice.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    /// Prices in millionths.
    pub(super) prices: Prices,
    /// Their exact value.
    pub(super) value: DualValue,
    /// How often each site was chosen lately, 0 to 1.
    pub(super) share: Vec<f64>,
    /// Iterations spent.
    pub(super) steps: u64,
}

/// How long and how boldly to climb.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    /// Most iterations.
    pub(super) iterations: u64,
    /// First step length.
    pub(super) agility: f64,
    /// Iterations without progress before the step is cut.
    pub(super) patience: u32,
}

const M: f64 = MILLION as f64;

/// Prices and directions as floating point in whole units: rows first, then budget, share, outlets and cover of groups.
struct Ascent<'a> {
    case: &'a Case,
    choice: &'a Choice,
    price: Vec<f64>,
    direction: Vec<f64>,
    /// Squared scale of each price.
    scale: Vec<f64>,
}

impl<'a> Ascent<'a> {
    fn new(case: &'a Case, choice: &'a Choice, start: &Prices) -> Ascent<'a> {
        let instance = &case.instance;
        let limits = &start.limits;
        let joined = [limits.budget, limits.share].into_iter();
        let joined =
            joined.chain(limits.group_outlets.iter().copied()).chain(limits.group_cover.iter().copied());
        let price: Vec<f64> = start.rows.iter().copied().chain(joined).map(|y| y as f64 / M).collect();
        let mut scale: Vec<f64> = instance.unit.iter().map(|&u| 1.0 / (u as f64).max(1.0)).collect();
        let units: f64 = instance.unit.iter().map(|&u| u as f64).sum();
        let column = (units / instance.p.unwrap_or(instance.site_count().min(20)).max(1) as f64).max(1.0);
        let mean =
            (case.costs.iter().map(|&c| c as f64).sum::<f64>() / case.costs.len().max(1) as f64).max(1.0);
        scale.push(column / (mean * mean));
        scale.push(4.0 / (case.total as f64).max(1.0));
        scale.extend(case.groups.iter().map(|_| column));
        scale.extend(case.groups.iter().map(|g| 4.0 / (g.reachable as f64).max(1.0)));
        Ascent { case, choice, direction: vec![0.0; price.len()], price, scale }
    }

    fn prices(&self) -> Prices {
        let whole = |v: &f64| (v * M).round().clamp(0.0, 9e17) as i64;
        let small = |v: &f64| (v * M).round().clamp(0.0, 9e14) as i64;
        let rows = self.case.instance.row_count();
        let groups = self.case.groups.len();
        let mut prices = self.case.nought();
        prices.rows = self.price[..rows].iter().map(whole).collect();
        let joined: Vec<i64> = self.price[rows..].iter().map(small).collect();
        (prices.limits.budget, prices.limits.share) = (joined[0], joined[1]);
        prices.limits.group_outlets = joined[2..2 + groups].to_vec();
        prices.limits.group_cover = joined[2 + groups..].to_vec();
        prices
    }

    /// Units of each row that the chosen sites serve at these prices.
    fn served(&self, prices: &Prices, value: &DualValue, offers: &[Vec<(i64, u32)>]) -> Vec<f64> {
        let mut served = vec![0.0; self.case.instance.row_count()];
        for &s in &value.chosen {
            if offers.is_empty() {
                for &(r, d) in self.case.instance.cols.of(s as usize) {
                    if i64::from(d) * MILLION < prices.rows[r as usize] {
                        served[r as usize] += self.case.instance.unit[r as usize] as f64;
                    }
                }
            } else {
                self.case
                    .fill(s as usize, &offers[s as usize], |_, units, r| served[r as usize] += units as f64);
            }
        }
        served
    }

    /// Subgradient at `prices`.
    fn slope(&self, prices: &Prices, value: &DualValue, offers: &[Vec<(i64, u32)>]) -> Vec<f64> {
        let served = self.served(prices, value, offers);
        let (mut slope, lacking) = self.slope_of_rows(prices, &served);
        self.extend_by_constraints(&mut slope, &value.chosen, &lacking);
        slope
    }

    /// Of each row what it wants less what is `served`, and the demand that it lacks.
    fn slope_of_rows(&self, prices: &Prices, served: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (case, instance) = (self.case, &self.case.instance);
        let full = case.is_full(self.choice);
        let mut lacking = vec![0.0; served.len()];
        let mut slope = Vec::with_capacity(self.price.len());
        for (r, &served) in served.iter().enumerate() {
            let (need, unit) = (f64::from(instance.need[r]), instance.unit[r] as f64);
            let earned = i128::from(prices.rows[r]) * i128::from(instance.need[r]);
            let mut wanted = need * unit;
            if let Some(cap) = case.cap(self.choice, &prices.limits, r) {
                if case.is_short(self.choice, full, r) {
                    (wanted, lacking[r]) = (0.0, instance.weight[r] as f64);
                } else if earned >= cap {
                    lacking[r] = instance.weight[r] as f64 * (1.0 - served / wanted).max(0.0);
                    wanted = wanted.min(served.max(0.0));
                }
            }
            slope.push(wanted - served);
        }
        (slope, lacking)
    }

    /// By how much the `chosen` sites and the demand `lacking` break each constraint; nought for constraints that are not asked.
    fn extend_by_constraints(&self, slope: &mut Vec<f64>, chosen: &[u32], lacking: &[f64]) {
        let case = self.case;
        let spent = || chosen.iter().map(|&s| case.costs[s as usize]).sum::<i64>() as f64;
        slope.push(case.budget.map_or(0.0, |budget| spent() - budget as f64));
        slope.push(case.slack.map_or(0.0, |slack| lacking.iter().sum::<f64>() - slack as f64));
        for group in &case.groups {
            let open = chosen.iter().filter(|s| group.sites.binary_search(s).is_ok()).count();
            slope.push(group.least_outlets as f64 - open as f64);
        }
        for group in &case.groups {
            let lack: f64 = group.rows.iter().map(|&r| lacking[r as usize]).sum();
            let broken = lack - (group.reachable - group.least_covered) as f64;
            slope.push(if case.may_lack() { broken } else { 0.0 });
        }
    }

    /// Moves along the deflected slope by `length` over its scaled norm; false where nothing can move.
    fn step(&mut self, slope: &[f64], length: f64) -> bool {
        let mut norm = 0.0;
        for (i, &g) in slope.iter().enumerate() {
            let blocked = self.price[i] <= 0.0 && g < 0.0;
            self.direction[i] = if blocked { 0.0 } else { 0.6 * self.direction[i] + g };
            norm += self.scale[i] * self.direction[i] * self.direction[i];
        }
        if norm < 1e-12 {
            return false;
        }
        for i in 0..slope.len() {
            self.price[i] = (self.price[i] + length / norm * self.scale[i] * self.direction[i]).max(0.0);
        }
        let limits = self.prices().limits;
        for r in 0..self.case.instance.row_count() {
            if let Some(cap) = self.case.cap(self.choice, &limits, r) {
                let most = cap as f64 / M / f64::from(self.case.instance.need[r]).max(1.0);
                self.price[r] = self.price[r].min(most);
            }
        }
        true
    }
}

/// Climbs from `start` towards `target` (whole units). `visit` sees the sites that each iteration chooses.
pub(super) fn climb(
    case: &Case,
    choice: &Choice,
    start: &Prices,
    target: i64,
    rule: Rule,
    visit: &mut dyn FnMut(u64, &[u32]),
) -> Bound {
    let mut ascent = Ascent::new(case, choice, start);
    let (value, _) = case.evaluate(choice, start);
    let mut best = Bound { prices: start.clone(), value, share: vec![0.0; choice.state.len()], steps: 0 };
    // Prices of nought never promise less than nothing.
    let (nothing, _) = case.evaluate(choice, &case.nought());
    if nothing.bound > best.value.bound {
        (best.value, best.prices) = (nothing, case.nought());
    }
    let (mut agility, mut idle) = (rule.agility, 0);
    while best.steps < rule.iterations && agility > 1e-3 {
        let prices = ascent.prices();
        let (value, offers) = case.evaluate(choice, &prices);
        best.steps += 1;
        best.share.iter_mut().for_each(|x| *x *= 0.95);
        value.chosen.iter().for_each(|&s| best.share[s as usize] += 0.05);
        visit(best.steps, &value.chosen);
        let slope = ascent.slope(&prices, &value, &offers);
        let reached = value.bound as f64 / M;
        if value.bound > best.value.bound {
            (best.value, best.prices, idle) = (value, prices, 0);
        } else {
            idle += 1;
            if idle >= rule.patience {
                (idle, agility) = (0, agility * 0.6);
                ascent = Ascent::new(case, choice, &best.prices);
                continue;
            }
        }
        if best.value.whole() >= i128::from(target) {
            break;
        }
        let length = agility * (target as f64 * 1.001 + 0.05 - reached).max(0.01);
        if !ascent.step(&slope, length) {
            break;
        }
    }
    best
}
