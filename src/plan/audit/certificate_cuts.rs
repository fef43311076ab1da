//! Cuts of a siting certificate: made again from the rows that they combine, in whole numbers.

use super::certificate::{Check, Checker, Kind, Site, fault};
use crate::siting::Cut;
use std::collections::BTreeMap;

/// A cut: what each site adds, what each unserved class adds, and the least that both must come to.
#[derive(Default)]
pub(super) struct CutRow {
    /// Coefficient of each site that has one.
    pub(super) sites: Vec<(usize, i128)>,
    /// Coefficient of each class left unserved.
    pub(super) classes: Vec<(u32, i128)>,
    /// Right side.
    pub(super) right: i128,
}

/// The cuts of a certificate and the rows that they name.
#[derive(Default)]
pub(super) struct CutRows {
    pub(super) cuts: Vec<CutRow>,
    /// Clients of each class that a cut names.
    pub(super) members: BTreeMap<u32, Vec<usize>>,
    /// Class of each of these clients.
    pub(super) class_of: BTreeMap<usize, u32>,
}

impl CutRows {
    /// What the cuts at `prices` grant each class for staying unserved, in millionths.
    pub(super) fn granted(&self, prices: &[i64]) -> BTreeMap<u32, i128> {
        let mut granted = BTreeMap::new();
        for (cut, &price) in self.cuts.iter().zip(prices).filter(|(_, price)| **price > 0) {
            for &(class, k) in &cut.classes {
                *granted.entry(class).or_insert(0) += i128::from(price) * k;
            }
        }
        granted
    }
}

impl Checker<'_> {
    /// The cuts, once every class that they name is seen to be one row: its clients have the same sites that may open under `sites`.
    pub(super) fn cut_rows(&self, sites: &[Site]) -> Result<CutRows, crate::base::Fault> {
        let cuts = &self.certificate.cuts;
        let mut rows = CutRows::default();
        if cuts.is_empty() {
            return self.check_cut_prices().map(|()| rows);
        }
        self.check_cut_shape()?;
        let mut members: BTreeMap<u32, Vec<usize>> =
            cuts.iter().flat_map(|c| &c.rows).map(|r| (r.0, Vec::new())).collect();
        for (client, class) in self.certificate.class_of.iter().enumerate() {
            if let Some(list) = class.and_then(|k| members.get_mut(&k)) {
                list.push(client);
            }
        }
        let mut near: BTreeMap<usize, Vec<usize>> =
            members.values().flatten().map(|&c| (c, Vec::new())).collect();
        for pair in self.problem.pairs.iter().filter(|p| p.travel.0 <= self.radius()) {
            if let Some(list) =
                near.get_mut(&pair.client.at()).filter(|_| sites[pair.site.at()] != Site::Closed)
            {
                list.push(pair.site.at());
            }
        }
        near.values_mut().for_each(|list| list.sort_unstable());
        let mut class_rows: BTreeMap<u32, (&[usize], i128)> = BTreeMap::new();
        for (&class, clients) in &members {
            let Some((first, others)) = clients.split_first() else { return Err(bad_class(class)) };
            let alike = |c: &usize| near[c] == near[first] && self.need[*c] == self.need[*first];
            let reachable = self.need[*first] > 0 && near[first].len() as i128 >= self.need[*first];
            if !reachable || !others.iter().all(alike) {
                return Err(bad_class(class));
            }
            class_rows.insert(class, (&near[first], self.need[*first]));
            rows.class_of.extend(clients.iter().map(|&c| (c, class)));
        }
        let of = |class: u32| class_rows[&class];
        rows.cuts = cuts.iter().map(|cut| combine(cut, &of, self.may_lack())).collect();
        rows.members = members;
        Ok(rows)
    }

    fn check_cut_shape(&self) -> Check {
        let problem = self.problem;
        let covers = matches!(self.kind, Kind::Lscp | Kind::Mclp | Kind::PCentre);
        let plain = problem.capacities.is_empty() && problem.groups.is_empty() && problem.budget.is_none();
        let partial = self.certificate.share_millionths < 1_000_000;
        let shaped = self.certificate.cuts.iter().all(|c| c.denominator > 0 && !c.rows.is_empty());
        if covers && plain && !partial && shaped {
            return self.check_cut_prices();
        }
        Err(fault("此证书不能含有割平面。", "a certificate of this problem cannot hold such cuts."))
    }

    fn check_cut_prices(&self) -> Check {
        let most = self.certificate.cuts.len();
        let fits = |prices: &[i64]| {
            prices.len() <= most && prices.iter().all(|p| (0..=1_000_000_000_000_000_000).contains(p))
        };
        if self.certificate.tree.iter().all(|n| fits(&n.cut_prices)) {
            return Ok(());
        }
        Err(fault("割平面的乘子与割平面不符。", "the multipliers of the cuts do not fit the cuts."))
    }
}

/// The sum that `cut` stands for, rounded up; `rows` tells the sites and the need of each class, `may_lack` whether classes may stay unserved.
pub(super) fn combine<'a>(cut: &Cut, rows: &dyn Fn(u32) -> (&'a [usize], i128), may_lack: bool) -> CutRow {
    let denominator = i128::from(cut.denominator);
    let up = |sum: i128| sum.div_euclid(denominator) + i128::from(sum.rem_euclid(denominator) != 0);
    let (mut sites, mut classes, mut right) = (BTreeMap::new(), BTreeMap::new(), 0);
    for &(class, numerator) in &cut.rows {
        let numerator = i128::from(numerator);
        let (near, need) = rows(class);
        near.iter().for_each(|&s| *sites.entry(s).or_insert(0) += numerator);
        *classes.entry(class).or_insert(0) += numerator;
        right += numerator * need;
    }
    let classes = if may_lack { classes } else { BTreeMap::new() };
    CutRow {
        sites: sites.into_iter().map(|(s, sum)| (s, up(sum))).collect(),
        classes: classes.into_iter().map(|(k, sum)| (k, up(sum))).collect(),
        right: up(right),
    }
}

fn bad_class(class: u32) -> crate::base::Fault {
    fault(
        format!("割平面用到的第 {class} 类服务对象并非同一行。"),
        format!("the clients of class {class}, which a cut names, are not one row."),
    )
}
