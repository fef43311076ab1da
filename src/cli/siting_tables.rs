//! Tables of `caregrid siting`: pairs, weights and constraints, with ids as they stand in the files.

use super::siting::SitingArgs;
use crate::base::{ClientIx, Fault, Fen, Minutes, Outcome, Seconds, SiteIx, WeightBy};
use crate::siting::{Explanation, Group, Pair, SitingProblem, Without, with_capacity};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// The problem of two tables, with the names of its rows.
pub(super) struct Tables {
    /// The problem without constraints.
    pub(super) problem: SitingProblem,
    site_names: Vec<String>,
    site_of: HashMap<String, SiteIx>,
    client_of: HashMap<String, ClientIx>,
}

/// Constraints as a certificate file carries them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Constraints {
    #[serde(default)]
    fixed: Vec<SiteIx>,
    #[serde(default)]
    forbidden: Vec<SiteIx>,
    #[serde(default)]
    costs: Vec<Fen>,
    #[serde(default)]
    budget: Option<Fen>,
    #[serde(default)]
    capacities: Vec<u64>,
    #[serde(default)]
    groups: Vec<GroupLine>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct GroupLine {
    name: String,
    sites: Vec<SiteIx>,
    clients: Vec<ClientIx>,
    least_outlets: u32,
    least_covered: u64,
}

impl Constraints {
    /// The same constraints with no outlet above `most`.
    pub(super) fn with_capacity(&self, problem: &SitingProblem, most: u64) -> Constraints {
        Constraints { capacities: with_capacity(problem, most).capacities, ..self.clone() }
    }

    /// Puts the constraints into `problem`.
    pub(super) fn apply(&self, problem: &mut SitingProblem) {
        problem.fixed.clone_from(&self.fixed);
        problem.forbidden.clone_from(&self.forbidden);
        problem.costs.clone_from(&self.costs);
        problem.budget = self.budget;
        problem.capacities.clone_from(&self.capacities);
        let group = |g: &GroupLine| Group {
            name: g.name.clone(),
            sites: g.sites.clone(),
            clients: g.clients.clone(),
            least_outlets: g.least_outlets,
            least_covered: g.least_covered,
        };
        problem.groups = self.groups.iter().map(group).collect();
    }
}

/// Rows of a table with its line numbers.
struct Table {
    header: Vec<String>,
    rows: Vec<(u64, csv::StringRecord)>,
    name: String,
}

impl Table {
    fn read(path: &Path) -> Outcome<Table> {
        let file = std::fs::File::open(path).map_err(|e| Fault::file(path, &e))?;
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
        let name = path.file_name().map_or_else(|| "table".into(), |n| n.to_string_lossy().into_owned());
        let broken = |e: csv::Error| {
            Fault::refused(format!("{name} 无法读取（{e}）。"), format!("{name} cannot be read ({e})."))
        };
        let header = reader
            .headers()
            .map_err(broken)?
            .iter()
            .map(|h| h.trim_start_matches('\u{feff}').into())
            .collect();
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(broken)?;
            rows.push((record.position().map_or(0, csv::Position::line), record));
        }
        Ok(Table { header, rows, name })
    }

    /// Position of the first of `words` in the header.
    fn column(&self, words: &[&str]) -> Outcome<usize> {
        self.header.iter().position(|h| words.contains(&h.as_str())).ok_or_else(|| {
            let (name, word) = (&self.name, words[0]);
            Fault::refused(
                format!("{name} 缺少列“{word}”。"),
                format!("{name} has no column '{word}'; its header must name it."),
            )
        })
    }

    fn whole(&self, line: u64, cell: &str, column: &str) -> Outcome<u64> {
        cell.parse::<u64>().map_err(|_| {
            let name = &self.name;
            Fault::refused(
                format!("{name} 第 {line} 行的 {column} 不是非负整数。"),
                format!("{name}, line {line}: {column} is not a whole number of 0 or more; correct it."),
            )
        })
    }
}

