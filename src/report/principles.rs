//! What a plan means: three conclusions, a remedy a cause, and the notice's three principles 满意 · 受益 · 负担 (R40).

use crate::base::Fen;
use crate::coverage::Cause;
use crate::plan::Plan;
use crate::report::figures::{self, LocalHire, Scorecard};
use crate::report::words::{escaped, percent, thousands, yuan};
use std::fmt::Write as _;

/// The cheapest kind of remedy for a cause.
pub(super) fn remedy(cause: Cause) -> &'static str {
    match cause {
        Cause::NoLocation => "补测坐标或补全住址",
        Cause::MatchDoubtful => "由乡镇确认住址",
        Cause::NoRoadNear => "补录道路或核对坐标",
        Cause::Disconnected => "核对断头路与单行",
        Cause::TooFar => "增设网点或就近聘人",
        Cause::NoCaregiver => "聘用合适人员",
        Cause::OverCapacity => "增聘 1 人或调整负荷",
    }
}

/// The three sentences a leader reads: coverage, outlets, gaps.
pub(super) fn conclusions(plan: &Plan) -> [String; 3] {
    let s = &plan.summary;
    let [total, served, circle] =
        [s.clients_total, s.clients_served, s.clients_in_outlet_circle].map(u64::from);
    let coverage = format!(
        "全县 {} 名服务对象中，{} 名（{}）由责任服务人员30分钟内到家且当月服务全部排定；{} 名（{}）在网点圈内（{}，单程）。当月应访 {} 次，已排 {} 次。",
        thousands(total),
        thousands(served),
        percent(served, total),
        thousands(circle),
        percent(circle, total),
        plan.policy.outlet_mode.zh(),
        thousands(u64::from(s.visits_owed)),
        thousands(u64::from(s.visits_planned))
    );
    [coverage, outlets(plan), gap(plan)]
}

fn outlets(plan: &Plan) -> String {
    let s = &plan.summary;
    let open = plan.outlets.iter().filter_map(|o| plan.county.sites.get(o.site.at()));
    let existing = open.filter(|site| site.existing).count();
    let proof = match (s.siting.proven, s.siting.model.as_str()) {
        (true, "lscp") => "，已证明不能更少".to_string(),
        (true, _) => "，已证明同样数量下不能覆盖更多".to_string(),
        (false, _) => format!("，与理论界限相差不超过 {:.2} %", s.siting.gap_pct),
    };
    format!(
        "开设服务网点 {} 个（现有 {existing} 个，新设 {} 个）{proof}；使用服务人员 {} 名，划分网格 {} 个。",
        s.outlets,
        (s.outlets as usize).saturating_sub(existing),
        s.caregivers_used,
        plan.grids.len()
    )
}

fn gap(plan: &Plan) -> String {
    let causes = figures::causes(plan);
    let all: u64 = causes.iter().map(|(_, n)| n).sum();
    let Some((first, count)) = causes.first() else {
        return "没有缺口：每名服务对象都由责任服务人员30分钟内到家，当月服务全部排定。".into();
    };
    let each: Vec<String> = causes.iter().map(|(c, n)| format!("{} {}", c.zh(), thousands(*n))).collect();
    format!(
        "未覆盖 {} 名，原因合计相符：{}。主要原因是{}（占 {}），建议{}。",
        thousands(all),
        each.join("、"),
        first.zh(),
        percent(*count, all),
        remedy(*first)
    )
}

/// Writes the scorecard: three columns, each a list of facts.
pub(super) fn write(out: &mut String, plan: &Plan) {
    let score = figures::scorecard(plan);
    out.push_str("<h2>六、三项原则</h2>\n<div class=\"principles\">\n");
    let cards = [
        ("救助对象能够满意", content(plan, &score)),
        ("第三方机构能够受益", gain(plan, &score, figures::local_hire(plan))),
        ("政府财力能够负担", burden(plan)),
    ];
    for (name, facts) in cards {
        let _ = write!(out, "<section><h3>{name}</h3><ul>");
        for fact in facts {
            let _ = write!(out, "<li>{}</li>", escaped(&fact));
        }
        out.push_str("</ul></section>\n");
    }
    out.push_str("</div>\n");
}

/// 满意: the same caregiver, spacing, nothing left out.
fn content(plan: &Plan, score: &Scorecard) -> Vec<String> {
    let least = score.least_apart.map(|d| format!("，最短 {d} 天")).unwrap_or_default();
    let missing: u64 = plan.unplaced.iter().map(|u| u64::from(u.missing)).sum();
    vec![
        format!(
            "由责任人员上门 {} 次（固定人员率 {}）",
            ratio(score.by_responsible, score.visits),
            percent(score.by_responsible, score.visits)
        ),
        format!(
            "两次间隔合规 {}（{}{least}）",
            ratio(score.intervals_kept, score.intervals),
            percent(score.intervals_kept, score.intervals)
        ),
        format!("未排服务 {} 次{}，逐条原因见 unplaced.csv", thousands(missing), least_missing(plan)),
    ]
}

