//! The month and its working days.

use crate::base::{Fault, Outcome};
use chrono::{Datelike, NaiveDate, Weekday};
use std::collections::BTreeMap;

/// A calendar month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    first: NaiveDate,
}

impl Month {
    /// The month of a date.
    ///
    /// # Errors
    /// Never for a date chrono can hold.
    pub fn of(date: NaiveDate) -> Month {
        Month { first: date - chrono::Days::new(u64::from(date.day0())) }
    }

    /// First day.
    #[must_use]
    pub fn first(self) -> NaiveDate {
        self.first
    }

    /// Number of calendar days, 28-31.
    #[must_use]
    pub fn days(self) -> u32 {
        let next = self.first.checked_add_months(chrono::Months::new(1));
        next.map_or(31, |n| (n - self.first).num_days() as u32)
    }

    /// Last day.
    #[must_use]
    pub fn last(self) -> NaiveDate {
        self.first + chrono::Days::new(u64::from(self.days() - 1))
    }

    /// The date lies in the month.
    #[must_use]
    pub fn contains(self, date: NaiveDate) -> bool {
        Month::of(date) == self
    }

    /// Every date of the month.
    pub fn dates(self) -> impl Iterator<Item = NaiveDate> {
        self.first.iter_days().take(self.days() as usize)
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.first.year(), self.first.month())
    }
}

impl std::str::FromStr for Month {
    type Err = Fault;
    fn from_str(word: &str) -> Outcome<Month> {
        let first = NaiveDate::parse_from_str(&format!("{word}-01"), "%Y-%m-%d");
        first.map(|first| Month { first }).map_err(|_| {
            Fault::usage(
                format!("月份“{word}”应写成 2026-12。"),
                format!("the month '{word}' should read like 2026-12."),
            )
        })
    }
}

/// Which days are worked: Monday to Friday unless a `data/calendar/YYYY.csv` says otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    /// Days that differ from the week's rule; `true`: worked.
    pub exceptions: BTreeMap<NaiveDate, bool>,
}

/// The calendars shipped with the program, by year.
const BUILTIN: [(&str, &str); 1] = [("data/calendar/2026.csv", include_str!("../../data/calendar/2026.csv"))];

impl Calendar {
    /// The calendars shipped with the program: the State Council's holidays and working weekends.
    ///
    /// # Errors
    /// A shipped file is damaged.
    pub fn builtin() -> Outcome<Calendar> {
        let mut calendar = Calendar::default();
        for (name, text) in BUILTIN {
            calendar.add(text, name)?;
        }
        Ok(calendar)
    }

    /// Adds a calendar file `date,kind` (`work` or `off`); later rows win. `name` is the file's name for the sentence.
    ///
    /// # Errors
    /// A row is not an ISO date and one of the two words; the sentence names file and line.
    pub fn add(&mut self, text: &str, name: &str) -> Outcome<()> {
        let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
        for (i, line) in lines.skip(1).filter(|(_, l)| !l.trim().is_empty()) {
            let (date, kind) = line.split_once(',').unwrap_or((line, ""));
            let date = NaiveDate::parse_from_str(date.trim(), "%Y-%m-%d").ok();
            // What follows is a remark (the holiday's name).
            let worked = match kind.split(',').next().unwrap_or_default().trim() {
                "work" | "上班" => Some(true),
                "off" | "放假" => Some(false),
                _ => None,
            };
            let (Some(date), Some(worked)) = (date, worked) else {
                let line = i + 1;
                return Err(Fault::refused(
                    format!("{name} 第 {line} 行：应写成“2026-10-01,off”或“2026-10-10,work”。"),
                    format!("{name}, line {line}: a row reads like 2026-10-01,off or 2026-10-10,work."),
                ));
            };
            self.exceptions.insert(date, worked);
        }
        Ok(())
    }

    /// The day is worked.
    #[must_use]
    pub fn is_working(&self, date: NaiveDate) -> bool {
        let weekday = !matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        self.exceptions.get(&date).copied().unwrap_or(weekday)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn december_2026_has_31_days_and_23_working_days() {
        let month: Month = "2026-12".parse().unwrap();
        let calendar = Calendar::default();
        assert_eq!((month.days(), month.last().to_string()), (31, "2026-12-31".into()));
        assert_eq!(month.dates().filter(|d| calendar.is_working(*d)).count(), 23);
    }

    #[test]
    fn national_day_is_off_and_the_saturday_after_is_worked() {
        let calendar = Calendar::builtin().unwrap();
        let day = |s: &str| s.parse::<NaiveDate>().unwrap();
        assert!(!calendar.is_working(day("2026-10-01")) && calendar.is_working(day("2026-10-10")));
        let fault = Calendar::default().add("date,kind\n2026-10-01,holiday\n", "c.csv").unwrap_err();
        assert!(fault.en.starts_with("c.csv, line 2"), "{fault}");
    }

    #[test]
    fn a_month_written_wrongly_is_told_how_to_write_it() {
        assert!("12/2026".parse::<Month>().unwrap_err().en.contains("2026-12"));
    }
}
