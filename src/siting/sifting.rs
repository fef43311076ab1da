//! The linear relaxation of a large covering model by its promising sites: rows that agree on them are merged, and sites that the
//! prices show to be worth more join, until none does (sifting; Bixby et al. 1992).

use super::compact::{Compact, compact};
use super::exact::{self, DualValue, MILLION};
use super::instance::{Instance, State};
use super::lagrangian::Dual;
use super::linear_relaxation::{Program, Simplex, Vertex};

/// Most times that sites join.
const ROUNDS: usize = 30;
/// Pivots of one round.
const PIVOTS: u64 = 20_000;
/// Share of a climb's iterations from which a site is promising.
const PROMISING: f64 = 0.01;

/// Prices at the optimum of the relaxation of `instance` (a number of sites, rows without distances), from the sites `open`, their cost and the
/// prices of a climb. `None` where no site may open.
pub(super) fn sift(instance: &Instance, open: &[u32], cost: i64, first: &Dual) -> Option<Dual> {
    let p = instance.p?;
    let mut inside: Vec<bool> = (0..instance.site_count())
        .map(|s| instance.state[s] == State::Open || first.share.get(s).is_some_and(|&x| x > PROMISING))
        .collect();
    open.iter().for_each(|&s| inside[s as usize] = true);
    join(instance, &first.value, &mut inside, p);
    let mut start = open.to_vec();
    let mut best: Option<Dual> = None;
    let mut steps = 0;
    let mut before: Option<(Compact, Vertex)> = None;
    for _ in 0..ROUNDS {
        let state = (0..inside.len()).map(|s| if inside[s] { instance.state[s] } else { State::Closed });
        let small = compact(instance, &state.collect::<Vec<State>>());
        let states = &small.instance.state;
        let mut corner = small.local(&start);
        corner.retain(|&s| states[s as usize] == State::Free);
        corner.truncate(p.saturating_sub(small.instance.forced()));
        let program = Program::new(&small.instance, Vec::new());
        let warm =
            before.as_ref().map(|(old, vertex)| Simplex::at(&program, states, &grown(old, &small, vertex)));
        let solved = warm.and_then(|mut simplex| Some((simplex.optimise(PIVOTS)?, simplex)));
        let ((prices, pivots), simplex) = match solved {
            Some(solved) => solved,
            None => {
                let mut simplex = Simplex::new(&program, states, &corner)?;
                (simplex.optimise(PIVOTS)?, simplex)
            }
        };
        steps += pivots;
        let of_row = |class: &Option<u32>| class.map_or(0, |row| prices.rows[row as usize]);
        let multipliers: Vec<i64> = small.class.iter().map(of_row).collect();
        let value = exact::evaluate(instance, &instance.state, &multipliers);
        let restricted = exact::evaluate(&small.instance, states, &prices.rows).bound;
        // What is left of the way is little beside the gap.
        let gap = i128::from(cost) * i128::from(MILLION) - restricted;
        let optimal = value.bound + (gap / 200).max(i128::from(MILLION) / 1000) >= restricted;
        let (vertex, mut share) = (simplex.vertex(), vec![0.0; inside.len()]);
        simplex.share().iter().zip(&small.site_of).for_each(|(x, &s)| share[s as usize] = *x);
        let mut order: Vec<u32> = small.site_of.clone();
        order.sort_by(|&a, &b| share[b as usize].total_cmp(&share[a as usize]).then(a.cmp(&b)));
        start = order.into_iter().take(p).collect();
        let joined = !optimal && join(instance, &value, &mut inside, p);
        if best.as_ref().is_none_or(|b| value.bound > b.value.bound) {
            best = Some(Dual { multipliers, value, share, steps });
        } else if let Some(best) = &mut best {
            best.share = share;
        }
        if !joined {
            break;
        }
        before = Some((small, vertex));
    }
    best.map(|best| Dual { steps, ..best })
}

/// Sites that earn more at these prices than the `p`-th of those inside join them; false if there are none.
pub(super) fn join(instance: &Instance, value: &DualValue, inside: &mut [bool], p: usize) -> bool {
    let free = |s: &usize| instance.state[*s] == State::Free;
    let mut earned: Vec<i128> =
        (0..inside.len()).filter(free).filter(|&s| inside[s]).map(|s| value.reduced[s]).collect();
    earned.sort_unstable();
    let room = p.saturating_sub(instance.forced());
    let last = room.checked_sub(1).and_then(|at| earned.get(at)).map_or(0, |&v| v.min(0));
    let better: Vec<usize> =
        (0..inside.len()).filter(free).filter(|&s| !inside[s] && value.reduced[s] < last).collect();
    better.iter().for_each(|&s| inside[s] = true);
    !better.is_empty()
}

/// The corner `vertex` of `old` in `new`, whose sites are those of `old` and more. Of the rows that one has become the heaviest is its heir.
fn grown(old: &Compact, new: &Compact, vertex: &Vertex) -> Vertex {
    let column_before: Vec<Option<u32>> =
        new.site_of.iter().map(|s| old.site_of.binary_search(s).ok().map(|i| i as u32)).collect();
    let mut row_before = vec![0; new.instance.row_count()];
    let mut heir = vec![u32::MAX; old.instance.row_count()];
    for (before, now) in old.class.iter().zip(&new.class) {
        let (Some(before), Some(now)) = (*before, *now) else { continue };
        row_before[now as usize] = before;
        let known = &mut heir[before as usize];
        let weight = |r: u32| new.instance.weight[r as usize];
        if *known == u32::MAX || weight(now) > weight(*known) {
            *known = now;
        }
    }
    vertex.split(&column_before, &row_before, &heir, new.instance.p.is_some())
}
