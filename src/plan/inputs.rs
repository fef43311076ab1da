//! `inputs/`: the county after intake, as a county folder of plain tables. No ID numbers, no phones.

use crate::base::{Fault, LonLat, Mode, Outcome};
use crate::intake::write_table;
use crate::network::ModeFile;
use crate::plan::{Draft, Plan, previous};
use crate::roster::{Base, Caregiver, Client, Precision, Site, Status, Village, VisitWindow};
use chrono::NaiveDate;
use std::path::{Path, PathBuf};

const CLIENTS: [&str; 28] = [
    "id",
    "category",
    "tier",
    "lon",
    "lat",
    "service_min",
    "needs_female",
    "window",
    "name",
    "township",
    "village",
    "group",
    "household",
    "status",
    "from",
    "on_demand_dates",
    "needs_skill",
    "precision",
    "doubtful",
    "measures",
    "assessed",
    "assessor",
    "provider",
    "guardian",
    "elder_grade",
    "disability",
    "blocked_weekdays",
    "id_last4",
];
const SITES: [&str; 8] = ["id", "name", "lon", "lat", "existing", "capacity_h", "cost_fen", "township"];
const CAREGIVERS: [&str; 14] = [
    "id",
    "lon",
    "lat",
    "mode",
    "female",
    "max_day_min",
    "max_month_h",
    "leave",
    "township",
    "village",
    "skills",
    "kind",
    "base",
    "name",
];
const VILLAGES: [&str; 7] = ["code", "name", "township_code", "township", "lon", "lat", "aliases"];

/// Where a mode's file stands in `inputs/`.
#[must_use]
pub fn mode_path(plan_dir: &Path, mode: Mode) -> PathBuf {
    plan_dir.join("inputs").join("modes").join(format!("{}.toml", mode.word()))
}

/// Writes the county, policy and calendar of a plan.
///
/// # Errors
/// A file cannot be written.
pub fn write_inputs(plan: &Plan, dir: &Path) -> Outcome<()> {
    std::fs::create_dir_all(dir.join("modes")).map_err(|e| Fault::file(dir, &e))?;
    let county = &plan.county;
    let synthetic = if county.synthetic { "synthetic = true\n" } else { "" };
    let name = county.name.replace(['"', '\\', '\n'], " ");
    write_text(&dir.join("county.toml"), &format!("name = \"{name}\"\n{synthetic}"))?;
    write_text(&dir.join("policy.toml"), &plan.policy.text)?;
    write_table(&dir.join("clients.csv"), &CLIENTS, &county.clients.iter().map(client).collect::<Vec<_>>())?;
    write_table(&dir.join("sites.csv"), &SITES, &county.sites.iter().map(site).collect::<Vec<_>>())?;
    let caregivers: Vec<_> = county.caregivers.iter().map(caregiver).collect();
    write_table(&dir.join("caregivers.csv"), &CAREGIVERS, &caregivers)?;
    if !county.villages.is_empty() {
        let villages: Vec<_> = county.villages.iter().map(village).collect();
        write_table(&dir.join("villages.csv"), &VILLAGES, &villages)?;
    }
    let kind = |worked: bool| if worked { "work" } else { "off" };
    let days: Vec<_> = plan
        .calendar
        .exceptions
        .iter()
        .map(|(d, worked)| vec![d.to_string(), kind(*worked).into()])
        .collect();
    write_table(&dir.join("calendar.csv"), &["date", "kind"], &days)
}

/// Writes the village cells with their clients and neighbours, and the first day the month before allows.
///
/// # Errors
/// A file cannot be written.
pub fn write_cells(draft: &Draft, dir: &Path) -> Outcome<()> {
    let (cells, clients) = (&draft.cells, &draft.plan.county.clients);
    let mut neighbours = vec![Vec::new(); cells.names.len()];
    for (a, b) in &cells.adjacent {
        neighbours[a.at()].push(cells.names[b.at()].as_str());
        neighbours[b.at()].push(cells.names[a.at()].as_str());
    }
    let row = |i: usize| {
        let members: Vec<&str> = cells.clients[i].iter().map(|c| clients[c.at()].id.as_str()).collect();
        vec![cells.names[i].clone(), neighbours[i].join(";"), members.join(";")]
    };
    let rows: Vec<_> = (0..cells.names.len()).map(row).collect();
    write_table(&dir.join("cells.csv"), &["cell", "neighbours", "clients"], &rows)?;
    let before = clients.iter().zip(&draft.previous).filter_map(|(c, before)| before.row(&c.id));
    write_table(&dir.join("previous.csv"), &previous::COLUMNS, &before.collect::<Vec<_>>())?;
    write_repairs(draft, dir)?;
    write_locks(draft, dir)
}

/// The planner's locks with what each costs, in the plan and in its `inputs/`; no file where there are none.
fn write_locks(draft: &Draft, dir: &Path) -> Outcome<()> {
    let rows = crate::plan::locks::rows(&draft.plan, &draft.locks, &draft.lock_costs);
    if rows.is_empty() {
        return Ok(());
    }
    let bare: Vec<_> = rows.iter().map(|r| r[..3].to_vec()).collect();
    write_table(&dir.join("locks.csv"), &crate::plan::locks::COLUMNS[..3], &bare)?;
    write_table(&dir.with_file_name("locks.csv"), &crate::plan::locks::COLUMNS, &rows)
}

/// The proof of the month's bounds; no file after a repair.
///
/// # Errors
/// The file cannot be written.
pub fn write_month_bound(draft: &Draft, dir: &Path) -> Outcome<()> {
    let Some(bound) = &draft.hours else { return Ok(()) };
    let rows = crate::plan::month_bound::rows(bound, &draft.plan);
    write_table(&dir.join("month_bound.csv"), &crate::plan::month_bound::COLUMNS, &rows)
}

