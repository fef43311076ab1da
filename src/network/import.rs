//! From the blobs of an `.osm.pbf` to a [`RoadMap`].

use super::harvest::{Harvest, Keep, Want, harvest, reason};
use super::pbf::{BlobKind, PbfFile};
use super::road_map::{ImportReport, RoadMap};
use super::tags::Interner;
use crate::base::{Fault, Outcome, Progress};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

/// No place yet.
const NOWHERE: [i32; 2] = [i32::MIN; 2];

/// Reads a map; with `keep`, only what has a node in places that it keeps: memory is then bounded by the area, not by the file.
pub(super) fn import(
    path: &Path,
    keep: Option<Keep<'_>>,
    progress: &dyn Progress,
) -> Outcome<(RoadMap, ImportReport)> {
    let file = PbfFile::open(path)?;
    let harvests = match keep {
        None => read_blobs(&file, &data_blobs(&file), Want::Everything, progress)?,
        Some(keep) => read_area(&file, keep, progress)?,
    };
    let mut draft = Draft::new();
    draft.collect(&harvests);
    let known = locate(&harvests, &draft.wanted, &mut draft.rejected);
    drop(harvests);
    let (map, mut report) = draft.finish(&known);
    report.map_date = map_date(path);
    if map.way_id.is_empty() {
        let p = path.display();
        return Err(Fault::refused(
            format!("{p}：地图中没有道路，请换一份地图。"),
            format!("{p}: the map holds no roads; give another map."),
        ));
    }
    Ok((map, report))
}

/// The replication date in the header block, which the guard has read and found sound.
fn map_date(path: &Path) -> Option<String> {
    let header = osmpbf::BlobReader::from_path(path).ok()?.next()?.ok()?.to_headerblock().ok()?;
    let time = chrono::DateTime::from_timestamp(header.osmosis_replication_timestamp()?, 0)?;
    Some(time.date_naive().to_string())
}

fn data_blobs(file: &PbfFile) -> Vec<usize> {
    (0..file.len()).filter(|b| file.kind(*b) == BlobKind::Data).collect()
}

/// The area's nodes, then the roads that touch them.
fn read_area(file: &PbfFile, keep: Keep<'_>, progress: &dyn Progress) -> Outcome<Vec<Harvest>> {
    let data = data_blobs(file);
    let mut harvests = read_blobs(file, &data, Want::Nodes(keep), progress)?;
    let mut inside: Vec<i64> = harvests.iter().flat_map(|h| h.node_id.iter().copied()).collect();
    inside.par_sort_unstable();
    let with_roads: Vec<usize> =
        data.into_iter().zip(&harvests).filter(|(_, h)| h.has_roads).map(|d| d.0).collect();
    harvests.extend(read_blobs(file, &with_roads, Want::RoadsAt(&inside), progress)?);
    Ok(harvests)
}

fn read_blobs(
    file: &PbfFile,
    data: &[usize],
    want: Want<'_>,
    progress: &dyn Progress,
) -> Outcome<Vec<Harvest>> {
    let done = std::sync::atomic::AtomicU64::new(0);
    let read: Vec<Outcome<Harvest>> = data
        .par_iter()
        .map(|blob| {
            if progress.is_cancelled() {
                return Err(Fault::cancelled());
            }
            let content = file.content(*blob)?;
            let harvest = harvest(&content, want).map_err(|c| file.fault(*blob, c))?;
            let n = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            progress.report("read map", n, data.len() as u64);
            Ok(harvest)
        })
        .collect();
    // The first fault in file order, whichever thread met one first.
    read.into_iter().collect()
}

/// Position of each wanted node, [`NOWHERE`] where the map holds none; the first of two nodes with one id wins.
fn locate(harvests: &[Harvest], wanted: &[i64], rejected: &mut BTreeMap<&'static str, u64>) -> Vec<[i32; 2]> {
    let hits: Vec<Vec<(u32, Option<[i32; 2]>)>> = harvests.par_iter().map(|h| hits(h, wanted)).collect();
    let mut known = vec![NOWHERE; wanted.len()];
    for (at, place) in hits.into_iter().flatten() {
        let slot = &mut known[at as usize];
        match place {
            None => *rejected.entry(reason::OFF_EARTH).or_default() += 1,
            Some(_) if *slot != NOWHERE => *rejected.entry(reason::NODE_TWICE).or_default() += 1,
            Some(p) => *slot = p,
        }
    }
    known
}

