//! One caregiver's day while it is searched: stops in order with the timing of every head and tail of the day.

use crate::grid::cost::SIXTEENTHS;
use crate::grid::instance::{Carer, Home, INFINITE};
use crate::grid::segment::Segment;

/// A stop and the day around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stop {
    /// Row of the client.
    pub(super) client: u32,
    /// Its row in the caregiver's own trip table.
    pub(super) local: u32,
    /// Service with its window.
    pub(super) own: Segment,
    /// Seconds from the stop before (or the base).
    pub(super) leg: i32,
    /// From the base to the end of this stop.
    head: Segment,
    /// From this stop to the base.
    tail: Segment,
}

/// A day of one caregiver, always inside every rule.
#[derive(Debug, Clone)]
pub(super) struct DayTour {
    /// In visiting order.
    pub(super) stops: Vec<Stop>,
    /// Seconds back to the base.
    pub(super) last_leg: i32,
    /// Seconds on the road.
    pub(super) travel: i32,
    /// Seconds door to door, waiting included.
    pub(super) duration: i32,
    /// Seconds of service.
    care: i32,
    /// Nothing is late.
    legal: bool,
    /// Changes with every change, never the same for two contents.
    pub(super) stamp: u32,
}

/// Where a visit goes, and what it adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Insertion {
    /// Added travel seconds, and the price of the added hours where they are scarce.
    pub(super) cost: i32,
    /// Added seconds of the day.
    pub(super) duration: i32,
    /// Position among the stops.
    pub(super) at: u16,
}

impl Insertion {
    /// No legal place.
    pub(super) const NONE: Insertion = Insertion { cost: INFINITE, duration: 0, at: 0 };
}

/// The places of a day for one visit, weighed one after the other.
struct Weighing<'a> {
    carer: &'a Carer,
    own: Segment,
    /// Price of the day as it is.
    now: i64,
    max_day: i32,
    /// Price of the hours that the visit takes at least.
    hours: i32,
    /// The cheapest so far, with the duration of the whole day.
    best: Insertion,
}

impl Weighing<'_> {
    /// Price of the hours added by a day of `duration` seconds.
    #[inline(always)]
    fn price(&self, duration: i32) -> i32 {
        if self.carer.second_price == 0 {
            return 0;
        }
        ((self.carer.price_of_day(duration) - self.now) / SIXTEENTHS) as i32
    }

    /// Between two stretches of the day, with the ways there and on and the way that falls away.
    #[inline(always)]
    fn weigh(&mut self, at: usize, (head, tail): (Segment, Segment), (there, back): (i32, i32), leg: i32) {
        let added = there + back - leg;
        if added + self.hours >= self.best.cost {
            return;
        }
        let Some(head) = head.then(there, self.own) else { return };
        let Some(day) = head.then(back, tail) else { return };
        if day.duration > self.max_day {
            return;
        }
        let cost = added + self.price(day.duration);
        if cost < self.best.cost {
            self.best = Insertion { cost, duration: day.duration, at: at as u16 };
        }
    }
}

impl DayTour {
    /// A day off the road.
    pub(super) fn empty() -> DayTour {
        DayTour { stops: Vec::new(), last_leg: 0, travel: 0, duration: 0, care: 0, legal: true, stamp: 0 }
    }

    /// Takes over another day's content, keeping the memory.
    pub(super) fn copy_from(&mut self, other: &DayTour) {
        self.stops.clone_from(&other.stops);
        (self.last_leg, self.travel, self.care) = (other.last_leg, other.travel, other.care);
        (self.duration, self.legal, self.stamp) = (other.duration, other.legal, other.stamp);
    }

    /// The cheapest legal place for a visit at `home`, whose row in the caregiver's table is `local`; days last at most `max_day`.
    pub(super) fn best_insertion(&self, carer: &Carer, home: &Home, local: u32, max_day: i32) -> Insertion {
        let waiting = self.wait();
        if self.duration + home.service > max_day + waiting {
            return Insertion::NONE;
        }
        let (now, trips) = (carer.price_of_day(self.duration), carer.trips_of(local));
        let mut weighing =
            Weighing { carer, own: home.segment(), now, max_day, hours: 0, best: Insertion::NONE };
        weighing.hours = weighing.price(self.duration + home.service - waiting);
        let (mut before, mut there) = (carer.door(), trips.to_here(0));
        for (at, stop) in self.stops.iter().enumerate() {
            let (back, next) = trips.both(stop.local);
            weighing.weigh(at, (before, stop.tail), (there, back), stop.leg);
            (before, there) = (stop.head, next);
        }
        weighing.weigh(self.stops.len(), (before, carer.door()), (there, trips.seconds_to(0)), self.last_leg);
        let mut best = weighing.best;
        best.duration -= self.duration;
        best
    }

    /// Seconds of waiting.
    #[inline]
    pub(super) fn wait(&self) -> i32 {
        self.duration - self.travel - self.care
    }

    /// Puts a visit at a place found by [`DayTour::best_insertion`].
    pub(super) fn insert(&mut self, carer: &Carer, client: u32, home: &Home, local: u32, at: usize) {
        let own = home.segment();
        self.stops.insert(at, Stop { client, local, own, leg: 0, head: own, tail: own });
        if !self.legal {
            self.retime(carer);
            return;
        }
        let trips = carer.trips_of(local);
        let place = at.checked_sub(1).map_or(0, |i| self.stops[i].local);
        let there = trips.to_here(place);
        let (back, leg) = match self.stops.get_mut(at + 1) {
            Some(next) => (trips.seconds_to(next.local), &mut next.leg),
            None => (trips.seconds_to(0), &mut self.last_leg),
        };
        self.travel += there + back - *leg;
        self.care += own.duration;
        *leg = back;
        self.stops[at].leg = there;
        self.retime_around(carer, at, at);
    }

