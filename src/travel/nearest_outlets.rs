//! Each client's nearest and second-nearest outlet, kept up to date by one bounded search a change: what an outlet that opens, moves
//! or closes means.

use crate::base::{Outcome, Progress, Ticks};
use crate::network::{ArcId, RoadGraph, Snap};
use crate::travel::{Direction, Engine, TravelEngine, TravelTable};
use std::borrow::Borrow;
use std::sync::Arc;

/// Number of an outlet, given by whoever opens it; numbers may have gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutletHandle(pub u32);

/// An outlet and the travel time to or from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reach {
    /// Access legs included.
    pub ticks: Ticks,
    /// Of equally near outlets the one of the least number.
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

/// Where an outlet stands and how far every client is. Memory: 8 bytes a client.
#[derive(Debug, Clone)]
pub struct OutletTimes {
    /// `None`: without a road; it reaches nobody.
    place: Option<Snap>,
    times: Vec<Option<Ticks>>,
}

impl OutletTimes {
    /// Travel time of each client; `None` beyond the limit it was searched with.
    #[must_use]
    pub fn times(&self) -> &[Option<Ticks>] {
        &self.times
    }
}

/// Clients, outlets and the two nearest outlets of every client. Cloning is cheap (outlets are shared), so a trial is a clone that is
/// thrown away.
#[derive(Debug, Clone)]
pub struct NearestOutlets {
    clients: Arc<[Option<Snap>]>,
    limit: Option<Ticks>,
    direction: Direction,
    /// By number; `None`: closed.
    outlets: Vec<Option<Arc<OutletTimes>>>,
    nearest: Vec<[Option<Reach>; 2]>,
}

impl NearestOutlets {
    /// No outlets yet. Journeys longer than `limit` do not count; `direction` is seen from the outlets.
    #[must_use]
    pub fn new(clients: &Arc<[Option<Snap>]>, limit: Option<Ticks>, direction: Direction) -> NearestOutlets {
        let nearest = vec![[None; 2]; clients.len()];
        NearestOutlets { clients: Arc::clone(clients), limit, direction, outlets: Vec::new(), nearest }
    }

    /// Opens many outlets with one travel table (an outlet without a road reaches nobody).
    ///
    /// # Errors
    /// The person cancelled.
    pub fn open_all<G: Borrow<RoadGraph>>(
        &mut self,
        engine: &TravelEngine<G>,
        outlets: Vec<(OutletHandle, Option<Snap>)>,
        progress: &dyn Progress,
    ) -> Outcome<()> {
        let (handles, places): (Vec<OutletHandle>, Vec<Option<Snap>>) = outlets.into_iter().unzip();
        let table = self.table(engine, &places, progress)?;
        for (at, (outlet, place)) in handles.into_iter().zip(places).enumerate() {
            let times = (0..self.clients.len()).map(|client| self.cell(&table, at, client)).collect();
            self.open(outlet, Arc::new(OutletTimes { place, times }));
        }
        Ok(())
    }

    /// Searches from (or towards) a place; the answer opens an outlet there as often as is asked.
    pub fn times<G: Borrow<RoadGraph>>(
        &self,
        engine: &TravelEngine<G>,
        place: Option<Snap>,
    ) -> Arc<OutletTimes> {
        let times = match (&place, self.direction) {
            (None, _) => vec![None; self.clients.len()],
            (Some(at), Direction::Outward) => engine.one_to_kept(at, &self.clients, self.limit),
            (Some(at), Direction::Towards) => {
                engine.one_to_many(at, &self.clients, self.limit, Direction::Towards)
            }
        };
        Arc::new(OutletTimes { place, times })
    }

    /// Opens `outlet`, or moves it if it is open; no search.
    pub fn open(&mut self, outlet: OutletHandle, times: Arc<OutletTimes>) {
        self.close(outlet);
        let at = outlet.0 as usize;
        if self.outlets.len() <= at {
            self.outlets.resize(at + 1, None);
        }
        offer(&mut self.nearest, outlet, &times.times);
        self.outlets[at] = Some(times);
    }

