//! What tags mean, one small drawn map a situation.
//!
//! The grids are numbered row by row from the south-west, 100 m apart:
//! ```text
//! 7 - 8 - 9
//! |   |   |
//! 4 - 5 - 6
//! |   |   |
//! 1 - 2 - 3
//! ```

use super::drawing::*;
use super::harvest::reason;
use crate::base::{LonLat, Mode, Silent};
use crate::network::{ImportOptions, ModeFile, RoadGraph, RoadMap, SnapIndex, SnapRules};

fn file(mode: Mode) -> ModeFile {
    ModeFile::builtin(mode).unwrap()
}

/// Forward and backward km/h of a way with these tags.
fn kmh(mode: Mode, tags: Pairs<'_>) -> [Option<f64>; 2] {
    let map = Drawing::grid(2, 1).way(9, &[1, 2], tags).street(10, &[1, 2]).import().0;
    let speed = map.way_speeds(&file(mode)).into_iter().find(|s| s.way_id == 9).unwrap();
    [speed.forward_kmh, speed.backward_kmh]
}

/// Which directions are open.
fn open(mode: Mode, tags: Pairs<'_>) -> [bool; 2] {
    kmh(mode, tags).map(|k| k.is_some())
}

#[test]
fn oneway_in_all_its_forms() {
    use Mode::{Car, Ebike, Foot, Motorcycle};
    let road = ("highway", "residential");
    let (along, against, both, none) = ([true, false], [false, true], [true, true], [false, false]);
    for (mode, tags, want) in [
        (Car, &[road, ("oneway", "yes")][..], along),
        (Car, &[road, ("oneway", "1")], along),
        (Car, &[road, ("oneway", "-1")], against),
        (Car, &[road, ("oneway", "reverse")], against),
        (Car, &[road, ("oneway", "no")], both),
        (Car, &[road, ("oneway", "reversible")], none),
        (Car, &[road, ("oneway", "alternating")], both),
        (Car, &[road, ("oneway", "nonsense")], both),
        (Car, &[road, ("junction", "roundabout")], along),
        (Car, &[road, ("junction", "circular")], along),
        (Car, &[road, ("junction", "roundabout"), ("oneway", "-1")], against),
        (Car, &[("highway", "motorway")], along),
        (Car, &[("highway", "motorway"), ("oneway", "no")], both),
        (Car, &[("highway", "motorway_link")], both),
        (Motorcycle, &[road, ("oneway", "yes")], along),
        (Motorcycle, &[road, ("oneway", "yes"), ("oneway:motorcycle", "no")], both),
        (Ebike, &[road, ("oneway", "yes")], along),
        (Ebike, &[road, ("oneway", "yes"), ("oneway:bicycle", "no")], both),
        (Ebike, &[road, ("oneway", "yes"), ("cycleway", "opposite_lane")], both),
        (Car, &[road, ("oneway", "yes"), ("cycleway", "opposite_lane")], along),
        (Foot, &[road, ("oneway", "yes")], both),
        (Foot, &[road, ("junction", "roundabout")], both),
        (Foot, &[road, ("oneway:foot", "yes")], along),
    ] {
        assert_eq!(open(mode, tags), want, "{mode:?} {tags:?}");
    }
}

