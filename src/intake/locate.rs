//! Homes without coordinates are placed by their village, with the precision said; what stays open is a question.

use crate::base::LonLat;
use crate::intake::address::{AddressBook, AddressMatch};
use crate::intake::clients::Received;
use crate::intake::memory::{ConfirmedPlace, Memory, township_of_file, townships_of};
use crate::network::MapPlace;
use crate::roster::{Caregiver, Client, County, Precision, Village};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::Arc;

/// A village that a written place could mean.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// Division code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Township.
    pub township: String,
    /// Degrees east, if known.
    pub lon: Option<f64>,
    /// Degrees north, if known.
    pub lat: Option<f64>,
}

/// A written place that the register does not settle; one tap answers it for all its rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlaceQuestion {
    /// Township as written, else the file's.
    pub township: String,
    /// Village as written, without villager group and house number.
    pub text: String,
    /// Rows that wait for the answer.
    pub rows: u64,
    /// What it could mean, likeliest first; may be empty.
    pub candidates: Vec<Candidate>,
}

/// Candidates shown of a question.
const MOST_CANDIDATES: usize = 8;

/// Takes the register's names for what the roster means, and places clients without coordinates at their village
/// (precision `village`). A village without a place takes the middle of its located clients. Never chooses between two:
/// the answer holds the questions, and for each client its question, if any.
pub(crate) fn locate_clients(
    received: &mut [Received],
    villages: &[Village],
    memory: &Memory,
) -> (Vec<PlaceQuestion>, Vec<Option<usize>>) {
    if villages.is_empty() {
        return (Vec::new(), vec![None; received.len()]);
    }
    let mut work = Locating::new(villages, memory);
    let of_file = townships_of_files(received, &work.townships);
    let settled: Vec<Settled> = received
        .par_chunks_mut(ROWS_AT_A_TIME)
        .flat_map_iter(|rows| settle_by_register(&work.book, villages, &of_file, rows))
        .collect();
    let mut homes: Vec<Vec<LonLat>> = vec![Vec::new(); villages.len()];
    let (mut meant, mut asked) = (Vec::with_capacity(received.len()), Vec::with_capacity(received.len()));
    for (row, settled) in received.iter_mut().zip(settled) {
        let (found, question) = match settled {
            Settled::Village(v) => (Some(v), None),
            Settled::Open(found) => work.settle(row, &of_file, &found),
        };
        if let Some(v) = found.filter(|v| villages[*v].at.is_none()) {
            homes[v].extend(row.client.at.filter(|_| row.client.precision == Precision::House));
        }
        meant.push(found);
        asked.push(question);
    }
    let middles: Vec<Option<LonLat>> =
        villages.iter().zip(homes).map(|(v, homes)| v.at.or_else(|| middle(&homes))).collect();
    for (row, village) in received.iter_mut().zip(meant) {
        let client = &mut row.client;
        if let (None, Some(v)) = (client.at, village) {
            client.at = middles[v];
            client.precision = if client.at.is_some() { Precision::Village } else { Precision::Township };
            client.doubtful = false;
        }
    }
    (work.questions, asked)
}

/// Rows matched in one go.
const ROWS_AT_A_TIME: usize = 4_096;

/// What the register says about a row.
enum Settled {
    /// It is in this village, and takes its names.
    Village(usize),
    /// The register alone does not tell.
    Open(Box<AddressMatch>),
}

/// Matches rows; a village's cell is written the same way in many rows and read once.
fn settle_by_register(
    book: &AddressBook,
    villages: &[Village],
    of_file: &HashMap<Arc<str>, String>,
    rows: &mut [Received],
) -> Vec<Settled> {
    let mut known: HashMap<String, HashMap<String, AddressMatch>> = HashMap::new();
    rows.iter_mut()
        .map(|row| {
            let (township, village) = (township_of(row, of_file), row.client.village.as_str());
            let of_cells = match known.get(township).and_then(|of| of.get(village)) {
                Some(of_cells) => of_cells.clone(),
                None => {
                    let found = book.find(township, village, "");
                    let of_township = known.entry(township.to_owned()).or_default();
                    of_township.insert(village.to_owned(), found.clone());
                    found
                }
            };
            let found = if of_cells.village.is_some() || row.address.is_empty() {
                of_cells
            } else {
                book.find(township, village, &row.address)
            };
            if row.client.group.is_empty() {
                row.client.group.clone_from(&found.group);
            }
            match found.village {
                Some(v) => {
                    row.client.township.clone_from(&villages[v].township);
                    row.client.village.clone_from(&villages[v].name);
                    row.address = String::new();
                    Settled::Village(v)
                }
                None => Settled::Open(Box::new(found)),
            }
        })
        .collect()
}

