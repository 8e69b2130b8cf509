//! Who refers to certain instances of a block or module. The state remembers blocks, not instances (Terraform 1.11): by
//! it, what stays of a `for_each` that goes over another depends on the key that goes; and who refers to one output of a
//! module that is repeated remembers all of its blocks.

use crate::graph::{Direction, Edge, Graph, Kind, Node, NodeId, Sense};
use crate::input::plan::{Action, BlockId, ModuleId, ObjectId, Plan};
use foldhash::HashMap;

/// So many pairs of blocks are looked at. Of more, whoever is remembered counts.
const MOST: usize = 5_000;

/// Knows which blocks refer to which by instance.
pub(super) struct ByInstance<'a> {
    plan: &'a Plan,
    graph: &'a Graph,
    known: HashMap<(BlockId, BlockId, bool), bool>,
}

impl<'a> ByInstance<'a> {
    pub(super) fn new(plan: &'a Plan, graph: &'a Graph) -> Self {
        Self {
            plan,
            graph,
            known: HashMap::default(),
        }
    }

    /// Whether an object is known not to have used the instances of a block that go, as the configuration is now. One that
    /// is left alone and refers to instances that stay did not: who had a value of the others is changed, or refers to the
    /// block no more. One that only follows unknown values did not, if it refers to instances by their keys, and never to
    /// all of them. A plan document does not tell `x[each.key]` from an expression that has all of `x` and then `each.key`
    /// in it, so who is changed otherwise may have.
    pub(super) fn spares(&mut self, id: ObjectId, block: BlockId) -> bool {
        let object = &self.plan.objects[id];
        let quiet = match object.action() {
            Action::NoOp => true,
            Action::Update if !object.change().to_known => false,
            _ => return false,
        };
        let key = (self.plan.objects[id].block, block, quiet);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        if self.known.len() >= MOST {
            return false;
        }
        let mut instances = self.plan.blocks[block].objects.iter();
        let some_stay = instances.any(|id| !self.plan.objects[*id].action().removes());
        let around = self.repeated_around(block);
        let by_module = around
            .filter(|_| quiet)
            .and_then(|module| self.by_module(id, module));
        let by_block = || some_stay && self.by_block(id, block, quiet);
        let spares = by_module.unwrap_or_else(by_block);
        self.known.insert(key, spares);
        spares
    }

    fn by_block(&self, id: ObjectId, block: BlockId, quiet: bool) -> bool {
        let (plan, graph) = (self.plan, self.graph);
        let is_one =
            |node| graph.as_object(node).is_some() && graph.block_of(plan, node) == Some(block);
        let is_all = |node: NodeId| matches!(graph.node(node), Node::Instances(all) if *all as usize == block);
        let (mut one, mut all, mut unknown) = (false, false, false);
        // What is left alone has nothing of what it only waited for: the rest of a module behind an output.
        let sense = if quiet { Sense::Order } else { Sense::Flow };
        self.values_of(id, sense, is_one, |node| {
            one |= is_one(node);
            all |= is_all(node);
            unknown |= graph.is_unknown_local(plan, node);
        });
        if quiet {
            one || all
        } else {
            one && !all && !unknown
        }
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
        let (mut refers, mut unknown) = (false, false);
        let ends = |node| instance_of(node).is_some();
        self.values_of(id, Sense::Order, ends, |node| {
            refers |= instance_of(node).is_some();
            unknown |= graph.is_unknown_local(plan, node);
        });
        if refers {
            return Some(true);
        }
        unknown.then_some(false)
    }

    /// Visits what the values of an object are made of, up to where it `ends`. How often its block is repeated is none of
    /// them; of a `for_each` that goes over others each instance has the value of its own.
    fn values_of(
        &self,
        id: ObjectId,
        sense: Sense,
        ends: impl Fn(NodeId) -> bool,
        visit: impl FnMut(NodeId),
    ) {
        let graph = self.graph;
        let repeats = |edge: Edge| matches!(graph.place(edge), "count" | "for_each");
        graph.visit(
            graph.object(id),
            (Direction::Dependencies, sense),
            |from, edge, _| {
                let waits = matches!(edge.kind, Kind::DependsOn | Kind::ModuleDependsOn);
                !ends(from) && !waits && (graph.as_object(from).is_some() || !repeats(edge))
            },
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
        one.call_site() == other.call_site() && one.key.is_some()
    }
}
