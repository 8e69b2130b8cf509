//! The dependency graph: what the configuration says and what the state remembers, in one.
//!
//! An edge goes from the dependent to its dependency. Variables, outputs, locals, modules and providers are
//! nodes of their own, so that a reference to all instances of a block costs one edge and a path explains
//! itself. The nodes between a block and its instances are internal: they are never shown and never counted.

mod build;
mod edge;
mod fuse;
mod hubs;
pub mod kernel;
mod made_of;
#[cfg(test)]
mod oracle;
mod query;
mod refer;
mod settle;
mod split;
mod state;
mod steps;
#[cfg(test)]
mod tests;

pub use build::build;
pub use edge::{Edge, Kind};
pub use hubs::Dependents;
pub use query::{Direction, Reach, Sense};
pub use split::{Cut, Part, Split, rests, split};
pub use steps::{Half, Steps, Way};

use edge::Packed;

use crate::input::address::Mode;
use crate::input::names::Name;
use crate::input::plan::configuration::ProviderKey;
use crate::input::plan::{BlockId, ModuleId, ObjectId, Plan, join};
use foldhash::HashMap;
use kernel::small;
use petgraph::Directed;
use petgraph::graph::{Graph as PetGraph, NodeIndex};
use petgraph::visit::EdgeRef as _;

/// Index of a node.
pub type NodeId = NodeIndex<u32>;

/// Index of a text that nodes and edges share: a name, an argument. A name of its own in each would take a third
/// of the graph.
pub type TextId = u32;

/// What a node stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Node {
    /// A resource instance object.
    Object(u32),
    /// A configured block: holds the references that all its instances share.
    Block(u32),
    /// All current instances of a block: what a reference without a key points at.
    Instances(u32),
    /// All objects of a block that the prior state knows.
    Recorded(u32),
    /// An input variable of a module instance.
    Variable(u32, TextId),
    /// A local value; the plan does not say what it is made of.
    Local(u32, TextId),
    /// An output of a module instance.
    Output(u32, TextId),
    /// What everything in a module instance waits for: the call's `count`, `for_each` and `depends_on`.
    Entry(u32),
    /// Everything in a module instance, inputs included: what a reference to the whole module means.
    Whole(u32),
    /// All objects in a module instance: what `depends_on = [module.m]` waits for.
    Objects(u32),
    /// A provider configuration, by its key.
    Provider(TextId),
    /// A list of dependencies of the prior state, as seen from a module instance; by an object that goes,
    /// or by one that stays.
    Remembered(u32, u32, bool),
}

/// The graph of one plan.
#[derive(Debug)]
pub struct Graph {
    inner: PetGraph<Node, Packed, Directed, u32>,
    /// The names of nodes; arguments, `depends_on` entries and other places edges were read from.
    texts: Vec<Name>,
    objects: usize,
    entries: HashMap<u32, NodeId>,
    /// The nodes of variables and local values: few beside all others, and looked for by name.
    values: Vec<NodeId>,
    /// How many references end at a local value that nobody tells of.
    pub unfollowed: usize,
    /// Whether a graph that Terraform printed was given and belongs to the plan.
    pub fused: Option<bool>,
}

impl Graph {
    /// The node of an object.
    pub fn object(&self, id: ObjectId) -> NodeId {
        debug_assert!(id < self.objects, "objects come first");
        node_id(id)
    }

    /// The node of a configured block.
    pub fn block(&self, id: BlockId) -> NodeId {
        node_id(self.objects + id)
    }

    /// The nodes of the local values of a name, each with its module instance.
    pub fn locals(&self, name: &str) -> impl Iterator<Item = (ModuleId, NodeId)> {
        let nodes = self.values.iter();
        nodes.filter_map(move |node| match self.node(*node) {
            Node::Local(of, text) if **self.text(*text) == *name => Some((*of as usize, *node)),
            _ => None,
        })
    }

    /// The node of a variable of a module instance, if anything is made of it.
    pub fn variable(&self, module: ModuleId, name: &str) -> Option<NodeId> {
        let is_it = |node: &&NodeId| match self.node(**node) {
            Node::Variable(of, text) => *of as usize == module && **self.text(*text) == *name,
            _ => false,
        };
        self.values.iter().find(is_it).copied()
    }

    /// What everything in a module instance waits for; nothing when its call has nothing to wait for.
    pub fn entry(&self, id: ModuleId) -> Option<NodeId> {
        self.entries.get(&small(id)).copied()
    }

