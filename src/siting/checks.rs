//! Input that cannot be planned with is answered with a sentence, before any search.

use super::{Model, SitingProblem};
use crate::base::{Fault, Outcome};

/// Refuses malformed or contradictory problems.
///
/// # Errors
/// What is wrong, where, and by how much.
pub(super) fn check(problem: &SitingProblem, model: Model) -> Outcome<()> {
    check_tables(problem)?;
    check_pairs(problem)?;
    check_sites(problem)?;
    check_groups(problem)?;
    check_model(problem, model)?;
    check_backup(problem, model)
}

/// A backup outlet has no share of the care hours, so it cannot be told which capacity it uses.
fn check_backup(problem: &SitingProblem, model: Model) -> Outcome<()> {
    let twice = matches!(model, Model::Lscp { backup, .. } if backup > 1);
    if twice && !problem.capacities.is_empty() {
        return refuse(
            "备份覆盖与容量不能同时使用：备份网点占用哪份容量没有定义。请去掉其一。".into(),
            "backup cover and capacities exclude each other: which capacity a backup outlet uses is undefined. \
             Leave one of them out."
                .into(),
        );
    }
    Ok(())
}

fn refuse(zh: String, en: String) -> Outcome<()> {
    Err(Fault::refused(zh, en))
}

fn check_tables(problem: &SitingProblem) -> Outcome<()> {
    if problem.sites == 0 {
        return refuse("没有候选网点。".into(), "there is no candidate site; give at least one.".into());
    }
    if problem.weights.is_empty() {
        return refuse("没有服务对象。".into(), "there is no client; give at least one.".into());
    }
    if let Some(row) = problem.weights.iter().position(|&w| w == 0) {
        return refuse(
            format!("第 {} 个服务对象没有权重，请填正整数。", row + 1),
            format!("client row {} has no demand weight; give a positive whole number.", row + 1),
        );
    }
    let total: u128 = problem.weights.iter().map(|&w| u128::from(w)).sum();
    if total > u128::from(u32::MAX) * 1000 {
        return refuse(
            format!("需求权重合计 {total} 过大，请换用更大的单位。"),
            format!("the demand weights add up to {total}, too many to count exactly; use a larger unit."),
        );
    }
    for (name, len) in [("costs", problem.costs.len()), ("capacities", problem.capacities.len())] {
        if len != 0 && len != problem.sites as usize {
            return refuse(
                format!("{name} 有 {len} 行，候选网点有 {} 个，应一一对应。", problem.sites),
                format!("{name} has {len} rows for {} sites; give one a site.", problem.sites),
            );
        }
    }
    Ok(())
}

fn check_pairs(problem: &SitingProblem) -> Outcome<()> {
    let clients = problem.weights.len();
    for (row, pair) in problem.pairs.iter().enumerate() {
        if pair.client.at() >= clients || pair.site.0 >= problem.sites {
            return refuse(
                format!("第 {} 对的服务对象或网点不在表中。", row + 1),
                format!(
                    "pair {} names a client without a weight or an unknown site; complete the tables.",
                    row + 1
                ),
            );
        }
    }
    let mut seen: Vec<(u32, u32)> = problem.pairs.iter().map(|p| (p.client.0, p.site.0)).collect();
    seen.sort_unstable();
    if let Some(twice) = seen.windows(2).find(|w| w[0] == w[1]) {
        let (client, site) = twice[0];
        return refuse(
            format!("服务对象行 {} 与网点 {site} 的配对出现两次。", client + 1),
            format!("client row {} and site {site} are paired twice; keep one travel time.", client + 1),
        );
    }
    Ok(())
}

