//! What happened: the events file, line by line, and the county after it.

use crate::base::{CaregiverIx, ClientIx, Fault, LonLat, Minutes, Outcome};
use crate::intake::{Table, read_table};
use crate::roster::{Category, Client, County, Dossier, Month, Policy, Precision, Status, VisitWindow};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Columns of events.csv in a plan's `inputs/`.
pub const EVENT_COLUMNS: [&str; 4] = ["date", "kind", "who", "until"];

/// Kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// A caregiver is off.
    Leave,
    /// A caregiver stays at a hospital bed, a full day each (R13).
    Escort,
    /// A client joins.
    NewClient,
    /// A client is owed nothing any more, or a caregiver has left.
    Gone,
    /// A client lives elsewhere.
    Moved,
}

const WORDS: [(&str, &str, EventKind); 5] = [
    ("leave", "请假", EventKind::Leave),
    ("escort", "住院陪护", EventKind::Escort),
    ("new_client", "新增", EventKind::NewClient),
    ("gone", "退出", EventKind::Gone),
    ("moved", "搬迁", EventKind::Moved),
];

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// First day it holds.
    pub date: NaiveDate,
    /// What happened.
    pub kind: EventKind,
    /// Id of the client or caregiver.
    pub who: String,
    /// Last day of a leave or escort.
    pub until: Option<NaiveDate>,
}

impl Event {
    /// As a line of events.csv.
    #[must_use]
    pub fn row(&self) -> Vec<String> {
        let kind = WORDS.iter().find(|(_, _, k)| *k == self.kind).map_or("", |(en, _, _)| en);
        let until = self.until.map_or_else(String::new, |d| d.to_string());
        vec![self.date.to_string(), kind.into(), self.who.clone(), until]
    }
}

/// The county's changes as rows.
#[derive(Debug, Clone, Default)]
pub struct Applied {
    /// Clients who are gone, with the first day on which nothing is owed.
    pub gone: BTreeMap<ClientIx, NaiveDate>,
    /// Caregivers who have left.
    pub left: Vec<CaregiverIx>,
    /// Clients who live elsewhere since `from`.
    pub moved: Vec<ClientIx>,
    /// Clients who joined.
    pub joined: Vec<ClientIx>,
}

/// The events of a file with the cells of their rows.
pub struct EventFile {
    name: String,
    /// Number of the first event's line in sentences.
    first_line: usize,
    table: Table,
    /// The events, in the file's order.
    pub events: Vec<Event>,
}

