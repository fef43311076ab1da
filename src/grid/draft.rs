//! A plan between two searches: who serves whom, and the clients of each day in order.

use crate::grid::cost::{Choice, NOBODY};
use crate::grid::instance::{Instance, MONTH};
use crate::grid::search::Search;
use crate::grid::tour::DayTour;

/// Caregivers and orders, without times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Draft {
    /// By client: row of the responsible caregiver.
    pub(super) carer_of: Vec<Option<u32>>,
    /// By `caregiver * MONTH + day`: clients in visiting order.
    pub(super) tours: Vec<Vec<u32>>,
}

impl Draft {
    /// No visit yet.
    pub(super) fn empty(clients: usize, carers: usize) -> Draft {
        Draft { carer_of: vec![None; clients], tours: vec![Vec::new(); carers * MONTH] }
    }

    /// Sum of squares of the care loads, in square minutes.
    pub(super) fn squares(&self, instance: &Instance) -> i64 {
        let service = |c: &u32| i64::from(instance.homes[*c as usize].service);
        let load = |days: &[Vec<u32>]| days.iter().flatten().map(service).sum::<i64>() / 60;
        self.tours.chunks(MONTH).map(|days| load(days) * load(days)).sum()
    }
}

impl<'a> Search<'a> {
    /// Takes over the visits of the block's clients by their responsible caregivers.
    pub(super) fn load(&mut self, draft: &Draft) {
        let instance = self.instance;
        let mut choices = vec![Choice::NONE; self.clients.len()];
        let mut tours = vec![DayTour::empty(); self.tours().len()];
        for (slot, g) in self.carers.iter().enumerate() {
            let carer = &instance.carers[*g as usize];
            for day in 1..MONTH {
                let tour = &mut tours[slot * MONTH + day];
                for client in &draft.tours[*g as usize * MONTH + day] {
                    let (Some(member), Some(option)) =
                        (self.member(*client), option_of(instance, *client, *g))
                    else {
                        continue;
                    };
                    if draft.carer_of[*client as usize] != Some(*g) {
                        continue;
                    }
                    let home = &instance.homes[*client as usize];
                    tour.push(*client, home, home.options[option as usize].local);
                    choices[member].option = option;
                    choices[member].days |= 1 << day;
                }
                tour.retime(carer);
                tour.stamp = if tour.stops.is_empty() { 0 } else { (slot * MONTH + day) as u32 };
            }
        }
        self.set_plan(tours, choices);
    }

    /// Writes the block's visits back.
    pub(super) fn store(&self, draft: &mut Draft) {
        for (slot, g) in self.carers.iter().enumerate() {
            for day in 1..MONTH {
                let stops = self.tour(slot, day).stops.iter().map(|s| s.client).collect();
                draft.tours[*g as usize * MONTH + day] = stops;
            }
        }
        for c in &self.clients {
            let choice = self.choice(*c);
            let option = if choice.option == NOBODY {
                None
            } else {
                self.home(*c).options.get(choice.option as usize)
            };
            draft.carer_of[*c as usize] = option.map(|o| o.carer);
        }
    }
}

fn option_of(instance: &Instance, client: u32, carer: u32) -> Option<u16> {
    instance.homes[client as usize].options.iter().position(|o| o.carer == carer).map(|i| i as u16)
}
