//! Connected parts of a graph: strongly (there and back) and weakly (as if every road ran both ways).

/// Union-find with path halving.
#[derive(Debug)]
pub(super) struct Joined {
    parent: Vec<u32>,
    sets: u64,
}

impl Joined {
    pub(super) fn new(n: usize) -> Self {
        Joined { parent: (0..n as u32).collect(), sets: n as u64 }
    }

    pub(super) fn find(&mut self, mut a: u32) -> u32 {
        while self.parent[a as usize] != a {
            let up = self.parent[self.parent[a as usize] as usize];
            self.parent[a as usize] = up;
            a = up;
        }
        a
    }

    pub(super) fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.find(a), self.find(b));
        if a != b {
            self.parent[a.max(b) as usize] = a.min(b);
            self.sets -= 1;
        }
    }

    /// Number of sets left.
    pub(super) fn sets(&self) -> u64 {
        self.sets
    }
}

/// The strongly connected component of each node, numbered in the order their first node stands
/// (Tarjan 1972, with its own stack: recursion would overflow on long roads).
pub(super) fn strong_components(first_out: &[u32], head: &[u32]) -> Vec<u32> {
    const UNSEEN: u32 = u32::MAX;
    let n = first_out.len().saturating_sub(1);
    let (mut order, mut low) = (vec![UNSEEN; n], vec![0_u32; n]);
    let (mut component, mut open, mut calls) = (vec![UNSEEN; n], Vec::new(), Vec::new());
    let (mut clock, mut found) = (0_u32, 0_u32);
    for root in 0..n as u32 {
        if order[root as usize] != UNSEEN {
            continue;
        }
        calls.push((root, first_out[root as usize]));
        while let Some((node, arc)) = calls.pop() {
            let v = node as usize;
            if order[v] == UNSEEN {
                (order[v], low[v]) = (clock, clock);
                clock += 1;
                open.push(node);
            }
            if arc < first_out[v + 1] {
                calls.push((node, arc + 1));
                let w = head[arc as usize] as usize;
                if order[w] == UNSEEN {
                    calls.push((w as u32, first_out[w]));
                } else if component[w] == UNSEEN {
                    low[v] = low[v].min(order[w]);
                }
                continue;
            }
            if low[v] == order[v] {
                while let Some(w) = open.pop() {
                    component[w as usize] = found;
                    if w == node {
                        break;
                    }
                }
                found += 1;
            }
            if let Some((parent, _)) = calls.last() {
                let p = *parent as usize;
                low[p] = low[p].min(low[v]);
            }
        }
    }
    renumbered(&mut component, found as usize);
    component
}

/// Renumbers components by their first node.
fn renumbered(component: &mut [u32], found: usize) {
    let (mut new, mut next) = (vec![u32::MAX; found], 0);
    for c in component {
        let slot = &mut new[*c as usize];
        if *slot == u32::MAX {
            *slot = next;
            next += 1;
        }
        *c = *slot;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_is_one_component_and_its_one_way_tail_another() {
        // 0 -> 1 -> 2 -> 0, 2 -> 3
        assert_eq!(strong_components(&[0, 1, 2, 4, 4], &[1, 2, 0, 3]), [0, 0, 0, 1]);
    }

    #[test]
    fn a_road_of_a_million_nodes_does_not_overflow_the_stack() {
        let n = 1_000_000_u32;
        let first: Vec<u32> = (0..=n).map(|i| i.min(n - 1)).collect();
        let head: Vec<u32> = (1..n).collect();
        assert_eq!(strong_components(&first, &head)[n as usize - 1], n - 1);
    }
}
