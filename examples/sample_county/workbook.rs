//! One workbook a township, as a township office would send it: title, note, headers, rows; ids as text.

use crate::people::Client;
use crate::roster_row::{COLUMNS, degrees, female, words};
use crate::{Land, NOTICE};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};
use std::path::Path;

/// The columns behind [`COLUMNS`].
const MORE: [&str; 7] = ["监护人电话", "评估日期", "评估机构", "审批状态", "需女性服务", "服务时段", "备注"];
const WIDTHS: [f64; 20] = [
    10.0, 9.0, 20.0, 18.0, 10.0, 10.0, 12.0, 14.0, 7.0, 36.0, 11.0, 11.0, 9.0, 13.0, 12.0, 20.0, 10.0, 8.0,
    8.0, 10.0,
];

/// Writes `clients/CODE名称.xlsx` for every township.
pub fn write_all(land: &Land, clients: &[Client], folder: &Path) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for (t, township) in land.townships.iter().enumerate() {
        let path = folder.join(format!("{}{}.xlsx", township.code, township.name));
        let own: Vec<&Client> = clients.iter().filter(|c| land.units[c.unit].township == t).collect();
        workbook(land, t, &own, &path).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(())
}

fn workbook(land: &Land, township: usize, clients: &[&Client], path: &Path) -> Result<(), XlsxError> {
    let name = &land.townships[township].name;
    let mut book = Workbook::new();
    // A fixed date: the library would write the clock's.
    let made = ExcelDateTime::from_ymd(2026, 11, 20)?;
    let title = format!("会宁县{name}特殊困难弱势群体排查摸底表（示例）");
    book.set_properties(
        &DocProperties::new().set_title(&title).set_comment(NOTICE).set_creation_datetime(&made),
    );
    let sheet = book.add_worksheet();
    sheet.set_name("摸底表")?;
    let last = (WIDTHS.len() - 1) as u16;
    let large = Format::new().set_bold().set_font_size(16).set_align(FormatAlign::Center);
    sheet.merge_range(0, 0, 0, last, &title, &large)?;
    let note =
        format!("{NOTICE}    填表单位：{name}人民政府（示例）    填表日期：2026年11月20日    坐标系：WGS84");
    sheet.merge_range(1, 0, 1, last, &note, &Format::new())?;
    let head = Format::new().set_bold().set_border(FormatBorder::Thin).set_align(FormatAlign::Center);
    for (column, (header, width)) in (0..).zip(COLUMNS.into_iter().chain(MORE).zip(WIDTHS)) {
        sheet.write_with_format(2, column, header, &head)?;
        sheet.set_column_width(column, width)?;
    }
    sheet.set_freeze_panes(3, 2)?;
    let text = Format::new().set_num_format("@");
    let place = Format::new().set_num_format("0.000000");
    for (row, client) in (3..).zip(clients) {
        write_row(sheet, row, land, client, &text, &place)?;
    }
    book.save(path)
}

fn write_row(
    sheet: &mut Worksheet,
    row: u32,
    land: &Land,
    client: &Client,
    text: &Format,
    place: &Format,
) -> Result<(), XlsxError> {
    let day = 1 + (row as usize * 7 + client.unit) % 28;
    let assessed = format!("2026-{:02}-{day:02}", 3 + (row as usize + client.unit) % 7);
    for (column, cell) in (0..).zip(words(land, client)) {
        sheet.write_with_format(row, column, cell, text)?;
    }
    for (column, value) in (10..).zip(degrees(client).into_iter().flatten()) {
        sheet.write_with_format(row, column, value, place)?;
    }
    let person = &client.person;
    let after = [
        &person.guardian,
        &person.guardian_phone,
        &assessed,
        "示例评估中心（虚构）",
        "已审批",
        female(client),
        client.window,
        "示例数据",
    ];
    for (column, cell) in (12..).zip(after) {
        sheet.write_with_format(row, column, cell, text)?;
    }
    Ok(())
}
