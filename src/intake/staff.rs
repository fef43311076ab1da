//! Caregivers, candidate sites and the village register, in plain columns or Chinese headings.

use crate::base::{Fen, Minutes};
use crate::intake::cells::parts;
use crate::intake::sheet::{Columns, Ledger, RawSheet, Row, RowFault};
use crate::roster::{Base, Caregiver, Policy, Site, Village};
use std::collections::HashSet;

const CAREGIVER: [&[&str]; 14] = [
    &["id", "编号", "服务人员编号"],
    &["lon", "经度"],
    &["lat", "纬度"],
    &["mode", "出行方式", "交通方式"],
    &["female", "女性", "性别"],
    &["max_day_min", "每日最多分钟"],
    &["max_month_h", "每月最多小时"],
    &["leave", "请假", "休假"],
    &["township", "乡镇"],
    &["village", "村", "行政村"],
    &["skills", "技能"],
    &["kind", "类别", "人员类别"],
    &["base", "出发地"],
    &["name", "姓名"],
];

const SITE: [&[&str]; 8] = [
    &["id", "编号"],
    &["name", "名称", "网点名称"],
    &["lon", "经度"],
    &["lat", "纬度"],
    &["existing", "已开设", "现有"],
    &["capacity_h", "每月工时"],
    &["cost_fen", "成本分"],
    &["township", "乡镇"],
];

const VILLAGE: [&[&str]; 7] = [
    &["code", "统计用区划代码", "区划代码", "代码"],
    &["name", "名称", "村名", "村"],
    &["township_code", "乡镇代码"],
    &["township", "乡镇"],
    &["lon", "经度"],
    &["lat", "纬度"],
    &["aliases", "别名", "曾用名"],
];

/// Reads rows of one kind by their header. `None`: the sheet has no such header.
fn read<T>(
    sheet: &RawSheet,
    names: &[&[&str]],
    ledger: &mut Ledger,
    mut one: impl FnMut(&Row, &mut HashSet<String>) -> Result<T, RowFault>,
) -> Option<Vec<T>> {
    let columns = Columns::find(sheet, names, &[0])?;
    let mut seen = HashSet::new();
    let mut kept = Vec::new();
    for raw in sheet.rows().filter(|r| r.number > columns.header_row) {
        let row = Row { raw, columns: &columns };
        let outcome = if row.is_shifted() {
            Err(RowFault::of_row(
                "cells_shifted",
                "单元格多于表头列数，内容可能错列。",
                "more cells than the header has columns, so columns may be shifted.",
            ))
        } else {
            one(&row, &mut seen)
        };
        kept.extend(ledger.book(&sheet.name, raw.number, outcome));
    }
    Some(kept)
}

/// Reads the caregivers; a silent row takes mode and hours from the policy.
pub(crate) fn read_caregivers(
    sheet: &RawSheet,
    policy: &Policy,
    ledger: &mut Ledger,
) -> Option<Vec<Caregiver>> {
    read(sheet, &CAREGIVER, ledger, |row, seen| {
        let months = row.number_in(6, 0.0..=744.0)?.map(|h| Minutes((h * 60.0).round() as u32));
        Ok(Caregiver {
            at: row.place(1, 2)?,
            mode: row.mode(3)?.unwrap_or(policy.caregiver_mode),
            female: row.flag(4)?,
            max_day: row.whole(5, 0..=1440)?.map_or(policy.max_day, Minutes),
            max_month: months.unwrap_or(policy.max_month),
            leave: row.dates(7)?,
            township: row.text(8).to_owned(),
            village: row.text(9).to_owned(),
            skills: parts(row.text(10)).map(str::to_owned).collect(),
            kind: row.text(11).to_owned(),
            base: base(row)?,
            name: row.text(13).to_owned(),
            id: row.id(0, seen)?,
        })
    })
}

fn base(row: &Row) -> Result<Base, RowFault> {
    match row.text(12).to_lowercase().as_str() {
        "" | "home" | "家" | "住所" => Ok(Base::Home),
        "outlet" | "网点" => Ok(Base::Outlet),
        _ => Err(row.fault(
            12,
            "base_unknown",
            "出发地应为 home 或 outlet。",
            "the base should be home or outlet.",
        )),
    }
}

/// Reads the candidate sites; a site without a place cannot be one.
pub(crate) fn read_sites(sheet: &RawSheet, ledger: &mut Ledger) -> Option<Vec<Site>> {
    read(sheet, &SITE, ledger, |row, seen| {
        let place = row.place(2, 3)?.ok_or_else(|| {
            row.fault(2, "coordinate_missing", "候选网点缺少坐标。", "the candidate site has no coordinates.")
        })?;
        Ok(Site {
            name: row.text(1).to_owned(),
            at: place,
            existing: row.flag(4)?,
            capacity_h: row.number_in(5, 0.0..=1e6)?,
            cost: row.number_in(6, 0.0..=1e13)?.map(|fen| Fen(fen.round() as i64)),
            township: row.text(7).to_owned(),
            id: row.id(0, seen)?,
        })
    })
}

/// Reads the village register.
pub(crate) fn read_villages(sheet: &RawSheet, ledger: &mut Ledger) -> Option<Vec<Village>> {
    read(sheet, &VILLAGE, ledger, |row, seen| {
        let at = row.place(4, 5)?;
        let code = row.id(0, seen)?;
        // Nine digits name the township in every twelve-digit code.
        let township_code = match row.text(2) {
            "" if code.len() == 12 && code.is_ascii() => code[..9].to_owned(),
            given => given.to_owned(),
        };
        Ok(Village {
            name: row.text(1).to_owned(),
            township_code,
            township: row.text(3).to_owned(),
            at,
            aliases: parts(row.text(6)).map(str::to_owned).collect(),
            code,
        })
    })
}