    /// Closes an outlet; no search. Only the clients that had it among their two nearest look at the other outlets.
    pub fn close(&mut self, outlet: OutletHandle) {
        let Some(Some(_)) = self.outlets.get_mut(outlet.0 as usize).map(Option::take) else { return };
        for (client, near) in self.nearest.iter_mut().enumerate() {
            if near.iter().flatten().any(|r| r.outlet == outlet) {
                *near = [None; 2];
                for (o, other) in self.outlets.iter().enumerate() {
                    if let Some(ticks) = other.as_ref().and_then(|other| other.times[client]) {
                        keep_two(near, Reach { ticks, outlet: OutletHandle(o as u32) });
                    }
                }
            }
        }
    }

    /// Roads got other speeds or were closed (`RoadGraph::with_speeds` gave the graph of `after` and the `changed` arcs): searches again
    /// only from outlets near a changed arc, and from clients and outlets whose place on the road is another one. `clients` are
    /// all of them snapped again, `outlets` all numbers.
    pub fn reroute<G: Borrow<RoadGraph>, H: Borrow<RoadGraph>>(
        &mut self,
        (before, after): (&TravelEngine<G>, &TravelEngine<H>),
        changed: &[ArcId],
        (clients, outlets): (&Arc<[Option<Snap>]>, &[Option<Snap>]),
    ) {
        let met = before.nodes_meeting(changed, self.limit, self.direction);
        let near = |place: &Snap| {
            place.arcs.iter().any(|a| {
                let door = if self.direction == Direction::Outward { a.head } else { a.tail };
                met[door.0 as usize] || changed.binary_search(&a.arc).is_ok()
            })
        };
        let moved: Vec<usize> = (0..clients.len()).filter(|c| clients[*c] != self.clients[*c]).collect();
        let opposite = match self.direction {
            Direction::Outward => Direction::Towards,
            Direction::Towards => Direction::Outward,
        };
        let column = |c: &usize| {
            let place = clients[*c].as_ref();
            place.map(|p| after.one_to_many(p, outlets, self.limit, opposite))
        };
        let columns: Vec<Option<Vec<Option<Ticks>>>> = moved.iter().map(column).collect();
        self.nearest = vec![[None; 2]; clients.len()];
        for (o, open) in self.outlets.iter_mut().enumerate() {
            let Some(old) = open else { continue };
            let is_stale = old.place != outlets[o] || old.place.as_ref().is_some_and(near);
            let mut times = match &outlets[o] {
                _ if !is_stale => old.times.clone(),
                Some(place) => after.one_to_many(place, clients, self.limit, self.direction),
                None => vec![None; clients.len()],
            };
            for (c, column) in moved.iter().zip(&columns) {
                times[*c] = column.as_ref().and_then(|column| column[o]);
            }
            offer(&mut self.nearest, OutletHandle(o as u32), &times);
            *open = Some(Arc::new(OutletTimes { place: outlets[o].clone(), times }));
        }
        self.clients = Arc::clone(clients);
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
        let reached = |place: usize, client: usize| self.cell(&table, place, client).is_some();
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

    /// Number of clients with an outlet within `limit`, which is not above the own.
    #[must_use]
    pub fn within(&self, limit: Ticks) -> usize {
        self.nearest.iter().filter(|n| n[0].is_some_and(|r| r.ticks <= limit)).count()
    }

    /// Open outlets, ascending.
    pub fn outlets(&self) -> impl Iterator<Item = OutletHandle> + '_ {
        let open = self.outlets.iter().enumerate().filter(|(_, open)| open.is_some());
        open.map(|(o, _)| OutletHandle(o as u32))
    }

