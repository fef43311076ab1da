//! Blocks of caregivers searched side by side: grown on the graph of shared clients from other beginnings each round, so that the cuts move.

use crate::base::SplitMix64;
use crate::grid::draft::Draft;
use crate::grid::instance::Instance;

/// Caregivers of a block, at most.
pub(super) const BLOCK: usize = 56;

/// Caregivers who share clients, with the number of clients.
pub(super) fn shared_clients(instance: &Instance) -> Vec<Vec<(u32, u32)>> {
    let mut shared: Vec<Vec<(u32, u32)>> = vec![Vec::new(); instance.carers.len()];
    let mut count = vec![0u32; instance.carers.len()];
    for (g, carer) in instance.carers.iter().enumerate() {
        let mut seen = Vec::new();
        for option in carer.homes.iter().flat_map(|c| &instance.homes[*c as usize].options) {
            let n = &mut count[option.carer as usize];
            if *n == 0 {
                seen.push(option.carer);
            }
            *n += 1;
        }
        seen.sort_unstable();
        shared[g] = seen.iter().filter(|h| **h as usize != g).map(|h| (*h, count[*h as usize])).collect();
        seen.iter().for_each(|h| count[*h as usize] = 0);
    }
    shared
}

/// Cuts the caregivers into blocks of at most [`BLOCK`], neighbours together.
pub(super) fn cut(shared: &[Vec<(u32, u32)>], random: &mut SplitMix64) -> Vec<Vec<u32>> {
    let mut done = Vec::new();
    let mut todo = vec![(0..shared.len() as u32).collect::<Vec<u32>>()];
    while let Some(part) = todo.pop() {
        if part.len() <= BLOCK {
            if !part.is_empty() {
                done.push(part);
            }
            continue;
        }
        let (a, b) = halve(shared, part, random);
        todo.push(a);
        todo.push(b);
    }
    done.sort_unstable();
    done
}

/// Grows one half from a random caregiver, always taking whoever shares most clients with it.
fn halve(shared: &[Vec<(u32, u32)>], part: Vec<u32>, random: &mut SplitMix64) -> (Vec<u32>, Vec<u32>) {
    let mut pull = vec![None; shared.len()];
    part.iter().for_each(|g| pull[*g as usize] = Some(0u64));
    let mut half = Vec::new();
    let mut next = part[random.below(part.len())];
    let wanted = part.len() / 2;
    loop {
        pull[next as usize] = None;
        half.push(next);
        if half.len() >= wanted {
            break;
        }
        for (h, n) in &shared[next as usize] {
            if let Some(p) = &mut pull[*h as usize] {
                *p += u64::from(*n);
            }
        }
        let best = part.iter().filter_map(|g| pull[*g as usize].map(|p| (p, std::cmp::Reverse(*g)))).max();
        let Some((_, std::cmp::Reverse(g))) = best else { break };
        next = g;
    }
    half.sort_unstable();
    let rest = part.into_iter().filter(|g| pull[*g as usize].is_some()).collect();
    (half, rest)
}

/// Clients of each block: with their caregiver; those without one try the blocks of their options in turn.
pub(super) fn clients_of(
    instance: &Instance,
    draft: &Draft,
    blocks: &[Vec<u32>],
    round: usize,
) -> Vec<Vec<u32>> {
    let mut block_of = vec![0; instance.carers.len()];
    for (b, carers) in blocks.iter().enumerate() {
        carers.iter().for_each(|g| block_of[*g as usize] = b);
    }
    let mut clients = vec![Vec::new(); blocks.len()];
    for (c, home) in instance.homes.iter().enumerate().filter(|(_, h)| h.owed > 0) {
        let carer = draft.carer_of[c]
            .or_else(|| home.options.get(round % home.options.len().max(1)).map(|o| o.carer));
        if let Some(g) = carer {
            clients[block_of[g as usize]].push(c as u32);
        }
    }
    clients
}
