//! Swap search with the profit of every exchange kept up to date: an exchange changes only the rows near its two sites, so the next best
//! one is read off (Resende, Werneck 2004).

use super::instance::{Instance, State};
use crate::base::SplitMix64;

const NONE: u32 = u32::MAX;
/// Gain of a site that may not open.
const NEVER: i64 = i64::MIN / 4;

/// An open set of an instance with distances, and what each exchange would gain. Memory: one number for each pair of open site and site.
#[derive(Debug, Clone)]
pub(super) struct Exchanges<'a> {
    instance: &'a Instance,
    /// Open sites; a site keeps its place until it closes.
    open: Vec<u32>,
    /// Whether the site in each place may close.
    closable: Vec<bool>,
    /// Place of each open site, else `NONE`.
    place: Vec<u32>,
    /// Whether each site may open: free and closed.
    may_open: Vec<bool>,
    /// Place (or `NONE`) and distance (or penalty) of the nearest and second nearest open site of each row.
    first: Vec<(u32, i64)>,
    second: Vec<(u32, i64)>,
    /// What opening each site saves.
    gain: Vec<i64>,
    /// What closing the site in each place costs.
    loss: Vec<i64>,
    /// By place, then site: how much less closing costs when the site opens.
    spared: Vec<i64>,
    /// Sum of weight times distance (or penalty).
    pub(super) cost: i64,
    /// Entries booked so far.
    booked: u64,
}

