//! Is the problem well formed? Each fault names its row.

use crate::base::{Fault, Outcome, Seconds};
use crate::grid::{RotaProblem, TripTable};

/// Two days: no time of day lies beyond.
const LATEST: Seconds = Seconds(172_800);

/// Refuses a problem whose rows point nowhere or contradict themselves.
pub(super) fn check(problem: &RotaProblem) -> Outcome<()> {
    if !(28..=31).contains(&problem.days_in_month) || problem.first_weekday > 6 {
        return Err(Fault::refused(
            "月份天数或首日星期无效。",
            "the month's length or first weekday is not one of a calendar.",
        ));
    }
    let places = problem.trips.places();
    for g in 0..problem.caregivers.len() {
        check_caregiver(problem, g, places)?;
    }
    for c in 0..problem.clients.len() {
        check_client(problem, c, places)?;
    }
    let bad_pair =
        |(a, b): &(crate::base::CellIx, crate::base::CellIx)| a.0 >= problem.cells || b.0 >= problem.cells;
    if let Some(k) = problem.adjacent.iter().position(bad_pair) {
        return Err(row(
            "相邻关系",
            "neighbour pair",
            k,
            "引用了不存在的村格",
            "names a cell that is not there",
        ));
    }
    Ok(())
}

fn check_caregiver(problem: &RotaProblem, g: usize, places: usize) -> Outcome<()> {
    let who = &problem.caregivers[g];
    let bad_profile = matches!(&problem.trips, TripTable::Matrices(m) if who.profile >= m.len());
    let bad_time = who.shift.0 > who.shift.1 || who.shift.1 > LATEST || who.max_day > LATEST;
    if who.base >= places || bad_profile {
        return Err(row("服务人员", "caregiver", g, "没有出发地", "has no base in the trip table"));
    }
    if bad_time || who.max_month.0 > 1 << 24 {
        return Err(row(
            "服务人员",
            "caregiver",
            g,
            "工时设置无效",
            "has hours that make no sense; check shift, day and month",
        ));
    }
    if who.days.iter().any(|d| d.0 == 0 || d.0 > problem.days_in_month) {
        return Err(row("服务人员", "caregiver", g, "有不在本月的日期", "has a day outside the month"));
    }
    Ok(())
}

fn check_client(problem: &RotaProblem, c: usize, places: usize) -> Outcome<()> {
    let client = &problem.clients[c];
    if client.place >= places {
        return Err(row("服务对象", "client", c, "没有住处位置", "has no home in the trip table"));
    }
    if client.eligible.iter().any(|g| g.at() >= problem.caregivers.len()) {
        return Err(row(
            "服务对象",
            "client",
            c,
            "引用了不存在的服务人员",
            "names a caregiver who is not there",
        ));
    }
    if client.window.1 > LATEST
        || client.service > LATEST
        || client.window.0 > client.window.1
        || client.visits > 31
    {
        return Err(row(
            "服务对象",
            "client",
            c,
            "时间窗、时长或次数无效",
            "has a window, a duration or a number of visits that makes no sense",
        ));
    }
    if problem.cells > 0 && client.cell.0 >= problem.cells {
        return Err(row("服务对象", "client", c, "不属于任何村格", "lies in no village cell"));
    }
    Ok(())
}

fn row(zh_what: &str, what: &str, index: usize, zh: &str, en: &str) -> Fault {
    let n = index + 1;
    Fault::refused(
        format!("第 {n} 行{zh_what}{zh}；请检查该行。"),
        format!("{what} row {n} {en}; check that row."),
    )
}
