//! Isochrones against the journeys of the places inside and outside.

use super::*;
use crate::base::{Mode, Silent, SplitMix64};
use crate::network::drawing::Drawing;
use crate::network::{ModeFile, RoadMap, SnapRules};
use geo::Contains;

const AT: LonLat = LonLat { lon: 105.0, lat: 35.7 };

fn question(minutes: &[u32]) -> IsochroneQuestion {
    IsochroneQuestion { at: AT, minutes: minutes.to_vec(), direction: Direction::Outward, cell: CELL }
}

#[test]
fn wrong_questions_are_refused_in_a_sentence() {
    for minutes in [&[][..], &[0, 10], &[20, 10], &[10, 10], &[10, 2000]] {
        assert!(question(minutes).check().is_err());
    }
    assert!(IsochroneQuestion { cell: Metres(80.0), ..question(&[10]) }.check().is_err());
}

/// Streets around a square of 1.7 km whose middle is beyond the snap limit.
fn square() -> RoadMap {
    let side: Vec<i64> = (0..16).collect();
    let street = |of: fn(i64) -> i64| side.iter().map(|i| of(*i)).collect::<Vec<i64>>();
    let drawn = Drawing::grid(16, 16)
        .street(1000, &street(|i| 1 + i))
        .street(1001, &street(|i| 241 + i))
        .street(1002, &street(|i| 1 + 16 * i))
        .street(1003, &street(|i| 16 + 16 * i));
    drawn.import().0
}

#[test]
fn a_square_of_streets_is_an_area_with_a_hole_and_places_agree_with_their_journeys() {
    let map = square();
    let at = map.bounds().unwrap().min;
    for (minutes, direction) in [(&[60][..], Direction::Outward), (&[7, 15, 31], Direction::Towards)] {
        let ask = IsochroneQuestion { at, direction, ..question(minutes) };
        let graph = RoadGraph::build(&map, &ModeFile::builtin(Mode::Foot).unwrap()).unwrap();
        let snaps = SnapIndex::build(&map, &graph, SnapRules::default(), &[]);
        let engine = TravelEngine::prepare(&graph);
        let answer = isochrone(&engine, &IsochroneCells::new(&snaps), &ask, &Silent).unwrap();
        if minutes.len() == 1 {
            let area = &answer.bands[0].area;
            assert_eq!((area.0.len(), area.0[0].interiors().len()), (1, 1));
        }
        let (wrong, far) = disagreements(&map, Mode::Foot, &ask, 0.03);
        assert!(wrong <= 20 && far == 0, "{wrong} {far}");
    }
}

/// Of 1,000 seeded places on a real map 98 % agree with their own journey, and all that differ lie within a cell of a border.
#[test]
fn on_real_maps_a_place_is_inside_iff_its_journey_says_so() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/osm");
    let (out, back) = (Direction::Outward, Direction::Towards);
    for (name, lon, lat, mode, direction, minutes, spread) in [
        ("liechtenstein_2022", 9.5215, 47.1410, Mode::Car, out, [5, 10, 20], 0.12),
        ("liechtenstein_2022", 9.5215, 47.1410, Mode::Ebike, back, [5, 10, 20], 0.08),
        ("andorra_2021", 1.5218, 42.5063, Mode::Car, out, [10, 20, 30], 0.15),
        ("monaco_2022", 7.4246, 43.7384, Mode::Car, out, [3, 6, 9], 0.03),
        ("porto_portugal", -8.611, 41.1496, Mode::Car, out, [10, 20, 30], 0.3),
        ("yuba_sierra_ca_mountain_2024", -121.177458, 39.436557, Mode::Motorcycle, back, [10, 20, 30], 0.3),
    ] {
        let file = folder.join(format!("{name}.osm.pbf"));
        if !file.exists() {
            println!("skipped: there is no map {name} beside this project");
            continue;
        }
        let map = RoadMap::open(&file, &Silent).unwrap();
        let ask = IsochroneQuestion { at: LonLat { lon, lat }, direction, ..question(&minutes) };
        let (wrong, far_from_borders) = disagreements(&map, mode, &ask, spread);
        let word = mode.word();
        println!(
            "{name} {word}: {wrong} of 1000 differ, {far_from_borders} of them more than a cell from a border"
        );
        assert!(wrong <= 20 && far_from_borders == 0, "{name} {word}: {wrong} {far_from_borders}");
    }
}

/// How many of 1,000 places differ from their own journey, and how many of these lie more than a cell from every border.
fn disagreements(map: &RoadMap, mode: Mode, ask: &IsochroneQuestion, spread: f64) -> (u32, u32) {
    let graph = RoadGraph::build(map, &ModeFile::builtin(mode).unwrap()).unwrap();
    let snaps = SnapIndex::build(map, &graph, SnapRules::default(), &[]);
    let engine = TravelEngine::prepare(&graph);
    let answer = isochrone(&engine, &IsochroneCells::new(&snaps), ask, &Silent).unwrap();
    let band_at = |p: LonLat| {
        let c = Coord { x: p.lon, y: p.lat };
        let mut held = (0..).zip(&answer.bands).filter(|(_, b)| b.area.contains(&c));
        let band = held.next().map_or(0, |(b, _)| b + 1);
        assert!(held.next().is_none(), "disjoint");
        band
    };
    let centre = snaps.snap(ask.at).unwrap();
    let (east, north) = metres_per_degree(ask.at.lat);
    let ball = engine.ball(&centre, Some(ask.limit()), ask.direction);
    let mut random = SplitMix64::new(1);
    let (mut wrong, mut far) = (0, 0);
    for _ in 0..1000 {
        let mut off = || spread * (random.unit() - 0.5);
        let p = LonLat { lon: ask.at.lon + off(), lat: ask.at.lat + off() };
        let class = ask.class(snaps.snap(p).and_then(|s| ball.to(&s)));
        if band_at(p) == class {
            continue;
        }
        wrong += 1;
        // A border within a cell shows at one of the places around.
        let near = (0..289).map(|i| {
            let (x, y) = (f64::from(i % 17 - 8) / 8.0 * 50.0, f64::from(i / 17 - 8) / 8.0 * 50.0);
            LonLat { lon: p.lon + x / east, lat: p.lat + y / north }
        });
        far += u32::from(near.map(band_at).all(|b| b == band_at(p)));
    }
    (wrong, far)
}
