//! Workbooks; what the reading library aborts on shows here, and in the product in a child.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("roster.xlsx");
    std::fs::write(&path, bytes).expect("a file");
    let frames = caregrid::intake::table_frames(&path).expect("frames in memory");
    // The last frame says that the file was read, or why not.
    assert!(frames.contains(&b'E') || frames.contains(&b'R'));
});
