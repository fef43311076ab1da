//! What every answer is made from: the plan, its lists as GeoJSON, and the live roads once they are loaded.

use crate::api::collections::{self, Collection};
use crate::base::{Fault, Outcome, Silent, sha256_hex};
use crate::plan::{LivePlan, Plan, open_plan};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, RwLock};

/// A served plan.
pub(super) struct House {
    /// The decisions.
    pub(super) plan: Plan,
    /// The plan folder.
    pub(super) dir: PathBuf,
    /// Opaque id: the month and a piece of the plan's hash.
    pub(super) id: String,
    /// The plan's hash as an entity tag.
    pub(super) etag: String,
    /// Bound to this machine only; names are shown.
    pub(super) loopback: bool,
    /// Lists as GeoJSON features, made once.
    pub(super) collections: Vec<Collection>,
    /// Finished road tiles.
    pub(super) tiles: Mutex<BTreeMap<(u8, u32, u32), Vec<u8>>>,
    /// The stage the loader is in, for `/jobs/roads`.
    pub(super) stage: RwLock<String>,
    live: OnceLock<Outcome<LivePlan>>,
}

impl House {
    /// Reads a plan folder. Beyond this machine names and exact homes stay out of the lists.
    ///
    /// # Errors
    /// The folder is not a plan, or of a newer version.
    pub(super) fn open(dir: &Path, loopback: bool) -> Outcome<House> {
        let plan = open_plan(dir)?;
        let file = dir.join("plan.json");
        let text = std::fs::read(&file).map_err(|e| Fault::file(&file, &e))?;
        Ok(House::new(plan, dir, &sha256_hex(&text), loopback))
    }

    pub(super) fn new(plan: Plan, dir: &Path, hash: &str, loopback: bool) -> House {
        let hash = &hash[..hash.len().min(12)];
        let collections = collections::all(&plan, loopback);
        House {
            id: format!("{}-{hash}", plan.month),
            etag: format!("\"{hash}{}\"", if loopback { "" } else { "p" }),
            dir: dir.to_path_buf(),
            plan,
            loopback,
            collections,
            tiles: Mutex::new(BTreeMap::new()),
            stage: RwLock::new("waiting".into()),
            live: OnceLock::new(),
        }
    }

    /// Loads the plan's roads for what-ifs, tiles and isochrones; runs once, beside the first requests.
    pub(super) fn load_roads(&self) {
        let tell = |stage: &str| {
            if let Ok(mut s) = self.stage.write() {
                *s = stage.into();
            }
        };
        tell("running");
        let live = self.live.get_or_init(|| LivePlan::open(&self.plan, &self.dir, &Silent));
        tell(if live.is_ok() { "successful" } else { "failed" });
    }

    /// The live roads; waits until they are loaded. Call it where blocking is allowed.
    ///
    /// # Errors
    /// The roads could not be loaded.
    pub(super) fn live(&self) -> Outcome<&LivePlan> {
        self.live.wait().as_ref().map_err(Clone::clone)
    }

    /// Why the roads could not be loaded, if so.
    pub(super) fn live_fault(&self) -> Option<&Fault> {
        self.live.get().and_then(|l| l.as_ref().err())
    }
}
