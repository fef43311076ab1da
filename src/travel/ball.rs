//! What one bounded search knows of the surroundings of a centre.

use crate::base::Ticks;
use crate::network::{NodeId, Snap, SnapArc};
use crate::travel::Direction;
use crate::travel::bucket_dijkstra::{BucketDijkstra, NEVER};
use crate::travel::journey::direct;
use crate::travel::search_rows::Arcs;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

/// Idle searches that are kept: as many as threads that ask at the same time are likely to be.
const MOST_IDLE: usize = 16;

/// What lies within a limit of one centre.
#[derive(Debug)]
pub struct Ball<'c> {
    centre: &'c Snap,
    search: Lent,
    limit: u32,
    direction: Direction,
}

impl<'c> Ball<'c> {
    pub(super) fn new(centre: &'c Snap, search: Lent, limit: u32, direction: Direction) -> Ball<'c> {
        Ball { centre, search, limit, direction }
    }

    pub(super) fn parts(&self) -> (&Snap, &BucketDijkstra, Direction) {
        (self.centre, &self.search, self.direction)
    }

    /// The node lies inside the limit.
    #[inline]
    #[must_use]
    pub fn reaches(&self, node: NodeId) -> bool {
        self.search.distance(node.0) != NEVER
    }

    /// Travel time between the centre and `place` in the ball's direction, access legs included; `None` if beyond the limit.
    #[must_use]
    pub fn to(&self, place: &Snap) -> Option<Ticks> {
        self.along(&place.arcs, place.access)
    }

    /// The same for a place given by the arcs that pass it and its access leg.
    #[must_use]
    pub fn along(&self, arcs: &[SnapArc], access: Ticks) -> Option<Ticks> {
        let reached = |node: u32, rest: Ticks| self.search.distance(node).saturating_add(rest.0);
        let centre = self.centre;
        let (road, along) = match self.direction {
            Direction::Outward => {
                let road = arcs.iter().map(|a| reached(a.tail.0, a.from_tail)).min();
                (road, direct((&centre.arcs, centre.access), (arcs, access)))
            }
            Direction::Towards => {
                let road = arcs.iter().map(|a| reached(a.head.0, a.to_head)).min();
                (road, direct((arcs, access), (&centre.arcs, centre.access)))
            }
        };
        let total = road.unwrap_or(u32::MAX).saturating_add(access.0).min(along);
        (total <= self.limit).then_some(Ticks(total))
    }
}

/// The memory of searches on one graph that are over, for the next ones: setting it up costs a third of a search.
#[derive(Debug, Clone, Default)]
pub(super) struct Searches(Arc<Mutex<Vec<BucketDijkstra>>>);

impl Searches {
    /// A search on `arcs`, whose last run is not to be relied on; it comes back by itself.
    pub fn lend(&self, arcs: Arcs<'_>) -> Lent {
        let idle = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Lent { search: idle.unwrap_or_else(|| BucketDijkstra::new(arcs)), home: self.clone() }
    }
}

/// A search on loan.
#[derive(Debug)]
pub(super) struct Lent {
    search: BucketDijkstra,
    home: Searches,
}

impl Deref for Lent {
    type Target = BucketDijkstra;
    #[inline]
    fn deref(&self) -> &BucketDijkstra {
        &self.search
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut BucketDijkstra {
        &mut self.search
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut idle = self.home.0.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MOST_IDLE {
            idle.push(std::mem::take(&mut self.search));
        }
    }
}
