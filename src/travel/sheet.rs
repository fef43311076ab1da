//! Memory for the cells and lanes of a table: of a large one on large pages, where the system has them.
//!
//! A table of 1,000 x 20,000 cells fills 10,000 pages of 4 KiB, and the first touch of each costs as much as some hundred cells.

use bytemuck::Pod;
use memmap2::MmapMut;
use rayon::prelude::*;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

/// From this many bytes on a sheet has pages of its own.
const LARGE: usize = 2 << 20;
/// Bytes of a large page.
const PAGE: usize = 2 << 20;
/// At most so many bytes are kept from a sheet that is over.
const MOST_KEPT: usize = 128 << 20;

/// So many cells, to be written before they are read: zeros or what an earlier sheet left.
#[derive(Debug)]
pub(super) enum Sheet<T> {
    Small(Vec<T>),
    Large(Pages, PhantomData<T>),
}

/// Pages of a large sheet, which go home when it is over.
#[derive(Debug)]
pub(super) struct Pages {
    pages: Option<MmapMut>,
    /// Of them in use.
    bytes: usize,
    home: Sheets,
}

/// The pages of the last large sheet that is over, for the next one: the system clears fresh pages, which takes as long as filling them.
#[derive(Debug, Clone, Default)]
pub(super) struct Sheets(Arc<Mutex<Option<MmapMut>>>);

impl Sheets {
    /// Of `count` cells.
    pub fn sheet<T: Pod>(&self, count: usize) -> Sheet<T> {
        let bytes = count * size_of::<T>();
        if bytes < LARGE {
            return Sheet::Small(vec![T::zeroed(); count]);
        }
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).take_if(|p| p.len() >= bytes);
        match kept.or_else(|| fresh(bytes)) {
            Some(pages) => Sheet::Large(Pages { pages: Some(pages), bytes, home: self.clone() }, PhantomData),
            None => Sheet::Small(vec![T::zeroed(); count]),
        }
    }
}

fn fresh(bytes: usize) -> Option<MmapMut> {
    let mut pages = MmapMut::map_anon(bytes).ok()?;
    // Advice: without it, or where it is refused, the pages are small and the cells the same.
    #[cfg(target_os = "linux")]
    let _ = pages.advise(memmap2::Advice::HugePage);
    // Two threads that first touch one page both clear it, so each page is touched by one, before rows are written.
    pages.par_chunks_mut(PAGE).for_each(|page| page[0] = 0);
    Some(pages)
}

impl Drop for Pages {
    fn drop(&mut self) {
        let pages = self.pages.take().filter(|pages| pages.len() <= MOST_KEPT);
        let mut kept = self.home.0.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = pages.or(kept.take());
    }
}

impl<T: Pod> Sheet<T> {
    /// Of `count` cells, all zero, on pages that are not kept for another.
    pub fn new(count: usize) -> Sheet<T> {
        Sheets::default().sheet(count)
    }
}

impl<T: Pod> Deref for Sheet<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        match self {
            Sheet::Small(cells) => cells,
            Sheet::Large(Pages { pages, bytes, .. }, _) => {
                pages.as_ref().map_or(&[], |pages| bytemuck::cast_slice(&pages[..*bytes]))
            }
        }
    }
}

impl<T: Pod> DerefMut for Sheet<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        match self {
            Sheet::Small(cells) => cells,
            Sheet::Large(Pages { pages, bytes, .. }, _) => {
                pages.as_mut().map_or(&mut [], |pages| bytemuck::cast_slice_mut(&mut pages[..*bytes]))
            }
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

    #[test]
    fn pages_of_a_sheet_that_is_over_serve_the_next_of_its_size_or_less() {
        let sheets = Sheets::default();
        let mut first = sheets.sheet::<u16>(LARGE);
        first.fill(7);
        drop(first);
        let next = sheets.sheet::<u32>(LARGE / 4);
        assert_eq!((next.len(), next[0]), (LARGE / 4, 7 << 16 | 7));
        assert!(
            sheets.sheet::<u16>(LARGE).iter().all(|cell| *cell == 0),
            "two at a time have pages of their own"
        );
    }
}
