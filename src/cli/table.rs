//! `caregrid table`: travel times of many origins to many destinations.

use crate::base::{Fault, LonLat, Metres, Mode, Outcome, Seconds};
use crate::cli::{Bar, print_json, print_line};
use crate::intake::{open_map, read_table, write_table};
use crate::network::{ModeFile, RoadGraph, SnapIndex, SnapRules};
use crate::travel::{Engine, Reasons, TravelEngine, TravelTable, Unreached};
use clap::Args;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

#[derive(Args)]
pub struct TableArgs {
    /// The map (.osm.pbf or road file)
    roads: PathBuf,
    /// foot, ebike, motorcycle or car
    #[arg(long, default_value = "car")]
    mode: String,
    /// Origins: a CSV with lon and lat, and id if the answer should name them
    #[arg(long)]
    from: PathBuf,
    /// Destinations, likewise
    #[arg(long)]
    to: PathBuf,
    /// Longest travel time in seconds; none: no limit
    #[arg(long)]
    limit_s: Option<u32>,
    /// T.npy (uint32 seconds) or T.csv
    #[arg(long)]
    out: PathBuf,
    /// R.csv: one line from,to,reason for every cell without a time (no_road_near, beyond_limit, restriction, one_way, island);
    /// --json then counts them
    #[arg(long)]
    reasons: Option<PathBuf>,
    /// dijkstra or sweep; without it the counts decide
    #[arg(long)]
    engine: Option<String>,
    /// One JSON object on stdout
    #[arg(long)]
    json: bool,
}