/// Columns that a client's demand weight is read from.
enum Demand {
    Weight(usize),
    Person,
    Visits(usize),
    Minutes(usize, usize),
}

impl Demand {
    fn of(table: &Table, by: Option<WeightBy>) -> Outcome<Demand> {
        Ok(match by {
            None => Demand::Weight(table.column(&["weight", "demand"])?),
            Some(WeightBy::Person) => Demand::Person,
            Some(WeightBy::Visits) => Demand::Visits(table.column(&["visits"])?),
            Some(WeightBy::Minutes) => {
                Demand::Minutes(table.column(&["visits"])?, table.column(&["minutes", "service_min"])?)
            }
        })
    }

    fn weight(&self, table: &Table, line: u64, row: &csv::StringRecord) -> Outcome<u64> {
        let short = |at: usize, word: &str| {
            let number = table.whole(line, &row[at], word)?;
            u32::try_from(number).map_err(|_| {
                Fault::refused(
                    format!("{} 第 {line} 行的 {word} 过大。", table.name),
                    format!("{}, line {line}: {word} is too large.", table.name),
                )
            })
        };
        match *self {
            Demand::Weight(at) => table.whole(line, &row[at], "weight"),
            Demand::Person => Ok(1),
            // Nought is refused with its line by the checks of the problem.
            Demand::Visits(at) => table.whole(line, &row[at], "visits"),
            Demand::Minutes(visits, minutes) => {
                let (visits, minutes) = (short(visits, "visits")?, short(minutes, "minutes")?);
                if visits == 0 || minutes == 0 {
                    return Ok(0);
                }
                Ok(WeightBy::Minutes.weight(visits, Minutes(minutes)))
            }
        }
    }
}

impl Tables {
    /// Reads both tables; a client counts as `weight_by` says, without it by the column `weight`.
    ///
    /// # Errors
    /// A file, a column or a number is missing or wrong.
    pub(super) fn read(pairs: &Path, weights: &Path, weight_by: Option<WeightBy>) -> Outcome<Tables> {
        let mut problem = SitingProblem::default();
        let table = Table::read(weights)?;
        let (id, demand) = (table.column(&["client", "id"])?, Demand::of(&table, weight_by)?);
        let mut client_of = HashMap::new();
        for (line, row) in &table.rows {
            let client = ClientIx::of(problem.weights.len());
            if client_of.insert(row[id].to_owned(), client).is_some() {
                return Err(Fault::refused(
                    format!("{} 第 {line} 行的服务对象重复。", table.name),
                    format!("{}, line {line}: this client stands twice; keep one line.", table.name),
                ));
            }
            problem.weights.push(demand.weight(&table, *line, row)?);
        }
        let table = Table::read(pairs)?;
        let site = table.column(&["site"])?;
        let mut site_names: Vec<String> = table.rows.iter().map(|(_, row)| row[site].to_owned()).collect();
        // Numbers in their order, words after them in theirs.
        site_names.sort_by_cached_key(|n| (n.parse::<u64>().unwrap_or(u64::MAX), n.clone()));
        site_names.dedup();
        let site_of: HashMap<String, SiteIx> =
            site_names.iter().enumerate().map(|(i, n)| (n.clone(), SiteIx::of(i))).collect();
        problem.sites = site_names.len() as u32;
        let mut tables = Tables { problem, site_names, site_of, client_of };
        tables.read_pairs(&table, site)?;
        Ok(tables)
    }

