//! Who referred to what goes, as the state remembers it.

use super::by_instance::ByInstance;
use crate::catalog::{self, Holds};
use crate::graph::{Direction, Graph, Kind, NodeId, Sense};
use crate::input::address::Mode;
use crate::input::plan::{Action, BlockId, ObjectId, Plan};
use foldhash::HashSet;
use std::collections::{BTreeMap, BTreeSet};

/// Who referred to the made up values that a plan destroys.
#[derive(Debug, Default)]
pub(super) struct Users {
    /// Blocks of values that something referred to, and all that did is destroyed as well.
    going_along: HashSet<BlockId>,
    /// Objects that wait for such values, and get none of them.
    waiting: BTreeSet<ObjectId>,
}

impl Users {
    /// Those of a plan; nobody's when it destroys no made up value.
    pub(super) fn of(plan: &Plan, graph: &Graph) -> Self {
        let going = plan.managed().filter(|(id, _)| is_going_value(plan, *id));
        let values: Vec<_> = going.map(|(id, _)| id).collect();
        let mut users = Self::default();
        if values.is_empty() {
            return users;
        }
        users.waiting = waiting(plan, graph, &values);
        let mut by_instance = ByInstance::new(plan, graph);
        // What the state remembers of an object, it remembers of its block.
        let one_each: BTreeMap<BlockId, ObjectId> = values
            .into_iter()
            .map(|id| (plan.objects[id].block, id))
            .collect();
        let go_along = one_each.into_iter().filter(|(block, id)| {
            let (gone, left): (Vec<_>, Vec<_>) = rememberers(plan, graph, *id)
                .into_iter()
                .partition(|id| plan.objects[*id].action() == Action::Delete);
            let mut is_none = |id| users.only_waits(id) || by_instance.refers(id, *block);
            !gone.is_empty() && left.into_iter().all(&mut is_none)
        });
        users.going_along = go_along.map(|(block, _)| block).collect();
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
    let start = graph.object(id);
    let reach = graph.search(
        [start],
        Direction::Dependents,
        Sense::State,
        |from, _, _| from == start || graph.as_object(from).is_none(),
    );
    let objects = reach
        .nodes()
        .iter()
        .filter_map(|node| graph.as_object(*node));
    objects
        .filter(|other| *other != id && plan.block(*other).mode == Mode::Managed)
        .collect()
}

fn is_going_value(plan: &Plan, id: ObjectId) -> bool {
    plan.objects[id].action() == Action::Delete
        && catalog::facts(&plan.block(id).kind).holds == Holds::Value
}

/// Who waits for values as the configuration has it now, and is reached by none of them. The state remembers both as
/// dependencies (Terraform 1.11).
fn waiting(plan: &Plan, graph: &Graph, values: &[ObjectId]) -> BTreeSet<ObjectId> {
    let starts = || {
        let nodes = values
            .iter()
            .map(|id| [graph.object(*id), graph.block(plan.objects[*id].block)]);
        nodes.flatten().collect::<Vec<NodeId>>()
    };
    let dependents = |sense, follow: fn(Kind) -> bool| {
        let direction = Direction::Dependents;
        graph.search(starts(), direction, sense, |_, edge, _| follow(edge.kind))
    };
    let ordered = dependents(Sense::Order, |_| true);
    let reached = dependents(Sense::Flow, |kind| {
        !matches!(kind, Kind::DependsOn | Kind::ModuleDependsOn)
    });
    // A reference through a local may not be known; but who held a value that goes gets another one, and that is known.
    let is_as_it_was = |id: &ObjectId| {
        let change = plan.objects[*id].change();
        match change.action {
            Action::NoOp => true,
            Action::Update => !change.to_known,
            Action::Replace { .. } => {
                let mut forced = change.forced_by.iter();
                !change.forced_by.is_empty() && forced.all(|forced| forced.unknown)
            }
            _ => false,
        }
    };
    let nodes = ordered.nodes().iter();
    nodes
        .filter(|node| !reached.contains(**node))
        .filter_map(|node| graph.as_object(*node))
        .filter(is_as_it_was)
        .collect()
}
