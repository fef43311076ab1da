//! The care loads of a block's caregivers while it is searched, and what they cost together.

use crate::grid::evenness::Evenness;

/// Care loads by caregiver slot.
#[derive(Debug)]
pub(super) struct Loads {
    /// Seconds of care chosen.
    care: Vec<i32>,
    /// Their sum of squares, in square minutes.
    squares: i64,
    /// Square hours of the least possible sum of squares that fall to the block.
    share: f64,
}

impl Loads {
    /// Nobody has any care.
    pub(super) fn new(carers: usize) -> Loads {
        Loads { care: vec![0; carers], squares: 0, share: 0.0 }
    }

    /// Sum of squares, in square minutes.
    pub(super) fn squares(&self) -> i64 {
        self.squares
    }

    pub(super) fn set_share(&mut self, share: f64) {
        self.share = share;
    }

    /// More seconds of care, or fewer.
    pub(super) fn shift(&mut self, slot: usize, seconds: i32) {
        let square = |care: i32| i64::from(care / 60) * i64::from(care / 60);
        let care = self.care[slot];
        self.squares += square(care + seconds) - square(care);
        self.care[slot] = care + seconds;
    }

    /// Price of the sum of squares.
    pub(super) fn price(&self, evenness: Evenness) -> i64 {
        evenness.price(self.squares, self.share)
    }

    /// Price of what the loads of one or two caregivers lie above the cap.
    pub(super) fn above_cap(&self, evenness: Evenness, [a, b]: [Option<usize>; 2]) -> i64 {
        let price = |slot: usize| evenness.above_cap(self.care[slot]);
        a.map_or(0, price) + b.filter(|_| a != b).map_or(0, price)
    }

    /// Price of what all loads lie above the cap.
    pub(super) fn all_above_cap(&self, evenness: Evenness) -> i64 {
        self.care.iter().map(|c| evenness.above_cap(*c)).sum()
    }

    /// What `more` seconds of care cost a caregiver, at the present price of a square hour.
    #[inline]
    pub(super) fn step(&self, evenness: Evenness, slot: usize, more: i32) -> i64 {
        if !evenness.counts() {
            return 0;
        }
        let load = self.care[slot];
        let hours = |seconds: i32| f64::from(seconds) / 3600.0;
        let squares = hours(more) * (2.0 * hours(load) + hours(more));
        let above = evenness.above_cap(load + more) - evenness.above_cap(load);
        (evenness.slope(self.squares, self.share) * squares) as i64 + above
    }
}
