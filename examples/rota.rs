//! Plans a generated month of home visits: `rota INSTANCE.json --out PLAN.csv [--steps N] [--threads N] [--seed N]`.
//! Writes lines `caregiver,day,client` in visiting order and prints one JSON line.
//! `--square-hour N`: loads are evened at a price of at most N seconds a square hour; `--fairness`: tells loads in any case;
//! `--prove`: bounds the visits that no plan can place by whole days (half a minute); `--least-travel`: bounds the roads of all plans, and with
//! `--square-hour` of all as even as asked, a square hour taken to be worth `--worth` seconds (a minute each); `--leave ROW`: repairs five days of sick leave.
//! `rota INSTANCE.json --check PLAN.csv...` judges such plans instead, one JSON line a plan: how often each rule is broken.
#![allow(clippy::print_stdout)] // the answer of the command

use caregrid::base::{CaregiverIx, CellIx, ClientIx, Fault, Outcome, Seconds, Silent};
use caregrid::grid::{
    Continuity, Day, LoadSpread, Locks, PlannedVisit, Prices, RotaCaregiver, RotaClient, RotaPlan,
    RotaProblem, RotaStop, Tour, TripTable, broken_rules, least_squares, repair, solve, travel_at_least,
    unplaced_at_least,
};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::Path,
    time::Instant,
};

/// About ten CPU seconds on a county of 1,200 clients.
const STEPS: u64 = 640_000;

#[derive(Deserialize)]
struct Instance {
    speed: f64,
    detour: f64,
    fix: f64,
    days: Vec<u8>,
    min_gap: u32,
    caregivers: Vec<Caregiver>,
    clients: Vec<Client>,
}

#[derive(Deserialize)]
struct Caregiver {
    xy: (f64, f64),
    leave: Vec<u8>,
    shift: (u32, u32),
    max_day: u32,
    max_month: u32,
}

#[derive(Deserialize)]
struct Client {
    xy: (f64, f64),
    visits: u32,
    service: u32,
    tw: (u32, u32),
    blocked_wd: Vec<u8>,
    eligible: Vec<u32>,
}

fn main() -> std::process::ExitCode {
    match run() {
        Ok(line) => {
            println!("{line}");
            std::process::ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("{fault}");
            std::process::ExitCode::from(2)
        }
    }
}

fn run() -> Outcome<String> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| args.iter().position(|a| a == name).and_then(|i| args.get(i + 1));
    let number = |name: &str, default: u64| value(name).and_then(|v| v.parse().ok()).unwrap_or(default);
    if let (Some(input), Some(at)) = (args.first(), args.iter().position(|a| a == "--check")) {
        return check(&problem(&read(input)?, 0), &args[at + 1..]);
    }
    let (Some(input), Some(out)) = (args.first(), value("--out")) else {
        return Err(Fault::usage(
            "用法：rota INSTANCE.json --out PLAN.csv",
            "usage: rota INSTANCE.json --out PLAN.csv [--steps N] [--threads N] [--seed N]",
        ));
    };
    let instance = read(input)?;
    let problem = problem(&instance, number("--square-hour", 0) as u32);
    let stop = RotaStop { steps: number("--steps", STEPS), seed: number("--seed", 1) };
    let threads = number("--threads", 1) as usize;
    let begin = Instant::now();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let plan = match pool {
        Ok(pool) => pool.install(|| solve(&problem, &stop, &Silent))?,
        Err(_) => solve(&problem, &stop, &Silent)?,
    };
    let wall = begin.elapsed().as_secs_f64();
    fs::write(out, csv(&plan)).map_err(|e| Fault::file(Path::new(out), &e))?;
    if let Some(g) = value("--leave").and_then(|g| g.parse().ok()) {
        return sick_week(problem, &plan, CaregiverIx(g));
    }
    let cpu = cpu_seconds().unwrap_or(wall);
    let mut line = summary(&plan)?;
    let _ = write!(line, ", \"cpu_s\": {cpu:.2}, \"wall_s\": {wall:.2}");
    let asks = |name: &str| args.iter().any(|a| a == name);
    if asks("--fairness") || problem.prices.square_hour > 0 {
        let _ = write!(line, ", {}", fairness(&problem, &plan)?);
    }
    if asks("--prove") {
        let _ = write!(line, ", \"proven_unplaced\": {:.2}", unplaced_at_least(&problem, &plan)?);
    }
    if asks("--least-travel") {
        let hours = |even| Ok(f64::from(travel_at_least(&problem, &plan, even)?.0) / 3600.0);
        let _ = write!(line, ", \"least_travel_h\": {:.2}", hours(None)?);
        if problem.prices.square_hour > 0 {
            let even = asked_spread(&problem, &plan, number("--worth", 4) as f64)?;
            let _ = write!(line, ", \"least_even_travel_h\": {:.2}", hours(Some(even))?);
        }
    }
    Ok(format!("{{{line}}}"))
}

