//! Where the files of a county folder are: `county.toml`, else the names of the interface.

use crate::base::{Fault, Mode, Outcome};
use crate::intake::Datum;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// `county.toml`; every key may be missing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CountyToml {
    /// Name for titles.
    pub name: Option<String>,
    /// The data are invented.
    pub synthetic: bool,
    clients: Option<PathBuf>,
    sites: Option<PathBuf>,
    caregivers: Option<PathBuf>,
    villages: Option<PathBuf>,
    aliases: Option<PathBuf>,
    map: Option<PathBuf>,
    policy: Option<PathBuf>,
    calendar: Option<PathBuf>,
    /// Datum of the clients' coordinates.
    datum: Option<String>,
    modes: BTreeMap<Mode, PathBuf>,
    /// What must stand beside the data wherever they show.
    #[serde(rename = "notice")]
    _notice: Option<String>,
    /// Secret of the county that makes client ids opaque where the roster has none of its own.
    pub id_key: Option<String>,
}

/// The files of a county folder that are there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Folder {
    /// The settings.
    pub settings: CountyToml,
    /// `county.toml` itself.
    pub settings_file: Option<PathBuf>,
    /// Client rosters, in the order of their names.
    pub clients: Vec<PathBuf>,
    /// Candidate sites.
    pub sites: PathBuf,
    /// Caregivers.
    pub caregivers: PathBuf,
    /// Village register.
    pub villages: Option<PathBuf>,
    /// Other names of villages.
    pub aliases: Option<PathBuf>,
    /// The map.
    pub map: Option<PathBuf>,
    /// The rules.
    pub policy: Option<PathBuf>,
    /// Calendar files.
    pub calendars: Vec<PathBuf>,
    /// Mode files.
    pub modes: Vec<(Mode, PathBuf)>,
}

impl CountyToml {
    /// The datum of the clients' coordinates; WGS 84 where the settings are silent.
    ///
    /// # Errors
    /// The word is unknown.
    pub(crate) fn datum(&self) -> Outcome<Datum> {
        let Some(word) = &self.datum else { return Ok(Datum::Wgs84) };
        Datum::of_word(word).ok_or_else(|| {
            let known = "WGS84, CGCS2000, GCJ-02, BD-09, GK105";
            Fault::refused(
                format!("county.toml：坐标系“{word}”未知，可用：{known}。"),
                format!("county.toml: the datum '{word}' is unknown; use one of {known}."),
            )
        })
    }
}

impl Folder {
    /// Looks the folder over.
    ///
    /// # Errors
    /// The folder or a file named in `county.toml` is missing, or there are several maps.
    pub(crate) fn open(dir: &Path) -> Outcome<Folder> {
        if !dir.is_dir() {
            let d = dir.display();
            return Err(Fault::refused(
                format!("{d}：不是一个县数据文件夹。请给出含 clients.csv 的文件夹。"),
                format!("{d}: this is no county folder; name a folder that holds clients.csv."),
            ));
        }
        let settings_file = Some(dir.join("county.toml")).filter(|p| p.is_file());
        let settings = settings_file.as_deref().map_or(Ok(CountyToml::default()), read_settings)?;
        let named = |name: &Option<PathBuf>| name.as_ref().map(|n| there(dir.join(n))).transpose();
        let or = |given: Option<PathBuf>, usual: &str| given.or(Some(dir.join(usual)).filter(|p| p.exists()));
        // A missing table is told by name when it is read.
        let required = |given: Option<PathBuf>, usual: &str| given.unwrap_or_else(|| dir.join(usual));
        let clients = match or(or(named(&settings.clients)?, "clients.csv"), "clients") {
            Some(path) => rosters(path)?,
            None => vec![dir.join("clients.csv")],
        };
        let map = match named(&settings.map)? {
            Some(map) => Some(map),
            None => only_map(dir)?,
        };
        let modes = settings.modes.iter().map(|(mode, path)| Ok((*mode, there(dir.join(path))?)));
        Ok(Folder {
            clients,
            sites: required(named(&settings.sites)?, "sites.csv"),
            caregivers: required(named(&settings.caregivers)?, "caregivers.csv"),
            villages: or(named(&settings.villages)?, "villages.csv"),
            aliases: or(named(&settings.aliases)?, "aliases.csv"),
            map,
            policy: or(named(&settings.policy)?, "policy.toml"),
            calendars: or(or(named(&settings.calendar)?, "calendar"), "calendar.csv")
                .map_or(Ok(Vec::new()), calendars)?,
            modes: modes.collect::<Outcome<_>>()?,
            settings,
            settings_file,
        })
    }
}

impl Folder {
    /// The county's name: from the settings, else the folder's.
    pub(crate) fn name(&self, dir: &Path) -> String {
        let of_folder = || dir.canonicalize().ok()?.file_name().map(|n| n.to_string_lossy().into_owned());
        self.settings.name.clone().or_else(of_folder).unwrap_or_default()
    }
}

fn there(path: PathBuf) -> Outcome<PathBuf> {
    match std::fs::metadata(&path) {
        Ok(_) => Ok(path),
        Err(e) => Err(Fault::file(&path, &e)),
    }
}

fn read_settings(path: &Path) -> Outcome<CountyToml> {
    let text = std::fs::read_to_string(path).map_err(|e| Fault::file(path, &e))?;
    toml::from_str(&text).map_err(|e| {
        let (p, why) = (path.display(), e.message());
        Fault::refused(
            format!("{p}：设置无法读取（{why}）。"),
            format!("{p}: the settings cannot be read ({why})."),
        )
    })
}

/// The folder's files with one of `endings`, in the order of their names; without hidden and lock files.
fn files_of(dir: &Path, endings: &[&str]) -> Outcome<Vec<PathBuf>> {
    let fault = |e: std::io::Error| Fault::file(dir, &e);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
        let hidden = name.starts_with('.') || name.starts_with("~$");
        if !hidden && endings.iter().any(|e| name.ends_with(e)) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// A roster file, or all of a folder.
pub(crate) fn rosters(path: PathBuf) -> Outcome<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path]);
    }
    // Formats we refuse are found too, so that their rows are not lost in silence.
    let files = files_of(&path, &[".csv", ".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".et"])?;
    if files.is_empty() {
        let p = path.display();
        return Err(Fault::refused(
            format!("{p}：文件夹中没有名册（.xlsx 或 .csv）。"),
            format!("{p}: the folder holds no roster (.xlsx or .csv)."),
        ));
    }
    Ok(files)
}

fn only_map(dir: &Path) -> Outcome<Option<PathBuf>> {
    let mut maps = files_of(dir, &[".osm.pbf"])?;
    if maps.len() > 1 {
        let d = dir.display();
        return Err(Fault::refused(
            format!("{d}：有多个 .osm.pbf 地图，请在 county.toml 中用 map 指定一个。"),
            format!("{d}: there are several .osm.pbf maps; name one as `map` in county.toml."),
        ));
    }
    Ok(maps.pop())
}

fn calendars(path: PathBuf) -> Outcome<Vec<PathBuf>> {
    if path.is_dir() { files_of(&path, &[".csv"]) } else { Ok(vec![path]) }
}
