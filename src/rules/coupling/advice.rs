//! What to write in place of a `depends_on` that waits for too much.

use super::entries::{Carrier, Use};
use crate::graph::{Direction, Graph, NodeId, Sense};
use crate::input::names::Name;
use crate::input::plan::configuration::Output;
use crate::input::plan::references::Target;
use crate::input::plan::{BlockId, How, Key, ModuleId, Plan};
use crate::rules::Context;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Of an output behind which there are more edges nobody asks what it stands for.
const MOST_STEPS: usize = 1_000;

/// Whether what an entry waits for is waited for in another way as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ordered {
    Not,
    /// Some of it is.
    InPart,
    /// All of it, by some of what waits: a value of it is passed in.
    BySome,
}

/// What to refer to in place of an entry: outputs of the module that is named, where there are some.
pub(super) fn advice(
    context: &Context<'_>,
    entry: &Use<'_>,
    ordered: Ordered,
) -> Cow<'static, str> {
    let outputs = outputs(context.plan, context.graph, entry);
    match (entry.carrier, outputs.as_slice()) {
        (Carrier::Data, _) => match looked_up(context, entry) {
            Some(found) => format!(
                "Delete the data source: what it looks up, {found}, is managed here. Refer to that, through outputs and \
                 inputs where modules are between."
            )
            .into(),
            None => "Delete depends_on, and let the data source take the id or ARN of what it needs through a local value \
                     or an output: a reference by name puts the read off as well, and a configured name is known before \
                     the object is there."
                .into(),
        },
        (Carrier::Module, []) if ordered == Ordered::BySome => format!(
            "Delete depends_on: the module is given a value of {}, and what uses that waits for it.",
            entry.entry.text
        )
        .into(),
        (Carrier::Module, []) => {
            "Pass what the module needs as an input, and delete depends_on.".into()
        }
        // Some of it is waited for by another way: a value of it is an input.
        (Carrier::Module, [_, ..]) if ordered != Ordered::Not => format!(
            "Delete depends_on: the module is given what it needs of {0}. Where the order of the rest counts, let the \
             output in {0} depend on it.",
            entry.entry.text
        )
        .into(),
        (Carrier::Module, some) => format!(
            "Pass {} as an input, whichever the module needs, and delete depends_on.",
            some.join(" or ")
        )
        .into(),
        (Carrier::Resource, []) if ordered != Ordered::Not => {
            "Delete it if what is read of the module orders enough; else give the module an output of what is needed, and \
             name that."
                .into()
        }
        (Carrier::Resource, []) => {
            "Give the module an output of what is needed, and name that.".into()
        }
        // An expression is refused there (Terraform 1.11: "A single static variable reference is required").
        (Carrier::Resource, some) if some.iter().any(|output| output.contains("[*]")) => format!(
            "Name a local value made of {} instead, whichever is needed: depends_on takes no expression.",
            some.join(" or ")
        )
        .into(),
        (Carrier::Resource, [only]) => format!("Name {only} instead, if that is needed.").into(),
        (Carrier::Resource, some) => {
            format!("Name {} instead, whichever is needed.", some.join(" or ")).into()
        }
    }
}

/// The blocks of a carrier, one in each instance of its module.
fn blocks(plan: &Plan, graph: &Graph, entry: &Use<'_>) -> BTreeSet<BlockId> {
    let waiting = entry.waiting.iter();
    waiting
        .filter_map(|node| graph.block_of(plan, *node))
        .collect()
}

/// The managed object that a data source looks up: once nothing waits for that, a first plan does not find it.
fn looked_up(context: &Context<'_>, entry: &Use<'_>) -> Option<String> {
    let plan = context.plan;
    let own = blocks(plan, context.graph, entry);
    let mut mentions = plan.mentions.found.iter();
    let found = mentions.find(|mention| mention.how == How::Lookup && own.contains(&mention.block));
    if let Some(found) = found {
        return Some(plan.config_address(plan.objects[found.named].block));
    }
    let awaited = entry.awaited(context.graph);
    let mut targets = awaited
        .iter()
        .filter_map(|node| context.graph.block_of(plan, *node));
    let lists = |target: &BlockId| {
        let mut data = own.iter().map(|block| &*plan.blocks[*block].kind);
        data.any(|data| is_list_of(data, &plan.blocks[*target].kind))
    };
    targets.find(lists).map(|block| plan.config_address(block))
}

