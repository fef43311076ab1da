//! Floor `cli`: the command line. Only here do answers go to stdout and exit codes get their meaning.

pub mod intake;
pub mod siting;
mod siting_tables;

use std::process::ExitCode;

/// The commands of the interface that are still to come.
const COMMANDS: [&str; 11] = [
    "demo",
    "plan",
    "serve",
    "verify",
    "repair",
    "import",
    "roads",
    "table",
    "isochrone",
    "siting",
    "intake",
];

/// Runs the program on the process's arguments.
pub fn run() -> ExitCode {
    // A reader of workbooks is this program again, before anything else is set up.
    if let Some(answer) = intake::as_reading_child() {
        return answer;
    }
    let command = std::env::args().nth(1).unwrap_or_default();
    let known = COMMANDS.contains(&command.as_str());
    let sentence = if known { "not built yet" } else { "unknown command" };
    eprintln!("caregrid {command}: {sentence}. Commands: {}.", COMMANDS.join(" "));
    ExitCode::from(2)
}
