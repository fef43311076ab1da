//! Scenarios and their history in `plan.db`: what a person tried and named. The plan itself stands in the folder's files.
//!
//! One table of changes, never rewritten but for its `undone` mark: a scenario is its last change that is not undone, so
//! undo and history need nothing else. Answers are not kept; they are computed anew, so none can be stale.

use crate::base::{Fault, Outcome};
use crate::plan::WhatIf;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Oldest SQLite trusted with commits under WAL.
const LEAST_SQLITE: i32 = 3_051_003;
/// Layout of `plan.db`.
const LAYOUT: i64 = 1;
/// Most scenarios, and most characters of a name.
const MOST_SCENARIOS: usize = 200;
const MOST_LETTERS: usize = 60;

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS change (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    scenario INTEGER NOT NULL,
    name TEXT NOT NULL,
    edits TEXT,
    undone INTEGER NOT NULL DEFAULT 0
) STRICT";
/// The last standing change of every scenario; `edits` NULL is a removal.
const STANDING: &str = "SELECT scenario, name, edits, at FROM change WHERE id IN
    (SELECT max(id) FROM change WHERE undone = 0 GROUP BY scenario) AND edits IS NOT NULL";

/// A named what-if.
#[derive(Debug, Clone, Serialize)]
pub struct Scenario {
    /// Number, from 1, never reused.
    pub id: i64,
    /// What the person called it.
    pub name: String,
    /// Its edits of the plan's outlets.
    pub edits: WhatIf,
    /// When it was last changed, UTC.
    pub changed_at: String,
}

/// `plan.db`, opened.
#[derive(Debug)]
pub struct Store {
    db: Mutex<Connection>,
}

impl Store {
    /// Opens or makes the file: write-ahead log, every commit flushed to the disk.
    ///
    /// # Errors
    /// The SQLite of this build is too old; the file is not one of ours, of a newer version, or cannot be written.
    pub fn open(path: &Path) -> Outcome<Store> {
        trusted(rusqlite::version_number())?;
        let broken = |e: rusqlite::Error| unusable(path, &e);
        let db = Connection::open(path).map_err(broken)?;
        db.busy_timeout(std::time::Duration::from_secs(2)).map_err(broken)?;
        db.pragma_update(None, "journal_mode", "WAL").map_err(broken)?;
        db.pragma_update(None, "synchronous", "FULL").map_err(broken)?;
        let layout: i64 = db.query_row("PRAGMA user_version", [], |r| r.get(0)).map_err(broken)?;
        if layout > LAYOUT {
            return Err(Fault::refused(
                format!("{}：情景文件由更新版本写成（版式 {layout}），请升级程序。", path.display()),
                format!(
                    "{}: the scenarios were written by a newer version (layout {layout}); update the program.",
                    path.display()
                ),
            ));
        }
        db.execute_batch(SCHEMA).map_err(broken)?;
        db.pragma_update(None, "user_version", LAYOUT).map_err(broken)?;
        Ok(Store { db: Mutex::new(db) })
    }

    /// All scenarios, oldest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn scenarios(&self) -> Outcome<Vec<Scenario>> {
        guarded(&self.db, |db| {
            let mut rows = db.prepare(&format!("{STANDING} ORDER BY scenario"))?;
            rows.query_map([], row)?.collect()
        })
    }

    /// One scenario, if it stands.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn scenario(&self, id: i64) -> Outcome<Option<Scenario>> {
        guarded(&self.db, |db| db.query_row(&format!("{STANDING} AND scenario = ?1"), [id], row).optional())
    }

    /// Keeps edits under a name: of the scenario `id`, or of a new one.
    ///
    /// # Errors
    /// The name is empty, too long or taken; there are too many; `id` does not stand; the file cannot be written.
    pub fn save(&self, id: Option<i64>, name: &str, edits: &WhatIf) -> Outcome<Scenario> {
        let name = name.trim();
        let all = self.scenarios()?;
        allowed(name, id, &all)?;
        let text =
            serde_json::to_string(edits).map_err(|e| Fault::refused(format!("{e}。"), format!("{e}.")))?;
        let saved = guarded(&self.db, |db| {
            let work = db.transaction()?;
            let next =
                work.query_row("SELECT coalesce(max(scenario), 0) + 1 FROM change", [], |r| r.get(0))?;
            let scenario: i64 = id.unwrap_or(next);
            record(&work, scenario, name, Some(&text))?;
            work.commit()?;
            Ok(scenario)
        })?;
        self.scenario(saved)?.ok_or_else(|| no_scenario(saved))
    }

    /// Takes a scenario off the list; undo brings it back.
    ///
    /// # Errors
    /// It does not stand, or the file cannot be written.
    pub fn remove(&self, id: i64) -> Outcome<()> {
        let scenario = self.scenario(id)?.ok_or_else(|| no_scenario(id))?;
        guarded(&self.db, |db| {
            let work = db.transaction()?;
            record(&work, id, &scenario.name, None)?;
            work.commit()
        })
    }

    /// Takes back the last change; false if there is none.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn undo(&self) -> Outcome<bool> {
        self.mark("UPDATE change SET undone = 1 WHERE id = (SELECT max(id) FROM change WHERE undone = 0)")
    }

    /// Does the last undone change again; false if there is none.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn redo(&self) -> Outcome<bool> {
        self.mark("UPDATE change SET undone = 0 WHERE id = (SELECT min(id) FROM change WHERE undone = 1)")
    }

    fn mark(&self, change: &str) -> Outcome<bool> {
        guarded(&self.db, |db| Ok(db.execute(change, [])? > 0))
    }
}

