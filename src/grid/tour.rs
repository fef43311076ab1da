//! One caregiver's day while it is searched: stops in order with the timing of every head and tail of the day.

use crate::grid::instance::{Carer, Home, INFINITE};
use crate::grid::search::SIXTEENTHS;
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

impl DayTour {
    /// A day off the road.
    pub(super) fn empty() -> DayTour {
        DayTour { stops: Vec::new(), last_leg: 0, travel: 0, duration: 0, stamp: 0 }
    }

    /// Takes over another day's content, keeping the memory.
    pub(super) fn copy_from(&mut self, other: &DayTour) {
        self.stops.clone_from(&other.stops);
        (self.last_leg, self.travel) = (other.last_leg, other.travel);
        (self.duration, self.stamp) = (other.duration, other.stamp);
    }

    /// The cheapest legal place for a visit at `home`, whose row in the caregiver's table is `local`; days last at most `max_day`.
    pub(super) fn best_insertion(&self, carer: &Carer, home: &Home, local: u32, max_day: i32) -> Insertion {
        let waiting = self.wait();
        if self.duration + home.service > max_day + waiting {
            return Insertion::NONE;
        }
        let own = home.segment();
        let (from_here, to_here) = (carer.from(local), carer.to(local));
        let mut best = Insertion::NONE;
        let mut before = carer.door();
        let mut there = i32::from(to_here[0]);
        let now = carer.price_of_day(self.duration);
        let price = |duration: i32| ((carer.price_of_day(duration) - now) / SIXTEENTHS) as i32;
        let hours_at_least = price(self.duration + home.service - waiting);
        for at in 0..=self.stops.len() {
            let (next, leg, tail) = match self.stops.get(at) {
                Some(stop) => (stop.local, stop.leg, stop.tail),
                None => (0, self.last_leg, carer.door()),
            };
            let back = i32::from(from_here[next as usize]);
            let added = there + back - leg;
            if added + hours_at_least < best.cost {
                let day = before.then(there, own).and_then(|head| head.then(back, tail));
                if let Some(day) = day.filter(|day| day.duration <= max_day) {
                    let duration = day.duration - self.duration;
                    let cost = added + price(day.duration);
                    if cost < best.cost {
                        best = Insertion { cost, duration, at: at as u16 };
                    }
                }
            }
            if let Some(stop) = self.stops.get(at) {
                before = stop.head;
                there = i32::from(to_here[stop.local as usize]);
            }
        }
        best
    }

    /// Seconds of waiting.
    pub(super) fn wait(&self) -> i32 {
        self.duration - self.travel - self.stops.iter().map(|s| s.own.duration).sum::<i32>()
    }

    /// Puts a visit at a place found by [`DayTour::best_insertion`].
    pub(super) fn insert(&mut self, carer: &Carer, client: u32, home: &Home, local: u32, at: usize) {
        let own = home.segment();
        self.stops.insert(at, Stop { client, local, own, leg: 0, head: own, tail: own });
        self.retime(carer);
    }

    /// Adds a last stop; the day must be retimed afterwards.
    pub(super) fn push(&mut self, client: u32, home: &Home, local: u32) {
        let own = home.segment();
        self.stops.push(Stop { client, local, own, leg: 0, head: own, tail: own });
    }

    /// Takes a client's visit out; the day stays legal where trips obey the triangle inequality, else `false`.
    pub(super) fn remove(&mut self, carer: &Carer, client: u32) -> bool {
        self.stops.retain(|s| s.client != client);
        self.retime(carer)
    }

    /// Recomputes legs, heads, tails and sums; `false` if some visit comes too late.
    pub(super) fn retime(&mut self, carer: &Carer) -> bool {
        (self.travel, self.duration, self.last_leg) = (0, 0, 0);
        if self.stops.is_empty() {
            return true;
        }
        let (mut before, mut place, mut legal) = (carer.door(), 0, true);
        for stop in &mut self.stops {
            stop.leg = carer.trip(place, stop.local);
            self.travel += stop.leg;
            let head = before.then(stop.leg, stop.own);
            legal &= head.is_some();
            stop.head = head.unwrap_or(stop.own);
            (before, place) = (stop.head, stop.local);
        }
        self.last_leg = carer.trip(place, 0);
        self.travel += self.last_leg;
        let whole = before.then(self.last_leg, carer.door());
        legal &= whole.is_some();
        self.duration = whole.map_or(0, |w| w.duration);
        let (mut after, mut leg) = (carer.door(), self.last_leg);
        for stop in self.stops.iter_mut().rev() {
            let tail = stop.own.then(leg, after);
            legal &= tail.is_some();
            stop.tail = tail.unwrap_or(stop.own);
            (after, leg) = (stop.tail, stop.leg);
        }
        legal
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
