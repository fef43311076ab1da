//! How fast are travel times, measured as ratios in one run? `cargo bench --bench travel [-- MAP.osm.pbf] [import|snap|table|isochrone|
//! what-if|growth]`
//!
//! Everything on one real map (default: porto, car), medians of five. Beside the wall clock stands CPU time of the measuring thread
//! where one thread works alone: on a shared machine it is the steadier of the two, and ratios of one-thread work are taken from it.
//! Cells are compared while they are timed. The last line is one JSON object for `benches/peers`.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)] // a benchmark prints, and a panic is its report

use caregrid::base::{Bounds, LonLat, Mode, Silent, SplitMix64, Ticks};
use caregrid::coverage::{ISOCHRONE_CELL, IsochroneCells, IsochroneQuestion, isochrone};
use caregrid::network::{ImportOptions, ModeFile, RoadGraph, RoadMap, Snap, SnapIndex, SnapRules};
use caregrid::travel::{
    Direction, Engine, NearestOutlets, OutletHandle, SweepIndex, TravelEngine, TravelTable,
};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

const LIMIT: Ticks = Ticks::THIRTY_MINUTES;

fn main() {
    let porto = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/osm/porto_portugal.osm.pbf");
    let words: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let named = words.iter().find(|a| a.ends_with(".pbf"));
    let map_file = PathBuf::from(named.cloned().unwrap_or_else(|| porto.to_owned()));
    let topics: Vec<&String> = words.iter().filter(|a| !a.ends_with(".pbf")).collect();
    let asked = |topic: &str| topics.is_empty() || topics.iter().any(|t| *t == topic);
    if !map_file.exists() {
        println!("skipped: there is no map {}", map_file.display());
        return;
    }
    let mut answer = serde_json::Map::new();
    if asked("import") {
        import(&map_file, &mut answer);
    }
    let map = RoadMap::open(&map_file, &Silent).unwrap();
    let graph = RoadGraph::build(&map, &ModeFile::builtin(Mode::Car).unwrap()).unwrap();
    println!("car graph: {} nodes, {} arcs", graph.nodes(), graph.arcs());
    let engine = TravelEngine::prepare(&graph);
    let snaps = SnapIndex::build(&map, &graph, SnapRules::default(), &[]);
    let mut places = Places { random: SplitMix64::new(1), bounds: map.bounds().unwrap(), snaps: &snaps };
    if asked("snap") {
        snapping(&snaps, &places.points(20_000), &mut answer);
    }
    if asked("table") {
        prepare(&graph, &mut answer);
        engine.sweep_index();
        let stream = stream();
        println!("stream: {:.1} GB/s read and written by one thread (32 MiB, copied)", stream);
        table(&engine, &places.some(300), &places.some(5_000), stream, &mut answer);
        table(&engine, &places.some(1_000), &places.some(20_000), stream, &mut answer);
        wide_table(&engine, &places.some(5_000), &places.some(5_000));
    }
    if asked("what-if") {
        engine.sweep_index();
        what_if(&engine, &places.some(100), &places.some(20_000), &mut answer);
    }
    if asked("isochrone") {
        isochrones(&engine, &snaps, &places.some(15), &mut answer);
    }
    if asked("growth") {
        growth(&graph, &mut answer);
    }
    println!("{}", serde_json::Value::Object(answer));
}

/// Seeded places near roads of the map.
struct Places<'m> {
    random: SplitMix64,
    bounds: Bounds,
    snaps: &'m SnapIndex,
}

impl Places<'_> {
    fn point(&mut self) -> LonLat {
        let bounds = self.bounds;
        let lon = bounds.min.lon + self.random.unit() * (bounds.max.lon - bounds.min.lon);
        let lat = bounds.min.lat + self.random.unit() * (bounds.max.lat - bounds.min.lat);
        LonLat { lon, lat }
    }

    fn points(&mut self, count: usize) -> Vec<Option<LonLat>> {
        let mut near = Vec::new();
        while near.len() < count {
            let point = self.point();
            near.extend(self.snaps.snap(point).map(|_| Some(point)));
        }
        near
    }

    fn some(&mut self, count: usize) -> Vec<Option<Snap>> {
        let mut snapped = Vec::new();
        while snapped.len() < count {
            let point = self.point();
            snapped.extend(self.snaps.snap(point).map(Some));
        }
        snapped
    }
}

