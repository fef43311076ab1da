//! What if an outlet opened, moved or closed? Each client's nearest and second-nearest outlet, kept up to date by one bounded
//! search a change.

use crate::base::{Outcome, Progress, Ticks};
use crate::network::{ArcId, RoadGraph, Snap};
use crate::travel::{Direction, Engine, TravelEngine, TravelTable};
use std::borrow::Borrow;
use std::sync::Arc;

/// An outlet of one [`WhatIf`], counted from 0 in the order of addition; never used again after removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutletHandle(pub u32);

/// An outlet and the travel time to or from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reach {
    /// Access legs included.
    pub ticks: Ticks,
    /// Of equally near outlets the one added first.
    pub outlet: OutletHandle,
}

/// A client whose nearest outlet or its travel time changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Index of the client.
    pub client: usize,
    /// Nearest outlet before, within the limit.
    pub before: Option<Reach>,
    /// Nearest outlet after, within the limit.
    pub after: Option<Reach>,
}

/// Clients, outlets and the two nearest outlets of every client. Cloning is cheap (rows are shared), so a preview can be thrown
/// away. Memory: 4 bytes a client and outlet.
#[derive(Debug, Clone)]
pub struct WhatIf {
    clients: Arc<[Option<Snap>]>,
    /// Where each outlet stands; `None`: removed, or without a road.
    places: Vec<Option<Snap>>,
    limit: Option<Ticks>,
    direction: Direction,
    /// Travel times by outlet, then client; `None`: removed.
    rows: Vec<Option<Arc<[Option<Ticks>]>>>,
    nearest: Vec<[Option<Reach>; 2]>,
}

impl WhatIf {
    /// No outlets yet. Journeys longer than `limit` do not count; `direction` is seen from the outlets.
    #[must_use]
    pub fn new(clients: &[Option<Snap>], limit: Option<Ticks>, direction: Direction) -> WhatIf {
        let nearest = vec![[None; 2]; clients.len()];
        WhatIf { clients: clients.into(), places: Vec::new(), limit, direction, rows: Vec::new(), nearest }
    }

    /// Adds many outlets with one travel table; handles have the order of `outlets` (an outlet without a road reaches nobody).
    ///
    /// # Errors
    /// The person cancelled.
    pub fn add_all<G: Borrow<RoadGraph>>(
        &mut self,
        engine: &TravelEngine<G>,
        outlets: &[Option<Snap>],
        progress: &dyn Progress,
    ) -> Outcome<Vec<OutletHandle>> {
        for row in self.price(engine, outlets, progress)? {
            self.insert(row);
        }
        self.places.extend_from_slice(outlets);
        let first = self.rows.len() - outlets.len();
        Ok((first..self.rows.len()).map(|i| OutletHandle(i as u32)).collect())
    }

    /// Adds an outlet by one bounded search, or a batch of its own where that is quicker.
    pub fn add<G: Borrow<RoadGraph>>(
        &mut self,
        engine: &TravelEngine<G>,
        outlet: &Snap,
    ) -> (OutletHandle, Vec<Change>) {
        let before = self.nearest.clone();
        let row = self.row(engine, outlet);
        self.places.push(Some(outlet.clone()));
        (self.insert(row.into()), self.changes(&before))
    }

    /// Removes an outlet; no search at all.
    pub fn remove(&mut self, outlet: OutletHandle) -> Vec<Change> {
        let before = self.nearest.clone();
        self.take(outlet);
        self.changes(&before)
    }

    /// Moves an outlet the same way; it keeps its handle.
    pub fn relocate<G: Borrow<RoadGraph>>(
        &mut self,
        engine: &TravelEngine<G>,
        outlet: OutletHandle,
        to: &Snap,
    ) -> Vec<Change> {
        let before = self.nearest.clone();
        self.take(outlet);
        let row: Arc<[Option<Ticks>]> = self.row(engine, to).into();
        if let Some(slot) = self.rows.get_mut(outlet.0 as usize) {
            *slot = Some(Arc::clone(&row));
            self.places[outlet.0 as usize] = Some(to.clone());
            self.offer(outlet, &row);
        }
        self.changes(&before)
    }

