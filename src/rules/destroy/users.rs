//! Who referred to what goes, as the state remembers it.

use super::survivors::remembering;
use super::waiting::Followed;
use crate::catalog::{self, Holds};
use crate::graph::Graph;
use crate::input::address::Mode;
use crate::input::plan::{Action, BlockId, ObjectId, Plan};
use foldhash::HashSet;
use std::collections::{BTreeMap, BTreeSet};

/// Who referred to the made up values that a plan destroys.
#[derive(Debug, Default)]
pub(super) struct Users {
    /// Blocks of values that something referred to, and all that did is destroyed as well.
    going_along: HashSet<BlockId>,
    /// Objects that only wait for such values.
    waiting: HashSet<ObjectId>,
}

impl Users {
    /// Those of a plan; nobody's when it destroys no made up value.
    pub(super) fn of(plan: &Plan, graph: &Graph) -> Self {
        let mut users = Self::default();
        // What the state remembers of an object, it remembers of its block.
        let mut values: BTreeMap<BlockId, ObjectId> = BTreeMap::new();
        for (id, _) in plan.managed().filter(|(id, _)| is_going_value(plan, *id)) {
            values.entry(plan.objects[id].block).or_insert(id);
        }
        if values.is_empty() {
            return users;
        }
        let mut followed = Followed::new(plan, graph);
        let mut used = Vec::new();
        for (block, id) in values {
            let Some(waiting) = followed.follow(block) else {
                continue;
            };
            let (gone, left): (Vec<_>, Vec<_>) = rememberers(plan, graph, id)
                .into_iter()
                .partition(|id| plan.objects[*id].action() == Action::Delete);
            let uses = |id: &ObjectId| !waiting.contains(&plan.objects[*id].block);
            if gone.iter().any(uses) {
                used.push((block, left));
            }
        }
        users.waiting = followed.who_only_waits();
        for (block, left) in used {
            if left.into_iter().all(|id| users.only_waits(id)) {
                users.going_along.insert(block);
            }
        }
        users
    }

    /// Whether an object is a made up value that something referred to, and all that did is destroyed as well. What
    /// nobody is known to have used may be what other stacks read.
    pub(super) fn go_along(&self, plan: &Plan, id: ObjectId) -> bool {
        is_going_value(plan, id) && self.going_along.contains(&plan.objects[id].block)
    }

    /// Whether an object waits for made up values that go, by a `depends_on` alone.
    pub(super) fn only_waits(&self, id: ObjectId) -> bool {
        self.waiting.contains(&id)
    }
}

/// The managed objects that remember an object as a dependency.
fn rememberers(plan: &Plan, graph: &Graph, id: ObjectId) -> Vec<ObjectId> {
    let reach = remembering(graph, &BTreeSet::from([id]));
    let objects = graph.objects_among(reach.nodes());
    objects
        .filter(|other| *other != id && plan.block(*other).mode == Mode::Managed)
        .collect()
}

fn is_going_value(plan: &Plan, id: ObjectId) -> bool {
    plan.objects[id].action() == Action::Delete
        && catalog::facts(&plan.block(id).kind).holds == Holds::Value
}
