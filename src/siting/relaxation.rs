//! The linear relaxation at the root of a search: cells, cuts that its fractions violate, and the basis that nodes go on from.

use super::cells::Cells;
use super::cuts::{Cut, separate};
use super::exact::{self, Prices};
use super::instance::State;
use super::linear_relaxation::{Program, Simplex, Vertex};

/// A relaxation for all nodes of one search.
#[derive(Debug, Clone)]
pub(super) struct Relaxation {
    /// Rows of the relaxation.
    pub(super) cells: Cells,
    /// Its program, cuts included.
    pub(super) program: Program,
    /// Basis at the root; `None`: nodes start from a corner.
    pub(super) vertex: Option<Vertex>,
}

/// Most rounds of cuts.
const ROUNDS: usize = 12;
/// A round must close this share of the gap, or the next one is the last.
const WORTH: f64 = 0.02;
/// Pivots of one round.
const PIVOTS: u64 = 20_000;

impl Relaxation {
    /// Without cuts.
    pub(super) fn plain(cells: Cells, vertex: Option<Vertex>) -> Relaxation {
        let program = Program::new(&cells.instance, Vec::new());
        Relaxation { cells, program, vertex }
    }

    /// Prices of the rows of the instance from prices of the program.
    pub(super) fn prices(&self, prices: Prices) -> Prices {
        Prices { rows: self.cells.prices(prices.rows), cuts: prices.cuts }
    }

    /// Adds cuts while they close the gap to `cost` and it is wider than `gap`; the first vertex opens `corner`.
    /// Returns the pivots.
    pub(super) fn cut(&mut self, state: &[State], corner: &[u32], cost: i64, gap: f64) -> u64 {
        let Some(mut simplex) = Simplex::new(&self.program, state, corner) else { return 0 };
        let Some((mut prices, mut steps)) = simplex.optimise(PIVOTS) else { return 0 };
        let instance = &self.cells.instance;
        let (mut vertex, mut share) = (simplex.vertex(), simplex.share());
        let value = |cuts: &[Cut], prices: &Prices| {
            let value = exact::evaluate_with(instance, state, cuts, &prices.rows, &prices.cuts);
            value.bound as f64 / exact::MILLION as f64
        };
        let mut bound = value(&[], &prices);
        let mut idle = 0;
        for _ in 0..ROUNDS {
            let apart = cost as f64 - bound;
            if apart <= gap.max(1.0 - 1e-6) || idle > 1 {
                break;
            }
            let known = self.program.cuts().iter().zip(&prices.cuts);
            let mut cuts: Vec<Cut> = known.filter(|(_, p)| **p > 0).map(|(cut, _)| cut.clone()).collect();
            let found = separate(instance, &share);
            let new: Vec<Cut> = found.into_iter().filter(|c| !cuts.contains(c)).collect();
            if new.is_empty() {
                break;
            }
            cuts.extend(new);
            let next = Program::new(instance, cuts);
            let carried = vertex.carried(&self.program, &next);
            let mut simplex = Simplex::at(&next, state, &carried);
            let Some((better, pivots)) = simplex.optimise(PIVOTS) else { break };
            steps += pivots;
            let now = value(next.cuts(), &better);
            if now <= bound {
                break;
            }
            idle = if now - bound < WORTH * apart { idle + 1 } else { 0 };
            (vertex, share, prices, bound) = (simplex.vertex(), simplex.share(), better, now);
            self.program = next;
        }
        self.vertex = Some(vertex);
        steps
    }
}
