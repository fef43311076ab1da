//! A month of home visits to plan, as plain data.

use crate::base::{CaregiverIx, CellIx, ClientIx, Seconds};

/// A cell of a [`TripMatrix`] that cannot be travelled.
pub const UNREACHED: u16 = u16::MAX;

/// A calendar day of the month, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub u8);

/// Whole seconds between places of one travel mode; a journey longer than 65,534 s counts as unreached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TripMatrix {
    /// Row and column of each place; `u32::MAX`: this mode never visits it. Length: places.
    pub row_of_place: Vec<u32>,
    /// Number of rows and columns.
    pub size: usize,
    /// `seconds[from * size + to]`, [`UNREACHED`] where there is no way.
    pub seconds: Vec<u16>,
}

/// Where trip times come from.
#[derive(Debug, Clone, PartialEq)]
pub enum TripTable {
    /// One matrix a travel profile (a caregiver names theirs).
    Matrices(Vec<TripMatrix>),
    /// Places on a plane: `fix_s + detour * km / speed`, rounded to whole seconds, 0 for the same point (generated instances).
    Planar {
        /// Kilometres, one a place.
        xy_km: Vec<(f64, f64)>,
        /// Kilometres a second.
        speed: f64,
        /// Road over straight length.
        detour: f64,
        /// Fixed seconds a trip.
        fix_s: f64,
    },
}

/// One caregiver of the problem.
#[derive(Debug, Clone, PartialEq)]
pub struct RotaCaregiver {
    /// Place of the base, an index into the trip table's places.
    pub base: usize,
    /// Travel profile, an index into [`TripTable::Matrices`]; 0 on a plane.
    pub profile: usize,
    /// Days worked: working days of the month less leave, ascending.
    pub days: Vec<Day>,
    /// Earliest departure and latest return, seconds of the day.
    pub shift: (Seconds, Seconds),
    /// Longest day, door to door with waiting.
    pub max_day: Seconds,
    /// Most seconds of such days a month.
    pub max_month: Seconds,
}

/// One client of the problem.
#[derive(Debug, Clone, PartialEq)]
pub struct RotaClient {
    /// Place of the home; clients of one household share it (R32).
    pub place: usize,
    /// Visits owed this month.
    pub visits: u32,
    /// Least difference of days between two visits.
    pub apart_days: u32,
    /// Seconds of one visit.
    pub service: Seconds,
    /// A visit begins and ends inside it, seconds of the day.
    pub window: (Seconds, Seconds),
    /// Weekdays (0 Monday .. 6 Sunday) on which the client cannot be visited.
    pub blocked_weekdays: Vec<u8>,
    /// First day that may be used; a previous month's last visit moves it (may lie beyond the month).
    pub earliest: Day,
    /// On-demand clients: exactly these days. Empty: any day.
    pub only_days: Vec<Day>,
    /// Caregivers who may be responsible, nearest first: inside the limit, fit for the need.
    pub eligible: Vec<CaregiverIx>,
    /// Village cell of the home.
    pub cell: CellIx,
    /// Responsible caregiver of the month before, kept where possible.
    pub previous: Option<CaregiverIx>,
    /// Weekdays (0 Monday .. 6 Sunday) of the visits of the month before, kept where possible; empty: none known.
    pub previous_weekdays: Vec<u8>,
    /// Days between two visits beyond which a gap is long: 14 for three visits a month, 21 for two.
    pub long_gap_days: u32,
    /// Days from the last visit of the month before to day 1, if known.
    pub days_since_visit: Option<u32>,
}

/// Who may serve when the responsible caregiver cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Continuity {
    /// A visit that would else stay unplaced goes to an eligible backup, counted and shown.
    Prefer,
    /// One caregiver a client, always.
    Strict,
}

/// Planner's wishes (`locks.csv`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Locks {
    /// The client's responsible caregiver is fixed.
    pub keep: Vec<(ClientIx, CaregiverIx)>,
    /// The caregiver must not serve the client.
    pub forbid: Vec<(ClientIx, CaregiverIx)>,
}

/// What a plan pays for soft wishes, in seconds on the road.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prices {
    /// A client who leaves the caregiver of the month before.
    pub change: u32,
    /// A client whose caregiver is not the one of their grid.
    pub exception: u32,
    /// A square hour of a caregiver's care load, at most: it costs no more than it takes to bring the sum of squares within 5 % of the
    /// least possible. The largest load is held within 3 % of its bound; 0: loads do not matter.
    pub square_hour: u32,
    /// A visit on another weekday than those of the month before.
    pub weekday: u32,
    /// A day beyond the longest gap wanted between two visits.
    pub gap_day: u32,
    /// A client who misses any visit, beside the price of each: the higher, the fewer people are short, not the fewer visits.
    pub short_client: u32,
}

impl Default for Prices {
    fn default() -> Prices {
        Prices { change: 3600, exception: 1500, square_hour: 0, weekday: 0, gap_day: 0, short_client: 0 }
    }
}

/// A month of home visits to plan.
#[derive(Debug, Clone, PartialEq)]
pub struct RotaProblem {
    /// Weekday of day 1 (0 Monday .. 6 Sunday).
    pub first_weekday: u8,
    /// Calendar days of the month, 28-31.
    pub days_in_month: u8,
    /// Caregivers.
    pub caregivers: Vec<RotaCaregiver>,
    /// Clients; those owed nothing may be left out or owe 0.
    pub clients: Vec<RotaClient>,
    /// Trip times between places (homes and bases).
    pub trips: TripTable,
    /// Number of village cells; 0: no grids wanted.
    pub cells: u32,
    /// Neighbouring cells, each pair once.
    pub adjacent: Vec<(CellIx, CellIx)>,
    /// Continuity rule.
    pub continuity: Continuity,
    /// Planner's wishes.
    pub locks: Locks,
    /// Soft wishes.
    pub prices: Prices,
}

/// When to stop: counts, never clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RotaStop {
    /// Ruin-and-recreate iterations.
    pub steps: u64,
    /// Seed of every random choice.
    pub seed: u64,
}