/// Whether a data source finds all objects of a type, as `aws_subnets` does.
fn is_list_of(data: &str, kind: &str) -> bool {
    let tails = ["s", "_ids"];
    data.strip_prefix(kind)
        .is_some_and(|tail| tails.contains(&tail))
}

/// Whether an output of a module instance waits for some of what an entry alone waits for, as far as it is told: who refers
/// to it instead then waits for that. An output that nobody reads is in no graph.
fn stands_for(
    (plan, graph): (&Plan, &Graph),
    module: ModuleId,
    output: &Output,
    extra: &[NodeId],
) -> bool {
    let named = output
        .depends_on
        .iter()
        .map(|entry| entry.reference.as_ref());
    let mut all = output.references.iter().map(Some).chain(named);
    all.any(|reference| {
        let Some(Target::Resource {
            mode, kind, name, ..
        }) = reference.map(|reference| &reference.target)
        else {
            return true;
        };
        let Some(block) = plan.find_block(module, *mode, kind, name) else {
            return true;
        };
        let objects = plan.blocks[block].objects.iter();
        let nodes = objects.map(|id| graph.object(*id));
        let nodes = nodes.chain([graph.block(block)]);
        let mut steps = 0;
        let reach = graph.search(nodes, Direction::Dependencies, Sense::Order, |_, _, _| {
            steps += 1;
            steps <= MOST_STEPS
        });
        steps > MOST_STEPS || extra.iter().any(|node| reach.contains(*node))
    })
}

fn outputs(plan: &Plan, graph: &Graph, entry: &Use<'_>) -> Vec<String> {
    const MOST: usize = 3;
    let Some(Target::Module { call, key }) = entry
        .entry
        .reference
        .as_ref()
        .map(|reference| &reference.target)
    else {
        return Vec::new();
    };
    let modules: BTreeSet<_> = entry
        .targets(graph)
        .into_iter()
        .filter_map(|node| graph.module_of(plan, node))
        .collect();
    // What is repeated over a constant is told by its keys alone.
    let own_key = modules.iter().find_map(|id| plan.modules[*id].key.as_ref());
    let configured = |id: &ModuleId| Some((*id, plan.modules[*id].config?));
    let config = modules.iter().find_map(configured);
    let outputs = config.map(|(module, id)| {
        let outputs = plan.configuration.modules[id].outputs.iter();
        outputs.map(move |(name, output)| (name, module, output))
    });
    let awaited = entry.awaited(graph);
    let extra = entry.extra(graph, &awaited);
    let extra = if extra.is_empty() { &awaited } else { extra };
    // What is read already orders already.
    let block = blocks(plan, graph, entry).into_iter().next();
    let resource = block.filter(|_| entry.carrier == Carrier::Resource);
    let resource = resource.and_then(|block| plan.resource(block));
    let own = resource.map_or(&[][..], |resource| &resource.references);
    let is_new = |name: &Name| {
        let is_it = |target: &Target| matches!(target, Target::Output { call: module, output, .. } if module == call && output == name);
        !own.iter().any(|(_, reference)| is_it(&reference.target))
    };
    let of = |name: &Name| match (key, own_key) {
        (None, Some(Key::Index(_))) => format!("module.{call}[*].{name}"),
        (None, Some(_)) => format!("values(module.{call})[*].{name}"),
        _ => format!("{}.{name}", entry.entry.text),
    };
    let new = outputs
        .into_iter()
        .flatten()
        .filter(|(name, ..)| is_new(name));
    // What is passed in is for the module to need; a name in depends_on has to order.
    let useful = new.filter(|(_, module, output)| {
        resource.is_none() || stands_for((plan, graph), *module, output, extra)
    });
    useful.take(MOST).map(|(name, ..)| of(name)).collect()
}
