//! What a caregiver's days are made of: visits, the ways between them, and which visits a day remembers.

use crate::grid::RotaProblem;

/// Visits near each other that a day remembers, so that it makes none of them twice: bits of a mask.
const REMEMBERED: usize = 16;
/// Of a visit that is not remembered: a bit that no mask has.
const FORGOTTEN: u8 = 31;
/// One caregiver and those of the clients looked at whom they may serve; row 0 of the tables is the base.
#[derive(Debug)]
pub(super) struct DayRoutes {
    /// Days worked.
    pub(super) days: f64,
    /// Most seconds of the month.
    pub(super) month: i32,
    pub(super) max_day: i32,
    /// By row less one: place among the clients looked at, ascending.
    pub(super) clients: Vec<usize>,
    /// By row: seconds of a visit, 0 for the base.
    pub(super) service: Vec<i32>,
    /// By row: first and last begin of a visit, seconds after the shift's begin; for the base its last end.
    pub(super) begin: Vec<(i32, i32)>,
    /// `trips[a * rows + b]`: least seconds from row `a` to row `b`, over other rows if that is shorter.
    pub(super) trips: Vec<i32>,
    /// By row: the rows remembered there, itself first.
    pub(super) near: Vec<[u32; REMEMBERED]>,
    /// `bit[a * rows + b]`: which bit of a mask at row `a` stands for row `b`.
    pub(super) bit: Vec<u8>,
    /// By row: least seconds of a way to it from another row.
    pub(super) least_in: Vec<i32>,
}

/// A day: who is visited (places among the clients looked at), and its seconds door to door.
#[derive(Debug, Clone)]
pub(super) struct Route {
    pub(super) clients: Vec<usize>,
    pub(super) seconds: i32,
}

impl DayRoutes {
    /// The caregiver `g` with the clients `clients` (rows of the problem) at `places` among those looked at.
    pub(super) fn of(problem: &RotaProblem, g: usize, clients: &[u32], places: Vec<usize>) -> DayRoutes {
        let who = &problem.caregivers[g];
        let rows = clients.len() + 1;
        let home = |c: &u32| problem.clients[*c as usize].place;
        let at: Vec<usize> = std::iter::once(who.base).chain(clients.iter().map(home)).collect();
        let second = |i: usize| i32::from(problem.trips.seconds(who.profile, at[i / rows], at[i % rows]));
        let mut trips: Vec<i32> = (0..rows * rows).map(second).collect();
        shorten(&mut trips, rows);
        let others = |row: usize| (0..rows).filter(move |r| *r != row);
        let least_in = |row: usize| others(row).map(|r| trips[r * rows + row]).min().unwrap_or(0);
        let near: Vec<[u32; REMEMBERED]> = (0..rows).map(|row| nearest(&trips, rows, row)).collect();
        let mut bit = vec![FORGOTTEN; rows * rows];
        for (row, near) in near.iter().enumerate() {
            near.iter().enumerate().rev().for_each(|(i, r)| bit[row * rows + *r as usize] = i as u8);
        }
        DayRoutes {
            days: who.days.len() as f64,
            month: who.max_month.0 as i32,
            max_day: who.max_day.0.min(who.shift.1.0.saturating_sub(who.shift.0.0)) as i32,
            begin: begins(problem, g, clients),
            service: std::iter::once(0)
                .chain(clients.iter().map(|c| problem.clients[*c as usize].service.0 as i32))
                .collect(),
            least_in: (0..rows).map(least_in).collect(),
            near,
            bit,
            clients: places,
            trips,
        }
    }

    pub(super) fn trip(&self, from: usize, to: usize) -> i32 {
        self.trips[from * self.near.len() + to]
    }

    /// The day stands at row `at` and remembers having visited `row`.
    pub(super) fn has_seen(&self, at: usize, seen: u32, row: usize) -> bool {
        seen >> self.bit[at * self.near.len() + row] & 1 == 1
    }

    /// What a day that remembers `seen` at row `from` remembers at row `to`.
    pub(super) fn remembered(&self, from: usize, seen: u32, to: usize) -> u32 {
        let bits = &self.bit[from * self.near.len()..][..self.near.len()];
        let kept = |(i, row): (usize, &u32)| (seen >> bits[*row as usize] & 1) << i;
        1 | self.near[to].iter().enumerate().skip(1).map(kept).sum::<u32>()
    }

    /// Seconds of a day that visits these clients in this order.
    pub(super) fn seconds(&self, clients: &[usize]) -> Option<i32> {
        let (mut seconds, mut last) = (0, 0);
        for c in clients {
            let row = 1 + self.clients.binary_search(c).ok()?;
            seconds += self.trip(last, row) + self.service[row];
            last = row;
        }
        Some(seconds + self.trip(last, 0))
    }

    /// Seconds of a visit to the caregiver's client at `place` of [`DayRoutes::clients`].
    pub(super) fn service(&self, place: usize) -> i32 {
        self.service[place + 1]
    }

    /// Seconds of care of a day.
    pub(super) fn care(&self, clients: &[usize]) -> i32 {
        let place = |c: &usize| self.clients.binary_search(c).ok();
        clients.iter().filter_map(place).map(|place| self.service(place)).sum()
    }
}

/// By row: first and last begin of a visit, seconds after the shift's begin; for the base the shift's end.
fn begins(problem: &RotaProblem, g: usize, clients: &[u32]) -> Vec<(i32, i32)> {
    let (first, last) = problem.caregivers[g].shift;
    let after = |time: u32| time as i32 - first.0 as i32;
    let visit = |c: &u32| {
        let client = &problem.clients[*c as usize];
        (after(client.window.0.0).max(0), after(client.window.1.0) - client.service.0 as i32)
    };
    std::iter::once((0, after(last.0))).chain(clients.iter().map(visit)).collect()
}

/// The row itself and the rows nearest to it; itself again where there are too few.
fn nearest(trips: &[i32], rows: usize, row: usize) -> [u32; REMEMBERED] {
    let mut near: Vec<usize> = (1..rows).collect();
    near.sort_by_key(|r| (*r != row, trips[row * rows + r]));
    std::array::from_fn(|i| near.get(i).map_or(row as u32, |r| *r as u32))
}

/// Ways over other places where those are shorter (Floyd 1962): leaving a visit out never makes a day longer.
fn shorten(trips: &mut [i32], rows: usize) {
    for over in 0..rows {
        for from in 0..rows {
            for to in 0..rows {
                let way = trips[from * rows + over] + trips[over * rows + to];
                trips[from * rows + to] = trips[from * rows + to].min(way);
            }
        }
    }
}
