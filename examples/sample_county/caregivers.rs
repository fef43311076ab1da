//! Invented caregivers, placed where the load is, and the clients only a woman may serve.

use crate::Land;
use crate::invent::Names;
use crate::people::{Client, Home, apportion};
use crate::staffing::{SURELY_IN_S, SURELY_OUT_S, Times};
use caregrid::base::{Mode, SplitMix64};

pub const CAREGIVERS: usize = 190;
/// Places where only men are within reach, and the clients planted at each.
const MEN_ONLY: (usize, usize) = (5, 5);

/// One invented caregiver.
#[derive(Debug, Clone)]
pub struct Caregiver {
    pub id: String,
    pub name: String,
    pub unit: usize,
    pub home: Home,
    pub mode: Mode,
    pub female: bool,
    pub max_day_min: u32,
    pub max_month_h: u32,
    pub leave: String,
    pub kind: &'static str,
    pub base: &'static str,
}

/// Caregivers in proportion to the hours owed: to townships, then to the villages with most hours left.
pub fn caregivers(land: &Land, clients: &[Client], random: &mut SplitMix64) -> Vec<Caregiver> {
    let mut hours = vec![0.0; land.units.len()];
    for client in clients.iter().filter(|c| c.planted.is_none()) {
        hours[client.unit] += client.load_h();
    }
    let of_township = |t: usize| (0..land.units.len()).filter(move |u| land.units[*u].township == t);
    let township_hours: Vec<f64> =
        (0..land.townships.len()).map(|t| of_township(t).map(|u| hours[u]).sum()).collect();
    let each = hours.iter().sum::<f64>() / CAREGIVERS as f64;
    let mut names = Names::default();
    let mut out: Vec<Caregiver> = Vec::new();
    for (t, count) in apportion(CAREGIVERS, &township_hours).into_iter().enumerate() {
        for _ in 0..count {
            let own = of_township(t).filter(|u| !land.settled[*u].island);
            let Some(unit) = own.max_by(|a, b| hours[*a].total_cmp(&hours[*b]).then(b.cmp(a))) else {
                continue;
            };
            take(land, &mut hours, unit, each);
            let id = format!("H{:03}", out.len() + 1);
            out.push(caregiver(land, id, unit, &mut names, random));
        }
    }
    out
}

/// One caregiver takes the hours of their own village, then of the nearest ones in the township.
fn take(land: &Land, hours: &mut [f64], unit: usize, each: f64) {
    let home = &land.units[unit];
    let mut near: Vec<usize> =
        (0..hours.len()).filter(|u| land.units[*u].township == home.township).collect();
    near.sort_by(|a, b| land.units[*a].at.to(home.at).total_cmp(&land.units[*b].at.to(home.at)));
    let mut left = each;
    for u in near {
        let part = hours[u].min(left);
        hours[u] -= part;
        left -= part;
    }
}

fn caregiver(land: &Land, id: String, unit: usize, names: &mut Names, random: &mut SplitMix64) -> Caregiver {
    let in_seat = land.units[unit].township == 0;
    let mode = match (in_seat && land.units[unit].community, random.below(100)) {
        (true, 0..12) => Mode::Foot,
        (true, 12..80) => Mode::Ebike,
        (true, 80..92) => Mode::Motorcycle,
        (false, 0..28) => Mode::Ebike,
        (false, 28..90) => Mode::Motorcycle,
        _ => Mode::Car,
    };
    let female = random.unit() < 0.78;
    let kind = match random.below(10) {
        0 => "其他",
        1..=5 if female => "留守妇女",
        _ => "农村闲置劳动力",
    };
    let part_time = random.unit() < 0.08;
    Caregiver {
        id,
        name: names.name(female, random),
        unit,
        home: home(land, unit, random),
        mode,
        female,
        max_day_min: if part_time { 420 } else { 480 },
        max_month_h: if part_time { 140 } else { 160 },
        leave: leave(random),
        kind,
        base: if in_seat && random.unit() < 0.25 { "outlet" } else { "home" },
    }
}

/// A home 20-60 m beside the village street.
pub fn home(land: &Land, unit: usize, random: &mut SplitMix64) -> Home {
    let hamlet = &land.settled[unit].hamlets[0];
    let node = hamlet.nodes[random.below(hamlet.nodes.len())];
    let at = land.network.at(node).moved(random.unit() * std::f64::consts::TAU, 20.0 + 40.0 * random.unit());
    Home { at, node }
}

/// One in six has days off in December 2026.
fn leave(random: &mut SplitMix64) -> String {
    let from = 1 + random.below(24);
    match random.below(18) {
        0 => format!("2026-12-{from:02}"),
        1 => format!("2026-12-{from:02}/2026-12-{:02}", from + 2),
        2 => format!("2026-12-{from:02};2026-12-{:02}", from + 6),
        _ => String::new(),
    }
}

/// Marks who needs a woman: one client in eight where two women are surely near; and, where few women could come at all, a few
/// clients for whom every caregiver who might come becomes a man.
pub fn need_women(
    land: &Land,
    clients: &mut [Client],
    caregivers: &mut [Caregiver],
    times: &Times,
    random: &mut SplitMix64,
) {
    let open = |c: &Client| c.planted.is_none() && c.located;
    let mut units: Vec<(usize, usize)> = Vec::new();
    for u in (0..land.units.len()).filter(|u| !land.units[*u].community) {
        let own: Vec<usize> =
            (0..clients.len()).filter(|c| clients[*c].unit == u && open(&clients[*c])).collect();
        let might = |g: usize| own.iter().any(|c| times[g][*c] < SURELY_OUT_S);
        let women = (0..caregivers.len()).filter(|g| caregivers[*g].female && might(*g)).count();
        let somebody = own.iter().all(|c| (0..caregivers.len()).any(|g| times[g][*c] < SURELY_IN_S));
        if own.len() >= MEN_ONLY.1 && somebody {
            units.push((women, u));
        }
    }
    units.sort_unstable();
    for (_, u) in units.into_iter().take(MEN_ONLY.0) {
        let own: Vec<usize> = (0..clients.len())
            .filter(|c| clients[*c].unit == u && open(&clients[*c]))
            .take(MEN_ONLY.1)
            .collect();
        for c in own {
            clients[c].needs_female = true;
            clients[c].planted = Some("no_caregiver");
            for g in (0..caregivers.len()).filter(|g| times[*g][c] < SURELY_OUT_S) {
                caregivers[g].female = false;
                caregivers[g].kind = "农村闲置劳动力";
            }
        }
    }
    for (c, client) in clients.iter_mut().enumerate().filter(|(_, c)| c.planted.is_none()) {
        let women =
            (0..caregivers.len()).filter(|g| caregivers[*g].female && times[*g][c] < SURELY_IN_S).count();
        client.needs_female = random.unit() < 0.13 && women >= 2;
    }
}
