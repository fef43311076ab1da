//! A plan folder read back.

use crate::base::{CaregiverIx, ClientIx, Fault, GridIx, Minutes, Outcome, Seconds, Silent, SiteIx};
use crate::coverage::{Cause, Verdict};
use crate::grid::Exception;
use crate::intake::{Table, read_county, read_table};
use crate::plan::cells::near_places;
use crate::plan::folder::FORMAT;
use crate::plan::{CaregiverRow, ClientRow, GridRow, OutletRow, Plan, Summary, UnplacedRow, VisitRow};
use std::collections::BTreeMap;
use std::path::Path;

/// Reads plan.json alone.
///
/// # Errors
/// The folder holds no plan, or one of a newer version.
pub fn open_summary(dir: &Path) -> Outcome<Summary> {
    serde_json::from_value(plan_json(dir)?).map_err(|e| damaged(&dir.join("plan.json"), &e.to_string()))
}

/// plan.json as it stands, once its version is known to be readable; the audit judges the rest.
///
/// # Errors
/// The folder holds no plan, or one of a newer version.
pub fn plan_json(dir: &Path) -> Outcome<serde_json::Value> {
    let path = dir.join("plan.json");
    let text = std::fs::read_to_string(&path).map_err(|e| Fault::file(&path, &e))?;
    let value: serde_json::Value = serde_json::from_str(&text).map_err(|e| damaged(&path, &e.to_string()))?;
    let format = value.get("format").and_then(serde_json::Value::as_u64).unwrap_or(u64::from(FORMAT));
    if format > u64::from(FORMAT) {
        return Err(Fault::refused(
            format!(
                "{}：方案由更新版本生成（格式 {format}，本程序支持到 {FORMAT}），请升级程序。",
                dir.display()
            ),
            format!(
                "{}: the plan was written by a newer version (format {format}, this program reads up to {FORMAT}); update the program.",
                dir.display()
            ),
        ));
    }
    Ok(value)
}

/// Reads a whole plan; every id must name a row of `inputs/`.
///
/// # Errors
/// A file is missing or damaged; the sentence names file and row.
pub fn open_plan(dir: &Path) -> Outcome<Plan> {
    let summary = open_summary(dir)?;
    let month = summary.month.parse()?;
    let intake = read_county(&dir.join("inputs"), month, &Silent)?;
    let names = Names::of(&intake.county);
    let clients = client_rows(&File::read(dir, "clients.csv")?, &names, &intake)?;
    let clients = clients.into_iter().zip(&intake.county.clients);
    let clients =
        clients.map(|(row, c)| ClientRow { owed: intake.policy.visits_owed(c, month), ..row }).collect();
    let curve = read_json(&dir.join("curve.json"))?;
    let kept: Kept = read_json(&dir.join("intake.json"))?;
    let near = near(dir, &names, &intake.county)?;
    Ok(Plan {
        near,
        month,
        clients,
        outlets: File::read(dir, "outlets.csv")?.each(|r| {
            Ok(OutletRow {
                site: names.site(&r, "site")?,
                clients: r.number("clients")?,
                visits: r.number("visits")?,
                minutes: Minutes(r.number("minutes")?),
            })
        })?,
        caregivers: caregiver_rows(
            &File::read(dir, "caregivers.csv")?,
            &names,
            intake.county.caregivers.len(),
        )?,
        grids: grid_rows(&File::read(dir, "grids.csv")?, &names)?,
        visits: File::read(dir, "visits.csv")?.each(|r| {
            Ok(VisitRow {
                caregiver: names.caregiver(&r, "caregiver")?,
                date: r.text("date").parse().map_err(|_| r.wrong("date"))?,
                order: r.number("order")?,
                client: names.client(&r, "client")?,
                arrive: r.clock("arrive")?,
                leave: r.clock("leave")?,
            })
        })?,
        unplaced: File::read(dir, "unplaced.csv")?.each(|r| {
            Ok(UnplacedRow {
                client: names.client(&r, "client")?,
                missing: r.number("missing")?,
                reason: r.text("reason").to_owned(),
                remedy: r.text("remedy").to_owned(),
            })
        })?,
        curve,
        listed: kept.listed,
        counts: kept.counts,
        notes: kept.notes,
        county: intake.county,
        policy: intake.policy,
        calendar: intake.calendar,
        summary,
    })
}

