//! The page's files, embedded at build time from `web/dist`; without them a plain sentence.

use crate::api::problem::{Answer, Problem};
use axum::http::{StatusCode, Uri, header};
use axum::response::IntoResponse;

/// A file of the built page.
pub(super) struct Asset {
    path: &'static str,
    etag: &'static str,
    body: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

const NO_PAGE: &str = "<!doctype html><html lang=\"zh\"><meta charset=\"utf-8\"><title>caregrid</title>\
<p>网页尚未构建：在 web 目录运行 npm ci 与 npm run build，再运行 cargo build。接口见 <a href=\"/api\">/api</a>。</p>\
<p>The page is not built: run npm ci and npm run build in web, then cargo build. The API is at <a href=\"/api\">/api</a>.</p>";

/// Serves the page (`/`), one of its files, or the problem that there is no such path.
pub(super) async fn file(uri: Uri) -> Answer {
    let path = uri.path().trim_start_matches('/');
    let path = if path.is_empty() { "index.html" } else { path };
    if path == "index.html" && ASSETS.is_empty() {
        let head = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
        return Ok((StatusCode::OK, head, NO_PAGE).into_response());
    }
    let asset = ASSETS.iter().find(|a| a.path == path).ok_or_else(|| Problem::missing(uri.path()))?;
    // Names under assets/ carry a hash of their content, so they never change.
    let keep = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let head =
        [(header::CONTENT_TYPE, kind(path)), (header::CACHE_CONTROL, keep), (header::ETAG, asset.etag)];
    Ok((head, asset.body).into_response())
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ttf" => "font/ttf",
        "woff2" => "font/woff2",
        "json" | "map" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
