//! Which states beside the plans say nothing new: that of a plan's own stack, and copies of another.

use super::{One, named};
use crate::input::plan::{ObjectId, Plan};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The states that are those of other stacks, each once, and what became of the rest.
pub(super) fn without(states: Vec<One>, plans: &[One]) -> (Vec<One>, Vec<String>) {
    let (mut found, mut notes): (Vec<One>, _) = (Vec::new(), Vec::new());
    for state in states {
        if let Some(plan) = plans.iter().find(|plan| is_of(&state, plan)) {
            notes.push(format!(
                "{} is the state of the stack whose plan is {}: it was not looked at",
                named(&state),
                named(plan)
            ));
        } else if let Some(same) = found.iter_mut().find(|other| is_copy(&state, other)) {
            let (mut older, mut newer) = (state, &*same);
            if serial(&older) > serial(newer) {
                older = std::mem::replace(same, older);
                newer = same;
            }
            notes.push(format!(
                "{} is the state that {} is: it was not looked at",
                named(&older),
                named(newer)
            ));
        } else {
            found.push(state);
        }
    }
    (found, notes)
}

fn serial(one: &One) -> u64 {
    let state = one.plan().state.as_deref();
    state.map_or(0, |state| state.serial)
}

fn is_copy(state: &One, other: &One) -> bool {
    let lineage = |one: &One| one.plan().state.as_ref()?.lineage.clone();
    match (lineage(state), lineage(other)) {
        (Some(one), Some(other)) => one == other,
        _ => is_of(state, other),
    }
}

/// Whether a state is of the same stack: in its directory by half of what it holds; elsewhere by objects that are the
/// same ones under the same addresses, several and half of them, or all where there are few.
fn is_of(state: &One, other: &One) -> bool {
    let (here, there) = (state.plan(), other.plan());
    if state.directory() == other.directory() {
        return is_of_directory(state, there);
    }
    let same = same_objects(here, there);
    let at_home = |(id, other): &(ObjectId, ObjectId)| was_at(there, *other, &here.address(*id));
    let known: BTreeSet<ObjectId> = same.into_iter().filter(at_home).map(|(id, _)| id).collect();
    let all: BTreeSet<ObjectId> = here
        .selves
        .called
        .iter()
        .map(|name| name.object())
        .collect();
    known.len() > 1 && 2 * known.len() >= all.len()
        || !known.is_empty() && known == all && holds_all(here, there)
}

/// Whether a plan has an object at every address of a state, or moves one from there.
fn holds_all(state: &Plan, plan: &Plan) -> bool {
    // A plan that failed lists a part of what there is.
    if plan.errored == Some(true) {
        return true;
    }
    let there: BTreeSet<String> = standing(plan).into_values().collect();
    let mut here = standing(state).into_values();
    here.all(|address| there.contains(&address) || plan.selves.moves_from(&address))
}

/// The managed objects that there are, with their addresses.
fn standing(plan: &Plan) -> BTreeMap<ObjectId, String> {
    let standing = plan.managed().filter(|(_, object)| object.prior);
    standing.map(|(id, _)| (id, plan.address(id))).collect()
}

fn is_of_directory(state: &One, there: &Plan) -> bool {
    let here = state.plan();
    let (mine, theirs) = (standing(here), standing(there));
    if mine.is_empty() || theirs.is_empty() {
        return mine.is_empty() || state.file.ends_with("terraform.tfstate");
    }
    let theirs: BTreeSet<String> = theirs.into_values().collect();
    let at_home = mine.iter().filter(|(_, address)| theirs.contains(*address));
    let mut known: BTreeSet<ObjectId> = at_home.map(|(id, _)| *id).collect();
    known.extend(same_objects(here, there).into_iter().map(|(id, _)| id));
    2 * known.len() >= mine.len()
}

/// Whether a plan has an object at an address, or moves it from there.
fn was_at(plan: &Plan, id: ObjectId, address: &str) -> bool {
    plan.address(id) == address || plan.selves.was_at(id, address)
}

/// The objects of a state that are objects of a plan as well: who takes objects over names them all.
fn same_objects(state: &Plan, plan: &Plan) -> Vec<(ObjectId, ObjectId)> {
    let mut there: HashMap<u64, Vec<ObjectId>> = HashMap::new();
    let called = plan.selves.called.iter();
    for name in called.filter(|name| plan.has_by(name)) {
        there.entry(name.call).or_default().push(name.object());
    }
    let called = state.selves.called.iter();
    let same = called.flat_map(|name| {
        let others = there.get(&name.call).into_iter().flatten();
        others.map(|other| (name.object(), *other))
    });
    same.collect()
}
