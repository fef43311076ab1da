//! Hashes that name an input exactly.

use crate::base::{Fault, Outcome};
use sha2::{Digest, Sha256};
use std::{fs::File, io::Read, path::Path};

/// SHA-256 of `bytes` in lower-case hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// SHA-256 of a file, read in pieces.
///
/// # Errors
/// The file cannot be read.
pub fn sha256_of_file(path: &Path) -> Outcome<String> {
    let mut file = File::open(path).map_err(|e| Fault::file(path, &e))?;
    let (mut hasher, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        let n = file.read(&mut buffer).map_err(|e| Fault::file(path, &e))?;
        if n == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(&buffer[..n]);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
