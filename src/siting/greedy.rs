//! Lazy greedy: savings only shrink, so a stale saving that still leads after an update is the best.

use super::instance::{Instance, State};
use super::swaps::Placement;
use std::collections::BinaryHeap;

/// Opens the best next site from `start` until `p` sites are open.
pub(super) fn lazy_greedy<'a>(
    instance: &'a Instance,
    state: &[State],
    start: &[u32],
    p: usize,
) -> Placement<'a> {
    let mut placement = Placement::new(instance, state, start);
    if placement.open.len() >= p {
        return placement;
    }
    let free = (0..state.len() as u32).filter(|&s| state[s as usize] == State::Free);
    let closed: Vec<u32> = free.filter(|&s| !placement.is_open[s as usize]).collect();
    let mut heap: BinaryHeap<(i64, std::cmp::Reverse<u32>)> =
        closed.iter().map(|&s| (placement.saving(s), std::cmp::Reverse(s))).collect();
    while placement.open.len() < p {
        let Some((stale, std::cmp::Reverse(site))) = heap.pop() else { break };
        let now = placement.saving(site);
        let leads = heap.peek().is_none_or(|next| (now, std::cmp::Reverse(site)) >= *next);
        if now == stale || leads {
            placement.open_site(site);
        } else {
            heap.push((now, std::cmp::Reverse(site)));
        }
    }
    placement
}
