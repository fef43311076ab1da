//! The cheapest legal day pattern of one client: exact, by dynamic programming over the days of the month.

use crate::grid::instance::{INFINITE, MONTH, days_of};

/// Cheapest days for each number of visits.
#[derive(Debug, Clone, Default)]
pub(super) struct Patterns {
    /// `best[j][d]`: least cost of `j` visits on days up to `d`.
    best: Vec<[i32; MONTH]>,
    /// `last[j][d]`: least cost of `j` visits, the last on day `d`; only with a price of gaps.
    last: Vec<[i32; MONTH]>,
    most: usize,
    apart: usize,
    gaps: Gaps,
}

/// What long gaps between visits cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Gaps {
    /// Days beyond which a gap is long.
    pub(super) long: usize,
    /// Price of each day more; 0: gaps do not matter.
    pub(super) day_price: i32,
    /// Days from the last visit before the month to day 1.
    pub(super) since: Option<usize>,
}

impl Gaps {
    fn price(self, days: usize) -> i32 {
        self.day_price * days.saturating_sub(self.long) as i32
    }

    /// Price of the gaps before and between visits on these days.
    #[inline]
    pub(super) fn price_of(self, days: u32) -> i32 {
        if self.day_price == 0 || days == 0 {
            return 0;
        }
        let mut last = None;
        let mut price = 0;
        for day in days_of(days) {
            price += last.map_or_else(|| self.first(day), |last| self.price(day - last));
            last = Some(day);
        }
        price
    }

    fn first(self, day: usize) -> i32 {
        self.since.map_or(0, |s| self.price(s + day - 1))
    }
}

impl Patterns {
    /// Fills the table: up to `most` visits, `apart` or more days between two, day `d` at `cost[d]` ([`INFINITE`]: not allowed).
    /// Day 0 is no day. Time O(most x 31).
    pub(super) fn fill(&mut self, cost: &[i32; MONTH], most: usize, apart: usize) {
        self.begin(most, apart);
        for j in 1..=most {
            self.row(cost, j, 1, MONTH);
        }
    }

    /// As [`Patterns::fill`], but only what a pattern of `most` visits reads: [`Patterns::cost`] and [`Patterns::days`] know no other number.
    pub(super) fn fill_for(&mut self, cost: &[i32; MONTH], most: usize, apart: usize) {
        self.begin(most, apart);
        for j in 1..=most {
            // So many visits come before and after.
            let (first, after) = (1 + (j - 1) * self.apart, (most - j) * self.apart);
            if first + after >= MONTH {
                self.best[most][MONTH - 1] = INFINITE;
                return;
            }
            self.row(cost, j, first, MONTH - after);
        }
    }

    fn begin(&mut self, most: usize, apart: usize) {
        (self.most, self.apart, self.gaps) = (most, apart.clamp(1, MONTH), Gaps::default());
        if self.best.len() <= most {
            self.best.resize(most + 1, [0; MONTH]);
        }
    }

    /// The days `first..end` of the row of `j` visits, from the row before.
    #[inline]
    fn row(&mut self, cost: &[i32; MONTH], j: usize, first: usize, end: usize) {
        let apart = self.apart;
        let (before, rest) = self.best.split_at_mut(j);
        let (before, row) = (&before[j - 1], &mut rest[0]);
        row[0] = INFINITE;
        let mut least = INFINITE;
        row[first - 1] = least;
        for d in first..end.min(MONTH) {
            let earlier = before[d.saturating_sub(apart)];
            let with = if cost[d] < INFINITE && earlier < INFINITE { earlier + cost[d] } else { INFINITE };
            least = least.min(with);
            row[d] = least;
        }
    }

    /// After [`Patterns::fill`] with the same costs: a price on long gaps. Time O(most x 31 x (long - apart)).
    pub(super) fn add_gaps(&mut self, cost: &[i32; MONTH], gaps: Gaps) {
        if gaps.day_price == 0 {
            return;
        }
        self.gaps = gaps;
        let most = self.most;
        self.last.clear();
        self.last.resize(most + 1, [INFINITE; MONTH]);
        for j in 1..=most {
            // Beyond the long gap the price grows by the day, so the best earlier day does not depend on this one.
            let mut far = INFINITE;
            for (d, &own) in cost.iter().enumerate().take(MONTH).skip(1) {
                if let Some(i) = d.checked_sub(gaps.long + 1).filter(|i| *i > 0) {
                    far = far.min(self.last_of(j - 1, i).saturating_sub(gaps.day_price * i as i32));
                }
                let earlier = if j == 1 { gaps.first(d) } else { self.near(j, d).min(self.beyond(far, d)) };
                let with = if own < INFINITE && earlier < INFINITE { earlier + own } else { INFINITE };
                self.last[j][d] = with;
                self.best[j][d] = with.min(self.best[j][d - 1]);
            }
        }
    }