/// The wanted nodes of one blob. Ids mostly ascend, so each search starts where the last one ended.
fn hits(h: &Harvest, wanted: &[i64]) -> Vec<(u32, Option<[i32; 2]>)> {
    let (mut found, mut last, mut from) = (Vec::new(), i64::MIN, 0);
    for (id, place) in h.node_id.iter().zip(&h.node_at) {
        if *id < last {
            from = 0;
        }
        last = *id;
        from = gallop(wanted, from, *id);
        if wanted.get(from) == Some(id) {
            found.push((from as u32, *place));
        }
    }
    found
}

/// First position at or after `from` whose value is at least `id`.
fn gallop(sorted: &[i64], from: usize, id: i64) -> usize {
    let (mut low, mut step) = (from, 1);
    while low + step < sorted.len() && sorted[low + step] < id {
        low += step;
        step *= 2;
    }
    let high = sorted.len().min(low + step + 1);
    low + sorted[low..high].partition_point(|x| *x < id)
}

/// The road map while it is put together, in file order.
struct Draft {
    interner: Interner,
    wanted: Vec<i64>,
    way: Vec<(i64, u32, usize)>,
    refs: Vec<i64>,
    barriers: Vec<(i64, u32)>,
    turns: Vec<(u32, Option<i64>, Vec<[i64; 2]>)>,
    places: Vec<[i32; 4]>,
    rejected: BTreeMap<&'static str, u64>,
}

impl Draft {
    fn new() -> Self {
        Draft {
            interner: Interner::new(),
            wanted: Vec::new(),
            way: Vec::new(),
            refs: Vec::new(),
            barriers: Vec::new(),
            turns: Vec::new(),
            places: Vec::new(),
            rejected: BTreeMap::new(),
        }
    }

    fn count(&mut self, reason: &'static str, n: u64) {
        *self.rejected.entry(reason).or_default() += n;
    }

    /// Joins the yields of all blobs, the tag sets renumbered.
    fn collect(&mut self, harvests: &[Harvest]) {
        let mut seen = HashSet::new();
        for h in harvests {
            let set: Vec<u32> = h.sets.iter().map(|s| self.interner.set(s)).collect();
            let mut from = 0;
            for (id, s, end) in &h.ways {
                let refs = &h.refs[from..*end];
                from = *end;
                if !seen.insert(*id) {
                    self.count(reason::WAY_TWICE, 1);
                    continue;
                }
                self.refs.extend_from_slice(refs);
                self.way.push((*id, set[*s as usize], self.refs.len()));
            }
            self.barriers.extend(h.barriers.iter().map(|(id, s)| (*id, set[*s as usize])));
            self.turns.extend(h.turns.iter().map(|t| (set[t.set as usize], t.via, t.ways.clone())));
            for p in &h.places {
                let (name, kind) = (self.interner.string(&p.name), self.interner.string(&p.kind));
                self.places.push([p.at[0], p.at[1], name.cast_signed(), kind.cast_signed()]);
            }
            for (reason, n) in &h.rejected {
                self.count(reason, *n);
            }
        }
        self.wanted = self.refs.clone();
        self.wanted.par_sort_unstable();
        self.wanted.dedup();
    }

