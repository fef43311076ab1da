//! What stands around a map: heading, legend, scale bar, credit and notices.

use crate::base::Metres;
use crate::plan::Plan;
use crate::report::map::{Layout, dot_radius, pin, round_length};
use crate::report::picture::{Anchor, Frame, Point, Projection, Shape};
use crate::report::source::map_approval;
use crate::report::style::{Colour, Mark, Step, Style};
use crate::report::words::thousands;

/// Direction of every travel time shown.
pub(super) const DIRECTION: &str = "从网点/服务人员出发，单程";
/// Credit of the road data, under the ODbL.
pub(super) const CREDIT: &str = "© OpenStreetMap contributors";
/// Stands on every map without an approval number (地图管理条例 art. 15).
pub(super) const UNREVIEWED: &str = "内部资料，未经审图，不得公开";
/// Stands on everything made from invented data.
pub(super) const SYNTHETIC: &str = "示例数据，非真实道路与人员";
/// Datum named on every map.
pub(super) const DATUM: &str = "坐标系 WGS 84";

/// The map notice: the approval number of the policy file, else that there is none.
pub(super) fn map_notice(plan: &Plan) -> String {
    map_approval(plan).map_or_else(|| UNREVIEWED.to_string(), |number| format!("审图号：{number}"))
}

/// Heading, legend and foot of a map.
pub(super) fn shapes(plan: &Plan, style: &Style, layout: &Layout) -> Vec<Shape> {
    if layout.heading { sheet(plan, style, layout) } else { strip(plan, style, layout) }
}

fn text(at: Point, size: f32, colour: Colour, words: impl Into<String>) -> Shape {
    Shape::Text { at, size, anchor: Anchor::Start, colour, halo: None, text: words.into() }
}

/// Around map.png: a column at the right, a heading, a foot.
fn sheet(plan: &Plan, style: &Style, layout: &Layout) -> Vec<Shape> {
    let (size, ink) = (layout.text, style.ink);
    let mut shapes = vec![text((30.0, 56.0), 34.0, ink, heading(plan))];
    if plan.county.synthetic {
        shapes.push(text((1275.0, 52.0), 20.0, ink, format!("【{SYNTHETIC}】")));
    }
    let (x, mut y) = (layout.legend.left, layout.legend.top + size);
    let mut line = |shapes: &mut Vec<Shape>, words: String, factor: f32, colour: Colour| {
        shapes.push(text((x, y), size * factor, colour, words));
        y += size * 1.55;
    };
    let s = &plan.summary;
    line(&mut shapes, "服务人员到家用时".into(), 1.0, ink);
    line(&mut shapes, DIRECTION.into(), 0.8, style.label);
    let first = y;
    let rows = steps(style).len() as f32;
    y += size * 1.55 * rows + size * 0.5;
    shapes.extend(ramp(plan, style, layout, (x + size * 0.5, first)));
    let pins = y;
    y += size * 1.7 * 2.0 + size * 0.2;
    shapes.extend(pin((x + size * 0.6, pins - size * 0.3), 1, false, size, style));
    shapes.push(text((x + size * 1.8, pins), size * 0.9, ink, "新设网点（编号见名单）"));
    shapes.extend(pin((x + size * 0.6, pins + size * 1.4), 2, true, size, style));
    shapes.push(text((x + size * 1.8, pins + size * 1.7), size * 0.9, ink, "现有网点"));
    let outline = vec![(x, y - size * 0.3), (x + size * 1.2, y - size * 0.3)];
    shapes.push(Shape::Lines { lines: vec![outline], width: size * 0.1, colour: style.grid_outline });
    shapes.push(text((x + size * 1.8, y), size * 0.9, ink, "网格（连线仅示意）"));
    y += size * 2.4;
    let mut line = |shapes: &mut Vec<Shape>, words: String| {
        shapes.push(text((x, y), size * 0.9, ink, words));
        y += size * 1.5;
    };
    let n = |v: u32| thousands(u64::from(v));
    line(&mut shapes, format!("服务对象 {} 人", n(s.clients_total)));
    line(&mut shapes, format!("人员圈（已覆盖） {} 人", n(s.clients_served)));
    line(&mut shapes, format!("网点圈 {} 人", n(s.clients_in_outlet_circle)));
    line(&mut shapes, format!("网点 {} 个", n(s.outlets)));
    let unplaced = plan.county.clients.iter().filter(|c| c.at.is_none()).count();
    if unplaced > 0 {
        line(&mut shapes, format!("另有 {unplaced} 人无坐标，未上图"));
    }
    line(&mut shapes, "以逐人判定为准".into());
    shapes.push(text((30.0, 1170.0), size * 0.85, style.label, foot(plan)));
    shapes
}

