//! Floor `plan`: what was decided? The pipeline, the independent audit, the store.

pub mod audit;
mod decision;
mod folder;
mod inputs;
mod live;
mod open;
mod rows;
mod whatif;

pub use decision::{
    CaregiverRow, ClientRow, GridRow, OutletRow, Plan, SitingSummary, Summary, UnplacedRow, VisitRow,
};
pub use folder::{FORMAT, clock, road_file, write_plan};
pub use inputs::mode_path;
pub use live::{LivePlan, TimesRow};
pub use open::{open_plan, open_summary};
pub use whatif::{Changed, Moved, WhatIf, WhatIfAnswer};
