//! A plan drawn as a picture, for the tests of this floor, and the tests that read the written files back.

use super::map::RoadLines;
use super::style::Style;
use super::write_files;
use crate::base::{CaregiverIx, ClientIx, Fen, GridIx, LonLat, Minutes, Mode, Seconds, Silent, SiteIx};
use crate::coverage::{Cause, Verdict};
use crate::plan::{
    CaregiverRow, ClientRow, GridRow, OutletRow, Plan, SitingSummary, Summary, UnplacedRow, VisitRow,
};
use crate::roster::{
    Base, Calendar, Caregiver, Category, Client, County, Month, Policy, Precision, Site, Status, VisitWindow,
};
use crate::siting::CurvePoint;
use std::collections::BTreeMap;

/// One character is 0.01 degrees. `1`-`8` clients, `A` `B` caregivers, `O` the existing outlet, `N` the new one,
/// `=` the main road, `-` the village road. The west is 东川镇, the east 西坪乡 (deliberately confusing, as in real life).
const PICTURE: [&str; 8] = [
    "  1    2            ",
    "   A        5       ",
    "  --------          ",
    "3    O        N   6 ",
    "====================",
    "   4         B      ",
    "         ------     ",
    "              7     ",
];

fn place(of: char) -> Option<LonLat> {
    PICTURE.iter().enumerate().find_map(|(row, line)| {
        let column = line.find(of)?;
        Some(LonLat { lon: 105.0 + 0.01 * column as f64, lat: 35.8 - 0.01 * row as f64 })
    })
}

/// Every run of `of` in the picture as a line.
fn lines(of: char) -> Vec<Vec<LonLat>> {
    let at = |row: usize, column: usize| LonLat {
        lon: 105.0 + 0.01 * column as f64,
        lat: 35.8 - 0.01 * row as f64,
    };
    let rows = PICTURE.iter().enumerate().filter_map(|(row, line)| {
        let (first, last) = (line.find(of)?, line.rfind(of)?);
        Some((first..=last).map(|column| at(row, column)).collect())
    });
    rows.collect()
}

pub(super) fn roads() -> RoadLines {
    vec![lines('='), Vec::new(), lines('-')]
}

fn client(number: u32, name: &str, category: Category, township: &str, village: &str) -> Client {
    Client {
        id: format!("06{number:04}"),
        name: name.into(),
        category,
        tier: 2,
        at: char::from_digit(number, 10).and_then(place),
        precision: if number == 5 { Precision::Village } else { Precision::House },
        doubtful: false,
        service: Minutes(60),
        needs_female: false,
        window: VisitWindow::Day,
        needs_skill: Vec::new(),
        township: township.into(),
        village: village.into(),
        group: "一社".into(),
        household: String::new(),
        status: Status::Approved,
        from: None,
        on_demand_dates: Vec::new(),
        blocked_weekdays: Vec::new(),
        dossier: Default::default(),
    }
}

fn caregiver(id: &str, at: char, township: &str, kind: &str) -> Caregiver {
    Caregiver {
        id: id.into(),
        name: String::new(),
        at: place(at),
        mode: Mode::Motorcycle,
        female: true,
        max_day: Minutes(480),
        max_month: Minutes(9600),
        leave: Vec::new(),
        township: township.into(),
        village: String::new(),
        skills: Vec::new(),
        kind: kind.into(),
        base: Base::Home,
    }
}

fn site(id: &str, at: char, existing: bool) -> Site {
    let at = place(at).unwrap();
    Site {
        id: id.into(),
        name: format!("{id}<网点>"),
        at,
        existing,
        capacity_h: None,
        cost: None,
        township: String::new(),
    }
}

fn county() -> County {
    use Category::{ExtremelyPoor, LowIncomeElder, Other, SeverelyDisabled};
    let (west, east) = ("东川镇", "西坪乡");
    let clients = vec![
        client(1, "张三丰", ExtremelyPoor, west, "上湾村"),
        client(2, "李四", LowIncomeElder, west, "上湾村"),
        client(3, "王五", SeverelyDisabled, west, "下湾村"),
        client(4, "赵六", ExtremelyPoor, west, "下湾村"),
        client(5, "孙七", LowIncomeElder, east, "岘口村"),
        client(6, "周八", LowIncomeElder, east, "岘口村"),
        client(7, "吴九", ExtremelyPoor, east, "<b>村"),
        client(8, "郑十", Other, east, ""),
    ];
    let caregivers = vec![caregiver("C01", 'A', west, "留守妇女"), caregiver("C02", 'B', west, "其他")];
    let sites = vec![site("S1", 'O', true), site("S2", 'N', false)];
    County { name: "画中县".into(), synthetic: true, clients, caregivers, sites, villages: Vec::new() }
}

