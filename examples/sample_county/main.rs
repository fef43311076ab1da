//! Draws the sample county of `data/sample/`: invented roads and invented people in the shape of public figures.
//! 示例数据，非真实道路与人员. The same bytes on every run: `cargo run --release --example sample_county -- data/sample`.
//! With `--dirty` behind the folder: the same people as offices send them, faults and all, and `dirty_key.csv`.
#![allow(missing_docs)] // a program, not a library
#![allow(clippy::print_stdout)] // its answer is the table of figures it prints

mod caregivers;
mod check;
mod dirty;
mod dirty_files;
mod figures;
mod geometry;
mod invent;
mod network;
mod pbf;
mod people;
mod roster_row;
mod router;
mod staffing;
mod tables;
mod town;
mod township_roads;
mod village_roads;
mod workbook;

use caregrid::base::SplitMix64;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Said wherever the data show.
pub const NOTICE: &str = "示例数据，非真实道路与人员";

/// The roads and who lives where.
pub struct Land {
    pub townships: Vec<figures::Township>,
    pub units: Vec<figures::Unit>,
    pub network: network::Network,
    pub settled: Vec<village_roads::Settled>,
    /// Middle of each township's seat.
    pub seats: Vec<u32>,
}

/// How the rosters are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edition {
    Clean,
    Dirty,
}

fn main() -> ExitCode {
    let folder = std::env::args().nth(1).map_or_else(|| PathBuf::from("data/sample"), PathBuf::from);
    let edition =
        if std::env::args().nth(2).is_some_and(|a| a == "--dirty") { Edition::Dirty } else { Edition::Clean };
    match run(&folder, edition) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn run(folder: &Path, edition: Edition) -> Result<(), String> {
    let land = draw_land(&folder.join("source"))?;
    write_map(&land, &folder.join("roads.osm.pbf"))?;
    print_roads(&land);
    let mut random = SplitMix64::new(5_000_190);
    let mut clients = people::clients(&land, &mut random);
    let mut carers = caregivers::caregivers(&land, &clients, &mut random);
    let times = staffing::staff(&land, &mut carers, &clients, &mut random);
    caregivers::need_women(&land, &mut clients, &mut carers, &times, &mut random);
    check::print(&clients, &carers, &times);
    match edition {
        Edition::Clean => workbook::write_all(&land, &clients, &folder.join("clients"))?,
        Edition::Dirty => dirty::write_all(&land, &clients, folder)?,
    }
    tables::sites(&land, &folder.join("sites.csv"), &mut random)?;
    tables::caregivers(&land, &carers, &folder.join("caregivers.csv"))?;
    tables::villages(&land, &folder.join("villages.csv"))?;
    tables::key(&clients, &folder.join("key.csv"))?;
    tables::county_toml(&folder.join("county.toml"))
}

fn draw_land(source: &Path) -> Result<Land, String> {
    let mut random = SplitMix64::new(620_422);
    let townships = figures::townships(source)?;
    let mut units = figures::units(source, &townships, &mut random)?;
    let mut network = network::Network::default();
    let town = town::seat(&mut network, &townships[0], &mut random);
    let town_nodes: Vec<u32> = (0..network.points.len() as u32).collect();
    let mut main = network::NearIndex::default();
    let (mut seats, mut streets) = (vec![town.centre()], vec![town_nodes]);
    for township in &townships[1..] {
        let (middle, nodes) = town::small_seat(&mut network, township, &mut random);
        main.add_all(&network, &nodes);
        seats.push(middle);
        streets.push(nodes);
    }
    township_roads::draw(&mut network, &townships, &town, &seats, &mut main, &mut random);
    let any = network::NearIndex::default();
    let mut sketch =
        village_roads::Sketch { network: &mut network, random: &mut random, seat: town.centre(), main, any };
    let settled = village_roads::draw(&mut sketch, &townships, &mut units, &streets);
    Ok(Land { townships, units, network, settled, seats })
}

fn write_map(land: &Land, path: &Path) -> Result<(), String> {
    let mut bytes = Vec::new();
    let fault = |e: std::io::Error| format!("{}: {e}", path.display());
    land.network.write(&mut bytes, NOTICE).map_err(fault)?;
    std::fs::write(path, bytes).map_err(fault)
}

/// The road distances against the published figures, and the size of the network.
fn print_roads(land: &Land) {
    let metres = router::lengths(&land.network, land.seats[0]);
    println!("township  published_km  drawn_km  ratio");
    for (township, seat) in land.townships.iter().zip(&land.seats).skip(1) {
        let drawn = metres[*seat as usize] / 1000.0;
        match township.road_km {
            Some(km) => println!("{}  {km:.0}  {drawn:.1}  {:.3}", township.name, drawn / km),
            None => println!("{}  -  {drawn:.1}  -", township.name),
        }
    }
    let (pieces, _) = router::pieces(&land.network);
    let (nodes, roads, turns) =
        (land.network.points.len(), land.network.roads.len(), land.network.restrictions.len());
    println!("nodes {nodes}  ways {roads}  turn restrictions {turns}  pieces {pieces}");
}
