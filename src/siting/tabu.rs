//! Tabu search over exchanges: the best exchange is made even where it costs, and sites that moved rest a while (Glover 1989).

use super::instance::{Instance, State};
use super::swaps::Placement;
use crate::base::SplitMix64;

/// Exchanges from `start` for `most` exchanges; returns the best placement met and the exchanges made. Sites must be free or forced open in `state`.
pub(super) fn tabu_search<'a>(
    start: &Placement<'a>,
    instance: &Instance,
    state: &[State],
    most: u64,
    random: &mut SplitMix64,
) -> (Placement<'a>, u64) {
    let (mut here, mut best) = (start.clone(), start.clone());
    let free: Vec<u32> = (0..state.len() as u32).filter(|&s| state[s as usize] == State::Free).collect();
    let closable = here.open.len() - instance.forced();
    if free.len() <= closable || closable == 0 {
        return (best, 0);
    }
    let mut rests_until = vec![0u64; state.len()];
    let mut change = vec![0; state.len()];
    for step in 1..=most {
        let mut found: Option<(i64, u32, u32)> = None;
        for &into in free.iter().filter(|&&s| !here.is_open[s as usize]) {
            let rests = |s: u32| rests_until[s as usize] > step;
            let record = here.cost - best.cost;
            let exchange = here.best_exchange_of(into, &mut change, |out, profit| {
                profit > record || !(rests(out) || rests(into))
            });
            let Some((profit, out)) = exchange else { continue };
            if found.is_none_or(|f| (profit, std::cmp::Reverse(into)) > (f.0, std::cmp::Reverse(f.1))) {
                found = Some((profit, into, out));
            }
        }
        let Some((_, into, out)) = found else { continue };
        here.close_site(out);
        here.open_site(into);
        let tenure = |length: usize, random: &mut SplitMix64| step + 2 + random.below(length.max(1)) as u64;
        rests_until[into as usize] = tenure(closable / 2, random);
        rests_until[out as usize] = tenure((free.len() - closable) / 4, random);
        if here.cost < best.cost {
            best = here.clone();
        }
    }
    (best, most)
}
