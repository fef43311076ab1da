//! A journey = access leg + roads + access leg, priced the same way by every engine.
//!
//! From a snapped origin each of its arcs leads to the arc's head at `to_head`; a snapped destination is reached from the tail of
//! each of its arcs at `from_tail`. Where both lie on one arc, the way along it counts too if the arc's direction allows.

use crate::base::Ticks;
use crate::network::{ArcId, Snap, SnapArc};

/// Seeds of a search along the arcs from `origin`: heads of its arcs, access leg included.
pub(super) fn seeds_outward(origin: &Snap) -> Vec<(u32, u32)> {
    let cost = |t: Ticks| origin.access.0.saturating_add(t.0);
    origin.arcs.iter().map(|a| (a.head.0, cost(a.to_head))).collect()
}

/// Seeds of a search against the arcs from `destination`: tails of its arcs, access leg included.
pub(super) fn seeds_towards(destination: &Snap) -> Vec<(u32, u32)> {
    let cost = |t: Ticks| destination.access.0.saturating_add(t.0);
    destination.arcs.iter().map(|a| (a.tail.0, cost(a.from_tail))).collect()
}

/// The cheapest way along one arc that holds both places, each given by its arcs and its access leg, those included; `u32::MAX` if there is none.
pub(super) fn direct(origin: (&[SnapArc], Ticks), destination: (&[SnapArc], Ticks)) -> u32 {
    let mut best = u32::MAX;
    for from in origin.0 {
        for to in destination.0.iter().filter(|to| to.arc == from.arc) {
            if let Some(along) = to.from_tail.0.checked_sub(from.from_tail.0) {
                best = best.min(along);
            }
        }
    }
    best.saturating_add(origin.1.0).saturating_add(destination.1.0)
}

/// Destinations by the arc they lie on, so that the ways along one arc are found without trying every pair.
#[derive(Debug)]
pub(super) struct DirectWays {
    /// `(arc, destination, from_tail + access)`, sorted.
    on_arc: Vec<(u32, u32, u32, u32)>,
}

impl DirectWays {
    /// Sorts the destinations on the arcs of `from` by arc; the others lie on no arc with any origin.
    pub fn new(from: &[Option<Snap>], to: &[Option<Snap>]) -> DirectWays {
        let arcs = || from.iter().flatten().flat_map(|s| &s.arcs).map(|a| a.arc.0 as usize);
        let mut left = vec![false; arcs().max().map_or(0, |most| most + 1)];
        arcs().for_each(|arc| left[arc] = true);
        DirectWays::on_arcs(to, |arc| left.get(arc.0 as usize) == Some(&true))
    }

    /// Sorts all destinations by the arcs they lie on, whatever the origins.
    pub fn on_all_arcs(to: &[Option<Snap>]) -> DirectWays {
        DirectWays::on_arcs(to, |_| true)
    }

    fn on_arcs(to: &[Option<Snap>], asked: impl Fn(ArcId) -> bool) -> DirectWays {
        let mut on_arc = Vec::new();
        for (column, snap) in to.iter().enumerate() {
            let Some(snap) = snap else { continue };
            let shared = snap.arcs.iter().filter(|a| asked(a.arc));
            on_arc.extend(shared.map(|a| (a.arc.0, column as u32, a.from_tail.0, snap.access.0)));
        }
        on_arc.sort_unstable();
        DirectWays { on_arc }
    }

    /// Calls `found(destination, ticks)` for every way along one arc from `origin`, access legs included.
    pub fn for_each(&self, origin: &Snap, mut found: impl FnMut(usize, u32)) {
        for from in &origin.arcs {
            let start = self.on_arc.partition_point(|e| e.0 < from.arc.0);
            for &(_, column, from_tail, access) in
                self.on_arc[start..].iter().take_while(|e| e.0 == from.arc.0)
            {
                if let Some(along) = from_tail.checked_sub(from.from_tail.0) {
                    found(column as usize, along.saturating_add(access).saturating_add(origin.access.0));
                }
            }
        }
    }
}
