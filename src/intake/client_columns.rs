//! The columns of a client roster: plain names and the synonyms of offices' tables.

use crate::intake::sheet::Row;

/// Columns of the roster, in the order of [`NAMES`].
#[derive(Clone, Copy)]
pub(crate) enum Of {
    Id,
    Category,
    Tier,
    Lon,
    Lat,
    Service,
    NeedsFemale,
    Window,
    Name,
    Township,
    Village,
    Group,
    Household,
    Status,
    From,
    OnDemand,
    Skill,
    Precision,
    Address,
    IdNumber,
    Support,
    Serial,
    Doubtful,
    Measures,
    Assessed,
    Assessor,
    Provider,
    Guardian,
    ElderGrade,
    Certificate,
    Disability,
    BlockedWeekdays,
    IdLast4,
}

/// The plain name of each column, then its synonyms in offices' tables.
pub(crate) const NAMES: [&[&str]; 33] = [
    &["id", "编号", "服务对象编号", "对象编号", "人员编号"],
    &["category", "人员类别", "对象类别", "类别", "服务对象类别", "人员类型", "对象类型"],
    &["tier", "自理能力", "生活自理能力", "自理能力等级", "护理等级", "照料护理档次", "档次"],
    &["lon", "经度", "longitude", "lng", "x"],
    &["lat", "纬度", "latitude", "y"],
    &["service_min", "服务时长", "服务分钟", "服务时长(分钟)"],
    &["needs_female", "需女性", "需女性服务", "需女性服务人员"],
    &["window", "服务时段", "时段", "时间窗"],
    &["name", "姓名", "服务对象姓名", "对象姓名"],
    &["township", "乡镇", "乡(镇)", "乡镇名称", "所属乡镇", "乡镇(街道)"],
    &["village", "村", "行政村", "村(社区)", "村社区", "村名", "村(居)", "所属村"],
    &["group", "社", "组", "村民小组", "社(组)", "社组", "组别"],
    &["household", "户号", "户编号", "家庭编号", "household_id"],
    &["status", "审批状态", "审核状态", "状态"],
    &["from", "服务起始日期", "开始服务日期", "起始日期", "纳入日期"],
    &["on_demand_dates", "按需服务日期", "需求日期"],
    &["needs_skill", "所需技能", "技能要求"],
    &["precision", "定位精度"],
    &["address", "家庭住址", "住址", "现住址", "详细地址", "家庭地址", "居住地址"],
    &["id_number", "身份证号", "身份证号码", "公民身份号码", "身份证", "公民身份证号码"],
    &["support", "供养方式"],
    &["serial", "序号"],
    &["doubtful"],
    &["measures", "帮扶措施", "救助帮扶措施"],
    &["assessed", "评估日期", "评估时间"],
    &["assessor", "评估机构", "评估单位"],
    &["provider", "服务机构", "服务方", "第三方服务机构"],
    &["guardian", "监护人", "监护人姓名", "照料人"],
    &["elder_grade", "老年人能力评估等级", "能力评估等级", "能力等级", "老年人能力等级"],
    &["disability_certificate", "残疾证号", "残疾人证号", "残疾证号码"],
    &["disability"],
    &["blocked_weekdays", "不便星期", "不便日", "不可上门星期"],
    &["id_last4"],
];

/// What each field is called in the box where a person corrects the mapping.
pub(crate) fn fields() -> impl Iterator<Item = (&'static str, &'static str)> {
    NAMES.iter().filter_map(|names| Some((*names.first()?, *names.get(1)?)))
}

/// Position of a plain name in [`NAMES`].
pub(crate) fn field_of(plain: &str) -> Option<usize> {
    NAMES.iter().position(|names| names.first() == Some(&plain))
}

impl Row<'_> {
    /// The cell of a roster column; empty if the sheet lacks it.
    pub(crate) fn of(&self, column: Of) -> &str {
        self.text(column as usize)
    }
}