fn summary(plan: &RotaPlan) -> Outcome<String> {
    let travel: u32 = plan.tours.iter().map(|t| t.travel.0).sum();
    let unplaced: u32 = plan.unplaced.iter().map(|u| u.missing).sum();
    let bounds = plan.bounds.ok_or_else(Fault::cancelled)?;
    Ok(format!(
        "\"travel_h\": {:.2}, \"unplaced\": {unplaced}, \"bound_unplaced\": {:.2}, \"steps\": {}, \"bound_largest_load_h\": {:.2}, \"reasons\": \"{}\"",
        f64::from(travel) / 3600.0,
        bounds.unplaced,
        plan.steps,
        f64::from(bounds.largest_load.0) / 3600.0,
        reasons(plan),
    ))
}

/// Loads as even as is asked of them: the largest within 3 % of its bound, the sum of squares within 5 %.
fn asked_spread(problem: &RotaProblem, plan: &RotaPlan, square_hour: f64) -> Outcome<LoadSpread> {
    let bounds = plan.bounds.ok_or_else(Fault::cancelled)?;
    Ok(LoadSpread {
        largest: Seconds(bounds.largest_load.0 / 100 * 103),
        squares: 1.05 * least_squares(problem)?,
        square_hour,
    })
}

/// Largest care load, and the sum of squares of all beside the least possible.
fn fairness(problem: &RotaProblem, plan: &RotaPlan) -> Outcome<String> {
    let mut care = vec![0.0; problem.caregivers.len()];
    for tour in &plan.tours {
        let service =
            tour.visits.iter().map(|v| f64::from(problem.clients[v.client.at()].service.0) / 3600.0);
        care[tour.caregiver.at()] += service.sum::<f64>();
    }
    let squares: f64 = care.iter().map(|h| h * h).sum();
    Ok(format!(
        "\"largest_load_h\": {:.2}, \"squares_h2\": {squares:.0}, \"least_squares_h2\": {:.0}",
        care.iter().copied().fold(0.0, f64::max),
        least_squares(problem)?,
    ))
}

fn read(input: &str) -> Outcome<Instance> {
    let text = fs::read_to_string(input).map_err(|e| Fault::file(Path::new(input), &e))?;
    serde_json::from_str(&text).map_err(|e| {
        Fault::refused(format!("{input}：不是实例文件（{e}）。"), format!("{input} is not an instance: {e}."))
    })
}

/// What our own audit says of plans, in the names of the instances' judge.
fn check(problem: &RotaProblem, plans: &[String]) -> Outcome<String> {
    let mut lines = Vec::new();
    for path in plans {
        let text = fs::read_to_string(path).map_err(|e| Fault::file(Path::new(path), &e))?;
        let n = broken_rules(problem, &planned(&text));
        lines.push(format!(
            "{{\"gap_viol\": {}, \"day_over\": {}, \"month_over\": {}, \"tw_viol\": {}, \"leave_viol\": {}, \"elig_viol\": {}, \"blocked_viol\": {}, \"extra\": {}, \"multi_cg\": {}, \"unassigned\": {}, \"travel_h\": {:.1}, \"hard_rules_broken\": {}}}",
            n.spacing, n.long_days, n.long_months, n.late, n.not_worked, n.not_eligible, n.not_on_this_day, n.extra,
            n.several_caregivers, n.missing, f64::from(n.travel) / 3600.0, n.total(),
        ));
    }
    Ok(lines.join("\n"))
}

/// Lines `caregiver,day,client`; the heading is left out.
fn planned(text: &str) -> Vec<PlannedVisit> {
    let row = |line: &str| {
        let mut fields = line.split(',').map(|f| f.trim().parse::<u32>().ok());
        let (g, day, client) = (fields.next()??, fields.next()??, fields.next()??);
        Some((CaregiverIx(g), Day(u8::try_from(day).ok()?), ClientIx(client)))
    };
    text.lines().filter_map(row).collect()
}

