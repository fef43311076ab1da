//! A bound for LSCP too large for one tree, put together from regions: the cost of each site is shared out among the
//! regions whose rows it serves, in proportion to what it earns there at the prices of the linear relaxation, so the
//! regions lose nothing against it; and each is small enough to be searched, which gains what the relaxation lacks
//! inside (Lagrangian decomposition; Guignard, Kim 1987).

use super::answer::{Region, Regions};
use super::branch_and_bound::{Search, Tree};
use super::cells::Cells;
use super::dominance::undominated_rows;
use super::exact;
use super::instance::{Adjacency, Instance, State};
use super::lagrangian::Dual;
use super::proof;
use super::relaxation::Relaxation;
use crate::base::{ClientIx, Progress, SiteIx};
use rayon::prelude::*;

/// An outlet in the unit of a region's costs.
const OUTLET: i64 = 10_000;

/// How far regions go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    /// Open sites of a region.
    pub(super) size: usize,
    /// Most steps in a region.
    pub(super) steps: u64,
}

/// What the regions prove.
pub(super) struct Regional {
    /// Least number of sites, rounded up.
    pub(super) bound: i128,
    /// The proof.
    pub(super) proof: Regions,
    /// Steps taken.
    pub(super) steps: u64,
}

/// No progress of its own.
struct Hushed<'a>(&'a dyn Progress);

impl Progress for Hushed<'_> {
    fn report(&self, _stage: &str, _done: u64, _total: u64) {}

    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// Bounds the sites of any cover of `core` (rows need one site each), from the cover `open` and `prices` of its rows.
/// `client_of`: a client of each row.
pub(super) fn bound(
    core: &Instance,
    client_of: &[ClientIx],
    open: &[u32],
    prices: &[i64],
    rule: Rule,
    progress: &dyn Progress,
) -> Regional {
    let rows = partition(core, open, rule.size);
    let cover = Cover::of(core, open, prices);
    let search = |rows: &Vec<u32>| cover.search(core, rows, rule.steps, &Hushed(progress));
    let done: Vec<(Region, i128, u64)> = rows.par_iter().map(search).collect();
    let mut units: i128 = done.iter().map(|d| d.1).sum();
    // Of sites that are open in any case, what is not shared out counts too.
    units += core.forced() as i128 * i128::from(OUTLET);
    let shared = done.iter().flat_map(|d| &d.0.costs).filter(|c| core.state[c.0.at()] == State::Open);
    units -= shared.map(|c| i128::from(c.1)).sum::<i128>();
    let steps = done.iter().map(|d| d.2).sum();
    let named = |mut region: Region| {
        region.clients.iter_mut().for_each(|c| *c = client_of[c.at()]);
        region
    };
    let parts = done.into_iter().map(|d| named(d.0)).collect();
    let bound = exact::whole_up(units, OUTLET);
    Regional { bound, proof: Regions { instead: Vec::new(), parts }, steps }
}

/// A cover of the core and the prices by which sites are shared out.
struct Cover<'a> {
    /// Open sites, ascending.
    open: &'a [u32],
    /// Of each row.
    prices: &'a [i64],
    /// What each site earns at the prices in all.
    earned: Vec<i128>,
}

impl<'a> Cover<'a> {
    fn of(core: &Instance, open: &'a [u32], prices: &'a [i64]) -> Cover<'a> {
        let paid = |s: usize| core.cols.of(s).iter().map(|e| i128::from(prices[e.0 as usize])).sum::<i128>();
        Cover { open, prices, earned: (0..core.site_count()).map(paid).collect() }
    }

    /// The search of the region of `rows`: its proof (clients are rows of the core still), what it costs at least, and the steps.
    fn search(
        &self,
        core: &Instance,
        rows: &[u32],
        steps: u64,
        progress: &dyn Progress,
    ) -> (Region, i128, u64) {
        let (mut part, site_of) = core.patch(rows);
        let price = |r: u32| self.prices[rows[r as usize] as usize];
        part.costs = self.shares(&part, &site_of, price);
        part.site_cost = OUTLET;
        let keep = undominated_rows(&part);
        let part = part.only_rows(&keep);
        let inside = |s: &u32| site_of.binary_search(s).ok().map(|i| i as u32);
        let best: Vec<u32> = self.open.iter().filter_map(inside).collect();
        let cost = best.iter().map(|&s| part.cost_of(s as usize)).sum();
        let multipliers: Vec<i64> = keep.iter().map(|&r| price(r).saturating_mul(OUTLET)).collect();
        let value = exact::evaluate(&part, &part.state, &multipliers);
        let dual = Dual { multipliers, value, share: Vec::new(), steps: 0 };
        let relaxation = Cells::build(&part, &[]).map(|cells| Relaxation::plain(cells, None));
        let mut tree =
            Search::new(&part, relaxation, Some(best), cost, &dual, steps).run(0.0, None, progress);
        tree.renumber(&site_of);
        let (bound, steps) = (tree.bound, tree.steps);
        let clients = keep.iter().map(|&r| ClientIx(rows[r as usize])).collect();
        let costs = site_of.iter().zip(&part.costs).map(|(&s, &cost)| (SiteIx(s), cost)).collect();
        (told(tree, clients, costs), bound, steps)
    }

    /// What each site of `part` costs there: the share of an outlet that its rows there pay for, rounded down.
    fn shares(&self, part: &Instance, site_of: &[u32], price: impl Fn(u32) -> i64) -> Vec<i64> {
        let share = |(s, &whole): (usize, &u32)| {
            let here: i128 = part.cols.of(s).iter().map(|e| i128::from(price(e.0))).sum();
            let all = self.earned[whole as usize];
            // Where nothing is earned at all, the site costs nothing anywhere.
            i64::try_from(here * i128::from(OUTLET) / all.max(1)).unwrap_or(0)
        };
        site_of.iter().enumerate().map(share).collect()
    }
}

