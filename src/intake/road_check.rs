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
                of_file.entry(&received.spot.file).or_default().push(at);
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
