//! A month as a linear program over days: whole routes of visits with their ways, each made as often as pays. Spacing, blocked
//! weekdays and the time that waiting takes are left out, and a client may be split among caregivers. The program is solved by adding the days that pay at the prices of
//! the moment (Gilmore, Gomory 1961); at any prices the Lagrangian bound holds, so that nothing rests on the program.

use crate::base::SplitMix64;
use crate::grid::RotaProblem;
use crate::grid::best_day::Worth;
use crate::grid::day_routes::{DayRoutes, Route};
use crate::grid::draft::Draft;
use crate::grid::instance::MONTH;
use crate::grid::packing::{Column, Packing};
use rayon::prelude::*;

/// Part of the prices that stays at those of the best bound so far, so that they do not swing (Wentges 1997).
const STEADY: f64 = 0.8;
/// Room given beyond the truth, at most, as part of it: so that few packings are equally good.
const LOOSE: f64 = 1e-4;

/// What a month is worth.
#[derive(Debug, Clone)]
pub(super) struct Aim {
    /// Worth of a visit.
    pub(super) visit: f64,
    /// Price of a second on the road.
    pub(super) road: f64,
    /// What a caregiver's load may be and what it costs, the same for all; between two levels in proportion. Empty: loads do not matter.
    pub(super) loads: Vec<Level>,
}

/// A care load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Level {
    /// Hours of care.
    pub(super) hours: f64,
    /// What it costs.
    pub(super) price: f64,
}

/// The linear program: rows of clients, then by caregiver of days, of the month's hours, and, if loads matter, of hours of care and of
/// the choice of a level.
pub(super) struct MonthProgram {
    /// Rows of the problem's clients, ascending.
    clients: Vec<u32>,
    /// Visits owed, by client.
    owed: Vec<f64>,
    aim: Aim,
    carers: Vec<DayRoutes>,
    packing: Packing,
    /// Every day found, after the levels of loads.
    columns: Vec<Column>,
    /// Visits of the plan begun with and their shares of its roads, in seconds, by client.
    shares: Vec<(f64, f64)>,
    /// Comparisons spent.
    looks: u64,
}

/// Prices of visits by client, and of seconds of the month and of care by caregiver; all zero or more.
#[derive(Clone)]
struct PriceList {
    visits: Vec<f64>,
    seconds: Vec<f64>,
    care: Vec<f64>,
}

impl MonthProgram {
    /// Caregivers and clients (rows, ascending) with the visits owed to them, by row of the problem.
    pub(super) fn new(
        problem: &RotaProblem,
        eligible: &[Vec<u32>],
        owed: &[u32],
        (carers, clients): (&[u32], &[u32]),
        aim: Aim,
    ) -> MonthProgram {
        let routes = |g: &u32| {
            let mine = |k: &usize| eligible[clients[*k] as usize].contains(g);
            let places: Vec<usize> = (0..clients.len()).filter(mine).collect();
            let rows: Vec<u32> = places.iter().map(|k| clients[*k]).collect();
            DayRoutes::of(problem, *g as usize, &rows, places)
        };
        let carers: Vec<DayRoutes> = carers.iter().map(routes).collect();
        let owed: Vec<f64> = clients.iter().map(|c| f64::from(owed[*c as usize])).collect();
        let hours = |routes: &DayRoutes| f64::from(routes.month) / 3600.0;
        let room = owed.iter().copied();
        let mut room: Vec<f64> =
            room.chain(carers.iter().map(|r| r.days)).chain(carers.iter().map(hours)).collect();
        let mut columns = Vec::new();
        if !aim.loads.is_empty() {
            columns = levels(&aim.loads, room.len(), carers.len());
            room.extend(vec![0.0; carers.len()]);
            room.extend(vec![1.0; carers.len()]);
        }
        MonthProgram {
            clients: clients.to_vec(),
            shares: vec![(0.0, 0.0); owed.len()],
            owed,
            aim,
            carers,
            packing: Packing::new(loosened(room)),
            columns,
            looks: 0,
        }
    }

