//! Rosters beside the road map: in which datum is a list, and which homes have no road near?

use crate::base::{LonLat, Metres, Mode, Outcome};
use crate::intake::Sentence;
use crate::intake::datum::{Datum, DatumVerdict, Hypothesis, detect_datum};
use crate::intake::rosters::Rosters;
use crate::network::{ModeFile, RoadGraph, RoadMap, SnapIndex, SnapRules};
use serde::Serialize;
use std::collections::BTreeMap;

/// The datum of one file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DatumPanel {
    /// File name.
    pub file: String,
    /// Datum that `county.toml` states.
    pub stated: String,
    /// Datum that the roads speak for; `None`: cannot tell.
    pub found: Option<String>,
    /// Confidence in `found`, 0 to 1.
    pub confidence: f64,
    /// Median distance to the nearest road in metres, by datum.
    pub medians_m: BTreeMap<String, f64>,
    /// The two differ: somebody should look. Nothing is converted by itself.
    pub warns: bool,
    /// The same in words.
    pub sentence: Sentence,
}

/// The roads of a map, ready to measure distances.
#[derive(Debug)]
pub struct RoadCheck {
    index: SnapIndex,
    snap_limit: f64,
}

/// Distances are measured up to this; BD-09 is off by 1.2 km at most in China.
const REACH_M: f64 = 1_500.0;

impl RoadCheck {
    /// Every road that a walker may use.
    ///
    /// # Errors
    /// The map has no road.
    pub fn new(map: &RoadMap) -> Outcome<RoadCheck> {
        let graph = RoadGraph::build(map, &ModeFile::builtin(Mode::Foot)?)?;
        let usual = SnapRules::default();
        let rules = SnapRules { limit: Metres(REACH_M), least_component_nodes: 2, ..usual };
        Ok(RoadCheck { index: SnapIndex::build(map, &graph, rules, &[]), snap_limit: usual.limit.0 })
    }

    /// Metres to the nearest road; `None` beyond the reach.
    #[must_use]
    pub fn nearest_m(&self, at: LonLat) -> Option<f64> {
        self.index.snap(at).map(|s| s.distance.0)
    }

    /// No road within the snap limit.
    #[must_use]
    pub fn is_far(&self, at: LonLat) -> bool {
        self.nearest_m(at).is_none_or(|m| m > self.snap_limit)
    }

    /// The verdict about coordinates as written, in degrees.
    #[must_use]
    pub fn verdict(&self, written: &[LonLat]) -> DatumVerdict {
        let to = |datum: Datum| move |p: LonLat| datum.to_wgs84(p.lon, p.lat);
        let (wgs, gcj, bd) = (to(Datum::Wgs84), to(Datum::Gcj02), to(Datum::Bd09));
        let hypotheses: [Hypothesis; 3] = [(Datum::Wgs84, &wgs), (Datum::Gcj02, &gcj), (Datum::Bd09, &bd)];
        detect_datum(written, &hypotheses, &|p| self.nearest_m(p))
    }

    /// The verdict about each file that has coordinates in degrees inside China, where the datums differ.
    #[must_use]
    pub(crate) fn datums(&self, rosters: &Rosters) -> Vec<DatumPanel> {
        let mut of_file: BTreeMap<&str, Vec<LonLat>> = BTreeMap::new();
        for received in &rosters.received {
            let Some((lon, lat)) = received.coordinates else { continue };
            let at = LonLat { lon, lat };
            let shifted = at.is_on_earth() && Datum::Gcj02.shown(at) != Some(at);
            if shifted {
                of_file.entry(&received.spot.of.file).or_default().push(at);
            }
        }
        if matches!(rosters.stated, Datum::GaussKruger(_)) {
            return Vec::new();
        }
        of_file
            .into_iter()
            .map(|(file, places)| panel(file, rosters.stated, &self.verdict(&places)))
            .collect()
    }
}

