//! A typed column: owned after an import, a view of the memory map after loading a road file.

use bytemuck::Pod;
use std::ops::Deref;
use std::sync::Arc;

/// The bytes of a loaded road file.
pub(super) type FileBytes = Arc<memmap2::Mmap>;

/// An immutable array of plain values.
pub(super) enum Column<T: Pod> {
    Owned(Vec<T>),
    /// Bytes `from..to` of the file, whose alignment was checked at loading.
    Mapped(FileBytes, usize, usize),
}

impl<T: Pod> Deref for Column<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        match self {
            Column::Owned(v) => v,
            Column::Mapped(file, from, to) => bytemuck::try_cast_slice(&file[*from..*to]).unwrap_or_default(),
        }
    }
}

impl<T: Pod> From<Vec<T>> for Column<T> {
    fn from(v: Vec<T>) -> Self {
        Column::Owned(v)
    }
}

impl<T: Pod> Default for Column<T> {
    fn default() -> Self {
        Column::Owned(Vec::new())
    }
}

impl<T: Pod> std::fmt::Debug for Column<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[{} values]", self.len())
    }
}

/// Longitude `b` (1e-7 degrees) on the side of the antimeridian where `a` stands; may leave -180..180.
pub(super) fn unwrapped(a: i32, b: i32) -> i32 {
    const TURN: i64 = 3_600_000_000;
    let (a, b) = (i64::from(a), i64::from(b));
    let moved = if b - a > TURN / 2 {
        b - TURN
    } else if a - b > TURN / 2 {
        b + TURN
    } else {
        b
    };
    // The nearest turn of a longitude is within 1.5 half turns of zero only for places near the antimeridian.
    i32::try_from(moved).unwrap_or(if moved < 0 { i32::MIN } else { i32::MAX })
}