    /// Roads got other speeds or were closed (`RoadGraph::with_speeds` gave the graph of `after` and the `changed` arcs): searches again
    /// only from outlets near a changed arc, and from clients and outlets whose place on the road is another one. `clients` and
    /// `outlets` are all of them snapped again, in their order.
    pub fn reroute<G: Borrow<RoadGraph>, H: Borrow<RoadGraph>>(
        &mut self,
        (before, after): (&TravelEngine<G>, &TravelEngine<H>),
        changed: &[ArcId],
        (clients, outlets): (&[Option<Snap>], &[Option<Snap>]),
    ) -> Vec<Change> {
        let nearest_before = self.nearest.clone();
        let met = before.nodes_meeting(changed, self.limit, self.direction);
        let near = |place: &Snap| {
            place.arcs.iter().any(|a| {
                let door = if self.direction == Direction::Outward { a.head } else { a.tail };
                met[door.0 as usize] || changed.binary_search(&a.arc).is_ok()
            })
        };
        let moved: Vec<usize> = (0..clients.len()).filter(|c| clients[*c] != self.clients[*c]).collect();
        let stale: Vec<bool> = (0..self.places.len())
            .map(|o| self.places[o] != outlets[o] || self.places[o].as_ref().is_some_and(near))
            .collect();
        let opposite = match self.direction {
            Direction::Outward => Direction::Towards,
            Direction::Towards => Direction::Outward,
        };
        let column = |c: &usize| {
            let place = clients[*c].as_ref();
            place.map(|p| after.one_to_many(p, outlets, self.limit, opposite))
        };
        let columns: Vec<Option<Vec<Option<Ticks>>>> = moved.iter().map(column).collect();
        for (o, row) in self.rows.iter_mut().enumerate().filter(|(_, row)| row.is_some()) {
            let mut new: Vec<Option<Ticks>> = match (stale[o], row.as_deref(), &outlets[o]) {
                (false, Some(old), _) => old.to_vec(),
                (_, _, Some(place)) => after.one_to_many(place, clients, self.limit, self.direction),
                _ => vec![None; clients.len()],
            };
            for (c, column) in moved.iter().zip(&columns) {
                new[*c] = column.as_ref().and_then(|column| column[o]);
            }
            *row = Some(new.into());
        }
        (self.clients, self.places) = (clients.into(), outlets.to_vec());
        self.nearest = vec![[None; 2]; clients.len()];
        for o in 0..self.rows.len() {
            if let Some(row) = self.rows[o].clone() {
                self.offer(OutletHandle(o as u32), &row);
            }
        }
        self.changes(&nearest_before)
    }

    /// How many clients would be within the limit if `outlet` stood at each of `places` instead (`None`: an outlet more).
    /// One travel table prices all places; nothing is changed.
    ///
    /// # Errors
    /// The person cancelled.
    pub fn preview<G: Borrow<RoadGraph>>(
        &self,
        engine: &TravelEngine<G>,
        outlet: Option<OutletHandle>,
        places: &[Option<Snap>],
        progress: &dyn Progress,
    ) -> Outcome<Vec<usize>> {
        let other = |near: &[Option<Reach>; 2]| near.iter().flatten().any(|r| Some(r.outlet) != outlet);
        let open: Vec<usize> = (0..self.nearest.len()).filter(|c| !other(&self.nearest[*c])).collect();
        let kept = self.nearest.len() - open.len();
        let table = self.table(engine, places, progress)?;
        let reached = |place: usize, client: usize| match self.direction {
            Direction::Outward => table.get(place, client).is_some(),
            Direction::Towards => table.get(client, place).is_some(),
        };
        let inside = |place: usize| kept + open.iter().filter(|c| reached(place, **c)).count();
        Ok((0..places.len()).map(inside).collect())
    }

    /// The client's nearest outlet within the limit.
    #[must_use]
    pub fn nearest(&self, client: usize) -> Option<Reach> {
        self.nearest[client][0]
    }

    /// The client's second-nearest outlet within the limit.
    #[must_use]
    pub fn second_nearest(&self, client: usize) -> Option<Reach> {
        self.nearest[client][1]
    }

    /// Number of clients with an outlet within the limit.
    #[must_use]
    pub fn inside(&self) -> usize {
        self.nearest.iter().filter(|n| n[0].is_some()).count()
    }

    /// Between one outlet and every client.
    fn row<G: Borrow<RoadGraph>>(&self, engine: &TravelEngine<G>, outlet: &Snap) -> Vec<Option<Ticks>> {
        match self.direction {
            Direction::Outward => engine.one_to_kept(outlet, &self.clients, self.limit),
            Direction::Towards => engine.one_to_many(outlet, &self.clients, self.limit, Direction::Towards),
        }
    }

