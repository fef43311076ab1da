//! The township files dropped on the page: kept in a private folder under their own names until they are taken in or forgotten.

use crate::base::{Fault, Outcome};
use std::fs::DirBuilder;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Most files of a drop, most bytes of a file, most letters of its name.
const MOST_FILES: usize = 200;
pub(super) const MOST_BYTES: usize = 64 << 20;
const MOST_LETTERS: usize = 120;
/// Files of a plan's inputs that a county folder starts with; clients come from the drop.
const COUNTY_FILES: [&str; 6] =
    ["county.toml", "policy.toml", "sites.csv", "caregivers.csv", "villages.csv", "calendar.csv"];

/// The drop, and the county folder it goes to.
pub(super) struct DropBox {
    folder: Mutex<Option<PathBuf>>,
    county: PathBuf,
}

impl DropBox {
    /// Nothing dropped yet. Mappings and confirmed places are remembered in the folder `county`, made when first needed.
    pub(super) fn new(county: PathBuf) -> DropBox {
        DropBox { folder: Mutex::new(None), county }
    }

    /// The county folder; without one of the person's own it starts with the rest of the plan's inputs.
    ///
    /// # Errors
    /// The disk refuses.
    pub(super) fn county(&self, plan_dir: &Path) -> Outcome<&Path> {
        if !self.county.is_dir() {
            std::fs::create_dir_all(&self.county).map_err(|e| Fault::file(&self.county, &e))?;
            let inputs = plan_dir.join("inputs");
            for file in COUNTY_FILES.map(|f| inputs.join(f)).iter().filter(|f| f.is_file()) {
                let place = self.county.join(file.file_name().unwrap_or_default());
                std::fs::copy(file, &place).map_err(|e| Fault::file(&place, &e))?;
            }
        }
        Ok(&self.county)
    }

    /// Keeps a file under its own name, which is shown and remembered; a file of the same name is replaced.
    ///
    /// # Errors
    /// The name is not that of a file, there are too many, or the disk refuses.
    pub(super) fn keep(&self, name: &str, bytes: &[u8]) -> Outcome<()> {
        let name = file_name(name)?;
        let folder = self.folder()?;
        let place = folder.join(name);
        if !place.exists() && self.files().len() >= MOST_FILES {
            return Err(Fault::refused(
                format!("一次最多放入 {MOST_FILES} 个文件。"),
                format!("at most {MOST_FILES} files at a time."),
            ));
        }
        std::fs::write(&place, bytes).map_err(|e| Fault::file(Path::new(name), &e))
    }

    /// The files, by name.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let held = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
        let entries = held.as_ref().and_then(|f| std::fs::read_dir(f).ok());
        let mut files: Vec<PathBuf> =
            entries.into_iter().flatten().filter_map(|e| e.ok().map(|e| e.path())).collect();
        files.sort();
        files
    }

    /// Forgets one file; false if there is none of that name.
    ///
    /// # Errors
    /// The name is not that of a file, or the disk refuses.
    pub(super) fn forget(&self, name: &str) -> Outcome<bool> {
        let name = file_name(name)?;
        let Some(file) = self.files().into_iter().find(|f| f.file_name().is_some_and(|n| n == name)) else {
            return Ok(false);
        };
        std::fs::remove_file(&file).map_err(|e| Fault::file(Path::new(name), &e))?;
        Ok(true)
    }

    /// Forgets the files.
    pub(super) fn empty(&self) {
        let mut held = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = held.take() {
            // What cannot be removed stays private to this account.
            let _ = std::fs::remove_dir_all(folder);
        }
    }

    /// A folder that only this account can read.
    fn folder(&self) -> Outcome<PathBuf> {
        let mut held = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = held.as_ref() {
            return Ok(folder.clone());
        }
        let base = std::env::temp_dir();
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        for n in 0..1000 {
            let folder = base.join(format!("caregrid-drop-{}-{n}", std::process::id()));
            match builder.create(&folder) {
                Ok(()) => return Ok(held.insert(folder).clone()),
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(Fault::file(&folder, &e)),
            }
        }
        Err(Fault::refused(
            "临时文件夹已满，请清理后重试。",
            "the folder for temporary files is full; clear it and try again.",
        ))
    }
}

impl Drop for DropBox {
    fn drop(&mut self) {
        self.empty();
    }
}

/// A plain file name with an ending of a roster; never a path.
fn file_name(name: &str) -> Outcome<&str> {
    let is_plain = !name.is_empty()
        && name.chars().count() <= MOST_LETTERS
        && !name.starts_with('.')
        && !name.contains(['/', '\\', ':'])
        && !name.chars().any(char::is_control);
    if is_plain {
        return Ok(name);
    }
    Err(Fault::refused(
        format!("文件名应为 1 到 {MOST_LETTERS} 个字，不含路径。"),
        format!("a file's name should have 1 to {MOST_LETTERS} characters and no path."),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_keep_their_names_and_are_gone_when_forgotten() {
        let county = tempfile::tempdir().unwrap();
        let held = DropBox::new(county.path().join("county"));
        held.keep("东川镇.csv", b"a").unwrap();
        held.keep("东川镇.csv", b"b").unwrap();
        let files = held.files();
        assert_eq!(files.len(), 1);
        assert_eq!(std::fs::read(&files[0]).unwrap(), b"b");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = files[0].parent().unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        }
        held.keep("西坪乡.csv", b"c").unwrap();
        assert!(held.forget("西坪乡.csv").unwrap() && !held.forget("西坪乡.csv").unwrap());
        assert_eq!(held.files(), files);
        held.empty();
        assert!(!files[0].exists() && held.files().is_empty());
    }

    #[test]
    fn a_path_is_not_a_name() {
        let county = tempfile::tempdir().unwrap();
        let held = DropBox::new(county.path().join("county"));
        for wrong in ["", "../x.csv", "a/b.csv", "a\\b.csv", ".hidden", "C:x.csv", "a\nb.csv"] {
            assert!(held.keep(wrong, b"").unwrap_err().zh.ends_with('。'), "{wrong}");
        }
        assert!(held.files().is_empty());
    }

    #[test]
    fn a_county_folder_starts_with_the_plans_own_inputs_but_its_clients() {
        let folder = tempfile::tempdir().unwrap();
        let inputs = folder.path().join("plan").join("inputs");
        std::fs::create_dir_all(&inputs).unwrap();
        for file in ["sites.csv", "clients.csv", "policy.toml"] {
            std::fs::write(inputs.join(file), "x").unwrap();
        }
        let held = DropBox::new(folder.path().join("county"));
        let county = held.county(&folder.path().join("plan")).unwrap();
        assert!(county.join("sites.csv").is_file() && county.join("policy.toml").is_file());
        assert!(!county.join("clients.csv").exists());
    }
}
