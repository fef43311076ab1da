//! The raw inputs beside the plan: same files, same rows.

use crate::base::{Outcome, Silent, sha256_of_file};
use crate::intake::{open_map, place_by_map, read_county, waits_for_map};
use crate::plan::audit::promise::Findings;
use crate::plan::audit::sheets::Sheets;
use std::path::PathBuf;

/// What a plan says it was made from.
#[derive(Debug, Clone)]
pub struct RawInputs {
    /// The county folder.
    pub county: PathBuf,
    /// The map; `None`: the county folder's own.
    pub roads: Option<PathBuf>,
}

/// Compares hashes of files and the rows kept.
pub fn check(sheets: &Sheets, raw: &RawInputs, found: &mut Findings) -> Outcome<()> {
    let mut intake = read_county(&raw.county, sheets.month, &Silent)?;
    let map = raw.roads.clone().or_else(|| intake.files.map.clone());
    if let Some(map) = map.filter(|_| waits_for_map(&intake.county)) {
        place_by_map(&mut intake.county, &open_map(&map, &Silent)?.map.places());
    }
    let files =
        intake.files.read.iter().cloned().chain(raw.roads.clone().or_else(|| intake.files.map.clone()));
    for path in files.filter(|p| p.is_file()) {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let said = sheets.plan["inputs"][&name].as_str().unwrap_or_default();
        found.expect(said == sha256_of_file(&path)?, "input_hash", || {
            format!("{name} is not the file the plan was made from")
        });
    }
    let planned: Vec<_> =
        intake.county.clients.into_iter().filter(|c| sheets.client.contains_key(&c.id)).collect();
    found.expect(planned == sheets.intake.county.clients, "input_rows", || {
        "the clients of inputs/ differ from the county's rows".into()
    });
    found.expect(intake.county.sites == sheets.intake.county.sites, "input_rows", || {
        "the sites of inputs/ differ".into()
    });
    let same = intake.county.caregivers == sheets.intake.county.caregivers;
    found.expect(same, "input_rows", || "the caregivers of inputs/ differ".into());
    Ok(())
}
