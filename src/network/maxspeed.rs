//! Posted limits in all their spellings, and durations of ferries.

use super::mode::Kmh;

/// Kilometres per mile and per nautical mile.
const MILE_KM: f64 = 1.609_344;
const KNOT_KM: f64 = 1.852;

/// The limit in km/h; of several the lowest; `None`: no limit, or one that cannot be read.
pub(super) fn posted_kmh(value: &str, words: &Kmh) -> Option<f64> {
    value.split([';', '|', ',']).filter_map(|v| one_limit(v.trim(), words)).reduce(f64::min)
}

fn one_limit(value: &str, words: &Kmh) -> Option<f64> {
    if let Some(kmh) = words.get(value) {
        return Some(*kmh).filter(|k| *k > 0.0);
    }
    let split = value.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(value.len());
    let number: f64 = value[..split].parse().ok()?;
    let factor = match value[split..].trim() {
        "" | "km/h" | "kmh" | "kph" | "km/hr" | "公里/小时" => 1.0,
        "mph" | "MPH" => MILE_KM,
        "knots" | "kn" => KNOT_KM,
        _ => return None,
    };
    Some(number * factor).filter(|k| (0.5..=400.0).contains(k))
}

/// Hours of `H:MM`, `H:MM:SS`, `MM` or ISO 8601 `PT1H30M`.
pub(super) fn duration_hours(value: &str) -> Option<f64> {
    let value = value.trim();
    let minutes = if let Some(iso) = value.strip_prefix("PT") {
        iso_minutes(iso)?
    } else {
        let parts: Vec<f64> =
            value.split(':').map(|p| p.parse::<u32>().ok().map(f64::from)).collect::<Option<_>>()?;
        match parts.as_slice() {
            [m] => *m,
            [h, m] => h * 60.0 + m,
            [h, m, s] => h * 60.0 + m + s / 60.0,
            _ => return None,
        }
    };
    (minutes > 0.0).then_some(minutes / 60.0)
}

fn iso_minutes(mut rest: &str) -> Option<f64> {
    let mut minutes = 0.0;
    while !rest.is_empty() {
        let split = rest.find(|c: char| !c.is_ascii_digit())?;
        let number = f64::from(rest[..split].parse::<u32>().ok()?);
        minutes += match rest.as_bytes()[split] {
            b'H' => number * 60.0,
            b'M' => number,
            b'S' => number / 60.0,
            _ => return None,
        };
        rest = &rest[split + 1..];
    }
    Some(minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_limit() {
        let words = Kmh::from([("CN:rural".into(), 70.0), ("walk".into(), 7.0)]);
        let table: [(&str, Option<f64>); 14] = [
            ("50", Some(50.0)),
            ("50 km/h", Some(50.0)),
            ("50km/h", Some(50.0)),
            ("30 mph", Some(30.0 * MILE_KM)),
            ("30mph", Some(30.0 * MILE_KM)),
            ("10 knots", Some(18.52)),
            ("CN:rural", Some(70.0)),
            ("walk", Some(7.0)),
            ("none", None),
            ("signals", None),
            ("50;30", Some(30.0)),
            ("0", None),
            ("-5", None),
            ("", None),
        ];
        for (value, kmh) in table {
            assert_eq!(posted_kmh(value, &words), kmh, "{value}");
        }
    }

    #[test]
    fn every_spelling_of_a_duration() {
        let table = [
            ("00:20", Some(20.0)),
            ("1:30", Some(90.0)),
            ("00:01:30", Some(1.5)),
            ("20", Some(20.0)),
            ("PT1H30M", Some(90.0)),
            ("PT45S", Some(0.75)),
            ("soon", None),
            ("0", None),
            ("PT1X", None),
        ];
        for (value, minutes) in table {
            assert_eq!(duration_hours(value).map(|h| h * 60.0), minutes, "{value}");
        }
    }
}
