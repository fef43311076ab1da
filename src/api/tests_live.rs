//! What-ifs, comparisons and remedies on the roads of the sample county.

use crate::api::fixture;
use crate::base::{LonLat, Silent, Ticks};
use crate::network::{ModeFile, RoadMap};
use crate::plan::{LivePlan, Plan, WhatIf, WhatIfAnswer};
use crate::roster::Site;
use std::path::Path;

/// The drawn county on the roads of the sample county, which lie at the same place.
fn on_sample_roads(clients: usize) -> (Plan, LivePlan) {
    let map = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample/roads.osm.pbf");
    let plan = fixture::county_plan(clients);
    let roads = RoadMap::open(&map, &Silent).unwrap();
    let file = ModeFile::builtin(plan.policy.outlet_mode).unwrap();
    let live = LivePlan::build(&plan, roads, &file).unwrap();
    (plan, live)
}

fn what_if(plan: &Plan, live: &LivePlan, question: serde_json::Value) -> WhatIfAnswer {
    live.what_if(plan, &serde_json::from_value(question).unwrap()).unwrap()
}

#[test]
fn a_what_if_counts_what_every_single_journey_says() {
    let (plan, live) = on_sample_roads(300);
    let place = |at: &Site, east: f64| serde_json::json!({"outlet": at.id, "lon": at.at.lon + east, "lat": at.at.lat});
    let sites = &plan.county.sites;
    let still = what_if(&plan, &live, serde_json::json!({"move": [place(&sites[0], 0.0)]}));
    assert!(still.changed.is_empty(), "an outlet moved by nothing changes nobody");
    let fewer = what_if(&plan, &live, serde_json::json!({"remove": [sites[0].id]}));
    let more = what_if(&plan, &live, serde_json::json!({"add": [{"lon": 104.92, "lat": 35.85}]}));
    assert!(
        fewer.in_outlet_circle <= still.in_outlet_circle && still.in_outlet_circle <= more.in_outlet_circle
    );
    assert_eq!((fewer.outlets, still.outlets, more.outlets), (3, 4, 5));
    let moved = what_if(&plan, &live, serde_json::json!({"move": [place(&sites[0], 0.02)]}));
    let rows: Vec<_> = [(0, 0.02), (3, 0.0), (4, 0.0), (6, 0.0)]
        .map(|(s, east)| live.place_times(LonLat { lon: sites[s].at.lon + east, lat: sites[s].at.lat }))
        .to_vec();
    let nearest: Vec<_> = (0..300).map(|c| rows.iter().filter_map(|r| r.times()[c]).min()).collect();
    let inside = nearest.iter().flatten().filter(|t| **t <= plan.policy.limit).count() as u32;
    assert_eq!(moved.in_outlet_circle, inside);
    for change in &moved.changed {
        let at = plan.county.clients.iter().position(|c| c.id == change.client).unwrap();
        assert_eq!(change.outlet_time_s, nearest[at].map(Ticks::seconds_up), "{}", change.client);
    }
}

#[test]
fn a_what_if_about_an_unknown_outlet_says_so() {
    let (plan, live) = on_sample_roads(30);
    for wrong in [
        serde_json::json!({"remove": ["nowhere"]}),
        serde_json::json!({"remove": ["S0002"]}),
        serde_json::json!({"add": [{"lon": 500.0, "lat": 0.0}]}),
    ] {
        let fault = live.what_if(&plan, &serde_json::from_value(wrong).unwrap()).unwrap_err();
        assert!(fault.zh.ends_with('。') && fault.en.ends_with('.'), "{fault:?}");
    }
    assert!(serde_json::from_value::<WhatIf>(serde_json::json!({"moves": []})).is_err(), "an unknown key");
}

#[test]
fn a_comparison_counts_as_two_what_ifs_do_and_names_who_crosses() {
    let (plan, live) = on_sample_roads(300);
    let ask = |question: serde_json::Value| -> WhatIf { serde_json::from_value(question).unwrap() };
    let fewer = ask(serde_json::json!({"remove": [plan.county.sites[4].id]}));
    let both = live.compare(&plan, &WhatIf::default(), &fewer).unwrap();
    let counts =
        [WhatIf::default(), fewer.clone()].map(|w| live.what_if(&plan, &w).unwrap().in_outlet_circle);
    assert_eq!([both.a.in_outlet_circle, both.b.in_outlet_circle], counts);
    assert_eq!(both.a.in_outlet_circle - both.b.in_outlet_circle, both.lost.len() as u32);
    assert!(both.gained.is_empty() && !both.lost.is_empty());
    assert_eq!((both.a.same_outlet, both.a.outlets, both.b.outlets), (both.a.in_outlet_circle, 4, 3));
    let limit = plan.policy.limit.seconds_up();
    assert!(both.lost.iter().all(|c| c.before_s.unwrap() <= limit && c.after_s.is_none_or(|t| t > limit)));
    let back = live.compare(&plan, &fewer, &WhatIf::default()).unwrap();
    assert_eq!((back.gained.len(), back.lost.len()), (both.lost.len(), 0));
}

#[test]
fn a_remedy_that_opens_an_outlet_covers_as_many_gaps_as_it_says() {
    let (mut plan, live) = on_sample_roads(300);
    let limit = plan.policy.limit;
    let open: Vec<_> = [0usize, 3, 4, 6].map(|s| live.place_times(plan.county.sites[s].at)).to_vec();
    for (at, row) in plan.clients.iter_mut().enumerate() {
        let inside = open.iter().filter_map(|r| r.times()[at]).min().is_some_and(|t| t <= limit);
        row.cause = (!inside).then_some(crate::coverage::Cause::TooFar);
    }
    let remedies = live.remedies(&plan).unwrap();
    assert_eq!(remedies.len(), plan.clients.iter().filter(|r| r.cause.is_some()).count());
    let before = live.what_if(&plan, &WhatIf::default()).unwrap().in_outlet_circle;
    let mut tried = 0;
    for r in remedies.iter().filter(|r| r.step == crate::plan::Step::OpenOutlet) {
        let site = r.site.clone().unwrap();
        let all: Vec<String> = ["S0001", "S0004", "S0005", "S0007", &site].map(String::from).to_vec();
        let after = live.what_if(&plan, &WhatIf { open: Some(all), ..WhatIf::default() }).unwrap();
        assert_eq!(after.in_outlet_circle - before, r.reaches, "{site}");
        tried += 1;
    }
    assert!(tried > 0, "the drawn county has far homes near closed sites");
}
