//! How fast is siting, and how near to the optimum? `cargo bench --bench siting [-- ROW…]` (a ROW is the start of a row's name, as `a lscp`)
//!
//! The instances are made here from coordinates (Cordeau, Furini, Ljubic 2019 for e10; rural villages for the others): a county 300 sites x
//! 5,000 clients, b prefecture 2,000 x 50,000 (b60: pairs within an hour,
//! the others within half), c province 10,000 x 500,000, d 1,000 x 10 million, e10 100 x 10 million. CPU seconds of this
//! process; one thread unless RAYON_NUM_THREADS says otherwise. Instances are made outside the time, pairs in whole seconds of travel.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)] // a benchmark prints, and a panic is its report

use caregrid::base::{ClientIx, Seconds, Silent, SiteIx, SplitMix64};
use caregrid::plan::audit::check_certificate;
use caregrid::siting::{CoverSets, Model, Pair, SitingProblem, StopRule, proven_curve, solve};
use std::collections::HashMap;
use std::time::Instant;

/// Sites and a stream of clients, both in km.
struct Land {
    sites: Vec<(f64, f64)>,
    clients: usize,
    seconds_per_km: f64,
    limit: f64,
    draw: Box<dyn Fn(&mut SplitMix64) -> ((f64, f64), u64)>,
    stream: SplitMix64,
}

fn rural(sites: usize, clients: usize, side: f64, towns: usize, seed: u64) -> Land {
    let mut r = SplitMix64::new(seed);
    let town: Vec<(f64, f64)> = (0..towns).map(|_| (r.unit() * side, r.unit() * side)).collect();
    let (mut villages, mut reached, mut total, mut k) = (Vec::new(), Vec::new(), 0.0, 0);
    while villages.len() < (sites * 3 / 2).max(sites + 1) {
        let at = if r.unit() < 0.3 {
            (r.unit() * side, r.unit() * side)
        } else {
            let c = town[k % towns];
            (c.0 + r.normal() * 6.0, c.1 + r.normal() * 6.0)
        };
        k += 1;
        if (0.0..=side).contains(&at.0) && (0.0..=side).contains(&at.1) {
            villages.push(at);
            total += (r.normal() * 0.7).exp();
            reached.push(total);
        }
    }
    let near = |v: &(f64, f64), r: &mut SplitMix64| (v.0 + r.normal() * 0.2, v.1 + r.normal() * 0.2);
    let at: Vec<(f64, f64)> = villages[..sites].iter().map(|v| near(v, &mut r)).collect();
    let draw = move |r: &mut SplitMix64| {
        let goal = r.unit() * total;
        let v = villages[reached.partition_point(|&c| c < goal).min(villages.len() - 1)];
        let place = (v.0 + r.normal() * 1.2, v.1 + r.normal() * 1.2);
        (place, [2, 3, 3, 3, 5][(r.next_u64() % 5) as usize])
    };
    Land {
        sites: at,
        clients,
        seconds_per_km: 1.4 / 35.0 * 3600.0,
        limit: 1800.0,
        draw: Box::new(draw),
        stream: r,
    }
}

/// The square of the literature: coordinates first, then all weights.
fn square(sites: usize, clients: usize, radius: f64, seed: u64) -> Land {
    let mut r = SplitMix64::new(seed);
    let at = (0..sites).map(|_| (r.unit() * 30.0, r.unit() * 30.0)).collect();
    let mut weights = r.clone();
    for _ in 0..2 * clients {
        weights.next_u64();
    }
    // Every pass over the clients draws the same weights.
    let pass = std::cell::RefCell::new((0, weights.clone()));
    let draw = move |r: &mut SplitMix64| {
        let (drawn, stream) = &mut *pass.borrow_mut();
        if *drawn == clients {
            (*drawn, *stream) = (0, weights.clone());
        }
        *drawn += 1;
        ((r.unit() * 30.0, r.unit() * 30.0), 1 + stream.next_u64() % 100)
    };
    Land {
        sites: at,
        clients,
        seconds_per_km: 1000.0,
        limit: radius * 1000.0,
        draw: Box::new(draw),
        stream: r,
    }
}

