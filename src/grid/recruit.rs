//! The recruitment answer: the fewest caregivers to hire, and from where, so that no visit stays unplaced. A set cover with hours:
//! the cover without hours first, then whoever makes most of what is left in an empty month, and two bounds.

use crate::base::{CaregiverIx, ClientIx, Outcome, Progress};
use crate::grid::bounds::{HALF, Least};
use crate::grid::instance::Instance;
use crate::grid::recreate::Inserter;
use crate::grid::search::Search;
use crate::grid::{Continuity, Locks, RotaPlan, RotaProblem, RotaStop, Tour, check, reasons, solve};
use std::collections::BTreeSet;

/// Rounds of the bound; more make it tighter, none makes it wrong.
const ROUNDS: u32 = 300;
/// How fast the bound turns to clients not yet covered.
const EAGERNESS: f64 = 0.05;
/// Steps to re-plan the visits of all hires, a client.
const STEPS_PER_CLIENT: u64 = 20;
/// Hires tried to do without.
const DROPS: usize = 3;
/// Times hires are added for those whom the hires found leave out.
const ADDITIONS: usize = 4;

/// One caregiver to hire, with the month they would work.
#[derive(Debug, Clone, PartialEq)]
pub struct Hire {
    /// Row of the candidate; several hires may share one.
    pub candidate: CaregiverIx,
    /// Their tours by day; `caregiver` is the candidate's row.
    pub tours: Vec<Tour>,
}

/// Whom to hire.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recruits {
    /// By candidate.
    pub hires: Vec<Hire>,
    /// No fewer hires can make the same visits.
    pub bound: u32,
    /// Visits that no candidate can make, by client.
    pub beyond_help: Vec<(ClientIx, u32)>,
}

/// Fewest sets that hold every client who is in one: given the clients of each set, the sets chosen and a bound on their number.
pub type Cover<'a> = dyn Fn(&[BTreeSet<u32>]) -> Outcome<(Vec<usize>, u32)> + 'a;

/// The fewest hires found for the visits of `wanted`: its caregivers are the candidates, each of whom may be hired several times, its
/// clients owe the visits that are missing. Visits of a client may be shared among hires. `cover` solves the problem without hours,
/// whose answer is the start and whose bound holds here too.
///
/// # Errors
/// The problem is malformed, as in [`crate::grid::solve`], or the person cancelled.
pub fn recruit(wanted: &RotaProblem, cover: &Cover, seed: u64, progress: &dyn Progress) -> Outcome<Recruits> {
    check::check(wanted)?;
    let (rows, mut problem) = missing_only(wanted);
    let owed: Vec<u32> = problem.clients.iter().map(|c| c.visits).collect();
    keep_able(&mut problem);
    let reach = reach(&problem);
    let kept = undominated(&reach);
    let sets: Vec<BTreeSet<u32>> = kept.iter().map(|g| reach[*g].clone()).collect();
    let (chosen, by_cover) = cover(&sets)?;
    let bound = fewest(&problem, &reach, &kept).max(by_cover);
    let mut hired: Vec<usize> = chosen.into_iter().map(|k| kept[k]).collect();
    let mut plan = month_of(&problem, &hired, seed, progress)?;
    for _ in 0..ADDITIONS {
        let left: BTreeSet<u32> = plan.unplaced.iter().map(|u| u.client.0).collect();
        if left.is_empty() {
            break;
        }
        hired.extend(greedy(&problem, &reach, &kept, left, progress)?);
        plan = month_of(&problem, &hired, seed, progress)?;
    }
    let mut tries = DROPS;
    while hired.len() > bound as usize && tries > 0 {
        let fewer = drop_one(&problem, &hired, &plan, seed, &mut tries, progress)?;
        let Some((fewer, without)) = fewer else { break };
        (hired, plan) = (fewer, without);
    }
    let mut hires: Vec<Hire> = (hired.iter().enumerate()).map(|(h, g)| hire(&plan, &rows, h, *g)).collect();
    hires.sort_by_key(|h| h.candidate);
    let mut beyond: Vec<u32> = owed.iter().zip(&problem.clients).map(|(all, c)| all - c.visits).collect();
    plan.unplaced.iter().for_each(|u| beyond[u.client.at()] += u.missing);
    let beyond_help =
        (rows.iter().zip(beyond)).filter(|(_, n)| *n > 0).map(|(c, n)| (ClientIx::of(*c), n)).collect();
    Ok(Recruits { hires, bound, beyond_help })
}

