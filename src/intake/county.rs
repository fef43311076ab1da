//! A county folder, read whole.

use crate::base::{Fault, Mode, Outcome, Progress};
use crate::intake::clients::read_clients;
use crate::intake::folder::Folder;
use crate::intake::sheet::{Ledger, RawSheet};
use crate::intake::staff::{read_caregivers, read_sites, read_villages};
use crate::intake::table::{empty, read_csv};
use crate::intake::{FileCount, Listed};
use crate::roster::{Calendar, Client, County, Month, Policy, Village};
use std::collections::HashSet;
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
}

/// Reads a county folder for `month`. Workbooks are read in a child process with limits.
///
/// # Errors
/// A file fault: a required table is missing or empty, or more than half of its rows are listed.
pub fn read_county(dir: &Path, month: Month, progress: &dyn Progress) -> Outcome<Intake> {
    let folder = Folder::open(dir)?;
    let mut reading = Reading {
        dir,
        progress,
        read: folder.settings_file.iter().cloned().collect(),
        ledger: Ledger::default(),
    };
    let policy = reading.policy(&folder)?;
    let calendar = reading.calendar(&folder)?;
    let mut villages = match &folder.villages {
        Some(path) => reading.rows(path, |sheet, ledger| read_villages(sheet, ledger))?,
        None => Vec::new(),
    };
    if let Some(path) = &folder.aliases {
        reading.aliases(path, &mut villages)?;
    }
    let clients = reading.clients(&folder, &policy)?;
    let caregivers =
        reading.rows(&folder.caregivers, |sheet, ledger| read_caregivers(sheet, &policy, ledger))?;
    let sites = reading.rows(&folder.sites, read_sites)?;
    let folder_name = || dir.canonicalize().ok()?.file_name().map(|n| n.to_string_lossy().into_owned());
    let name = folder.settings.name.clone().or_else(folder_name).unwrap_or_default();
    progress.report(&format!("intake {month}"), 1, 1);
    Ok(Intake {
        county: County { name, synthetic: folder.settings.synthetic, clients, caregivers, sites, villages },
        policy,
        calendar,
        files: CountyFiles { map: folder.map, modes: folder.modes, read: reading.read },
        listed: reading.ledger.listed,
        remarks: reading.ledger.remarks,
        counts: reading.ledger.counts,
    })
}

/// The work in hand: where it reads, and its books.
struct Reading<'a> {
    dir: &'a Path,
    progress: &'a dyn Progress,
    read: Vec<PathBuf>,
    ledger: Ledger,
}

impl Reading<'_> {
    /// The path as lists and sentences show it: inside the county folder.
    fn shown(&self, path: &Path) -> String {
        path.strip_prefix(self.dir).unwrap_or(path).display().to_string()
    }

    fn text(&mut self, path: &Path) -> Outcome<String> {
        self.read.push(path.to_owned());
        std::fs::read_to_string(path).map_err(|e| Fault::file(path, &e))
    }

    fn policy(&mut self, folder: &Folder) -> Outcome<Policy> {
        match &folder.policy {
            Some(path) => Policy::parse(&self.text(path)?, &self.shown(path)),
            None => Policy::builtin(),
        }
    }

    fn calendar(&mut self, folder: &Folder) -> Outcome<Calendar> {
        let mut calendar = Calendar::builtin()?;
        for path in &folder.calendars {
            calendar.add(&self.text(path)?, &self.shown(path))?;
        }
        Ok(calendar)
    }

    fn sheets(&mut self, path: &Path) -> Outcome<Vec<RawSheet>> {
        if self.progress.is_cancelled() {
            return Err(Fault::cancelled());
        }
        self.progress.report("intake", self.read.len() as u64, 0);
        let name = self.shown(path);
        self.read.push(path.to_owned());
        self.ledger.open(&name);
        Ok(vec![read_csv(path, &name)?])
    }

    /// Reads one table by its header.
    fn rows<T>(
        &mut self,
        path: &Path,
        one: impl Fn(&RawSheet, &mut Ledger) -> Option<Vec<T>>,
    ) -> Outcome<Vec<T>> {
        let sheets = self.sheets(path)?;
        let mut rows = Vec::new();
        for sheet in &sheets {
            rows.extend(one(sheet, &mut self.ledger).ok_or_else(|| no_header(sheet))?);
        }
        self.ledger.at_least_half(self.ledger.counts.len() - 1)?;
        Ok(rows)
    }

    fn clients(&mut self, folder: &Folder, policy: &Policy) -> Outcome<Vec<Client>> {
        let (mut clients, mut seen) = (Vec::new(), HashSet::new());
        let first = self.ledger.counts.len();
        for path in &folder.clients {
            for sheet in self.sheets(path)? {
                let read = read_clients(&sheet, policy, &mut seen, &mut self.ledger);
                clients.extend(read.ok_or_else(|| no_header(&sheet))?);
            }
        }
        self.ledger.at_least_half(first)?;
        if clients.is_empty() {
            return Err(Fault::refused(
                "名册中没有一位可用的服务对象，请检查提交的文件。",
                "the roster holds no client that can be used; check what was sent.",
            ));
        }
        Ok(clients)
    }

    /// Adds the names of `aliases.csv` (`code,alias`) to the register.
    fn aliases(&mut self, path: &Path, villages: &mut [Village]) -> Outcome<()> {
        let name = self.shown(path);
        let table = crate::intake::read_table(path)?;
        self.read.push(path.to_owned());
        for row in &table.rows {
            let (code, alias) = (table.cell(row, "code"), table.cell(row, "alias"));
            let village = villages.iter_mut().find(|v| v.code == code);
            let (Some(village), false) = (village, alias.is_empty()) else {
                return Err(Fault::refused(
                    format!("{name}：应有 code、alias 两列，code 须在村级名录中；“{code}”不符。"),
                    format!(
                        "{name}: needs columns code and alias, code from the village register; '{code}' is not."
                    ),
                ));
            };
            village.aliases.push(alias.to_owned());
        }
        Ok(())
    }
}

fn no_header(sheet: &RawSheet) -> Fault {
    let name = &sheet.file;
    if sheet.rows.is_empty() {
        return empty(name);
    }
    Fault::refused(
        format!("{name}：前 20 行中没有认得的表头。请按 docs 中的列名填写表头。"),
        format!("{name}: no known header in the first 20 rows; use the column names of the interface."),
    )
}

impl Ledger {
    /// # Errors
    /// More than half of the rows of the files from `first` on are listed for a fault of theirs.
    fn at_least_half(&self, first: usize) -> Outcome<()> {
        let counts = &self.counts[first..];
        let rows_in: u64 = counts.iter().map(|c| c.rows_in).sum();
        let of_these = |l: &&Listed| l.code != "institution" && counts.iter().any(|c| c.file == l.file);
        let mut faults = self.listed.iter().filter(of_these);
        let listed = faults.clone().count() as u64;
        if listed * 2 <= rows_in {
            return Ok(());
        }
        let (zh, en) = faults.next().map_or(Default::default(), |l| (l.zh.clone(), l.en.clone()));
        Err(Fault::refused(
            format!("{rows_in} 行中有 {listed} 行无法使用，超过一半，不像一份名册。第一处：{zh}"),
            format!(
                "{listed} of {rows_in} rows cannot be used, more than half; this is hardly a roster. The first: {en}"
            ),
        ))
    }
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
