//! What puts the read of a data source off: a change that is pending behind what it, or a module around it, depends on.
//!
//! Terraform 1.11 looks at resources by their config address (`dependenciesHavePendingChanges`): of what the data source
//! names in `depends_on` or refers to, at that resource alone; behind a module, an output or a variable that it names, and
//! behind everything in the `depends_on` of a module around it, at all that is on the way.

use super::Context;
use super::coupling::entries::{Carrier, Use, lists};
use crate::graph::{Direction, Graph, Kind, Node, NodeId, Sense};
use crate::input::address::Mode;
use crate::input::plan::configuration::ConfigModuleId;
use crate::input::plan::{Action, BlockId, ObjectId, Plan};
use std::collections::{BTreeMap, BTreeSet};

/// Data sources that are read late, and whose `depends_on` puts them off.
pub(super) type Carriers<'c> = BTreeMap<ObjectId, BTreeSet<&'c str>>;

/// Whether an object is a data source whose read is put off.
pub(super) fn is_put_off(plan: &Plan, id: ObjectId) -> bool {
    plan.objects[id].action() == Action::Read
        && plan.objects[id].reason() == "read_because_dependency_pending"
}

/// Whether an object is a data source nested in a check block, where a late read is harmless. The configuration lists it as
/// any other; but nothing outside the block can refer to it, no output either (Terraform 1.5 and later).
pub(super) fn is_nested_in_check(plan: &Plan, graph: &Graph, id: ObjectId) -> bool {
    plan.objects[id].reason() == "read_because_check_nested"
        || may_be_nested(plan, plan.objects[id].block) && !is_read(graph, graph.object(id))
}

/// The same of all that a block has.
pub(super) fn is_block_nested_in_check(plan: &Plan, graph: &Graph, block: BlockId) -> bool {
    let objects = &plan.blocks[block].objects;
    if objects.is_empty() {
        return may_be_nested(plan, block) && !is_read(graph, graph.block(block));
    }
    objects
        .iter()
        .all(|id| is_nested_in_check(plan, graph, *id))
}

fn may_be_nested(plan: &Plan, block: BlockId) -> bool {
    let block = &plan.blocks[block];
    let module = plan.config_module_address(block.module);
    block.mode == Mode::Data && plan.check_modules.contains(module)
}

/// Whether anything is made of the values of an object or a block: another object, an output, a local, a provider.
fn is_read(graph: &Graph, own: NodeId) -> bool {
    // All that stands for the object itself.
    let is_whole = |node| matches!(graph.node(node), Node::Block(_) | Node::Instances(_));
    let reach = graph.search([own], Direction::Dependents, Sense::Flow, |from, _, _| {
        from == own || is_whole(from)
    });
    let mut nodes = reach.nodes().iter();
    nodes.any(|node| *node != own && !is_whole(*node))
}

/// The data sources that wait for the entries of a list, and whose reads are put off by a `depends_on` alone.
pub(super) fn put_off(plan: &Plan, graph: &Graph, list: &[Use<'_>]) -> Vec<ObjectId> {
    // What waits for one entry of a list waits for all.
    let waiting = list.first().map_or(&[][..], |entry| &entry.waiting);
    let late = graph
        .objects_among(waiting)
        .filter(|id| is_put_off(plan, *id));
    late.filter(|id| {
        let referred = graph.named_resources(plan, graph.block(plan.objects[*id].block));
        changing(plan, graph, referred).is_empty()
    })
    .collect()
}

/// The objects whose pending change makes an entry put reads off.
pub(super) fn behind_entry(plan: &Plan, graph: &Graph, entry: &Use<'_>) -> BTreeSet<ObjectId> {
    let targets = entry.targets(graph);
    match entry.carrier {
        Carrier::Module => behind(plan, graph, targets, &[]),
        Carrier::Data | Carrier::Resource => named(plan, graph, targets),
    }
}

/// Whether an entry would put reads off without some others: what waits behind it may wait for the change by one of them.
fn puts_off_without(plan: &Plan, graph: &Graph, entry: &Use<'_>, others: &[&[Use<'_>]]) -> bool {
    if entry.carrier != Carrier::Module {
        return !behind_entry(plan, graph, entry).is_empty();
    }
    !behind(plan, graph, entry.targets(graph), others).is_empty()
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
        own.extend(graph.named_resources(plan, *node));
        for (to, edge) in graph.neighbours(*node, Direction::Dependencies, Sense::Order) {
            match edge.kind {
                Kind::ModuleDependsOn => of_modules.push(to),
                Kind::DependsOn => own.push(to),
                _ => {}
            }
        }
    }
    let mut found = named(plan, graph, own);
    found.append(&mut behind(plan, graph, of_modules, &[]));
    found
}

