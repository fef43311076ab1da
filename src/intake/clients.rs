//! The client roster 排查摸底表: plain columns and the county office's Chinese headings alike.

use crate::base::Minutes;
use crate::intake::Datum;
use crate::intake::cells::{half_width, parts};
use crate::intake::identity::{Holder, IdKey, IdNumberFault, check_id_number};
use crate::intake::sheet::{Columns, Ledger, RawRow, RawSheet, Row, RowFault};
use crate::roster::{Category, Client, Month, Policy, Precision, Status, VisitWindow};
use std::collections::HashSet;

/// Columns of the roster, in the order of [`NAMES`].
#[derive(Clone, Copy)]
pub(crate) enum Of {
    Id,
    Category,
    Tier,
    Lon,
    Lat,
    Service,
    NeedsFemale,
    Window,
    Name,
    Township,
    Village,
    Group,
    Household,
    Status,
    From,
    OnDemand,
    Skill,
    Precision,
    Address,
    IdNumber,
    Support,
    Serial,
    Doubtful,
}

/// The plain name of each column, then its synonyms in offices' tables.
pub(crate) const NAMES: [&[&str]; 23] = [
    &["id", "编号", "服务对象编号", "对象编号", "人员编号"],
    &["category", "人员类别", "对象类别", "类别", "服务对象类别", "人员类型", "对象类型"],
    &["tier", "自理能力", "生活自理能力", "自理能力等级", "护理等级", "照料护理档次", "档次"],
    &["lon", "经度", "longitude", "lng", "x"],
    &["lat", "纬度", "latitude", "y"],
    &["service_min", "服务时长", "服务分钟", "服务时长(分钟)"],
    &["needs_female", "需女性", "需女性服务", "需女性服务人员"],
    &["window", "服务时段", "时段", "时间窗"],
    &["name", "姓名", "服务对象姓名", "对象姓名"],
    &["township", "乡镇", "乡(镇)", "乡镇名称", "所属乡镇", "乡镇(街道)"],
    &["village", "村", "行政村", "村(社区)", "村社区", "村名", "村(居)", "所属村"],
    &["group", "社", "组", "村民小组", "社(组)", "社组", "组别"],
    &["household", "户号", "户编号", "家庭编号", "household_id"],
    &["status", "审批状态", "审核状态", "状态"],
    &["from", "服务起始日期", "开始服务日期", "起始日期", "纳入日期"],
    &["on_demand_dates", "按需服务日期", "需求日期"],
    &["needs_skill", "所需技能", "技能要求"],
    &["precision", "定位精度"],
    &["address", "家庭住址", "住址", "现住址", "详细地址", "家庭地址", "居住地址"],
    &["id_number", "身份证号", "身份证号码", "公民身份号码", "身份证", "公民身份证号码"],
    &["support", "供养方式"],
    &["serial", "序号"],
    &["doubtful"],
];

impl Row<'_> {
    fn of(&self, column: Of) -> &str {
        self.text(column as usize)
    }
}

/// What rows are read by, and what was seen in the rows before.
pub(crate) struct RosterRules<'a> {
    /// Quotas and minutes.
    pub policy: &'a Policy,
    /// Month that ages are checked against.
    pub month: Month,
    /// Datum of the coordinates.
    pub datum: Datum,
    /// Secret behind ids.
    pub key: IdKey,
    /// Ids taken.
    pub ids: HashSet<String>,
    /// People seen, as keyed hashes of their ID numbers.
    pub people: HashSet<String>,
}

/// One kept client, the free address, and the remarks about its row.
struct Kept {
    client: Client,
    address: String,
    remarks: Vec<RowFault>,
}

