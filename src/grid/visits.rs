//! One visit put in or taken out by hand: what the last pass and repair do to a plan.

use crate::grid::cost::Choice;
use crate::grid::search::Search;
use crate::grid::tour::DayTour;

impl Search<'_> {
    /// Notes the days of a client whose visits several caregivers share; of record is the first option.
    pub(super) fn record(&mut self, client: u32, days: u32) {
        self.choose(client, Choice { option: 0, days });
    }

    /// Adds a visit as the last of a day, legal or not.
    pub(super) fn append_visit(&mut self, client: u32, option: u16, day: usize) {
        let pick = self.home(client).options[option as usize];
        let at = self.slot(pick.carer).map_or(0, |slot| self.tour(slot, day).stops.len());
        self.insert_visit(client, option, day, at);
    }

    /// Puts one visit at a position of a day; choices are the caller's business.
    pub(super) fn insert_visit(&mut self, client: u32, option: u16, day: usize, at: usize) {
        let instance = self.instance;
        let home = &instance.homes[client as usize];
        let pick = home.options[option as usize];
        let Some(slot) = self.slot(pick.carer) else { return };
        let carer = &instance.carers[pick.carer as usize];
        self.change_tour(slot, day, |tour| {
            tour.insert(carer, client, home, pick.local, at);
            true
        });
    }

    /// Takes one visit out of a day.
    pub(super) fn drop_visit(&mut self, client: u32, slot: usize, day: usize) {
        let carer = &self.instance.carers[self.carers[slot] as usize];
        self.change_tour(slot, day, |tour| tour.remove(carer, client));
    }

    /// The day and the caregiver's month keep every rule.
    pub(super) fn day_is_legal(&self, slot: usize, day: usize) -> bool {
        let (carer, mut tour) = (self.carer(slot), DayTour::empty());
        tour.copy_from(self.tour(slot, day));
        tour.stops.is_empty()
            || tour.retime(carer) && tour.duration <= carer.max_day && self.hours_left(slot) >= 0
    }

    /// The stop whose leaving helps the day most: it becomes legal, else shortest.
    pub(super) fn worst_stop(&self, slot: usize, day: usize) -> Option<u32> {
        let carer = self.carer(slot);
        let without = |client: u32| {
            let mut tour = DayTour::empty();
            tour.copy_from(self.tour(slot, day));
            let legal = tour.remove(carer, client) && tour.duration <= carer.max_day;
            (!legal, tour.travel + tour.stops.iter().map(|s| s.own.duration).sum::<i32>())
        };
        self.tour(slot, day).stops.iter().map(|s| s.client).min_by_key(|c| without(*c))
    }
}
