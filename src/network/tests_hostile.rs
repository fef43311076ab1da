//! Maps that lie about themselves end in a sentence with file, blob and cause, or are reported; none is read as a thinner map.

use super::drawing::*;
use super::harvest::reason;
use crate::base::Fault;

fn header_ok() -> Vec<u8> {
    header(&["OsmSchema-V0.6", "DenseNodes"])
}

fn with_block(block: &[u8]) -> Result<(), Fault> {
    import_bytes(&[header_ok(), frame("OSMData", &zlib_blob(block))].concat()).map(|_| ())
}

fn with_blob(blob: &[u8]) -> Result<(), Fault> {
    import_bytes(&[header_ok(), frame("OSMData", blob)].concat()).map(|_| ())
}

/// A block whose only group holds `group`; strings "", "highway", "residential".
fn block(group: &[u8]) -> Vec<u8> {
    let strings = [message(1, b""), message(1, b"highway"), message(1, b"residential")].concat();
    [message(1, &strings), message(2, group)].concat()
}

fn refused(outcome: Result<(), Fault>, words: &str) {
    let fault = outcome.expect_err(words);
    assert!(fault.en.contains(words), "'{}' does not say '{words}'", fault.en);
    assert!(fault.en.contains("drawn.osm.pbf") && fault.zh.contains("drawn.osm.pbf"), "{fault}");
}

fn square() -> Drawing {
    Drawing::grid(3, 3).street(10, &[1, 2, 3, 6, 9, 8, 7, 4, 1])
}

#[test]
fn missing_empty_and_foreign_files() {
    let nowhere = std::path::Path::new("/nowhere/x.osm.pbf");
    let fault =
        super::RoadMap::import(nowhere, &super::ImportOptions::default(), &crate::base::Silent).unwrap_err();
    assert!(fault.en.contains("no such file"), "{fault}");
    refused(import_bytes(b"").map(|_| ()), "empty");
    refused(import_bytes(b"<?xml version='1.0'?><osm/>").map(|_| ()), "not an .osm.pbf");
    refused(import_bytes(&[0; 4096]).map(|_| ()), "not an .osm.pbf");
    refused(import_bytes(&[0xff; 4096]).map(|_| ()), "not an .osm.pbf");
    refused(import_bytes(&header_ok()).map(|_| ()), "no roads");
}

#[test]
fn a_file_cut_at_any_byte_is_refused() {
    let whole = square().bytes();
    let start = header_ok().len();
    for cut in 1..whole.len() {
        let fault = import_bytes(&whole[..cut]).expect_err("a cut file");
        assert!(cut <= start || fault.en.contains("blob 2"), "{cut}: {fault}");
    }
}

#[test]
fn lying_sizes() {
    let content = square().block();
    let z = deflate(&content);
    let sized = |n: u64| with_blob(&[number(2, n), message(3, &z)].concat());
    refused(sized(content.len() as u64 - 1), "raw_size");
    refused(sized(content.len() as u64 + 1), "raw_size");
    refused(sized(33 << 20), "32 MiB");
    refused(sized((-1_i64).cast_unsigned()), "32 MiB");
    refused(with_blob(&message(3, &z)), "raw_size");
    let bomb = vec![0; (32 << 20) + 1];
    refused(with_blob(&[number(2, 32 << 20), message(3, &deflate(&bomb))].concat()), "raw_size");
    for size in [2 << 30, (-1_i64).cast_unsigned()] {
        let file = [header_ok(), lying_frame("OSMData", &zlib_blob(&content), size)].concat();
        refused(import_bytes(&file).map(|_| ()), "32 MiB");
    }
}

#[test]
fn damaged_and_unknown_blobs() {
    let content = square().block();
    let mut z = zlib_blob(&content);
    let middle = z.len() / 2;
    z[middle] ^= 0x55;
    assert!(with_blob(&z).unwrap_err().en.contains("blob 2"));
    refused(with_blob(&[number(2, 5), message(4, b"lzma?")].concat()), "zstd");
    refused(with_blob(&number(2, 5)), "no data");
    let file = [header_ok(), frame("OSMThing", &zlib_blob(&content))].concat();
    refused(import_bytes(&file).map(|_| ()), "neither OSMHeader nor OSMData");
    refused(import_bytes(&frame("OSMData", &zlib_blob(&content))).map(|_| ()), "OSMHeader");
    refused(import_bytes(&header(&["HistoricalInformation"])).map(|_| ()), "HistoricalInformation");
}

/// A zstd frame (RFC 8878) of one raw block with its content size in four bytes.
fn zstd(content: &[u8]) -> Vec<u8> {
    let size = content.len() as u32;
    let block = ((size << 3) | 1).to_le_bytes();
    [&[0x28, 0xB5, 0x2F, 0xFD, 0xA0][..], &size.to_le_bytes(), &block[..3], content].concat()
}

#[test]
fn zstd_blobs_are_read_and_must_tell_the_truth() {
    let content = square().block();
    let packed = zstd(&content);
    let blob = |size: usize, bytes: &[u8]| [number(2, size as u64), message(7, bytes)].concat();
    with_blob(&blob(content.len(), &packed)).unwrap();
    refused(with_blob(&blob(content.len() - 1, &packed)), "raw_size");
    refused(with_blob(&blob(content.len() + 1, &packed)), "raw_size");
    refused(with_blob(&blob(content.len(), &packed[..packed.len() - 2])), "damaged");
    refused(with_blob(&blob(content.len(), &[&packed[..], b"more"].concat())), "follow");
    refused(with_blob(&blob(content.len(), b"nonsense")), "damaged");
}

