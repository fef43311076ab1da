//! What a ball says of every chain of the network at once, so that a place on a chain costs two sums.

use crate::network::{ChainFoot, ChainOfBlock, QUARTER_PLACES, QuarterPlaces, RoadGraph};
use crate::travel::Direction;
use crate::travel::ball::Ball;
use crate::travel::bucket_dijkstra::NEVER;

/// Where the chains of a graph begin and end, in a row, for any number of centres.
#[derive(Debug)]
pub struct ChainEnds {
    /// Along and against each chain; length chains.
    one: Vec<[ChainEnd; 2]>,
    /// Further arcs along a chain where turns are remembered: chain, direction, tail and head; ascending.
    more: Vec<(u32, usize, [u32; 2])>,
    /// Chain and direction of each arc, as `2 chain + direction`; `u32::MAX`: of none.
    base: Vec<u32>,
}

/// One arc along a chain in one direction.
#[derive(Debug, Clone, Copy)]
struct ChainEnd {
    /// Tail and head.
    node: [u32; 2],
    /// Of the whole chain; [`NEVER`]: closed.
    ticks: u32,
}

impl ChainEnds {
    /// Of all chains of `graph`.
    #[must_use]
    pub fn of(graph: &RoadGraph) -> ChainEnds {
        let closed = ChainEnd { node: [0; 2], ticks: NEVER };
        let mut this = ChainEnds {
            one: vec![[closed; 2]; graph.chains()],
            more: Vec::new(),
            base: vec![u32::MAX; graph.arcs()],
        };
        for (chain, d) in (0..graph.chains()).flat_map(|c| [(c, 0), (c, 1)]) {
            for (i, (arc, tail, head)) in graph.chain_arcs(chain, d).enumerate() {
                this.base[arc.0 as usize] = (2 * chain + d) as u32;
                let node = [tail.0, head.0];
                match i {
                    0 => this.one[chain][d] = ChainEnd { node, ticks: graph.ticks[arc.0 as usize] },
                    _ => this.more.push((chain as u32, d, node)),
                }
            }
        }
        this
    }
}

/// Ranges of chains are told in steps of so many ticks.
const COARSE: u32 = 16;

/// The step in which the least ticks lie, and the one in which the most have surely ended; the last step has no end.
fn coarse([least, most]: [u32; 2]) -> [u16; 2] {
    let last = u32::from(u16::MAX);
    [(least / COARSE).min(last - 1) as u16, most.div_ceil(COARSE).min(last) as u16]
}

/// Such steps in ticks again.
fn fine(least: i32, most: i32) -> (u32, u32) {
    let ticks = |steps: i32| if steps == i32::from(u16::MAX) { NEVER } else { steps as u32 * COARSE };
    (ticks(least), ticks(most))
}

/// The same order among signed numbers.
fn signed(steps: u16) -> i16 {
    (steps ^ 1 << 15).cast_signed()
}

/// For each set of quarters, bit `q` the `q`th: nothing for those in it, more than anything for the others; once for the least and once for the most.
const BESIDE: [[i16; 8]; 16] = {
    let mut beside = [[i16::MIN; 8]; 16];
    let mut at = 0;
    while at < 16 * 8 {
        if ((at / 8) >> (at % 4)) & 1 == 0 {
            beside[at / 8][at % 8] = i16::MAX;
        }
        at += 1;
    }
    beside
};

/// The least and the most ticks of several ranges; `u32::MAX` and 0 of none.
fn span(ranges: impl Iterator<Item = [u16; 2]>) -> (u32, u32) {
    let widen =
        |(least, most): (i32, i32), [low, high]: [u16; 2]| (least.min(low.into()), most.max(high.into()));
    let (least, most) = ranges.fold((i32::from(u16::MAX), 0), widen);
    fine(least, most)
}

/// Times between a centre and the points of every chain, the access leg at the centre included, that of the place not.
#[derive(Debug)]
pub struct ChainTimes {
    direction: Direction,
    /// Outward: ticks to the tail of each direction of a chain; towards: ticks from the tail by way of the head.
    tail: Vec<[u32; 2]>,
    /// Least ticks to any point of a chain and most to the worst one, in [`COARSE`] ticks: half as much memory to look through.
    range: Vec<[u16; 2]>,
    /// The centre's own points: chain, direction, ticks from the tail.
    own: Vec<(u32, usize, u32)>,
    access: u32,
}

impl ChainTimes {
    /// Of a ball on the graph that `ends` were made of.
    #[must_use]
    pub fn new(ends: &ChainEnds, ball: &Ball<'_>) -> ChainTimes {
        let (centre, search, direction) = ball.parts();
        let based = centre.arcs.iter().map(|a| (ends.base[a.arc.0 as usize], a.from_tail.0));
        let own = based.filter(|(base, _)| *base != u32::MAX);
        let mut own: Vec<(u32, usize, u32)> =
            own.map(|(base, at)| (base / 2, (base % 2) as usize, at)).collect();
        own.sort_unstable();
        own.dedup();
        let mut more = ends.more.iter().peekable();
        let mut times = |(chain, one): (usize, &[ChainEnd; 2])| {
            let (mut tail, mut range) = ([NEVER; 2], [NEVER; 2]);
            for (d, arc) in one.iter().enumerate() {
                let side = usize::from(direction == Direction::Towards);
                let mut end = search.distance(arc.node[side]);
                while let Some((.., node)) = more.next_if(|m| (m.0 as usize, m.1) == (chain, d)) {
                    end = end.min(search.distance(node[side]));
                }
                if arc.ticks == NEVER {
                    continue;
                }
                let whole = end.saturating_add(arc.ticks);
                tail[d] = if direction == Direction::Outward { end } else { whole };
                range = [range[0].min(end), range[1].min(whole)];
            }
            (tail, coarse(range))
        };
        let (tail, mut range): (Vec<_>, Vec<_>) = ends.one.iter().enumerate().map(&mut times).unzip();
        own.iter().for_each(|(chain, ..)| range[*chain as usize][0] = 0);
        ChainTimes { direction, tail, range, own, access: centre.access.0 }
    }

