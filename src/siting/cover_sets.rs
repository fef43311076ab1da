//! Clients with equal cover sets merged while they are read, so that ten million of them fit where their sets do
//! (Cordeau, Furini, Ljubic 2019). For models that ask only who is covered: LSCP and MCLP.

use super::{Pair, SitingProblem};
use crate::base::{ClientIx, Fault, Outcome, Seconds, SiteIx};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Distinct cover sets with their demand. The hash only finds candidates; equality is decided on the sets.
#[derive(Debug, Default)]
pub struct CoverSets {
    sites: u32,
    start: Vec<usize>,
    members: Vec<SiteIx>,
    weight: Vec<u64>,
    /// First set with a hash.
    first: HashMap<u64, u32, BuildHasherDefault<AsItIs>>,
    /// Next set with the same hash.
    next: Vec<u32>,
}

/// The keys are hashes already.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&b| self.0 = self.0.rotate_left(8) ^ u64::from(b));
    }
    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

const NONE: u32 = u32::MAX;

impl CoverSets {
    /// No client yet, candidates `0..sites`.
    #[must_use]
    pub fn new(sites: u32) -> CoverSets {
        CoverSets { sites, start: vec![0], ..CoverSets::default() }
    }

    /// Adds a client of demand `weight` whom `sites` (ascending) cover and returns the number of the set.
    ///
    /// # Errors
    /// The weight is 0, or the sites are unknown or not strictly ascending.
    pub fn add(&mut self, weight: u64, sites: &[SiteIx]) -> Outcome<ClientIx> {
        let ascending =
            sites.windows(2).all(|w| w[0] < w[1]) && sites.last().is_none_or(|s| s.0 < self.sites);
        if weight == 0 || !ascending {
            return Err(Fault::refused(
                "服务对象没有权重，或其网点未知、重复或未按升序排列。",
                "a client has no weight, or their sites are unknown, repeated or not in ascending order.",
            ));
        }
        let hash = sites.iter().fold(0x9E37_79B9_7F4A_7C15u64, |h, s| {
            (h ^ u64::from(s.0)).wrapping_mul(0xD6E8_FEB8_6659_FD93).rotate_left(29)
        });
        let head = self.first.get(&hash).copied().unwrap_or(NONE);
        let mut at = head;
        while at != NONE {
            let set = at as usize;
            if self.members[self.start[set]..self.start[set + 1]] == *sites {
                self.weight[set] += weight;
                return Ok(ClientIx(at));
            }
            at = self.next[set];
        }
        let set = self.weight.len() as u32;
        self.first.insert(hash, set);
        self.next.push(head);
        self.members.extend_from_slice(sites);
        self.start.push(self.members.len());
        self.weight.push(weight);
        Ok(ClientIx(set))
    }

    /// Number of distinct sets.
    #[must_use]
    pub fn len(&self) -> usize {
        self.weight.len()
    }

    /// No client was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.weight.is_empty()
    }

    /// The problem whose clients are the sets; travel times are 0, as only cover is known.
    #[must_use]
    pub fn finish(self) -> SitingProblem {
        let mut pairs = Vec::with_capacity(self.members.len());
        for (set, ends) in self.start.windows(2).enumerate() {
            let client = ClientIx::of(set);
            let pair = |&site: &SiteIx| Pair { client, site, travel: Seconds(0) };
            pairs.extend(self.members[ends[0]..ends[1]].iter().map(pair));
        }
        SitingProblem { sites: self.sites, weights: self.weight, pairs, ..SitingProblem::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_sets_are_one_client_with_the_demand_of_all() {
        let mut sets = CoverSets::new(3);
        let ids: Vec<ClientIx> = [&[0, 2][..], &[1], &[0, 2], &[]]
            .iter()
            .map(|s| sets.add(2, &s.iter().map(|&s| SiteIx(s)).collect::<Vec<_>>()).unwrap())
            .collect();
        assert_eq!(ids, [ClientIx(0), ClientIx(1), ClientIx(0), ClientIx(2)]);
        let problem = sets.finish();
        assert_eq!((problem.weights, problem.pairs.len()), (vec![4, 2, 2], 3));
        assert!(CoverSets::new(3).add(0, &[SiteIx(1)]).is_err());
        assert!(CoverSets::new(3).add(1, &[SiteIx(2), SiteIx(1)]).is_err());
        assert!(CoverSets::new(3).add(1, &[SiteIx(3)]).is_err());
    }
}