    /// Outlets x clients outward, clients x outlets towards.
    fn table<G: Borrow<RoadGraph>>(
        &self,
        engine: &TravelEngine<G>,
        outlets: &[Option<Snap>],
        progress: &dyn Progress,
    ) -> Outcome<TravelTable> {
        match self.direction {
            Direction::Outward => engine.table_to(outlets, &self.clients, self.limit, Engine::Auto, progress),
            Direction::Towards => engine.table(&self.clients, outlets, self.limit, Engine::Auto, progress),
        }
    }

    fn price<G: Borrow<RoadGraph>>(
        &self,
        engine: &TravelEngine<G>,
        outlets: &[Option<Snap>],
        progress: &dyn Progress,
    ) -> Outcome<Vec<Arc<[Option<Ticks>]>>> {
        let table = self.table(engine, outlets, progress)?;
        let cell = |outlet: usize, client: usize| match self.direction {
            Direction::Outward => table.get(outlet, client),
            Direction::Towards => table.get(client, outlet),
        };
        let row = |outlet: usize| (0..self.clients.len()).map(|client| cell(outlet, client)).collect();
        Ok((0..outlets.len()).map(row).collect())
    }

    fn insert(&mut self, row: Arc<[Option<Ticks>]>) -> OutletHandle {
        let outlet = OutletHandle(self.rows.len() as u32);
        self.offer(outlet, &row);
        self.rows.push(Some(row));
        outlet
    }

    /// Puts an outlet that no client knows yet in its place among each client's two nearest.
    fn offer(&mut self, outlet: OutletHandle, row: &[Option<Ticks>]) {
        for (near, ticks) in self.nearest.iter_mut().zip(row) {
            if let Some(ticks) = *ticks {
                keep_two(near, Reach { ticks, outlet });
            }
        }
    }

    /// Takes an outlet away; only the clients that had it among their two nearest look at the other rows.
    fn take(&mut self, outlet: OutletHandle) {
        let Some(slot) = self.rows.get_mut(outlet.0 as usize) else { return };
        *slot = None;
        self.places[outlet.0 as usize] = None;
        for (client, near) in self.nearest.iter_mut().enumerate() {
            if near.iter().flatten().any(|r| r.outlet == outlet) {
                *near = [None; 2];
                for (o, row) in self.rows.iter().enumerate() {
                    if let Some(ticks) = row.as_ref().and_then(|r| r[client]) {
                        keep_two(near, Reach { ticks, outlet: OutletHandle(o as u32) });
                    }
                }
            }
        }
    }

    fn changes(&self, before: &[[Option<Reach>; 2]]) -> Vec<Change> {
        let pairs = before.iter().zip(&self.nearest).enumerate();
        let pairs = pairs.map(|(client, (b, a))| Change { client, before: b[0], after: a[0] });
        pairs.filter(|c| c.before != c.after).collect()
    }
}

