//! What to write in place of a `depends_on` that waits for too much.

use super::entries::{Carrier, Use};
use crate::graph::Graph;
use crate::input::names::Name;
use crate::input::plan::configuration::Repetition;
use crate::input::plan::references::Target;
use crate::input::plan::{BlockId, How, Plan};
use crate::rules::Context;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// What to refer to in place of an entry: outputs of the module that is named, where there are some. `orders_rest` tells that
/// some of what is awaited is waited for in another way as well.
pub(super) fn advice(
    context: &Context<'_>,
    entry: &Use<'_>,
    orders_rest: bool,
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
        (Carrier::Module, []) if orders_rest => format!(
            "Delete depends_on: the module is given a value of {}, and what uses that waits for it.",
            entry.entry.text
        )
        .into(),
        (Carrier::Module, []) => {
            "Pass what the module needs as an input, and delete depends_on.".into()
        }
        // Some of it is waited for by another way: a value of it is an input.
        (Carrier::Module, [_, ..]) if orders_rest => format!(
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
        (Carrier::Resource, []) if orders_rest => {
            "Delete it if what is read of the module orders enough; else give the module an output of what is needed, and \
             name that."
                .into()
        }
        (Carrier::Resource, []) => {
            "Give the module an output of what is needed, and name that.".into()
        }
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
    let found =
        mentions.find(|mention| mention.how == How::Lookup && own.contains(&mention.block))?;
    Some(plan.config_address(plan.objects[found.named].block))
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
    let repetition = modules
        .iter()
        .find_map(|id| Some(&plan.call(*id)?.repetition));
    let config = modules.into_iter().find_map(|id| plan.modules[id].config);
    let names = config
        .map(|id| plan.configuration.modules[id].outputs.keys())
        .into_iter()
        .flatten();
    // What is read already orders already.
    let block = blocks(plan, graph, entry).into_iter().next();
    let resource = block.filter(|_| entry.carrier == Carrier::Resource);
    let resource = resource.and_then(|block| plan.resource(block));
    let own = resource.map_or(&[][..], |resource| &resource.references);
    let is_new = |name: &&Name| {
        let is_it = |target: &Target| matches!(target, Target::Output { call: module, output, .. } if module == call && output == *name);
        !own.iter().any(|(_, reference)| is_it(&reference.target))
    };
    let of = |name: &Name| match (key, repetition) {
        (None, Some(Repetition::Count(_))) => format!("module.{call}[*].{name}"),
        (None, Some(Repetition::ForEach(_))) => format!("values(module.{call})[*].{name}"),
        _ => format!("{}.{name}", entry.entry.text),
    };
    names.filter(is_new).take(MOST).map(of).collect()
}
