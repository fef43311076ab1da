//! The assignment form every model is brought to: rows (clients with equal lists, merged) and columns (sites).

use super::{Model, SitingProblem};

/// Whether a site may still be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// The search decides.
    Free,
    /// Open in every answer below this node.
    Open,
    /// Closed in every answer below this node.
    Closed,
}

/// Compressed lists: entries of list `i` are `start[i]..start[i + 1]`.
#[derive(Debug, Clone, Default)]
pub(super) struct Lists {
    start: Vec<usize>,
    entries: Vec<(u32, u32)>,
}

impl Lists {
    /// The lists of `count` keys from (key, other, distance), each in the order of `triples`.
    pub(super) fn by_key(count: usize, triples: impl Iterator<Item = (u32, u32, u32)> + Clone) -> Lists {
        let mut start = vec![0; count + 1];
        triples.clone().for_each(|t| start[t.0 as usize + 1] += 1);
        (0..count).for_each(|k| start[k + 1] += start[k]);
        let (mut at, mut entries) = (start.clone(), vec![(0, 0); start[count]]);
        for (key, other, distance) in triples {
            entries[at[key as usize]] = (other, distance);
            at[key as usize] += 1;
        }
        Lists { start, entries }
    }

    /// Entries of all lists together.
    pub(super) fn entry_count(&self) -> usize {
        self.entries.len()
    }

    /// List `i`: (row or column, distance).
    pub(super) fn of(&self, i: usize) -> &[(u32, u32)] {
        &self.entries[self.start[i]..self.start[i + 1]]
    }
}

/// Minimise the cost of open sites plus, for each row, weight times distance to its nearest open site (or `penalty`).
#[derive(Debug, Clone)]
pub(super) struct Instance {
    /// Sites of each row with distance, nearest first.
    pub(super) rows: Lists,
    /// Rows of each site with distance.
    pub(super) cols: Lists,
    /// Demand weight of each row.
    pub(super) weight: Vec<i64>,
    /// How many open sites a row wants (1, more with backup).
    pub(super) need: Vec<u32>,
    /// Per unit of weight, the cost of a row without open site.
    pub(super) penalty: i64,
    /// What one unit of a row's multiplier stands for: its weight, or 1 where outlets are counted.
    pub(super) unit: Vec<i64>,
    /// Most that a multiplier can earn per unit: a row left unserved costs no more. `None`: rows must be served.
    pub(super) cap: Option<i64>,
    /// Cost of opening any site: 1 where outlets are counted, else 0.
    pub(super) site_cost: i64,
    /// Cost of opening each site, where that is not `site_cost` for all; else empty.
    pub(super) costs: Vec<i64>,
    /// Number of outlets; `None` where outlets themselves are counted.
    pub(super) p: Option<usize>,
    /// State of each site at the root.
    pub(super) state: Vec<State>,
    /// Row of each client; `None`: nobody reaches them.
    pub(super) row_of: Vec<Option<u32>>,
}

impl Instance {
    /// Number of rows.
    pub(super) fn row_count(&self) -> usize {
        self.weight.len()
    }

    /// Number of sites.
    pub(super) fn site_count(&self) -> usize {
        self.state.len()
    }

    /// The assignment form of `problem` under `model`; p-centre is taken with distances kept, like p-median.
    pub(super) fn build(problem: &SitingProblem, model: Model) -> Instance {
        let keep_distance =
            matches!(model, Model::PMedian { .. } | Model::PCentre { .. } | Model::CoverNearest { .. });
        Instance::build_within(problem, model, keep_distance, u32::MAX)
    }

