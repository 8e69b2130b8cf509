//! Who refers to certain instances of a block or module. The state remembers blocks, not instances (Terraform 1.11): by
//! it, what stays of a `for_each` that goes over another depends on the key that goes; and who refers to one output of a
//! module that is repeated remembers all of its blocks.

use crate::graph::{Direction, Edge, Graph, Node, NodeId, Sense};
use crate::input::plan::{Action, BlockId, ModuleId, ObjectId, Plan};
use foldhash::HashMap;
use std::collections::BTreeSet;

/// So many pairs of blocks are looked at. Of more, whoever is remembered counts.
const MOST: usize = 5_000;

/// Knows which blocks refer to which by instance.
pub(super) struct ByInstance<'a> {
    plan: &'a Plan,
    graph: &'a Graph,
    known: HashMap<(BlockId, BlockId), bool>,
}

impl<'a> ByInstance<'a> {
    pub(super) fn new(plan: &'a Plan, graph: &'a Graph) -> Self {
        Self {
            plan,
            graph,
            known: HashMap::default(),
        }
    }

    /// Whether an object refers to instances of a block by their keys, and never to all of them, as the configuration is
    /// now. Those that go are none of them then. A plan document does not tell `x[each.key]` from an expression that has
    /// all of `x` and then `each.key` in it; but who had anything of what goes is changed by that.
    pub(super) fn refers(&mut self, id: ObjectId, block: BlockId) -> bool {
        if self.plan.objects[id].action() != Action::NoOp {
            return false;
        }
        let key = (self.plan.objects[id].block, block);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        if self.known.len() >= MOST {
            return false;
        }
        let around = self.repeated_around(block);
        let by_module = around.and_then(|module| self.by_module(id, module));
        let refers = by_module.unwrap_or_else(|| self.by_block(id, block));
        self.known.insert(key, refers);
        refers
    }

    fn by_block(&self, id: ObjectId, block: BlockId) -> bool {
        let (plan, graph) = (self.plan, self.graph);
        let is_one =
            |node| graph.as_object(node).is_some() && graph.block_of(plan, node) == Some(block);
        let may_be_all = |node: NodeId| match graph.node(node) {
            Node::Instances(all) => *all as usize == block,
            _ => graph.is_unknown_local(plan, node),
        };
        let (mut one, mut all) = (false, false);
        self.values_of(id, is_one, |node| {
            one |= is_one(node);
            all |= may_be_all(node);
        });
        one && !all
    }

    /// The same of the instances of a module; nothing when only something in this one is referred to, or in none.
    fn by_module(&self, id: ObjectId, gone: ModuleId) -> Option<bool> {
        let (plan, graph) = (self.plan, self.graph);
        let instance = |module: ModuleId| {
            let mut around = plan.enclosing(module);
            around.find(|module| self.is_sibling(*module, gone))
        };
        if let Some(own) = instance(plan.block(id).module) {
            return (own != gone).then_some(true);
        }
        let instance_of = |node| graph.module_of(plan, node).and_then(instance);
        let (mut met, mut unknown) = (BTreeSet::new(), false);
        let ends = |node| instance_of(node).is_some();
        self.values_of(id, ends, |node| {
            met.extend(instance_of(node));
            unknown |= graph.is_unknown_local(plan, node);
        });
        if unknown {
            return Some(false);
        }
        // Who refers to several refers to all of them, as far as anybody can tell.
        (!met.is_empty() && !met.contains(&gone)).then_some(met.len() == 1)
    }

    /// Visits what the values of an object are made of, up to where it `ends`. How often its block is repeated is none of
    /// them; of a `for_each` that goes over others each instance has the value of its own.
    fn values_of(&self, id: ObjectId, ends: impl Fn(NodeId) -> bool, visit: impl FnMut(NodeId)) {
        let graph = self.graph;
        let repeats = |edge: Edge| matches!(graph.place(edge), "count" | "for_each");
        graph.visit(
            graph.object(id),
            (Direction::Dependencies, Sense::Flow),
            |from, edge, _| !ends(from) && (graph.as_object(from).is_some() || !repeats(edge)),
            visit,
        );
    }

    /// The innermost repeated instance of a module around a block.
    fn repeated_around(&self, block: BlockId) -> Option<ModuleId> {
        let mut around = self.plan.enclosing(self.plan.blocks[block].module);
        around.find(|module| self.plan.modules[*module].key.is_some())
    }

    /// Whether a module instance is one of the call of another.
    fn is_sibling(&self, module: ModuleId, other: ModuleId) -> bool {
        let (one, other) = (&self.plan.modules[module], &self.plan.modules[other]);
        one.parent == other.parent && one.call == other.call && one.key.is_some()
    }
}