/// Reads an events file `date,kind,who,until`; a new client's row also carries the columns of a client roster.
///
/// # Errors
/// A line lacks a date, names an unknown kind, or ends before it begins; the sentence names the line.
pub fn read_events(path: &Path) -> Outcome<EventFile> {
    let table = read_table(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    EventFile { name, first_line: 2, table, events: Vec::new() }.with_events()
}

impl EventFile {
    /// Events typed by a person: per event the cells by column name, as in an events file.
    ///
    /// # Errors
    /// As [`read_events`].
    pub fn typed(rows: &[BTreeMap<String, String>]) -> Outcome<EventFile> {
        let header: BTreeSet<&String> = rows.iter().flat_map(BTreeMap::keys).collect();
        let cells = |row: &BTreeMap<String, String>| {
            header.iter().map(|h| row.get(*h).map_or("", |c| c.trim()).to_owned()).collect()
        };
        let table =
            Table { rows: rows.iter().map(cells).collect(), header: header.into_iter().cloned().collect() };
        EventFile { name: "变动 events".into(), first_line: 1, table, events: Vec::new() }.with_events()
    }

    fn with_events(self) -> Outcome<EventFile> {
        let events = (0..self.table.rows.len()).map(|i| self.event(i)).collect::<Outcome<_>>()?;
        Ok(EventFile { events, ..self })
    }

    fn text(&self, i: usize, column: &str) -> &str {
        self.table.cell(&self.table.rows[i], column)
    }

    fn fault(&self, i: usize, column: &str, zh: &str, en: &str) -> Fault {
        let (f, line) = (&self.name, i + self.first_line);
        Fault::refused(
            format!("{f} 第 {line} 行“{column}”列：{zh}"),
            format!("{f}, row {line}, column {column}: {en}"),
        )
    }

    fn date(&self, i: usize, column: &str) -> Outcome<Option<NaiveDate>> {
        let text = self.text(i, column);
        if text.is_empty() {
            return Ok(None);
        }
        text.parse()
            .map(Some)
            .map_err(|_| self.fault(i, column, "日期应写成 2026-12-07。", "a date reads like 2026-12-07."))
    }

    fn event(&self, i: usize) -> Outcome<Event> {
        let date = self.date(i, "date")?;
        let date = date.ok_or_else(|| {
            self.fault(i, "date", "缺少日期。", "the date is missing; write it like 2026-12-07.")
        })?;
        let word = self.text(i, "kind");
        let kind = WORDS.iter().find(|(en, zh, _)| *en == word || *zh == word).map(|(_, _, k)| *k);
        let kind = kind.ok_or_else(|| {
            self.fault(
                i,
                "kind",
                "应为 leave 请假、escort 住院陪护、new_client 新增、gone 退出、moved 搬迁之一。",
                "use one of leave, escort, new_client, gone, moved.",
            )
        })?;
        let until = self.date(i, "until")?;
        if until.is_some_and(|u| u < date) {
            return Err(self.fault(i, "until", "早于开始日期。", "it lies before the date; swap the two."));
        }
        Ok(Event { date, kind, who: self.text(i, "who").to_owned(), until })
    }

    /// Changes the county as the events say, from `from` on: what lies before stays as it was.
    ///
    /// # Errors
    /// An event names nobody the plan knows, or lacks what it needs; the sentence names the line.
    pub fn apply(
        &self,
        county: &mut County,
        policy: &Policy,
        month: Month,
        from: NaiveDate,
    ) -> Outcome<Applied> {
        let mut applied = Applied::default();
        for (i, event) in self.events.iter().enumerate() {
            let begin = event.date.max(from);
            if !month.contains(event.date) {
                return Err(self.fault(
                    i,
                    "date",
                    &format!("不在方案月份 {month} 内。"),
                    &format!("it does not lie in the plan's month {month}."),
                ));
            }
            match event.kind {
                EventKind::Leave | EventKind::Escort => {
                    let end = event.until.unwrap_or(event.date);
                    let g = self.caregiver(i, county)?;
                    add_leave(county, g, begin, end);
                }
                EventKind::Gone => match self.caregiver(i, county) {
                    Ok(g) => {
                        add_leave(county, g, begin, month.last());
                        applied.left.push(g);
                    }
                    Err(_) => {
                        let client = self.client(i, county)?;
                        let day = applied.gone.entry(client).or_insert(begin);
                        *day = begin.min(*day);
                    }
                },
                EventKind::Moved => {
                    let client = self.client(i, county)?;
                    let c = &mut county.clients[client.at()];
                    (c.at, c.doubtful, c.precision) = (Some(self.place(i)?), false, Precision::House);
                    // A household that moves apart shares no trip any more.
                    c.household.clear();
                    applied.moved.push(client);
                }
                EventKind::NewClient => {
                    let client = self.new_client(i, county, policy, begin)?;
                    applied.joined.push(ClientIx::of(county.clients.len()));
                    county.clients.push(client);
                }
            }
        }
        Ok(applied)
    }

    fn caregiver(&self, i: usize, county: &County) -> Outcome<CaregiverIx> {
        let who = &self.events[i].who;
        county.caregivers.iter().position(|g| g.id == *who).map(CaregiverIx::of).ok_or_else(|| {
            self.fault(
                i,
                "who",
                &format!("方案中没有服务人员“{who}”。"),
                &format!("the plan has no caregiver '{who}'; use the id of caregivers.csv."),
            )
        })
    }

    fn client(&self, i: usize, county: &County) -> Outcome<ClientIx> {
        let who = &self.events[i].who;
        county.clients.iter().position(|c| c.id == *who).map(ClientIx::of).ok_or_else(|| {
            self.fault(
                i,
                "who",
                &format!("方案中没有服务对象“{who}”。"),
                &format!("the plan knows nobody '{who}'; use an id of clients.csv or caregivers.csv."),
            )
        })
    }

    fn place(&self, i: usize) -> Outcome<LonLat> {
        let degrees = |column: &str, most: f64| {
            self.text(i, column).parse::<f64>().ok().filter(|d| d.abs() <= most).ok_or_else(|| {
                self.fault(
                    i,
                    column,
                    "搬迁或新增须填写经纬度（WGS 84）。",
                    "someone new or moved needs lon and lat in degrees (WGS 84).",
                )
            })
        };
        Ok(LonLat { lon: degrees("lon", 180.0)?, lat: degrees("lat", 90.0)? })
    }

    fn new_client(&self, i: usize, county: &County, policy: &Policy, from: NaiveDate) -> Outcome<Client> {
        let text = |column: &str| self.text(i, column).to_owned();
        let id = text("who");
        if id.is_empty() || county.clients.iter().any(|c| c.id == id) {
            return Err(self.fault(i, "who", "编号缺失或已被使用。", "the id is missing or taken."));
        }
        let category = Category::from_zh(self.text(i, "category")).ok_or_else(|| {
            let (zh, en) =
                ("新增须填写七类人员类别之一。", "a new client needs one of the seven categories.");
            self.fault(i, "category", zh, en)
        })?;
        let number = |column: &str, or: u32, most: u32| match self.text(i, column) {
            "" => Ok(or),
            word => word.parse().ok().filter(|n| (1..=most).contains(n)).ok_or_else(|| {
                let (zh, en) =
                    (format!("应为 1 至 {most} 的整数。"), format!("use a whole number of 1 to {most}."));
                self.fault(i, column, &zh, &en)
            }),
        };
        let tier = number("tier", 1, 3)? as u8;
        let window = match self.text(i, "window") {
            "" => VisitWindow::Day,
            "am" => VisitWindow::Am,
            "pm" => VisitWindow::Pm,
            _ => {
                return Err(self.fault(
                    i,
                    "window",
                    "应为空、am 或 pm。",
                    "leave it empty, or write am or pm.",
                ));
            }
        };
        Ok(Client {
            name: text("name"),
            category,
            tier,
            at: Some(self.place(i)?),
            precision: Precision::House,
            doubtful: false,
            service: Minutes(number("service_min", policy.service_by_tier[usize::from(tier) - 1].0, 600)?),
            needs_female: matches!(self.text(i, "needs_female"), "1" | "是" | "true" | "yes"),
            window,
            needs_skill: self
                .text(i, "needs_skill")
                .split(';')
                .filter(|s| !s.is_empty())
                .map(str::to_owned)
                .collect(),
            township: text("township"),
            village: text("village"),
            group: text("group"),
            household: String::new(),
            status: Status::Approved,
            from: Some(from),
            on_demand_dates: self.on_demand(i)?,
            blocked_weekdays: Vec::new(),
            dossier: Dossier::default(),
            id,
        })
    }

    fn on_demand(&self, i: usize) -> Outcome<Vec<NaiveDate>> {
        let parts = self.text(i, "on_demand_dates").split(';').filter(|p| !p.is_empty());
        parts
            .map(|p| {
                p.trim().parse().map_err(|_| {
                    self.fault(
                        i,
                        "on_demand_dates",
                        "日期应写成 2026-12-07。",
                        "dates read like 2026-12-07, `;` between.",
                    )
                })
            })
            .collect()
    }
}

fn add_leave(county: &mut County, g: CaregiverIx, begin: NaiveDate, end: NaiveDate) {
    let leave = &mut county.caregivers[g.at()].leave;
    leave.extend(begin.iter_days().take_while(|d| *d <= end));
    leave.sort_unstable();
    leave.dedup();
}
