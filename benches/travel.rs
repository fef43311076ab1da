//! How fast are travel times, measured as ratios in one run? `cargo bench --bench travel [-- MAP.osm.pbf]`
//!
//! Sweep, bucket Dijkstra and a textbook heap Dijkstra fill the same bounded tables on one real map (default: porto, car), one
//! thread each; medians of five. Cells are compared while they are timed.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)] // a benchmark prints, and a panic is its report

use caregrid::base::{LonLat, Mode, Silent, SplitMix64, Ticks};
use caregrid::coverage::{ISOCHRONE_CELL, IsochroneQuestion, isochrone};
use caregrid::network::{ModeFile, RoadGraph, RoadMap, Snap, SnapIndex, SnapRules};
use caregrid::travel::{Direction, Engine, SweepIndex, TravelEngine, TravelTable, WhatIf};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::PathBuf;
use std::time::Instant;

const LIMIT: Ticks = Ticks::THIRTY_MINUTES;

fn main() {
    let porto = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/osm/porto_portugal.osm.pbf");
    let named = std::env::args().skip(1).find(|a| !a.starts_with("--"));
    let map_file = PathBuf::from(named.unwrap_or_else(|| porto.to_owned()));
    if !map_file.exists() {
        println!("skipped: there is no map {}", map_file.display());
        return;
    }
    let map = RoadMap::open(&map_file, &Silent).unwrap();
    let graph = RoadGraph::build(&map, &ModeFile::builtin(Mode::Car).unwrap()).unwrap();
    println!("car graph: {} nodes, {} arcs", graph.nodes(), graph.arcs());
    let engine = TravelEngine::prepare(&graph);
    let snaps = SnapIndex::build(&map, &graph, SnapRules::default(), &[]);
    prepare(&graph, &engine);
    let mut places = Places { random: SplitMix64::new(1), map: &map, snaps: &snaps };
    table(&engine, &places.some(300), &places.some(5_000));
    table(&engine, &places.some(1_000), &places.some(20_000));
    wide_table(&engine, &places.some(5_000), &places.some(5_000));
    what_if(&engine, &places.some(100), &places.some(20_000));
    one_isochrone(&engine, &snaps, &places.some(5));
}

/// Seeded places near roads of the map.
struct Places<'m> {
    random: SplitMix64,
    map: &'m RoadMap,
    snaps: &'m SnapIndex,
}

impl Places<'_> {
    fn some(&mut self, count: usize) -> Vec<Option<Snap>> {
        let bounds = self.map.bounds().unwrap();
        let mut snapped = Vec::new();
        while snapped.len() < count {
            let lon = bounds.min.lon + self.random.unit() * (bounds.max.lon - bounds.min.lon);
            let lat = bounds.min.lat + self.random.unit() * (bounds.max.lat - bounds.min.lat);
            snapped.extend(self.snaps.snap(LonLat { lon, lat }).map(Some));
        }
        snapped
    }
}

