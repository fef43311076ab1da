//! A guarded reader of `.osm.pbf` (<https://wiki.openstreetmap.org/wiki/PBF_Format>): every size, array length and string
//! number is checked before it is used, so a file that lies about itself ends in a sentence and never in a thinner map.

mod blob;
mod block;
mod wire;

pub(in crate::network) use blob::{BlobKind, PbfFile};
pub(in crate::network) use block::{Block, MemberKind, read_block};

/// What is wrong inside a blob, in Chinese and English; file and blob are named by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::network) struct Cause {
    pub zh: &'static str,
    pub en: &'static str,
}

/// Shorthand for a cause.
pub(in crate::network) const fn cause(zh: &'static str, en: &'static str) -> Cause {
    Cause { zh, en }
}

/// A result whose failure is told by the caller with file and blob.
pub(in crate::network) type Guarded<T> = Result<T, Cause>;
