//! Ruin and recreate under simulated annealing (Schrimpf et al. 2000; Christiaens, Vanden Berghe 2020), counted in steps.

use crate::base::{Progress, SplitMix64};
use crate::grid::cost::Choice;
use crate::grid::recreate::Inserter;
use crate::grid::ruin;
use crate::grid::search::Search;
use crate::grid::tour::DayTour;

/// Seconds a plan may be worse and still be taken, at the begin and at the end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heat {
    pub(super) from: f64,
    pub(super) to: f64,
}

/// A plan kept aside.
#[derive(Debug, Clone)]
struct Best {
    total: i64,
    missing: i64,
    tours: Vec<DayTour>,
    choices: Vec<Choice>,
}

/// Runs `steps` steps, cooling from `heat.from` to `heat.to`, and leaves the best plan found in `search` (or, not `last`, the
/// current one, so that annealing can go on from it). Returns the steps taken (fewer if cancelled).
pub(super) fn run(
    search: &mut Search,
    neighbours: &[Vec<u32>],
    random: &mut SplitMix64,
    steps: u64,
    heat: Heat,
    last: bool,
    progress: &dyn Progress,
) -> u64 {
    if search.clients.is_empty() || search.carers.is_empty() {
        return 0;
    }
    let mut inserter = Inserter::new(search.instance, &search.clients);
    let mut best = Best::of(search);
    let mut out = Vec::new();
    let cooling = (heat.to / heat.from).powf(1.0 / steps.max(1) as f64);
    let mut temperature = heat.from;
    for step in 0..steps {
        if step % 1024 == 0 && progress.is_cancelled() {
            best.restore(search);
            return step;
        }
        temperature *= cooling;
        let before = search.cost().total();
        ruin::pick(search, neighbours, random, &mut out);
        rebuild(search, &mut inserter, random, &mut out);
        let after = search.cost().total();
        let allowed = before as f64 - temperature * random.unit().max(1e-12).ln();
        if search.is_broken() || after as f64 > allowed || search.is_unchanged() {
            search.undo();
            continue;
        }
        search.keep();
        if after < best.total {
            best.follow(search);
        }
    }
    if last || best.misses_less(search) {
        best.restore(search);
    }
    steps
}

/// Takes the clients out and puts them back one by one, in an order drawn at random.
fn rebuild(search: &mut Search, inserter: &mut Inserter, random: &mut SplitMix64, out: &mut [u32]) {
    for c in out.iter() {
        search.take_out(*c);
    }
    order(search, random, out);
    for c in out.iter() {
        let r = random.next_u64();
        // About one day in 32 is not looked at, so that equal situations do not end alike.
        let blink = (r & (r >> 32)) as u32
            & (random.next_u64() as u32)
            & ((random.next_u64() >> 7) as u32)
            & ((r >> 13) as u32);
        inserter.insert(search, *c, blink);
    }
}

/// Shuffled, longest service first, or fewest caregivers first.
fn order(search: &Search, random: &mut SplitMix64, out: &mut [u32]) {
    for i in (1..out.len()).rev() {
        out.swap(i, random.below(i + 1));
    }
    match random.below(4) {
        0 => out.sort_by_key(|c| std::cmp::Reverse(search.home(*c).service * search.home(*c).owed as i32)),
        1 => out.sort_by_key(|c| search.home(*c).options.len()),
        _ => {}
    }
}

impl Best {
    fn of(search: &mut Search) -> Best {
        search.take_changed(|_, _| {});
        let cost = search.cost();
        Best {
            total: cost.total(),
            missing: cost.missing,
            tours: search.tours().to_vec(),
            choices: search.choices().to_vec(),
        }
    }

    /// Fewer visits are missing than in the current plan.
    fn misses_less(&self, search: &Search) -> bool {
        self.missing < search.cost().missing
    }

    fn follow(&mut self, search: &mut Search) {
        (self.total, self.missing) = (search.cost().total(), search.cost().missing);
        let tours = &mut self.tours;
        search.take_changed(|at, tour| tours[at].copy_from(tour));
        self.choices.copy_from_slice(search.choices());
    }

    fn restore(self, search: &mut Search) {
        search.set_plan(self.tours, self.choices);
    }
}
