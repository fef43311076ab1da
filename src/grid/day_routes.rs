//! The best day of one caregiver when each visit has a worth and each second a price: labels over partial days, of which a day that has
//! forgotten far-off visits may make one twice (ng-routes; Baldacci, Mingozzi, Roberti 2011). What is found is never below the truth.

use crate::grid::RotaProblem;

/// Most clients of a caregiver whose days can be looked at: they are bits of a mask, beside the base.
pub(super) const MOST_CLIENTS: usize = 127;
/// Visits near each other that a day remembers, so that it makes none of them twice.
const REMEMBERED: usize = 4;
/// Seconds by which what may still be gained is tabulated.
const GRAIN: i32 = 120;
/// Days returned.
const KEPT: usize = 12;
/// Worth that is nothing.
const NOTHING: f64 = 1e-9;

/// One caregiver and those of the clients looked at whom they may serve; row 0 of the tables is the base.
#[derive(Debug)]
pub(super) struct DayRoutes {
    /// Days worked.
    pub(super) days: f64,
    /// Most seconds of the month.
    pub(super) month: i32,
    max_day: i32,
    /// By row less one: place among the clients looked at.
    pub(super) clients: Vec<usize>,
    /// By row: seconds of a visit, 0 for the base.
    service: Vec<i32>,
    /// `trips[a * rows + b]`: least seconds from row `a` to row `b`, over other rows if that is shorter.
    trips: Vec<i32>,
    /// By row: the rows remembered there, as bits.
    near: Vec<u128>,
    /// By row: least seconds of a way to it from another row.
    least_in: Vec<i32>,
}

/// A day: who is visited (places among the clients looked at), and its seconds door to door.
#[derive(Debug, Clone)]
pub(super) struct Route {
    pub(super) clients: Vec<usize>,
    pub(super) seconds: i32,
}

/// What visits are worth to one caregiver.
pub(super) struct Worth<'a> {
    /// By place among the clients looked at.
    pub(super) visit: &'a [f64],
    /// Price of a second of the month.
    pub(super) second: f64,
}

/// A partial day.
#[derive(Debug, Clone, Copy)]
struct Label {
    seconds: i32,
    gain: f64,
    seen: u128,
    before: u32,
    row: u32,
}

impl Label {
    fn is_no_worse(&self, other: &Label) -> bool {
        self.seconds <= other.seconds && self.gain >= other.gain && self.seen & !other.seen == 0
    }
}

/// The labels of one search.
struct Labels<'a> {
    of: &'a DayRoutes,
    second: f64,
    /// By [`GRAIN`]s of time left: most that more visits may still gain.
    still: Vec<f64>,
    all: Vec<Label>,
    /// By row: those no other of the row makes needless.
    standing: Vec<Vec<u32>>,
    best: f64,
    /// Labels whose day was the best when it was found, or near it.
    ends: Vec<(f64, u32)>,
    looks: u64,
}

/// The rows of a mask, ascending.
fn bits(mut mask: u128) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let row = mask.trailing_zeros() as usize;
        mask &= mask.wrapping_sub(1);
        (row < 128).then_some(row)
    })
}

impl DayRoutes {
    /// The caregiver `g` with the clients `clients` (rows of the problem) at `places` among those looked at; at most [`MOST_CLIENTS`].
    pub(super) fn of(problem: &RotaProblem, g: usize, clients: &[u32], places: Vec<usize>) -> DayRoutes {
        let who = &problem.caregivers[g];
        let rows = clients.len() + 1;
        let home = |c: &u32| problem.clients[*c as usize].place;
        let at: Vec<usize> = std::iter::once(who.base).chain(clients.iter().map(home)).collect();
        let second = |i: usize| i32::from(problem.trips.seconds(who.profile, at[i / rows], at[i % rows]));
        let mut trips: Vec<i32> = (0..rows * rows).map(second).collect();
        shorten(&mut trips, rows);
        let others = |row: usize| (0..rows).filter(move |r| *r != row);
        let least_in = |row: usize| others(row).map(|r| trips[r * rows + row]).min().unwrap_or(0);
        let near = |row: usize| {
            let mut near: Vec<usize> = (1..rows).collect();
            near.sort_by_key(|r| (*r != row, trips[row * rows + r]));
            near.iter().take(REMEMBERED).fold(0, |bits, r| bits | 1 << r)
        };
        DayRoutes {
            days: who.days.len() as f64,
            month: who.max_month.0 as i32,
            max_day: who.max_day.0.min(who.shift.1.0.saturating_sub(who.shift.0.0)) as i32,
            service: std::iter::once(0)
                .chain(clients.iter().map(|c| problem.clients[*c as usize].service.0 as i32))
                .collect(),
            least_in: (0..rows).map(least_in).collect(),
            near: (0..rows).map(near).collect(),
            clients: places,
            trips,
        }
    }