#[test]
fn access_by_hierarchy_and_class() {
    use Mode::{Car, Ebike, Foot, Motorcycle};
    let road = ("highway", "residential");
    for (mode, tags, want) in [
        (Car, &[road, ("access", "no")][..], false),
        (Car, &[road, ("access", "no"), ("motorcar", "yes")], true),
        (Car, &[road, ("access", "yes"), ("motor_vehicle", "no")], false),
        (Car, &[road, ("motor_vehicle", "no"), ("motorcar", "yes")], true),
        (Car, &[road, ("access", "private")], false),
        (Car, &[road, ("access", "destination")], true),
        (Car, &[road, ("access", "forestry")], false),
        (Car, &[road, ("access", "agricultural")], false),
        (Car, &[road, ("access", "odd"), ("vehicle", "no")], false),
        (Motorcycle, &[road, ("motorcar", "no")], true),
        (Motorcycle, &[road, ("motorcycle", "no")], false),
        (Foot, &[road, ("vehicle", "no")], true),
        (Foot, &[road, ("access", "no"), ("foot", "yes")], true),
        (Ebike, &[road, ("vehicle", "no"), ("bicycle", "yes")], true),
        (Ebike, &[("highway", "footway")], false),
        (Ebike, &[("highway", "footway"), ("bicycle", "yes")], true),
        (Ebike, &[("highway", "footway"), ("access", "yes")], false),
        (Ebike, &[("highway", "motorway")], false),
        (Ebike, &[("highway", "trunk"), ("motorroad", "yes")], false),
        (Car, &[("highway", "trunk"), ("motorroad", "yes")], true),
        (Car, &[("highway", "cycleway")], false),
        (Car, &[("highway", "construction")], false),
        (Foot, &[("highway", "steps")], true),
        (Foot, &[("highway", "motorway")], false),
        (Car, &[("highway", "track")], true),
    ] {
        assert_eq!(open(mode, tags), [want; 2], "{mode:?} {tags:?}");
    }
}

#[test]
fn limits_grades_and_surfaces() {
    use Mode::{Car, Ebike, Foot};
    let road = ("highway", "secondary");
    for (mode, tags, want) in [
        (Car, &[road][..], [50.0, 50.0]),
        (Car, &[road, ("maxspeed", "50")], [40.0, 40.0]),
        (Car, &[road, ("maxspeed", "CN:rural")], [56.0, 56.0]),
        (Car, &[road, ("maxspeed", "none")], [50.0, 50.0]),
        (Car, &[road, ("maxspeed", "50;30")], [24.0, 24.0]),
        (Car, &[road, ("maxspeed:forward", "80"), ("maxspeed", "50")], [64.0, 40.0]),
        (Car, &[road, ("surface", "gravel")], [35.0, 35.0]),
        (Car, &[road, ("surface", "gravel"), ("maxspeed", "20")], [16.0, 16.0]),
        (Car, &[("highway", "track"), ("tracktype", "grade5")], [10.0, 10.0]),
        (Car, &[("highway", "track"), ("tracktype", "grade1")], [15.0, 15.0]),
        (Car, &[road, ("smoothness", "horrible")], [10.0, 10.0]),
        (Car, &[road, ("maxspeed", "400")], [120.0, 120.0]),
        (Ebike, &[road, ("maxspeed", "80")], [22.0, 22.0]),
        (Ebike, &[road, ("maxspeed", "walk")], [7.0, 7.0]),
        (Foot, &[road, ("maxspeed", "2")], [5.0, 5.0]),
    ] {
        assert_eq!(kmh(mode, tags), want.map(Some), "{mode:?} {tags:?}");
    }
    assert_eq!(kmh(Car, &[road, ("smoothness", "impassable")]), [None, None]);
}

#[test]
fn a_way_is_priced_from_its_start_rounded_half_up() {
    // 100 m at 25 km/h are 144 ticks.
    let line = Drawing::grid(3, 1).street(10, &[1, 2, 3]);
    let car = file(Mode::Car);
    assert_eq!(line.ticks(&car, 1, 2), Some(144));
    assert_eq!(line.ticks(&car, 1, 3), Some(288));
    assert_eq!(line.ticks(&car, 3, 1), Some(288));
}

