//! assignments.xlsx: who is served by whom and when, one sheet a township, ids as text, names masked.

use crate::base::{ClientIx, Fault, Outcome};
use crate::plan::Plan;
use crate::report::figures::{by_township, planned_by_client};
use crate::report::legend::SYNTHETIC;
use crate::report::words::{date, duration};
use crate::roster::{Precision, masked_name};
use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};
use std::path::Path;

/// Columns with their widths in characters.
const COLUMNS: [(&str, f64); 17] = [
    ("编号", 11.0),
    ("姓名", 7.0),
    ("类别", 17.0),
    ("护理档", 7.0),
    ("村", 10.0),
    ("社", 7.0),
    ("定位精度", 9.0),
    ("判定", 11.0),
    ("原因", 11.0),
    ("服务网点", 12.0),
    ("网点用时", 10.0),
    ("责任服务人员", 13.0),
    ("人员用时", 10.0),
    ("网格", 7.0),
    ("应访", 6.0),
    ("已排", 6.0),
    ("上门日期（服务人员）", 56.0),
];
/// Row of the column headings, from 0; the title stands above.
const HEADINGS: u32 = 1;

/// Writes the workbook; the same plan gives the same bytes.
///
/// # Errors
/// The file cannot be written.
pub(super) fn write(plan: &Plan, path: &Path) -> Outcome<()> {
    build(plan).and_then(|mut book| book.save(path)).map_err(|e| {
        let p = path.display();
        Fault::refused(
            format!("{p}：表格无法写出（{e}），请检查磁盘空间，并关闭正在打开它的程序。"),
            format!("{p}: the workbook cannot be written ({e}); check disk space and close programs that hold it open."),
        )
    })
}

fn build(plan: &Plan) -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    book.set_properties(&properties(plan)?);
    let looks = Looks::new();
    let (planned, visits) = (planned_by_client(plan), visits_by_client(plan));
    let mut names: Vec<String> = Vec::new();
    for (township, members) in by_township(&plan.county) {
        let sheet = book.add_worksheet();
        let name = sheet_name(&township, &names);
        sheet.set_name(&name)?;
        names.push(name);
        let mut title = format!("{} {township} {} 服务安排表（内部资料）", plan.county.name, plan.month);
        if plan.county.synthetic {
            title = format!("{title}　{SYNTHETIC}");
        }
        furnish(sheet, &title, &looks)?;
        for (i, member) in members.iter().enumerate() {
            let row = HEADINGS + 1 + i as u32;
            write_client(sheet, row, plan, *member, planned[member.at()], &visits[member.at()], &looks)?;
        }
        let last = (HEADINGS + members.len() as u32).max(HEADINGS + 1);
        sheet.autofilter(HEADINGS, 0, last, COLUMNS.len() as u16 - 1)?;
    }
    Ok(book)
}

/// The file says the month, not the clock, so that two runs give the same bytes.
fn properties(plan: &Plan) -> Result<DocProperties, XlsxError> {
    let first = plan.month.first();
    let year = u16::try_from(first.year()).unwrap_or(2000);
    let made = ExcelDateTime::from_ymd(year, first.month() as u8, first.day() as u8)?;
    let title = format!("{} {} 服务安排表", plan.county.name, plan.month);
    Ok(DocProperties::new().set_title(title).set_author("caregrid").set_creation_datetime(&made))
}

struct Looks {
    title: Format,
    heading: Format,
    text: Format,
    number: Format,
}

impl Looks {
    fn new() -> Looks {
        let cell = || Format::new().set_font_name("宋体").set_font_size(10).set_border(FormatBorder::Thin);
        Looks {
            title: Format::new().set_font_name("宋体").set_font_size(14).set_bold(),
            heading: cell().set_bold().set_align(FormatAlign::Center).set_text_wrap(),
            text: cell().set_num_format("@"),
            number: cell().set_align(FormatAlign::Right),
        }
    }
}