/// Whom to hire and what they would do; no files after a repair.
///
/// # Errors
/// A file cannot be written.
pub fn write_recruits(draft: &Draft, dir: &Path) -> Outcome<()> {
    use crate::plan::recruits::{COLUMNS, VISIT_COLUMNS};
    let Some(recruits) = &draft.recruits else { return Ok(()) };
    write_table(&dir.join("recruits.csv"), &COLUMNS, &recruits.rows(&draft.plan))?;
    write_table(&dir.join("recruit_visits.csv"), &VISIT_COLUMNS, &recruits.visit_rows(&draft.plan))
}

/// Events since the month was first planned, and the frozen days whose sums were taken over; no file where there are none.
fn write_repairs(draft: &Draft, dir: &Path) -> Outcome<()> {
    if !draft.events.is_empty() {
        let rows: Vec<_> = draft.events.iter().map(crate::plan::repair::Event::row).collect();
        write_table(&dir.join("events.csv"), &crate::plan::repair::EVENT_COLUMNS, &rows)?;
    }
    if !draft.taken_over.is_empty() {
        let who = |g: crate::base::CaregiverIx| draft.plan.county.caregivers[g.at()].id.clone();
        let row = |t: &crate::plan::repair::TakenOver| {
            vec![who(t.caregiver), t.date.to_string(), t.travel.0.to_string(), t.wait.0.to_string()]
        };
        let rows: Vec<_> = draft.taken_over.iter().map(row).collect();
        write_table(&dir.join("taken_over.csv"), &["caregiver", "date", "travel_s", "wait_s"], &rows)?;
    }
    Ok(())
}

/// Keeps the mode files a plan was made with.
///
/// # Errors
/// A file cannot be written.
pub fn write_modes(plan_dir: &Path, modes: &[ModeFile]) -> Outcome<()> {
    modes.iter().try_for_each(|m| write_text(&mode_path(plan_dir, m.mode), &m.text))
}

fn write_text(path: &Path, text: &str) -> Outcome<()> {
    std::fs::write(path, text).map_err(|e| Fault::file(path, &e))
}

fn degrees(at: Option<LonLat>) -> [String; 2] {
    at.map_or_else(Default::default, |p| [p.lon.to_string(), p.lat.to_string()])
}

fn flag(yes: bool) -> String {
    if yes { "1" } else { "0" }.into()
}

fn dates(days: &[NaiveDate]) -> String {
    days.iter().map(NaiveDate::to_string).collect::<Vec<_>>().join(";")
}

/// The word of a precision in files.
#[must_use]
pub fn precision_word(precision: Precision) -> &'static str {
    match precision {
        Precision::House => "house",
        Precision::Group => "group",
        Precision::Village => "village",
        Precision::Township => "township",
    }
}

fn client(c: &Client) -> Vec<String> {
    let [lon, lat] = degrees(c.at);
    let window = match c.window {
        VisitWindow::Day => "",
        VisitWindow::Am => "am",
        VisitWindow::Pm => "pm",
    };
    let status = match c.status {
        Status::Approved => "approved",
        Status::Pending => "pending",
    };
    vec![
        c.id.clone(),
        c.category.zh().into(),
        c.tier.to_string(),
        lon,
        lat,
        c.service.0.to_string(),
        flag(c.needs_female),
        window.into(),
        c.name.clone(),
        c.township.clone(),
        c.village.clone(),
        c.group.clone(),
        c.household.clone(),
        status.into(),
        c.from.map_or_else(String::new, |d| d.to_string()),
        dates(&c.on_demand_dates),
        c.needs_skill.join(";"),
        precision_word(c.precision).into(),
        flag(c.doubtful),
        c.dossier.measures.iter().map(|m| m.zh()).collect::<Vec<_>>().join(";"),
        c.dossier.assessed.map_or_else(String::new, |d| d.to_string()),
        c.dossier.assessor.clone(),
        c.dossier.provider.clone(),
        c.dossier.guardian.clone(),
        c.dossier.elder_grade.clone(),
        c.dossier.disability.map_or_else(String::new, |d| format!("{}-{}", d.kind, d.level)),
        c.blocked_weekdays.iter().map(|d| (d + 1).to_string()).collect::<Vec<_>>().join(";"),
        c.dossier.id_last4.clone(),
    ]
}

fn site(s: &Site) -> Vec<String> {
    let [lon, lat] = degrees(Some(s.at));
    vec![
        s.id.clone(),
        s.name.clone(),
        lon,
        lat,
        flag(s.existing),
        s.capacity_h.map_or_else(String::new, |h| h.to_string()),
        s.cost.map_or_else(String::new, |f| f.0.to_string()),
        s.township.clone(),
    ]
}

fn caregiver(g: &Caregiver) -> Vec<String> {
    let [lon, lat] = degrees(g.at);
    let base = match g.base {
        Base::Home => "home",
        Base::Outlet => "outlet",
    };
    vec![
        g.id.clone(),
        lon,
        lat,
        g.mode.word().into(),
        flag(g.female),
        g.max_day.0.to_string(),
        (f64::from(g.max_month.0) / 60.0).to_string(),
        dates(&g.leave),
        g.township.clone(),
        g.village.clone(),
        g.skills.join(";"),
        g.kind.clone(),
        base.into(),
        g.name.clone(),
    ]
}

fn village(v: &Village) -> Vec<String> {
    let [lon, lat] = degrees(v.at);
    vec![
        v.code.clone(),
        v.name.clone(),
        v.township_code.clone(),
        v.township.clone(),
        lon,
        lat,
        v.aliases.join(";"),
    ]
}
