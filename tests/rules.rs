//! Market days, blocked weekdays, holidays with a working Saturday, hospital escorts and locks from the office's files to the audited
//! plan, with the program as people run it. Each has an effect: the same county without it is planned otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const TOWNSHIP: &str = "八里湾乡";

/// A county folder with one township of the sample county and twenty invented people in its villages, who are away on `away`.
fn county(dir: &Path, name: &str, away: &str) -> PathBuf {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample");
    let county = dir.join(name);
    fs::create_dir_all(county.join("clients")).unwrap();
    for entry in fs::read_dir(sample.join("clients")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.contains(TOWNSHIP) {
            fs::copy(&path, county.join("clients").join(name)).unwrap();
        }
    }
    for name in ["caregivers.csv", "sites.csv", "villages.csv"] {
        let text = fs::read_to_string(sample.join(name)).unwrap();
        let kept = text.lines().enumerate().filter(|(i, line)| *i == 0 || line.contains(TOWNSHIP));
        let lines: Vec<&str> = kept.map(|(_, line)| line).collect();
        fs::write(county.join(name), lines.join("\n") + "\n").unwrap();
    }
    let mut rows = String::from("id,category,tier,lon,lat,township,blocked_weekdays\n");
    let villages = table(&county, "villages.csv");
    for (k, village) in villages.iter().cycle().take(20).enumerate() {
        let (lon, lat) = (&village["lon"], &village["lat"]);
        rows += &format!("NEW{k},经济困难老年人,1,{lon},{lat},{TOWNSHIP},{away}\n");
    }
    fs::write(county.join("clients").join("new.csv"), rows).unwrap();
    fs::copy(sample.join("roads.osm.pbf"), county.join("roads.osm.pbf")).unwrap();
    county
}

fn caregrid(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_caregrid")).args(args).output().unwrap()
}

fn done(args: &[&str]) {
    let out = caregrid(args);
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(out.status.success(), "{args:?}: {}{}", said(&out.stderr), said(&out.stdout));
}

/// Plans October 2026, whose first week is off and whose Saturday the 10th is worked, and audits the plan.
fn october(county: &Path, plan: &Path) {
    done(&["plan", path(county), "--month", "2026-10", "--steps", "4000", "--out", path(plan)]);
    done(&["verify", path(plan)]);
}

fn table(dir: &Path, name: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(dir.join(name)).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

fn path(p: &Path) -> &str {
    p.to_str().unwrap()
}

/// The rule is broken after `change` to visits.csv, and kept again after it is put back.
fn refused(plan: &Path, rule: &str, change: impl Fn(&str) -> String) {
    let file = plan.join("visits.csv");
    let text = fs::read_to_string(&file).unwrap();
    let changed = change(&text);
    assert!(changed != text, "{rule}: nothing to change");
    fs::write(&file, changed).unwrap();
    let out = caregrid(&["verify", path(plan)]);
    fs::write(&file, text).unwrap();
    let lines = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.code() == Some(1) && lines.contains(rule), "{rule}: {lines}");
}

#[test]
fn markets_weekdays_holidays_escorts_and_locks_reach_the_audited_plan() {
    let dir = tempfile::tempdir().unwrap();
    let free = county(dir.path(), "free", "");
    fs::write(free.join("calendar.csv"), "date,kind\n2026-10-08,off\n2026-10-10,off\n").unwrap();
    let ruled = county(dir.path(), "ruled", "周一;周三");
    let policy = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("data/policy.toml")).unwrap();
    let market = format!("\n[[market]]\ntownship = \"{TOWNSHIP}\"\nday_endings = [2, 5, 8]\n");
    fs::write(ruled.join("policy.toml"), policy + &market).unwrap();
    let (without, with) = (dir.path().join("without"), dir.path().join("with"));
    october(&free, &without);
    october(&ruled, &with);

    let township: BTreeMap<String, String> = (table(&with, "inputs/clients.csv").into_iter())
        .map(|c| (c["id"].clone(), c["township"].clone()))
        .collect();
    let count = |plan: &Path, which: &dyn Fn(&BTreeMap<String, String>) -> bool| {
        table(plan, "visits.csv").iter().filter(|v| which(v)).count()
    };
    let market_day = |v: &BTreeMap<String, String>| {
        township[&v["client"]] == TOWNSHIP && ["2", "5", "8"].contains(&&v["date"][9..])
    };
    // Of October 2026 the 5th is a Monday, so are the 12th, 19th and 26th; Wednesdays are two days later.
    let away = |v: &BTreeMap<String, String>| {
        let day: u32 = v["date"][8..].parse().unwrap();
        v["client"].starts_with("NEW") && [5, 0].contains(&(day % 7))
    };
    let holiday = |v: &BTreeMap<String, String>| &v["date"][8..] <= "07";
    let saturday = |v: &BTreeMap<String, String>| v["date"] == "2026-10-10";
    let new = |v: &BTreeMap<String, String>| v["client"].starts_with("NEW");
    assert!(count(&without, &market_day) > 20 && count(&with, &market_day) == 0);
    assert!(count(&without, &away) > 5 && count(&with, &away) == 0);
    assert!(count(&without, &saturday) == 0 && count(&with, &saturday) > 5);
    assert!(count(&without, &holiday) == 0 && count(&with, &holiday) == 0);
    assert!(count(&with, &new) >= 30, "only {} visits of the new people", count(&with, &new));
    let market_visit = |text: &str| text.replacen("2026-10-10", "2026-10-12", 1);
    refused(&with, "blocked_day", market_visit);
    refused(&with, "not_working_day", |text| text.replacen("2026-10-10", "2026-10-11", 1));

    calendars_hold_the_visits(&with);
    escort(dir.path(), &with);
    locks(dir.path(), &ruled, &with);
}

