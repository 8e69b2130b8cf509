//! What is changed in place because a value of what is replaced becomes another.

use super::unknown::{has_unknown, is_known};
use crate::finding::natural;
use crate::graph::{Direction, Edge, Graph, Kind, Node, NodeId, Sense};
use crate::input::names::Name;
use crate::input::plan::references::{Reference, Target};
use crate::input::plan::{Action, BlockId, ObjectId, Plan};
use crate::rules::Context;

/// Objects that are changed in place because a value of a member becomes unknown, in the order of addresses.
pub(super) fn followers(context: &Context<'_>, members: &[ObjectId]) -> Vec<String> {
    let (plan, graph) = (context.plan, context.graph);
    let starts: Vec<_> = members.iter().map(|id| graph.object(*id)).collect();
    let reach = graph.search(
        starts,
        Direction::Dependents,
        Sense::Flow,
        |from, edge, to| carries_values(plan, graph, (from, edge, to)),
    );
    let updated = |id: &ObjectId| {
        let change = plan.objects[*id].change();
        change.action == Action::Update && change.to_unknown
    };
    let found = graph.objects_among(reach.nodes());
    let mut found: Vec<_> = found.filter(updated).map(|id| plan.address(id)).collect();
    found.sort_by(|a, b| natural(a, b));
    found
}

/// Whether unknown values go along an edge: what only waits learns nothing, unless it is read late for that.
fn carries_values(plan: &Plan, graph: &Graph, (from, edge, to): (NodeId, Edge, NodeId)) -> bool {
    // Who refers to a block refers to any of its objects.
    let all = || {
        let block = graph.block_of(plan, from)?;
        Some(&*plan.blocks[block].objects)
    };
    let one = graph.as_object(from);
    if let Some(objects) = one.as_ref().map(std::slice::from_ref).or_else(all) {
        let is_told =
            |id: &ObjectId| has_unknown(plan, *id) && takes_unknown(plan, graph, *id, (edge, to));
        if !objects.iter().any(is_told) {
            return false;
        }
    }
    let is_entry = |node: NodeId| matches!(graph.node(node), Node::Entry(_));
    let waits = is_entry(from) || matches!(edge.kind, Kind::DependsOn | Kind::ModuleDependsOn);
    let is_late = |block: BlockId| {
        let mut objects = plan.blocks[block].objects.iter();
        objects.any(|id| plan.objects[*id].action() == Action::Read)
    };
    !waits || is_entry(to) || graph.block_of(plan, to).is_some_and(is_late)
}

/// Whether somebody who refers to an object takes something of it that is not known to stay as it is.
fn takes_unknown(plan: &Plan, graph: &Graph, id: ObjectId, (edge, to): (Edge, NodeId)) -> bool {
    let block = plan.block(id);
    let is_it = |reference: &&Reference| {
        matches!(&reference.target, Target::Resource { mode, kind, name, .. }
            if (*mode, kind, name) == (block.mode, &block.kind, &block.name))
    };
    let user = graph
        .block_of(plan, to)
        .and_then(|user| plan.resource(user));
    let references = user.into_iter();
    let references = references.flat_map(|user| user.references_of(graph.place(edge)));
    let mut references = references.filter(is_it).peekable();
    let forced = &plan.objects[id].change().forced_by;
    let stays = |reference: &Reference| {
        let attribute = reference.attribute.as_ref();
        let is_forced = |name: &Name| forced.iter().any(|forced| forced.attribute == *name);
        attribute.is_some_and(|name| is_known(plan, id, name) && !is_forced(name))
    };
    references.peek().is_none() || !references.all(stays)
}
