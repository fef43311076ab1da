//! The versioned road file: the columns of a [`RoadMap`], each with its hash, read by memory map.
//!
//! Layout, little-endian: magic, version, number of sections; a table of name, offset, length and SHA-256 of each section; the
//! SHA-256 of all that; then the sections, each beginning at a multiple of 64 bytes. The same map gives the same bytes.

use super::column::{Column, FileBytes};
use super::road_map::RoadMap;
use crate::base::{Fault, Outcome};
use bytemuck::Pod;
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;

/// The first bytes of a road file.
const MAGIC: &[u8; 8] = b"caregrid";
/// Raised when the layout or the meaning of a section changes.
const VERSION: u32 = 2;
const ALIGN: usize = 64;
const PREFIX: usize = 16;
const ENTRY: usize = 16 + 8 + 8 + 32;
const HASH: usize = 32;

/// Whether the file begins like a road file.
pub(super) fn is_road_file(path: &Path) -> Outcome<bool> {
    let file = std::fs::File::open(path).map_err(|e| Fault::file(path, &e))?;
    let mut first = Vec::new();
    file.take(8).read_to_end(&mut first).map_err(|e| Fault::file(path, &e))?;
    Ok(first == MAGIC)
}

/// Names and bytes of the sections, in their order in the file.
fn sections(map: &RoadMap) -> [(&'static str, &[u8]); SECTIONS.len()] {
    fn raw<T: Pod>(column: &Column<T>) -> &[u8] {
        bytemuck::cast_slice(column)
    }
    let bytes = [
        raw(&map.at),
        raw(&map.way_id),
        raw(&map.way_set),
        raw(&map.way_whole),
        raw(&map.way_end),
        raw(&map.way_node),
        raw(&map.set_first),
        raw(&map.set_pair),
        raw(&map.string_first),
        raw(&map.string_bytes),
        raw(&map.barrier),
        raw(&map.turn),
        raw(&map.turn_way),
        raw(&map.place),
        raw(&map.order_shape),
        raw(&map.order_node),
    ];
    std::array::from_fn(|i| (SECTIONS[i], bytes[i]))
}

const SECTIONS: [&str; 16] = [
    "node places",
    "way ids",
    "way tag sets",
    "way is whole",
    "way ends",
    "way nodes",
    "tag set firsts",
    "tag set pairs",
    "string firsts",
    "string bytes",
    "barriers",
    "turns",
    "turn ways",
    "places",
    "order shapes",
    "order nodes",
];

/// Writes beside the target and renames, so that a reader never sees half a file.
pub(super) fn write(map: &RoadMap, path: &Path) -> Outcome<()> {
    let sections = sections(map);
    let mut header = Vec::new();
    header.extend_from_slice(MAGIC);
    header.extend_from_slice(&VERSION.to_le_bytes());
    header.extend_from_slice(&(sections.len() as u32).to_le_bytes());
    let mut offset = (PREFIX + sections.len() * ENTRY + HASH).next_multiple_of(ALIGN);
    for (name, bytes) in &sections {
        let mut padded = [0; 16];
        padded[..name.len()].copy_from_slice(name.as_bytes());
        header.extend_from_slice(&padded);
        header.extend_from_slice(&(offset as u64).to_le_bytes());
        header.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        header.extend_from_slice(&Sha256::digest(bytes));
        offset = (offset + bytes.len()).next_multiple_of(ALIGN);
    }
    let hash = Sha256::digest(&header);
    header.extend_from_slice(&hash);
    let draft = path.with_extension("draft");
    let save = || -> std::io::Result<()> {
        let mut file = std::io::BufWriter::new(std::fs::File::create(&draft)?);
        let pad =
            |file: &mut dyn Write, n: usize| file.write_all(&[0; ALIGN][..n.next_multiple_of(ALIGN) - n]);
        file.write_all(&header)?;
        pad(&mut file, header.len())?;
        for (_, bytes) in &sections {
            file.write_all(bytes)?;
            pad(&mut file, bytes.len())?;
        }
        file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        std::fs::rename(&draft, path)
    };
    save().map_err(|e| {
        // What was written so far is of no use; that it cannot be removed changes nothing for the person.
        let _ = std::fs::remove_file(&draft);
        Fault::file(path, &e)
    })
}

/// Loads by memory map: the header's hash, the sections' bounds and every index are checked, contents are not hashed.
pub(super) fn load(path: &Path) -> Outcome<RoadMap> {
    let (file, table) = map_file(path)?;
    let mut next = table.iter();
    let map = RoadMap {
        at: column(path, &file, next.next())?,
        way_id: column(path, &file, next.next())?,
        way_set: column(path, &file, next.next())?,
        way_whole: column(path, &file, next.next())?,
        way_end: column(path, &file, next.next())?,
        way_node: column(path, &file, next.next())?,
        set_first: column(path, &file, next.next())?,
        set_pair: column(path, &file, next.next())?,
        string_first: column(path, &file, next.next())?,
        string_bytes: column(path, &file, next.next())?,
        barrier: column(path, &file, next.next())?,
        turn: column(path, &file, next.next())?,
        turn_way: column(path, &file, next.next())?,
        place: column(path, &file, next.next())?,
        order_shape: column(path, &file, next.next())?,
        order_node: column(path, &file, next.next())?,
    };
    match broken_index(&map) {
        Some(section) => Err(damaged(path, section)),
        None => Ok(map),
    }
}

/// Hashes every section.
pub(super) fn verify(path: &Path) -> Outcome<()> {
    let (file, table) = map_file(path)?;
    for section in &table {
        if Sha256::digest(&file[section.from..section.to])[..] != section.hash {
            return Err(damaged(path, section.name));
        }
    }
    load(path).map(|_| ())
}

/// One line of the table of sections.
struct Section {
    name: &'static str,
    from: usize,
    to: usize,
    hash: [u8; HASH],
}

fn damaged(path: &Path, section: &str) -> Fault {
    let p = path.display();
    Fault::refused(
        format!("{p}：路网文件损坏（{section}），请用 caregrid import 重新生成。"),
        format!("{p}: the road file is damaged ({section}); make it again with caregrid import."),
    )
}

/// The file's bytes and its checked table of sections.
fn map_file(path: &Path) -> Outcome<(FileBytes, Vec<Section>)> {
    let file = std::fs::File::open(path).map_err(|e| Fault::file(path, &e))?;
    // The map is undefined if another process cuts the file while it is open; we only ever replace road files by renaming.
    #[allow(unsafe_code)] // mapping a file has no safe form; loading without it copies hundreds of megabytes
    let bytes = unsafe { memmap2::Mmap::map(&file) }.map_err(|e| Fault::file(path, &e))?;
    let header = || damaged(path, "header");
    if bytes.get(..8).ok_or_else(header)? != MAGIC {
        return Err(header());
    }
    let version = number(&bytes, 8, 4).ok_or_else(header)?;
    if version != u64::from(VERSION) {
        let p = path.display();
        return Err(Fault::refused(
            format!("{p}：路网文件版本为 {version}，本程序只读版本 {VERSION}，请重新导入地图。"),
            format!(
                "{p}: the road file has version {version}, this program reads {VERSION}; import the map again."
            ),
        ));
    }
    let end = PREFIX + SECTIONS.len() * ENTRY;
    let sum = bytes.get(end..end + HASH).ok_or_else(header)?;
    let count = number(&bytes, 12, 4);
    if count != Some(SECTIONS.len() as u64) || Sha256::digest(&bytes[..end])[..] != *sum {
        return Err(header());
    }
    let mut table = Vec::new();
    for (i, name) in SECTIONS.iter().enumerate() {
        let at = PREFIX + i * ENTRY;
        let offset = number(&bytes, at + 16, 8).and_then(|n| usize::try_from(n).ok());
        let length = number(&bytes, at + 24, 8).and_then(|n| usize::try_from(n).ok());
        let (Some(from), Some(length)) = (offset, length) else { return Err(header()) };
        let to =
            from.checked_add(length).filter(|to| *to <= bytes.len()).ok_or_else(|| damaged(path, name))?;
        let mut hash = [0; HASH];
        hash.copy_from_slice(&bytes[at + 32..at + 32 + HASH]);
        table.push(Section { name, from, to, hash });
    }
    Ok((Arc::new(bytes), table))
}

/// A little-endian number of `n` bytes.
fn number(bytes: &[u8], at: usize, n: usize) -> Option<u64> {
    bytes.get(at..at + n).map(|b| b.iter().rev().fold(0, |sum, b| sum << 8 | u64::from(*b)))
}

fn column<T: Pod>(path: &Path, file: &FileBytes, section: Option<&Section>) -> Outcome<Column<T>> {
    let s = section.ok_or_else(|| damaged(path, "header"))?;
    if bytemuck::try_cast_slice::<u8, T>(&file[s.from..s.to]).is_err() {
        return Err(damaged(path, s.name));
    }
    Ok(Column::Mapped(Arc::clone(file), s.from, s.to))
}

/// The first section with an index out of range.
fn broken_index(map: &RoadMap) -> Option<&'static str> {
    let nodes = map.at.len();
    let sets = map.set_first.len().wrapping_sub(1);
    let strings = map.string_first.len().wrapping_sub(1);
    let ascending = |ends: &[u32], total: usize| {
        ends.windows(2).all(|w| w[0] <= w[1]) && ends.last().is_none_or(|e| *e as usize == total)
    };
    let from_zero = |firsts: &[u32], total: usize| firsts.first() == Some(&0) && ascending(firsts, total);
    let ways = map.way_id.len();
    let lengths = [map.way_set.len(), map.way_whole.len(), map.way_end.len()];
    // A way has at least two nodes.
    let steps = map.way_end.first().is_none_or(|e| *e > 1)
        && map.way_end.windows(2).all(|w| w[1].saturating_sub(w[0]) > 1);
    let turns_end = map.turn.last().map_or(0, |t| t[2] as usize);
    let orders = map.order_shape.windows(2).all(|w| w[0][4] <= w[1][4])
        && map.order_shape.last().map_or(0, |s| s[4]) == map.order_node.len() as u64;
    let place_strings = |p: &[i32; 4]| p[2..].iter().all(|s| (s.cast_unsigned() as usize) < strings);
    let checks = [
        (lengths == [ways; 3] && steps && ascending(&map.way_end, map.way_node.len()), "way ends"),
        (map.way_node.iter().all(|n| (*n as usize) < nodes), "way nodes"),
        (map.way_set.iter().all(|s| (*s as usize) < sets), "way tag sets"),
        (from_zero(&map.set_first, map.set_pair.len()), "tag set firsts"),
        (map.set_pair.iter().flatten().all(|s| (*s as usize) < strings), "tag set pairs"),
        (from_zero(&map.string_first, map.string_bytes.len()), "string firsts"),
        (map.barrier.iter().all(|b| (b[0] as usize) < nodes && (b[1] as usize) < sets), "barriers"),
        (
            map.turn.iter().all(|t| (t[0] as usize) < sets && (t[1] == u32::MAX || (t[1] as usize) < nodes)),
            "turns",
        ),
        (map.turn.windows(2).all(|w| w[0][2] <= w[1][2]) && turns_end == map.turn_way.len(), "turn ways"),
        (map.place.iter().all(place_strings), "places"),
        (orders, "order shapes"),
    ];
    checks.iter().find(|(good, _)| !good).map(|(_, section)| *section)
}