    fn read_pairs(&mut self, table: &Table, site: usize) -> Outcome<()> {
        let client = table.column(&["client"])?;
        let time = table.column(&["travel_time_s", "seconds"])?;
        for (line, row) in &table.rows {
            let Some(&client) = self.client_of.get(&row[client]) else {
                return Err(Fault::refused(
                    format!("{} 第 {line} 行的服务对象没有权重。", table.name),
                    format!(
                        "{}, line {line}: this client has no weight; add them to the weights.",
                        table.name
                    ),
                ));
            };
            let seconds = table.whole(*line, &row[time], "travel_time_s")?;
            // The travel table's word for unreachable.
            if seconds == u64::from(u32::MAX) {
                continue;
            }
            let travel = u32::try_from(seconds).map(Seconds).map_err(|_| {
                Fault::refused(
                    format!("{} 第 {line} 行的秒数过大。", table.name),
                    format!("{}, line {line}: travel_time_s is too large.", table.name),
                )
            })?;
            self.problem.pairs.push(Pair { client, site: self.site_of[&row[site]], travel });
        }
        Ok(())
    }

    /// Ids of `open` as they stand in the pairs.
    pub(super) fn names(&self, open: &[SiteIx]) -> Vec<&str> {
        open.iter().map(|s| self.site_names[s.at()].as_str()).collect()
    }

    fn site(&self, name: &str) -> Outcome<SiteIx> {
        self.site_of.get(name).copied().ok_or_else(|| {
            Fault::refused(
                format!("网点“{name}”不在配对表中。"),
                format!("the site '{name}' is not in the pairs; correct its id."),
            )
        })
    }

    /// Constraints named on the command line.
    ///
    /// # Errors
    /// A table cannot be read or names an unknown site or client.
    pub(super) fn constraints(&self, args: &SitingArgs) -> Outcome<Constraints> {
        let list = |names: &[String]| -> Outcome<Vec<SiteIx>> {
            names.iter().map(|n| n.trim()).filter(|n| !n.is_empty()).map(|n| self.site(n)).collect()
        };
        let mut constraints = Constraints {
            fixed: list(&args.fixed)?,
            forbidden: list(&args.forbid)?,
            budget: args.budget.map(Fen),
            ..Constraints::default()
        };
        if let Some(path) = &args.capacity {
            constraints.capacities = self.by_site(path, "capacity")?;
        }
        if let Some(path) = &args.costs {
            let costs = self.by_site(path, "cost_fen")?;
            constraints.costs =
                costs.into_iter().map(|c| Fen(i64::try_from(c).unwrap_or(i64::MAX))).collect();
        }
        if let Some(path) = &args.groups {
            constraints.groups = self.groups(path)?;
        }
        Ok(constraints)
    }

    fn by_site(&self, path: &Path, column: &str) -> Outcome<Vec<u64>> {
        let table = Table::read(path)?;
        let (site, value) = (table.column(&["site", "id"])?, table.column(&[column])?);
        let mut values: Vec<Option<u64>> = vec![None; self.site_names.len()];
        for (line, row) in &table.rows {
            // Sites that reach nobody are not in the pairs and need no value.
            if let Some(site) = self.site_of.get(&row[site]) {
                values[site.at()] = Some(table.whole(*line, &row[value], column)?);
            }
        }
        let each = values.iter().zip(&self.site_names).map(|(value, name)| {
            value.ok_or_else(|| {
                Fault::refused(
                    format!("{} 缺少网点“{name}”的 {column}。", table.name),
                    format!("{} has no {column} for the site '{name}'; add it.", table.name),
                )
            })
        });
        each.collect()
    }