/// The problem of those who miss visits alone, and their rows.
fn missing_only(wanted: &RotaProblem) -> (Vec<usize>, RotaProblem) {
    let rows: Vec<usize> = (0..wanted.clients.len()).filter(|c| wanted.clients[*c].visits > 0).collect();
    let problem = RotaProblem {
        clients: rows.iter().map(|c| wanted.clients[*c].clone()).collect(),
        cells: 0,
        adjacent: Vec::new(),
        continuity: Continuity::Prefer,
        locks: Locks::default(),
        ..wanted.clone()
    };
    (rows, problem)
}

/// The month with `carers` alone; a caregiver named twice stands twice.
fn with_carers(problem: &RotaProblem, carers: &[usize]) -> RotaProblem {
    let mut copies: Vec<Vec<CaregiverIx>> = vec![Vec::new(); problem.caregivers.len()];
    carers.iter().enumerate().for_each(|(new, old)| copies[*old].push(CaregiverIx::of(new)));
    let mut clients = problem.clients.clone();
    for client in &mut clients {
        client.eligible = client.eligible.iter().flat_map(|g| copies[g.at()].iter().copied()).collect();
    }
    RotaProblem {
        caregivers: carers.iter().map(|g| problem.caregivers[*g].clone()).collect(),
        clients,
        trips: problem.trips.clone(),
        adjacent: Vec::new(),
        locks: Locks::default(),
        ..*problem
    }
}

fn lists(problem: &RotaProblem) -> Vec<Vec<u32>> {
    problem.clients.iter().map(|c| c.eligible.iter().map(|g| g.0).collect()).collect()
}

/// Each client owes what some candidate with nothing else to do can make, and keeps the candidates who can make it all.
fn keep_able(problem: &mut RotaProblem) {
    let nobody = vec![Vec::new(); problem.clients.len()];
    let instance = Instance::compile(problem, &nobody, &[], false);
    let able = |c: usize| -> (u32, Vec<CaregiverIx>) {
        let room = |g: &CaregiverIx| reasons::room_with(problem, &instance, c, g.at());
        let client = &problem.clients[c];
        let most = client.eligible.iter().map(room).max().unwrap_or(0);
        (most, client.eligible.iter().copied().filter(|g| most > 0 && room(g) == most).collect())
    };
    let all: Vec<_> = (0..problem.clients.len()).map(able).collect();
    for (client, (most, eligible)) in problem.clients.iter_mut().zip(all) {
        (client.visits, client.eligible) = (most, eligible);
    }
}

/// Clients of each candidate.
fn reach(problem: &RotaProblem) -> Vec<BTreeSet<u32>> {
    let mut reach = vec![BTreeSet::new(); problem.caregivers.len()];
    for (c, client) in problem.clients.iter().enumerate().filter(|(_, c)| c.visits > 0) {
        client.eligible.iter().for_each(|g| {
            reach[g.at()].insert(c as u32);
        });
    }
    reach
}

/// Candidates who reach somebody that no other one reaches beside all the rest of theirs.
fn undominated(reach: &[BTreeSet<u32>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..reach.len()).filter(|g| !reach[*g].is_empty()).collect();
    order.sort_by_key(|g| (std::cmp::Reverse(reach[*g].len()), *g));
    let mut kept: Vec<usize> = Vec::new();
    for g in order {
        if !kept.iter().any(|k| reach[g].is_subset(&reach[*k])) {
            kept.push(g);
        }
    }
    kept
}

/// No fewer hires can do: the dual of the fractional cover, in which a hire takes any parts of clients that their hours hold (each
/// visit at least its service and half the shortest ways). Prices of clients fall where the best hire covers them (Plotkin, Shmoys,
/// Tardos 1995); every round's prices, scaled until no hire is worth more than one, are a bound.
fn fewest(problem: &RotaProblem, reach: &[BTreeSet<u32>], kept: &[usize]) -> u32 {
    let least = Least::of(problem, &lists(problem));
    let capacity =
        (0..problem.caregivers.len()).map(|g| least.capacity(problem, g)).max().unwrap_or(0) as f64;
    let size: Vec<f64> = (problem.clients.iter().enumerate())
        .map(|(c, k)| (HALF * i64::from(k.service.0) + least.way[c]) as f64 * f64::from(k.visits))
        .collect();
    let mut price: Vec<f64> = problem.clients.iter().map(|c| if c.visits > 0 { 1.0 } else { 0.0 }).collect();
    let mut bound: f64 = 0.0;
    for _ in 0..ROUNDS {
        let worth = |g: &usize| most_worth(&reach[*g], &price, &size, capacity);
        let best = kept.iter().map(worth).reduce(|a, b| if b.0 > a.0 { b } else { a });
        let Some((worth, taken)) = best.filter(|(worth, _)| *worth > 0.0) else { break };
        bound = bound.max(price.iter().sum::<f64>() / worth);
        taken.iter().for_each(|(c, part)| price[*c as usize] *= (-EAGERNESS * part).exp());
    }
    (bound - 1e-6).ceil().max(0.0) as u32
}