/// Runs `work` with the connection. A panic elsewhere rolled its transaction back, so the connection stays usable.
fn guarded<T>(
    db: &Mutex<Connection>,
    work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
) -> Outcome<T> {
    let mut held = db.lock().unwrap_or_else(PoisonError::into_inner);
    work(&mut held).map_err(|e| {
        Fault::refused(
            format!("情景未能保存或读取（{e}），请检查磁盘空间与权限。"),
            format!("the scenario could not be kept or read ({e}); check the disk's space and permissions."),
        )
    })
}

/// A new change ends the way forward: what was undone before it cannot be done again.
fn record(db: &Connection, scenario: i64, name: &str, edits: Option<&str>) -> rusqlite::Result<()> {
    db.execute("DELETE FROM change WHERE undone = 1", [])?;
    db.execute(
        "INSERT INTO change (scenario, name, edits) VALUES (?1, ?2, ?3)",
        params![scenario, name, edits],
    )?;
    Ok(())
}

fn row(r: &rusqlite::Row<'_>) -> rusqlite::Result<Scenario> {
    let text: String = r.get(2)?;
    let edits = serde_json::from_str(&text).map_err(|e| {
        rusqlite::Error::FromSqlConversionFailure(2, rusqlite::types::Type::Text, Box::new(e))
    })?;
    Ok(Scenario { id: r.get(0)?, name: r.get(1)?, edits, changed_at: r.get(3)? })
}

fn allowed(name: &str, id: Option<i64>, all: &[Scenario]) -> Outcome<()> {
    if name.is_empty() || name.chars().count() > MOST_LETTERS || name.chars().any(char::is_control) {
        return Err(Fault::refused(
            format!("情景名称应为 1 到 {MOST_LETTERS} 个字。"),
            format!("a scenario's name should have 1 to {MOST_LETTERS} characters."),
        ));
    }
    if all.iter().any(|s| s.name == name && Some(s.id) != id) {
        return Err(Fault::refused(
            format!("已有情景“{name}”，请换一个名称。"),
            format!("there is a scenario '{name}' already; choose another name."),
        ));
    }
    match id {
        Some(id) if all.iter().all(|s| s.id != id) => Err(no_scenario(id)),
        None if all.len() >= MOST_SCENARIOS => Err(Fault::refused(
            format!("情景已满 {MOST_SCENARIOS} 个，请先删除不用的。"),
            format!("there are {MOST_SCENARIOS} scenarios already; remove some first."),
        )),
        _ => Ok(()),
    }
}

fn no_scenario(id: i64) -> Fault {
    Fault::refused(format!("没有编号为 {id} 的情景。"), format!("there is no scenario {id}."))
}

fn trusted(version: i32) -> Outcome<()> {
    if version >= LEAST_SQLITE {
        return Ok(());
    }
    Err(Fault::refused(
        format!(
            "SQLite 版本 {version} 过旧，可能丢失已提交的情景，需要 {LEAST_SQLITE} 以上，请用自带的库重新构建。"
        ),
        format!(
            "SQLite {version} is too old and may lose commits; {LEAST_SQLITE} or newer is needed: build with the bundled one."
        ),
    ))
}

