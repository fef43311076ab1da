//! The primal half of a siting certificate: open sites, limits, objective.

use super::certificate::{Check, Checker, Kind, Site, distinct, fault};
use crate::base::Fault;

impl Checker<'_> {
    pub(super) fn check_open(&self) -> Check {
        let open = &self.certificate.open;
        let ordered = open.windows(2).all(|w| w[0] < w[1]);
        let allowed = open.iter().all(|s| self.root.get(s.at()).is_some_and(|s| *s != Site::Closed));
        let fixed = self.problem.fixed.iter().all(|s| open.contains(s));
        if !ordered || !allowed || !fixed {
            return Err(fault(
                "开放的网点有重复、未知、被禁止或缺少必须保留的。",
                "the open sites repeat, are unknown or forbidden, or miss a fixed one.",
            ));
        }
        let wrong = |p: u32| {
            if self.problem.budget.is_some() { open.len() > p as usize } else { open.len() != p as usize }
        };
        if self.certificate.p.is_some_and(wrong) {
            return Err(fault("开放的网点数与 p 不符。", "the number of open sites differs from p."));
        }
        self.check_limits()
    }

    /// Budget, minimums and capacities of the open set.
    fn check_limits(&self) -> Check {
        let (problem, open) = (self.problem, &self.certificate.open);
        if let Some(budget) = problem.budget {
            let spent: i128 =
                open.iter().filter_map(|s| problem.costs.get(s.at())).map(|c| i128::from(c.0)).sum();
            if spent > i128::from(budget.0) {
                return Err(fault("开放的网点超出预算。", "the open sites cost more than the budget."));
            }
        }
        let served = self.served()?;
        for group in &problem.groups {
            let outlets = distinct(&group.sites).iter().filter(|s| open.contains(s)).count();
            let covered: u128 = distinct(&group.clients)
                .iter()
                .filter(|c| served[c.at()].is_some())
                .map(|c| u128::from(problem.weights[c.at()]))
                .sum();
            if (outlets as u64) < u64::from(group.least_outlets) || covered < u128::from(group.least_covered)
            {
                let name = &group.name;
                return Err(fault(
                    format!("分组“{name}”的下限未满足。"),
                    format!("the minimum of group '{name}' is not met."),
                ));
            }
        }
        Ok(())
    }

    /// Travel time of each client to the site that serves them, as far as they are covered.
    fn served(&self) -> Result<Vec<Option<u32>>, Fault> {
        let (problem, clients) = (self.problem, self.problem.weights.len());
        let mut is_open = vec![false; problem.sites as usize];
        self.certificate.open.iter().for_each(|s| is_open[s.at()] = true);
        let mut time: Vec<Option<u32>> = vec![None; clients];
        let mut count = vec![0i128; clients];
        if problem.capacities.is_empty() {
            for pair in problem.pairs.iter().filter(|p| is_open[p.site.at()]) {
                let known = &mut time[pair.client.at()];
                *known = Some(known.map_or(pair.travel.0, |t| t.min(pair.travel.0)));
                count[pair.client.at()] += 1;
            }
            (0..clients).filter(|&c| count[c] < self.need[c]).for_each(|c| time[c] = None);
            return Ok(time);
        }
        let assignment = &self.certificate.assignment;
        if assignment.len() != clients {
            return Err(fault(
                "有容量的证书缺少分配。",
                "a certificate with capacities needs an assignment.",
            ));
        }
        for pair in problem.pairs.iter().filter(|p| is_open[p.site.at()]) {
            if assignment[pair.client.at()] == Some(pair.site) {
                time[pair.client.at()] = Some(pair.travel.0);
            }
        }
        let mut load = vec![0u128; problem.sites as usize];
        for (client, site) in assignment.iter().enumerate() {
            match site {
                Some(site) if time[client].is_some() => {
                    load[site.at()] += u128::from(problem.weights[client])
                }
                Some(_) => {
                    return Err(fault(
                        "有人被分给不可及或未开放的网点。",
                        "a client is assigned to a closed site or one that does not reach them.",
                    ));
                }
                None => {}
            }
        }
        let over = (0..load.len()).find(|&s| load[s] > u128::from(problem.capacities[s]));
        match over {
            Some(s) => Err(fault(format!("网点 {s} 超出容量。"), format!("site {s} is over its capacity."))),
            None => Ok(time),
        }
    }

    pub(super) fn check_objective(&self) -> Check {
        let served = self.served()?;
        let reachable = || (0..served.len()).filter(|&c| self.need[c] > 0);
        let weight = |c: usize| i128::from(self.problem.weights[c]);
        let covered: i128 = reachable().filter(|&c| served[c].is_some()).map(weight).sum();
        let all = covered == self.total;
        let (value, valid) = match self.kind {
            Kind::Lscp => (self.certificate.open.len() as i128, covered >= self.cover_target()),
            Kind::Mclp => (covered, true),
            Kind::CoverNearest => {
                let far = |c: usize| weight(c) * served[c].map_or(self.beyond, i128::from);
                (reachable().map(far).sum(), true)
            }
            Kind::PMedian => {
                let cost = |c: usize| weight(c) * i128::from(served[c].unwrap_or(0));
                (reachable().map(cost).sum(), all)
            }
            Kind::PCentre => (reachable().filter_map(|c| served[c]).max().map_or(0, i128::from), all),
        };
        let told = self.certificate.objective;
        if !valid {
            return Err(fault(
                "方案没有覆盖应覆盖的需求。",
                "the answer does not cover the demand it has to.",
            ));
        }
        if value != i128::from(told) {
            return Err(fault(
                format!("目标值是 {value}，证书写的是 {told}。"),
                format!("the objective is {value}, the certificate says {told}."),
            ));
        }
        Ok(())
    }
}
