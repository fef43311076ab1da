//! Every engine gives the same integers: property tests with shrinking on small graphs, seeded origins on larger ones.

use crate::base::{LonLat, Mode, Silent, SplitMix64, Ticks};
use crate::network::{ModeFile, RoadGraph, RoadMap, Snap, SnapIndex, SnapRules};
use crate::travel::fixture::{graph_of, grid_graph, plain_journey, random_snaps, snap_on};
use crate::travel::{Direction, Engine, TravelEngine, TravelTable};
use petgraph::algo::dijkstra;
use petgraph::graphmap::DiGraphMap;
use proptest::prelude::*;

/// A small graph and places on it, in numbers that shrink well.
#[derive(Debug, Clone)]
struct Case {
    nodes: usize,
    arcs: Vec<(u32, u32, u32)>,
    /// For each place: up to two `(arc, ticks from the tail)`, both taken modulo what there is, and the access leg.
    from: Vec<(Vec<(u32, u32)>, u32)>,
    to: Vec<(Vec<(u32, u32)>, u32)>,
    limit: Option<u32>,
}

fn case() -> impl Strategy<Value = Case> {
    (2usize..16).prop_flat_map(|nodes| {
        let ticks = prop_oneof![2 => Just(0u32), 6 => 0u32..200, 1 => 20_000u32..200_000];
        let node = 0..nodes as u32;
        let arcs = prop::collection::vec((node.clone(), node, ticks), 0..40);
        let place = || (prop::collection::vec((any::<u32>(), any::<u32>()), 0..3), 0u32..50);
        let places = move || prop::collection::vec(place(), 0..5);
        let limit = prop_oneof![Just(None), (0u32..400).prop_map(Some), (65_500u32..70_000).prop_map(Some)];
        (Just(nodes), arcs, places(), places(), limit).prop_map(|(nodes, arcs, from, to, limit)| Case {
            nodes,
            arcs,
            from,
            to,
            limit,
        })
    })
}

fn snaps(graph: &RoadGraph, places: &[(Vec<(u32, u32)>, u32)]) -> Vec<Option<Snap>> {
    let one = |(arcs, access): &(Vec<(u32, u32)>, u32)| {
        let arcs: Vec<_> = arcs
            .iter()
            .filter(|_| graph.arcs() > 0)
            .map(|&(arc, at)| (arc % graph.arcs() as u32, at))
            .map(|(arc, at)| (arc, at % (graph.ticks[arc as usize] + 1)))
            .collect();
        (!arcs.is_empty()).then(|| snap_on(graph, &arcs, *access))
    };
    places.iter().map(one).collect()
}

fn cells(table: &TravelTable) -> Vec<Option<Ticks>> {
    (0..table.rows()).flat_map(|i| (0..table.cols()).map(move |j| table.get(i, j))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// One-ways, zero-length arcs, parallel arcs, self loops, islands, with and without a limit, on both sides of the u16 lanes.
    #[test]
    fn engines_equal_the_definition_on_small_graphs(case in case()) {
        let graph = graph_of(case.nodes, &case.arcs);
        let (from, to) = (snaps(&graph, &case.from), snaps(&graph, &case.to));
        let limit = case.limit.map(Ticks);
        let engine = TravelEngine::prepare(&graph);
        let journey = |a: &Option<Snap>, b: &Option<Snap>| {
            let ticks = a.as_ref().zip(b.as_ref()).and_then(|(a, b)| plain_journey(&graph, a, b));
            ticks.filter(|t| limit.is_none_or(|l| *t <= l))
        };
        let want: Vec<_> = from.iter().flat_map(|a| to.iter().map(move |b| (a, b))).map(|(a, b)| journey(a, b)).collect();
        for named in [Engine::Dijkstra, Engine::Sweep] {
            let table = engine.table(&from, &to, limit, named, &Silent).unwrap();
            prop_assert_eq!(cells(&table), want.clone(), "{:?}", named);
        }
        for (j, centre) in to.iter().enumerate() {
            let Some(centre) = centre else { continue };
            let towards = engine.one_to_many(centre, &from, limit, Direction::Towards);
            prop_assert_eq!(towards, (0..from.len()).map(|i| want[i * to.len() + j]).collect::<Vec<_>>());
        }
    }
}

/// Distances of petgraph from one arc's head, for journeys between places on single arcs.
fn petgraph_row(graph: &RoadGraph, from: &Snap, to: &[Option<Snap>]) -> Vec<Option<Ticks>> {
    let mut roads = DiGraphMap::<u32, u32>::new();
    for tail in 0..graph.nodes() as u32 {
        roads.add_node(tail);
        for arc in graph.first_out[tail as usize] as usize..graph.first_out[tail as usize + 1] as usize {
            let best = roads.edge_weight(tail, graph.head[arc]).map_or(u32::MAX, |w| *w);
            roads.add_edge(tail, graph.head[arc], best.min(graph.ticks[arc]));
        }
    }
    let reached: Vec<_> =
        from.arcs.iter().map(|a| (a, dijkstra(&roads, a.head.0, None, |(_, _, w)| *w))).collect();
    let to_one = |snap: &Snap| {
        let pairs = reached.iter().flat_map(|(a, d)| snap.arcs.iter().map(move |b| (a, d, b)));
        let road =
            pairs.clone().filter_map(|(a, d, b)| Some(a.to_head.0 + d.get(&b.tail.0)? + b.from_tail.0));
        let along = pairs.filter(|(a, _, b)| a.arc == b.arc && a.from_tail <= b.from_tail);
        let along = along.map(|(a, _, b)| b.from_tail.0 - a.from_tail.0);
        road.chain(along).min().map(|t| Ticks(t + from.access.0 + snap.access.0))
    };
    to.iter().map(|s| s.as_ref().and_then(to_one)).collect()
}

#[test]
fn engines_equal_petgraph_on_a_town_and_on_any_number_of_threads() {
    let mut random = SplitMix64::new(2);
    let graph = grid_graph(&mut random, 40, 600);
    let (from, to) = (random_snaps(&mut random, &graph, 70), random_snaps(&mut random, &graph, 150));
    for limit in [None, Some(Ticks(9_000)), Some(Ticks(80_000))] {
        let engine = TravelEngine::prepare(&graph);
        let table = |named, threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            cells(&pool.install(|| engine.table(&from, &to, limit, named, &Silent)).unwrap())
        };
        let one = table(Engine::Sweep, 1);
        assert_eq!(one, table(Engine::Sweep, 2));
        assert_eq!(one, table(Engine::Dijkstra, 2));
        for i in (0..from.len()).step_by(7) {
            let Some(origin) = &from[i] else { continue };
            let want = petgraph_row(&graph, origin, &to).into_iter();
            let want: Vec<_> = want.map(|t| t.filter(|t| limit.is_none_or(|l| *t <= l))).collect();
            assert_eq!(one[i * to.len()..(i + 1) * to.len()], want, "row {i} limit {limit:?}");
        }
    }
}

