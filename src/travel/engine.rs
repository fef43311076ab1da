//! One graph made ready for questions, and the choice of the engine that answers them.

use crate::base::{Fault, Outcome, Progress, Silent, Ticks};
use crate::network::{ArcId, RoadGraph, Snap};
use crate::travel::ball::{Ball, Searches};
use crate::travel::bucket_dijkstra::BucketDijkstra;
use crate::travel::journey::{DirectWays, seeds_outward, seeds_towards};
use crate::travel::search_rows::{Arcs, SearchRows};
use crate::travel::sheet::Sheet;
use crate::travel::sweep::{SweepIndex, sweep_rows, sweep_rows_to};
use crate::travel::table::Lane;
use crate::travel::{Direction, Engine, TravelTable};
use rayon::prelude::*;
use std::borrow::Borrow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// From this many origins on a table within 30 minutes is worth ordering the graph first: the order costs about as much as
/// this many searches (`benches/travel.rs`).
const ORIGINS_FOR_AN_ORDER: usize = 400;
/// The same for longer limits, whose searches cover most of a county.
const ORIGINS_FOR_AN_ORDER_FAR: usize = 150;
/// From this many origins on a table is worth a batch, once the graph is ordered.
const ORIGINS_FOR_A_BATCH: usize = 3;
/// From this many origins on a kept order is worth contracting and customising.
const ORIGINS_FOR_A_KEPT_ORDER: usize = 60;

/// One graph and what was prepared for it so far, shared by any number of questions and threads.
///
/// `G` is `&RoadGraph`, `Arc<RoadGraph>` or a graph by value. Preparing is lazy: the arcs of a direction and the order are built by
/// the first question that needs them.
#[derive(Debug)]
pub struct TravelEngine<G> {
    graph: G,
    /// For searches as roads are driven and against them.
    outward: OnceLock<SearchRows>,
    towards: OnceLock<SearchRows>,
    /// An order of contraction kept from before.
    order: Option<Vec<u32>>,
    sweep: OnceLock<SweepIndex>,
    searches: Searches,
}

impl<G: Borrow<RoadGraph>> TravelEngine<G> {
    /// Holds `graph`; nothing is computed yet.
    pub fn prepare(graph: G) -> TravelEngine<G> {
        let (outward, towards, sweep) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        TravelEngine { graph, outward, towards, order: None, sweep, searches: Searches::default() }
    }

    /// Takes an order of contraction kept from before (`RoadMap::order_for`); one that does not fit the graph is left aside.
    #[must_use]
    pub fn with_order(mut self, order: Option<&[u32]>) -> TravelEngine<G> {
        let fits = |order: &&[u32]| {
            let mut seen = vec![false; self.graph().nodes()];
            let new = |n: &u32| seen.get_mut(*n as usize).is_some_and(|s| !std::mem::replace(s, true));
            order.len() == self.graph().nodes() && order.iter().all(new)
        };
        self.order = order.filter(fits).map(<[u32]>::to_vec);
        self
    }

    /// The graph that the answers are about.
    pub fn graph(&self) -> &RoadGraph {
        self.graph.borrow()
    }