/// Milliseconds of one measurement: by the wall clock, and on the CPU by this thread (Linux; elsewhere the wall clock again).
#[derive(Clone, Copy, PartialEq, PartialOrd)]
struct Cost {
    cpu: f64,
    wall: f64,
}

fn cpu_ms() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(text.split(' ').next()?.parse::<f64>().ok()? / 1e6)
}

fn measure<T>(run: impl FnOnce() -> T) -> (Cost, T) {
    let (cpu, start) = (cpu_ms(), Instant::now());
    let answer = run();
    let wall = start.elapsed().as_secs_f64() * 1e3;
    (Cost { cpu: cpu.zip(cpu_ms()).map_or(wall, |(a, b)| b - a), wall }, answer)
}

/// The kernel may count CPU time in steps of 4 ms, so a sample of short work repeats it for about so many.
const SAMPLE_MS: f64 = 80.0;

/// Medians of five samples after a run to warm up, and the last answer.
fn five<T>(mut run: impl FnMut() -> T) -> (Cost, T) {
    let (first, mut answer) = measure(&mut run);
    let times = (SAMPLE_MS / first.wall.max(0.1)).ceil();
    let mut costs: Vec<Cost> = (0..5)
        .map(|_| {
            let (sum, ()) = measure(|| (0..times as usize).for_each(|_| answer = run()));
            Cost { cpu: sum.cpu / times, wall: sum.wall / times }
        })
        .collect();
    costs.sort_by(|a, b| a.cpu.total_cmp(&b.cpu));
    let cpu = costs[2].cpu;
    costs.sort_by(|a, b| a.wall.total_cmp(&b.wall));
    (Cost { cpu, wall: costs[2].wall }, answer)
}

fn on_threads<T: Send>(threads: usize, run: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(run)
}

fn import(file: &Path, answer: &mut serde_json::Map<String, serde_json::Value>) {
    let car = ModeFile::builtin(Mode::Car).unwrap();
    let read = || {
        let (map, _) = RoadMap::import(file, &ImportOptions::default(), &Silent).unwrap();
        RoadGraph::build(&map, &car).unwrap().nodes()
    };
    let (one, _) = on_threads(1, || five(read));
    let (two, _) = on_threads(2, || five(read));
    println!(
        "map to car graph: {:.0} ms CPU on one thread; two threads {:.0} ms by the wall clock",
        one.cpu, two.wall
    );
    let folder = tempfile::tempdir().unwrap();
    let road_file = folder.path().join("map.roads");
    RoadMap::import(file, &ImportOptions::default(), &Silent).unwrap().0.write(&road_file).unwrap();
    let (load, _) = on_threads(1, || five(|| RoadMap::load(&road_file).unwrap().bounds().is_some()));
    println!("road file by memory map, every index checked: {:.2} ms CPU", load.cpu);
    answer.insert("load_cpu_ms".into(), load.cpu.into());
    answer.insert("import_wall_ms".into(), two.wall.into());
    answer.insert("import_cpu_ms".into(), one.cpu.into());
}

fn snapping(
    snaps: &SnapIndex,
    points: &[Option<LonLat>],
    answer: &mut serde_json::Map<String, serde_json::Value>,
) {
    let (one, _) = on_threads(1, || five(|| snaps.snap_all(points)));
    println!("snapping {} points: {:.1} ms CPU, one thread", points.len(), one.cpu);
    answer.insert("snap_20000_cpu_ms".into(), one.cpu.into());
}

