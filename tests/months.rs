//! Month after month, and a month repaired, with the program as people run it: three townships of the sample county.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const TOWNSHIPS: [&str; 3] = ["八里湾乡", "草滩镇", "新庄塬镇"];

/// A county folder with the people, sites and villages of three townships.
fn county(dir: &Path) -> PathBuf {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample");
    let county = dir.join("county");
    fs::create_dir_all(county.join("clients")).unwrap();
    for entry in fs::read_dir(sample.join("clients")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if TOWNSHIPS.iter().any(|t| name.contains(t)) {
            fs::copy(&path, county.join("clients").join(name)).unwrap();
        }
    }
    for name in ["caregivers.csv", "sites.csv", "villages.csv"] {
        let mut reader = csv::Reader::from_path(sample.join(name)).unwrap();
        let header = reader.headers().unwrap().clone();
        let township = header.iter().position(|h| h == "township").unwrap();
        let mut writer = csv::Writer::from_path(county.join(name)).unwrap();
        writer.write_record(&header).unwrap();
        for row in reader.records().map(Result::unwrap) {
            if TOWNSHIPS.contains(&&row[township]) {
                writer.write_record(&row).unwrap();
            }
        }
        writer.flush().unwrap();
    }
    fs::copy(sample.join("roads.osm.pbf"), county.join("roads.osm.pbf")).unwrap();
    county
}

fn caregrid(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_caregrid")).args(args).output().unwrap()
}

fn run(args: &[&str]) -> String {
    let out = caregrid(args);
    let stderr = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success(), "{args:?}: {stderr}{}", String::from_utf8_lossy(&out.stdout));
    String::from_utf8_lossy(&out.stdout).into_owned()
}