/// Five days of sick leave of one caregiver in the second week, repaired: what is lost, what moves, and how long it takes.
fn sick_week(mut problem: RotaProblem, plan: &RotaPlan, who: CaregiverIx) -> Outcome<String> {
    let visits = |plan: &RotaPlan| -> BTreeSet<(u32, u8, u32)> {
        let of_tour =
            |t: &Tour| t.visits.iter().map(|v| (v.client.0, t.day.0, t.caregiver.0)).collect::<Vec<_>>();
        plan.tours.iter().flat_map(of_tour).collect()
    };
    problem.caregivers[who.at()].days.retain(|d| !(8..=12).contains(&d.0));
    let begin = Instant::now();
    let after = repair(&problem, plan, Day(8), &[])?;
    let ms = begin.elapsed().as_secs_f64() * 1000.0;
    let (old, new) = (visits(plan), visits(&after));
    let lost = old.iter().filter(|(_, d, g)| *g == who.0 && (8..=12).contains(d)).count();
    let missing = |plan: &RotaPlan| plan.unplaced.iter().map(|u| u.missing).sum::<u32>();
    let were = |c| plan.unplaced.iter().find(|u| u.client == c).map_or(0, |u| u.missing);
    let mut why: BTreeMap<String, u32> = BTreeMap::new();
    for u in &after.unplaced {
        *why.entry(format!("{:?}", u.reason)).or_default() += u.missing.saturating_sub(were(u.client));
    }
    let why: Vec<String> = why.iter().filter(|(_, n)| **n > 0).map(|(w, n)| format!("{w} {n}")).collect();
    let handed_over = plan.responsible.iter().zip(&after.responsible).filter(|(a, b)| a != b).count();
    Ok(format!(
        "{{\"lost\": {lost}, \"changed\": {}, \"unplaced_before\": {}, \"unplaced_after\": {}, \"handed_over\": {handed_over}, \"reasons_of_more\": \"{}\", \"ms\": {ms:.1}}}",
        old.difference(&new).count(),
        missing(plan),
        missing(&after),
        why.join("; "),
    ))
}

/// CPU seconds of the process: user and system ticks of a hundredth of a second, where the system tells them.
fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(ticks as f64 / 100.0)
}

fn reasons(plan: &RotaPlan) -> String {
    let list: Vec<String> = plan.unplaced.iter().map(|u| format!("{:?} {}", u.reason, u.missing)).collect();
    list.join("; ")
}

fn csv(plan: &RotaPlan) -> String {
    let mut text = String::from("caregiver,day,client\n");
    for tour in &plan.tours {
        for visit in &tour.visits {
            let _ = writeln!(text, "{},{},{}", tour.caregiver.0, tour.day.0, visit.client.0);
        }
    }
    text
}

/// Rows of the instance as the library's problem; one caregiver a client, always.
fn problem(instance: &Instance, square_hour: u32) -> RotaProblem {
    let mut xy_km: Vec<(f64, f64)> = instance.caregivers.iter().map(|g| g.xy).collect();
    let caregivers = instance.caregivers.iter().enumerate().map(|(base, g)| RotaCaregiver {
        base,
        profile: 0,
        days: instance.days.iter().filter(|d| !g.leave.contains(d)).map(|d| Day(*d)).collect(),
        shift: (Seconds(g.shift.0), Seconds(g.shift.1)),
        max_day: Seconds(g.max_day),
        max_month: Seconds(g.max_month),
    });
    let caregivers = caregivers.collect();
    let clients = instance.clients.iter().map(|c| {
        xy_km.push(c.xy);
        RotaClient {
            place: xy_km.len() - 1,
            visits: c.visits,
            apart_days: instance.min_gap,
            service: Seconds(c.service),
            window: (Seconds(c.tw.0), Seconds(c.tw.1)),
            blocked_weekdays: c.blocked_wd.clone(),
            earliest: Day(1),
            only_days: Vec::new(),
            eligible: c.eligible.iter().map(|g| CaregiverIx(*g)).collect(),
            cell: CellIx(0),
            previous: None,
            previous_weekdays: Vec::new(),
            long_gap_days: 14,
            days_since_visit: None,
        }
    });
    let clients = clients.collect();
    RotaProblem {
        first_weekday: 0,
        days_in_month: 30,
        caregivers,
        clients,
        trips: TripTable::Planar {
            xy_km,
            speed: instance.speed,
            detour: instance.detour,
            fix_s: instance.fix,
        },
        cells: 0,
        adjacent: Vec::new(),
        continuity: Continuity::Strict,
        locks: Locks::default(),
        prices: Prices { square_hour, ..Prices::default() },
    }
}