fn check_sites(problem: &SitingProblem) -> Outcome<()> {
    for (word, list) in [("fixed", &problem.fixed), ("forbidden", &problem.forbidden)] {
        if let Some(site) = list.iter().find(|s| s.0 >= problem.sites) {
            return refuse(
                format!("{word} 中的网点 {} 不存在。", site.0),
                format!("the {word} site {} is unknown; sites run from 0 to {}.", site.0, problem.sites - 1),
            );
        }
    }
    if let Some(site) = problem.fixed.iter().find(|s| problem.forbidden.contains(s)) {
        return refuse(
            format!("网点 {} 既须保留又被禁止。", site.0),
            format!("site {} is both fixed open and forbidden; take it off one list.", site.0),
        );
    }
    if let Some(site) = problem.costs.iter().position(|c| c.0 < 0) {
        return refuse(
            format!("网点 {site} 的费用为负。"),
            format!("site {site} has a negative cost; give 0 or more."),
        );
    }
    if problem.budget.is_some() && problem.costs.is_empty() {
        return refuse(
            "给了预算却没有网点费用。".into(),
            "a budget needs the cost of each site; give the costs or drop the budget.".into(),
        );
    }
    let Some(budget) = problem.budget else { return Ok(()) };
    let mut fixed = problem.fixed.clone();
    fixed.sort_unstable();
    fixed.dedup();
    let spent: i128 = fixed.iter().map(|s| i128::from(problem.costs[s.at()].0)).sum();
    if spent > i128::from(budget.0) {
        let over = spent - i128::from(budget.0);
        return refuse(
            format!("必须保留的网点已超出预算 {over} 分。"),
            format!("the fixed sites alone cost {over} fen more than the budget; raise it or free a site."),
        );
    }
    Ok(())
}

fn check_groups(problem: &SitingProblem) -> Outcome<()> {
    let mut reached = vec![false; problem.weights.len()];
    let mut usable = vec![true; problem.sites as usize];
    problem.forbidden.iter().for_each(|s| usable[s.at()] = false);
    problem.pairs.iter().filter(|p| usable[p.site.at()]).for_each(|p| reached[p.client.at()] = true);
    for group in &problem.groups {
        let name = &group.name;
        let unknown = group.sites.iter().any(|s| s.0 >= problem.sites)
            || group.clients.iter().any(|c| c.at() >= problem.weights.len());
        if unknown {
            return refuse(
                format!("分组“{name}”含有未知的网点或服务对象。"),
                format!("group '{name}' holds an unknown site or client; correct the group."),
            );
        }
        let mut sites: Vec<_> = group.sites.iter().filter(|s| usable[s.at()]).collect();
        sites.sort_unstable();
        sites.dedup();
        if (sites.len() as u64) < u64::from(group.least_outlets) {
            let (least, short) = (group.least_outlets, u64::from(group.least_outlets) - sites.len() as u64);
            return refuse(
                format!("分组“{name}”要求至少 {least} 个网点，可用的还差 {short} 个。"),
                format!("group '{name}' asks for {least} outlets, {short} more than it has usable sites."),
            );
        }
        let mut clients: Vec<_> = group.clients.iter().filter(|c| reached[c.at()]).collect();
        clients.sort_unstable();
        clients.dedup();
        let most: u64 = clients.iter().map(|c| problem.weights[c.at()]).sum();
        if most < group.least_covered {
            let (least, short) = (group.least_covered, group.least_covered - most);
            return refuse(
                format!("分组“{name}”要求覆盖需求 {least}，最多可及 {most}，差 {short}。"),
                format!(
                    "group '{name}' asks for {least} of demand covered; at most {most} can be reached, {short} short."
                ),
            );
        }
    }
    Ok(())
}

fn check_model(problem: &SitingProblem, model: Model) -> Outcome<()> {
    let p = match model {
        Model::Lscp { backup, share_millionths } => {
            if backup == 0 || share_millionths == 0 || share_millionths > 1_000_000 {
                return refuse(
                    "备份数至少为 1，覆盖目标须在 0 与 100% 之间。".into(),
                    "backup must be at least 1 and the cover target above 0 and at most 100 %.".into(),
                );
            }
            return Ok(());
        }
        Model::Mclp { p } | Model::PMedian { p } | Model::PCentre { p } | Model::CoverNearest { p } => p,
    };
    let usable = problem.sites as usize - distinct(&problem.forbidden);
    if p as usize > usable || p == 0 {
        return refuse(
            format!("要开 {p} 个网点，可用候选 {usable} 个；p 须在 1 与 {usable} 之间。"),
            format!("p is {p} but {usable} sites may open; choose p from 1 to {usable}."),
        );
    }
    let fixed = distinct(&problem.fixed);
    if fixed > p as usize {
        return refuse(
            format!("必须保留 {fixed} 个网点，多于 p = {p}（p 含已有网点）。"),
            format!(
                "{fixed} sites are fixed open, more than p = {p} (p counts existing outlets too); raise p."
            ),
        );
    }
    Ok(())
}

fn distinct(sites: &[crate::base::SiteIx]) -> usize {
    let mut sites = sites.to_vec();
    sites.sort_unstable();
    sites.dedup();
    sites.len()
}
