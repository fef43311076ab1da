//! Travel modes: speeds and access as data in `data/modes/`.

use crate::base::{Fault, Mode, Outcome};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Speeds, access and barriers of one mode, read from `data/modes/MODE.toml`.
#[derive(Debug, Clone)]
pub struct ModeFile {
    /// Which mode the file describes.
    pub mode: Mode,
    /// The text of the file, kept for `inputs/` and hashes.
    pub text: String,
    pub(super) rules: ModeRules,
}

/// km/h by the value of a tag.
pub(super) type Kmh = BTreeMap<String, f64>;

/// The tables of a mode file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModeRules {
    pub mode: Mode,
    /// Nothing goes faster, whatever is posted.
    pub top_kmh: f64,
    /// By `highway`.
    pub speed: Kmh,
    /// By `highway`, where a key of this mode other than `access` allows it.
    pub speed_if_allowed: Kmh,
    pub surface_cap: Kmh,
    pub tracktype_cap: Kmh,
    pub smoothness_cap: Kmh,
    pub service_cap: Kmh,
    pub access: AccessRules,
    pub oneway: OnewayRules,
    pub maxspeed: MaxspeedRules,
    pub ferry: FerryRules,
    pub barrier: BarrierRules,
    pub restriction: RestrictionRules,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccessRules {
    /// From the most particular to the most general.
    pub keys: Vec<String>,
    pub allowed: Vec<String>,
    /// Allowed at the ends of a journey only: such roads are left or reached but not crossed.
    #[serde(default)]
    pub ends_only: Vec<String>,
    /// Nothing goes faster on such roads, by the value that opens them.
    #[serde(default)]
    pub ends_only_cap: Kmh,
    pub denied: Vec<String>,
    /// `key=value` of ways that are closed whatever the access keys say.
    pub closed: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OnewayRules {
    pub keys: Vec<String>,
    /// Roundabouts and motorways run one way without saying so.
    pub implied: bool,
    /// `cycleway=opposite*` opens the way against the arrow.
    pub contraflow_cycleways: bool,
}

/// What a posted limit does to the class speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum MaxspeedRule {
    Replace,
    Cap,
    Ignore,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MaxspeedRules {
    pub rule: MaxspeedRule,
    pub share: f64,
    /// Limits spelled as words.
    pub words: Kmh,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FerryRules {
    pub kmh: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BarrierRules {
    pub blocked: Vec<String>,
    pub cost_s: BTreeMap<String, f64>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RestrictionRules {
    /// Keys of a restriction relation that bind this mode.
    pub keys: Vec<String>,
    /// Words of `except` that free it.
    pub except: Vec<String>,
}

impl ModeFile {
    /// The file shipped with the program.
    ///
    /// # Errors
    /// The shipped file is damaged.
    pub fn builtin(mode: Mode) -> Outcome<ModeFile> {
        let text = match mode {
            Mode::Foot => include_str!("../../data/modes/foot.toml"),
            Mode::Ebike => include_str!("../../data/modes/ebike.toml"),
            Mode::Motorcycle => include_str!("../../data/modes/motorcycle.toml"),
            Mode::Car => include_str!("../../data/modes/car.toml"),
        };
        ModeFile::parse(text, &format!("data/modes/{}.toml", mode.word()))
    }

    /// Reads a mode file; `name` is the file's name for the sentence of an error.
    ///
    /// # Errors
    /// A key is missing, unknown or out of range; the sentence names it.
    pub fn parse(text: &str, name: &str) -> Outcome<ModeFile> {
        let rules: ModeRules = toml::from_str(text).map_err(|e| {
            let why = e.message();
            let line = e.span().map_or(1, |s| text[..s.start].matches('\n').count() + 1);
            Fault::refused(
                format!("{name} 第 {line} 行：出行方式文件有误（{why}），请改正。"),
                format!("{name} line {line}: {why}; correct the mode file."),
            )
        })?;
        rules.check(name)?;
        Ok(ModeFile { mode: rules.mode, text: text.to_owned(), rules })
    }
}

impl ModeRules {
    /// Every number is in range.
    fn check(&self, name: &str) -> Outcome<()> {
        let bad = |key: &str, range: &str| {
            Err(Fault::refused(
                format!("{name}：“{key}”超出范围（{range}），请改正。"),
                format!("{name}: '{key}' is out of range ({range}); correct it."),
            ))
        };
        for (table, values, least) in [
            ("speed", &self.speed, 0.1),
            ("speed_if_allowed", &self.speed_if_allowed, 0.1),
            ("surface_cap", &self.surface_cap, 0.0),
            ("tracktype_cap", &self.tracktype_cap, 0.0),
            ("smoothness_cap", &self.smoothness_cap, 0.0),
            ("service_cap", &self.service_cap, 0.0),
            ("maxspeed.words", &self.maxspeed.words, 0.0),
            ("access.ends_only_cap", &self.access.ends_only_cap, 0.1),
        ] {
            for (key, kmh) in values {
                if !(least..=200.0).contains(kmh) || (0.0 < *kmh && *kmh < 0.1) {
                    return bad(&format!("{table}.{key}"), "0.1-200 km/h");
                }
            }
        }
        if !(0.1..=200.0).contains(&self.top_kmh) {
            return bad("top_kmh", "0.1-200 km/h");
        }
        if !(0.1..=200.0).contains(&self.ferry.kmh) {
            return bad("ferry.kmh", "0.1-200 km/h");
        }
        if !(0.1..=2.0).contains(&self.maxspeed.share) {
            return bad("maxspeed.share", "0.1-2");
        }
        match self.barrier.cost_s.iter().find(|(_, s)| !(0.0..=3600.0).contains(*s)) {
            Some((key, _)) => bad(&format!("barrier.cost_s.{key}"), "0-3600 s"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_files_are_read_and_name_their_mode() {
        for mode in Mode::ALL {
            assert_eq!(ModeFile::builtin(mode).unwrap().mode, mode);
        }
    }

    #[test]
    fn a_speed_out_of_range_and_an_unknown_key_are_named() {
        let text = ModeFile::builtin(Mode::Car).unwrap().text;
        let fault = ModeFile::parse(&text.replace("track = 15", "track = -1"), "car.toml").unwrap_err();
        assert!(fault.en.contains("speed.track"), "{fault}");
        let fault = ModeFile::parse(&text.replace("top_kmh", "topkmh"), "car.toml").unwrap_err();
        assert!(fault.en.contains("topkmh"), "{fault}");
    }
}