/// Median of five runs in milliseconds, and the last answer.
fn five<T>(mut run: impl FnMut() -> T) -> (f64, T) {
    let mut answer = run();
    let mut times: Vec<f64> = (0..5)
        .map(|_| {
            let start = Instant::now();
            answer = run();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    (times[2], answer)
}

fn on_threads<T: Send>(threads: usize, run: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(run)
}

fn prepare(graph: &RoadGraph, engine: &TravelEngine<&RoadGraph>) {
    let index = engine.sweep_index();
    let (all, up, down) = index.arc_counts();
    let cost = index.timings();
    println!(
        "order {:.0} ms, contract {:.0} ms, customise {:.0} ms; {all} arcs, {up} up and {down} down after perfect customisation",
        cost.order_ms, cost.contract_ms, cost.customise_ms
    );
    let mut again = SweepIndex::with_order(graph, &SweepIndex::order(graph));
    let (ms, ()) = on_threads(1, || five(|| again.customise(&graph.ticks)));
    println!("re-customise {ms:.0} ms, one thread: the order cost {:.1} x that", cost.order_ms / ms);
}

fn table(engine: &TravelEngine<&RoadGraph>, from: &[Option<Snap>], to: &[Option<Snap>]) {
    let fill = |named| engine.table(from, to, Some(LIMIT), named, &Silent).unwrap();
    let (sweep, swept) = on_threads(1, || five(|| fill(Engine::Sweep)));
    let (sweep_2, _) = on_threads(2, || five(|| fill(Engine::Sweep)));
    // Rows of a search are independent: a tenth of them, scaled, is the whole table's time.
    let tenth = &from[..from.len() / 10];
    let (bucket, searched) =
        on_threads(1, || five(|| engine.table(tenth, to, Some(LIMIT), Engine::Dijkstra, &Silent).unwrap()));
    let row = |from: &Option<Snap>| heap_row(engine.graph(), from.as_ref().unwrap(), to);
    let (heap, rows) = five(|| tenth[..10].iter().map(row).collect::<Vec<_>>());
    let (bucket, heap) = (bucket * 10.0, heap * from.len() as f64 / 10.0);
    assert_same(&searched, &swept);
    for (i, row) in rows.iter().enumerate() {
        assert!((0..to.len()).all(|j| swept.get(i, j).map_or(u32::MAX, |t| t.0) == row[j]));
    }
    println!(
        "{} x {} within 30 min: sweep {sweep:.0} ms (two threads {sweep_2:.0} ms, {:.2} x); bucket Dijkstra {bucket:.0} ms = {:.0} x; \
         heap Dijkstra {heap:.0} ms = {:.0} x",
        from.len(),
        to.len(),
        sweep / sweep_2,
        bucket / sweep,
        heap / sweep
    );
}

fn assert_same(a: &TravelTable, b: &TravelTable) {
    for i in 0..a.rows() {
        assert!((0..a.cols()).all(|j| a.get(i, j) == b.get(i, j)), "engines differ in row {i}");
    }
}

/// One row by the textbook: a binary heap, stopped at the limit.
fn heap_row(graph: &RoadGraph, from: &Snap, to: &[Option<Snap>]) -> Vec<u32> {
    let mut distance = vec![u32::MAX; graph.nodes()];
    let mut heap = BinaryHeap::new();
    for arc in &from.arcs {
        heap.push(Reverse((from.access.0 + arc.to_head.0, arc.head.0)));
    }
    while let Some(Reverse((ticks, node))) = heap.pop() {
        if ticks > LIMIT.0 || ticks >= distance[node as usize] {
            continue;
        }
        distance[node as usize] = ticks;
        for arc in graph.first_out[node as usize] as usize..graph.first_out[node as usize + 1] as usize {
            if ticks + graph.ticks[arc] < distance[graph.head[arc] as usize] {
                heap.push(Reverse((ticks + graph.ticks[arc], graph.head[arc])));
            }
        }
    }
    let cell = |to: &Snap| {
        let road = to.arcs.iter().map(|b| distance[b.tail.0 as usize].saturating_add(b.from_tail.0));
        let pairs = from.arcs.iter().flat_map(|a| to.arcs.iter().map(move |b| (a, b)));
        let along = pairs.filter(|(a, b)| a.arc == b.arc && a.from_tail <= b.from_tail);
        let along = along.map(|(a, b)| from.access.0 + b.from_tail.0 - a.from_tail.0);
        let ticks = road.chain(along).min().unwrap_or(u32::MAX).saturating_add(to.access.0);
        if ticks <= LIMIT.0 { ticks } else { u32::MAX }
    };
    to.iter().map(|t| t.as_ref().map_or(u32::MAX, cell)).collect()
}

fn wide_table(engine: &TravelEngine<&RoadGraph>, from: &[Option<Snap>], to: &[Option<Snap>]) {
    for (words, limit) in [("below 109 min (u16)", Some(Ticks(65_000))), ("no limit (u32)", None)] {
        let (ms, _) = five(|| engine.table(from, to, limit, Engine::Sweep, &Silent).unwrap());
        println!(
            "{} x {}, {words}: sweep {ms:.0} ms, {} threads",
            from.len(),
            to.len(),
            rayon::current_num_threads()
        );
    }
}

fn what_if(engine: &TravelEngine<&RoadGraph>, outlets: &[Option<Snap>], clients: &[Option<Snap>]) {
    let mut state = WhatIf::new(clients, Some(LIMIT), Direction::Outward);
    let handles = state.add_all(engine, &outlets[..60], &Silent).unwrap();
    let place = outlets[60].as_ref().unwrap();
    let (search, _) = five(|| engine.one_to_many(place, clients, Some(LIMIT), Direction::Outward));
    let (add, _) = five(|| state.clone().add(engine, place).1.len());
    let (preview, _) = five(|| {
        on_threads(1, || state.preview(engine, Some(handles[0]), &outlets[60..92], &Silent).unwrap())
    });
    println!(
        "what-if, {} clients: one bounded search {search:.1} ms; an outlet more {add:.1} ms; 32 moves previewed {preview:.1} ms",
        clients.len()
    );
}

fn one_isochrone(engine: &TravelEngine<&RoadGraph>, snaps: &SnapIndex, places: &[Option<Snap>]) {
    let mut times: Vec<f64> = places
        .iter()
        .flatten()
        .map(|place| {
            let question = IsochroneQuestion {
                at: place.at,
                minutes: vec![10, 20, 30],
                direction: Direction::Outward,
                cell: ISOCHRONE_CELL,
            };
            let start = Instant::now();
            isochrone(engine, snaps, &question, &Silent).unwrap();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("isochrone 10, 20, 30 min, 50 m cells, polygons included: {:.0} ms", times[times.len() / 2]);
}
