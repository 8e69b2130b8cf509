//! Literal ids of objects that another stack manages.

use crate::finding::{Finding, Place};
use crate::input::plan::references::{Reference, Target};
use crate::input::plan::{ModuleId, ObjectId, Plan};
use crate::rules::Sink;
use crate::rules::destroy::origin::{all_told, behind};
use crate::rules::stacks::Stack;
use foldhash::HashMap;
use std::collections::BTreeSet;

/// So many steps back from an argument are taken.
const MOST_STEPS: usize = 100;

/// A finding for every argument that holds the id of an object of another stack, with whether that object goes.
pub(super) fn findings(stacks: &[Stack<'_>], sink: &Sink) -> Vec<(bool, Finding)> {
    let mut owners: HashMap<u64, BTreeSet<(usize, ObjectId)>> = HashMap::default();
    let texts = stacks.iter().flat_map(|one| &one.plan.selves.texts);
    owners.extend(texts.map(|(.., call)| (*call, BTreeSet::new())));
    for (stack, one) in stacks.iter().enumerate() {
        for (call, id) in &one.plan.selves.ids {
            if let Some(owners) = owners.get_mut(call) {
                owners.insert((stack, *id));
            }
        }
    }
    let (mut found, mut told) = (Vec::new(), BTreeSet::new());
    for (stack, one) in stacks.iter().enumerate() {
        for (id, path, call) in &one.plan.selves.texts {
            let named = owners.get(call).filter(|named| named.len() == 1);
            let named = named.and_then(|named| named.first().copied());
            let Some((other, named)) = named.filter(|(other, _)| *other != stack) else {
                continue;
            };
            let block = one.plan.objects[*id].block;
            let argument = path.split('.').next().unwrap_or(path);
            if is_literal(one.plan, *id, argument)
                && told.insert((stack, block, path, other, named))
            {
                let goes = stacks[other].plan.objects[named].action();
                let goes = goes.destroys() || goes.removes();
                found.push((
                    goes,
                    finding(stacks, (stack, *id), path, (other, named), goes, sink),
                ));
            }
        }
    }
    found
}

/// Whether somebody wrote the value down: nothing is referred to in the argument but what is written down itself, and what
/// the block may be repeated over is not in it.
fn is_literal(plan: &Plan, id: ObjectId, argument: &str) -> bool {
    let block = plan.objects[id].block;
    let Some(resource) = plan.resource(block) else {
        return false;
    };
    let constant = resource.literals_of(argument).next().is_some();
    resource.has_argument(argument)
        && (constant || resource.repetition.references().is_empty())
        && are_written(
            plan,
            plan.blocks[block].module,
            resource.references_of(argument),
        )
}

/// Whether what is referred to in a module is made of literals alone: arguments of its call, its defaults, locals. What a root
/// variable is, no repository says.
fn are_written<'p>(
    plan: &'p Plan,
    module: ModuleId,
    references: impl Iterator<Item = &'p Reference>,
) -> bool {
    let places = references.map(|reference| (module, reference));
    all_told(places, MOST_STEPS, |module, target| match target {
        Target::Variable(name) => {
            let by_element = plan.call(module)?.each.contains_key(name);
            (!by_element)
                .then(|| behind(plan, module, target))
                .flatten()
        }
        Target::Local(_) => behind(plan, module, target),
        _ => None,
    })
}

fn finding(
    stacks: &[Stack<'_>],
    (stack, id): (usize, ObjectId),
    path: &str,
    (other, named): (usize, ObjectId),
    goes: bool,
    sink: &Sink,
) -> Finding {
    let target = format!(
        "{}:{}",
        stacks[other].name,
        stacks[other].plan.address(named)
    );
    let so = match (goes, stacks[other].is_state()) {
        (true, _) => "That object goes in the plan beside this one.",
        (false, false) => "Neither plan shows what a change there does here.",
        (false, true) => "No plan there shows what a change does here.",
    };
    let address = stacks[stack].plan.address(id);
    let mut finding = sink
        .finding(
            address.clone(),
            format!(
                "{path} holds {} of {target}, without reading it from there. {so}",
                id_at(path)
            ),
        )
        .members(vec![address])
        .fact("attribute", path)
        .fact("destroyed", goes)
        .fact("named_by", "id")
        .fact("target", target)
        .fix("Make it an output there, and read it through remote state or a data source.");
    stacks[stack].name.clone_into(&mut finding.stack);
    finding.place = Place::Argument(path.into());
    finding
}

/// What an argument holds that has an id in it: `kms_key_arn` the ARN.
pub(super) fn id_at(path: &str) -> &'static str {
    match path.rsplit(['_', '.']).next() {
        Some("arn" | "arns") => "the ARN",
        Some("id" | "ids") => "the id",
        _ => "the id or ARN",
    }
}
