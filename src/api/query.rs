//! Query parameters, strictly: an unknown one is an error, never ignored.

use crate::api::problem::Problem;
use crate::base::{Bounds, LonLat};
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};

/// Largest page of a collection.
pub(super) const MOST_ITEMS: usize = 10_000;

/// The query's pairs, decoded, in order.
#[derive(Debug, Default)]
pub(super) struct Asked(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Asked, Problem> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|_| Problem::bad("查询参数无法解析。", "the query string cannot be read."))?;
        Ok(Asked(pairs.0))
    }
}

impl Asked {
    /// Fails if a parameter is not one of `known`, or comes twice.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        for (at, (name, _)) in self.0.iter().enumerate() {
            if !known.contains(&name.as_str()) || self.0[..at].iter().any(|(n, _)| n == name) {
                let list = known.join(" ");
                return Err(Problem::bad(
                    format!("参数“{name}”未知或重复，可用：{list}。"),
                    format!("the parameter '{name}' is unknown or repeated; there are: {list}."),
                ));
            }
        }
        Ok(())
    }

    /// A parameter's text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// A whole number of at most `most`.
    pub(super) fn number(&self, name: &str, default: usize, most: usize) -> Result<usize, Problem> {
        let Some(text) = self.text(name) else { return Ok(default) };
        text.parse().ok().filter(|n| *n <= most).ok_or_else(|| {
            Problem::bad(
                format!("{name} 应为 0 到 {most} 的整数。"),
                format!("{name} should be a whole number from 0 to {most}."),
            )
        })
    }

    /// `bbox=west,south,east,north` in degrees.
    pub(super) fn bbox(&self) -> Result<Option<Bounds>, Problem> {
        let Some(text) = self.text("bbox") else { return Ok(None) };
        let wrong = || {
            Problem::bad(
                "bbox 应为“西,南,东,北”四个度数。",
                "bbox should be west,south,east,north in degrees.",
            )
        };
        let n = numbers(text).ok_or_else(wrong)?;
        let &[west, south, east, north] = n.as_slice() else { return Err(wrong()) };
        let (min, max) = (LonLat { lon: west, lat: south }, LonLat { lon: east, lat: north });
        let right = min.is_on_earth() && max.is_on_earth() && west <= east && south <= north;
        right.then_some(Some(Bounds { min, max })).ok_or_else(wrong)
    }

    /// `name=lon,lat` in degrees.
    pub(super) fn place(&self, name: &str) -> Result<LonLat, Problem> {
        let wrong = || {
            Problem::bad(
                format!("{name} 应为“经度,纬度”，例如 {name}=105.05,35.69。"),
                format!("{name} should be lon,lat, such as {name}=105.05,35.69."),
            )
        };
        let n = self.text(name).and_then(numbers).ok_or_else(wrong)?;
        let &[lon, lat] = n.as_slice() else { return Err(wrong()) };
        let place = LonLat { lon, lat };
        place.is_on_earth().then_some(place).ok_or_else(wrong)
    }
}

/// A value as it may stand in a query string: letters, digits and `-_.,` as they are, the rest as %XX.
pub(super) fn in_query(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.,".contains(&b);
    value.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// A body as JSON of exactly the shape asked for.
pub(super) struct Json<T>(pub(super) T);

impl<S: Send + Sync, T: serde::de::DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, state: &S) -> Result<Json<T>, Problem> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|k| k.to_str().ok()).unwrap_or_default();
        // A form on another site cannot send this type without asking first, and it is not allowed to.
        if !kind.starts_with("application/json") {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "请求体应为 application/json。",
                "the body should be application/json.",
            ));
        }
        let body = axum::body::Bytes::from_request(request, state).await.map_err(|e| {
            Problem::new(e.status(), "请求体过大或未收全。", "the body is too large or did not arrive whole.")
        })?;
        serde_json::from_slice(&body).map(Json).map_err(|e| {
            Problem::bad(format!("请求体无法解析：{e}。"), format!("the body cannot be read: {e}."))
        })
    }
}

fn numbers(text: &str) -> Option<Vec<f64>> {
    text.split(',').map(|w| w.trim().parse::<f64>().ok().filter(|n| n.is_finite())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&str, &str)]) -> Asked {
        Asked(pairs.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect())
    }

    #[test]
    fn an_unknown_or_repeated_parameter_is_an_error() {
        assert!(asked(&[("limit", "5")]).only(&["limit"]).is_ok());
        assert!(asked(&[("colour", "red")]).only(&["limit"]).is_err());
        assert!(asked(&[("limit", "5"), ("limit", "6")]).only(&["limit"]).is_err());
    }

    #[test]
    fn a_box_that_is_inside_out_or_not_a_number_is_an_error() {
        assert!(asked(&[("bbox", "105,35,106,36")]).bbox().unwrap().is_some());
        for wrong in ["106,35,105,36", "105,35,106", "a,b,c,d", "105,35,NaN,36", "105,35,106,99"] {
            assert!(asked(&[("bbox", wrong)]).bbox().is_err(), "{wrong}");
        }
    }
}
