//! Datums of Chinese rosters, converted at the door: GCJ-02, BD-09 and Gauss-Krüger 3° zones to WGS 84.
//!
//! CGCS2000 differs from WGS 84 by centimetres and counts as equal. GCJ-02 shifts a home by hundreds of metres, which no
//! snap limit catches, so a list is also compared with the roads ([`detect_datum`]); that warns and never converts by itself.

use crate::base::LonLat;
use std::f64::consts::PI;

/// What the two numbers of a coordinate mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Datum {
    /// WGS 84 or CGCS2000 degrees.
    Wgs84,
    /// GCJ-02 degrees (Gaode, Tencent).
    Gcj02,
    /// BD-09 degrees (Baidu).
    Bd09,
    /// Gauss-Krüger metres, easting then northing, on CGCS2000 around this central meridian in degrees; an easting with a
    /// zone number in front is understood.
    GaussKruger(u8),
}

impl Datum {
    /// The datum of a word in `county.toml`: `WGS84`, `CGCS2000`, `GCJ-02`, `BD-09`, `GK105` (or `EPSG:4544`, `EPSG:4523`).
    #[must_use]
    pub fn of_word(word: &str) -> Option<Datum> {
        let plain: String =
            word.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
        match plain.as_str() {
            "WGS84" | "CGCS2000" | "EPSG4326" | "EPSG4490" => Some(Datum::Wgs84),
            "GCJ02" => Some(Datum::Gcj02),
            "BD09" => Some(Datum::Bd09),
            _ => {
                let meridian = match plain.strip_prefix("EPSG").and_then(|n| n.parse::<u16>().ok()) {
                    // EPSG:4513-4533 are the zones 25-45, EPSG:4534-4554 the same meridians without zone number.
                    Some(code @ 4513..=4533) => (code - 4513 + 25) * 3,
                    Some(code @ 4534..=4554) => (code - 4534 + 25) * 3,
                    _ => plain.strip_prefix("GK")?.parse().ok()?,
                };
                let in_china = (75..=135).contains(&meridian) && meridian % 3 == 0;
                in_china.then_some(Datum::GaussKruger(meridian as u8))
            }
        }
    }

    /// The word that [`Datum::of_word`] understands.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Datum::Wgs84 => "WGS84".into(),
            Datum::Gcj02 => "GCJ-02".into(),
            Datum::Bd09 => "BD-09".into(),
            Datum::GaussKruger(meridian) => format!("GK{meridian}"),
        }
    }

    /// The place on WGS 84 of two numbers as written (longitude and latitude, or easting and northing); `None` off the earth.
    #[must_use]
    pub fn to_wgs84(self, x: f64, y: f64) -> Option<LonLat> {
        let written = LonLat { lon: x, lat: y };
        let at = match self {
            Datum::GaussKruger(meridian) => return from_gauss_kruger(x, y, f64::from(meridian)),
            _ if !written.is_on_earth() => return None,
            Datum::Wgs84 => written,
            Datum::Gcj02 => invert(written, to_gcj02),
            Datum::Bd09 => invert(written, |p| gcj02_to_bd09(to_gcj02(p))),
        };
        at.is_on_earth().then_some(at)
    }

    /// The degrees a map service of this datum shows for a place; Gauss-Krüger shows none.
    #[must_use]
    pub fn shown(self, at: LonLat) -> Option<LonLat> {
        match self {
            Datum::Wgs84 => Some(at),
            Datum::Gcj02 => Some(to_gcj02(at)),
            Datum::Bd09 => Some(gcj02_to_bd09(to_gcj02(at))),
            Datum::GaussKruger(_) => None,
        }
    }
}

