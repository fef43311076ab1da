//! The plan while it is searched: tours, choices and their cost, with an undo of every step.

use crate::grid::cost::{Choice, Cost, NOBODY};
use crate::grid::instance::{Carer, Home, Instance, MONTH, days_of};
use crate::grid::loads::Loads;
use crate::grid::rooms::Rooms;
use crate::grid::tour::DayTour;

/// What the current step changed.
#[derive(Debug, Default)]
struct Undo {
    tours: Vec<(usize, DayTour)>,
    used: usize,
    choices: Vec<(u32, Choice)>,
    cost: Cost,
}

/// A block of caregivers with their tours, and the clients they share.
#[derive(Debug)]
pub(super) struct Search<'a> {
    pub(super) instance: &'a Instance,
    /// Rows of the block's caregivers.
    pub(super) carers: Vec<u32>,
    /// Rows of the block's clients.
    pub(super) clients: Vec<u32>,
    /// Caregiver row to slot in the block; `u32::MAX` outside.
    slots: Vec<u32>,
    /// Client row to slot in the block; `u32::MAX` outside.
    members: Vec<u32>,
    /// `slot * MONTH + day`.
    tours: Vec<DayTour>,
    /// By slot.
    rooms: Vec<Rooms>,
    /// Seconds of the month by caregiver slot.
    hours: Vec<i32>,
    loads: Loads,
    /// By client slot.
    choices: Vec<Choice>,
    /// Clients not fully placed.
    incomplete: Vec<u32>,
    incomplete_at: Vec<u32>,
    cost: Cost,
    /// Hours of some caregiver have a price.
    scarce: bool,
    /// A removal made a day illegal (trips without the triangle inequality): the step must be undone.
    broken: bool,
    stamp: u32,
    step: u32,
    saved_in_step: Vec<u32>,
    undo: Undo,
    /// Tours changed since [`Search::take_changed`].
    changed: Vec<u32>,
    is_changed: Vec<bool>,
}

impl<'a> Search<'a> {
    /// A block without visits.
    pub(super) fn new(instance: &'a Instance, carers: Vec<u32>, clients: Vec<u32>) -> Search<'a> {
        let mut slots = vec![u32::MAX; instance.carers.len()];
        for (s, g) in carers.iter().enumerate() {
            slots[*g as usize] = s as u32;
        }
        let mut members = vec![u32::MAX; instance.homes.len()];
        let (mut incomplete, mut incomplete_at) = (Vec::new(), vec![u32::MAX; clients.len()]);
        let mut cost = Cost::default();
        for (s, c) in clients.iter().enumerate() {
            members[*c as usize] = s as u32;
            let home = &instance.homes[*c as usize];
            let owed = home.owed;
            cost.missing += i64::from(owed);
            cost.price += home.shortfall.of(i64::from(owed));
            if owed > 0 {
                incomplete_at[s] = incomplete.len() as u32;
                incomplete.push(*c);
            }
        }
        let tours = vec![DayTour::empty(); carers.len() * MONTH];
        Search {
            hours: vec![0; carers.len()],
            loads: Loads::new(carers.len()),
            choices: vec![Choice::NONE; clients.len()],
            rooms: carers.iter().map(|g| Rooms::of(&instance.carers[*g as usize])).collect(),
            saved_in_step: vec![0; tours.len()],
            is_changed: vec![false; tours.len()],
            scarce: carers.iter().any(|g| instance.carers[*g as usize].second_price > 0),
            stamp: 0,
            step: 1,
            undo: Undo { cost, ..Undo::default() },
            changed: Vec::new(),
            broken: false,
            instance,
            carers,
            clients,
            slots,
            members,
            tours,
            incomplete,
            incomplete_at,
            cost,
        }
    }
}

impl Search<'_> {
    pub(super) fn cost(&self) -> Cost {
        self.cost
    }

    /// The caregiver's slot, if the block has them.
    #[inline]
    pub(super) fn slot(&self, carer: u32) -> Option<usize> {
        let s = self.slots[carer as usize];
        (s != u32::MAX).then_some(s as usize)
    }

    /// The client's slot, if the block has them.
    #[inline]
    pub(super) fn member(&self, client: u32) -> Option<usize> {
        let s = self.members[client as usize];
        (s != u32::MAX).then_some(s as usize)
    }

    pub(super) fn home(&self, client: u32) -> &Home {
        &self.instance.homes[client as usize]
    }

    pub(super) fn carer(&self, slot: usize) -> &Carer {
        &self.instance.carers[self.carers[slot] as usize]
    }

    #[inline]
    pub(super) fn tour(&self, slot: usize, day: usize) -> &DayTour {
        &self.tours[slot * MONTH + day]
    }

    /// What the caregiver's days still take.
    #[inline]
    pub(super) fn rooms(&self, slot: usize) -> &Rooms {
        &self.rooms[slot]
    }

    pub(super) fn tours(&self) -> &[DayTour] {
        &self.tours
    }

