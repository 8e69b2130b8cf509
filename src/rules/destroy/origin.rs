//! What a value of an object is made of.

use super::cause::inputs;
use crate::catalog::attributes::{hardly_changes, is_settled};
use crate::graph::Graph;
use crate::input::address::Mode;
use crate::input::names::Name;
use crate::input::plan::references::{Reference, Target};
use crate::input::plan::{Action, BlockId, Forced, Key, ModuleId, ObjectId, Plan, Subject};
use std::collections::BTreeSet;

/// Nobody hands a value through more locals, variables and outputs.
pub(super) const MOST_STEPS: usize = 1_000;

/// Where a reference stands: the module instance, and what it says.
pub(in crate::rules) type Place<'p> = (ModuleId, &'p Reference);

/// Where the references of an attribute of a block stand.
pub(super) fn places<'p>(
    plan: &'p Plan,
    block: BlockId,
    attribute: &str,
) -> impl Iterator<Item = Place<'p>> {
    let module = plan.blocks[block].module;
    let resource = plan.resource(block).into_iter();
    let references = resource.flat_map(move |resource| resource.references_of(attribute));
    references.map(move |reference| (module, reference))
}

/// The replaced objects whose own forcing attribute an attribute hands on, when it is made of nothing else that could have
/// changed it: `cluster_name = aws_eks_cluster.this.name` is known, and follows all the same.
pub(super) fn handed_on(
    plan: &Plan,
    graph: &Graph,
    id: ObjectId,
    own: &Forced,
) -> Option<Vec<ObjectId>> {
    let read = read_from(plan, graph, id, &own.attribute, |other, read| {
        let object = &plan.objects[other];
        let mut forced = object.change().forced_by.iter();
        object.action().replaces()
            && forced.any(|forced| match read {
                Some(name) => name == &*forced.attribute,
                None => is_alike(forced, own),
            })
    });
    read.or_else(|| taken(plan, graph, id, own))
}

/// The replaced objects that have both the old and the new value in a forcing attribute of their own, among what an attribute
/// may be made of: whichever of them is chosen, and by whatever key, as in `module.role[each.value.role].name`.
fn taken(plan: &Plan, graph: &Graph, id: ObjectId, own: &Forced) -> Option<Vec<ObjectId>> {
    let ([_], Some(_)) = (&*own.was, own.will_be) else {
        return None;
    };
    let places = [&*own.attribute, "for_each"].into_iter();
    let made_of = places.flat_map(|place| graph.made_of(plan, id, Some(place)));
    let is_taken = |other: &ObjectId| {
        let object = &plan.objects[*other];
        let mut forced = object.change().forced_by.iter();
        let same = |forced: &Forced| (&forced.was, forced.will_be) == (&own.was, own.will_be);
        object.action().replaces() && forced.any(same)
    };
    let found: BTreeSet<ObjectId> = made_of.filter(is_taken).collect();
    (!found.is_empty()).then(|| found.into_iter().collect())
}

/// Whether two values changed alike: the one may be handed on by the other.
fn is_alike(one: &Forced, other: &Forced) -> bool {
    let print = |forced: &Forced| forced.rewording.as_deref().map(|rewording| rewording.print);
    let same = one.will_be.is_some() && one.will_be == other.will_be;
    same || print(one).is_some() && print(one) == print(other)
}

/// The objects that changed outside of Terraform in what an attribute reads of them, when it is made of nothing else that could
/// have changed it.
pub(super) fn drifted(
    plan: &Plan,
    graph: &Graph,
    id: ObjectId,
    attribute: &str,
) -> Option<Vec<ObjectId>> {
    read_from(plan, graph, id, attribute, |other, read| {
        let mut drift = plan.drift.iter();
        drift.any(|drifted| {
            let mut values = drifted.values.iter();
            drifted.subject == Subject::Object(other)
                && values.any(|value| read.is_none_or(|name| name == &*value.attribute))
        })
    })
}

/// The objects that an attribute reads, when it is made of managed resources alone, and what it reads of them `changed`.
/// Behind a key that is an expression, the plan does not say which attribute that is.
fn read_from(
    plan: &Plan,
    graph: &Graph,
    id: ObjectId,
    attribute: &str,
    changed: impl Fn(ObjectId, Option<&str>) -> bool,
) -> Option<Vec<ObjectId>> {
    let own = places(plan, plan.objects[id].block, attribute);
    let sources = resources(plan, Mode::Managed, own.collect())?;
    let mut made_of = graph.made_of(plan, id, Some(attribute));
    made_of.retain(|other| {
        let block = plan.block(*other);
        let is_source = |(_, source): &&Place<'_>| matches!(&source.target, Target::Resource { kind, name, .. } if *kind == block.kind && *name == block.name);
        let mut named = sources.iter().filter(is_source);
        named.any(|(_, source)| changed(*other, source.attribute.as_deref()))
    });
    (!made_of.is_empty()).then_some(made_of)
}