/// Under the small map: three lines.
fn strip(plan: &Plan, style: &Style, layout: &Layout) -> Vec<Shape> {
    let Frame { left, top, width, .. } = layout.legend;
    let (size, ink) = (layout.text, style.ink);
    let mut shapes = vec![text(
        (left, top + size),
        size * 0.95,
        ink,
        format!("服务人员到家用时，{DIRECTION}；●30 分以内，○超出"),
    )];
    let each = width / steps(style).len() as f32;
    for (i, step) in steps(style).into_iter().enumerate() {
        let at = (left + each * i as f32 + size * 0.5, top + size * 2.2);
        shapes.push(sample(step, at, dot_radius(0, layout) * 1.2));
        let words = text((at.0 + size * 0.7, at.1 + size * 0.33), size * 0.9, ink, step.zh.clone());
        shapes.push(words);
    }
    let y = top + size * 3.9;
    shapes.extend(pin((left + size * 0.6, y - size * 0.3), 1, false, size * 0.9, style));
    shapes.push(text((left + size * 1.6, y), size * 0.9, ink, "新设网点"));
    shapes.extend(pin((left + size * 7.6, y - size * 0.3), 2, true, size * 0.9, style));
    shapes.push(text((left + size * 8.6, y), size * 0.9, ink, "现有网点"));
    let outline = vec![(left + size * 14.2, y - size * 0.3), (left + size * 15.6, y - size * 0.3)];
    shapes.push(Shape::Lines { lines: vec![outline], width: 1.2, colour: style.grid_outline });
    shapes.push(text((left + size * 16.0, y), size * 0.9, ink, "网格（示意）"));
    shapes.push(text((left, top + size * 5.5), size * 0.85, style.label, foot(plan)));
    shapes
}

fn heading(plan: &Plan) -> String {
    format!("{} 30分钟服务圈 {}", plan.county.name, plan.month)
}

fn foot(plan: &Plan) -> String {
    let mut words = format!("{CREDIT}　{DATUM}　{}", map_notice(plan));
    if plan.county.synthetic {
        words = format!("{words}　{SYNTHETIC}");
    }
    words
}

fn steps(style: &Style) -> Vec<&Step> {
    style.minutes.iter().chain([&style.unknown]).collect()
}

fn sample(step: &Step, at: Point, radius: f32) -> Shape {
    Shape::Dots { at: vec![at], radius, colour: step.colour, ring: step.mark == Mark::Ring }
}

fn ramp(plan: &Plan, style: &Style, layout: &Layout, from: Point) -> Vec<Shape> {
    let size = layout.text;
    let mut counts = vec![0_u64; style.minutes.len() + 1];
    for (client, row) in plan.county.clients.iter().zip(&plan.clients) {
        if client.at.is_some() {
            counts[style.step(row.caregiver_time).unwrap_or(style.minutes.len())] += 1;
        }
    }
    let lines = steps(style).into_iter().zip(counts).enumerate().flat_map(|(i, (step, count))| {
        let y = from.1 + size * 1.55 * i as f32;
        let words = format!("{}　{} 人", step.zh, thousands(count));
        [
            sample(step, (from.0, y - size * 0.3), size * 0.36),
            text((from.0 + size * 1.3, y), size * 0.9, style.ink, words),
        ]
    });
    lines.collect()
}

/// The scale bar at the map's lower left, a round length up to a quarter of its width.
pub(super) fn scale_bar(map: &Projection, style: &Style, layout: &Layout) -> Vec<Shape> {
    let frame = layout.map;
    let length = round_length(Metres(f64::from(frame.width) / 4.0 / map.scale));
    let wide = (length.0 * map.scale) as f32;
    let (left, y) = (frame.left + layout.text * 0.8, frame.top + frame.height - layout.text * 0.8);
    let tick = layout.text * 0.35;
    let bar = vec![(left, y - tick), (left, y), (left + wide, y), (left + wide, y - tick)];
    let words = if length.0 >= 1000.0 {
        format!("{} 公里", length.0 / 1000.0)
    } else {
        format!("{} 米", length.0)
    };
    vec![
        Shape::Lines { lines: vec![bar], width: layout.text * 0.1, colour: style.ink },
        Shape::Text {
            at: (left + wide / 2.0, y - tick),
            size: layout.text * 0.85,
            anchor: Anchor::Middle,
            colour: style.ink,
            halo: Some(style.halo),
            text: words,
        },
    ]
}