impl Land {
    /// Calls `tell` with each client's weight and sites within the limit, in seconds, ascending by site.
    fn each(&self, all: bool, mut tell: impl FnMut(u64, &[(u32, u32)])) {
        let reach = (self.limit + 0.5) / self.seconds_per_km;
        let mut square: HashMap<(i32, i32), Vec<u32>> = HashMap::new();
        let of = |v: f64| (v / reach).floor() as i32;
        for (s, p) in self.sites.iter().enumerate() {
            for (dx, dy) in (0..9).map(|k| (k % 3 - 1, k / 3 - 1)) {
                square.entry((of(p.0) + dx, of(p.1) + dy)).or_default().push(s as u32);
            }
        }
        square.values_mut().for_each(|v| v.sort_unstable());
        let (mut stream, mut near) = (self.stream.clone(), Vec::new());
        let every: Vec<u32> = (0..self.sites.len() as u32).collect();
        for _ in 0..self.clients {
            let ((x, y), weight) = (self.draw)(&mut stream);
            near.clear();
            let around = square.get(&(of(x), of(y))).map_or(&[][..], Vec::as_slice);
            for &s in if all { every.as_slice() } else { around } {
                let (dx, dy) = (self.sites[s as usize].0 - x, self.sites[s as usize].1 - y);
                if all || dx * dx + dy * dy <= reach * reach {
                    let seconds = ((dx * dx + dy * dy).sqrt() * self.seconds_per_km).round_ties_even();
                    near.push((s, seconds as u32));
                }
            }
            tell(weight, &near);
        }
    }

    fn problem(&self, all: bool) -> SitingProblem {
        let mut problem = SitingProblem { sites: self.sites.len() as u32, ..SitingProblem::default() };
        self.each(all, |weight, near| {
            let client = ClientIx::of(problem.weights.len());
            problem.weights.push(weight);
            let pair = |&(s, t): &(u32, u32)| Pair { client, site: SiteIx(s), travel: Seconds(t) };
            problem.pairs.extend(near.iter().map(pair));
        });
        problem
    }

    /// Clients with equal cover sets merged while they are made.
    fn merged(&self, start: Instant) -> SitingProblem {
        let before = cpu_s(start);
        self.each(false, |weight, near| {
            std::hint::black_box((weight, near));
        });
        println!("  drawn alone, with the search for sites within reach: {:.2} s", cpu_s(start) - before);
        let before = cpu_s(start);
        let mut sets = CoverSets::new(self.sites.len() as u32);
        let (mut row, mut pairs) = (Vec::new(), 0);
        self.each(false, |weight, near| {
            pairs += near.len();
            row.clear();
            row.extend(near.iter().map(|e| SiteIx(e.0)));
            sets.add(weight, &row).unwrap();
        });
        println!("  {} clients, {pairs} covering pairs, {} cells", self.clients, sets.len());
        let problem = sets.finish();
        println!("  drawn and merged: {:.2} s", cpu_s(start) - before);
        problem
    }
}

fn land(name: &str) -> Land {
    match name {
        "a" | "aall" => rural(300, 5_000, 80.0, 28, 1),
        "b" => rural(2_000, 50_000, 200.0, 150, 2),
        "b60" => Land { limit: 3600.0, ..rural(2_000, 50_000, 200.0, 150, 2) },
        "c" => rural(10_000, 500_000, 670.0, 1200, 3),
        "d" => rural(1_000, 10_000_000, 200.0, 150, 4),
        _ => square(100, 10_000_000, 6.25, 5),
    }
}

/// CPU seconds of this process, all threads that live (Linux; elsewhere the wall clock).
fn cpu_s(start: Instant) -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let told = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok());
    let each = told.filter_map(|t| t.split_whitespace().next()?.parse::<f64>().ok());
    let sum: f64 = each.sum();
    if sum > 0.0 { sum / 1e9 } else { start.elapsed().as_secs_f64() }
}

/// Most memory this process held, MB (Linux).
fn peak_mb() -> u64 {
    let told = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = told.lines().find(|l| l.starts_with("VmHWM")).unwrap_or("0");
    line.split_whitespace().find_map(|w| w.parse::<u64>().ok()).unwrap_or(0) / 1024
}

struct Row {
    name: &'static str,
    instance: &'static str,
    model: Model,
    steps: u64,
    /// Capacity of every site as a multiple of the mean load.
    capacity: Option<f64>,
    /// Good enough, unless GAP says otherwise.
    gap_pct: f64,
}

const LSCP: Model = Model::Lscp { backup: 1, share_millionths: 1_000_000 };