    fn arcs(&self, direction: Direction) -> Arcs<'_> {
        let rows = match direction {
            Direction::Outward => self.outward.get_or_init(|| SearchRows::outward(self.graph())),
            Direction::Towards => self.towards.get_or_init(|| SearchRows::towards(self.graph())),
        };
        rows.arcs()
    }

    /// Travel times between one `centre` and many `places` by one bounded bucket Dijkstra; the choice for one isochrone or one
    /// what-if. The answer has the order of `places`; `None`: unreachable, not snapped, or beyond `limit`.
    pub fn one_to_many(
        &self,
        centre: &Snap,
        places: &[Option<Snap>],
        limit: Option<Ticks>,
        direction: Direction,
    ) -> Vec<Option<Ticks>> {
        let ball = self.ball(centre, limit, direction);
        places.iter().map(|p| p.as_ref().and_then(|p| ball.to(p))).collect()
    }

    /// The same outward to destinations that are asked about again and again: once there is an order, a batch of one origin takes a
    /// third of a search.
    pub fn one_to_kept(
        &self,
        centre: &Snap,
        places: &Arc<[Option<Snap>]>,
        limit: Option<Ticks>,
    ) -> Vec<Option<Ticks>> {
        if self.choose(Engine::Auto, 1, most(limit), true) == Engine::Sweep {
            let table = self.table_to(&[Some(centre.clone())], places, limit, Engine::Sweep, &Silent);
            // Only who cancels stops a table.
            if let Ok(table) = table {
                return (0..places.len()).map(|place| table.get(0, place)).collect();
            }
        }
        self.one_to_many(centre, places, limit, Direction::Outward)
    }

    /// Which nodes have a way of at most `limit` to where one of `arcs` begins (outward), or from where one ends (towards).
    #[must_use]
    pub fn nodes_meeting(&self, arcs: &[ArcId], limit: Option<Ticks>, direction: Direction) -> Vec<bool> {
        let graph = self.graph();
        let (rows, seeds): (Arcs<'_>, Vec<(u32, u32)>) = match direction {
            Direction::Outward => {
                let tail = |arc: &ArcId| graph.first_out.partition_point(|f| *f <= arc.0) as u32 - 1;
                (self.arcs(Direction::Towards), arcs.iter().map(|a| (tail(a), 0)).collect())
            }
            Direction::Towards => {
                (self.arcs(Direction::Outward), arcs.iter().map(|a| (graph.head[a.0 as usize], 0)).collect())
            }
        };
        let mut search = self.searches.lend(rows);
        search.run(rows, &seeds, most(limit));
        let mut met = vec![false; graph.nodes()];
        search.reached().iter().for_each(|n| met[*n as usize] = true);
        met
    }

    /// All that lies within `limit` of `centre`; ask it for places one by one.
    pub fn ball<'c>(&self, centre: &'c Snap, limit: Option<Ticks>, direction: Direction) -> Ball<'c> {
        let arcs = self.arcs(direction);
        let limit = most(limit);
        let mut search = self.searches.lend(arcs);
        let seeds = match direction {
            Direction::Outward => seeds_outward(centre),
            Direction::Towards => seeds_towards(centre),
        };
        search.run(arcs, &seeds, limit);
        Ball::new(centre, search, limit, direction)
    }

    /// Fills a table of journeys from every `from` to every `to` within `limit` (`None`: no limit). A cell depends on its two
    /// points only.
    ///
    /// # Errors
    /// The person cancelled.
    pub fn table(
        &self,
        from: &[Option<Snap>],
        to: &[Option<Snap>],
        limit: Option<Ticks>,
        engine: Engine,
        progress: &dyn Progress,
    ) -> Outcome<TravelTable> {
        let limit = most(limit);
        self.fill(&Question { from, to, again: None, limit, progress }, engine)
    }

    /// The same table to destinations that are asked about again and again, as a what-if's clients: what a sweep needs of them is kept
    /// for the next table to the same list.
    ///
    /// # Errors
    /// The person cancelled.
    pub fn table_to(
        &self,
        from: &[Option<Snap>],
        to: &Arc<[Option<Snap>]>,
        limit: Option<Ticks>,
        engine: Engine,
        progress: &dyn Progress,
    ) -> Outcome<TravelTable> {
        let limit = most(limit);
        self.fill(&Question { from, to, again: Some(to), limit, progress }, engine)
    }

    fn fill(&self, question: &Question<'_>, engine: Engine) -> Outcome<TravelTable> {
        let origins = question.from.iter().flatten().count();
        let engine = self.choose(engine, origins, question.limit, question.again.is_some());
        let cells = if question.limit < u32::from(u16::MAX) {
            Lane::cells(self.rows::<u16>(question, engine)?)
        } else {
            Lane::cells(self.rows::<u32>(question, engine)?)
        };
        Ok(TravelTable::new(question.from.len(), question.to.len(), cells, engine))
    }

    /// Chooses the engine for a table of so many snapped origins and prepares what it needs, so that the table itself need not.
    pub fn ready(&self, engine: Engine, origins: usize, limit: Option<Ticks>) -> Engine {
        let engine = self.choose(engine, origins, most(limit), false);
        if engine == Engine::Sweep {
            self.sweep_index();
        }
        engine
    }

    /// The sweep's index, built on first use.
    pub fn sweep_index(&self) -> &SweepIndex {
        self.sweep.get_or_init(|| match &self.order {
            Some(order) => SweepIndex::with_order(self.graph(), order),
            None => SweepIndex::build(self.graph()),
        })
    }

    /// The sweep's index by value, to be customised for other ticks.
    pub fn into_sweep_index(self) -> SweepIndex {
        self.sweep_index();
        let TravelEngine { graph, sweep, .. } = self;
        sweep.into_inner().unwrap_or_else(|| SweepIndex::build(graph.borrow()))
    }

    /// Hands over an index built before, for example one customised for new speeds; false if there is one already.
    pub fn offer_sweep_index(&self, index: SweepIndex) -> bool {
        self.sweep.set(index).is_ok()
    }

    fn rows<L: Lane>(&self, question: &Question<'_>, engine: Engine) -> Outcome<Sheet<L>> {
        let &Question { from, to, again, limit, progress } = question;
        match (engine, again) {
            (Engine::Sweep, Some(to)) => sweep_rows_to(self.sweep_index(), (from, to), limit, progress),
            (Engine::Sweep, None) => sweep_rows(self.sweep_index(), (from, to), limit, progress),
            (Engine::Auto | Engine::Dijkstra, _) => question.by_dijkstra(self.arcs(Direction::Outward)),
        }
    }

    /// A batch of 32 origins costs a third of a search and what fresh destinations need of the hierarchy one or two, so once there is an
    /// order nearly every table sweeps, and every one to destinations asked about `again`; without an order the origins must pay for it.
    fn choose(&self, engine: Engine, origins: usize, limit: u32, again: bool) -> Engine {
        let enough = match self.sweep.get() {
            Some(_) if again => 1,
            Some(_) => ORIGINS_FOR_A_BATCH,
            None if self.order.is_some() => ORIGINS_FOR_A_KEPT_ORDER,
            None if limit <= Ticks::THIRTY_MINUTES.0 => ORIGINS_FOR_AN_ORDER,
            None => ORIGINS_FOR_AN_ORDER_FAR,
        };
        match engine {
            Engine::Auto if origins >= enough => Engine::Sweep,
            Engine::Auto => Engine::Dijkstra,
            named => named,
        }
    }
}

