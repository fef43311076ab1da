//! The dirty edition: every fault that offices send, planted at known rows, with the key of what must be found.

use crate::dirty_files::{Dress, Spot, write};
use crate::people::Client;
use crate::roster_row::{COLUMNS, degrees, female, words};
use crate::{Land, invent, tables};
use caregrid::intake::Datum;
use std::path::Path;

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Text(String),
    Number(f64),
}

/// A roster as a table.
pub struct Table {
    pub header: Vec<&'static str>,
    pub rows: Vec<Vec<Cell>>,
}

/// The columns behind [`COLUMNS`].
const MORE: [&str; 9] = [
    "评估日期",
    "评估机构",
    "服务机构",
    "审批状态",
    "需女性服务",
    "服务时段",
    "残疾证号",
    "帮扶措施",
    "备注",
];

fn header() -> impl Iterator<Item = &'static str> {
    COLUMNS.into_iter().chain(MORE)
}

fn column(name: &str) -> usize {
    header().position(|h| h == name).unwrap_or(COLUMNS.len() + MORE.len() - 1)
}

/// Faults that one row can have; the word is the code that intake must find, or `fine` where it must find none.
const FAULTS: [&str; 30] = [
    "id_number_rounded",
    "id_number_checksum",
    "id_number_form",
    "id_number_birth",
    "id_number_numeric",
    "category_unknown",
    "category_missing",
    "institution",
    "tier_unknown",
    "tier_other_scale",
    "tier_missing",
    "coordinate_missing",
    "coordinate_unreadable",
    "coordinate_out_of_range",
    "coordinate_null",
    "id_twice",
    "person_twice",
    "same_name_and_village",
    "age_against_category",
    "status_unknown",
    "window_unknown",
    "date_unreadable",
    "certificate_of_another",
    "certificate_form",
    "disability_not_severe",
    "measure_unknown",
    "place_to_confirm",
    "assessment_stale",
    "cells_shifted",
    "fine",
];
/// Every so many rows one is faulty.
const EVERY: usize = 3;

/// Writes `clients/` in as many forms as townships and returns the key: file, sheet, row, code.
pub fn write_all(land: &Land, clients: &[Client], folder: &Path) -> Result<(), String> {
    let out = folder.join("clients");
    std::fs::create_dir_all(&out).map_err(|e| format!("{}: {e}", out.display()))?;
    let of = |t: usize| clients.iter().filter(|c| land.units[c.unit].township == t).collect::<Vec<_>>();
    let far = |c: &&Client| c.planted == Some("no_road_near");
    let shifted = (8..land.townships.len()).find(|t| of(*t).len() >= 50 && !of(*t).iter().any(far));
    let mut key = Vec::new();
    for (t, township) in land.townships.iter().enumerate() {
        let (own, dress) = (of(t), Dress::of(t));
        let mut table = table(land, &own);
        let mut codes = plant(&mut table, &own, t, dress);
        if Some(t) == shifted {
            shift(&mut table);
        }
        codes.extend(own.iter().enumerate().filter(|(_, c)| far(c)).map(|(i, _)| (i, "far_from_roads")));
        let stem = format!("{}{}", township.code, township.name);
        let (file, spots, extra) = write(&table, dress, &out, &stem)?;
        let file = format!("clients/{file}");
        if Some(t) == shifted {
            key.push(vec![file.clone(), String::new(), "0".into(), "datum_differs".into()]);
        }
        let line =
            |s: &Spot, code: &str| vec![file.clone(), s.sheet.clone(), s.row.to_string(), code.to_owned()];
        key.extend(codes.iter().filter(|c| c.1 != "fine").map(|(i, code)| line(&spots[*i], code)));
        key.extend(extra.iter().map(|(spot, code)| line(spot, code)));
    }
    key.sort();
    tables::write(&folder.join("dirty_key.csv"), &["file", "sheet", "row", "code"], &key)
}

fn text(s: impl Into<String>) -> Cell {
    Cell::Text(s.into())
}

/// The township's clients as a clean table.
fn table(land: &Land, own: &[&Client]) -> Table {
    let row = |c: &&Client| {
        let mut row: Vec<Cell> = words(land, c).map(text).into();
        row.extend(degrees(c).map_or_else(|| [text(""), text("")], |at| at.map(Cell::Number)));
        row.extend([
            text(&c.person.guardian),
            text(format!("2026-0{}-15", 3 + c.unit % 7)),
            text("示例评估中心（虚构）"),
            text("示例服务站（虚构）"),
            text("已审批"),
            text(female(c)),
            text(c.window),
            text(""),
            text("第三方补充服务"),
            text("示例数据"),
        ]);
        row
    };
    Table { header: header().collect(), rows: own.iter().map(row).collect() }
}

