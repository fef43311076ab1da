//! Floor `api`: the plan over HTTP. Loopback by default, GeoJSON for reads, problem+json for every error, no outside request.

mod assets;
mod collections;
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

use crate::base::{Fault, Outcome, Progress};
use state::{Desk, House};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

/// Serves the plan of `plan_dir` and the page until Ctrl-C or SIGTERM; open connections get 4 s to finish. Port 0 takes a free port.
/// The address is written to stderr once the page can be opened.
///
/// # Errors
/// The folder is not a plan, the port is in use, or the address cannot be bound.
pub fn serve(plan_dir: &Path, bind: IpAddr, port: u16, progress: &dyn Progress) -> Outcome<()> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(|e| {
            Fault::refused(format!("无法启动服务：{e}。"), format!("the server cannot start: {e}."))
        })?;
    let listener = runtime.block_on(listen::bind(SocketAddr::new(bind, port)))?;
    progress.report("open plan", 0, 0);
    let desk = Arc::new(Desk::new(House::open(plan_dir, bind.is_loopback())?));
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
