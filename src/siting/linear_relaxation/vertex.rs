//! A basis without its numbers: small enough to keep for every node that waits, and to carry over when cuts come and go.

use super::{Column, Program, Row, Simplex};
use crate::siting::basis::Basis;
use crate::siting::instance::State;

/// Which columns and rows are basic, and where the others stand.
#[derive(Debug, Clone)]
pub(in crate::siting) struct Vertex {
    column: Vec<Column>,
    row: Vec<Row>,
    basic: Vec<u32>,
    tight: Vec<u32>,
    /// Right side of the cardinality.
    total: f64,
}

impl<'a> Simplex<'a> {
    /// The basis as it stands.
    pub(in crate::siting) fn vertex(&self) -> Vertex {
        let short = |list: &[usize]| list.iter().map(|&i| i as u32).collect();
        Vertex {
            column: self.column.clone(),
            row: self.row.clone(),
            basic: short(&self.basic),
            tight: short(&self.tight),
            total: self.total,
        }
    }

    /// The basis `vertex` of `program`; what `state` has settled since is taken over by [`Simplex::continue_with`].
    pub(in crate::siting) fn at(program: &'a Program, state: &[State], vertex: &Vertex) -> Simplex<'a> {
        let value = |(s, column): (usize, &Column)| match column {
            Column::Low => program.low[s],
            Column::Up => program.up[s],
            Column::Basic => 0.0,
            Column::Fixed => f64::from(u8::from(state.get(s) == Some(&State::Open))),
        };
        let rows = program.row_count() + usize::from(program.p.is_some());
        Simplex {
            program,
            age: u64::MAX,
            low: program.low.clone(),
            up: program.up.clone(),
            x: vertex.column.iter().enumerate().map(value).collect(),
            column: vertex.column.clone(),
            row: vertex.row.clone(),
            total: vertex.total,
            over: vec![0.0; rows],
            net: vec![0.0; program.column_count()],
            basic: vertex.basic.iter().map(|&s| s as usize).collect(),
            tight: vertex.tight.iter().map(|&r| r as usize).collect(),
            basis: Basis::default(),
            delta: vec![0.0; rows],
            touched: Vec::new(),
            is_touched: vec![false; program.row_count()],
        }
    }
}

impl Vertex {
    /// The same corner in `to`, which has other cuts than `from`.
    pub(in crate::siting) fn carried(&self, from: &Program, to: &Program) -> Vertex {
        let instance_rows = from.row_count() - from.cuts.len();
        let mut moved = Vertex {
            column: self.column[..from.sites].to_vec(),
            row: self.row[..instance_rows].to_vec(),
            basic: self.basic.iter().copied().filter(|&s| (s as usize) < from.sites).collect(),
            tight: self.tight.iter().copied().filter(|&r| (r as usize) < instance_rows).collect(),
            total: self.total,
        };
        let column_before = |r: u32| from.lacks.binary_search(&r).ok().map(|i| from.sites + i);
        let is_basic = |r: u32| column_before(r).is_some_and(|s| self.column[s] == Column::Basic);
        for &r in from.lacks.iter().filter(|r| to.lacks.binary_search(r).is_err()) {
            // The hinge pays again for what the row lacks.
            if is_basic(r) {
                moved.tight.retain(|&t| t != r);
                moved.row[r as usize] = Row::Below;
            }
        }
        for (i, &r) in to.lacks.iter().enumerate() {
            let column = (to.sites + i) as u32;
            let known = column_before(r).map(|s| self.column[s]);
            let pays = known.is_none() && self.row[r as usize] == Row::Below;
            if pays {
                moved.tight.push(r);
                moved.row[r as usize] = Row::Tight;
            }
            if pays || known == Some(Column::Basic) {
                moved.basic.push(column);
                moved.column.push(Column::Basic);
            } else {
                moved.column.push(known.unwrap_or(Column::Low));
            }
        }
        self.carry_cuts(&mut moved, from, to);
        if from.p.is_some() {
            moved.tight.push(to.row_count() as u32);
        }
        moved
    }

