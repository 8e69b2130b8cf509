//! What rules ask the graph.

use super::{Edge, Graph, Kind, NodeId};
use crate::input::plan::ObjectId;
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
                    queue.push_back(next);
                }
            }
        }
        reach
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
        let bounds = Bounds::of(self);
        let mut walk = Walk::new(self);
        let mut hubs = Vec::new();
        for id in (0..self.objects).filter(|id| bounds.bound(self.object(*id)) >= threshold) {
            let mut dependents = walk.dependents(self.object(id));
            dependents.retain(|other| *other != id);
            if dependents.len() >= threshold {
                hubs.push((id, dependents));
            }
        }
        hubs
    }
}

/// An upper bound on the direct dependents of every node: what two ways lead to counts twice. One pass
/// over the edges, so that only the few that may be hubs are counted exactly.
struct Bounds<'g> {
    graph: &'g Graph,
    /// By node: the bound of one that is no object, once it is known.
    known: Vec<Option<u32>>,
}

impl<'g> Bounds<'g> {
    fn of(graph: &'g Graph) -> Self {
        let known = vec![None; graph.inner.node_count()];
        let mut bounds = Self { graph, known };
        for node in graph.inner.node_indices() {
            if graph.as_object(node).is_none() {
                bounds.settle(node);
            }
        }
        bounds
    }

    fn bound(&self, node: NodeId) -> usize {
        let dependents = self
            .graph
            .neighbours(node, Direction::Dependents, Sense::Flow);
        let bounds = dependents.map(|(next, _)| match self.graph.as_object(next) {
            Some(_) => 1,
            None => self.known[next.index()].unwrap_or(u32::MAX) as usize,
        });
        bounds.fold(0, usize::saturating_add)
    }

    /// Settles a node after those that depend on it; in a circle the bound is as high as can be.
    fn settle(&mut self, node: NodeId) {
        let mut left = vec![(node, false)];
        while let Some((at, ready)) = left.pop() {
            if ready {
                let bound = u32::try_from(self.bound(at)).unwrap_or(u32::MAX);
                self.known[at.index()] = Some(bound);
                continue;
            }
            if self.known[at.index()].is_some() {
                continue;
            }
            self.known[at.index()] = Some(u32::MAX);
            left.push((at, true));
            let dependents = self
                .graph
                .neighbours(at, Direction::Dependents, Sense::Flow);
            let unsettled = dependents.map(|(next, _)| next).filter(|next| {
                self.graph.as_object(*next).is_none() && self.known[next.index()].is_none()
            });
            left.extend(unsettled.map(|next| (next, false)));
        }
    }
}

/// Walks to direct dependents, from one node after another, without a table of its own for each.
struct Walk<'g> {
    graph: &'g Graph,
    seen: Vec<u32>,
    turn: u32,
}

impl<'g> Walk<'g> {
    fn new(graph: &'g Graph) -> Self {
        let seen = vec![0; graph.inner.node_count()];
        Self {
            graph,
            seen,
            turn: 0,
        }
    }

    /// The objects reached over nodes that are none, in order.
    fn dependents(&mut self, start: NodeId) -> Vec<ObjectId> {
        self.turn += 1;
        let (mut found, mut left) = (Vec::new(), vec![start]);
        while let Some(at) = left.pop() {
            let dependents = self
                .graph
                .neighbours(at, Direction::Dependents, Sense::Flow);
            for (next, _) in dependents {
                if std::mem::replace(&mut self.seen[next.index()], self.turn) == self.turn {
                    continue;
                }
                match self.graph.as_object(next) {
                    Some(id) => found.push(id),
                    None => left.push(next),
                }
            }
        }
        found.sort_unstable();
        found
    }
}
