//! Forbidden turns, forbidden paths and roads open at their ends only: drawn maps, and random ones against the definition.

use super::drawing::*;
use super::graph::RoadLay;
use crate::base::{LonLat, Metres, Mode, Ticks};
use crate::network::{ModeFile, RoadGraph, Snap, SnapIndex, SnapRules};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn car() -> ModeFile {
    ModeFile::builtin(Mode::Car).unwrap()
}

const STREET: (&str, &str) = ("highway", "residential");

/// Ticks between two places in steps of the drawn grid.
fn between(drawing: &Drawing, mode: Mode, from: (f64, f64), to: (f64, f64)) -> Option<u32> {
    let map = drawing.import().0;
    let graph = RoadGraph::build(&map, &ModeFile::builtin(mode).unwrap()).unwrap();
    let index =
        SnapIndex::build(&map, &graph, SnapRules { least_component_nodes: 1, ..SnapRules::default() }, &[]);
    let at =
        |(x, y): (f64, f64)| LonLat { lon: 105.0 + x * STEP_M / 111_319.49, lat: y * STEP_M / 110_574.27 };
    journey(&graph, &index.snap(at(from))?, &index.snap(at(to))?).map(|t| t.0)
}

/// ```text
/// 5   6 - 7   8      2 - 3 is for residents; the way round is 2 - 6 - 7 - 3
///     |   |
/// 1 - 2 = 3 - 4      100 m are 144 ticks
/// ```
#[test]
fn roads_open_at_the_ends_are_left_and_reached_but_not_crossed() {
    for tag in [("access", "residents"), ("vehicle", "residents"), ("motorcar", "delivery")] {
        let map = Drawing::grid(4, 2)
            .street(10, &[1, 2])
            .way(11, &[2, 3], &[STREET, tag])
            .street(12, &[3, 4])
            .street(13, &[2, 6, 7, 3]);
        assert_eq!(map.ticks(&car(), 1, 4), Some(5 * 144), "{tag:?}: not crossed");
        let (west, inside, east) = ((0.0, 0.0), (1.5, 0.0), (3.0, 0.0));
        assert_eq!(between(&map, Mode::Car, west, inside), Some(144 + 72), "{tag:?}: reached");
        assert_eq!(between(&map, Mode::Car, inside, east), Some(72 + 144), "{tag:?}: left");
        assert_eq!(between(&map, Mode::Car, inside, west), Some(72 + 144), "{tag:?}: left the other way");
        assert_eq!(between(&map, Mode::Car, (1.2, 0.0), (1.8, 0.0)), Some(86), "{tag:?}: inside");
    }
}

/// ```text
/// 5   6 - 7 = 8      3 = 4 and 7 = 8 are private and quick, 4 - 8 is a street behind them
///     |       |
/// 1 - 2 - 3 = 4
/// ```
#[test]
fn a_street_behind_private_roads_is_reached_through_them_and_not_crossed() {
    let private = [STREET, ("access", "residents"), ("maxspeed", "80")];
    let map = Drawing::grid(4, 2)
        .street(10, &[1, 2, 3])
        .street(11, &[2, 6, 7])
        .way(12, &[3, 4], &private)
        .street(13, &[4, 8])
        .way(14, &[7, 8], &private);
    assert_eq!(map.ticks(&car(), 1, 8), Some(288 + 56 + 144), "100 m at 64 km/h are 56 ticks");
    let round = between(&map, Mode::Car, (1.9, 0.0), (1.9, 1.0)).unwrap();
    assert!((402..=404).contains(&round), "{round}: by 2 and 6, not 285 ticks through");
    assert_eq!(map.ticks(&car(), 8, 4), Some(144));
}

/// Where a county opens private roads at the ends and caps them, 15 km/h hold whatever is posted: 100 m are 240 ticks.
#[test]
fn roads_open_at_the_ends_keep_to_their_cap() {
    let posted = [STREET, ("access", "private"), ("maxspeed", "50")];
    let map = Drawing::grid(3, 1).street(10, &[1, 2]).way(11, &[2, 3], &posted);
    assert_eq!(map.ticks(&car(), 1, 3), Some(144 + 720), "closed as shipped: the last 100 m are walked");
    let mut own = car();
    let access = &mut own.rules.access;
    access.denied.retain(|value| value != "private");
    access.ends_only.push("private".into());
    access.ends_only_cap.insert("private".into(), 15.0);
    assert_eq!(map.ticks(&own, 1, 3), Some(144 + 240));
}

