//! Floor `travel`: how long does it take? Bounded searches and many-to-many travel tables, equal tick for tick whatever the engine.

mod table;

pub use table::{Direction, Engine, TravelTable, travel_table};
