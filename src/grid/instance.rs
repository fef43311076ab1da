//! The problem as the search reads it: days as bit masks, a short list of caregivers per client, and one small trip table per
//! caregiver that holds only the homes they may visit.

use crate::base::{CaregiverIx, Fault, Outcome};
use crate::grid::cost::MISSING_PRICE;
use crate::grid::evenness::Evenness;
use crate::grid::pattern::Gaps;
use crate::grid::segment::Segment;
use crate::grid::{Day, Prices, RotaClient, RotaProblem};

/// Days of a month, and one for day 0, which is no day.
pub(super) const MONTH: usize = 32;

/// The days of a mask, ascending.
#[inline]
pub(super) fn days_of(mut mask: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let day = mask.trailing_zeros() as usize;
        mask &= mask.wrapping_sub(1);
        (day < MONTH).then_some(day)
    })
}

/// A cost no plan pays.
pub(super) const INFINITE: i32 = 1 << 28;
/// Caregivers the search weighs per client. Where more are eligible the nearest, and some spread over the rest, stand for all;
/// the last pass over unplaced visits looks at every one of them.
const SHORT_LIST: usize = 12;
/// Of these, how many are simply the nearest.
const NEAREST: usize = 9;

/// A caregiver who may serve a client.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// Row of the caregiver.
    pub(super) carer: u32,
    /// The home's row in the caregiver's trip table.
    pub(super) local: u32,
    /// Price in seconds of choosing them (change of caregiver, grid exception).
    pub(super) price: i32,
}

/// A client.
#[derive(Debug, Clone)]
pub(super) struct Home {
    pub(super) service: i32,
    /// First and last begin of service.
    pub(super) start: (i32, i32),
    pub(super) owed: u32,
    pub(super) apart: u32,
    /// Days that may be used.
    pub(super) days: u32,
    /// Who may be responsible, nearest first; the short list.
    pub(super) options: Vec<Candidate>,
    /// What long gaps between the visits cost.
    pub(super) gaps: Gaps,
    /// What other weekdays than those of the month before cost.
    pub(super) habit: Habit,
    /// What it costs to leave visits out.
    pub(super) shortfall: Shortfall,
}

/// Price in seconds of visits that are not placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shortfall {
    /// The first visit missing costs so much more: the client is no longer served as promised.
    pub(super) client: i64,
    /// Each visit missing.
    pub(super) visit: i64,
}

impl Shortfall {
    /// Price of `missing` visits.
    #[inline]
    pub(super) fn of(self, missing: i64) -> i64 {
        if missing > 0 { self.client + missing * self.visit } else { 0 }
    }
}

/// The weekdays of the month before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Habit {
    /// Days that fall on other weekdays, as bits; 0: no visits are known.
    pub(super) broken_by: u32,
    /// Price in seconds of a visit on such a day.
    pub(super) price: i32,
}

impl Home {
    /// What visits on these days cost beside their ways: long gaps and unusual weekdays, in seconds.
    #[inline]
    pub(super) fn price_of_days(&self, days: u32) -> i64 {
        let unusual = (days & self.habit.broken_by).count_ones();
        i64::from(unusual) * i64::from(self.habit.price) + i64::from(self.gaps.price_of(days))
    }

    /// The service with its window.
    #[inline]
    pub(super) fn segment(&self) -> Segment {
        Segment::stop(self.start.0, self.start.1, self.service)
    }
}

/// A caregiver.
#[derive(Debug, Clone)]
pub(super) struct Carer {
    pub(super) shift: (i32, i32),
    pub(super) max_day: i32,
    pub(super) max_month: i32,
    /// Days worked.
    pub(super) days: u32,
    /// Price of a second of the month in sixteenths of a second: what others do not get where hours are scarce ([`crate::grid::scarcity`]).
    pub(super) second_price: i32,
    /// Seconds a day must have left to take one more visit, where every day counts; 0: days enough.
    pub(super) hole: i32,
    /// Clients in the order of the trip table's rows 1, 2, ...; row 0 is the base.
    pub(super) homes: Vec<u32>,
    size: usize,
    /// `trips[a * size + b]`: seconds from row `a` to row `b`, and from `b` to `a`: both are read together.
    trips: Vec<[u16; 2]>,
    /// By row: seconds by which a day is planned longer than the way home from there takes.
    spare_home: Vec<u16>,
}

impl Carer {
    /// The base at begin and end of the day.
    #[inline]
    pub(super) fn door(&self) -> Segment {
        Segment::stop(self.shift.0, self.shift.1, 0)
    }

    /// Seconds between two rows of the table.
    #[inline]
    pub(super) fn trip(&self, from: u32, to: u32) -> i32 {
        i32::from(self.trips[from as usize * self.size + to as usize][0])
    }

