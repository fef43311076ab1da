//! Everything worth a look in rows that are kept, as one list in the shape of the listed rows.

use crate::intake::Listed;
use crate::intake::quality::{Duplicate, is_stale};
use crate::intake::road_check::{DatumPanel, RoadCheck};
use crate::intake::rosters::Rosters;
use crate::intake::sheet::{RowFault, SheetName};

/// The remarks of reading, then what only the whole list shows: places to confirm, doubles, homes far from roads, stale
/// assessments, and files in another datum (row 0).
pub(crate) fn noticed(
    rosters: &Rosters,
    duplicates: &[Duplicate],
    datums: &[DatumPanel],
    roads: Option<&RoadCheck>,
) -> Vec<Listed> {
    let mut all = rosters.remarks.clone();
    for (received, asked) in rosters.received.iter().zip(&rosters.asked) {
        let (client, spot) = (&received.client, &received.spot);
        let mut add = |column: &str, code: &'static str, zh: &str, en: &str| {
            let fault = RowFault { column: column.to_owned(), code, zh: zh.to_owned(), en: en.to_owned() };
            all.push(Listed { township: client.township.clone(), ..fault.at(&spot.of, spot.row) });
        };
        if asked.is_some() {
            add(
                "",
                "place_to_confirm",
                "村名与村级名录不符，或可能指两个村；请在页面上确认，或更正后重报。",
                "the village is not in the register or could mean two; confirm it on the page, or correct and send it again.",
            );
        }
        let far = client.at.filter(|_| received.coordinates.is_some()).zip(roads);
        if far.is_some_and(|(at, roads)| roads.is_far(at)) {
            add(
                "",
                "far_from_roads",
                "坐标附近 500 米内没有道路；请核对坐标，或路网缺失。",
                "no road within 500 m of the coordinates; check them, or the map lacks the road.",
            );
        }
        if is_stale(client, rosters.month) {
            add(
                "",
                "assessment_stale",
                "评估日期已超过一年，建议重新评估。",
                "the assessment is older than a year; assess again.",
            );
        }
    }
    for double in duplicates.iter().filter(|d| d.kind == "same_name_and_village") {
        for row in double.rows.iter().skip(1) {
            let fault = RowFault::of_row(
                "same_name_and_village",
                "与前面某行姓名和村都相同，请核对是否为同一人。",
                "an earlier row has the same name and village; check whether this is one person.",
            );
            all.push(fault.at(&SheetName::new(&row.file, &row.sheet), row.row));
        }
    }
    for panel in datums.iter().filter(|p| p.warns) {
        all.push(Listed {
            file: panel.file.clone(),
            sheet: String::new(),
            row: 0,
            column: String::new(),
            code: "datum_differs".into(),
            zh: panel.sentence.zh.clone(),
            en: panel.sentence.en.clone(),
            township: String::new(),
        });
    }
    all
}
