//! `caregrid import` and `caregrid roads`.

use crate::base::{Fault, Mode, Outcome};
use crate::cli::{Bar, print_json, print_line};
use crate::intake::{MapRead, import_map, open_map, peak_mb};
use crate::network::{ImportOptions, ModeFile, RoadGraph, RoadMap};
use crate::travel::SweepIndex;
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

#[derive(Args)]
pub struct ImportArgs {
    /// The map, .osm.pbf
    map: PathBuf,
    /// Road file to write
    #[arg(long)]
    out: PathBuf,
    /// Keep only this GeoJSON area and a rim
    #[arg(long)]
    clip: Option<PathBuf>,
    /// GeoJSON to write: every piece of a way whose other nodes the extract does not hold
    #[arg(long)]
    clipped: Option<PathBuf>,
    /// Modes whose order of contraction is kept in the road file, so that large tables need not wait for it
    #[arg(long, value_delimiter = ',')]
    prepare: Vec<String>,
    /// One JSON object on stdout
    #[arg(long)]
    json: bool,
}

/// Lists and draws the ways that the extract cut.
fn write_clipped(map: &RoadMap, path: &Path) -> Outcome<()> {
    let mut features = Vec::new();
    map.for_each_clipped_way(&mut |id, line| {
        let line: Vec<[f64; 2]> = line.iter().map(|p| [p.lon, p.lat]).collect();
        features.push(serde_json::json!({
            "type": "Feature",
            "properties": { "way_id": id },
            "geometry": { "type": "LineString", "coordinates": line },
        }));
    });
    let all = serde_json::json!({ "type": "FeatureCollection", "features": features });
    std::fs::write(path, all.to_string()).map_err(|e| Fault::file(path, &e))
}

/// Reads a map into a road file.
pub fn import(args: &ImportArgs) -> Outcome<ExitCode> {
    let start = Instant::now();
    let options = ImportOptions { clip: args.clip.clone() };
    let MapRead { mut map, report, child_peak_mb, .. } = import_map(&args.map, &options, &Bar::default())?;
    for mode in &args.prepare {
        let graph = RoadGraph::build(&map, &ModeFile::builtin(mode.parse()?)?)?;
        map.keep_order(graph.shape(), &SweepIndex::order(&graph));
    }
    map.write(&args.out)?;
    if let Some(path) = &args.clipped {
        write_clipped(&map, path)?;
    }
    let mut value = serde_json::to_value(&report).unwrap_or_default();
    value["wall_s"] = (start.elapsed().as_millis() as f64 / 1000.0).into();
    value["peak_rss_mb"] = peak_mb().max(child_peak_mb).into();
    if args.json {
        print_json(&value);
    } else {
        let fields = value.as_object().into_iter().flatten();
        fields.for_each(|(k, v)| print_line(&format!("{k:15} {v}")));
    }
    Ok(ExitCode::SUCCESS)
}

#[derive(Args)]
pub struct RoadsArgs {
    /// The map (.osm.pbf or road file)
    map: PathBuf,
    /// foot, ebike, motorcycle or car
    #[arg(long, default_value = "car")]
    mode: String,
    /// One JSON object a way
    #[arg(long)]
    json: bool,
}

/// Prints every highway way as a mode sees it.
pub fn run(args: &RoadsArgs) -> Outcome<ExitCode> {
    let mode: Mode = args.mode.parse()?;
    let map = open_map(&args.map, &Bar::default())?.map;
    for way in map.way_speeds(&ModeFile::builtin(mode)?) {
        if args.json {
            print_json(&serde_json::to_value(&way).unwrap_or_default());
        } else {
            let kmh = |v: Option<f64>| v.map_or("-".into(), |v| v.to_string());
            print_line(&format!(
                "{} {} {} {}",
                way.way_id,
                kmh(way.forward_kmh),
                kmh(way.backward_kmh),
                way.reason
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}