    /// As [`Instance::build`], with pairs up to `limit` seconds only.
    pub(super) fn build_within(
        problem: &SitingProblem,
        model: Model,
        distances: bool,
        limit: u32,
    ) -> Instance {
        let sites = problem.sites as usize;
        let mut state = vec![State::Free; sites];
        problem.fixed.iter().for_each(|s| state[s.at()] = State::Open);
        problem.forbidden.iter().for_each(|s| state[s.at()] = State::Closed);
        let usable =
            problem.pairs.iter().filter(|p| p.travel.0 <= limit && state[p.site.at()] != State::Closed);
        let triples = usable.map(|p| (p.client.0, p.site.0, if distances { p.travel.0 } else { 0 }));
        let mut clients = Lists::by_key(problem.weights.len(), triples);
        for i in 0..problem.weights.len() {
            let (from, to) = (clients.start[i], clients.start[i + 1]);
            clients.entries[from..to].sort_unstable_by_key(|&(site, d)| (d, site));
        }
        let (row_of, first) = merge_equal(&clients, &tags(problem));
        let mut weight = vec![0i64; first.len()];
        for (client, row) in row_of.iter().enumerate() {
            if let Some(row) = row {
                weight[*row as usize] += problem.weights[client] as i64;
            }
        }
        let lists = first.iter().enumerate();
        let by_row = lists.flat_map(|(r, &c)| clients.of(c).iter().map(move |&(s, d)| (r as u32, s, d)));
        let rows = Lists::by_key(first.len(), by_row.clone());
        let cols = Lists::by_key(sites, by_row.map(|(r, s, d)| (s, r, d)));
        let backup = if let Model::Lscp { backup, .. } = model { backup } else { 1 };
        let need = (0..first.len()).map(|r| backup.min(rows.of(r).len() as u32)).collect();
        let (p, penalty) = match model {
            Model::Lscp { .. } => (None, 1),
            Model::Mclp { p } => (Some(p as usize), 1),
            Model::PMedian { p } | Model::PCentre { p } | Model::CoverNearest { p } => {
                (Some(p as usize), unserved_penalty(&rows, &weight))
            }
        };
        let unit = if p.is_none() { vec![1; weight.len()] } else { weight.clone() };
        let may_lack = matches!(model, Model::Mclp { .. } | Model::CoverNearest { .. });
        let cap = may_lack.then_some(penalty);
        let (site_cost, costs) = (i64::from(p.is_none()), Vec::new());
        Instance { rows, cols, weight, need, penalty, unit, cap, site_cost, costs, p, state, row_of }
    }

    /// The covering instance of the pairs within `radius` of an instance with distances; rows are merged again.
    pub(super) fn within(&self, radius: u32) -> Instance {
        let mut known: std::collections::HashMap<Vec<u32>, u32> = std::collections::HashMap::new();
        let (mut row, mut lists, mut weight) = (Vec::new(), Vec::<Vec<u32>>::new(), Vec::<i64>::new());
        for r in 0..self.row_count() {
            let near = self.rows.of(r).iter().take_while(|e| e.1 <= radius);
            let mut list: Vec<u32> = near.map(|e| e.0).collect();
            list.sort_unstable();
            if list.is_empty() {
                row.push(None);
                continue;
            }
            let next = lists.len() as u32;
            let at = *known.entry(list).or_insert_with_key(|list| {
                lists.push(list.clone());
                weight.push(0);
                next
            });
            weight[at as usize] += self.weight[r];
            row.push(Some(at));
        }
        let by_row = lists.iter().enumerate().flat_map(|(r, l)| l.iter().map(move |&s| (r as u32, s, 0)));
        Instance {
            rows: Lists::by_key(lists.len(), by_row.clone()),
            cols: Lists::by_key(self.site_count(), by_row.map(|(r, s, d)| (s, r, d))),
            need: vec![1; lists.len()],
            unit: vec![1; lists.len()],
            weight,
            state: self.state.clone(),
            costs: self.costs.clone(),
            row_of: self.row_of.iter().map(|r| r.and_then(|r| row[r as usize])).collect(),
            ..*self
        }
    }

