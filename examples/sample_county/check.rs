//! The figures of the invented county: planted gaps, who serves, and whether the hours suffice.

use crate::caregivers::Caregiver;
use crate::people::Client;
use crate::staffing::{Times, greedy_month};
use std::collections::BTreeMap;

fn count<'a>(words: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut out = BTreeMap::new();
    words.for_each(|w| *out.entry(w).or_default() += 1);
    out
}

/// Prints planted gaps, clients without a caregiver inside, and clients that would not fit.
pub fn print(clients: &[Client], caregivers: &[Caregiver], times: &Times) {
    let located = clients.iter().filter(|c| c.located).count();
    let planted = count(clients.iter().filter_map(|c| c.planted));
    println!("clients {}  located {located}  planted {planted:?}", clients.len());
    let women = caregivers.iter().filter(|c| c.female).count();
    let modes = count(caregivers.iter().map(|c| c.mode.word()));
    println!("caregivers {}  women {women}  {modes:?}", caregivers.len());
    let month = greedy_month(clients, caregivers, times);
    let hours: f64 = clients.iter().filter(|c| c.planted.is_none()).map(Client::load_h).sum();
    let need = clients.iter().filter(|c| c.needs_female).count();
    let mean = hours / caregivers.len() as f64;
    println!(
        "hours {hours:.0}, a caregiver {mean:.0}; need a woman {need}; caregivers near {:.1}",
        month.choices
    );
    println!("not planted, yet nobody near {}; does not fit {}", month.unreached.len(), month.unfit.len());
}
