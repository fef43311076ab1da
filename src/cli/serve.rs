//! `caregrid serve` and `caregrid demo`.

use crate::api;
use crate::base::{Fault, Outcome};
use crate::cli::{Bar, plan, print_line};
use crate::plan::PlanOptions;
use crate::report::make_plan;
use clap::Args;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::process::ExitCode;

const PORT: u16 = 8620;

#[derive(Args)]
pub struct ServeArgs {
    /// A plan folder
    plan: PathBuf,
    /// Port
    #[arg(long, default_value_t = PORT)]
    port: u16,
    /// County folder that dropped rosters go to, with what is remembered of them; without it one beside the plan
    #[arg(long)]
    county: Option<PathBuf>,
    /// Address to listen on; anything but loopback shows clients' data to the network
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    bind: IpAddr,
}

/// Serves a plan until the person stops it.
pub fn run(args: &ServeArgs) -> Outcome<ExitCode> {
    let place =
        api::Place { plan: &args.plan, county: args.county.as_deref(), bind: args.bind, port: args.port };
    api::serve(&place, &Bar::default())?;
    Ok(ExitCode::SUCCESS)
}

#[derive(Args)]
pub struct DemoArgs {
    /// End after the table of results
    #[arg(long)]
    no_serve: bool,
    /// Port
    #[arg(long, default_value_t = PORT)]
    port: u16,
    /// Folder to write the plan into
    #[arg(long, default_value = "demo-plan")]
    out: PathBuf,
}

/// Plans the sample county and serves it.
pub fn demo(args: &DemoArgs) -> Outcome<ExitCode> {
    let options = PlanOptions {
        roads: None,
        month: "2026-12".parse()?,
        outlets: None,
        chosen: None,
        previous: None,
        locks: None,
        seed: 1,
        steps: plan::DEFAULT_STEPS,
    };
    let draft = make_plan(&sample_county()?, &args.out, &options, &Bar::stoppable())?;
    print_line(&plan::results(&draft));
    drop(draft);
    if !args.no_serve {
        let bind = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let place = api::Place { plan: &args.out, county: None, bind, port: args.port };
        api::serve(&place, &Bar::default())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The sample county stands in `data/sample`, beside the working folder or the program.
fn sample_county() -> Outcome<PathBuf> {
    let beside_program = std::env::current_exe().ok();
    let above = beside_program.iter().flat_map(|exe| exe.ancestors().skip(1).take(4)).map(PathBuf::from);
    let places = std::iter::once(PathBuf::from(".")).chain(above);
    let mut found = places.map(|p| p.join("data").join("sample")).filter(|p| p.is_dir());
    found.next().ok_or_else(|| {
        Fault::refused(
            "找不到示例县 data/sample，请在项目文件夹中运行。",
            "the sample county data/sample was not found; run this in the project's folder.",
        )
    })
}
