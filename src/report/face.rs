//! The Chinese face of map.png: brought by the program, else one of the system.

use std::path::Path;
use std::sync::OnceLock;

/// Name under which the face is known to the drawing library.
pub(super) const FACE: &str = "cjk";

/// Faces of common systems, best first, each with the number of its simplified-Chinese member (0 for single faces).
const SYSTEM_FACES: [(&str, u32); 14] = [
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/opentype/source-han-sans/SourceHanSansSC-Regular.otf", 0),
    ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0),
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0),
    ("/usr/share/fonts/wqy-microhei/wqy-microhei.ttc", 0),
    ("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf", 0),
    ("/System/Library/Fonts/PingFang.ttc", 0),
    ("/System/Library/Fonts/STHeiti Light.ttc", 0),
    ("C:\\Windows\\Fonts\\msyh.ttc", 0),
    ("C:\\Windows\\Fonts\\simhei.ttf", 0),
    ("C:\\Windows\\Fonts\\simsun.ttc", 0),
];

/// The bytes of a face with Chinese glyphs whose first member is the one to draw with; `None` if there is none.
pub(super) fn cjk_face() -> Option<Vec<u8>> {
    SYSTEM_FACES.iter().find_map(|(path, member)| {
        let bytes = std::fs::read(Path::new(path)).ok()?;
        with_member_first(bytes, *member)
    })
}

/// The drawing library takes the first member of a collection, which is Japanese in Noto's: the collection's table of
/// contents gets the wanted member in front. Other files stay as they are.
fn with_member_first(mut bytes: Vec<u8>, member: u32) -> Option<Vec<u8>> {
    if member > 0 && bytes.starts_with(b"ttcf") {
        let count = u32::from_be_bytes(bytes.get(8..12)?.try_into().ok()?);
        if member < count {
            let from = 12 + 4 * member as usize;
            let offset: [u8; 4] = bytes.get(from..from + 4)?.try_into().ok()?;
            bytes.get_mut(12..16)?.copy_from_slice(&offset);
        }
    }
    Some(bytes)
}

/// Makes the face known to the drawing library, once a process; `false` if there is none.
pub(super) fn is_ready() -> bool {
    static READY: OnceLock<bool> = OnceLock::new();
    *READY.get_or_init(|| {
        let Some(bytes) = cjk_face() else { return false };
        // The library wants a face for the life of the process; it is registered once, so nothing leaks twice.
        let bytes: &'static [u8] = Box::leak(bytes.into_boxed_slice());
        plotters::style::register_font(FACE, plotters::style::FontStyle::Normal, bytes).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wanted_member_of_a_collection_comes_first() {
        let mut file = b"ttcf\0\x01\0\0\0\0\0\x03".to_vec();
        file.extend([0, 0, 0, 10, 0, 0, 0, 20, 0, 0, 0, 30]);
        let turned = with_member_first(file, 2).unwrap();
        assert_eq!(turned[12..16], [0, 0, 0, 30]);
    }
}
