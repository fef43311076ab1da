//! Floor `base`: what words do we share? Units, ids, places, errors that are sentences.

mod digest;
mod fault;
mod ids;
mod mode;
mod place;
mod progress;
mod random;
mod units;

pub use digest::{base64, sha256_hex, sha256_of_file};
pub use fault::{Fault, FaultKind, Outcome};
pub use ids::{CaregiverIx, CellIx, ClientIx, GridIx, SiteIx};
pub use mode::Mode;
pub use place::{Bounds, LonLat, metres_per_degree};
pub use progress::{Progress, Silent};
pub use random::SplitMix64;
pub use units::{Fen, Metres, Minutes, Seconds, Ticks, WeightBy};
