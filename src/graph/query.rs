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

    /// How many objects directly depend on each object.
    pub fn direct_dependents(&self) -> Vec<usize> {
        let mut walk = Walk {
            graph: self,
            seen: vec![0; self.inner.node_count()],
            turn: 0,
            left: Vec::new(),
        };
        // All instances of a block mostly share the one node that others refer to.
        let mut shared: HashMap<NodeId, usize> = HashMap::default();
        let mut count = |id: ObjectId| {
            let start = self.object(id);
            let mut others = self.neighbours(start, Direction::Dependents, Sense::Flow);
            match (others.next(), others.next()) {
                (None, _) => 0,
                (Some((only, _)), None) if self.as_object(only).is_none() => {
                    *shared.entry(only).or_insert_with(|| walk.count(only))
                }
                _ => walk.count(start),
            }
        };
        (0..self.objects).map(&mut count).collect()
    }
}

/// Counts direct dependents, one node after another, without a table of its own for each.
struct Walk<'g> {
    graph: &'g Graph,
    seen: Vec<u32>,
    turn: u32,
    left: Vec<NodeId>,
}

impl Walk<'_> {
    fn count(&mut self, start: NodeId) -> usize {
        self.turn += 1;
        self.seen[start.index()] = self.turn;
        self.left.push(start);
        let mut objects = 0;
        while let Some(at) = self.left.pop() {
            for (next, _) in self
                .graph
                .neighbours(at, Direction::Dependents, Sense::Flow)
            {
                if std::mem::replace(&mut self.seen[next.index()], self.turn) == self.turn {
                    continue;
                }
                if self.graph.as_object(next).is_some() {
                    objects += 1;
                } else {
                    self.left.push(next);
                }
            }
        }
        objects
    }
}
