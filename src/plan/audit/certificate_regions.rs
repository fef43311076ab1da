//! Bounds by regions of a siting certificate, in exact integers: costs are shared out and no more, every region's search holds.

use super::certificate::{Check, Checker, Kind, MILLION, Site, fault};
use super::certificate_cuts::{CutRow, combine};
use super::certificate_dual::ceiling;
use crate::base::Fault;
use crate::siting::{Cut, ProofNode, Region};
use std::collections::BTreeMap;

/// An outlet in the unit of a region's costs.
const OUTLET: i128 = 10_000;

/// One region with its sites numbered anew.
struct Part {
    /// Sites of each row, ascending, and how many of them it needs.
    rows: Vec<(Vec<usize>, i128)>,
    costs: Vec<i128>,
    /// Sites by their numbers in the problem.
    sites: Vec<usize>,
    start: Vec<Site>,
    cuts: Vec<CutRow>,
    goal: i128,
}

impl Checker<'_> {
    /// The least number of outlets that the regions prove; nought without any.
    pub(super) fn bound_of_regions(&self) -> Result<i128, Fault> {
        let Some(regions) = &self.certificate.regions else { return Ok(0) };
        let problem = self.problem;
        let plain = problem.capacities.is_empty() && problem.groups.is_empty() && problem.budget.is_none();
        let whole = self.certificate.share_millionths == 1_000_000;
        if self.kind != Kind::Lscp || !plain || !whole {
            return Err(fault("此证书不能含有分区。", "a certificate of this problem cannot hold regions."));
        }
        let mut near: BTreeMap<usize, Vec<usize>> =
            regions.parts.iter().flat_map(|p| &p.clients).map(|c| (c.at(), Vec::new())).collect();
        for pair in problem.pairs.iter().filter(|p| self.root[p.site.at()] != Site::Closed) {
            if let Some(list) = near.get_mut(&pair.client.at()) {
                list.push(pair.site.at());
            }
        }
        near.values_mut().for_each(|list| {
            list.sort_unstable();
            list.dedup();
        });
        if near.iter().any(|(c, sites)| sites.is_empty() || self.need[*c] > sites.len() as i128) {
            return Err(bad_region("一名服务对象无人可及", "nobody reaches one of the clients"));
        }
        let gone = self.replaced(&near)?;
        let mut left = vec![OUTLET; self.root.len()];
        let mut sum = 0;
        for region in &regions.parts {
            for &(site, cost) in &region.costs {
                let Some(left) = left.get_mut(site.at()).filter(|_| cost >= 0) else {
                    return Err(bad_region("费用有误", "a cost is not right"));
                };
                *left -= i128::from(cost);
            }
            sum += self.part(region, &near, &gone)?.bound(&region.tree)?;
        }
        if left.iter().any(|left| *left < 0) {
            return Err(bad_region(
                "一个网点的费用分摊超过一个网点",
                "more than one outlet's cost is shared out",
            ));
        }
        // Of outlets that are open in any case, what is not shared out counts too.
        let forced = left.iter().zip(&self.root).filter(|(_, state)| **state == Site::Open);
        sum += forced.map(|(left, _)| left).sum::<i128>();
        Ok(sum.div_euclid(OUTLET) + i128::from(sum.rem_euclid(OUTLET) != 0))
    }

    /// Sites for which another stands in. Each of these reaches all clients of the regions whom the other does, and stays itself.
    fn replaced(&self, near: &BTreeMap<usize, Vec<usize>>) -> Result<Vec<bool>, Fault> {
        let instead = self.certificate.regions.iter().flat_map(|r| &r.instead);
        let mut by = vec![None; self.root.len()];
        for (site, other) in instead.clone() {
            let free = self.root.get(site.at()) == Some(&Site::Free);
            let stays = self.root.get(other.at()).is_some_and(|s| *s != Site::Closed);
            if !free || !stays || by[site.at()].is_some() {
                return Err(bad_region("替代的网点有误", "a site that stands in is not right"));
            }
            by[site.at()] = Some(other.at());
        }
        let chained = instead.clone().any(|(_, other)| by[other.at()].is_some());
        let lost = |(client, sites): (&usize, &Vec<usize>)| {
            let has = |other: usize| sites.binary_search(&other).is_ok();
            self.need[*client] != 1 && sites.iter().any(|&s| by[s].is_some())
                || sites.iter().filter_map(|&s| by[s]).any(|other| !has(other))
        };
        if chained || near.iter().any(lost) {
            return Err(bad_region("一个网点不能替代另一个", "one site does not stand in for another"));
        }
        Ok(by.iter().map(Option::is_some).collect())
    }

    fn part(
        &self,
        region: &Region,
        near: &BTreeMap<usize, Vec<usize>>,
        gone: &[bool],
    ) -> Result<Part, Fault> {
        let clients = || region.clients.iter().map(|c| c.at());
        let mut sites: Vec<usize> = clients().flat_map(|c| near[&c].iter().copied()).collect();
        sites.sort_unstable();
        sites.dedup();
        sites.retain(|&s| !gone[s]);
        let local = |s: &usize| sites.binary_search(s).ok();
        let rows: Vec<(Vec<usize>, i128)> =
            clients().map(|c| (near[&c].iter().filter_map(local).collect(), self.need[c])).collect();
        let mut costs = vec![0; sites.len()];
        for (site, cost) in &region.costs {
            if let Some(at) = local(&site.at()) {
                costs[at] += i128::from(*cost);
            }
        }
        let known = |c: &Cut| {
            c.denominator > 0
                && !c.rows.is_empty()
                && c.rows.iter().all(|&(r, k)| (r as usize) < rows.len() && k <= 1_000)
        };
        if !region.cuts.iter().all(known) {
            return Err(bad_region("割平面有误", "a cut is not right"));
        }
        let of = |r: u32| (rows[r as usize].0.as_slice(), rows[r as usize].1);
        let cuts = region.cuts.iter().map(|cut| combine(cut, &of, false)).collect();
        let start = sites.iter().map(|&s| self.root[s]).collect();
        Ok(Part { rows, costs, sites, start, cuts, goal: i128::from(region.goal) })
    }
}