fn keep_two(near: &mut [Option<Reach>; 2], new: Reach) {
    if near[0].is_none_or(|r| new < r) {
        *near = [Some(new), near[0]];
    } else if near[1].is_none_or(|r| new < r) {
        near[1] = Some(new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Silent, SplitMix64};
    use crate::travel::fixture::{graph_of, grid_graph, random_snaps, snap_on};

    /// ```text
    ///   A ==10== c ==10== B     the client c lies between two outlets
    /// ```
    #[test]
    fn when_the_nearest_outlet_closes_the_second_takes_over() {
        let graph = graph_of(3, &[(0, 1, 10), (1, 0, 10), (1, 2, 12), (2, 1, 12)]);
        let engine = TravelEngine::prepare(&graph);
        let clients = [Some(snap_on(&graph, &[(1, 0)], 0))];
        let mut what_if = WhatIf::new(&clients, Some(Ticks(50)), Direction::Outward);
        let (a, _) = what_if.add(&engine, &snap_on(&graph, &[(0, 0)], 0));
        let (b, changed) = what_if.add(&engine, &snap_on(&graph, &[(3, 0)], 0));
        assert!(changed.is_empty(), "the farther one changes nothing");
        assert_eq!(what_if.nearest(0), Some(Reach { ticks: Ticks(10), outlet: a }));
        let changed = what_if.remove(a);
        assert_eq!(changed[0].after, Some(Reach { ticks: Ticks(12), outlet: b }));
        assert_eq!(what_if.remove(b)[0].after, None);
        assert_eq!(what_if.inside(), 0);
    }

    #[test]
    fn new_speeds_and_closures_end_where_a_fresh_start_ends() {
        let mut random = SplitMix64::new(12);
        for round in 0..40 {
            let direction = if round % 2 == 0 { Direction::Outward } else { Direction::Towards };
            let graph = grid_graph(&mut random, 14, 300);
            let (clients, outlets) =
                (random_snaps(&mut random, &graph, 50), random_snaps(&mut random, &graph, 9));
            let engine = TravelEngine::prepare(&graph);
            let mut what_if = WhatIf::new(&clients, Some(Ticks(1200)), direction);
            what_if.add_all(&engine, &outlets, &Silent).unwrap();
            let mut edited = graph_of(0, &[]);
            (edited.first_out, edited.head) = (graph.first_out.clone(), graph.head.clone());
            (edited.ticks, edited.position) = (graph.ticks.clone(), graph.position.clone());
            let mut changed: Vec<ArcId> = (0..3).map(|_| ArcId(random.below(graph.arcs()) as u32)).collect();
            changed.sort_unstable();
            changed.dedup();
            for arc in &changed {
                edited.ticks[arc.0 as usize] =
                    if random.below(2) == 0 { u32::MAX } else { random.below(400) as u32 };
            }
            // Places on an edited arc stand elsewhere afterwards.
            let mut again = |places: &[Option<Snap>]| -> Vec<Option<Snap>> {
                let hit = |s: &Snap| s.arcs.iter().any(|a| changed.binary_search(&a.arc).is_ok());
                let open = |random: &mut SplitMix64| loop {
                    let place = random_snaps(random, &graph, 1).remove(0);
                    if !place.as_ref().is_some_and(hit) {
                        return place;
                    }
                };
                places
                    .iter()
                    .map(|p| if p.as_ref().is_some_and(hit) { open(&mut random) } else { p.clone() })
                    .collect()
            };
            let (new_clients, new_outlets) = (again(&clients), again(&outlets));
            let after = TravelEngine::prepare(&edited);
            what_if.reroute((&engine, &after), &changed, (&new_clients, &new_outlets));
            let mut fresh = WhatIf::new(&new_clients, Some(Ticks(1200)), direction);
            fresh.add_all(&after, &new_outlets, &Silent).unwrap();
            assert_eq!(fresh.nearest, what_if.nearest, "round {round}");
        }
    }

    #[test]
    fn any_sequence_of_changes_ends_where_a_fresh_start_ends() {
        let mut random = SplitMix64::new(8);
        for direction in [Direction::Outward, Direction::Towards] {
            let graph = grid_graph(&mut random, 15, 300);
            let engine = TravelEngine::prepare(&graph);
            let clients = random_snaps(&mut random, &graph, 60);
            let mut what_if = WhatIf::new(&clients, Some(Ticks(1500)), direction);
            let outlets = random_snaps(&mut random, &graph, 8);
            let mut standing: Vec<Option<Snap>> = outlets.clone();
            what_if.add_all(&engine, &outlets, &Silent).unwrap();
            for _ in 0..30 {
                let at = random.below(standing.len());
                let Some(place) = random_snaps(&mut random, &graph, 1).remove(0) else { continue };
                match random.below(3) {
                    0 => {
                        what_if.remove(OutletHandle(at as u32));
                        standing[at] = None;
                    }
                    1 => {
                        let places = [Some(place.clone())];
                        let promised =
                            what_if.preview(&engine, Some(OutletHandle(at as u32)), &places, &Silent);
                        what_if.relocate(&engine, OutletHandle(at as u32), &place);
                        assert_eq!(promised.unwrap(), [what_if.inside()]);
                        standing[at] = Some(place);
                    }
                    _ => {
                        what_if.add(&engine, &place);
                        standing.push(Some(place));
                    }
                }
                let mut fresh = WhatIf::new(&clients, Some(Ticks(1500)), direction);
                fresh.add_all(&engine, &standing, &Silent).unwrap();
                assert_eq!(fresh.nearest, what_if.nearest);
            }
        }
    }
}
