//! What each day of a caregiver still takes, without a look at its stops.

use crate::grid::instance::{Carer, MONTH};
use crate::grid::tour::DayTour;

/// The days of one caregiver.
#[derive(Debug, Clone)]
pub(super) struct Rooms {
    /// Of the tours.
    pub(super) stamps: [u32; MONTH],
    /// Longest service that may fit: what is left of the day, and its waiting.
    seconds: [i32; MONTH],
}

impl Rooms {
    pub(super) fn of(carer: &Carer) -> Rooms {
        Rooms { stamps: [0; MONTH], seconds: [carer.max_day; MONTH] }
    }

    pub(super) fn note(&mut self, day: usize, carer: &Carer, tour: &DayTour) {
        self.stamps[day] = tour.stamp;
        self.seconds[day] = carer.max_day + tour.wait() - tour.duration;
    }

    /// The days into which a service of so many seconds may fit.
    #[inline]
    pub(super) fn take(&self, service: i32) -> u32 {
        mask(|d| self.seconds[d] >= service)
    }

    /// The days with other tours than those stamped so.
    #[inline]
    pub(super) fn differ(&self, stamps: &[u32; MONTH]) -> u32 {
        mask(|d| self.stamps[d] != stamps[d])
    }
}

/// The days of which something holds, all days looked at in step.
#[inline]
fn mask(holds: impl Fn(usize) -> bool) -> u32 {
    const BITS: [u32; MONTH] = {
        let mut bits = [0; MONTH];
        let mut day = 0;
        while day < MONTH {
            bits[day] = 1 << day;
            day += 1;
        }
        bits
    };
    let mut lanes = [0u32; 4];
    for k in 0..MONTH / 4 {
        for (l, lane) in lanes.iter_mut().enumerate() {
            *lane |= u32::from(holds(4 * k + l)).wrapping_neg() & BITS[4 * k + l];
        }
    }
    lanes.iter().fold(0, |all, lane| all | lane)
}
