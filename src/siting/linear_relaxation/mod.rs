//! The linear relaxation of covering models, to its optimum, by a simplex over hinges.
//!
//! A row costs its weight times what it lacks, max(0, need - sum of x): piecewise linear, so rows need no variable of
//! their own and a line search passes many of them at once. Only fractional sites and exactly served rows sit in the
//! basis. Right sides and bounds carry tiny offsets against cycling; the multipliers stay valid whatever they are.

mod dual;
mod primal;
mod program;
mod vertex;

use super::basis::Basis;
use super::exact::{MILLION, Prices};
use super::instance::State;

pub(super) use program::Program;
pub(super) use vertex::Vertex;

const TOLERANCE: f64 = 1e-7;
/// Pivots between fresh inverses.
const REFRESH: u64 = 60;
/// Most pivots at a node.
pub(super) const DUAL_PIVOTS: u64 = 2_000;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Column {
    Low,
    Up,
    Basic,
    Fixed,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Row {
    /// Lacks cover and pays.
    Below,
    /// Served with room to spare.
    Above,
    /// Served exactly; in the basis.
    Tight,
}

/// What starts to move.
#[derive(Debug, Clone, Copy)]
enum Entering {
    /// A site, up (+1) or down (-1).
    Site(usize, f64),
    /// Tight position, towards more (+1) or less (-1) cover.
    Tight(usize, f64),
}

/// What stops a move.
#[derive(Debug, Clone, Copy)]
enum Stop {
    /// Basic position at its low or upper bound.
    Basic(usize, Column),
    /// A row becomes exactly served.
    Row(usize),
    /// The entering site crosses to its other bound.
    Flip,
}

/// A basis with all that belongs to it.
#[derive(Debug, Clone)]
pub(super) struct Simplex<'a> {
    program: &'a Program,
    /// Pivots since the inverse was fresh.
    age: u64,
    low: Vec<f64>,
    up: Vec<f64>,
    column: Vec<Column>,
    row: Vec<Row>,
    x: Vec<f64>,
    /// Right side of the cardinality, with its offset.
    total: f64,
    /// Cover less right side; the cardinality row stands last.
    over: Vec<f64>,
    /// Cost of each column net of the rows that pay.
    net: Vec<f64>,
    basic: Vec<usize>,
    tight: Vec<usize>,
    basis: Basis,
    delta: Vec<f64>,
    touched: Vec<usize>,
    is_touched: Vec<bool>,
}

impl<'a> Simplex<'a> {
    /// The vertex that opens the sites `start` under `state`. `None` where no site may open.
    pub(super) fn new(program: &'a Program, state: &[State], start: &[u32]) -> Option<Simplex<'a>> {
        let (m, columns) = (program.row_count(), program.column_count());
        let mut column = vec![Column::Low; columns];
        let mut x = program.low.clone();
        for (s, state) in state.iter().enumerate().filter(|(_, s)| **s != State::Free) {
            (column[s], x[s]) = (Column::Fixed, f64::from(u8::from(*state == State::Open)));
        }
        for &s in start.iter().filter(|&&s| state[s as usize] == State::Free) {
            (column[s as usize], x[s as usize]) = (Column::Up, program.up[s as usize]);
        }
        let (mut basic, mut tight, mut total) = (Vec::new(), Vec::new(), 0.0);
        if program.p.is_some() {
            let first = (0..program.sites).find(|&s| column[s] == Column::Up)?;
            column[first] = Column::Basic;
            x[first] = 1.0;
            total = x[..program.sites].iter().sum();
            basic.push(first);
            tight.push(m);
        }
        let rows = m + tight.len();
        Some(Simplex {
            program,
            age: u64::MAX,
            low: program.low.clone(),
            up: program.up.clone(),
            over: vec![0.0; rows],
            delta: vec![0.0; rows],
            column,
            row: vec![Row::Above; m],
            x,
            total,
            net: vec![0.0; columns],
            basic,
            tight,
            basis: Basis::default(),
            touched: Vec::new(),
            is_touched: vec![false; m],
        })
    }

    /// Value of each site, 0 to 1.
    pub(super) fn share(&self) -> Vec<f64> {
        self.x[..self.program.sites].iter().map(|x| x.clamp(0.0, 1.0)).collect()
    }

    /// Takes over what `state` has settled since. A basic site is bound to its choice; [`Simplex::restore`] drives it there.
    fn adopt(&mut self, state: &[State]) {
        for (s, state) in state.iter().enumerate() {
            let (side, value) = match state {
                State::Free => continue,
                State::Open => (Column::Up, 1.0),
                State::Closed => (Column::Low, 0.0),
            };
            match self.column[s] {
                Column::Fixed => {}
                Column::Basic => (self.low[s], self.up[s]) = (value, value),
                known => {
                    if known != side {
                        self.x[s] = value;
                        self.age = u64::MAX;
                    }
                    self.column[s] = Column::Fixed;
                }
            }
        }
    }

    /// Takes over what `state` has settled and pivots to the optimum again, or until the bound, `value` so far, passes `enough`.
    /// At most `pivots` of them. Returns the prices and the pivots, or `None` if the basis is lost.
    pub(super) fn continue_with(
        &mut self,
        state: &[State],
        value: f64,
        enough: f64,
        pivots: u64,
    ) -> Option<(Prices, u64)> {
        self.adopt(state);
        let steps = self.restore(value, enough, pivots)?;
        let prices = self.tight_prices();
        Some((self.multipliers(&prices), steps))
    }

    /// Entries of the program.
    pub(super) fn entry_count(&self) -> usize {
        self.program.rows.entry_count()
    }

    /// Columns of row `r` with coefficient.
    fn columns_of(&self, r: usize) -> &'a [(u32, u32)] {
        self.program.rows.of(r)
    }

