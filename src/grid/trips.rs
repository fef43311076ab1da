//! Trip times, whatever they come from.

use crate::grid::{TripMatrix, TripTable, UNREACHED};

impl TripTable {
    /// Whole seconds between two places for a travel profile; [`UNREACHED`] where there is no way.
    #[must_use]
    pub fn seconds(&self, profile: usize, from: usize, to: usize) -> u16 {
        match self {
            _ if from == to => 0,
            TripTable::Matrices(matrices) => {
                matrices.get(profile).map_or(UNREACHED, |m| m.seconds_of(from, to))
            }
            TripTable::Planar { xy_km, speed, detour, fix_s } => {
                let (a, b) = (xy_km[from], xy_km[to]);
                let km = (a.0 - b.0).hypot(a.1 - b.1);
                if km == 0.0 {
                    return 0;
                }
                // Half to even, as the instances' judge rounds.
                (fix_s + detour * km / speed).round_ties_even().min(f64::from(UNREACHED)) as u16
            }
        }
    }

    /// Number of places it knows.
    pub(super) fn places(&self) -> usize {
        match self {
            TripTable::Matrices(matrices) => matrices.iter().map(|m| m.row_of_place.len()).max().unwrap_or(0),
            TripTable::Planar { xy_km, .. } => xy_km.len(),
        }
    }
}

impl TripMatrix {
    fn seconds_of(&self, from: usize, to: usize) -> u16 {
        let (Some(&a), Some(&b)) = (self.row_of_place.get(from), self.row_of_place.get(to)) else {
            return UNREACHED;
        };
        if a == u32::MAX || b == u32::MAX {
            return UNREACHED;
        }
        self.seconds.get(a as usize * self.size + b as usize).copied().unwrap_or(UNREACHED)
    }
}
