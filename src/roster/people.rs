//! The rows of a county, as plain data.

use crate::base::{Fen, LonLat, Minutes, Mode};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// The seven categories (rule R21).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Category {
    /// Extremely poor, supported at home.
    #[serde(rename = "分散供养特困人员")]
    ExtremelyPoor,
    /// Low-income elder.
    #[serde(rename = "经济困难老年人")]
    LowIncomeElder,
    /// Poor and severely disabled.
    #[serde(rename = "贫困重度残疾人")]
    SeverelyDisabled,
    /// Low-income disabled.
    #[serde(rename = "低收入残疾人")]
    LowIncomeDisabled,
    /// Orphan.
    #[serde(rename = "孤儿")]
    Orphan,
    /// De facto unattended child.
    #[serde(rename = "事实无人抚养儿童")]
    UnattendedChild,
    /// Others served on demand.
    #[serde(rename = "其他")]
    Other,
}

impl Category {
    /// All categories in the notice's order.
    pub const ALL: [Category; 7] = [
        Category::ExtremelyPoor,
        Category::LowIncomeElder,
        Category::SeverelyDisabled,
        Category::LowIncomeDisabled,
        Category::Orphan,
        Category::UnattendedChild,
        Category::Other,
    ];

    /// The word of the notice.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Category::ExtremelyPoor => "分散供养特困人员",
            Category::LowIncomeElder => "经济困难老年人",
            Category::SeverelyDisabled => "贫困重度残疾人",
            Category::LowIncomeDisabled => "低收入残疾人",
            Category::Orphan => "孤儿",
            Category::UnattendedChild => "事实无人抚养儿童",
            Category::Other => "其他",
        }
    }

    /// The category of a word of the notice.
    #[must_use]
    pub fn from_zh(word: &str) -> Option<Category> {
        Category::ALL.into_iter().find(|c| c.zh() == word)
    }
}

/// How well a home is located; travels with the client into every report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 定位到户
    House,
    /// 定位到社
    Group,
    /// 定位到村
    Village,
    /// 定位到乡
    Township,
}

/// Approval of a client (rule R30); plans use approved clients unless told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// 已审批
    Approved,
    /// 待审批
    Pending,
}

/// When a visit must begin and end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VisitWindow {
    /// The whole shift, 08:00-18:00.
    Day,
    /// 08:00-12:00.
    Am,
    /// 13:00-18:00.
    Pm,
}

/// One client 服务对象. Holds no ID number and no phone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Client {
    /// Opaque stable id.
    pub id: String,
    /// Name; never logged.
    pub name: String,
    /// Category; decides the quota.
    pub category: Category,
    /// Care tier 1-3 (rule R18).
    pub tier: u8,
    /// Where the home is; `None` becomes the cause `no_location`.
    pub at: Option<LonLat>,
    /// How well `at` is known.
    pub precision: Precision,
    /// The address could mean two places: the cause `match_doubtful`.
    pub doubtful: bool,
    /// Minutes of one visit.
    pub service: Minutes,
    /// Only a woman may serve.
    pub needs_female: bool,
    /// When visits may take place.
    pub window: VisitWindow,
    /// Skills a caregiver must have.
    pub needs_skill: Vec<String>,
    /// Township 乡镇, by name; empty if unknown.
    pub township: String,
    /// Village 村, by name; empty if unknown.
    pub village: String,
    /// Villager group 社; empty if unknown.
    pub group: String,
    /// Clients of one household share one trip (rule R32); empty: alone.
    pub household: String,
    /// Approval.
    pub status: Status,
    /// First day owed; the quota of that month is prorated.
    pub from: Option<NaiveDate>,
    /// Requested dates of on-demand clients (rule R08).
    pub on_demand_dates: Vec<NaiveDate>,
    /// Weekdays (0 Monday .. 6 Sunday) on which nobody may come, ascending.
    pub blocked_weekdays: Vec<u8>,
    /// What the file says beside the plan's needs.
    pub dossier: Dossier,
}

/// The five measures 帮扶措施 of a client's file (rule R32).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Measure {
    /// Care by the guardian.
    #[serde(rename = "监护人照料")]
    Guardian,
    /// Looked after by the township.
    #[serde(rename = "乡镇管理")]
    Township,
    /// Visits of a provider: what plans are about.
    #[serde(rename = "第三方补充服务")]
    Provider,
    /// Help of charities and neighbours.
    #[serde(rename = "社会力量帮扶")]
    Society,
    /// Help of other departments.
    #[serde(rename = "行业部门精准救助")]
    Departments,
}

