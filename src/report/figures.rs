//! The numbers of the report, counted from the plan's rows.

use crate::base::{CaregiverIx, ClientIx, Fen, SiteIx};
use crate::coverage::{Cause, Verdict};
use crate::plan::Plan;
use crate::roster::{Category, Client, County};
use std::collections::{BTreeMap, BTreeSet};

/// Name of the one group of a county without townships.
pub(super) const WHOLE_COUNTY: &str = "全县";
/// Group of clients whose township is not known where others' are.
pub(super) const NO_TOWNSHIP: &str = "未注明乡镇";

/// Group of clients that no open outlet reaches.
const NO_OUTLET: &str = "无网点可达";

/// Some roster names a township.
pub(super) fn has_townships(county: &County) -> bool {
    county.clients.iter().any(|c| !township_of(c).is_empty())
}

/// Columns of visits by category; the four categories served on demand share one.
pub(super) const CATEGORY_COLUMNS: [&str; 4] = ["特困", "老年", "重残", "按需"];

fn category_column(category: Category) -> usize {
    match category {
        Category::ExtremelyPoor => 0,
        Category::LowIncomeElder => 1,
        Category::SeverelyDisabled => 2,
        _ => 3,
    }
}

/// The client's township as the roster writes it; empty if unknown.
pub(super) fn township_of(client: &Client) -> &str {
    client.township.trim()
}

/// Townships with clients: in the order of the village register's codes, then of the roster.
pub(super) fn township_names(county: &County) -> Vec<String> {
    let with_clients: BTreeSet<&str> = county.clients.iter().map(township_of).collect();
    let mut register: Vec<(&str, &str)> =
        county.villages.iter().map(|v| (v.township_code.as_str(), v.township.trim())).collect();
    register.sort_unstable();
    let ordered = register.into_iter().map(|(_, name)| name).chain(county.clients.iter().map(township_of));
    let mut seen = BTreeSet::new();
    ordered
        .filter(|name| !name.is_empty() && with_clients.contains(name) && seen.insert(*name))
        .map(str::to_owned)
        .collect()
}

/// Every client once, by township: 全县 where no township is known.
pub(super) fn by_township(county: &County) -> Vec<(String, Vec<ClientIx>)> {
    let names = township_names(county);
    let position: BTreeMap<&str, usize> = names.iter().enumerate().map(|(i, n)| (n.as_str(), i)).collect();
    let mut members: Vec<Vec<ClientIx>> = vec![Vec::new(); names.len() + 1];
    for (i, client) in county.clients.iter().enumerate() {
        let group = position.get(township_of(client)).copied().unwrap_or(names.len());
        members[group].push(ClientIx::of(i));
    }
    let rest = if names.is_empty() { WHOLE_COUNTY } else { NO_TOWNSHIP };
    let groups = names.iter().cloned().chain([rest.to_string()]).zip(members);
    groups.filter(|(_, members)| !members.is_empty()).collect()
}

/// Every client once, by nearest open outlet, in the list's order: the table of a county without townships.
fn by_outlet(plan: &Plan) -> Vec<(String, Vec<ClientIx>)> {
    let mut members: BTreeMap<Option<SiteIx>, Vec<ClientIx>> = BTreeMap::new();
    for (at, row) in plan.clients.iter().enumerate() {
        members.entry(row.outlet).or_default().push(ClientIx::of(at));
    }
    let name = |outlet: Option<SiteIx>| {
        let site = outlet.and_then(|s| plan.county.sites.get(s.at()));
        site.map_or(NO_OUTLET.into(), |s| if s.name.is_empty() { s.id.clone() } else { s.name.clone() })
    };
    let (none, some): (Vec<_>, Vec<_>) = members.into_iter().partition(|(outlet, _)| outlet.is_none());
    some.into_iter().chain(none).map(|(outlet, clients)| (name(outlet), clients)).collect()
}

/// A line of the township table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TownshipLine {
    pub name: String,
    pub clients: u64,
    pub in_outlet_circle: u64,
    pub served: u64,
    pub gaps: u64,
    /// Planned and owed visits by [`CATEGORY_COLUMNS`].
    pub visits: [(u64, u64); 4],
}

impl TownshipLine {
    fn add(&mut self, other: &TownshipLine) {
        self.clients += other.clients;
        self.in_outlet_circle += other.in_outlet_circle;
        self.served += other.served;
        self.gaps += other.gaps;
        for (mine, theirs) in self.visits.iter_mut().zip(other.visits) {
            *mine = (mine.0 + theirs.0, mine.1 + theirs.1);
        }
    }
}