    /// Clients whose nearest outlet is another one, or farther or nearer, than in `before`, which has the same clients; ascending.
    #[must_use]
    pub fn changes_since(&self, before: &NearestOutlets) -> Vec<Change> {
        let pairs = before.nearest.iter().zip(&self.nearest).enumerate();
        let pairs = pairs.map(|(client, (b, a))| Change { client, before: b[0], after: a[0] });
        pairs.filter(|c| c.before != c.after).collect()
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

    fn cell(&self, table: &TravelTable, outlet: usize, client: usize) -> Option<Ticks> {
        match self.direction {
            Direction::Outward => table.get(outlet, client),
            Direction::Towards => table.get(client, outlet),
        }
    }
}

/// Puts an outlet that no client knows yet in its place among each client's two nearest.
fn offer(nearest: &mut [[Option<Reach>; 2]], outlet: OutletHandle, times: &[Option<Ticks>]) {
    for (near, ticks) in nearest.iter_mut().zip(times) {
        if let Some(ticks) = *ticks {
            keep_two(near, Reach { ticks, outlet });
        }
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
        let clients = [Some(snap_on(&graph, &[(1, 0)], 0))].into();
        let mut state = NearestOutlets::new(&clients, Some(Ticks(50)), Direction::Outward);
        let [a, b] = [4, 2].map(OutletHandle);
        state.open(a, state.times(&engine, Some(snap_on(&graph, &[(0, 0)], 0))));
        let before = state.clone();
        state.open(b, state.times(&engine, Some(snap_on(&graph, &[(3, 0)], 0))));
        assert!(state.changes_since(&before).is_empty(), "the farther one changes nothing");
        let (first, second) = (Reach { ticks: Ticks(10), outlet: a }, Reach { ticks: Ticks(12), outlet: b });
        assert_eq!((state.nearest(0), state.second_nearest(0)), (Some(first), Some(second)));
        assert_eq!((state.within(Ticks(10)), state.within(Ticks(9))), (1, 0));
        state.close(a);
        let change = Change { client: 0, before: Some(first), after: Some(second) };
        assert_eq!(state.changes_since(&before), [change]);
        assert_eq!(state.outlets().collect::<Vec<_>>(), [b]);
        state.close(b);
        assert_eq!((state.nearest(0), state.within(Ticks(50))), (None, 0));
    }

    /// Outlets at `places`, numbered in their order.
    fn opened(
        engine: &TravelEngine<&RoadGraph>,
        clients: &Arc<[Option<Snap>]>,
        places: &[Option<Snap>],
        limit: Ticks,
        direction: Direction,
    ) -> NearestOutlets {
        let mut state = NearestOutlets::new(clients, Some(limit), direction);
        state
            .open_all(engine, (0..).map(OutletHandle).zip(places.iter().cloned()).collect(), &Silent)
            .unwrap();
        state
    }

    #[test]
    fn new_speeds_and_closures_end_where_a_fresh_start_ends() {
        let mut random = SplitMix64::new(12);
        for round in 0..40 {
            let direction = if round % 2 == 0 { Direction::Outward } else { Direction::Towards };
            let graph = grid_graph(&mut random, 14, 300);
            let clients: Arc<[_]> = random_snaps(&mut random, &graph, 50).into();
            let outlets = random_snaps(&mut random, &graph, 9);
            let engine = TravelEngine::prepare(&graph);
            let mut state = opened(&engine, &clients, &outlets, Ticks(1200), direction);
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
            let (new_clients, new_outlets) = (again(&clients).into(), again(&outlets));
            let after = TravelEngine::prepare(&edited);
            state.reroute((&engine, &after), &changed, (&new_clients, &new_outlets));
            let fresh = opened(&after, &new_clients, &new_outlets, Ticks(1200), direction);
            assert_eq!(fresh.nearest, state.nearest, "round {round}");
        }
    }

    #[test]
    fn any_sequence_of_changes_ends_where_a_fresh_start_ends() {
        let mut random = SplitMix64::new(8);
        for direction in [Direction::Outward, Direction::Towards] {
            let graph = grid_graph(&mut random, 15, 300);
            let engine = TravelEngine::prepare(&graph);
            let clients: Arc<[_]> = random_snaps(&mut random, &graph, 60).into();
            let mut standing = random_snaps(&mut random, &graph, 8);
            let mut state = opened(&engine, &clients, &standing, Ticks(1500), direction);
            for _ in 0..30 {
                let at = random.below(standing.len());
                let outlet = OutletHandle(at as u32);
                let place = random_snaps(&mut random, &graph, 1).remove(0);
                match random.below(3) {
                    0 => {
                        state.close(outlet);
                        standing[at] = None;
                    }
                    1 => {
                        let promised =
                            state.preview(&engine, Some(outlet), std::slice::from_ref(&place), &Silent);
                        state.open(outlet, state.times(&engine, place.clone()));
                        assert_eq!(promised.unwrap(), [state.within(Ticks(1500))]);
                        standing[at] = place;
                    }
                    _ => {
                        let next = OutletHandle(standing.len() as u32);
                        state.open(next, state.times(&engine, place.clone()));
                        standing.push(place);
                    }
                }
                let fresh = opened(&engine, &clients, &standing, Ticks(1500), direction);
                assert_eq!(fresh.nearest, state.nearest);
            }
        }
    }
}
