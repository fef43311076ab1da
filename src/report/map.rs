//! The map of a plan as a drawing: roads in three greys, clients by minutes, outlets as numbered pins, grids as outlines.

use crate::base::{Bounds, LonLat, Metres, Seconds};
use crate::network::RoadMap;
use crate::plan::Plan;
use crate::report::figures::{township_names, township_of};
use crate::report::legend;
use crate::report::picture::{Anchor, Frame, Picture, Point, Projection, Shape};
use crate::report::style::{Mark, Step, Style};
use crate::roster::County;
use geo::{ConvexHull, LineString, MultiPoint, Simplify};

/// Roads of one grey, as places.
pub(super) type RoadLines = Vec<Vec<Vec<LonLat>>>;

/// How large the parts of a map are drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub width: u32,
    pub height: u32,
    pub map: Frame,
    pub legend: Frame,
    /// Size of labels; everything else follows.
    pub text: f32,
    /// Factor on road widths.
    pub roads: f32,
    /// The smallest roads are left out where they would be a blur.
    pub minor_roads: bool,
    /// Heading above the map; else the page has its own.
    pub heading: bool,
}

impl Layout {
    /// map.png: 1600 x 1200 pixels with the legend at the right.
    pub(super) fn sheet() -> Layout {
        Layout {
            width: 1600,
            height: 1200,
            map: Frame { left: 30.0, top: 90.0, width: 1220.0, height: 1040.0 },
            legend: Frame { left: 1275.0, top: 90.0, width: 300.0, height: 1040.0 },
            text: 20.0,
            roads: 1.0,
            minor_roads: true,
            heading: true,
        }
    }

    /// The small map of the one-page report, with the legend below.
    pub(super) fn report() -> Layout {
        Layout {
            width: 560,
            height: 500,
            map: Frame { left: 1.0, top: 1.0, width: 558.0, height: 414.0 },
            legend: Frame { left: 4.0, top: 424.0, width: 552.0, height: 74.0 },
            text: 12.0,
            roads: 0.55,
            minor_roads: false,
            heading: false,
        }
    }
}

/// The rectangle around everything a plan places, with a rim; `None` if nothing has a place.
pub(super) fn window(plan: &Plan) -> Option<Bounds> {
    let clients = plan.county.clients.iter().filter_map(|c| c.at);
    let outlets = plan.outlets.iter().filter_map(|o| plan.county.sites.get(o.site.at())).map(|s| s.at);
    let around = Bounds::around(clients.chain(outlets))?;
    let rim_lon = 0.03 * (around.max.lon - around.min.lon) + 1e-4;
    let rim_lat = 0.03 * (around.max.lat - around.min.lat) + 1e-4;
    Some(Bounds {
        min: LonLat { lon: around.min.lon - rim_lon, lat: around.min.lat - rim_lat },
        max: LonLat { lon: around.max.lon + rim_lon, lat: around.max.lat + rim_lat },
    })
}

/// The map's roads in `window`, by grey; ways no car or bicycle uses are not drawn.
pub(super) fn roads_in(roads: &RoadMap, window: &Bounds, style: &Style) -> RoadLines {
    let mut lines: RoadLines = vec![Vec::new(); style.roads.len()];
    roads.for_each_way_in(window, &mut |highway, line| {
        if let Some(class) = style.road(highway) {
            lines[class].push(line.to_vec());
        }
    });
    lines
}

/// The window a layout shows: the plan's, widened to the frame's proportions.
pub(super) fn shown_window(plan: &Plan, layout: &Layout) -> Option<Bounds> {
    window(plan).map(|w| Projection::fit(&w, &layout.map).window(&layout.map))
}

/// The whole drawing; without a place in the plan an empty frame says so.
pub(super) fn draw(plan: &Plan, roads: &RoadLines, style: &Style, layout: &Layout) -> Picture {
    let mut shapes = vec![Shape::Area {
        outline: Frame { left: 0.0, top: 0.0, width: layout.width as f32, height: layout.height as f32 }
            .corners(),
        fill: style.halo,
        edge: None,
    }];
    shapes.push(Shape::Area { outline: layout.map.corners(), fill: style.land, edge: None });
    let shown = window(plan).map(|w| Projection::fit(&w, &layout.map));
    if let Some(projection) = &shown {
        shapes.extend(road_shapes(roads, projection, style, layout));
        shapes.extend(grid_shapes(plan, projection, style, layout));
        shapes.extend(dot_shapes(plan, projection, style, layout));
        shapes.extend(label_shapes(&plan.county, projection, style, layout));
        shapes.extend(pin_shapes(plan, projection, style, layout));
        shapes.extend(legend::scale_bar(projection, style, layout));
    } else {
        shapes.push(note("没有可上图的位置", layout, style));
    }
    shapes.push(Shape::Lines { lines: vec![layout.map.outline()], width: 1.0, colour: style.frame });
    shapes.extend(legend::shapes(plan, style, layout));
    Picture { width: layout.width, height: layout.height, shapes }
}

