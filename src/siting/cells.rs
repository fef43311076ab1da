//! Rows of the linear relaxation. Where distances count, each client has one row a distance level: the level costs its
//! step in distance while no site within it is open (Cornuéjols, Nemhauser, Wolsey 1980; Elloumi 2010), equal site sets
//! are one row, and levels beyond a reach are left out until a client needs them (a valid, weaker relaxation).

use super::exact::MILLION;
use super::instance::{Instance, Lists, State};
use std::collections::HashMap;

/// Nearest distance of a row, and (cell, step) of its levels.
type Levels = (u32, Vec<(u32, u32)>);

/// The relaxation's rows and what they say about prices.
#[derive(Debug, Clone)]
pub(super) struct Cells {
    /// A covering instance on the same sites.
    pub(super) instance: Instance,
    /// Of each row of the instance with distances.
    levels: Option<Vec<Levels>>,
}

/// What a row that no site serves at all is taken to cost: so many times its last distance, or the penalty if that is
/// less (a valid, weaker relaxation whose numbers stay small).
const LAST: i64 = 20;
/// Most entries that the dense simplex is good for.
const MOST_ENTRIES: usize = 400_000;

impl Cells {
    /// Cells of `instance`; with distances, levels up to `reach` of each row. `None` where they are too many.
    pub(super) fn build(instance: &Instance, reach: &[i64]) -> Option<Cells> {
        if instance.site_count() > 1_000 {
            return None;
        }
        if !instance.has_distances() {
            let fits = instance.rows.entry_count() <= MOST_ENTRIES;
            return fits.then(|| Cells { instance: instance.clone(), levels: None });
        }
        let mut known: HashMap<Vec<u32>, u32> = HashMap::new();
        let (mut sets, mut weight, mut levels) = (Vec::new(), Vec::new(), Vec::new());
        let mut entries = 0;
        for (r, &reach) in reach.iter().enumerate() {
            let list = instance.rows.of(r);
            let first = list.first().map_or(0, |e| e.1);
            let (mut steps, mut within, mut at) = (Vec::new(), Vec::new(), 0);
            while at < list.len() && instance.state[list[at].0 as usize] != State::Open {
                let d = list[at].1;
                while at < list.len() && list[at].1 == d && instance.state[list[at].0 as usize] != State::Open
                {
                    within.push(list[at].0);
                    at += 1;
                }
                if list.get(at).is_some_and(|e| e.1 == d) {
                    break;
                }
                let beyond = list.get(at).map_or(i64::from(d) * LAST + 100, |e| i64::from(e.1));
                let step = u32::try_from(beyond.min(instance.penalty) - i64::from(d)).unwrap_or(0);
                let mut set = within.clone();
                set.sort_unstable();
                let cell = *known.entry(set).or_insert_with_key(|set| {
                    entries += set.len();
                    sets.push(set.clone());
                    weight.push(0i64);
                    sets.len() as u32 - 1
                });
                weight[cell as usize] += instance.weight[r] * i64::from(step);
                steps.push((cell, step));
                if i64::from(d) >= reach || entries > MOST_ENTRIES {
                    break;
                }
            }
            levels.push((first, steps));
        }
        if entries > MOST_ENTRIES {
            return None;
        }
        let by_row = sets.iter().enumerate().flat_map(|(c, l)| l.iter().map(move |&s| (c as u32, s, 0)));
        let cells = Instance {
            rows: Lists::by_key(sets.len(), by_row.clone()),
            cols: Lists::by_key(instance.site_count(), by_row.map(|(c, s, d)| (s, c, d))),
            need: vec![1; sets.len()],
            unit: weight.clone(),
            weight,
            penalty: 1,
            cap: Some(1),
            state: instance.state.clone(),
            costs: instance.costs.clone(),
            row_of: Vec::new(),
            ..*instance
        };
        Some(Cells { instance: cells, levels: Some(levels) })
    }

    /// Cells are the rows of the instance, not levels of distance.
    pub(super) fn are_rows(&self) -> bool {
        self.levels.is_none()
    }

    /// Prices of the rows of the instance from prices of the cells.
    pub(super) fn prices(&self, cells: Vec<i64>) -> Vec<i64> {
        let Some(levels) = &self.levels else { return cells };
        let sum = |(first, steps): &Levels| {
            let steps = steps.iter().map(|&(c, step)| i64::from(step) * cells[c as usize].min(MILLION));
            i64::from(*first) * MILLION + steps.sum::<i64>()
        };
        levels.iter().map(sum).collect()
    }

    /// Raises `reach` of the rows that the fractions `share` do not serve within their levels; false if none is short.
    pub(super) fn extend(&self, whole: &Instance, share: &[f64], reach: &mut [i64]) -> bool {
        let Some(levels) = &self.levels else { return false };
        let mut short = false;
        for (r, (_, steps)) in levels.iter().enumerate() {
            let list = whole.rows.of(r);
            let Some(&(last, _)) = steps.last() else { continue };
            let within = self.instance.rows.of(last as usize);
            let served: f64 = within.iter().map(|e| share[e.0 as usize]).sum();
            if served > 1.0 - 1e-4 || within.len() >= list.len() {
                continue;
            }
            let mut sum = 0.0;
            for &(s, d) in list {
                sum += share[s as usize];
                if sum > 1.0 - 1e-4 {
                    short |= i64::from(d) > reach[r];
                    reach[r] = reach[r].max(i64::from(d));
                    break;
                }
            }
        }
        short
    }
}

/// Reach of each row a little beyond its price.
pub(super) fn reach_of(prices: &[i64]) -> Vec<i64> {
    prices.iter().map(|&y| y / MILLION + y / MILLION / 8 + 1).collect()
}
