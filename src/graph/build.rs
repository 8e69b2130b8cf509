//! Builds the graph from the configuration and the prior state.

use super::{Edge, Graph, Kind, Node, NodeId, TextId, node_id, small};
use crate::input::dot::Dot;
use crate::input::ids::Ids;
use crate::input::names::Name;
use crate::input::plan::configuration::{Call, ConfigModuleId, Repetition};
use crate::input::plan::references::Tellers;
use crate::input::plan::{BlockId, Key, ModuleId, ObjectId, Plan};
use foldhash::HashMap;
use foldhash::fast::RandomState;
use petgraph::graph::Graph as PetGraph;
use std::hash::BuildHasher as _;
use std::rc::Rc;

/// Builds the graph of a plan, in time and space linear in plan and graph, and of what Terraform printed as its
/// graph, if that is given.
pub fn build(plan: &Plan, dot: Option<&Dot>) -> Graph {
    let mut builder = Builder::new(plan);
    for module in 0..plan.modules.len() {
        builder.module(module);
    }
    builder.root_outputs();
    builder.settle();
    if let Some(dot) = dot {
        builder.graph.fused = Some(builder.fuse(dot));
    }
    builder.state();
    builder.graph
}

/// The place of edges that stand in no argument: the empty text.
pub(super) const NOWHERE: TextId = 0;

/// What an edge remembers.
#[derive(Clone, Copy)]
pub(super) struct Why {
    pub(super) kind: Kind,
    place: TextId,
    told_by: Tellers,
}

impl Why {
    /// An edge that the plan tells of.
    pub(super) fn of(kind: Kind, place: TextId) -> Self {
        Self {
            kind,
            place,
            told_by: Tellers::PLAN,
        }
    }

    pub(super) fn told_by(self, told_by: Tellers) -> Self {
        Self { told_by, ..self }
    }
}

/// The instances of module calls.
pub(super) struct Calls<'p>(HashMap<(ModuleId, &'p str), Vec<ModuleId>>);

impl<'p> Calls<'p> {
    fn of(plan: &'p Plan) -> Self {
        let mut calls: HashMap<(ModuleId, &str), Vec<ModuleId>> = HashMap::default();
        for (id, module) in plan.modules.iter().enumerate() {
            if let Some(parent) = module.parent {
                calls.entry((parent, &module.call)).or_default().push(id);
            }
        }
        Self(calls)
    }

    /// All instances.
    pub(super) fn all<'c>(&'c self, module: ModuleId, call: &'c str) -> &'c [ModuleId] {
        let all = self.0.get(&(module, call));
        all.map(Vec::as_slice).unwrap_or_default()
    }

    /// The one instance with this key, where there is one; else all.
    pub(super) fn instances<'c>(
        &'c self,
        plan: &Plan,
        module: ModuleId,
        call: &'c str,
        key: Option<&Key>,
    ) -> &'c [ModuleId] {
        let all = self.all(module, call);
        let is = |id: &&ModuleId| key.is_some() && plan.modules[**id].key.as_ref() == key;
        all.iter().find(is).map_or(all, std::slice::from_ref)
    }
}

pub(super) struct Builder<'p> {
    pub(super) plan: &'p Plan,
    pub(super) graph: Graph,
    /// Nodes other than objects and blocks, made when something first points at them.
    nodes: Ids,
    hasher: RandomState,
    /// Nodes whose own edges are still to be drawn.
    pub(super) fresh: Vec<NodeId>,
    texts: HashMap<Name, TextId>,
    pub(super) calls: Rc<Calls<'p>>,
    /// Whether a module instance, or one around it, is called with anything to wait for.
    waits: Vec<bool>,
    /// Room for what a reference means, which is mostly one node.
    pub(super) ends: Vec<NodeId>,
}

impl<'p> Builder<'p> {
    fn new(plan: &'p Plan) -> Self {
        // Grown step by step, these two would leave half of their size behind in holes.
        let mut inner = PetGraph::with_capacity(
            plan.objects.len() + plan.blocks.len() * 4,
            plan.objects.len() * 2 + plan.blocks.len() * 12,
        );
        for id in 0..plan.objects.len() {
            inner.add_node(Node::Object(small(id)));
        }
        for id in 0..plan.blocks.len() {
            inner.add_node(Node::Block(small(id)));
        }
        let graph = Graph {
            inner,
            texts: Vec::new(),
            objects: plan.objects.len(),
            entries: HashMap::default(),
            values: Vec::new(),
            unfollowed: 0,
            fused: None,
        };
        let mut builder = Self {
            plan,
            graph,
            nodes: Ids::default(),
            hasher: RandomState::default(),
            fresh: Vec::new(),
            texts: HashMap::default(),
            calls: Rc::new(Calls::of(plan)),
            waits: Vec::with_capacity(plan.modules.len()),
            ends: Vec::new(),
        };
        let nowhere = builder.text("");
        debug_assert_eq!(nowhere, NOWHERE, "the first text");
        builder.find_waiting();
        builder
    }

    /// A module instance stands behind the one it lives in, so one pass is enough.
    fn find_waiting(&mut self) {
        for (id, module) in self.plan.modules.iter().enumerate() {
            let waits = |call: &Call| {
                !call.depends_on.is_empty() || !call.repetition.references().is_empty()
            };
            let around = module.parent.is_some_and(|parent| self.waits[parent]);
            self.waits.push(around || self.call(id).is_some_and(waits));
        }
    }

