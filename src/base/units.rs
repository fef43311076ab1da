//! Units are types: a number without its unit never crosses a floor.

use serde::{Deserialize, Serialize};
use std::ops::{Add, Sub};

/// Travel time in ticks of 0.1 s, the integer metric of every engine in this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Ticks(pub u32);

/// What one client counts when outlets are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WeightBy {
    /// Every client alike.
    Person,
    /// Visits owed a month.
    #[default]
    Visits,
    /// Minutes of care owed a month.
    Minutes,
}

impl WeightBy {
    /// Demand weight of a client who is owed `visits` of `service` each; never nought.
    #[must_use]
    pub fn weight(self, visits: u32, service: Minutes) -> u64 {
        let visits = u64::from(visits);
        match self {
            WeightBy::Person => 1,
            WeightBy::Visits => visits.max(1),
            WeightBy::Minutes => (visits * u64::from(service.0)).max(1),
        }
    }
}

impl Ticks {
    /// The 30-minute service circle, inclusive (rule R01).
    pub const THIRTY_MINUTES: Ticks = Ticks(18_000);

    /// Whole seconds, rounded **up**, so "1800 s or less" and "inside" are one statement.
    #[must_use]
    pub fn seconds_up(self) -> Seconds {
        Seconds(self.0.div_ceil(10))
    }

    /// The sum, or `None` beyond 13 years of travel.
    #[must_use]
    pub fn checked_add(self, other: Ticks) -> Option<Ticks> {
        self.0.checked_add(other.0).map(Ticks)
    }
}

impl Add for Ticks {
    type Output = Ticks;
    fn add(self, other: Ticks) -> Ticks {
        Ticks(self.0 + other.0)
    }
}

impl Sub for Ticks {
    type Output = Ticks;
    fn sub(self, other: Ticks) -> Ticks {
        Ticks(self.0 - other.0)
    }
}

/// Whole seconds: what is shown, written and planned with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Seconds(pub u32);

impl Seconds {
    /// The same span in ticks.
    #[must_use]
    pub fn ticks(self) -> Ticks {
        Ticks(self.0 * 10)
    }
}

impl Add for Seconds {
    type Output = Seconds;
    fn add(self, other: Seconds) -> Seconds {
        Seconds(self.0 + other.0)
    }
}

/// Whole minutes of service at a home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Minutes(pub u32);

impl Minutes {
    /// The same span in seconds.
    #[must_use]
    pub fn seconds(self) -> Seconds {
        Seconds(self.0 * 60)
    }
}

/// A length on the ground.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
pub struct Metres(pub f64);

/// Money in integer 分 (0.01 元).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Fen(pub i64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_ticks_rounded_up_so_that_the_limit_is_one_statement() {
        assert_eq!(Ticks(18_000).seconds_up(), Seconds(1800));
        assert_eq!(Ticks(18_001).seconds_up(), Seconds(1801));
        assert_eq!(Ticks(17_991).seconds_up(), Seconds(1800));
    }
}