    /// Appends to the rows of `moved` the cuts of `to`: those that `from` has too stand as they did, new ones do not bind yet.
    fn carry_cuts(&self, moved: &mut Vertex, from: &Program, to: &Program) {
        let instance_rows = from.row_count() - from.cuts.len();
        for (c, cut) in to.cuts.iter().enumerate() {
            let before = from.cuts.iter().position(|known| known == cut).map(|i| instance_rows + i);
            let state = before.map_or(Row::Above, |r| self.row[r]);
            if state == Row::Tight {
                moved.tight.push((instance_rows + c) as u32);
            }
            moved.row.push(state);
        }
    }

    /// The same corner where columns have joined and rows have been split (no cuts): `column_before` and `row_before` are where each
    /// stood, and of the rows that one has become, its heir takes its place in the basis.
    pub(in crate::siting) fn split(
        &self,
        column_before: &[Option<u32>],
        row_before: &[u32],
        heir: &[u32],
        counted: bool,
    ) -> Vertex {
        let was = |s: &Option<u32>| s.map_or(Column::Low, |s| self.column[s as usize]);
        let mut place = vec![None; self.column.len()];
        for (s, before) in column_before.iter().enumerate() {
            before.iter().for_each(|&b| place[b as usize] = Some(s as u32));
        }
        let stays = |(r, &before): (usize, &u32)| match self.row[before as usize] {
            Row::Tight if heir[before as usize] != r as u32 => Row::Above,
            state => state,
        };
        let rows_before = self.row.len();
        let mut tight: Vec<u32> = Vec::with_capacity(self.tight.len());
        tight.extend(self.tight.iter().filter(|&&r| (r as usize) < rows_before).map(|&r| heir[r as usize]));
        if counted {
            tight.push(row_before.len() as u32);
        }
        Vertex {
            column: column_before.iter().map(was).collect(),
            row: row_before.iter().enumerate().map(stays).collect(),
            basic: self.basic.iter().filter_map(|&s| place[s as usize]).collect(),
            tight,
            total: self.total,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{ClientIx, Seconds, SiteIx};
    use crate::siting::cuts::Cut;
    use crate::siting::instance::Instance;
    use crate::siting::{Model, Pair, SitingProblem, exact};

    /// Two triangles of sites, a client between any two of a triangle: with halves three sites serve all six, with whole ones five. A
    /// cut a triangle says so.
    #[test]
    fn a_corner_is_carried_over_to_other_cuts_wherever_they_stand() {
        let mut problem = SitingProblem { sites: 6, weights: vec![1; 6], ..SitingProblem::default() };
        for client in 0..6 {
            for site in [client, client / 3 * 3 + (client + 1) % 3] {
                problem.pairs.push(Pair { client: ClientIx(client), site: SiteIx(site), travel: Seconds(0) });
            }
        }
        let instance = Instance::build(&problem, Model::Mclp { p: 3 });
        let state = &instance.state;
        let cut = |of: std::ops::Range<u32>, right| Cut {
            rows: of.clone().collect(),
            sites: of.map(|s| (s, 1)).collect(),
            right,
        };
        let triangles = vec![cut(0..3, 2), cut(3..6, 2)];
        let from = Program::new(&instance, triangles.clone());
        let to = Program::new(&instance, [vec![cut(0..6, 3)], triangles].concat());
        let lost = |program: &Program, simplex: &mut Simplex<'_>| {
            let (prices, _) = simplex.optimise(1_000).unwrap();
            let value = exact::evaluate_with(&instance, state, program.cuts(), &prices.rows, &prices.cuts);
            value.bound as f64 / exact::MILLION as f64
        };
        let mut simplex = Simplex::new(&from, state, &[0, 1, 3]).unwrap();
        assert!((lost(&from, &mut simplex) - 1.0).abs() < 1e-3);
        let vertex = simplex.vertex();
        assert_eq!(vertex.row[6..], [Row::Tight; 2], "the cuts bind");
        let carried = vertex.carried(&from, &to);
        assert_eq!(carried.basic.len(), carried.tight.len());
        assert!((lost(&to, &mut Simplex::at(&to, state, &carried)) - 1.0).abs() < 1e-3);
    }
}
