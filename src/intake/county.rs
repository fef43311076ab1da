//! A county folder, read whole.

use crate::base::{Mode, Outcome, Progress};
use crate::intake::folder::Folder;
use crate::intake::locate::{PlaceQuestion, locate_caregivers, locate_clients};
use crate::intake::reading::{OnFault, Reading};
use crate::intake::staff::{read_caregivers, read_sites};
use crate::intake::{FileCount, Listed};
use crate::roster::{Calendar, County, Month, Policy};
use std::path::{Path, PathBuf};

/// Where a county folder's files are (`county.toml`, else the defaults of the interface).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CountyFiles {
    /// The map, if the folder has one.
    pub map: Option<PathBuf>,
    /// Mode files that replace the shipped ones.
    pub modes: Vec<(Mode, PathBuf)>,
    /// Every file read, for hashes, in the order of reading.
    pub read: Vec<PathBuf>,
}

/// What came in.
#[derive(Debug, Clone)]
pub struct Intake {
    /// The county.
    pub county: County,
    /// The rules.
    pub policy: Policy,
    /// The calendar.
    pub calendar: Calendar,
    /// Which files.
    pub files: CountyFiles,
    /// Rows not kept.
    pub listed: Vec<Listed>,
    /// Rows kept with a remark that somebody should look at.
    pub remarks: Vec<Listed>,
    /// Counts by file: `rows_in = kept + listed`.
    pub counts: Vec<FileCount>,
    /// Written places that somebody should confirm.
    pub questions: Vec<PlaceQuestion>,
}

/// Reads a county folder for `month`. Workbooks are read in a child process with limits.
///
/// # Errors
/// A file fault: a required table is missing or empty, or more than half of its rows are listed.
pub fn read_county(dir: &Path, month: Month, progress: &dyn Progress) -> Outcome<Intake> {
    let folder = Folder::open(dir)?;
    let mut reading = Reading::new(dir, progress, OnFault::Stop);
    reading.read.extend(folder.settings_file.clone());
    let policy = reading.policy(&folder)?;
    let calendar = reading.calendar(&folder)?;
    let villages = reading.villages(&folder)?;
    reading.remember()?;
    let mut received = reading.clients(&folder.clients, &folder, &policy, month, &villages)?;
    reading.usable(received.len())?;
    let (questions, _) = locate_clients(&mut received, &villages, &reading.memory);
    let clients = received.into_iter().map(|r| r.client).collect();
    let mut caregivers =
        reading.rows(&folder.caregivers, |sheet, ledger| read_caregivers(sheet, &policy, ledger))?;
    locate_caregivers(&mut caregivers, &villages);
    let sites = reading.rows(&folder.sites, read_sites)?;
    let name = folder.name(dir);
    progress.report("intake", 1, 1);
    Ok(Intake {
        county: County { name, synthetic: folder.settings.synthetic, clients, caregivers, sites, villages },
        policy,
        calendar,
        files: CountyFiles { map: folder.map, modes: folder.modes, read: reading.read },
        listed: reading.ledger.listed,
        remarks: reading.ledger.remarks,
        counts: reading.ledger.counts,
        questions,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Minutes, Silent};
    use crate::roster::{Category, Precision};

    const HEADER: &str = "id,category,tier,lon,lat,service_min,needs_female,window\n";

    fn december() -> Month {
        "2026-12".parse().unwrap()
    }

    /// A county folder with these client rows, one site and one caregiver.
    fn folder(clients: &str) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write("clients.csv", clients);
        write("sites.csv", "id,name,lon,lat,existing\nS1,a,105.0,35.7,1\n");
        write("caregivers.csv", "id,lon,lat,mode,female\nC1,105.0,35.7,car,1\n");
        dir
    }

    fn read(clients: &str) -> Outcome<Intake> {
        read_county(folder(clients).path(), december(), &Silent)
    }

    #[test]
    fn every_row_of_the_real_counties_is_kept() {
        for (name, rows) in
            [("yuba", (1200, 60, 200)), ("imperial", (5000, 180, 300)), ("liechtenstein", (600, 30, 80))]
        {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/real/");
            let dir = Path::new(path).join(name);
            if !dir.is_dir() {
                println!("{name} is not here, so this test is skipped.");
                continue;
            }
            let intake = read_county(&dir, december(), &Silent).unwrap();
            let county = &intake.county;
            assert_eq!((county.clients.len(), county.caregivers.len(), county.sites.len()), rows, "{name}");
            assert!(intake.listed.is_empty() && intake.counts.iter().all(|c| c.rows_in == c.kept));
            assert_eq!(county.name, name);
            let unlocated = county.clients.iter().filter(|c| c.at.is_none()).count();
            assert!(unlocated > 0 && unlocated * 100 <= county.clients.len(), "{name} {unlocated}");
        }
    }

    #[test]
    fn a_row_with_a_fault_is_listed_with_its_place_and_the_rest_goes_on() {
        let intake = read(&format!(
            "{HEADER}K1,孤儿,1,105.1,35.7,60,0,\nK2,无此类,1,105.1,35.7,60,0,\nK1,孤儿,1,105.1,35.7,60,0,\n\
             K3,孤儿,1,35.7,105.1,60,0,\nK4,孤儿,4,105.1,35.7,60,0,\nK5,孤儿,,,,,,am\nK6,孤儿,1,105.1,,60,0,\n,,,,,,,\n\
             K7,孤儿,2,105.1,35.7,,1,pm\nK8,孤儿,1,1,1,60,0,\nK9,孤儿,1,1,1,6O,0,\nKA,孤儿,1,1,1,60,0,\nKB,孤儿,1,1,1,60,0,\n\
             KC,孤儿,1,1,1,60,0,\n"
        ))
        .unwrap();
        let listed: Vec<(u32, &str, &str)> =
            intake.listed.iter().map(|l| (l.row, l.column.as_str(), l.code.as_str())).collect();
        assert_eq!(
            listed,
            [
                (3, "category", "category_unknown"),
                (4, "id", "id_twice"),
                (5, "lat", "coordinate_out_of_range"),
                (6, "tier", "tier_unknown"),
                (8, "lat", "coordinate_missing"),
                (12, "service_min", "number_unreadable"),
            ]
        );
        assert_eq!(intake.listed[0].en.split(':').next(), Some("clients.csv, row 3, column category"));
        let counts = &intake.counts[0];
        assert_eq!((counts.rows_in, counts.kept, counts.listed), (13, 7, 6));
        let clients = &intake.county.clients;
        assert_eq!(
            (clients[1].id.as_str(), clients[1].at, clients[1].precision),
            ("K5", None, Precision::Township)
        );
        assert_eq!((clients[2].service, clients[2].needs_female), (Minutes(90), true));
        assert_eq!(clients[0].category, Category::Orphan);
    }

    #[test]
    fn an_empty_roster_and_one_that_is_mostly_faults_are_refused() {
        assert!(read(HEADER).unwrap_err().en.contains("no client"));
        assert!(read("").unwrap_err().en.contains("empty"));
        assert!(read("a,b\n1,2\n").unwrap_err().en.contains("header"));
        let fault = read(&format!("{HEADER}K1,孤儿,1,,,,,\nK2,x,1,,,,,\nK3,x,1,,,,,\n")).unwrap_err();
        assert!(fault.en.contains("2 of 3 rows") && fault.en.contains("row 3"), "{fault}");
        let dir = tempfile::tempdir().unwrap();
        assert!(read_county(dir.path(), december(), &Silent).unwrap_err().en.contains("no such file"));
    }
}
