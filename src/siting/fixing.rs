//! Which sites prices settle, and which site is least decided.

use super::exact::{DualValue, MILLION};
use super::instance::State;
use crate::base::SiteIx;

/// The free site whose share in the relaxation is least decided; `None` when nothing is left to decide.
pub(super) fn branch_site(state: &[State], share: &[f64], reduced: &[i128]) -> Option<u32> {
    let free = (0..state.len() as u32).filter(|&s| state[s as usize] == State::Free);
    let doubt = |s: u32| (share[s as usize] - 0.5).abs();
    free.min_by(|&a, &b| {
        doubt(a).total_cmp(&doubt(b)).then_with(|| reduced[a as usize].cmp(&reduced[b as usize]))
    })
}

/// Settles free sites whose other choice cannot beat the incumbent.
pub(super) fn settle(
    state: &mut [State],
    value: &DualValue,
    p: Option<usize>,
    cost: i64,
) -> Vec<(SiteIx, bool)> {
    let mut settled = Vec::new();
    let mut in_set = vec![false; state.len()];
    value.chosen.iter().for_each(|&s| in_set[s as usize] = true);
    let forced = state.iter().filter(|s| **s == State::Open).count();
    let full = p.is_some_and(|p| value.chosen.len() >= p);
    let last = value.chosen.get(forced..).and_then(<[u32]>::last).map_or(0, |&s| value.reduced[s as usize]);
    let next = (0..state.len()).filter(|&s| state[s] == State::Free && !in_set[s]);
    let next = next.map(|s| value.reduced[s]).min().unwrap_or(0).min(0);
    let (limit, million) = (i128::from(cost), i128::from(MILLION));
    let proves = |bound: i128| bound > (limit - 1) * million;
    for s in 0..state.len() {
        if state[s] != State::Free {
            continue;
        }
        let reduced = value.reduced[s];
        if in_set[s] && proves(value.bound - reduced + if full { next } else { 0 }) {
            state[s] = State::Open;
            settled.push((SiteIx(s as u32), true));
        } else if !in_set[s] && proves(value.bound + reduced - if full { last } else { 0 }) {
            state[s] = State::Closed;
            settled.push((SiteIx(s as u32), false));
        }
    }
    settled
}
