//! caregrid plans home-care networks: who is within 30 minutes of a caregiver, where outlets open, who visits whom, when and in
//! which order, each answer with a proof beside it.
//!
//! The floors stand in the order data flows; `docs/ARCHITECTURE.md` is the map of the house and `plan::draft` the page to read first.

pub mod base;
pub mod network;
pub mod roster;
pub mod travel;
pub mod coverage;
pub mod intake;
pub mod siting;
pub mod grid;
pub mod plan;
pub mod report;
pub mod api;
pub mod cli;
