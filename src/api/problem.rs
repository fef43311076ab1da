//! Every error as `application/problem+json` (RFC 9457): the sentence in Chinese in `detail`, in English in `detail_en`.

use crate::base::Fault;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An error on its way out.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    zh: String,
    en: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, zh: impl Into<String>, en: impl Into<String>) -> Problem {
        Problem { status, zh: zh.into(), en: en.into() }
    }

    /// The request is malformed.
    pub(super) fn bad(zh: impl Into<String>, en: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, zh, en)
    }

    /// There is no such thing.
    pub(super) fn missing(what: &str) -> Problem {
        Problem::new(
            StatusCode::NOT_FOUND,
            format!("没有“{what}”，可用路径见 /api。"),
            format!("there is no '{what}'; /api lists what there is."),
        )
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Problem {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, fault.zh, fault.en)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "detail": self.zh,
            "detail_en": self.en,
        });
        let mut answer = (self.status, body.to_string()).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        answer.headers_mut().insert(header::CONTENT_TYPE, kind);
        answer
    }
}

/// An answer or a problem.
pub(super) type Answer = Result<Response, Problem>;
