//! What a cell means: numbers, flags, dates, places. A cell that cannot be read is a fault, never a guess.

use crate::base::{LonLat, Mode};
use crate::intake::Datum;
use crate::intake::sheet::{Row, RowFault};
use chrono::NaiveDate;
use std::borrow::Cow;
use std::collections::HashSet;

/// Full-width digits, signs and letters as half-width ones.
pub(crate) fn half_width(text: &str) -> Cow<'_, str> {
    let half = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        c => c,
    };
    // The first bytes of the characters that change.
    if text.bytes().any(|b| matches!(b, 0xe3 | 0xef)) {
        text.chars().map(half).collect()
    } else {
        text.into()
    }
}

/// Half-width, without blanks.
pub(crate) fn bare(text: &str) -> Cow<'_, str> {
    let text = half_width(text);
    if text.contains(char::is_whitespace) {
        return text.chars().filter(|c| !c.is_whitespace()).collect();
    }
    text
}

/// Parts of a list cell.
pub(crate) fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '；', '、', ',', '，']).map(str::trim).filter(|p| !p.is_empty())
}

impl Row<'_> {
    /// The id of the row: present, short, and not in `seen` yet.
    pub(crate) fn id(&self, column: usize, seen: &mut HashSet<String>) -> Result<String, RowFault> {
        self.free_id(column, |id| seen.insert(id.to_owned()))
    }

    /// As [`Row::id`]; `take` says whether nobody has it yet.
    pub(crate) fn free_id(&self, column: usize, take: impl FnOnce(&str) -> bool) -> Result<String, RowFault> {
        let id = self.text(column);
        if id.is_empty() {
            return Err(self.fault(
                column,
                "id_missing",
                "缺少编号，请补上。",
                "the id is missing; fill it in.",
            ));
        }
        if id.len() > 64 || id.chars().any(char::is_control) {
            return Err(self.fault(
                column,
                "id_unusable",
                "编号过长或含有控制字符，请改短。",
                "the id is too long or holds control characters; shorten it.",
            ));
        }
        if !take(id) {
            return Err(self.fault(
                column,
                "id_twice",
                "编号重复，前面已有同一编号的行；请核对后删除或改号。",
                "the id stands twice, an earlier row has it; delete this row or give it its own id.",
            ));
        }
        Ok(id.to_owned())
    }

    /// A number; `None` if the cell is empty.
    pub(crate) fn number(&self, column: usize) -> Result<Option<f64>, RowFault> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        let number = plain_number(text).filter(|n| n.is_finite());
        number.map(Some).ok_or_else(|| {
            self.fault(column, "number_unreadable", "不是数字，请改正。", "this is not a number; correct it.")
        })
    }

    /// A number in `range`; `None` if the cell is empty.
    pub(crate) fn number_in(
        &self,
        column: usize,
        range: std::ops::RangeInclusive<f64>,
    ) -> Result<Option<f64>, RowFault> {
        let number = self.number(column)?;
        if number.is_some_and(|n| !range.contains(&n)) {
            let (least, most) = (range.start(), range.end());
            return Err(self.fault(
                column,
                "number_out_of_range",
                format!("数值应在 {least} 到 {most} 之间，请改正。"),
                format!("the number should be from {least} to {most}; correct it."),
            ));
        }
        Ok(number)
    }

    /// A whole number in `range`; `None` if the cell is empty.
    pub(crate) fn whole(
        &self,
        column: usize,
        range: std::ops::RangeInclusive<u32>,
    ) -> Result<Option<u32>, RowFault> {
        let wide = f64::from(*range.start())..=f64::from(*range.end());
        match self.number_in(column, wide)? {
            Some(n) if n.fract() != 0.0 => Err(self.fault(
                column,
                "number_not_whole",
                "应为整数，请改正。",
                "this should be a whole number.",
            )),
            number => Ok(number.map(|n| n as u32)),
        }
    }

    /// Yes or no; empty means no.
    pub(crate) fn flag(&self, column: usize) -> Result<bool, RowFault> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(false);
        }
        match half_width(text).to_lowercase().as_str() {
            "0" | "0.0" | "false" | "no" | "n" | "否" | "无" | "男" | "不需要" => Ok(false),
            "1" | "1.0" | "true" | "yes" | "y" | "是" | "有" | "女" | "√" | "需要" => Ok(true),
            _ => Err(self.fault(
                column,
                "flag_unreadable",
                "应填 1（是）或 0（否）。",
                "write 1 for yes or 0 for no.",
            )),
        }
    }

    /// A date; `None` if the cell is empty.
    pub(crate) fn date(&self, column: usize) -> Result<Option<NaiveDate>, RowFault> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        plain_date(text).map(Some).ok_or_else(|| self.bad_date(column))
    }

    /// Dates and ranges of dates, `;` between, in order and once each.
    pub(crate) fn dates(&self, column: usize) -> Result<Vec<NaiveDate>, RowFault> {
        let mut dates = Vec::new();
        for part in parts(self.text(column)) {
            match (plain_date(part), part.split_once(['/', '~', '至'])) {
                (Some(date), _) => dates.push(date),
                (None, Some((from, to))) => {
                    let (from, to) = (plain_date(from), plain_date(to));
                    let (Some(from), Some(to)) = (from, to) else { return Err(self.bad_date(column)) };
                    if to < from || (to - from).num_days() > 3660 {
                        return Err(self.bad_date(column));
                    }
                    dates.extend(from.iter_days().take_while(|d| *d <= to));
                }
                _ => return Err(self.bad_date(column)),
            }
        }
        dates.sort_unstable();
        dates.dedup();
        Ok(dates)
    }

    /// Weekdays, `;` between, 0 Monday .. 6 Sunday, in order and once each: `周一`, `1` (Monday) to `7`, `mon`.
    pub(crate) fn weekdays(&self, column: usize) -> Result<Vec<u8>, RowFault> {
        let mut days =
            parts(self.text(column)).map(weekday).collect::<Option<Vec<u8>>>().ok_or_else(|| {
                self.fault(
                    column,
                    "weekday_unreadable",
                    "星期应写成 周一 或 1 至 7，多个用分号隔开。",
                    "write a weekday as mon or 1 to 7 (1 is Monday), with ; between several.",
                )
            })?;
        days.sort_unstable();
        days.dedup();
        Ok(days)
    }

    fn bad_date(&self, column: usize) -> RowFault {
        self.fault(
            column,
            "date_unreadable",
            "日期应写成 2026-12-03，区间写成 2026-12-03/2026-12-05。",
            "write a date like 2026-12-03 and a range like 2026-12-03/2026-12-05.",
        )
    }

    /// A travel mode; `None` if the cell is empty.
    pub(crate) fn mode(&self, column: usize) -> Result<Option<Mode>, RowFault> {
        let text = self.text(column).to_lowercase();
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| {
            let known = "foot ebike motorcycle car";
            self.fault(
                column,
                "mode_unknown",
                format!("出行方式应为 {known}。"),
                format!("the mode should be one of {known}."),
            )
        })
    }

    /// Two coordinates as they were written; `None` if both cells are empty.
    pub(crate) fn coordinates(&self, x: usize, y: usize) -> Result<Option<(f64, f64)>, RowFault> {
        let missing = |column| {
            self.fault(
                column,
                "coordinate_missing",
                "经度和纬度只填了一个，请补上另一个。",
                "only one of longitude and latitude is filled in; add the other.",
            )
        };
        match (self.text(x).is_empty(), self.text(y).is_empty()) {
            (true, true) => Ok(None),
            (true, false) => Err(missing(x)),
            (false, true) => Err(missing(y)),
            (false, false) => Ok(Some((self.degrees(x)?, self.degrees(y)?))),
        }
    }

    /// A place written in WGS 84; `None` if both cells are empty.
    pub(crate) fn place(&self, lon: usize, lat: usize) -> Result<Option<LonLat>, RowFault> {
        self.place_in(Datum::Wgs84, lon, lat)
    }

    /// A place written in `datum`; `None` if both cells are empty.
    pub(crate) fn place_in(&self, datum: Datum, lon: usize, lat: usize) -> Result<Option<LonLat>, RowFault> {
        let Some((x, y)) = self.coordinates(lon, lat)? else { return Ok(None) };
        let Some(at) = datum.to_wgs84(x, y) else {
            let column = if x.abs() > 180.0 { lon } else { lat };
            return Err(self.fault(
                column,
                "coordinate_out_of_range",
                "坐标超出范围（经度 ±180、纬度 ±90）；经度和纬度是否填反了？",
                "the coordinate is out of range (longitude 180, latitude 90 degrees); are the two swapped?",
            ));
        };
        if x == 0.0 && y == 0.0 {
            return Err(self.fault(
                lon,
                "coordinate_null",
                "坐标是 0,0，位于几内亚湾；不知道位置时请留空。",
                "the coordinates are 0,0 in the Gulf of Guinea; leave them empty if unknown.",
            ));
        }
        Ok(Some(at))
    }

    fn degrees(&self, column: usize) -> Result<f64, RowFault> {
        plain_degrees(self.text(column)).filter(|n| n.is_finite()).ok_or_else(|| {
            self.fault(
                column,
                "coordinate_unreadable",
                "坐标无法读取，请写成 105.0532 这样的十进制度。",
                "the coordinate cannot be read; write decimal degrees like 105.0532.",
            )
        })
    }
}

