//! Our guarded decoder beside the crate osmpbf: on maps that tell the truth both read the same nodes, ways, relations and tags.

use super::drawing::Drawing;
use super::pbf::{BlobKind, MemberKind, PbfFile, read_block};
use osmpbf::{BlobDecode, BlobReader, PrimitiveBlock, RelMemberType};
use std::path::Path;

type Tags = Vec<(String, String)>;

/// All that the road network reads of a block, in file order.
#[derive(Debug, Default, PartialEq)]
struct Content {
    nodes: Vec<(i64, [i32; 2], Tags)>,
    ways: Vec<(i64, Vec<i64>, Tags)>,
    relations: Vec<(Tags, Vec<(u8, i64, String)>)>,
}

fn ours(content: &[u8]) -> Content {
    let block = read_block(content).unwrap();
    let text = |n: u32| String::from_utf8(block.strings[n as usize].to_vec()).unwrap();
    let pairs = |tags: &mut dyn Iterator<Item = (u32, u32)>| -> Tags {
        tags.map(|(k, v)| (text(k), text(v))).collect()
    };
    let mut out = Content::default();
    for (id, at) in block.nodes.id.iter().zip(&block.nodes.at) {
        out.nodes.push((*id, at.unwrap(), Tags::new()));
    }
    for (node, range) in &block.nodes.tagged {
        out.nodes[*node as usize].2 = pairs(&mut block.nodes.tags[range.clone()].iter().copied());
    }
    for way in &block.ways {
        let mut refs = Vec::new();
        way.push_refs(&mut refs).unwrap();
        out.ways.push((way.id, refs, pairs(&mut way.tags())));
    }
    for relation in &block.relations {
        let kind = |k: MemberKind| match k {
            MemberKind::Node => 0,
            MemberKind::Way => 1,
            MemberKind::Relation => 2,
        };
        let members = relation.members().unwrap().into_iter().map(|(k, id, role)| (kind(k), id, text(role)));
        out.relations.push((pairs(&mut relation.tags()), members.collect()));
    }
    out
}

fn theirs(block: &PrimitiveBlock) -> Content {
    let owned = |tags: &mut dyn Iterator<Item = (&str, &str)>| -> Tags {
        tags.map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
    };
    let e7 = |nano: i64| (nano + 50).div_euclid(100) as i32;
    let mut out = Content::default();
    for group in block.groups() {
        for n in group.nodes() {
            out.nodes.push((n.id(), [e7(n.nano_lon()), e7(n.nano_lat())], owned(&mut n.tags())));
        }
        for n in group.dense_nodes() {
            out.nodes.push((n.id(), [e7(n.nano_lon()), e7(n.nano_lat())], owned(&mut n.tags())));
        }
        for w in group.ways() {
            out.ways.push((w.id(), w.refs().collect(), owned(&mut w.tags())));
        }
        for r in group.relations() {
            let kind = |k: RelMemberType| match k {
                RelMemberType::Node => 0,
                RelMemberType::Way => 1,
                RelMemberType::Relation => 2,
            };
            let members =
                r.members().map(|m| (m.role().unwrap().to_owned(), kind(m.member_type), m.member_id));
            let members = members.map(|(role, kind, id)| (kind, id, role));
            out.relations.push((owned(&mut r.tags()), members.collect()));
        }
    }
    out
}

/// Blocks, nodes, ways and relations read alike.
fn compare(path: &Path) -> [usize; 4] {
    let file = PbfFile::open(path).unwrap();
    let data = (0..file.len()).filter(|b| file.kind(*b) == BlobKind::Data);
    let blobs = BlobReader::from_path(path).unwrap().map(|b| b.unwrap());
    let blocks = blobs.filter_map(|b| match b.decode().unwrap() {
        BlobDecode::OsmData(block) => Some(block),
        _ => None,
    });
    let mut sum = [0; 4];
    for (blob, block) in data.zip(blocks) {
        let (ours, theirs) = (ours(&file.content(blob).unwrap()), theirs(&block));
        assert!(ours == theirs, "blob {blob} of {}", path.display());
        let counts = [1, ours.nodes.len(), ours.ways.len(), ours.relations.len()];
        sum.iter_mut().zip(counts).for_each(|(s, n)| *s += n);
    }
    sum
}

#[test]
fn a_drawn_map_is_read_alike() {
    let map = Drawing::grid(4, 3)
        .tag(2, &[("barrier", "gate"), ("name", "大门")])
        .street(10, &[1, 2, 3])
        .street(-11, &[3, 7, 11])
        .turn(&[("restriction", "no_left_turn")], 10, 3, -11);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("drawn.osm.pbf");
    std::fs::write(&path, map.bytes()).unwrap();
    assert_eq!(compare(&path), [1, 12, 2, 1]);
}

#[test]
fn real_maps_are_read_alike() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/osm");
    for name in ["bayfront_singapore", "monaco_2022", "pyrosm_test", "andorra_2021"] {
        let path = folder.join(format!("{name}.osm.pbf"));
        if !path.exists() {
            println!("skipped: there is no map {name} beside this project");
            continue;
        }
        let [blocks, nodes, ways, relations] = compare(&path);
        println!("{name}: {blocks} blocks, {nodes} nodes, {ways} ways, {relations} relations alike");
        assert!(nodes > 0 && ways > 0);
    }
}
