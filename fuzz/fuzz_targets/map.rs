//! Maps: imported, written as a road file, and loaded again with every index checked.
#![no_main]

use caregrid::base::Silent;
use caregrid::network::{ImportOptions, RoadMap};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, roads) = (folder.path().join("m.osm.pbf"), folder.path().join("m.roads"));
    std::fs::write(&path, bytes).expect("a file");
    if let Ok((map, _)) = RoadMap::import(&path, &ImportOptions::default(), &Silent) {
        map.write(&roads).expect("a road file");
        RoadMap::load(&roads).expect("what was read is a sound road file");
    }
});