/// A number with a point or a decimal comma, in full-width or half-width digits.
fn plain_number(text: &str) -> Option<f64> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let text = half_width(text);
    let text = text.trim().replace(',', ".");
    let digits = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E');
    if text.chars().all(digits) { text.parse().ok() } else { None }
}

/// Decimal degrees, or degrees, minutes and seconds (105°03′11″, with N, S, E, W or 东 西 南 北).
pub(crate) fn plain_degrees(text: &str) -> Option<f64> {
    if let Some(number) = plain_number(text) {
        return Some(number);
    }
    let text = half_width(text).to_uppercase();
    let negative = text.contains(['W', 'S', '西', '南']) || text.trim_start().starts_with('-');
    let unit =
        |c: char| matches!(c, '°' | '度' | '′' | '\'' | '’' | '分' | '″' | '"' | '”' | '秒' | ' ' | ':');
    let named = |c: char| matches!(c, 'N' | 'S' | 'E' | 'W' | '东' | '西' | '南' | '北' | '经' | '纬' | '-');
    let bare: String = text.chars().filter(|c| !named(*c)).collect();
    let values: Option<Vec<f64>> =
        bare.split(unit).filter(|p| !p.is_empty()).map(|p| p.parse().ok()).collect();
    let values = values?;
    let fine = (1..=3).contains(&values.len()) && values.iter().skip(1).all(|v| (0.0..60.0).contains(v));
    let size = values.iter().rev().fold(0.0, |part, value| part / 60.0 + value);
    fine.then_some(if negative { -size } else { size })
}

