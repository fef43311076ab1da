//! A small writer of OpenStreetMap's PBF format: header, dense nodes, ways, relations, zlib blobs.
//! Format: https://wiki.openstreetmap.org/wiki/PBF_Format. The same map gives the same bytes.

use caregrid::base::LonLat;
use flate2::{Compression, write::ZlibEncoder};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Tags in the order they are written.
pub type Tags = Vec<(&'static str, String)>;

/// A node; ids must ascend.
pub struct Node {
    pub id: i64,
    pub at: LonLat,
    pub tags: Tags,
}

/// A way; ids must ascend.
pub struct Way {
    pub id: i64,
    pub nodes: Vec<i64>,
    pub tags: Tags,
}

/// What a relation's member is.
#[derive(Clone, Copy)]
pub enum Kind {
    Node = 0,
    Way = 1,
}

/// A relation; ids must ascend.
pub struct Relation {
    pub id: i64,
    pub members: Vec<(Kind, i64, &'static str)>,
    pub tags: Tags,
}

/// Objects of one block, well under the format's limit of 32 MiB.
const BLOCK: usize = 8000;

/// Writes a whole map.
pub fn write(
    out: &mut impl Write,
    nodes: &[Node],
    ways: &[Way],
    relations: &[Relation],
    source: &str,
) -> io::Result<()> {
    blob(out, "OSMHeader", &header(nodes, source))?;
    for block in nodes.chunks(BLOCK) {
        blob(out, "OSMData", &node_block(block))?;
    }
    for block in ways.chunks(BLOCK) {
        blob(out, "OSMData", &way_block(block))?;
    }
    for block in relations.chunks(BLOCK) {
        blob(out, "OSMData", &relation_block(block))?;
    }
    Ok(())
}

fn blob(out: &mut impl Write, kind: &str, raw: &[u8]) -> io::Result<()> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(raw)?;
    let mut body = Message::default();
    body.number(2, raw.len() as u64);
    body.bytes(3, &encoder.finish()?);
    let mut head = Message::default();
    head.bytes(1, kind.as_bytes());
    head.number(3, body.0.len() as u64);
    out.write_all(&(head.0.len() as u32).to_be_bytes())?;
    out.write_all(&head.0)?;
    out.write_all(&body.0)
}

fn header(nodes: &[Node], source: &str) -> Vec<u8> {
    let nano = |degrees: f64| (degrees * 1e7).round() as i64 * 100;
    let side = |get: fn(&LonLat) -> f64| {
        let all = nodes.iter().map(|n| get(&n.at));
        let (low, high) = all.fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
        (nano(low), nano(high))
    };
    let ((left, right), (bottom, top)) = (side(|p| p.lon), side(|p| p.lat));
    let mut bbox = Message::default();
    for (field, value) in [(1, left), (2, right), (3, top), (4, bottom)] {
        bbox.number(field, zigzag(value));
    }
    let mut m = Message::default();
    m.bytes(1, &bbox.0);
    m.bytes(4, b"OsmSchema-V0.6");
    m.bytes(4, b"DenseNodes");
    m.bytes(5, b"Sort.Type_then_ID");
    m.bytes(16, b"caregrid sample_county");
    m.bytes(17, source.as_bytes());
    m.0
}

fn node_block(nodes: &[Node]) -> Vec<u8> {
    let mut strings = Strings::default();
    let mut keys_vals = Vec::new();
    for node in nodes {
        for (key, value) in &node.tags {
            keys_vals.extend([strings.index(key), strings.index(value)]);
        }
        keys_vals.push(0);
    }
    let grid = |degrees: f64| (degrees * 1e7).round() as i64;
    let mut dense = Message::default();
    dense.packed(1, &deltas(nodes.iter().map(|n| n.id)));
    dense.packed(8, &deltas(nodes.iter().map(|n| grid(n.at.lat))));
    dense.packed(9, &deltas(nodes.iter().map(|n| grid(n.at.lon))));
    dense.packed(10, &keys_vals);
    let mut group = Message::default();
    group.bytes(2, &dense.0);
    block(&strings, &group)
}

fn way_block(ways: &[Way]) -> Vec<u8> {
    let mut strings = Strings::default();
    let mut group = Message::default();
    for way in ways {
        let mut m = Message::default();
        m.number(1, way.id as u64);
        m.tags(&way.tags, &mut strings);
        m.packed(8, &deltas(way.nodes.iter().copied()));
        group.bytes(3, &m.0);
    }
    block(&strings, &group)
}

fn relation_block(relations: &[Relation]) -> Vec<u8> {
    let mut strings = Strings::default();
    let mut group = Message::default();
    for relation in relations {
        let mut m = Message::default();
        m.number(1, relation.id as u64);
        m.tags(&relation.tags, &mut strings);
        let roles: Vec<u64> = relation.members.iter().map(|(_, _, role)| strings.index(role)).collect();
        m.packed(8, &roles);
        m.packed(9, &deltas(relation.members.iter().map(|(_, id, _)| *id)));
        m.packed(10, &relation.members.iter().map(|(kind, _, _)| *kind as u64).collect::<Vec<_>>());
        group.bytes(4, &m.0);
    }
    block(&strings, &group)
}

fn block(strings: &Strings, group: &Message) -> Vec<u8> {
    let mut table = Message::default();
    table.bytes(1, b"");
    for word in &strings.words {
        table.bytes(1, word.as_bytes());
    }
    let mut m = Message::default();
    m.bytes(1, &table.0);
    m.bytes(2, &group.0);
    m.0
}

/// The string table of a block; index 0 is the empty string that ends a node's tags.
#[derive(Default)]
struct Strings {
    words: Vec<String>,
    known: BTreeMap<String, u64>,
}

impl Strings {
    fn index(&mut self, word: &str) -> u64 {
        if let Some(index) = self.known.get(word) {
            return *index;
        }
        self.words.push(word.to_owned());
        let index = self.words.len() as u64;
        self.known.insert(word.to_owned(), index);
        index
    }
}

/// A protocol buffer message under construction.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn number(&mut self, field: u64, value: u64) {
        self.varint(field << 3);
        self.varint(value);
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn packed(&mut self, field: u64, values: &[u64]) {
        let mut inner = Message::default();
        values.iter().for_each(|v| inner.varint(*v));
        self.bytes(field, &inner.0);
    }

    fn tags(&mut self, tags: &Tags, strings: &mut Strings) {
        let (keys, values): (Vec<u64>, Vec<u64>) =
            tags.iter().map(|(k, v)| (strings.index(k), strings.index(v))).unzip();
        self.packed(2, &keys);
        self.packed(3, &values);
    }
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

fn deltas(values: impl Iterator<Item = i64>) -> Vec<u64> {
    let mut last = 0;
    values.map(|v| zigzag(v - std::mem::replace(&mut last, v))).collect()
}
