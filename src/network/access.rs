//! May the mode use it? The hierarchy of access keys, on ways and on barriers.

use super::mode::ModeRules;
use super::tags::Tags;

/// What the access keys say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Access {
    /// No key speaks.
    Silent,
    /// Allowed; `own`: by a key more particular than `access`.
    Allowed { own: bool },
    /// Allowed at the ends of a journey only, by `key=value`; `own` as above.
    EndsOnly { own: bool, reason: String },
    /// Denied by `key=value`.
    Denied(String),
}

/// The verdict of the most particular key that speaks.
pub(super) fn access(tags: &Tags<'_>, rules: &ModeRules) -> Access {
    let rules = &rules.access;
    for key in &rules.keys {
        let Some(value) = tags.get(key) else { continue };
        let says = |list: &[String]| value.split(';').any(|v| list.iter().any(|l| l == v.trim()));
        if says(&rules.allowed) {
            return Access::Allowed { own: key != "access" };
        }
        if says(&rules.ends_only) {
            return Access::EndsOnly { own: key != "access", reason: format!("{key}={value}") };
        }
        if says(&rules.denied) {
            return Access::Denied(format!("{key}={value}"));
        }
    }
    Access::Silent
}

/// What a barrier does to the mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Barrier {
    /// Nothing passes.
    Blocks,
    /// Ticks lost in passing.
    Costs(u32),
}

/// What a barrier node with these tags does. Barriers for residents and visitors are passed as others are: the caregiver is one.
pub(super) fn barrier(tags: &Tags<'_>, rules: &ModeRules) -> Barrier {
    let kind = tags.get("barrier").unwrap_or_default();
    let cost = rules.barrier.cost_s.get(kind).map_or(0.0, |s| (s * 10.0 + 0.5).floor()) as u32;
    match access(tags, rules) {
        Access::Denied(_) => Barrier::Blocks,
        Access::Allowed { own: true } | Access::EndsOnly { own: true, .. } => Barrier::Costs(cost),
        _ if rules.barrier.blocked.iter().any(|b| b == kind) => Barrier::Blocks,
        _ => Barrier::Costs(cost),
    }
}
