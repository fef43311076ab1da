//! report.html: one A4 page for a leader who reads for a minute and signs, in black and white, without anything from outside.

use crate::base::{base64, sha256_hex};
use crate::plan::Plan;
use crate::report::figures::{
    CATEGORY_COLUMNS, GapGroup, TownshipLine, gap_groups, has_townships, township_table,
};
use crate::report::legend::{CREDIT, DATUM, SYNTHETIC, map_notice};
use crate::report::map::{self, Layout, RoadLines};
use crate::report::source::header_block;
use crate::report::style::Style;
use crate::report::words::{escaped, percent, thousands};
use crate::report::{curve, principles, svg};
use chrono::Datelike;
use std::fmt::Write as _;

/// The page's only style sheet; no attribute carries style, so its hash is all a content policy must allow.
const STYLE: &str = include_str!("report.css");
/// Lines of the township table that fit on the page.
const MOST_TOWNSHIPS: usize = 30;
/// Input files named with their hash.
const MOST_HASHES: usize = 6;

/// The content policy of report.html: nothing from outside, no script, this one style sheet.
#[must_use]
pub fn report_policy() -> String {
    format!("default-src 'none'; style-src 'sha256-{}'", base64(&from_hex(&sha256_hex(STYLE.as_bytes()))))
}

/// The whole page.
pub(super) fn html(plan: &Plan, roads: &RoadLines, style: &Style) -> String {
    let mut out = String::with_capacity(1 << 18);
    let title = title(plan);
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n<style>{STYLE}</style>\n\
         </head>\n<body>\n",
        report_policy(),
        escaped(&title)
    );
    heading(&mut out, plan, &title);
    conclusions(&mut out, plan);
    out.push_str("<div class=\"columns\">\n<div class=\"left\">\n");
    townships(&mut out, plan);
    gaps(&mut out, plan);
    out.push_str("</div>\n<div class=\"right\">\n<h2>三、服务圈地图</h2>\n");
    let picture = map::draw(plan, roads, style, &Layout::report());
    out.push_str(&svg::svg(&picture, "服务圈地图"));
    out.push_str("<h2>四、网点数与覆盖</h2>\n");
    match curve::draw(plan, style) {
        Some(picture) => out.push_str(&svg::svg(&picture, "网点数与覆盖曲线")),
        None => out.push_str("<p>本方案未计算曲线。</p>\n"),
    }
    out.push_str("</div>\n</div>\n");
    principles::write(&mut out, plan);
    foot(&mut out, plan);
    out.push_str("</body>\n</html>\n");
    out
}

fn title(plan: &Plan) -> String {
    let first = plan.month.first();
    format!("{} 30分钟服务圈规划报告（{}年{}月）", plan.county.name, first.year(), first.month())
}

fn heading(out: &mut String, plan: &Plan, title: &str) {
    let _ = writeln!(out, "<h1>{}</h1>", escaped(title));
    if plan.county.synthetic {
        let _ = writeln!(out, "<p class=\"synthetic\">{SYNTHETIC}</p>");
    }
    let _ = writeln!(out, "<p class=\"source\">依据 {}</p>", escaped(&header_block(plan)));
    let s = &plan.summary;
    let [total, served, circle] =
        [s.clients_total, s.clients_served, s.clients_in_outlet_circle].map(u64::from);
    let _ = writeln!(
        out,
        "<ul class=\"numbers\">\n<li><b>{} / {}</b>人员圈（已覆盖） {}</li>\n<li><b>{} / {}</b>网点圈 {}</li>\n\
         <li><b>{}</b>服务网点</li>\n<li><b>{}</b>缺口</li>\n</ul>",
        thousands(served),
        thousands(total),
        percent(served, total),
        thousands(circle),
        thousands(total),
        percent(circle, total),
        s.outlets,
        thousands(total.saturating_sub(served))
    );
}

fn conclusions(out: &mut String, plan: &Plan) {
    out.push_str("<h2>一、结论</h2>\n<ol class=\"conclusions\">\n");
    for sentence in principles::conclusions(plan) {
        let _ = writeln!(out, "<li>{}</li>", escaped(&sentence));
    }
    out.push_str("</ol>\n");
}