    fn groups(&self, path: &Path) -> Outcome<Vec<GroupLine>> {
        let table = Table::read(path)?;
        let (group, kind, id) = (table.column(&["group"])?, table.column(&["kind"])?, table.column(&["id"])?);
        let (outlets, covered) = (table.column(&["least_outlets"])?, table.column(&["least_covered"])?);
        let mut groups: BTreeMap<String, GroupLine> = BTreeMap::new();
        for (line, row) in &table.rows {
            let entry = groups.entry(row[group].to_owned()).or_default();
            entry.name = row[group].to_owned();
            let least =
                |cell: &str, word| if cell.is_empty() { Ok(0) } else { table.whole(*line, cell, word) };
            let most_outlets = u32::try_from(least(&row[outlets], "least_outlets")?).unwrap_or(u32::MAX);
            entry.least_outlets = entry.least_outlets.max(most_outlets);
            entry.least_covered = entry.least_covered.max(least(&row[covered], "least_covered")?);
            match (&row[kind], self.client_of.get(&row[id])) {
                ("site", _) => entry.sites.push(self.site(&row[id])?),
                ("client", Some(&client)) => entry.clients.push(client),
                _ => {
                    return Err(Fault::refused(
                        format!("{} 第 {line} 行的成员未知。", table.name),
                        format!(
                            "{}, line {line}: kind must be site or client, and the id known.",
                            table.name
                        ),
                    ));
                }
            }
        }
        Ok(groups.into_values().collect())
    }
}

/// The explanation of an answer as one JSON object.
pub(super) fn explanation(tables: &Tables, told: &Explanation) -> serde_json::Value {
    let site = |s: SiteIx| tables.names(&[s]).concat();
    let client =
        |c: ClientIx| tables.client_of.iter().find(|(_, ix)| **ix == c).map(|(name, _)| name.clone());
    let without = |w: &Without| serde_json::json!({ "objective": w.objective, "bound": w.bound, "difference": w.difference });
    let missed = told.missed.iter().map(|m| {
        serde_json::json!({
            "client": client(m.client), "nearest_site": m.nearest.map(|n| site(n.0)),
            "travel_time_s": m.nearest.map(|n| n.1.0), "if_covered": m.if_covered.as_ref().map(without),
        })
    });
    let alternatives = told
        .alternatives
        .iter()
        .map(|(open, objective)| serde_json::json!({ "sites": tables.names(open), "objective": objective }));
    let fixed = told
        .fixed
        .iter()
        .map(|(s, w)| serde_json::json!({ "site": site(*s), "without": w.as_ref().map(without) }));
    let groups = told
        .groups
        .iter()
        .map(|(g, w)| serde_json::json!({ "group": g, "without": w.as_ref().map(without) }));
    serde_json::json!({
        "missed": missed.collect::<Vec<_>>(),
        "best_added_site": told.best_addition.map(|(s, gain)| serde_json::json!({ "site": site(s), "adds": gain })),
        "in_every_optimum": told.essential.iter().map(|s| site(*s)).collect::<Vec<_>>(),
        "undecided": told.undecided.iter().map(|s| site(*s)).collect::<Vec<_>>(),
        "alternatives": alternatives.collect::<Vec<_>>(),
        "fixed": fixed.collect::<Vec<_>>(),
        "groups": groups.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demand_is_read_by_person_by_visits_or_by_minutes() {
        let dir = tempfile::tempdir().unwrap();
        let (pairs, weights) = (dir.path().join("pairs.csv"), dir.path().join("clients.csv"));
        std::fs::write(&pairs, "site,client,travel_time_s\ns,a,60\ns,b,90\n").unwrap();
        std::fs::write(&weights, "client,weight,visits,minutes\na,7,3,60\nb,8,2,90\n").unwrap();
        let read = |by| Tables::read(&pairs, &weights, by).map(|t| t.problem.weights);
        assert_eq!(read(None).unwrap(), [7, 8]);
        assert_eq!(read(Some(WeightBy::Person)).unwrap(), [1, 1]);
        assert_eq!(read(Some(WeightBy::Visits)).unwrap(), [3, 2]);
        assert_eq!(read(Some(WeightBy::Minutes)).unwrap(), [180, 180]);
        std::fs::write(&weights, "client,weight\na,7\nb,8\n").unwrap();
        let fault = read(Some(WeightBy::Visits)).unwrap_err();
        assert!(fault.en.contains("no column 'visits'"), "{}", fault.en);
    }
}
