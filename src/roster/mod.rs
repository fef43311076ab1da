//! Floor `roster`: who is served, by whom, what is owed? Clients, caregivers, sites, villages, and the policy (the rules as data).

mod calendar;
mod people;
mod policy;

pub use calendar::{Calendar, Month};
pub use people::{
    Base, Caregiver, Category, Client, County, Disability, Dossier, Measure, Precision, Site, Status,
    Village, VisitWindow, masked_name,
};
pub use policy::{Market, Policy, Quota};