#[test]
fn bollards_block_cars_gates_cost_and_people_pass() {
    let wall = |tags| Drawing::grid(3, 1).street(10, &[1, 2, 3]).tag(2, tags);
    let ticks = |mode, tags| wall(tags).ticks(&file(mode), 1, 3);
    assert_eq!(ticks(Mode::Car, &[("barrier", "bollard")]), None);
    assert_eq!(ticks(Mode::Car, &[("barrier", "bollard"), ("motor_vehicle", "yes")]), Some(288));
    assert_eq!(ticks(Mode::Car, &[("barrier", "gate")]), Some(298));
    assert_eq!(ticks(Mode::Car, &[("barrier", "gate"), ("access", "residents")]), Some(298));
    assert_eq!(ticks(Mode::Car, &[("barrier", "gate"), ("access", "no")]), None);
    assert_eq!(ticks(Mode::Car, &[("barrier", "bollard"), ("access", "private")]), None);
    assert_eq!(ticks(Mode::Ebike, &[("barrier", "bollard")]), Some(400));
    assert_eq!(ticks(Mode::Foot, &[("barrier", "bollard")]), Some(1440));
    // The near side of a gate costs nothing.
    assert_eq!(wall(&[("barrier", "gate")]).ticks(&file(Mode::Car), 1, 2), Some(144));
}

#[test]
fn turns_no_only_except_and_the_mode_they_name() {
    // South 2-5 meets west 4-5, east 5-6, north 5-8; the ring outside is the way round.
    let cross = Drawing::grid(3, 3)
        .street(10, &[2, 5])
        .street(11, &[5, 8])
        .street(12, &[4, 5])
        .street(13, &[5, 6])
        .street(14, &[1, 2, 3, 6, 9, 8, 7, 4, 1]);
    let car = file(Mode::Car);
    let left = |tags| cross.clone().turn(tags, 10, 5, 12);
    let (straight, round) = (Some(288), Some(288 + 144 * 2));
    assert_eq!(cross.ticks(&car, 2, 4), straight);
    // Round the block: 2-1-4 is as long as 2-5-4, so the turn is tested from the middle of the street.
    let from_middle = |d: &Drawing, mode: Mode| {
        let map = d.import().0;
        let graph = RoadGraph::build(&map, &file(mode)).unwrap();
        let rules = SnapRules { least_component_nodes: 1, ..SnapRules::default() };
        let index = SnapIndex::build(&map, &graph, rules, &[]);
        let at = |x: f64, y: f64| LonLat { lon: 105.0 + x * 100.0 / 111_319.49, lat: y * 100.0 / 110_574.27 };
        let (a, b) = (index.snap(at(1.0, 0.8)).unwrap(), index.snap(at(0.8, 1.0)).unwrap());
        journey(&graph, &a, &b).unwrap().0
    };
    assert_eq!(from_middle(&cross, Mode::Car), 58);
    let banned = from_middle(&left(&[("restriction", "no_left_turn")]), Mode::Car);
    // Straight on, turn round at 8 (a U-turn at a junction is allowed), back and right: 20 + 100 + 100 + 20 m.
    assert_eq!(banned, 346);
    assert_eq!(
        from_middle(&left(&[("restriction", "no_left_turn"), ("except", "bicycle")]), Mode::Ebike),
        80
    );
    assert_eq!(from_middle(&left(&[("restriction", "no_left_turn"), ("except", "bicycle")]), Mode::Car), 346);
    assert_eq!(from_middle(&left(&[("restriction:hgv", "no_left_turn")]), Mode::Car), 58);
    assert_eq!(from_middle(&left(&[("restriction", "no_left_turn")]), Mode::Foot), 288);
    assert_eq!(
        from_middle(&left(&[("restriction:conditional", "no_left_turn @ (07:00-09:00)")]), Mode::Car),
        58
    );
    let only = cross.clone().turn(&[("restriction", "only_straight_on")], 10, 5, 11);
    assert_eq!(from_middle(&only, Mode::Car), 346);
    assert!(round > straight);
}

#[test]
fn restrictions_that_do_not_bind_make_no_copies() {
    let map = Drawing::grid(3, 1)
        .street(10, &[1, 2])
        .way(11, &[2, 3], &[("highway", "residential"), ("oneway", "-1")])
        .turn(&[("restriction", "no_straight_on")], 10, 2, 11)
        .import()
        .0;
    let graph = RoadGraph::build(&map, &file(Mode::Car)).unwrap();
    assert_eq!((graph.nodes(), graph.arcs()), (3, 3));
}

