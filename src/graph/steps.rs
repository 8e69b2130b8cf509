//! The steps of an apply and what each waits for: an object is made (created, updated, read) after what it depends
//! on, and destroyed before that, as Terraform's apply graph has it (1.11, `DestroyEdgeTransformer`).

use super::kernel::{Csr, Order, Schedule, critical_path, longest_without, schedule};
use super::query::{Direction, Sense};
use super::{Edge, Graph, Kind, NodeId, small};
use crate::input::plan::{Action, ObjectId, Plan};

/// Which plan the steps carry out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The plan itself.
    Forward,
    /// The one that takes it back: what it creates goes, what it destroys comes again.
    Back,
}

/// One of the two things that can be done to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// Create, update or read.
    Make,
    /// Destroy.
    Unmake,
}

/// The steps of an apply. Nodes below the size of the graph are the graph's own, of which objects are made; above,
/// the same once more, of which objects are destroyed.
#[derive(Debug)]
pub struct Steps {
    graph: usize,
    objects: usize,
    order: Order,
    /// How long each node takes.
    durations: Vec<u64>,
}

impl Steps {
    /// Orders the steps; `take` says how long each takes, in any unit, and 0 for what is not done.
    pub fn new(graph: &Graph, plan: &Plan, way: Way, take: impl Fn(ObjectId, Half) -> u64) -> Self {
        let n = graph.len();
        let mut edges = Vec::new();
        for (from, to, edge) in graph.edges() {
            let (from, to) = (small(from.index()), small(to.index()));
            let today = Sense::Order.allows(edge);
            let remembered = Sense::State.allows(edge);
            if today || (way == Way::Back && remembered) {
                edges.push((from, to));
            }
            // What depends on another is destroyed before it.
            if remembered || (way == Way::Back && today) {
                edges.push((small(n) + to, small(n) + from));
            }
        }
        for (id, object) in plan.objects.iter().enumerate() {
            let (made, unmade) = (small(id), small(n + id));
            match object.action() {
                Action::Replace { create_first: true } => {
                    edges.push((unmade, made));
                    // The old one stays until nobody uses it any more.
                    let users = graph.direct(id, Direction::Dependents).into_iter();
                    edges.extend(users.map(|user| (unmade, small(user))));
                }
                Action::Replace { .. } => edges.push((made, unmade)),
                _ => {}
            }
        }
        Self {
            graph: n,
            objects: graph.objects,
            order: Order::new(&Csr::new(2 * n, edges.iter().copied())),
            durations: durations(n, graph.objects, take),
        }
    }

    /// The longest chain of steps: how long it takes, and every node on it, the first to run first. Nothing when the
    /// steps wait for one another in a circle.
    pub fn critical(&self) -> Option<(u64, Vec<u32>)> {
        critical_path(&self.order, &self.durations)
    }

    /// The same when steps take something else.
    pub fn critical_with(&self, take: impl Fn(ObjectId, Half) -> u64) -> Option<(u64, Vec<u32>)> {
        critical_path(&self.order, &durations(self.graph, self.objects, take))
    }

    /// When everything is done by so many workers.
    pub fn schedule(&self, workers: usize) -> Option<Schedule> {
        schedule(&self.order, &self.durations, workers)
    }

    /// The object that a node does something to, and what; nothing for nodes in between and for what takes no time.
    pub fn step(&self, node: u32) -> Option<(ObjectId, Half)> {
        let node = node as usize;
        let (id, half) = if node < self.graph {
            (node, Half::Make)
        } else {
            (node - self.graph, Half::Unmake)
        };
        (id < self.objects && self.durations[node] > 0).then_some((id, half))
    }

    /// How long the longest chain is without some edges of the graph.
    pub fn longest_without(&self, edges: &[(NodeId, NodeId)]) -> u64 {
        let edges = edges.iter();
        let edges = edges.map(|(from, to)| (small(from.index()), small(to.index())));
        longest_without(&self.order, &self.durations, &edges.collect::<Vec<_>>())
    }

    /// Of the edges on a chain that somebody wrote, the one without which the longest chain is shortest, and how long
    /// that is then. Of equal ones a `depends_on`: a reference is there for its value.
    pub fn costliest(&self, graph: &Graph, walk: &[u32]) -> Option<(u64, NodeId, NodeId, Edge)> {
        let pairs = walk.windows(2).map(|pair| (pair[1], pair[0]));
        let written = pairs.filter_map(|(from, to)| {
            let inside = from.max(to) < small(self.graph);
            let (from, to) = (NodeId::new(from as usize), NodeId::new(to as usize));
            let edge = inside.then(|| graph.written(from, to)).flatten()?;
            Some((from, to, edge))
        });
        let tried = written.take(MOST_TRIED).map(|(from, to, edge)| {
            let left = self.longest_without(&[(from, to)]);
            (left, from, to, edge)
        });
        tried.min_by_key(|(left, _, _, edge)| (*left, edge.kind == Kind::Reference))
    }
}

/// How long each node takes.
fn durations(nodes: usize, objects: usize, take: impl Fn(ObjectId, Half) -> u64) -> Vec<u64> {
    let mut found = vec![0; 2 * nodes];
    for id in 0..objects {
        found[id] = take(id, Half::Make);
        found[nodes + id] = take(id, Half::Unmake);
    }
    found
}

/// So many edges are taken out for a try.
const MOST_TRIED: usize = 300;

impl Graph {
    /// The edge between two nodes that an expression or a `depends_on` drew.
    fn written(&self, from: NodeId, to: NodeId) -> Option<Edge> {
        let edges = self
            .inner
            .edges_connecting(from, to)
            .map(|edge| Edge::from(*edge.weight()));
        let drawn = |edge: &Edge| !matches!(edge.kind, Kind::Within | Kind::State);
        edges.filter(drawn).min_by_key(|edge| edge.kind)
    }
}
