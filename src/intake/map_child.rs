//! Maps from outside, read in a child that writes a road file; this process maps it and checks every index of it.

use crate::base::{Bounds, Fault, LonLat, Outcome, Progress};
use crate::intake::child::{Frame, Task, Telling, read_in_child, say};
use crate::intake::refusal::Refusal;
use crate::network::{ImportOptions, ImportReport, RoadMap};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// What the child saw, as JSON.
const REPORT: u8 = b'J';

/// What reading a map gives.
#[derive(Debug)]
pub struct MapRead {
    /// The roads.
    pub map: RoadMap,
    /// What was seen of an `.osm.pbf`; all zero for a road file.
    pub report: ImportReport,
    /// The rectangle that the map's header declares; `None` without one, and of road files.
    pub declared: Option<Bounds>,
    /// Peak memory of the child in MiB, where the system tells.
    pub child_peak_mb: Option<u64>,
}

/// As it goes through the pipe.
#[derive(Serialize, Deserialize)]
struct Seen {
    report: ImportReport,
    declared: Option<[f64; 4]>,
    peak_mb: Option<u64>,
}

/// In the child: imports the map at `path` into the road file `words[0]`, clipped to the area `words[1]` if there is one.
///
/// # Errors
/// Nobody listens; the inner refusal: the map cannot be read.
pub(crate) fn send_road_file(
    path: &Path,
    words: &[OsString],
    out: &mut (dyn Write + Send),
) -> io::Result<Result<(), Refusal>> {
    let Some(road_file) = words.first().map(PathBuf::from) else {
        return Err(io::Error::other("no road file is named"));
    };
    let options = ImportOptions { clip: words.get(1).map(PathBuf::from) };
    let telling = Telling { out: Mutex::new(&mut *out) };
    let read = RoadMap::header_bounds(path).and_then(|bounds| {
        let (map, report) = RoadMap::import(path, &options, &telling)?;
        map.write(&road_file)?;
        Ok((report, bounds))
    });
    // The sentences of the map's reader carry its name already.
    let (report, bounds) = match read {
        Ok(read) => read,
        Err(fault) => return Ok(Err(fault.into())),
    };
    let declared = bounds.map(|b| [b.min.lon, b.min.lat, b.max.lon, b.max.lat]);
    say(out, REPORT, &serde_json::to_vec(&Seen { report, declared, peak_mb: peak_mb() })?)?;
    Ok(Ok(()))
}

/// Peak memory of this process in MiB, where the system tells (Linux).
#[must_use]
pub fn peak_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kb| kb / 1024)
}

/// Reads an `.osm.pbf` in a child.
///
/// # Errors
/// The map or the clip area is missing or refused, or the child went beyond its limits.
pub fn import_map(path: &Path, options: &ImportOptions, progress: &dyn Progress) -> Outcome<MapRead> {
    let name = path.display().to_string();
    // Only this account can look into it; it is gone with the value, and the mapped file lives on without a name.
    let folder = tempfile::tempdir().map_err(|e| Fault::file(&std::env::temp_dir(), &e))?;
    let road_file = folder.path().join("map.roads");
    let mut words = vec![road_file.clone().into_os_string()];
    words.extend(options.clip.clone().map(PathBuf::into_os_string));
    let mut seen: Option<Seen> = None;
    read_in_child(Task::Map, path, &words, &name, progress, &mut |Frame { kind, bytes }| {
        (kind == REPORT && seen.is_none()).then_some(())?;
        seen = Some(serde_json::from_slice(&bytes).ok()?);
        Some(())
    })?;
    let Some(seen) = seen else { return Err(Task::Map.broken().of(&name)) };
    let map = RoadMap::load(&road_file)?;
    let place = |lon, lat| LonLat { lon, lat };
    let declared = seen.declared.map(|[w, s, e, n]| Bounds { min: place(w, s), max: place(e, n) });
    let declared = declared.filter(|b| b.min.is_on_earth() && b.max.is_on_earth());
    Ok(MapRead { map, report: seen.report, declared, child_peak_mb: seen.peak_mb })
}

/// Loads a road file, or reads an `.osm.pbf` in a child: decided by the file's first bytes.
///
/// # Errors
/// As [`import_map`]; a damaged road file.
pub fn open_map(path: &Path, progress: &dyn Progress) -> Outcome<MapRead> {
    if RoadMap::is_road_file(path)? {
        let map = RoadMap::load(path)?;
        return Ok(MapRead { map, report: ImportReport::default(), declared: None, child_peak_mb: None });
    }
    import_map(path, &ImportOptions::default(), progress)
}