/// The shift of GCJ-02, in its published public form; outside China there is none.
fn to_gcj02(p: LonLat) -> LonLat {
    if !(72.004..=137.8347).contains(&p.lon) || !(0.8293..=55.8271).contains(&p.lat) {
        return p;
    }
    // Krasovsky 1940.
    const A: f64 = 6_378_245.0;
    const E2: f64 = 0.006_693_421_622_965_943;
    let (x, y) = (p.lon - 105.0, p.lat - 35.0);
    let wave = |scale: f64, a: f64, b: f64| scale * ((a * PI).sin() + 2.0 * (b * PI).sin());
    let common = (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0;
    let root = x.abs().sqrt();
    let lat = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + common
        + wave(20.0 * 2.0 / 3.0, y, y / 3.0)
        + (160.0 * (y / 12.0 * PI).sin() + 320.0 * (y * PI / 30.0).sin()) * 2.0 / 3.0;
    let lon = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + common
        + wave(20.0 * 2.0 / 3.0, x, x / 3.0)
        + (150.0 * (x / 12.0 * PI).sin() + 300.0 * (x / 30.0 * PI).sin()) * 2.0 / 3.0;
    let sin = p.lat.to_radians().sin();
    let w = 1.0 - E2 * sin * sin;
    LonLat {
        lon: p.lon + lon / (A / w.sqrt() * p.lat.to_radians().cos()).to_radians(),
        lat: p.lat + lat / (A * (1.0 - E2) / (w * w.sqrt())).to_radians(),
    }
}

fn gcj02_to_bd09(p: LonLat) -> LonLat {
    let k = PI * 3000.0 / 180.0;
    let z = p.lon.hypot(p.lat) + 0.000_02 * (p.lat * k).sin();
    let theta = p.lat.atan2(p.lon) + 0.000_003 * (p.lon * k).cos();
    LonLat { lon: z * theta.cos() + 0.0065, lat: z * theta.sin() + 0.006 }
}

/// The place that `forward` shows as `shown`, by fixed-point iteration (the shifts change by 1e-4 of the way at most).
fn invert(shown: LonLat, forward: impl Fn(LonLat) -> LonLat) -> LonLat {
    let mut at = shown;
    for _ in 0..20 {
        let seen = forward(at);
        let step = (shown.lon - seen.lon, shown.lat - seen.lat);
        at = LonLat { lon: at.lon + step.0, lat: at.lat + step.1 };
        // A ten-thousandth of a millimetre.
        if step.0.abs().max(step.1.abs()) < 1e-12 {
            break;
        }
    }
    at
}

/// Inverse transverse Mercator on CGCS2000 (Krüger's series in n, to the fourth order), false easting 500 km, scale 1.
fn from_gauss_kruger(x: f64, y: f64, meridian: f64) -> Option<LonLat> {
    const A: f64 = 6_378_137.0;
    const F: f64 = 1.0 / 298.257_222_101;
    let zone = (x / 1e6).floor();
    let easting = if zone > 0.0 { x - zone * 1e6 } else { x };
    let fits_zone = zone <= 0.0 || zone * 3.0 == meridian;
    if !fits_zone || !(100_000.0..=900_000.0).contains(&easting) || !(0.0..=6_700_000.0).contains(&y) {
        return None;
    }
    let n = F / (2.0 - F);
    let (n2, n3, n4) = (n * n, n * n * n, n * n * n * n);
    let mean_radius = A / (1.0 + n) * (1.0 + n2 / 4.0 + n4 / 64.0);
    let beta = [
        n / 2.0 - 2.0 * n2 / 3.0 + 37.0 * n3 / 96.0 - n4 / 360.0,
        n2 / 48.0 + n3 / 15.0 - 437.0 * n4 / 1440.0,
        17.0 * n3 / 480.0 - 37.0 * n4 / 840.0,
        4397.0 * n4 / 161_280.0,
    ];
    let (xi, eta) = (y / mean_radius, (easting - 500_000.0) / mean_radius);
    let (mut xi1, mut eta1) = (xi, eta);
    for (j, b) in (1..).zip(beta) {
        let twice = 2.0 * f64::from(j);
        xi1 -= b * (twice * xi).sin() * (twice * eta).cosh();
        eta1 -= b * (twice * xi).cos() * (twice * eta).sinh();
    }
    // From the conformal to the geographic latitude, by Newton-like iteration.
    let chi = (xi1.sin() / eta1.cosh()).asin();
    let e = (F * (2.0 - F)).sqrt();
    let mut lat = chi;
    for _ in 0..8 {
        lat = (chi.tan().asinh() + e * (e * lat.sin()).atanh()).sinh().atan();
    }
    let lon = meridian + eta1.sinh().atan2(xi1.cos()).to_degrees();
    Some(LonLat { lon, lat: lat.to_degrees() }).filter(|p| p.is_on_earth())
}

/// A datum and how a place as written becomes WGS 84 under it; `None`: it does not.
pub type Hypothesis<'a> = (Datum, &'a dyn Fn(LonLat) -> Option<LonLat>);