/// The dearest parts of clients that `capacity` holds: their price and the parts.
fn most_worth(clients: &BTreeSet<u32>, price: &[f64], size: &[f64], capacity: f64) -> (f64, Vec<(u32, f64)>) {
    let mut order: Vec<(f64, u32)> =
        clients.iter().map(|c| (price[*c as usize] / size[*c as usize], *c)).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let (mut left, mut worth, mut taken) = (capacity, 0.0, Vec::new());
    for (_, c) in order {
        if left <= 0.0 {
            break;
        }
        let part = (left / size[c as usize]).min(1.0);
        (left, worth) = (left - part * size[c as usize], worth + part * price[c as usize]);
        taken.push((c, part));
    }
    (worth, taken)
}

/// Hires one by one: always who can make most of the visits still missing.
fn greedy(
    problem: &RotaProblem,
    reach: &[BTreeSet<u32>],
    kept: &[usize],
    mut left: BTreeSet<u32>,
    progress: &dyn Progress,
) -> Outcome<Vec<usize>> {
    let mut hired = Vec::new();
    // What a candidate could make when last asked; it only falls.
    let mut hope: Vec<(u32, usize)> = kept.iter().map(|g| (u32::MAX, *g)).collect();
    while !left.is_empty() {
        progress.go_on()?;
        let mut best: Option<(u32, usize, Vec<u32>)> = None;
        hope.sort_by_key(|(n, g)| (std::cmp::Reverse(*n), *g));
        for (hope, g) in &mut hope {
            if best.as_ref().is_some_and(|(n, _, _)| *n >= *hope) {
                break;
            }
            let packed = pack(problem, *g, reach[*g].intersection(&left).copied().collect());
            *hope = packed.iter().map(|c| problem.clients[*c as usize].visits).sum();
            if best.as_ref().is_none_or(|(n, _, _)| *hope > *n) {
                best = Some((*hope, *g, packed));
            }
        }
        let Some((_, g, packed)) = best.filter(|(n, _, _)| *n > 0) else { break };
        packed.iter().for_each(|c| {
            left.remove(c);
        });
        hired.push(g);
    }
    Ok(hired)
}

/// Clients all of whose visits fit into one empty month; those whom fewest candidates reach first.
fn pack(problem: &RotaProblem, g: usize, clients: Vec<u32>) -> Vec<u32> {
    let mut order = clients;
    order.sort_by_key(|c| (problem.clients[*c as usize].eligible.len(), *c));
    let mut alone = vec![Vec::new(); problem.clients.len()];
    order.iter().for_each(|c| alone[*c as usize].push(g as u32));
    let instance = Instance::compile(problem, &alone, &[], false);
    let mut search = Search::new(&instance, vec![g as u32], order.clone());
    let mut inserter = Inserter::new(&instance, &order);
    order.retain(|c| inserter.insert_with(&mut search, *c, 0));
    order
}

/// The month of all hires together.
fn month_of(problem: &RotaProblem, hired: &[usize], seed: u64, progress: &dyn Progress) -> Outcome<RotaPlan> {
    let steps = STEPS_PER_CLIENT * problem.clients.len() as u64;
    solve(&with_carers(problem, hired), &RotaStop { steps, seed }, progress)
}

type Fewer = Option<(Vec<usize>, RotaPlan)>;

/// One hire fewer, those with the fewest visits tried first.
fn drop_one(
    problem: &RotaProblem,
    hired: &[usize],
    plan: &RotaPlan,
    seed: u64,
    tries: &mut usize,
    progress: &dyn Progress,
) -> Outcome<Fewer> {
    let visits = |h: usize| -> usize {
        plan.tours.iter().filter(|t| t.caregiver.at() == h).map(|t| t.visits.len()).sum()
    };
    let mut order: Vec<usize> = (0..hired.len()).collect();
    order.sort_by_key(|h| (visits(*h), *h));
    let now: u32 = plan.unplaced.iter().map(|u| u.missing).sum();
    for h in order {
        if *tries == 0 {
            break;
        }
        *tries -= 1;
        let fewer: Vec<usize> = (0..hired.len()).filter(|k| *k != h).map(|k| hired[k]).collect();
        let without = month_of(problem, &fewer, seed, progress)?;
        if without.unplaced.iter().map(|u| u.missing).sum::<u32>() <= now {
            return Ok(Some((fewer, without)));
        }
    }
    Ok(None)
}

