//! Rows that another row already forces, where each site of a shorter row also serves the longer one; and sites that another site can
//! stand in for.

use super::instance::{Instance, State};

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

/// What is left of a cover problem once dominated rows and sites have gone, again and again, and the row of `instance` of each of its
/// rows. A cover of it is a cover of `instance`, and one of the fewest sites is among them. Sites keep their numbers.
pub(super) fn core(instance: &Instance) -> (Instance, Vec<u32>) {
    let mut rows = undominated_rows(instance);
    let mut core = instance.only_rows(&rows);
    while core.need.iter().all(|&need| need == 1) {
        let gone = dominated_sites(&core);
        if gone.is_empty() {
            break;
        }
        gone.iter().for_each(|&s| core.state[s as usize] = State::Closed);
        core = core.without_closed();
        let keep = undominated_rows(&core);
        rows = keep.iter().map(|&r| rows[r as usize]).collect();
        core = core.only_rows(&keep);
    }
    (core, rows)
}

/// Free sites all of whose rows another site serves too; of equal sites the first stays.
fn dominated_sites(instance: &Instance) -> Vec<u32> {
    let mut marked = vec![u32::MAX; instance.row_count()];
    let mut gone = Vec::new();
    for s in (0..instance.site_count() as u32).filter(|&s| instance.state[s as usize] == State::Free) {
        let rows = instance.cols.of(s as usize);
        rows.iter().for_each(|e| marked[e.0 as usize] = s);
        let Some(rarest) = rows.iter().map(|e| e.0).min_by_key(|&r| (instance.rows.of(r as usize).len(), r))
        else {
            gone.push(s);
            continue;
        };
        let stands_in = |&(t, _): &(u32, u32)| {
            let other = instance.cols.of(t as usize);
            let wider = (other.len(), std::cmp::Reverse(t)) > (rows.len(), std::cmp::Reverse(s));
            t != s && wider && other.iter().filter(|e| marked[e.0 as usize] == s).count() == rows.len()
        };
        if instance.rows.of(rarest as usize).iter().any(stands_in) {
            gone.push(s);
        }
    }
    gone
}
