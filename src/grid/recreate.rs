//! Re-insertion: the cheapest caregiver and day pattern of one client at once, all other visits standing.

use crate::grid::instance::{INFINITE, Instance, MONTH};
use crate::grid::pattern::Patterns;
use crate::grid::search::Search;
use crate::grid::tour::Insertion;

#[derive(Debug, Clone, Copy)]
struct Remembered {
    stamp: u32,
    insertion: Insertion,
}

/// Insertions remembered while the tours they look at stand unchanged, and room to work in.
#[derive(Debug)]
pub(super) struct Inserter {
    first: Vec<u32>,
    memory: Vec<Remembered>,
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
    base: usize,
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
            len += instance.homes[*c as usize].options.len() * MONTH;
        }
        let empty = Remembered { stamp: u32::MAX, insertion: Insertion::NONE };
        Inserter { first, memory: vec![empty; len], patterns: Patterns::default(), places: Vec::new() }
    }

    /// Places a client without visits at the least cost: as many visits as possible, then least travel and price.
    /// Days in `skip` are left out (a blink). `false`: no visit could be placed.
    pub(super) fn insert(&mut self, search: &mut Search, client: u32, skip: u32) -> bool {
        let Some(member) = search.member(client) else { return false };
        let options = search.instance.homes[client as usize].options.len();
        let mut best: Option<Found> = None;
        for option in 0..options {
            let base = self.first[member] as usize + option * MONTH;
            let limit = best.map_or(i64::MAX, |b| b.cost);
            if let Some(found) = self.cheapest(search, client, option as u16, base, skip, limit) {
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
        let base = self.first[member] as usize + option as usize * MONTH;
        let found = self.cheapest(search, client, option, base, 0, i64::MAX);
        let Some(found) = found.filter(|f| f.days.count_ones() == search.home(client).owed) else {
            return false;
        };
        self.put(search, client, member, found);
        true
    }

    fn put(&mut self, search: &mut Search, client: u32, member: usize, found: Found) {
        self.places.clear();
        let base = self.first[member] as usize + found.option as usize * MONTH;
        for day in (1..MONTH).filter(|d| found.days & (1 << d) != 0) {
            self.places.push((day, self.memory[base + day].insertion.at as usize));
        }
        search.place(client, found.option, &self.places);
    }

    /// The cheapest pattern with one caregiver, if it costs less than `limit`.
    fn cheapest(
        &mut self,
        search: &Search,
        client: u32,
        option: u16,
        base: usize,
        skip: u32,
        limit: i64,
    ) -> Option<Found> {
        let home = search.home(client);
        let pick = home.options[option as usize];
        let slot = search.slot(pick.carer)?;
        let left = search.hours_left(slot);
        if left < home.service || i64::from(pick.price) >= limit {
            return None;
        }
        let carer = search.carer(slot);
        let mut cost = [INFINITE; MONTH];
        let mut days = home.days & carer.days & !skip;
        while days != 0 {
            let day = days.trailing_zeros() as usize;
            days &= days - 1;
            let tour = search.tour(slot, day);
            let known = &mut self.memory[base + day];
            if known.stamp != tour.stamp {
                known.stamp = tour.stamp;
                known.insertion = tour.best_insertion(carer, home, pick.local, carer.max_day);
            }
            cost[day] = known.insertion.cost;
        }
        let owed = home.owed as usize;
        let cheapest_day = i64::from(cost.iter().skip(1).copied().min().unwrap_or(INFINITE));
        let least = owed as i64 * cheapest_day.min(home.shortfall.visit) + i64::from(pick.price);
        if least >= limit {
            return None;
        }
        self.patterns.fill(&cost, owed, home.apart as usize);
        // Gaps only add to what the days cost.
        let most = (1..=owed).rev().find(|j| self.patterns.cost(*j) < INFINITE)?;
        let missing = home.shortfall.of((owed - most) as i64);
        if i64::from(self.patterns.cost(most)) + i64::from(pick.price) + missing >= limit {
            return None;
        }
        self.patterns.add_gaps(&cost, home.gaps);
        let mut scarce = false;
        for visits in (1..=owed).rev() {
            let travel = self.patterns.cost(visits);
            if travel >= INFINITE {
                continue;
            }
            let uneven = search.evenness(slot, home.service * visits as i32);
            let total = i64::from(travel)
                + i64::from(pick.price)
                + uneven
                + home.shortfall.of((owed - visits) as i64);
            if total >= limit {
                return None;
            }
            let days = self.patterns.days(visits);
            if self.seconds(base, days) <= left {
                return Some(Found { cost: total, option, days });
            }
            scarce = true;
            break;
        }
        let aim = Aim { client, option, base, slot, left, limit };
        if scarce { self.shortest(search, aim, &cost) } else { None }
    }

    /// Where the month's hours are scarce: the pattern that takes the fewest of them, if it costs less than `limit`.
    fn shortest(&mut self, search: &Search, aim: Aim, cost: &[i32; MONTH]) -> Option<Found> {
        let Aim { client, option, base, slot, left, limit } = aim;
        let home = search.home(client);
        let price = i64::from(home.options[option as usize].price);
        let mut seconds = [INFINITE; MONTH];
        for day in (1..MONTH).filter(|d| cost[*d] < INFINITE) {
            seconds[day] = self.memory[base + day].insertion.duration;
        }
        let owed = home.owed as usize;
        self.patterns.fill(&seconds, owed, home.apart as usize);
        let visits = (1..=owed).rev().find(|j| self.patterns.cost(*j) <= left)?;
        let days = self.patterns.days(visits);
        let travel: i64 = (1..MONTH).filter(|d| days & (1 << d) != 0).map(|d| i64::from(cost[d])).sum();
        let uneven = search.evenness(slot, home.service * visits as i32);
        let total = travel + price + uneven + home.shortfall.of((owed - visits) as i64);
        (total < limit).then_some(Found { cost: total, option, days })
    }

    /// Seconds a pattern adds to the month.
    fn seconds(&self, base: usize, days: u32) -> i32 {
        (1..MONTH).filter(|d| days & (1 << d) != 0).map(|d| self.memory[base + d].insertion.duration).sum()
    }
}
