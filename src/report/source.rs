//! What the policy file's `[report]` table says: the header block of the notice a plan follows, the map's approval number.

use crate::plan::Plan;

/// 索引号 · 部门 · 栏目 · 来源 · 日期, as government sites print it, from `[report.source]`; what is missing is a dash.
pub(super) fn header_block(plan: &Plan) -> String {
    let source = setting(plan, "source");
    let text = |key: &str| {
        let value = source.as_ref().and_then(|t| t.get(key)).and_then(|v| v.as_str());
        value.filter(|v| !v.trim().is_empty()).unwrap_or("—").to_owned()
    };
    let fields =
        [("索引号", "index"), ("部门", "department"), ("栏目", "column"), ("来源", "from"), ("日期", "date")];
    fields.map(|(zh, key)| format!("{zh}：{}", text(key))).join(" · ")
}

/// The approval number under which the map may be published; `None`: it is internal.
pub(super) fn map_approval(plan: &Plan) -> Option<String> {
    let value = setting(plan, "map_approval")?;
    value.as_str().map(str::trim).filter(|n| !n.is_empty()).map(str::to_owned)
}

fn setting(plan: &Plan, key: &str) -> Option<toml::Value> {
    let text = plan.policy.text.trim_start_matches('\u{feff}');
    let mut file: toml::Table = text.parse().ok()?;
    match file.remove("report")? {
        toml::Value::Table(mut report) => report.remove(key),
        _ => None,
    }
}