fn policy() -> Policy {
    Policy { relief_fund: Fen(0), ..Policy::builtin().unwrap() }
}

/// A row: caregiver and minutes, visits owed, cause.
fn row(number: u32, who: Option<(u32, u32)>, owed: u32, cause: Option<Cause>) -> ClientRow {
    let near_outlet = number != 7 && number != 8;
    let verdict = match cause {
        None => Verdict::Served,
        Some(_) if near_outlet => Verdict::OutletOnly,
        Some(_) => Verdict::Gap,
    };
    ClientRow {
        outlet: near_outlet.then_some(SiteIx(u32::from(number > 4))),
        outlet_time: near_outlet.then_some(Seconds(300 + 60 * number)),
        caregiver: who.map(|w| CaregiverIx(w.0)),
        caregiver_time: who.map(|w| Seconds(60 * w.1)),
        grid: who.map(|w| GridIx(w.0)),
        verdict,
        cause,
        owed,
    }
}

fn visits(month: Month) -> Vec<VisitRow> {
    // Caregiver, client, days of the month.
    let planned: [(u32, u32, &[u64]); 6] = [
        (0, 0, &[3, 10, 17]),
        (0, 1, &[3, 10, 17]),
        (0, 2, &[4, 14]),
        (0, 3, &[8, 15, 22]),
        (1, 4, &[3, 10, 21]),
        (0, 5, &[9]),
    ];
    let mut visits: Vec<VisitRow> = planned
        .iter()
        .flat_map(|(who, client, days)| {
            days.iter().map(|day| VisitRow {
                caregiver: CaregiverIx(*who),
                date: month.first() + chrono::Days::new(day - 1),
                order: 1,
                client: ClientIx(*client),
                arrive: Seconds(32_400),
                leave: Seconds(36_000),
            })
        })
        .collect();
    visits.sort_by_key(|v| (v.caregiver, v.date, v.client));
    visits
}

fn summary() -> Summary {
    Summary {
        format: 1,
        county: "画中县".into(),
        synthetic: true,
        month: "2026-12".into(),
        clients_total: 8,
        clients_in_outlet_circle: 6,
        clients_served: 5,
        gaps_by_cause: BTreeMap::new(),
        outlets: 2,
        siting: SitingSummary {
            model: "lscp".into(),
            objective: 2.0,
            bound: 2.0,
            gap_pct: 0.0,
            proven: true,
        },
        caregivers_used: 2,
        visits_owed: 20,
        visits_planned: 15,
        visits_by_backup: 1,
        unplaced: 5,
        unplaced_bound: 0.0,
        short_clients_bound: 0.0,
        long_gaps: 0,
        care_h_max: 0.0,
        care_h_max_bound: 0.0,
        recruits: None,
        travel_h: 3.5,
        seed: 1,
        steps: 1000,
        inputs: BTreeMap::from([("clients.csv".into(), "ab".repeat(32))]),
        timings_ms: BTreeMap::new(),
    }
}

