//! A plan is written beside its place, audited there, and only then moved into it: a plan that fails is never a plan.

use crate::base::{Fault, Outcome};
use crate::plan::{Draft, folder, inputs};
use std::path::{Path, PathBuf};

/// A folder on its way to become a plan; removed when dropped before [`Staging::publish`].
#[derive(Debug)]
pub struct Staging {
    stage: PathBuf,
    out: PathBuf,
}

impl Staging {
    /// A fresh folder beside `out`, which must be a plan, empty or absent.
    ///
    /// # Errors
    /// `out` holds something else, or the folder cannot be made.
    pub fn begin(out: &Path) -> Outcome<Staging> {
        let is_taken = out.is_file()
            || (!out.join("plan.json").is_file()
                && std::fs::read_dir(out).is_ok_and(|mut d| d.next().is_some()));
        if is_taken {
            let o = out.display();
            return Err(Fault::refused(
                format!("{o}：文件夹中已有其他文件，请换一个输出文件夹。"),
                format!("{o} already holds other files; choose another folder for the plan."),
            ));
        }
        let mut name = out.file_name().unwrap_or_default().to_owned();
        name.push(format!(".writing-{}", std::process::id()));
        let stage = out.with_file_name(name);
        std::fs::create_dir_all(stage.join("inputs")).map_err(|e| Fault::file(&stage, &e))?;
        Ok(Staging { stage, out: out.to_owned() })
    }

    /// Where to write.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.stage
    }

    /// Writes tables, inputs, road file and certificate.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(&self, draft: &Draft) -> Outcome<()> {
        folder::write_plan(&draft.plan, &self.stage)?;
        inputs::write_modes(&self.stage, &draft.modes)?;
        inputs::write_cells(draft, &self.stage.join("inputs"))?;
        inputs::write_recruits(draft, &self.stage)?;
        inputs::write_month_bound(draft, &self.stage)?;
        draft.map.write(&folder::road_file(&self.stage))?;
        folder::write_json(&self.stage.join("certificate.json"), &draft.outlets.certificate)
    }

    /// Writes plan.json again, with the timings of the last stages.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_summary(&self, draft: &Draft) -> Outcome<()> {
        folder::write_summary(&draft.plan, &self.stage)
    }

    /// Moves the folder to its place; an earlier plan there is replaced only now, and its scenarios stay.
    ///
    /// # Errors
    /// The folder cannot be moved.
    pub fn publish(self) -> Outcome<()> {
        let old = self.stage.with_extension("old");
        let has_old = self.out.exists();
        if has_old {
            std::fs::rename(&self.out, &old).map_err(|e| Fault::file(&self.out, &e))?;
        }
        if let Err(e) = std::fs::rename(&self.stage, &self.out) {
            if has_old {
                std::fs::rename(&old, &self.out).map_err(|e| Fault::file(&self.out, &e))?;
            }
            return Err(Fault::file(&self.out, &e));
        }
        if has_old {
            for kept in ["plan.db", "plan.db-wal"].map(|name| old.join(name)).iter().filter(|f| f.exists()) {
                let place = self.out.join(kept.file_name().unwrap_or_default());
                std::fs::rename(kept, &place).map_err(|e| Fault::file(kept, &e))?;
            }
            std::fs::remove_dir_all(&old).map_err(|e| Fault::file(&old, &e))?;
        }
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After publishing there is nothing left to remove; before, a half-written folder must not stay behind.
        if self.stage.exists() {
            let _ = std::fs::remove_dir_all(&self.stage);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_plan_in_an_old_place_keeps_the_scenarios_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("plan");
        std::fs::create_dir(&out).unwrap();
        for file in ["plan.json", "plan.db", "visits.csv"] {
            std::fs::write(out.join(file), "old").unwrap();
        }
        let staging = Staging::begin(&out).unwrap();
        std::fs::write(staging.dir().join("plan.json"), "new").unwrap();
        staging.publish().unwrap();
        let read = |file: &str| std::fs::read_to_string(out.join(file)).ok();
        assert_eq!((read("plan.json").as_deref(), read("plan.db").as_deref()), (Some("new"), Some("old")));
        assert!(read("visits.csv").is_none());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing half-written stays");
    }
}
