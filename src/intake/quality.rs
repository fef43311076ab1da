//! The data-quality panel: how many rows of a township are sound, and what the others lack.

use crate::intake::clients::{Received, Spot};
use crate::intake::road_check::RoadCheck;
use crate::intake::rosters::Rosters;
use crate::roster::{Client, Month, masked_name};
use chrono::Months;
use rayon::prelude::*;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

/// An assessment older than this is stale: abilities change within a year.
const FRESH_MONTHS: u32 = 12;

/// Rows that may be one person; they are merged only when somebody says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Duplicate {
    /// `same_person` (ID number), `same_name_and_village` or `same_household` (one trip, several visits: no fault).
    pub kind: String,
    /// The rows.
    pub rows: Vec<DuplicateRow>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DuplicateRow {
    /// File name.
    pub file: String,
    /// Sheet; empty for CSV.
    pub sheet: String,
    /// Row.
    pub row: u32,
    /// Client id; `None`: the row is already listed as not kept.
    pub id: Option<String>,
    /// Name, masked.
    pub name: String,
}

/// Data quality of one township. A row with any of the faults counts against the score once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TownshipQuality {
    /// Township; empty where the rows name none.
    pub township: String,
    /// Data rows found; `rows_in = kept + listed`.
    pub rows_in: u64,
    /// Rows kept.
    pub kept: u64,
    /// Rows listed.
    pub listed: u64,
    /// Of these, people in institutions 集中供养, who are no fault.
    pub institution: u64,
    /// Kept rows with a place.
    pub located: u64,
    /// Kept rows whose written place waits for somebody's answer.
    pub to_confirm: u64,
    /// Kept rows without a place.
    pub no_location: u64,
    /// Kept rows with coordinates of their own, no road within the snap limit.
    pub far_from_roads: u64,
    /// Kept rows that may be another row's person.
    pub duplicates: u64,
    /// Rows whose ID number or certificate is at fault.
    pub id_problems: u64,
    /// Kept rows whose assessment is older than a year.
    pub stale_assessment: u64,
    /// Kept rows whose provider assessed its own client (rule R29): no fault, but worth a second assessment of some.
    pub assessed_by_provider: u64,
    /// Rows without any fault, in percent of rows_in less institutions, rounded down.
    pub score: u8,
}

/// The assessment is older than a year in `month`.
pub(crate) fn is_stale(client: &Client, month: Month) -> bool {
    let oldest = month.first().checked_sub_months(Months::new(FRESH_MONTHS));
    client.dossier.assessed.zip(oldest).is_some_and(|(day, oldest)| day < oldest)
}

