//! What stands beside a plan's rows for people to read: whom to hire, and what each lock costs.

use crate::base::Outcome;
use crate::intake::{Table, read_table};
use serde::Serialize;
use std::path::Path;

/// A line of recruits.csv.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HireTold {
    /// `H01`.
    pub hire: String,
    /// Village cell to live in.
    pub village: String,
    /// The client whose home stands for the village.
    pub near_client: String,
    /// How the hire travels.
    pub mode: String,
    /// Visits they would make.
    pub visits: u32,
    /// Minutes of care.
    pub care_min: f64,
    /// Minutes on the road.
    pub travel_min: f64,
    /// Days worked.
    pub days: u32,
    /// Somebody among the clients must be served by a woman.
    pub needs_female: bool,
    /// Skills the clients need.
    pub skills: Vec<String>,
    /// Whose visits.
    pub clients: Vec<String>,
}

/// A line of locks.csv; costs are empty where they were not computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LockTold {
    /// lock or forbid.
    pub kind: String,
    /// Whose visits.
    pub client: String,
    /// Who alone may, or may not, serve them.
    pub caregiver: String,
    /// Travel that the lock adds, in seconds.
    pub travel_s: Option<u32>,
    /// Visits that the lock leaves unplaced.
    pub visits: Option<u32>,
}

/// The hires of a plan folder, in the order of recruits.csv; none in a repaired plan.
///
/// # Errors
/// The file is damaged.
pub fn hires(dir: &Path) -> Outcome<Vec<HireTold>> {
    let table = table(dir, "recruits.csv")?;
    let told = |cells: &Vec<String>| {
        let cell = |column: &str| table.cell(cells, column);
        let list = |column: &str| {
            cell(column).split(';').filter(|p| !p.is_empty()).map(str::to_owned).collect::<Vec<_>>()
        };
        HireTold {
            hire: cell("hire").to_owned(),
            village: cell("village").to_owned(),
            near_client: cell("near_client").to_owned(),
            mode: cell("mode").to_owned(),
            visits: cell("visits").parse().unwrap_or_default(),
            care_min: cell("care_min").parse().unwrap_or_default(),
            travel_min: cell("travel_min").parse().unwrap_or_default(),
            days: cell("days").parse().unwrap_or_default(),
            needs_female: cell("needs_female") == "1",
            skills: list("skills"),
            clients: list("clients"),
        }
    };
    Ok(table.rows.iter().map(told).collect())
}

/// The locks of a plan folder with what each costs; none where the planner fixed nothing.
///
/// # Errors
/// The file is damaged.
pub fn lock_costs(dir: &Path) -> Outcome<Vec<LockTold>> {
    let table = table(dir, "locks.csv")?;
    let told = |cells: &Vec<String>| {
        let cell = |column: &str| table.cell(cells, column);
        LockTold {
            kind: cell("kind").to_owned(),
            client: cell("client").to_owned(),
            caregiver: cell("caregiver").to_owned(),
            travel_s: cell("travel_s").parse().ok(),
            visits: cell("visits").parse().ok(),
        }
    };
    Ok(table.rows.iter().map(told).collect())
}

fn table(dir: &Path, file: &str) -> Outcome<Table> {
    let path = dir.join(file);
    if path.is_file() { read_table(&path) } else { Ok(Table::default()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hires_and_locks_are_read_as_they_were_written_and_a_plan_without_them_has_none() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!((hires(dir.path()).unwrap().len(), lock_costs(dir.path()).unwrap().len()), (0, 0));
        let recruits = "hire,village,near_client,mode,visits,care_min,travel_min,wait_min,days,needs_female,skills,clients\n\
            H01,东村·2,C0002,motorcycle,3,180.0,12.5,0.0,3,1,,C0002;C0005\n";
        std::fs::write(dir.path().join("recruits.csv"), recruits).unwrap();
        let locks = "kind,client,caregiver,travel_s,visits\nlock,C0001,G001,240,0\nforbid,C0002,G002,,\n";
        std::fs::write(dir.path().join("locks.csv"), locks).unwrap();
        let hire = &hires(dir.path()).unwrap()[0];
        assert_eq!((hire.visits, hire.needs_female, hire.clients.len(), hire.skills.len()), (3, true, 2, 0));
        let told = lock_costs(dir.path()).unwrap();
        let costs: Vec<_> = told.iter().map(|l| (l.kind.as_str(), l.travel_s, l.visits)).collect();
        assert_eq!(costs, [("lock", Some(240), Some(0)), ("forbid", None, None)]);
    }
}
