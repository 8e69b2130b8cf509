//! How long it takes when every node has a duration, waits for its dependencies, and so many run at once.
//!
//! List scheduling by the longest path still to go, after Graham, "Bounds on multiprocessing timing anomalies"
//! (1969): never worse than twice the best there is.

use super::order::{Order, small};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// When everything starts and ends, in the unit of the durations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// When the last one ends.
    pub end: u64,
    /// When each node starts.
    pub starts: Vec<u64>,
}

/// The longest chain: how long it takes with any number of workers, and every node on it, those included that take no
/// time, the first to run first. Nothing when there is a circle.
pub fn critical_path(order: &Order, durations: &[u64]) -> Option<(u64, Vec<u32>)> {
    order.is_acyclic().then_some(())?;
    let node = |component: usize| order.members.of(component)[0];
    let ends = ends(order, durations, &[]);
    let last = (0..order.len())
        .rev()
        .max_by_key(|component| ends[*component]);
    let mut path = Vec::new();
    let mut at = last;
    while let Some(component) = at {
        path.push(node(component));
        let next = order.edges.of(component).iter();
        let next = next.max_by_key(|next| (ends[**next as usize], Reverse(**next)));
        at = next
            .map(|next| *next as usize)
            .filter(|next| ends[*next] > 0);
    }
    path.reverse();
    Some((last.map_or(0, |last| ends[last]), path))
}

/// How long the longest chain is without some edges, from dependents to their dependencies. The graph has no circle.
pub fn longest_without(order: &Order, durations: &[u64], edges: &[(u32, u32)]) -> u64 {
    let component = |node: u32| order.component_of[node as usize];
    let edges = edges
        .iter()
        .map(|(from, to)| (component(*from), component(*to)));
    let ends = ends(order, durations, &edges.collect::<Vec<_>>());
    ends.into_iter().max().unwrap_or(0)
}

/// When each component ends at the earliest.
fn ends(order: &Order, durations: &[u64], without: &[(u32, u32)]) -> Vec<u64> {
    let mut ends = vec![0u64; order.len()];
    for component in 0..order.len() {
        let node = order.members.of(component)[0] as usize;
        let waits = order.edges.of(component).iter().copied();
        let waits = waits.filter(|next| !without.contains(&(small(component), *next)));
        let ready = waits.map(|next| ends[next as usize]).max();
        ends[component] = ready.unwrap_or(0) + durations[node];
    }
    ends
}

/// Runs the nodes on so many workers. Those of no duration need none. Nothing when there is a circle.
pub fn schedule(order: &Order, durations: &[u64], workers: usize) -> Option<Schedule> {
    order.is_acyclic().then_some(())?;
    let mut run = Run::new(order, durations);
    let mut free = workers.max(1);
    let mut running: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
    let mut now = 0;
    loop {
        while let Some((_, Reverse(component))) = run.ready.pop_if(|_| free > 0) {
            let node = run.node(component);
            run.starts[node] = now;
            running.push(Reverse((now + run.duration(component), component)));
            free -= 1;
        }
        let Some(Reverse((end, component))) = running.pop() else {
            break;
        };
        now = end;
        free += 1;
        run.finish(component, now);
    }
    Some(Schedule {
        end: now,
        starts: run.starts,
    })
}

struct Run<'o> {
    order: &'o Order,
    durations: &'o [u64],
    dependents: super::Csr,
    /// How long it takes from the start of a component to the end of all that waits for it.
    tail: Vec<u64>,
    waits_for: Vec<usize>,
    ready: Ready,
    starts: Vec<u64>,
}

/// Components that can start, the one with the longest way to go first.
#[derive(Default)]
struct Ready(BinaryHeap<(u64, Reverse<usize>)>);

impl Ready {
    fn pop_if(&mut self, may: impl Fn(&Self) -> bool) -> Option<(u64, Reverse<usize>)> {
        if may(self) { self.0.pop() } else { None }
    }
}

impl<'o> Run<'o> {
    fn new(order: &'o Order, durations: &'o [u64]) -> Self {
        let dependents = order.edges.reversed();
        let mut tail = vec![0; order.len()];
        for component in (0..order.len()).rev() {
            let behind = dependents
                .of(component)
                .iter()
                .map(|next| tail[*next as usize])
                .max();
            let own = durations[order.members.of(component)[0] as usize];
            tail[component] = behind.unwrap_or(0) + own;
        }
        let waits_for: Vec<usize> = (0..order.len())
            .map(|component| order.edges.of(component).len())
            .collect();
        let mut run = Self {
            order,
            durations,
            dependents,
            tail,
            waits_for,
            ready: Ready::default(),
            starts: vec![0; order.len()],
        };
        let free: Vec<usize> = (0..order.len())
            .filter(|component| run.waits_for[*component] == 0)
            .collect();
        for component in free {
            run.offer(component, 0);
        }
        run
    }

    fn node(&self, component: usize) -> usize {
        self.order.members.of(component)[0] as usize
    }

    fn duration(&self, component: usize) -> u64 {
        self.durations[self.node(component)]
    }

    /// Takes up a component whose dependencies are done; one that takes no time is done at once.
    fn offer(&mut self, component: usize, now: u64) {
        let mut left = vec![component];
        while let Some(component) = left.pop() {
            if self.duration(component) > 0 {
                self.ready
                    .0
                    .push((self.tail[component], Reverse(component)));
                continue;
            }
            let node = self.node(component);
            self.starts[node] = now;
            left.extend(self.released(component));
        }
    }

    fn finish(&mut self, component: usize, now: u64) {
        for next in self.released(component) {
            self.offer(next, now);
        }
    }

    /// The components that waited for this one last.
    fn released(&mut self, component: usize) -> Vec<usize> {
        let mut free = Vec::new();
        for next in self.dependents.of(component) {
            let next = *next as usize;
            self.waits_for[next] -= 1;
            if self.waits_for[next] == 0 {
                free.push(next);
            }
        }
        free
    }
}
