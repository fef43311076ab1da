//! Can the caregivers do the work? A greedy month on the generator's own times, and the counts that matter.

use crate::caregivers::Caregiver;
use crate::people::Client;
use std::collections::BTreeMap;

/// Prints planted gaps, clients without a caregiver inside, and clients that would not fit.
pub fn print(clients: &[Client], caregivers: &[Caregiver], times: &[Vec<f64>]) {
    let mut planted: BTreeMap<&str, usize> = BTreeMap::new();
    clients.iter().filter_map(|c| c.planted).for_each(|p| *planted.entry(p).or_default() += 1);
    let located = clients.iter().filter(|c| c.located).count();
    println!("clients {}  located {located}  planted {planted:?}", clients.len());
    let eligible = |c: usize| -> Vec<usize> {
        let inside =
            |g: &usize| times[*g][c] <= 1800.0 && (caregivers[*g].female || !clients[c].needs_female);
        (0..caregivers.len()).filter(inside).collect()
    };
    let mut open: Vec<(usize, Vec<usize>)> =
        (0..clients.len()).filter(|c| clients[*c].planted.is_none()).map(|c| (c, eligible(c))).collect();
    let nobody = open.iter().filter(|(_, g)| g.is_empty()).count();
    open.retain(|(_, g)| !g.is_empty());
    open.sort_by_key(|(c, g)| (g.len(), *c));
    let mut left: Vec<f64> = caregivers.iter().map(|c| f64::from(c.max_month_h) * 0.9).collect();
    let mut over = 0;
    for (c, who) in &open {
        let need = clients[*c].load_h();
        let best = who.iter().copied().filter(|g| left[*g] >= need).min_by(|a, b| {
            let cost = |g: usize| times[g][*c] / 1800.0 - left[g] / 160.0;
            cost(*a).total_cmp(&cost(*b))
        });
        match best {
            Some(g) => left[g] -= need,
            None => over += 1,
        }
    }
    let hours: f64 = clients.iter().filter(|c| c.planted.is_none()).map(Client::load_h).sum();
    let women = clients.iter().filter(|c| c.needs_female).count();
    let choices: usize = open.iter().map(|(_, g)| g.len()).sum::<usize>() / open.len().max(1);
    println!(
        "hours a month {hours:.0}, a caregiver {:.0}; need a woman {women}; caregivers within 30 min {choices}",
        hours / caregivers.len() as f64
    );
    println!("no caregiver inside although not planted {nobody}; greedy month does not fit {over}");
}