/// A caregiver who stays with somebody in hospital is absent for whole days; the days before stay as they are.
fn escort(dir: &Path, plan: &Path) {
    let mut load: BTreeMap<String, usize> = BTreeMap::new();
    let stay = |v: &BTreeMap<String, String>| ("2026-10-19"..="2026-10-23").contains(&v["date"].as_str());
    let before = table(plan, "visits.csv");
    before.iter().filter(|v| stay(v)).for_each(|v| *load.entry(v["caregiver"].clone()).or_default() += 1);
    let (who, lost) = load.into_iter().max_by_key(|(_, n)| *n).unwrap();
    let (events, after) = (dir.join("events.csv"), dir.join("escorted"));
    fs::write(&events, format!("date,kind,who,until\n2026-10-19,住院陪护,{who},2026-10-23\n")).unwrap();
    done(&["repair", path(plan), "--events", path(&events), "--out", path(&after)]);
    done(&["verify", path(&after)]);
    let now = table(&after, "visits.csv");
    assert!(lost > 3 && now.iter().all(|v| v["caregiver"] != who || !stay(v)));
    let early = |rows: &[BTreeMap<String, String>]| {
        rows.iter().filter(|v| v["date"].as_str() < "2026-10-19").cloned().collect::<BTreeSet<_>>()
    };
    assert_eq!(early(&before), early(&now));
    let of_the_day = now.iter().find(|v| v["caregiver"] != who && stay(v)).unwrap();
    let (row, moved) = (
        format!("{},{}", of_the_day["caregiver"], of_the_day["date"]),
        format!("{who},{}", of_the_day["date"]),
    );
    refused(&after, "on_leave", |text| text.replacen(&row, &moved, 1));
}

/// A client tied to somebody else and a pair kept apart: the audit sees both kept, and the plan says what each costs.
fn locks(dir: &Path, county: &Path, plan: &Path) {
    let served: Vec<_> =
        table(plan, "clients.csv").into_iter().filter(|c| c["verdict"] == "served").collect();
    // Somebody's neighbour in the village may be served by the neighbour's caregiver too, if nothing but the way counts.
    let homes: BTreeMap<String, (String, String)> = (table(plan, "inputs/clients.csv").into_iter())
        .map(|c| (c["id"].clone(), (c["lon"].clone(), c["lat"].clone())))
        .collect();
    let pair = served.iter().enumerate().find_map(|(i, a)| {
        let other = served[i + 1..]
            .iter()
            .find(|b| homes[&b["client"]] == homes[&a["client"]] && b["caregiver"] != a["caregiver"])?;
        Some((a["client"].clone(), other["caregiver"].clone()))
    });
    let forbidden = &served[served.len() / 2];
    let mut rows =
        format!("kind,client,caregiver\n禁止,{},{}\n", forbidden["client"], forbidden["caregiver"]);
    let own = &served[3];
    let (client, who) = pair.unwrap_or((own["client"].clone(), own["caregiver"].clone()));
    rows += &format!("锁定,{client},{who}\n");
    fs::write(county.join("locks.csv"), rows).unwrap();
    let locked = dir.join("locked");
    october(county, &locked);
    let responsible = |id: &str| {
        table(&locked, "clients.csv").into_iter().find(|c| c["client"] == id).unwrap()["caregiver"].clone()
    };
    assert_eq!(responsible(&client), who);
    assert_ne!(responsible(&forbidden["client"]), forbidden["caregiver"]);
    let told = table(&locked, "locks.csv");
    assert_eq!(told.iter().map(|l| l["kind"].as_str()).collect::<Vec<_>>(), ["lock", "forbid"]);
    for lock in &told {
        assert!(lock["travel_s"].parse::<u64>().is_ok() && lock["visits"].parse::<u64>().is_ok(), "{lock:?}");
    }
    let other = table(&locked, "caregivers.csv").into_iter().find(|g| g["caregiver"] != who).unwrap();
    let visit = table(&locked, "visits.csv").into_iter().find(|v| v["client"] == client).unwrap();
    let row = |g: &str| format!("{g},{},{},{client},", visit["date"], visit["order"]);
    refused(&locked, "lock_broken", |text| text.replacen(&row(&who), &row(&other["caregiver"]), 1));
}

