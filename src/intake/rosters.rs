//! Client rosters alone, for a township office that asks what is wrong with its file.

use crate::base::{Fault, Outcome, Progress};
use crate::intake::folder::{Folder, rosters};
use crate::intake::locate::locate_clients;
use crate::intake::reading::Reading;
use crate::intake::{FileCount, Listed};
use crate::roster::{Client, Month};
use std::path::{Path, PathBuf};

/// Client rosters as read.
#[derive(Debug, Clone)]
pub struct Rosters {
    /// Clients kept.
    pub clients: Vec<Client>,
    /// Rows not kept.
    pub listed: Vec<Listed>,
    /// Rows kept with a remark.
    pub remarks: Vec<Listed>,
    /// Counts by file: `rows_in = kept + listed`.
    pub counts: Vec<FileCount>,
    fault: Option<Fault>,
}

impl Rosters {
    /// The rosters can be planned with.
    ///
    /// # Errors
    /// No client was kept, or more than half of the rows are listed.
    pub fn usable(&self) -> Outcome<()> {
        self.fault.clone().map_or(Ok(()), Err)
    }
}

/// Reads client rosters (files or folders) with the settings, policy and village register of `county`, if given; without
/// `files` the county's own. Lists stay complete also where [`Rosters::usable`] says no.
///
/// # Errors
/// A file cannot be read as a roster, or the county folder as one.
pub fn read_rosters(
    files: &[PathBuf],
    county: Option<&Path>,
    month: Month,
    progress: &dyn Progress,
) -> Outcome<Rosters> {
    let (folder, dir) = match (county, files.first()) {
        (Some(dir), _) => (Folder::open(dir)?, dir),
        (None, Some(_)) => (Folder::default(), Path::new("")),
        (None, None) => {
            return Err(Fault::usage(
                "请给出名册文件，或用 --county 给出县数据文件夹。",
                "name roster files, or a county folder with --county.",
            ));
        }
    };
    let mut reading = Reading::new(dir, progress);
    let policy = reading.policy(&folder)?;
    let villages = reading.villages(&folder)?;
    // The register is a tool here, not what was asked about.
    reading.ledger = Default::default();
    let mut asked = if files.is_empty() { folder.clients.clone() } else { Vec::new() };
    for file in files {
        asked.extend(rosters(file.clone())?);
    }
    let (mut clients, addresses) = reading.clients(&asked, &folder, &policy, month)?;
    locate_clients(&mut clients, &addresses, &villages);
    let fault = reading.usable(&clients).err();
    let ledger = reading.ledger;
    Ok(Rosters { clients, listed: ledger.listed, remarks: ledger.remarks, counts: ledger.counts, fault })
}