/// The whole plan: five served, one over capacity, one too far, one without a place.
pub(super) fn plan() -> Plan {
    let month: Month = "2026-12".parse().unwrap();
    let outlet = |site, clients, visits| OutletRow { site, clients, visits, minutes: Minutes(60 * visits) };
    let worker = |outlet, visits: u32, travel| CaregiverRow {
        outlet: Some(outlet),
        grid: None,
        visits,
        care: Seconds(3600 * visits),
        travel: Seconds(travel),
        wait: Seconds(0),
        days: visits,
    };
    let grid = |who, cell: &str, clients| GridRow {
        caregiver: CaregiverIx(who),
        backup: None,
        cells: vec![cell.into()],
        clients,
        exceptions: Vec::new(),
    };
    let point = |p: u32, objective: u64, bound: f64, proven| CurvePoint {
        p,
        open: Vec::new(),
        objective,
        bound,
        gap_pct: 0.0,
        proven,
        clients: objective / 3,
        kept: 0,
    };
    let lost = |client, missing, reason: &str| UnplacedRow {
        client: ClientIx(client),
        missing,
        reason: reason.into(),
        remedy: String::new(),
    };
    Plan {
        near: Vec::new(),
        month,
        county: county(),
        policy: policy(),
        calendar: Calendar::default(),
        clients: vec![
            row(1, Some((0, 6)), 3, None),
            row(2, Some((0, 12)), 3, None),
            row(3, Some((0, 25)), 2, None),
            row(4, Some((0, 30)), 3, None),
            row(5, Some((1, 19)), 3, None),
            row(6, Some((1, 15)), 3, Some(Cause::OverCapacity)),
            row(7, Some((1, 44)), 3, Some(Cause::TooFar)),
            row(8, None, 0, Some(Cause::NoLocation)),
        ],
        outlets: vec![outlet(SiteIx(0), 4, 12), outlet(SiteIx(1), 2, 3)],
        caregivers: vec![worker(SiteIx(0), 12, 9000), worker(SiteIx(1), 3, 3600)],
        grids: vec![grid(0, "上湾村", 4), grid(1, "岘口村", 3)],
        visits: visits(month),
        unplaced: vec![lost(5, 2, "over_capacity"), lost(6, 3, "too_far")],
        curve: vec![point(1, 11, 11.0, true), point(2, 17, 18.5, false), point(3, 17, 17.0, true)],
        listed: Vec::new(),
        counts: Vec::new(),
        notes: Vec::new(),
        summary: summary(),
    }
}

fn written() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    write_files(&plan(), &roads(), &Style::shipped().unwrap(), dir.path(), &Silent).unwrap();
    // For looking at: CAREGRID_LOOK=/some/folder keeps a copy.
    if let Some(look) = std::env::var_os("CAREGRID_LOOK") {
        for file in std::fs::read_dir(dir.path()).unwrap().map(Result::unwrap).filter(|f| f.path().is_file())
        {
            std::fs::copy(file.path(), std::path::Path::new(&look).join(file.file_name())).unwrap();
        }
    }
    dir
}

/// The words of a page, one element a line: what a person reads, without drawings and style.
fn words(html: &str) -> String {
    let body = html.split("<body>").nth(1).unwrap();
    let mut text = String::new();
    let mut rest = body;
    while let Some(start) = rest.find("<svg") {
        text.push_str(&rest[..start]);
        rest = rest[start..].split_once("</svg>").unwrap().1;
    }
    text.push_str(rest);
    let cells = text.replace("</td>", " | ").replace("</th>", " | ");
    let mut out = String::new();
    let mut inside = false;
    for c in cells.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    let lines: Vec<&str> = out.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    lines.join("\n") + "\n"
}

#[test]
fn the_report_reads_as_agreed_line_by_line() {
    let dir = written();
    let got = words(&std::fs::read_to_string(dir.path().join("report.html")).unwrap());
    let golden = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/drawn_village.txt");
    if std::env::var_os("CAREGRID_ACCEPT").is_some() {
        std::fs::write(&golden, &got).unwrap();
    }
    let want = std::fs::read_to_string(golden).unwrap_or_default();
    let (got, want): (Vec<&str>, Vec<&str>) = (got.lines().collect(), want.lines().collect());
    let mut differences = String::new();
    for i in 0..got.len().max(want.len()) {
        let (g, w) = (got.get(i).unwrap_or(&""), want.get(i).unwrap_or(&""));
        if g != w {
            differences += &format!("line {}\n  agreed: {w}\n  now:    {g}\n", i + 1);
        }
    }
    let hint = "if this is right, run again with CAREGRID_ACCEPT=1 and read the difference in git";
    assert!(differences.is_empty(), "the report reads differently:\n{differences}{hint}");
}

#[test]
fn the_report_holds_no_name_no_raw_markup_and_nothing_from_outside() {
    let dir = written();
    let html = std::fs::read_to_string(dir.path().join("report.html")).unwrap();
    for forbidden in
        ["张三丰", "李四", "<b>村", "http-equiv=\"refresh\"", "<script", " style=", "src=", "href="]
    {
        assert!(!html.contains(forbidden), "{forbidden} stands in report.html");
    }
    assert!(html.contains("&lt;b&gt;村") && html.contains(super::legend::CREDIT), "escaped text and credit");
    assert!(html.contains("示例数据，非真实道路与人员") && html.contains("内部资料，未经审图，不得公开"));
}

