//! Floor `cli`: the command line. Only here do answers go to stdout and exit codes get their meaning:
//! 0 done, 1 the answer is no, 2 wrong usage.

mod intake;
mod isochrone;
mod plan;
mod progress;
mod repair;
mod roads;
mod serve;
mod siting;
mod siting_tables;
mod table;
mod verify;

pub use progress::Bar;

use crate::base::{Fault, FaultKind, Outcome};
use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "caregrid", version, about = "Plans home-care networks inside a 30-minute service circle.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Plan the sample county and serve it
    Demo(serve::DemoArgs),
    /// Plan a county's month: outlets, grids, visits, tours
    Plan(plan::PlanArgs),
    /// Serve a plan's page and API on loopback
    Serve(serve::ServeArgs),
    /// Re-plan a month after leave, newcomers, moves and departures, with few changes
    Repair(repair::RepairArgs),
    /// Audit a plan folder or a siting certificate
    Verify(verify::VerifyArgs),
    /// Read a map into a road file
    Import(roads::ImportArgs),
    /// Print what a mode makes of every way
    Roads(roads::RoadsArgs),
    /// Travel times of many origins to many destinations
    Table(table::TableArgs),
    /// Where do outlets open? Facility location on plain tables
    Siting(siting::SitingArgs),
    /// Bands of minutes around a place
    Isochrone(isochrone::IsochroneArgs),
    /// Read rosters only: rows kept, rows listed with their reasons
    Intake(intake::IntakeArgs),
}

/// Runs the program on the process's arguments.
#[must_use]
pub fn run() -> ExitCode {
    // A reader of one file is this program again, before anything else is set up.
    if let Some(done) = crate::intake::as_reading_child() {
        return if done { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            let _ = e.print();
            return ExitCode::from(if e.use_stderr() { 2 } else { 0 });
        }
    };
    match dispatch(&cli.command) {
        Ok(code) => code,
        Err(fault) => {
            tell(&fault);
            ExitCode::from(if fault.kind == FaultKind::Usage { 2 } else { 1 })
        }
    }
}

fn dispatch(command: &Command) -> Outcome<ExitCode> {
    match command {
        Command::Demo(args) => serve::demo(args),
        Command::Plan(args) => plan::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Repair(args) => repair::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Import(args) => roads::import(args),
        Command::Roads(args) => roads::run(args),
        Command::Table(args) => table::run(args),
        Command::Siting(args) => siting::run(args),
        Command::Isochrone(args) => isochrone::run(args),
        Command::Intake(args) => intake::run(args),
    }
}

/// A failure in both languages on stderr.
fn tell(fault: &Fault) {
    eprintln!("{}\n{}", fault.zh, fault.en);
}

/// One JSON object on stdout. A reader that has gone away is not an error.
fn print_json(value: &serde_json::Value) {
    print_line(&value.to_string());
}

fn print_line(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
