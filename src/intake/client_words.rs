//! The words of a client roster: categories, tiers, windows, statuses, measures, certificates.

use crate::intake::cells::{bare, half_width, parts};
use crate::intake::client_columns::Of;
use crate::intake::sheet::{Row, RowFault};
use crate::roster::{Category, Disability, Measure, Policy, Precision, Status, VisitWindow};

/// The category; of several in one cell the one with the largest quota (one person, one quota).
pub(crate) fn category(
    row: &Row,
    policy: &Policy,
    remarks: &mut Vec<RowFault>,
) -> Result<Category, RowFault> {
    let column = Of::Category as usize;
    let support = row.of(Of::Support);
    if support.contains("集中") || row.of(Of::Category).contains("集中供养") {
        let column = if support.is_empty() { column } else { Of::Support as usize };
        return Err(row.fault(
            column,
            "institution",
            "集中供养人员住在机构，不安排上门服务。",
            "supported in an institution, so not visited at home.",
        ));
    }
    let words: Vec<&str> = parts(row.of(Of::Category)).collect();
    let known: Option<Vec<Category>> = words.iter().map(|w| category_of(w)).collect();
    let Some(known) = known.filter(|k| !k.is_empty()) else {
        let all = Category::ALL.map(Category::zh).join("、");
        let (zh, en) = if words.is_empty() {
            ("缺少类别", "the category is missing")
        } else {
            ("类别未知", "the category is unknown")
        };
        return Err(row.fault(
            column,
            if words.is_empty() { "category_missing" } else { "category_unknown" },
            format!("{zh}，应为：{all}。"),
            format!("{en}; it should be one of {all}."),
        ));
    };
    let visits = |c: &Category| policy.quota(*c).map_or(0, |q| q.visits);
    if known.len() > 1 {
        remarks.push(row.fault(
            column,
            "category_several",
            "一人属于多个类别，按服务次数最多的类别安排。",
            "one person in several categories; planned by the one with most visits.",
        ));
    }
    // `max_by_key` takes the last of equals; the notice's first category goes first.
    known
        .iter()
        .rev()
        .max_by_key(|c| visits(c))
        .copied()
        .ok_or_else(|| RowFault::of_row("category_missing", "缺少类别。", "the category is missing."))
}

fn category_of(word: &str) -> Option<Category> {
    let bare = bare(word);
    Category::from_zh(&bare).or(match &*bare {
        "特困人员" | "分散供养特困" | "特困分散供养人员" | "分散特困人员" | "农村特困人员" => {
            Some(Category::ExtremelyPoor)
        }
        "经济困难老人" | "经济困难的老年人" => Some(Category::LowIncomeElder),
        "贫困重度残疾" | "贫困重残人员" => Some(Category::SeverelyDisabled),
        "低收入残疾" => Some(Category::LowIncomeDisabled),
        "事实孤儿" | "事实无人抚养的儿童" => Some(Category::UnattendedChild),
        _ => None,
    })
}

/// Tier 1-3 from a number, a 档 or the 自理能力 scales; a second scale is converted only with a remark.
pub(crate) fn tier(row: &Row, remarks: &mut Vec<RowFault>) -> Result<u8, RowFault> {
    let column = Of::Tier as usize;
    let bare = bare(row.of(Of::Tier));
    let bare = bare.strip_suffix(".0").unwrap_or(&bare);
    match bare {
        "1" | "一档" | "1档" | "完全自理" | "全自理" | "具备" | "能自理" | "自理" => {
            return Ok(1);
        }
        "2" | "二档" | "2档" | "半失能" | "半护理" | "部分丧失" | "半自理" => return Ok(2),
        "3" | "三档" | "3档" | "完全失能" | "全护理" | "完全丧失" | "失能" | "不能自理" =>
        {
            return Ok(3);
        }
        "" => {}
        _ => {
            let other_scale = match bare {
                "能力完好" | "轻度失能" => 1,
                "中度失能" => 2,
                "重度失能" => 3,
                _ => {
                    return Err(row.fault(
                        column,
                        "tier_unknown",
                        "自理能力未知，应为：完全自理、半失能、完全失能（或 1、2、3）。",
                        "the tier is unknown; it should be 1, 2 or 3.",
                    ));
                }
            };
            remarks.push(row.fault(
                column,
                "tier_other_scale",
                format!("使用的是老年人能力评估等级，暂按第 {other_scale} 档安排，请确认。"),
                format!("graded on the scale for elders; planned as tier {other_scale}, please confirm."),
            ));
            return Ok(other_scale);
        }
    }
    if row.columns.has(column) {
        remarks.push(row.fault(
            column,
            "tier_missing",
            "缺少自理能力，暂按一档安排。",
            "the tier is missing; planned as tier 1.",
        ));
    }
    Ok(1)
}