/// What a list's distances to the roads say about its datum.
#[derive(Debug, Clone, PartialEq)]
pub struct DatumVerdict {
    /// The median distance to the nearest road in metres, by hypothesis; infinite where most places have none within reach.
    pub medians: Vec<(Datum, f64)>,
    /// The datum the list is in; `None`: cannot tell.
    pub datum: Option<Datum>,
    /// That the best hypothesis is nearer to the roads than the second not by chance, 0 to 1 (one-sided normal).
    pub confidence: f64,
}

/// Farther than this, a road is simply not near: one lonely house must not outweigh the list.
const FAR_M: f64 = 200.0;
/// Standard errors between the best hypothesis and each other one.
const LEAST_Z: f64 = 2.25;
/// Metres between them: in a dense street grid every shift ends near some street.
const LEAST_GAP_M: f64 = 20.0;
/// Fewer rows say nothing.
const LEAST_ROWS: usize = 20;

/// Compares the hypotheses about a list: `hypotheses` turn a place as written into WGS 84, `nearest_m` is the distance to the
/// nearest road in metres, `None` if there is none within its reach. The distances, cut at 200 m, are compared in pairs
/// (paired t statistic). Says "cannot tell" rather than something wrong.
#[must_use]
pub fn detect_datum(
    written: &[LonLat],
    hypotheses: &[Hypothesis<'_>],
    nearest_m: &dyn Fn(LonLat) -> Option<f64>,
) -> DatumVerdict {
    let distance =
        |to: &dyn Fn(LonLat) -> Option<LonLat>, p: LonLat| to(p).and_then(nearest_m).unwrap_or(f64::INFINITY);
    let rows: Vec<(Datum, Vec<f64>)> =
        hypotheses.iter().map(|(d, to)| (*d, written.iter().map(|p| distance(to, *p)).collect())).collect();
    let medians = rows.iter().map(|(datum, all)| (*datum, median(all))).collect();
    let mut ranked: Vec<(Datum, Vec<f64>, f64)> = rows
        .into_iter()
        .map(|(datum, all)| {
            let cut: Vec<f64> = all.into_iter().map(|d| d.min(FAR_M)).collect();
            let mean = cut.iter().sum::<f64>() / cut.len().max(1) as f64;
            (datum, cut, mean)
        })
        .collect();
    ranked.sort_by(|a, b| a.2.total_cmp(&b.2));
    let Some(((best, near, mean), others)) = ranked.split_first().filter(|(_, o)| !o.is_empty()) else {
        return DatumVerdict { medians, datum: None, confidence: 0.0 };
    };
    let z = others.iter().map(|o| paired_z(&o.1, near)).fold(f64::INFINITY, f64::min);
    let clear = z >= LEAST_Z && others[0].2 - mean >= LEAST_GAP_M && written.len() >= LEAST_ROWS;
    DatumVerdict { medians, datum: clear.then_some(*best), confidence: normal_share(z) }
}

fn median(all: &[f64]) -> f64 {
    let mut sorted = all.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::INFINITY)
}