    fn last_of(&self, j: usize, d: usize) -> i32 {
        self.last[j][d]
    }

    /// Least cost of the visits before the `j`-th on day `d` where the gap is not long.
    fn near(&self, j: usize, d: usize) -> i32 {
        let from = d.saturating_sub(self.gaps.long.max(self.apart)).max(1);
        let to = (d + 1).saturating_sub(self.apart);
        let mut least = INFINITE;
        for last in self.last[j - 1].iter().take(to).skip(from) {
            least = least.min(*last);
        }
        least
    }

    fn beyond(&self, far: i32, d: usize) -> i32 {
        if far >= INFINITE / 2 { INFINITE } else { far + self.gaps.day_price * (d - self.gaps.long) as i32 }
    }

    fn days_with_gaps(&self, j: usize) -> u32 {
        let mut mask = 0;
        let mut j = j;
        let mut d = (1..MONTH).min_by_key(|d| self.last_of(j, *d)).unwrap_or(0);
        while j > 0 && self.last_of(j, d) < INFINITE {
            mask |= 1 << d;
            j -= 1;
            let cost = |i: &usize| self.last_of(j, *i).saturating_add(self.gaps.price(d - i));
            let Some(before) = (1..(d + 1).saturating_sub(self.apart)).min_by_key(cost) else { break };
            d = before;
        }
        mask
    }

    /// Least cost of `j` visits; [`INFINITE`] if the month has no room for them.
    pub(super) fn cost(&self, j: usize) -> i32 {
        self.best[j][MONTH - 1]
    }

    /// The days of the cheapest pattern of `j` visits as a bit mask (bit `d`: day `d`).
    pub(super) fn days(&self, j: usize) -> u32 {
        if self.gaps.day_price > 0 {
            return self.days_with_gaps(j);
        }
        let (mut mask, mut j, mut d) = (0, j, MONTH - 1);
        while j > 0 && d > 0 {
            if self.best[j][d] == self.best[j][d - 1] {
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

    fn brute_force_with_gaps(
        cost: &[i32; MONTH],
        visits: usize,
        apart: usize,
        gaps: Gaps,
        last: Option<usize>,
    ) -> i32 {
        if visits == 0 {
            return 0;
        }
        let from = last.map_or(1, |l| l + apart);
        let of_day = |d: usize| {
            let gap = last.map_or(gaps.first(d), |l| gaps.price(d - l));
            let rest = brute_force_with_gaps(cost, visits - 1, apart, gaps, Some(d));
            if rest < INFINITE { cost[d] + gap + rest } else { INFINITE }
        };
        (from..MONTH).filter(|d| cost[*d] < INFINITE).map(of_day).min().unwrap_or(INFINITE)
    }

    #[test]
    fn long_gaps_cost_their_price_and_no_other_pattern_is_cheaper() {
        let mut random = SplitMix64::new(2);
        let mut patterns = Patterns::default();
        for _ in 0..300 {
            let mut cost = [INFINITE; MONTH];
            for c in cost.iter_mut().skip(1) {
                *c = if random.below(3) == 0 { INFINITE } else { random.below(2000) as i32 };
            }
            let (visits, apart) = (1 + random.below(3), 1 + random.below(10));
            let since = (random.below(2) == 0).then(|| random.below(20));
            let gaps = Gaps { long: 10 + random.below(8), day_price: 1 + random.below(300) as i32, since };
            patterns.fill(&cost, visits, apart);
            patterns.add_gaps(&cost, gaps);
            let days = patterns.days(visits);
            let of_days: i32 = days_of(days).map(|d| cost[d]).sum();
            assert!(
                patterns.cost(visits) >= INFINITE || patterns.cost(visits) == of_days + gaps.price_of(days)
            );
            let best = brute_force_with_gaps(&cost, visits, apart, gaps, None);
            assert_eq!(patterns.cost(visits), best);
            if best < INFINITE {
                let days: Vec<usize> = (0..MONTH).filter(|d| patterns.days(visits) & (1 << d) != 0).collect();
                let paid: i32 = days.windows(2).map(|w| gaps.price(w[1] - w[0])).sum();
                let own: i32 = days.iter().map(|d| cost[*d]).sum();
                assert_eq!((days.len(), own + paid + gaps.first(days[0])), (visits, best));
            }
        }
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
            if random.below(2) == 0 {
                patterns.fill(&cost, visits, apart);
            } else {
                patterns.fill_for(&cost, visits, apart);
            }
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
