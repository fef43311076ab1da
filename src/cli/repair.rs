//! `caregrid repair`: few-change re-planning; the changes are shown, and the plan in force stays as it is.

use crate::base::{Fault, Outcome};
use crate::cli::{Bar, print_json, print_line};
use crate::plan::{Move, Plan, Repaired, Slot, Staging, read_events, repair};
use crate::report::publish;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Moves printed before the rest is counted.
const SHOWN: usize = 20;

#[derive(Args)]
pub struct RepairArgs {
    /// The plan in force; it is not changed
    plan: PathBuf,
    /// Events `date,kind,who,until`: leave, escort, new_client, gone, moved
    #[arg(long)]
    events: PathBuf,
    /// First day that may change (default: the first event); earlier days are frozen
    #[arg(long)]
    from: Option<String>,
    /// Folder to write the repaired plan into; without it the changes are only shown
    #[arg(long)]
    out: Option<PathBuf>,
    /// Print the changes as one JSON object on stdout
    #[arg(long)]
    json: bool,
}

/// Repairs a plan and shows what moves.
pub fn run(args: &RepairArgs) -> Outcome<ExitCode> {
    let from = args.from.as_deref().map(|word| {
        word.parse().map_err(|_| {
            Fault::usage(
                format!("--from“{word}”应写成 2026-12-07。"),
                format!("--from '{word}' should read like 2026-12-07."),
            )
        })
    });
    if args.out.as_ref().is_some_and(|out| out == &args.plan) {
        return Err(Fault::usage(
            "--out 不能是原方案文件夹；原方案保持不变，以便撤销。",
            "--out cannot be the plan in force; it stays as it is, so that the repair can be undone.",
        ));
    }
    let bar = Bar::stoppable();
    let staging = args.out.as_deref().map(Staging::begin).transpose()?;
    let Repaired { mut draft, changes, from } =
        repair(&args.plan, read_events(&args.events)?, from.transpose()?, None, &bar)?;
    if let Some(staging) = staging {
        draft = publish(staging, draft, &bar)?;
    }
    let (p, moved) = (&draft.plan, changes.moved());
    if args.json {
        let mut told = changes.to_json(p);
        told["from"] = from.to_string().into();
        told["month_ms"] = p.summary.timings_ms.get("month").copied().into();
        print_json(&told);
        return Ok(ExitCode::SUCCESS);
    }
    print_line(&format!(
        "{moved} / {} 次上门变动（受事件影响 {} 次）；{} 人换责任人员；未排 {} 次。 {moved} of {} visits move ({} could not stay); {} clients change their caregiver; {} visits unplaced.",
        changes.visits,
        changes.lost,
        changes.handed_over.len(),
        p.summary.unplaced,
        changes.visits,
        changes.lost,
        changes.handed_over.len(),
        p.summary.unplaced,
    ));
    changes.moves.iter().take(SHOWN).for_each(|m| print_line(&line(p, m)));
    if changes.moves.len() > SHOWN {
        print_line(&format!("  … 另有 {0} 项 and {0} more", changes.moves.len() - SHOWN));
    }
    match &args.out {
        Some(out) => print_line(&format!("已写出 written: {}", out.display())),
        None => print_line("未写出，加 --out 采用。 Nothing was written; take it over with --out."),
    }
    Ok(ExitCode::SUCCESS)
}

fn line(plan: &Plan, m: &Move) -> String {
    let slot =
        |s: Slot| s.map_or("—".into(), |(d, g)| format!("{d} {}", plan.county.caregivers[g.at()].id));
    format!("  {}  {} -> {}", plan.county.clients[m.client.at()].id, slot(m.was), slot(m.now))
}