/// When visits may take place.
pub(crate) fn window(row: &Row) -> Result<VisitWindow, RowFault> {
    match row.of(Of::Window).to_lowercase().as_str() {
        "" | "day" | "全天" => Ok(VisitWindow::Day),
        "am" | "上午" => Ok(VisitWindow::Am),
        "pm" | "下午" => Ok(VisitWindow::Pm),
        _ => Err(row.fault(
            Of::Window as usize,
            "window_unknown",
            "时段应为空、am（上午）或 pm（下午）。",
            "the window should be empty, am or pm.",
        )),
    }
}

/// Approval.
pub(crate) fn status(row: &Row) -> Result<Status, RowFault> {
    match row.of(Of::Status).to_lowercase().as_str() {
        "" | "approved" | "已审批" | "审批通过" | "已通过" => Ok(Status::Approved),
        "pending" | "待审批" | "未审批" | "审批中" | "摸底" | "评估" | "已评估" | "乡镇审核"
        | "乡镇已审核" | "县级核查" => Ok(Status::Pending),
        _ => Err(row.fault(
            Of::Status as usize,
            "status_unknown",
            "审批状态应为：已审批、待审批。",
            "the status should be approved or pending.",
        )),
    }
}

/// How well the coordinates are known.
pub(crate) fn precision(row: &Row, located: bool) -> Result<Precision, RowFault> {
    match row.of(Of::Precision).to_lowercase().as_str() {
        "" if located => Ok(Precision::House),
        "" => Ok(Precision::Township),
        "house" | "户" | "定位到户" => Ok(Precision::House),
        "group" | "社" | "定位到社" => Ok(Precision::Group),
        "village" | "村" | "定位到村" => Ok(Precision::Village),
        "township" | "乡" | "定位到乡" => Ok(Precision::Township),
        _ => Err(row.fault(
            Of::Precision as usize,
            "precision_unknown",
            "定位精度应为 house、group、village 或 township。",
            "the precision should be house, group, village or township.",
        )),
    }
}

/// The measures 帮扶措施 of the notice; an unknown word is shown and left out.
pub(crate) fn measures(row: &Row, remarks: &mut Vec<RowFault>) -> Vec<Measure> {
    let column = Of::Measures as usize;
    let mut known = Vec::new();
    for word in parts(row.of(Of::Measures)) {
        match Measure::ALL.into_iter().find(|m| m.zh() == word || (word.len() >= 6 && m.zh().contains(word))) {
            Some(measure) => known.push(measure),
            None => remarks.push(row.fault(
                column,
                "measure_unknown",
                "帮扶措施中有未知的词，应为：监护人照料、乡镇管理、第三方补充服务、社会力量帮扶、行业部门精准救助。",
                "an unknown measure; the notice names five.",
            )),
        }
    }
    known.sort_unstable();
    known.dedup();
    known
}

/// Kind and level of the disability: the certificate is the ID number, a digit 1-7 and a digit 1-4. What does not fit the
/// ID number or the category is shown, never repaired.
pub(crate) fn disability(row: &Row, category: Category, remarks: &mut Vec<RowFault>) -> Option<Disability> {
    let plain = row.of(Of::Disability);
    if let Some((kind, level)) = plain.split_once('-') {
        return Some(Disability { kind: kind.parse().ok()?, level: level.parse().ok()? });
    }
    let column = Of::Certificate as usize;
    let number = half_width(row.of(Of::Certificate)).to_ascii_uppercase();
    if number.is_empty() {
        return None;
    }
    let digit = |at: usize, most: u8| {
        let d = number.as_bytes().get(at)?.checked_sub(b'0')?;
        (1..=most).contains(&d).then_some(d)
    };
    let whole = number.is_ascii() && matches!(number.len(), 20..=22) && !row.is_numeric(column);
    let read = if whole { digit(18, 7).zip(digit(19, 4)) } else { None };
    let Some((kind, level)) = read else {
        remarks.push(row.fault(
            column,
            "certificate_form",
            "残疾证号应为身份证号加两位（类别 1-7、等级 1-4），请核对。",
            "a disability certificate is the ID number and two digits (kind 1-7, level 1-4); check it.",
        ));
        return None;
    };
    let id = half_width(row.of(Of::IdNumber)).to_ascii_uppercase();
    if !id.is_empty() && !number.starts_with(&id) {
        remarks.push(row.fault(
            column,
            "certificate_of_another",
            "残疾证号与身份证号不是同一人，请核对。",
            "the disability certificate belongs to another ID number; check it.",
        ));
    }
    // Some provinces count level 3 of mind and intellect as severe.
    let severe = level <= 2 || (level == 3 && matches!(kind, 5 | 6));
    if category == Category::SeverelyDisabled && !severe {
        remarks.push(row.fault(
            column,
            "disability_not_severe",
            "类别为重度残疾人，但残疾证等级不是一、二级，请核对。",
            "the category says severely disabled, the certificate says level 3 or 4; check it.",
        ));
    }
    Some(Disability { kind, level })
}
