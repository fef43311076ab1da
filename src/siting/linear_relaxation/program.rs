//! The linear program behind the simplex: columns are sites and, for rows that take part in cuts, how much the row stays unserved.

use crate::base::SplitMix64;
use crate::siting::cuts::Cut;
use crate::siting::instance::{Instance, Lists};

/// Rows want cover or pay their hinge for what they lack; `sites` columns count against `p`, the others are lacks of rows.
#[derive(Debug, Clone)]
pub(in crate::siting) struct Program {
    /// Columns of each row with coefficient: rows of the instance, then cuts.
    pub(super) rows: Lists,
    /// Rows of each column with coefficient.
    pub(super) cols: Lists,
    /// Right side of each row, with its offset.
    pub(super) right: Vec<f64>,
    /// What a unit of lack costs in each row.
    pub(super) hinge: Vec<f64>,
    /// Mean of the hinges.
    pub(super) usual: f64,
    /// Cost of each column.
    pub(super) cost: Vec<f64>,
    /// Bounds of each column, with their offsets.
    pub(super) low: Vec<f64>,
    /// See `low`.
    pub(super) up: Vec<f64>,
    /// Number of sites.
    pub(super) sites: usize,
    /// How many sites open; `None` where they are counted.
    pub(super) p: Option<usize>,
    /// What one unit of a row's multiplier stands for.
    pub(super) unit: Vec<f64>,
    /// Row of each lack column, ascending.
    pub(super) lacks: Vec<u32>,
    /// The cuts, which stand behind the rows of the instance.
    pub(super) cuts: Vec<Cut>,
}

impl Program {
    /// The relaxation of `instance` (rows without distances) with `cuts`.
    pub(in crate::siting) fn new(instance: &Instance, cuts: Vec<Cut>) -> Program {
        let (m, n) = (instance.row_count(), instance.site_count());
        let lacks = if instance.cap.is_some() { rows_of(&cuts) } else { Vec::new() };
        let lack_of = |r: u32| lacks.binary_search(&r).ok().map(|i| (n + i) as u32);
        let of_rows = (0..m as u32).flat_map(|r| {
            let sites = instance.rows.of(r as usize).iter().map(move |e| (r, e.0, 1));
            sites.chain(lack_of(r).map(|column| (r, column, 1)))
        });
        let of_cuts = cuts.iter().enumerate().flat_map(|(c, cut)| {
            let row = (m + c) as u32;
            let sites = cut.sites.iter().map(move |&(s, k)| (row, s, k));
            sites.chain(cut.rows.iter().filter_map(move |&r| Some((row, lack_of(r)?, 1))))
        });
        let entries = of_rows.chain(of_cuts);
        let columns = n + lacks.len();
        let mut random = SplitMix64::new(7);
        let mut offset = |scale: f64| (0.5 + random.unit()) * scale;
        let (mut low, mut up) = (vec![0.0; columns], vec![1.0; columns]);
        for s in 0..columns {
            (low[s], up[s]) = (-offset(1e-6), 1.0 + offset(1e-6));
        }
        let needs = instance.need.iter().copied().chain(cuts.iter().map(|c| c.right));
        let hinge = hinges(instance, &cuts, &lacks);
        let cost = (0..n).map(|s| instance.cost_of(s) as f64);
        let cost = cost.chain(lacks.iter().map(|&r| instance.unit[r as usize] as f64));
        Program {
            rows: Lists::by_key(m + cuts.len(), entries.clone()),
            cols: Lists::by_key(columns, entries.map(|(r, s, k)| (s, r, k))),
            right: needs.map(|k| f64::from(k) - offset(2e-6)).collect(),
            usual: hinge.iter().sum::<f64>() / hinge.len().max(1) as f64,
            hinge,
            cost: cost.collect(),
            low,
            up,
            sites: n,
            p: instance.p,
            unit: instance.unit.iter().map(|&u| u as f64).collect(),
            lacks,
            cuts,
        }
    }

    /// Rows and cuts.
    pub(super) fn row_count(&self) -> usize {
        self.right.len()
    }

    /// Sites and lacks.
    pub(super) fn column_count(&self) -> usize {
        self.cost.len()
    }

    /// Its cuts.
    pub(in crate::siting) fn cuts(&self) -> &[Cut] {
        &self.cuts
    }
}

/// Rows that take part in `cuts`, ascending.
fn rows_of(cuts: &[Cut]) -> Vec<u32> {
    let mut rows: Vec<u32> = cuts.iter().flat_map(|c| c.rows.iter().copied()).collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// What a unit of lack costs in each row of `instance`, then in each cut. Cuts, and rows with a column for what they lack (`lacks`),
/// are to hold: their hinges outweigh whatever could make up for them.
fn hinges(instance: &Instance, cuts: &[Cut], lacks: &[u32]) -> Vec<f64> {
    // Where outlets are counted, lacking one unit costs more than any site that could serve it.
    let strict = if instance.need.iter().all(|&k| k == 1) { 2.0 } else { 1000.0 };
    let strict = strict * instance.site_cost.max(1) as f64;
    let weight = |r: u32| instance.unit[r as usize] as f64;
    let of_row = |r: u32| match instance.cap {
        None => strict,
        Some(_) if lacks.binary_search(&r).is_ok() => 2.0 * weight(r),
        Some(_) => weight(r),
    };
    let of_cut = |c: &Cut| match instance.cap {
        None => strict,
        Some(_) => 2.0 * c.rows.iter().map(|&r| weight(r)).sum::<f64>(),
    };
    (0..instance.row_count() as u32).map(of_row).chain(cuts.iter().map(of_cut)).collect()
}
