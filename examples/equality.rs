//! Do all engines give the same ticks on real maps? `cargo run --release --example equality -- [MAP.osm.pbf …] [--origins 200]
//! [--destinations 2000] [--pairs 0]`
//!
//! For every map (default: all of `../shared/data/osm`), every mode, within 30 minutes and without a limit: seeded places, and each
//! cell of bucket Dijkstra and of the sweep beside the audit's plain Dijkstra, which shares no search code with either. A tenth of the
//! rows is asked again alone and shuffled, and against the arcs. With `--pairs N` instead N seeded journeys between two places, by each
//! engine, without a limit. Rows of the plain Dijkstra run on all threads. Prints a line a table; exit 1 if any cell differs.

#![allow(clippy::print_stdout)] // an example answers on stdout

use caregrid::base::{Fault, LonLat, Mode, Outcome, Silent, SplitMix64, Ticks};
use caregrid::network::{ModeFile, RoadGraph, RoadMap, Snap, SnapIndex, SnapRules};
use caregrid::plan::audit::PlainDijkstra;
use caregrid::travel::{Direction, Engine, TravelEngine};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(fault) => {
            println!("{fault}");
            ExitCode::FAILURE
        }
    }
}

/// Number of cells that differ.
fn run() -> Outcome<u64> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: usize| {
        let at = arguments.iter().position(|a| a == name);
        at.and_then(|i| arguments.get(i + 1)?.parse().ok()).unwrap_or(default)
    };
    let (rows, cols) = (number("--origins", 200), number("--destinations", 2_000));
    let pairs = number("--pairs", 0);
    let mut maps: Vec<PathBuf> =
        arguments.iter().filter(|a| a.ends_with(".pbf")).map(PathBuf::from).collect();
    if maps.is_empty() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/osm");
        let entries = std::fs::read_dir(&folder).map_err(|e| Fault::file(&folder, &e))?;
        maps = entries
            .flatten()
            .map(|e| e.path())
            .filter(|p| p.extension().is_some_and(|e| e == "pbf"))
            .collect();
        maps.sort();
    }
    let (mut cells, mut wrong) = (0, 0);
    for file in &maps {
        let map = RoadMap::open(file, &Silent)?;
        for mode in Mode::ALL {
            let graph = match RoadGraph::build(&map, &ModeFile::builtin(mode)?) {
                Ok(graph) => graph,
                Err(fault) => {
                    println!("{}: {fault}", file.display());
                    continue;
                }
            };
            let index = SnapIndex::build(&map, &graph, SnapRules::default(), &[]);
            let mut places = Places { random: SplitMix64::new(1), map: &map, index: &index };
            let engine = TravelEngine::prepare(&graph);
            if pairs > 0 {
                let (from, to) = (places.some(pairs), places.some(pairs));
                let sum = compare_pairs(&engine, &from, &to)?;
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                println!(
                    "{name} {} no limit: {pairs} pairs, {} reached; differing: bucket {}, sweep {}",
                    mode.word(),
                    sum.reached,
                    sum.bucket,
                    sum.sweep
                );
                cells += pairs as u64;
                wrong += sum.bucket + sum.sweep;
                continue;
            }
            let (from, to) = (places.some(rows), places.some(cols));
            for limit in [Some(Ticks::THIRTY_MINUTES), None] {
                let sum = compare(&engine, &from, &to, limit)?;
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                let within = limit.map_or("no limit", |_| "30 min");
                println!(
                    "{name} {} {within}: {} x {} cells, {} reached; differing: bucket {}, sweep {}, alone or shuffled {}, towards {}",
                    mode.word(),
                    from.len(),
                    to.len(),
                    sum.reached,
                    sum.bucket,
                    sum.sweep,
                    sum.again,
                    sum.towards
                );
                cells += (from.len() * to.len()) as u64;
                wrong += sum.bucket + sum.sweep + sum.again + sum.towards;
            }
        }
    }
    println!("{cells} cells against the plain Dijkstra, twice each: {wrong} differ");
    Ok(wrong)
}

struct Places<'m> {
    random: SplitMix64,
    map: &'m RoadMap,
    index: &'m SnapIndex,
}

impl Places<'_> {
    /// Seeded places, three in four near a road; of each hundred one has no place at all.
    fn some(&mut self, count: usize) -> Vec<Option<Snap>> {
        let Some(bounds) = self.map.bounds() else { return vec![None; count] };
        let mut place = || {
            for _ in 0..40 {
                let lon = bounds.min.lon + self.random.unit() * (bounds.max.lon - bounds.min.lon);
                let lat = bounds.min.lat + self.random.unit() * (bounds.max.lat - bounds.min.lat);
                let snap = self.index.snap(LonLat { lon, lat });
                if snap.is_some() || self.random.below(100) == 0 {
                    return snap;
                }
            }
            None
        };
        (0..count).map(|_| place()).collect()
    }
}

