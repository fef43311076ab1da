//! Room for a missing visit by a short chain: somebody's visit moves to another day, at most one more makes room for that.

use crate::grid::Continuity;
use crate::grid::instance::{INFINITE, MONTH};
use crate::grid::mend::{self, Held};
use crate::grid::repair::Mending;

/// One visit put in or taken out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    client: u32,
    carer: u32,
    day: usize,
    at: usize,
    out: bool,
}

/// Most visits of others that move for one that is missing.
const DEEPEST: usize = 2;
/// Chains weighed for one missing visit.
const TRIALS: u32 = 600;

impl Mending<'_> {
    /// Moves visits of others, one each, to make room for what is missing; everybody else must end as complete as they were.
    pub(super) fn eject(&mut self, client: u32) {
        while self.lacks(client as usize) {
            let mut trials = TRIALS;
            let longest = DEEPEST.min(self.spare);
            let found = (1..=longest).find(|depth| self.chain(client, *depth, &mut Vec::new(), &mut trials));
            let Some(moved) = found else { return };
            self.spare -= moved;
            self.log.clear();
        }
    }

    /// One more visit of `client` by a chain of at most `depth` moves of others; nothing is changed where there is none.
    fn chain(&mut self, client: u32, depth: usize, movers: &mut Vec<u32>, trials: &mut u32) -> bool {
        let c = client as usize;
        movers.push(client);
        for k in 0..self.search.home(client).options.len() {
            let mine = k == self.own[c] as usize;
            if !mine && self.problem.continuity == Continuity::Strict {
                continue;
            }
            let carer = self.search.home(client).options[k].carer;
            let days = self.search.home(client).days & self.search.instance.carers[carer as usize].days;
            for day in (self.from..MONTH).filter(|d| days & (1 << d) != 0) {
                let others: Vec<u32> =
                    self.search.tour(carer as usize, day).stops.iter().map(|s| s.client).collect();
                for other in others.into_iter().filter(|o| !movers.contains(o)).collect::<Vec<_>>() {
                    if *trials == 0 {
                        movers.pop();
                        return false;
                    }
                    if self.link(client, (carer, day), other, depth, movers, trials) {
                        movers.pop();
                        return true;
                    }
                }
            }
        }
        movers.pop();
        false
    }

    /// `other` leaves the day, `client` takes it, and `other` finds another day, if need be by a shorter chain.
    fn link(
        &mut self,
        client: u32,
        (carer, day): (u32, usize),
        other: u32,
        depth: usize,
        movers: &mut Vec<u32>,
        trials: &mut u32,
    ) -> bool {
        let (c, o) = (client as usize, other as usize);
        let mark = self.log.len();
        let (mine, theirs) = (self.held[c].len(), self.held[o].len());
        self.take(other, carer, day);
        if !self.takes_day(client, (carer, day)) {
            self.roll_back(mark);
            return false;
        }
        *trials -= 1;
        let change = mend::fewest_changes(&self.search, client, &self.held[c], self.own[c], self.scope());
        let fits = change.filter(|ch| ch.visits > mine && ch.stay.count_ones() as usize == mine);
        if let Some(change) = fits {
            self.apply(client, &change);
            let away = mend::fewest_changes(&self.search, other, &self.held[o], self.own[o], self.scope());
            if let Some(away) = away.filter(|a| a.visits == theirs && a.new.len() == 1) {
                self.apply(other, &away);
                return true;
            }
            if depth > 1 && self.chain(other, depth - 1, movers, trials) {
                return true;
            }
        }
        self.roll_back(mark);
        false
    }

    /// The day, as it stands, has a place for one more visit of `client` beside the others of theirs.
    fn takes_day(&self, client: u32, (carer, day): (u32, usize)) -> bool {
        let home = self.search.home(client);
        let Some(option) = home.options.iter().find(|o| o.carer == carer) else { return false };
        let near = |(d, _): &Held| (d.abs_diff(day) as u32) < home.apart.max(1);
        if self.held[client as usize].iter().any(near) {
            return false;
        }
        let who = self.search.carer(carer as usize);
        let found =
            self.search.tour(carer as usize, day).best_insertion(who, home, option.local, who.max_day);
        found.cost < INFINITE && found.duration <= self.search.hours_left(carer as usize)
    }

    /// Takes one visit out, so that it can be put back.
    pub(super) fn take(&mut self, client: u32, carer: u32, day: usize) {
        let at = self.search.tour(carer as usize, day).stops.iter().position(|s| s.client == client);
        self.log.push(Step { client, carer, day, at: at.unwrap_or(0), out: true });
        self.search.drop_visit(client, carer as usize, day);
        self.held[client as usize].retain(|h| *h != (day, carer));
    }

    pub(super) fn put(&mut self, client: u32, carer: u32, day: usize, at: usize) {
        let Some(option) = self.option(client, carer) else { return };
        self.log.push(Step { client, carer, day, at, out: false });
        self.search.insert_visit(client, option, day, at);
        self.held[client as usize].push((day, carer));
        self.held[client as usize].sort_unstable();
    }

    /// Undoes the steps since `mark`, the last first.
    fn roll_back(&mut self, mark: usize) {
        while self.log.len() > mark {
            let Some(Step { client, carer, day, at, out }) = self.log.pop() else { return };
            if out {
                self.put(client, carer, day, at);
            } else {
                self.take(client, carer, day);
            }
            self.log.pop();
        }
    }
}
