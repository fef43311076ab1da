//! What uneven care loads cost: the largest load comes first, then the sum of squares until it is near enough to the least possible.

/// Seconds on the road a square hour above the cap: the largest load comes first, whatever evenness below it is worth.
const ABOVE_CAP: i64 = 30_000;
/// Largest load wanted, in percent of what geography forces somebody to carry.
const CAP_PERCENT: i64 = 103;
/// Sum of squares wanted, in parts of the least possible.
const WANTED: f64 = 1.049;
/// The price of a square hour grows from nothing, this part below the sum wanted, to [`STEEPEST`] times what it is there.
const WIDTH: f64 = 0.003;
/// Times the price at the sum wanted that a square hour costs far above it.
const STEEPEST: f64 = 4.0;
/// Seconds on the road a square hour at the sum wanted to begin with.
const FIRST: f64 = 4.0;
/// Most and least the price changes between two rounds.
const CHANGE: (f64, f64) = (0.7, 1.4);

/// Prices of a round.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Evenness {
    /// Seconds on the road a square hour at the sum wanted; 0: loads do not matter.
    square_hour: f64,
    /// Most it may become.
    most: f64,
    /// Least possible sum of squares, in square hours.
    least: f64,
    /// Seconds of care above which a load costs [`ABOVE_CAP`].
    cap: i64,
}

impl Evenness {
    /// At most `most` seconds on the road a square hour; `largest`: least possible largest load in seconds; `least`: least possible sum
    /// of squares in square hours.
    pub(super) fn new(most: u32, largest: u32, least: f64) -> Evenness {
        let most = f64::from(most);
        Evenness { square_hour: most.min(FIRST), most, least, cap: i64::from(largest) * CAP_PERCENT / 100 }
    }

    /// Loads matter.
    #[inline]
    pub(super) fn counts(self) -> bool {
        self.most > 0.0
    }

    /// Price of what a load of `seconds` lies above the cap.
    #[inline]
    pub(super) fn above_cap(self, seconds: i32) -> i64 {
        if !self.counts() {
            return 0;
        }
        let minutes = (i64::from(seconds) - self.cap).max(0) / 60;
        ABOVE_CAP * minutes * minutes / 3600
    }

    /// The part of the least possible sum of squares that falls to a block which has `squares` of all `total` now.
    pub(super) fn share(self, squares: i64, total: i64) -> f64 {
        if total > 0 { self.least * squares as f64 / total as f64 } else { self.least }
    }

    /// Price of the `squares` (in square minutes) of a block whose least possible sum is `share` square hours.
    pub(super) fn price(self, squares: i64, share: f64) -> i64 {
        if !self.counts() {
            return 0;
        }
        let rise = rise(squares, share).max(0.0);
        let steep = rise.min(STEEPEST);
        let area = steep * steep / 2.0 + STEEPEST * (rise - steep);
        (self.square_hour * share * WIDTH * area) as i64
    }

    /// Price of one square hour more.
    pub(super) fn slope(self, squares: i64, share: f64) -> f64 {
        self.square_hour * ramp(squares, share)
    }

    /// The next round's price: more where the sum stays above the one wanted, less where it falls below.
    pub(super) fn follow(&mut self, squares: i64) {
        if self.counts() {
            let next = self.square_hour * ramp(squares, self.least).clamp(CHANGE.0, CHANGE.1);
            self.square_hour = next.clamp(self.most / 64.0, self.most);
        }
    }
}

/// How far the squares lie above where they begin to cost something, in [`WIDTH`]s; 1 at the sum wanted.
fn rise(squares: i64, share: f64) -> f64 {
    if share > 0.0 { 1.0 + (squares as f64 / 3600.0 / share - WANTED) / WIDTH } else { 0.0 }
}