#[cfg(test)]
mod tests {
    use super::super::drawing::Drawing;
    use super::*;

    fn drawn() -> RoadMap {
        Drawing::grid(6, 5).way(900, &[1, 7], &[("highway", "track")]).import().0
    }

    #[test]
    fn the_same_map_gives_the_same_bytes_and_comes_back_whole() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a.roads"), folder.path().join("b.roads"));
        drawn().write(&a).unwrap();
        drawn().write(&b).unwrap();
        assert_eq!(std::fs::read(&a).unwrap(), std::fs::read(&b).unwrap());
        RoadMap::verify(&a).unwrap();
        let mut loaded = RoadMap::open(&a, &crate::base::Silent).unwrap();
        let drawn = drawn();
        assert!(sections(&loaded) == sections(&drawn));
        loaded.keep_order([1, 2, 3, 4], &[7, 8]);
        loaded.keep_order([5, 6, 7, 8], &[9]);
        loaded.write(&b).unwrap();
        let kept = RoadMap::open(&b, &crate::base::Silent).unwrap();
        assert_eq!(kept.order_for([1, 2, 3, 4]), Some(&[7, 8][..]));
        assert_eq!(kept.order_for([5, 6, 7, 8]), Some(&[9][..]));
        assert_eq!(kept.order_for([0; 4]), None);
    }

    #[test]
    fn verify_names_the_section_of_a_flipped_byte_and_load_never_panics() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.roads");
        drawn().write(&path).unwrap();
        let good = std::fs::read(&path).unwrap();
        let car = crate::network::ModeFile::builtin(crate::base::Mode::Car).unwrap();
        for at in (0..good.len()).step_by(7) {
            let mut bad = good.clone();
            bad[at] ^= 0x41;
            std::fs::write(&path, &bad).unwrap();
            if let Ok(map) = load(&path) {
                drop(crate::network::RoadGraph::build(&map, &car));
                drop(map.places());
            }
        }
        let first = number(&good, PREFIX + 16, 8).unwrap() as usize;
        let mut bad = good.clone();
        bad[first] ^= 1;
        std::fs::write(&path, &bad).unwrap();
        assert!(RoadMap::verify(&path).unwrap_err().en.contains("node places"));
    }

    #[test]
    fn a_newer_version_and_a_cut_file_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.roads");
        drawn().write(&path).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        assert!(load(&path).unwrap_err().en.contains("damaged"));
        bytes[8] = 9;
        std::fs::write(&path, &bytes).unwrap();
        assert!(load(&path).unwrap_err().en.contains("version 9"));
    }
}
