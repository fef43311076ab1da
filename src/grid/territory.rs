//! Contiguous territories on the cells' adjacency: grown from the best cells, then improved by moving border cells.

use crate::base::SplitMix64;
use crate::grid::RotaProblem;
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{NodeIndex, UnGraph};
use petgraph::visit::NodeFiltered;

/// No caregiver.
pub(super) const NONE: u32 = u32::MAX;
/// Border moves tried per cell.
const MOVES_PER_CELL: usize = 600;

/// What a caregiver would mean to a cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Worth {
    /// The caregiver.
    pub(super) carer: u32,
    /// Clients of the cell they would serve, less a little for a long way.
    pub(super) gain: f64,
    /// Seconds that would take.
    pub(super) load: f64,
}

/// Cells with their worth to each caregiver, and who holds them.
#[derive(Debug)]
pub(super) struct Territories {
    neighbours: Vec<Vec<u32>>,
    /// By cell, by caregiver.
    worth: Vec<Vec<Worth>>,
    /// By caregiver: seconds a month they can carry; infinite where hours do not matter.
    hours: Vec<f64>,
    /// Seconds of one client, to price hours in clients.
    per_client: f64,
    /// By cell: the caregiver, or [`NONE`].
    pub(super) holder: Vec<u32>,
    load: Vec<f64>,
    cells_held: Vec<u32>,
}

impl Territories {
    /// Nobody holds a cell yet.
    pub(super) fn new(
        problem: &RotaProblem,
        worth: Vec<Vec<Worth>>,
        hours: Vec<f64>,
        per_client: f64,
    ) -> Territories {
        let mut neighbours = vec![Vec::new(); problem.cells as usize];
        for (a, b) in problem.adjacent.iter().filter(|(a, b)| a != b) {
            neighbours[a.at()].push(b.0);
            neighbours[b.at()].push(a.0);
        }
        let (cells, carers) = (neighbours.len(), hours.len());
        Territories {
            neighbours,
            worth,
            hours,
            per_client: per_client.max(1.0),
            holder: vec![NONE; cells],
            load: vec![0.0; carers],
            cells_held: vec![0; carers],
        }
    }

    fn worth_of(&self, cell: usize, carer: u32) -> (f64, f64) {
        let list = &self.worth[cell];
        list.binary_search_by_key(&carer, |w| w.carer).map_or((0.0, 0.0), |i| (list[i].gain, list[i].load))
    }

    /// Clients beyond the hours when a caregiver carries `load` seconds.
    fn overload(&self, carer: u32, load: f64) -> f64 {
        (load - self.hours[carer as usize]).max(0.0) / self.per_client
    }

    /// Change of the objective (clients served by their cell's caregiver within hours) if `carer` took the free cell.
    fn gain(&self, cell: usize, carer: u32) -> f64 {
        let (gain, load) = self.worth_of(cell, carer);
        let now = self.load[carer as usize];
        gain - self.overload(carer, now + load) + self.overload(carer, now)
    }

    fn set(&mut self, cell: usize, carer: u32) {
        let old = self.holder[cell];
        if old != NONE {
            self.load[old as usize] -= self.worth_of(cell, old).1;
            self.cells_held[old as usize] -= 1;
        }
        if carer != NONE {
            self.load[carer as usize] += self.worth_of(cell, carer).1;
            self.cells_held[carer as usize] += 1;
        }
        self.holder[cell] = carer;
    }

    /// Takes over holders found elsewhere.
    pub(super) fn adopt(&mut self, holder: &[u32]) {
        holder.iter().enumerate().for_each(|(cell, g)| self.set(cell, *g));
    }

    fn touches(&self, cell: usize, carer: u32) -> bool {
        self.neighbours[cell].iter().any(|n| self.holder[*n as usize] == carer)
    }

    /// Grows territories cell by cell, the best next cell first; cells without clients join a neighbour and may lead further.
    pub(super) fn grow(&mut self) {
        loop {
            if let Some((cell, carer)) =
                self.best_free(true).or_else(|| self.empty_border()).or_else(|| self.best_free(false))
            {
                self.set(cell, carer);
            } else {
                return;
            }
        }
    }

    /// The free cell and caregiver of greatest gain; `joined`: only where the territory stays in one piece.
    fn best_free(&self, joined: bool) -> Option<(usize, u32)> {
        let mut best: Option<(f64, usize, u32)> = None;
        for cell in (0..self.holder.len()).filter(|c| self.holder[*c] == NONE) {
            for w in &self.worth[cell] {
                let free = self.cells_held[w.carer as usize] == 0;
                if joined && !free && !self.touches(cell, w.carer) {
                    continue;
                }
                let gain = self.gain(cell, w.carer) + if free { 0.5 } else { 0.0 };
                if best.is_none_or(|(b, _, _)| gain > b) {
                    best = Some((gain, cell, w.carer));
                }
            }
        }
        best.map(|(_, cell, carer)| (cell, carer))
    }

