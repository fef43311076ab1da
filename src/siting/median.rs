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
use super::lagrangian::{Climb, Dual, climb};
use super::location::Root;
use super::saddle::{Saddle, Steps};
use super::sifting::join;
use super::support::{self, Effort, among_support};
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
const KICKS: usize = 500;
/// Entries that the steps before a swap search have read for each that it may book.
const BOOKED: u64 = 10;
/// Exchanges that take as long as a step over all entries.
const EXCHANGES_A_STEP: u64 = 20;
/// Where some stay unserved: most entries booked by either swap search over all sites, and iterations of the dual climb.
const UNSERVED: u64 = 50_000_000;
/// See `UNSERVED`.
const CLIMB: u64 = 250;
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
    /// Good enough: what the bound may lack, in per cent.
    gap_pct: f64,
    steps: u64,
    random: SplitMix64,
}

/// Swap search and relaxation with the outlets of `instance`, from `warm` sites. `cover`, where some may stay unserved: prices of the rows
/// that bound how many do (millionths).
pub(super) fn root(instance: &Instance, warm: &[u32], cover: Option<&[i64]>, stop: &StopRule) -> Root {
    let p = instance.p.unwrap_or(0);
    let first = lazy_greedy(instance, &instance.state, warm, p);
    let (open, cost) = (first.sorted(), first.cost);
    let random = SplitMix64::new(stop.seed);
    let mut search = Search { instance, open, cost, gap_pct: stop.gap_pct, steps: 0, random };
    search.descend();
    let covered = cover.filter(|_| search.cost >= instance.penalty);
    let covered = covered.map(|prices| search.cover_first(prices, stop.steps));
    // Where many stay unserved, journeys hardly count and there is no more to gain.
    let is_enough = covered.as_ref().is_some_and(|d| 2 * d.value.whole() >= i128::from(search.cost));
    let relaxed = (!is_enough).then(|| search.relax(stop.steps));
    let best = relaxed.into_iter().chain(covered).max_by_key(|dual| dual.value.bound);
    let dual = best.unwrap_or_else(|| dual_of(instance, &search.start()));
    Root { open: search.open, cost: search.cost, dual: Dual { steps: search.steps, ..dual } }
}

