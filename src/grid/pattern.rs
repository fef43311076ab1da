//! The cheapest legal day pattern of one client: exact, by dynamic programming over the days of the month.

use crate::grid::instance::{INFINITE, MONTH};

/// Cheapest days for each number of visits.
#[derive(Debug, Clone, Default)]
pub(super) struct Patterns {
    /// `best[j * MONTH + d]`: least cost of `j` visits on days up to `d`.
    best: Vec<i32>,
    most: usize,
    apart: usize,
}

impl Patterns {
    /// Fills the table: up to `most` visits, `apart` or more days between two, day `d` at `cost[d]` ([`INFINITE`]: not allowed).
    /// Day 0 is no day. Time O(most x 31).
    pub(super) fn fill(&mut self, cost: &[i32; MONTH], most: usize, apart: usize) {
        (self.most, self.apart) = (most, apart.max(1));
        self.best.clear();
        self.best.resize((most + 1) * MONTH, 0);
        for j in 1..=most {
            let (before, row) = self.best.split_at_mut(j * MONTH);
            let before = &before[(j - 1) * MONTH..];
            row[0] = INFINITE;
            for d in 1..MONTH {
                let earlier = if d > self.apart { before[d - self.apart] } else { before[0] };
                let with =
                    if cost[d] < INFINITE && earlier < INFINITE { earlier + cost[d] } else { INFINITE };
                row[d] = with.min(row[d - 1]);
            }
        }
    }

    /// Least cost of `j` visits; [`INFINITE`] if the month has no room for them.
    pub(super) fn cost(&self, j: usize) -> i32 {
        self.best[j * MONTH + MONTH - 1]
    }

    /// The days of the cheapest pattern of `j` visits as a bit mask (bit `d`: day `d`).
    pub(super) fn days(&self, j: usize) -> u32 {
        let (mut mask, mut j, mut d) = (0, j, MONTH - 1);
        while j > 0 && d > 0 {
            if self.best[j * MONTH + d] == self.best[j * MONTH + d - 1] {
                d -= 1;
            } else {
                mask |= 1 << d;
                d = d.saturating_sub(self.apart);
                j -= 1;
            }
        }
        mask
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SplitMix64;

    fn brute_force(cost: &[i32; MONTH], visits: usize, apart: usize, from: usize) -> i32 {
        if visits == 0 {
            return 0;
        }
        (from..MONTH)
            .filter(|d| cost[*d] < INFINITE)
            .map(|d| (cost[d], brute_force(cost, visits - 1, apart, d + apart)))
            .filter(|(_, rest)| *rest < INFINITE)
            .map(|(first, rest)| first + rest)
            .min()
            .unwrap_or(INFINITE)
    }

    #[test]
    fn the_pattern_is_the_cheapest_of_all_patterns_and_keeps_the_spacing() {
        let mut random = SplitMix64::new(1);
        let mut patterns = Patterns::default();
        for _ in 0..300 {
            let mut cost = [INFINITE; MONTH];
            for c in cost.iter_mut().skip(1) {
                *c = if random.below(3) == 0 { INFINITE } else { random.below(2000) as i32 - 200 };
            }
            let (visits, apart) = (1 + random.below(4), 1 + random.below(10));
            patterns.fill(&cost, visits, apart);
            let best = brute_force(&cost, visits, apart, 1);
            assert_eq!(patterns.cost(visits), best);
            if best < INFINITE {
                let days: Vec<usize> = (0..MONTH).filter(|d| patterns.days(visits) & (1 << d) != 0).collect();
                assert_eq!(days.len(), visits);
                assert_eq!(days.iter().map(|d| cost[*d]).sum::<i32>(), best);
                assert!(days.windows(2).all(|w| w[1] - w[0] >= apart));
            }
        }
    }
}