#[derive(Default)]
struct Sum {
    reached: u64,
    bucket: u64,
    sweep: u64,
    again: u64,
    towards: u64,
}

fn compare(
    engine: &TravelEngine<&RoadGraph>,
    from: &[Option<Snap>],
    to: &[Option<Snap>],
    limit: Option<Ticks>,
) -> Outcome<Sum> {
    let mut sum = Sum::default();
    let bucket = engine.table(from, to, limit, Engine::Dijkstra, &Silent)?;
    let sweep = engine.table(from, to, limit, Engine::Sweep, &Silent)?;
    let targets: Vec<Option<&Snap>> = to.iter().map(Option::as_ref).collect();
    let plain_row = |plain: &mut PlainDijkstra, origin: &Option<Snap>| match origin {
        Some(origin) => plain.journeys(origin, &targets, limit.unwrap_or(Ticks(u32::MAX - 1))),
        None => vec![None; to.len()],
    };
    let want: Vec<_> = from.par_iter().map_init(|| PlainDijkstra::new(engine.graph()), plain_row).collect();
    for (i, row) in want.iter().enumerate() {
        sum.reached += row.iter().flatten().count() as u64;
        sum.bucket += (0..to.len()).filter(|&j| bucket.get(i, j) != row[j]).count() as u64;
        sum.sweep += (0..to.len()).filter(|&j| sweep.get(i, j) != row[j]).count() as u64;
    }
    // A tenth of the rows in reverse order, against every third destination from the end: other batches, same cells.
    let tenth: Vec<usize> = (0..from.len()).step_by(10).rev().collect();
    let third: Vec<usize> = (0..to.len()).step_by(3).rev().collect();
    let some_from: Vec<_> = tenth.iter().map(|&i| from[i].clone()).collect();
    let some_to: Vec<_> = third.iter().map(|&j| to[j].clone()).collect();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().ok();
    let fill = || engine.table(&some_from, &some_to, limit, Engine::Sweep, &Silent);
    let again = pool.map_or_else(fill, |pool| pool.install(fill))?;
    for (a, &i) in tenth.iter().enumerate() {
        let alone = from[i].as_ref().map(|o| engine.one_to_many(o, to, limit, Direction::Outward));
        sum.again += (0..third.len()).filter(|&b| again.get(a, b) != want[i][third[b]]).count() as u64;
        let cells = alone.iter().flatten().zip(&want[i]);
        sum.again += cells.filter(|(alone, want)| alone != want).count() as u64;
    }
    for j in (0..to.len()).step_by(200) {
        let Some(centre) = &to[j] else { continue };
        let towards = engine.one_to_many(centre, from, limit, Direction::Towards);
        sum.towards += towards.iter().zip(&want).filter(|(t, want)| **t != want[j]).count() as u64;
    }
    Ok(sum)
}

/// Pair `k` is `from[k]` to `to[k]`; the sweep answers them as the diagonals of blocks.
fn compare_pairs(
    engine: &TravelEngine<&RoadGraph>,
    from: &[Option<Snap>],
    to: &[Option<Snap>],
) -> Outcome<Sum> {
    const BLOCK: usize = 32;
    let plain_pair = |plain: &mut PlainDijkstra, (a, b): (&Option<Snap>, &Option<Snap>)| {
        let (Some(a), Some(b)) = (a, b) else { return None };
        plain.journeys(a, &[Some(b)], Ticks(u32::MAX - 1)).pop().flatten()
    };
    let init = || PlainDijkstra::new(engine.graph());
    let want: Vec<_> = from.par_iter().zip(to).map_init(init, plain_pair).collect();
    let bucket_pair = |(a, b): (&Option<Snap>, &Option<Snap>)| {
        let b = std::slice::from_ref(b);
        a.as_ref().and_then(|a| engine.one_to_many(a, b, None, Direction::Outward).pop().flatten())
    };
    let bucket: Vec<_> = from.par_iter().zip(to).map(bucket_pair).collect();
    let mut sum = Sum { reached: want.iter().flatten().count() as u64, ..Sum::default() };
    sum.bucket = bucket.iter().zip(&want).filter(|(got, want)| got != want).count() as u64;
    for (b, (rows, cols)) in from.chunks(BLOCK).zip(to.chunks(BLOCK)).enumerate() {
        let block = engine.table(rows, cols, None, Engine::Sweep, &Silent)?;
        sum.sweep += (0..rows.len()).filter(|&k| block.get(k, k) != want[b * BLOCK + k]).count() as u64;
    }
    Ok(sum)
}
