//! What one blob of a map yields for the road network, decoded on any thread.

use super::pbf::{Block, Guarded, MemberKind, read_block};
use super::tags::{is_kept, is_restriction};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// Reasons in the import report.
pub(super) mod reason {
    pub const OFF_EARTH: &str = "node off the earth";
    pub const NODE_TWICE: &str = "node listed twice";
    pub const WAY_TWICE: &str = "way listed twice";
    pub const SHORT_WAY: &str = "way with fewer than two different nodes";
    pub const EMPTY_WAY: &str = "way none of whose pieces lies in the map";
    pub const NOT_UTF8: &str = "tag text that is not UTF-8, kept with marks";
    pub const CONDITIONAL: &str = "way with conditional or timed tags, which are not modelled";
    pub const TIMED_TURN: &str = "conditional turn restriction, not modelled";
    pub const ODD_TURN: &str = "turn restriction without a from, a to and either one via node or via ways";
    pub const TURN_OUTSIDE: &str = "turn restriction whose via is on no kept way";
}

/// Tags as text, sorted by key.
pub(super) type OwnedTags = Vec<(String, String)>;

/// A turn restriction.
#[derive(Debug)]
pub(super) struct Turn {
    pub set: u32,
    /// Via node; `None`: via ways.
    pub via: Option<i64>,
    /// Way ids with role 0 (from), 1 (to) or 2 (via).
    pub ways: Vec<[i64; 2]>,
}

/// A named place.
#[derive(Debug)]
pub(super) struct Named {
    pub at: [i32; 2],
    pub name: String,
    pub kind: String,
}

/// Whether a place in 1e-7 degrees is kept.
pub(super) type Keep<'a> = &'a (dyn Fn([i32; 2]) -> bool + Sync);

