//! What a roster tells of a client first, in the clean edition and in the dirty one.

use crate::people::Client;
use crate::{Land, invent};

/// The columns with which both rosters begin: those of [`words`], those of [`degrees`], the guardian.
pub const COLUMNS: [&str; 13] = [
    "编号",
    "姓名",
    "身份证号",
    "类别",
    "供养方式",
    "自理能力",
    "乡镇",
    "村",
    "社",
    "家庭住址",
    "经度",
    "纬度",
    "监护人",
];

/// From the number to the address.
pub fn words(land: &Land, client: &Client) -> [String; 10] {
    let unit = &land.units[client.unit];
    let (township, group) = (&land.townships[unit.township].name, invent::group_name(client.group));
    let support = if client.category == "分散供养特困人员" { "分散供养" } else { "" };
    let person = &client.person;
    [
        client.id.clone(),
        person.name.clone(),
        person.id_number.clone(),
        client.category.to_owned(),
        support.to_owned(),
        ["完全自理", "半失能", "完全失能"][client.tier - 1].to_owned(),
        township.clone(),
        unit.name.clone(),
        group.clone(),
        format!("会宁县{township}{}{group}", unit.name),
    ]
}

/// Longitude and latitude with six decimals, where the roster has them.
pub fn degrees(client: &Client) -> Option<[f64; 2]> {
    let at = client.home.at.lonlat();
    client.located.then(|| [at.lon, at.lat].map(|value| (value * 1e6).round() / 1e6))
}

/// Whether only women may serve the client, in the office's word.
pub fn female(client: &Client) -> &'static str {
    if client.needs_female { "是" } else { "" }
}
