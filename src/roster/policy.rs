//! The notice's rules as data (`data/policy.toml`); rule numbers stand beside every value there.

use crate::base::{Fault, Fen, Minutes, Mode, Outcome, Seconds, Ticks, WeightBy};
use crate::roster::{Category, Client, Month};
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

/// The policy shipped with the program.
const BUILTIN: &str = include_str!("../../data/policy.toml");

/// What one category is owed a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Visits a calendar month.
    pub visits: u32,
    /// Least difference of dates between two visits.
    pub apart_days: u32,
    /// Days between two visits beyond which a gap is long; it costs, and is reported.
    pub long_gap_days: u32,
}

/// What soft wishes of a plan are worth, in seconds on the road.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SoftPrices {
    /// A client who leaves the caregiver of the month before.
    pub change_s: u32,
    /// A client whose caregiver is not the one of their grid.
    pub exception_s: u32,
    /// A square hour of a caregiver's care load, at most; 0: loads do not matter.
    pub square_hour_s: u32,
    /// A visit on another weekday than those of the month before.
    pub weekday_s: u32,
    /// A day beyond the long gap.
    pub gap_day_s: u32,
    /// A client who misses any visit, beside the visits.
    pub short_client_s: u32,
}

impl Default for SoftPrices {
    fn default() -> SoftPrices {
        SoftPrices {
            change_s: 3600,
            exception_s: 2400,
            square_hour_s: 0,
            weekday_s: 300,
            gap_day_s: 60,
            short_client_s: 20_000,
        }
    }
}

/// Market days 集日 of a township: people are at the market, so nobody visits them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Market {
    /// The township, by name.
    pub township: String,
    /// Last digits of the days of the month: `[2, 5, 8]` is 逢二五八.
    #[serde(default)]
    pub day_endings: Vec<u32>,
    /// Single dates, for markets by the lunar calendar.
    #[serde(default)]
    pub dates: Vec<NaiveDate>,
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
    /// Mode of a caregiver whose roster row is silent.
    pub caregiver_mode: Mode,
    /// Visits and spacing by category; categories not listed are served on demand (R05, R06, R08).
    pub quotas: Vec<(Category, Quota)>,
    /// Clients still waiting for approval are planned too (R30).
    pub include_pending: bool,
    /// A visit is never given to a backup caregiver (`continuity = "strict"`).
    pub strict_continuity: bool,
    /// Minutes of one visit by tier 1, 2, 3, where the roster is silent.
    pub service_by_tier: [Minutes; 3],
    /// Longest day where the roster is silent.
    pub max_day: Minutes,
    /// Most minutes a month where the roster is silent.
    pub max_month: Minutes,
    /// Furthest distance of a home from a usable road, in metres.
    pub snap_limit_m: f64,
    /// Walking speed of access legs, in km/h.
    pub walk_kmh: f64,
    /// Price of one visit (setting; rule R40).
    pub visit_fee: Fen,
    /// Price of one hour of care (setting).
    pub hour_fee: Fen,
    /// Price of one outlet a month (setting).
    pub outlet_fee: Fen,
    /// The typed base of the 3 % line (R17); zero: not typed.
    pub relief_fund: Fen,
    /// The share of `relief_fund` that may be spent, in per cent (R17).
    pub relief_percent: u32,
    /// Monthly allowance to the guardian by tier 1, 2, 3 (R18).
    pub allowance_by_tier: [Fen; 3],
    /// What one client counts when outlets are chosen.
    pub weight_by: WeightBy,
    /// Market days by township.
    pub markets: Vec<Market>,
    /// Prices of soft wishes.
    pub prices: SoftPrices,
    /// The text the policy was read from, kept for `inputs/`.
    pub text: String,
}

impl Policy {
    /// The policy shipped with the program.
    ///
    /// # Errors
    /// The shipped file is damaged.
    pub fn builtin() -> Outcome<Policy> {
        Policy::parse(BUILTIN, "data/policy.toml")
    }

    /// Reads a policy file; `name` is the file's name for the sentence of an error.
    ///
    /// # Errors
    /// A key is missing, unknown or out of range; the sentence names it.
    pub fn parse(text: &str, name: &str) -> Outcome<Policy> {
        let bare = text.trim_start_matches('\u{feff}');
        let file: PolicyFile = toml::from_str(bare).map_err(|e| {
            let (line, why) = (e.span().map_or(1, |s| line_of(bare, s.start)), e.message());
            Fault::refused(
                format!("{name} 第 {line} 行：政策文件无法读取（{why}）。请对照 data/policy.toml 修改。"),
                format!("{name}, line {line}: the policy cannot be read ({why}); compare it with data/policy.toml."),
            )
        })?;
        file.into_policy(text, name)
    }

    /// The quota of a category; `None`: on demand.
    #[must_use]
    pub fn quota(&self, category: Category) -> Option<Quota> {
        self.quotas.iter().find(|(c, _)| *c == category).map(|(_, q)| *q)
    }