fn table(plan: &Path, name: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(plan.join(name)).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

/// Day of 2026 of an ISO date of November or December.
fn day(date: &str) -> i64 {
    let (month, day): (i64, i64) = (date[5..7].parse().unwrap(), date[8..10].parse().unwrap());
    if month == 12 { 30 + day } else { day }
}

type Visit = (String, String, String);

fn visits(plan: &Path) -> BTreeSet<Visit> {
    table(plan, "visits.csv")
        .into_iter()
        .map(|v| (v["client"].clone(), v["date"].clone(), v["caregiver"].clone()))
        .collect()
}

fn path(p: &Path) -> &str {
    p.to_str().unwrap()
}

#[test]
fn december_keeps_novembers_caregivers_and_its_spacing_and_is_repaired_with_few_changes() {
    let dir = tempfile::tempdir().unwrap();
    let county = county(dir.path());
    let (november, december) = (dir.path().join("november"), dir.path().join("december"));
    run(&["plan", path(&county), "--month", "2026-11", "--steps", "6000", "--out", path(&november)]);
    let plan =
        ["plan", path(&county), "--month", "2026-12", "--steps", "6000", "--previous", path(&november)];
    run(&[&plan[..], &["--out", path(&december)]].concat());
    run(&["verify", path(&december)]);
    a_bound_beyond_its_proof_is_refused(&december);

    // Spacing holds across the month's end.
    let apart = |category: &str| if category == "贫困重度残疾人" { 10 } else { 7 };
    let category: BTreeMap<String, String> = (table(&december, "inputs/clients.csv").into_iter())
        .map(|c| (c["id"].clone(), c["category"].clone()))
        .collect();
    let mut last: BTreeMap<String, i64> = BTreeMap::new();
    for (client, date, _) in visits(&november) {
        let d = last.entry(client).or_default();
        *d = day(&date).max(*d);
    }
    let mut across = 0;
    for (client, date, _) in visits(&december) {
        if let (Some(before), Some(category)) = (last.get(&client), category.get(&client)) {
            assert!(day(&date) - before >= apart(category), "{client}: {before} and {date}");
            across += 1;
        }
    }
    assert!(across > 500, "only {across} visits of people visited in November");

    // Most visits fall on weekdays of November's, far more than the two in five that chance would leave there.
    let weekday = |date: &str| (day(date) + 6) % 7;
    let mut habits: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
    visits(&november).iter().for_each(|v| _ = habits.entry(v.0.clone()).or_default().insert(weekday(&v.1)));
    let known: Vec<bool> =
        (visits(&december).iter()).filter_map(|v| Some(habits.get(&v.0)?.contains(&weekday(&v.1)))).collect();
    let kept = known.iter().filter(|k| **k).count();
    assert!(known.len() > 500 && kept * 10 >= known.len() * 7, "{kept} of {} weekdays kept", known.len());

    // Who was responsible stays so.
    let responsible = |plan: &Path| -> BTreeMap<String, String> {
        let rows = table(plan, "clients.csv").into_iter().filter(|c| c["verdict"] == "served");
        rows.map(|c| (c["client"].clone(), c["caregiver"].clone())).collect()
    };
    let (then, now) = (responsible(&november), responsible(&december));
    let both: Vec<&String> = then.keys().filter(|c| now.contains_key(*c)).collect();
    let kept = both.iter().filter(|c| then[**c] == now[**c]).count();
    assert!(kept * 100 >= both.len() * 97, "{kept} of {} keep their caregiver", both.len());

    repaired(dir.path(), &december);
}

/// plan.json may not claim more than month_bound.csv proves, nor anything without it.
fn a_bound_beyond_its_proof_is_refused(plan: &Path) {
    let (json, proof) = (plan.join("plan.json"), plan.join("month_bound.csv"));
    let (text, sizes) = (fs::read_to_string(&json).unwrap(), fs::read_to_string(&proof).unwrap());
    let refused = || {
        let out = caregrid(&["verify", path(plan)]);
        let lines = String::from_utf8_lossy(&out.stdout).into_owned();
        out.status.code() == Some(1) && lines.contains("month_bound")
    };
    let mut said: serde_json::Value = serde_json::from_str(&text).unwrap();
    for key in ["short_clients_bound", "unplaced_bound", "care_h_max_bound"] {
        let right = said[key].as_f64().unwrap();
        said[key] = (right + 1.0).into();
        fs::write(&json, said.to_string()).unwrap();
        assert!(refused(), "{key} one more than {right}");
        said[key] = right.into();
    }
    fs::write(&json, &text).unwrap();
    fs::remove_file(&proof).unwrap();
    assert!(refused(), "no proof at all");
    fs::write(&proof, sizes).unwrap();
    run(&["verify", path(plan)]);
}

/// Sick leave, a client who is gone, one who moved and one who is new; week one is frozen.
fn repaired(dir: &Path, plan: &Path) {
    let before = visits(plan);
    let mut load: BTreeMap<&String, usize> = BTreeMap::new();
    before.iter().for_each(|(_, _, g)| *load.entry(g).or_default() += 1);
    let sick = load.iter().max_by_key(|(_, n)| **n).map(|(g, _)| (*g).clone()).unwrap();
    let served: Vec<_> =
        table(plan, "clients.csv").into_iter().filter(|c| c["verdict"] == "served").collect();
    let (gone, moved, host) = (&served[10]["client"], &served[40]["client"], &served[90]["client"]);
    let home = table(plan, "inputs/clients.csv").into_iter().find(|c| c["id"] == *host).unwrap();
    let events = dir.join("events.csv");
    let (lon, lat) = (&home["lon"], &home["lat"]);
    let lines = [
        "date,kind,who,until,category,tier,lon,lat".to_owned(),
        format!("2026-12-08,leave,{sick},2026-12-10,,,,"),
        format!("2026-12-09,gone,{gone},,,,,"),
        format!("2026-12-10,moved,{moved},,,,{lon},{lat}"),
        format!("2026-12-11,new_client,NEW1,,经济困难老年人,1,{lon},{lat}"),
    ];
    fs::write(&events, lines.join("\n") + "\n").unwrap();
    let after = dir.join("repaired");
    let args = ["repair", path(plan), "--events", path(&events), "--from", "2026-12-08"];
    let shown = run(&[&args[..], &["--json"]].concat());
    assert!(!after.exists());
    let text = run(&[&args[..], &["--out", path(&after), "--json"]].concat());
    assert_eq!(
        shown.split("\"month_ms\"").next(),
        text.split("\"month_ms\"").next(),
        "shown and done differ"
    );
    run(&["verify", path(&after)]);

    let said: serde_json::Value = serde_json::from_str(&text).unwrap();
    let now = visits(&after);
    let frozen = |v: &&Visit| v.1.as_str() < "2026-12-08";
    assert_eq!(
        before.iter().filter(frozen).collect::<Vec<_>>(),
        now.iter().filter(frozen).collect::<Vec<_>>()
    );
    let off = |v: &&Visit| v.2 == sick && ("2026-12-08"..="2026-12-10").contains(&v.1.as_str());
    assert!(before.iter().filter(off).count() > 0 && now.iter().filter(off).count() == 0);
    assert!(now.iter().all(|v| v.0 != *gone || v.1.as_str() < "2026-12-09"));
    assert!(now.iter().filter(|v| v.0 == "NEW1").count() >= 2);
    let (lost, changed) = (said["lost"].as_u64().unwrap(), before.difference(&now).count() as u64);
    assert_eq!(said["moved"].as_u64(), Some(changed));
    // A mover's visits that stay legal stay; the others are among the lost.
    assert!(lost > 0 && changed * 10 <= lost * 12 + 10, "{changed} changed for {lost} lost");
    let gone_row = table(&after, "unplaced.csv").into_iter().find(|u| u["client"] == *gone);
    assert!(gone_row.is_none_or(|u| u["reason"] == "gone"));

    who_went_stays_away(dir, &after, &sick, gone);

    // A spoiled record of old days is no excuse, and an unknown name is a sentence.
    fs::write(&events, "date,kind,who,until\n2026-12-09,leave,NOBODY,\n").unwrap();
    let out = caregrid(&["repair", path(plan), "--events", path(&events)]);
    assert_eq!(out.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&out.stderr).contains("row 2"), "{out:?}");
}

