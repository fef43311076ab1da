//! Floor `report`: what do people read? Lists, maps, the one-page report, settlement.
//!
//! A map is drawn once as plain data ([`picture`]) and written as PNG and as SVG; every number is counted from the plan's
//! rows in `figures`; nothing here knows a clock.

mod calendar_files;
mod curve;
mod face;
mod figures;
mod files;
mod geojson;
mod legend;
mod make;
mod map;
mod page;
mod picture;
mod png;
mod principles;
mod settlement;
mod source;
mod style;
mod svg;
mod words;
mod workbook;
#[cfg(test)]
mod drawn_village;

pub use calendar_files::caregiver_calendar;
pub use make::{make_plan, publish};
pub use page::report_policy;

use crate::base::{Fault, Outcome, Progress};
use crate::network::RoadMap;
use crate::plan::Plan;
use map::{Layout, RoadLines};
use std::path::Path;
use style::Style;

/// Files of a plan folder made here, in the order of writing.
const FILES: [&str; 6] =
    ["coverage.geojson", "assignments.xlsx", "map.png", "settlement.csv", "calendar", "report.html"];

/// Writes coverage.geojson, assignments.xlsx, map.png, settlement.csv, a folder `calendar` with one file a caregiver and
/// report.html of `plan` into the folder `dir`; `roads` is the map the plan was made on. The same plan gives the same bytes.
/// Answers with remarks (Chinese, English), such as that no Chinese face was found and map.png is not written.
///
/// # Errors
/// A file cannot be written; the person cancelled.
pub fn write_reports(
    plan: &Plan,
    roads: &RoadMap,
    dir: &Path,
    progress: &dyn Progress,
) -> Outcome<Vec<(String, String)>> {
    let style = Style::shipped()?;
    let lines = match map::shown_window(plan, &Layout::sheet()) {
        Some(window) => map::roads_in(roads, &window, &style),
        None => vec![Vec::new(); style.roads.len()],
    };
    write_files(plan, &lines, &style, dir, progress)
}

fn write_files(
    plan: &Plan,
    roads: &RoadLines,
    style: &Style,
    dir: &Path,
    progress: &dyn Progress,
) -> Outcome<Vec<(String, String)>> {
    let mut notes = Vec::new();
    for (done, file) in FILES.into_iter().enumerate() {
        if progress.is_cancelled() {
            return Err(Fault::cancelled());
        }
        progress.report("report", done as u64, FILES.len() as u64);
        let path = dir.join(file);
        match file {
            "coverage.geojson" => geojson::write(plan, &path)?,
            "assignments.xlsx" => workbook::write(plan, &path)?,
            "map.png" if face::is_ready() => {
                png::write(&map::draw(plan, roads, style, &Layout::sheet()), &path)?;
            }
            "map.png" => notes.push(no_face()),
            "settlement.csv" => settlement::write(plan, &path)?,
            "calendar" => calendar_files::write(plan, &path)?,
            _ => files::save(&path, page::html(plan, roads, style).as_bytes())?,
        }
    }
    progress.report("report", FILES.len() as u64, FILES.len() as u64);
    Ok(notes)
}

fn no_face() -> (String, String) {
    (
        "没有找到中文字体，map.png 未写出；安装 fonts-noto-cjk 后重新运行。".into(),
        "no CJK face was found: map.png is not written; install fonts-noto-cjk and run again.".into(),
    )
}