    /// No point of any of the chains takes less than the first or more than the second; `u32::MAX`: beyond the ball.
    #[must_use]
    pub fn range(&self, chains: &[u32]) -> (u32, u32) {
        span(chains.iter().map(|c| self.range[*c as usize]))
    }

    /// Makes `near` the times of these chains (ascending).
    pub fn narrow(&self, chains: &[u32], near: &mut NearTimes) {
        near.direction = self.direction;
        near.access = self.access;
        near.tail.clear();
        near.tail.extend(chains.iter().map(|c| self.tail[*c as usize]));
        near.range.clear();
        near.range.extend(chains.iter().map(|c| self.range[*c as usize]));
        let own = self.own.iter().filter_map(|(chain, d, at)| {
            chains.binary_search(chain).ok().map(|number| (number as u32, *d, *at))
        });
        near.own.clear();
        near.own.extend(own);
    }
}

/// The times of the chains around a patch, by their number there: a few that are asked again and again.
#[derive(Debug)]
pub struct NearTimes {
    direction: Direction,
    tail: Vec<[u32; 2]>,
    range: Vec<[u16; 2]>,
    own: Vec<(u32, usize, u32)>,
    access: u32,
}

impl Default for NearTimes {
    fn default() -> NearTimes {
        let (tail, range, own) = (Vec::new(), Vec::new(), Vec::new());
        NearTimes { direction: Direction::Outward, tail, range, own, access: 0 }
    }
}

impl NearTimes {
    /// No point of any of a block's chains takes less than the first or more than the second; `u32::MAX`: beyond the ball.
    #[must_use]
    pub fn range(&self, chains: &[ChainOfBlock]) -> (u32, u32) {
        span(chains.iter().map(|c| self.range[c.number() as usize]))
    }

    /// The same for each quarter of the block.
    #[must_use]
    pub fn ranges(&self, chains: &[ChainOfBlock]) -> [(u32, u32); 4] {
        // Eight signed numbers, one instruction each for all: the least of every quarter, and how far the most stay below the top.
        let mut nearest = [i16::MAX; 8];
        for chain in chains {
            let [low, high] = self.range[chain.number() as usize];
            let (low, high) = (signed(low), signed(u16::MAX - high));
            let beside = &BESIDE[chain.quarters() as usize & 15];
            for q in 0..8 {
                let reach = if q < 4 { low } else { high };
                nearest[q] = nearest[q].min(reach.max(beside[q]));
            }
        }
        let steps = |at: usize| i32::from(nearest[at]) - i32::from(i16::MIN);
        std::array::from_fn(|q| fine(steps(q), i32::from(u16::MAX) - steps(q + 4)))
    }

    /// Fills `out` with the ticks between the centre and each of the places; equal to [`Ball::to`] of its snap where that is inside the
    /// ball's limit, beyond the limit or `u32::MAX` where it is not.
    pub fn fill(&self, places: &QuarterPlaces, out: &mut [u32; QUARTER_PLACES]) {
        for (slot, place) in out.iter_mut().zip(places.first()) {
            let road = match self.own.is_empty() {
                true => self.by_tails(&place.foot),
                false => self.on_chain(&place.foot),
            };
            *slot = road.saturating_add(place.access.0);
        }
        for (i, foot) in places.more() {
            let slot = usize::from(*i);
            let there = self.on_chain(foot).saturating_add(places.first()[slot].access.0);
            out[slot] = out[slot].min(there);
        }
    }

    /// By way of a tail of the chain; no chain: never.
    fn by_tails(&self, foot: &ChainFoot) -> u32 {
        let Some(tail) = self.tail.get(foot.chain as usize) else { return NEVER };
        let by = |d: usize| match self.direction {
            Direction::Outward => tail[d].saturating_add(foot.from_tail[d]),
            Direction::Towards if tail[d] == NEVER => NEVER,
            Direction::Towards => tail[d].saturating_sub(foot.from_tail[d]),
        };
        by(0).min(by(1))
    }

    fn on_chain(&self, foot: &ChainFoot) -> u32 {
        let mut best = self.by_tails(foot);
        for &(_, d, at) in self.own.iter().filter(|o| o.0 == foot.chain) {
            let there = foot.from_tail[d];
            let along = match self.direction {
                Direction::Outward => there.checked_sub(at),
                Direction::Towards => at.checked_sub(there),
            };
            if let Some(along) = along.filter(|_| there != NEVER) {
                best = best.min(along.saturating_add(self.access));
            }
        }
        best
    }
}