/// Groups of two and more rows with the same key that are `wanted`, in the order of the keys. Hashes are sorted first: most
/// rows are alone.
fn groups<'a, K: Ord + Hash + Send>(
    rows: &'a [Received],
    key: impl Fn(&'a Received) -> Option<K> + Sync,
    wanted: impl Fn(&[usize]) -> bool,
) -> Vec<(K, Vec<usize>)> {
    let hashed = |(i, row): (usize, &'a Received)| {
        let mut hasher = DefaultHasher::new();
        key(row)?.hash(&mut hasher);
        Some((hasher.finish(), i))
    };
    let mut hashes: Vec<(u64, usize)> = rows.par_iter().enumerate().filter_map(hashed).collect();
    hashes.par_sort_unstable();
    let mut all: Vec<(K, Vec<usize>)> = Vec::new();
    for same in hashes.chunk_by(|a, b| a.0 == b.0).filter(|s| s.len() > 1) {
        let mut of_key: Vec<(K, Vec<usize>)> = Vec::new();
        let group: Vec<usize> = same.iter().map(|(_, i)| *i).collect();
        if !wanted(&group) {
            continue;
        }
        for i in group {
            let Some(k) = key(&rows[i]) else { continue };
            match of_key.iter_mut().find(|(known, _)| *known == k) {
                Some((_, group)) => group.push(i),
                None => of_key.push((k, vec![i])),
            }
        }
        all.extend(of_key.into_iter().filter(|(_, group)| group.len() > 1 && wanted(group)));
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

/// Name and place; `None` where one is not written.
fn of_name(row: &Received) -> Option<[&str; 3]> {
    let [name, township, village] = [&row.client.name, &row.client.township, &row.client.village];
    (!name.is_empty() && !village.is_empty()).then_some([name, township, village])
}

/// Township and household; `None` where it is not written.
fn of_house(row: &Received) -> Option<[&str; 2]> {
    let (township, house) = (&row.client.township, &row.client.household);
    (!house.is_empty()).then_some([township, house])
}

/// Every group of rows that may be one person, and every household of several clients.
pub(crate) fn duplicates(rosters: &Rosters) -> Vec<Duplicate> {
    let rows = &rosters.received;
    let shown = |spot: &Spot, id: Option<&str>, name: &str| DuplicateRow {
        file: spot.of.file.to_string(),
        sheet: spot.of.sheet.to_string(),
        row: spot.row,
        id: id.map(str::to_owned),
        name: masked_name(name),
    };
    let row = |i: usize| shown(&rows[i].spot, Some(&rows[i].client.id), &rows[i].client.name);
    let mut found = Vec::new();
    let mut add = |kind: &str, rows: Vec<DuplicateRow>| found.push(Duplicate { kind: kind.to_owned(), rows });

    let of_person = groups(rows, |r| r.person, |_| true);
    let mut of_id: BTreeMap<String, Vec<DuplicateRow>> =
        of_person.into_iter().map(|(k, group)| (k.id(), group.into_iter().map(row).collect())).collect();
    let kept: HashMap<&str, usize> = match rosters.twice[..] {
        [] => HashMap::new(),
        _ => rows.iter().enumerate().map(|(i, r)| (r.client.id.as_str(), i)).collect(),
    };
    for (id, spot, name) in &rosters.twice {
        let kept = kept.get(id.as_str());
        of_id
            .entry(id.clone())
            .or_insert_with(|| kept.map(|i| row(*i)).into_iter().collect())
            .push(shown(spot, None, name));
    }
    of_id.into_values().for_each(|rows| add("same_person", rows));

    // One person twice stands above already; different ID numbers under one name are two people.
    let may_be_one = |group: &[usize]| group.iter().any(|i| rows[*i].person.is_none());
    for (_, group) in groups(rows, of_name, may_be_one) {
        add("same_name_and_village", group.into_iter().map(row).collect());
    }
    for (_, group) in groups(rows, of_house, |_| true) {
        add("same_household", group.into_iter().map(row).collect());
    }
    found
}

/// Codes that say something about an ID number or certificate.
fn is_about_ids(code: &str) -> bool {
    code.starts_with("id_number") || code.starts_with("certificate") || code == "person_twice"
}

/// The panel, by township in the order of names.
pub(crate) fn quality(
    rosters: &Rosters,
    duplicates: &[Duplicate],
    roads: Option<&RoadCheck>,
) -> Vec<TownshipQuality> {
    let mut all: HashMap<&str, TownshipQuality> = HashMap::new();
    let mut faulty: HashMap<&str, u64> = HashMap::new();
    let of_listed: Vec<String> = rosters.listed.iter().map(|l| township_of(rosters, l)).collect();
    let doubled: BTreeSet<&str> = duplicates
        .iter()
        .filter(|d| d.kind != "same_household")
        .flat_map(|d| d.rows.iter().filter_map(|r| r.id.as_deref()))
        .collect();
    let mut remarked: BTreeMap<(&str, &str, u32), bool> = BTreeMap::new();
    for remark in &rosters.remarks {
        let about_ids = is_about_ids(&remark.code);
        *remarked.entry((&remark.file, &remark.sheet, remark.row)).or_default() |= about_ids;
    }
    for (received, asked) in rosters.received.iter().zip(&rosters.asked) {
        let (c, spot) = (&received.client, &received.spot);
        let entry = all.entry(&c.township).or_default();
        entry.rows_in += 1;
        entry.kept += 1;
        let far = c.at.filter(|_| received.coordinates.is_some());
        let far = far.zip(roads).is_some_and(|(at, roads)| roads.is_far(at));
        let stale = is_stale(c, rosters.month);
        let remark = remarked.get(&(&*spot.of.file, &*spot.of.sheet, spot.row));
        let twice = doubled.contains(c.id.as_str());
        let mut bad = remark.is_some();
        for (fault, count) in [
            (asked.is_some(), &mut entry.to_confirm),
            (c.at.is_none(), &mut entry.no_location),
            (far, &mut entry.far_from_roads),
            (twice, &mut entry.duplicates),
            (remark == Some(&true), &mut entry.id_problems),
            (stale, &mut entry.stale_assessment),
        ] {
            *count += u64::from(fault);
            bad |= fault;
        }
        entry.located += u64::from(c.at.is_some());
        entry.assessed_by_provider += u64::from(c.dossier.assessed_by_provider());
        if bad {
            *faulty.entry(&c.township).or_default() += 1;
        }
    }
    for (listed, township) in rosters.listed.iter().zip(&of_listed) {
        let entry = all.entry(township).or_default();
        entry.rows_in += 1;
        entry.listed += 1;
        entry.institution += u64::from(listed.code == "institution");
        entry.id_problems += u64::from(is_about_ids(&listed.code));
        if listed.code != "institution" {
            *faulty.entry(township).or_default() += 1;
        }
    }
    for (township, entry) in &mut all {
        let asked = entry.rows_in - entry.institution;
        let bad = faulty.get(*township).copied().unwrap_or(0).min(asked);
        entry.score = (asked - bad).saturating_mul(100).checked_div(asked).unwrap_or(100) as u8;
        (*township).clone_into(&mut entry.township);
    }
    let mut all: Vec<TownshipQuality> = all.into_values().collect();
    all.sort_by(|a, b| a.township.cmp(&b.township));
    all
}

/// The township of a listed row: as written where the register knows it, else the one its file is named after.
fn township_of(rosters: &Rosters, listed: &crate::intake::Listed) -> String {
    if rosters.townships.contains(&listed.township) || rosters.townships.is_empty() {
        return listed.township.clone();
    }
    let of_file = crate::intake::memory::township_of_file(&listed.file, &rosters.townships);
    if rosters.townships.contains(&of_file) { of_file } else { listed.township.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Silent;
    use crate::intake::read_rosters;

    #[test]
    fn a_provider_that_assessed_its_own_client_is_counted_and_is_no_fault() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("clients.csv");
        let rows = "编号,姓名,类别,评估机构,服务机构\nA1,王某福,孤儿,甲站,甲站\nA2,李某贵,孤儿,甲站,乙站\nA3,张某祥,孤儿,,\n";
        std::fs::write(&file, rows).unwrap();
        let rosters = read_rosters(&[file], None, "2026-12".parse().unwrap(), &Silent).unwrap();
        let town = &quality(&rosters, &[], None)[0];
        assert_eq!((town.kept, town.assessed_by_provider), (3, 1));
    }
}
