//! Travel times between invented caregivers and clients, a greedy month, and moves until the hours suffice everywhere.

use crate::Land;
use crate::caregivers::{self, Caregiver};
use crate::people::{self, Client, Home};
use crate::router::Graph;
use caregrid::base::{Mode, SplitMix64};

/// A reach that stays beyond the limit, and one that stays within it, whatever rounding and turn restrictions add.
pub const SURELY_OUT_S: f64 = 2400.0;
pub const SURELY_IN_S: f64 = 1560.0;
/// Share of a caregiver's month that the greedy month fills; the rest is for leave, windows and spacing.
const FILLED: f64 = 0.82;
const MOVES: usize = 16;

/// Seconds from caregivers to clients that have a road; `[caregiver][client]`, infinite beyond reach.
pub type Times = Vec<Vec<f64>>;

/// Answers travel times on the roads drawn.
struct Travel<'a> {
    land: &'a Land,
    graphs: Vec<(Mode, Graph)>,
    clients: &'a [Client],
}

impl Travel<'_> {
    fn row(&self, home: &Home, mode: Mode) -> Vec<f64> {
        let graph = self.graphs.iter().find(|(m, _)| *m == mode).map(|(_, g)| g);
        let seconds = graph.map_or(Vec::new(), |g| people::reach(g, home, self.land, SURELY_OUT_S));
        let to = |k: &Client| match k.planted {
            Some("no_road_near" | "disconnected") => f64::INFINITY,
            _ => {
                let road = seconds.get(k.home.node as usize).copied().unwrap_or(f64::INFINITY);
                road + people::walk_s(self.land, &k.home)
            }
        };
        self.clients.iter().map(to).collect()
    }
}

/// Who could not be served in a greedy month, and the hours each caregiver has left.
pub struct Month {
    pub left_h: Vec<f64>,
    /// Clients nobody reaches in time.
    pub unreached: Vec<usize>,
    /// Clients whose visits do not fit.
    pub unfit: Vec<usize>,
    /// Mean number of caregivers within the limit.
    pub choices: f64,
}

/// Gives every client without a planted gap to the caregiver with most room and least travel, fewest choices first.
pub fn greedy_month(clients: &[Client], caregivers: &[Caregiver], times: &Times) -> Month {
    let eligible = |c: usize| -> Vec<usize> {
        let inside =
            |g: &usize| times[*g][c] <= SURELY_IN_S && (caregivers[*g].female || !clients[c].needs_female);
        (0..caregivers.len()).filter(inside).collect()
    };
    let mut open: Vec<(usize, Vec<usize>)> =
        (0..clients.len()).filter(|c| clients[*c].planted.is_none()).map(|c| (c, eligible(c))).collect();
    let unreached = open.iter().filter(|(_, g)| g.is_empty()).map(|(c, _)| *c).collect();
    open.retain(|(_, g)| !g.is_empty());
    open.sort_by_key(|(c, g)| (g.len(), *c));
    let mut left_h: Vec<f64> = caregivers.iter().map(|c| f64::from(c.max_month_h) * FILLED).collect();
    let mut unfit = Vec::new();
    for (c, who) in &open {
        let need = clients[*c].load_h();
        let best = who.iter().copied().filter(|g| left_h[*g] >= need).min_by(|a, b| {
            let cost = |g: usize| times[g][*c] / 1800.0 - left_h[g] / 160.0;
            cost(*a).total_cmp(&cost(*b))
        });
        match best {
            Some(g) => left_h[g] -= need,
            None => unfit.push(*c),
        }
    }
    let choices = open.iter().map(|(_, g)| g.len()).sum::<usize>() as f64 / open.len().max(1) as f64;
    Month { left_h, unreached, unfit, choices }
}

/// Travel times of every caregiver in their own mode. Where nobody surely reaches a client, the caregiver who could on a motorcycle gets
/// one; where hours or reach still lack, the caregiver who is needed least moves there.
pub fn staff(
    land: &Land,
    caregivers: &mut [Caregiver],
    clients: &[Client],
    random: &mut SplitMix64,
) -> Times {
    let graphs = Mode::ALL.into_iter().map(|m| (m, Graph::of_mode(&land.network, m))).collect();
    let travel = Travel { land, graphs, clients };
    let mut times: Times = caregivers.iter().map(|c| travel.row(&c.home, c.mode)).collect();
    motorise(&travel, caregivers, &mut times);
    for _ in 0..MOVES {
        let month = greedy_month(clients, caregivers, &times);
        let Some(unit) = neediest(land, clients, &month) else { break };
        let Some(g) = least_needed(clients, caregivers, &times, &month) else { break };
        let carer = &mut caregivers[g];
        carer.unit = unit;
        carer.home = caregivers::home(land, unit, random);
        carer.mode = Mode::Motorcycle;
        carer.base = "home";
        times[g] = travel.row(&carer.home, carer.mode);
    }
    times
}

fn motorise(travel: &Travel, caregivers: &mut [Caregiver], times: &mut Times) {
    let rides: Times = caregivers.iter().map(|c| travel.row(&c.home, Mode::Motorcycle)).collect();
    for c in (0..travel.clients.len()).filter(|c| travel.clients[*c].planted.is_none()) {
        if times.iter().any(|row| row[c] < SURELY_IN_S) {
            continue;
        }
        let riders = (0..caregivers.len()).filter(|g| caregivers[*g].mode != Mode::Foot);
        let best = riders.min_by(|a, b| rides[*a][c].total_cmp(&rides[*b][c]));
        if let Some(g) = best.filter(|g| rides[*g][c] < times[*g][c]) {
            caregivers[g].mode = Mode::Motorcycle;
            times[g].clone_from(&rides[g]);
        }
    }
}

/// The unit with most clients left over.
fn neediest(land: &Land, clients: &[Client], month: &Month) -> Option<usize> {
    let mut lacking = vec![0usize; land.units.len()];
    month.unreached.iter().chain(&month.unfit).for_each(|c| lacking[clients[*c].unit] += 1);
    let open = (0..lacking.len()).filter(|u| lacking[*u] > 0 && !land.settled[*u].island);
    open.max_by_key(|u| (lacking[*u], std::cmp::Reverse(*u)))
}

/// The caregiver with most hours left among those whose clients all have three others.
fn least_needed(clients: &[Client], caregivers: &[Caregiver], times: &Times, month: &Month) -> Option<usize> {
    let others = |c: usize| times.iter().filter(|row| row[c] <= SURELY_IN_S).count();
    let reached: Vec<usize> = (0..clients.len()).map(others).collect();
    let spare = |g: &usize| (0..clients.len()).all(|c| times[*g][c] > SURELY_IN_S || reached[c] >= 4);
    let moving = |g: &usize| caregivers[*g].mode != Mode::Foot && spare(g);
    (0..times.len()).filter(moving).max_by(|a, b| month.left_h[*a].total_cmp(&month.left_h[*b]))
}