    /// The number of a text.
    pub(super) fn text(&mut self, text: &str) -> TextId {
        if let Some(id) = self.texts.get(text) {
            return *id;
        }
        let id = small(self.graph.texts.len());
        let text: Name = text.into();
        self.graph.texts.push(Name::clone(&text));
        self.texts.insert(text, id);
        id
    }

    pub(super) fn edge(&mut self, from: NodeId, to: NodeId, why: Why) {
        self.draw(from, to, why, false);
    }

    pub(super) fn draw(&mut self, from: NodeId, to: NodeId, why: Why, orders_only: bool) {
        let Why {
            kind,
            place,
            told_by,
        } = why;
        let edge = Edge {
            kind,
            orders_only,
            told_by,
            place,
        };
        self.graph.inner.add_edge(from, to, edge.into());
    }

    pub(super) fn within(&mut self, from: NodeId, to: NodeId) {
        self.edge(from, to, Why::of(Kind::Within, NOWHERE));
    }

    /// The node, made now if it is new; its own edges are drawn by [`Builder::settle`].
    pub(super) fn node(&mut self, node: Node) -> NodeId {
        if let Some(id) = self.known_node(node) {
            return id;
        }
        let id = self.graph.inner.add_node(node);
        if matches!(node, Node::Variable(..) | Node::Local(..)) {
            self.graph.values.push(id);
        }
        self.nodes.insert(self.hasher.hash_one(node), id.index());
        self.fresh.push(id);
        id
    }

    /// The node, where something points at it already.
    pub(super) fn known_node(&self, node: Node) -> Option<NodeId> {
        let inner = &self.graph.inner;
        let same = |id: usize| inner[node_id(id)] == node;
        let found = self.nodes.find(self.hasher.hash_one(node), same);
        found.map(node_id)
    }

    pub(super) fn block_node(&self, id: BlockId) -> NodeId {
        node_id(self.plan.objects.len() + id)
    }

    /// The objects of a block that will be there after the plan.
    pub(super) fn current(&self, block: BlockId) -> impl Iterator<Item = ObjectId> + use<'p> {
        let plan = self.plan;
        plan.blocks[block]
            .objects
            .iter()
            .copied()
            .filter(move |id| {
                plan.objects[*id].deposed.is_none() && !plan.objects[*id].action().removes()
            })
    }

    fn module(&mut self, module: ModuleId) {
        let Some(config) = self.plan.modules[module].config else {
            return;
        };
        let configured = &self.plan.configuration.modules[config];
        let blocks = &self.plan.modules[module].configured;
        for (&block, resource) in blocks.iter().zip(configured.resources.values()) {
            let node = self.block_node(block);
            self.enter(node, module);
            for object in self.current(block) {
                self.within(node_id(object), node);
            }
            for (argument, reference) in &*resource.references {
                let place = self.text(argument);
                self.refer_from_block(block, module, reference, place, false);
            }
            self.repetition(block, module, &resource.repetition);
            for entry in &resource.depends_on {
                if let Some(reference) = &entry.reference {
                    let place = self.text(&entry.text);
                    self.refer(
                        node,
                        module,
                        None,
                        reference,
                        Why::of(Kind::DependsOn, place),
                    );
                }
            }
            self.provider(node, &resource.provider);
        }
    }

    /// A provider without references has no order to pass on.
    fn provider(&mut self, node: NodeId, key: &Name) {
        let provider = self.plan.configuration.providers.get(key);
        if provider.is_some_and(|provider| !provider.references.is_empty()) {
            let key = self.text(key);
            let provider = self.node(Node::Provider(key));
            let place = self.text("provider");
            self.edge(node, provider, Why::of(Kind::Reference, place));
        }
    }

    fn repetition(&mut self, block: BlockId, module: ModuleId, repetition: &Repetition) {
        let (place, chains) = match repetition {
            Repetition::None => return,
            Repetition::Count(_) => ("count", false),
            Repetition::ForEach(_) => ("for_each", true),
        };
        let place = self.text(place);
        for reference in repetition.references() {
            self.refer_from_block(
                block,
                module,
                reference,
                place,
                chains && reference.attribute.is_none(),
            );
        }
    }

    /// Lets a node wait for what its module waits for.
    pub(super) fn enter(&mut self, node: NodeId, module: ModuleId) {
        if self.waits[module] {
            let known = self.graph.entry(module);
            let entry = known.unwrap_or_else(|| self.node(Node::Entry(small(module))));
            if known.is_none() {
                self.graph.entries.insert(small(module), entry);
            }
            self.within(node, entry);
        }
    }

    /// The instances of a module call.
    pub(super) fn called<'c>(&'c self, module: ModuleId, call: &'c str) -> &'c [ModuleId] {
        self.calls.all(module, call)
    }

    pub(super) fn config(&self, module: ModuleId) -> Option<ConfigModuleId> {
        self.plan.modules[module].config
    }

    pub(super) fn call(&self, module: ModuleId) -> Option<&'p Call> {
        self.plan.configuration.modules[self.config(module)?]
            .call
            .as_ref()
    }

    fn root_outputs(&mut self) {
        let Some(root) = self.plan.configuration.modules.first() else {
            return;
        };
        for name in root.outputs.keys() {
            let name = self.text(name);
            self.node(Node::Output(0, name));
        }
    }
}
