//! Floor `grid`: who visits whom, when, in which order? Grids, month calendar, day tours. It knows no roads:
//! eligibility and travel times in, plan and reasons out.

mod anneal;
mod answer;
mod audit;
mod best_day;
mod blocks;
mod bounds;
mod check;
mod clusters;
mod completions;
mod conclude;
mod cost;
mod day_routes;
mod draft;
mod eject;
mod evenness;
mod finish;
mod flow;
mod grids;
mod hours;
mod instance;
mod loads;
mod locks;
mod mend;
mod month_program;
mod nearby;
mod order;
mod packing;
mod pattern;
mod problem;
mod reasons;
mod recreate;
mod recruit;
mod repair;
mod restarts;
mod rooms;
mod rounds;
mod route_bound;
mod ruin;
mod scarcity;
mod search;
mod segment;
mod solve;
mod territory;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests_optimum;
mod tour;
mod travel_bound;
mod trips;
mod visits;

pub use answer::{Exception, Grid, LockCost, MissingReason, RotaPlan, Tour, Unplaced, Visit};
pub use audit::{BrokenRules, PlannedVisit, broken_rules};
pub use bounds::{MonthBounds, least_squares, month_bounds};
pub use hours::{HoursBound, HoursProof, hours_bound};
pub use problem::{
    Continuity, Day, Locks, Prices, RotaCaregiver, RotaClient, RotaProblem, RotaStop, TripMatrix, TripTable,
    UNREACHED,
};
pub use recruit::{Cover, Hire, Recruits, recruit};
pub use repair::repair;
pub use route_bound::unplaced_at_least;
pub use solve::solve;
pub use travel_bound::{LoadSpread, travel_at_least};
