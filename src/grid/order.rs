//! The exact order of one day: least travel among the orders that make the day no longer, by branch and bound.

use crate::grid::instance::Carer;
use crate::grid::segment::Segment;
use crate::grid::tour::{DayTour, Stop};

/// Days with more stops keep the order the search found.
pub(super) const EXACT_STOPS: usize = 8;

struct Branch<'a> {
    carer: &'a Carer,
    stops: &'a [Stop],
    longest: i32,
    best: (i32, i32),
    order: Vec<usize>,
    path: Vec<usize>,
}

/// Puts the stops of a day of at most [`EXACT_STOPS`] stops in their best order.
pub(super) fn improve(carer: &Carer, tour: &mut DayTour) {
    if tour.stops.len() < 2 || tour.stops.len() > EXACT_STOPS {
        return;
    }
    let stops = tour.stops.clone();
    let mut branch = Branch {
        carer,
        stops: &stops,
        longest: tour.duration,
        best: (tour.travel, tour.duration),
        order: (0..stops.len()).collect(),
        path: Vec::with_capacity(stops.len()),
    };
    branch.grow(0, 0, 0, carer.door());
    let order = branch.order;
    tour.stops = order.into_iter().map(|i| stops[i]).collect();
    tour.retime(carer);
}

impl Branch<'_> {
    /// Extends the path that ended at table row `place`.
    fn grow(&mut self, used: u32, place: u32, travel: i32, day: Segment) {
        if self.path.len() == self.stops.len() {
            let leg = self.carer.trip(place, 0);
            let whole = day.then(leg, self.carer.door()).filter(|d| d.duration <= self.longest);
            if let Some(whole) = whole
                && (travel + leg, whole.duration) < self.best
            {
                self.best = (travel + leg, whole.duration);
                self.order.clone_from(&self.path);
            }
            return;
        }
        for (i, stop) in self.stops.iter().enumerate().filter(|(i, _)| used & (1 << i) == 0) {
            let leg = self.carer.trip(place, stop.local);
            if travel + leg > self.best.0 {
                continue;
            }
            if let Some(day) = day.then(leg, stop.own) {
                self.path.push(i);
                self.grow(used | 1 << i, stop.local, travel + leg, day);
                self.path.pop();
            }
        }
    }
}