/// The place near each client, from the village cells; an older plan without them has none.
fn near(dir: &Path, names: &Names, county: &crate::roster::County) -> Outcome<Vec<Option<String>>> {
    let inputs = dir.join("inputs");
    if !county.villages.is_empty() || !inputs.join("cells.csv").is_file() {
        return Ok(vec![None; county.clients.len()]);
    }
    let cells: Vec<(String, Vec<ClientIx>)> = File::read(&inputs, "cells.csv")?.each(|r| {
        let ids = r.text("clients").split(';');
        let clients = ids.filter_map(|id| names.clients.get(id)).map(|c| ClientIx(*c)).collect();
        Ok((r.text("cell").to_owned(), clients))
    })?;
    Ok(near_places(county, cells.iter().map(|(name, clients)| (name.as_str(), clients.as_slice()))))
}

#[derive(serde::Deserialize)]
struct Kept {
    counts: Vec<crate::intake::FileCount>,
    listed: Vec<crate::intake::Listed>,
    notes: Vec<(String, String)>,
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Outcome<T> {
    let text = std::fs::read_to_string(path).map_err(|e| Fault::file(path, &e))?;
    serde_json::from_str(&text).map_err(|e| damaged(path, &e.to_string()))
}

fn damaged(path: &Path, why: &str) -> Fault {
    let p = path.display();
    Fault::refused(format!("{p}：内容损坏（{why}）。"), format!("{p}: the file is damaged ({why})."))
}

/// Ids of the inputs to rows.
struct Names {
    clients: BTreeMap<String, u32>,
    sites: BTreeMap<String, u32>,
    caregivers: BTreeMap<String, u32>,
}

impl Names {
    fn of(county: &crate::roster::County) -> Names {
        fn index<'a>(ids: impl Iterator<Item = &'a String>) -> BTreeMap<String, u32> {
            ids.zip(0..).map(|(id, i)| (id.clone(), i)).collect()
        }
        Names {
            clients: index(county.clients.iter().map(|c| &c.id)),
            sites: index(county.sites.iter().map(|s| &s.id)),
            caregivers: index(county.caregivers.iter().map(|g| &g.id)),
        }
    }

    fn client(&self, r: &Row, column: &str) -> Outcome<ClientIx> {
        self.clients.get(r.text(column)).map(|i| ClientIx(*i)).ok_or_else(|| r.wrong(column))
    }

    fn site(&self, r: &Row, column: &str) -> Outcome<SiteIx> {
        self.sites.get(r.text(column)).map(|i| SiteIx(*i)).ok_or_else(|| r.wrong(column))
    }

    fn caregiver(&self, r: &Row, column: &str) -> Outcome<CaregiverIx> {
        self.caregivers.get(r.text(column)).map(|i| CaregiverIx(*i)).ok_or_else(|| r.wrong(column))
    }
}

struct File {
    name: &'static str,
    table: Table,
}

struct Row<'a> {
    file: &'a File,
    line: usize,
    cells: &'a [String],
}

impl File {
    fn read(dir: &Path, name: &'static str) -> Outcome<File> {
        Ok(File { name, table: read_table(&dir.join(name))? })
    }

    fn each<T>(&self, make: impl Fn(Row) -> Outcome<T>) -> Outcome<Vec<T>> {
        let rows = self.table.rows.iter().enumerate();
        rows.map(|(i, cells)| make(Row { file: self, line: i + 2, cells })).collect()
    }
}

impl Row<'_> {
    fn text(&self, column: &str) -> &str {
        self.file.table.cell(self.cells, column)
    }

    fn wrong(&self, column: &str) -> Fault {
        let (f, l) = (self.file.name, self.line);
        Fault::refused(
            format!("方案文件 {f} 第 {l} 行“{column}”列无法识别，请重新生成方案。"),
            format!("plan file {f}, row {l}, column '{column}' cannot be read; write the plan again."),
        )
    }

    fn number(&self, column: &str) -> Outcome<u32> {
        self.text(column).parse().map_err(|_| self.wrong(column))
    }

    fn optional<T>(&self, column: &str, make: impl Fn(&Self, &str) -> Outcome<T>) -> Outcome<Option<T>> {
        if self.text(column).is_empty() { Ok(None) } else { make(self, column).map(Some) }
    }

    fn seconds_of_minutes(&self, column: &str) -> Outcome<Seconds> {
        let minutes: f64 = self.text(column).parse().map_err(|_| self.wrong(column))?;
        Ok(Seconds((minutes * 60.0).round() as u32))
    }

    fn clock(&self, column: &str) -> Outcome<Seconds> {
        let parts: Option<Vec<u32>> = self.text(column).split(':').map(|p| p.parse().ok()).collect();
        match parts.as_deref() {
            Some([h, m, s]) if *h < 48 && *m < 60 && *s < 60 => Ok(Seconds(h * 3600 + m * 60 + s)),
            _ => Err(self.wrong(column)),
        }
    }

    fn grid(&self, column: &str) -> Outcome<GridIx> {
        let digits = self.text(column).strip_prefix('G').and_then(|d| d.parse::<u32>().ok());
        digits.filter(|d| *d > 0).map(|d| GridIx(d - 1)).ok_or_else(|| self.wrong(column))
    }
}

