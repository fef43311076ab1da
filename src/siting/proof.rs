//! From row multipliers to the certificate of an answer.

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

/// As [`classes`]; `by_weight`: multipliers are per unit of weight and every client of a row carries them.
pub(super) fn classes_by_unit(instance: &Instance, by_weight: bool) -> Vec<Option<u32>> {
    let mut spoken = vec![false; instance.row_count()];
    let speaks = |row: &Option<u32>| {
        let first = row.is_some_and(|r| !std::mem::replace(&mut spoken[r as usize], true));
        row.filter(|_| first || by_weight)
    };
    instance.row_of.iter().map(speaks).collect()
}
