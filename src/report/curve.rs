//! The curve of coverage against the number of outlets, as a drawing.

use crate::plan::Plan;
use crate::report::picture::{Anchor, Frame, Picture, Point, Shape};
use crate::report::style::{Colour, Style};
use crate::report::words::thousands;

const WIDTH: f32 = 560.0;
const HEIGHT: f32 = 190.0;
const FRAME: Frame = Frame { left: 58.0, top: 14.0, width: 490.0, height: 128.0 };
const TEXT: f32 = 12.0;
const BAND: Colour = Colour([0xd0, 0xd0, 0xd0]);

/// The curve; `None` if the plan holds none. Proven points are filled, open ones hollow with their bounds as a band.
pub(super) fn draw(plan: &Plan, style: &Style) -> Option<Picture> {
    let points = &plan.curve;
    let most_outlets = points.iter().map(|c| c.p).max()?;
    let fewest = points.iter().map(|c| c.p).min()?;
    let top = points.iter().map(|c| c.bound.max(c.objective as f64)).fold(1.0, f64::max);
    let span = most_outlets.saturating_sub(fewest).max(1) as f32;
    let x = |p: u32| FRAME.left + 8.0 + (FRAME.width - 16.0) * p.saturating_sub(fewest) as f32 / span;
    let y = |v: f64| FRAME.top + FRAME.height * (1.0 - (v / top) as f32 * 0.94);
    let covered: Vec<Point> = points.iter().map(|c| (x(c.p), y(c.objective as f64))).collect();
    let bounds = points.iter().rev().map(|c| (x(c.p), y(c.bound.max(c.objective as f64))));
    let band: Vec<Point> = covered.iter().copied().chain(bounds).collect();
    let mut shapes = vec![
        Shape::Area { outline: band, fill: BAND, edge: None },
        Shape::Lines { lines: vec![covered], width: 1.0, colour: style.ink },
        Shape::Lines { lines: vec![FRAME.outline()], width: 0.6, colour: style.frame },
    ];
    let open = plan.outlets.len() as u32;
    if (fewest..=most_outlets).contains(&open) {
        let line = vec![(x(open), FRAME.top), (x(open), FRAME.top + FRAME.height)];
        shapes.push(Shape::Lines { lines: vec![line], width: 0.8, colour: style.label });
        let words = format!("本方案 {open} 个");
        let wide = TEXT * 6.5;
        let left = if x(open) + wide > FRAME.left + FRAME.width { x(open) - wide } else { x(open) + 4.0 };
        shapes.push(label((left, FRAME.top + FRAME.height - 5.0), Anchor::Start, words, style));
    }
    for proven in [false, true] {
        let at = points.iter().filter(|c| c.proven == proven).map(|c| (x(c.p), y(c.objective as f64)));
        shapes.push(Shape::Dots { at: at.collect(), radius: 3.0, colour: style.ink, ring: !proven });
    }
    shapes.extend(axes(fewest, most_outlets, top, &x, &y, style));
    Some(Picture { width: WIDTH as u32, height: HEIGHT as u32, shapes })
}

fn axes(
    fewest: u32,
    most: u32,
    top: f64,
    x: &dyn Fn(u32) -> f32,
    y: &dyn Fn(f64) -> f32,
    style: &Style,
) -> Vec<Shape> {
    let mut shapes = Vec::new();
    for part in [0.0, 0.5, 1.0] {
        let value = (top * part).floor();
        let words = thousands(value as u64);
        let at = (FRAME.left - 6.0 - TEXT * 0.56 * words.len() as f32, y(value) + TEXT * 0.35);
        shapes.push(label(at, Anchor::Start, words, style));
        let tick = vec![(FRAME.left - 3.0, y(value)), (FRAME.left, y(value))];
        shapes.push(Shape::Lines { lines: vec![tick], width: 0.6, colour: style.frame });
    }
    let step = ((most - fewest) / 10 + 1).max(1);
    for p in (fewest..=most).step_by(step as usize) {
        let at = (x(p), FRAME.top + FRAME.height + TEXT * 1.1);
        shapes.push(label(at, Anchor::Middle, p.to_string(), style));
    }
    let foot = (FRAME.left + FRAME.width / 2.0, FRAME.top + FRAME.height + TEXT * 2.4);
    let words = "网点数 → 网点圈内的月服务次数；●已证最优 ○未证（灰带到理论上限）";
    shapes.push(label(foot, Anchor::Middle, words.into(), style));
    shapes
}

fn label(at: Point, anchor: Anchor, text: String, style: &Style) -> Shape {
    Shape::Text { at, size: TEXT, anchor, colour: style.ink, halo: None, text }
}
