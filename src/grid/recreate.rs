//! Re-insertion: the cheapest caregiver and day pattern of one client at once, all other visits standing.

use crate::grid::instance::{Home, INFINITE, Instance, MONTH, days_of};
use crate::grid::pattern::Patterns;
use crate::grid::search::Search;
use crate::grid::tour::Insertion;

/// Insertions of one client with one caregiver, by day, each as long as the tour it looked at stands.
#[derive(Debug, Clone)]
struct Remembered {
    stamps: [u32; MONTH],
    costs: [i32; MONTH],
    durations: [i32; MONTH],
    at: [u16; MONTH],
}

impl Remembered {
    const NOTHING: Remembered =
        Remembered { stamps: [u32::MAX; MONTH], costs: [0; MONTH], durations: [0; MONTH], at: [0; MONTH] };

    fn note(&mut self, day: usize, stamp: u32, found: Insertion) {
        self.stamps[day] = stamp;
        self.costs[day] = found.cost;
        self.durations[day] = found.duration;
        self.at[day] = found.at;
    }

    /// Seconds a pattern adds to the month.
    fn seconds(&self, days: u32) -> i32 {
        days_of(days).map(|d| self.durations[d]).sum()
    }
}

/// Insertions remembered while the tours they look at stand unchanged, and room to work in.
#[derive(Debug)]
pub(super) struct Inserter {
    /// By client of the block: where their options begin in the memory.
    first: Vec<u32>,
    memory: Vec<Remembered>,
    /// By client of the block: the option they had last.
    latest: Vec<u16>,
    patterns: Patterns,
    places: Vec<(usize, usize)>,
}

/// A caregiver and days for a client.
#[derive(Debug, Clone, Copy)]
struct Found {
    cost: i64,
    option: u16,
    days: u32,
}

/// One client with one caregiver: where their insertions are remembered, the month's seconds left, and what a better place must cost.
#[derive(Debug, Clone, Copy)]
struct Aim {
    client: u32,
    option: u16,
    /// Place in the memory.
    known: usize,
    slot: usize,
    left: i32,
    limit: i64,
}

impl Inserter {
    /// For the clients of a block.
    pub(super) fn new(instance: &Instance, clients: &[u32]) -> Inserter {
        let (mut first, mut len) = (Vec::with_capacity(clients.len()), 0);
        for c in clients {
            first.push(len as u32);
            len += instance.homes[*c as usize].options.len();
        }
        let memory = vec![Remembered::NOTHING; len];
        Inserter {
            latest: vec![0; first.len()],
            first,
            memory,
            patterns: Patterns::default(),
            places: Vec::new(),
        }
    }

    /// Places a client without visits at the least cost: as many visits as possible, then least travel and price.
    /// Days in `skip` are left out (a blink). `false`: no visit could be placed.
    pub(super) fn insert(&mut self, search: &mut Search, client: u32, skip: u32) -> bool {
        let Some(member) = search.member(client) else { return false };
        let options = search.instance.homes[client as usize].options.len() as u16;
        let first = self.latest[member].min(options.saturating_sub(1));
        let mut best: Option<Found> = None;
        // Most go back to whom they had: known first, that cost cuts the others short.
        for k in 0..options {
            let option = if k == 0 { first } else { k - u16::from(k <= first) };
            let known = self.first[member] as usize + option as usize;
            // Of equals the first in the list.
            let limit = best.map_or(i64::MAX, |b| b.cost + i64::from(option < b.option));
            if let Some(found) = self.cheapest(search, client, option, known, skip, limit) {
                best = Some(found);
            }
        }
        let Some(found) = best else { return false };
        self.put(search, client, member, found);
        true
    }

    /// Places a client with one caregiver, if every visit fits.
    pub(super) fn insert_with(&mut self, search: &mut Search, client: u32, option: u16) -> bool {
        let Some(member) = search.member(client) else { return false };
        let known = self.first[member] as usize + option as usize;
        let found = self.cheapest(search, client, option, known, 0, i64::MAX);
        let Some(found) = found.filter(|f| f.days.count_ones() == search.home(client).owed) else {
            return false;
        };
        self.put(search, client, member, found);
        true
    }

    fn put(&mut self, search: &mut Search, client: u32, member: usize, found: Found) {
        let known = &self.memory[self.first[member] as usize + found.option as usize];
        self.latest[member] = found.option;
        self.places.clear();
        self.places.extend(days_of(found.days).map(|day| (day, known.at[day] as usize)));
        search.place(client, found.option, &self.places);
    }

