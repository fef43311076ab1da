//! Clip areas in GeoJSON, over a sound map.
#![no_main]

use caregrid::base::Silent;
use caregrid::network::{ImportOptions, RoadMap};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, area) = (folder.path().join("m.osm.pbf"), folder.path().join("a.geojson"));
    std::fs::write(&path, include_bytes!("../corpus/map/sound.osm.pbf")).expect("a file");
    std::fs::write(&area, bytes).expect("a file");
    let _ = RoadMap::import(&path, &ImportOptions { clip: Some(area) }, &Silent);
});