fn note(text: &str, layout: &Layout, style: &Style) -> Shape {
    let at = (layout.map.left + layout.map.width / 2.0, layout.map.top + layout.map.height / 2.0);
    let (size, colour) = (layout.text, style.label);
    Shape::Text { at, size, anchor: Anchor::Middle, colour, halo: None, text: text.into() }
}

/// Half a pixel of a road's line may go.
const THIN: f32 = 0.5;

fn road_shapes(lines: &RoadLines, map: &Projection, style: &Style, layout: &Layout) -> Vec<Shape> {
    let drawn = style.roads.iter().zip(lines).enumerate().rev();
    drawn
        .filter(|(class, _)| layout.minor_roads || class + 1 < style.roads.len())
        .map(|(_, (road, lines))| {
            let clipped = lines.iter().flat_map(|line| {
                let points: Vec<Point> = line.iter().map(|p| map.point(*p)).collect();
                let thin: Vec<Point> =
                    LineString::from(points).simplify(THIN).coords().map(|c| (c.x, c.y)).collect();
                layout.map.clip(&thin)
            });
            Shape::Lines { lines: clipped.collect(), width: road.width * layout.roads, colour: road.colour }
        })
        .collect()
}

/// The hull of each grid's homes: light, because grids may touch and overlap where homes mingle.
fn grid_shapes(plan: &Plan, map: &Projection, style: &Style, layout: &Layout) -> Vec<Shape> {
    let mut homes: Vec<Vec<(f64, f64)>> = vec![Vec::new(); plan.grids.len()];
    for (client, row) in plan.county.clients.iter().zip(&plan.clients) {
        if let (Some(at), Some(list)) = (client.at, row.grid.and_then(|g| homes.get_mut(g.at()))) {
            list.push((at.lon, at.lat));
        }
    }
    let hulls = homes.into_iter().filter(|h| h.len() > 2).flat_map(|home| {
        let hull = MultiPoint::from(home).convex_hull();
        let line: Vec<Point> =
            hull.exterior().coords().map(|c| map.point(LonLat { lon: c.x, lat: c.y })).collect();
        layout.map.clip(&line)
    });
    vec![Shape::Lines { lines: hulls.collect(), width: layout.text * 0.05, colour: style.grid_outline }]
}

/// Homes by the minutes of their caregiver: unknown first, rings, then discs, so that the near ones stay readable.
fn dot_shapes(plan: &Plan, map: &Projection, style: &Style, layout: &Layout) -> Vec<Shape> {
    let mut at: Vec<Vec<Point>> = vec![Vec::new(); style.minutes.len() + 1];
    for (client, row) in plan.county.clients.iter().zip(&plan.clients) {
        if let Some(home) = client.at {
            at[step_of(style, row.caregiver_time)].push(map.point(home));
        }
    }
    let radius = dot_radius(plan.county.clients.len(), layout);
    let steps: Vec<&Step> = style.minutes.iter().chain([&style.unknown]).collect();
    let dots = steps.into_iter().enumerate().rev().map(|(i, step)| Shape::Dots {
        at: std::mem::take(&mut at[i]),
        radius,
        colour: step.colour,
        ring: step.mark == Mark::Ring,
    });
    dots.filter(|d| !matches!(d, Shape::Dots { at, .. } if at.is_empty())).collect()
}

fn step_of(style: &Style, time: Option<Seconds>) -> usize {
    style.step(time).unwrap_or(style.minutes.len())
}

/// Dots shrink with their number, so that 5,000 do not hide the roads.
pub(super) fn dot_radius(clients: usize, layout: &Layout) -> f32 {
    let crowd = (clients as f32 / 400.0).max(1.0).powf(0.25);
    (layout.text * 0.26 / crowd).max(1.4)
}