    /// The same instance with the rows `keep` alone (ascending), numbered anew; clients keep no row.
    pub(super) fn only_rows(&self, keep: &[u32]) -> Instance {
        let by_row = keep.iter().enumerate();
        let triples = by_row
            .flat_map(|(new, &r)| self.rows.of(r as usize).iter().map(move |&(s, d)| (new as u32, s, d)));
        let pick = |values: &[i64]| keep.iter().map(|&r| values[r as usize]).collect::<Vec<i64>>();
        Instance {
            rows: Lists::by_key(keep.len(), triples.clone()),
            cols: Lists::by_key(self.site_count(), triples.map(|(r, s, d)| (s, r, d))),
            weight: pick(&self.weight),
            need: keep.iter().map(|&r| self.need[r as usize]).collect(),
            unit: pick(&self.unit),
            state: self.state.clone(),
            costs: self.costs.clone(),
            row_of: Vec::new(),
            ..*self
        }
    }

    /// The rows `rows` alone (ascending) with the sites that serve any of them, both numbered anew, and these sites.
    pub(super) fn patch(&self, rows: &[u32]) -> (Instance, Vec<u32>) {
        let near = |&r: &u32| self.rows.of(r as usize).iter();
        let mut sites: Vec<u32> = rows.iter().flat_map(near).map(|e| e.0).collect();
        sites.sort_unstable();
        sites.dedup();
        let local = |s: u32| sites.binary_search(&s).map_or(0, |i| i as u32);
        let by_row = rows.iter().enumerate();
        let triples: Vec<(u32, u32, u32)> = by_row
            .flat_map(|(new, r)| near(r).map(move |e| (new as u32, e)))
            .map(|(r, e)| (r, local(e.0), e.1))
            .collect();
        let pick = |values: &[i64]| rows.iter().map(|&r| values[r as usize]).collect::<Vec<i64>>();
        let patch = Instance {
            rows: Lists::by_key(rows.len(), triples.iter().copied()),
            cols: Lists::by_key(sites.len(), triples.iter().map(|&(r, s, d)| (s, r, d))),
            weight: pick(&self.weight),
            need: rows.iter().map(|&r| self.need[r as usize]).collect(),
            unit: pick(&self.unit),
            state: sites.iter().map(|&s| self.state[s as usize]).collect(),
            costs: Vec::new(),
            row_of: Vec::new(),
            ..*self
        };
        (patch, sites)
    }

    /// The same rows without the entries of closed sites.
    pub(super) fn without_closed(&self) -> Instance {
        let open = |e: &&(u32, u32)| self.state[e.0 as usize] != State::Closed;
        let triples = (0..self.row_count())
            .flat_map(|r| self.rows.of(r).iter().filter(open).map(move |&(s, d)| (r as u32, s, d)));
        Instance {
            rows: Lists::by_key(self.row_count(), triples.clone()),
            cols: Lists::by_key(self.site_count(), triples.map(|(r, s, d)| (s, r, d))),
            ..self.clone()
        }
    }

    /// Rows have no distances (served or not is all that counts) and the instance is small enough for a dense basis.
    pub(super) fn suits_simplex(&self) -> bool {
        (self.cap == Some(1) || self.p.is_none())
            && self.rows.entries.len() <= 400_000
            && self.site_count() <= 1_000
    }

    /// As [`Instance::suits_simplex`], for a basis of promising sites only.
    pub(super) fn suits_sifting(&self) -> bool {
        self.cap == Some(1) && self.rows.entries.len() <= 4_000_000 && self.site_count() <= 4_000
    }

    /// Distances count, not only who is served.
    pub(super) fn has_distances(&self) -> bool {
        self.p.is_some() && self.cap != Some(1)
    }

    /// What opening site `s` costs.
    pub(super) fn cost_of(&self, s: usize) -> i64 {
        self.costs.get(s).copied().unwrap_or(self.site_cost)
    }

    /// Sites open in every answer.
    pub(super) fn forced(&self) -> usize {
        self.state.iter().filter(|s| **s == State::Open).count()
    }
}