/// What is asked of a blob. A clipped import asks twice, so that it never holds what lies outside its area.
#[derive(Clone, Copy)]
pub(super) enum Want<'a> {
    Everything,
    /// Nodes and named places that are kept.
    Nodes(Keep<'a>),
    /// Ways with a node among these ids (sorted), and turn restrictions.
    RoadsAt(&'a [i64]),
}

/// The yield of one blob.
#[derive(Debug, Default)]
pub(super) struct Harvest {
    /// The blob holds ways or relations.
    pub has_roads: bool,
    pub node_id: Vec<i64>,
    pub node_at: Vec<Option<[i32; 2]>>,
    pub sets: Vec<OwnedTags>,
    /// Way id, set, end of its refs.
    pub ways: Vec<(i64, u32, usize)>,
    pub refs: Vec<i64>,
    /// Node id and set.
    pub barriers: Vec<(i64, u32)>,
    pub turns: Vec<Turn>,
    pub places: Vec<Named>,
    pub rejected: BTreeMap<&'static str, u64>,
}

/// Text of the block's strings and the sets seen so far.
struct Reader<'a, 'b> {
    block: &'b Block<'a>,
    set_of: HashMap<Vec<(u32, u32)>, u32>,
    out: Harvest,
}

/// Decodes a blob's content.
///
/// # Errors
/// As [`read_block`].
pub(super) fn harvest(content: &[u8], want: Want<'_>) -> Guarded<Harvest> {
    let mut block = read_block(content)?;
    let (mut node_id, mut node_at) =
        (std::mem::take(&mut block.nodes.id), std::mem::take(&mut block.nodes.at));
    let has_roads = !block.ways.is_empty() || !block.relations.is_empty();
    let mut reader =
        Reader { block: &block, set_of: HashMap::new(), out: Harvest { has_roads, ..Harvest::default() } };
    if !matches!(want, Want::RoadsAt(_)) {
        reader.tagged_nodes(&node_id, &node_at);
    }
    match want {
        Want::Everything => {
            reader.ways(None)?;
            reader.turns()?;
        }
        Want::RoadsAt(inside) => {
            (node_id, node_at) = Default::default();
            reader.ways(Some(inside))?;
            reader.turns()?;
        }
        Want::Nodes(keep) => {
            // A node off the earth stays to be counted.
            let kept: Vec<bool> = node_at.iter().map(|at| at.is_none_or(keep)).collect();
            let mut flags = kept.iter();
            node_id.retain(|_| flags.next() == Some(&true));
            let mut flags = kept.iter();
            node_at.retain(|_| flags.next() == Some(&true));
            (node_id, node_at) =
                (node_id.into_boxed_slice().into_vec(), node_at.into_boxed_slice().into_vec());
            reader.out.places.retain(|p| keep(p.at));
        }
    }
    let mut out = reader.out;
    (out.node_id, out.node_at) = (node_id, node_at);
    Ok(out)
}

impl<'a> Reader<'a, '_> {
    fn count(&mut self, reason: &'static str) {
        *self.out.rejected.entry(reason).or_default() += 1;
    }

    fn bytes(&self, string: u32) -> &'a [u8] {
        self.block.strings.get(string as usize).copied().unwrap_or_default()
    }

    fn text(&mut self, string: u32) -> String {
        match String::from_utf8_lossy(self.bytes(string)) {
            Cow::Borrowed(s) => s.to_owned(),
            Cow::Owned(s) => {
                self.count(reason::NOT_UTF8);
                s
            }
        }
    }

    /// The number of the set of the tags whose key passes `keep`.
    fn set(&mut self, tags: impl Iterator<Item = (u32, u32)>, keep: fn(&[u8]) -> bool) -> u32 {
        let kept: Vec<(u32, u32)> = tags.filter(|(k, _)| keep(self.bytes(*k))).collect();
        if let Some(n) = self.set_of.get(&kept) {
            return *n;
        }
        let mut texts: OwnedTags = kept.iter().map(|(k, v)| (self.text(*k), self.text(*v))).collect();
        texts.sort();
        texts.dedup_by(|b, a| a.0 == b.0);
        let n = self.out.sets.len() as u32;
        self.out.sets.push(texts);
        self.set_of.insert(kept, n);
        n
    }

    fn tagged_nodes(&mut self, id: &[i64], at: &[Option<[i32; 2]>]) {
        let nodes = &self.block.nodes;
        for (node, range) in &nodes.tagged {
            let tags = &nodes.tags[range.clone()];
            let (mut barrier, mut place, mut name, mut name_zh) = (false, None, None, None);
            for (k, v) in tags {
                match self.bytes(*k) {
                    b"barrier" => barrier = true,
                    b"place" => place = Some(*v),
                    b"name" => name = Some(*v),
                    b"name:zh" => name_zh = Some(*v),
                    _ => {}
                }
            }
            if barrier {
                let set = self.set(tags.iter().copied(), is_kept);
                self.out.barriers.push((id[*node as usize], set));
            }
            if let (Some(kind), Some(name), Some(at)) = (place, name_zh.or(name), at[*node as usize]) {
                let (name, kind) = (self.text(name), self.text(kind));
                self.out.places.push(Named { at, name, kind });
            }
        }
    }

    /// Ways that carry roads; with `inside` those with a node there.
    fn ways(&mut self, inside: Option<&[i64]>) -> Guarded<()> {
        for way in &self.block.ways {
            let (mut road, mut conditional) = (false, false);
            for (k, v) in way.tags() {
                let key = self.bytes(k);
                road |= key == b"highway" || (key == b"route" && self.bytes(v) == b"ferry");
                conditional |= key.ends_with(b":conditional") || key == b"opening_hours";
            }
            if !road {
                continue;
            }
            let first = self.out.refs.len();
            way.push_refs(&mut self.out.refs)?;
            let meets = |ids: &[i64]| self.out.refs[first..].iter().any(|r| ids.binary_search(r).is_ok());
            if inside.is_some_and(|ids| !meets(ids)) {
                self.out.refs.truncate(first);
                continue;
            }
            if conditional {
                self.count(reason::CONDITIONAL);
            }
            let set = self.set(way.tags(), is_kept);
            let end = self.out.refs.len();
            self.out.ways.push((way.id, set, end));
        }
        Ok(())
    }

    fn turns(&mut self) -> Guarded<()> {
        for relation in &self.block.relations {
            let is_turn =
                relation.tags().any(|(k, v)| self.bytes(k) == b"type" && self.bytes(v) == b"restriction");
            if !is_turn {
                continue;
            }
            let (mut plain, mut timed) = (false, false);
            for (k, _) in relation.tags() {
                let key = self.bytes(k);
                let conditional = key.ends_with(b":conditional");
                timed |= conditional && key.starts_with(b"restriction");
                plain |= !conditional && key.starts_with(b"restriction");
            }
            if timed {
                self.count(reason::TIMED_TURN);
            }
            if !plain {
                continue;
            }
            let (mut nodes, mut odd, mut ways) = (Vec::new(), false, Vec::new());
            for (kind, id, role) in relation.members()? {
                match (kind, self.bytes(role)) {
                    (MemberKind::Node, b"via") => nodes.push(id),
                    (MemberKind::Way, b"via") => ways.push([id, 2]),
                    (_, b"via") => odd = true,
                    (MemberKind::Way, b"from") => ways.push([id, 0]),
                    (MemberKind::Way, b"to") => ways.push([id, 1]),
                    _ => {}
                }
            }
            let has = |role: i64| ways.iter().any(|w| w[1] == role);
            let via = match (nodes.as_slice(), has(2)) {
                ([node], false) => Some(Some(*node)),
                ([], true) => Some(None),
                _ => None,
            };
            match via {
                Some(via) if !odd && has(0) && has(1) => {
                    let set = self.set(relation.tags(), is_restriction);
                    self.out.turns.push(Turn { set, via, ways });
                }
                _ => self.count(reason::ODD_TURN),
            }
        }
        Ok(())
    }
}
