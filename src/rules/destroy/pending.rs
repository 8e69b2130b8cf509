//! What puts the read of a data source off: Terraform reads it late when anything managed behind its `depends_on`, or
//! behind that of a module around it, has a change pending (Terraform 1.11).

use crate::graph::{Direction, Graph, Kind, NodeId, Sense};
use crate::input::plan::{ObjectId, Plan};
use crate::rules::Context;
use std::collections::BTreeSet;

/// The managed objects at or behind some nodes that have a change pending, nearest first.
pub(crate) fn pending(
    plan: &Plan,
    graph: &Graph,
    nodes: impl IntoIterator<Item = NodeId>,
) -> Vec<ObjectId> {
    let behind = graph.search(nodes, Direction::Dependencies, Sense::Order, |_, _, _| true);
    let managed = behind.nodes().iter();
    managed
        .filter(|node| graph.is_managed(plan, **node))
        .filter_map(|node| graph.as_object(*node))
        .filter(|id| plan.objects[*id].action().changes())
        .collect()
}

/// What puts the read of a data source off, nearest first.
pub(super) fn of_data(plan: &Plan, graph: &Graph, id: ObjectId) -> Vec<ObjectId> {
    let carriers = graph.search(
        [graph.object(id)],
        Direction::Dependencies,
        Sense::Order,
        |_, edge, _| edge.kind == Kind::Within,
    );
    let awaited = carriers.nodes().iter().flat_map(|node| {
        let edges = graph.neighbours(*node, Direction::Dependencies, Sense::Order);
        let waits = |kind| matches!(kind, Kind::DependsOn | Kind::ModuleDependsOn);
        edges.filter_map(move |(to, edge)| waits(edge.kind).then_some(to))
    });
    pending(plan, graph, awaited)
}

/// Whose `depends_on` put the reads of data sources off.
pub(super) fn carriers(context: &Context<'_>, late: &BTreeSet<ObjectId>) -> BTreeSet<String> {
    let (plan, graph) = (context.plan, context.graph);
    let entries = context.depends_on_entries().iter();
    let of_these = entries.filter(|entry| {
        let mut waiting = entry.waiting.iter();
        waiting.any(|node| graph.as_object(*node).is_some_and(|id| late.contains(&id)))
            && !pending(plan, graph, entry.awaited(graph)).is_empty()
    });
    of_these.map(|entry| entry.address.clone()).collect()
}