/// Plants a fault in every third row; the faults go round so that the county has each many times.
fn plant(table: &mut Table, own: &[&Client], township: usize, dress: Dress) -> Vec<(usize, &'static str)> {
    let mut codes = Vec::new();
    let mut next = township * 7;
    for i in (2..own.len()).step_by(EVERY).take(10) {
        // The row before is used by doubles; both must be sound and have a place of their own.
        if own[i].planted.is_some() || own[i - 1].planted.is_some() || !own[i].located {
            continue;
        }
        let mut fault = FAULTS[next % FAULTS.len()];
        next += 1;
        let fits = match fault {
            "id_number_numeric" => dress.is_workbook(),
            "cells_shifted" => !dress.is_workbook(),
            _ => true,
        };
        if !fits {
            fault = "id_number_form";
        }
        spoil(table, own, i, fault);
        codes.push((i, fault));
    }
    codes
}

fn set(table: &mut Table, row: usize, name: &str, cell: Cell) {
    table.rows[row][column(name)] = cell;
}

fn spoil(table: &mut Table, own: &[&Client], i: usize, fault: &str) {
    let (before, id) = (table.rows[i - 1].clone(), own[i].person.id_number.clone());
    let same = |name: &str| before[column(name)].clone();
    let mut put = |name: &str, cell: Cell| set(table, i, name, cell);
    match fault {
        "id_number_rounded" => put("身份证号", text(format!("{}000", &id[..15]))),
        "id_number_checksum" => {
            let last = if id.ends_with('7') { '8' } else { '7' };
            put("身份证号", text(format!("{}{last}", &id[..17])));
        }
        "id_number_form" => put("身份证号", text(&id[..17])),
        "id_number_birth" => put("身份证号", text(invent::with_check("00000019501345003"))),
        "id_number_numeric" => put("身份证号", Cell::Number(1.000_001_950_010_1e17)),
        "category_unknown" => put("类别", text("照顾对象")),
        "category_missing" => put("类别", text("")),
        "institution" => put("供养方式", text("集中供养")),
        "tier_unknown" => put("自理能力", text("待定")),
        "tier_other_scale" => put("自理能力", text("重度失能")),
        "tier_missing" => put("自理能力", text("")),
        "coordinate_missing" => put("纬度", text("")),
        "coordinate_unreadable" => put("经度", text("约105度多")),
        "coordinate_out_of_range" => {
            let at = own[i].home.at.lonlat();
            put("经度", Cell::Number(at.lat));
            put("纬度", Cell::Number(at.lon));
        }
        "coordinate_null" => ["经度", "纬度"].into_iter().for_each(|c| put(c, Cell::Number(0.0))),
        "id_twice" => put("编号", same("编号")),
        "person_twice" => ["身份证号", "类别", "供养方式"].into_iter().for_each(|c| put(c, same(c))),
        "same_name_and_village" => {
            ["姓名", "村", "社", "家庭住址"].into_iter().for_each(|c| put(c, same(c)));
            put("身份证号", text(""));
        }
        "age_against_category" => {
            let child = matches!(own[i].category, "孤儿" | "事实无人抚养儿童");
            put("类别", text(if child { "经济困难老年人" } else { "孤儿" }));
        }
        "status_unknown" => put("审批状态", text("不详")),
        "window_unknown" => put("服务时段", text("晚上")),
        "date_unreadable" => put("评估日期", text("去年")),
        "certificate_of_another" => put("残疾证号", text(format!("{}41", own[i - 1].person.id_number))),
        "certificate_form" => put("残疾证号", text(format!("{id}9"))),
        "disability_not_severe" => {
            put("类别", text("贫困重度残疾人"));
            put("残疾证号", text(format!("{id}44")));
        }
        "measure_unknown" => put("帮扶措施", text("送温暖")),
        "place_to_confirm" => {
            ["村", "家庭住址"].into_iter().for_each(|c| put(c, text("某某不详")));
            ["经度", "纬度", "社"].into_iter().for_each(|c| put(c, text("")));
        }
        "assessment_stale" => put("评估日期", text("2024-03-01")),
        "cells_shifted" => table.rows[i].push(text("多出的一格")),
        _ => spell_otherwise(table, i),
    }
}

/// What offices write and what is no fault: variant characters, no 村, full-width digits, an old word for the category.
fn spell_otherwise(table: &mut Table, i: usize) {
    let Cell::Text(village) = table.rows[i][column("村")].clone() else { return };
    let swap = |c: char| match c {
        '塬' => '原',
        '岘' => '现',
        '咀' => '嘴',
        c => c,
    };
    set(table, i, "村", text(village.trim_end_matches('村').chars().map(swap).collect::<String>()));
    if let Cell::Text(id) = table.rows[i][column("身份证号")].clone() {
        let wide = |c: char| char::from_u32(c as u32 + 0xfee0).unwrap_or(c);
        set(table, i, "身份证号", text(id.chars().map(wide).collect::<String>()));
    }
}

/// The whole list in GCJ-02, as a phone's map shows it.
fn shift(table: &mut Table) {
    let (x, y) = (column("经度"), column("纬度"));
    for row in &mut table.rows {
        let (Cell::Number(lon), Cell::Number(lat)) = (&row[x], &row[y]) else { continue };
        let at = caregrid::base::LonLat { lon: *lon, lat: *lat };
        if at.is_on_earth() && at.lon > 90.0 {
            let Some(shown) = Datum::Gcj02.shown(at) else { continue };
            (row[x], row[y]) = (Cell::Number(shown.lon), Cell::Number(shown.lat));
        }
    }
}
