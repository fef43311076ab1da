//! Addresses to villages: a matcher over the village register that never guesses between two.
//!
//! Exact names first (after folding variant characters), then one wrong, missing or extra character, inside the township only:
//! county-wide, hundreds of names differ by one character. What stays between two villages is *doubtful* and asks a person.

use crate::intake::address_text::{
    Suffix, clean, fold, split_group, township_core, village_core, without_county,
};
use crate::roster::Village;
use std::collections::{BTreeMap, HashMap};

/// What an address was found to mean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressMatch {
    /// Position in the register, if exactly one village is meant.
    pub village: Option<usize>,
    /// The villages it could mean, if there are several; in the register's order.
    pub candidates: Vec<usize>,
    /// Villager group as written, e.g. 三社; empty if none.
    pub group: String,
    /// One character differs from the register.
    pub corrected: bool,
}

impl AddressMatch {
    /// Somebody has to choose.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        self.village.is_none() && !self.candidates.is_empty()
    }
}

/// One name of a village.
#[derive(Debug, Clone)]
struct Name {
    core: Vec<char>,
    suffix: Suffix,
    village: usize,
}

#[derive(Debug, Clone)]
struct Township {
    full: String,
    core: String,
    names: Vec<Name>,
}

/// The village register, prepared for matching.
#[derive(Debug, Clone)]
pub struct AddressBook {
    townships: Vec<Township>,
    /// Names of the whole county by core: township and position among its names.
    by_core: HashMap<Vec<char>, Vec<(usize, usize)>>,
}

/// Where the text says the village is.
struct Reading {
    township: usize,
    rest: String,
}

impl AddressBook {
    /// Prepares a register with its aliases.
    #[must_use]
    pub fn new(villages: &[Village]) -> AddressBook {
        let mut order: BTreeMap<&str, usize> = BTreeMap::new();
        let mut townships: Vec<Township> = Vec::new();
        for (position, village) in villages.iter().enumerate() {
            let key =
                if village.township_code.is_empty() { &village.township } else { &village.township_code };
            let at = *order.entry(key).or_insert_with(|| {
                let full = fold(&village.township);
                townships.push(Township { core: township_core(&full).to_owned(), full, names: Vec::new() });
                townships.len() - 1
            });
            for name in std::iter::once(&village.name).chain(&village.aliases) {
                let folded = fold(name);
                let (core, suffix) = village_core(&folded);
                let core: Vec<char> = core.chars().collect();
                let known = |n: &Name| n.village == position && n.core == core && n.suffix == suffix;
                if !core.is_empty() && !townships[at].names.iter().any(known) {
                    townships[at].names.push(Name { core, suffix, village: position });
                }
            }
        }
        let mut by_core: HashMap<Vec<char>, Vec<(usize, usize)>> = HashMap::new();
        for (t, township) in townships.iter().enumerate() {
            for (n, name) in township.names.iter().enumerate() {
                by_core.entry(name.core.clone()).or_default().push((t, n));
            }
        }
        AddressBook { townships, by_core }
    }

    /// Finds the village of the cells of a roster row; every text may be empty, and `address` may hold all of it.
    #[must_use]
    pub fn find(&self, township: &str, village: &str, address: &str) -> AddressMatch {
        let in_cells =
            if village.is_empty() { AddressMatch::default() } else { self.find_text(township, village) };
        if in_cells.village.is_some() || address.is_empty() {
            return in_cells;
        }
        let in_address = self.find_text(township, address);
        let agrees = in_cells.candidates.is_empty()
            || in_address.village.is_some_and(|v| in_cells.candidates.contains(&v));
        if agrees { in_address } else { in_cells }
    }