/// Every calendar file is valid (RFC 5545) and holds exactly the caregiver's visits, with ids and no names.
fn calendars_hold_the_visits(plan: &Path) {
    let names: Vec<String> =
        table(plan, "inputs/clients.csv").into_iter().map(|c| c["name"].clone()).collect();
    let clock = |time: &str| time.replace(':', "");
    let mut wanted: BTreeMap<String, BTreeSet<[String; 3]>> = BTreeMap::new();
    for v in table(plan, "visits.csv") {
        let date = v["date"].replace('-', "");
        let at = |time: &str| format!("{date}T{}", clock(&v[time]));
        let event = [at("arrive"), at("leave"), v["client"].clone()];
        wanted.entry(v["caregiver"].clone()).or_default().insert(event);
    }
    let mut uids = BTreeSet::new();
    for (who, visits) in &wanted {
        let text = fs::read_to_string(plan.join("calendar").join(format!("{who}.ics"))).unwrap();
        assert!(names.iter().filter(|n| n.chars().count() > 1).all(|n| !text.contains(n.as_str())));
        let events = events(&text);
        let held: BTreeSet<[String; 3]> = events.iter().map(|e| event_of(e, &mut uids)).collect();
        assert_eq!((events.len(), &held), (visits.len(), visits), "{who}");
    }
    let files = fs::read_dir(plan.join("calendar")).unwrap().count();
    assert_eq!(files, wanted.len());
}

/// Properties of each event of a calendar whose lines end in CRLF and are folded at 75 bytes.
fn events(text: &str) -> Vec<BTreeMap<String, String>> {
    assert!(text.ends_with("\r\n") && text.matches('\n').count() == text.matches("\r\n").count());
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "a line is too long");
    let unfolded = text.replace("\r\n ", "");
    let lines: Vec<&str> = unfolded.trim_end().split("\r\n").collect();
    assert_eq!((lines[0], *lines.last().unwrap()), ("BEGIN:VCALENDAR", "END:VCALENDAR"));
    assert_eq!(lines[1], "VERSION:2.0");
    assert!(lines[2].starts_with("PRODID:"));
    let mut events: Vec<BTreeMap<String, String>> = Vec::new();
    let mut inside = false;
    for line in &lines[3..lines.len() - 1] {
        match *line {
            "BEGIN:VEVENT" => events.push(BTreeMap::new()),
            "END:VEVENT" => {}
            property => {
                let (name, value) = property.split_once(':').unwrap();
                let before = events.last_mut().unwrap().insert(name.to_owned(), value.to_owned());
                assert!(inside && before.is_none(), "{property}");
            }
        }
        assert!(*line != "BEGIN:VEVENT" || !inside, "an event inside an event");
        inside = *line != "END:VEVENT";
    }
    events
}

/// Begin, end and client of an event.
fn event_of(event: &BTreeMap<String, String>, uids: &mut BTreeSet<String>) -> [String; 3] {
    let stamp = &event["DTSTAMP"];
    assert!(stamp.len() == 16 && stamp.ends_with('Z') && stamp.as_bytes()[8] == b'T', "{stamp}");
    assert!(uids.insert(event["UID"].clone()), "{} stands twice", event["UID"]);
    let client = event["SUMMARY"].rsplit(' ').next().unwrap().to_owned();
    [event["DTSTART"].clone(), event["DTEND"].clone(), client]
}
