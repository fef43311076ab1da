//! The accept loop: a header timeout, a cap on connections and a drain limit, which a bare server does not have.

use crate::base::{Fault, Outcome};
use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// A client that has not sent its request line and headers by then is cut off.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// Most connections at a time; more wait in the system's queue.
const MOST_CONNECTIONS: usize = 512;
/// After a stop signal, running answers get this long.
const DRAIN_LIMIT: Duration = Duration::from_secs(4);

/// Listens on `address`.
///
/// # Errors
/// The port is in use, or the address is not this machine's.
pub(super) async fn bind(address: SocketAddr) -> Outcome<TcpListener> {
    TcpListener::bind(address).await.map_err(|e| match e.kind() {
        std::io::ErrorKind::AddrInUse => Fault::refused(
            format!("端口 {} 已被占用，请关闭占用它的程序，或用 --port 换一个。", address.port()),
            format!(
                "port {} is in use; stop the program that uses it, or choose another with --port.",
                address.port()
            ),
        ),
        _ => Fault::refused(
            format!("无法监听 {address}（{e}），请检查 --bind 与 --port。"),
            format!("{address} cannot be listened on ({e}); check --bind and --port."),
        ),
    })
}

/// Serves connections until a stop signal, then lets them drain.
pub(super) async fn accept(listener: TcpListener, router: Router) {
    let slots = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let (tell, stop) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let mut signal = pin!(stop_signal());
    loop {
        let next = async {
            let permit = Arc::clone(&slots).acquire_owned().await;
            (listener.accept().await, permit)
        };
        tokio::select! {
            () = &mut signal => break,
            (accepted, permit) = next => {
                if let (Ok((stream, _)), Ok(permit)) = (accepted, permit) {
                    let (router, stop) = (router.clone(), stop.clone());
                    tasks.spawn(async move {
                        connection(stream, router, stop).await;
                        drop(permit);
                    });
                } else {
                    // Out of file descriptors: wait rather than spin.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        while tasks.try_join_next().is_some() {}
    }
    drop(listener);
    let _ = tell.send(true);
    let _ = tokio::time::timeout(DRAIN_LIMIT, async { while tasks.join_next().await.is_some() {} }).await;
    tasks.abort_all();
}

async fn connection(stream: TcpStream, router: Router, mut stop: watch::Receiver<bool>) {
    let _ = stream.set_nodelay(true);
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_buf_size(64 * 1024);
    let mut served = pin!(builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)));
    tokio::select! {
        _ = &mut served => {}
        _ = stop.changed() => {
            served.as_mut().graceful_shutdown();
            let _ = served.await;
        }
    }
}

async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).ok();
        let terminated = async {
            match term.as_mut() {
                Some(t) => t.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! { _ = interrupt => {}, _ = terminated => {} }
    }
    #[cfg(not(unix))]
    {
        let _ = interrupt.await;
    }
}
