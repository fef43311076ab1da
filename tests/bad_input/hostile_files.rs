//! Files that make libraries fall: maps that lie about themselves, workbooks that ask for more than there is.

use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

/// A protocol-buffer number.
pub fn varint(mut n: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
    out
}

pub fn message(field: u64, bytes: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

pub fn number(field: u64, n: u64) -> Vec<u8> {
    [varint(field << 3), varint(n)].concat()
}

pub fn zlib(content: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(content).unwrap();
    out.finish().unwrap()
}

pub fn blob(content: &[u8]) -> Vec<u8> {
    [number(2, content.len() as u64), message(3, &zlib(content))].concat()
}

pub fn frame(kind: &str, blob: &[u8], size: u64) -> Vec<u8> {
    let head = [message(1, kind.as_bytes()), number(3, size)].concat();
    [&(head.len() as u32).to_be_bytes()[..], &head, blob].concat()
}

pub fn header(features: &[&str]) -> Vec<u8> {
    let content: Vec<u8> = features.iter().flat_map(|f| message(4, f.as_bytes())).collect();
    let blob = blob(&content);
    frame("OSMHeader", &blob, blob.len() as u64)
}

/// A block of five nodes in a line and one residential way along them.
pub fn block() -> Vec<u8> {
    block_of(&[2; 5])
}

/// A block of five nodes, 1 to 5, and one residential way along these deltas of node ids.
pub fn block_of(refs: &[u8]) -> Vec<u8> {
    let strings: Vec<u8> = [&b""[..], b"highway", b"residential", b"oneway", b"yes"]
        .iter()
        .flat_map(|s| message(1, s))
        .collect();
    let ones = [2_u8; 5];
    let steps: Vec<u8> = (0..5).flat_map(|_| varint(2 * 10_000)).collect();
    let nodes = [message(1, &ones), message(8, &steps), message(9, &steps)].concat();
    let way = [number(1, 7), message(2, &[1, 3]), message(3, &[2, 4]), message(8, refs)].concat();
    [message(1, &strings), message(2, &message(2, &nodes)), message(2, &message(3, &way))].concat()
}

/// A sound map of one road.
pub fn map_of(block: &[u8]) -> Vec<u8> {
    let data = blob(block);
    [header(&["OsmSchema-V0.6", "DenseNodes"]), frame("OSMData", &data, data.len() as u64)].concat()
}

fn with_group(group: &[u8]) -> Vec<u8> {
    map_of(&[message(1, &message(1, b"x").repeat(3)), message(2, group)].concat())
}

/// Maps that must be refused, each with a word of its sentence.
pub fn maps() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let ok = header(&["OsmSchema-V0.6", "DenseNodes"]);
    let with = |rest: Vec<u8>| [ok.clone(), rest].concat();
    let data = |b: Vec<u8>| with(frame("OSMData", &b, b.len() as u64));
    let sized = |n: u64| data([number(2, n), message(3, &zlib(&block()))].concat());
    let dense = |ids: &[u8], lats: &[u8], lons: &[u8], tags: &[u8]| {
        with_group(&message(
            2,
            &[message(1, ids), message(8, lats), message(9, lons), message(10, tags)].concat(),
        ))
    };
    let far = varint(u64::MAX - 1);
    let whole = map_of(&block());
    let relation = [number(1, 1), message(8, &[0]), message(9, &[2]), message(10, &[3])].concat();
    vec![
        ("empty file", Vec::new(), "empty"),
        ("no header", frame("OSMData", &blob(&block()), blob(&block()).len() as u64), "OSMHeader"),
        ("another format", b"<?xml version='1.0'?><osm/>".to_vec(), "not an .osm.pbf"),
        ("cut in a blob", whole[..whole.len() - 9].to_vec(), "blob 2"),
        (
            "block past 32 MiB",
            data([number(2, 32 << 20), message(3, &zlib(&vec![0; (32 << 20) + 1]))].concat()),
            "raw_size",
        ),
        ("raw_size too small", sized(block().len() as u64 - 1), "raw_size"),
        ("raw_size of 4 GB", sized(4 << 30), "32 MiB"),
        ("datasize of 2 GB", with(frame("OSMData", &blob(&block()), 2 << 30)), "32 MiB"),
        ("negative datasize", with(frame("OSMData", &blob(&block()), u64::MAX)), "32 MiB"),
        (
            "unknown blob type",
            with(frame("OSMThing", &blob(&block()), blob(&block()).len() as u64)),
            "neither",
        ),
        ("unknown required feature", header(&["HistoricalInformation"]), "HistoricalInformation"),
        ("dense arrays of unequal length", dense(&[2, 2, 2], &[2, 2], &[2, 2, 2], &[]), "unequal"),
        ("unterminated keys_vals", dense(&[2], &[2], &[2], &[1, 1]), "unequal"),
        ("string id out of range", dense(&[2], &[2], &[2], &[9, 9, 0]), "string"),
        ("delta overflow", dense(&[far.clone(), far].concat(), &[2, 2], &[2, 2], &[]), "overflow"),
        ("member of an unknown type", with_group(&message(4, &relation)), "unknown type"),
        ("30 KB of empty groups", map_of(&message(2, b"").repeat(15_000)), "no roads"),
        ("lzma blob", data([number(2, 5), message(4, b"lzma?")].concat()), "zstd"),
        ("damaged zlib", data([number(2, 50), message(3, &[0x78, 0x9c, 1, 2, 3])].concat()), "blob 2"),
        (
            "damaged zstd",
            data([number(2, 50), message(7, &[0x28, 0xB5, 0x2F, 0xFD, 9, 9])].concat()),
            "damaged",
        ),
    ]
}

const TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;
const RELS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const BOOK_RELS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;

/// A workbook of one sheet with this sheet data and string table; `pad` bytes of `a` go into the place of `{PAD}`.
pub fn workbook(rows: &str, strings: &str, pad: usize) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let sheet = format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
    );
    for (name, text) in [
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", RELS),
        ("xl/workbook.xml", BOOK),
        ("xl/_rels/workbook.xml.rels", BOOK_RELS),
        ("xl/worksheets/sheet1.xml", &sheet),
        ("xl/sharedStrings.xml", strings),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        match text.split_once("{PAD}") {
            None => zip.write_all(text.as_bytes()).unwrap(),
            Some((before, after)) => {
                zip.write_all(before.as_bytes()).unwrap();
                let chunk = vec![b'a'; 1 << 20];
                for at in (0..pad).step_by(1 << 20) {
                    zip.write_all(&chunk[..(pad - at).min(1 << 20)]).unwrap();
                }
                zip.write_all(after.as_bytes()).unwrap();
            }
        }
    }
    zip.finish().unwrap().into_inner()
}

pub const STRINGS: &str = r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="1" uniqueCount="1"><si><t>id</t></si></sst>"#;

fn inline(at: &str, text: &str) -> String {
    format!(r#"<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

/// A sound roster of two people.
pub fn roster() -> Vec<u8> {
    let row = |n: u32, cells: [&str; 3]| {
        let cell = |(c, t): (char, &&str)| inline(&format!("{c}{n}"), t);
        format!(r#"<row r="{n}">{}</row>"#, ('A'..).zip(&cells).map(cell).collect::<String>())
    };
    let rows = [
        row(1, ["id", "name", "category"]),
        row(2, ["K1", "王某福", "孤儿"]),
        row(3, ["K2", "李某贵", "孤儿"]),
    ];
    workbook(&rows.concat(), STRINGS, 0)
}

/// A workbook of one cell of 300 MB: its reader unpacks it and then meets its memory limit.
pub fn slow_workbook() -> Vec<u8> {
    workbook(&format!(r#"<row r="1">{}</row>"#, inline("A1", "{PAD}")), STRINGS, 300 << 20)
}

/// Rosters that must be refused or listed, each with the ending of its name.
pub fn rosters() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let many = STRINGS.replace(r#"uniqueCount="1""#, r#"uniqueCount="4294967295""#);
    let corners = format!(
        r#"<row r="1">{}</row><row r="1048576">{}</row>"#,
        inline("A1", "id"),
        inline("XFD1048576", "x")
    );
    let beyond = format!(r#"<row r="4294967295">{}</row>"#, inline("ZZZZZZ4294967295", "x"));
    let long = format!(r#"<row r="1">{}</row>"#, inline("A1", "{PAD}"));
    let cut = roster();
    let mut torn = roster();
    torn[60] ^= 0x55;
    let quote = format!("id,name,category\nK1,\"王某福,孤儿\n{}", "K2,李某贵,孤儿\n".repeat(3_000_000));
    vec![
        ("two far corner cells", "xlsx", workbook(&corners, STRINGS, 0)),
        ("cells beyond the sheet", "xlsx", workbook(&beyond, STRINGS, 0)),
        ("uniqueCount 4294967295", "xlsx", workbook("", &many, 0)),
        ("1 GB inline string", "xlsx", workbook(&long, STRINGS, 1 << 30)),
        ("300 MB inline string", "xlsx", slow_workbook()),
        ("cut workbook", "xlsx", cut[..cut.len() / 2].to_vec()),
        ("torn workbook", "xlsx", torn),
        ("zip without a workbook", "xlsx", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec()),
        (
            "old .xls or password",
            "xls",
            [&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1][..], &[0; 4096]].concat(),
        ),
        (
            "password under .xlsx",
            "xlsx",
            [&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1][..], &[0; 4096]].concat(),
        ),
        (".ods", "ods", b"PK\x03\x04\x14\0\0\0\0\0mimetypeapplication/vnd.oasis".to_vec()),
        (".xlsb", "xlsb", b"PK\x03\x04\x14\0\0\0\0\0xl/workbook.bin".to_vec()),
        ("empty workbook", "xlsx", Vec::new()),
        ("unclosed quote in 50 MB", "csv", quote.into_bytes()),
        (
            "binary under .csv",
            "csv",
            (0..200_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect(),
        ),
        ("workbook under .csv", "csv", roster()),
        ("PDF under .csv", "csv", b"%PDF-1.7 ...".to_vec()),
        ("one line of 50 MB", "csv", vec![b'a'; 50 << 20]),
        ("50 MB of separators", "csv", vec![b','; 50 << 20]),
        ("no header", "csv", b"1,2,3\n4,5,6\n".to_vec()),
    ]
}

/// Areas that must be refused.
pub fn areas() -> Vec<(&'static str, &'static str)> {
    vec![
        ("line of one number", r#"{"type":"LineString","coordinates":[[1]]}"#),
        ("polygon of one number", r#"{"type":"Polygon","coordinates":[[[1]]]}"#),
        ("no JSON", "area"),
        ("deep nesting", "[[[[[[[["),
        (
            "coordinates off the earth",
            r#"{"type":"Polygon","coordinates":[[[1e300,1],[2,2],[3,1e309],[1,1]]]}"#,
        ),
        ("empty collection", r#"{"type":"FeatureCollection","features":[]}"#),
    ]
}