/// Reads every client of `sheet` with the free address. `None`: the sheet has no roster header.
pub(crate) fn read_clients(
    sheet: &RawSheet,
    rules: &mut RosterRules,
    ledger: &mut Ledger,
) -> Option<Vec<(Client, String)>> {
    let identified = [Of::Id as usize, Of::Name as usize];
    let columns = Columns::find(&sheet.rows, &NAMES, &identified)?;
    let mut clients = Vec::with_capacity(sheet.rows.len());
    for raw in sheet.rows.iter().filter(|r| r.number > columns.header_row) {
        let row = Row { raw, columns: &columns };
        if is_no_client(&row) {
            continue;
        }
        let kept = read_client(&row, rules);
        if let Some(kept) = ledger.book(sheet, raw.number, kept) {
            for remark in kept.remarks {
                ledger.remark(sheet, raw.number, remark);
            }
            clients.push((kept.client, kept.address));
        }
    }
    Some(clients)
}

/// Totals, repeated headers and lines that hold nothing but a running number are no data rows.
fn is_no_client(row: &Row) -> bool {
    let RawRow { cells, .. } = row.raw;
    let total = |c: &String| {
        let bare: String = c.chars().filter(|c| !c.is_whitespace()).collect();
        matches!(bare.trim_end_matches([':', '：']), "合计" | "总计" | "小计" | "共计")
    };
    let serial = row.of(Of::Serial);
    let only_serial = !serial.is_empty() && cells.iter().filter(|c| !c.is_empty()).count() == 1;
    cells.iter().take(3).any(total) || row.columns.repeats_header(row.raw) || only_serial
}

fn read_client(row: &Row, rules: &mut RosterRules) -> Result<Kept, RowFault> {
    if row.is_shifted() {
        return Err(RowFault::of_row(
            "cells_shifted",
            "单元格多于表头列数，内容可能错列；请给含分隔符的内容加上引号。",
            "more cells than the header has columns, so columns may be shifted; quote cells that hold a separator.",
        ));
    }
    let mut remarks = Vec::new();
    let category = category(row, rules.policy, &mut remarks)?;
    let holder = holder(row)?;
    let tier = tier(row, &mut remarks)?;
    let at = row.place_in(rules.datum, Of::Lon as usize, Of::Lat as usize)?;
    let by_tier = rules.policy.service_by_tier[usize::from(tier) - 1];
    let client = Client {
        name: row.of(Of::Name).to_owned(),
        category,
        tier,
        at,
        precision: precision(row, at.is_some())?,
        doubtful: row.flag(Of::Doubtful as usize)?,
        service: row.whole(Of::Service as usize, 1..=600)?.map_or(by_tier, Minutes),
        needs_female: row.flag(Of::NeedsFemale as usize)?,
        window: window(row)?,
        needs_skill: parts(row.of(Of::Skill)).map(str::to_owned).collect(),
        township: row.of(Of::Township).to_owned(),
        village: row.of(Of::Village).to_owned(),
        group: row.of(Of::Group).to_owned(),
        household: row.of(Of::Household).to_owned(),
        status: status(row)?,
        from: row.date(Of::From as usize)?,
        on_demand_dates: row.dates(Of::OnDemand as usize)?,
        // The id comes last: a listed row does not take it.
        id: id(row, rules)?,
    };
    if let Some(holder) = holder {
        remarks.extend(age_against_category(row, category, holder, rules.month));
        let person = rules.key.id_of(&[&row.of(Of::IdNumber).to_ascii_uppercase()]);
        if person.is_some_and(|p| !rules.people.insert(p)) {
            remarks.push(row.fault(
                Of::IdNumber as usize,
                "person_twice",
                "同一身份证号在前面的行中已出现，请核对是否为同一人。",
                "an earlier row has the same ID number; check whether this is one person.",
            ));
        }
    }
    Ok(Kept { client, address: row.of(Of::Address).to_owned(), remarks })
}

