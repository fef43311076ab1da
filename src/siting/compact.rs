//! The instance that is left once sites are settled: closed sites go, rows that an open site serves go, and rows that
//! have become equal are merged again.

use super::exact::MILLION;
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
    let (mut class, mut weight) = (vec![None; instance.row_count()], Vec::new());
    // Entries of all new rows, one after the other.
    let (mut start, mut entries) = (vec![0], Vec::new());
    let mut known: HashMap<Vec<(u32, u32)>, u32> = HashMap::new();
    for (r, class) in class.iter_mut().enumerate() {
        if merges && instance.rows.of(r).iter().any(|e| state[e.0 as usize] == State::Open) {
            continue;
        }
        for &(s, d) in instance.rows.of(r).iter().filter(|e| state[e.0 as usize] != State::Closed) {
            entries.push((local[s as usize], d));
            if state[s as usize] == State::Open {
                break;
            }
        }
        let (next, from) = (weight.len() as u32, start[start.len() - 1]);
        let row = if merges { *known.entry(entries[from..].to_vec()).or_insert(next) } else { next };
        *class = Some(row);
        if row == next {
            weight.push(instance.weight[r]);
            start.push(entries.len());
        } else {
            weight[row as usize] += instance.weight[r];
            entries.truncate(from);
        }
    }
    let rows = weight.len();
    let (start, entries) = (&start, &entries);
    let of = |r: usize| entries[start[r]..start[r + 1]].iter();
    let by_row = (0..rows).flat_map(|r| of(r).map(move |&(s, d)| (r as u32, s, d)));
    let small = Instance {
        rows: Lists::by_key(rows, by_row.clone()),
        cols: Lists::by_key(site_of.len(), by_row.map(|(r, s, d)| (s, r, d))),
        need: vec![1; rows],
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
        let mut mean: Vec<i64> = sum.into_iter().zip(&self.instance.weight).map(mean).collect();
        // A list ends at a site that is open in any case: what lies beyond is cut off, so no price may reach there.
        for (r, price) in mean.iter_mut().enumerate().filter(|_| self.instance.has_distances()) {
            let last = self.instance.rows.of(r).last();
            if let Some(e) = last.filter(|e| self.instance.state[e.0 as usize] == State::Open) {
                *price = (*price).min(i64::from(e.1) * MILLION);
            }
        }
        mean
    }

    /// Old sites as new ones; settled ones that are gone are left out.
    pub(super) fn local(&self, sites: &[u32]) -> Vec<u32> {
        sites.iter().filter_map(|s| self.site_of.binary_search(s).ok().map(|i| i as u32)).collect()
    }

    /// Numbers of the old sites as numbers of those that are left.
    pub(super) fn pick(&self, of_sites: &[f64]) -> Vec<f64> {
        self.site_of.iter().map(|&s| of_sites[s as usize]).collect()
    }

    /// Numbers of the sites that are left as numbers of all old `sites`; the others get 0.
    pub(super) fn spread(&self, of_sites: &[f64], sites: usize) -> Vec<f64> {
        let mut whole = vec![0.0; sites];
        of_sites.iter().zip(&self.site_of).for_each(|(x, &s)| whole[s as usize] = *x);
        whole
    }
}