#[test]
fn a_private_region_with_one_door_makes_no_copies() {
    let map = Drawing::grid(3, 1)
        .street(10, &[1, 2])
        .way(11, &[2, 3], &[STREET, ("access", "residents")])
        .import()
        .0;
    let graph = RoadGraph::build(&map, &car()).unwrap();
    assert_eq!((graph.nodes(), graph.arcs()), (3, 4));
}

/// ```text
/// 7 - 8 - 9     from 10 = 1-2, via 12 = 2-5-8, to 11 = 8-7
///     |
///     5
///     |
/// 1 - 2 - 3
/// ```
fn letter_h() -> Drawing {
    Drawing::grid(3, 3)
        .street(10, &[1, 2])
        .street(11, &[8, 7])
        .street(12, &[2, 5, 8])
        .street(13, &[2, 3])
        .street(14, &[8, 9])
}

#[test]
fn a_path_via_a_way_is_forbidden_only_as_a_whole() {
    let no = letter_h().turn_via_way(&[("restriction", "no_u_turn")], 10, 12, 11);
    let (free, round) = (Some(4 * 144), Some(6 * 144));
    assert_eq!(letter_h().ticks(&car(), 1, 7), free);
    assert_eq!(no.ticks(&car(), 1, 7), round, "by 9 or 3 and back");
    assert_eq!(no.ticks(&car(), 3, 7), free, "from another way");
    assert_eq!(no.ticks(&car(), 1, 9), free, "to another way");
    assert_eq!(between(&no, Mode::Car, (1.0, 0.5), (0.0, 2.0)), Some(216 + 144), "from the via way itself");
    assert_eq!(no.import().1.restrictions, 1);
    let except = letter_h().turn_via_way(&[("restriction", "no_u_turn"), ("except", "bicycle")], 10, 12, 11);
    let ebike = ModeFile::builtin(Mode::Ebike).unwrap();
    assert_eq!(except.ticks(&ebike, 1, 7), letter_h().ticks(&ebike, 1, 7));
    assert_eq!(except.ticks(&car(), 1, 7), round);
}

#[test]
fn an_only_path_via_a_way_is_demanded_step_by_step() {
    let only = letter_h().turn_via_way(&[("restriction", "only_left_turn")], 10, 12, 11);
    assert_eq!(only.ticks(&car(), 1, 7), Some(4 * 144));
    assert_eq!(only.ticks(&car(), 1, 9), Some(6 * 144), "first to 7, round there");
    assert_eq!(only.ticks(&car(), 1, 3), Some(8 * 144), "first to 7, then all the way back");
    assert_eq!(only.ticks(&car(), 3, 9), Some(4 * 144), "from another way");
}

#[test]
fn a_restriction_via_a_way_that_the_map_lacks_is_counted() {
    let (_, report) = letter_h().turn_via_way(&[("restriction", "no_u_turn")], 10, 99, 11).import();
    assert_eq!(report.restrictions, 0);
    assert_eq!(report.rejected[super::harvest::reason::TURN_OUTSIDE], 1);
}

/// A random map: streets between nodes of a small grid, restrictions among them.
#[derive(Debug, Clone)]
struct World {
    /// Ends (one number twice: a loop), speed, oneway, ends-only.
    streets: Vec<(i64, i64, u8, u8, bool)>,
    /// `only` or `no`, about turning round; from, via way if any, to, and via node.
    turns: Vec<(bool, bool, usize, Option<usize>, usize, i64)>,
}

const NODES: i64 = 8;

fn world() -> impl Strategy<Value = World> {
    let street = (1..=NODES, 1..=NODES, 0..3_u8, 0..4_u8, prop::bool::weighted(0.25));
    let turn =
        (any::<bool>(), any::<bool>(), 0..12_usize, prop::option::of(0..12_usize), 0..12_usize, 1..=NODES);
    (prop::collection::vec(street, 1..12), prop::collection::vec(turn, 0..6))
        .prop_map(|(streets, turns)| World { streets, turns })
}

impl World {
    fn ends_only(&self) -> bool {
        self.streets.iter().any(|s| s.4)
    }

