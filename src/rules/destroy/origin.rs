//! What a value of an object is made of.

use super::cause::origins;
use crate::graph::{Direction, Graph, Kind, Node, NodeId, Sense};
use crate::input::address::Mode;
use crate::input::plan::{Action, ObjectId, Plan};
use std::collections::BTreeSet;

/// Objects an attribute is made of, the nearest on every way; those of the whole block without one.
pub(super) fn upstream(
    plan: &Plan,
    graph: &Graph,
    id: ObjectId,
    attribute: Option<&str>,
) -> Vec<ObjectId> {
    let block = graph.block(plan.objects[id].block);
    let mut found = BTreeSet::new();
    for start in [graph.object(id), block] {
        for (next, edge) in graph.neighbours(start, Direction::Dependencies, Sense::Flow) {
            let wanted =
                edge.kind == Kind::Reference && attribute.is_none_or(|a| a == graph.place(edge));
            if wanted && !matches!(graph.node(next), Node::Provider(_)) {
                found.extend(nearest(graph, next));
            }
        }
    }
    found.into_iter().collect()
}

/// The data sources that an attribute is made of, when it is made of nothing else that could have changed it.
pub(super) fn only_read(
    plan: &Plan,
    graph: &Graph,
    id: ObjectId,
    attribute: &str,
) -> Option<Vec<ObjectId>> {
    let made_of = upstream(plan, graph, id, Some(attribute));
    let read = |id: &ObjectId| {
        plan.block(*id).mode == Mode::Data && plan.objects[*id].action() == Action::NoOp
    };
    let all = !made_of.is_empty() && made_of.iter().all(read);
    let block = plan.objects[id].block;
    let resource = plan.resource(block)?;
    let references = resource
        .references
        .iter()
        .filter(|(argument, _)| **argument == *attribute);
    let references: Vec<_> = references.map(|(_, reference)| reference.clone()).collect();
    let data = |origin: &String| origin.split('.').any(|step| step == "data");
    let origins = origins(plan, plan.blocks[block].module, &references);
    (all && origins.iter().all(data)).then_some(made_of)
}

/// The first objects met from a node on.
fn nearest(graph: &Graph, start: NodeId) -> Vec<ObjectId> {
    let reach = graph.search(
        [start],
        Direction::Dependencies,
        Sense::Flow,
        |from, edge, to| {
            let inward = edge.kind != Kind::Within
                || graph.as_object(to).is_some()
                || !matches!(graph.node(to), Node::Entry(_));
            graph.as_object(from).is_none() && inward
        },
    );
    reach
        .nodes()
        .iter()
        .filter_map(|node| graph.as_object(*node))
        .collect()
}
