//! Grids: one caregiver each, contiguous cells, exceptions as listed (R04).

use crate::plan::audit::promise::Findings;
use crate::plan::audit::sheets::Sheets;
use petgraph::unionfind::UnionFind;
use std::collections::{BTreeMap, BTreeSet};

/// Checks grids.csv and the grid column of clients.csv.
pub fn check(sheets: &Sheets, found: &mut Findings) {
    let cells: BTreeMap<&str, usize> =
        sheets.lines("cells").zip(0..).map(|(l, i)| (l.text("cell"), i)).collect();
    let mut holder: BTreeMap<&str, &str> = BTreeMap::new();
    let mut holders = BTreeSet::new();
    let mut taken = BTreeSet::new();
    for line in sheets.lines("grids") {
        let (grid, who) = (line.text("grid"), line.text("caregiver"));
        let known =
            sheets.caregiver.contains_key(who) && holder.insert(grid, who).is_none() && holders.insert(who);
        found.expect(known, "grid_caregiver", || format!("{grid}: {who} is unknown or holds two grids"));
        let mine: Vec<Option<usize>> = line.list("cells").map(|c| cells.get(c).copied()).collect();
        let all_known = mine.iter().all(|c| c.is_some_and(|c| taken.insert(c)));
        found.expect(all_known, "grid_cells", || {
            format!("{grid} names an unknown cell, or one that another grid holds")
        });
        let mine: Vec<usize> = mine.into_iter().flatten().collect();
        found.expect(is_contiguous(sheets, &cells, &mine), "grid_contiguity", || {
            format!("{grid} is not contiguous")
        });
    }
    clients_lie_in_their_grid(sheets, &holder, found);
}

fn is_contiguous(sheets: &Sheets, cells: &BTreeMap<&str, usize>, mine: &[usize]) -> bool {
    let member: BTreeSet<usize> = mine.iter().copied().collect();
    let mut joined = UnionFind::<usize>::new(cells.len());
    for (i, line) in sheets.lines("cells").enumerate().filter(|(i, _)| member.contains(i)) {
        for other in line.list("neighbours").filter_map(|n| cells.get(n)).filter(|n| member.contains(n)) {
            joined.union(i, *other);
        }
    }
    mine.windows(2).all(|pair| joined.equiv(pair[0], pair[1]))
}

fn clients_lie_in_their_grid(sheets: &Sheets, holder: &BTreeMap<&str, &str>, found: &mut Findings) {
    let cells = sheets.lines("cells").flat_map(|l| l.list("clients").map(move |c| (c, l.text("cell"))));
    let cell_of: BTreeMap<&str, &str> = cells.collect();
    let grids = sheets.lines("grids").flat_map(|l| l.list("cells").map(move |c| (c, l.text("grid"))));
    let grid_of_cell: BTreeMap<&str, &str> = grids.collect();
    let mut count: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for line in sheets.lines("clients").filter(|l| !l.text("grid").is_empty()) {
        let (id, grid) = (line.text("client"), line.text("grid"));
        let Some(who) = holder.get(grid) else {
            found.broken("grid_unknown", format!("{id}: grid {grid} does not exist"));
            continue;
        };
        let home = cell_of.get(id).and_then(|c| grid_of_cell.get(c));
        found.expect(home == Some(&grid), "grid_cells", || {
            format!("{id} lies in a cell of {home:?}, not of {grid}")
        });
        let sum = count.entry(grid).or_default();
        *sum = (sum.0 + 1, sum.1 + u32::from(line.text("caregiver") != *who));
    }
    for line in sheets.lines("grids") {
        let (clients, exceptions) = count.get(line.text("grid")).copied().unwrap_or_default();
        let right =
            line.seconds("clients") == Some(clients) && line.seconds("exceptions") == Some(exceptions);
        found.expect(right, "grids_sums", || {
            format!("{}: {clients} clients and {exceptions} exceptions counted", line.text("grid"))
        });
        let listed = line.list("exception_reasons").count() as u32;
        found.expect(listed == exceptions, "exceptions", || {
            format!("{}: {listed} exceptions with a reason, {exceptions} counted", line.text("grid"))
        });
    }
    for line in sheets.lines("caregivers").filter(|l| !l.text("grid").is_empty()) {
        let kept = holder.get(line.text("grid")) == Some(&line.text("caregiver"));
        found.expect(kept, "grid_caregiver", || {
            format!("{} claims {}", line.text("caregiver"), line.text("grid"))
        });
    }
}
