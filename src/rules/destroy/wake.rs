//! What is changed in place because a value of what is replaced becomes another.

use super::unknown::{has_unknown, is_known};
use crate::finding::natural;
use crate::graph::{Direction, Edge, Graph, Kind, Node, NodeId, Sense};
use crate::input::names::Name;
use crate::input::plan::references::Reference;
use crate::input::plan::{Action, BlockId, ObjectId, Plan};
use crate::rules::Context;
use std::collections::BTreeSet;

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
    let found = graph.objects_among(reach.nodes()).filter(updated);
    let mut found: BTreeSet<_> = found.collect();
    // Of a large graph two searches take room.
    drop(reach);
    found.extend(renamed(plan, graph, members));
    let mut found: Vec<_> = found.into_iter().map(|id| plan.address(id)).collect();
    found.sort_by(|a, b| natural(a, b));
    found
}

/// Objects that are changed in place because they are handed a value that has a member replaced, and is known: its new name.
fn renamed(plan: &Plan, graph: &Graph, members: &[ObjectId]) -> Vec<ObjectId> {
    let has_known = |id: &ObjectId| {
        let mut forced = plan.objects[*id].change().forced_by.iter();
        forced.any(|forced| !forced.unknown)
    };
    let members: BTreeSet<_> = members.iter().copied().filter(has_known).collect();
    let reach = graph.search(
        members.iter().map(|id| graph.object(*id)),
        Direction::Dependents,
        Sense::Flow,
        |from, edge, to| match graph.block_of(plan, from) {
            Some(block) => {
                let objects = plan.blocks[block].objects.iter();
                let mut own = objects.filter(|id| members.contains(id)).peekable();
                // Behind a block that uses it only its own instances get the name.
                let within = own.peek().is_none() && edge.kind == Kind::Within;
                within && graph.as_object(from).is_none()
                    || own.any(|id| takes_forced(plan, graph, *id, (edge, to)))
            }
            None => true,
        },
    );
    let updated = |id: &ObjectId| {
        let change = plan.objects[*id].change();
        change.action == Action::Update && change.to_known()
    };
    graph.objects_among(reach.nodes()).filter(updated).collect()
}

/// Whether who refers to an object takes a value of it that has it replaced, and is known.
fn takes_forced(plan: &Plan, graph: &Graph, id: ObjectId, (edge, to): (Edge, NodeId)) -> bool {
    let forced = &plan.objects[id].change().forced_by;
    let is_forced = |reference: &Reference| {
        let mut known = forced.iter().filter(|forced| !forced.unknown);
        let name = reference.attribute.as_ref();
        name.is_some_and(|name| known.any(|forced| forced.attribute == *name))
    };
    let references = references(plan, graph, edge, to);
    let mut own = references.filter(|reference| reference.is_to(plan.block(id)));
    // One of all instances is among them.
    edge.kind == Kind::Within || edge.kind == Kind::Reference && own.any(is_forced)
}

/// The references of what is at a node that an edge comes from: an argument of a block, an output, a local, an input.
fn references<'p>(
    plan: &'p Plan,
    graph: &'p Graph,
    edge: Edge,
    node: NodeId,
) -> Box<dyn Iterator<Item = &'p Reference> + 'p> {
    let config = |module: u32| {
        let config = plan.modules[module as usize].config?;
        Some(&plan.configuration.modules[config])
    };
    let list = match graph.node(node) {
        Node::Output(module, name) => config(*module).and_then(|config| {
            let output = config.outputs.get(graph.text(*name))?;
            Some(&output.references)
        }),
        Node::Local(module, name) => {
            config(*module).and_then(|config| config.locals.get(graph.text(*name)))
        }
        Node::Variable(module, name) => plan
            .call(*module as usize)
            .and_then(|call| call.inputs.get(graph.text(*name))),
        _ => {
            let block = graph.block_of(plan, node);
            let user = block.and_then(|block| plan.resource(block)).into_iter();
            return Box::new(user.flat_map(move |user| user.references_of(graph.place(edge))));
        }
    };
    Box::new(list.into_iter().flatten())
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
    let user = graph
        .block_of(plan, to)
        .and_then(|user| plan.resource(user));
    let references = user.into_iter();
    let references = references.flat_map(|user| user.references_of(graph.place(edge)));
    let mut references = references
        .filter(|reference| reference.is_to(block))
        .peekable();
    let forced = &plan.objects[id].change().forced_by;
    let stays = |reference: &Reference| {
        let attribute = reference.attribute.as_ref();
        let is_forced = |name: &Name| forced.iter().any(|forced| forced.attribute == *name);
        attribute.is_some_and(|name| is_known(plan, id, name) && !is_forced(name))
    };
    references.peek().is_none() || !references.all(stays)
}