fn prepare(graph: &RoadGraph, answer: &mut serde_json::Map<String, serde_json::Value>) {
    let (order, ranks) = on_threads(1, || five(|| SweepIndex::order(graph)));
    let mut index = SweepIndex::with_order(graph, &ranks);
    let (all, up, down) = index.arc_counts();
    let (again, ()) = on_threads(1, || five(|| index.customise(&graph.ticks)));
    let mut ticks = graph.ticks.clone();
    let edited: Vec<u32> = (0..40).map(|i| i * 97 % graph.arcs() as u32).collect();
    let (edit, ()) = on_threads(1, || {
        five(|| {
            edited.iter().for_each(|a| ticks[*a as usize] = ticks[*a as usize].saturating_add(10));
            index.customise_arcs(&ticks, &edited);
        })
    });
    println!(
        "one thread, CPU: order {:.0} ms, customise {:.1} ms ({:.1} x less), after an edit of 40 arcs {:.1} ms ({:.0} x less); \
         {all} arcs, {up} up and {down} down after perfect customisation",
        order.cpu,
        again.cpu,
        order.cpu / again.cpu,
        edit.cpu,
        order.cpu / edit.cpu
    );
    answer.insert("order_cpu_ms".into(), order.cpu.into());
    answer.insert("customise_cpu_ms".into(), again.cpu.into());
    answer.insert("edit_cpu_ms".into(), edit.cpu.into());
}

/// GB/s that one thread reads and writes when it copies 32 MiB, beyond the caches nearest to it.
fn stream() -> f64 {
    let from = vec![1_u64; 4 << 20];
    let mut to = vec![0_u64; 4 << 20];
    let (cost, ()) = five(|| {
        for _ in 0..4 {
            black_box(&mut to[..]).copy_from_slice(black_box(&from[..]));
        }
    });
    4.0 * 2.0 * 32.0 * 1024.0 * 1024.0 / 1e6 / cost.cpu
}

fn table(
    engine: &TravelEngine<&RoadGraph>,
    from: &[Option<Snap>],
    to: &[Option<Snap>],
    stream: f64,
    answer: &mut serde_json::Map<String, serde_json::Value>,
) {
    let fill = |named| engine.table(from, to, Some(LIMIT), named, &Silent).unwrap();
    let (sweep, swept) = on_threads(1, || five(|| fill(Engine::Sweep)));
    let (sweep_2, _) = on_threads(2, || five(|| fill(Engine::Sweep)));
    // Rows of a search are independent: a tenth of them, scaled, is the whole table's time.
    let tenth = &from[..from.len() / 10];
    let (bucket, searched) =
        on_threads(1, || five(|| engine.table(tenth, to, Some(LIMIT), Engine::Dijkstra, &Silent).unwrap()));
    let row = |from: &Option<Snap>| heap_row(engine.graph(), from.as_ref().unwrap(), to);
    let (heap, rows) = five(|| tenth[..10].iter().map(row).collect::<Vec<_>>());
    let (bucket, heap) = (bucket.cpu * 10.0, heap.cpu * from.len() as f64 / 10.0);
    assert_same(&searched, &swept);
    for (i, row) in rows.iter().enumerate() {
        assert!((0..to.len()).all(|j| swept.get(i, j).map_or(u32::MAX, |t| t.0) == row[j]));
    }
    let bytes = engine.sweep_index().bytes_moved(from, to, LIMIT) as f64;
    println!(
        "{} x {} within 30 min, one thread, CPU: sweep {:.1} ms; bucket Dijkstra {bucket:.0} ms = {:.0} x; heap Dijkstra {heap:.0} ms = {:.0} x",
        from.len(),
        to.len(),
        sweep.cpu,
        bucket / sweep.cpu,
        heap / sweep.cpu
    );
    println!(
        "  {:.0} MB moved in lanes and cells = {:.1} GB/s, {:.0} % of the stream; wall {:.1} ms on one thread, {:.1} ms on two ({:.2} x)",
        bytes / 1e6,
        bytes / 1e6 / sweep.cpu,
        100.0 * bytes / 1e6 / sweep.cpu / stream,
        sweep.wall,
        sweep_2.wall,
        sweep.wall / sweep_2.wall
    );
    let name = format!("table_{}x{}", from.len(), to.len());
    answer.insert(format!("{name}_cpu_ms"), sweep.cpu.into());
    answer.insert(format!("{name}_bucket_ms"), bucket.into());
    answer.insert(format!("{name}_heap_ms"), heap.into());
    answer.insert(format!("{name}_wall_ms"), sweep.wall.into());
    answer.insert(format!("{name}_wall_2_ms"), sweep_2.wall.into());
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
        let fill = || engine.table(from, to, limit, Engine::Sweep, &Silent).unwrap();
        let (cost, _) = on_threads(1, || five(fill));
        println!("{} x {}, {words}: sweep {:.0} ms CPU, one thread", from.len(), to.len(), cost.cpu);
    }
}

