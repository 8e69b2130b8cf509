//! What rules ask the graph.

use super::kernel::{Csr, Order, cycles, dependencies, dependents};
use super::{Edge, Graph, Kind, NodeId, small};
use crate::input::plan::{ObjectId, Plan};
use fixedbitset::FixedBitSet;
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
    pub(super) fn allows(self, edge: Edge) -> bool {
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
    seen: FixedBitSet,
    order: Vec<NodeId>,
    /// Where in the order the node is that each of these was reached from; a start from itself.
    came_from: Vec<u32>,
}

impl Reach {
    fn of(graph: &Graph) -> Self {
        Self {
            seen: FixedBitSet::with_capacity(graph.len()),
            ..Self::default()
        }
    }

    /// Adds a node that was reached from the one at a place in the order, or is a start; gives its own place.
    fn add(&mut self, id: NodeId, from: Option<u32>) -> u32 {
        let place = small(self.order.len());
        self.seen.insert(id.index());
        self.order.push(id);
        self.came_from.push(from.unwrap_or(place));
        place
    }

    /// Whether a node was reached.
    pub fn contains(&self, id: NodeId) -> bool {
        self.seen.contains(id.index())
    }

    /// The nodes reached, nearest first, the starts included.
    pub fn nodes(&self) -> &[NodeId] {
        &self.order
    }

    /// The shortest path from a start to a node that was reached. Looks for the node in all of them.
    pub fn path(&self, to: NodeId) -> Vec<NodeId> {
        let place = self.order.iter().rposition(|node| *node == to);
        place.map(|place| self.path_to(place)).unwrap_or_default()
    }

    /// The shortest path from a start to the node at a place in `nodes`.
    pub fn path_to(&self, place: usize) -> Vec<NodeId> {
        let before = |at: &usize| {
            let from = self.came_from[*at] as usize;
            (from != *at).then_some(from)
        };
        let places = std::iter::successors(Some(place), before);
        let mut path: Vec<_> = places.map(|at| self.order[at]).collect();
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
            .map(|edge| (edge.source(), edge.target(), Edge::from(*edge.weight())))
            .filter(move |(.., edge)| sense.allows(*edge));
        edges.map(move |(from, to, edge)| match direction {
            Direction::Dependencies => (to, edge),
            Direction::Dependents => (from, edge),
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
        let mut reach = Reach::of(self);
        let mut queue = VecDeque::new();
        for start in starts {
            if !reach.contains(start) {
                queue.push_back(reach.add(start, None));
            }
        }
        while let Some(place) = queue.pop_front() {
            let at = reach.order[place as usize];
            for (next, edge) in self.neighbours(at, direction, sense) {
                if !reach.contains(next) && follow(at, edge, next) {
                    let found = reach.add(next, Some(place));
                    // What no reader sees is no step: the shortest path is the one that reads shortest.
                    if self.inner[next].is_internal() {
                        queue.push_front(found);
                    } else {
                        queue.push_back(found);
                    }
                }
            }
        }
        reach
    }

    /// Visits every node that a search reaches, each once and in no order that means anything: where paths are not asked
    /// for, this takes a bit for each node.
    pub fn visit(
        &self,
        start: NodeId,
        (direction, sense): (Direction, Sense),
        mut follow: impl FnMut(NodeId, Edge, NodeId) -> bool,
        mut visit: impl FnMut(NodeId),
    ) {
        let mut seen = FixedBitSet::with_capacity(self.len());
        seen.insert(start.index());
        let mut left = vec![start];
        while let Some(at) = left.pop() {
            visit(at);
            for (next, edge) in self.neighbours(at, direction, sense) {
                if !seen.contains(next.index()) && follow(at, edge, next) {
                    seen.insert(next.index());
                    left.push(next);
                }
            }
        }
    }

    /// Its edges of a sense in two arrays, for the kernels.
    pub fn csr(&self, sense: Sense) -> Csr {
        let wanted = self
            .inner
            .edge_references()
            .filter(|edge| sense.allows((*edge.weight()).into()));
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

    /// The resources that a block refers to by name, without a local, variable or output between.
    pub fn named_resources(&self, plan: &Plan, block: NodeId) -> Vec<NodeId> {
        let edges = self.neighbours(block, Direction::Dependencies, Sense::Order);
        let named = edges.filter(|(to, edge)| {
            edge.kind == Kind::Reference && self.block_of(plan, *to).is_some()
        });
        named.map(|(to, _)| to).collect()
    }

    /// The objects next to an object: reached over nodes that are none.
    pub fn direct(&self, id: ObjectId, direction: Direction) -> Vec<ObjectId> {
        let start = self.object(id);
        let stops = |at: NodeId| at != start && self.as_object(at).is_some();
        let reach = self.search([start], direction, Sense::Flow, |from, _, _| !stops(from));
        let objects = self.objects_among(&reach.order);
        let mut found: Vec<_> = objects.filter(|other| *other != id).collect();
        found.sort_unstable();
        found
    }
}
