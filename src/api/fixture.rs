//! A drawn county for tests: three townships of homes around their outlets, no roads.

use crate::base::{CaregiverIx, ClientIx, Fen, GridIx, LonLat, Minutes, Mode, Seconds, SiteIx, SplitMix64};
use crate::coverage::{Cause, Verdict};
use crate::intake::FileCount;
use crate::plan::{
    CaregiverRow, ClientRow, GridRow, OutletRow, Plan, SitingSummary, Summary, UnplacedRow, VisitRow,
};
use crate::roster::{
    Base, Calendar, Caregiver, Category, Client, County, Month, Policy, Precision, Site, Status, Village,
    VisitWindow,
};
use crate::siting::CurvePoint;
use std::collections::BTreeMap;

const TOWNSHIPS: [(&str, f64, f64); 3] =
    [("柳河镇", 105.05, 35.69), ("大沟乡", 105.22, 35.60), ("土门岘镇", 104.92, 35.85)];
const CAREGIVERS: usize = 12;

/// `clients` homes, 9 sites of which 4 are open, 12 caregivers, a month of visits.
pub(in crate::api) fn county_plan(clients: usize) -> Plan {
    let month: Month = "2026-12".parse().unwrap();
    let mut random = SplitMix64::new(7);
    let county = County {
        name: "示例县".into(),
        synthetic: true,
        clients: (0..clients).map(|i| client(i, &mut random)).collect(),
        caregivers: (0..CAREGIVERS).map(caregiver).collect(),
        sites: (0..9).map(site).collect(),
        villages: (0..9).map(village).collect(),
    };
    let rows: Vec<ClientRow> =
        county.clients.iter().enumerate().map(|(i, c)| client_row(i, c, &county)).collect();
    let visits = visits(&county, &rows, month);
    let outlets = [0, 3, 4, 6].map(|s| outlet(SiteIx(s), &rows)).to_vec();
    let caregivers = (0..CAREGIVERS).map(|g| caregiver_row(CaregiverIx::of(g), &visits)).collect();
    let grids = (0..CAREGIVERS).map(|g| grid(g, &rows)).collect();
    let summary = summary(&county, &rows, visits.len() as u32);
    Plan {
        month,
        near: vec![None; clients],
        policy: Policy::builtin().unwrap(),
        calendar: Calendar::default(),
        outlets,
        caregivers,
        grids,
        unplaced: vec![UnplacedRow {
            client: ClientIx(5),
            missing: 1,
            reason: "month_hours".into(),
            remedy: "overtime:G002".into(),
        }],
        curve: (1..=9).map(|p| curve_point(p, clients)).collect(),
        listed: Vec::new(),
        counts: vec![FileCount {
            file: "柳河镇.xlsx".into(),
            rows_in: clients as u64,
            kept: clients as u64,
            listed: 0,
        }],
        notes: vec![("3 条路在图幅边缘被截断。".into(), "3 ways are clipped at the map's edge.".into())],
        summary,
        clients: rows,
        visits,
        county,
    }
}

fn around(at: LonLat, spread: f64, random: &mut SplitMix64) -> LonLat {
    LonLat { lon: at.lon + spread * random.normal(), lat: at.lat + spread * 0.8 * random.normal() }
}

fn seat(i: usize) -> (&'static str, LonLat) {
    let (name, lon, lat) = TOWNSHIPS[i % 3];
    (name, LonLat { lon, lat })
}