/// Planned visits of each client.
pub(super) fn planned_by_client(plan: &Plan) -> Vec<u32> {
    let mut planned = vec![0; plan.clients.len()];
    for visit in &plan.visits {
        if let Some(count) = planned.get_mut(visit.client.at()) {
            *count += 1;
        }
    }
    planned
}

/// The township table; more than `most` townships fold the last ones into one line. The last line is the county's.
pub(super) fn township_table(plan: &Plan, most: usize) -> Vec<TownshipLine> {
    let planned = planned_by_client(plan);
    let limit = plan.policy.limit.seconds_up();
    let count = |(name, members): (String, Vec<ClientIx>)| {
        let mut line = TownshipLine { name, ..TownshipLine::default() };
        for member in members {
            let (Some(client), Some(row)) =
                (plan.county.clients.get(member.at()), plan.clients.get(member.at()))
            else {
                continue;
            };
            line.clients += 1;
            line.in_outlet_circle += u64::from(row.outlet_time.is_some_and(|t| t <= limit));
            line.served += u64::from(row.verdict == Verdict::Served);
            line.gaps += u64::from(row.verdict != Verdict::Served);
            let visits = &mut line.visits[category_column(client.category)];
            *visits = (visits.0 + u64::from(planned[member.at()]), visits.1 + u64::from(row.owed));
        }
        line
    };
    let groups = if has_townships(&plan.county) { by_township(&plan.county) } else { by_outlet(plan) };
    let mut lines: Vec<TownshipLine> = groups.into_iter().map(count).collect();
    let mut total = TownshipLine { name: "合计".into(), ..TownshipLine::default() };
    lines.iter().for_each(|line| total.add(line));
    if lines.len() > most {
        let mut rest = TownshipLine::default();
        lines.drain(most.saturating_sub(1)..).enumerate().for_each(|(i, line)| {
            rest.add(&line);
            rest.name = format!("其余 {} 个", i + 1);
        });
        lines.push(rest);
    }
    lines.push(total);
    lines
}

/// Clients of one place without service, for one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GapGroup {
    pub township: String,
    pub village: String,
    pub cause: Cause,
    pub clients: u64,
}

/// Gaps by township, village and cause, largest first; where the roster names neither, by the map's place near the home,
/// else by the nearest outlet.
pub(super) fn gap_groups(plan: &Plan) -> Vec<GapGroup> {
    let mut groups: BTreeMap<(&str, &str, Cause), u64> = BTreeMap::new();
    let near: Vec<String> = (0..plan.clients.len()).map(|at| near(plan, at)).collect();
    for (at, (client, row)) in plan.county.clients.iter().zip(&plan.clients).enumerate() {
        let (township, village) = (township_of(client), client.village.trim());
        let village = if township.is_empty() && village.is_empty() { near[at].as_str() } else { village };
        if let Some(cause) = row.cause {
            *groups.entry((township, village, cause)).or_default() += 1;
        }
    }
    let mut list: Vec<GapGroup> = groups
        .into_iter()
        .map(|((township, village, cause), clients)| GapGroup {
            township: township.into(),
            village: village.into(),
            cause,
            clients,
        })
        .collect();
    list.sort_by_key(|g| std::cmp::Reverse(g.clients)); // stable: places stay in order of name
    list
}

/// A place near a client whose roster row names none; empty if nothing is known.
fn near(plan: &Plan, at: usize) -> String {
    let place = plan.near.get(at).and_then(Option::as_deref).map(|name| format!("{name} 附近"));
    let outlet = || {
        let site = plan.county.sites.get(plan.clients[at].outlet?.at())?;
        Some(format!("网点 {} 片区", if site.name.is_empty() { &site.id } else { &site.name }))
    };
    place.or_else(outlet).unwrap_or_default()
}

/// Clients not served by cause, most frequent first.
pub(super) fn causes(plan: &Plan) -> Vec<(Cause, u64)> {
    let mut list: Vec<(Cause, u64)> = Cause::ALL
        .into_iter()
        .map(|cause| (cause, plan.clients.iter().filter(|r| r.cause == Some(cause)).count() as u64))
        .filter(|(_, n)| *n > 0)
        .collect();
    list.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    list
}