/// The roster's own id, else one made of the ID number, else of name and village.
fn id(row: &Row, rules: &mut RosterRules) -> Result<String, RowFault> {
    if !row.of(Of::Id).is_empty() || row.of(Of::Name).is_empty() {
        return row.id(Of::Id as usize, &mut rules.ids);
    }
    let number = row.of(Of::IdNumber).to_ascii_uppercase();
    let made = if number.is_empty() {
        rules.key.id_of(&[row.of(Of::Name), row.of(Of::Township), row.of(Of::Village), row.of(Of::Group)])
    } else {
        rules.key.id_of(&[&number])
    };
    made.filter(|id| rules.ids.insert(id.clone())).ok_or_else(|| {
        let column = if number.is_empty() { Of::Name } else { Of::IdNumber };
        row.fault(
            column as usize,
            "id_twice",
            "与前面的行是同一人（身份证号相同，或姓名和住址相同）；请核对后删除，或补上编号。",
            "the same person as in an earlier row (same ID number, or same name and place); delete it or give it an id.",
        )
    })
}

/// Checks the ID number, if there is one; a number that lost its last digits is refused, never repaired.
fn holder(row: &Row) -> Result<Option<Holder>, RowFault> {
    let column = Of::IdNumber as usize;
    let number = half_width(row.of(Of::IdNumber));
    if number.is_empty() {
        return Ok(None);
    }
    if row.is_numeric(column) {
        return Err(row.fault(
            column,
            "id_number_numeric",
            "身份证号存成了数字，后几位已丢失；请把该列设为文本后重新录入。",
            "the ID number is held as a number and its last digits are lost; make the column text and type it again.",
        ));
    }
    check_id_number(&number).map(Some).map_err(|fault| {
        let (code, zh, en) = match fault {
            IdNumberFault::Form => (
                "id_number_form",
                "身份证号应为 18 位，请核对。",
                "an ID number has 18 characters; check it.",
            ),
            IdNumberFault::Rounded => (
                "id_number_rounded",
                "身份证号以 000 结尾且校验位不符，像是被表格软件舍入；请重新录入。",
                "the ID number ends in 000 and fails its check: a spreadsheet rounded it; type it again.",
            ),
            IdNumberFault::Checksum => (
                "id_number_checksum",
                "身份证号校验位不符，请核对。",
                "the ID number fails its check digit; check it.",
            ),
            IdNumberFault::Birth => (
                "id_number_birth",
                "身份证号中的出生日期不存在，请核对。",
                "the date of birth in the ID number does not exist; check it.",
            ),
        };
        row.fault(column, code, zh, en)
    })
}

/// An age that the category does not allow is shown, never deleted.
fn age_against_category(row: &Row, category: Category, holder: Holder, month: Month) -> Option<RowFault> {
    let age = holder.age(month);
    let fits = match category {
        Category::LowIncomeElder => age >= 60,
        Category::Orphan | Category::UnattendedChild => age < 18,
        _ => true,
    };
    (!fits).then(|| {
        row.fault(
            Of::Category as usize,
            "age_against_category",
            "按身份证号计算的年龄与类别不符，请核对。",
            "the age by the ID number does not fit the category; check it.",
        )
    })
}

/// The category; of several in one cell the one with the largest quota (one person, one quota).
fn category(row: &Row, policy: &Policy, remarks: &mut Vec<RowFault>) -> Result<Category, RowFault> {
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
    let bare: String = half_width(word).chars().filter(|c| !c.is_whitespace()).collect();
    Category::from_zh(&bare).or(match bare.as_str() {
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
fn tier(row: &Row, remarks: &mut Vec<RowFault>) -> Result<u8, RowFault> {
    let column = Of::Tier as usize;
    let bare: String = half_width(row.of(Of::Tier)).chars().filter(|c| !c.is_whitespace()).collect();
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

fn window(row: &Row) -> Result<VisitWindow, RowFault> {
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

fn status(row: &Row) -> Result<Status, RowFault> {
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

fn precision(row: &Row, located: bool) -> Result<Precision, RowFault> {
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
