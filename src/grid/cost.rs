//! What is chosen for a client, and what a plan costs.

/// Price in seconds of a visit that is not placed: more than any detour.
pub(super) const MISSING_PRICE: i64 = 20_000;
/// Prices of scarce hours are kept in this part of a second.
pub(super) const SIXTEENTHS: i64 = 16;
/// Option of a client without a caregiver.
pub(super) const NOBODY: u16 = u16::MAX;

/// Who serves a client, and on which days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Choice {
    /// Position among the client's options, or [`NOBODY`].
    pub(super) option: u16,
    /// Days as bits.
    pub(super) days: u32,
}

impl Choice {
    /// No caregiver, no visit.
    pub(super) const NONE: Choice = Choice { option: NOBODY, days: 0 };
}

/// What a plan costs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cost {
    /// Seconds on the road.
    pub(super) travel: i64,
    /// Visits not placed.
    pub(super) missing: i64,
    /// Prices of choices and of visits not placed, in seconds.
    pub(super) price: i64,
    /// Price of the sum of squares of care loads, in seconds.
    pub(super) uneven: i64,
    /// Price of the hours used where they are scarce, in sixteenths of a second.
    pub(super) scarce: i64,
}

impl Cost {
    /// One number, in seconds.
    pub(super) fn total(self) -> i64 {
        self.travel + self.price + self.uneven + self.scarce / SIXTEENTHS
    }
}