#[test]
fn a_ferry_goes_by_its_duration() {
    let ferry = [("route", "ferry"), ("duration", "00:06")];
    let [forward, backward] = kmh(Mode::Car, &ferry);
    assert!((forward.unwrap() - 1.0).abs() < 1e-3 && backward == forward, "100 m in 6 minutes");
    assert_eq!(kmh(Mode::Foot, &[("route", "ferry")]), [Some(10.0); 2]);
    assert_eq!(kmh(Mode::Car, &[("route", "ferry"), ("motor_vehicle", "no")]), [None; 2]);
}

#[test]
fn crossing_without_a_shared_node_is_no_junction() {
    let bridge = Drawing::grid(3, 3).street(10, &[4, 6]).street(11, &[2, 8]);
    assert_eq!(bridge.ticks(&file(Mode::Car), 4, 8), None);
}

#[test]
fn missing_nodes_split_the_way_and_are_never_drawn_over() {
    let holed = Drawing::grid(5, 1).street(10, &[1, 2, 99, 4, 5]);
    let (map, report) = holed.import();
    assert_eq!((report.ways, report.clipped_ways), (1, 1));
    assert_eq!(map.way_speeds(&file(Mode::Car)).len(), 1, "one line a way");
    assert_eq!(holed.ticks(&file(Mode::Car), 1, 5), None);
    assert_eq!(holed.ticks(&file(Mode::Car), 4, 5), Some(144));
}