    /// A free cell without a caregiver of its own beside a territory; it goes to the neighbour's holder.
    fn empty_border(&self) -> Option<(usize, u32)> {
        (0..self.holder.len()).filter(|c| self.holder[*c] == NONE).find_map(|cell| {
            let beside =
                self.neighbours[cell].iter().map(|n| self.holder[*n as usize]).filter(|g| *g != NONE);
            beside.min_by(|a, b| self.load[*a as usize].total_cmp(&self.load[*b as usize])).map(|g| (cell, g))
        })
    }

    /// The holder's other cells stay joined without this one.
    fn may_leave(&self, cell: usize) -> bool {
        let holder = self.holder[cell];
        let mine: Vec<u32> =
            self.neighbours[cell].iter().copied().filter(|n| self.holder[*n as usize] == holder).collect();
        if mine.len() < 2 {
            // A last cell may go, an end cell too; a cell alone among several pieces as well.
            return true;
        }
        let (mut seen, mut at) = (vec![mine[0]], 0);
        while let Some(here) = seen.get(at).copied() {
            at += 1;
            for n in &self.neighbours[here as usize] {
                if *n as usize != cell && self.holder[*n as usize] == holder && !seen.contains(n) {
                    seen.push(*n);
                }
            }
        }
        mine.iter().all(|n| seen.contains(n))
    }

    /// Moves border cells under annealing; territories stay joined.
    pub(super) fn improve(&mut self, random: &mut SplitMix64, heat: f64) {
        let cells = self.holder.len();
        if cells == 0 {
            return;
        }
        let moves = cells * MOVES_PER_CELL;
        let mut temperature = heat;
        let cooling = (0.02 / heat).powf(1.0 / moves as f64);
        let (mut value, mut best_value, mut best) = (0.0, 0.0, self.holder.clone());
        for _ in 0..moves {
            temperature *= cooling;
            let cell = random.below(cells);
            let old = self.holder[cell];
            let Some(new) = self.candidate(cell, random) else { continue };
            if new == old || old != NONE && !self.may_leave(cell) {
                continue;
            }
            let before = if old == NONE { 0.0 } else { self.loss(cell, old) };
            let change = self.gain(cell, new) - before;
            if change < 0.0 && random.unit() >= (change / temperature).exp() {
                continue;
            }
            self.set(cell, new);
            value += change;
            if value > best_value + 1e-9 {
                best_value = value;
                best.clone_from(&self.holder);
            }
        }
        for (cell, g) in best.into_iter().enumerate() {
            self.set(cell, g);
        }
    }

    /// What the holder's leaving costs.
    fn loss(&self, cell: usize, carer: u32) -> f64 {
        let (gain, load) = self.worth_of(cell, carer);
        let now = self.load[carer as usize];
        gain - self.overload(carer, now) + self.overload(carer, now - load)
    }

    /// A neighbour's holder, or somebody who holds nothing yet.
    fn candidate(&self, cell: usize, random: &mut SplitMix64) -> Option<u32> {
        let near = &self.neighbours[cell];
        if !near.is_empty() && random.below(4) > 0 {
            let g = self.holder[near[random.below(near.len())] as usize];
            return (g != NONE).then_some(g);
        }
        let list = &self.worth[cell];
        if list.is_empty() {
            return None;
        }
        let g = list[random.below(list.len())].carer;
        (self.cells_held[g as usize] == 0 || self.touches(cell, g)).then_some(g)
    }

    /// Each caregiver's cells, one list for each joined piece, by caregiver.
    pub(super) fn pieces(&self) -> Vec<(u32, Vec<u32>)> {
        let mut graph = UnGraph::<(), ()>::default();
        (0..self.holder.len()).for_each(|_| {
            graph.add_node(());
        });
        for (a, list) in self.neighbours.iter().enumerate() {
            for b in list.iter().filter(|b| a < **b as usize && self.holder[a] == self.holder[**b as usize]) {
                graph.add_edge(NodeIndex::new(a), NodeIndex::new(*b as usize), ());
            }
        }
        let held = NodeFiltered::from_fn(&graph, |n: NodeIndex| self.holder[n.index()] != NONE);
        let mut pieces: Vec<(u32, Vec<u32>)> = kosaraju_scc(&held)
            .into_iter()
            .map(|piece| {
                let mut cells: Vec<u32> = piece.iter().map(|n| n.index() as u32).collect();
                cells.sort_unstable();
                (self.holder[cells[0] as usize], cells)
            })
            .collect();
        pieces.sort_unstable();
        pieces
    }
}
