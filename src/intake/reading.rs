//! Reading tables one by one, with the books of what was kept.

use crate::base::{Fault, FaultKind, Outcome, Progress};
use crate::intake::Listed;
use crate::intake::chunk::RawRow;
use crate::intake::clients::{Received, RosterRules, Spot, read_clients, roster_columns};
use crate::intake::folder::Folder;
use crate::intake::identity::{IdKey, KeySet};
use crate::intake::memory::{Memory, plain_name, township_of_file, townships_of};
use crate::intake::preview::{ColumnGuess, SheetPreview};
use crate::intake::sheet::{Columns, Ledger, RawSheet, RawSheets, Remembered, RowFault, plain_heading};
use crate::intake::staff::read_villages;
use crate::intake::table::{empty, read_table};
use crate::intake::tables::read_sheets;
use crate::roster::{Calendar, Month, Policy, Village};
use std::path::{Path, PathBuf};

/// What becomes of a roster file that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnFault {
    /// The work ends: a plan never goes on without a file.
    Stop,
    /// The fault is kept beside the file's name, and the other files are read.
    Keep,
}

/// The work in hand: where it reads, and its books.
pub(crate) struct Reading<'a> {
    dir: &'a Path,
    progress: &'a dyn Progress,
    on_fault: OnFault,
    /// Every file read, in order.
    pub read: Vec<PathBuf>,
    /// The books.
    pub ledger: Ledger,
    /// Roster files that cannot be read.
    pub faults: Vec<(String, Fault)>,
    /// The roster sheets with what their headings were taken for, by file.
    pub sheets_seen: Vec<(String, SheetPreview)>,
    /// Roster sheets as they came, where a workbook of problems is to be written.
    pub raw: Option<Vec<RawSheet>>,
    /// Rows listed because their person stands in an earlier row: its id, the row, the name.
    pub twice: Vec<(String, Spot, String)>,
    /// What a person has told before.
    pub memory: Memory,
    /// Where the client rosters begin among the counts.
    rosters_from: usize,
}