    /// Nodes 7 and 8 stand on one point: roads between them have no length.
    fn draw(&self) -> Drawing {
        let place = |n: i64| ((n.min(7) % 3) as f64, (n.min(7) / 3) as f64);
        let mut map = (1..=NODES).fold(Drawing::default(), |d, n| d.node(n, place(n).0, place(n).1, &[]));
        for (i, (a, b, speed, oneway, private)) in self.streets.iter().enumerate() {
            let (id, inner) = (i as i64, 100 + i as i64);
            map = map.node(inner, place(*a).0 + 0.3, place(*a).1 + 0.2, &[]);
            let nodes = if a == b { vec![*a, inner, *a] } else { vec![*a, *b] };
            let mut tags = vec![STREET, ("maxspeed", ["20", "50", "90"][*speed as usize])];
            tags.extend([("oneway", ["no", "yes", "-1", "no"][*oneway as usize])]);
            tags.extend(private.then_some(("access", "residents")));
            map = map.way(id, &nodes, &tags);
        }
        let kind = |only: bool, round: bool| match (only, round) {
            (true, false) => "only_left_turn",
            (true, true) => "only_u_turn",
            (false, false) => "no_left_turn",
            (false, true) => "no_u_turn",
        };
        let way = |s: usize| (s % self.streets.len()) as i64;
        for (only, round, from, via_way, to, via) in &self.turns {
            let tags = [("restriction", kind(*only, *round))];
            map = match via_way {
                Some(w) => map.turn_via_way(&tags, way(*from), way(*w), way(*to)),
                None => map.turn(&tags, way(*from), *via, way(*to)),
            };
        }
        map
    }

    fn street(&self, s: usize) -> usize {
        s % self.streets.len()
    }
}

/// The definition, on directed streets: `2s` runs from the first end of street `s`, `2s + 1` back.
struct Law<'w> {
    world: &'w World,
    /// Chain of each street, and whether a journey may only begin or end on it.
    chain: Vec<u32>,
    ends_only: Vec<bool>,
    lay: &'w RoadLay,
}

impl<'w> Law<'w> {
    fn new(world: &'w World, lay: &'w RoadLay, way_of: impl Fn(u32) -> i64) -> Self {
        let mut chain = vec![0; world.streets.len()];
        lay.chains.iter().enumerate().for_each(|(c, x)| chain[way_of(x.way) as usize] = c as u32);
        let mut law = Law { world, chain, ends_only: Vec::new(), lay };
        law.ends_only = law.classes();
        law
    }

    fn ends(&self, arc: usize) -> (i64, i64) {
        let (a, b, ..) = self.world.streets[arc / 2];
        if arc % 2 == 0 { (a, b) } else { (b, a) }
    }

    fn ticks(&self, arc: usize) -> Option<u32> {
        self.lay.chains[self.chain[arc / 2] as usize].ticks(arc % 2)
    }

    fn from(&self, node: i64) -> impl Iterator<Item = usize> {
        (0..2 * self.world.streets.len()).filter(move |a| self.ends(*a).0 == node && self.ticks(*a).is_some())
    }

    /// Sets of nodes joined by the streets chosen, by their lowest node.
    fn parts(&self, chosen: impl Fn(usize) -> bool) -> BTreeMap<i64, BTreeSet<i64>> {
        let mut parts: Vec<BTreeSet<i64>> = Vec::new();
        for (s, street) in self.world.streets.iter().enumerate().filter(|(s, _)| chosen(*s)) {
            let mut joined = BTreeSet::from([street.0, street.1]);
            joined.extend((street.0 == street.1).then_some(1000 + s as i64)); // the node within a loop
            let (touching, rest): (Vec<_>, Vec<_>) = parts.into_iter().partition(|p| !p.is_disjoint(&joined));
            joined.extend(touching.into_iter().flatten());
            parts = rest;
            parts.push(joined);
        }
        parts.into_iter().filter_map(|p| Some((*p.first()?, p))).collect()
    }

    /// All but the largest network of public streets lies behind private ones; regions with one door cannot be crossed anyway.
    fn classes(&self) -> Vec<bool> {
        let streets = &self.world.streets;
        if !self.world.ends_only() {
            return vec![false; streets.len()];
        }
        let public = self.parts(|s| !streets[s].4);
        let most = public.values().map(BTreeSet::len).max().unwrap_or(0);
        let main = public.into_values().find(|p| p.len() == most).unwrap_or_default();
        let behind: Vec<bool> = streets.iter().map(|s| s.4 || !main.contains(&s.0)).collect();
        let doors: BTreeSet<i64> =
            streets.iter().zip(&behind).filter(|(_, b)| !**b).flat_map(|(s, _)| [s.0, s.1]).collect();
        let regions = self.parts(|s| behind[s]);
        let region = |s: usize| regions.values().find(|r| r.contains(&streets[s].0)).unwrap();
        (0..streets.len()).map(|s| behind[s] && region(s).intersection(&doors).count() > 1).collect()
    }