    /// Seconds by which the way home from a row is planned longer than it is: one-way streets make the way out the longer one, and a
    /// day that would be legal only for them is not planned.
    #[inline]
    pub(super) fn spare_home(&self, row: u32) -> i32 {
        i32::from(self.spare_home[row as usize])
    }

    /// What a day of `duration` seconds costs where hours are scarce, in sixteenths of a second. What is left of a day counts in full
    /// only where a visit would fit into it.
    #[inline]
    pub(super) fn price_of_day(&self, duration: i32) -> i64 {
        if self.second_price == 0 {
            return 0;
        }
        let left = i64::from(self.max_day - duration);
        let hole = i64::from(self.hole);
        let worth = if left < hole { left * left / hole } else { left };
        (i64::from(self.max_day) - worth) * i64::from(self.second_price)
    }

    /// Trips from and to one row of the table.
    #[inline]
    pub(super) fn trips_of(&self, row: u32) -> Trips<'_> {
        Trips(&self.trips[row as usize * self.size..][..self.size])
    }
}

/// Trips between one place of a caregiver's table and all of its places.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trips<'a>(&'a [[u16; 2]]);

impl Trips<'_> {
    /// Seconds from here to a row, and from the row to here.
    #[inline]
    pub(super) fn both(self, row: u32) -> (i32, i32) {
        let [from, to] = self.0[row as usize];
        (i32::from(from), i32::from(to))
    }

    /// Seconds to a row.
    #[inline]
    pub(super) fn seconds_to(self, row: u32) -> i32 {
        self.both(row).0
    }

    /// Seconds from a row.
    #[inline]
    pub(super) fn to_here(self, row: u32) -> i32 {
        self.both(row).1
    }
}

/// The whole problem.
#[derive(Debug, Clone)]
pub(super) struct Instance {
    pub(super) homes: Vec<Home>,
    pub(super) carers: Vec<Carer>,
    /// What uneven care loads cost now.
    pub(super) evenness: Evenness,
}

/// Everybody who may serve each client after locks: the kept caregiver alone, or the eligible ones less the forbidden.
pub(super) fn eligible_after_locks(problem: &RotaProblem) -> Outcome<Vec<Vec<u32>>> {
    let mut lists: Vec<Vec<u32>> =
        problem.clients.iter().map(|c| c.eligible.iter().map(|g| g.0).collect()).collect();
    for (client, carer) in &problem.locks.forbid {
        if let Some(list) = lists.get_mut(client.at()) {
            list.retain(|g| *g != carer.0);
        }
    }
    for (client, carer) in &problem.locks.keep {
        let Some(list) = lists.get_mut(client.at()) else { continue };
        if !list.contains(&carer.0) {
            let (row, who) = (client.at() + 1, carer.at() + 1);
            return Err(Fault::refused(
                format!(
                    "第 {row} 位服务对象被锁定给第 {who} 位服务人员，但该人员无资格或超出 30 分钟；请取消锁定。"
                ),
                format!(
                    "client row {row} is locked to caregiver row {who}, who may not serve them or is beyond 30 minutes; remove the lock."
                ),
            ));
        }
        list.retain(|g| *g == carer.0);
    }
    Ok(lists)
}

/// The days a client may be visited on: not blocked, not before the entry day, only those asked for.
fn client_days(client: &RotaClient, problem: &RotaProblem) -> u32 {
    let mut mask = 0u32;
    for d in 1..=problem.days_in_month {
        let weekday = (u32::from(problem.first_weekday) + u32::from(d) - 1) % 7;
        let asked = client.only_days.is_empty() || client.only_days.contains(&Day(d));
        if asked
            && Day(d) >= client.earliest
            && !client.blocked_weekdays.iter().any(|b| u32::from(*b) == weekday)
        {
            mask |= 1 << d;
        }
    }
    mask
}

fn habit(client: &RotaClient, problem: &RotaProblem) -> Habit {
    let weekday = |d: u32| ((u32::from(problem.first_weekday) + d - 1) % 7) as u8;
    let unusual = |d: &u32| !client.previous_weekdays.contains(&weekday(*d));
    let known = !client.previous_weekdays.is_empty() && problem.prices.weekday > 0;
    let days = 1..=if known { u32::from(problem.days_in_month) } else { 0 };
    Habit {
        broken_by: days.filter(unusual).fold(0, |bits, d| bits | 1 << d),
        price: problem.prices.weekday as i32,
    }
}

/// The nearest caregivers and some spread evenly over the rest, with those that must not be missing.
fn short_list(eligible: &[u32], wanted: &[Option<u32>]) -> Vec<u32> {
    if eligible.len() <= SHORT_LIST {
        return eligible.to_vec();
    }
    let rest = eligible.len() - NEAREST;
    let spread =
        (0..SHORT_LIST - NEAREST).map(|k| NEAREST + (2 * k + 1) * rest / (2 * (SHORT_LIST - NEAREST)));
    let mut list: Vec<u32> = eligible[..NEAREST].to_vec();
    list.extend(spread.map(|i| eligible[i]));
    for g in wanted.iter().flatten().filter(|g| eligible.contains(g)) {
        if !list.contains(g) {
            list.push(*g);
        }
    }
    list
}

