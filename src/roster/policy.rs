//! The notice's rules as data (`data/policy.toml`); rule numbers stand beside every value there.

use crate::base::{Fen, Minutes, Mode, Ticks};
use crate::roster::{Category, Client, Month};

/// What one category is owed a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Visits a calendar month.
    pub visits: u32,
    /// Least difference of dates between two visits.
    pub apart_days: u32,
}

/// The settings a plan is made under; every silent point of the notice is one of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The service circle, inclusive (R01).
    pub limit: Ticks,
    /// Travel times are filled up to here.
    pub fill_limit: Ticks,
    /// Mode of the outlet circle.
    pub outlet_mode: Mode,
    /// Visits and spacing by category; categories not listed are served on demand (R05, R06, R08).
    pub quotas: Vec<(Category, Quota)>,
    /// Clients still waiting for approval are planned too (R30).
    pub include_pending: bool,
    /// Longest day and month where the roster is silent.
    pub max_day: Minutes,
    /// Most minutes a month where the roster is silent.
    pub max_month: Minutes,
    /// Snap limit in metres and walking speed in km/h.
    pub snap_limit_m: f64,
    /// Walking speed of access legs.
    pub walk_kmh: f64,
    /// Price of one visit (setting; rule R40).
    pub visit_fee: Fen,
    /// Price of one hour of care (setting).
    pub hour_fee: Fen,
    /// Price of one outlet a month (setting).
    pub outlet_fee: Fen,
    /// The typed base of the 3 % line (R17); zero: not typed.
    pub relief_fund: Fen,
    /// The text the policy was read from, kept for `inputs/`.
    pub text: String,
}

impl Policy {
    /// The quota of a category; `None`: on demand.
    #[must_use]
    pub fn quota(&self, category: Category) -> Option<Quota> {
        self.quotas.iter().find(|(c, _)| *c == category).map(|(_, q)| *q)
    }

    /// Visits owed to `client` in `month`: the quota, prorated by calendar days and rounded up for entry in
    /// mid-month, or the requested dates of an on-demand client (R05, R06, R08, silent point e).
    #[must_use]
    pub fn visits_owed(&self, client: &Client, month: Month) -> u32 {
        let Some(quota) = self.quota(client.category) else {
            return client.on_demand_dates.iter().filter(|d| month.contains(**d)).count() as u32;
        };
        let entry = client.from.unwrap_or(month.first());
        let left = ((month.last() - entry).num_days() + 1).clamp(0, i64::from(month.days())) as u32;
        (quota.visits * left).div_ceil(month.days())
    }
}