/// The resources of a mode that values are made of, each with its attribute where the plan says which; nothing when they
/// are made of anything else: variables of the root module, constants, locals that nobody tells.
fn resources<'p>(plan: &'p Plan, wanted: Mode, mut left: Vec<Place<'p>>) -> Option<Vec<Place<'p>>> {
    let (mut found, mut steps) = (Vec::new(), 0);
    while let Some((module, reference)) = left.pop() {
        steps += 1;
        match &reference.target {
            Target::Resource { mode, .. } if *mode == wanted => found.push((module, reference)),
            _ if steps > MOST_STEPS => return None,
            target => {
                let behind = behind(plan, module, target)?;
                if behind.is_empty() {
                    return None;
                }
                left.extend(behind);
            }
        }
    }
    (!found.is_empty()).then_some(found)
}

/// The resources that an attribute is made of, or a whole block without one, as far as the plan can be followed.
pub(super) fn read_by<'p>(
    plan: &'p Plan,
    block: BlockId,
    attribute: Option<&str>,
) -> Vec<Place<'p>> {
    let module = plan.blocks[block].module;
    let resource = plan.resource(block).into_iter();
    let own = resource.flat_map(|resource| &*resource.references);
    let own = own.filter(|(name, _)| attribute.is_none_or(|attribute| **name == *attribute));
    let mut left: Vec<_> = own.map(|(_, reference)| (module, reference)).collect();
    let (mut found, mut steps) = (Vec::new(), 0);
    while let Some((module, reference)) = left.pop().filter(|_| steps < MOST_STEPS) {
        steps += 1;
        if matches!(reference.target, Target::Resource { .. }) {
            found.push((module, reference));
        } else {
            left.extend(behind(plan, module, &reference.target).unwrap_or_default());
        }
    }
    found
}

/// Whether everything that some places are made of is known to its end, in fewer steps than `most`. `behind` says what
/// something in a module is made of; nothing where that is not to be followed, or nobody tells.
pub(in crate::rules) fn all_told<'p>(
    places: impl Iterator<Item = Place<'p>>,
    most: usize,
    behind: impl Fn(ModuleId, &'p Target) -> Option<Vec<Place<'p>>>,
) -> bool {
    let mut left: Vec<_> = places.collect();
    let mut steps = 0;
    while let Some((module, reference)) = left.pop() {
        steps += 1;
        match behind(module, &reference.target) {
            Some(made_of) if steps < most => left.extend(made_of),
            _ => return false,
        }
    }
    true
}

/// What a variable, a local or an output is made of.
pub(in crate::rules) fn behind<'p>(
    plan: &'p Plan,
    module: ModuleId,
    target: &'p Target,
) -> Option<Vec<Place<'p>>> {
    let config = |module: ModuleId| plan.configuration.modules.get(plan.modules[module].config?);
    match target {
        Target::Variable(name) => Some(inputs(plan, module, name)),
        Target::Local(name) => {
            let made_of = config(module)?.locals.get(name)?.iter();
            Some(made_of.map(|reference| (module, reference)).collect())
        }
        Target::Output { call, key, output } => {
            behind_output(plan, called(plan, module, call, key.as_deref())?, output)
        }
        _ => None,
    }
}

/// What an output of a module instance is made of.
pub(super) fn behind_output<'p>(
    plan: &'p Plan,
    module: ModuleId,
    output: &Name,
) -> Option<Vec<Place<'p>>> {
    let config = &plan.configuration.modules[plan.modules[module].config?];
    let made_of = config.outputs.get(output)?.references.iter();
    Some(made_of.map(|reference| (module, reference)).collect())
}

/// An instance of a module call.
pub(super) fn called(
    plan: &Plan,
    parent: ModuleId,
    call: &Name,
    key: Option<&Key>,
) -> Option<ModuleId> {
    let mut modules = plan.modules.iter();
    modules.position(|module| {
        let is_it = key.is_none() || module.key.as_ref() == key;
        module.call_site() == (Some(parent), call) && is_it
    })
}

/// The data sources that a forcing attribute is made of, when it is made of nothing else that could have changed it.
pub(super) fn only_read(
    plan: &Plan,
    graph: &Graph,
    id: ObjectId,
    forced: &Forced,
) -> Option<Vec<ObjectId>> {
    let made_of = graph.made_of(plan, id, Some(&forced.attribute));
    // Beside what never changes by itself, somebody edited what is made of it.
    let read = |id: &ObjectId| {
        let block = plan.block(*id);
        let is_read = block.mode == Mode::Data && plan.objects[*id].action() == Action::NoOp;
        let may_change = if hardly_changes(&block.kind) {
            has_lost(plan, *id, forced)
        } else {
            !is_settled(&block.kind)
        };
        is_read && may_change
    };
    let all = !made_of.is_empty() && made_of.iter().all(read);
    let own = places(plan, plan.objects[id].block, &forced.attribute);
    resources(plan, Mode::Data, own.collect()).filter(|_| all)?;
    Some(made_of)
}

/// Whether the new value of an attribute is one that a data source returned, and the old one is none any more.
fn has_lost(plan: &Plan, data: ObjectId, forced: &Forced) -> bool {
    let returned = plan.returned.get(&data).map_or(&[][..], Vec::as_slice);
    let among = |print: &u64| returned.contains(print);
    let is_new = forced.will_be.is_some_and(|print| among(&print.get()));
    is_new && matches!(&*forced.was, [was] if !among(was))
}
