//! Floor `intake`: what did the township send, and where is it? Dirty files, addresses to places, datum check.

mod county;
mod listed;
mod table;

pub use county::{CountyFiles, Intake, read_county};
pub use listed::{FileCount, Listed};
pub use table::{Table, read_table, write_table};