fn furnish(sheet: &mut Worksheet, title: &str, looks: &Looks) -> Result<(), XlsxError> {
    sheet.write_string_with_format(0, 0, title, &looks.title)?;
    for (column, (heading, width)) in COLUMNS.iter().enumerate() {
        let column = column as u16;
        sheet.write_string_with_format(HEADINGS, column, *heading, &looks.heading)?;
        sheet.set_column_width(column, *width)?;
    }
    sheet.set_freeze_panes(HEADINGS + 1, 2)?;
    sheet.set_repeat_rows(HEADINGS, HEADINGS)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    sheet.set_footer("&C第 &P 页，共 &N 页");
    Ok(())
}

/// Dates of each client's visits with the caregiver's id, in order of date.
fn visits_by_client(plan: &Plan) -> Vec<Vec<(NaiveDate, &str)>> {
    let mut visits = vec![Vec::new(); plan.clients.len()];
    for visit in &plan.visits {
        let who = plan.county.caregivers.get(visit.caregiver.at()).map_or("", |c| c.id.as_str());
        if let Some(list) = visits.get_mut(visit.client.at()) {
            list.push((visit.date, who));
        }
    }
    visits.iter_mut().for_each(|list| list.sort_unstable());
    visits
}

fn write_client(
    sheet: &mut Worksheet,
    line: u32,
    plan: &Plan,
    member: ClientIx,
    planned: u32,
    visits: &[(NaiveDate, &str)],
    looks: &Looks,
) -> Result<(), XlsxError> {
    let (Some(client), Some(row)) = (plan.county.clients.get(member.at()), plan.clients.get(member.at()))
    else {
        return Ok(());
    };
    let outlet = row.outlet.and_then(|s| plan.county.sites.get(s.at()));
    let caregiver = row.caregiver.and_then(|c| plan.county.caregivers.get(c.at()));
    let responsible = caregiver.map_or("", |c| c.id.as_str());
    let dates: Vec<String> = visits
        .iter()
        .map(|(day, who)| if *who == responsible { date(*day) } else { format!("{}（{who}）", date(*day)) })
        .collect();
    let texts = [
        client.id.clone(),
        masked_name(&client.name),
        client.category.zh().to_string(),
        client.tier.to_string(),
        client.village.clone(),
        client.group.clone(),
        if client.at.is_some() { precision(client.precision).into() } else { "无坐标".to_string() },
        row.verdict.zh().to_string(),
        row.cause.map_or("", |c| c.zh()).to_string(),
        outlet.map_or("", |s| s.id.as_str()).to_string(),
        row.outlet_time.map(duration).unwrap_or_default(),
        responsible.to_string(),
        row.caregiver_time.map(duration).unwrap_or_default(),
        row.grid.map(Plan::grid_id).unwrap_or_default(),
    ];
    for (column, text) in texts.iter().enumerate() {
        sheet.write_string_with_format(line, column as u16, text, &looks.text)?;
    }
    sheet.write_number_with_format(line, 14, row.owed, &looks.number)?;
    sheet.write_number_with_format(line, 15, planned, &looks.number)?;
    sheet.write_string_with_format(line, 16, dates.join("；"), &looks.text)?;
    Ok(())
}

/// How well a home is located, as lists say it.
fn precision(precision: Precision) -> &'static str {
    match precision {
        Precision::House => "定位到户",
        Precision::Group => "定位到社",
        Precision::Village => "定位到村",
        Precision::Township => "定位到乡",
    }
}

/// A name Excel accepts (31 characters at most, none of `[]:*?/\`, no quote at the ends) and that is not taken.
fn sheet_name(township: &str, taken: &[String]) -> String {
    let allowed = |c: &char| !"[]:*?/\\'".contains(*c) && !c.is_control();
    let mut base: String = township.chars().filter(allowed).take(26).collect();
    if base.trim().is_empty() || base.eq_ignore_ascii_case("history") {
        base = format!("乡镇{base}");
    }
    let free = |name: &String| !taken.iter().any(|t| t.to_lowercase() == name.to_lowercase());
    (2..).map(|n| format!("{base} {n}")).find(free).filter(|_| !free(&base)).unwrap_or(base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheet_names_are_legal_and_never_twice() {
        let taken = vec!["中川".to_string()];
        assert_eq!(sheet_name("中川", &taken), "中川 2");
        assert_eq!(sheet_name("a/b[c]", &[]), "abc");
        assert_eq!(sheet_name("甲".repeat(40).as_str(), &[]).chars().count(), 26);
    }
}
