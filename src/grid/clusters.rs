//! Who depends on whom where hours are short: caregivers with too few hours, and the clients whom nobody else may serve.

/// Caregivers, and the clients whom nobody else may serve; both ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cluster {
    pub(super) carers: Vec<u32>,
    pub(super) clients: Vec<u32>,
}

/// The clients who depend on caregivers that are `short` of hours (by caregiver), in sets that share no caregiver. Clients without an
/// eligible caregiver are in none.
pub(super) fn clusters(eligible: &[Vec<u32>], short: &[Option<i64>]) -> Vec<Cluster> {
    let mut clusters: Vec<Cluster> = Vec::new();
    for (c, carers) in eligible.iter().enumerate() {
        if carers.is_empty() || carers.iter().any(|g| short[*g as usize].is_none()) {
            continue;
        }
        let mut joined = Cluster { carers: carers.clone(), clients: vec![c as u32] };
        clusters.retain(|other| {
            let apart = other.carers.iter().all(|g| !carers.contains(g));
            if !apart {
                joined.carers.extend(&other.carers);
                joined.clients.extend(&other.clients);
            }
            apart
        });
        joined.carers.sort_unstable();
        joined.carers.dedup();
        joined.clients.sort_unstable();
        clusters.push(joined);
    }
    clusters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_shares_a_client_is_together_and_who_has_another_way_out_is_left_alone() {
        let short: Vec<Option<i64>> = [true, true, false, true, true].map(|s| s.then_some(1)).to_vec();
        // The last client joins 1 and 3; client 2 may also go to caregiver 2, who has hours.
        let eligible = [vec![1], vec![3], vec![2, 3], vec![], vec![4], vec![0, 2], vec![3, 1]];
        let found = clusters(&eligible, &short);
        let of =
            |carers: &[u32], clients: &[u32]| Cluster { carers: carers.to_vec(), clients: clients.to_vec() };
        assert_eq!(found, [of(&[4], &[4]), of(&[1, 3], &[0, 1, 6])]);
    }
}
