//! `caregrid siting` and `caregrid verify F.json`: plain tables in, answers and certificates out.

use super::siting_tables::{Constraints, Tables};
use crate::base::{Fault, Outcome, Silent, WeightBy};
use crate::plan::audit::check_certificate;
use crate::siting::{
    Balanced, Certificate, CurvePoint, Model, SitingAnswer, SitingProblem, StopRule, balance, explain, knee,
    phases, proven_curve, solve,
};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Where do outlets open? Facility location on plain tables, with a bound beside every answer.
#[derive(Debug, Clone, Args)]
pub struct SitingArgs {
    /// Table `site,client,travel_time_s`: who is reached from where.
    #[arg(long)]
    pub pairs: PathBuf,
    /// Table `client,weight` (with --weight-by: `client,visits` or `client,visits,minutes`): demand of each client.
    #[arg(long)]
    pub weights: PathBuf,
    /// What a client counts: person (each alike), visits (owed a month) or minutes (of care owed a month: visits times minutes of
    /// one visit); without it the column `weight`.
    #[arg(long, value_parser = weight_by)]
    pub weight_by: Option<WeightBy>,
    /// lscp, mclp, pmedian, pcenter, cover_nearest (most covered, then nearest) or cover_nearest_balance (then the busiest outlet
    /// as little loaded as can be).
    #[arg(long, default_value = "lscp")]
    pub model: String,
    /// Number of outlets, fixed ones included.
    #[arg(short = 'p')]
    pub p: Option<u32>,
    /// Coverage for every number of outlets up to this one.
    #[arg(long)]
    pub curve: Option<u32>,
    /// LSCP: how many outlets cover each client.
    #[arg(long, default_value_t = 1)]
    pub backup: u32,
    /// LSCP: per cent of the demand to cover.
    #[arg(long, default_value_t = 100.0)]
    pub cover_pct: f64,
    /// Sites that stay open, separated by commas.
    #[arg(long, value_delimiter = ',')]
    pub fixed: Vec<String>,
    /// Sites that stay closed, separated by commas.
    #[arg(long, value_delimiter = ',')]
    pub forbid: Vec<String>,
    /// Table `site,capacity` in demand weight.
    #[arg(long)]
    pub capacity: Option<PathBuf>,
    /// Table `site,cost_fen`.
    #[arg(long)]
    pub costs: Option<PathBuf>,
    /// Most that the open sites may cost together, in fen.
    #[arg(long)]
    pub budget: Option<i64>,
    /// Table `group,kind,id,least_outlets,least_covered` (kind: site or client), one line a member.
    #[arg(long)]
    pub groups: Option<PathBuf>,
    /// Most steps; the default follows the size of the tables.
    #[arg(long)]
    pub steps: Option<u64>,
    /// Good enough: gap in per cent.
    #[arg(long, default_value_t = 0.0)]
    pub gap: f64,
    /// Seed of random choices.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Writes the proof here.
    #[arg(long)]
    pub certificate: Option<PathBuf>,
    /// Also tells why: clients missed, sites in every optimum, prices of fixed sites and minimums, near-optimal alternatives.
    #[arg(long)]
    pub explain: bool,
    /// Prints one JSON object a line.
    #[arg(long)]
    pub json: bool,
}

/// A certificate file: the proof and the constraints it was made under.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct CertificateFile {
    #[serde(flatten)]
    certificate: Certificate,
    #[serde(default)]
    constraints: Constraints,
    /// What the weights of the proof count; `None`: the column `weight`.
    #[serde(default)]
    weight_by: Option<WeightBy>,
}

fn weight_by(word: &str) -> Result<WeightBy, String> {
    match word {
        "person" => Ok(WeightBy::Person),
        "visits" => Ok(WeightBy::Visits),
        "minutes" => Ok(WeightBy::Minutes),
        _ => Err("person、visits 或 minutes / use person, visits or minutes".into()),
    }
}

