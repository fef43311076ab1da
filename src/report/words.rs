//! How numbers, dates and names are written in Chinese lists.

use crate::base::{Fen, Seconds};
use chrono::{Datelike, NaiveDate};

/// Minutes rounded up, so that "30 分 or less" and "inside" are one statement: `28 分`, `1 时 05 分`.
pub(super) fn duration(time: Seconds) -> String {
    let minutes = time.0.div_ceil(60);
    if minutes < 60 {
        format!("{minutes} 分")
    } else {
        format!("{} 时 {:02} 分", minutes / 60, minutes % 60)
    }
}

/// `12,345`.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `12,345.60 元`.
pub(super) fn yuan(money: Fen) -> String {
    let sign = if money.0 < 0 { "-" } else { "" };
    let fen = money.0.unsigned_abs();
    format!("{sign}{}.{:02} 元", thousands(fen / 100), fen % 100)
}

/// Share in tenths of a per cent, never rounded up to 100.0 or down to 0.0 falsely: `96.2 %`; `—` of nothing.
pub(super) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "—".into();
    }
    let (part, whole) = (u128::from(part), u128::from(whole));
    let rounded = (2000 * part + whole) / (2 * whole);
    let tenths = match rounded {
        1000 if part < whole => 999,
        0 if part > 0 => 1,
        t => t,
    };
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// `12月3日 周四`.
pub(super) fn date(day: NaiveDate) -> String {
    let weekday = ["一", "二", "三", "四", "五", "六", "日"][day.weekday().num_days_from_monday() as usize];
    format!("{}月{}日 周{weekday}", day.month(), day.day())
}

/// Text for HTML and SVG, in elements and in quoted attributes. Control characters, which XML forbids, are dropped.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() && c != '\n' && c != '\t' => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_rounded_up_and_hours_show_two_digits() {
        assert_eq!(duration(Seconds(1800)), "30 分");
        assert_eq!(duration(Seconds(1801)), "31 分");
        assert_eq!(duration(Seconds(3900)), "1 时 05 分");
    }

    #[test]
    fn money_and_counts_have_thousands_separators() {
        assert_eq!(yuan(Fen(123_456_789)), "1,234,567.89 元");
        assert_eq!(yuan(Fen(-5)), "-0.05 元");
        assert_eq!((thousands(999), thousands(1000)), ("999".to_string(), "1,000".to_string()));
    }

    #[test]
    fn a_share_is_never_rounded_to_all_or_nothing() {
        assert_eq!((percent(4999, 5000), percent(5000, 5000)), ("99.9 %".to_string(), "100.0 %".to_string()));
        assert_eq!((percent(1, 5000), percent(0, 5000)), ("0.1 %".to_string(), "0.0 %".to_string()));
        assert_eq!((percent(4812, 5000), percent(0, 0)), ("96.2 %".to_string(), "—".to_string()));
    }

    #[test]
    fn a_date_names_its_weekday() {
        assert_eq!(date(NaiveDate::from_ymd_opt(2026, 12, 3).unwrap()), "12月3日 周四");
    }

    #[test]
    fn markup_is_escaped() {
        assert_eq!(escaped("<a b='c'>\"&\u{1}"), "&lt;a b=&#39;c&#39;&gt;&quot;&amp;");
    }
}