    /// The cheapest pattern with one caregiver, if it costs less than `limit`.
    fn cheapest(
        &mut self,
        search: &Search,
        client: u32,
        option: u16,
        known: usize,
        skip: u32,
        limit: i64,
    ) -> Option<Found> {
        let home = search.home(client);
        let pick = home.options[option as usize];
        let slot = search.slot(pick.carer)?;
        let left = search.hours_left(slot);
        let price = i64::from(pick.price);
        if left < home.service || price >= limit {
            return None;
        }
        let (cost, cheapest_day) = self.days(search, client, option, known, skip);
        let owed = home.owed as usize;
        let least = owed as i64 * i64::from(cheapest_day).min(home.shortfall.visit) + price;
        if least >= limit {
            return None;
        }
        let visits = self.fill(&cost, home)?;
        let missing = home.shortfall.of((owed - visits) as i64);
        // Gaps only add to what the days cost.
        if i64::from(self.patterns.cost(visits)) + price + missing >= limit {
            return None;
        }
        self.patterns.add_gaps(&cost, home.gaps);
        let uneven = search.evenness(slot, home.service * visits as i32);
        let total = i64::from(self.patterns.cost(visits)) + price + uneven + missing;
        if total >= limit {
            return None;
        }
        let days = self.patterns.days(visits);
        if self.memory[known].seconds(days) <= left {
            return Some(Found { cost: total, option, days });
        }
        self.shortest(search, Aim { client, option, known, slot, left, limit }, &cost)
    }

    /// What a visit costs by day ([`INFINITE`]: not possible), and the least of it.
    fn days(
        &mut self,
        search: &Search,
        client: u32,
        option: u16,
        known: usize,
        skip: u32,
    ) -> ([i32; MONTH], i32) {
        let home = search.home(client);
        let pick = home.options[option as usize];
        let Some(slot) = search.slot(pick.carer) else { return ([INFINITE; MONTH], INFINITE) };
        let carer = search.carer(slot);
        let (known, rooms) = (&mut self.memory[known], search.rooms(slot));
        let days = home.days & carer.days & !skip & rooms.take(home.service);
        for day in days_of(days & rooms.differ(&known.stamps)) {
            let found = search.tour(slot, day).best_insertion(carer, home, pick.local, carer.max_day);
            known.note(day, rooms.stamps[day], found);
        }
        let cost: [i32; MONTH] =
            std::array::from_fn(|d| if days & (1 << d) != 0 { known.costs[d] } else { INFINITE });
        let mut lanes = [INFINITE; 4];
        for four in cost.chunks_exact(4) {
            lanes.iter_mut().zip(four).for_each(|(lane, c)| *lane = (*lane).min(*c));
        }
        (cost, lanes[0].min(lanes[1]).min(lanes[2]).min(lanes[3]))
    }

    /// Fills the patterns, and says how many visits of those owed have days.
    fn fill(&mut self, cost: &[i32; MONTH], home: &Home) -> Option<usize> {
        let (owed, apart) = (home.owed as usize, home.apart as usize);
        if home.gaps.day_price == 0 {
            self.patterns.fill_for(cost, owed, apart);
            if self.patterns.cost(owed) < INFINITE {
                return Some(owed);
            }
        }
        self.patterns.fill(cost, owed, apart);
        (1..=owed).rev().find(|j| self.patterns.cost(*j) < INFINITE)
    }

    /// Where the month's hours are scarce: the pattern that takes the fewest of them, if it costs less than `limit`.
    fn shortest(&mut self, search: &Search, aim: Aim, cost: &[i32; MONTH]) -> Option<Found> {
        let Aim { client, option, known, slot, left, limit } = aim;
        let home = search.home(client);
        let price = i64::from(home.options[option as usize].price);
        let mut seconds = [INFINITE; MONTH];
        for day in (1..MONTH).filter(|d| cost[*d] < INFINITE) {
            seconds[day] = self.memory[known].durations[day];
        }
        let owed = home.owed as usize;
        self.patterns.fill(&seconds, owed, home.apart as usize);
        let visits = (1..=owed).rev().find(|j| self.patterns.cost(*j) <= left)?;
        let days = self.patterns.days(visits);
        let travel: i64 = days_of(days).map(|d| i64::from(cost[d])).sum();
        let uneven = search.evenness(slot, home.service * visits as i32);
        let total = travel + price + uneven + home.shortfall.of((owed - visits) as i64);
        (total < limit).then_some(Found { cost: total, option, days })
    }
}
