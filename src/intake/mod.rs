//! Floor `intake`: what did the township send, and where is it? Dirty files, addresses to places, datum check.

mod address;
mod address_text;
mod cells;
mod clients;
mod county;
mod datum;
mod folder;
mod identity;
mod listed;
mod locate;
mod reading;
mod rosters;
mod sheet;
mod staff;
mod table;
mod text;
mod workbook;
mod workbook_child;
mod workbook_zip;

pub use address::{AddressBook, AddressMatch};
pub use county::{CountyFiles, Intake, read_county};
pub use datum::{Datum, DatumVerdict, Hypothesis, detect_datum};
pub use listed::{FileCount, Listed};
pub use rosters::{Rosters, read_rosters};
pub use table::{Table, read_table, write_table};
pub use workbook::READ_WORKBOOK;
pub use workbook_child::read_workbook_child;
