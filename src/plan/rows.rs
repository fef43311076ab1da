//! The columns of a plan's tables, as the interface names them; ours come after.

/// clients.csv
pub const CLIENTS: [&str; 9] = [
    "client",
    "precision",
    "outlet",
    "outlet_time_s",
    "caregiver",
    "caregiver_time_s",
    "grid",
    "verdict",
    "cause",
];
/// outlets.csv
pub const OUTLETS: [&str; 5] = ["site", "existing", "clients", "visits", "minutes"];
/// caregivers.csv
pub const CAREGIVERS: [&str; 8] =
    ["caregiver", "outlet", "grid", "visits", "care_min", "travel_min", "wait_min", "days"];
/// grids.csv
pub const GRIDS: [&str; 7] =
    ["grid", "caregiver", "cells", "clients", "exceptions", "backup", "exception_reasons"];
/// visits.csv
pub const VISITS: [&str; 6] = ["caregiver", "date", "order", "client", "arrive", "leave"];
/// unplaced.csv
pub const UNPLACED: [&str; 4] = ["client", "missing", "reason", "remedy"];
/// gaps.csv
pub const GAPS: [&str; 6] = ["client", "township", "village", "cause", "outlet_time_s", "caregiver_time_s"];
