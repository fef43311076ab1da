//! Floor `travel`: how long does it take? Bounded searches and many-to-many travel tables, equal tick for tick whatever the engine.

mod ball;
mod bucket_dijkstra;
mod chain_times;
mod engine;
mod journey;
mod nearest_outlets;
mod reason;
mod search_rows;
mod sheet;
mod sweep;
mod table;

#[cfg(test)]
mod equality;
#[cfg(test)]
mod fixture;

pub use ball::Ball;
pub use chain_times::{ChainEnds, ChainTimes, NearTimes};
pub use engine::{TravelEngine, one_to_many, travel_table};
pub use nearest_outlets::{Change, NearestOutlets, OutletHandle, OutletTimes, Reach};
pub use reason::{Reasons, Unreached};
pub use sweep::{SweepIndex, SweepTimings};
pub use table::{Direction, Engine, TravelTable};
