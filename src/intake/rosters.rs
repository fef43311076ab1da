//! Client rosters alone, for a township office that asks what is wrong with its file.

use crate::base::{Fault, Outcome, Progress};
use crate::intake::clients::{Received, Spot};
use crate::intake::folder::{Folder, rosters};
use crate::intake::locate::{PlaceQuestion, locate_clients};
use crate::intake::preview::SheetPreview;
use crate::intake::reading::{OnFault, Reading};
use crate::intake::sheet::{RawSheet, RawSheets};
use crate::intake::{Datum, FileCount, Listed};
use crate::roster::{Client, Month};
use std::path::{Path, PathBuf};

/// Client rosters as read.
#[derive(Debug, Clone)]
pub struct Rosters {
    /// Rows not kept.
    pub listed: Vec<Listed>,
    /// Rows kept with a remark.
    pub remarks: Vec<Listed>,
    /// Counts by file: `rows_in = kept + listed`.
    pub counts: Vec<FileCount>,
    /// Written places that somebody should confirm.
    pub questions: Vec<PlaceQuestion>,
    /// Files that could not be read at all.
    pub faults: Vec<(String, Fault)>,
    pub(crate) received: Vec<Received>,
    /// The question of each client, if it has one.
    pub(crate) asked: Vec<Option<usize>>,
    pub(crate) twice: Vec<(String, Spot, String)>,
    pub(crate) sheets_seen: Vec<(String, SheetPreview)>,
    pub(crate) raw: Vec<RawSheet>,
    /// Datum that the settings state.
    pub(crate) stated: Datum,
    /// Names of the register's townships.
    pub(crate) townships: Vec<String>,
    pub(crate) month: Month,
    fault: Option<Fault>,
}

impl Rosters {
    /// The rosters can be planned with.
    ///
    /// # Errors
    /// A file cannot be read, no client was kept, or more than half of the rows are listed.
    pub fn usable(&self) -> Outcome<()> {
        self.fault.clone().map_or(Ok(()), Err)
    }

    /// Clients kept, in the order of files and rows.
    pub fn clients(&self) -> impl Iterator<Item = &Client> {
        self.received.iter().map(|r| &r.client)
    }
}

/// Reads client rosters (files or folders) with the settings, policy, village register and memory of `county`, if given;
/// without `files` the county's own. A file that cannot be read is a fault of its own; lists stay complete also where
/// [`Rosters::usable`] says no.
///
/// # Errors
/// The county folder cannot be read, or neither files nor county are given.
pub fn read_rosters(
    files: &[PathBuf],
    county: Option<&Path>,
    month: Month,
    progress: &dyn Progress,
) -> Outcome<Rosters> {
    read_rosters_with(files, county, month, RawSheets::Dropped, progress)
}

/// As [`read_rosters`].
pub(crate) fn read_rosters_with(
    files: &[PathBuf],
    county: Option<&Path>,
    month: Month,
    raw: RawSheets,
    progress: &dyn Progress,
) -> Outcome<Rosters> {
    let (folder, dir) = match (county, files.first()) {
        (Some(dir), _) => (Folder::open(dir)?, dir),
        (None, Some(first)) => (Folder::default(), first.parent().unwrap_or(Path::new(""))),
        (None, None) => {
            return Err(Fault::usage(
                "请给出名册文件，或用 --county 给出县数据文件夹。",
                "name roster files, or a county folder with --county.",
            ));
        }
    };
    let mut reading = Reading::new(dir, progress, OnFault::Keep);
    reading.raw = (raw == RawSheets::Kept).then(Vec::new);
    let policy = reading.policy(&folder)?;
    let villages = reading.villages(&folder)?;
    if county.is_some() {
        reading.remember()?;
    }
    // The register is a tool here, not what was asked about.
    reading.ledger = Default::default();
    let mut asked = if files.is_empty() { folder.clients.clone() } else { Vec::new() };
    for file in files {
        asked.extend(rosters(file.clone())?);
    }
    let mut received = reading.clients(&asked, &folder, &policy, month, &villages)?;
    let (questions, asked) = locate_clients(&mut received, &villages, &reading.memory);
    let fault = reading.usable(received.len()).err();
    let ledger = reading.ledger;
    Ok(Rosters {
        received,
        listed: ledger.listed,
        remarks: ledger.remarks,
        counts: ledger.counts,
        questions,
        faults: reading.faults,
        asked,
        twice: reading.twice,
        sheets_seen: reading.sheets_seen,
        raw: reading.raw.unwrap_or_default(),
        stated: folder.settings.datum()?,
        townships: crate::intake::memory::townships_of(&villages),
        month,
        fault,
    })
}
