//! The client roster 排查摸底表: plain columns and the county office's Chinese headings alike.

use crate::base::Minutes;
use crate::intake::Datum;
use crate::intake::cells::{half_width, parts};
use crate::intake::chunk::Chunk;
use crate::intake::client_columns::{NAMES, Of};
use crate::intake::client_words::{category, disability, measures, precision, status, tier, window};
use crate::intake::identity::{Holder, IdKey, IdNumberFault, KeySet, PersonKey, check_id_number, last_four};
use crate::intake::sheet::{Columns, Ledger, RawSheet, RawSheets, Remembered, Row, RowFault, SheetName};
use crate::roster::{Category, Client, Dossier, Month, Policy};
use rayon::prelude::*;
use std::collections::HashMap;

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
    /// Ids taken, as keyed hashes.
    pub ids: KeySet,
    /// People seen, as keyed hashes of their ID numbers.
    pub people: KeySet,
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
    /// File and sheet.
    pub of: SheetName,
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
    /// The coordinates as written.
    pub coordinates: Option<(f64, f64)>,
    /// Keyed hash of the ID number.
    pub person: Option<PersonKey>,
    /// Where the row stands.
    pub spot: Spot,
}

/// Chunks understood side by side before their ids are given.
const CHUNKS_AT_A_TIME: usize = 16;

/// Reads every client of `sheet` below its header. Rows are understood side by side; only ids and doubles need the rows
/// before, and are settled in the rows' order.
pub(crate) fn read_clients(
    sheet: &mut RawSheet,
    columns: &Columns,
    after: RawSheets,
    rules: &mut RosterRules,
    ledger: &mut Ledger,
    clients: &mut Vec<Received>,
) {
    let name = sheet.name.clone();
    let rows = sheet.chunks.iter().map(Chunk::len).sum();
    clients.reserve(rows);
    rules.ids.reserve(rows);
    rules.people.reserve(rows);
    for chunks in sheet.chunks.chunks_mut(CHUNKS_AT_A_TIME) {
        let drafts: Vec<Vec<RowDraft>> =
            chunks.par_iter().map(|chunk| drafts(chunk, &name, columns, rules)).collect();
        for RowDraft { row, received, mut remarks } in drafts.into_iter().flatten() {
            row.of(Of::Township).clone_into(&mut ledger.township);
            let kept = received.and_then(|mut draft| {
                admit(&row, &mut draft, rules, &mut remarks)?;
                Ok(draft)
            });
            if let Some(received) = ledger.book(&name, row.raw.number, kept) {
                remarks.into_iter().for_each(|remark| ledger.remark(&name, row.raw.number, remark));
                clients.push(*received);
            }
        }
        if after == RawSheets::Dropped {
            chunks.fill(Chunk::default());
        }
    }
    ledger.township.clear();
}

/// A row by itself, still without an id.
struct RowDraft<'a> {
    row: Row<'a>,
    received: Result<Box<Received>, RowFault>,
    remarks: Vec<RowFault>,
}

fn drafts<'a>(
    chunk: &'a Chunk,
    name: &SheetName,
    columns: &'a Columns,
    rules: &RosterRules,
) -> Vec<RowDraft<'a>> {
    let below = chunk.rows().filter(|r| r.number > columns.header_row).map(|raw| Row { raw, columns });
    let draft = |row: Row<'a>| {
        let (spot, mut remarks) = (Spot { of: name.clone(), row: row.raw.number }, Vec::new());
        RowDraft { row, received: read_client(&row, rules, spot, &mut remarks).map(Box::new), remarks }
    };
    below.filter(|row| !is_no_client(row)).map(draft).collect()
}

/// The header of a roster sheet.
pub(crate) fn roster_columns(sheet: &RawSheet, remembered: &Remembered) -> Option<Columns> {
    let identified = [Of::Id as usize, Of::Name as usize];
    Columns::find_remembered(sheet, &NAMES, &identified, remembered)
}

/// Totals, repeated headers and lines that hold nothing but a running number are no data rows.
fn is_no_client(row: &Row) -> bool {
    let total = |c: &str| {
        let is_short = c.len() <= 24 && c.contains('计');
        is_short && {
            let bare: String = c.chars().filter(|c| !c.is_whitespace()).collect();
            matches!(bare.trim_end_matches([':', '：']), "合计" | "总计" | "小计" | "共计")
        }
    };
    let only_serial =
        || !row.of(Of::Serial).is_empty() && row.raw.cells().filter(|c| !c.is_empty()).count() == 1;
    row.raw.cells().take(3).any(total) || row.columns.repeats_header(row.raw) || only_serial()
}

fn read_client(
    row: &Row,
    rules: &RosterRules,
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
            id_last4: last_four(holder.as_ref().map_or(row.of(Of::IdLast4), |(_, number)| number.as_str())),
        },
        // The id comes last: a listed row does not take it.
        id: String::new(),
    };
    remarks.extend(holder.as_ref().and_then(|(h, _)| age_against_category(row, category, *h, rules.month)));
    let person = holder.map(|(_, number)| rules.key.of(&[&number]));
    Ok(Received { client, address: row.of(Of::Address).to_owned(), coordinates, person, spot })
}

/// Gives a row its id, which it takes only if it is kept.
fn admit(
    row: &Row,
    draft: &mut Received,
    rules: &mut RosterRules,
    remarks: &mut Vec<RowFault>,
) -> Result<(), RowFault> {
    draft.client.id = id(row, rules, draft)?;
    if draft.person.is_some_and(|p| !rules.people.insert(p)) {
        remarks.push(row.fault(
            Of::IdNumber as usize,
            "person_twice",
            "同一身份证号在前面的行中已出现，请核对是否为同一人。",
            "an earlier row has the same ID number; check whether this is one person.",
        ));
    }
    Ok(())
}

/// The roster's own id, else one made of the ID number, else of name and village.
fn id(row: &Row, rules: &mut RosterRules, draft: &Received) -> Result<String, RowFault> {
    if !row.of(Of::Id).is_empty() || row.of(Of::Name).is_empty() {
        let id = row.free_id(Of::Id as usize, |id| rules.ids.insert(rules.key.of(&[id])))?;
        return not_merged(row, Of::Id, id, rules);
    }
    let column = if draft.person.is_none() { Of::Name } else { Of::IdNumber };
    let of_name =
        || rules.key.of(&[row.of(Of::Name), row.of(Of::Township), row.of(Of::Village), row.of(Of::Group)]);
    let made = draft.person.unwrap_or_else(of_name).id();
    match rules.ids.insert(rules.key.of(&[&made])) {
        true => not_merged(row, column, made, rules),
        false => {
            rules.twice.push((made, draft.spot.clone(), row.of(Of::Name).to_owned()));
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
fn holder(row: &Row) -> Result<Option<(Holder, String)>, RowFault> {
    let column = Of::IdNumber as usize;
    let number = half_width(row.of(Of::IdNumber)).to_ascii_uppercase();
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
    check_id_number(&number).map(|holder| Some((holder, number.clone()))).map_err(|fault| {
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
