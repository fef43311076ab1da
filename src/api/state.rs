//! What every answer is made from: the plans served, their lists as GeoJSON, live roads, scenarios and jobs.

use crate::api::collections::{self, Collection, Names};
use crate::api::drop::DropBox;
use crate::api::jobs::JobBoard;
use crate::base::{Fault, Outcome, Silent, sha256_hex};
use crate::plan::{LivePlan, Plan, Remedy, Store, open_plan};
use axum::extract::FromRef;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

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
    /// Bound to this machine only; names are shown to those who ask.
    pub(super) loopback: bool,
    /// Lists as GeoJSON features, made once; names masked, or left out beyond this machine.
    pub(super) collections: Vec<Collection>,
    /// Finished road tiles.
    pub(super) tiles: Mutex<BTreeMap<(u8, u32, u32), Vec<u8>>>,
    /// The stage the loader is in, for `/jobs/roads`.
    pub(super) stage: RwLock<String>,
    named: OnceLock<Vec<Collection>>,
    live: OnceLock<Outcome<LivePlan>>,
    remedies: OnceLock<Outcome<Vec<Remedy>>>,
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
        let names = if loopback { Names::Masked } else { Names::Absent };
        House {
            id: format!("{}-{hash}", plan.month),
            etag: format!("\"{hash}{}\"", if loopback { "" } else { "p" }),
            dir: dir.to_path_buf(),
            collections: collections::all(&plan, names),
            plan,
            loopback,
            tiles: Mutex::new(BTreeMap::new()),
            stage: RwLock::new("waiting".into()),
            named: OnceLock::new(),
            live: OnceLock::new(),
            remedies: OnceLock::new(),
        }
    }

    /// The lists with names in full, for those who asked on this machine.
    pub(super) fn named(&self) -> &[Collection] {
        self.named.get_or_init(|| collections::all(&self.plan, Names::Full))
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

    /// A remedy for every gap, computed once.
    ///
    /// # Errors
    /// The roads could not be loaded.
    pub(super) fn remedies(&self) -> Outcome<&[Remedy]> {
        let found = self.remedies.get_or_init(|| self.live()?.remedies(&self.plan));
        found.as_ref().map(Vec::as_slice).map_err(Clone::clone)
    }
}

/// All that one server holds: the plans, of which one is on the page, scenarios and jobs.
pub(super) struct Desk {
    plans: RwLock<Vec<Arc<House>>>,
    current: RwLock<Arc<House>>,
    /// Scenarios; a folder that cannot be written has none, and says why.
    pub(super) store: Outcome<Store>,
    /// Long work.
    pub(super) jobs: JobBoard,
    /// Township files on their way in.
    pub(super) dropped: DropBox,
    /// Bound to this machine only; elsewhere nothing can be changed.
    pub(super) loopback: bool,
}

impl Desk {
    pub(super) fn new(first: House, county: PathBuf) -> Desk {
        let (loopback, store) = (first.loopback, Store::open(&first.dir.join("plan.db")));
        let first = Arc::new(first);
        Desk {
            plans: RwLock::new(vec![Arc::clone(&first)]),
            current: RwLock::new(first),
            store,
            jobs: JobBoard::default(),
            dropped: DropBox::new(county),
            loopback,
        }
    }

    /// The plan on the page.
    pub(super) fn current(&self) -> Arc<House> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// All plans served, oldest first.
    pub(super) fn plans(&self) -> Vec<Arc<House>> {
        self.plans.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The plan of an id; `current` stands for the one on the page.
    pub(super) fn plan(&self, id: &str) -> Option<Arc<House>> {
        if id == "current" {
            return Some(self.current());
        }
        self.plans().into_iter().find(|h| h.id == id)
    }

    /// Serves one more plan; the page stays where it is.
    pub(super) fn add(&self, house: Arc<House>) {
        let mut plans = self.plans.write().unwrap_or_else(PoisonError::into_inner);
        plans.retain(|h| h.id != house.id);
        plans.push(house);
    }

    /// Puts a served plan on the page.
    pub(super) fn choose(&self, house: Arc<House>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = house;
    }

    /// The scenarios.
    ///
    /// # Errors
    /// The plan folder cannot hold them.
    pub(super) fn store(&self) -> Outcome<&Store> {
        self.store.as_ref().map_err(Clone::clone)
    }
}

/// The router's state.
#[derive(Clone)]
pub(super) struct Shared(pub(super) Arc<Desk>);

impl FromRef<Shared> for Arc<House> {
    fn from_ref(shared: &Shared) -> Arc<House> {
        shared.0.current()
    }
}

impl FromRef<Shared> for Arc<Desk> {
    fn from_ref(shared: &Shared) -> Arc<Desk> {
        Arc::clone(&shared.0)
    }
}