/// The mean of `a - b` in its standard errors.
fn paired_z(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    if n < 2.0 {
        return 0.0;
    }
    let mean = a.iter().zip(b).map(|(a, b)| a - b).sum::<f64>() / n;
    let spread = a.iter().zip(b).map(|(a, b)| (a - b - mean).powi(2)).sum::<f64>() / (n - 1.0);
    if mean == 0.0 { 0.0 } else { mean / (spread / n).sqrt().max(1e-9) }
}

/// The share of a standard normal below `z` (Abramowitz and Stegun 26.2.17, within 1e-7).
fn normal_share(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let tail = t
        * (0.319_381_530
            + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let above = tail * (-z * z / 2.0).exp() / (2.0 * PI).sqrt();
    if z >= 0.0 { 1.0 - above } else { above }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SplitMix64;

    const SEAT: LonLat = LonLat { lon: 105.06017, lat: 35.67181 };

    #[test]
    fn the_shifts_at_the_county_seat_are_those_measured() {
        let gcj = SEAT.metres_to(Datum::Gcj02.shown(SEAT).unwrap()).0;
        let bd = SEAT.metres_to(Datum::Bd09.shown(SEAT).unwrap()).0;
        assert!((240.0..=366.0).contains(&gcj) && (1_000.0..=1_170.0).contains(&bd), "{gcj} {bd}");
    }

    #[test]
    fn two_independent_implementations_show_the_same_place() {
        // Figures of coord-convert 0.2.1 (the published constants) and eviltransform 0.1.1 (a rounded ellipsoid).
        let figures = [
            (
                (105.06017, 35.67181),
                (105.063_764_725_2, 35.671_644_452_1),
                (105.063_764_786_0, 35.671_644_449_3),
                (105.070_388_535_3, 35.677_341_770_6),
            ),
            (
                (104.916986, 36.267558),
                (104.920_022_173_6, 36.267_224_210_7),
                (104.920_022_225_0, 36.267_224_205_1),
                (104.926_595_386_9, 36.273_072_979_3),
            ),
            (
                (105.48, 35.35),
                (105.483_923_073_3, 35.349_529_363_3),
                (105.483_923_139_7, 35.349_529_355_4),
                (105.490_310_179_5, 35.355_836_121_3),
            ),
            (
                (116.397, 39.909),
                (116.403_243_506_0, 39.910_403_397_3),
                (116.403_243_611_8, 39.910_403_421_1),
                (116.409_615_693_5, 39.916_744_221_7),
            ),
            (
                (87.6, 43.8),
                (87.602_838_972_3, 43.801_212_030_3),
                (87.602_839_020_3, 43.801_212_050_8),
                (87.609_210_151_8, 43.807_472_507_7),
            ),
        ];
        let place = |(lon, lat): (f64, f64)| LonLat { lon, lat };
        for (at, gcj, other_gcj, bd) in figures {
            let off = |datum: Datum, to| datum.shown(place(at)).unwrap().metres_to(place(to)).0;
            assert!(off(Datum::Gcj02, gcj) < 0.001 && off(Datum::Bd09, bd) < 0.001, "{at:?}");
            assert!(off(Datum::Gcj02, other_gcj) < 0.02, "{at:?}");
            let back = Datum::Gcj02.to_wgs84(gcj.0, gcj.1).unwrap().metres_to(place(at)).0;
            assert!(back < 0.001, "{at:?} {back}");
        }
    }

    #[test]
    fn the_inverse_is_exact_to_a_millimetre() {
        let mut random = SplitMix64::new(7);
        for _ in 0..2_000 {
            let p = LonLat { lon: 75.0 + 58.0 * random.unit(), lat: 18.0 + 35.0 * random.unit() };
            for datum in [Datum::Gcj02, Datum::Bd09] {
                let shown = datum.shown(p).unwrap();
                let back = datum.to_wgs84(shown.lon, shown.lat).unwrap();
                assert!(back.metres_to(p).0 < 0.001, "{datum:?} {p:?}");
            }
        }
        assert_eq!(Datum::Gcj02.to_wgs84(9.5, 47.1), Some(LonLat { lon: 9.5, lat: 47.1 }));
    }

    #[test]
    fn gauss_kruger_metres_become_degrees() {
        // On the central meridian the northing is the meridian arc: 35 degrees are 3,874,592.902 m by quadrature.
        let at = Datum::GaussKruger(105).to_wgs84(500_000.0, 3_874_592.901_6).unwrap();
        assert!((at.lon - 105.0).abs() < 1e-12 && (at.lat - 35.0).abs() < 1e-8, "{at:?}");
        let zoned = Datum::GaussKruger(105).to_wgs84(35_510_000.0, 3_950_000.0).unwrap();
        let plain = Datum::GaussKruger(105).to_wgs84(510_000.0, 3_950_000.0).unwrap();
        assert!(zoned.metres_to(plain).0 < 1e-6);
        // The map keeps lengths to 1 in 800,000 ten kilometres from the meridian.
        let east = Datum::GaussKruger(105).to_wgs84(511_000.0, 3_950_000.0).unwrap();
        assert!((plain.metres_to(east).0 - 1_000.0).abs() < 0.01);
        assert_eq!(Datum::GaussKruger(105).to_wgs84(105.06, 35.67), None);
        assert_eq!(Datum::of_word("EPSG:4523"), Some(Datum::GaussKruger(105)));
        assert_eq!(Datum::of_word("EPSG:4544"), Some(Datum::GaussKruger(105)));
        assert_eq!((Datum::of_word("GCJ-02"), Datum::of_word("unknown")), (Some(Datum::Gcj02), None));
    }

    #[test]
    fn a_list_near_roads_names_its_datum_and_a_dense_town_cannot_tell() {
        // Country roads every 3 km, houses within 150 m of one; and streets every 80 m.
        let metres = |p: LonLat| ((p.lon - 105.0) * 90_000.0, (p.lat - 35.5) * 111_000.0);
        let to_line = |v: f64, every: f64| (v - (v / every).round() * every).abs();
        let grid =
            |every: f64| move |p: LonLat| Some(to_line(metres(p).0, every).min(to_line(metres(p).1, every)));
        let mut random = SplitMix64::new(3);
        let wgs = |p: LonLat| Datum::Wgs84.to_wgs84(p.lon, p.lat);
        let gcj = |p: LonLat| Datum::Gcj02.to_wgs84(p.lon, p.lat);
        let bd = |p: LonLat| Datum::Bd09.to_wgs84(p.lon, p.lat);
        let hypotheses: [Hypothesis; 3] = [(Datum::Wgs84, &wgs), (Datum::Gcj02, &gcj), (Datum::Bd09, &bd)];
        let mut right = 0;
        for trial in 0..60 {
            let truth = [Datum::Wgs84, Datum::Gcj02, Datum::Bd09][trial % 3];
            let homes = |random: &mut SplitMix64| -> Vec<LonLat> {
                let house = |random: &mut SplitMix64| {
                    let along = 40_000.0 * random.unit();
                    let aside = 3_000.0 * (1 + random.below(12)) as f64 + 300.0 * (random.unit() - 0.5);
                    let (x, y) = if random.below(2) == 0 { (along, aside) } else { (aside, along) };
                    LonLat { lon: 105.0 + x / 90_000.0, lat: 35.5 + y / 111_000.0 }
                };
                (0..50).filter_map(|_| truth.shown(house(random))).collect()
            };
            let written = homes(&mut random);
            let verdict = detect_datum(&written, &hypotheses, &grid(3_000.0));
            assert!(
                verdict.datum.is_none() || verdict.datum == Some(truth),
                "wrong in trial {trial}: {verdict:?}"
            );
            right += u32::from(verdict.datum == Some(truth));
            assert_eq!(detect_datum(&written, &hypotheses, &grid(80.0)).datum, None);
        }
        assert!(right >= 59, "{right} of 60");
        assert!((normal_share(1.96) - 0.975).abs() < 1e-4 && (normal_share(-1.0) - 0.158_655).abs() < 1e-5);
    }
}
