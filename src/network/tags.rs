//! Which tags are kept, and sets of them, each distinct set once.

use std::collections::HashMap;

/// Keys that decide about a way or a barrier in some mode; all else is left in the map. Sorted.
const KEPT: [&str; 40] = [
    "access",
    "area",
    "barrier",
    "bicycle",
    "bicycle_road",
    "cycleway",
    "cycleway:both",
    "cycleway:left",
    "cycleway:right",
    "duration",
    "foot",
    "ford",
    "highway",
    "junction",
    "maxspeed",
    "maxspeed:backward",
    "maxspeed:forward",
    "maxspeed:type",
    "mofa",
    "moped",
    "motor_vehicle",
    "motorcar",
    "motorcycle",
    "motorroad",
    "oneway",
    "oneway:bicycle",
    "oneway:foot",
    "oneway:moped",
    "oneway:motor_vehicle",
    "oneway:motorcar",
    "oneway:motorcycle",
    "oneway:vehicle",
    "route",
    "service",
    "sidewalk",
    "smoothness",
    "surface",
    "tracktype",
    "vehicle",
    "width",
];

/// The key is kept on ways and barriers.
pub(super) fn is_kept(key: &[u8]) -> bool {
    KEPT.binary_search_by(|k| k.as_bytes().cmp(key)).is_ok()
}

/// The key is kept on turn restrictions.
pub(super) fn is_restriction(key: &[u8]) -> bool {
    key == b"except" || key.starts_with(b"restriction")
}

/// The tags of one object, sorted by key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tags<'a>(pub Vec<(&'a str, &'a str)>);

impl<'a> Tags<'a> {
    /// The value of `key`.
    pub(super) fn get(&self, key: &str) -> Option<&'a str> {
        self.0.iter().find(|(k, _)| *k == key).map(|(_, v)| *v)
    }
}

/// Strings and tag sets, numbered in the order they are first seen.
#[derive(Debug, Default)]
pub(super) struct Interner {
    string_of: HashMap<String, u32>,
    pub string_first: Vec<u32>,
    pub string_bytes: Vec<u8>,
    set_of: HashMap<Vec<[u32; 2]>, u32>,
    pub set_first: Vec<u32>,
    pub set_pair: Vec<[u32; 2]>,
}

impl Interner {
    pub(super) fn new() -> Self {
        Interner { string_first: vec![0], set_first: vec![0], ..Interner::default() }
    }

    /// The number of `text`.
    pub(super) fn string(&mut self, text: &str) -> u32 {
        if let Some(n) = self.string_of.get(text) {
            return *n;
        }
        let n = self.string_of.len() as u32;
        self.string_of.insert(text.to_owned(), n);
        self.string_bytes.extend_from_slice(text.as_bytes());
        self.string_first.push(self.string_bytes.len() as u32);
        n
    }

    /// The number of a set of `(key, value)`.
    pub(super) fn set(&mut self, tags: &[(String, String)]) -> u32 {
        let pairs: Vec<[u32; 2]> = tags.iter().map(|(k, v)| [self.string(k), self.string(v)]).collect();
        if let Some(n) = self.set_of.get(&pairs) {
            return *n;
        }
        let n = self.set_of.len() as u32;
        self.set_pair.extend_from_slice(&pairs);
        self.set_first.push(self.set_pair.len() as u32);
        self.set_of.insert(pairs, n);
        n
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_keys_are_sorted_so_that_the_search_finds_each() {
        assert!(KEPT.iter().all(|k| is_kept(k.as_bytes())));
        assert!(!is_kept(b"name"));
    }
}
