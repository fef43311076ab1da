//! The verdict of every client and the one cause of every gap.

use serde::{Deserialize, Serialize};

/// What a client has (interface: verdict).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The responsible caregiver is inside and all visits owed are planned.
    Served,
    /// In the outlet circle, not served.
    OutletOnly,
    /// Neither.
    Gap,
}

/// Why a client is not served: the first that applies, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The roster gives no place.
    NoLocation,
    /// The address could mean two places.
    MatchDoubtful,
    /// No usable road within the snap limit.
    NoRoadNear,
    /// No outlet's or caregiver's component reaches the home.
    Disconnected,
    /// Neither an open outlet nor any caregiver is inside the limit.
    TooFar,
    /// No eligible caregiver inside the limit.
    NoCaregiver,
    /// Not all visits fit.
    OverCapacity,
}

impl Verdict {
    /// The word in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Served => "served",
            Verdict::OutletOnly => "outlet_only",
            Verdict::Gap => "gap",
        }
    }

    /// The word on the page.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Verdict::Served => "已覆盖",
            Verdict::OutletOnly => "仅网点圈内",
            Verdict::Gap => "缺口",
        }
    }
}

impl Cause {
    /// Every cause, in the order of application.
    pub const ALL: [Cause; 7] = [
        Cause::NoLocation,
        Cause::MatchDoubtful,
        Cause::NoRoadNear,
        Cause::Disconnected,
        Cause::TooFar,
        Cause::NoCaregiver,
        Cause::OverCapacity,
    ];

    /// The word in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Cause::NoLocation => "no_location",
            Cause::MatchDoubtful => "match_doubtful",
            Cause::NoRoadNear => "no_road_near",
            Cause::Disconnected => "disconnected",
            Cause::TooFar => "too_far",
            Cause::NoCaregiver => "no_caregiver",
            Cause::OverCapacity => "over_capacity",
        }
    }

    /// The word on the page.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Cause::NoLocation => "无坐标",
            Cause::MatchDoubtful => "匹配存疑",
            Cause::NoRoadNear => "路网缺失",
            Cause::Disconnected => "路网不连通",
            Cause::TooFar => "距离过远",
            Cause::NoCaregiver => "无可用人员",
            Cause::OverCapacity => "能力不足",
        }
    }
}