/// The township a row is in: as written, else the one its file is named after.
fn township_of<'a>(row: &'a Received, of_file: &'a HashMap<Arc<str>, String>) -> &'a str {
    match row.client.township.as_str() {
        "" => of_file.get(&row.spot.of.file).map_or("", String::as_str),
        written => written,
    }
}

/// The townships that the files of rows without one are named after; empty where the register has none of the name.
fn townships_of_files(received: &[Received], townships: &[String]) -> HashMap<Arc<str>, String> {
    let mut of_file: HashMap<Arc<str>, String> = HashMap::new();
    for file in received.iter().filter(|r| r.client.township.is_empty()).map(|r| &r.spot.of.file) {
        if !of_file.contains_key(file) {
            let township = township_of_file(file, townships);
            let known = if townships.contains(&township) { township } else { String::new() };
            of_file.insert(Arc::clone(file), known);
        }
    }
    of_file
}

/// The register at work, with the questions so far.
struct Locating<'a> {
    villages: &'a [Village],
    memory: &'a Memory,
    book: AddressBook,
    by_code: HashMap<&'a str, usize>,
    townships: Vec<String>,
    questions: Vec<PlaceQuestion>,
    number: HashMap<(String, String), usize>,
}

impl<'a> Locating<'a> {
    fn new(villages: &'a [Village], memory: &'a Memory) -> Locating<'a> {
        Locating {
            villages,
            memory,
            book: AddressBook::new(villages),
            by_code: villages.iter().enumerate().map(|(i, v)| (v.code.as_str(), i)).collect(),
            townships: townships_of(villages),
            questions: Vec::new(),
            number: HashMap::new(),
        }
    }

    /// The village of a row, or the number of its question.
    fn settle(
        &mut self,
        row: &mut Received,
        of_file: &HashMap<Arc<str>, String>,
        found: &AddressMatch,
    ) -> (Option<usize>, Option<usize>) {
        let township = township_of(row, of_file).to_owned();
        let text = self.book.written_village(&township, &row.client.village, &row.address);
        if text.is_empty() {
            return (None, None);
        }
        match self.memory.place(&township, &text) {
            Some(ConfirmedPlace::Village { code }) => {
                if let Some(v) = self.by_code.get(code.as_str()) {
                    row.client.township.clone_from(&self.villages[*v].township);
                    row.client.village.clone_from(&self.villages[*v].name);
                    return (Some(*v), None);
                }
            }
            Some(ConfirmedPlace::Pin { lon, lat }) => {
                let client = &mut row.client;
                if client.at.is_none() {
                    client.at = Some(LonLat { lon: *lon, lat: *lat });
                    client.precision = Precision::Village;
                    client.doubtful = false;
                }
                return (None, None);
            }
            None => {}
        }
        row.client.doubtful |= row.client.at.is_none() && found.is_doubtful();
        if row.client.township.is_empty() {
            row.client.township.clone_from(&township);
        }
        (None, Some(self.ask(township, text, found)))
    }

    fn ask(&mut self, township: String, text: String, found: &AddressMatch) -> usize {
        let key = (township.clone(), text.clone());
        if let Some(n) = self.number.get(&key) {
            self.questions[*n].rows += 1;
            return *n;
        }
        let candidates = if found.candidates.is_empty() {
            self.book.likely(&township, &text, MOST_CANDIDATES)
        } else {
            found.candidates.iter().copied().take(MOST_CANDIDATES).collect()
        };
        let candidate = |i: usize| {
            let v = &self.villages[i];
            Candidate {
                code: v.code.clone(),
                name: v.name.clone(),
                township: v.township.clone(),
                lon: v.at.map(|p| p.lon),
                lat: v.at.map(|p| p.lat),
            }
        };
        let candidates = candidates.into_iter().map(candidate).collect();
        self.questions.push(PlaceQuestion { township, text, rows: 1, candidates });
        self.number.insert(key, self.questions.len() - 1);
        self.questions.len() - 1
    }
}

