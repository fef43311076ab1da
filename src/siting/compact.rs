//! The instance that is left once sites are settled: closed sites go, rows that an open site serves go, and rows that
//! have become equal are merged again.

use super::instance::{Instance, Lists, State};
use std::collections::HashMap;

/// A smaller instance and the way back.
#[derive(Debug, Clone)]
pub(super) struct Compact {
    /// Its sites and rows are numbered anew; settled open sites stay, as open.
    pub(super) instance: Instance,
    /// Site of the whole instance, ascending.
    pub(super) site_of: Vec<u32>,
    /// New row of each old one; `None`: served for nothing.
    pub(super) class: Vec<Option<u32>>,
}

/// Leaves out of `instance` what `state` has settled. Outlets must be given in number (`p`).
pub(super) fn compact(instance: &Instance, state: &[State]) -> Compact {
    let kept = (0..state.len() as u32).filter(|&s| state[s as usize] != State::Closed);
    let site_of: Vec<u32> = kept.collect();
    let mut local = vec![u32::MAX; state.len()];
    site_of.iter().enumerate().for_each(|(i, &s)| local[s as usize] = i as u32);
    let merges = !instance.has_distances();
    let mut class = vec![None; instance.row_count()];
    let mut lists: Vec<Vec<(u32, u32)>> = Vec::new();
    let mut weight: Vec<i64> = Vec::new();
    let mut known: HashMap<Vec<(u32, u32)>, u32> = HashMap::new();
    for r in 0..instance.row_count() {
        let mut list = Vec::new();
        let mut served = false;
        for &(s, d) in instance.rows.of(r).iter().filter(|e| state[e.0 as usize] != State::Closed) {
            list.push((local[s as usize], d));
            served = state[s as usize] == State::Open;
            if served {
                break;
            }
        }
        if merges {
            served = served || instance.rows.of(r).iter().any(|e| state[e.0 as usize] == State::Open);
            if served {
                continue;
            }
            if let Some(&row) = known.get(&list) {
                class[r] = Some(row);
                weight[row as usize] += instance.weight[r];
                continue;
            }
            known.insert(list.clone(), lists.len() as u32);
        }
        class[r] = Some(lists.len() as u32);
        lists.push(list);
        weight.push(instance.weight[r]);
    }
    let by_row = lists.iter().enumerate().flat_map(|(r, l)| l.iter().map(move |&(s, d)| (r as u32, s, d)));
    let small = Instance {
        rows: Lists::by_key(lists.len(), by_row.clone()),
        cols: Lists::by_key(site_of.len(), by_row.map(|(r, s, d)| (s, r, d))),
        need: vec![1; lists.len()],
        unit: weight.clone(),
        weight,
        state: site_of.iter().map(|&s| state[s as usize]).collect(),
        costs: Vec::new(),
        row_of: Vec::new(),
        ..*instance
    };
    Compact { instance: small, site_of, class }
}

impl Compact {
    /// Prices of the old rows as prices of the new ones (weighted means where rows were merged).
    pub(super) fn prices(&self, old: &Instance, prices: &[i64]) -> Vec<i64> {
        let mut sum = vec![0i128; self.instance.row_count()];
        for (r, row) in self.class.iter().enumerate() {
            if let Some(row) = row {
                sum[*row as usize] += i128::from(prices[r]) * i128::from(old.weight[r]);
            }
        }
        let mean = |(s, &w): (i128, &i64)| i64::try_from(s / i128::from(w.max(1))).unwrap_or(i64::MAX);
        sum.into_iter().zip(&self.instance.weight).map(mean).collect()
    }

    /// Old sites as new ones; settled ones that are gone are left out.
    pub(super) fn local(&self, sites: &[u32]) -> Vec<u32> {
        sites.iter().filter_map(|s| self.site_of.binary_search(s).ok().map(|i| i as u32)).collect()
    }
}