    fn trip(&self, from: usize, to: usize) -> i32 {
        self.trips[from * self.near.len() + to]
    }

    /// Seconds of a day that visits these clients in this order.
    pub(super) fn seconds(&self, clients: &[usize]) -> Option<i32> {
        let (mut seconds, mut last) = (0, 0);
        for c in clients {
            let row = 1 + self.clients.iter().position(|k| k == c)?;
            seconds += self.trip(last, row) + self.service[row];
            last = row;
        }
        Some(seconds + self.trip(last, 0))
    }

    /// The most a day can gain, or `floor` if that is more, and some of the days that gain most. `width`: partial days kept of each row
    /// and number of visits, at most; `usize::MAX`: all, so that no day gains more. `looks` counts the comparisons.
    pub(super) fn best(&self, worth: &Worth, floor: f64, width: usize, looks: &mut u64) -> (f64, Vec<Route>) {
        let gain = |row: usize| worth.visit[self.clients[row - 1]];
        let pays = |row: &usize| gain(*row) > NOTHING + worth.second * f64::from(self.service[*row]);
        let rows: u128 = (1..self.near.len()).filter(pays).fold(0, |bits, row| bits | 1 << row);
        let mut labels = Labels {
            of: self,
            second: worth.second,
            still: self.still(worth, rows),
            all: Vec::new(),
            standing: vec![Vec::new(); self.near.len()],
            best: floor.max(0.0),
            ends: Vec::new(),
            looks: 0,
        };
        let door = Label { seconds: 0, gain: 0.0, seen: 0, before: u32::MAX, row: 0 };
        let mut layer = vec![door];
        let mut ids = vec![u32::MAX];
        while !layer.is_empty() {
            let mut next = Vec::new();
            for (label, id) in layer.iter().zip(&ids) {
                for row in bits(rows & !label.seen) {
                    labels.grow(*label, *id, row, gain(row), &mut next);
                }
            }
            labels.thin(&mut next, width);
            layer = next.iter().map(|id| labels.all[*id as usize]).collect();
            ids = next;
        }
        *looks += labels.looks;
        (labels.best, labels.routes())
    }

    /// Most that visits to `rows` gain in so many [`GRAIN`]s of time: the worthiest a second first, the last one in part.
    fn still(&self, worth: &Worth, rows: u128) -> Vec<f64> {
        let item = |row: usize| {
            let seconds = f64::from((self.service[row] + self.least_in[row]).max(1));
            (worth.visit[self.clients[row - 1]] - worth.second * seconds, seconds)
        };
        let mut items: Vec<(f64, f64)> = bits(rows).map(item).filter(|i| i.0 > 0.0).collect();
        items.sort_by(|a, b| (b.0 / b.1).total_cmp(&(a.0 / a.1)));
        let most = |grains: i32| {
            let (mut left, mut gain) = (f64::from(grains * GRAIN), 0.0);
            for (g, seconds) in &items {
                let part = (left / seconds).min(1.0);
                gain += g * part;
                left -= seconds * part;
            }
            gain
        };
        (0..=self.max_day / GRAIN + 1).map(most).collect()
    }
}

/// Ways over other places where those are shorter (Floyd 1962): leaving a visit out never makes a day longer.
fn shorten(trips: &mut [i32], rows: usize) {
    for over in 0..rows {
        for from in 0..rows {
            for to in 0..rows {
                let way = trips[from * rows + over] + trips[over * rows + to];
                trips[from * rows + to] = trips[from * rows + to].min(way);
            }
        }
    }
}