fn rows() -> Vec<Row> {
    let row =
        |name, instance, model, steps| Row { name, instance, model, steps, capacity: None, gap_pct: 0.0 };
    let mut rows = vec![
        row("a lscp", "a", LSCP, 200_000),
        row("a pcentre 22", "a", Model::PCentre { p: 22 }, 200_000),
        row("aall pcentre 10", "aall", Model::PCentre { p: 10 }, 200_000),
        row("aall pcentre 20", "aall", Model::PCentre { p: 20 }, 200_000),
        row("aall pcentre 40", "aall", Model::PCentre { p: 40 }, 200_000),
        row("a nearest 20", "a", Model::CoverNearest { p: 20 }, 200_000),
        row("a nearest 25", "a", Model::CoverNearest { p: 25 }, 200_000),
        row("b lscp", "b", LSCP, 3_000),
        row("b mclp 50", "b", Model::Mclp { p: 50 }, 2_000),
        row("c lscp", "c", LSCP, 3_000),
        row("c mclp 300", "c", Model::Mclp { p: 300 }, 400),
        row("d mclp 50", "d", Model::Mclp { p: 50 }, 2_000),
        row("e10 mclp 10", "e10", Model::Mclp { p: 10 }, 200_000),
        row("e10 mclp 15", "e10", Model::Mclp { p: 15 }, 200_000),
    ];
    rows.push(Row { capacity: Some(1.3), ..row("a capacity 20", "a", Model::Mclp { p: 20 }, 300) });
    rows.push(Row { capacity: Some(1.3), ..row("a capacity 40", "a", Model::PMedian { p: 40 }, 300) });
    rows.push(Row { gap_pct: 0.05, ..row("b60 pmedian 100", "b60", Model::PMedian { p: 100 }, 612) });
    rows.push(Row { gap_pct: 0.2, ..row("b60 pmedian 50", "b60", Model::PMedian { p: 50 }, 612) });
    for p in 1..=20 {
        rows.push(row("a mclp", "a", Model::Mclp { p }, 200_000));
    }
    for p in [5, 10, 20, 40, 60] {
        rows.push(row("aall pmedian", "aall", Model::PMedian { p }, 200_000));
    }
    rows
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let asked = words.join(" ");
    let gap: Option<f64> = std::env::var("GAP").ok().and_then(|s| s.parse().ok());
    let steps: Option<u64> = std::env::var("STEPS").ok().and_then(|s| s.parse().ok());
    let mut known: HashMap<&str, SitingProblem> = HashMap::new();
    let start = Instant::now();
    for row in rows().iter().filter(|r| r.name.starts_with(&asked)) {
        let problem = known.entry(row.instance).or_insert_with(|| {
            let (land, before) = (land(row.instance), cpu_s(start));
            let made = if land.clients > 1_000_000 {
                land.merged(start)
            } else {
                land.problem(row.instance == "aall")
            };
            println!(
                "{} made in {:.2} s, {} pairs, {} MB",
                row.instance,
                cpu_s(start) - before,
                made.pairs.len(),
                peak_mb()
            );
            made
        });
        let mut problem = problem.clone();
        if let (Some(share), Model::Mclp { p } | Model::PMedian { p }) = (row.capacity, row.model) {
            let mean = problem.weights.iter().sum::<u64>() as f64 / f64::from(p);
            problem.capacities = vec![(mean * share) as u64; problem.sites as usize];
        }
        let gap_pct = gap.unwrap_or(row.gap_pct);
        let stop = StopRule { steps: steps.unwrap_or(row.steps), gap_pct, ..StopRule::default() };
        let before = cpu_s(start);
        let answer = solve(&problem, row.model, &stop, &Silent).unwrap();
        let spent = cpu_s(start) - before;
        let faults = if std::env::var("CHECK").is_ok() {
            check_certificate(&problem, &answer.certificate).len()
        } else {
            0
        };
        println!(
            "{:16} p {:>4}  objective {:>10}  bound {:>10}  gap {:.3} %  {}  {} nodes  {} steps  {:.3} s  {} MB{}",
            row.name,
            answer.open.len(),
            answer.objective,
            answer.bound,
            answer.gap_pct,
            if answer.proven { "proven" } else { "      " },
            answer.certificate.tree.len(),
            answer.steps,
            spent,
            peak_mb(),
            if faults > 0 { "  CERTIFICATE REJECTED" } else { "" },
        );
    }
    if "a curve".starts_with(&asked) {
        let problem = land("a").problem(false);
        let before = cpu_s(start);
        let stop = StopRule { steps: steps.unwrap_or(4_000), gap_pct: 0.5, ..StopRule::default() };
        let points = proven_curve(&problem, 20, &stop, &Silent).unwrap();
        let worst = points.iter().map(|(p, _)| p.gap_pct).fold(0.0, f64::max);
        let proven = points.iter().filter(|(p, _)| p.proven).count();
        println!("a curve 1..20: worst gap {worst:.3} %, {proven} proven, {:.3} s", cpu_s(start) - before);
    }
}
