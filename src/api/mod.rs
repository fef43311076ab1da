//! Floor `api`: the plan over HTTP. Loopback by default, GeoJSON for reads, problem+json for every error, no outside request.

mod assets;
mod collections;
mod drop;
mod intake;
mod jobs;
mod listen;
mod live;
mod openapi;
mod plans;
mod problem;
mod query;
mod routes;
mod scenarios;
mod state;
mod tiles;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_live;

use crate::base::{Fault, Outcome, Progress};
use state::{Desk, House};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is served, and where.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The plan folder.
    pub plan: &'a Path,
    /// County folder that dropped rosters go to; `None`: one beside the plan, named after it.
    pub county: Option<&'a Path>,
    /// Address.
    pub bind: IpAddr,
    /// Port; 0 takes a free one.
    pub port: u16,
}

/// Serves a plan and the page until Ctrl-C or SIGTERM; open connections get 4 s to finish.
/// The address is written to stderr once the page can be opened.
///
/// # Errors
/// The folder is not a plan, the port is in use, or the address cannot be bound.
pub fn serve(place: &Place<'_>, progress: &dyn Progress) -> Outcome<()> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(|e| {
            Fault::refused(format!("无法启动服务：{e}。"), format!("the server cannot start: {e}."))
        })?;
    let listener = runtime.block_on(listen::bind(SocketAddr::new(place.bind, place.port)))?;
    progress.report("open plan", 0, 0);
    let county = place.county.map_or_else(|| beside(place.plan, "county"), Path::to_path_buf);
    let desk = Arc::new(Desk::new(House::open(place.plan, place.bind.is_loopback())?, county));
    let loader = desk.current();
    runtime.spawn_blocking(move || loader.load_roads());
    let address = listener.local_addr().map_err(|e| {
        Fault::refused(format!("无法读取监听地址：{e}。"), format!("the address is unknown: {e}."))
    })?;
    eprintln!("http://{address}/");
    runtime.block_on(listen::accept(listener, routes::router(Arc::clone(&desk))));
    desk.jobs.cancel_all();
    runtime.shutdown_timeout(std::time::Duration::from_millis(500));
    Ok(())
}

/// A path beside a folder, named after it: `plan` gives `plan-county`.
fn beside(folder: &Path, what: &str) -> PathBuf {
    let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
    let name = whole.file_name().unwrap_or_default().to_string_lossy().into_owned();
    whole.with_file_name(format!("{name}-{what}"))
}
