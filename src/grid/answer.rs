//! The planned month.

use crate::base::{CaregiverIx, CellIx, ClientIx, GridIx, Seconds};
use crate::grid::{Day, MonthBounds};

/// One visit of a tour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit {
    /// Who is visited.
    pub client: ClientIx,
    /// Begin of service, seconds of the day.
    pub arrive: Seconds,
    /// End of service.
    pub leave: Seconds,
}

/// One day of one caregiver, door to door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tour {
    /// Who drives.
    pub caregiver: CaregiverIx,
    /// On which day.
    pub day: Day,
    /// Departure from the base, as late as the first window allows.
    pub depart: Seconds,
    /// Return to the base.
    pub back: Seconds,
    /// Visits in order.
    pub visits: Vec<Visit>,
    /// Time on the road.
    pub travel: Seconds,
    /// Time waiting for windows.
    pub wait: Seconds,
}

/// Why a client's caregiver is not the grid's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exception {
    /// The grid's caregiver may not serve them (need or skill).
    Need,
    /// The grid's caregiver is beyond 30 minutes.
    Reach,
    /// The grid's caregiver has no hours left.
    Hours,
    /// The planner locked it.
    Lock,
}

impl Exception {
    /// Every reason.
    pub const ALL: [Exception; 4] = [Exception::Need, Exception::Reach, Exception::Hours, Exception::Lock];

    /// Stable word for files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Exception::Need => "need",
            Exception::Reach => "reach",
            Exception::Hours => "hours",
            Exception::Lock => "lock",
        }
    }
}

/// A grid 网格 (rule R04).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// Responsible caregiver.
    pub caregiver: CaregiverIx,
    /// Backup caregiver, who serves when the responsible one cannot.
    pub backup: Option<CaregiverIx>,
    /// Its cells, ascending, contiguous on the adjacency.
    pub cells: Vec<CellIx>,
}

/// Why a visit could not be placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MissingReason {
    /// No caregiver may serve the client.
    NobodyEligible,
    /// The month has no room for the quota with its spacing, windows and entry day.
    NoRoomInMonth,
    /// Every eligible caregiver's month is full.
    MonthHours,
    /// Every legal day of every eligible caregiver is full.
    DayHours,
    /// Others' visits leave no room inside the client's window.
    WindowFull,
    /// No single rule, but several of these together.
    SeveralRules,
    /// The search missed it within its steps.
    NotFoundInBudget,
}

/// Visits of a client that could not be placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unplaced {
    /// Who.
    pub client: ClientIx,
    /// How many visits.
    pub missing: u32,
    /// Why.
    pub reason: MissingReason,
    /// Who could make one visit more without that rule, all other clients' visits standing.
    pub by: Option<CaregiverIx>,
}

/// What a lock costs: the plan as it is against the cheapest place of the client with anybody else who may serve them, all other
/// visits standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockCost {
    /// Whose lock.
    pub client: ClientIx,
    /// Seconds on the road that the lock costs; 0: nothing cheaper is there.
    pub travel_s: i64,
    /// Visits that could be placed without it.
    pub visits: u32,
}

/// A planned month.
#[derive(Debug, Clone, PartialEq)]
pub struct RotaPlan {
    /// Responsible caregiver of each client; `None`: nobody is eligible.
    pub responsible: Vec<Option<CaregiverIx>>,
    /// Grids, by caregiver; empty if no cells were given.
    pub grids: Vec<Grid>,
    /// Grid of each client.
    pub grid_of: Vec<Option<GridIx>>,
    /// Clients whose caregiver is not their grid's, by client.
    pub exceptions: Vec<(ClientIx, Exception)>,
    /// Tours by caregiver, then day.
    pub tours: Vec<Tour>,
    /// What could not be placed, by client.
    pub unplaced: Vec<Unplaced>,
    /// What no plan of the month can beat; `None` after a repair, which does not take the time ([`crate::grid::month_bounds`]).
    pub bounds: Option<MonthBounds>,
    /// What each lock costs, in the order of the locks kept.
    pub lock_costs: Vec<LockCost>,
    /// Steps taken.
    pub steps: u64,
}