fn client_rows(file: &File, names: &Names, intake: &crate::intake::Intake) -> Outcome<Vec<ClientRow>> {
    let rows = file.each(|r| {
        let verdict = [Verdict::Served, Verdict::OutletOnly, Verdict::Gap];
        let row = ClientRow {
            outlet: r.optional("outlet", |r, c| names.site(r, c))?,
            outlet_time: r.optional("outlet_time_s", |r, c| r.number(c).map(Seconds))?,
            caregiver: r.optional("caregiver", |r, c| names.caregiver(r, c))?,
            caregiver_time: r.optional("caregiver_time_s", |r, c| r.number(c).map(Seconds))?,
            grid: r.optional("grid", Row::grid)?,
            verdict: verdict
                .into_iter()
                .find(|v| v.word() == r.text("verdict"))
                .ok_or_else(|| r.wrong("verdict"))?,
            cause: r.optional("cause", |r, c| {
                Cause::ALL.into_iter().find(|k| k.word() == r.text(c)).ok_or_else(|| r.wrong(c))
            })?,
            owed: 0,
        };
        Ok((names.client(&r, "client")?, row))
    })?;
    let in_order = rows.iter().enumerate().all(|(i, (c, _))| c.at() == i);
    if !in_order || rows.len() != intake.county.clients.len() {
        return Err(Fault::refused(
            "方案文件 clients.csv 与 inputs/clients.csv 的人员不一致，请重新生成方案。",
            "plan file clients.csv does not list the clients of inputs/clients.csv one by one; write the plan again.",
        ));
    }
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

fn caregiver_rows(file: &File, names: &Names, caregivers: usize) -> Outcome<Vec<CaregiverRow>> {
    let none = CaregiverRow {
        outlet: None,
        grid: None,
        visits: 0,
        care: Seconds(0),
        travel: Seconds(0),
        wait: Seconds(0),
        days: 0,
    };
    let mut all = vec![none; caregivers];
    let rows = file.each(|r| {
        let row = CaregiverRow {
            outlet: r.optional("outlet", |r, c| names.site(r, c))?,
            grid: r.optional("grid", Row::grid)?,
            visits: r.number("visits")?,
            care: r.seconds_of_minutes("care_min")?,
            travel: r.seconds_of_minutes("travel_min")?,
            wait: r.seconds_of_minutes("wait_min")?,
            days: r.number("days")?,
        };
        Ok((names.caregiver(&r, "caregiver")?, row))
    })?;
    rows.into_iter().for_each(|(who, row)| all[who.at()] = row);
    Ok(all)
}

fn grid_rows(file: &File, names: &Names) -> Outcome<Vec<GridRow>> {
    file.each(|r| {
        let list = |column: &str| {
            r.text(column).split(';').filter(|s| !s.is_empty()).map(str::to_owned).collect::<Vec<_>>()
        };
        let exceptions = list("exception_reasons").into_iter().map(|pair| {
            let (client, why) = pair.rsplit_once(':').ok_or_else(|| r.wrong("exception_reasons"))?;
            let client = names.clients.get(client).ok_or_else(|| r.wrong("exception_reasons"))?;
            let why = Exception::ALL.into_iter().find(|e| e.word() == why);
            Ok((ClientIx(*client), why.ok_or_else(|| r.wrong("exception_reasons"))?))
        });
        Ok(GridRow {
            caregiver: names.caregiver(&r, "caregiver")?,
            backup: r.optional("backup", |r, c| names.caregiver(r, c))?,
            cells: list("cells"),
            clients: r.number("clients")?,
            exceptions: exceptions.collect::<Outcome<_>>()?,
        })
    })
}