/// What is proven about the missing visits; a repaired plan claims nothing.
fn least_missing(plan: &Plan) -> String {
    let bound = (plan.summary.unplaced_bound - 1e-6).ceil().max(0.0) as u64;
    if bound == 0 {
        String::new()
    } else {
        format!("（已证任何方案不少于 {} 次）", thousands(bound))
    }
}

/// The largest care load beside what no plan can undercut.
fn fairness(plan: &Plan) -> String {
    let (most, bound) = (plan.summary.care_h_max, plan.summary.care_h_max_bound);
    if bound > 0.0 {
        format!("；照护最多 {most:.1} 时，任何方案不少于 {bound:.1} 时")
    } else {
        String::new()
    }
}

/// 受益: time on the road, balance, staff, local hire (R03).
fn gain(plan: &Plan, score: &Scorecard, hire: LocalHire) -> Vec<String> {
    let work = score.travel_s + score.care_s + score.wait_s;
    let balance = match score.mean_s {
        0 => "—".to_string(),
        mean => format!("{:.2} 倍", score.longest_s as f64 / mean as f64),
    };
    let local = match hire.township_known {
        0 => "本地聘用率：名册未注明住地".to_string(),
        known => format!("本地聘用率 {}（{}）", percent(hire.local, known), ratio(hire.local, known)),
    };
    let preferred = match hire.kind_known {
        0 => "优先聘用人员：名册未注明类别".to_string(),
        known => format!(
            "农村闲置劳动力、留守妇女 {}（{}）",
            percent(hire.preferred, known),
            ratio(hire.preferred, known)
        ),
    };
    let mut facts = vec![
        format!("路途占工时 {}，等候 {}", percent(score.travel_s, work), percent(score.wait_s, work)),
        format!(
            "用人 {}，最忙者为平均的 {balance}{}",
            ratio(score.caregivers, score.caregivers_all),
            fairness(plan)
        ),
        local,
        preferred,
    ];
    facts.extend(plan.summary.recruits.as_ref().and_then(hires));
    facts
}

/// Whom to hire so that nobody stays unplaced, and what cannot be helped so.
fn hires(r: &crate::plan::RecruitSummary) -> Option<String> {
    let beyond = match r.beyond_help {
        0 => String::new(),
        n => format!("；另有 {} 次在任何村招人也排不上", thousands(u64::from(n))),
    };
    if r.hires == 0 {
        return (r.beyond_help > 0).then(|| format!("补充招聘：无可补足{beyond}"));
    }
    let mut villages: Vec<(&String, &u32)> = r.villages.iter().collect();
    villages.sort_by_key(|(name, n)| (std::cmp::Reverse(**n), name.as_str()));
    let named: Vec<String> = villages.iter().take(3).map(|(name, n)| format!("{n} 人在{name}")).collect();
    let more = if villages.len() > 3 { "等" } else { "" };
    let proof =
        if r.hires == r.bound { "，已证最少".into() } else { format!("，至少需 {} 人", r.bound) };
    Some(format!(
        "补充招聘 {} 人即可多排 {} 次（{}{more}；名单见 recruits.csv{proof}）{beyond}",
        r.hires,
        thousands(u64::from(r.visits)),
        named.join("、")
    ))
}

/// 负担: the month's cost from typed unit prices, against the typed line (R17).
fn burden(plan: &Plan) -> Vec<String> {
    let policy = &plan.policy;
    let Some(cost) = figures::month_cost(plan) else {
        return vec!["单价未填写，未计算费用（policy 文件 [money]）".into()];
    };
    let mut facts = vec![
        format!("当月购买服务费用 {}", yuan(cost)),
        format!(
            "单价（设置）：每次 {}，每小时 {}，每网点每月 {}",
            yuan(policy.visit_fee),
            yuan(policy.hour_fee),
            yuan(policy.outlet_fee)
        ),
    ];
    let percent_of_fund = policy.relief_percent;
    if policy.relief_fund.0 <= 0 {
        facts.push(format!("困难群众补助资金总量未填写，{percent_of_fund} % 线无法比较"));
        return facts;
    }
    let line = i128::from(policy.relief_fund.0) * i128::from(percent_of_fund) / 100;
    let year = i128::from(cost.0) * 12;
    let word = if year <= line { "未超过" } else { "超过" };
    facts.push(format!(
        "按 12 个月计 {}，{word}补助资金 {percent_of_fund} % 线 {}",
        yuan(Fen(i64::try_from(year).unwrap_or(i64::MAX))),
        yuan(Fen(i64::try_from(line).unwrap_or(i64::MAX)))
    ));
    facts
}

fn ratio(part: u64, whole: u64) -> String {
    format!("{}/{}", thousands(part), thousands(whole))
}
