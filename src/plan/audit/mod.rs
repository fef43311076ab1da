//! The independent audit: every promise proved again from the raw inputs, without any of the solvers' code.

pub mod certificate;
mod certificate_primal;

pub use certificate::check_certificate;