    /// Row `r` of the program as a row of K; `place`: position of each basic column. The cardinality counts sites.
    fn row_of_basis(&self, r: usize, place: &[usize]) -> Vec<f64> {
        let mut values = vec![0.0; self.basic.len()];
        if r == self.row.len() {
            let counts = |&s: &usize| f64::from(u8::from(s < self.program.sites));
            return self.basic.iter().map(counts).collect();
        }
        for &(s, k) in self.columns_of(r) {
            if place[s as usize] != usize::MAX {
                values[place[s as usize]] = f64::from(k);
            }
        }
        values
    }

    /// Position of each column among the basic ones, `usize::MAX` outside the basis.
    fn places(&self) -> Vec<usize> {
        let mut place = vec![usize::MAX; self.x.len()];
        self.basic.iter().enumerate().for_each(|(i, &s)| place[s] = i);
        place
    }

    /// Column of K for column `s`.
    fn column_of_basis(&self, s: usize) -> Vec<f64> {
        let mut in_row = vec![0.0; self.row.len() + 1];
        in_row[self.row.len()] = f64::from(u8::from(s < self.program.sites));
        self.program.cols.of(s).iter().for_each(|&(r, k)| in_row[r as usize] = f64::from(k));
        self.tight.iter().map(|&r| in_row[r]).collect()
    }

    /// Coefficient of column `s` in row `r`.
    fn coefficient(&self, r: usize, s: usize) -> f64 {
        self.columns_of(r).iter().find(|e| e.0 as usize == s).map_or(0.0, |e| f64::from(e.1))
    }

    /// The inverse has seen more pivots than it is good for; large ones are dear to renew.
    fn is_stale(&self) -> bool {
        self.age >= REFRESH.max(self.basic.len() as u64)
    }

    /// Inverts the basis anew and recomputes every value from it.
    fn refresh(&mut self) -> Option<()> {
        if self.basic.len() != self.tight.len() {
            return None;
        }
        self.age = 0;
        let place = self.places();
        self.basis = Basis::invert(self.tight.iter().map(|&r| self.row_of_basis(r, &place)).collect())?;
        self.basic.iter().for_each(|&s| self.x[s] = 0.0);
        self.sum_cover();
        let lack: Vec<f64> = self.tight.iter().map(|&r| -self.over[r]).collect();
        for (&s, value) in self.basic.iter().zip(self.basis.columns(&lack)) {
            self.x[s] = value;
        }
        self.sum_cover();
        self.sum_net();
        Some(())
    }

    /// Rows pay where they lack cover, and every site's net cost follows.
    fn settle_rows(&mut self) {
        for r in 0..self.row.len() {
            if self.row[r] != Row::Tight {
                self.row[r] = if self.over[r] < 0.0 { Row::Below } else { Row::Above };
            }
        }
        self.sum_net();
    }

    fn sum_net(&mut self) {
        self.net.copy_from_slice(&self.program.cost);
        for r in (0..self.row.len()).filter(|&r| self.row[r] == Row::Below) {
            let hinge = self.program.hinge[r];
            self.columns_of(r).iter().for_each(|e| self.net[e.0 as usize] -= hinge * f64::from(e.1));
        }
    }

    fn sum_cover(&mut self) {
        self.over.iter_mut().zip(&self.program.right).for_each(|(o, r)| *o = -r);
        for s in 0..self.x.len() {
            for &(r, k) in self.program.cols.of(s) {
                self.over[r as usize] += self.x[s] * f64::from(k);
            }
        }
        if self.program.p.is_some() {
            let m = self.row.len();
            self.over[m] = self.x[..self.program.sites].iter().sum::<f64>() - self.total;
        }
    }

    /// Multipliers of the tight rows: basic sites cost nothing net.
    fn tight_prices(&self) -> Vec<f64> {
        let net: Vec<f64> = self.basic.iter().map(|&s| self.net[s]).collect();
        self.basis.rows(&net)
    }