    /// Whole paths that a restriction names.
    fn named(&self, turn: &(bool, bool, usize, Option<usize>, usize, i64)) -> Vec<Vec<usize>> {
        let (_, round, from, via_way, to, via) = *turn;
        let (from, to) = (self.world.street(from), self.world.street(to));
        let mut paths = Vec::new();
        for entry in [2 * from, 2 * from + 1].into_iter().filter(|a| self.ticks(*a).is_some()) {
            for next in self.from(self.ends(entry).1) {
                match via_way.map(|w| self.world.street(w)) {
                    None if self.ends(entry).1 == via && next / 2 == to => {
                        if from != to || (next == entry ^ 1) == round {
                            paths.push(vec![entry, next]);
                        }
                    }
                    Some(w) if w != from && next / 2 == w && next != entry ^ 1 => {
                        let exits = self.from(self.ends(next).1).filter(|x| x / 2 == to && *x != next ^ 1);
                        paths.extend(exits.map(|x| vec![entry, next, x]));
                    }
                    _ => {}
                }
            }
        }
        paths
    }

    fn allows(
        &self,
        no: &BTreeSet<Vec<usize>>,
        only: &BTreeSet<Vec<usize>>,
        driven: &[usize],
        next: usize,
    ) -> bool {
        (1..=driven.len().min(2)).all(|n| {
            let tail = &driven[driven.len() - n..];
            let path = [tail, &[next]].concat();
            let mut demands = only.iter().filter(|o| o.len() > n && o.starts_with(tail)).peekable();
            !no.contains(&path) && (demands.peek().is_none() || demands.any(|o| o[n] == next))
        })
    }

    /// The quickest journey from the middle of one street to the middle of another.
    fn journey(&self, from: usize, to: usize) -> Option<u32> {
        let of_kind = |wanted: bool| -> BTreeSet<Vec<usize>> {
            self.world.turns.iter().filter(|t| t.0 == wanted).flat_map(|t| self.named(t)).collect()
        };
        let (no, only) = (of_kind(false), of_kind(true));
        let middle = |arc: usize| self.middle(arc);
        let mut best = (from == to).then_some(0);
        let mut open = BTreeSet::new();
        for arc in [2 * from, 2 * from + 1] {
            if let Some(ticks) = self.ticks(arc) {
                open.insert((ticks - middle(arc), vec![arc], u8::from(!self.ends_only[from])));
            }
        }
        let mut done = BTreeSet::new();
        while let Some((ticks, driven, part)) = open.pop_first() {
            if !done.insert((driven.clone(), part)) {
                continue;
            }
            let last = driven[driven.len() - 1];
            for next in self.from(self.ends(last).1).filter(|n| self.allows(&no, &only, &driven, *n)) {
                let part = match (part, self.ends_only[next / 2]) {
                    (0, true) => 0,
                    (0 | 1, false) => 1,
                    (_, true) => 2,
                    _ => continue,
                };
                if next / 2 == to {
                    best = Some(best.unwrap_or(u32::MAX).min(ticks + middle(next)));
                }
                open.insert((ticks + self.ticks(next).unwrap(), vec![last, next], part));
            }
        }
        best
    }

    /// Ticks from the start of a directed street to its middle.
    fn middle(&self, arc: usize) -> u32 {
        let chain = &self.lay.chains[self.chain[arc / 2] as usize];
        chain.ticks_to(arc % 2, chain.end_m / 2.0).min(self.ticks(arc).unwrap())
    }

    fn snap(&self, street: usize) -> Snap {
        let chain = self.chain[street];
        let arcs = self.lay.arcs_at(chain, self.lay.chains[chain as usize].end_m / 2.0).collect();
        Snap { arcs, access: Ticks(0), distance: Metres(0.0), at: LonLat::default(), component: 0 }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// One-ways, streets without length, parallel streets, loops, islands, `no` and `only` via nodes and ways, ends-only roads.
    #[test]
    fn journeys_on_random_maps_follow_the_definition(world in world(), pairs in prop::collection::vec((any::<usize>(), any::<usize>()), 1..4)) {
        let map = world.draw().import().0;
        let graph = RoadGraph::build(&map, &car()).unwrap();
        let law = Law::new(&world, &graph.lay, |way| map.way_id[way as usize]);
        for (from, to) in pairs {
            let (from, to) = (world.street(from), world.street(to));
            let found = journey(&graph, &law.snap(from), &law.snap(to)).map(|t| t.0);
            prop_assert_eq!(found, law.journey(from, to), "street {} to street {}", from, to);
        }
    }
}
