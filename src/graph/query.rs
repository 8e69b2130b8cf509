//! What rules ask the graph.

use super::kernel::{Csr, Order, cycles, dependencies, dependents};
use super::{Edge, Graph, Kind, NodeId, small};
use crate::input::plan::{ObjectId, Plan};
use foldhash::HashMap;
use petgraph::visit::EdgeRef as _;
use std::collections::VecDeque;

/// Which way to walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To what a node depends on.
    Dependencies,
    /// To what depends on a node.
    Dependents,
}

/// Which edges count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sense {
    /// Everything Terraform orders by today.
    Order,
    /// What a change can flow along, instance by instance.
    Flow,
    /// What the prior state remembers.
    State,
}

impl Sense {
    fn allows(self, edge: Edge) -> bool {
        match self {
            Self::Order => edge.kind != Kind::State,
            Self::Flow => edge.kind != Kind::State && !edge.orders_only,
            Self::State => matches!(edge.kind, Kind::State | Kind::Within),
        }
    }
}

/// What a search found: every node reached, and how.
#[derive(Debug, Default)]
pub struct Reach {
    came_from: HashMap<NodeId, NodeId>,
    order: Vec<NodeId>,
}

impl Reach {
    /// Whether a node was reached.
    pub fn contains(&self, id: NodeId) -> bool {
        self.came_from.contains_key(&id)
    }

    /// The nodes reached, nearest first, the starts included.
    pub fn nodes(&self) -> &[NodeId] {
        &self.order
    }

    /// The shortest path from a start to a node that was reached.
    pub fn path(&self, to: NodeId) -> Vec<NodeId> {
        let mut path = vec![to];
        let mut at = to;
        while let Some(from) = self.came_from.get(&at).copied().filter(|from| *from != at) {
            path.push(from);
            at = from;
        }
        path.reverse();
        path
    }
}

impl Graph {
    /// The neighbours of a node along edges of a sense.
    pub fn neighbours(
        &self,
        id: NodeId,
        direction: Direction,
        sense: Sense,
    ) -> impl Iterator<Item = (NodeId, Edge)> {
        let way = match direction {
            Direction::Dependencies => petgraph::Direction::Outgoing,
            Direction::Dependents => petgraph::Direction::Incoming,
        };
        let edges = self
            .inner
            .edges_directed(id, way)
            .filter(move |edge| sense.allows(*edge.weight()));
        edges.map(move |edge| {
            let end = if direction == Direction::Dependencies {
                edge.target()
            } else {
                edge.source()
            };
            (end, *edge.weight())
        })
    }

    /// Breadth-first search. `follow` decides, for each edge from the first node to the second, whether to
    /// take it.
    pub fn search(
        &self,
        starts: impl IntoIterator<Item = NodeId>,
        direction: Direction,
        sense: Sense,
        mut follow: impl FnMut(NodeId, Edge, NodeId) -> bool,
    ) -> Reach {
        let mut reach = Reach::default();
        let mut queue = VecDeque::new();
        for start in starts {
            if reach.came_from.insert(start, start).is_none() {
                reach.order.push(start);
                queue.push_back(start);
            }
        }
        while let Some(at) = queue.pop_front() {
            for (next, edge) in self.neighbours(at, direction, sense) {
                if !reach.came_from.contains_key(&next) && follow(at, edge, next) {
                    reach.came_from.insert(next, at);
                    reach.order.push(next);
                    // What no reader sees is no step: the shortest path is the one that reads shortest.
                    if self.inner[next].is_internal() {
                        queue.push_front(next);
                    } else {
                        queue.push_back(next);
                    }
                }
            }
        }
        reach
    }

    /// Its edges of a sense in two arrays, for the kernels.
    pub fn csr(&self, sense: Sense) -> Csr {
        let wanted = self
            .inner
            .edge_references()
            .filter(|edge| sense.allows(*edge.weight()));
        Csr::new(
            self.len(),
            wanted.map(|edge| (small(edge.source().index()), small(edge.target().index()))),
        )
    }