    /// The village as it was written, without county, township, villager group and house number; for a question.
    #[must_use]
    pub fn written_village(&self, township: &str, village: &str, address: &str) -> String {
        let text = if village.is_empty() { address } else { village };
        let (plain, folded) = (clean(text), fold(text));
        let after_county = without_county(&folded);
        let (name, _) = split_group(after_county);
        let cut = self.township_of_cell(township).map_or(name, |t| {
            let Township { full, core, .. } = &self.townships[t];
            name.strip_prefix(full.as_str())
                .or_else(|| name.strip_prefix(core.as_str()).and_then(|r| r.strip_prefix(['镇', '乡'])))
                .unwrap_or(name)
        });
        // Folding keeps the number of characters, so the written ones stand at the same places.
        let skip = folded.chars().count() - after_county.chars().count() + name.chars().count()
            - cut.chars().count();
        plain.chars().skip(skip).take(cut.chars().count()).collect()
    }

    /// Villages whose names are most like `text`, of the named township first; at least one character is shared.
    #[must_use]
    pub fn likely(&self, township: &str, text: &str, most: usize) -> Vec<usize> {
        let folded = fold(text);
        let core: Vec<char> = village_core(&folded).0.chars().collect();
        let named = self.township_of_cell(township);
        let mut ranked: Vec<(std::cmp::Reverse<usize>, usize)> = Vec::new();
        for (t, of) in self.townships.iter().enumerate() {
            for name in &of.names {
                let shared = name.core.iter().filter(|c| core.contains(c)).count();
                let own = usize::from(named == Some(t));
                if shared > 0 && (own > 0 || shared >= 2) {
                    ranked.push((std::cmp::Reverse(20 * shared + 15 * own), name.village));
                }
            }
        }
        ranked.sort_unstable();
        let mut villages: Vec<usize> = Vec::new();
        for (_, village) in ranked {
            if !villages.contains(&village) && villages.len() < most {
                villages.push(village);
            }
        }
        villages
    }

    fn find_text(&self, township: &str, text: &str) -> AddressMatch {
        let folded = fold(text);
        let text = without_county(&folded);
        let (rest, group) = split_group(text);
        let named = self.township_of_cell(township);
        let explicit = self.readings(rest, named, |t| &t.full, |rest| rest);
        let old_form =
            self.readings(rest, named, |t| &t.core, |rest| rest.strip_prefix(['镇', '乡']).unwrap_or(rest));
        let cell = named.map(|township| Reading { township, rest: rest.to_owned() });
        let readings: Vec<Reading> = explicit.into_iter().chain(old_form).chain(cell).collect();
        let found = |village, candidates, corrected| AddressMatch {
            village,
            candidates,
            corrected,
            group: group.to_owned(),
        };
        for distance in [0, 1] {
            let mut meant: Vec<usize> = Vec::new();
            for reading in &readings {
                let villages = self.in_township(reading, distance);
                // The most explicit reading with an answer decides.
                if !villages.is_empty() {
                    meant = villages;
                    break;
                }
            }
            if meant.is_empty() && distance == 0 {
                meant = self.in_county(rest);
                // A village of another township than the one named is a question, not an answer.
                if named.is_some() && !meant.is_empty() {
                    let near: Vec<usize> = readings.iter().flat_map(|r| self.in_township(r, 1)).collect();
                    if near.is_empty() {
                        return found(None, meant, false);
                    }
                    meant.clear();
                }
            }
            match meant[..] {
                [] => {}
                [village] => return found(Some(village), Vec::new(), distance > 0),
                _ => return found(None, meant, distance > 0),
            }
        }
        found(None, Vec::new(), false)
    }

    /// The township of a cell: by name, by name without 镇 or 乡, or with one wrong character if only one is near.
    fn township_of_cell(&self, cell: &str) -> Option<usize> {
        let folded = fold(cell);
        let text = without_county(&folded);
        if text.is_empty() {
            return None;
        }
        let core = township_core(text);
        let only = |mut hits: Vec<usize>| if hits.len() == 1 { hits.pop() } else { None };
        let all = || self.townships.iter().enumerate();
        only(all().filter(|(_, t)| t.full == text).map(|(i, _)| i).collect())
            .or_else(|| only(all().filter(|(_, t)| t.core == core).map(|(i, _)| i).collect()))
            .or_else(|| {
                let core: Vec<char> = core.chars().collect();
                let near =
                    |t: &Township| core.len() > 1 && is_near(&core, &t.core.chars().collect::<Vec<_>>());
                only(all().filter(|(_, t)| near(t)).map(|(i, _)| i).collect())
            })
    }