    /// Seconds of the month still free.
    #[inline]
    pub(super) fn hours_left(&self, slot: usize) -> i32 {
        self.carer(slot).max_month - self.hours[slot]
    }

    /// What is chosen for a client of the block.
    pub(super) fn choice(&self, client: u32) -> Choice {
        self.member(client).map_or(Choice::NONE, |s| self.choices[s])
    }

    /// The caregiver chosen for a client of the block.
    pub(super) fn carer_of(&self, client: u32) -> Option<&Carer> {
        self.slot_of(client, self.choice(client)).map(|slot| self.carer(slot))
    }

    /// The block has caregivers with too few hours.
    pub(super) fn is_scarce(&self) -> bool {
        self.scarce
    }

    /// Clients of the block who miss a visit, in no order of meaning.
    pub(super) fn incomplete(&self) -> &[u32] {
        &self.incomplete
    }

    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Puts the client's visits where `places` (day, position) say. The places must be legal, each day once.
    pub(super) fn place(&mut self, client: u32, option: u16, places: &[(usize, usize)]) {
        let pick = self.home(client).options[option as usize];
        let Some(slot) = self.slot(pick.carer) else { return };
        let instance = self.instance;
        let (carer, home) = (&instance.carers[pick.carer as usize], &instance.homes[client as usize]);
        let mut days = 0;
        for &(day, at) in places {
            days |= 1 << day;
            self.change_tour(slot, day, |tour| {
                tour.insert(carer, client, home, pick.local, at);
                true
            });
        }
        self.choose(client, Choice { option, days });
    }

    /// Takes every visit of a client out.
    pub(super) fn take_out(&mut self, client: u32) {
        let choice = self.choice(client);
        if choice.option == NOBODY {
            return;
        }
        let pick = self.home(client).options[choice.option as usize];
        let Some(slot) = self.slot(pick.carer) else { return };
        let carer = &self.instance.carers[pick.carer as usize];
        for day in days_of(choice.days) {
            self.change_tour(slot, day, |tour| {
                let before = tour.duration;
                tour.remove(carer, client) && tour.duration <= before
            });
        }
        self.choose(client, Choice::NONE);
    }

    /// Changes one tour; the change says whether the day is still legal.
    pub(super) fn change_tour(&mut self, slot: usize, day: usize, change: impl FnOnce(&mut DayTour) -> bool) {
        let at = slot * MONTH + day;
        self.save_tour(at);
        self.stamp = self.stamp.wrapping_add(1);
        let tour = &mut self.tours[at];
        let (travel, duration) = (tour.travel, tour.duration);
        self.broken |= !change(tour);
        tour.stamp = self.stamp;
        self.cost.travel += i64::from(tour.travel - travel);
        self.hours[slot] += tour.duration - duration;
        let carer = &self.instance.carers[self.carers[slot] as usize];
        self.cost.scarce += carer.price_of_day(tour.duration) - carer.price_of_day(duration);
        self.rooms[slot].note(day, carer, tour);
        if !self.is_changed[at] {
            self.is_changed[at] = true;
            self.changed.push(at as u32);
        }
    }

    fn save_tour(&mut self, at: usize) {
        if self.saved_in_step[at] == self.step {
            return;
        }
        self.saved_in_step[at] = self.step;
        if self.undo.used == self.undo.tours.len() {
            self.undo.tours.push((at, DayTour::empty()));
        }
        let (place, copy) = &mut self.undo.tours[self.undo.used];
        *place = at;
        copy.copy_from(&self.tours[at]);
        self.undo.used += 1;
    }

    pub(super) fn choose(&mut self, client: u32, choice: Choice) {
        let Some(s) = self.member(client) else { return };
        self.undo.choices.push((client, self.choices[s]));
        let (gone, new) = (self.part(client, self.choices[s]), self.part(client, choice));
        self.cost.missing += new.missing - gone.missing;
        self.cost.price += new.price - gone.price;
        let slots = [self.choices[s], choice].map(|c| self.slot_of(client, c));
        let evenness = self.instance.evenness;
        self.cost.price -= self.loads.above_cap(evenness, slots);
        self.set_choice(client, s, choice);
        self.cost.price += self.loads.above_cap(evenness, slots);
        self.cost.uneven = self.loads.price(evenness);
    }

    fn slot_of(&self, client: u32, choice: Choice) -> Option<usize> {
        let option = self.home(client).options.get(choice.option as usize)?;
        self.slot(option.carer)
    }

    /// What `more` seconds of care cost in evenness, at the present price of a square hour.
    #[inline]
    pub(super) fn evenness(&self, slot: usize, more: i32) -> i64 {
        self.loads.step(self.instance.evenness, slot, more)
    }

    /// Square minutes of all care loads.
    pub(super) fn squares(&self) -> i64 {
        self.loads.squares()
    }

