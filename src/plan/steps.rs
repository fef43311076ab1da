//! What the steps of planning hand on to the tally.

use crate::base::{Mode, SiteIx};
use crate::grid::RotaPlan;
use crate::plan::cells::VillageCells;
use crate::plan::county_roads::ModeRoads;
use crate::plan::month::{Bases, CareTimes};
use crate::plan::outlets::OpenOutlets;
use crate::travel::TravelTable;
use std::collections::BTreeMap;

/// One answer a step, borrowed until they are counted.
pub struct Steps<'a> {
    /// Roads by mode.
    pub roads: &'a BTreeMap<Mode, ModeRoads>,
    /// Mode of the outlet circle.
    pub outlet_mode: Mode,
    /// Sites x clients in the outlet mode, up to the fill limit.
    pub outlet_times: &'a TravelTable,
    /// Caregivers x clients in their own mode, up to the fill limit.
    pub care_times: &'a CareTimes,
    /// Open outlets.
    pub outlets: &'a OpenOutlets,
    /// Outlet each caregiver reports to.
    pub reports_to: &'a [Option<SiteIx>],
    /// Bases.
    pub bases: &'a Bases,
    /// Visits owed.
    pub owed: &'a [u32],
    /// Village cells.
    pub cells: &'a VillageCells,
    /// The month.
    pub rota: &'a RotaPlan,
}
