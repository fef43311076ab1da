//! p-median at the root, alone or after cover: a first glance at all sites, then the linear relaxation of the promising ones to near
//! its optimum, and swap search where that opens sites at all; sites that its prices show to be worth more join
//! (core problem after Avella, Boccia, Salerno, Vasilyev 2012).

use super::StopRule;
use super::compact::compact;
use super::exact::{self, MILLION};
use super::exchanges::Exchanges;
use super::greedy::lazy_greedy;
use super::hinge_saddle::{Start, saddle_point};
use super::instance::{Instance, State};
use super::lagrangian::Dual;
use super::location::Root;
use super::saddle::{Saddle, Steps};
use super::sifting::join;
use crate::base::SplitMix64;

/// Steps over all sites before a core is chosen.
const GLANCE: u64 = 80;
/// Steps in a core before sites may join, more each time.
const STEPS: u64 = 400;
/// Most cores.
const ROUNDS: u64 = 8;
/// Promising at first: so many sites an outlet, and so many more.
const EACH: usize = 2;
/// See `EACH`.
const MORE: usize = 50;
/// Share from which a site is promising, and from which swap search looks at it.
const PROMISING: f64 = 1e-4;
/// See `PROMISING`.
const LIKELY: f64 = 1e-3;
/// Most kicks of a swap search.
const KICKS: usize = 300;
/// Entries that the steps before a swap search have read for each that it may book.
const BOOKED: u64 = 10;
/// Exchanges that take as long as a step over all entries.
const EXCHANGES_A_STEP: u64 = 20;
/// Most numbers that a table of exchanges may hold.
const TABLE: usize = 20_000_000;
/// Shares of the way from the nearest to the second nearest outlet at which rows are priced to begin with: the best of these.
const PRICED: [f64; 6] = [0.0, 0.08, 0.16, 0.24, 0.35, 0.5];
/// The relaxation is near enough once its two sides are apart by this share of what the bound lacks of the incumbent.
const OF_GAP: f64 = 0.05;

/// The search at the root.
struct Search<'a> {
    instance: &'a Instance,
    /// Best open set, ascending, and its cost.
    open: Vec<u32>,
    cost: i64,
    /// What the bound has to reach.
    gap_pct: f64,
    steps: u64,
    random: SplitMix64,
}

/// Swap search and relaxation with the outlets of `instance`, from `warm` sites.
pub(super) fn root(instance: &Instance, warm: &[u32], stop: &StopRule) -> Root {
    let p = instance.p.unwrap_or(0);
    let first = lazy_greedy(instance, &instance.state, warm, p);
    let (open, cost) = (first.sorted(), first.cost);
    let random = SplitMix64::new(stop.seed);
    let mut search = Search { instance, open, cost, gap_pct: stop.gap_pct, steps: 0, random };
    search.improve(instance, None, &first.sorted(), 0);
    let dual = search.relax(stop.steps);
    Root { open: search.open, cost: search.cost, dual: Dual { steps: search.steps, ..dual } }
}

