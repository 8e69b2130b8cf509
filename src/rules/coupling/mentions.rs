//! Which names of other objects hide a dependency.

use crate::graph::{Direction, Kind, NodeId, Sense};
use crate::input::plan::references::Target;
use crate::input::plan::{BlockId, How, Mention, ObjectId, Plan, attribute_of};
use crate::rules::Context;
use crate::rules::pending::is_block_nested_in_check;

/// Whether nothing leads from the one to the other, either way: a reference back would make a circle. A module's
/// `depends_on` orders the two by chance, and goes when somebody repairs that leak, unless it names what is named.
pub(super) fn is_hidden(context: &Context<'_>, mention: &Mention) -> bool {
    let graph = context.graph;
    let (by, named) = (node(context, mention), graph.object(mention.named));
    let object = &context.plan.objects[mention.named];
    let from_block = graph.block(object.block);
    let named_so = [named, from_block];
    let reaches = |from: [NodeId; 2], to: &[NodeId]| {
        let mut met = false;
        graph.search(
            from,
            Direction::Dependencies,
            Sense::Order,
            |_, edge, next| {
                let leads = edge.kind != Kind::ModuleDependsOn;
                let ends = if leads { to } else { &named_so };
                met |= ends.contains(&next);
                leads && !met
            },
        );
        met
    };
    // Who refers to an instance that is not there any more, refers to its block.
    let ends = if object.action().removes() {
        &named_so[..]
    } else {
        &named_so[..1]
    };
    !is_no_read(context, mention)
        && !is_forgotten(context, mention)
        && !is_in_another_namespace(context.plan, mention)
        && !is_made(context, mention)
        && same_provider(context, mention)
        && !reaches([by, graph.block(mention.block)], ends)
        && !reaches([named, from_block], &[by])
}

/// The node of who names.
pub(super) fn node(context: &Context<'_>, mention: &Mention) -> NodeId {
    let block = || context.graph.block(mention.block);
    mention
        .object
        .map_or_else(block, |id| context.graph.object(id))
}

/// What a check block looks up is to be the real object, whatever the state says; where everything goes nothing is looked up
/// (Terraform 1.11).
fn is_no_read(context: &Context<'_>, mention: &Mention) -> bool {
    let (plan, graph) = (context.plan, context.graph);
    mention.how == How::Lookup
        && (plan.leaves_nothing || is_block_nested_in_check(plan, graph, mention.block))
}

/// A name in a Kubernetes cluster means something in the namespace of who names.
fn is_in_another_namespace(plan: &Plan, mention: &Mention) -> bool {
    let is_of_cluster = |id: ObjectId| plan.block(id).kind.starts_with("kubernetes_");
    let by = mention.object.filter(|by| is_of_cluster(*by));
    mention.how == How::Name
        && is_of_cluster(mention.named)
        && by.is_some_and(|by| plan.selves.is_apart(by, &plan.selves, mention.named))
}

/// An object that is handed over to another stack is rightly called by its id.
fn is_forgotten(context: &Context<'_>, mention: &Mention) -> bool {
    let action = context.plan.objects[mention.named].action();
    action.removes() && !action.destroys()
}

/// Whether the value comes from an object, which then is the one that names; or from where nobody tells.
fn is_made(context: &Context<'_>, mention: &Mention) -> bool {
    if mention.how == How::Lookup {
        // What it looks for may be the object itself.
        return context
            .graph
            .is_block_made_of_unknown(context.plan, mention.block);
    }
    let (Some(id), Some(path)) = (mention.object, &mention.path) else {
        return false;
    };
    let attribute = attribute_of(path);
    let (plan, graph) = (context.plan, context.graph);
    repeats_unknown(plan, mention.block)
        || repeats_objects(context, id, mention.block, attribute)
        || !graph.made_of(plan, id, Some(attribute)).is_empty()
        || graph.is_made_of_unknown(plan, id, attribute)
}

/// Whether the block is repeated over a local value that nobody tells the contents of: `each.value` may be a reference.
fn repeats_unknown(plan: &Plan, block: BlockId) -> bool {
    let Some(resource) = plan.resource(block) else {
        return false;
    };
    let config = plan.modules[plan.blocks[block].module].config;
    let locals = config.map(|config| &plan.configuration.modules[config].locals);
    resource.repetition.references().iter().any(|reference| {
        matches!(&reference.target, Target::Local(name)
            if locals.is_none_or(|locals| !locals.contains_key(name)))
    })
}

/// Whether the block is repeated over what objects are, and the attribute is not literal: `each.value` may be of one.
fn repeats_objects(context: &Context<'_>, id: ObjectId, block: BlockId, attribute: &str) -> bool {
    let (plan, graph) = (context.plan, context.graph);
    let is_literal = plan
        .resource(block)
        .is_some_and(|resource| resource.literals_of(attribute).next().is_some());
    !is_literal && !graph.made_of(plan, id, Some("for_each")).is_empty()
}

/// Names mean something within one account and region: what two provider configurations make may share them.
fn same_provider(context: &Context<'_>, mention: &Mention) -> bool {
    let provider = |block| {
        context
            .plan
            .resource(block)
            .map(|resource| &resource.provider)
    };
    let named = context.plan.objects[mention.named].block;
    let of_nobody = provider(named).is_none();
    let elsewhere = || context.plan.works_elsewhere(mention.block, mention.named);
    mention.how == How::Id
        || provider(mention.block) == provider(named)
        || provider(mention.block)
            .zip(provider(named))
            .is_some_and(|(one, other)| work_in_one_cluster(context.plan, one, other))
        // What is not configured any more was somebody's.
        || of_nobody && !elsewhere()
}

/// Whether two provider configurations work in the same cluster: Helm releases live in namespaces that the Kubernetes
/// provider makes. With several of either nobody tells which belong together.
fn work_in_one_cluster(plan: &Plan, one: &str, other: &str) -> bool {
    const OF_CLUSTERS: [&str; 3] = ["helm", "kubectl", "kubernetes"];
    let name = |key: &str| {
        let own = key.rsplit(':').next().unwrap_or(key);
        own.split('.').next().unwrap_or(own).to_owned()
    };
    let is_only = |key: &str| {
        let mut keys = plan.configuration.providers.keys();
        OF_CLUSTERS.contains(&&*name(key))
            && keys.all(|known| **known == *key || name(known) != name(key))
    };
    is_only(one) && is_only(other)
}