    /// What a node stands for.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.inner[id]
    }

    /// The object a node stands for.
    pub fn as_object(&self, id: NodeId) -> Option<ObjectId> {
        (id.index() < self.objects).then(|| id.index())
    }

    /// The objects among nodes, in their order.
    pub fn objects_among<'g>(
        &'g self,
        nodes: &'g [NodeId],
    ) -> impl DoubleEndedIterator<Item = ObjectId> + Clone + 'g {
        nodes.iter().filter_map(|node| self.as_object(*node))
    }

    /// How many nodes there are, internal ones included; their ids are `0..len`.
    pub fn len(&self) -> usize {
        self.inner.node_count()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All edges, from the dependent to its dependency.
    pub fn edges(&self) -> impl Iterator<Item = (NodeId, NodeId, Edge)> {
        self.inner
            .edge_references()
            .map(|edge| (edge.source(), edge.target(), Edge::from(*edge.weight())))
    }

    /// Nodes that mean something to a reader.
    pub fn node_count(&self) -> usize {
        self.inner
            .node_weights()
            .filter(|node| !node.is_internal())
            .count()
    }

    /// Edges that come from an expression, a `depends_on` or the state.
    pub fn edge_count(&self) -> usize {
        self.inner
            .edge_weights()
            .filter(|edge| Edge::from(**edge).kind != Kind::Within)
            .count()
    }

    /// Where an edge was read: the argument, the entry.
    pub fn place(&self, edge: Edge) -> &str {
        self.text(edge.place)
    }

    /// A name that a node holds.
    pub fn text(&self, id: TextId) -> &Name {
        &self.texts[id as usize]
    }

    /// What a reader calls a node; nothing for internal ones.
    pub fn label(&self, plan: &Plan, id: NodeId) -> Option<String> {
        let in_module = |module: u32, kind: &str, name: TextId| {
            let name = [kind, ".", self.text(name)].concat();
            Some(join(&plan.modules[module as usize].address, &name))
        };
        match &self.inner[id] {
            Node::Object(id) => Some(plan.address(*id as usize)),
            Node::Block(id) => {
                let block = &plan.blocks[*id as usize];
                block
                    .objects
                    .is_empty()
                    .then(|| plan.block_address(*id as usize))
            }
            Node::Variable(module, name) => in_module(*module, "var", *name),
            Node::Local(module, name) => in_module(*module, "local", *name),
            Node::Output(0, name) => Some(format!("output.{}", self.text(*name))),
            Node::Output(module, name) => in_module(*module, "output", *name),
            Node::Whole(module) | Node::Objects(module) | Node::Entry(module) => {
                Some(plan.modules[*module as usize].address.to_string())
            }
            Node::Provider(key) => Some(ProviderKey::of(self.text(*key)).address()),
            Node::Instances(_) | Node::Recorded(_) | Node::Remembered(..) => None,
        }
    }

    /// What a reader calls a node; of an internal one the block it stands for, if any.
    pub fn name(&self, plan: &Plan, id: NodeId) -> String {
        match &self.inner[id] {
            Node::Block(id) | Node::Instances(id) => plan.block_address(*id as usize),
            _ => self.label(plan, id).unwrap_or_default(),
        }
    }

    /// The labels along a path, without repeats.
    pub fn labels(&self, plan: &Plan, path: &[NodeId]) -> Vec<String> {
        let mut labels: Vec<String> = path.iter().filter_map(|id| self.label(plan, *id)).collect();
        labels.dedup();
        labels
    }

    /// Whether a node is a managed object.
    pub fn is_managed(&self, plan: &Plan, id: NodeId) -> bool {
        self.as_object(id)
            .is_some_and(|id| plan.block(id).mode == Mode::Managed)
    }

    /// The block of an object, or that a node stands for.
    pub fn block_of(&self, plan: &Plan, id: NodeId) -> Option<BlockId> {
        match &self.inner[id] {
            Node::Object(id) => Some(plan.objects[*id as usize].block),
            Node::Block(id) | Node::Instances(id) | Node::Recorded(id) => Some(*id as usize),
            _ => None,
        }
    }

    /// The module instance a variable, output or other node of a module belongs to.
    pub fn module_of(&self, plan: &Plan, id: NodeId) -> Option<ModuleId> {
        match &self.inner[id] {
            Node::Object(_) | Node::Block(_) | Node::Instances(_) | Node::Recorded(_) => {
                let block = self.block_of(plan, id)?;
                Some(plan.blocks[block].module)
            }
            Node::Variable(id, _)
            | Node::Local(id, _)
            | Node::Output(id, _)
            | Node::Entry(id)
            | Node::Whole(id)
            | Node::Objects(id) => Some(*id as usize),
            Node::Provider(_) | Node::Remembered(..) => None,
        }
    }
}

impl Node {
    /// Whether it is never shown.
    fn is_internal(&self) -> bool {
        matches!(
            self,
            Self::Block(_)
                | Self::Instances(_)
                | Self::Recorded(_)
                | Self::Entry(_)
                | Self::Objects(_)
                | Self::Remembered(..)
        )
    }
}

fn node_id(index: usize) -> NodeId {
    NodeId::new(index)
}