/// Places caregivers without coordinates at their village.
pub(crate) fn locate_caregivers(caregivers: &mut [Caregiver], villages: &[Village]) {
    let book = AddressBook::new(villages);
    for caregiver in caregivers.iter_mut().filter(|c| c.at.is_none()) {
        let found = book.find(&caregiver.township, &caregiver.village, "");
        caregiver.at = found.village.and_then(|v| villages[v].at);
    }
}

/// A village is known, a place is not.
fn is_waiting(c: &Client) -> bool {
    c.at.is_none() && !c.doubtful && !c.village.is_empty()
}

/// Some client could be placed by the map's `place` nodes.
#[must_use]
pub fn waits_for_map(county: &County) -> bool {
    !county.villages.is_empty() && county.clients.iter().any(is_waiting)
}

/// Villages that neither register nor roster places take the map's own `place` node of their name, if the map and the
/// register have just one of it; their clients without a place follow (precision `village`). Returns how many clients did.
pub fn place_by_map(county: &mut County, places: &[MapPlace]) -> usize {
    if !waits_for_map(county) {
        return 0;
    }
    let book = AddressBook::new(&county.villages);
    let mut nodes: Vec<Vec<LonLat>> = vec![Vec::new(); county.villages.len()];
    let small = |p: &&MapPlace| {
        matches!(p.kind.as_str(), "village" | "hamlet" | "isolated_dwelling" | "neighbourhood")
    };
    for place in places.iter().filter(small) {
        let found = book.find("", &place.name, "");
        if let Some(v) = found.village.filter(|_| !found.corrected) {
            nodes[v].push(place.at);
        }
    }
    let mut by_name: HashMap<(&str, &str), LonLat> = HashMap::new();
    for (village, at) in county.villages.iter().zip(&nodes) {
        if let [only] = at[..] {
            by_name.insert((&village.township, &village.name), only);
        }
    }
    let mut placed = 0;
    for client in county.clients.iter_mut().filter(|c| is_waiting(c)) {
        if let Some(at) = by_name.get(&(client.township.as_str(), client.village.as_str())) {
            client.at = Some(*at);
            client.precision = Precision::Village;
            placed += 1;
        }
    }
    placed
}

/// The median of each coordinate: one house far away does not move it.
fn middle(homes: &[LonLat]) -> Option<LonLat> {
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    };
    let lon = median(homes.iter().map(|h| h.lon).collect())?;
    let lat = median(homes.iter().map(|h| h.lat).collect())?;
    Some(LonLat { lon, lat })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Silent;
    use crate::intake::read_county;

    #[test]
    fn a_village_without_a_place_takes_its_neighbours_or_the_maps_own_node() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write("sites.csv", "id,name,lon,lat,existing\nS1,a,105.0,35.7,1\n");
        write("caregivers.csv", "id,lon,lat,mode,female\nC1,105.0,35.7,car,1\n");
        write(
            "villages.csv",
            "code,name,township_code,township\n1,东沟村,9,河畔镇\n2,西岔村,9,河畔镇\n3,南坪村,9,河畔镇\n",
        );
        write(
            "clients.csv",
            "id,category,township,village,lon,lat\nA,孤儿,河畔镇,东沟村,105.2,35.8\nB,孤儿,河畔镇,东沟村,,\n\
             C,孤儿,河畔镇,西岔,,\nD,孤儿,河畔镇,南坪村,,\n",
        );
        let mut county = read_county(dir.path(), "2026-12".parse().unwrap(), &Silent).unwrap().county;
        assert_eq!(county.clients[1].at, Some(LonLat { lon: 105.2, lat: 35.8 }));
        assert_eq!((county.clients[1].precision, county.clients[2].at), (Precision::Village, None));
        let node = |name: &str, lon: f64| MapPlace {
            name: name.into(),
            kind: "village".into(),
            at: LonLat { lon, lat: 35.9 },
        };
        // Two nodes of one name settle nothing.
        let places = [node("西岔村", 105.3), node("南坪", 105.4), node("南坪", 105.5), node("别村", 105.6)];
        assert_eq!(place_by_map(&mut county, &places), 1);
        assert_eq!((county.clients[2].at.unwrap().lon, county.clients[3].at), (105.3, None));
        assert_eq!(county.clients[2].precision, Precision::Village);
    }
}