    /// Begins with the days of a plan; `carers`: rows of the problem.
    pub(super) fn enter_days(&mut self, carers: &[u32], draft: &Draft) {
        for (k, g) in carers.iter().enumerate() {
            for day in &draft.tours[*g as usize * MONTH..][..MONTH] {
                let clients: Vec<usize> =
                    day.iter().filter_map(|c| self.clients.binary_search(c).ok()).collect();
                if let Some(seconds) = self.carers[k].seconds(&clients).filter(|_| !clients.is_empty()) {
                    self.share(k, &clients, seconds);
                    let route = Route { clients, seconds };
                    self.columns.push(self.column(k, &route));
                }
            }
        }
    }

    /// Shares the roads of a day out among its visits by what each saves if it is left out.
    fn share(&mut self, k: usize, clients: &[usize], seconds: i32) {
        let of = &self.carers[k];
        let without = |i: usize| -> f64 {
            let others: Vec<usize> = (0..clients.len()).filter(|j| *j != i).map(|j| clients[j]).collect();
            let left = of.seconds(&others).map_or(0, |s| s - of.care(&others));
            f64::from(seconds - of.care(clients) - left)
        };
        let saved: Vec<f64> = (0..clients.len()).map(without).collect();
        let road = f64::from(seconds - of.care(clients)) / saved.iter().sum::<f64>().max(1.0);
        for (c, saved) in clients.iter().zip(saved) {
            self.shares[*c].0 += 1.0;
            self.shares[*c].1 += saved * road;
        }
    }

    /// Prices at which the plan begun with pays for itself.
    fn first_prices(&self) -> PriceList {
        let carers = self.carers.len();
        let visit = |(n, road): &(f64, f64)| {
            if *n > 0.0 { (self.aim.visit - self.aim.road * road / n).max(0.0) } else { 0.0 }
        };
        PriceList {
            visits: self.shares.iter().map(visit).collect(),
            seconds: vec![0.0; carers],
            care: vec![0.0; if self.aim.loads.is_empty() { 0 } else { carers }],
        }
    }

    fn column(&self, k: usize, route: &Route) -> Column {
        let (clients, carers) = (self.owed.len(), self.carers.len());
        let care = self.carers[k].care(&route.clients);
        let hours = |seconds: i32| f64::from(seconds) / 3600.0;
        let visits = route.clients.iter().map(|c| (*c as u32, 1.0));
        let of_carer = [(clients + k, 1.0), (clients + carers + k, hours(route.seconds))];
        let care_row = (!self.aim.loads.is_empty()).then_some((clients + 2 * carers + k, hours(care)));
        let rows = of_carer.into_iter().chain(care_row).map(|(row, x)| (row as u32, x));
        Column {
            entries: visits.chain(rows).collect(),
            gain: self.aim.visit * route.clients.len() as f64
                - self.aim.road * f64::from(route.seconds - care),
        }
    }

    /// Most that a month is worth: an upper bound. Ends where `enough` says so of the bound and of the program's value (which no bound
    /// goes below), where the bound can fall no more, or after `looks` comparisons.
    pub(super) fn most(&mut self, looks: u64, enough: impl Fn(f64, f64) -> bool) -> f64 {
        let (mut most, mut steady, mut centre) = (f64::INFINITY, STEADY, None);
        while self.looks < looks && !enough(most, self.packing.value()) {
            self.looks += self.packing.pack(&self.columns);
            let from = centre.get_or_insert_with(|| self.first_prices());
            let prices = self.prices().toward(from, steady);
            let (paid, best) = self.add_days(&prices);
            let bound = self.bound(&prices, &best);
            if bound < most {
                (most, centre) = (bound, Some(prices));
            }
            steady = match (paid, steady) {
                (true, _) => STEADY,
                (false, 0.0) => break,
                (false, s) if s < 0.1 => 0.0,
                (false, s) => s / 2.0,
            };
        }
        most
    }