/// The data sources that are put off, each with those whose `depends_on` does that.
pub(super) fn carriers<'c>(context: &Context<'c>) -> Carriers<'c> {
    let (plan, graph) = (context.plan, context.graph);
    let mut putting_off: BTreeMap<ObjectId, Vec<&'c [Use<'c>]>> = BTreeMap::new();
    for list in lists(context.depends_on_entries()) {
        let late = put_off(plan, graph, list);
        let puts_off = |entry: &Use<'_>| !behind_entry(plan, graph, entry).is_empty();
        if !late.is_empty() && list.iter().any(puts_off) {
            for id in late {
                putting_off.entry(id).or_default().push(list);
            }
        }
    }
    let putting_off = putting_off.into_iter();
    putting_off
        .map(|(id, lists)| (id, at_fault(plan, graph, &lists)))
        .collect()
}

/// Of lists that put one read off those that do it by themselves; all of them, where none does.
fn at_fault<'c>(plan: &Plan, graph: &Graph, lists: &[&'c [Use<'c>]]) -> BTreeSet<&'c str> {
    let own = lists.iter().filter(|list| {
        let others = lists.iter().filter(|other| !std::ptr::eq(**other, **list));
        let others: Vec<&[Use<'_>]> = others.copied().collect();
        let mut entries = list.iter();
        others.is_empty() || entries.any(|entry| puts_off_without(plan, graph, entry, &others))
    });
    let address = |list: &&'c [Use<'c>]| &*list[0].address;
    let found: BTreeSet<_> = own.map(address).collect();
    if found.is_empty() {
        return lists.iter().map(address).collect();
    }
    found
}

/// What changes of resources that are named, and of all behind anything else.
fn named(plan: &Plan, graph: &Graph, nodes: Vec<NodeId>) -> BTreeSet<ObjectId> {
    let (resources, others): (Vec<_>, Vec<_>) = nodes
        .into_iter()
        .partition(|node| graph.block_of(plan, *node).is_some());
    let mut found = changing(plan, graph, resources);
    found.append(&mut behind(plan, graph, others, &[]));
    found
}

/// What changes of all behind some nodes, if it were not for the entries of some lists.
fn behind(
    plan: &Plan,
    graph: &Graph,
    nodes: Vec<NodeId>,
    without: &[&[Use<'_>]],
) -> BTreeSet<ObjectId> {
    let entries = || without.iter().copied().flatten();
    let reach = graph.search(
        nodes,
        Direction::Dependencies,
        Sense::Order,
        |from, edge, _| !entries().any(|entry| entry.draws(from, edge, graph)),
    );
    // What is no longer configured is waited for with the module it was in, while that is called (Terraform 1.11).
    let modules = reach
        .nodes()
        .iter()
        .filter_map(|node| match graph.node(*node) {
            Node::Objects(module) => plan.unconfigured.get(&(*module as usize)),
            _ => None,
        });
    let gone = modules.flatten().map(|block| graph.block(*block));
    changing(plan, graph, reach.nodes().iter().copied().chain(gone))
}

/// The managed objects of some blocks that have a change pending.
fn changing(
    plan: &Plan,
    graph: &Graph,
    nodes: impl IntoIterator<Item = NodeId>,
) -> BTreeSet<ObjectId> {
    let blocks = nodes
        .into_iter()
        .filter_map(|node| graph.block_of(plan, node));
    let managed = blocks.filter(|id| plan.blocks[*id].mode == Mode::Managed);
    let blocks: BTreeSet<BlockId> = in_all_instances(plan, managed);
    let objects = blocks
        .into_iter()
        .flat_map(|id| plan.blocks[id].objects.iter().copied());
    objects
        .filter(|id| plan.objects[*id].action().changes())
        .collect()
}

/// Managed blocks, and the same in the other instances of their modules: Terraform 1.11 does not look at keys.
fn in_all_instances(plan: &Plan, blocks: impl Iterator<Item = BlockId>) -> BTreeSet<BlockId> {
    let mut found: BTreeSet<BlockId> = blocks.collect();
    let mut names: BTreeMap<ConfigModuleId, BTreeSet<(&str, &str)>> = BTreeMap::new();
    for block in found.iter().map(|id| &plan.blocks[*id]) {
        let module = &plan.modules[block.module];
        if let Some(config) = module.config.filter(|_| module.address.contains('[')) {
            let names = names.entry(config).or_default();
            names.insert((&*block.kind, &*block.name));
        }
    }
    for (id, module) in plan.modules.iter().enumerate() {
        let names = module.config.and_then(|config| names.get(&config));
        for (kind, name) in names.into_iter().flatten() {
            found.extend(plan.find_block(id, Mode::Managed, kind, name));
        }
    }
    found
}
