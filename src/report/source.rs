//! The header block of the notice a plan follows, as government sites print it.

use crate::plan::Plan;

/// 索引号 · 部门 · 栏目 · 来源 · 日期, from `[source]` of the policy file, else from the notice shipped with the program.
pub(super) fn header_block(plan: &Plan) -> String {
    let own = setting(plan, "source").and_then(|v| v.as_table().cloned());
    let table = own.or_else(|| include_str!("../../data/notice.toml").parse::<toml::Table>().ok());
    let text = |key: &str| {
        let value = table.as_ref().and_then(|t| t.get(key));
        value.and_then(|v| v.as_str()).unwrap_or("—").to_owned()
    };
    format!(
        "索引号：{} · 部门：{} · 栏目：{} · 来源：{} · 日期：{}",
        text("index"),
        text("department"),
        text("column"),
        text("from"),
        text("date")
    )
}

/// A top-level value of the policy file; `None` where it is silent.
pub(super) fn setting(plan: &Plan, key: &str) -> Option<toml::Value> {
    plan.policy.text.parse::<toml::Table>().ok()?.remove(key)
}

/// The share of the relief fund that services may cost, in per cent (R17): `money.relief_percent`, else 3.
pub(super) fn relief_percent(plan: &Plan) -> i64 {
    let money = setting(plan, "money");
    money.and_then(|m| m.get("relief_percent")?.as_integer()).filter(|p| (0..=100).contains(p)).unwrap_or(3)
}