fn panel(file: &str, stated: Datum, verdict: &DatumVerdict) -> DatumPanel {
    let warns = verdict.datum.is_some_and(|d| d != stated);
    let (said, percent) = (stated.word(), (100.0 * verdict.confidence).floor());
    let sentence = match verdict.datum {
        Some(found) if warns => Sentence {
            zh: format!(
                "{file}：设置的坐标系是 {said}，但与路网最吻合的是 {}（把握 {percent} %）。请向填表单位核实；坐标未作转换。",
                found.word()
            ),
            en: format!(
                "{file}: the settings say {said}, but the roads speak for {} ({percent} % sure). Ask who filled it in; nothing was converted.",
                found.word()
            ),
        },
        Some(_) => Sentence {
            zh: format!("{file}：坐标与路网吻合，坐标系为 {said}（把握 {percent} %）。"),
            en: format!("{file}: the coordinates fit the roads as {said} ({percent} % sure)."),
        },
        None => Sentence {
            zh: format!("{file}：无法从路网判断坐标系（行数太少，或道路太密），按设置的 {said} 使用。"),
            en: format!(
                "{file}: the roads cannot tell the datum (too few rows, or roads too dense); used as {said}."
            ),
        },
    };
    DatumPanel {
        file: file.to_owned(),
        stated: said,
        found: verdict.datum.map(Datum::word),
        confidence: verdict.confidence,
        medians_m: verdict.medians.iter().filter(|m| m.1.is_finite()).map(|(d, m)| (d.word(), *m)).collect(),
        warns,
        sentence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Silent, SplitMix64, metres_per_degree};
    use crate::network::ImportOptions;

    const SEAT: LonLat = LonLat { lon: 105.06017, lat: 35.67181 };

    fn moved(p: LonLat, (east, north): (f64, f64)) -> LonLat {
        let (x, y) = metres_per_degree(p.lat);
        LonLat { lon: p.lon + east / x, lat: p.lat + north / y }
    }

    /// The shift of a datum at the county seat, in metres east and north.
    fn shift(datum: Datum) -> (f64, f64) {
        let (shown, (x, y)) = (datum.shown(SEAT).unwrap(), metres_per_degree(SEAT.lat));
        ((shown.lon - SEAT.lon) * x, (shown.lat - SEAT.lat) * y)
    }

    /// A point every 50 m of the roads that houses stand beside.
    fn beside_roads(map: &RoadMap) -> Vec<LonLat> {
        let mut points = Vec::new();
        map.for_each_way_in(&map.bounds().unwrap(), &mut |class, line| {
            for pair in line.windows(2).filter(|_| !class.starts_with("motorway")) {
                let steps = (pair[0].metres_to(pair[1]).0 / 50.0).ceil().max(1.0) as u32;
                points.extend((0..steps).map(|i| {
                    let share = f64::from(i) / f64::from(steps);
                    let along = |a: f64, b: f64| a + share * (b - a);
                    LonLat { lon: along(pair[0].lon, pair[1].lon), lat: along(pair[0].lat, pair[1].lat) }
                }));
            }
        });
        points
    }

    /// Lists of 50 houses within 150 m of a road, in the three datums in turn, with the county seat's shifts as vectors
    /// (GCJ-02 is the identity outside China): how many are told right and wrong.
    fn told(check: &RoadCheck, points: &[LonLat], lists: usize) -> (usize, usize) {
        let truths = [Datum::Wgs84, Datum::Gcj02, Datum::Bd09];
        let back = truths.map(|d| move |p: LonLat| Some(moved(p, (-shift(d).0, -shift(d).1))));
        let same = |p: LonLat| Some(p);
        let hypotheses: [Hypothesis; 3] = [(truths[0], &same), (truths[1], &back[1]), (truths[2], &back[2])];
        let mut random = SplitMix64::new(7);
        let (mut right, mut wrong) = (0, 0);
        for list in 0..lists {
            let truth = truths[list % 3];
            let by = if truth == Datum::Wgs84 { (0.0, 0.0) } else { shift(truth) };
            let written: Vec<LonLat> = (0..50)
                .map(|_| {
                    let road = points[random.below(points.len())];
                    let (turn, aside) = (std::f64::consts::TAU * random.unit(), 150.0 * random.unit());
                    moved(moved(road, (aside * turn.cos(), aside * turn.sin())), by)
                })
                .collect();
            let found = detect_datum(&written, &hypotheses, &|p| check.nearest_m(p)).datum;
            right += usize::from(found == Some(truth));
            wrong += usize::from(found.is_some_and(|f| f != truth));
        }
        (right, wrong)
    }

    /// A real map, or `None` with a plain sentence.
    fn real(name: &str) -> Option<(RoadCheck, Vec<LonLat>)> {
        let path = format!("{}/../shared/data/osm/{name}.osm.pbf", env!("CARGO_MANIFEST_DIR"));
        if !std::path::Path::new(&path).is_file() {
            println!("{name} is not here, so this test is skipped.");
            return None;
        }
        let (map, _) = RoadMap::import(path.as_ref(), &ImportOptions::default(), &Silent).unwrap();
        Some((RoadCheck::new(&map).unwrap(), beside_roads(&map)))
    }

    #[test]
    fn fifty_rows_beside_real_roads_name_their_datum_in_98_of_100() {
        for name in ["yuba_sierra_ca_mountain_2024", "imperial_ca_rural_2024"] {
            let Some((check, points)) = real(name) else { continue };
            let (right, wrong) = told(&check, &points, 300);
            println!("{name}: {right} of 300 right, {wrong} wrong, the rest cannot tell");
            assert!(right >= 294 && wrong == 0, "{name}: {right} right, {wrong} wrong");
        }
    }

    #[test]
    fn in_a_dense_town_the_roads_cannot_tell() {
        let Some((check, mut points)) = real("porto_portugal") else { return };
        let centre = LonLat { lon: -8.6110, lat: 41.1496 };
        points.retain(|p| p.metres_to(centre).0 < 1_500.0);
        assert!(points.len() > 1_000, "the town is not on the map");
        let (right, wrong) = told(&check, &points, 150);
        println!("porto: {right} of 150 right, {wrong} wrong, the rest cannot tell");
        assert!(wrong == 0 && right <= 15, "porto: {right} right, {wrong} wrong");
    }
}
