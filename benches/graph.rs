//! How long exact answers for all nodes take, beside a search from each node with petgraph, as ratios.
//!
//! `cargo bench --bench graph`, and `-- graph.dot` for the reading of a printed graph. The search is timed on 200 nodes and extrapolated: on dense graphs it takes minutes.

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Dfs, Walker as _};
use std::io::{self, Write as _};
use std::time::Instant;
use tfguard::graph::kernel::{Csr, Order, dependents, redundant};

const NODES: u32 = 100_000;
const EDGES: u32 = 1_000_000;
const TRIED: u32 = 200;

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    if let Some(path) = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with("--"))
    {
        return reading(&path, &mut out);
    }
    for (name, edges) in [
        ("layered", layered()),
        ("dense", dense()),
        ("one long chain", chain()),
    ] {
        let begin = Instant::now();
        let graph = Csr::new(NODES as usize, edges.iter().copied());
        let order = Order::new(&graph);
        let built = begin.elapsed();
        let counts = dependents(&order, &vec![1; NODES as usize]);
        let all = begin.elapsed();
        let asked: Vec<_> = edges.iter().copied().step_by(20).collect();
        let begin = Instant::now();
        let needless = redundant(&order, &asked)
            .into_iter()
            .filter(|redundant| *redundant)
            .count();
        let reduced = begin.elapsed();
        let peak = peak();
        let searched = searches(&edges, &counts);
        let most = counts.iter().max().copied().unwrap_or_default();
        writeln!(
            out,
            "{name:15} all dependents {:.3} s, of it the order {:.3} s; a search from each node {:.0} times as long; {needless} of {} edges redundant in {:.3} s; most dependents {most}; peak memory {} MB",
            all.as_secs_f64(),
            built.as_secs_f64(),
            searched / all.as_secs_f64(),
            asked.len(),
            reduced.as_secs_f64(),
            peak / 1024
        )?;
    }
    Ok(())
}

/// How fast a printed graph is read, beside the bare reading of the file.
fn reading(path: &str, out: &mut impl io::Write) -> io::Result<()> {
    let begin = Instant::now();
    let bytes = std::fs::read(path)?.len();
    let bare = begin.elapsed().as_secs_f64();
    let begin = Instant::now();
    let edges = tfguard::input::dot::read(path).map_or(0, |dot| dot.edges.len());
    let parsed = begin.elapsed().as_secs_f64();
    let megabytes = f64::from(u32::try_from(bytes >> 10).unwrap_or(u32::MAX)) / 1024.0;
    writeln!(
        out,
        "{edges} edges, {:.0} MB/s, {:.1} times the bare reading of the file",
        megabytes / parsed,
        parsed / bare
    )
}

/// Seconds that a search from every node would take.
fn searches(edges: &[(u32, u32)], counts: &[u64]) -> f64 {
    let back = edges.iter().map(|(from, to)| (*to, *from));
    let graph: DiGraph<(), ()> = DiGraph::from_edges(back);
    let step = (NODES / TRIED) as usize;
    let begin = Instant::now();
    for node in (0..NODES as usize).step_by(step) {
        let found = Dfs::new(&graph, NodeIndex::new(node)).iter(&graph).count() - 1;
        assert_eq!(found as u64, counts[node]);
    }
    begin.elapsed().as_secs_f64() * f64::from(NODES) / f64::from(TRIED)
}

/// A fixed sequence of numbers that look random.
fn numbers() -> impl FnMut(u32) -> u32 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    move |below| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((state >> 33) % u64::from(below)).expect("below")
    }
}

/// Modules of 60 that lean on what came shortly before, and on a few hubs.
fn layered() -> Vec<(u32, u32)> {
    let mut next = numbers();
    (0..EDGES)
        .map(|_| {
            let from = next(NODES - 1) + 1;
            let near = from
                .saturating_sub(1 + next(60))
                .max(from / 60 * 60)
                .min(from - 1);
            match next(50) {
                0 => (from, next(20).min(from - 1)),
                1 => (from, next(from)),
                _ => (from, near),
            }
        })
        .collect()
}

fn dense() -> Vec<(u32, u32)> {
    let mut next = numbers();
    let mut edge = || {
        let from = next(NODES - 1) + 1;
        (from, next(from))
    };
    (0..EDGES).map(|_| edge()).collect()
}

fn chain() -> Vec<(u32, u32)> {
    (1..NODES).map(|node| (node, node - 1)).collect()
}

/// The most memory the process has had, in kilobytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or_default()
}