    /// Fills `delta`: change of cover of every row per unit of step.
    fn spread_step(&mut self, entering: Entering, step: &[f64]) {
        for &r in &self.touched {
            self.delta[r] = 0.0;
            self.is_touched[r] = false;
        }
        self.touched.clear();
        let mover = if let Entering::Site(s, sign) = entering { Some((s, sign)) } else { None };
        for (s, change) in self.basic.iter().copied().zip(step.iter().copied()).chain(mover) {
            if change.abs() < 1e-11 {
                continue;
            }
            for &(r, k) in self.program.cols.of(s) {
                let r = r as usize;
                if !self.is_touched[r] {
                    self.is_touched[r] = true;
                    self.touched.push(r);
                }
                self.delta[r] += change * f64::from(k);
            }
        }
    }

    /// Changes the state of a row and keeps `net` true.
    fn set_row(&mut self, r: usize, to: Row) {
        let change = f64::from(i8::from(self.row[r] == Row::Below) - i8::from(to == Row::Below))
            * self.program.hinge[r];
        self.row[r] = to;
        if change != 0.0 {
            self.columns_of(r).iter().for_each(|e| self.net[e.0 as usize] += change * f64::from(e.1));
        }
    }

    /// Moves what enters and the basic columns by `length` steps, and the cover of the rows that [`Simplex::spread_step`] saw.
    fn advance(&mut self, entering: Entering, step: &[f64], length: f64) {
        for (&s, change) in self.basic.iter().zip(step) {
            self.x[s] += length * change;
        }
        if let Entering::Site(s, sign) = entering {
            self.x[s] += sign * length;
        }
        for &r in &self.touched {
            self.over[r] += length * self.delta[r];
        }
    }

    /// Puts what enters in the place of what stopped it; `image` is what the basic columns do for a unit of what enters. False: the
    /// pivot is too small, and the inverse no longer that of the basis.
    fn change_basis(&mut self, entering: Entering, stop: Stop, image: &[f64]) -> bool {
        match (entering, stop) {
            (Entering::Site(s, sign), Stop::Flip) => {
                self.column[s] = if sign > 0.0 { Column::Up } else { Column::Low };
                true
            }
            (Entering::Site(s, _), Stop::Basic(b, side)) => {
                self.leave(b, side);
                self.column[s] = Column::Basic;
                self.basic[b] = s;
                self.basis.replace_column(b, image)
            }
            (Entering::Site(s, _), Stop::Row(r)) => {
                let line = self.row_of_basis(r, &self.places());
                let across = self.basis.rows(&line);
                let corner = self.coefficient(r, s);
                let schur = corner - line.iter().zip(image).map(|(a, b)| a * b).sum::<f64>();
                self.column[s] = Column::Basic;
                self.basic.push(s);
                self.set_row(r, Row::Tight);
                self.tight.push(r);
                self.basis.grow(image, &across, schur)
            }
            (Entering::Tight(t, sign), Stop::Row(r)) => {
                let across = self.basis.rows(&self.row_of_basis(r, &self.places()));
                self.loosen(self.tight[t], sign);
                self.set_row(r, Row::Tight);
                self.tight[t] = r;
                self.basis.replace_row(t, &across)
            }
            (Entering::Tight(t, sign), Stop::Basic(b, side)) => {
                self.loosen(self.tight[t], sign);
                self.leave(b, side);
                self.basic.swap_remove(b);
                self.tight.swap_remove(t);
                self.basis.shrink(b, t)
            }
            (Entering::Tight(..), Stop::Flip) => false,
        }
    }

    /// A site bound to one value never comes back.
    fn leave(&mut self, b: usize, side: Column) {
        let s = self.basic[b];
        self.column[s] = if self.low[s] == self.up[s] { Column::Fixed } else { side };
    }

    /// A tight row leaves the basis towards more (+1) or less (-1) cover.
    fn loosen(&mut self, r: usize, sign: f64) {
        self.set_row(r, if sign > 0.0 { Row::Above } else { Row::Below });
    }

    /// The multipliers of all rows in millionths per unit, and of the cuts in millionths.
    fn multipliers(&self, prices: &[f64]) -> Prices {
        let hinge = &self.program.hinge;
        let mut price: Vec<f64> =
            (0..self.row.len()).map(|r| if self.row[r] == Row::Below { hinge[r] } else { 0.0 }).collect();
        for (&r, &p) in self.tight.iter().zip(prices) {
            if r < price.len() {
                price[r] = p.clamp(0.0, hinge[r]);
            }
        }
        let million = MILLION as f64;
        let (rows, cuts) = price.split_at(self.program.unit.len());
        let per_unit = rows.iter().zip(&self.program.unit).map(|(p, unit)| (p / unit * million).round());
        Prices {
            rows: per_unit.map(|p| p as i64).collect(),
            cuts: cuts.iter().map(|p| (p * million).round() as i64).collect(),
        }
    }
}