impl Part {
    /// Value of a node's multipliers under `state`, and what each site costs net of them, both in millionths.
    fn dual(&self, state: &[Site], node: &ProofNode) -> (i128, Vec<i128>) {
        let mut net: Vec<i128> = self.costs.iter().map(|c| c * MILLION).collect();
        let mut bound = 0;
        for ((sites, need), &price) in self.rows.iter().zip(&node.multipliers) {
            bound += need * i128::from(price);
            sites.iter().for_each(|&s| net[s] -= i128::from(price));
        }
        for (cut, &price) in self.cuts.iter().zip(&node.cut_prices) {
            bound += cut.right * i128::from(price);
            cut.sites.iter().for_each(|&(s, k)| net[s] -= k * i128::from(price));
        }
        bound += state
            .iter()
            .zip(&net)
            .map(|(state, net)| match state {
                Site::Open => *net,
                Site::Free => (*net).min(0),
                Site::Closed => 0,
            })
            .sum::<i128>();
        (bound, net)
    }

    /// What the region costs at least: walks `tree` from its root.
    fn bound(&self, tree: &[ProofNode]) -> Result<i128, Fault> {
        let mut stack = vec![(0usize, self.start.clone())];
        let (mut visits, mut least) = (0, self.goal);
        while let Some((at, mut state)) = stack.pop() {
            visits += 1;
            // Children stand behind their parents and are visited once, so the walk ends.
            let Some(node) = tree.get(at).filter(|_| visits <= tree.len()) else { return Err(broken(at)) };
            let (bound, net) = self.dual(&state, node);
            let whole = ceiling(bound);
            if whole >= self.goal {
                continue;
            }
            let before = state.clone();
            for &(site, open) in &node.settled {
                let place = self.sites.binary_search(&site.at()).ok().filter(|&s| before[s] == Site::Free);
                let Some(s) = place else { return Err(broken(at)) };
                let other = bound - net[s].min(0) + if open { 0 } else { net[s] };
                if ceiling(other) < self.goal {
                    return Err(broken(at));
                }
                state[s] = if open { Site::Open } else { Site::Closed };
            }
            match (node.branch, &node.split, node.then) {
                (Some(branch), None, None) => {
                    let place = self.sites.binary_search(&branch.site.at()).ok();
                    let Some(s) = place.filter(|&s| state[s] == Site::Free) else { return Err(broken(at)) };
                    for (child, side) in [(branch.open, Site::Open), (branch.closed, Site::Closed)] {
                        let mut below = state.clone();
                        below[s] = side;
                        stack.push((child, below));
                    }
                }
                (None, None, Some(next)) => stack.push((next, state)),
                (None, None, None) => least = least.min(whole),
                _ => return Err(broken(at)),
            }
        }
        Ok(least)
    }
}

fn broken(at: usize) -> Fault {
    fault(
        format!("一个分区的证明树在第 {at} 个节点断开。"),
        format!("the proof tree of a region breaks at node {at}."),
    )
}

fn bad_region(zh: &str, en: &str) -> Fault {
    fault(format!("分区的证明不成立：{zh}。"), format!("the proof by regions does not hold: {en}."))
}

/// Prices of regions that the sums can take.
pub(super) fn fits(regions: &[Region], fits: impl Fn(i64) -> bool) -> Check {
    let nodes = regions.iter().flat_map(|r| &r.tree);
    let mut prices = nodes.flat_map(|n| n.multipliers.iter().chain(&n.cut_prices));
    if prices.all(|&y| fits(y)) {
        return Ok(());
    }
    Err(bad_region("乘子有误", "a multiplier is not right"))
}
