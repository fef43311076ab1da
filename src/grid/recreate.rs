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

/// One client with one caregiver.
#[derive(Debug, Clone, Copy)]
struct Aim {
    client: u32,
    option: u16,
    /// The home's row in the caregiver's trip table.
    local: u32,
    /// Place in the memory.
    known: usize,
    slot: usize,
    /// Seconds that choosing the caregiver costs.
    price: i64,
    /// The caregiver's seconds left this month.
    left: i32,
    /// What a better place must cost less than.
    limit: i64,
}

/// A first plan of a block: those with the fewest caregivers first.
pub(super) fn first_plan(instance: &Instance, carers: Vec<u32>, clients: Vec<u32>) -> Search<'_> {
    let mut inserter = Inserter::new(instance, &clients);
    let mut order = clients.clone();
    order.sort_by_key(|c| instance.homes[*c as usize].options.len());
    let mut search = Search::new(instance, carers, clients);
    for client in order {
        inserter.insert(&mut search, client, 0);
    }
    search.keep();
    search
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
            // Of equals the first in the list.
            let limit = best.map_or(i64::MAX, |b| b.cost + i64::from(option < b.option));
            let aim = self.aim(search, client, option, limit);
            best = aim.and_then(|aim| self.cheapest(search, aim, skip)).or(best);
        }
        let Some(found) = best else { return false };
        self.put(search, client, member, found);
        true
    }

    /// Places a client with one caregiver, if every visit fits.
    pub(super) fn insert_with(&mut self, search: &mut Search, client: u32, option: u16) -> bool {
        let Some(member) = search.member(client) else { return false };
        let aim = self.aim(search, client, option, i64::MAX);
        let found = aim.and_then(|aim| self.cheapest(search, aim, 0));
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

    /// Aims at a caregiver, if hours are left to them and their price alone is less than `limit`.
    fn aim(&self, search: &Search, client: u32, option: u16, limit: i64) -> Option<Aim> {
        let (home, member) = (search.home(client), search.member(client)?);
        let pick = home.options[option as usize];
        let (slot, price) = (search.slot(pick.carer)?, i64::from(pick.price));
        let left = search.hours_left(slot);
        let known = self.first[member] as usize + option as usize;
        (left >= home.service && price < limit).then_some(Aim {
            client,
            option,
            local: pick.local,
            known,
            slot,
            price,
            left,
            limit,
        })
    }

    /// The cheapest pattern with the caregiver aimed at, if it costs less than the limit.
    fn cheapest(&mut self, search: &Search, aim: Aim, skip: u32) -> Option<Found> {
        let home = search.home(aim.client);
        let (cost, cheapest_day) = self.days(search, aim, skip);
        let owed = home.owed as usize;
        let least = owed as i64 * i64::from(cheapest_day).min(home.shortfall.visit) + aim.price;
        if least >= aim.limit {
            return None;
        }
        let visits = self.fill(&cost, home)?;
        let missing = home.shortfall.of((owed - visits) as i64);
        // Gaps only add to what the days cost.
        if i64::from(self.patterns.cost(visits)) + aim.price + missing >= aim.limit {
            return None;
        }
        self.patterns.add_gaps(&cost, home.gaps);
        let total = aim.total(search, i64::from(self.patterns.cost(visits)), visits);
        if total >= aim.limit {
            return None;
        }
        let days = self.patterns.days(visits);
        if self.memory[aim.known].seconds(days) <= aim.left {
            return Some(Found { cost: total, option: aim.option, days });
        }
        self.shortest(search, aim, &cost)
    }

    /// What a visit costs by day ([`INFINITE`]: not possible), and the least of it.
    fn days(&mut self, search: &Search, aim: Aim, skip: u32) -> ([i32; MONTH], i32) {
        let (home, carer) = (search.home(aim.client), search.carer(aim.slot));
        let (known, rooms) = (&mut self.memory[aim.known], search.rooms(aim.slot));
        let days = home.days & carer.days & !skip & rooms.take(home.service);
        for day in days_of(days & rooms.differ(&known.stamps)) {
            let found = search.tour(aim.slot, day).best_insertion(carer, home, aim.local, carer.max_day);
            known.note(day, rooms.stamps[day], found);
        }
        let mut cost: [i32; MONTH] =
            std::array::from_fn(|d| if days & (1 << d) != 0 { known.costs[d] } else { INFINITE });
        for unusual in days_of(days & home.habit.broken_by) {
            cost[unusual] += home.habit.price;
        }
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

    /// Where the month's hours are scarce: the pattern that takes the fewest of them, if it costs less than the limit.
    fn shortest(&mut self, search: &Search, aim: Aim, cost: &[i32; MONTH]) -> Option<Found> {
        let home = search.home(aim.client);
        let durations = &self.memory[aim.known].durations;
        let day = |d: usize| if d > 0 && cost[d] < INFINITE { durations[d] } else { INFINITE };
        let seconds: [i32; MONTH] = std::array::from_fn(day);
        let owed = home.owed as usize;
        self.patterns.fill(&seconds, owed, home.apart as usize);
        let visits = (1..=owed).rev().find(|j| self.patterns.cost(*j) <= aim.left)?;
        let days = self.patterns.days(visits);
        let total = aim.total(search, days_of(days).map(|d| i64::from(cost[d])).sum(), visits);
        (total < aim.limit).then_some(Found { cost: total, option: aim.option, days })
    }
}

impl Aim {
    /// What `visits` cost whose days cost `days`: with the caregiver's price, evenness and the visits left out.
    fn total(self, search: &Search, days: i64, visits: usize) -> i64 {
        let home = search.home(self.client);
        let uneven = search.evenness(self.slot, home.service * visits as i32);
        days + self.price + uneven + home.shortfall.of(i64::from(home.owed) - visits as i64)
    }
}
