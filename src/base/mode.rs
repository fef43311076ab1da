//! The four ways to travel; their speeds are data on the floor `network`.

use crate::base::{Fault, Outcome};
use serde::{Deserialize, Serialize};

/// How somebody travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// 步行
    Foot,
    /// 电动车
    Ebike,
    /// 摩托车
    Motorcycle,
    /// 汽车
    Car,
}

impl Mode {
    /// Every mode, slowest first.
    pub const ALL: [Mode; 4] = [Mode::Foot, Mode::Ebike, Mode::Motorcycle, Mode::Car];

    /// The word in files and on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Mode::Foot => "foot",
            Mode::Ebike => "ebike",
            Mode::Motorcycle => "motorcycle",
            Mode::Car => "car",
        }
    }

    /// The word on the page.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Mode::Foot => "步行",
            Mode::Ebike => "电动车",
            Mode::Motorcycle => "摩托车",
            Mode::Car => "汽车",
        }
    }
}

impl std::str::FromStr for Mode {
    type Err = Fault;
    fn from_str(word: &str) -> Outcome<Mode> {
        Mode::ALL.into_iter().find(|m| m.word() == word || m.zh() == word).ok_or_else(|| {
            Fault::usage(
                format!("出行方式“{word}”未知，可用：foot ebike motorcycle car。"),
                format!("the travel mode '{word}' is unknown; use foot, ebike, motorcycle or car."),
            )
        })
    }
}