/// The tours of one hire, in the rows of the caller.
fn hire(plan: &RotaPlan, rows: &[usize], h: usize, candidate: usize) -> Hire {
    let candidate = CaregiverIx::of(candidate);
    let mut tours: Vec<Tour> = plan.tours.iter().filter(|t| t.caregiver.at() == h).cloned().collect();
    for tour in &mut tours {
        tour.caregiver = candidate;
        tour.visits.iter_mut().for_each(|v| v.client = ClientIx::of(rows[v.client.at()]));
    }
    Hire { candidate, tours }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Silent;
    use crate::grid::testing::{broken, county};

    fn no_cover(_: &[BTreeSet<u32>]) -> Outcome<(Vec<usize>, u32)> {
        Ok((Vec::new(), 0))
    }

    fn visits(recruits: &Recruits) -> u32 {
        recruits.hires.iter().flat_map(|h| &h.tours).map(|t| t.visits.len() as u32).sum()
    }

    /// The hires' months are legal: judged as a plan of their own.
    fn judged(problem: &RotaProblem, recruits: &Recruits) -> Vec<String> {
        let hired: Vec<usize> = recruits.hires.iter().map(|h| h.candidate.at()).collect();
        let small = RotaProblem { cells: 0, ..with_carers(problem, &hired) };
        let with_row = |(h, hire): (usize, &Hire)| {
            hire.tours
                .iter()
                .map(move |t| Tour { caregiver: CaregiverIx::of(h), ..t.clone() })
                .collect::<Vec<_>>()
        };
        let mut plan = solve(&small, &RotaStop { steps: 0, seed: 1 }, &Silent).unwrap();
        plan.tours = recruits.hires.iter().enumerate().flat_map(with_row).collect();
        let missing = |(client, missing): &(ClientIx, u32)| crate::grid::Unplaced {
            client: *client,
            missing: *missing,
            reason: crate::grid::MissingReason::NobodyEligible,
            by: None,
        };
        plan.unplaced = recruits.beyond_help.iter().map(missing).collect();
        broken(&small, &plan)
    }

    #[test]
    fn everybody_whom_a_candidate_reaches_is_helped_and_no_fewer_hires_than_the_bound() {
        for seed in 0..6 {
            let problem = county(seed, 25, 60, Continuity::Prefer);
            let recruits = recruit(&problem, &no_cover, 1, &Silent).unwrap();
            assert_eq!(judged(&problem, &recruits), Vec::<String>::new(), "seed {seed}");
            let owed: u32 = problem.clients.iter().map(|c| c.visits).sum();
            let beyond: u32 = recruits.beyond_help.iter().map(|(_, n)| n).sum();
            assert_eq!(visits(&recruits) + beyond, owed, "seed {seed}");
            assert!(recruits.hires.len() >= recruits.bound as usize && recruits.bound > 0, "seed {seed}");
        }
    }

    #[test]
    fn two_villages_beyond_each_others_reach_need_two_hires_and_the_bound_says_so() {
        let mut problem = county(3, 4, 12, Continuity::Prefer);
        for (c, client) in problem.clients.iter_mut().enumerate() {
            (client.visits, client.window) =
                (2, (crate::base::Seconds(28_800), crate::base::Seconds(64_800)));
            // Candidates 0 and 1 reach the first half, 2 and 3 the other; 1 and 3 not all of it.
            let (near, far) = if c < 6 { (0, 1) } else { (2, 3) };
            client.eligible =
                if c % 6 == 0 { vec![CaregiverIx(near)] } else { vec![CaregiverIx(far), CaregiverIx(near)] };
        }
        let recruits = recruit(&problem, &no_cover, 1, &Silent).unwrap();
        let villages: Vec<u32> = recruits.hires.iter().map(|h| h.candidate.0).collect();
        assert_eq!((villages, recruits.bound), (vec![0, 2], 2));
    }

    #[test]
    fn hours_ask_for_a_second_hire_in_one_village_and_nobody_helps_whom_nobody_reaches() {
        let mut problem = county(5, 1, 40, Continuity::Prefer);
        for client in &mut problem.clients {
            (client.visits, client.apart_days, client.service) = (3, 1, crate::base::Seconds(7200));
            client.window = (crate::base::Seconds(28_800), crate::base::Seconds(64_800));
            client.eligible = vec![CaregiverIx(0)];
            client.earliest = crate::grid::Day(1);
        }
        problem.clients[7].eligible.clear();
        let recruits = recruit(&problem, &no_cover, 1, &Silent).unwrap();
        // 39 x 3 visits of two hours are 234 h, and a month holds 160.
        assert!(
            recruits.hires.len() >= 2 && recruits.bound == 2,
            "{} {}",
            recruits.hires.len(),
            recruits.bound
        );
        assert_eq!(recruits.beyond_help, [(ClientIx(7), 3)]);
    }
}