    /// Townships whose name stands in front of the text, and what follows it; only `named` if a cell names one.
    fn readings<'t>(
        &'t self,
        text: &str,
        named: Option<usize>,
        name: impl Fn(&'t Township) -> &'t str,
        rest: impl Fn(&str) -> &str,
    ) -> Vec<Reading> {
        let wanted = |i: &usize| named.is_none_or(|n| n == *i);
        let one = |(i, t): (usize, &'t Township)| {
            let after = text.strip_prefix(name(t)).filter(|_| !name(t).is_empty())?;
            Some(Reading { township: i, rest: rest(after).to_owned() })
        };
        self.townships.iter().enumerate().filter(|(i, _)| wanted(i)).filter_map(one).collect()
    }

    /// Villages of one township whose name is the text, or at `distance` 1 differs by one character.
    fn in_township(&self, reading: &Reading, distance: u8) -> Vec<usize> {
        let (core, suffix) = village_core(&reading.rest);
        let core: Vec<char> = core.chars().collect();
        let near = |n: &&Name| if distance == 0 { n.core == core } else { is_near(&core, &n.core) };
        if core.is_empty() {
            return Vec::new();
        }
        let mut names: Vec<&Name> = self.townships[reading.township].names.iter().filter(near).collect();
        if distance == 1 {
            names = likeliest(names, &core, suffix);
        }
        distinct(names, suffix)
    }

    fn in_county(&self, text: &str) -> Vec<usize> {
        let (core, suffix) = village_core(text);
        let core: Vec<char> = core.chars().collect();
        let hits = self.by_core.get(&core).map_or(&[][..], Vec::as_slice);
        distinct(hits.iter().map(|(t, n)| &self.townships[*t].names[*n]).collect(), suffix)
    }
}

/// Of names one character away, those that explain what was written: the same 村 or 社区 first, then names that only lack a
/// character against names with a wrong one. A lone 家 in front may be either, so it decides nothing.
fn likeliest<'n>(mut names: Vec<&'n Name>, core: &[char], suffix: Suffix) -> Vec<&'n Name> {
    let same = |n: &&Name| n.suffix == suffix;
    if suffix != Suffix::None && names.iter().any(same) {
        names.retain(|n| same(n));
    }
    let explains = |n: &&Name| n.core.len() > core.len();
    let clear = core.len() > 2 || (core.len() == 2 && core[0] != '家');
    if clear && names.iter().any(explains) {
        names.retain(|n| explains(n));
    }
    names
}

/// The villages of these names; where the same core is a 村 and a 社区, the suffix as written decides.
fn distinct(names: Vec<&Name>, suffix: Suffix) -> Vec<usize> {
    let same: Vec<&Name> = names.iter().copied().filter(|n| n.suffix == suffix).collect();
    let chosen = if same.is_empty() || suffix == Suffix::None { names } else { same };
    let mut villages: Vec<usize> = chosen.iter().map(|n| n.village).collect();
    villages.sort_unstable();
    villages.dedup();
    villages
}

/// One character replaced, added or dropped.
fn is_near(a: &[char], b: &[char]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if long.len() - short.len() > 1 || long.is_empty() {
        return false;
    }
    let front = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    let skip = usize::from(short.len() == long.len());
    let same_tail = short.get(front + skip..).is_none_or(|tail| tail == &long[front + 1..]);
    // Two names of one character have nothing in common.
    front == short.len() || (same_tail && long.len() > 1)
}

#[cfg(test)]
#[path = "address_test.rs"]
mod tests;