impl<'a> Exchanges<'a> {
    /// The open set `sites`, forced ones among them.
    pub(super) fn new(instance: &'a Instance, state: &[State], sites: &[u32]) -> Exchanges<'a> {
        let (n, m) = (instance.site_count(), instance.row_count());
        let mut new = Exchanges {
            instance,
            open: sites.to_vec(),
            closable: sites.iter().map(|&s| state[s as usize] == State::Free).collect(),
            place: vec![NONE; n],
            may_open: state.iter().map(|s| *s == State::Free).collect(),
            first: vec![(NONE, 0); m],
            second: vec![(NONE, 0); m],
            gain: vec![0; n],
            loss: vec![0; sites.len()],
            spared: vec![0; n * sites.len()],
            cost: 0,
            booked: 0,
        };
        for (k, &s) in sites.iter().enumerate() {
            (new.place[s as usize], new.may_open[s as usize]) = (k as u32, false);
        }
        (0..m).for_each(|r| new.look_up(r));
        new
    }

    /// Finds nearest and second nearest of row `r` and books what depends on them.
    fn look_up(&mut self, r: usize) {
        let none = (NONE, self.instance.penalty);
        let place = |e: &(u32, u32)| (self.place[e.0 as usize], i64::from(e.1));
        let mut near = self.instance.rows.of(r).iter().map(place).filter(|e| e.0 != NONE);
        let nearest = (near.next().unwrap_or(none), near.next().unwrap_or(none));
        (self.first[r], self.second[r]) = nearest;
        self.book(r, 1);
    }

    /// Adds `sign` times what row `r` has to do with.
    fn book(&mut self, r: usize, sign: i64) {
        let weight = self.instance.weight[r] * sign;
        let ((place, d1), (_, d2)) = (self.first[r], self.second[r]);
        self.cost += weight * d1;
        let nearer = self.instance.rows.of(r).iter().map(|&(s, d)| (s as usize, i64::from(d)));
        if place == NONE {
            nearer.for_each(|(s, d)| self.gain[s] += weight * (d1 - d));
            return;
        }
        let (place, n) = (place as usize, self.gain.len());
        self.loss[place] += weight * (d2 - d1);
        let spared = &mut self.spared[place * n..(place + 1) * n];
        for (s, d) in nearer.take_while(|e| e.1 < d2) {
            self.booked += 1;
            if d < d1 {
                self.gain[s] += weight * (d1 - d);
            }
            spared[s] += weight * (d2 - d.max(d1));
        }
    }

    /// Closes the site in `place` and opens `site` there.
    fn exchange(&mut self, place: u32, site: u32) {
        let out = std::mem::replace(&mut self.open[place as usize], site);
        (self.place[out as usize], self.may_open[out as usize]) = (NONE, true);
        (self.place[site as usize], self.may_open[site as usize]) = (place, false);
        let instance = self.instance;
        // The rows of the site that goes still name its place; those of the one that comes do so once looked up.
        for &(r, _) in instance.cols.of(out as usize) {
            let r = r as usize;
            if self.first[r].0 == place || self.second[r].0 == place {
                self.book(r, -1);
                self.look_up(r);
            }
        }
        for &(r, d) in instance.cols.of(site as usize) {
            let r = r as usize;
            if i64::from(d) < self.second[r].1 {
                self.book(r, -1);
                self.look_up(r);
            }
        }
    }

    /// What opening each site saves, `NEVER` where it may not open.
    fn gains(&self, may: impl Fn(usize) -> bool) -> Vec<i64> {
        let gain = |s: usize| if self.may_open[s] && may(s) { self.gain[s] } else { NEVER };
        (0..self.gain.len()).map(gain).collect()
    }

    /// The exchange that pays best among sites with these `gains` and places that `may` close: profit, place and site.
    fn best(&self, gains: &[i64], may: impl Fn(usize) -> bool) -> Option<(i64, u32, u32)> {
        let mut best: Option<(i64, u32, u32)> = None;
        let places = self.spared.chunks_exact(gains.len()).enumerate();
        for (k, spared) in places.filter(|(k, _)| self.closable[*k] && may(*k)) {
            let profits = || gains.iter().zip(spared).map(|(gain, spared)| gain + spared);
            let most = profits().max().unwrap_or(NEVER);
            if most > NEVER / 2 && best.is_none_or(|b| most - self.loss[k] > b.0) {
                let site = profits().position(|profit| profit == most);
                best = site.map(|s| (most - self.loss[k], k as u32, s as u32));
            }
        }
        best
    }

    /// Makes the best exchange while one pays; returns how many were made.
    pub(super) fn descend(&mut self) -> u64 {
        let mut made = 0;
        while let Some((_, place, site)) =
            self.best(&self.gains(|_| true), |_| true).filter(|(profit, _, _)| *profit > 0)
        {
            self.exchange(place, site);
            made += 1;
        }
        made
    }

    /// Makes the best exchange even where it costs, while sites that moved rest (tabu search; Glover 1989), and goes back to the best
    /// set met. Ends after `exchanges` or `most` entries booked; returns the exchanges made.
    pub(super) fn roam(&mut self, exchanges: u64, most: u64, random: &mut SplitMix64) -> u64 {
        let closable = self.closable.iter().filter(|c| **c).count();
        let closed = self.may_open.iter().filter(|m| **m).count();
        let enough = self.booked.saturating_add(most);
        let (mut rests_until, mut made) = (vec![0; self.gain.len()], 0);
        let (mut best_open, mut best_cost) = (self.open.clone(), self.cost);
        while made < exchanges && self.booked < enough {
            let rests = |s: usize| rests_until[s] > made;
            let rested = |k: usize| !rests(self.open[k] as usize);
            let any = self.best(&self.gains(|_| true), |_| true);
            // A record may be set by sites that should rest.
            let record = any.filter(|(profit, _, _)| self.cost - profit < best_cost);
            let Some((_, place, into)) = record.or_else(|| self.best(&self.gains(|s| !rests(s)), rested))
            else {
                break;
            };
            let out = self.open[place as usize];
            self.exchange(place, into);
            made += 1;
            let mut rest = |length: usize| made + 1 + random.below(length.max(1)) as u64;
            rests_until[into as usize] = rest(closable / 2);
            rests_until[out as usize] = rest(closed / 4);
            if self.cost < best_cost {
                best_cost = self.cost;
                best_open.clone_from(&self.open);
            }
        }
        made + self.go_back(&best_open)
    }

    /// Again and again a few random exchanges near one open site, then the best ones; what costs more is taken back (iterated local
    /// search; Lourenço, Martin, Stützle 2003). Ends after `kicks` rounds or `most` entries booked; returns the exchanges made.
    pub(super) fn search(&mut self, kicks: usize, most: u64, random: &mut SplitMix64) -> u64 {
        let enough = self.booked.saturating_add(most);
        let mut made = 0;
        for kick in 0..kicks {
            if self.booked >= enough {
                break;
            }
            let (before, cost) = (self.open.clone(), self.cost);
            let centre = self.open[random.below(self.open.len())];
            for _ in 0..2 + kick % 3 {
                made += u64::from(self.kick(centre, random));
            }
            made += self.descend();
            if self.cost > cost {
                made += self.go_back(&before);
            }
        }
        made
    }

    /// One random exchange of two sites that serve one row of `centre`; false where the draw allows none.
    fn kick(&mut self, centre: u32, random: &mut SplitMix64) -> bool {
        let rows = self.instance.cols.of(centre as usize);
        if rows.is_empty() {
            return false;
        }
        let near = self.instance.rows.of(rows[random.below(rows.len())].0 as usize);
        let into = near[random.below(near.len())].0;
        let places = near.iter().map(|e| self.place[e.0 as usize]);
        let out: Vec<u32> = places.filter(|&k| k != NONE && self.closable[k as usize]).collect();
        if out.is_empty() || !self.may_open[into as usize] {
            return false;
        }
        self.exchange(out[random.below(out.len())], into);
        true
    }

    /// Exchanges back to the open set `before`; returns how many.
    fn go_back(&mut self, before: &[u32]) -> u64 {
        let back: Vec<u32> = before.iter().copied().filter(|&s| self.place[s as usize] == NONE).collect();
        let mut stays = vec![false; self.gain.len()];
        before.iter().for_each(|&s| stays[s as usize] = true);
        let out: Vec<u32> =
            (0..self.open.len() as u32).filter(|&k| !stays[self.open[k as usize] as usize]).collect();
        out.iter().zip(&back).for_each(|(&place, &site)| self.exchange(place, site));
        back.len() as u64
    }

    /// Open sites, ascending.
    pub(super) fn sorted(&self) -> Vec<u32> {
        let mut open = self.open.clone();
        open.sort_unstable();
        open
    }
}
