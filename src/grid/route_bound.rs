//! Visits that no plan can place, proven with whole days: where hours are short, the caregivers who share clients with nobody outside are
//! looked at by themselves, and each of their days is a route of whole visits with its ways, not a sum of hours. Windows, spacing and
//! blocked weekdays are left out, and a client may be split. The linear program over all routes is solved by adding the days that pay at
//! the prices of the moment (Gilmore, Gomory 1961); at any prices the Lagrangian bound holds, so that nothing rests on the program.

use crate::base::Outcome;
use crate::grid::bounds::{eligible_and_room, of_room};
use crate::grid::clusters::{Cluster, clusters};
use crate::grid::day_routes::{DayRoutes, MOST_CLIENTS, Route, Worth};
use crate::grid::draft::Draft;
use crate::grid::instance::{Instance, MONTH};
use crate::grid::packing::Packing;
use crate::grid::{RotaPlan, RotaProblem, finish, scarcity};

/// Comparisons of partial days that may be spent on one set of caregivers: about half a minute.
const LOOKS: u64 = 12_000_000_000;
/// Part of the prices that stays at those of the best bound so far, so that they do not swing (Wentges 1997).
const STEADY: f64 = 0.8;
/// Partial days kept where the best day need not be found for certain.
const NARROW: usize = 8;
/// Rounds without certainty, at most, before a bound is taken.
const UNCERTAIN: u32 = 25;
/// Less than this is a rounding error of the sums.
const ROUNDING: f64 = 1e-6;

/// Visits that no plan of the month can place: the bound of [`crate::grid::month_bounds`], or that of whole days if it is higher. `plan`
/// shows where hours are short; caregivers who leave no more visits out than hours alone forbid are not looked at. Takes half a
/// minute at most for each set of caregivers who share clients.
///
/// # Errors
/// The problem is malformed, as in [`crate::grid::solve`].
pub fn unplaced_at_least(problem: &RotaProblem, plan: &RotaPlan) -> Outcome<f64> {
    let (eligible, room) = eligible_and_room(problem)?;
    let by_hours = of_room(problem, &eligible, &room).unplaced;
    let missing: u32 = plan.unplaced.iter().map(|u| u.missing).sum();
    if f64::from(missing) < by_hours + 1.0 {
        return Ok(by_hours);
    }
    let draft = finish::draft(problem, plan);
    let instance = Instance::compile(problem, &eligible, &[], false);
    let short = scarcity::missed_at(problem, &eligible, &draft, &instance);
    let never: u32 = problem.clients.iter().zip(&room).map(|(c, r)| c.visits.saturating_sub(*r)).sum();
    let by_days: f64 = (clusters(&eligible, &short).iter())
        .map(|cluster| cluster.unplaced(problem, &eligible, &room, &draft, plan))
        .sum();
    Ok(by_hours.max(f64::from(never) + by_days))
}

impl Cluster {
    /// Visits of these clients that must stay unplaced, a whole number.
    fn unplaced(
        &self,
        problem: &RotaProblem,
        eligible: &[Vec<u32>],
        room: &[u32],
        draft: &Draft,
        plan: &RotaPlan,
    ) -> f64 {
        let left_out = plan.unplaced.iter().filter(|u| self.clients.binary_search(&u.client.0).is_ok());
        let goal = f64::from(left_out.map(|u| u.missing).sum::<u32>());
        let Some(mut program) = Program::new(problem, eligible, room, self) else { return 0.0 };
        program.enter_days(self, draft);
        program.solve(goal)
    }
}

/// The linear program over the routes of one cluster: rows of clients, then of days, then of months, by caregiver.
struct Program {
    /// Visits owed, by client.
    owed: Vec<f64>,
    carers: Vec<DayRoutes>,
    packing: Packing,
    looks: u64,
}

/// Prices of visits by client, and of seconds by caregiver; all zero or more.
#[derive(Clone)]
struct PriceList {
    visits: Vec<f64>,
    seconds: Vec<f64>,
}

impl Program {
    /// `None`: too many clients for one caregiver.
    fn new(problem: &RotaProblem, eligible: &[Vec<u32>], room: &[u32], cluster: &Cluster) -> Option<Program> {
        let mut carers = Vec::new();
        for g in &cluster.carers {
            let mine = |k: &usize| eligible[cluster.clients[*k] as usize].contains(g);
            let places: Vec<usize> = (0..cluster.clients.len()).filter(mine).collect();
            if places.len() > MOST_CLIENTS {
                return None;
            }
            let clients: Vec<u32> = places.iter().map(|k| cluster.clients[*k]).collect();
            carers.push(DayRoutes::of(problem, *g as usize, &clients, places));
        }
        let owed: Vec<f64> = cluster.clients.iter().map(|c| f64::from(room[*c as usize])).collect();
        let hours = |routes: &DayRoutes| f64::from(routes.month) / 3600.0;
        let room = owed.iter().copied();
        let room = room.chain(carers.iter().map(|r| r.days)).chain(carers.iter().map(hours)).collect();
        Some(Program { owed, carers, packing: Packing::new(room), looks: 0 })
    }