/// Sites near each other: those that share a row.
#[derive(Debug, Clone)]
pub(super) struct Adjacency {
    start: Vec<usize>,
    near: Vec<u32>,
}

impl Adjacency {
    /// Of all sites of `instance`.
    pub(super) fn of(instance: &Instance) -> Adjacency {
        let (mut start, mut near) = (vec![0], Vec::new());
        let mut seen = vec![u32::MAX; instance.site_count()];
        for s in 0..instance.site_count() as u32 {
            seen[s as usize] = s;
            for &(r, _) in instance.cols.of(s as usize) {
                for &(t, _) in instance.rows.of(r as usize) {
                    if std::mem::replace(&mut seen[t as usize], s) != s {
                        near.push(t);
                    }
                }
            }
            start.push(near.len());
        }
        Adjacency { start, near }
    }

    /// Sites that share a row with `site`.
    pub(super) fn of_site(&self, site: u32) -> &[u32] {
        &self.near[self.start[site as usize]..self.start[site as usize + 1]]
    }
}

/// One unserved unit must outweigh every journey together.
fn unserved_penalty(rows: &Lists, weight: &[i64]) -> i64 {
    let farthest = |r: usize| rows.of(r).last().map_or(0, |e| i64::from(e.1));
    1 + (0..weight.len()).map(|r| weight[r] * farthest(r)).sum::<i64>()
}

/// Clients with equal tags may share a row: those of the same groups, nobody with capacities.
fn tags(problem: &SitingProblem) -> Vec<u32> {
    let clients = problem.weights.len();
    if !problem.capacities.is_empty() {
        return (0..clients as u32).collect();
    }
    let mut member: Vec<Vec<u32>> = vec![Vec::new(); clients];
    for (g, group) in problem.groups.iter().enumerate().filter(|(_, g)| g.least_covered > 0) {
        group.clients.iter().for_each(|c| member[c.at()].push(g as u32));
    }
    let mut known = std::collections::BTreeMap::new();
    let mut number = |mut groups: Vec<u32>| {
        groups.sort_unstable();
        let next = known.len() as u32;
        *known.entry(groups).or_insert(next)
    };
    member.into_iter().map(&mut number).collect()
}

/// Clients whose lists are equal, entry by entry, and whose tags agree share a row; rows are numbered by their first client.
/// Returns the row of each client and the first client of each row.
fn merge_equal(clients: &Lists, tag: &[u32]) -> (Vec<Option<u32>>, Vec<usize>) {
    let count = clients.start.len() - 1;
    let mut order: Vec<usize> = (0..count).filter(|&c| !clients.of(c).is_empty()).collect();
    let short = |c: usize| {
        clients.of(c).iter().fold(0u64, |h, e| {
            (h ^ (u64::from(e.0) << 32 | u64::from(e.1))).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23)
        })
    };
    let key: Vec<u64> = (0..count).map(short).collect();
    // The hash only orders quickly; equality is decided on the lists themselves.
    order.sort_unstable_by(|&a, &b| {
        let by_list = || clients.of(a).cmp(clients.of(b));
        (key[a], tag[a]).cmp(&(key[b], tag[b])).then_with(by_list).then(a.cmp(&b))
    });
    let mut leader = vec![usize::MAX; count];
    let mut current = usize::MAX;
    for &c in &order {
        let same =
            |other: usize| key[other] == key[c] && tag[other] == tag[c] && clients.of(other) == clients.of(c);
        if current == usize::MAX || !same(current) {
            current = c;
        }
        leader[c] = current;
    }
    let (mut row_of, mut first) = (vec![None; count], Vec::new());
    for c in 0..count {
        if leader[c] == c {
            row_of[c] = Some(first.len() as u32);
            first.push(c);
        } else if leader[c] != usize::MAX {
            row_of[c] = row_of[leader[c]];
        }
    }
    (row_of, first)
}
