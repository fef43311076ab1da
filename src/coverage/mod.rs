//! Floor `coverage`: who is inside 30 minutes, who is not, and why?

mod verdict;

pub use verdict::{Cause, Verdict};
