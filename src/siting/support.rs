//! Swap search where the linear relaxation opens sites at all: a small instance, so many exchanges cost little.

use super::compact::compact;
use super::exchanges::Exchanges;
use super::instance::{Instance, State};
use crate::base::SplitMix64;

/// Most numbers that a table of exchanges may hold.
const TABLE: usize = 20_000_000;

/// How long to search.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    /// Share from which a site is looked at.
    pub(super) likely: f64,
    /// Most exchanges of a tabu search from each start.
    pub(super) exchanges: u64,
    /// Most kicks after it.
    pub(super) kicks: usize,
    /// Most entries booked by either.
    pub(super) booked: u64,
}

/// An open set.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// Open sites, ascending.
    pub(super) open: Vec<u32>,
    /// Its cost.
    pub(super) cost: i64,
    /// Exchanges made on the way.
    pub(super) exchanges: u64,
}

/// Whether the table of exchanges of `sites` with `p` open is not too large.
pub(super) fn fits(sites: usize, p: usize) -> bool {
    p > 0 && sites * p <= TABLE
}

/// Searches among the sites of `open` (ascending, of this cost) and those with a share in the relaxation of `instance`, from the largest shares
/// and from `open`; beyond the first descent while `wants_more` says so of the best cost.
pub(super) fn among_support(
    instance: &Instance,
    (open, cost): (&[u32], i64),
    share: &[f64],
    effort: Effort,
    random: &mut SplitMix64,
    wants_more: &dyn Fn(i64) -> bool,
) -> Found {
    let mut state = instance.state.clone();
    for s in 0..state.len() {
        let likely = share[s] > effort.likely || open.binary_search(&(s as u32)).is_ok();
        if state[s] == State::Free && !likely {
            state[s] = State::Closed;
        }
    }
    let small = compact(instance, &state);
    let states = &small.instance.state;
    let mut found = Found { open: open.to_vec(), cost, exchanges: 0 };
    if !fits(states.len(), open.len()) {
        return found;
    }
    let forced = |s: u32| states[s as usize] == State::Open;
    let by_share = |s: u32| share[small.site_of[s as usize] as usize];
    let mut largest: Vec<u32> = (0..states.len() as u32).collect();
    largest.sort_by(|&a, &b| {
        forced(b).cmp(&forced(a)).then(by_share(b).total_cmp(&by_share(a))).then(a.cmp(&b))
    });
    largest.truncate(open.len());
    let starts = [largest, small.local(open)];
    let mut searches = starts.map(|start| Exchanges::new(&small.instance, states, &start));
    for goes_on in [false, true] {
        for search in &mut searches {
            if goes_on && !wants_more(found.cost) {
                return found;
            }
            found.exchanges += match goes_on {
                false => search.descend(),
                true => {
                    search.roam(effort.exchanges, effort.booked, random)
                        + search.search(effort.kicks, effort.booked, random)
                }
            };
            if search.cost < found.cost {
                let whole = |&s: &u32| small.site_of[s as usize];
                (found.open, found.cost) = (search.sorted().iter().map(whole).collect(), search.cost);
            }
        }
    }
    found
}