/// The limit in ticks; without one all that can be reached.
fn most(limit: Option<Ticks>) -> u32 {
    limit.map_or(u32::MAX - 1, |l| l.0)
}

/// The table asked for.
struct Question<'q> {
    from: &'q [Option<Snap>],
    to: &'q [Option<Snap>],
    /// The destinations once more, if they will be asked about again.
    again: Option<&'q Arc<[Option<Snap>]>>,
    limit: u32,
    progress: &'q dyn Progress,
}

impl Question<'_> {
    /// One bounded bucket Dijkstra an origin, origins in parallel; row-major cells.
    fn by_dijkstra<L: Lane>(&self, arcs: Arcs<'_>) -> Outcome<Sheet<L>> {
        let ways = DirectWays::new(self.from, self.to);
        let mut cells = Sheet::new(self.from.len() * self.to.len());
        let done = AtomicU64::new(0);
        cells.par_chunks_mut(self.to.len().max(1)).zip(self.from.par_iter()).try_for_each_init(
            || BucketDijkstra::new(arcs),
            |search, (row, origin)| {
                if self.progress.is_cancelled() {
                    return Err(Fault::cancelled());
                }
                row.fill(L::NEVER);
                if let Some(origin) = origin {
                    search.run(arcs, &seeds_outward(origin), self.limit);
                    self.fill_row(search, origin, &ways, row);
                }
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                self.progress.report("travel_table", done, self.from.len() as u64);
                Ok(())
            },
        )?;
        Ok(cells)
    }

    fn fill_row<L: Lane>(&self, search: &BucketDijkstra, origin: &Snap, ways: &DirectWays, row: &mut [L]) {
        let lower = |cell: &mut L, ticks: u32| {
            if ticks <= self.limit {
                *cell = (*cell).min(L::from_ticks(ticks));
            }
        };
        for (cell, snap) in row.iter_mut().zip(self.to) {
            let Some(snap) = snap else { continue };
            for arc in &snap.arcs {
                let road = search.distance(arc.tail.0).saturating_add(arc.from_tail.0);
                lower(cell, road.saturating_add(snap.access.0));
            }
        }
        ways.for_each(origin, |column, ticks| lower(&mut row[column], ticks));
    }
}

/// Fills a table of journeys from every `from` to every `to` within `limit` (`None`: no limit). A cell depends on its two points only.
///
/// For several tables on one graph hold a [`TravelEngine`]: it keeps what it prepared.
///
/// # Errors
/// The person cancelled.
pub fn travel_table(
    graph: &RoadGraph,
    from: &[Option<Snap>],
    to: &[Option<Snap>],
    limit: Option<Ticks>,
    engine: Engine,
    progress: &dyn Progress,
) -> Outcome<TravelTable> {
    TravelEngine::prepare(graph).table(from, to, limit, engine, progress)
}

