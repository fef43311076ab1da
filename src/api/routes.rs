//! The router, and what holds for every answer: security headers, 304, a time limit, errors as problems.

use crate::api::drop::MOST_BYTES;
use crate::api::problem::Problem;
use crate::api::state::{Desk, Shared};
use crate::api::{assets, collections, intake, jobs, live, openapi, plans, scenarios, tiles};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use std::sync::Arc;
use std::time::Duration;

/// Everything from this server, nothing inline, nothing framed.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
font-src 'self'; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// An answer takes at most this long, a slow upload included.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);

/// All routes of the interface.
pub(super) fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/collections", get(collections::list))
        .route("/collections/{id}/items", get(collections::items))
        .route("/plans", get(plans::list))
        .route("/plans/current", put(plans::choose))
        .route("/plans/{id}/{part}", get(plans::part))
        .route("/whatif", post(live::whatif))
        .route("/remedies", get(live::remedies))
        .route("/scenarios", get(scenarios::list).post(scenarios::create))
        .route("/scenarios/undo", post(scenarios::undo))
        .route("/scenarios/redo", post(scenarios::redo))
        .route("/scenarios/{id}", get(scenarios::one).put(scenarios::replace).delete(scenarios::remove))
        .route("/compare", get(scenarios::compare))
        .route("/curve", get(live::curve))
        .route("/isochrones", get(live::isochrones))
        .route("/intake", get(intake::preview))
        .route(
            "/intake/files",
            post(intake::add).layer(DefaultBodyLimit::max(MOST_BYTES)).delete(intake::forget),
        )
        .route("/intake/mapping", post(intake::mapping))
        .route("/intake/place", post(intake::place))
        .route("/intake/duplicate", post(intake::duplicate))
        .route("/intake/problems", get(intake::problems))
        .route("/intake/accept", post(intake::accept))
        .route("/jobs", get(jobs::list).post(jobs::create))
        .route("/jobs/{id}", get(jobs::one).delete(jobs::cancel))
        .route("/tiles/roads/{z}/{x}/{y}", get(tiles::roads))
        .route("/api", get(openapi::document))
        .fallback(assets::file)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(1 << 20))
        .layer(from_fn_with_state(Arc::clone(&desk), only_this_host))
        .layer(from_fn(guard))
        .with_state(Shared(desk))
}

async fn wrong_method(uri: Uri) -> Problem {
    let path = uri.path();
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        format!("{path} 不接受这种请求方法，见 /api。"),
        format!("{path} does not take this method; see /api."),
    )
}

/// A page elsewhere must not reach a loopback server through a name it points here (DNS rebinding).
async fn only_this_host(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').filter(|(_, p)| p.parse::<u16>().is_ok()).map_or(host, |(n, _)| n);
    if desk.loopback && !["localhost", "127.0.0.1", "[::1]", "::1"].contains(&name) {
        return Problem::new(
            StatusCode::FORBIDDEN,
            "本服务只接受本机地址的访问。",
            "this server answers only to this machine's own address.",
        )
        .into_response();
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD) || request.uri().path() == "/whatif";
    if !desk.loopback && !reads {
        return Problem::new(
            StatusCode::FORBIDDEN,
            "方案只能在本机上更改。",
            "plans are changed on this machine only.",
        )
        .into_response();
    }
    next.run(request).await
}

async fn guard(request: Request, next: Next) -> Response {
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let answer = tokio::time::timeout(ANSWER_LIMIT, next.run(request)).await;
    let mut answer = answer.unwrap_or_else(|_| {
        Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "请求超时，请重试。",
            "the request took too long; try again.",
        )
        .into_response()
    });
    if is_bare_error(&answer) {
        answer = bare(answer.status()).into_response();
    }
    if answer.status() == StatusCode::OK && known.is_some_and(|k| matches(&k, answer.headers())) {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        *answer.body_mut() = axum::body::Body::empty();
        answer.headers_mut().remove(header::CONTENT_LENGTH);
    }
    let head = answer.headers_mut();
    head.entry("content-security-policy").or_insert(HeaderValue::from_static(POLICY));
    head.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    head.insert("referrer-policy", HeaderValue::from_static("no-referrer"));
    head.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    head.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    head.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    answer
}

/// An error of the framework's own, such as a path that is not UTF-8 or a body that is too large.
fn is_bare_error(answer: &Response) -> bool {
    let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|k| k.to_str().ok()).unwrap_or_default();
    let status = answer.status();
    (status.is_client_error() || status.is_server_error()) && !kind.starts_with("application/problem+json")
}

fn bare(status: StatusCode) -> Problem {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(status, "发送的内容过大。", "what was sent is too large.")
        }
        _ => Problem::new(status, "请求无法解析。", "the request cannot be read."),
    }
}

fn matches(known: &HeaderValue, head: &HeaderMap) -> bool {
    let (Ok(known), Some(Ok(tag))) = (known.to_str(), head.get(header::ETAG).map(HeaderValue::to_str)) else {
        return false;
    };
    known.split(',').any(|k| k.trim() == "*" || k.trim().trim_start_matches("W/") == tag)
}
