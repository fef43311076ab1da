//! The client roster 排查摸底表: plain columns and the county office's Chinese headings alike.

use crate::base::Minutes;
use crate::intake::Datum;
use crate::intake::cells::{half_width, parts};
use crate::intake::client_columns::{NAMES, Of};
use crate::intake::client_words::{category, disability, measures, precision, status, tier, window};
use crate::intake::identity::{Holder, IdKey, IdNumberFault, check_id_number};
use crate::intake::sheet::{Columns, Ledger, RawRow, RawSheet, Remembered, Row, RowFault};
use crate::roster::{Category, Client, Dossier, Month, Policy};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

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
    /// Headings a person has mapped in this township's files.
    pub remembered: Remembered,
    /// Clients that a person has merged: the one that went, and the one that stays.
    pub merged: HashMap<String, String>,
    /// Rows listed because their person stands in an earlier row: its id and the row.
    pub twice: Vec<(String, Spot, String)>,
}

/// Where a row stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    /// File name.
    pub file: Arc<str>,
    /// Sheet; empty for CSV.
    pub sheet: Arc<str>,
    /// Row as the office program counts it, from 1.
    pub row: u32,
}

/// One kept client with what only intake needs to know.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    /// The client.
    pub client: Client,
    /// Free address as written.
    pub address: String,
    /// Township and village as written.
    pub wrote: [String; 2],
    /// The coordinates as written.
    pub coordinates: Option<(f64, f64)>,
    /// Keyed hash of the ID number.
    pub person: Option<String>,
    /// Where the row stands.
    pub spot: Spot,
}

/// Reads every client of `sheet`. `None`: the sheet has no roster header.
pub(crate) fn read_clients(
    sheet: &RawSheet,
    rules: &mut RosterRules,
    ledger: &mut Ledger,
) -> Option<Vec<Received>> {
    let columns = roster_columns(sheet, &rules.remembered)?;
    let (file, name) = (Arc::from(sheet.file.as_str()), Arc::from(sheet.sheet.as_str()));
    let mut clients = Vec::with_capacity(sheet.rows.len());
    for raw in sheet.rows.iter().filter(|r| r.number > columns.header_row) {
        let row = Row { raw, columns: &columns };
        if is_no_client(&row) {
            continue;
        }
        let spot = Spot { file: Arc::clone(&file), sheet: Arc::clone(&name), row: raw.number };
        let mut remarks = Vec::new();
        ledger.township = row.of(Of::Township).to_owned();
        let kept = read_client(&row, rules, spot, &mut remarks);
        if let Some(received) = ledger.book(sheet, raw.number, kept) {
            for remark in remarks {
                ledger.remark(sheet, raw.number, remark);
            }
            clients.push(received);
        }
    }
    ledger.township.clear();
    Some(clients)
}

/// The header of a roster sheet.
pub(crate) fn roster_columns(sheet: &RawSheet, remembered: &Remembered) -> Option<Columns> {
    let identified = [Of::Id as usize, Of::Name as usize];
    Columns::find_remembered(&sheet.rows, &NAMES, &identified, remembered)
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

fn read_client(
    row: &Row,
    rules: &mut RosterRules,
    spot: Spot,
    remarks: &mut Vec<RowFault>,
) -> Result<Received, RowFault> {
    if row.is_shifted() {
        return Err(RowFault::of_row(
            "cells_shifted",
            "单元格多于表头列数，内容可能错列；请给含分隔符的内容加上引号。",
            "more cells than the header has columns, so columns may be shifted; quote cells that hold a separator.",
        ));
    }
    let category = category(row, rules.policy, remarks)?;
    let holder = holder(row)?;
    let tier = tier(row, remarks)?;
    let coordinates = row.coordinates(Of::Lon as usize, Of::Lat as usize)?;
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
        blocked_weekdays: row.weekdays(Of::BlockedWeekdays as usize)?,
        dossier: Dossier {
            measures: measures(row, remarks),
            assessed: row.date(Of::Assessed as usize)?,
            assessor: row.of(Of::Assessor).to_owned(),
            provider: row.of(Of::Provider).to_owned(),
            guardian: row.of(Of::Guardian).to_owned(),
            elder_grade: row.of(Of::ElderGrade).to_owned(),
            disability: disability(row, category, remarks),
        },
        // The id comes last: a listed row does not take it.
        id: id(row, rules, &spot)?,
    };
    let mut person = None;
    if let Some(holder) = holder {
        remarks.extend(age_against_category(row, category, holder, rules.month));
        person = rules.key.id_of(&[&half_width(row.of(Of::IdNumber)).to_ascii_uppercase()]);
        if person.as_ref().is_some_and(|p| !rules.people.insert(p.clone())) {
            remarks.push(row.fault(
                Of::IdNumber as usize,
                "person_twice",
                "同一身份证号在前面的行中已出现，请核对是否为同一人。",
                "an earlier row has the same ID number; check whether this is one person.",
            ));
        }
    }
    let wrote = [client.township.clone(), client.village.clone()];
    Ok(Received { client, address: row.of(Of::Address).to_owned(), wrote, coordinates, person, spot })
}

/// The roster's own id, else one made of the ID number, else of name and village.
fn id(row: &Row, rules: &mut RosterRules, spot: &Spot) -> Result<String, RowFault> {
    if !row.of(Of::Id).is_empty() || row.of(Of::Name).is_empty() {
        let id = row.id(Of::Id as usize, &mut rules.ids)?;
        return not_merged(row, Of::Id, id, rules);
    }
    let number = half_width(row.of(Of::IdNumber)).to_ascii_uppercase();
    let column = if number.is_empty() { Of::Name } else { Of::IdNumber };
    let made = if number.is_empty() {
        rules.key.id_of(&[row.of(Of::Name), row.of(Of::Township), row.of(Of::Village), row.of(Of::Group)])
    } else {
        rules.key.id_of(&[&number])
    };
    match made {
        Some(id) if rules.ids.insert(id.clone()) => not_merged(row, column, id, rules),
        made => {
            let name = row.of(Of::Name).to_owned();
            rules.twice.extend(made.map(|id| (id, spot.clone(), name)));
            Err(row.fault(
                column as usize,
                "id_twice",
                "与前面的行是同一人（身份证号相同，或姓名和住址相同）；请核对后删除，或补上编号。",
                "the same person as in an earlier row (same ID number, or same name and place); delete it or give it an id.",
            ))
        }
    }
}

/// Two rows become one only where a person has said so.
fn not_merged(row: &Row, column: Of, id: String, rules: &RosterRules) -> Result<String, RowFault> {
    match rules.merged.get(&id) {
        None => Ok(id),
        Some(keep) => Err(row.fault(
            column as usize,
            "merged",
            format!("已按您的确认并入 {keep}。"),
            format!("merged into {keep}, as confirmed."),
        )),
    }
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
