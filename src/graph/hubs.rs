//! Which objects very many others depend on, directly or over any number of steps.

use super::kernel::Csr;
use super::query::Sense;
use super::{Graph, small};
use crate::input::address::Mode;
use crate::input::plan::{ObjectId, Plan};
use std::collections::VecDeque;

impl Graph {
    /// The objects on which at least `threshold` others directly depend, with those others.
    pub fn hubs(
        &self,
        dependents: &Dependents,
        threshold: usize,
    ) -> Vec<(ObjectId, Vec<ObjectId>)> {
        let bounds = dependents.bounds();
        let mut walk = Walk {
            dependents,
            seen: vec![0; self.inner.node_count()],
            turn: 0,
        };
        let mut hubs = Vec::new();
        for id in (0..self.objects).filter(|id| bounds[*id] as usize >= threshold) {
            let mut found = walk.objects(id);
            found.retain(|other| *other != id);
            if found.len() >= threshold {
                hubs.push((id, found));
            }
        }
        hubs
    }

    /// Of some objects those on which at least `threshold` managed ones depend, over any number of steps, with
    /// those; without objects that depend on another of them. At most `most`, the others are counted.
    pub fn wide(
        &self,
        dependents: &Dependents,
        plan: &Plan,
        candidates: impl Fn(ObjectId) -> bool,
        threshold: usize,
        most: usize,
    ) -> (Vec<(ObjectId, Vec<ObjectId>)>, usize) {
        let mut walk = Walk {
            dependents,
            seen: vec![0; self.inner.node_count()],
            turn: 0,
        };
        let (mut covered, mut wide, mut more) = (vec![false; self.objects], Vec::new(), 0);
        let objects = dependents.in_order().into_iter().map(|node| node as usize);
        for id in objects.filter(|id| *id < self.objects && candidates(*id)) {
            if covered[id] || !walk.reaches(id, threshold) {
                continue;
            }
            if wide.len() >= most {
                more += 1;
                continue;
            }
            let mut found = walk.all(id);
            found.retain(|other| *other != id && plan.block(*other).mode == Mode::Managed);
            for other in &found {
                covered[*other] = true;
            }
            if found.len() >= threshold {
                wide.push((id, found));
            }
        }
        (wide, more)
    }
}

/// Who depends on whom, as [`Sense::Flow`] sees it, in two arrays: questions about every node at once would
/// spend their time on the lists of the graph.
#[derive(Debug)]
pub struct Dependents {
    objects: usize,
    of: Csr,
}

impl Dependents {
    /// Lists them for a graph.
    pub fn of(graph: &Graph) -> Self {
        let edges = graph.inner.raw_edges().iter();
        let edges = edges.filter(|edge| Sense::Flow.allows(edge.weight.into()));
        let turned = edges.map(|edge| (small(edge.target().index()), small(edge.source().index())));
        Self {
            objects: graph.objects,
            of: Csr::new(graph.inner.node_count(), turned),
        }
    }

    fn of_node(&self, node: usize) -> &[u32] {
        self.of.of(node)
    }

    fn is_object(&self, node: u32) -> bool {
        (node as usize) < self.objects
    }

    /// The nodes, each before those that depend on it; in a circle in any order.
    fn in_order(&self) -> Vec<u32> {
        let nodes = self.of.len();
        let (mut known, mut behind) = (vec![false; nodes], Vec::with_capacity(nodes));
        let mut left = Vec::new();
        for node in 0..small(nodes) {
            left.push((node, false));
            while let Some((at, ready)) = left.pop() {
                if ready {
                    behind.push(at);
                } else if !std::mem::replace(&mut known[at as usize], true) {
                    left.push((at, true));
                    let dependents = self.of_node(at as usize).iter();
                    let fresh = dependents.filter(|next| !known[**next as usize]);
                    left.extend(fresh.map(|next| (*next, false)));
                }
            }
        }
        behind.reverse();
        behind
    }

    /// An upper bound on the direct dependents of every node: what two ways lead to counts twice. One pass
    /// over the edges, so that only the few that may be hubs are counted exactly.
    fn bounds(&self) -> Vec<u32> {
        let nodes = self.of.len();
        let mut bounds = vec![0; nodes];
        let (mut known, mut left) = (vec![false; nodes], Vec::new());
        for node in self.objects..nodes {
            if !known[node] {
                left.push((small(node), false));
                self.settle(&mut left, &mut bounds, &mut known);
            }
        }
        for node in 0..self.objects {
            bounds[node] = self.bound(small(node), &bounds);
        }
        bounds
    }

    fn bound(&self, node: u32, bounds: &[u32]) -> u32 {
        let dependents = self.of_node(node as usize).iter();
        let bound = |next: &u32| {
            if self.is_object(*next) {
                1
            } else {
                bounds[*next as usize]
            }
        };
        dependents.map(bound).fold(0, u32::saturating_add)
    }

    /// Settles the nodes that are left, each after those that depend on it; in a circle the bound is as high as can be.
    fn settle(&self, left: &mut Vec<(u32, bool)>, bounds: &mut [u32], known: &mut [bool]) {
        while let Some((at, ready)) = left.pop() {
            if ready {
                bounds[at as usize] = self.bound(at, bounds);
            } else if !std::mem::replace(&mut known[at as usize], true) {
                bounds[at as usize] = u32::MAX;
                left.push((at, true));
                let dependents = self.of_node(at as usize).iter();
                let unsettled = dependents.filter(|n| !self.is_object(**n) && !known[**n as usize]);
                left.extend(unsettled.map(|next| (*next, false)));
            }
        }
    }
}

/// Walks to direct dependents, from one node after another, without a table of its own for each.
struct Walk<'d> {
    dependents: &'d Dependents,
    seen: Vec<u32>,
    turn: u32,
}

impl Walk<'_> {
    /// The objects reached over any number of steps, in order.
    fn all(&mut self, start: usize) -> Vec<ObjectId> {
        let mut found = self.reach(start, usize::MAX);
        found.sort_unstable();
        found
    }

    /// Whether at least so many objects are reached, found out without going further than that takes.
    fn reaches(&mut self, start: usize, least: usize) -> bool {
        self.reach(start, least).len() >= least
    }

    fn reach(&mut self, start: usize, most: usize) -> Vec<ObjectId> {
        self.turn += 1;
        self.seen[start] = self.turn;
        let (mut found, mut queue) = (Vec::new(), VecDeque::from([start]));
        while let Some(at) = queue.pop_front() {
            for next in self.dependents.of_node(at) {
                let node = *next as usize;
                if std::mem::replace(&mut self.seen[node], self.turn) == self.turn {
                    continue;
                }
                if self.dependents.is_object(*next) {
                    found.push(node);
                    if found.len() >= most {
                        return found;
                    }
                }
                queue.push_back(node);
            }
        }
        found
    }

    /// The objects reached over nodes that are none, in order.
    fn objects(&mut self, start: usize) -> Vec<ObjectId> {
        self.turn += 1;
        let (mut found, mut left) = (Vec::new(), vec![start]);
        while let Some(at) = left.pop() {
            for next in self.dependents.of_node(at) {
                let node = *next as usize;
                if std::mem::replace(&mut self.seen[node], self.turn) == self.turn {
                    continue;
                }
                if self.dependents.is_object(*next) {
                    found.push(node);
                } else {
                    left.push(node);
                }
            }
        }
        found.sort_unstable();
        found
    }
}