impl<'a> Reading<'a> {
    /// Nothing read yet; paths are shown as they stand inside `dir`.
    pub(crate) fn new(dir: &'a Path, progress: &'a dyn Progress, on_fault: OnFault) -> Reading<'a> {
        Reading {
            dir,
            progress,
            on_fault,
            read: Vec::new(),
            ledger: Ledger::default(),
            faults: Vec::new(),
            sheets_seen: Vec::new(),
            raw: None,
            twice: Vec::new(),
            memory: Memory::default(),
            rosters_from: 0,
        }
    }

    /// Takes up what a person has told about the county before.
    ///
    /// # Errors
    /// A file of the memory is damaged.
    pub(crate) fn remember(&mut self) -> Outcome<()> {
        self.memory = Memory::open(self.dir)?;
        self.read.append(&mut self.memory.read);
        Ok(())
    }

    /// The path as lists and sentences show it: inside the county folder, else the file's name.
    fn shown(&self, path: &Path) -> String {
        let inside = path.strip_prefix(self.dir).ok();
        inside.or(path.file_name().map(Path::new)).unwrap_or(path).display().to_string()
    }

    fn text(&mut self, path: &Path) -> Outcome<String> {
        self.read.push(path.to_owned());
        std::fs::read_to_string(path).map_err(|e| Fault::file(path, &e))
    }

    /// The county's rules, else the shipped ones.
    pub(crate) fn policy(&mut self, folder: &Folder) -> Outcome<Policy> {
        match &folder.policy {
            Some(path) => Policy::parse(&self.text(path)?, &self.shown(path)),
            None => Policy::builtin(),
        }
    }

    /// The shipped calendar with the county's changes.
    pub(crate) fn calendar(&mut self, folder: &Folder) -> Outcome<Calendar> {
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
        read_sheets(path, &name, self.progress)
    }

    /// Reads one table by its header.
    pub(crate) fn rows<T>(
        &mut self,
        path: &Path,
        one: impl Fn(&RawSheet, &mut Ledger) -> Option<Vec<T>>,
    ) -> Outcome<Vec<T>> {
        let sheets = self.sheets(path)?;
        let mut rows = Vec::new();
        for sheet in &sheets {
            rows.extend(
                one(sheet, &mut self.ledger).ok_or_else(|| no_header(&sheet.name.file, sheet.is_empty()))?,
            );
        }
        self.ledger.at_least_half(self.ledger.counts.len() - 1)?;
        Ok(rows)
    }

    /// Reads the village register with its aliases.
    pub(crate) fn villages(&mut self, folder: &Folder) -> Outcome<Vec<Village>> {
        let mut villages = match &folder.villages {
            Some(path) => self.rows(path, read_villages)?,
            None => Vec::new(),
        };
        if let Some(path) = &folder.aliases {
            self.aliases(path, &mut villages)?;
        }
        Ok(villages)
    }

    /// Reads client rosters.
    pub(crate) fn clients(
        &mut self,
        rosters: &[PathBuf],
        folder: &Folder,
        policy: &Policy,
        month: Month,
        villages: &[Village],
    ) -> Outcome<Vec<Received>> {
        let secret = folder.settings.id_key.clone().unwrap_or_else(|| "caregrid".to_owned());
        let townships = townships_of(villages);
        let mut rules = RosterRules {
            policy,
            month,
            datum: folder.settings.datum()?,
            key: IdKey::new(&secret),
            ids: KeySet::default(),
            people: KeySet::default(),
            remembered: Remembered::new(),
            merged: std::mem::take(&mut self.memory.merged),
            twice: Vec::new(),
        };
        let mut clients = Vec::new();
        self.rosters_from = self.ledger.counts.len();
        for path in rosters {
            let name = self.shown(path);
            rules.remembered = self.memory.columns(&township_of_file(&name, &townships));
            match self.roster(path, &mut rules) {
                Ok(read) if clients.is_empty() => clients = read,
                Ok(read) => clients.extend(read),
                Err(fault) if self.on_fault == OnFault::Stop || fault.kind != FaultKind::Refused => {
                    return Err(fault);
                }
                Err(fault) => self.faults.push((name, fault)),
            }
        }
        self.twice = rules.twice;
        Ok(clients)
    }

    /// Reads one roster file.
    fn roster(&mut self, path: &Path, rules: &mut RosterRules) -> Outcome<Vec<Received>> {
        let mut sheets = self.sheets(path)?;
        let is_empty = sheets.iter().all(RawSheet::is_empty);
        let (mut clients, mut found) = (Vec::new(), false);
        let after = if self.raw.is_some() { RawSheets::Kept } else { RawSheets::Dropped };
        for sheet in &mut sheets {
            let columns = roster_columns(sheet, &rules.remembered);
            self.see(sheet, columns.as_ref(), &rules.remembered);
            if let Some(columns) = columns {
                found = true;
                read_clients(sheet, &columns, after, rules, &mut self.ledger, &mut clients);
            } else if !sheet.is_empty() {
                self.ledger.remark(&sheet.name, 1, sheet_without_header());
            }
        }
        if !found {
            return Err(no_header(&self.shown(path), is_empty));
        }
        if let Some(raw) = &mut self.raw {
            raw.extend(sheets);
        }
        Ok(clients)
    }

    /// Notes what the headings of a sheet were taken for; of a sheet without header, its first row.
    fn see(&mut self, sheet: &RawSheet, columns: Option<&Columns>, remembered: &Remembered) {
        let guess = |heading: &str, column: Option<usize>| ColumnGuess {
            heading: heading.chars().take(60).collect(),
            field: column.map(|c| plain_name(c).to_owned()),
            remembered: remembered.contains_key(&plain_heading(heading)),
        };
        let columns_seen = match columns {
            Some(columns) => {
                columns.guesses().filter(|g| !g.0.is_empty()).map(|(h, c)| guess(h, c)).collect()
            }
            None => {
                let widest =
                    sheet.rows().take(20).max_by_key(|r| r.cells().filter(|c| !c.is_empty()).count());
                widest
                    .iter()
                    .flat_map(RawRow::cells)
                    .filter(|c| !c.is_empty())
                    .map(|c| guess(c, None))
                    .collect()
            }
        };
        let header_row = columns.map_or(0, |c| c.header_row);
        let seen = SheetPreview { sheet: sheet.name.sheet.to_string(), header_row, columns: columns_seen };
        self.sheets_seen.push((sheet.name.file.to_string(), seen));
    }

    /// The rosters can be planned with.
    ///
    /// # Errors
    /// No client was kept, or more than half of the rows are listed.
    pub(crate) fn usable(&self, clients: usize) -> Outcome<()> {
        if let Some((_, fault)) = self.faults.first() {
            return Err(fault.clone());
        }
        self.ledger.at_least_half(self.rosters_from)?;
        if clients == 0 {
            return Err(Fault::refused(
                "名册中没有一位可用的服务对象，请检查提交的文件。",
                "the roster holds no client that can be used; check what was sent.",
            ));
        }
        Ok(())
    }

    /// Adds the names of `aliases.csv` (`code,alias`) to the register.
    fn aliases(&mut self, path: &Path, villages: &mut [Village]) -> Outcome<()> {
        let name = self.shown(path);
        let table = read_table(path)?;
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

fn sheet_without_header() -> RowFault {
    RowFault::of_row(
        "sheet_without_header",
        "该工作表没有认得的表头，未读取；若是名册请补上表头。",
        "this sheet has no known header and was not read; give it one if it is a roster.",
    )
}

fn no_header(name: &str, is_empty: bool) -> Fault {
    if is_empty {
        return empty(name);
    }
    Fault::refused(
        format!("{name}：前 20 行中没有认得的表头。请按 docs 中的列名填写表头。"),
        format!("{name}: no known header in the first 20 rows; use the column names of the interface."),
    )
}

impl Ledger {
    /// The files from `first` on are mostly sound.
    ///
    /// # Errors
    /// More than half of the rows of the files from `first` on are listed for a fault of theirs.
    fn at_least_half(&self, first: usize) -> Outcome<()> {
        let counts = &self.counts[first..];
        let rows_in: u64 = counts.iter().map(|c| c.rows_in).sum();
        let of_these = |l: &&Listed| {
            !matches!(l.code.as_str(), "institution" | "merged") && counts.iter().any(|c| c.file == l.file)
        };
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
