//! Who refers to certain instances of a block. The state remembers blocks, not instances (Terraform 1.11): by it, what
//! stays of a `for_each` that goes over another depends on the key that goes.

use crate::graph::{Direction, Graph, Node, Sense};
use crate::input::plan::{Action, BlockId, ObjectId, Plan};
use foldhash::HashMap;

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
        let refers = self.find(id, block);
        self.known.insert(key, refers);
        refers
    }

    fn find(&self, id: ObjectId, block: BlockId) -> bool {
        let (plan, graph) = (self.plan, self.graph);
        let is_one =
            |node| graph.as_object(node).is_some() && graph.block_of(plan, node) == Some(block);
        let reach = graph.search(
            [graph.object(id)],
            Direction::Dependencies,
            Sense::Flow,
            |from, _, _| !is_one(from),
        );
        let may_be_all = |node| match graph.node(node) {
            Node::Instances(all) => *all as usize == block,
            _ => graph.is_unknown_local(plan, node),
        };
        let nodes = || reach.nodes().iter().copied();
        nodes().any(is_one) && !nodes().any(may_be_all)
    }
}
