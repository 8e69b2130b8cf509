//! What may have changed a value: the variables and locals that it is made of.

use super::cause::{repetition_of_call, shown};
use super::origin::{MOST_STEPS, Place, behind, places};
use crate::catalog;
use crate::catalog::attributes::NAMES;
use crate::graph::{Direction, Graph, Kind, NodeId, Sense};
use crate::input::address::Mode;
use crate::input::plan::configuration::Each;
use crate::input::plan::references::{Reference, Target};
use crate::input::plan::{Action, BlockId, ModuleId, ObjectId, Plan};
use std::collections::BTreeMap;

/// How a decider gets into a value, the likeliest to have been edited first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// By its name: a root variable or a local.
    Named,
    /// As what a module is repeated over, through `each.key` or `each.value`.
    Each,
    /// As a local that is made of others.
    Between,
    /// As an argument of a module, what stands in the call beside what it is made of, or its default.
    Argument,
    /// By the key that a module is repeated by alone, which an object keeps as long as it keeps its address.
    Key,
}

/// What may have changed a value, and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decider<'p> {
    pub(super) way: Way,
    module: ModuleId,
    target: &'p Target,
}

/// Deciders by what a reader calls them.
pub(super) type Deciders<'p> = BTreeMap<String, Decider<'p>>;

/// What may have changed an attribute, as far as the plan can be followed.
pub(super) fn deciders<'p>(plan: &'p Plan, block: BlockId, attribute: &str) -> Deciders<'p> {
    let own = places(plan, block, attribute);
    let mut left: Vec<(Place<'p>, Way)> = own.map(|place| (place, Way::Named)).collect();
    let (mut found, mut steps) = (Deciders::new(), 0);
    while let Some(((module, reference), way)) = left.pop().filter(|_| steps < MOST_STEPS) {
        steps += 1;
        let target = &reference.target;
        if let Some(handed) = handed_on(plan, module, reference) {
            left.extend(handed.map(|place| (place, way)));
            continue;
        }
        let (made_of, repeated, each) = sources(plan, module, target);
        let is_passed_in = !(made_of.is_empty() && repeated.is_empty());
        let way_here = match target {
            Target::Local(_) if is_passed_in => Some(Way::Between),
            Target::Variable(_) if made_of.is_empty() && each == Way::Key => Some(Way::Key),
            Target::Variable(_) if module != 0 => Some(Way::Argument),
            Target::Local(_) | Target::Variable(_) => Some(way),
            _ => None,
        };
        if let Some(way) = way_here {
            let one = Decider {
                way,
                module,
                target,
            };
            let known = found.entry(shown(plan, module, target)).or_insert(one);
            known.way = known.way.min(way);
        }
        left.extend(made_of.into_iter().map(|place| (place, way)));
        left.extend(repeated.into_iter().map(|place| (place, each)));
    }
    found
}

/// What an attribute of another object is made of, where that changes and has the other one replaced: `cluster_name` is made of
/// what made `name` another.
fn handed_on<'p>(
    plan: &'p Plan,
    module: ModuleId,
    reference: &'p Reference,
) -> Option<impl Iterator<Item = Place<'p>>> {
    let Target::Resource {
        mode: mode @ Mode::Managed,
        kind,
        name,
        ..
    } = &reference.target
    else {
        return None;
    };
    let attribute = reference.attribute.as_deref()?;
    let block = plan.find_block(module, *mode, kind, name)?;
    let forced = |id: &ObjectId| {
        let mut forced = plan.objects[*id].change().forced_by.iter();
        forced.any(|forced| !forced.unknown && *forced.attribute == *attribute)
    };
    let is_forced = plan.blocks[block].objects.iter().any(forced);
    is_forced.then(|| places(plan, block, attribute))
}

/// What something is made of: by name, and in which way through what the call of its module is repeated over.
fn sources<'p>(
    plan: &'p Plan,
    module: ModuleId,
    target: &'p Target,
) -> (Vec<Place<'p>>, Vec<Place<'p>>, Way) {
    let none = (Vec::new(), Vec::new(), Way::Each);
    let Target::Variable(name) = target else {
        return (
            behind(plan, module, target).unwrap_or_default(),
            none.1,
            none.2,
        );
    };
    let (Some(call), Some(parent)) = (plan.call(module), plan.modules[module].parent) else {
        return none;
    };
    let given = call.inputs.get(name).into_iter().flatten();
    let each = call.each.get(name);
    let repeated = repetition_of_call(plan, module).filter(|_| each.is_some());
    let given = given.map(|reference| (parent, reference));
    let way = match each {
        Some(Each::Key) => Way::Key,
        _ => Way::Each,
    };
    (given.collect(), repeated.collect(), way)
}

/// Whether a decider is an argument that has a word literally in the call of its module.
pub(super) fn is_written(plan: &Plan, decider: &Decider<'_>, word: u64) -> bool {
    let Target::Variable(name) = decider.target else {
        return false;
    };
    let call = plan.call(decider.module).into_iter();
    let mut words = call.flat_map(|call| &call.words);
    words.any(|(argument, own)| argument == name && *own == word)
}

/// Whether a local, or a variable of a module, is known to be what it was: an object that stays as it is has its name from
/// it. Of root variables the plan tells the values.
pub(super) fn is_unchanged(plan: &Plan, graph: &Graph, decider: &Decider<'_>) -> bool {
    if let Target::Variable(name) = decider.target {
        let node = graph.variable(decider.module, name);
        return decider.module != 0 && node.is_some_and(|node| names_what_stays(plan, graph, node));
    }
    let Target::Local(name) = decider.target else {
        return false;
    };
    // What is made of nothing is the same in all instances of its module.
    let is_it = |module: ModuleId| {
        let config = |module: ModuleId| plan.modules[module].config;
        let is_constant = decider.way == Way::Named;
        module == decider.module || is_constant && config(module) == config(decider.module)
    };
    let mut nodes = graph.locals(name).filter(|(module, _)| is_it(*module));
    !matches!(decider.way, Way::Each | Way::Key)
        && nodes.any(|(_, node)| names_what_stays(plan, graph, node))
}

/// Whether the name of an object that stays as it is is made of a value.
fn names_what_stays(plan: &Plan, graph: &Graph, value: NodeId) -> bool {
    let mut found = false;
    graph.search(
        [value],
        Direction::Dependents,
        Sense::Flow,
        |_, edge, to| {
            if found || edge.kind != Kind::Reference {
                return false;
            }
            let Some(block) = graph.block_of(plan, to) else {
                return true;
            };
            let stays = |id: &ObjectId| {
                let object = &plan.objects[*id];
                object.prior && object.action() == Action::NoOp
            };
            let one = graph.as_object(to);
            let objects = one
                .as_ref()
                .map_or(&plan.blocks[block].objects[..], std::slice::from_ref);
            found =
                is_name(&plan.blocks[block].kind, graph.place(edge)) && objects.iter().any(stays);
            false
        },
    );
    found
}

fn is_name(kind: &str, attribute: &str) -> bool {
    NAMES.contains(&attribute) || catalog::facts(kind).identity.contains(&attribute)
}
