//! Floor `intake`: what did the township send, and where is it? Dirty files, addresses to places, datum check.

mod address;
mod address_text;
mod cells;
mod child;
mod chunk;
mod client_columns;
mod client_words;
mod clients;
mod county;
mod datum;
mod delta;
mod folder;
mod identity;
mod listed;
mod locate;
mod map_child;
mod memory;
mod noticed;
mod preview;
mod problems;
mod quality;
mod reading;
mod refusal;
mod road_check;
mod rosters;
mod sheet;
mod staff;
mod table;
mod tables;
mod text;
mod workbook;
mod workbook_zip;

pub use address::{AddressBook, AddressMatch};
pub use child::{READING_CHILD, as_reading_child, table_frames};
pub use county::{CountyFiles, Intake, read_county};
pub use datum::{Datum, DatumVerdict, Hypothesis, detect_datum};
pub use delta::{ClientChange, RosterDelta, roster_delta};
pub use listed::{FileCount, Listed, Sentence};
pub use locate::{Candidate, PlaceQuestion, place_by_map, waits_for_map};
pub use map_child::{MapRead, import_map, open_map, peak_mb};
pub use memory::{
    ConfirmedPlace, MappingField, confirm_place, mapping_fields, merge_duplicate, remember_mapping,
};
pub use preview::{
    ColumnGuess, FilePreview, IntakePreview, SheetPreview, accept_rosters, of_rosters, preview,
};
pub use problems::{ProblemsFile, problems_workbook};
pub use quality::{Duplicate, DuplicateRow, TownshipQuality};
pub use road_check::{DatumPanel, RoadCheck};
pub use rosters::{Rosters, read_rosters};
pub use table::{Table, read_table, write_table};