/// The three principles of the notice (R40), as counts.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Scorecard {
    /// Planned visits, and those by the client's responsible caregiver.
    pub visits: u64,
    pub by_responsible: u64,
    /// Pairs of consecutive visits to one client, and those as far apart as their quota asks.
    pub intervals: u64,
    pub intervals_kept: u64,
    /// Least difference of dates among them.
    pub least_apart: Option<i64>,
    /// Caregivers with visits, and all of the roster.
    pub caregivers: u64,
    pub caregivers_all: u64,
    /// Seconds on the road, of care, and waiting.
    pub travel_s: u64,
    pub care_s: u64,
    pub wait_s: u64,
    /// Longest and mean working time of a caregiver with visits, in seconds.
    pub longest_s: u64,
    pub mean_s: u64,
}

/// Counts the scorecard.
pub(super) fn scorecard(plan: &Plan) -> Scorecard {
    let mut score = Scorecard {
        visits: plan.visits.len() as u64,
        caregivers_all: plan.caregivers.len() as u64,
        ..Scorecard::default()
    };
    let responsible = |c: ClientIx| plan.clients.get(c.at()).and_then(|row| row.caregiver);
    score.by_responsible =
        plan.visits.iter().filter(|v| responsible(v.client) == Some(v.caregiver)).count() as u64;
    count_intervals(plan, &mut score);
    for row in plan.caregivers.iter().filter(|r| r.visits > 0) {
        let [travel, care, wait] = [row.travel, row.care, row.wait].map(|s| u64::from(s.0));
        score.caregivers += 1;
        score.travel_s += travel;
        score.care_s += care;
        score.wait_s += wait;
        score.longest_s = score.longest_s.max(travel + care + wait);
    }
    let all = score.travel_s + score.care_s + score.wait_s;
    score.mean_s = all.checked_div(score.caregivers).unwrap_or(0);
    score
}

fn count_intervals(plan: &Plan, score: &mut Scorecard) {
    let mut dates = vec![Vec::new(); plan.clients.len()];
    for visit in &plan.visits {
        if let Some(list) = dates.get_mut(visit.client.at()) {
            list.push(visit.date);
        }
    }
    for (client, mut days) in plan.county.clients.iter().zip(dates) {
        let Some(quota) = plan.policy.quota(client.category) else { continue };
        days.sort_unstable();
        for pair in days.windows(2) {
            let apart = (pair[1] - pair[0]).num_days();
            score.intervals += 1;
            score.intervals_kept += u64::from(apart >= i64::from(quota.apart_days));
            score.least_apart = Some(score.least_apart.map_or(apart, |least| least.min(apart)));
        }
    }
}

/// Cost of the month from the typed unit prices; `None`: no price is typed.
pub(super) fn month_cost(plan: &Plan) -> Option<Fen> {
    let policy = &plan.policy;
    if [policy.visit_fee, policy.hour_fee, policy.outlet_fee].iter().all(|f| f.0 == 0) {
        return None;
    }
    let care_s: i64 = plan.caregivers.iter().map(|r| i64::from(r.care.0)).sum();
    let visits = policy.visit_fee.0.checked_mul(plan.visits.len() as i64)?;
    let hours = policy.hour_fee.0.checked_mul(care_s)? / 3600;
    let outlets = policy.outlet_fee.0.checked_mul(plan.outlets.len() as i64)?;
    Some(Fen(visits.checked_add(hours)?.checked_add(outlets)?))
}

/// Of the caregivers with visits: how many live in a township they serve, how many of those whose township is known,
/// and how many belong to the groups to be hired first (R03), of those whose kind is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct LocalHire {
    pub local: u64,
    pub township_known: u64,
    pub preferred: u64,
    pub kind_known: u64,
}

/// Counts local hire.
pub(super) fn local_hire(plan: &Plan) -> LocalHire {
    let mut served: BTreeMap<CaregiverIx, BTreeSet<&str>> = BTreeMap::new();
    for visit in &plan.visits {
        if let Some(client) = plan.county.clients.get(visit.client.at()) {
            served.entry(visit.caregiver).or_default().insert(township_of(client));
        }
    }
    let mut hire = LocalHire::default();
    for (who, townships) in served {
        let Some(caregiver) = plan.county.caregivers.get(who.at()) else { continue };
        let (home, kind) = (caregiver.township.trim(), caregiver.kind.trim());
        hire.township_known += u64::from(!home.is_empty());
        hire.local += u64::from(!home.is_empty() && townships.contains(home));
        hire.kind_known += u64::from(!kind.is_empty());
        hire.preferred += u64::from(["农村闲置劳动力", "留守妇女"].contains(&kind));
    }
    hire
}