/// A caregiver leaves, too: December made anew and January made from the plan's inputs know nobody who went, and all who joined.
fn who_went_stays_away(dir: &Path, repaired: &Path, left: &str, gone: &str) {
    let events = dir.join("left.csv");
    fs::write(&events, format!("date,kind,who,until\n2026-12-15,gone,{left},\n")).unwrap();
    let (after, anew, january) = (dir.join("left"), dir.join("anew"), dir.join("january"));
    run(&["repair", path(repaired), "--events", path(&events), "--out", path(&after)]);
    let inputs = after.join("inputs");
    let roads = inputs.join("roads.caregrid");
    let plan = |month: &str, out: &Path, more: &[&str]| {
        let args = ["plan", path(&inputs), "--roads", path(&roads), "--month", month, "--steps", "3000"];
        run(&[&args[..], &["--out", path(out)], more].concat());
        run(&["verify", path(out)]);
        visits(out)
    };
    let december = plan("2026-12", &anew, &[]);
    assert!(december.iter().all(|v| v.0 != gone || v.1.as_str() < "2026-12-09"));
    assert!(december.iter().all(|v| v.2 != left || v.1.as_str() < "2026-12-15"));
    let earliest: BTreeMap<String, String> = table(&after, "inputs/previous.csv")
        .into_iter()
        .map(|row| (row["client"].clone(), row["earliest"].clone()))
        .collect();
    assert!(december.iter().any(|v| earliest.contains_key(&v.0)));
    assert!(
        december.iter().all(|v| earliest.get(&v.0).is_none_or(|d| *d <= v.1)),
        "November's spacing is kept"
    );
    let next = plan("2027-01", &january, &["--previous", path(&after)]);
    assert!(next.iter().all(|v| v.0 != gone && v.2 != left));
    assert!(next.iter().filter(|v| v.0 == "NEW1").count() >= 2);
}