    /// Adds a last stop; the day must be retimed afterwards.
    pub(super) fn push(&mut self, client: u32, home: &Home, local: u32) {
        let own = home.segment();
        self.stops.push(Stop { client, local, own, leg: 0, head: own, tail: own });
        self.legal = false;
    }

    /// Takes a client's visit out; the day stays legal where trips obey the triangle inequality, else `false`.
    pub(super) fn remove(&mut self, carer: &Carer, client: u32) -> bool {
        let Some(at) = self.stops.iter().position(|s| s.client == client) else { return self.legal };
        let gone = self.stops.remove(at);
        if !self.legal || self.stops.is_empty() {
            return self.retime(carer);
        }
        let place = at.checked_sub(1).map_or(0, |i| self.stops[i].local);
        let (next, after) = match self.stops.get_mut(at) {
            Some(next) => (next.local, &mut next.leg),
            None => (0, &mut self.last_leg),
        };
        let leg = carer.trip(place, next);
        self.travel += leg - gone.leg - *after;
        self.care -= gone.own.duration;
        *after = leg;
        self.retime_around(carer, at, at.saturating_sub(1));
        self.legal
    }

    /// Recomputes legs, heads, tails and sums; `false` if some visit comes too late.
    pub(super) fn retime(&mut self, carer: &Carer) -> bool {
        (self.travel, self.duration, self.care, self.last_leg) = (0, 0, 0, 0);
        self.legal = true;
        if self.stops.is_empty() {
            return true;
        }
        let mut place = 0;
        for stop in &mut self.stops {
            stop.leg = carer.trip(place, stop.local);
            self.travel += stop.leg;
            self.care += stop.own.duration;
            place = stop.local;
        }
        self.last_leg = carer.trip(place, 0);
        self.travel += self.last_leg;
        self.retime_around(carer, 0, self.stops.len() - 1);
        self.legal
    }

    /// Recomputes the heads from stop `first` on, the tails up to stop `last` and the duration, where all legs and the other heads and
    /// tails stand.
    fn retime_around(&mut self, carer: &Carer, first: usize, last: usize) {
        let mut before = first.checked_sub(1).map_or(carer.door(), |i| self.stops[i].head);
        let mut legal = true;
        for stop in &mut self.stops[first..] {
            let (head, in_time) = before.joined(stop.leg, stop.own);
            legal &= in_time;
            (stop.head, before) = (head, head);
        }
        let (whole, in_time) = before.joined(self.last_leg, carer.door());
        legal &= in_time;
        self.duration = whole.duration;
        let (mut after, mut leg) = match self.stops.get(last + 1) {
            Some(next) => (next.tail, next.leg),
            None => (carer.door(), self.last_leg),
        };
        for stop in self.stops[..=last].iter_mut().rev() {
            let (tail, in_time) = stop.own.joined(leg, after);
            legal &= in_time;
            (stop.tail, after, leg) = (tail, tail, stop.leg);
        }
        self.legal = legal;
    }

    /// Departure and begin of each service when the base is left as late as waiting allows.
    pub(super) fn times(&self, carer: &Carer) -> (i32, Vec<i32>) {
        let Some(first) = self.stops.first() else { return (carer.shift.0, Vec::new()) };
        // The first start of a least-duration day: nothing is late, and only unavoidable waiting is left.
        let whole = carer.door().then(first.leg, first.tail).map_or(carer.shift.0, |w| w.earliest);
        let (mut t, mut starts) = (whole, Vec::with_capacity(self.stops.len()));
        for stop in &self.stops {
            t = (t + stop.leg).max(stop.own.earliest);
            starts.push(t);
            t += stop.own.duration;
        }
        (whole, starts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SplitMix64;
    use crate::grid::Continuity;
    use crate::grid::instance::{Instance, eligible_after_locks};
    use crate::grid::testing::county;

    #[test]
    fn a_day_timed_around_each_change_is_the_day_timed_anew() {
        let problem = county(3, 4, 60, Continuity::Strict);
        let instance = Instance::compile(&problem, &eligible_after_locks(&problem).unwrap(), &[], false);
        let (mut random, mut legal) = (SplitMix64::new(8), 0);
        for (g, carer) in instance.carers.iter().enumerate() {
            let mut tour = DayTour::empty();
            for _ in 0..2000 {
                let row = random.below(carer.homes.len());
                let client = carer.homes[row];
                if tour.stops.iter().any(|s| s.client == client) || tour.stops.len() > 5 {
                    let gone = tour.stops[random.below(tour.stops.len())].client;
                    tour.remove(carer, gone);
                } else {
                    let at = random.below(tour.stops.len() + 1);
                    tour.insert(carer, client, &instance.homes[client as usize], row as u32 + 1, at);
                }
                let mut anew = tour.clone();
                assert_eq!(anew.retime(carer), tour.legal, "caregiver {g}");
                assert_eq!((tour.travel, tour.care, tour.last_leg), (anew.travel, anew.care, anew.last_leg));
                if tour.legal {
                    legal += 1;
                    assert_eq!((tour.duration, tour.wait()), (anew.duration, anew.wait()));
                    let timed =
                        |t: &DayTour| t.stops.iter().map(|s| (s.leg, s.head, s.tail)).collect::<Vec<_>>();
                    assert_eq!(timed(&tour), timed(&anew));
                }
            }
        }
        assert!(legal > 500, "{legal}");
    }
}