    /// The client's own weekdays and their township's market days leave the date free.
    #[must_use]
    pub fn may_visit(&self, client: &Client, date: NaiveDate) -> bool {
        let is_market = |m: &Market| {
            m.township == client.township
                && (m.day_endings.contains(&(date.day() % 10)) || m.dates.contains(&date))
        };
        let weekday = date.weekday().num_days_from_monday() as u8;
        !client.blocked_weekdays.contains(&weekday) && !self.markets.iter().any(is_market)
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

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|b| *b == b'\n').count()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    circle: CircleTable,
    quota: Vec<QuotaTable>,
    visit: VisitTable,
    caregiver: CaregiverTable,
    money: MoneyTable,
    #[serde(default)]
    price: SoftPrices,
    #[serde(default)]
    market: Vec<Market>,
    #[serde(default)]
    siting: SitingTable,
    /// What reports print; they read it from the text.
    #[serde(default, rename = "report")]
    _report: toml::Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CircleTable {
    limit_s: u32,
    fill_limit_s: u32,
    outlet_mode: Mode,
    caregiver_mode: Mode,
    snap_limit_m: f64,
    walk_kmh: f64,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct SitingTable {
    #[serde(default)]
    weight_by: WeightBy,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuotaTable {
    category: Category,
    visits: u32,
    apart_days: u32,
    long_gap_days: Option<u32>,
}

impl QuotaTable {
    /// Two weeks for three visits a month, three for fewer, where the file is silent.
    fn long_gap_days(&self) -> u32 {
        self.long_gap_days.unwrap_or(if self.visits > 2 { 14 } else { 21 })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Continuity {
    Prefer,
    Strict,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VisitTable {
    service_min: [u32; 3],
    include_pending: bool,
    continuity: Continuity,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaregiverTable {
    max_day_min: u32,
    max_month_min: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MoneyTable {
    visit_fee_fen: i64,
    hour_fee_fen: i64,
    outlet_fee_fen: i64,
    relief_fund_fen: i64,
    relief_percent: u32,
    allowance_fen: [i64; 3],
}

impl PolicyFile {
    /// Keys whose value makes no plan possible, or no sense.
    fn out_of_range(&self) -> Option<&'static str> {
        let (c, v, g, m) = (&self.circle, &self.visit, &self.caregiver, &self.money);
        let p = &self.price;
        let twice = |i: usize| self.quota[..i].iter().any(|q| q.category == self.quota[i].category);
        let checks = [
            ("circle.limit_s", (1..=86_400).contains(&c.limit_s)),
            ("circle.fill_limit_s", (c.limit_s..=86_400).contains(&c.fill_limit_s)),
            ("circle.snap_limit_m", (0.0..=20_000.0).contains(&c.snap_limit_m)),
            ("circle.walk_kmh", (0.1..=20.0).contains(&c.walk_kmh)),
            ("quota.visits", self.quota.iter().all(|q| q.visits <= 31)),
            ("quota.apart_days", self.quota.iter().all(|q| q.apart_days <= 31)),
            ("quota.long_gap_days", self.quota.iter().all(|q| (1..=62).contains(&q.long_gap_days()))),
            (
                "price",
                [p.change_s, p.exception_s, p.weekday_s, p.gap_day_s].iter().all(|s| *s <= 10_000)
                    && p.square_hour_s <= 100
                    && p.short_client_s <= 100_000,
            ),
            ("market.day_endings", self.market.iter().all(|m| m.day_endings.iter().all(|d| *d < 10))),
            ("quota.category", (0..self.quota.len()).all(|i| !twice(i))),
            ("visit.service_min", v.service_min.iter().all(|m| (1..=600).contains(m))),
            ("caregiver.max_day_min", (1..=1440).contains(&g.max_day_min)),
            ("caregiver.max_month_min", (1..=44_640).contains(&g.max_month_min)),
            ("money.visit_fee_fen", (0..=MOST_FEN).contains(&m.visit_fee_fen)),
            ("money.hour_fee_fen", (0..=MOST_FEN).contains(&m.hour_fee_fen)),
            ("money.outlet_fee_fen", (0..=MOST_FEN).contains(&m.outlet_fee_fen)),
            ("money.relief_fund_fen", (0..=MOST_FEN).contains(&m.relief_fund_fen)),
            ("money.relief_percent", m.relief_percent <= 100),
            ("money.allowance_fen", m.allowance_fen.iter().all(|f| (0..=MOST_FEN).contains(f))),
        ];
        checks.into_iter().find(|(_, fine)| !fine).map(|(key, _)| key)
    }

    fn into_policy(self, text: &str, name: &str) -> Outcome<Policy> {
        if let Some(key) = self.out_of_range() {
            return Err(Fault::refused(
                format!("{name}：“{key}”超出允许范围或重复。请对照 data/policy.toml 修改。"),
                format!("{name}: '{key}' is out of range or stands twice; compare it with data/policy.toml."),
            ));
        }
        let quota = |q: &QuotaTable| {
            let long_gap_days = q.long_gap_days();
            (q.category, Quota { visits: q.visits, apart_days: q.apart_days, long_gap_days })
        };
        Ok(Policy {
            limit: Seconds(self.circle.limit_s).ticks(),
            fill_limit: Seconds(self.circle.fill_limit_s).ticks(),
            outlet_mode: self.circle.outlet_mode,
            caregiver_mode: self.circle.caregiver_mode,
            quotas: self.quota.iter().map(quota).collect(),
            include_pending: self.visit.include_pending,
            strict_continuity: matches!(self.visit.continuity, Continuity::Strict),
            service_by_tier: self.visit.service_min.map(Minutes),
            max_day: Minutes(self.caregiver.max_day_min),
            max_month: Minutes(self.caregiver.max_month_min),
            snap_limit_m: self.circle.snap_limit_m,
            walk_kmh: self.circle.walk_kmh,
            visit_fee: Fen(self.money.visit_fee_fen),
            hour_fee: Fen(self.money.hour_fee_fen),
            outlet_fee: Fen(self.money.outlet_fee_fen),
            relief_fund: Fen(self.money.relief_fund_fen),
            relief_percent: self.money.relief_percent,
            allowance_by_tier: self.money.allowance_fen.map(Fen),
            weight_by: self.siting.weight_by,
            markets: self.market,
            prices: self.price,
            text: text.to_owned(),
        })
    }
}

/// No sum of a county's money leaves 64 bits below this price (a billion yuan).
const MOST_FEN: i64 = 100_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demand_counts_visits_unless_the_policy_says_persons_or_minutes() {
        let told = |text: &str| Policy::parse(text, "policy.toml").map(|p| p.weight_by);
        assert_eq!(told(BUILTIN).unwrap(), WeightBy::Visits);
        let by = |word: &str| BUILTIN.replace("weight_by = \"visits\"", &format!("weight_by = \"{word}\""));
        assert_eq!(told(&by("person")).unwrap(), WeightBy::Person);
        assert_eq!(told(&by("minutes")).unwrap(), WeightBy::Minutes);
        assert!(told(&by("hours")).is_err());
        let weights =
            [WeightBy::Person, WeightBy::Visits, WeightBy::Minutes].map(|by| by.weight(3, Minutes(90)));
        assert_eq!(weights, [1, 3, 270]);
    }

    #[test]
    fn market_days_close_a_township_and_a_wrong_digit_is_refused() {
        let rule = "[[market]]\ntownship = \"甲镇\"\nday_endings = [2, 5, 8]\ndates = [\"2026-12-31\"]\n";
        let policy = Policy::parse(&format!("{BUILTIN}\n{rule}"), "policy.toml").unwrap();
        assert_eq!(
            (policy.markets[0].day_endings.as_slice(), policy.markets[0].dates.len()),
            (&[2, 5, 8][..], 1)
        );
        let fault =
            Policy::parse(&format!("{BUILTIN}\n{}", rule.replace('8', "18")), "policy.toml").unwrap_err();
        assert!(fault.en.contains("market.day_endings"), "{}", fault.en);
    }

    #[test]
    fn the_shipped_policy_holds_the_numbers_of_the_notice() {
        let policy = Policy::builtin().unwrap();
        assert_eq!(policy.limit, Ticks::THIRTY_MINUTES);
        assert_eq!(
            policy.quota(Category::ExtremelyPoor),
            Some(Quota { visits: 3, apart_days: 7, long_gap_days: 14 })
        );
        assert_eq!(
            policy.quota(Category::LowIncomeElder),
            Some(Quota { visits: 3, apart_days: 7, long_gap_days: 14 })
        );
        assert_eq!(
            policy.quota(Category::SeverelyDisabled),
            Some(Quota { visits: 2, apart_days: 10, long_gap_days: 21 })
        );
        assert_eq!(policy.quota(Category::Orphan), None);
        assert_eq!(policy.allowance_by_tier, [Fen(7_000), Fen(15_000), Fen(23_000)]);
    }

    #[test]
    fn a_wrong_key_is_named_with_its_line() {
        let fault = Policy::parse(&BUILTIN.replace("walk_kmh", "walk_mph"), "p.toml").unwrap_err();
        assert!(fault.en.starts_with("p.toml, line 10") && fault.en.contains("walk_mph"), "{fault}");
        let fault =
            Policy::parse(&BUILTIN.replace("walk_kmh = 5.0", "walk_kmh = 0.0"), "p.toml").unwrap_err();
        assert!(fault.en.contains("circle.walk_kmh"), "{fault}");
        let twice = BUILTIN.replace("经济困难老年人", "分散供养特困人员");
        assert!(Policy::parse(&twice, "p.toml").unwrap_err().zh.contains("quota.category"));
    }
}