fn unusable(path: &Path, e: &rusqlite::Error) -> Fault {
    Fault::refused(
        format!("{}：情景文件无法打开（{e}），请检查磁盘与权限。", path.display()),
        format!(
            "{}: the scenarios cannot be opened ({e}); check the disk and its permissions.",
            path.display()
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("plan.db")).unwrap();
        (folder, store)
    }

    fn closing(id: &str) -> WhatIf {
        WhatIf { remove: vec![id.into()], ..WhatIf::default() }
    }

    fn names(store: &Store) -> Vec<String> {
        store.scenarios().unwrap().into_iter().map(|s| s.name).collect()
    }

    #[test]
    fn a_scenario_outlives_the_process_and_keeps_its_edits() {
        let (folder, store) = store();
        let first = store.save(None, " 关一处 ", &closing("S1")).unwrap();
        drop(store);
        let again = Store::open(&folder.path().join("plan.db")).unwrap();
        let kept = again.scenario(first.id).unwrap().unwrap();
        assert_eq!((kept.name.as_str(), kept.edits), ("关一处", closing("S1")));
    }

    #[test]
    fn undo_takes_back_a_change_a_removal_and_a_rename_and_redo_brings_them_again() {
        let (_folder, store) = store();
        let first = store.save(None, "甲", &closing("S1")).unwrap();
        store.save(None, "乙", &closing("S2")).unwrap();
        store.save(Some(first.id), "甲改", &closing("S3")).unwrap();
        store.remove(first.id).unwrap();
        assert_eq!(names(&store), ["乙"]);
        assert!(store.undo().unwrap());
        assert_eq!(names(&store), ["甲改", "乙"]);
        assert!(store.undo().unwrap());
        assert_eq!(store.scenario(first.id).unwrap().unwrap().edits, closing("S1"));
        assert!(store.redo().unwrap());
        assert_eq!(names(&store), ["甲改", "乙"]);
        for _ in 0..3 {
            assert!(store.undo().unwrap());
        }
        assert!(!store.undo().unwrap() && names(&store).is_empty());
    }

    #[test]
    fn a_change_after_undo_ends_the_way_forward() {
        let (_folder, store) = store();
        store.save(None, "甲", &closing("S1")).unwrap();
        store.undo().unwrap();
        store.save(None, "乙", &closing("S2")).unwrap();
        assert!(!store.redo().unwrap());
        assert_eq!(names(&store), ["乙"]);
    }

    #[test]
    fn names_are_one_line_short_and_unique() {
        let (_folder, store) = store();
        store.save(None, "甲", &closing("S1")).unwrap();
        let long = "长".repeat(61);
        for wrong in ["", "  ", "甲", "a\nb", long.as_str()] {
            let fault = store.save(None, wrong, &closing("S1")).unwrap_err();
            assert!(fault.zh.ends_with('。') && fault.en.ends_with('.'), "{wrong}");
        }
        assert!(store.save(Some(7), "丙", &closing("S1")).unwrap_err().en.contains("no scenario 7"));
        assert!(store.remove(7).is_err());
    }

    #[test]
    fn commits_are_flushed_and_logged_ahead() {
        let (_folder, store) = store();
        let db = store.db.lock().unwrap();
        let mode: String = db.query_row("PRAGMA journal_mode", [], |r| r.get(0)).unwrap();
        let flushed: i64 = db.query_row("PRAGMA synchronous", [], |r| r.get(0)).unwrap();
        assert_eq!((mode.as_str(), flushed), ("wal", 2));
    }

    #[test]
    fn an_old_library_a_newer_file_and_a_foreign_file_are_refused_in_a_sentence() {
        assert!(trusted(3_051_002).unwrap_err().en.contains("too old"));
        let folder = tempfile::tempdir().unwrap();
        let newer = folder.path().join("newer.db");
        drop(Store::open(&newer).unwrap());
        Connection::open(&newer).unwrap().pragma_update(None, "user_version", 9).unwrap();
        assert!(Store::open(&newer).unwrap_err().en.contains("newer version"));
        let foreign = folder.path().join("foreign.db");
        std::fs::write(&foreign, vec![b'x'; 4096]).unwrap();
        assert!(Store::open(&foreign).unwrap_err().zh.contains("无法打开"));
    }
}
