//! Who refers to certain instances of a block or module. The state remembers blocks, not instances (Terraform 1.11): by
//! it, what stays of a `for_each` that goes over another depends on the key that goes; and who refers to one output of a
//! module that is repeated remembers all of its blocks.

use crate::graph::{Direction, Graph, Kind, Node, NodeId, Sense};
use crate::input::plan::{Action, BlockId, ListId, ModuleId, ObjectId, PathId, Plan, attribute_of};
use foldhash::HashMap;
use std::sync::Arc;

/// So many pairs of blocks are looked at. Of more, whoever is remembered counts.
const MOST: usize = 5_000;

/// What becomes of the values of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// They stay as they are.
    Kept,
    /// They are not known before apply: they only follow, or how often the block is repeated does.
    Unknown,
    /// They are others, and known.
    Changed,
}

/// What an update does to the attributes of an object; nothing where it is left alone.
type Edits = Option<(Option<ListId>, Arc<[PathId]>)>;

/// Knows which blocks refer to which by instance.
pub(super) struct ByInstance<'a> {
    plan: &'a Plan,
    graph: &'a Graph,
    known: HashMap<(BlockId, BlockId, Edits), bool>,
}

/// Which instances of a block or module values are made of.
#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    /// Some of them by their own keys.
    one: bool,
    /// All of them.
    all: bool,
    /// Whatever a local is made of, and nothing tells what that is.
    unknown: bool,
}

impl<'a> ByInstance<'a> {
    pub(super) fn new(plan: &'a Plan, graph: &'a Graph) -> Self {
        Self {
            plan,
            graph,
            known: HashMap::default(),
        }
    }

    /// Whether an object is known not to have used the instances of a block that go, as the configuration is now. What
    /// stays as it is and refers to instances that stay did not: a value of the others would be another, or refer to the
    /// block no more. What only follows unknown values did not, if it refers to instances by their keys, and never to all
    /// of them. A plan document does not tell `x[each.key]` from an expression that has all of `x` and then `each.key` in
    /// it, so a value that is changed otherwise may have.
    pub(super) fn spares(&mut self, id: ObjectId, block: BlockId) -> bool {
        let change = self.plan.objects[id].change();
        let edits = match change.action {
            Action::NoOp => None,
            Action::Update => {
                let kept = change.kept.as_deref();
                let unknown = kept.map(|kept| Arc::clone(&kept.unknown));
                Some((change.changed, unknown.unwrap_or_default()))
            }
            _ => return false,
        };
        let key = (self.plan.objects[id].block, block, edits);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        if self.known.len() >= MOST {
            return false;
        }
        let around = self.repeated_around(block);
        let by_module = around.and_then(|module| self.by_module(id, module));
        let spares = by_module.unwrap_or_else(|| self.by_block(id, block));
        self.known.insert(key, spares);
        spares
    }

    fn by_block(&self, id: ObjectId, block: BlockId) -> bool {
        let (plan, graph) = (self.plan, self.graph);
        if plan.goes(block) {
            return false;
        }
        let is_one =
            |node| graph.as_object(node).is_some() && graph.block_of(plan, node) == Some(block);
        let is_all = |node: NodeId| matches!(graph.node(node), Node::Instances(all) if *all as usize == block);
        let seen = |fate| {
            let mut seen = Seen::default();
            // What stays as it is has nothing of what it only waited for: the rest of a module behind an output.
            let sense = if fate == Fate::Kept {
                Sense::Order
            } else {
                Sense::Flow
            };
            self.values_of(id, sense, fate, is_one, |node| {
                seen.one |= is_one(node);
                seen.all |= is_all(node);
                seen.unknown |= graph.is_unknown_local(plan, node);
            });
            seen
        };
        let kept = seen(Fate::Kept);
        let refers = |seen: Seen| seen.one || seen.all;
        if !self.is_updated(id) {
            return refers(kept);
        }
        let [follows, changed] = [Fate::Unknown, Fate::Changed].map(seen);
        // What a changed value has of a local that nobody tells is no reason to remember the block, where there is another.
        let is_explained = refers(kept) || follows.one && !changed.unknown;
        is_explained && !refers(changed) && !follows.all && !follows.unknown
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
        let ends = |node| instance_of(node).is_some();
        let seen = |fate| {
            let mut seen = Seen::default();
            self.values_of(id, Sense::Order, fate, ends, |node| {
                seen.one |= instance_of(node).is_some();
                seen.unknown |= graph.is_unknown_local(plan, node);
            });
            seen
        };
        let kept = seen(Fate::Kept);
        if self.is_updated(id) {
            let [follows, changed] = [Fate::Unknown, Fate::Changed].map(seen);
            if follows.one || follows.unknown || changed.one || changed.unknown && !kept.one {
                return Some(false);
            }
        }
        if kept.one {
            return Some(true);
        }
        kept.unknown.then_some(false)
    }

    /// What becomes of what stands at a place of an object's block.
    fn fate(&self, id: ObjectId, place: &str) -> Fate {
        if !self.is_updated(id) {
            return Fate::Kept;
        }
        let attribute = attribute_of(place);
        let mut unknown = self.plan.unknown(id);
        if self.plan.changed(id).any(|name| **name == *attribute) {
            Fate::Changed
        } else if unknown.any(|name| **name == *attribute) || repeats(place) {
            Fate::Unknown
        } else {
            Fate::Kept
        }
    }

    fn is_updated(&self, id: ObjectId) -> bool {
        self.plan.objects[id].action() == Action::Update
    }

    /// Visits what values of an object with some fate are made of, up to where it `ends`. How often its block is repeated is
    /// none of them; of a `for_each` that goes over others each instance has the value of its own.
    fn values_of(
        &self,
        id: ObjectId,
        sense: Sense,
        fate: Fate,
        ends: impl Fn(NodeId) -> bool,
        visit: impl FnMut(NodeId),
    ) {
        let graph = self.graph;
        let own = graph.object(id);
        let block = graph.block(self.plan.objects[id].block);
        graph.visit(
            own,
            (Direction::Dependencies, sense),
            |from, edge, _| {
                let waits = matches!(edge.kind, Kind::DependsOn | Kind::ModuleDependsOn);
                let place = graph.place(edge);
                let is_own = (from == own || from == block) && edge.kind != Kind::Within;
                let fits = !is_own || self.fate(id, place) == fate;
                fits && !ends(from)
                    && !waits
                    && (graph.as_object(from).is_some() || !repeats(place))
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

/// Whether what stands at a place says how often a block is repeated.
fn repeats(place: &str) -> bool {
    matches!(place, "count" | "for_each")
}
