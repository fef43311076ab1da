//! The independent audit: every promise of a plan proved again from the plan's own inputs. It shares the imported graph,
//! but no search and no solver.

mod certificate;
mod certificate_cuts;
mod certificate_dual;
mod certificate_primal;
mod certificate_regions;
mod hours;
mod locks;
mod people;
mod promise;
mod raw;
mod recruits;
mod search;
mod sheets;
mod sited;
mod sums;
mod territories;
mod times;
mod tours;

pub use certificate::check_certificate;
pub use promise::Broken;
pub use raw::RawInputs;
pub use search::PlainDijkstra;

use crate::base::Outcome;
use std::path::Path;

/// Audits a plan folder; an empty list is a plan that keeps every promise. With the raw inputs, hashes and rows are compared too.
///
/// # Errors
/// The folder cannot be read at all.
pub fn verify(plan_dir: &Path, raw: Option<&RawInputs>) -> Outcome<Vec<Broken>> {
    let sheets = sheets::Sheets::read(plan_dir)?;
    crate::network::RoadMap::verify(&crate::plan::road_file(plan_dir))?;
    let mut found = promise::Findings::default();
    let times = times::Times::recompute(&sheets)?;
    people::check(&sheets, &times, &mut found);
    let loads = tours::check(&sheets, &times, &mut found);
    sums::check(&sheets, &times, &loads, &mut found);
    hours::check(&sheets, &times, &mut found);
    locks::check(&sheets, &mut found);
    territories::check(&sheets, &mut found);
    recruits::check(&sheets, &times, &mut found)?;
    sited::check(&sheets, &times, &mut found);
    if let Some(raw) = raw {
        raw::check(&sheets, raw, &mut found)?;
    }
    Ok(found.into_sorted())
}