#[test]
fn new_speeds_and_closed_roads_need_no_new_order() {
    let mut random = SplitMix64::new(9);
    let mut graph = grid_graph(&mut random, 25, 600);
    let mut index = TravelEngine::prepare(&graph).into_sweep_index();
    for ticks in &mut graph.ticks {
        *ticks = if random.below(20) == 0 { u32::MAX } else { 1 + random.below(900) as u32 };
    }
    index.customise(&graph.ticks);
    let open: Vec<u32> = (0..graph.arcs() as u32).filter(|&a| graph.ticks[a as usize] != u32::MAX).collect();
    let mut place = || Some(snap_on(&graph, &[(open[random.below(open.len())], 0)], 3));
    let places: Vec<_> = (0..60).map(|_| place()).collect();
    let engine = TravelEngine::prepare(&graph);
    assert!(engine.offer_sweep_index(index));
    for limit in [None, Some(Ticks(12_000))] {
        let swept = engine.table(&places, &places, limit, Engine::Sweep, &Silent).unwrap();
        let plain = engine.table(&places, &places, limit, Engine::Dijkstra, &Silent).unwrap();
        assert_eq!(cells(&swept), cells(&plain));
    }
}

/// Seeded places on every map there is, in every mode: sweep equal to bucket Dijkstra, and rows of both to petgraph.
#[test]
fn engines_equal_each_other_and_petgraph_on_real_maps() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/osm");
    for name in ["monaco_2022.osm.pbf", "liechtenstein_2022.osm.pbf"] {
        let file = folder.join(name);
        if !file.exists() {
            println!("skipped: there is no map {name} beside this project");
            continue;
        }
        let map = RoadMap::open(&file, &Silent).unwrap();
        for mode in Mode::ALL {
            equal_on(&map, mode, &format!("{name} {}", mode.word()));
        }
    }
}

fn equal_on(map: &RoadMap, mode: Mode, name: &str) {
    let graph = RoadGraph::build(map, &ModeFile::builtin(mode).unwrap()).unwrap();
    let snaps = SnapIndex::build(map, &graph, SnapRules::default(), &[]);
    let (bounds, mut random) = (map.bounds().unwrap(), SplitMix64::new(1));
    let mut place = || LonLat {
        lon: bounds.min.lon + random.unit() * (bounds.max.lon - bounds.min.lon),
        lat: bounds.min.lat + random.unit() * (bounds.max.lat - bounds.min.lat),
    };
    let from: Vec<_> = (0..60).map(|_| snaps.snap(place())).collect();
    let to: Vec<_> = (0..300).map(|_| snaps.snap(place())).collect();
    let engine = TravelEngine::prepare(&graph);
    for limit in [Some(Ticks::THIRTY_MINUTES), None] {
        let swept = engine.table(&from, &to, limit, Engine::Sweep, &Silent).unwrap();
        let searched = engine.table(&from, &to, limit, Engine::Dijkstra, &Silent).unwrap();
        assert_eq!(cells(&swept), cells(&searched), "{name}");
        let snapped = (0..from.len()).filter_map(|i| from[i].as_ref().map(|s| (i, s)));
        for (i, origin) in snapped.take(2) {
            let want = petgraph_row(&graph, origin, &to).into_iter();
            let want: Vec<_> = want.map(|t| t.filter(|t| limit.is_none_or(|l| *t <= l))).collect();
            assert_eq!((0..to.len()).map(|j| swept.get(i, j)).collect::<Vec<_>>(), want, "{name} row {i}");
        }
    }
}
