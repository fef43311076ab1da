//! From row multipliers to the certificate of an answer.

use super::answer::Cut;
use super::branch_and_bound::Tree;
use super::instance::Instance;

/// One multiplier a client. Where outlets are counted, the first client of a row speaks for it; else each client
/// carries the multiplier of its row, which is per unit of weight.
pub(super) fn to_clients(instance: &Instance, rows: &[i64]) -> Vec<i64> {
    classes(instance).iter().map(|class| class.map_or(0, |row| rows[row as usize])).collect()
}

/// The class of each client in multipliers by row.
pub(super) fn classes(instance: &Instance) -> Vec<Option<u32>> {
    classes_by_unit(instance, instance.p.is_some())
}

/// Cuts that are half of a sum of rows each.
pub(super) fn halves(cuts: &[Vec<u32>]) -> Vec<Cut> {
    cuts.iter().map(|rows| Cut { rows: rows.iter().map(|&r| (r, 1)).collect(), denominator: 2 }).collect()
}

/// The class of each client in the multipliers of `tree`.
pub(super) fn classes_of_tree(instance: &Instance, tree: &Tree) -> Vec<Option<u32>> {
    let Some(class) = &tree.class else { return classes(instance) };
    let mut spoken = vec![false; class.iter().flatten().map(|&c| c as usize + 1).max().unwrap_or(0)];
    let of_client = classes(instance);
    let speaks = |row: &Option<u32>| {
        let class = row.and_then(|r| class[r as usize])?;
        let first = !std::mem::replace(&mut spoken[class as usize], true);
        (first || instance.p.is_some()).then_some(class)
    };
    of_client.iter().map(speaks).collect()
}

/// As [`classes`]; `by_weight`: multipliers are per unit of weight and every client of a row carries them.
pub(super) fn classes_by_unit(instance: &Instance, by_weight: bool) -> Vec<Option<u32>> {
    let mut spoken = vec![false; instance.row_count()];
    let speaks = |row: &Option<u32>| {
        let first = row.is_some_and(|r| !std::mem::replace(&mut spoken[r as usize], true));
        row.filter(|_| first || by_weight)
    };
    instance.row_of.iter().map(speaks).collect()
}