    fn prices(&self) -> PriceList {
        let (clients, carers) = (self.owed.len(), self.carers.len());
        let prices: Vec<f64> = self.packing.prices().iter().map(|p| p.max(0.0)).collect();
        let by_second =
            |from: usize| -> Vec<f64> { prices[from..].iter().take(carers).map(|p| p / 3600.0).collect() };
        PriceList {
            visits: prices[..clients].to_vec(),
            seconds: by_second(clients + carers),
            care: by_second(clients + 2 * carers),
        }
    }

    /// Adds days that pay. Returns whether any did, and the most a day of each caregiver gains at the prices.
    fn add_days(&mut self, prices: &PriceList) -> (bool, Vec<f64>) {
        let found: Vec<(f64, Vec<Route>, u64)> = (0..self.carers.len())
            .into_par_iter()
            .map(|k| {
                let mut looks = 0;
                let (most, routes) = self.carers[k].best(&self.worth(k, prices), &mut looks);
                (most, routes, looks)
            })
            .collect();
        let (mut paid, mut best) = (false, Vec::new());
        for (k, (most, routes, looks)) in found.into_iter().enumerate() {
            best.push(most);
            self.looks += looks;
            for route in routes {
                let column = self.column(k, &route);
                if self.packing.pays(&column) {
                    paid = true;
                    self.columns.push(column);
                }
            }
        }
        (paid, best)
    }

    /// What visits are worth to the `k`-th caregiver, by their clients, beside the price of all seconds.
    fn worth(&self, k: usize, prices: &PriceList) -> Worth {
        // Seconds of care are seconds of the day that are not on the road.
        let care = self.aim.road - prices.care.get(k).copied().unwrap_or(0.0);
        let of = &self.carers[k];
        let visit = |(row, c): (usize, &usize)| {
            self.aim.visit - prices.visits[*c] + care * f64::from(of.service(row))
        };
        Worth {
            visit: of.clients.iter().enumerate().map(visit).collect(),
            second: prices.seconds[k] + self.aim.road,
        }
    }

    /// At these prices no month is worth more than its best day every day (Lagrangian relaxation).
    fn bound(&self, prices: &PriceList, best: &[f64]) -> f64 {
        let visits: f64 = prices.visits.iter().zip(&self.owed).map(|(p, owed)| p * owed).sum();
        let of_carer = |k: usize| {
            let level = |price: f64, level: &Level| price * 3600.0 * level.hours - level.price;
            let care = prices
                .care
                .get(k)
                .map_or(0.0, |p| self.aim.loads.iter().map(|l| level(*p, l)).fold(0.0, f64::max));
            prices.seconds[k] * f64::from(self.carers[k].month) + care + best[k] * self.carers[k].days
        };
        visits + (0..self.carers.len()).map(of_carer).sum::<f64>()
    }
}

impl PriceList {
    /// These prices, the part `steady` of each taken from `centre`.
    fn toward(&self, centre: &PriceList, steady: f64) -> PriceList {
        let mix = |own: &[f64], centre: &[f64]| -> Vec<f64> {
            own.iter().zip(centre).map(|(a, b)| a + steady * (b - a)).collect()
        };
        PriceList {
            visits: mix(&self.visits, &centre.visits),
            seconds: mix(&self.seconds, &centre.seconds),
            care: mix(&self.care, &centre.care),
        }
    }
}

/// By caregiver, what each level gives to the row of care (the first of them: `row`) and takes of the choice.
fn levels(loads: &[Level], row: usize, carers: usize) -> Vec<Column> {
    let column = |k: usize, level: &Level| Column {
        entries: vec![((row + k) as u32, -level.hours), ((row + carers + k) as u32, 1.0)],
        gain: -level.price,
    };
    (0..carers).flat_map(|k| loads.iter().map(move |level| column(k, level))).collect()
}

/// A little more room in every row, in each another bit.
fn loosened(room: Vec<f64>) -> Vec<f64> {
    let mut random = SplitMix64::new(1);
    room.into_iter().map(|r| r * (1.0 + LOOSE * random.unit())).collect()
}