/// Runs `caregrid siting`.
///
/// # Errors
/// A table cannot be read, or the problem is malformed or contradicts itself.
pub fn run(args: &SitingArgs) -> Outcome<ExitCode> {
    let mut tables = Tables::read(&args.pairs, &args.weights, args.weight_by)?;
    let constraints = tables.constraints(args)?;
    constraints.apply(&mut tables.problem);
    let steps = args.steps.unwrap_or_else(|| default_steps(args, &tables.problem));
    let stop = StopRule { steps, gap_pct: args.gap, seed: args.seed };
    let start = Instant::now();
    if let Some(most) = args.curve {
        if args.model != "mclp" && args.model != "lscp" {
            return Err(Fault::usage("曲线只用于 mclp。", "a curve is drawn for the model mclp only."));
        }
        let proven = proven_curve(&tables.problem, most, &stop, &Silent)?;
        let wall_s = start.elapsed().as_secs_f64();
        for (point, certificate) in &proven {
            if let Some(path) = &args.certificate {
                let path = path.with_extension(format!("{}.json", point.p));
                write_certificate(args, &path, certificate, constraints.clone())?;
            }
        }
        let points: Vec<CurvePoint> = proven.into_iter().map(|(point, _)| point).collect();
        print_curve(args, &tables, &points, wall_s)?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.model == "cover_nearest_balance" {
        let p = number(args)?;
        let told = balance(&tables.problem, p, &stop, &Silent)?;
        return balanced(args, &tables, &told, &constraints, start.elapsed().as_secs_f64());
    }
    let answer = solve(&tables.problem, model(args)?, &stop, &Silent)?;
    let wall_s = start.elapsed().as_secs_f64();
    if let Some(path) = &args.certificate {
        write_certificate(args, path, &answer.certificate, constraints)?;
    }
    print_answer(args, &tables, &answer, wall_s);
    if args.explain {
        let told = explain(&tables.problem, model(args)?, &answer, &stop, &Silent)?;
        say(&super::siting_tables::explanation(&tables, &told).to_string());
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs `caregrid verify F.json --pairs P.csv --weights C.csv`: exit 1 and a line a broken promise, or exit 0.
///
/// # Errors
/// A file cannot be read.
pub fn verify(file: &Path, pairs: &Path, weights: &Path) -> Outcome<ExitCode> {
    let text = std::fs::read_to_string(file).map_err(|e| Fault::file(file, &e))?;
    let read: CertificateFile = serde_json::from_str(&text).map_err(|e| {
        let shown = file.display();
        Fault::refused(
            format!("{shown} 不是选址证书（{e}）。"),
            format!("{shown} is not a siting certificate ({e})."),
        )
    })?;
    let mut tables = Tables::read(pairs, weights, read.weight_by)?;
    read.constraints.apply(&mut tables.problem);
    let broken = check_certificate(&tables.problem, &read.certificate);
    for fault in &broken {
        say(&fault.en);
    }
    if broken.is_empty() {
        let c = &read.certificate;
        let word = if c.objective == c.bound { "proven" } else { "bounded" };
        say(&format!(
            "the certificate holds: {} objective {} bound {} ({word}).",
            c.model, c.objective, c.bound
        ));
    }
    Ok(if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// About ten seconds of dual iterations on one core, told as a count.
fn default_steps(args: &SitingArgs, problem: &SitingProblem) -> u64 {
    if args.model.starts_with("pcent") && problem.capacities.is_empty() {
        // Radii near the answer hold few of the pairs, so a step does not cost by the length of the tables.
        return 200_000;
    }
    // Constraints make a step dearer: each has its price, and capacities sort the offers of every site.
    let dearer = if !problem.capacities.is_empty() {
        60
    } else if problem.budget.is_some() || !problem.groups.is_empty() {
        10
    } else {
        1
    };
    // Dominance leaves little of a cover problem, so its steps are cheaper than the tables look.
    let least = if args.model == "lscp" && dearer == 1 { 3_000 } else { 300 };
    (3_000_000_000 / (problem.pairs.len() as u64 + 1) / dearer).clamp(least, 200_000)
}

fn number(args: &SitingArgs) -> Outcome<u32> {
    args.p.ok_or_else(|| {
        Fault::usage("请用 -p 给出网点数。", "this model needs the number of outlets; give -p N.")
    })
}

fn model(args: &SitingArgs) -> Outcome<Model> {
    let p = || number(args);
    match args.model.as_str() {
        "lscp" => {
            if !(args.cover_pct > 0.0 && args.cover_pct <= 100.0) {
                return Err(Fault::usage(
                    "覆盖目标须在 0 与 100 之间。",
                    "--cover-pct must be above 0 and at most 100.",
                ));
            }
            let share_millionths = (args.cover_pct * 10_000.0).round() as u32;
            Ok(Model::Lscp { backup: args.backup, share_millionths })
        }
        "mclp" => Ok(Model::Mclp { p: p()? }),
        "pmedian" => Ok(Model::PMedian { p: p()? }),
        "cover_nearest" => Ok(Model::CoverNearest { p: p()? }),
        "pcenter" | "pcentre" => Ok(Model::PCentre { p: p()? }),
        other => Err(Fault::usage(
            format!(
                "模型“{other}”未知，可用：lscp mclp pmedian pcenter cover_nearest cover_nearest_balance。"
            ),
            format!(
                "the model '{other}' is unknown; use lscp, mclp, pmedian, pcenter, cover_nearest or cover_nearest_balance."
            ),
        )),
    }
}

/// Prints the plan and writes its proofs: of cover and nearness, of the load attained, and that no lighter one is.
fn balanced(
    args: &SitingArgs,
    tables: &Tables,
    told: &Balanced,
    constraints: &Constraints,
    wall_s: f64,
) -> Outcome<ExitCode> {
    if let Some(path) = &args.certificate {
        write_certificate(args, path, &told.nearest, constraints.clone())?;
        if let Some(most) = told.capacity {
            let limited = constraints.with_capacity(&tables.problem, most);
            write_certificate(args, &path.with_extension("load.json"), &told.answer.certificate, limited)?;
        }
        if let Some((most, proof)) = &told.refuted {
            let limited = constraints.with_capacity(&tables.problem, *most);
            write_certificate(args, &path.with_extension("lighter.json"), proof, limited)?;
        }
    }
    print_answer(args, tables, &told.answer, wall_s);
    let line = json!({"busiest_load": told.load, "least_busiest_load": told.least_load});
    let plain = format!("busiest outlet {}, no equally good plan below {}", told.load, told.least_load);
    say(&if args.json { line.to_string() } else { plain });
    Ok(ExitCode::SUCCESS)
}

fn write_certificate(
    args: &SitingArgs,
    path: &Path,
    certificate: &Certificate,
    constraints: Constraints,
) -> Outcome<()> {
    let file = CertificateFile { certificate: certificate.clone(), constraints, weight_by: args.weight_by };
    let text = serde_json::to_vec(&file).map_err(|e| {
        Fault::refused(format!("证书无法写出：{e}。"), format!("the certificate cannot be written: {e}."))
    })?;
    std::fs::write(path, text).map_err(|e| Fault::file(path, &e))
}

#[allow(clippy::print_stdout)] // the command's answer
fn say(line: &str) {
    println!("{line}");
}

fn print_answer(args: &SitingArgs, tables: &Tables, answer: &SitingAnswer, wall_s: f64) {
    let names = tables.names(&answer.open);
    if args.json {
        let line = json!({
            "model": args.model, "p": answer.open.len(), "sites": names, "objective": answer.objective,
            "bound": answer.bound, "gap_pct": answer.gap_pct, "proven": answer.proven, "steps": answer.steps,
            "unreachable": answer.unreachable.len(), "wall_s": wall_s,
        });
        say(&line.to_string());
        return;
    }
    let word = if answer.proven { "proven" } else { "not proven" };
    say(&format!("{} outlets: {}", answer.open.len(), names.join(" ")));
    say(&format!(
        "objective {}, bound {}, gap {:.3} % ({word}); {} clients unreachable; {} steps, {wall_s:.2} s",
        answer.objective,
        answer.bound,
        answer.gap_pct,
        answer.unreachable.len(),
        answer.steps
    ));
}

fn print_curve(args: &SitingArgs, tables: &Tables, points: &[CurvePoint], wall_s: f64) -> Outcome<()> {
    let bend = knee(points);
    // Under constraints outlets cannot be opened one by one, so there are no phases to tell.
    let nested = phases(&tables.problem, points).unwrap_or_default();
    for point in points {
        let names = tables.names(&point.open);
        let phase = nested.iter().find(|n| n.p == point.p);
        let opened = phase.map(|n| tables.names(&[n.site]).concat());
        if args.json {
            let line = json!({
                "model": "mclp", "p": point.p, "sites": names, "objective": point.objective, "bound": point.bound,
                "gap_pct": point.gap_pct, "proven": point.proven, "clients": point.clients,
                "kept": point.kept, "knee": bend == Some(point.p), "wall_s": wall_s,
                "nested": phase.map(|n| json!({
                    "opened": opened, "covered": n.covered, "added": n.added, "clients_added": n.clients_added,
                    "price": n.price,
                })),
            });
            say(&line.to_string());
            continue;
        }
        let knee_word = if bend == Some(point.p) { "  <- knee" } else { "" };
        say(&format!(
            "{:>4} outlets: covered {} of at most {} (gap {:.3} %), {} clients, {} outlets kept{knee_word}",
            point.p, point.objective, point.bound, point.gap_pct, point.clients, point.kept
        ));
    }
    if args.json {
        return Ok(());
    }
    for n in &nested {
        say(&format!(
            "phase {:>3}: opening {} adds {} clients (demand {}), covered {}; {} less than the free choice",
            n.p,
            tables.names(&[n.site]).concat(),
            n.clients_added,
            n.added,
            n.covered,
            n.price
        ));
    }
    Ok(())
}
