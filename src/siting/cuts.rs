//! Cuts for covering models: half of a sum of rows, rounded up, holds for whole sites though not for fractions
//! ({0, 1/2}-Chvátal-Gomory cuts: Caprara, Fischetti 1996; separated by elimination modulo 2: Koster, Zymolka, Kutschka 2009).

use super::instance::Instance;

/// Sum over `sites` of coefficient times open, plus each unserved one of `rows` where rows may stay unserved, is at least `right`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cut {
    /// Rows whose half sum it is, ascending.
    pub(super) rows: Vec<u32>,
    /// Coefficient of each site, ascending by site.
    pub(super) sites: Vec<(u32, u32)>,
    /// Right side.
    pub(super) right: u32,
}

impl Cut {
    /// The cut of `rows` (ascending) of `instance`.
    fn of(instance: &Instance, rows: Vec<u32>) -> Cut {
        let mut sites: Vec<u32> =
            rows.iter().flat_map(|&r| instance.rows.of(r as usize).iter().map(|e| e.0)).collect();
        sites.sort_unstable();
        let counted = sites.chunk_by(|a, b| a == b).map(|same| (same[0], (same.len() as u32).div_ceil(2)));
        let right = rows.iter().map(|&r| instance.need[r as usize]).sum::<u32>().div_ceil(2);
        Cut { sites: counted.collect(), rows, right }
    }
}

/// Most cuts of one round.
const A_ROUND: usize = 40;
/// Least lack of a cut worth having, doubled: of one unit, two of this are the least lack.
const LEAST_LACK: f64 = 0.04;
/// Most cuts of a round that one row takes part in.
const OF_A_ROW: u32 = 4;

/// A sum of rows modulo 2.
#[derive(Clone)]
struct Sum {
    /// Columns that an odd number of its rows holds.
    odd: Vec<u64>,
    /// Its rows, by place.
    rows: Vec<u64>,
    /// What its rows have too much or lack.
    slack: f64,
    /// Its rows want an odd number together.
    is_odd: bool,
}

impl Sum {
    fn add(&mut self, other: &Sum, apart: &[f64]) {
        self.odd.iter_mut().zip(&other.odd).for_each(|(a, b)| *a ^= b);
        self.rows.iter_mut().zip(&other.rows).for_each(|(a, b)| *a ^= b);
        self.is_odd ^= other.is_odd;
        self.slack = bits(&self.rows).map(|r| apart[r]).sum();
    }

    fn has(&self, column: usize) -> bool {
        self.odd[column / 64] >> (column % 64) & 1 == 1
    }
}

fn bits(words: &[u64]) -> impl Iterator<Item = usize> + '_ {
    let of = |(w, &word): (usize, &u64)| (0..64).filter(move |b| word >> b & 1 == 1).map(move |b| w * 64 + b);
    words.iter().enumerate().filter(|(_, word)| **word != 0).flat_map(of)
}

/// Cuts of `instance` (rows without distances) that the fractions `share` violate most.
pub(super) fn separate(instance: &Instance, share: &[f64]) -> Vec<Cut> {
    let mut columns: Vec<u32> = (0..share.len() as u32).filter(|&s| share[s as usize] > 1e-6).collect();
    columns.sort_by(|&a, &b| share[b as usize].total_cmp(&share[a as usize]).then(a.cmp(&b)));
    let mut place = vec![usize::MAX; share.len()];
    columns.iter().enumerate().for_each(|(i, &s)| place[s as usize] = i);
    let over = |r: &u32| {
        let cover: f64 = instance.rows.of(*r as usize).iter().map(|e| share[e.0 as usize]).sum();
        (cover - f64::from(instance.need[*r as usize])).abs()
    };
    let near = (0..instance.row_count() as u32).map(|r| (r, over(&r)));
    let near: Vec<(u32, f64)> = near.filter(|&(_, apart)| apart < 1.0 - LEAST_LACK).collect();
    let apart: Vec<f64> = near.iter().map(|n| n.1).collect();
    let mut sums: Vec<Sum> = (0..near.len())
        .map(|i| {
            let mut sum = Sum {
                odd: vec![0; columns.len().div_ceil(64)],
                rows: vec![0; near.len().div_ceil(64)],
                slack: apart[i],
                is_odd: instance.need[near[i].0 as usize] % 2 == 1,
            };
            sum.rows[i / 64] |= 1 << (i % 64);
            let held = instance.rows.of(near[i].0 as usize).iter().map(|e| place[e.0 as usize]);
            held.filter(|&c| c != usize::MAX).for_each(|c| sum.odd[c / 64] |= 1 << (c % 64));
            sum
        })
        .collect();
    let mut found: Vec<(f64, Vec<u32>)> = Vec::new();
    for column in 0..columns.len() {
        let holders = (0..sums.len()).filter(|&i| sums[i].has(column));
        let Some(pivot) = holders.min_by(|&a, &b| sums[a].slack.total_cmp(&sums[b].slack)) else { continue };
        let pivot = sums.swap_remove(pivot);
        for sum in sums.iter_mut().filter(|s| s.has(column)) {
            sum.add(&pivot, &apart);
            let odd_mass: f64 = bits(&sum.odd).map(|c| share[columns[c] as usize]).sum();
            if sum.is_odd && sum.slack + odd_mass < 1.0 - LEAST_LACK {
                found.push((1.0 - sum.slack - odd_mass, bits(&sum.rows).map(|i| near[i].0).collect()));
            }
        }
        // What is lost by rounding is never won back.
        sums.retain(|s| s.slack < 1.0 - LEAST_LACK);
    }
    pick(instance, found)
}

/// The cuts deepest for their length, no row in too many.
fn pick(instance: &Instance, mut found: Vec<(f64, Vec<u32>)>) -> Vec<Cut> {
    found.sort_by(|a, b| a.1.cmp(&b.1));
    found.dedup_by(|a, b| a.1 == b.1);
    let depth = |lack: f64, cut: &Cut| {
        let square: u32 = cut.sites.iter().map(|&(_, k)| k * k).sum();
        lack / f64::from(square + cut.rows.len() as u32).sqrt()
    };
    let mut cuts: Vec<(f64, Cut)> = found
        .into_iter()
        .map(|(lack, rows)| {
            let cut = Cut::of(instance, rows);
            (depth(lack, &cut), cut)
        })
        .collect();
    cuts.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.rows.cmp(&b.1.rows)));
    let mut used = vec![0; instance.row_count()];
    let mut picked = Vec::new();
    for (_, cut) in cuts {
        if picked.len() < A_ROUND && cut.rows.iter().all(|&r| used[r as usize] < OF_A_ROW) {
            cut.rows.iter().for_each(|&r| used[r as usize] += 1);
            picked.push(cut);
        }
    }
    picked
}
