//! `caregrid plan`: the whole pipeline, audited before it becomes a plan.

use crate::base::Outcome;
use crate::cli::{Bar, print_json, print_line};
use crate::plan::{Draft, PlanOptions};
use crate::report::make_plan;
use crate::roster::Month;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Ruin-and-recreate iterations where the person names none: some seconds on a county.
pub const DEFAULT_STEPS: u64 = 800_000;

#[derive(Args)]
pub struct PlanArgs {
    /// Folder with the county's rosters (and its map)
    county: PathBuf,
    /// Folder to write the plan into
    #[arg(long)]
    out: PathBuf,
    /// The map (.osm.pbf or road file), if not the folder's own
    #[arg(long)]
    roads: Option<PathBuf>,
    /// The month to plan, like 2026-12; without it the coming one
    #[arg(long)]
    month: Option<String>,
    /// Number of open outlets, existing ones included; without it the fewest for all who can be reached
    #[arg(long)]
    outlets: Option<u32>,
    /// Plan of the month before
    #[arg(long)]
    previous: Option<PathBuf>,
    /// Seed of every random choice
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Iterations of the month's search
    #[arg(long)]
    steps: Option<u64>,
    /// Print plan.json on stdout
    #[arg(long)]
    json: bool,
}

/// Plans, audits, publishes, and prints the table of results.
pub fn run(args: &PlanArgs) -> Outcome<ExitCode> {
    let options = PlanOptions {
        roads: args.roads.clone(),
        month: args.month.as_deref().map_or_else(|| Ok(coming_month()), str::parse)?,
        outlets: args.outlets,
        chosen: None,
        previous: args.previous.clone(),
        locks: None,
        seed: args.seed,
        steps: args.steps.unwrap_or(DEFAULT_STEPS),
    };
    let draft = make_plan(&args.county, &args.out, &options, &Bar::stoppable())?;
    if args.json {
        let summary = serde_json::to_value(&draft.plan.summary).unwrap_or_default();
        print_json(&summary);
    } else {
        print_line(&results(&draft));
    }
    Ok(ExitCode::SUCCESS)
}

/// The month after today's, on China's clock (UTC+8, no summer time).
fn coming_month() -> Month {
    const CHINA: Duration = Duration::from_secs(8 * 3600);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + CHINA;
    let today = chrono::DateTime::from_timestamp_secs(now.as_secs() as i64).unwrap_or_default().date_naive();
    Month::of(Month::of(today).last() + chrono::Days::new(1))
}

/// The table of results a person reads in the terminal.
pub fn results(draft: &Draft) -> String {
    let s = &draft.plan.summary;
    let share = |n: u32| {
        format!(
            "{n} / {} ({:.1} %)",
            s.clients_total,
            100.0 * f64::from(n) / f64::from(s.clients_total.max(1))
        )
    };
    let proof = if s.siting.proven {
        "已证最优 proven".into()
    } else {
        format!("界 bound {} · gap {:.2} %", s.siting.bound, s.siting.gap_pct)
    };
    let exceptions: usize = draft.plan.grids.iter().map(|g| g.exceptions.len()).sum();
    let total_s = s.timings_ms.values().sum::<u64>() as f64 / 1000.0;
    let mut lines = vec![
        format!(
            "{} {}{}",
            s.county,
            s.month,
            if s.synthetic { "  示例数据，非真实道路与人员 (synthetic)" } else { "" }
        ),
        format!("  覆盖 served            {}", share(s.clients_served)),
        format!("  网点圈 outlet circle   {}", share(s.clients_in_outlet_circle)),
        format!("  网点 outlets           {} ({}: {proof})", s.outlets, s.siting.model),
        format!("  服务人员 caregivers    {} / {}", s.caregivers_used, draft.plan.caregivers.len()),
        format!(
            "  上门 visits            {} / {} (替补 backup {}, 未排 unplaced {}, 至少 bound {:.0})",
            s.visits_planned,
            s.visits_owed,
            s.visits_by_backup,
            s.unplaced,
            s.unplaced_bound.ceil()
        ),
        format!("  网格 grids             {} (例外 exceptions {exceptions})", draft.plan.grids.len()),
        format!("  路途 travel            {} h", s.travel_h),
    ];
    for (cause, n) in &s.gaps_by_cause {
        lines.push(format!("  缺口 gap               {n} {cause}"));
    }
    for (zh, en) in &draft.plan.notes {
        lines.push(format!("  注意 note              {zh} / {en}"));
    }
    lines.push(format!("  核验 audit             0 broken promises · {total_s:.1} s"));
    lines.join("\n")
}
