//! OR-Library p-median instances through the public library: `--example pmed -- FILES…`.
//! Prints one JSON object a file and one for the sum. Reading and shortest paths are not timed.

use caregrid::base::{ClientIx, Seconds, Silent, SiteIx};
use caregrid::plan::audit::check_certificate;
use caregrid::siting::{Model, Pair, SitingProblem, StopRule, solve};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let centre = std::env::args().any(|a| a == "--centre");
    let files: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let (mut sum, mut wall, mut proven, mut slowest) = (0, 0.0, 0, 0.0f64);
    for file in &files {
        let (problem, p) = read(&std::fs::read_to_string(file)?)
            .ok_or_else(|| format!("{file}: not an OR-Library graph"))?;
        let model = if centre { Model::PCentre { p } } else { Model::PMedian { p } };
        let start = Instant::now();
        let answer = solve(&problem, model, &StopRule::default(), &Silent)?;
        let wall_s = start.elapsed().as_secs_f64();
        let checked = check_certificate(&problem, &answer.certificate);
        let is_proven = answer.proven && checked.is_empty();
        if let Some(fault) = checked.first() {
            eprintln!("{file}: {fault}");
        }
        let name =
            std::path::Path::new(file).file_stem().map_or(file.clone(), |s| s.to_string_lossy().into_owned());
        let line = serde_json::json!({
            "file": name, "p": p, "objective": answer.objective, "bound": answer.bound,
            "proven": is_proven, "wall_s": wall_s, "steps": answer.steps,
        });
        println!("{line}");
        sum += answer.objective;
        wall += wall_s;
        slowest = slowest.max(wall_s);
        proven += u32::from(is_proven);
    }
    let line = serde_json::json!({
        "file": "sum", "files": files.len(), "objective": sum, "proven": proven, "wall_s": wall, "slowest_s": slowest,
    });
    println!("{line}");
    Ok(())
}

/// The graph of an OR-Library file as an instance where every node is client and site, with its p. A repeated edge
/// overwrites the earlier one.
fn read(text: &str) -> Option<(SitingProblem, u32)> {
    let mut numbers = text.split_whitespace().map(str::parse::<u32>);
    let mut next = || numbers.next()?.ok();
    let (nodes, edges, p) = (next()? as usize, next()?, next()?);
    let mut d = vec![u32::MAX / 2; nodes * nodes];
    for _ in 0..edges {
        let (a, b, length) = (next()? as usize - 1, next()? as usize - 1, next()?);
        d[a * nodes + b] = length;
        d[b * nodes + a] = length;
    }
    (0..nodes).for_each(|i| d[i * nodes + i] = 0);
    for k in 0..nodes {
        for i in 0..nodes {
            let via = d[i * nodes + k];
            for j in 0..nodes {
                d[i * nodes + j] = d[i * nodes + j].min(via + d[k * nodes + j]);
            }
        }
    }
    let pair = |i: usize| Pair {
        client: ClientIx::of(i / nodes),
        site: SiteIx::of(i % nodes),
        travel: Seconds(d[i]),
    };
    let pairs = (0..nodes * nodes).filter(|&i| d[i] < u32::MAX / 2).map(pair).collect();
    Some((
        SitingProblem { sites: nodes as u32, weights: vec![1; nodes], pairs, ..SitingProblem::default() },
        p,
    ))
}