fn townships(out: &mut String, plan: &Plan) {
    let by = if has_townships(&plan.county) { "乡镇" } else { "网点片区" };
    let _ = write!(
        out,
        "<h2>二、各{by}覆盖与服务次数（已排/应访）</h2>\n<table class=\"townships\">\n<thead><tr>"
    );
    for heading in [by, "对象", "网点圈", "已覆盖", "缺口"].iter().chain(&CATEGORY_COLUMNS) {
        let _ = write!(out, "<th>{heading}</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    let lines = township_table(plan, MOST_TOWNSHIPS);
    // One line alone is the total.
    let shown = if lines.len() == 2 { &lines[..1] } else { &lines[..] };
    for line in shown {
        township_row(out, line);
    }
    out.push_str("</tbody>\n</table>\n");
}

fn township_row(out: &mut String, line: &TownshipLine) {
    let _ = write!(
        out,
        "<tr><th>{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td>",
        escaped(&line.name),
        thousands(line.clients),
        percent(line.in_outlet_circle, line.clients),
        percent(line.served, line.clients),
        thousands(line.gaps)
    );
    for (planned, owed) in line.visits {
        let _ = write!(out, "<td>{}/{}</td>", thousands(planned), thousands(owed));
    }
    out.push_str("</tr>\n");
}

fn gaps(out: &mut String, plan: &Plan) {
    out.push_str("<h2>五、最大的五处缺口</h2>\n");
    let groups = gap_groups(plan);
    if groups.is_empty() {
        out.push_str("<p>没有缺口。</p>\n");
        return;
    }
    out.push_str(
        "<table class=\"gaps\">\n<thead><tr><th>地点</th><th>人数</th><th>原因</th><th>可行办法</th></tr></thead>\n<tbody>\n",
    );
    for group in groups.iter().take(5) {
        let _ = writeln!(
            out,
            "<tr><th>{}</th><td>{}</td><td class=\"word\">{}</td><td class=\"word\">{}</td></tr>",
            escaped(&place(group)),
            thousands(group.clients),
            group.cause.zh(),
            principles::remedy(group.cause)
        );
    }
    out.push_str("</tbody>\n</table>\n");
}

/// Township and village of a gap, as far as they are known.
pub(super) fn place(group: &GapGroup) -> String {
    match (group.township.as_str(), group.village.as_str()) {
        ("", "") => "位置不明".into(),
        (township, "") => township.into(),
        ("", village) => village.into(),
        (township, village) => format!("{township} {village}"),
    }
}

fn foot(out: &mut String, plan: &Plan) {
    let s = &plan.summary;
    let list: String = s.inputs.iter().map(|(file, hash)| format!("{file} {hash}\n")).collect();
    let mut named: Vec<String> = s
        .inputs
        .iter()
        .take(MOST_HASHES)
        .map(|(file, hash)| format!("{file} {}", hash.chars().take(12).collect::<String>()))
        .collect();
    if s.inputs.len() > MOST_HASHES {
        named.push(format!("等 {} 个文件（全文见 plan.json）", s.inputs.len()));
    }
    let _ = writeln!(
        out,
        "<footer>\n<p>输入总指纹 {}；{}。种子 {}，步数 {}。</p>",
        &sha256_hex(list.as_bytes())[..16],
        escaped(&named.join("，")),
        s.seed,
        s.steps
    );
    let synthetic = if plan.county.synthetic { format!("　{SYNTHETIC}") } else { String::new() };
    let notice = escaped(&map_notice(plan));
    let _ = writeln!(
        out,
        "<p>道路数据 {CREDIT}（ODbL）　{DATUM}　{notice}{synthetic}</p>\n\
         <p class=\"sign\"><span>编制单位：</span><span>审核：</span><span>日期：</span></p>\n</footer>"
    );
}

fn from_hex(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.chars().filter_map(|c| c.to_digit(16)).map(|d| d as u8).collect();
    digits.chunks_exact(2).map(|pair| pair[0] * 16 + pair[1]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_read_by_pairs() {
        assert_eq!(from_hex("00ff10"), [0, 255, 16]);
    }
}
