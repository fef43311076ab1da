//! Nested dissection (George 1973): separators last, the two parts before them, each ordered the same way.

use crate::base::LonLat;
use crate::travel::sweep::inertial_flow;
use crate::travel::sweep::undirected::Undirected;

/// Parts of this size or less are ordered by minimum degree.
const LEAF: usize = 10;
/// Parts larger than this are ordered in parallel.
const PARALLEL: usize = 2_000;

/// One part of the network.
struct Part {
    graph: Undirected,
    /// The caller's name of each node.
    node: Vec<u32>,
    /// Metric place of each node.
    place: Vec<(f64, f64)>,
}

/// The `core_nodes` in order of contraction, lowest first. `position` is indexed by core node.
pub fn order(core: &Undirected, core_nodes: &[u32], position: &[LonLat]) -> Vec<u32> {
    let latitude =
        core_nodes.iter().map(|&n| position[n as usize].lat).sum::<f64>() / core_nodes.len().max(1) as f64;
    let stretch = latitude.to_radians().cos();
    let place = |&n: &u32| (position[n as usize].lon * stretch, position[n as usize].lat);
    let place = core_nodes.iter().map(place).collect();
    dissect(Part { graph: core.clone(), node: core_nodes.to_vec(), place })
}

fn dissect(part: Part) -> Vec<u32> {
    if part.node.len() <= LEAF {
        return minimum_degree(&part);
    }
    let mut components = part.components();
    if components.len() > 1 {
        components.sort_by_key(|c| (c.len(), c[0]));
        let parts = part.split(&components);
        return in_parallel(parts, part.node.len());
    }
    let side = inertial_flow::cut(&part.graph, &part.place);
    let separator = part.separator(&side);
    let mut halves = [Vec::new(), Vec::new()];
    for n in 0..part.node.len() as u32 {
        if !separator[n as usize] {
            halves[usize::from(side[n as usize])].push(n);
        }
    }
    let mut order = in_parallel(part.split(&halves), part.node.len());
    order.extend((0..part.node.len()).filter(|&n| separator[n]).map(|n| part.node[n]));
    order
}

/// Orders the parts one after the other, the work shared between threads where there is enough of it.
fn in_parallel(mut parts: Vec<Part>, nodes: usize) -> Vec<u32> {
    if nodes <= PARALLEL || parts.len() < 2 {
        return parts.into_iter().flat_map(dissect).collect();
    }
    let last = parts.pop().into_iter().collect();
    let (mut order, rest) = rayon::join(|| in_parallel(parts, nodes), || in_parallel(last, 0));
    order.extend(rest);
    order
}

impl Part {
    /// The nodes of each connected component.
    fn components(&self) -> Vec<Vec<u32>> {
        let mut seen = vec![false; self.node.len()];
        let mut components = Vec::new();
        for start in 0..self.node.len() as u32 {
            if std::mem::replace(&mut seen[start as usize], true) {
                continue;
            }
            let (mut component, mut next) = (vec![start], 0);
            while let Some(&node) = component.get(next) {
                next += 1;
                for &other in self.graph.of(node) {
                    if !std::mem::replace(&mut seen[other as usize], true) {
                        component.push(other);
                    }
                }
            }
            component.sort_unstable();
            components.push(component);
        }
        components
    }

    fn split(&self, groups: &[Vec<u32>]) -> Vec<Part> {
        let mut local = vec![u32::MAX; self.node.len()];
        let mut part = |group: &Vec<u32>| Part {
            graph: self.graph.induced(group, &mut local),
            node: group.iter().map(|&n| self.node[n as usize]).collect(),
            place: group.iter().map(|&n| self.place[n as usize]).collect(),
        };
        groups.iter().map(&mut part).collect()
    }

    /// The ends of the cut's edges on the side that has fewer of them.
    fn separator(&self, side: &[bool]) -> Vec<bool> {
        let at_cut = |n: u32| self.graph.of(n).iter().any(|&m| side[m as usize] != side[n as usize]);
        let ends: Vec<bool> = (0..self.node.len() as u32).map(at_cut).collect();
        let count = |of: bool| (0..side.len()).filter(|&n| ends[n] && side[n] == of).count();
        let fewer = count(true) <= count(false);
        (0..side.len()).map(|n| ends[n] && side[n] == fewer).collect()
    }
}

/// Repeatedly the node with the fewest neighbours, its neighbours joined (Tinney, Walker 1967); for tiny parts.
fn minimum_degree(part: &Part) -> Vec<u32> {
    let count = part.node.len();
    let mut near: Vec<u16> =
        (0..count as u32).map(|n| part.graph.of(n).iter().fold(0, |bits, &m| bits | 1 << m)).collect();
    let mut left: Vec<usize> = (0..count).collect();
    let mut order = Vec::with_capacity(count);
    while let Some(at) = (0..left.len()).min_by_key(|&i| (near[left[i]].count_ones(), left[i])) {
        let node = left.remove(at);
        let around = near[node];
        for &other in &left {
            if around & 1 << other != 0 {
                near[other] = (near[other] | around) & !(1 << other) & !(1 << node);
            }
        }
        order.push(part.node[node]);
    }
    order
}
