//! Writing a file of the plan folder.

use crate::base::{Fault, Outcome};
use std::path::Path;

/// Writes `bytes` to `path`.
///
/// # Errors
/// The file cannot be written; the sentence names it.
pub(super) fn save(path: &Path, bytes: &[u8]) -> Outcome<()> {
    std::fs::write(path, bytes).map_err(|e| Fault::file(path, &e))
}