    /// Splits ways at holes, drops nodes no way uses, numbers the rest in the order of their ids.
    fn finish(mut self, known: &[[i32; 2]]) -> (RoadMap, ImportReport) {
        let wanted = std::mem::take(&mut self.wanted);
        let slots: Vec<u32> =
            self.refs.par_iter().map(|id| wanted.partition_point(|w| w < id) as u32).collect();
        self.refs = Vec::new();
        let mut report = ImportReport::default();
        let mut lines = Lines::default();
        let (mut from, ways) = (0, std::mem::take(&mut self.way));
        for (id, set, end) in ways {
            let outcome = lines.add(id, set, &slots[from..end], known);
            from = end;
            match outcome {
                Added::Whole => report.ways += 1,
                Added::Clipped => {
                    report.ways += 1;
                    report.clipped_ways += 1;
                }
                Added::Nothing => {
                    report.clipped_ways += 1;
                    self.count(reason::EMPTY_WAY, 1);
                }
                Added::Short => self.count(reason::SHORT_WAY, 1),
            }
        }
        let (at, number) = lines.renumber(known);
        let find = |id: i64| {
            let slot = wanted.binary_search(&id).ok()?;
            Some(number[slot]).filter(|n| *n != u32::MAX)
        };
        let mut barrier: Vec<[u32; 2]> =
            self.barriers.iter().filter_map(|(id, set)| Some([find(*id)?, *set])).collect();
        barrier.sort_unstable();
        barrier.dedup_by_key(|b| b[0]);
        let (mut turn, mut turn_way) = (Vec::new(), Vec::new());
        let mut outside = 0;
        let kept: HashSet<i64> =
            lines.id.iter().copied().filter(|_| self.turns.iter().any(|t| t.1.is_none())).collect();
        for (set, via, ways) in &self.turns {
            let via_ways_kept = || ways.iter().all(|w| w[1] != 2 || kept.contains(&w[0]));
            let node = match via {
                Some(node) => find(*node),
                None => via_ways_kept().then_some(u32::MAX),
            };
            let Some(node) = node else {
                outside += 1;
                continue;
            };
            turn_way.extend_from_slice(ways);
            turn.push([*set, node, turn_way.len() as u32]);
        }
        if outside > 0 {
            self.count(reason::TURN_OUTSIDE, outside);
        }
        report.restrictions = turn.len() as u64;
        report.nodes = at.len() as u64;
        report.rejected = self.rejected.iter().map(|(k, n)| ((*k).to_owned(), *n)).collect();
        let map = RoadMap {
            at: at.into(),
            way_id: lines.id.into(),
            way_set: lines.set.into(),
            way_whole: lines.whole.into(),
            way_end: lines.end.into(),
            way_node: lines.node.into(),
            set_first: self.interner.set_first.into(),
            set_pair: self.interner.set_pair.into(),
            string_first: self.interner.string_first.into(),
            string_bytes: self.interner.string_bytes.into(),
            barrier: barrier.into(),
            turn: turn.into(),
            turn_way: turn_way.into(),
            place: self.places.into(),
            ..RoadMap::default()
        };
        (report.arcs, report.components) = map.arcs_and_components();
        (map, report)
    }
}

/// Ways as unbroken lines; a way with a hole becomes several with one id.
#[derive(Default)]
struct Lines {
    id: Vec<i64>,
    set: Vec<u32>,
    whole: Vec<u8>,
    end: Vec<u32>,
    node: Vec<u32>,
}

enum Added {
    Whole,
    Clipped,
    Nothing,
    Short,
}

impl Lines {
    /// Adds the pieces of a way that lie in the map.
    fn add(&mut self, id: i64, set: u32, slots: &[u32], known: &[[i32; 2]]) -> Added {
        let whole = slots.iter().all(|s| known[*s as usize] != NOWHERE);
        let mut pieces = 0;
        for piece in slots.split(|s| known[*s as usize] == NOWHERE) {
            let start = self.node.len();
            for s in piece {
                if self.node.len() == start || self.node.last() != Some(s) {
                    self.node.push(*s);
                }
            }
            if self.node.len() < start + 2 {
                self.node.truncate(start);
                continue;
            }
            pieces += 1;
            self.id.push(id);
            self.set.push(set);
            self.whole.push(u8::from(whole));
            self.end.push(self.node.len() as u32);
        }
        match (pieces, whole) {
            (0, true) => Added::Short,
            (0, false) => Added::Nothing,
            (_, true) => Added::Whole,
            (_, false) => Added::Clipped,
        }
    }

    /// Replaces slots by node numbers; returns the nodes' places and the number of each slot.
    fn renumber(&mut self, known: &[[i32; 2]]) -> (Vec<[i32; 2]>, Vec<u32>) {
        let mut number = vec![u32::MAX; known.len()];
        for s in &self.node {
            number[*s as usize] = 0;
        }
        let mut at = Vec::new();
        for (n, place) in number.iter_mut().zip(known) {
            if *n == 0 {
                *n = at.len() as u32;
                at.push(*place);
            }
        }
        for s in &mut self.node {
            *s = number[*s as usize];
        }
        (at, number)
    }
}
