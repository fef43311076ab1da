//! Rows that another row already forces: where each site of a shorter row also serves the longer one.

use super::instance::Instance;

/// Rows that no other row dominates, ascending. Row `a` dominates `b` when its sites are among those of `b` and it
/// needs as many; of equal rows (merged already) only needs differ.
pub(super) fn undominated_rows(instance: &Instance) -> Vec<u32> {
    let m = instance.row_count();
    let mut alive = vec![true; m];
    let mut order: Vec<usize> = (0..m).collect();
    order.sort_by_key(|&r| (instance.rows.of(r).len(), r));
    let mut mark = vec![u32::MAX; instance.site_count()];
    for &a in &order {
        if !alive[a] {
            continue;
        }
        let sites = instance.rows.of(a);
        sites.iter().for_each(|e| mark[e.0 as usize] = a as u32);
        let Some(rarest) = sites.iter().min_by_key(|e| (instance.cols.of(e.0 as usize).len(), e.0)) else {
            continue;
        };
        for &(b, _) in instance.cols.of(rarest.0 as usize) {
            let b = b as usize;
            let longer = instance.rows.of(b).len() > sites.len() && instance.need[b] <= instance.need[a];
            if alive[b] && longer {
                let shared = instance.rows.of(b).iter().filter(|e| mark[e.0 as usize] == a as u32).count();
                alive[b] = shared < sites.len();
            }
        }
    }
    (0..m as u32).filter(|&r| alive[r as usize]).collect()
}
