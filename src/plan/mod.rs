//! Floor `plan`: what was decided? The pipeline, the independent audit, the store.

pub mod audit;
mod beside;
mod cells;
mod compare;
mod county_roads;
mod decision;
mod draft;
mod folder;
mod ground;
mod inputs;
mod live;
mod locks;
mod month;
mod month_bound;
mod open;
mod options;
mod outlets;
mod previous;
mod recruits;
mod remedy;
mod repair;
mod rows;
mod staging;
mod store;
mod tally;
mod whatif;

pub use crate::grid::Exception;
pub use beside::{HireTold, LockTold, hires, lock_costs};
pub use cells::VillageCells;
pub use compare::{Comparison, Crossing, Figures};
pub use county_roads::read_mode;
pub use decision::{
    CaregiverRow, ClientRow, GridRow, OutletRow, Plan, SitingSummary, Summary, UnplacedRow, VisitRow,
};
pub use draft::{Draft, draft};
pub use folder::{FORMAT, clock, road_file, write_plan};
pub use inputs::mode_path;
pub use live::LivePlan;
pub use locks::LockRow;
pub use open::{open_plan, open_summary};
pub use options::PlanOptions;
pub use previous::{Followed, followed};
pub use recruits::{HireRow, RecruitSummary, Recruitment};
pub use remedy::{Remedy, Step};
pub use repair::{
    Changes, Event, EventFile, EventKind, Move, Repaired, Slot, TakenOver, read_events, repair,
};
pub use staging::Staging;
pub use store::{Scenario, Store};
pub use whatif::{Changed, ChosenOutlets, Moved, WhatIf, WhatIfAnswer};
