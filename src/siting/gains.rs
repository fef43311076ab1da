//! What branches gained so far, and the site whose branches are expected to gain most.

use super::fixing::branch_site;
use super::instance::State;

/// Gain of the bound per unit of fraction by site, closed and open: sum and count (pseudo-costs; Benichou et al. 1971).
#[derive(Debug, Clone)]
pub(super) struct Gains(Vec<[(f64, u32); 2]>);

/// A gain seen: site, side, gain per unit of fraction.
pub(super) type Gain = (u32, bool, f64);

impl Gains {
    /// Nothing seen yet.
    pub(super) fn new(sites: usize) -> Gains {
        Gains(vec![[(0.0, 0); 2]; sites])
    }

    /// Books `gains`.
    pub(super) fn book(&mut self, gains: &[Gain]) {
        for &(site, open, gain) in gains {
            let entry = &mut self.0[site as usize][usize::from(open)];
            *entry = (entry.0 + gain, entry.1 + 1);
        }
    }

    /// Both sides of `site` were seen.
    pub(super) fn seen(&self, site: u32) -> bool {
        self.0[site as usize].iter().all(|side| side.1 > 0)
    }

    /// Expected gain per unit of fraction by side, for sites without experience.
    fn typical(&self) -> [f64; 2] {
        [0, 1].map(|side| {
            let seen = self.0.iter().map(|g| g[side]);
            let (sum, count) = seen.fold((0.0, 0), |a, g| (a.0 + g.0, a.1 + g.1));
            if count > 0 { sum / f64::from(count) } else { 1.0 }
        })
    }

    fn rate(&self, site: u32, side: usize, typical: [f64; 2]) -> f64 {
        let (sum, count) = self.0[site as usize][side];
        if count > 0 { sum / f64::from(count) } else { typical[side] }
    }
}

/// Free sites whose share is neither nought nor one.
pub(super) fn fractional<'b>(state: &'b [State], share: &'b [f64]) -> impl Iterator<Item = u32> + 'b {
    let free = (0..share.len() as u32).filter(|&s| state[s as usize] == State::Free);
    free.filter(|&s| share[s as usize] > 1e-4 && share[s as usize] < 1.0 - 1e-4)
}

/// The free site whose two branches are expected to gain most.
pub(super) fn promising_site(gains: &Gains, state: &[State], share: &[f64], reduced: &[i128]) -> Option<u32> {
    let typical = gains.typical();
    let fraction = |s: u32| share[s as usize];
    let side = |s: u32, side: usize, moved: f64| (gains.rate(s, side, typical) * moved).max(1e-6);
    let score = |s: u32| side(s, 0, fraction(s)) * side(s, 1, 1.0 - fraction(s));
    let best = fractional(state, share).max_by(|&a, &b| score(a).total_cmp(&score(b)).then(b.cmp(&a)));
    best.or_else(|| branch_site(state, share, reduced))
}
