//! What puts the read of a data source off: a change that is pending behind what it, or a module around it, depends on.
//!
//! Terraform 1.11 looks at resources by their config address (`dependenciesHavePendingChanges`): of what the data source
//! names in `depends_on` or refers to, at that resource alone; behind a module, an output or a variable that it names, and
//! behind everything in the `depends_on` of a module around it, at all that is on the way.

use super::Context;
use super::coupling::entries::{Carrier, Use};
use crate::graph::{Direction, Graph, Kind, Node, NodeId, Sense};
use crate::input::address::Mode;
use crate::input::plan::{Action, BlockId, ObjectId, Plan};
use std::collections::{BTreeMap, BTreeSet};

/// Whether an object is a data source whose read is put off.
pub(super) fn is_put_off(plan: &Plan, id: ObjectId) -> bool {
    plan.objects[id].action() == Action::Read
        && plan.objects[id].reason() == "read_because_dependency_pending"
}

/// The objects whose pending change makes an entry put reads off.
pub(super) fn behind_entry(plan: &Plan, graph: &Graph, entry: &Use<'_>) -> BTreeSet<ObjectId> {
    let targets = entry.targets(graph);
    match entry.carrier {
        Carrier::Module => behind(plan, graph, targets),
        Carrier::Data | Carrier::Resource => named(plan, graph, targets),
    }
}

/// The objects whose pending change puts the read of a data source off.
pub(super) fn behind_data(plan: &Plan, graph: &Graph, id: ObjectId) -> BTreeSet<ObjectId> {
    let around = graph.search(
        [graph.object(id)],
        Direction::Dependencies,
        Sense::Order,
        |_, edge, _| edge.kind == Kind::Within,
    );
    let (mut own, mut of_modules) = (Vec::new(), Vec::new());
    for node in around.nodes() {
        for (to, edge) in graph.neighbours(*node, Direction::Dependencies, Sense::Order) {
            match edge.kind {
                Kind::ModuleDependsOn => of_modules.push(to),
                Kind::DependsOn => own.push(to),
                Kind::Reference if block_of(plan, graph, to).is_some() => own.push(to),
                _ => {}
            }
        }
    }
    let mut found = named(plan, graph, own);
    found.append(&mut behind(plan, graph, of_modules));
    found
}

/// The data sources that are put off, each with those whose `depends_on` does that.
pub(super) fn carriers<'c>(context: &Context<'c>) -> BTreeMap<ObjectId, BTreeSet<&'c str>> {
    let (plan, graph) = (context.plan, context.graph);
    let mut found: BTreeMap<ObjectId, BTreeSet<&str>> = BTreeMap::new();
    let entries = context.depends_on_entries();
    for list in entries.chunk_by(|one, next| one.address == next.address) {
        let objects = list[0].waiting.iter();
        let objects = objects.filter_map(|node| graph.as_object(*node));
        let late: Vec<_> = objects.filter(|id| is_put_off(plan, *id)).collect();
        let puts_off = |entry: &Use<'_>| !behind_entry(plan, graph, entry).is_empty();
        if !late.is_empty() && list.iter().any(puts_off) {
            for id in late {
                found.entry(id).or_default().insert(&list[0].address);
            }
        }
    }
    found
}

/// What changes of resources that are named, and of all behind anything else.
fn named(plan: &Plan, graph: &Graph, nodes: Vec<NodeId>) -> BTreeSet<ObjectId> {
    let (resources, others): (Vec<_>, Vec<_>) = nodes
        .into_iter()
        .partition(|node| block_of(plan, graph, *node).is_some());
    let mut found = changing(plan, graph, resources);
    found.append(&mut behind(plan, graph, others));
    found
}

fn behind(plan: &Plan, graph: &Graph, nodes: Vec<NodeId>) -> BTreeSet<ObjectId> {
    let reach = graph.search(nodes, Direction::Dependencies, Sense::Order, |_, _, _| true);
    changing(plan, graph, reach.nodes().iter().copied())
}

/// The managed objects of some blocks that have a change pending.
fn changing(
    plan: &Plan,
    graph: &Graph,
    nodes: impl IntoIterator<Item = NodeId>,
) -> BTreeSet<ObjectId> {
    let blocks = nodes
        .into_iter()
        .filter_map(|node| block_of(plan, graph, node));
    let blocks: BTreeSet<BlockId> = blocks.collect();
    let managed = blocks
        .into_iter()
        .filter(|id| plan.blocks[*id].mode == Mode::Managed);
    let objects = managed.flat_map(|id| plan.blocks[id].objects.iter().copied());
    objects
        .filter(|id| plan.objects[*id].action().changes())
        .collect()
}

fn block_of(plan: &Plan, graph: &Graph, node: NodeId) -> Option<BlockId> {
    match graph.node(node) {
        Node::Object(id) => Some(plan.objects[*id as usize].block),
        Node::Block(id) | Node::Instances(id) => Some(*id as usize),
        _ => None,
    }
}