/// Names of townships at the middle of their villages, else of their clients; a name that would cover another is left out.
fn label_shapes(county: &County, map: &Projection, style: &Style, layout: &Layout) -> Vec<Shape> {
    let mut taken: Vec<Frame> = Vec::new();
    let mut shapes = Vec::new();
    for name in township_names(county) {
        let Some(at) = middle_of(county, &name) else { continue };
        let wide = layout.text * name.chars().count() as f32;
        let p = map.point(at);
        let room =
            Frame { left: p.0 - wide / 2.0, top: p.1 - layout.text, width: wide, height: layout.text * 1.2 };
        let crowded = taken.iter().any(|t| overlap(t, &room));
        if crowded || !room.corners().iter().all(|c| layout.map.holds(*c, 2.0)) {
            continue;
        }
        taken.push(room);
        let (size, colour, halo) = (layout.text * 0.9, style.label, Some(style.halo));
        shapes.push(Shape::Text { at: p, size, anchor: Anchor::Middle, colour, halo, text: name });
    }
    shapes
}

fn overlap(a: &Frame, b: &Frame) -> bool {
    a.left < b.left + b.width
        && b.left < a.left + a.width
        && a.top < b.top + b.height
        && b.top < a.top + a.height
}

fn middle_of(county: &County, township: &str) -> Option<LonLat> {
    let villages = county.villages.iter().filter(|v| v.township == township).filter_map(|v| v.at);
    let mut places: Vec<LonLat> = villages.collect();
    if places.is_empty() {
        places = county.clients.iter().filter(|c| township_of(c) == township).filter_map(|c| c.at).collect();
    }
    let n = places.len() as f64;
    let sum = places.iter().fold((0.0, 0.0), |s, p| (s.0 + p.lon, s.1 + p.lat));
    (!places.is_empty()).then_some(LonLat { lon: sum.0 / n, lat: sum.1 / n })
}

/// Outlets: dark pins with their number in outlets.csv, existing ones square.
fn pin_shapes(plan: &Plan, map: &Projection, style: &Style, layout: &Layout) -> Vec<Shape> {
    let mut shapes = Vec::new();
    for (i, outlet) in plan.outlets.iter().enumerate() {
        let Some(site) = plan.county.sites.get(outlet.site.at()) else { continue };
        let p = map.point(site.at);
        if layout.map.holds(p, 0.0) {
            shapes.extend(pin(p, i + 1, site.existing, layout.text * pin_size(plan.outlets.len()), style));
        }
    }
    shapes
}

fn pin_size(outlets: usize) -> f32 {
    if outlets > 60 { 0.75 } else { 1.0 }
}

/// One pin; `size` is that of a label.
pub(super) fn pin(at: Point, number: usize, square: bool, size: f32, style: &Style) -> Vec<Shape> {
    let half = size * 0.62;
    let body = if square {
        let outline = Frame { left: at.0 - half, top: at.1 - half, width: 2.0 * half, height: 2.0 * half };
        vec![Shape::Area { outline: outline.corners(), fill: style.outlet.fill, edge: Some(style.halo) }]
    } else {
        let dot = |radius, colour| Shape::Dots { at: vec![at], radius, colour, ring: false };
        vec![dot(half * 1.15 + 1.0, style.halo), dot(half * 1.15, style.outlet.fill)]
    };
    let digits = Shape::Text {
        at: (at.0, at.1 + size * 0.27),
        size: size * 0.75,
        anchor: Anchor::Middle,
        colour: style.outlet.digits,
        halo: None,
        text: number.to_string(),
    };
    body.into_iter().chain([digits]).collect()
}

/// A round length of 1, 2 or 5 times a power of ten that fits into `room` metres.
pub(super) fn round_length(room: Metres) -> Metres {
    let power = 10_f64.powf(room.0.max(1.0).log10().floor());
    let factor = [5.0, 2.0, 1.0].into_iter().find(|f| f * power <= room.0).unwrap_or(1.0);
    Metres(factor * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_bar_is_one_two_or_five() {
        assert_eq!(round_length(Metres(7300.0)), Metres(5000.0));
        assert_eq!(round_length(Metres(1999.0)), Metres(1000.0));
        assert_eq!(round_length(Metres(20_000.0)), Metres(20_000.0));
    }
}