/// ```text
/// clip: 0 to 510 m east, and a rim of 2 km      1 - 2 - ... - 26 | 27 - ... - 60
/// ```
#[test]
fn a_clipped_import_holds_the_area_and_its_rim_alone() {
    let all: Vec<i64> = (1..=60).collect();
    let map = Drawing::grid(60, 1).street(10, &all).street(11, &all[40..]).street(12, &[3, 2]);
    let folder = tempfile::tempdir().unwrap();
    let (file, area) = (folder.path().join("drawn.osm.pbf"), folder.path().join("area.geojson"));
    std::fs::write(&file, map.bytes()).unwrap();
    let east = 105.0 + 510.0 / 111_319.49;
    let ring = format!("[[105,-0.001],[{east},-0.001],[{east},0.001],[105,0.001],[105,-0.001]]");
    std::fs::write(&area, format!(r#"{{"type":"Polygon","coordinates":[{ring}]}}"#)).unwrap();
    let options = ImportOptions { clip: Some(area) };
    let (clipped, report) = RoadMap::import(&file, &options, &Silent).unwrap();
    assert_eq!((report.nodes, report.ways, report.clipped_ways), (26, 2, 1), "node 26 stands at 2,500 m");
    let speeds = clipped.way_speeds(&ModeFile::builtin(Mode::Car).unwrap());
    assert_eq!(speeds.iter().map(|s| s.way_id).collect::<Vec<_>>(), [10, 12]);
}

/// ```text
/// 1 - 2 - 3     way 10 names node 2 twice; node 20 lies on node 2, and way 11 goes up from it to 21
/// ```
#[test]
fn duplicated_nodes_cost_nothing_and_join_nothing() {
    let drawn = Drawing::grid(3, 1)
        .node(20, 1.0, 0.0, &[])
        .node(21, 1.0, 1.0, &[])
        .street(10, &[1, 2, 2, 3])
        .street(11, &[20, 21]);
    let car = file(Mode::Car);
    assert_eq!(drawn.ticks(&car, 1, 3), Some(288), "a node named twice is one node");
    assert_eq!(drawn.ticks(&car, 1, 21), None, "two nodes at one place are no junction");
    let joined = drawn.clone().street(12, &[2, 20]);
    assert_eq!(joined.ticks(&car, 1, 21), Some(288), "a way of no length joins them and costs nothing");
    let (_, report) = Drawing::grid(2, 1).node(1, 5.0, 5.0, &[]).street(10, &[1, 2]).import();
    assert_eq!(report.rejected[reason::NODE_TWICE], 1, "an id that comes twice is counted");
}

#[test]
fn odd_ways_and_ids() {
    let far = 1_i64 << 41;
    let (map, report) = Drawing::grid(3, 1)
        .node(-5, 0.0, 1.0, &[])
        .node(far, 1.0, 1.0, &[])
        .street(-10, &[1, -5, far, far, 2])
        .street(11, &[2])
        .street(12, &[3, 3])
        .street(-10, &[1, 2])
        .import();
    assert_eq!(report.ways, 1);
    assert_eq!(report.rejected[reason::SHORT_WAY], 2);
    assert_eq!(report.rejected[reason::WAY_TWICE], 1);
    assert_eq!(map.way_speeds(&file(Mode::Car))[0].way_id, -10);
}

#[test]
fn a_road_across_the_antimeridian_is_short_on_both_sides() {
    let map =
        Drawing::default().node_at(1, 179.999, 0.0).node_at(2, -179.999, 0.0).street(10, &[1, 2]).import().0;
    let graph = RoadGraph::build(&map, &file(Mode::Car)).unwrap();
    assert_eq!(graph.ticks, [321, 321], "222.6 m at 25 km/h");
    let index = SnapIndex::build(&map, &graph, SnapRules::default(), &[]);
    for lon in [179.9995, -179.9995] {
        assert!(index.snap(LonLat { lon, lat: 0.0001 }).is_some(), "{lon}");
    }
}

#[test]
fn small_scraps_are_skipped_unless_somebody_stands_on_them() {
    // A long street and a short one 300 m north of it.
    let line: Vec<i64> = (1..=40).collect();
    let map = Drawing::grid(40, 1)
        .street(10, &line)
        .node(900, 0.0, 3.0, &[])
        .node(901, 1.0, 3.0, &[])
        .street(11, &[900, 901])
        .import()
        .0;
    let graph = RoadGraph::build(&map, &file(Mode::Car)).unwrap();
    let place = LonLat { lon: 105.0, lat: 300.0 / 110_574.27 };
    let index = SnapIndex::build(&map, &graph, SnapRules::default(), &[]);
    assert!((index.snap(place).unwrap().distance.0 - 300.0).abs() < 0.1, "the scrap is skipped");
    assert_eq!(index.skipped_scraps(), 1);
    let index = SnapIndex::build(&map, &graph, SnapRules::default(), &[place]);
    let snap = index.snap(place).unwrap();
    assert!(snap.distance.0 < 0.1);
    assert_eq!(graph.components_reached(&[snap.component].into()).len(), 1);
}

#[test]
fn a_oneway_road_has_one_arc_and_a_two_way_road_two() {
    let map = Drawing::grid(3, 2)
        .way(10, &[1, 2, 3], &[("highway", "residential"), ("oneway", "yes")])
        .street(11, &[3, 6, 5, 4, 1])
        .import()
        .0;
    let graph = RoadGraph::build(&map, &file(Mode::Car)).unwrap();
    let index = SnapIndex::build(&map, &graph, SnapRules::default(), &[]);
    let beside = |x: f64, y: f64| LonLat { lon: 105.0 + x * 100.0 / 111_319.49, lat: y * 100.0 / 110_574.27 };
    let snap = index.snap(beside(0.5, -0.1)).unwrap();
    assert_eq!(snap.arcs.len(), 1);
    let arc = snap.arcs[0];
    assert_eq!((arc.from_tail.0, arc.to_head.0), (72, 216));
    assert_eq!(snap.access.0, 72, "10 m on foot at 5 km/h");
    assert_eq!(index.snap(beside(1.5, 1.1)).unwrap().arcs.len(), 2);
}