fn ramp(squares: i64, share: f64) -> f64 {
    rise(squares, share).clamp(0.0, STEEPEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Seconds, Silent};
    use crate::grid::testing::{broken, county};
    use crate::grid::{Continuity, RotaPlan, RotaProblem, RotaStop, least_squares, solve};

    /// Square minutes of `part` of a least sum of 1,000 square hours.
    fn squares(part: f64) -> i64 {
        (part * 1000.0 * 3600.0) as i64
    }

    #[test]
    fn a_square_hour_costs_nothing_below_the_sum_wanted_and_ever_more_around_it() {
        let evenness = Evenness::new(8, 0, 1000.0);
        let price = |part: f64| evenness.price(squares(part), 1000.0);
        assert_eq!([price(1.0), price(WANTED - WIDTH)], [0, 0]);
        assert!((evenness.slope(squares(WANTED), 1000.0) - 4.0).abs() < 1e-6);
        // One square hour more, by the price and by its slope.
        for part in [WANTED, WANTED + WIDTH, WANTED + 10.0 * WIDTH] {
            let step = (price(part + 0.01) - price(part)) as f64;
            let slope = |p: f64| evenness.slope(squares(p), 1000.0) * 10.0;
            assert!(step >= slope(part) - 2.0 && step <= slope(part + 0.01) + 2.0, "{part}: {step}");
        }
        assert_eq!(
            [Evenness::default().price(squares(2.0), 1000.0), Evenness::default().above_cap(1 << 30)],
            [0, 0]
        );
    }

    #[test]
    fn the_price_follows_the_sum_and_never_passes_the_most_allowed() {
        let price = |parts: &[f64]| {
            let mut evenness = Evenness::new(8, 0, 1000.0);
            parts.iter().for_each(|p| evenness.follow(squares(*p)));
            evenness.square_hour
        };
        assert!(price(&[1.0]) < 4.0 && (price(&[WANTED]) - 4.0).abs() < 1e-6 && price(&[1.2]) > 4.0);
        assert!((price(&[1.2; 20]) - 8.0).abs() < 1e-9 && price(&[1.0; 40]) > 0.0);
    }

    fn spread(problem: &RotaProblem, plan: &RotaPlan) -> (f64, f64) {
        let mut care = vec![0.0; problem.caregivers.len()];
        for tour in &plan.tours {
            let service =
                |v: &crate::grid::Visit| f64::from(problem.clients[v.client.at()].service.0) / 3600.0;
            care[tour.caregiver.at()] += tour.visits.iter().map(service).sum::<f64>();
        }
        (care.iter().copied().fold(0.0, f64::max), care.iter().map(|c| c * c).sum())
    }

    #[test]
    fn loads_end_near_their_bounds_where_they_have_a_price() {
        let mut uneven = 0;
        for seed in [1, 2, 5, 9] {
            let mut problem = county(seed, 10, 120, Continuity::Strict);
            (problem.cells, problem.adjacent) = (0, Vec::new());
            let stop = RotaStop { steps: 20_000, seed: 1 };
            let free = solve(&problem, &stop, &Silent).unwrap();
            problem.prices.square_hour = 20;
            let even = solve(&problem, &stop, &Silent).unwrap();
            assert_eq!(broken(&problem, &even), Vec::<String>::new());
            let (least, Seconds(largest)) =
                (least_squares(&problem).unwrap(), even.bounds.unwrap().largest_load);
            let (before, (most, sum)) = (spread(&problem, &free), spread(&problem, &even));
            uneven += u32::from(before.1 > 1.06 * least);
            assert!(most <= f64::from(largest) / 3600.0 * 1.03 + 0.51, "seed {seed}: {most} of {largest} s");
            assert!(sum <= 1.055 * least, "seed {seed}: {}", sum / least);
            let travel = |p: &RotaPlan| p.tours.iter().map(|t| t.travel.0).sum::<u32>();
            if before.1 > 1.06 * least {
                assert!(travel(&even) > travel(&free), "seed {seed}: evenness costs nothing");
            }
        }
        assert!(uneven >= 2, "{uneven}");
    }
}