fn told(tree: Tree, clients: Vec<ClientIx>, costs: Vec<(SiteIx, i64)>) -> Region {
    let mut nodes = tree.nodes;
    // A node that only branches proves nothing itself.
    for node in nodes.iter_mut().filter(|n| n.branch.is_some() && n.settled.is_empty()) {
        node.multipliers.clear();
        node.cut_prices.clear();
    }
    Region { clients, costs, goal: tree.cost, cuts: proof::halves(&tree.cuts), tree: nodes }
}

/// Sites of `whole` that are closed in `core` and serve some of its `rows`, each with a site of `core` that serves all of these.
pub(super) fn stand_ins(whole: &Instance, core: &Instance, rows: &[u32]) -> Vec<(SiteIx, SiteIx)> {
    let left = whole.only_rows(rows);
    let mut mark = vec![u32::MAX; left.row_count()];
    let mut instead = Vec::new();
    for s in 0..left.site_count() {
        let own = left.cols.of(s);
        let gone = whole.state[s] == State::Free && core.state[s] == State::Closed;
        let Some(&(first, _)) = own.first().filter(|_| gone) else { continue };
        own.iter().for_each(|e| mark[e.0 as usize] = s as u32);
        let serves =
            |t: u32| left.cols.of(t as usize).iter().filter(|e| mark[e.0 as usize] == s as u32).count();
        let stays = |t: u32| core.state[t as usize] != State::Closed;
        let mut others = left.rows.of(first as usize).iter().map(|e| e.0);
        if let Some(t) = others.find(|&t| stays(t) && serves(t) == own.len()) {
            instead.push((SiteIx(s as u32), SiteIx(t)));
        }
    }
    instead
}

/// Rows of each region: those of about `size` sites of the cover `open` that are near each other.
fn partition(instance: &Instance, open: &[u32], size: usize) -> Vec<Vec<u32>> {
    let mut is_open = vec![false; instance.site_count()];
    open.iter().for_each(|&s| is_open[s as usize] = true);
    let region = vec![NONE; instance.site_count()];
    let mut growth = Growth { near: Adjacency::of(instance), is_open, size, region, count: 0 };
    let mut seeds: Vec<u32> = open.iter().rev().copied().collect();
    while let Some(seed) = seeds.pop() {
        if growth.region[seed as usize] == NONE {
            // Regions grow side by side.
            seeds.extend(growth.grow(seed));
        }
    }
    let mut rows = vec![Vec::new(); growth.count as usize];
    for r in 0..instance.row_count() {
        let of = instance.rows.of(r).iter().find(|e| growth.is_open[e.0 as usize]);
        if let Some(list) = of.and_then(|e| rows.get_mut(growth.region[e.0 as usize] as usize)) {
            list.push(r as u32);
        }
    }
    rows.retain(|list| !list.is_empty());
    rows
}

/// No region yet.
const NONE: u32 = u32::MAX;

/// Sites of a cover on their way into regions.
struct Growth {
    near: Adjacency,
    /// The sites of the cover.
    is_open: Vec<bool>,
    /// Most sites of a region.
    size: usize,
    /// Region of each site, or [`NONE`].
    region: Vec<u32>,
    /// Number of regions.
    count: u32,
}

impl Growth {
    /// Other sites of the cover near `s`: those where a site is near both.
    fn neighbours(&self, s: u32) -> Vec<u32> {
        let near = &self.near;
        let mut found: Vec<u32> = near.of_site(s).iter().flat_map(|&t| near.of_site(t)).copied().collect();
        found.extend(near.of_site(s));
        found.retain(|&u| self.is_open[u as usize] && u != s);
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Grows a region from `seed`, breadth first; a remnant joins a region beside it. Returns sites at its border that are in none.
    fn grow(&mut self, seed: u32) -> Vec<u32> {
        let own = self.count;
        self.region[seed as usize] = own;
        let (mut inside, mut at, mut beside, mut border) = (vec![seed], 0, None, Vec::new());
        while at < inside.len() {
            for u in self.neighbours(inside[at]) {
                let known = self.region[u as usize];
                if known == NONE && inside.len() < self.size {
                    self.region[u as usize] = own;
                    inside.push(u);
                } else if known == NONE {
                    border.push(u);
                } else if known != own {
                    beside = Some(known);
                }
            }
            at += 1;
        }
        match beside {
            Some(other) if inside.len() * 3 < self.size => {
                inside.iter().for_each(|&s| self.region[s as usize] = other);
            }
            _ => self.count += 1,
        }
        border
    }
}