impl Search<'_> {
    /// Swap search among all sites, where they are not too many.
    fn descend(&mut self) {
        if support::fits(self.instance.site_count(), self.open.len()) {
            let mut exchanges = Exchanges::new(self.instance, &self.instance.state, &self.open);
            self.steps += exchanges.descend() / EXCHANGES_A_STEP;
            (self.open, self.cost) = (exchanges.sorted(), exchanges.cost);
        }
    }

    /// Swap search among all sites and a climb from `prices`, where some stay unserved.
    fn cover_first(&mut self, prices: &[i64], most: u64) -> Dual {
        let (instance, state) = (self.instance, &self.instance.state);
        if support::fits(instance.site_count(), self.open.len()) {
            let mut exchanges = Exchanges::new(instance, state, &self.open);
            let made = exchanges.roam(1_000, UNSERVED, &mut self.random)
                + exchanges.search(KICKS, UNSERVED, &mut self.random);
            self.steps += made / EXCHANGES_A_STEP;
            (self.open, self.cost) = (exchanges.sorted(), exchanges.cost);
        }
        let start: Vec<f64> = prices.iter().map(|&y| y as f64 / MILLION as f64).collect();
        let cost = self.cost;
        let rule = Climb { iterations: CLIMB.min(most), target: cost, agility: 0.8, patience: 10 };
        let dual = climb(instance, state, &start, rule, &mut |_, _| cost);
        self.steps += dual.steps;
        dual
    }

    /// Swap search among the open sites and those with a share, with kicks while `bound` is too low for the best cost.
    fn among_support(&mut self, share: &[f64], bound: i128, most: u64) {
        let effort = Effort { likely: LIKELY, exchanges: 0, kicks: KICKS, booked: most / 2 };
        let (known, gap_pct) = ((&self.open[..], self.cost), self.gap_pct);
        let wants_more = |cost: i64| bound < i128::from(target(cost, gap_pct));
        let found = among_support(self.instance, known, share, effort, &mut self.random, &wants_more);
        self.steps += found.exchanges / EXCHANGES_A_STEP;
        (self.open, self.cost) = (found.open, found.cost);
    }

    /// The best prices found within about `most` steps over all entries.
    fn relax(&mut self, most: u64) -> Dual {
        let (instance, p) = (self.instance, self.open.len());
        let (mut start, mut best) = self.glance(most);
        let mut inside = match has_core(instance, p) {
            true => self.promising(&best.value.reduced, &start.x),
            false => vec![true; instance.site_count()],
        };
        for round in 1..=ROUNDS {
            let (is_tight, read);
            (start, is_tight, read) = self.approach_within(&inside, start, STEPS * round, most);
            let dual = dual_of(instance, &start);
            let (joined, before) = (join(instance, &dual.value, &mut inside, p), self.cost);
            self.among_support(&start.x, dual.value.whole(), read / BOOKED);
            if dual.value.bound > best.value.bound {
                best = dual;
            }
            let settled = is_tight && !joined && self.cost == before;
            let is_enough = best.value.whole() >= i128::from(target(self.cost, self.gap_pct));
            if settled || is_enough || self.steps >= most {
                break;
            }
        }
        best
    }

    /// Steps over all sites from the open set, where that is to choose a core, and what they come to.
    fn glance(&mut self, most: u64) -> (Start, Dual) {
        let instance = self.instance;
        let mut start = self.start();
        if has_core(instance, self.open.len()) {
            // Hardly any of the sites near a row may open, so that steps can be longer.
            let found = saddle_point(instance, &instance.state, start, 1.5, self.rule(GLANCE.min(most)));
            self.steps += found.steps;
            start = next(found);
        }
        let dual = dual_of(instance, &start);
        (start, dual)
    }

    /// `steps` from `start` over the sites `inside` alone, or as many as make `most` over all entries with those so far. Returns where they
    /// end, whether that is as near to the relaxation's optimum as was asked, and how many entries were read.
    fn approach_within(
        &mut self,
        inside: &[bool],
        start: Start,
        steps: u64,
        most: u64,
    ) -> (Start, bool, u64) {
        let core = compact(self.instance, &self.restricted(inside));
        let entries = core.instance.rows.entry_count() as u64;
        let all = self.instance.rows.entry_count().max(1) as u64;
        let left = most.saturating_sub(self.steps).saturating_mul(all) / entries.max(1);
        let begin = Start { x: core.pick(&start.x), ..start };
        let rule = self.rule(steps.min(left));
        let found = saddle_point(&core.instance, &core.instance.state, begin, 0.9, rule);
        let (is_tight, read) = (found.is_tight, found.steps * entries);
        self.steps += read.div_ceil(all);
        let mut end = next(found);
        end.x = core.spread(&end.x, inside.len());
        (end, is_tight, read)
    }

    /// The open set with prices that suit it.
    fn start(&self) -> Start {
        let mut x = vec![0.0; self.instance.site_count()];
        self.open.iter().for_each(|&s| x[s as usize] = 1.0);
        Start { x, prices: self.first_prices(), weight: None }
    }

    fn rule(&self, most: u64) -> Steps {
        Steps { most, target: target(self.cost, self.gap_pct), accuracy: 1e-10, of_gap: OF_GAP }
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
}

/// What a bound has to reach to be good enough for an answer of `cost`.
fn target(cost: i64, gap_pct: f64) -> i64 {
    let enough = (cost as f64 * (1.0 - gap_pct / 100.0)).floor() as i64 + 1;
    enough.min(cost)
}

/// Whether so many more sites than outlets are there that a core is worth while.
fn has_core(instance: &Instance, p: usize) -> bool {
    EACH * p + MORE < instance.site_count() / 2
}

/// The exact value of the prices reached.
fn dual_of(instance: &Instance, at: &Start) -> Dual {
    let multipliers = millionths(&at.prices);
    let value = exact::evaluate(instance, &instance.state, &multipliers);
    Dual { multipliers, value, share: at.x.clone(), steps: 0 }
}

fn next(found: Saddle) -> Start {
    Start { x: found.x, prices: found.y, weight: Some(found.weight) }
}

fn millionths(prices: &[f64]) -> Vec<i64> {
    prices.iter().map(|y| (y * MILLION as f64).round() as i64).collect()
}
