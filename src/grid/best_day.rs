//! The best day of one caregiver when each visit has a worth and each second a price: labels over partial days, of which a day that has
//! forgotten far-off visits may make one twice (ng-routes; Baldacci, Mingozzi, Roberti 2011). What is found is never below the truth.

use crate::grid::completions::{Completions, Leg};
use crate::grid::day_routes::{DayRoutes, Route};

/// Seconds by which what may still be gained is tabulated.
const GRAIN: i32 = 120;
/// Days returned of a search.
const KEPT: usize = 12;
/// Partial days of a row and number of visits that the first search keeps.
const NARROW: usize = 8;
/// Worth that is nothing.
const NOTHING: f64 = 1e-9;

/// What visits are worth to one caregiver.
pub(super) struct Worth {
    /// By client of the caregiver.
    pub(super) visit: Vec<f64>,
    /// Price of a second of the day.
    pub(super) second: f64,
}

/// A partial day.
#[derive(Debug, Clone, Copy)]
struct Label {
    /// Seconds since the base, waiting left out.
    seconds: i32,
    /// Earliest end of the visit, seconds after the shift's begin.
    time: i32,
    gain: f64,
    /// Visits remembered, as bits of [`DayRoutes::near`] of the row.
    seen: u32,
    before: u32,
    row: u32,
}

impl Label {
    fn is_no_worse(&self, other: &Label) -> bool {
        self.seconds <= other.seconds
            && self.time <= other.time
            && self.gain >= other.gain
            && self.seen & !other.seen == 0
    }
}

/// Most that a partial day can still gain.
struct Bounds {
    /// By [`GRAIN`]s of time left: by visits in parts, the worthiest first.
    still: Vec<f64>,
    /// By place and time left: by ways.
    on: Completions,
    /// By row: place in `on`.
    place: Vec<usize>,
}

/// The labels of one search.
struct Labels<'a> {
    of: &'a DayRoutes,
    second: f64,
    bounds: &'a Bounds,
    all: Vec<Label>,
    /// By row: those no other of the row makes needless.
    standing: Vec<Vec<u32>>,
    best: f64,
    /// Labels whose day was the best when it was found, or near it.
    ends: Vec<(f64, u32)>,
    looks: u64,
}

impl DayRoutes {
    /// The most a day gains, at least 0, and some of the days that gain most. `looks` counts comparisons.
    pub(super) fn best(&self, worth: &Worth, looks: &mut u64) -> (f64, Vec<Route>) {
        let gain = |row: usize| worth.visit[row - 1];
        let pays = |row: &usize| gain(*row) > NOTHING + worth.second * f64::from(self.service[*row]);
        let rows: Vec<usize> = (1..self.near.len()).filter(pays).collect();
        let bounds = Bounds {
            still: self.still(worth, &rows),
            on: self.completions(worth, &rows),
            place: self.places(&rows),
        };
        *looks += (rows.len() * rows.len()) as u64 * (self.max_day / GRAIN) as u64;
        // A day near the best, found by looking at few, shortens the search for the best itself.
        let (near, mut routes) = self.search(worth, &rows, &bounds, 0.0, NARROW, looks);
        let (best, more) = self.search(worth, &rows, &bounds, near, usize::MAX, looks);
        routes.extend(more);
        (best, routes)
    }

    /// The most a day gains, or `floor` if that is more, and some of the days that gain most. `width`: partial days kept of each row and
    /// number of visits, at most; `usize::MAX`: all, so that no day gains more.
    fn search(
        &self,
        worth: &Worth,
        rows: &[usize],
        bounds: &Bounds,
        floor: f64,
        width: usize,
        looks: &mut u64,
    ) -> (f64, Vec<Route>) {
        let mut labels = Labels {
            of: self,
            second: worth.second,
            bounds,
            all: Vec::new(),
            standing: vec![Vec::new(); self.near.len()],
            best: floor,
            ends: Vec::new(),
            looks: 0,
        };
        let mut layer =
            vec![(Label { seconds: 0, time: 0, gain: 0.0, seen: 0, before: u32::MAX, row: 0 }, u32::MAX)];
        while !layer.is_empty() {
            let mut next = Vec::new();
            for (label, id) in &layer {
                for row in rows {
                    if !self.has_seen(label.row as usize, label.seen, *row) {
                        labels.grow(*label, *id, *row, worth.visit[row - 1], &mut next);
                    }
                }
            }
            labels.thin(&mut next, width);
            layer = next.iter().map(|id| (labels.all[*id as usize], *id)).collect();
        }
        *looks += labels.looks;
        (labels.best, labels.routes())
    }

