//! Floor `plan`: what was decided? The pipeline, the independent audit, the store.

mod decision;

pub use decision::{
    CaregiverRow, ClientRow, GridRow, OutletRow, Plan, SitingSummary, Summary, UnplacedRow, VisitRow,
};
