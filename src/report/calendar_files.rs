//! `calendar/CAREGIVER.ics`: a caregiver's month for a telephone (RFC 5545), local time, client ids and no names.

use crate::base::{CaregiverIx, Fault, Outcome, Seconds};
use crate::plan::{Plan, VisitRow};
use crate::report::files::save;
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::path::Path;

/// Writes one file a caregiver with visits into the folder `dir`, which is made.
///
/// # Errors
/// The folder or a file cannot be written.
pub(super) fn write(plan: &Plan, dir: &Path) -> Outcome<()> {
    std::fs::create_dir_all(dir).map_err(|e| Fault::file(dir, &e))?;
    let mut visits: BTreeMap<CaregiverIx, Vec<&VisitRow>> = BTreeMap::new();
    for visit in &plan.visits {
        visits.entry(visit.caregiver).or_default().push(visit);
    }
    for (who, visits) in visits {
        let Some(caregiver) = plan.county.caregivers.get(who.at()) else { continue };
        let text = calendar(plan, &caregiver.id, &visits);
        save(&dir.join(file_name(&caregiver.id, who)), text.as_bytes())?;
    }
    Ok(())
}

/// File name and text of one caregiver's month, as in the plan's folder `calendar`.
#[must_use]
pub fn caregiver_calendar(plan: &Plan, who: CaregiverIx) -> (String, String) {
    let visits: Vec<&VisitRow> = plan.visits.iter().filter(|v| v.caregiver == who).collect();
    let id = &plan.county.caregivers[who.at()].id;
    (file_name(id, who), calendar(plan, id, &visits))
}

/// The id, where it is a plain word; else the row's number, because an id may hold what a file name must not.
fn file_name(id: &str, who: CaregiverIx) -> String {
    let plain = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if plain { format!("{id}.ics") } else { format!("row-{}.ics", who.0 + 1) }
}

fn calendar(plan: &Plan, caregiver: &str, visits: &[&VisitRow]) -> String {
    let mut out = String::new();
    let mut line = |text: String| out.push_str(&folded(&text));
    for text in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//caregrid//visits//ZH"] {
        line(text.into());
    }
    // A stamp is required; the month's first day says the same in every run.
    let stamp = time(plan.month.first(), Seconds(0));
    for visit in visits {
        let client = plan.county.clients.get(visit.client.at()).map_or("", |c| c.id.as_str());
        line("BEGIN:VEVENT".into());
        line(format!("UID:{}-{}-{}@caregrid", escaped(caregiver), visit.date.format("%Y%m%d"), visit.order));
        line(format!("DTSTAMP:{stamp}Z"));
        line(format!("DTSTART:{}", time(visit.date, visit.arrive)));
        line(format!("DTEND:{}", time(visit.date, visit.leave)));
        line(format!("SUMMARY:上门服务 第{}户 {}", visit.order, escaped(client)));
        line("END:VEVENT".into());
    }
    line("END:VCALENDAR".into());
    out
}

fn time(day: NaiveDate, at: Seconds) -> String {
    format!("{}T{:02}{:02}{:02}", day.format("%Y%m%d"), at.0 / 3600, at.0 / 60 % 60, at.0 % 60)
}

/// Text of a property (RFC 5545, 3.3.11).
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().filter(|c| !c.is_control()) {
        if [',', ';', '\\'].contains(&c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A content line of at most 75 bytes, continued on lines that begin with a space (RFC 5545, 3.1).
fn folded(line: &str) -> String {
    let mut out = String::new();
    let mut used = 0;
    for c in line.chars() {
        if used + c.len_utf8() > 75 {
            out.push_str("\r\n ");
            used = 1;
        }
        out.push(c);
        used += c.len_utf8();
    }
    out.push_str("\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_between_characters() {
        let folded = folded(&"村".repeat(30));
        let lines: Vec<&str> = folded.trim_end().split("\r\n").collect();
        assert_eq!((lines.len(), lines[0].len()), (2, 75));
        assert!(lines[1].starts_with(" 村"));
    }

    #[test]
    fn an_id_that_could_leave_the_folder_is_not_a_file_name() {
        assert_eq!(file_name("../C1", CaregiverIx(4)), "row-5.ics");
        assert_eq!(file_name("C001", CaregiverIx(0)), "C001.ics");
    }
}