/// Fills and writes a travel table.
pub fn run(args: &TableArgs) -> Outcome<ExitCode> {
    let engine = match args.engine.as_deref() {
        None => Engine::Auto,
        Some("dijkstra") => Engine::Dijkstra,
        Some("sweep") => Engine::Sweep,
        Some(other) => {
            return Err(Fault::usage(
                format!("未知引擎“{other}”，可用 dijkstra 或 sweep。"),
                format!("the engine '{other}' is unknown; use dijkstra or sweep."),
            ));
        }
    };
    let start = Instant::now();
    let mode: Mode = args.mode.parse()?;
    let map = open_map(&args.roads, &Bar::default())?.map;
    let graph = RoadGraph::build(&map, &ModeFile::builtin(mode)?)?;
    let (from, to) = (read_places(&args.from)?, read_places(&args.to)?);
    let rules = SnapRules { limit: Metres(500.0), ..SnapRules::default() };
    let index = SnapIndex::build(&map, &graph, rules, &[]);
    let (origins, destinations) = (index.snap_all(&places(&from)), index.snap_all(&places(&to)));
    let limit = args.limit_s.map(|s| Seconds(s).ticks());
    let travel = TravelEngine::prepare(&graph).with_order(map.order_for(graph.shape()));
    let engine = travel.ready(engine, origins.iter().flatten().count(), limit);
    let prepare_ms = start.elapsed().as_secs_f64() * 1000.0;
    let start = Instant::now();
    let table = travel.table(&origins, &destinations, limit, engine, &Bar::default())?;
    let table_ms = start.elapsed().as_secs_f64() * 1000.0;
    if args.out.extension().is_some_and(|e| e == "npy") {
        write_npy(&args.out, &table)?;
    } else {
        write_csv(&args.out, &table, &from, &to)?;
    }
    let snapped = origins.iter().chain(&destinations).flatten().count();
    let unsnapped = origins.len() + destinations.len() - snapped;
    let engine = match table.engine() {
        Engine::Sweep => "sweep",
        Engine::Dijkstra | Engine::Auto => "dijkstra",
    };
    let mut answer = serde_json::json!({
        "prepare_ms": prepare_ms, "table_ms": table_ms, "snapped": snapped, "unsnapped": unsnapped, "engine": engine
    });
    if let Some(path) = &args.reasons {
        let unreached = Reasons::new(&travel).of_table(&table, (&origins, &destinations), limit);
        let word = |why: &Option<Unreached>| why.map_or(WORDS[0], Unreached::word);
        let mut counts: BTreeMap<&str, u64> = WORDS.iter().map(|w| (*w, 0)).collect();
        unreached.iter().for_each(|(_, _, why)| *counts.entry(word(why)).or_default() += 1);
        let row = |(o, d, why): &(usize, usize, Option<Unreached>)| {
            vec![from[*o].0.clone(), to[*d].0.clone(), word(why).to_owned()]
        };
        write_table(path, &["from", "to", "reason"], &unreached.iter().map(row).collect::<Vec<_>>())?;
        answer["unreached"] = serde_json::json!(counts);
    }
    if args.json {
        print_json(&answer);
    } else {
        print_line(&format!(
            "{} x {} · {engine} · {table_ms:.1} ms · {unsnapped} unsnapped",
            from.len(),
            to.len()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

const WORDS: [&str; 5] = ["no_road_near", "beyond_limit", "restriction", "one_way", "island"];

type Place = (String, Option<LonLat>);

fn places(all: &[Place]) -> Vec<Option<LonLat>> {
    all.iter().map(|(_, at)| *at).collect()
}

fn read_places(path: &Path) -> Outcome<Vec<Place>> {
    let table = read_table(path)?;
    let p = path.display();
    if table.column("lon").is_none() || table.column("lat").is_none() {
        return Err(Fault::refused(
            format!("{p}：缺少 lon 或 lat 列。"),
            format!("{p}: the columns lon and lat are needed."),
        ));
    }
    let row = |(i, cells): (usize, &Vec<String>)| {
        let number = |column: &str| table.cell(cells, column).parse::<f64>();
        let id = table.cell(cells, "id");
        let id = if id.is_empty() { (i + 1).to_string() } else { id.to_owned() };
        match (table.cell(cells, "lon"), number("lon"), number("lat")) {
            ("", _, _) => Ok((id, None)),
            (_, Ok(lon), Ok(lat)) if (LonLat { lon, lat }).is_on_earth() => {
                Ok((id, Some(LonLat { lon, lat })))
            }
            _ => Err(Fault::refused(
                format!("{p} 第 {} 行：经纬度无法识别。", i + 2),
                format!("{p}, row {}: lon or lat is not a coordinate.", i + 2),
            )),
        }
    };
    table.rows.iter().enumerate().map(row).collect()
}

fn write_csv(path: &Path, table: &TravelTable, from: &[Place], to: &[Place]) -> Outcome<()> {
    let mut rows = Vec::new();
    for (o, (origin, _)) in from.iter().enumerate() {
        for (d, (destination, _)) in to.iter().enumerate() {
            let seconds = table.seconds(o, d).map_or(u32::MAX, |s| s.0);
            rows.push(vec![origin.clone(), destination.clone(), seconds.to_string()]);
        }
    }
    write_table(path, &["from", "to", "travel_time_s"], &rows)
}

/// NumPy's format 1.0: little-endian uint32, rows x columns in C order.
fn write_npy(path: &Path, table: &TravelTable) -> Outcome<()> {
    let fault = |e: std::io::Error| Fault::file(path, &e);
    let mut out = std::io::BufWriter::new(std::fs::File::create(path).map_err(fault)?);
    let shape = format!(
        "{{'descr': '<u4', 'fortran_order': False, 'shape': ({}, {}), }}",
        table.rows(),
        table.cols()
    );
    let padded = (10 + shape.len() + 1).div_ceil(64) * 64;
    let header = format!("{shape:<width$}\n", width = padded - 11);
    out.write_all(b"\x93NUMPY\x01\x00").map_err(fault)?;
    out.write_all(&(header.len() as u16).to_le_bytes()).map_err(fault)?;
    out.write_all(header.as_bytes()).map_err(fault)?;
    for o in 0..table.rows() {
        for d in 0..table.cols() {
            let seconds = table.seconds(o, d).map_or(u32::MAX, |s| s.0);
            out.write_all(&seconds.to_le_bytes()).map_err(fault)?;
        }
    }
    out.flush().map_err(fault)
}
