//! `caregrid isochrone`: bands of minutes around a place, as GeoJSON.

use crate::base::{Fault, LonLat, Mode, Outcome};
use crate::cli::{Bar, print_line};
use crate::coverage::{ISOCHRONE_CELL, IsochroneCells, IsochroneQuestion, isochrone};
use crate::intake::open_map;
use crate::network::{ModeFile, RoadGraph, SnapIndex, SnapRules};
use crate::travel::{Direction, TravelEngine};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Args)]
pub struct IsochroneArgs {
    /// The map (.osm.pbf or road file)
    roads: PathBuf,
    /// foot, ebike, motorcycle or car
    #[arg(long, default_value = "car")]
    mode: String,
    /// The centre, like 105.06,35.67
    #[arg(long, allow_hyphen_values = true)]
    at: String,
    /// Upper ends of the bands
    #[arg(long, value_delimiter = ',', default_value = "10,20,30")]
    minutes: Vec<u32>,
    /// Towards the centre instead of away from it
    #[arg(long)]
    towards: bool,
    /// GeoJSON to write
    #[arg(long)]
    out: PathBuf,
}

/// Draws the bands; a place is inside one exactly if `caregrid table` says so for it.
pub fn run(args: &IsochroneArgs) -> Outcome<ExitCode> {
    let mode: Mode = args.mode.parse()?;
    let at = parse_place(&args.at)?;
    let map = open_map(&args.roads, &Bar::default())?.map;
    let graph = RoadGraph::build(&map, &ModeFile::builtin(mode)?)?;
    let snaps = SnapIndex::build(&map, &graph, SnapRules::default(), &[]);
    let direction = if args.towards { Direction::Towards } else { Direction::Outward };
    let question = IsochroneQuestion { at, minutes: args.minutes.clone(), direction, cell: ISOCHRONE_CELL };
    let bands =
        isochrone(&TravelEngine::prepare(&graph), &IsochroneCells::new(&snaps), &question, &Bar::default())?;
    std::fs::write(&args.out, bands.geojson().to_string()).map_err(|e| Fault::file(&args.out, &e))?;
    print_line(&format!("{} bands · {}", bands.bands.len(), args.out.display()));
    Ok(ExitCode::SUCCESS)
}

fn parse_place(text: &str) -> Outcome<LonLat> {
    let parts: Vec<f64> = text.split(',').map_while(|p| p.trim().parse().ok()).collect();
    match parts[..] {
        [lon, lat] if (LonLat { lon, lat }).is_on_earth() => Ok(LonLat { lon, lat }),
        _ => Err(Fault::usage(
            "--at 应写成 经度,纬度，例如 105.06,35.67。",
            "--at should read LON,LAT in degrees, like 105.06,35.67.",
        )),
    }
}
