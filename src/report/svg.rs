//! A drawing as SVG text: presentation attributes only, so that a strict content policy shows it.

use crate::report::picture::{Anchor, Picture, Point, Shape};
use crate::report::words::escaped;
use std::fmt::Write as _;

/// The drawing as one `<svg>` element for an HTML page; `title` is read out in place of it.
pub(super) fn svg(picture: &Picture, title: &str) -> String {
    let (w, h) = (picture.width, picture.height);
    let mut out =
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" role=\"img\">\n");
    let _ = writeln!(out, "<title>{}</title>", escaped(title));
    for shape in &picture.shapes {
        write_shape(&mut out, shape);
    }
    out.push_str("</svg>\n");
    out
}

fn write_shape(out: &mut String, shape: &Shape) {
    // Writing to a String cannot fail.
    let _ = match shape {
        Shape::Lines { lines, width, colour } => {
            let data: String = lines.iter().map(|line| path(line)).collect();
            if data.is_empty() {
                return;
            }
            writeln!(
                out,
                "<path d=\"{data}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{}\" \
                 stroke-linejoin=\"round\"/>",
                number(*width)
            )
        }
        Shape::Area { outline, fill, edge } => {
            let stroke = edge.map(|e| format!(" stroke=\"{e}\"")).unwrap_or_default();
            writeln!(out, "<path d=\"{}z\" fill=\"{fill}\"{stroke}/>", path(outline))
        }
        Shape::Dots { at, radius, colour, ring } => {
            let mut data: String = String::new();
            for p in at {
                let _ = write!(data, "M{} {}h0", number(p.0), number(p.1));
            }
            let mut dot = |colour: &str, radius: f32| {
                writeln!(
                    out,
                    "<path d=\"{data}\" stroke=\"{colour}\" stroke-width=\"{}\" stroke-linecap=\"round\"/>",
                    number(2.0 * radius)
                )
            };
            if data.is_empty() {
                return;
            }
            // A ring is a dot under a smaller white one: two short paths for any number of clients.
            let drawn = dot(&colour.to_string(), *radius);
            if *ring { drawn.and_then(|()| dot("#ffffff", radius * 0.5)) } else { drawn }
        }
        Shape::Text { at, size, anchor, colour, halo, text } => {
            let middle = if *anchor == Anchor::Middle { " text-anchor=\"middle\"" } else { "" };
            let halo = halo.map(|h| {
                format!(
                    " stroke=\"{h}\" stroke-width=\"{}\" stroke-linejoin=\"round\" paint-order=\"stroke\"",
                    number(size * 0.25)
                )
            });
            writeln!(
                out,
                "<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{colour}\"{middle}{}>{}</text>",
                number(at.0),
                number(at.1),
                number(*size),
                halo.unwrap_or_default(),
                escaped(text)
            )
        }
    };
}

/// A line in whole steps of a tenth of a pixel; points that fall together are written once.
fn path(line: &[Point]) -> String {
    let tenth = |v: f32| (f64::from(v) * 10.0).round() as i64;
    let mut points: Vec<(i64, i64)> = line.iter().map(|p| (tenth(p.0), tenth(p.1))).collect();
    points.dedup();
    let mut out = String::new();
    for (i, (x, y)) in points.iter().enumerate() {
        let _ = match i {
            0 => write!(out, "M{} {}", tenths(*x), tenths(*y)),
            1 => write!(out, "L{} {}", tenths(*x), tenths(*y)),
            _ => write!(out, " {} {}", tenths(*x), tenths(*y)),
        };
    }
    if points.len() < 2 { String::new() } else { out }
}

fn number(value: f32) -> String {
    tenths((f64::from(value) * 10.0).round() as i64)
}

fn tenths(value: i64) -> String {
    if value % 10 == 0 { (value / 10).to_string() } else { format!("{:.1}", value as f64 / 10.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::style::Colour;

    #[test]
    fn numbers_are_short_and_text_is_escaped() {
        let picture = Picture {
            width: 20,
            height: 10,
            shapes: vec![
                Shape::Lines {
                    lines: vec![vec![(0.0, 0.0), (0.01, 0.01), (5.25, 3.0)]],
                    width: 1.0,
                    colour: Colour([0; 3]),
                },
                Shape::Text {
                    at: (1.0, 2.0),
                    size: 9.0,
                    anchor: Anchor::Middle,
                    colour: Colour([0; 3]),
                    halo: None,
                    text: "<b>".into(),
                },
            ],
        };
        let text = svg(&picture, "图");
        assert!(text.contains("d=\"M0 0L5.3 3\""), "{text}");
        assert!(text.contains(">&lt;b&gt;</text>"), "{text}");
    }
}