fn what_if(
    engine: &TravelEngine<&RoadGraph>,
    outlets: &[Option<Snap>],
    clients: &[Option<Snap>],
    answer: &mut serde_json::Map<String, serde_json::Value>,
) {
    let mut state = NearestOutlets::new(&clients.into(), Some(LIMIT), Direction::Outward);
    let open = (0..).map(OutletHandle).zip(outlets[..60].iter().cloned());
    state.open_all(engine, open.collect(), &Silent).unwrap();
    let place = outlets[60].as_ref().unwrap();
    let (search, _) =
        on_threads(1, || five(|| engine.one_to_many(place, clients, Some(LIMIT), Direction::Outward)));
    let (add, _) = on_threads(1, || {
        five(|| {
            let mut trial = state.clone();
            trial.open(OutletHandle(60), state.times(engine, Some(place.clone())));
            trial.changes_since(&state).len()
        })
    });
    let (preview, _) = on_threads(1, || {
        five(|| state.preview(engine, Some(OutletHandle(0)), &outlets[60..92], &Silent).unwrap())
    });
    println!(
        "what-if, {} clients, CPU: one bounded search {:.2} ms; an outlet more {:.2} ms; 32 moves previewed {:.2} ms",
        clients.len(),
        search.cpu,
        add.cpu,
        preview.cpu
    );
    answer.insert("search_cpu_ms".into(), search.cpu.into());
    answer.insert("add_outlet_cpu_ms".into(), add.cpu.into());
    answer.insert("preview_32_cpu_ms".into(), preview.cpu.into());
}

fn isochrones(
    engine: &TravelEngine<&RoadGraph>,
    snaps: &SnapIndex,
    places: &[Option<Snap>],
    answer: &mut serde_json::Map<String, serde_json::Value>,
) {
    // As a server does it: cells joined to the road for one centre are known to the next. `cold` forgets them before each.
    let cells = IsochroneCells::new(snaps);
    let (mut costs, mut cold): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    on_threads(1, || {
        let asked = |at: LonLat| IsochroneQuestion {
            at,
            minutes: vec![30],
            direction: Direction::Outward,
            cell: ISOCHRONE_CELL,
        };
        let ask = |cells: &IsochroneCells, question: &IsochroneQuestion| {
            isochrone(engine, cells, question, &Silent).unwrap()
        };
        for question in places.iter().flatten().map(|p| asked(p.at)) {
            cold.push(measure(|| ask(&IsochroneCells::new(snaps), &question)).0.cpu);
            ask(&cells, &question);
        }
        for question in places.iter().flatten().map(|p| asked(p.at)) {
            costs.push(five(|| ask(&cells, &question)).0.cpu);
        }
    });
    cold.sort_by(f64::total_cmp);
    costs.sort_by(f64::total_cmp);
    let (first, median) = (cold[cold.len() / 2], costs[costs.len() / 2]);
    println!(
        "isochrone 30 min, 50 m cells, polygons included, CPU, medians of {}: with cells known {median:.1} ms, on a fresh index {first:.1} ms",
        costs.len()
    );
    answer.insert("isochrone_cpu_ms".into(), median.into());
    answer.insert("isochrone_first_cpu_ms".into(), first.into());
}

