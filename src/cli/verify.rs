//! `caregrid verify`: one line a broken promise, exit 1 if any.

use crate::base::{Fault, Outcome};
use crate::cli::{print_json, print_line};
use crate::plan::audit::{self, RawInputs};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Args)]
pub struct VerifyArgs {
    /// A plan folder, or a siting certificate (with --pairs and --weights)
    plan: PathBuf,
    /// Certificate: table `site,client,travel_time_s`
    #[arg(long, requires = "weights")]
    pairs: Option<PathBuf>,
    /// Certificate: table `client,weight`
    #[arg(long, requires = "pairs")]
    weights: Option<PathBuf>,
    /// The raw county folder: hashes and rows are compared too
    #[arg(long)]
    county: Option<PathBuf>,
    /// The raw map
    #[arg(long)]
    roads: Option<PathBuf>,
    /// One JSON object on stdout
    #[arg(long)]
    json: bool,
}

/// Audits a plan folder, or checks a certificate.
pub fn run(args: &VerifyArgs) -> Outcome<ExitCode> {
    if let (Some(pairs), Some(weights)) = (&args.pairs, &args.weights) {
        return crate::cli::siting::verify(&args.plan, pairs, weights);
    }
    if args.roads.is_some() && args.county.is_none() {
        return Err(Fault::usage("--roads 须与 --county 一起使用。", "--roads goes with --county."));
    }
    let raw = args.county.clone().map(|county| RawInputs { county, roads: args.roads.clone() });
    let broken = audit::verify(&args.plan, raw.as_ref())?;
    if args.json {
        let list: Vec<_> =
            broken.iter().map(|b| serde_json::json!({"rule": b.rule, "sentence": b.sentence})).collect();
        print_json(&serde_json::json!({"ok": broken.is_empty(), "broken": list}));
    } else {
        broken.iter().for_each(|b| print_line(&format!("{}: {}", b.rule, b.sentence)));
        if broken.is_empty() {
            print_line("核验通过：所有承诺均成立。 The plan keeps every promise.");
        }
    }
    Ok(ExitCode::from(u8::from(!broken.is_empty())))
}
