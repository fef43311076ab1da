//! Which directions of a way are open?

use super::mode::OnewayRules;
use super::tags::Tags;

/// Open directions along and against the way, and the tag that closed one.
pub(super) fn directions(tags: &Tags<'_>, rules: &OnewayRules) -> ([bool; 2], Option<String>) {
    for key in &rules.keys {
        let Some(value) = tags.get(key) else { continue };
        let open = match value {
            "yes" | "true" | "1" => [true, contraflow(tags, rules)],
            "-1" | "reverse" => [contraflow(tags, rules), true],
            "no" | "false" | "0" | "alternating" => return ([true, true], None),
            // Which way is open depends on the time of day, which is not modelled.
            "reversible" => [false, false],
            _ => continue,
        };
        return (open, (open != [true, true]).then(|| format!("{key}={value}")));
    }
    let implied = [("junction", "roundabout"), ("junction", "circular"), ("highway", "motorway")];
    match implied.iter().find(|(k, v)| rules.implied && tags.get(k) == Some(*v)) {
        Some((k, v)) => ([true, false], Some(format!("{k}={v}"))),
        None => ([true, true], None),
    }
}

/// A cycle lane runs against the arrow.
fn contraflow(tags: &Tags<'_>, rules: &OnewayRules) -> bool {
    let keys = ["cycleway", "cycleway:left", "cycleway:right", "cycleway:both"];
    rules.contraflow_cycleways && keys.iter().any(|k| tags.get(k).is_some_and(|v| v.starts_with("opposite")))
}
