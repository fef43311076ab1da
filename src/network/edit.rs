//! What if a road were closed, or faster? The same graph with other ticks, so that orders and indexes stay.

use crate::base::{Fault, Outcome};
use crate::network::{ArcId, RoadGraph, RoadMap};
use std::collections::BTreeMap;
use std::sync::Arc;

/// New speeds by the map's id of the way: km/h along and against it, `None` closes a direction.
pub type SpeedEdits = BTreeMap<i64, [Option<f64>; 2]>;

impl RoadGraph {
    /// The graph with new speeds on some ways, and the arcs whose ticks changed, ascending. Nodes and arcs keep their numbers; closed
    /// arcs take forever. Places on edited roads must be snapped again (`SnapIndex::on`).
    ///
    /// # Errors
    /// A speed out of range; a direction that is closed to the mode and would have to be opened; a way that the mode does not use.
    pub fn with_speeds(&self, map: &RoadMap, edits: &SpeedEdits) -> Outcome<(RoadGraph, Vec<ArcId>)> {
        let mut lay = (*self.lay).clone();
        let mut ticks = self.ticks.clone();
        let mut changed = Vec::new();
        let mut unused = edits.clone();
        for (c, chain) in lay.chains.iter_mut().enumerate() {
            let way = map.way_id[chain.way as usize];
            let Some(new) = edits.get(&way) else { continue };
            unused.remove(&way);
            for (d, kmh) in new.iter().enumerate() {
                let kmh = kmh.unwrap_or(0.0);
                if kmh != 0.0 && !(0.1..=200.0).contains(&kmh) {
                    return Err(refused(
                        way,
                        "车速须在 0.1 至 200 km/h 之间",
                        "its speed must be 0.1-200 km/h",
                    ));
                }
                if kmh > 0.0 && chain.kmh[d] == 0.0 {
                    return Err(refused(
                        way,
                        "该方向原本不通行，不能只改车速",
                        "that direction is closed to this mode, which a speed cannot open",
                    ));
                }
                chain.kmh[d] = kmh;
                let base = 2 * c + d;
                let now = chain.ticks(d).unwrap_or(u32::MAX);
                for arc in &lay.copies[lay.copy_first[base] as usize..lay.copy_first[base + 1] as usize] {
                    if std::mem::replace(&mut ticks[*arc as usize], now) != now {
                        changed.push(ArcId(*arc));
                    }
                }
            }
        }
        if let Some(way) = unused.keys().next() {
            return Err(refused(*way, "该出行方式不使用这条路", "this mode does not use it"));
        }
        changed.sort_unstable();
        let (first_out, head, position) = (self.first_out.clone(), self.head.clone(), self.position.clone());
        Ok((RoadGraph { first_out, head, ticks, position, lay: Arc::new(lay) }, changed))
    }
}

fn refused(way: i64, zh: &str, en: &str) -> Fault {
    Fault::refused(format!("道路 {way}：{zh}。"), format!("way {way}: {en}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{LonLat, Mode};
    use crate::network::drawing::{Drawing, journey};
    use crate::network::{ModeFile, SnapIndex, SnapRules};

    /// ```text
    /// 4 - 5 - 6      way 10 = 1-2-3, way 11 = 1-4-5-6-3; 100 m are 144 ticks
    /// |       |
    /// 1 - 2 - 3
    /// ```
    #[test]
    fn a_closed_road_is_driven_round_and_nobody_snaps_to_it() {
        let map = Drawing::grid(3, 2).street(10, &[1, 2, 3]).street(11, &[1, 4, 5, 6, 3]).import().0;
        let graph = RoadGraph::build(&map, &ModeFile::builtin(Mode::Car).unwrap()).unwrap();
        let index = SnapIndex::build(&map, &graph, SnapRules::default(), &[]);
        let at = |x: f64, y: f64| LonLat { lon: 105.0 + x * 100.0 / 111_319.49, lat: y * 100.0 / 110_574.27 };
        let ticks = |graph: &RoadGraph, index: &SnapIndex| {
            let (a, b) = (index.snap(at(0.0, 0.5)).unwrap(), index.snap(at(2.0, 0.5)).unwrap());
            journey(graph, &a, &b).unwrap().0
        };
        assert_eq!(ticks(&graph, &index), 72 + 288 + 72);
        let (faster, changed) = graph.with_speeds(&map, &[(10, [Some(50.0), Some(25.0)])].into()).unwrap();
        assert_eq!((ticks(&faster, &index.on(&faster)), changed.len()), (72 + 144 + 72, 1));
        let (closed, changed) = graph.with_speeds(&map, &[(10, [None, None])].into()).unwrap();
        let on_closed = index.on(&closed);
        assert_eq!((ticks(&closed, &on_closed), changed.len()), (72 + 288 + 72, 2), "round by 4, 5 and 6");
        let beside = on_closed.snap(at(1.0, 0.1)).unwrap();
        assert!((beside.distance.0 - 90.0).abs() < 0.1, "{beside:?}");
        assert_eq!(on_closed.snap_block(&[at(1.0, 0.1)]), [Some(beside)]);
        assert_eq!(closed.shape(), graph.shape());
    }

    #[test]
    fn impossible_edits_are_refused_in_a_sentence() {
        let oneway = [("highway", "residential"), ("oneway", "yes")];
        let map = Drawing::grid(3, 1).way(10, &[1, 2, 3], &oneway).import().0;
        let graph = RoadGraph::build(&map, &ModeFile::builtin(Mode::Car).unwrap()).unwrap();
        for edit in [(10, [Some(30.0), Some(30.0)]), (10, [Some(900.0), None]), (11, [None, None])] {
            assert!(graph.with_speeds(&map, &[edit].into()).is_err(), "{edit:?}");
        }
    }
}