impl Search<'_> {
    /// The cost that a good enough bound has to reach.
    fn target(&self) -> i64 {
        let enough = (self.cost as f64 * (1.0 - self.gap_pct / 100.0)).floor() as i64 + 1;
        enough.min(self.cost)
    }

    /// Swap search in `instance` from `start`, for about `most` entries after the first descent. The sites are those of the whole
    /// instance, or `site_of` tells them.
    fn improve(&mut self, instance: &Instance, site_of: Option<&[u32]>, start: &[u32], most: u64) {
        if instance.site_count() * start.len() > TABLE || start.is_empty() {
            return;
        }
        let mut exchanges = Exchanges::new(instance, &instance.state, start);
        let made = exchanges.descend() + exchanges.search(KICKS, most, &mut self.random);
        self.steps += made / EXCHANGES_A_STEP;
        if exchanges.cost < self.cost {
            let whole = |s: u32| site_of.map_or(s, |of| of[s as usize]);
            self.open = exchanges.sorted().into_iter().map(whole).collect();
            self.cost = exchanges.cost;
        }
    }

    /// The best prices found within about `most` steps over all entries.
    fn relax(&mut self, most: u64) -> Dual {
        let instance = self.instance;
        let (n, p) = (instance.site_count(), instance.p.unwrap_or(0));
        let mut inside: Vec<bool> = instance.state.iter().map(|s| *s != State::Closed).collect();
        let mut x = vec![0.0; n];
        self.open.iter().for_each(|&s| x[s as usize] = 1.0);
        let mut start = Start { x, prices: self.first_prices(), weight: None };
        let has_core = EACH * p + MORE < n / 2;
        if has_core {
            let rule = self.rule(GLANCE.min(most));
            // Hardly any of the sites near a row may open, so that steps can be longer.
            let found = saddle_point(instance, &instance.state, start, 1.5, rule);
            self.steps += found.steps;
            start = next(found);
            let value = exact::evaluate(instance, &instance.state, &millionths(&start.prices));
            inside = self.promising(&value.reduced, &start.x);
        }
        let mut best: Option<Dual> = None;
        for round in 1..=ROUNDS {
            let core = compact(instance, &self.restricted(&inside));
            let (entries, all) =
                (core.instance.rows.entry_count() as u64, instance.rows.entry_count() as u64);
            let left = (most.saturating_sub(self.steps)).saturating_mul(all) / entries.max(1);
            let begin = Start { x: core.pick(&start.x), ..start };
            let rule = self.rule((STEPS * round).min(left));
            let found = saddle_point(&core.instance, &core.instance.state, begin, 0.9, rule);
            self.steps += (found.steps * entries).div_ceil(all.max(1));
            let (is_tight, found_steps, before) = (found.is_tight, found.steps, self.cost);
            start = next(found);
            start.x = core.spread(&start.x, n);
            let multipliers = millionths(&start.prices);
            let value = exact::evaluate(instance, &instance.state, &multipliers);
            let joined = join(instance, &value, &mut inside, p);
            self.among_likely(&start.x, value.whole(), found_steps * entries / BOOKED);
            if best.as_ref().is_none_or(|b| value.bound > b.value.bound) {
                best = Some(Dual { multipliers, value, share: start.x.clone(), steps: 0 });
            }
            let bound = best.as_ref().map_or(0, |b| b.value.whole());
            let settled = is_tight && !joined && self.cost == before;
            if settled || bound >= i128::from(self.target()) || self.steps >= most {
                break;
            }
        }
        best.unwrap_or_else(|| {
            let multipliers = millionths(&start.prices);
            let value = exact::evaluate(instance, &instance.state, &multipliers);
            Dual { multipliers, value, share: start.x, steps: 0 }
        })
    }

    fn rule(&self, most: u64) -> Steps {
        Steps { most, target: self.target(), accuracy: 1e-10, of_gap: OF_GAP }
    }

    /// Each row is priced between its nearest and second nearest open site: nearer to the first where rows have many sites about.
    fn first_prices(&self) -> Vec<f64> {
        let instance = self.instance;
        let placement = super::swaps::Placement::new(instance, &instance.state, &self.open);
        let price = |r: usize, share: f64| {
            let far = instance.rows.of(r).last().map_or(0, |e| 2 * i64::from(e.1) + 1);
            let (near, next) = (placement.distance(r).min(far), placement.second_distance(r).min(far));
            near as f64 + share * (next - near) as f64
        };
        let mut best: Option<(i128, Vec<f64>)> = None;
        for share in PRICED {
            let prices: Vec<f64> = (0..instance.row_count()).map(|r| price(r, share)).collect();
            let value = exact::evaluate(instance, &instance.state, &millionths(&prices)).bound;
            // The value is concave, so past its top it only falls.
            if best.as_ref().is_some_and(|b| value <= b.0) {
                break;
            }
            best = Some((value, prices));
        }
        best.unwrap_or_default().1
    }

    /// Sites of the first core: those that earn most, those with a share and the open ones.
    fn promising(&self, reduced: &[i128], share: &[f64]) -> Vec<bool> {
        let (instance, p) = (self.instance, self.open.len());
        let mut order: Vec<u32> = (0..reduced.len() as u32).collect();
        order.retain(|&s| instance.state[s as usize] != State::Closed);
        order.sort_by_key(|&s| (reduced[s as usize], s));
        let mut inside: Vec<bool> = share.iter().map(|x| *x > PROMISING).collect();
        let first = order.iter().take(EACH * p + MORE);
        first.chain(&self.open).for_each(|&s| inside[s as usize] = true);
        inside
    }

    /// The state of all sites with only those `inside` left to decide.
    fn restricted(&self, inside: &[bool]) -> Vec<State> {
        let within = |(s, state): (usize, &State)| match state {
            State::Free if !inside[s] => State::Closed,
            state => *state,
        };
        self.instance.state.iter().enumerate().map(within).collect()
    }

    /// Swap search among the open sites and those with a share, first from the largest shares, then, while `bound` is below the cost, with
    /// kicks for about `most` entries.
    fn among_likely(&mut self, share: &[f64], bound: i128, most: u64) {
        let mut likely: Vec<bool> = share.iter().map(|x| *x > LIKELY).collect();
        self.open.iter().for_each(|&s| likely[s as usize] = true);
        let small = compact(self.instance, &self.restricted(&likely));
        let forced = |s: u32| small.instance.state[s as usize] == State::Open;
        let by_share = |s: u32| share[small.site_of[s as usize] as usize];
        let mut order: Vec<u32> = (0..small.site_of.len() as u32).collect();
        order.sort_by(|&a, &b| {
            forced(b).cmp(&forced(a)).then(by_share(b).total_cmp(&by_share(a))).then(a.cmp(&b))
        });
        order.truncate(self.open.len());
        self.improve(&small.instance, Some(&small.site_of), &order, 0);
        for start in [small.local(&self.open), order] {
            if bound < i128::from(self.target()) {
                self.improve(&small.instance, Some(&small.site_of), &start, most / 2);
            }
        }
    }
}

fn next(found: Saddle) -> Start {
    Start { x: found.x, prices: found.y, weight: Some(found.weight) }
}

fn millionths(prices: &[f64]) -> Vec<i64> {
    prices.iter().map(|y| (y * MILLION as f64).round() as i64).collect()
}
