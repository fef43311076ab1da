//! Models under constraints that join sites or clients: budget, capacities with single assignment, minimums by group,
//! a partial cover target. Lagrangian bounds with a price for each constraint, branch and bound over sites and, where
//! capacities leave fractions, over the site of a client (Geoffrion 1974; Sridharan 1995).

mod assignment;
mod case;
mod climb;
mod outcome;
mod placement;
mod search;
mod transport;

pub(super) use outcome::{applies, solve, solve_from};
