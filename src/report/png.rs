//! A drawing as PNG through plotters: drawn twice as large and averaged, which smooths every edge.

use crate::base::{Fault, Outcome};
use crate::report::face::FACE;
use crate::report::picture::{Anchor, Picture, Point, Shape};
use crate::report::style::Colour;
use plotters::backend::DrawingBackend;
use plotters::coord::Shift;
use plotters::prelude::{BitMapBackend, Circle, DrawingArea, IntoDrawingArea, PathElement, Polygon, Text};
use plotters::style::{IntoFont, RGBColor, ShapeStyle, TextStyle};
use std::path::Path;
use std::sync::OnceLock;

/// How many pixels are drawn for one written, each way.
const FINE: u32 = 2;

type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

/// Writes the drawing; the face must be ready ([`crate::report::face::is_ready`]).
///
/// # Errors
/// The file cannot be written.
pub(super) fn write(picture: &Picture, path: &Path) -> Outcome<()> {
    let (w, h) = (picture.width * FINE, picture.height * FINE);
    let mut fine = vec![255_u8; 3 * w as usize * h as usize];
    {
        let area = BitMapBackend::with_buffer(&mut fine, (w, h)).into_drawing_area();
        let em = em_factor();
        for shape in &picture.shapes {
            draw(&area, shape, em).map_err(|e| refused(path, &e))?;
        }
        area.present().map_err(|e| refused(path, &e.to_string()))?;
    }
    let coarse = averaged(&fine, picture.width as usize, picture.height as usize);
    let mut file = BitMapBackend::new(path, (picture.width, picture.height));
    file.blit_bitmap((0, 0), (picture.width, picture.height), &coarse)
        .and_then(|()| file.present())
        .map_err(|e| refused(path, &e.to_string()))
}

fn refused(path: &Path, reason: &str) -> Fault {
    let p = path.display();
    Fault::refused(
        format!("{p}：地图无法写出（{reason}），请检查磁盘空间和权限。"),
        format!("{p}: the map cannot be written ({reason}); check space and permissions."),
    )
}

/// Size to ask for so that one em is one pixel: the library scales by line height.
fn em_factor() -> f64 {
    static FACTOR: OnceLock<f64> = OnceLock::new();
    *FACTOR.get_or_init(|| {
        let wide = (FACE, 1000.0).into_font().box_size("国").map_or(0, |(w, _)| w);
        if wide == 0 { 1.0 } else { 1000.0 / f64::from(wide) }
    })
}

fn draw(area: &Area, shape: &Shape, em: f64) -> Result<(), String> {
    match shape {
        Shape::Lines { lines, width, colour } => {
            let style = line_style(*colour, *width);
            lines.iter().try_for_each(|line| draw_line(area, line, style))
        }
        Shape::Area { outline, fill, edge } => {
            let points: Vec<_> = outline.iter().map(|p| fine(*p)).collect();
            drawn(area.draw(&Polygon::new(points, filled(*fill))))?;
            let Some(edge) = edge else { return Ok(()) };
            let closed: Vec<Point> = outline.iter().chain(outline.first()).copied().collect();
            draw_line(area, &closed, line_style(*edge, 1.0))
        }
        Shape::Dots { at, radius, colour, ring } => at.iter().try_for_each(|p| {
            let size = |r: f32| (r * FINE as f32).round().max(1.0) as i32;
            drawn(area.draw(&Circle::new(fine(*p), size(*radius), filled(*colour))))?;
            if !*ring {
                return Ok(());
            }
            drawn(area.draw(&Circle::new(fine(*p), size(radius * 0.5), filled(Colour([255; 3])))))
        }),
        Shape::Text { at, size, anchor, colour, halo, text } => {
            let asked = f64::from(*size) * f64::from(FINE) * em;
            let font = (FACE, asked).into_font();
            let wide = font.box_size(text).map_or(0, |(w, _)| w) as i32;
            let (x, y) = fine(*at);
            let left = if *anchor == Anchor::Middle { x - wide / 2 } else { x };
            // The library puts the base line half of the asked size below the point.
            let top = y - (asked / 2.0).round() as i32;
            if let Some(halo) = halo {
                let far = (size * 0.12 * FINE as f32).round().max(1.0) as i32;
                for (dx, dy) in [(0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)] {
                    draw_text(area, text, (left + dx * far, top + dy * far), asked, *halo)?;
                }
            }
            draw_text(area, text, (left, top), asked, *colour)
        }
    }
}

/// Draws run by run: the library drops the space left of a glyph, which only opening brackets show, as half an em.
fn draw_text(area: &Area, text: &str, at: (i32, i32), asked: f64, colour: Colour) -> Result<(), String> {
    let ink = rgb(colour);
    let style = TextStyle::from((FACE, asked).into_font()).color(&ink);
    let em = (asked / em_factor()).round() as i32;
    let mut x = at.0;
    for run in text.split_inclusive(OPENING).flat_map(bracket_apart) {
        let space = if run.starts_with(OPENING) { em * 9 / 20 } else { 0 };
        drawn(area.draw(&Text::new(run.to_owned(), (x + space, at.1), style.clone())))?;
        x += style.font.box_size(run).map_or(0, |(w, _)| w) as i32;
    }
    Ok(())
}

const OPENING: [char; 4] = ['（', '【', '《', '“'];

/// A run that ends with an opening bracket, in two: the words before it, and the bracket.
fn bracket_apart(run: &str) -> impl Iterator<Item = &str> {
    let split =
        run.char_indices().next_back().filter(|(_, c)| OPENING.contains(c)).map_or(run.len(), |(i, _)| i);
    let (words, bracket) = run.split_at(split);
    [words, bracket].into_iter().filter(|part| !part.is_empty())
}

fn draw_line(area: &Area, line: &[Point], style: ShapeStyle) -> Result<(), String> {
    let mut points: Vec<(i32, i32)> = line.iter().map(|p| fine(*p)).collect();
    points.dedup();
    if points.len() < 2 { Ok(()) } else { drawn(area.draw(&PathElement::new(points, style))) }
}

fn drawn<E: std::error::Error + Send + Sync>(
    result: Result<(), plotters::drawing::DrawingAreaErrorKind<E>>,
) -> Result<(), String> {
    result.map_err(|e| e.to_string())
}

fn fine((x, y): Point) -> (i32, i32) {
    let scale = FINE as f32;
    ((x * scale).round() as i32, (y * scale).round() as i32)
}

fn rgb(colour: Colour) -> RGBColor {
    let [r, g, b] = colour.0;
    RGBColor(r, g, b)
}

fn filled(colour: Colour) -> ShapeStyle {
    ShapeStyle::from(rgb(colour)).filled()
}

fn line_style(colour: Colour, width: f32) -> ShapeStyle {
    ShapeStyle::from(rgb(colour)).stroke_width((width * FINE as f32).round().max(1.0) as u32)
}

/// The mean of every block of [`FINE`] x [`FINE`] pixels; 3 bytes a pixel, row by row.
fn averaged(fine: &[u8], width: usize, height: usize) -> Vec<u8> {
    let n = FINE as usize;
    let mut coarse = Vec::with_capacity(3 * width * height);
    for y in 0..height {
        for x in 0..width {
            for channel in 0..3 {
                let sum: u32 = (0..n * n)
                    .map(|i| 3 * ((y * n + i / n) * width * n + x * n + i % n) + channel)
                    .map(|at| u32::from(fine[at]))
                    .sum();
                coarse.push((sum / (FINE * FINE)) as u8);
            }
        }
    }
    coarse
}
