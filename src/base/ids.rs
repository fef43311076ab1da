//! Positions in tables are types: a client's row can never index the caregivers.

use serde::{Deserialize, Serialize};

macro_rules! table_position {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u32);

        impl $name {
            /// The position as an index.
            #[must_use]
            pub fn at(self) -> usize {
                self.0 as usize
            }

            /// The position of row `index`. Tables hold fewer than 2^32 rows.
            #[must_use]
            pub fn of(index: usize) -> Self {
                debug_assert!(u32::try_from(index).is_ok(), "a table of 2^32 rows");
                $name(index as u32)
            }
        }
    )+};
}

table_position! {
    /// Row of a client 服务对象.
    ClientIx,
    /// Row of a caregiver 服务人员.
    CaregiverIx,
    /// Row of a candidate site 候选网点.
    SiteIx,
    /// A village cell, the atom of grids.
    CellIx,
    /// A grid 网格.
    GridIx,
}
