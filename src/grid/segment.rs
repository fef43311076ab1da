//! Timing of a stretch of a day in three numbers, joined in constant time (Vidal, Crainic, Gendreau, Prins 2013, without time warp).

/// A stretch of stops: its least duration, and the span of start times that reach it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    /// Least seconds from its first start to its last end, waiting included.
    pub(super) duration: i32,
    /// Earliest start with that duration.
    pub(super) earliest: i32,
    /// Latest start with that duration; starting later is late.
    pub(super) latest: i32,
}

impl Segment {
    /// One stop whose service may start in `open..=close` and lasts `service`.
    pub(super) fn stop(open: i32, close: i32, service: i32) -> Segment {
        Segment { duration: service, earliest: open, latest: close }
    }

    /// `self`, then `travel` seconds, then `next`; `None` if no start is in time.
    #[inline(always)]
    pub(super) fn then(self, travel: i32, next: Segment) -> Option<Segment> {
        if self.earliest + self.duration + travel > next.latest {
            return None;
        }
        Some(self.joined(travel, next).0)
    }

    /// `self`, then `travel` seconds, then `next`, and whether some start is in time; if none is, the numbers mean nothing.
    #[inline(always)]
    pub(super) fn joined(self, travel: i32, next: Segment) -> (Segment, bool) {
        let shift = self.duration + travel;
        let wait = (next.earliest - shift - self.latest).max(0);
        let whole = Segment {
            duration: shift + next.duration + wait,
            earliest: (next.earliest - shift).max(self.earliest) - wait,
            latest: (next.latest - shift).min(self.latest),
        };
        (whole, self.earliest + shift <= next.latest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Earliest schedule with the departure delayed as far as waiting allows, stop by stop.
    fn by_hand(stops: &[(i32, i32, i32)], travel: i32) -> Option<i32> {
        let (mut t, mut waited, mut slack) = (stops[0].0, 0, i32::MAX);
        for (i, &(open, close, service)) in stops.iter().enumerate() {
            t += if i > 0 { travel } else { 0 };
            waited += (open - t).max(0);
            t = t.max(open);
            if t > close {
                return None;
            }
            slack = slack.min(waited + close - t);
            t += service;
        }
        Some(t - stops[0].0 - waited.min(slack))
    }

    #[test]
    fn joined_segments_take_as_long_as_the_day_walked_through_by_hand() {
        let mut random = crate::base::SplitMix64::new(5);
        for _ in 0..3000 {
            let stops: Vec<_> = (0..2 + random.below(4))
                .map(|_| {
                    let open = random.below(40) as i32;
                    (open, open + random.below(30) as i32, random.below(9) as i32)
                })
                .collect();
            let whole = stops[1..].iter().try_fold(
                Segment::stop(stops[0].0, stops[0].1, stops[0].2),
                |day, &(open, close, service)| day.then(3, Segment::stop(open, close, service)),
            );
            assert_eq!(whole.map(|s| s.duration), by_hand(&stops, 3), "{stops:?}");
        }
    }
}