    /// Begins with the days of a plan.
    fn enter_days(&mut self, cluster: &Cluster, draft: &Draft) {
        for (k, g) in cluster.carers.iter().enumerate() {
            for day in &draft.tours[*g as usize * MONTH..][..MONTH] {
                let clients: Vec<usize> =
                    day.iter().filter_map(|c| cluster.clients.binary_search(c).ok()).collect();
                if let Some(seconds) = self.carers[k].seconds(&clients).filter(|_| !clients.is_empty()) {
                    self.enter(k, &Route { clients, seconds });
                }
            }
        }
    }

    /// Packs a day of the `k`-th caregiver if it pays.
    fn enter(&mut self, k: usize, route: &Route) -> bool {
        let (clients, carers) = (self.owed.len(), self.carers.len());
        self.looks += (clients * clients) as u64;
        let visits = route.clients.iter().map(|c| (*c, 1.0));
        let hours = (clients + carers + k, f64::from(route.seconds) / 3600.0);
        let entries: Vec<(usize, f64)> = visits.chain([(clients + k, 1.0), hours]).collect();
        self.packing.enter(&entries, route.clients.len() as f64)
    }

    /// Visits that stay unplaced, rounded up to a whole number; ends where that reaches `goal` or can grow no more.
    fn solve(&mut self, goal: f64) -> f64 {
        let owed: f64 = self.owed.iter().sum();
        let whole = |unplaced: f64| (unplaced - ROUNDING).ceil().max(0.0);
        let (mut least, mut uncertain, mut steady) = (f64::NEG_INFINITY, 0, STEADY);
        self.packing.settle();
        let mut centre = self.prices();
        while self.looks < LOOKS && whole(least) < goal.min(whole(owed - self.packing.value())) {
            self.packing.settle();
            let prices = self.prices().toward(&centre, steady);
            let (mut paid, best) = self.add_days(&prices, NARROW, None);
            uncertain += 1;
            if !paid || uncertain == UNCERTAIN {
                uncertain = 0;
                let (paid_for_certain, best) = self.add_days(&prices, usize::MAX, Some(best));
                paid |= paid_for_certain;
                let unplaced = owed - self.bound(&prices, &best);
                if unplaced > least {
                    (least, centre) = (unplaced, prices);
                }
                if !paid && steady == 0.0 {
                    break;
                }
            }
            steady = match (paid, steady) {
                (true, _) => STEADY,
                (false, s) if s < 0.1 => 0.0,
                (false, s) => s / 2.0,
            };
        }
        whole(least)
    }

    fn prices(&self) -> PriceList {
        let (clients, carers) = (self.owed.len(), self.carers.len());
        let prices: Vec<f64> = self.packing.prices().into_iter().map(|p| p.max(0.0)).collect();
        PriceList {
            visits: prices[..clients].to_vec(),
            seconds: prices[clients + carers..].iter().map(|p| p / 3600.0).collect(),
        }
    }

    /// Enters the days that pay. Returns whether any did, and the most a day of each caregiver gains at the prices: for certain if
    /// `width` is without limit; `floor`: gains known to be there.
    fn add_days(&mut self, prices: &PriceList, width: usize, floor: Option<Vec<f64>>) -> (bool, Vec<f64>) {
        let gains: Vec<f64> = prices.visits.iter().map(|p| 1.0 - p).collect();
        let (mut paid, mut best) = (false, Vec::new());
        for k in 0..self.carers.len() {
            let worth = Worth { visit: &gains, second: prices.seconds[k] };
            let floor = floor.as_ref().map_or(0.0, |f| f[k]);
            let (most, routes) = self.carers[k].best(&worth, floor, width, &mut self.looks);
            best.push(most);
            for route in routes {
                paid |= self.enter(k, &route);
            }
        }
        (paid, best)
    }

    /// Most visits that can be placed: at these prices no month gains more than its best day every day (Lagrangian relaxation).
    fn bound(&self, prices: &PriceList, best: &[f64]) -> f64 {
        let visits: f64 = prices.visits.iter().zip(&self.owed).map(|(p, owed)| p * owed).sum();
        let of_carer =
            |k: usize| prices.seconds[k] * f64::from(self.carers[k].month) + best[k] * self.carers[k].days;
        visits + (0..self.carers.len()).map(of_carer).sum::<f64>()
    }
}

impl PriceList {
    /// These prices, the part `steady` of each taken from `centre`.
    fn toward(&self, centre: &PriceList, steady: f64) -> PriceList {
        let mix = |own: &[f64], centre: &[f64]| -> Vec<f64> {
            own.iter().zip(centre).map(|(a, b)| a + steady * (b - a)).collect()
        };
        PriceList { visits: mix(&self.visits, &centre.visits), seconds: mix(&self.seconds, &centre.seconds) }
    }
}
