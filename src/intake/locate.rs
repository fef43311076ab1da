//! Homes without coordinates are placed by their village, with the precision said.

use crate::base::LonLat;
use crate::intake::address::AddressBook;
use crate::roster::{Caregiver, Client, Precision, Village};

/// Takes the register's names for what the roster means, and places clients without coordinates at their village
/// (precision `village`). A village without a place takes the middle of its located clients. Never chooses between two.
/// `addresses` are the free addresses of `clients`, in their order.
pub(crate) fn locate_clients(clients: &mut [Client], addresses: &[String], villages: &[Village]) {
    if villages.is_empty() {
        return;
    }
    let book = AddressBook::new(villages);
    let mut homes: Vec<Vec<LonLat>> = vec![Vec::new(); villages.len()];
    let mut meant = Vec::with_capacity(clients.len());
    for (client, address) in clients.iter_mut().zip(addresses) {
        let found = book.find(&client.township, &client.village, address);
        if let Some(v) = found.village {
            client.township.clone_from(&villages[v].township);
            client.village.clone_from(&villages[v].name);
            homes[v].extend(client.at);
        }
        if client.group.is_empty() {
            client.group.clone_from(&found.group);
        }
        client.doubtful |= client.at.is_none() && found.is_doubtful();
        meant.push(found.village);
    }
    for (client, village) in clients.iter_mut().zip(meant) {
        if let (None, Some(v)) = (client.at, village) {
            client.at = villages[v].at.or_else(|| middle(&homes[v]));
            client.precision = if client.at.is_some() { Precision::Village } else { Precision::Township };
            client.doubtful = false;
        }
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
