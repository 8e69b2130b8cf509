//! Puts nodes into layers: 0 is the right-most, every edge leads to a lower one.
//!
//! The longest path decides, but a layer holds only so many: a hundred subnets of one VPC stand in a few
//! columns instead of one tall one.

use super::Arrow;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// The edges that have to be turned around for there to be no cycle: those a depth-first search, begun at the
/// nodes nothing depends on, finds to lead back.
pub(super) fn against(nodes: usize, edges: &[Arrow]) -> Vec<bool> {
    let (mut next, mut entered) = (vec![Vec::new(); nodes], vec![false; nodes]);
    for (index, edge) in edges.iter().enumerate() {
        next[edge.from].push((index, edge.to));
        entered[edge.to] = true;
    }
    let mut order: Vec<usize> = (0..nodes).collect();
    order.sort_by_key(|node| (entered[*node], *node));
    let (mut state, mut back) = (vec![State::New; nodes], vec![false; edges.len()]);
    for start in order {
        if state[start] == State::New {
            search(start, &next, &mut state, &mut back);
        }
    }
    back
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

fn search(start: usize, next: &[Vec<(usize, usize)>], state: &mut [State], back: &mut [bool]) {
    let mut path = vec![(start, 0)];
    state[start] = State::Open;
    while let Some((node, at)) = path.last_mut() {
        let Some((edge, to)) = next[*node].get(*at).copied() else {
            state[*node] = State::Done;
            path.pop();
            continue;
        };
        *at += 1;
        back[edge] = state[to] == State::Open;
        if state[to] == State::New {
            state[to] = State::Open;
            path.push((to, 0));
        }
    }
}

/// The layer of each node of a graph without cycles.
pub(super) fn layers(nodes: usize, edges: &[Arrow]) -> Vec<usize> {
    let graph = Sides::new(nodes, edges);
    let rows = rows(nodes);
    let (mut layer, order) = graph.schedule(rows);
    graph.pull(&mut layer, &order, rows);
    layer
}

/// How many boxes a column holds: about as many as make the picture one and a half times as wide as it is high.
fn rows(nodes: usize) -> usize {
    (nodes * 4).isqrt().max(8)
}

struct Sides {
    dependencies: Vec<Vec<usize>>,
    dependents: Vec<Vec<usize>>,
}

impl Sides {
    fn new(nodes: usize, edges: &[Arrow]) -> Self {
        let mut sides = Self {
            dependencies: vec![Vec::new(); nodes],
            dependents: vec![Vec::new(); nodes],
        };
        for edge in edges {
            sides.dependencies[edge.from].push(edge.to);
            sides.dependents[edge.to].push(edge.from);
        }
        sides
    }

    /// Fills layer after layer from the right. First come those with the longest way behind them, then those
    /// whose dependency has few other dependents: they would need a line of their own from further left, while
    /// the dependents of a hub share one.
    fn schedule(&self, rows: usize) -> (Vec<usize>, Vec<usize>) {
        let above = self.above();
        let mut waiting: Vec<usize> = self.dependencies.iter().map(Vec::len).collect();
        let key = |node: usize| {
            let shared = self.dependencies[node]
                .iter()
                .map(|to| self.dependents[*to].len());
            (Reverse(above[node]), shared.min(), node)
        };
        let free = (0..waiting.len()).filter(|node| waiting[*node] == 0);
        let mut ready: BTreeSet<_> = free.map(key).collect();
        let (mut layer, mut order, mut now) = (vec![0; waiting.len()], Vec::new(), 0);
        while !ready.is_empty() {
            let full = order.len() + rows;
            let first = order.len();
            while let Some((.., node)) = (order.len() < full).then(|| ready.pop_first()).flatten() {
                layer[node] = now;
                order.push(node);
            }
            for dependent in order[first..]
                .iter()
                .flat_map(|node| &self.dependents[*node])
            {
                waiting[*dependent] -= 1;
                if waiting[*dependent] == 0 {
                    ready.insert(key(*dependent));
                }
            }
            now += 1;
        }
        (layer, order)
    }

    /// The length of the longest way to a node.
    fn above(&self) -> Vec<usize> {
        let mut waiting: Vec<usize> = self.dependents.iter().map(Vec::len).collect();
        let mut order: Vec<usize> = (0..waiting.len())
            .filter(|node| waiting[*node] == 0)
            .collect();
        let (mut above, mut at) = (vec![0; waiting.len()], 0);
        while let Some(node) = order.get(at).copied() {
            at += 1;
            for to in self.dependencies[node].iter().copied() {
                above[to] = above[to].max(above[node] + 1);
                waiting[to] -= 1;
                if waiting[to] == 0 {
                    order.push(to);
                }
            }
        }
        above
    }

    /// Pulls nodes left to those that depend on them where that makes lines shorter: a variable stands beside
    /// its reader, not in the last column.
    fn pull(&self, layer: &mut [usize], order: &[usize], rows: usize) {
        let mut filled = vec![0; layer.len()];
        for one in layer.iter() {
            filled[*one] += 1;
        }
        for node in order.iter().rev().copied() {
            let (dependents, dependencies) = (&self.dependents[node], &self.dependencies[node]);
            let Some(nearest) = dependents.iter().map(|node| layer[*node]).min() else {
                continue;
            };
            if dependents.len() < dependencies.len() {
                continue;
            }
            let free = (layer[node] + 1..nearest)
                .rev()
                .find(|one| filled[*one] < rows);
            if let Some(better) = free {
                filled[layer[node]] -= 1;
                filled[better] += 1;
                layer[node] = better;
            }
        }
    }
}