fn client(i: usize, random: &mut SplitMix64) -> Client {
    let (township, at) = seat(i);
    Client {
        id: format!("C{:04}", i + 1),
        name: format!("<b>示例{}</b>", i + 1),
        category: Category::ALL[i % 7],
        tier: (i % 3) as u8 + 1,
        at: (i % 50 != 9).then(|| around(at, 0.05, random)),
        precision: Precision::House,
        doubtful: false,
        service: Minutes(60),
        needs_female: i % 5 == 0,
        window: VisitWindow::Day,
        needs_skill: Vec::new(),
        township: township.into(),
        village: format!("{}村", ["东", "西", "南"][i / 3 % 3]),
        group: String::new(),
        household: String::new(),
        status: Status::Approved,
        from: None,
        on_demand_dates: Vec::new(),
        blocked_weekdays: Vec::new(),
        dossier: crate::roster::Dossier {
            guardian: "示例监护".into(),
            id_last4: "002X".into(),
            ..Default::default()
        },
    }
}

fn caregiver(i: usize) -> Caregiver {
    let (township, at) = seat(i);
    Caregiver {
        id: format!("G{:03}", i + 1),
        name: format!("护理{}", i + 1),
        at: Some(at),
        mode: Mode::ALL[i % 4],
        female: true,
        max_day: Minutes(480),
        max_month: Minutes(9600),
        leave: Vec::new(),
        township: township.into(),
        village: "东村".into(),
        skills: Vec::new(),
        kind: "留守妇女".into(),
        base: Base::Home,
    }
}

fn site(i: usize) -> Site {
    let (township, at) = seat(i);
    let step = 0.06 * (i / 3) as f64;
    Site {
        id: format!("S{:04}", i + 1),
        name: format!("{township}{}号点", i / 3 + 1),
        at: LonLat { lon: at.lon + step, lat: at.lat - step / 2.0 },
        existing: i == 0,
        capacity_h: None,
        cost: Some(Fen(500_000)),
        township: township.into(),
    }
}

fn village(i: usize) -> Village {
    let (township, at) = seat(i);
    Village {
        code: format!("62042210{i:04}"),
        name: format!("{}村", ["东", "西", "南"][i / 3]),
        township_code: format!("62042210{}", i % 3),
        township: township.into(),
        at: Some(LonLat { lon: at.lon + 0.03 * (i / 3) as f64, lat: at.lat + 0.02 }),
        aliases: Vec::new(),
    }
}

fn client_row(i: usize, client: &Client, county: &County) -> ClientRow {
    let metres = |site: usize| client.at.map(|at| county.sites[site].at.metres_to(at).0);
    let near = [0usize, 3, 4, 6].into_iter().filter_map(|s| metres(s).map(|m| (s, (m * 0.2) as u32 + 60)));
    let near = near.min_by_key(|(s, t)| (*t, *s));
    let inside = near.is_some_and(|(_, t)| t <= 1800);
    let served = inside && i % 20 != 3;
    let cause = match (client.at, served) {
        (_, true) => None,
        (None, _) => Some(Cause::NoLocation),
        (_, _) if inside => Some(Cause::NoCaregiver),
        _ => Some(Cause::TooFar),
    };
    ClientRow {
        outlet: near.map(|(s, _)| SiteIx::of(s)),
        outlet_time: near.map(|(_, t)| Seconds(t)),
        caregiver: client.at.map(|_| CaregiverIx::of(i % CAREGIVERS)),
        caregiver_time: near.map(|(_, t)| Seconds(t / 2)),
        grid: client.at.map(|_| GridIx::of(i % CAREGIVERS)),
        verdict: if served {
            Verdict::Served
        } else if inside {
            Verdict::OutletOnly
        } else {
            Verdict::Gap
        },
        cause,
        owed: 2 + (i % 2) as u32,
    }
}

fn visits(county: &County, rows: &[ClientRow], month: Month) -> Vec<VisitRow> {
    let days: Vec<_> = month.dates().filter(|d| Calendar::default().is_working(*d)).collect();
    let mut visits = Vec::new();
    for g in 0..CAREGIVERS {
        let mine: Vec<usize> =
            (0..county.clients.len()).filter(|i| i % CAREGIVERS == g && rows[*i].cause.is_none()).collect();
        for (d, date) in days.iter().enumerate() {
            let today = mine.iter().filter(|i| (**i / CAREGIVERS + d) % 8 == 0).take(6);
            for (order, i) in today.enumerate() {
                let arrive = Seconds(8 * 3600 + 900 + 4500 * order as u32);
                visits.push(VisitRow {
                    caregiver: CaregiverIx::of(g),
                    date: *date,
                    order: order as u32 + 1,
                    client: ClientIx::of(*i),
                    arrive,
                    leave: arrive + Minutes(60).seconds(),
                });
            }
        }
    }
    visits
}