#[test]
fn the_headers_box_is_read_and_one_that_is_none_is_refused() {
    let degrees = |d: f64| varint(zigzag((d * 1e9) as i64));
    let box_of = |sides: [f64; 4]| -> Vec<u8> {
        let side = |(field, d): (u64, f64)| [varint(field << 3), degrees(d)].concat();
        message(1, &(1..).zip(sides).flat_map(side).collect::<Vec<u8>>())
    };
    let file = |sides: [f64; 4]| {
        let features = ["OsmSchema-V0.6", "DenseNodes"].map(|f| message(4, f.as_bytes())).concat();
        let header = frame("OSMHeader", &zlib_blob(&[box_of(sides), features].concat()));
        [header, frame("OSMData", &zlib_blob(&square().block()))].concat()
    };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("boxed.osm.pbf");
    std::fs::write(&path, file([104.5, 105.5, 36.5, 35.25])).unwrap();
    let bounds = super::RoadMap::header_bounds(&path).unwrap().unwrap();
    assert_eq!((bounds.min.lon, bounds.max.lon, bounds.min.lat, bounds.max.lat), (104.5, 105.5, 35.25, 36.5));
    refused(import_bytes(&file([105.5, 104.5, 36.5, 35.25])).map(|_| ()), "bounding box");
    refused(import_bytes(&file([104.5, 105.5, 136.5, 35.25])).map(|_| ()), "bounding box");
}

#[test]
fn arrays_of_unequal_length() {
    let ones = |n: usize| vec![2_u8; n];
    let dense = |ids: usize, lats: usize, lons: usize, tags: &[u8]| {
        let d = [message(1, &ones(ids)), message(8, &ones(lats)), message(9, &ones(lons)), message(10, tags)]
            .concat();
        with_block(&block(&message(2, &d)))
    };
    refused(dense(3, 2, 3, &[]), "unequal lengths");
    refused(dense(3, 3, 4, &[]), "unequal lengths");
    refused(dense(2, 2, 2, &[1, 2, 0]), "unequal lengths");
    refused(dense(1, 1, 1, &[1, 2]), "unequal lengths");
    refused(dense(1, 1, 1, &[1, 2, 0, 0]), "unequal lengths");
    refused(dense(1, 1, 1, &[1, 9, 0]), "string table");
    let way = |keys: &[u8], values: &[u8]| {
        let w = [number(1, 7), message(2, keys), message(3, values), message(8, &[2, 2])].concat();
        with_block(&block(&message(3, &w)))
    };
    refused(way(&[1, 1], &[2]), "unequal lengths");
    refused(way(&[1], &[77]), "string table");
    refused(way(&[0x80], &[1]), "middle of a field");
}

#[test]
fn hostile_deltas_members_and_empty_groups() {
    let most = varint(zigzag(i64::MAX));
    let ids = [most.clone(), most].concat();
    let d = [message(1, &ids), message(8, &[2, 2]), message(9, &[2, 2])].concat();
    refused(with_block(&block(&message(2, &d))), "overflows");
    let r = [number(1, 1), message(8, &[1]), message(9, &[2]), message(10, &[3])].concat();
    refused(with_block(&block(&message(4, &r))), "unknown type");
    let empty: Vec<u8> = message(2, b"").repeat(15_000);
    refused(with_block(&[message(1, &message(1, b"")), empty].concat()), "no roads");
    refused(with_block(&block(&message(9, b"x"))), "unknown kind");
    refused(with_block(&block(&[0xff; 12])), "64 bits");
}

#[test]
fn text_that_is_not_utf8_keeps_the_later_tags_and_is_counted() {
    let strings: Vec<u8> = [&b""[..], b"highway", b"residential", b"surface", b"\xff\xfe", b"oneway", b"yes"]
        .iter()
        .flat_map(|s| message(1, s))
        .collect();
    let nodes = [message(1, &[2, 2]), message(8, &[0, 0]), message(9, &[0, 200, 1])].concat();
    let way = [number(1, 7), message(2, &[1, 3, 5]), message(3, &[2, 4, 6]), message(8, &[2, 2])].concat();
    let block =
        [message(1, &strings), message(2, &message(2, &nodes)), message(2, &message(3, &way))].concat();
    let file = [header_ok(), frame("OSMData", &zlib_blob(&block))].concat();
    let (map, report) = import_bytes(&file).unwrap();
    let car = super::ModeFile::builtin(crate::base::Mode::Car).unwrap();
    assert_eq!(map.way_speeds(&car)[0].backward_kmh, None, "oneway=yes stands after the bad text");
    assert_eq!(report.rejected[reason::NOT_UTF8], 1);
}

#[test]
fn random_damage_never_panics() {
    let good = square().turn(&[("restriction", "no_left_turn")], 10, 2, 10).bytes();
    let content = square().block();
    let mut random = crate::base::SplitMix64::new(7);
    for _ in 0..2_000 {
        let mut bad = good.clone();
        let at = random.below(bad.len());
        bad[at] = random.next_u64() as u8;
        let _ = import_bytes(&bad);
        let mut inner = content.clone();
        let at = random.below(inner.len());
        inner[at] = random.next_u64() as u8;
        let _ = with_block(&inner);
    }
}
