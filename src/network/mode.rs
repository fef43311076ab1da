//! Travel modes: speeds and access as data in `data/modes/`.

use crate::base::{Fault, Mode, Outcome};

/// Speeds, access and barriers of one mode, read from `data/modes/MODE.toml`.
#[derive(Debug, Clone)]
pub struct ModeFile {
    /// Which mode the file describes.
    pub mode: Mode,
    /// The text of the file, kept for `inputs/` and hashes.
    pub text: String,
}

impl ModeFile {
    /// The file shipped with the program.
    ///
    /// # Errors
    /// The shipped file is damaged.
    pub fn builtin(_mode: Mode) -> Outcome<ModeFile> {
        Err(Fault::refused("尚未实现。", "not built yet."))
    }

    /// Reads a mode file; `name` is the file's name for the sentence of an error.
    ///
    /// # Errors
    /// A key is missing, unknown or out of range; the sentence names it.
    pub fn parse(_text: &str, _name: &str) -> Outcome<ModeFile> {
        Err(Fault::refused("尚未实现。", "not built yet."))
    }
}
