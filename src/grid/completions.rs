//! What the rest of a day may still gain: the best way on from each place with so much time left, of ways that never go straight back to
//! where they came from but may visit a place twice (2-cycle elimination; Christofides, Mingozzi, Toth 1981). Never below the truth.

/// Seconds by which time left is tabulated.
const GRAIN: i32 = 240;

/// A way on.
#[derive(Debug, Clone, Copy)]
struct Ways {
    /// The most, and the place it goes to first.
    most: f64,
    first: u16,
    /// The most of those that go elsewhere first.
    other: f64,
}

/// The table: by time left, then by place.
#[derive(Debug)]
pub(super) struct Completions {
    places: usize,
    ways: Vec<Ways>,
}

/// A leg between two places.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leg {
    /// Seconds of the way and of the visit at its end.
    pub(super) seconds: i32,
    /// What it gains.
    pub(super) gain: f64,
}

impl Completions {
    /// For days of at most `max_day` seconds among `places` places; place 0 is the base, where every day ends.
    pub(super) fn of(places: usize, max_day: i32, leg: impl Fn(usize, usize) -> Leg) -> Completions {
        let legs: Vec<(usize, f64)> = (0..places * places)
            .map(|i| leg(i / places, i % places))
            .map(|leg| ((leg.seconds / GRAIN).max(0) as usize, leg.gain))
            .collect();
        let nothing = Ways { most: f64::NEG_INFINITY, first: 0, other: f64::NEG_INFINITY };
        let mut table = Completions { places, ways: Vec::new() };
        for left in 0..=(max_day / GRAIN).max(0) as usize {
            for from in 0..places {
                let mut ways = nothing;
                let legs = &legs[from * places..][..places];
                if legs[0].0 <= left {
                    ways.add(0, legs[0].1);
                }
                for (to, (grains, gain)) in legs.iter().enumerate().skip(1) {
                    if to != from && *grains <= left {
                        let on = table.ways[(left - grains) * places + to];
                        let back = from != 0 && usize::from(on.first) == from;
                        let rest = if back { on.other } else { on.most };
                        ways.add(to as u16, gain + rest);
                    }
                }
                table.ways.push(ways);
            }
        }
        table
    }

    /// The most that `left` seconds from `place` on can gain, the way to the base included; minus infinity: the base is too far.
    pub(super) fn most(&self, place: usize, left: i32) -> f64 {
        let grains = (left / GRAIN) as usize;
        self.ways[grains * self.places + place].most
    }
}

impl Ways {
    fn add(&mut self, to: u16, value: f64) {
        if value > self.most {
            (self.other, self.most, self.first) = (self.most, value, to);
        } else if value > self.other {
            self.other = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SplitMix64;

    /// The most of all ways on from `at` that never go straight back, without or with (`twice`) a second visit to a place.
    fn by_hand(
        legs: &[Leg],
        places: usize,
        (came, at): (usize, usize),
        left: i32,
        seen: u32,
        twice: bool,
    ) -> f64 {
        let home = legs[at * places];
        let mut most = if home.seconds <= left { home.gain } else { f64::NEG_INFINITY };
        for to in (1..places).filter(|to| *to != at && *to != came && (twice || seen & 1 << to == 0)) {
            let leg = legs[at * places + to];
            if leg.seconds <= left {
                let rest = by_hand(legs, places, (at, to), left - leg.seconds, seen | 1 << to, twice);
                most = most.max(leg.gain + rest);
            }
        }
        most
    }

    #[test]
    fn no_way_on_gains_more_and_whole_grains_gain_exactly_as_much() {
        let mut random = SplitMix64::new(7);
        for whole in [true, false].repeat(10) {
            let places = 5;
            let mut leg = |i: usize| {
                let seconds =
                    if whole { GRAIN * (2 + random.below(5) as i32) } else { 400 + random.below(900) as i32 };
                let gain = if i.is_multiple_of(places) { 0.0 } else { random.unit() };
                Leg { seconds, gain: gain - f64::from(seconds) * 2e-4 }
            };
            let legs: Vec<Leg> = (0..places * places).map(&mut leg).collect();
            let table = Completions::of(places, 5000, |a, b| legs[a * places + b]);
            for (at, left) in (0..places).flat_map(|at| [900, 2500, 5000].map(|left| (at, left))) {
                let twice = by_hand(&legs, places, (at, at), left, 1 << at, true);
                let once = by_hand(&legs, places, (at, at), left, 1 << at, false);
                let most = table.most(at, left);
                assert!(most >= twice - 1e-9 && twice >= once, "{at} {left}: {most} {twice} {once}");
                assert!(
                    !whole || (most - twice).abs() < 1e-9 || most == twice,
                    "{at} {left}: {most} {twice}"
                );
            }
        }
    }
}