    /// Says how many square hours of the least possible sum of squares of loads fall to the block.
    pub(super) fn set_share(&mut self, share: f64) {
        self.loads.set_share(share);
        self.cost.uneven = self.loads.price(self.instance.evenness);
        self.keep();
    }

    /// What a choice costs beside travel.
    fn part(&self, client: u32, choice: Choice) -> Cost {
        let home = self.home(client);
        let price = home.options.get(choice.option as usize).map_or(0, |o| i64::from(o.price));
        let missing = i64::from(home.owed) - i64::from(choice.days.count_ones());
        let price = price + home.shortfall.of(missing) + home.price_of_days(choice.days);
        Cost { missing, price, ..Cost::default() }
    }

    fn set_choice(&mut self, client: u32, s: usize, choice: Choice) {
        let care = |c: Choice| self.home(client).service * c.days.count_ones() as i32;
        let (gone, new) = (care(self.choices[s]), care(choice));
        if let Some(slot) = self.slot_of(client, self.choices[s]) {
            self.loads.shift(slot, -gone);
        }
        if let Some(slot) = self.slot_of(client, choice) {
            self.loads.shift(slot, new);
        }
        self.choices[s] = choice;
        let lacks = choice.days.count_ones() < self.home(client).owed;
        let at = self.incomplete_at[s];
        if lacks && at == u32::MAX {
            self.incomplete_at[s] = self.incomplete.len() as u32;
            self.incomplete.push(client);
        } else if !lacks && at != u32::MAX {
            self.incomplete.swap_remove(at as usize);
            if let Some(moved) = self.incomplete.get(at as usize).copied()
                && let Some(m) = self.member(moved)
            {
                self.incomplete_at[m] = at;
            }
            self.incomplete_at[s] = u32::MAX;
        }
    }

    /// Keeps the steps since the last `keep` or `undo`.
    pub(super) fn keep(&mut self) {
        self.undo.used = 0;
        self.undo.choices.clear();
        self.undo.cost = self.cost;
        self.broken = false;
        self.step = self.step.wrapping_add(1);
        if self.step == 0 {
            self.saved_in_step.fill(0);
            self.step = 1;
        }
    }

    /// The steps since the last `keep` or `undo` led back to where they began. Taking them back keeps what is remembered of the days.
    pub(super) fn is_unchanged(&self) -> bool {
        let same = |a: &DayTour, b: &DayTour| {
            a.stops.len() == b.stops.len() && a.stops.iter().zip(&b.stops).all(|(a, b)| a.client == b.client)
        };
        self.cost == self.undo.cost
            && self.undo.tours[..self.undo.used].iter().all(|(at, before)| same(before, &self.tours[*at]))
    }

    /// Takes back the steps since the last `keep` or `undo`.
    pub(super) fn undo(&mut self) {
        for i in 0..self.undo.used {
            let at = self.undo.tours[i].0;
            self.hours[at / MONTH] += self.undo.tours[i].1.duration - self.tours[at].duration;
            std::mem::swap(&mut self.tours[at], &mut self.undo.tours[i].1);
            let carer = &self.instance.carers[self.carers[at / MONTH] as usize];
            self.rooms[at / MONTH].note(at % MONTH, carer, &self.tours[at]);
        }
        while let Some((client, choice)) = self.undo.choices.pop() {
            if let Some(s) = self.member(client) {
                self.set_choice(client, s, choice);
            }
        }
        self.cost = self.undo.cost;
        self.keep();
    }

    /// Tours changed since the last call, each once.
    pub(super) fn take_changed(&mut self, mut each: impl FnMut(usize, &DayTour)) {
        for at in self.changed.drain(..) {
            self.is_changed[at as usize] = false;
            each(at as usize, &self.tours[at as usize]);
        }
    }

    pub(super) fn choices(&self) -> &[Choice] {
        &self.choices
    }

    /// Replaces the whole plan of the block by one of the same block.
    pub(super) fn set_plan(&mut self, tours: Vec<DayTour>, choices: Vec<Choice>) {
        self.tours = tours;
        self.stamp = self.stamp.max(self.tours.iter().map(|t| t.stamp).max().unwrap_or(0));
        self.cost = Cost::default();
        self.hours.fill(0);
        for (at, tour) in self.tours.iter().enumerate() {
            self.hours[at / MONTH] += tour.duration;
            self.cost.travel += i64::from(tour.travel);
            let carer = &self.instance.carers[self.carers[at / MONTH] as usize];
            self.cost.scarce += carer.price_of_day(tour.duration);
            self.rooms[at / MONTH].note(at % MONTH, carer, tour);
        }
        for (s, choice) in choices.into_iter().enumerate() {
            let client = self.clients[s];
            self.set_choice(client, s, choice);
            let part = self.part(client, choice);
            self.cost.missing += part.missing;
            self.cost.price += part.price;
        }
        let evenness = self.instance.evenness;
        self.cost.price += self.loads.all_above_cap(evenness);
        self.cost.uneven = self.loads.price(evenness);
        self.keep();
    }
}
