//! Floor `intake`: what did the township send, and where is it? Dirty files, addresses to places, datum check.

mod cells;
mod clients;
mod county;
mod folder;
mod listed;
mod sheet;
mod staff;
mod table;
mod text;

pub use county::{CountyFiles, Intake, read_county};
pub use listed::{FileCount, Listed};
pub use table::{Table, read_table, write_table};
