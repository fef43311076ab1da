//! What a mode makes of a way's tags.

use super::access::{Access, access};
use super::maxspeed::{duration_hours, posted_kmh};
use super::mode::{Kmh, MaxspeedRule, ModeFile, ModeRules};
use super::oneway::directions;
use super::tags::Tags;

/// Speeds of every way with one set of tags.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WayRule {
    /// Along and against the way; `None`: not allowed.
    pub kmh: [Option<f64>; 2],
    /// The tag that decided.
    pub reason: String,
    /// Open at the ends of a journey only.
    pub ends_only: bool,
    /// Duration of a ferry, which then sets its speed by the way's length.
    pub ferry_hours: Option<f64>,
}

impl WayRule {
    fn closed(reason: String) -> WayRule {
        WayRule { kmh: [None, None], reason, ends_only: false, ferry_hours: None }
    }

    /// The rule of `tags` in a mode.
    pub(super) fn of(tags: &Tags<'_>, mode: &ModeFile) -> WayRule {
        let rules = &mode.rules;
        let closed = |pair: &&String| pair.split_once('=').is_some_and(|(k, v)| tags.get(k) == Some(v));
        if let Some(pair) = rules.access.closed.iter().find(closed) {
            return WayRule::closed(pair.clone());
        }
        let access = access(tags, rules);
        if let Access::Denied(reason) = access {
            return WayRule::closed(reason);
        }
        let own = matches!(access, Access::Allowed { own: true } | Access::EndsOnly { own: true, .. });
        let mut rule = match (tags.get("highway"), tags.get("route")) {
            (Some(class), _) => match class_kmh(class, own, rules) {
                Some(kmh) => road(tags, class, kmh, rules),
                None => return WayRule::closed(format!("highway={class}")),
            },
            (None, Some("ferry")) => ferry(tags, rules),
            _ => return WayRule::closed("no highway".to_owned()),
        };
        if let Access::EndsOnly { reason, .. } = access {
            rule.ends_only = true;
            let value = reason.split_once('=').map_or("", |r| r.1);
            let caps = value.split(';').filter_map(|v| rules.access.ends_only_cap.get(v.trim()));
            if let Some(cap) = caps.copied().reduce(f64::min) {
                rule.kmh = rule.kmh.map(|k| k.map(|k| k.min(cap)));
            }
            rule.reason = format!("{}, {reason} at the ends only", rule.reason);
        }
        let (open, why) = directions(tags, &rules.oneway);
        for (kmh, open) in rule.kmh.iter_mut().zip(open) {
            *kmh = kmh.filter(|k| open && *k > 0.0);
        }
        if let Some(why) = why {
            rule.reason = if open == [false, false] { why } else { format!("{}, {why}", rule.reason) };
        }
        rule
    }
}

fn class_kmh(class: &str, own: bool, rules: &ModeRules) -> Option<f64> {
    rules.speed.get(class).or_else(|| rules.speed_if_allowed.get(class).filter(|_| own)).copied()
}

fn ferry(tags: &Tags<'_>, rules: &ModeRules) -> WayRule {
    let hours = tags.get("duration").and_then(|d| duration_hours(d).map(|h| (d, h)));
    let reason = hours.map_or("route=ferry".to_owned(), |(d, _)| format!("duration={d}"));
    WayRule { kmh: [Some(rules.ferry.kmh); 2], reason, ends_only: false, ferry_hours: hours.map(|(_, h)| h) }
}

/// Class speed, posted limit, then the slowest cap.
fn road(tags: &Tags<'_>, class: &str, class_kmh: f64, rules: &ModeRules) -> WayRule {
    let mut reason = format!("highway={class}");
    let kmh = ["maxspeed:forward", "maxspeed:backward"].map(|directed| {
        let limit = [directed, "maxspeed", "maxspeed:type"].into_iter().find_map(|key| {
            let value = tags.get(key)?;
            Some((key, value, posted_kmh(value, &rules.maxspeed.words)? * rules.maxspeed.share))
        });
        let mut kmh = class_kmh;
        if let Some((key, value, limit)) = limit {
            let counts = match rules.maxspeed.rule {
                MaxspeedRule::Replace => true,
                MaxspeedRule::Cap => limit < kmh,
                MaxspeedRule::Ignore => false,
            };
            if counts {
                kmh = limit;
                reason = format!("{key}={value}");
            }
        }
        kmh
    });
    let caps: [(&str, &Kmh); 4] = [
        ("surface", &rules.surface_cap),
        ("tracktype", &rules.tracktype_cap),
        ("smoothness", &rules.smoothness_cap),
        ("service", &rules.service_cap),
    ];
    let mut most = rules.top_kmh;
    for (key, table) in caps {
        let Some(value) = tags.get(key) else { continue };
        let slowest = value.split(';').filter_map(|v| table.get(v.trim())).copied().reduce(f64::min);
        if let Some(cap) = slowest.filter(|cap| *cap < most) {
            most = cap;
            if kmh.iter().any(|k| *k > cap) {
                reason = format!("{key}={value}");
            }
        }
    }
    WayRule { kmh: kmh.map(|k| Some(k.min(most))), reason, ends_only: false, ferry_hours: None }
}