/// A date as offices write it: 2026-12-03, 2026/12/3, 2026.12.3, 20261203, 2026年12月3日.
pub(crate) fn plain_date(text: &str) -> Option<NaiveDate> {
    let text = half_width(text);
    let text = text.trim().split([' ', 'T']).next()?;
    let number = |digits: &str, most: usize| {
        let fine = (1..=most).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if fine { digits.parse::<u32>().ok() } else { None }
    };
    let (year, month, day) =
        if let (8, true) = (text.len(), text.is_ascii() && !text.contains(['-', '/', '.'])) {
            (&text[..4], &text[4..6], &text[6..])
        } else {
            let one = ['-', '/', '.'].into_iter().find_map(|s| split_three(text, [s, s]));
            one.or_else(|| split_three(text.strip_suffix('日')?, ['年', '月']))?
        };
    let year = number(year, 4).filter(|y| (1900..=2200).contains(y))?;
    NaiveDate::from_ymd_opt(year.cast_signed(), number(month, 2)?, number(day, 2)?)
}

fn split_three(text: &str, [a, b]: [char; 2]) -> Option<(&str, &str, &str)> {
    let (first, rest) = text.split_once(a)?;
    let (second, third) = rest.split_once(b)?;
    Some((first, second, third))
}

/// 0 Monday .. 6 Sunday.
fn weekday(word: &str) -> Option<u8> {
    const NAMES: [[&str; 3]; 7] = [
        ["一", "mon", "1"],
        ["二", "tue", "2"],
        ["三", "wed", "3"],
        ["四", "thu", "4"],
        ["五", "fri", "5"],
        ["六", "sat", "6"],
        ["日", "sun", "7"],
    ];
    let bare = word.trim().to_lowercase();
    let bare = ["星期", "礼拜", "周"].iter().find_map(|p| bare.strip_prefix(p)).unwrap_or(&bare);
    let bare = if bare == "天" { "日" } else { bare };
    NAMES.iter().position(|names| names.contains(&bare)).map(|d| d as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_are_read_as_township_files_write_them() {
        for (text, degrees) in [
            ("105.0532", 105.0532),
            ("105,0532", 105.0532),
            ("１０５．０５３２", 105.0532),
            ("105°03′11″", 105.0 + 3.0 / 60.0 + 11.0 / 3600.0),
            ("东经105度3分11秒", 105.0 + 3.0 / 60.0 + 11.0 / 3600.0),
            ("118°30'W", -118.5),
            ("-118.5", -118.5),
        ] {
            let read = plain_degrees(text).unwrap();
            assert!((read - degrees).abs() < 1e-9, "{text} {read}");
        }
        for text in ["", "约105", "105°63′11″", "105.05.32", "1°2′3″4"] {
            assert_eq!(plain_degrees(text), None, "{text}");
        }
    }

    #[test]
    fn weekdays_are_read_as_offices_write_them() {
        let words = ["周一", "星期二", "3", "Thu", "礼拜五", "六", "周天"];
        assert_eq!(words.map(weekday), [0, 1, 2, 3, 4, 5, 6].map(Some));
        assert_eq!([weekday("8"), weekday("周八")], [None, None]);
    }

    #[test]
    fn dates_are_read_as_offices_write_them() {
        for text in
            ["2026-12-03", "2026/12/3", "2026.12.3", "20261203", "2026年12月3日", "2026-12-03 00:00:00"]
        {
            assert_eq!(plain_date(text).map(|d| d.to_string()).as_deref(), Some("2026-12-03"), "{text}");
        }
        for text in ["12月3日", "2026-13-01", "2026-2-30", "2026-1", "2026-01-01-01", "+2026-1-1", "20261303"]
        {
            assert_eq!(plain_date(text), None, "{text}");
        }
    }
}