impl Instance {
    /// Compiles the problem for caregivers `eligible[client]`; `grid_carer[client]` is the caregiver of the client's grid (empty: no grids).
    /// `short`: keep only a short list of caregivers per client.
    pub(super) fn compile(
        problem: &RotaProblem,
        eligible: &[Vec<u32>],
        grid_carer: &[Option<u32>],
        short: bool,
    ) -> Instance {
        let mut homes_of: Vec<Vec<u32>> = vec![Vec::new(); problem.caregivers.len()];
        let mut homes = Vec::with_capacity(problem.clients.len());
        for (c, client) in problem.clients.iter().enumerate() {
            let previous = client.previous.map(|CaregiverIx(g)| g);
            let grid = grid_carer.get(c).copied().flatten();
            let list = if short { short_list(&eligible[c], &[previous, grid]) } else { eligible[c].clone() };
            let mut options = Vec::with_capacity(list.len());
            for carer in list {
                let known = &mut homes_of[carer as usize];
                known.push(c as u32);
                let price = price(problem.prices, carer, previous, grid);
                options.push(Candidate { carer, local: known.len() as u32, price });
            }
            let (open, close) = (client.window.0.0 as i32, client.window.1.0 as i32);
            let service = client.service.0 as i32;
            homes.push(Home {
                service,
                start: (open, close - service),
                owed: if open + service > close { 0 } else { client.visits },
                apart: client.apart_days,
                days: client_days(client, problem),
                options,
                gaps: Gaps {
                    long: client.long_gap_days as usize,
                    day_price: problem.prices.gap_day as i32,
                    since: client.days_since_visit.map(|d| d as usize),
                },
                habit: habit(client, problem),
                shortfall: shortfall(problem.prices, client),
            });
        }
        let carers = homes_of.into_iter().enumerate().map(|(g, list)| carer(problem, g, list)).collect();
        Instance { homes, carers, evenness: Evenness::default() }
    }

    /// Prices the options anew for other grids.
    pub(super) fn reprice(&mut self, problem: &RotaProblem, grid_carer: &[Option<u32>]) {
        for ((home, client), grid) in self.homes.iter_mut().zip(&problem.clients).zip(grid_carer) {
            let previous = client.previous.map(|p| p.0);
            home.options.iter_mut().for_each(|o| o.price = price(problem.prices, o.carer, previous, *grid));
        }
    }
}

/// Of two visits one of which must be left out, the longer one frees more hours: a visit not placed is cheaper by this part of its
/// service.
const RELIEF_OF_LENGTH: i64 = 2;

fn shortfall(prices: Prices, client: &RotaClient) -> Shortfall {
    Shortfall { client: i64::from(prices.short_client), visit: visit_price(i64::from(client.service.0)) }
}

/// Price of a visit of `service` seconds that is not placed.
pub(super) fn visit_price(service: i64) -> i64 {
    MISSING_PRICE - (service / RELIEF_OF_LENGTH).min(MISSING_PRICE / 2)
}

/// Seconds that choosing a caregiver costs beside the way.
fn price(prices: Prices, carer: u32, previous: Option<u32>, grid: Option<u32>) -> i32 {
    let change = if previous.is_some_and(|p| p != carer) { prices.change as i32 } else { 0 };
    change + if grid.is_some_and(|g| g != carer) { prices.exception as i32 } else { 0 }
}

/// One caregiver with the trip table of their homes.
fn carer(problem: &RotaProblem, g: usize, homes: Vec<u32>) -> Carer {
    let who = &problem.caregivers[g];
    let places: Vec<usize> =
        std::iter::once(who.base).chain(homes.iter().map(|c| problem.clients[*c as usize].place)).collect();
    let size = places.len();
    let mut trips = vec![[0u16; 2]; size * size];
    for (a, from) in places.iter().enumerate() {
        for (b, to) in places.iter().enumerate() {
            let s = problem.trips.seconds(who.profile, *from, *to);
            trips[a * size + b][0] = s;
            trips[b * size + a][1] = s;
        }
    }
    let mut spare_home = vec![0u16; size];
    for row in 1..size {
        let [out, home] = trips[row];
        spare_home[row] = out.saturating_sub(home);
        trips[row * size][0] = home.max(out);
        trips[row][1] = home.max(out);
    }
    Carer {
        shift: (who.shift.0.0 as i32, who.shift.1.0 as i32),
        max_day: who.max_day.0 as i32,
        max_month: who.max_month.0 as i32,
        days: who.days.iter().fold(0, |m, d| m | 1 << d.0),
        second_price: 0,
        hole: 0,
        homes,
        size,
        trips,
        spare_home,
    }
}