    fn completions(&self, worth: &Worth, rows: &[usize]) -> Completions {
        let row = |place: usize| if place == 0 { 0 } else { rows[place - 1] };
        Completions::of(rows.len() + 1, self.max_day, |from, to| {
            let (from, to) = (row(from), row(to));
            let seconds = self.trip(from, to) + self.service[to];
            let gain = if to == 0 { 0.0 } else { worth.visit[to - 1] };
            Leg { seconds, gain: gain - worth.second * f64::from(seconds) }
        })
    }

    /// By row: its place among the base and `rows`.
    fn places(&self, rows: &[usize]) -> Vec<usize> {
        let mut places = vec![0; self.near.len()];
        rows.iter().enumerate().for_each(|(i, row)| places[*row] = i + 1);
        places
    }

    /// Most that visits to `rows` gain in so many [`GRAIN`]s of time: the worthiest a second first, the last one in part.
    fn still(&self, worth: &Worth, rows: &[usize]) -> Vec<f64> {
        let item = |row: usize| {
            let seconds = f64::from((self.service[row] + self.least_in[row]).max(1));
            (worth.visit[row - 1] - worth.second * seconds, seconds)
        };
        let mut items: Vec<(f64, f64)> = rows.iter().map(|r| item(*r)).filter(|i| i.0 > 0.0).collect();
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

impl Labels<'_> {
    /// One visit more, if the day can still become better than the best.
    fn grow(&mut self, label: Label, id: u32, row: usize, gain: f64, next: &mut Vec<u32>) {
        let of = self.of;
        let seconds = label.seconds + of.trip(label.row as usize, row) + of.service[row];
        let whole = seconds + of.trip(row, 0);
        let left = of.max_day - seconds - of.least_in[0];
        let (open, close) = of.begin[row];
        let begin = (label.time + of.trip(label.row as usize, row)).max(open);
        let time = begin + of.service[row];
        self.looks += 1;
        if whole > of.max_day || left < 0 || begin > close || time + of.trip(row, 0) > of.begin[0].1 {
            return;
        }
        let new = Label {
            seconds,
            time,
            gain: label.gain + gain,
            seen: of.remembered(label.row as usize, label.seen, row),
            before: id,
            row: row as u32,
        };
        let still = self.bounds.still[((left + GRAIN - 1) / GRAIN) as usize];
        let most = new.gain + still - self.second * f64::from(seconds + of.least_in[0]);
        if most <= self.best + NOTHING {
            return;
        }
        let on = self.bounds.on.most(self.bounds.place[row], of.max_day - seconds);
        if new.gain - self.second * f64::from(seconds) + on <= self.best + NOTHING {
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

    /// Every visit begins within its window and the day ends with the shift.
    fn in_time(routes: &DayRoutes, path: &[usize]) -> bool {
        let (mut time, mut last) = (0, 0);
        for row in path.iter().map(|c| c + 1) {
            time = (time + routes.trip(last, row)).max(routes.begin[row].0);
            if time > routes.begin[row].1 {
                return false;
            }
            time += routes.service[row];
            last = row;
        }
        time + routes.trip(last, 0) <= routes.begin[0].1
    }

    /// The most a day gains that begins with `path`, every order of every set tried.
    fn by_hand(routes: &DayRoutes, worth: &Worth, path: &mut Vec<usize>) -> f64 {
        let seconds = routes.seconds(path).unwrap();
        if seconds > routes.max_day || !in_time(routes, path) {
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
            let mut problem = county(seed, 1, 6, Continuity::Strict);
            problem.caregivers[0].max_day = Seconds(12_000 + 2000 * random.below(6) as u32);
            let routes = DayRoutes::of(&problem, 0, &[0, 1, 2, 3, 4, 5], (0..6).collect());
            let visit: Vec<f64> = (0..6).map(|_| random.unit()).collect();
            let second = 1e-5 * random.below(8) as f64;
            let worth = Worth { visit: visit.clone(), second };
            let (best, found) = routes.best(&worth, &mut 0);
            assert!((best - by_hand(&routes, &worth, &mut Vec::new())).abs() < 1e-6, "seed {seed}: {best}");
            if let Some(day) = found.first() {
                assert_eq!(routes.seconds(&day.clients), Some(day.seconds));
                let gain: f64 = day.clients.iter().map(|c| visit[*c]).sum();
                assert!((gain - worth.second * f64::from(day.seconds) - best).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_day_of_many_is_never_worth_less_than_a_plan_found_one_by_one() {
        let problem = county(5, 1, 40, Continuity::Strict);
        let clients: Vec<u32> = (0..40).collect();
        let routes = DayRoutes::of(&problem, 0, &clients, (0..40).collect());
        let worth = Worth { visit: vec![1.0; 40], second: 0.0 };
        let (best, found) = routes.best(&worth, &mut 0);
        assert!(best >= 4.0, "{best}");
        assert!(found.iter().all(|r| r.seconds <= 28_800));
    }
}