/// Travel times between one `centre` and many `places`; see [`TravelEngine::one_to_many`], which keeps the reversed graph.
#[must_use]
pub fn one_to_many(
    graph: &RoadGraph,
    centre: &Snap,
    places: &[Option<Snap>],
    limit: Option<Ticks>,
    direction: Direction,
) -> Vec<Option<Ticks>> {
    TravelEngine::prepare(graph).one_to_many(centre, places, limit, direction)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Silent, SplitMix64};
    use crate::travel::fixture::{graph_of, plain_journey, random_graph, random_snaps, snap_on};

    /// ```text
    ///   0 ==10==> 1 ==10==> 2 ==1==> 0     a at 3 and b at 8 on the arc 0 -> 1
    /// ```
    #[test]
    fn two_places_on_one_arc_are_joined_along_it_only_forwards() {
        let graph = graph_of(3, &[(0, 1, 10), (1, 2, 10), (2, 0, 1)]);
        let (a, b) = (snap_on(&graph, &[(0, 3)], 2), snap_on(&graph, &[(0, 8)], 4));
        let places = [Some(a), Some(b), None];
        let table = travel_table(&graph, &places, &places, None, Engine::Dijkstra, &Silent).unwrap();
        assert_eq!(table.get(0, 1), Some(Ticks(2 + 5 + 4)));
        assert_eq!(table.get(1, 0), Some(Ticks(4 + 2 + 11 + 3 + 2)));
        assert_eq!(table.get(0, 0), Some(Ticks(4)));
        assert_eq!((table.get(0, 2), table.get(2, 0)), (None, None));
    }

    /// ```text
    ///   0 --10-- 1     limit 10: reached at 10, not at 11
    /// ```
    #[test]
    fn the_limit_includes_its_last_tick_and_both_access_legs() {
        let graph = graph_of(2, &[(0, 1, 10), (1, 0, 10)]);
        let places = [Some(snap_on(&graph, &[(0, 0)], 1)), Some(snap_on(&graph, &[(0, 8)], 1))];
        let table = |limit| {
            travel_table(&graph, &places, &places, Some(Ticks(limit)), Engine::Auto, &Silent).unwrap()
        };
        assert_eq!(table(10).get(0, 1), Some(Ticks(10)));
        assert_eq!(table(9).get(0, 1), None);
    }

    #[test]
    fn every_cell_equals_a_plain_search_in_both_directions() {
        let mut random = SplitMix64::new(11);
        for round in 0..300 {
            let graph = random_graph(&mut random, 25, 60, 300);
            let (from, to) = (random_snaps(&mut random, &graph, 6), random_snaps(&mut random, &graph, 9));
            let limit = (round % 2 == 0).then(|| Ticks(random.below(900) as u32));
            let table = travel_table(&graph, &from, &to, limit, Engine::Dijkstra, &Silent).unwrap();
            let swept = travel_table(&graph, &from, &to, limit, Engine::Sweep, &Silent).unwrap();
            let engine = TravelEngine::prepare(&graph);
            for (i, a) in from.iter().enumerate() {
                for (j, b) in to.iter().enumerate() {
                    let want = a.as_ref().zip(b.as_ref()).and_then(|(a, b)| plain_journey(&graph, a, b));
                    let want = want.filter(|t| limit.is_none_or(|l| *t <= l));
                    assert_eq!(table.get(i, j), want, "round {round} cell {i} {j}");
                    assert_eq!(swept.get(i, j), want, "sweep, round {round} cell {i} {j}");
                    let Some(b) = b else { continue };
                    let towards = engine.one_to_many(b, std::slice::from_ref(a), limit, Direction::Towards);
                    assert_eq!(towards, [want]);
                }
                let Some(a) = a else { continue };
                let outward = engine.one_to_many(a, &to, limit, Direction::Outward);
                assert_eq!(outward, (0..to.len()).map(|j| table.get(i, j)).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn destinations_kept_from_table_to_table_answer_as_fresh_ones() {
        let mut random = SplitMix64::new(21);
        let mut graph = random_graph(&mut random, 60, 150, 300);
        let from = random_snaps(&mut random, &graph, 40);
        let lists: Vec<Arc<[_]>> = (0..2).map(|_| random_snaps(&mut random, &graph, 25).into()).collect();
        let mut index = SweepIndex::build(&graph);
        for _ in 0..3 {
            let engine = TravelEngine::prepare(&graph);
            assert!(engine.offer_sweep_index(index));
            for to in [&lists[0], &lists[0], &lists[1], &lists[0]] {
                for limit in [Some(Ticks(600)), None] {
                    let kept = engine.table_to(&from, to, limit, Engine::Sweep, &Silent).unwrap();
                    let fresh = engine.table(&from, to, limit, Engine::Dijkstra, &Silent).unwrap();
                    assert!((0..40).all(|i| (0..25).all(|j| kept.get(i, j) == fresh.get(i, j))));
                }
            }
            index = engine.into_sweep_index();
            // New speeds: what was kept is void. Places on the arcs stay where they are, their shares with them.
            graph.ticks.iter_mut().for_each(|t| *t = t.saturating_add(random.below(90) as u32));
            index.customise(&graph.ticks);
        }
    }
}
