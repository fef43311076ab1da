//! Memory for the cells and lanes of a table: of a large one on large pages, where the system has them.
//!
//! A table of 1,000 x 20,000 cells fills 10,000 pages of 4 KiB, and the first touch of each costs as much as some hundred cells.

use bytemuck::Pod;
use memmap2::MmapMut;
use rayon::prelude::*;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

/// From this many bytes on a sheet has pages of its own.
const LARGE: usize = 2 << 20;
/// Bytes of a large page.
const PAGE: usize = 2 << 20;

/// So many cells, all zero at first.
#[derive(Debug)]
pub(super) enum Sheet<T> {
    Small(Vec<T>),
    Large(MmapMut, PhantomData<T>),
}

impl<T: Pod> Sheet<T> {
    /// Of `count` cells.
    pub fn new(count: usize) -> Sheet<T> {
        let bytes = count * size_of::<T>();
        match (bytes >= LARGE).then(|| MmapMut::map_anon(bytes)) {
            Some(Ok(mut pages)) => {
                // Advice: without it, or where it is refused, the pages are small and the cells the same.
                #[cfg(target_os = "linux")]
                let _ = pages.advise(memmap2::Advice::HugePage);
                // Two threads that first touch one page both clear it, so each page is touched by one, before rows are written.
                pages.par_chunks_mut(PAGE).for_each(|page| page[0] = 0);
                Sheet::Large(pages, PhantomData)
            }
            _ => Sheet::Small(vec![T::zeroed(); count]),
        }
    }
}

impl<T: Pod> Deref for Sheet<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        match self {
            Sheet::Small(cells) => cells,
            Sheet::Large(pages, _) => bytemuck::cast_slice(pages),
        }
    }
}

impl<T: Pod> DerefMut for Sheet<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        match self {
            Sheet::Small(cells) => cells,
            Sheet::Large(pages, _) => bytemuck::cast_slice_mut(pages),
        }
    }
}

impl<T: Pod> Clone for Sheet<T> {
    fn clone(&self) -> Sheet<T> {
        let mut copy = Sheet::new(self.len());
        copy.copy_from_slice(self);
        copy
    }
}

impl<T: Pod + PartialEq> PartialEq for Sheet<T> {
    fn eq(&self, other: &Sheet<T>) -> bool {
        **self == **other
    }
}

impl<T: Pod + Eq> Eq for Sheet<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_sheet_is_as_blank_and_as_writable_as_a_small_one() {
        for count in [0, 5, LARGE / 2 + 3] {
            let mut sheet = Sheet::<u16>::new(count);
            assert_eq!((sheet.len(), sheet.iter().all(|c| *c == 0)), (count, true));
            sheet.iter_mut().rev().take(1).for_each(|c| *c = 7);
            assert!(sheet.clone() == sheet);
            assert_eq!(sheet.last().copied(), (count > 0).then_some(7));
        }
    }
}