#[test]
fn geojson_holds_every_client_once_with_verdict_and_no_name() {
    let dir = written();
    let text = std::fs::read_to_string(dir.path().join("coverage.geojson")).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let features = value["features"].as_array().unwrap();
    let kind = |k: &str| features.iter().filter(|f| f["properties"]["kind"] == k).count();
    assert_eq!((kind("client"), kind("outlet")), (8, 2));
    assert!(!text.contains("张三丰") && text.contains("\"cause\":\"too_far\""));
    let unlocated = features.iter().filter(|f| f["geometry"].is_null()).count();
    assert_eq!(unlocated, 1);
    let decimals = |n: &serde_json::Value| n.to_string().split('.').nth(1).map_or(0, str::len);
    for feature in features.iter().filter(|f| !f["geometry"].is_null()) {
        let at = feature["geometry"]["coordinates"].as_array().unwrap();
        assert!(at.iter().all(|n| decimals(n) <= 7), "{at:?}");
    }
}

#[test]
fn the_workbook_has_a_sheet_a_township_with_text_ids_and_masked_names() {
    use calamine::{Data, Reader, Xlsx, open_workbook};
    let dir = written();
    let mut book: Xlsx<_> = open_workbook(dir.path().join("assignments.xlsx")).unwrap();
    assert_eq!(book.sheet_names(), ["东川镇", "西坪乡"]);
    let sheet = book.worksheet_range("东川镇").unwrap();
    let row: Vec<Data> = sheet.rows().nth(2).unwrap().to_vec();
    assert_eq!(row[0], Data::String("060001".into()));
    assert_eq!(row[1], Data::String("张*".into()));
    assert_eq!(row[16], Data::String("12月3日 周四；12月10日 周四；12月17日 周四".into()));
    let backup = book.worksheet_range("西坪乡").unwrap();
    assert_eq!(backup.rows().nth(3).unwrap()[16], Data::String("12月9日 周三（C01）".into()));
}

#[test]
fn a_county_without_townships_has_one_sheet() {
    use calamine::{Reader, Xlsx, open_workbook};
    let mut plan = plan();
    plan.county.clients.iter_mut().for_each(|c| c.township.clear());
    let dir = tempfile::tempdir().unwrap();
    super::workbook::write(&plan, &dir.path().join("a.xlsx")).unwrap();
    let book: Xlsx<_> = open_workbook(dir.path().join("a.xlsx")).unwrap();
    assert_eq!(book.sheet_names(), ["全县"]);
}

#[test]
fn two_runs_write_the_same_bytes() {
    let (a, b) = (written(), written());
    let names: Vec<_> = std::fs::read_dir(a.path()).unwrap().map(|f| f.unwrap().file_name()).collect();
    assert!(names.len() >= 5);
    for name in names.into_iter().filter(|n| n != "calendar") {
        let read = |dir: &tempfile::TempDir| std::fs::read(dir.path().join(&name)).unwrap();
        assert_eq!(read(&a), read(&b), "{name:?} differs between two runs");
    }
}

#[test]
fn a_caregivers_calendar_holds_their_visits_and_no_client_name() {
    let dir = written();
    let text = std::fs::read_to_string(dir.path().join("calendar").join("C01.ics")).unwrap();
    assert_eq!(text.matches("BEGIN:VEVENT").count(), 12);
    assert!(text.contains("DTSTART:20261203T090000\r\n") && !text.contains("张三丰"));
    assert!(text.lines().all(|l| l.len() <= 75), "lines are folded");
}

#[test]
fn the_settlement_list_adds_up_to_the_planned_visits() {
    let dir = written();
    let text = std::fs::read_to_string(dir.path().join("settlement.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let planned: u64 = rows.iter().filter(|r| &r[1] != "网点").map(|r| r[2].parse::<u64>().unwrap()).sum();
    assert_eq!(planned, 15);
    let fen: i64 = rows.iter().map(|r| r[6].parse::<i64>().unwrap()).sum();
    assert_eq!(fen, 720_000, "the report's cost of the month");
}
