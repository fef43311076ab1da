//! A plan folder as the audit reads it: raw tables, so that a spoiled one is judged rather than refused.

use crate::base::{Outcome, Silent};
use crate::intake::{Intake, Table, read_county, read_table};
use crate::plan::open::plan_json;
use crate::roster::Month;
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One row with its table's header.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    table: &'a Table,
    cells: &'a [String],
}

impl<'a> Line<'a> {
    /// A row of a table.
    pub fn of(table: &'a Table, cells: &'a [String]) -> Line<'a> {
        Line { table, cells }
    }

    /// The text of a cell; empty if the column is missing.
    #[must_use]
    pub fn text(&self, column: &str) -> &'a str {
        self.table.cell(self.cells, column)
    }

    /// A number, `None` if the cell is empty or holds something else.
    #[must_use]
    pub fn number(&self, column: &str) -> Option<f64> {
        self.text(column).parse().ok()
    }

    /// Whole seconds, `None` if empty or something else.
    #[must_use]
    pub fn seconds(&self, column: &str) -> Option<u32> {
        self.text(column).parse().ok()
    }

    /// HH:MM:SS as seconds of the day.
    #[must_use]
    pub fn clock(&self, column: &str) -> Option<u32> {
        let parts: Vec<u32> = self.text(column).split(':').map_while(|p| p.parse().ok()).collect();
        match parts[..] {
            [h, m, s] if m < 60 && s < 60 => Some(h * 3600 + m * 60 + s),
            _ => None,
        }
    }

    /// The parts of a list cell.
    pub fn list(&self, column: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.text(column).split(';').filter(|s| !s.is_empty())
    }
}

/// Everything a plan folder says.
pub struct Sheets {
    /// The folder.
    pub dir: PathBuf,
    /// The county, from `inputs/`.
    pub intake: Intake,
    /// The month.
    pub month: Month,
    /// plan.json.
    pub plan: serde_json::Value,
    /// Tables by name: clients, outlets, caregivers, grids, visits, unplaced, gaps, cells, previous, events,
    /// taken_over, locks, month_bound, lock_costs.
    tables: BTreeMap<&'static str, Table>,
    /// Row of each id.
    pub client: BTreeMap<String, usize>,
    /// Row of each id.
    pub site: BTreeMap<String, usize>,
    /// Row of each id.
    pub caregiver: BTreeMap<String, usize>,
}

/// Tables of `inputs/` that stand only where they hold something.
const OPTIONAL: [(&str, &str); 4] = [
    ("previous", "previous.csv"),
    ("events", "events.csv"),
    ("taken_over", "taken_over.csv"),
    ("locks", "locks.csv"),
];
const TABLES: [&str; 7] = ["clients", "outlets", "caregivers", "grids", "visits", "unplaced", "gaps"];

impl Sheets {
    /// Reads the folder.
    ///
    /// # Errors
    /// A file is missing or no table at all.
    pub fn read(dir: &Path) -> Outcome<Sheets> {
        let plan = plan_json(dir)?;
        let month: Month = plan["month"].as_str().unwrap_or_default().parse()?;
        let intake = read_county(&dir.join("inputs"), month, &Silent)?;
        let mut tables = BTreeMap::new();
        for name in TABLES {
            tables.insert(name, read_table(&dir.join(format!("{name}.csv")))?);
        }
        tables.insert("cells", read_table(&dir.join("inputs").join("cells.csv"))?);
        for (name, file) in OPTIONAL {
            let path = dir.join("inputs").join(file);
            tables.insert(name, if path.is_file() { read_table(&path)? } else { Table::default() });
        }
        // A repaired plan claims no bound, and has none of its own; few plans hold locks.
        for (name, file) in [("month_bound", "month_bound.csv"), ("lock_costs", "locks.csv")] {
            let path = dir.join(file);
            tables.insert(name, if path.is_file() { read_table(&path)? } else { Table::default() });
        }
        fn index<'a>(ids: impl Iterator<Item = &'a String>) -> BTreeMap<String, usize> {
            ids.cloned().zip(0..).collect()
        }
        Ok(Sheets {
            dir: dir.to_owned(),
            client: index(intake.county.clients.iter().map(|c| &c.id)),
            site: index(intake.county.sites.iter().map(|s| &s.id)),
            caregiver: index(intake.county.caregivers.iter().map(|g| &g.id)),
            intake,
            month,
            plan,
            tables,
        })
    }

    /// The rows of a table.
    pub fn lines(&self, name: &str) -> impl Iterator<Item = Line<'_>> {
        let table = self.tables.get(name);
        table.into_iter().flat_map(|t| t.rows.iter().map(move |cells| Line { table: t, cells }))
    }

    /// A whole number of plan.json.
    #[must_use]
    pub fn said(&self, key: &str) -> Option<u64> {
        self.plan[key].as_u64()
    }

    /// Visits owed to a client by the policy.
    #[must_use]
    pub fn owed(&self, client: usize) -> u32 {
        self.intake.policy.visits_owed(&self.intake.county.clients[client], self.month)
    }

    /// First day the month before allows a visit.
    #[must_use]
    pub fn not_before(&self) -> BTreeMap<&str, NaiveDate> {
        self.lines("previous")
            .filter_map(|l| Some((l.text("client"), l.text("earliest").parse().ok()?)))
            .collect()
    }

    /// First day on which a client who is gone is owed nothing.
    #[must_use]
    pub fn gone(&self) -> BTreeMap<&str, NaiveDate> {
        let gone = self.lines("events").filter(|l| l.text("kind") == "gone");
        gone.filter_map(|l| Some((l.text("who"), l.text("date").parse().ok()?))).collect()
    }

    /// Travel and waiting, in seconds, of frozen days whose roads cannot be searched again: a client on them has moved since.
    #[must_use]
    pub fn taken_over(&self) -> BTreeMap<(usize, NaiveDate), (u32, u32)> {
        let moved: Vec<(&str, Option<NaiveDate>)> = (self.lines("events"))
            .filter(|l| l.text("kind") == "moved")
            .map(|l| (l.text("who"), l.text("date").parse().ok()))
            .collect();
        let visited = |who: &str, date: NaiveDate| {
            self.lines("visits").any(|v| {
                v.text("caregiver") == who
                    && v.text("date").parse() == Ok(date)
                    && moved
                        .iter()
                        .any(|(c, since)| *c == v.text("client") && since.is_some_and(|s| date < s))
            })
        };
        let day = |l: Line| {
            let (who, date) = (l.text("caregiver"), l.text("date").parse().ok()?);
            // A line that no move explains excuses nothing.
            let sums = (l.seconds("travel_s")?, l.seconds("wait_s")?);
            visited(who, date).then_some(((*self.caregiver.get(who)?, date), sums))
        };
        self.lines("taken_over").filter_map(day).collect()
    }
}