fn outlet(site: SiteIx, rows: &[ClientRow]) -> OutletRow {
    let clients = rows.iter().filter(|r| r.outlet == Some(site) && r.verdict != Verdict::Gap).count() as u32;
    OutletRow { site, clients, visits: 2 * clients, minutes: Minutes(120 * clients) }
}

fn caregiver_row(g: CaregiverIx, visits: &[VisitRow]) -> CaregiverRow {
    let mine = visits.iter().filter(|v| v.caregiver == g).count() as u32;
    CaregiverRow {
        outlet: Some(SiteIx([0, 4, 6][g.at() % 3])),
        grid: Some(GridIx(g.0)),
        visits: mine,
        care: Seconds(3600 * mine),
        travel: Seconds(900 * mine),
        wait: Seconds(0),
        days: 20,
    }
}

fn grid(g: usize, rows: &[ClientRow]) -> GridRow {
    GridRow {
        caregiver: CaregiverIx::of(g),
        backup: None,
        cells: vec!["东村".into(), "西村".into()],
        clients: rows.iter().filter(|r| r.grid == Some(GridIx::of(g))).count() as u32,
        exceptions: vec![(ClientIx::of(g), crate::plan::Exception::Reach)],
    }
}

fn curve_point(p: u32, clients: usize) -> CurvePoint {
    let covered = (clients as f64 * (1.0 - 0.6f64.powi(p as i32)) * 0.95) as u64;
    CurvePoint {
        p,
        open: (0..p).map(SiteIx).collect(),
        objective: covered * 2,
        bound: covered as f64 * 2.0 * if p < 5 { 1.0 } else { 1.01 },
        gap_pct: if p < 5 { 0.0 } else { 1.0 },
        proven: p < 5,
        clients: covered,
        kept: p - 1,
    }
}

fn summary(county: &County, rows: &[ClientRow], planned: u32) -> Summary {
    let mut causes: BTreeMap<String, u32> = BTreeMap::new();
    for cause in rows.iter().filter_map(|r| r.cause) {
        *causes.entry(cause.word().into()).or_default() += 1;
    }
    Summary {
        format: 1,
        county: county.name.clone(),
        synthetic: true,
        month: "2026-12".into(),
        clients_total: rows.len() as u32,
        clients_in_outlet_circle: rows.iter().filter(|r| r.outlet_time.is_some_and(|t| t.0 <= 1800)).count()
            as u32,
        clients_served: rows.iter().filter(|r| r.cause.is_none()).count() as u32,
        gaps_by_cause: causes,
        outlets: 4,
        siting: SitingSummary {
            model: "lscp".into(),
            objective: 4.0,
            bound: 4.0,
            gap_pct: 0.0,
            proven: true,
        },
        caregivers_used: CAREGIVERS as u32,
        visits_owed: rows.iter().map(|r| r.owed).sum(),
        visits_planned: planned,
        visits_by_backup: 0,
        unplaced: 1,
        unplaced_bound: 0.0,
        short_clients_bound: 0.0,
        long_gaps: 0,
        care_h_max: 0.0,
        care_h_max_bound: 0.0,
        recruits: None,
        travel_h: 352.4,
        seed: 1,
        steps: 1000,
        inputs: BTreeMap::from([("clients.csv".into(), "0123abcd".into())]),
        timings_ms: BTreeMap::from([("siting".into(), 120)]),
    }
}