impl Labels<'_> {
    /// One visit more, if the day can still become better than the best.
    fn grow(&mut self, label: Label, id: u32, row: usize, gain: f64, next: &mut Vec<u32>) {
        let of = self.of;
        let seconds = label.seconds + of.trip(label.row as usize, row) + of.service[row];
        let whole = seconds + of.trip(row, 0);
        let left = of.max_day - seconds - of.least_in[0];
        self.looks += 1;
        if whole > of.max_day || left < 0 {
            return;
        }
        let new = Label {
            seconds,
            gain: label.gain + gain,
            seen: label.seen & of.near[row] | 1 << row,
            before: id,
            row: row as u32,
        };
        let still = self.still[((left + GRAIN - 1) / GRAIN) as usize];
        let most = new.gain + still - self.second * f64::from(seconds + of.least_in[0]);
        if most <= self.best + NOTHING {
            return;
        }
        let standing = &mut self.standing[row];
        self.looks += standing.len() as u64;
        if standing.iter().any(|i| self.all[*i as usize].is_no_worse(&new)) {
            return;
        }
        standing.retain(|i| !new.is_no_worse(&self.all[*i as usize]));
        let id = self.all.len() as u32;
        standing.push(id);
        self.all.push(new);
        next.push(id);
        let value = new.gain - self.second * f64::from(whole);
        self.best = self.best.max(value);
        self.ends.push((value, id));
    }

    /// Drops what became needless meanwhile, and all but the `width` most gainful of each row.
    fn thin(&self, layer: &mut Vec<u32>, width: usize) {
        layer.retain(|id| self.standing[self.all[*id as usize].row as usize].contains(id));
        if width == usize::MAX {
            return;
        }
        let value = |id: &u32| {
            let label = &self.all[*id as usize];
            label.gain - self.second * f64::from(label.seconds)
        };
        layer.sort_by(|a, b| value(b).total_cmp(&value(a)).then(a.cmp(b)));
        let mut kept = vec![0; self.standing.len()];
        layer.retain(|id| {
            let row = self.all[*id as usize].row as usize;
            kept[row] += 1;
            kept[row] <= width
        });
    }

    /// The days that gain most, at most two with the same last visit.
    fn routes(mut self) -> Vec<Route> {
        self.ends.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let (mut routes, mut last) = (Vec::new(), vec![0; self.standing.len()]);
        for (_, id) in &self.ends {
            let end = self.all[*id as usize];
            last[end.row as usize] += 1;
            if last[end.row as usize] > 2 {
                continue;
            }
            let (mut clients, mut at) = (Vec::new(), *id);
            while let Some(label) = self.all.get(at as usize) {
                clients.push(self.of.clients[label.row as usize - 1]);
                at = label.before;
            }
            routes.push(Route { clients, seconds: end.seconds + self.of.trip(end.row as usize, 0) });
            if routes.len() == KEPT {
                break;
            }
        }
        routes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Seconds, SplitMix64};
    use crate::grid::Continuity;
    use crate::grid::testing::county;

    /// The most a day gains that begins with `path`, every order of every set tried.
    fn by_hand(routes: &DayRoutes, worth: &Worth, path: &mut Vec<usize>) -> f64 {
        let seconds = routes.seconds(path).unwrap();
        if seconds > routes.max_day {
            return f64::NEG_INFINITY;
        }
        let gain: f64 = path.iter().map(|c| worth.visit[*c]).sum();
        let mut best = if path.is_empty() { 0.0 } else { gain - worth.second * f64::from(seconds) };
        for c in 0..worth.visit.len() {
            if !path.contains(&c) {
                path.push(c);
                best = best.max(by_hand(routes, worth, path));
                path.pop();
            }
        }
        best
    }

    #[test]
    fn the_best_day_is_that_of_all_orders_of_all_sets() {
        let mut random = SplitMix64::new(4);
        for seed in 0..40 {
            let mut problem = county(seed, 1, REMEMBERED, Continuity::Strict);
            problem.caregivers[0].max_day = Seconds(12_000 + 2000 * random.below(6) as u32);
            let clients: Vec<u32> = (0..REMEMBERED as u32).collect();
            let routes = DayRoutes::of(&problem, 0, &clients, (0..REMEMBERED).collect());
            let visit: Vec<f64> = (0..REMEMBERED).map(|_| random.unit()).collect();
            let worth = Worth { visit: &visit, second: 1e-5 * random.below(8) as f64 };
            let (best, found) = routes.best(&worth, 0.0, usize::MAX, &mut 0);
            assert!((best - by_hand(&routes, &worth, &mut Vec::new())).abs() < 1e-6, "seed {seed}: {best}");
            if let Some(day) = found.first() {
                assert_eq!(routes.seconds(&day.clients), Some(day.seconds));
                let gain: f64 = day.clients.iter().map(|c| visit[*c]).sum();
                assert!((gain - worth.second * f64::from(day.seconds) - best).abs() < 1e-9);
            }
            assert!(routes.best(&worth, 0.0, 1, &mut 0).0 <= best + 1e-9);
        }
    }

    #[test]
    fn a_day_of_many_is_never_worth_less_than_a_plan_found_one_by_one() {
        let problem = county(5, 1, 40, Continuity::Strict);
        let clients: Vec<u32> = (0..40).collect();
        let routes = DayRoutes::of(&problem, 0, &clients, (0..40).collect());
        let worth = Worth { visit: &[1.0; 40], second: 0.0 };
        let (best, found) = routes.best(&worth, 0.0, usize::MAX, &mut 0);
        let narrow = routes.best(&worth, 0.0, 2, &mut 0).0;
        assert!(best >= narrow && narrow >= 4.0, "{best} {narrow}");
        assert!(found.iter().all(|r| r.seconds <= 28_800));
    }
}