    /// For every node, how many managed objects depend on it and on how many it depends, over any number of
    /// steps: exact, for all nodes in one go.
    pub fn reach_of_all(&self, plan: &Plan, sense: Sense) -> (Vec<u64>, Vec<u64>) {
        let order = Order::new(&self.csr(sense));
        let nodes = (0..self.len()).map(NodeId::new);
        let weights: Vec<u32> = nodes
            .map(|id| u32::from(self.is_managed(plan, id)))
            .collect();
        (dependents(&order, &weights), dependencies(&order, &weights))
    }

    /// One shortest circle of every knot of nodes that wait for one another.
    pub fn cycles(&self) -> Vec<Vec<NodeId>> {
        let csr = self.csr(Sense::Order);
        let found = cycles(&csr, &Order::new(&csr));
        let ids = |circle: Vec<u32>| {
            circle
                .into_iter()
                .map(|node| NodeId::new(node as usize))
                .collect()
        };
        found.into_iter().map(ids).collect()
    }

    /// The objects next to an object: reached over nodes that are none.
    pub fn direct(&self, id: ObjectId, direction: Direction) -> Vec<ObjectId> {
        let start = self.object(id);
        let stops = |at: NodeId| at != start && self.as_object(at).is_some();
        let reach = self.search([start], direction, Sense::Flow, |from, _, _| !stops(from));
        let objects = reach.order.iter().filter_map(|at| self.as_object(*at));
        let mut found: Vec<_> = objects.filter(|other| *other != id).collect();
        found.sort_unstable();
        found
    }

    /// The objects on which at least `threshold` others directly depend, with those others.
    pub fn hubs(&self, threshold: usize) -> Vec<(ObjectId, Vec<ObjectId>)> {
        let dependents = Dependents::of(self);
        let bounds = dependents.bounds();
        let mut walk = Walk {
            dependents: &dependents,
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
}

/// Who depends on whom, as [`Sense::Flow`] sees it, in one array: questions about every node at once would
/// spend their time on the lists of the graph.
struct Dependents {
    objects: usize,
    /// Where the dependents of each node begin; one more at the end.
    starts: Vec<u32>,
    nodes: Vec<u32>,
}

impl Dependents {
    fn of(graph: &Graph) -> Self {
        let edges = || {
            let edges = graph.inner.raw_edges().iter();
            edges.filter(|edge| Sense::Flow.allows(edge.weight))
        };
        let mut starts = vec![0; graph.inner.node_count() + 1];
        edges().for_each(|edge| starts[edge.target().index() + 1] += 1);
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let (mut nodes, mut next) = (vec![0; starts[starts.len() - 1] as usize], starts.clone());
        for edge in edges() {
            let slot = &mut next[edge.target().index()];
            nodes[*slot as usize] = small(edge.source().index());
            *slot += 1;
        }
        Self {
            objects: graph.objects,
            starts,
            nodes,
        }
    }

    fn of_node(&self, node: usize) -> &[u32] {
        &self.nodes[self.starts[node] as usize..self.starts[node + 1] as usize]
    }

    fn is_object(&self, node: u32) -> bool {
        (node as usize) < self.objects
    }

    /// An upper bound on the direct dependents of every node: what two ways lead to counts twice. One pass
    /// over the edges, so that only the few that may be hubs are counted exactly.
    fn bounds(&self) -> Vec<u32> {
        let nodes = self.starts.len() - 1;
        let mut bounds = vec![0; nodes];
        let mut known = vec![false; nodes];
        for node in self.objects..nodes {
            self.settle(small(node), &mut bounds, &mut known);
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

    /// Settles a node after those that depend on it; in a circle the bound is as high as can be.
    fn settle(&self, node: u32, bounds: &mut [u32], known: &mut [bool]) {
        let mut left = vec![(node, false)];
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
