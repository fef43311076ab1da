//! Places on WGS 84.

use crate::base::Metres;
use serde::{Deserialize, Serialize};

/// A place in degrees on WGS 84 (CGCS2000 differs by centimetres and counts as equal).
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
pub struct LonLat {
    /// Degrees east, -180 to 180.
    pub lon: f64,
    /// Degrees north, -90 to 90.
    pub lat: f64,
}

/// Metres per degree of longitude and of latitude at `lat_deg`, from the prime-vertical and meridian radii of WGS 84.
/// Within 0.01 % of the geodesic for road segments.
#[must_use]
pub fn metres_per_degree(lat_deg: f64) -> (f64, f64) {
    const A: f64 = 6_378_137.0;
    const E2: f64 = 0.006_694_379_990_141_316_5;
    let (sin, cos) = lat_deg.to_radians().sin_cos();
    let w = 1.0 - E2 * sin * sin;
    ((A / w.sqrt()).to_radians() * cos, (A * (1.0 - E2) / (w * w.sqrt())).to_radians())
}

impl LonLat {
    /// Straight length to `other` by the local ellipsoidal formula; for neighbouring places (up to tens of kilometres).
    #[must_use]
    pub fn metres_to(self, other: LonLat) -> Metres {
        let (x, y) = metres_per_degree((self.lat + other.lat) / 2.0);
        Metres((x * (other.lon - self.lon)).hypot(y * (other.lat - self.lat)))
    }

    /// Both coordinates are finite and in range.
    #[must_use]
    pub fn is_on_earth(self) -> bool {
        self.lon.abs() <= 180.0 && self.lat.abs() <= 90.0
    }
}

/// A rectangle in degrees; it does not cross the antimeridian.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// South-west corner.
    pub min: LonLat,
    /// North-east corner.
    pub max: LonLat,
}

impl Bounds {
    /// The smallest rectangle around `places`; `None` if there are none.
    pub fn around(places: impl IntoIterator<Item = LonLat>) -> Option<Bounds> {
        places.into_iter().fold(None, |acc: Option<Bounds>, p| {
            let b = acc.unwrap_or(Bounds { min: p, max: p });
            Some(Bounds {
                min: LonLat { lon: b.min.lon.min(p.lon), lat: b.min.lat.min(p.lat) },
                max: LonLat { lon: b.max.lon.max(p.lon), lat: b.max.lat.max(p.lat) },
            })
        })
    }

    /// The place lies in the rectangle, borders included.
    #[must_use]
    pub fn contains(&self, p: LonLat) -> bool {
        (self.min.lon..=self.max.lon).contains(&p.lon) && (self.min.lat..=self.max.lat).contains(&p.lat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_degree_at_the_equator_and_at_the_pole() {
        let (x, y) = metres_per_degree(0.0);
        assert!((x - 111_319.49).abs() < 0.01 && (y - 110_574.27).abs() < 0.02, "{x} {y}");
        let (x, y) = metres_per_degree(90.0);
        assert!(x.abs() < 1e-6 && (y - 111_693.97).abs() < 0.06, "{x} {y}");
    }
}