/// 3 x 3 copies of the graph, joined at places where neighbouring copies' borders are nearest in rank: bounded tables must not grow.
fn growth(graph: &RoadGraph, answer: &mut serde_json::Map<String, serde_json::Value>) {
    let nodes = graph.nodes() as u32;
    let (mut position, mut arcs) = (Vec::new(), Vec::new());
    let west = graph.position.iter().map(|p| p.lon).fold(f64::MAX, f64::min);
    let east = graph.position.iter().map(|p| p.lon).fold(f64::MIN, f64::max);
    let south = graph.position.iter().map(|p| p.lat).fold(f64::MAX, f64::min);
    let north = graph.position.iter().map(|p| p.lat).fold(f64::MIN, f64::max);
    for copy in 0..9_u32 {
        let (x, y) = (f64::from(copy % 3) * (east - west), f64::from(copy / 3) * (north - south));
        position.extend(graph.position.iter().map(|p| LonLat { lon: p.lon + x, lat: p.lat + y }));
        for tail in 0..nodes {
            for arc in graph.first_out[tail as usize] as usize..graph.first_out[tail as usize + 1] as usize {
                arcs.push((copy * nodes + tail, copy * nodes + graph.head[arc], graph.ticks[arc]));
            }
        }
    }
    // Fifty roads of a minute across each border, from a copy's outermost nodes to its neighbour's.
    let by = |key: &dyn Fn(&LonLat) -> f64| {
        let mut order: Vec<u32> = (0..nodes).collect();
        order.sort_by(|a, b| key(&graph.position[*a as usize]).total_cmp(&key(&graph.position[*b as usize])));
        order
    };
    let (by_lon, by_lat) = (by(&|p| p.lon), by(&|p| p.lat));
    for copy in 0..9_u32 {
        for (order, step, last) in [(&by_lon, 1, copy % 3 == 2), (&by_lat, 3, copy / 3 == 2)] {
            for k in (0..50).filter(|_| !last) {
                let (a, b) = (
                    copy * nodes + order[(nodes - 1 - k) as usize],
                    (copy + step) * nodes + order[k as usize],
                );
                arcs.extend([(a, b, 600), (b, a, 600)]);
            }
        }
    }
    let joined = RoadGraph::from_arcs(position, &arcs);
    let mut random = SplitMix64::new(5);
    let per_cell = |graph: &RoadGraph, random: &mut SplitMix64| {
        let engine = TravelEngine::prepare(graph);
        let (from, to) = (on_nodes(graph, random, 1_000), on_nodes(graph, random, 20_000));
        engine.sweep_index();
        let (cost, _) =
            on_threads(1, || five(|| engine.table(&from, &to, Some(LIMIT), Engine::Sweep, &Silent).unwrap()));
        cost.cpu
    };
    let (small, large) = (per_cell(graph, &mut random), per_cell(&joined, &mut random));
    println!(
        "growth: 1,000 x 20,000 within 30 min on {} nodes {small:.1} ms CPU, on {} nodes {large:.1} ms = {:.2} x",
        graph.nodes(),
        joined.nodes(),
        large / small
    );
    answer.insert("growth_ratio".into(), (large / small).into());
}

/// Places on the nodes of a bare graph.
fn on_nodes(graph: &RoadGraph, random: &mut SplitMix64, count: usize) -> Vec<Option<Snap>> {
    use caregrid::base::Metres;
    use caregrid::network::{ArcId, NodeId, SnapArc};
    let mut place = || loop {
        let node = random.below(graph.nodes());
        let (first, last) = (graph.first_out[node], graph.first_out[node + 1]);
        if first < last {
            let (head, to_head) = (NodeId(graph.head[first as usize]), Ticks(graph.ticks[first as usize]));
            let arc =
                SnapArc { arc: ArcId(first), tail: NodeId(node as u32), head, from_tail: Ticks(0), to_head };
            let at = graph.position[node];
            return Snap { arcs: vec![arc], access: Ticks(100), distance: Metres(14.0), at, component: 0 };
        }
    };
    (0..count).map(|_| Some(place())).collect()
}