impl Measure {
    /// All measures in the notice's order.
    pub const ALL: [Measure; 5] =
        [Measure::Guardian, Measure::Township, Measure::Provider, Measure::Society, Measure::Departments];

    /// The word of the notice.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Measure::Guardian => "监护人照料",
            Measure::Township => "乡镇管理",
            Measure::Provider => "第三方补充服务",
            Measure::Society => "社会力量帮扶",
            Measure::Departments => "行业部门精准救助",
        }
    }
}

/// Kind and level of a disability, the last two digits of the certificate's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disability {
    /// 1 sight, 2 hearing, 3 speech, 4 limbs, 5 intellect, 6 mind, 7 several.
    pub kind: u8,
    /// 1 (most severe) to 4; 重度 is 1-2.
    pub level: u8,
}

/// What a client's file says that plans carry along. No ID number, no phone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dossier {
    /// Measures 帮扶措施.
    pub measures: Vec<Measure>,
    /// Day of the assessment 评估日期.
    pub assessed: Option<NaiveDate>,
    /// Who assessed 评估机构; empty if unknown.
    pub assessor: String,
    /// Who serves 服务机构; empty if unknown.
    pub provider: String,
    /// Guardian 监护人; never logged.
    pub guardian: String,
    /// Grade on the scale for elders (GB/T 42195), beside the tier and never converted silently; empty if none.
    pub elder_grade: String,
    /// From the certificate's digits.
    pub disability: Option<Disability>,
    /// Last four characters of the ID number, to tell namesakes apart on the telephone; shown only when asked. Empty if unknown.
    pub id_last4: String,
}

impl Dossier {
    /// The provider assessed its own client (rule R29).
    #[must_use]
    pub fn assessed_by_provider(&self) -> bool {
        !self.assessor.is_empty() && self.assessor == self.provider
    }
}

/// Where a caregiver's day begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Base {
    /// Their home.
    Home,
    /// The nearest open outlet.
    Outlet,
}

/// One caregiver 服务人员.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Caregiver {
    /// Opaque stable id.
    pub id: String,
    /// Name for lists; may be empty.
    pub name: String,
    /// Home.
    pub at: Option<LonLat>,
    /// How they travel.
    pub mode: Mode,
    /// May serve clients who need a woman.
    pub female: bool,
    /// Longest day, door to door.
    pub max_day: Minutes,
    /// Most hours a month, door to door.
    pub max_month: Minutes,
    /// Days off.
    pub leave: Vec<NaiveDate>,
    /// Township of the home; empty if unknown.
    pub township: String,
    /// Village of the home; empty if unknown.
    pub village: String,
    /// What they are trained for.
    pub skills: Vec<String>,
    /// 农村闲置劳动力, 留守妇女 or 其他 (rule R03); empty if unknown.
    pub kind: String,
    /// Where the day begins.
    pub base: Base,
}

/// One candidate site 候选网点.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// Opaque stable id.
    pub id: String,
    /// Name on maps and lists.
    pub name: String,
    /// Where it stands.
    pub at: LonLat,
    /// Open already; plans keep it.
    pub existing: bool,
    /// Care hours a month it can carry.
    pub capacity_h: Option<f64>,
    /// Cost a year.
    pub cost: Option<Fen>,
    /// Township, by name; empty if unknown.
    pub township: String,
}

/// One village unit of the register.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Village {
    /// Division code, 12 digits in China.
    pub code: String,
    /// Name.
    pub name: String,
    /// Code of its township.
    pub township_code: String,
    /// Name of its township.
    pub township: String,
    /// Where it is, if known.
    pub at: Option<LonLat>,
    /// Other names (撤并, 村改社区, variant characters).
    pub aliases: Vec<String>,
}

/// Everything a county sent, after intake.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct County {
    /// Name for titles, from `county.toml` or the folder's name.
    pub name: String,
    /// The data are invented: say so wherever they show.
    pub synthetic: bool,
    /// Clients, in the roster's order.
    pub clients: Vec<Client>,
    /// Caregivers, in the roster's order.
    pub caregivers: Vec<Caregiver>,
    /// Candidate sites, in the list's order.
    pub sites: Vec<Site>,
    /// Village register; may be empty.
    pub villages: Vec<Village>,
}

/// `张*`: the first character stays, whatever the length; empty stays empty.
#[must_use]
pub fn masked_name(name: &str) -> String {
    name.trim().chars().next().map(|first| format!("{first}*")).unwrap_or_default()
}
