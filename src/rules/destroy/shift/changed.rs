//! Which objects of a list a shift changes, and which are replaced for another reason.

use super::{Series, Stood};
use crate::input::plan::{Action, Leaves, ObjectId, PathId, Plan, Print};
use std::collections::BTreeMap;

/// The objects of a shift.
#[derive(Default)]
pub(super) struct Changed {
    /// Those that it changes.
    pub(super) objects: Vec<ObjectId>,
    /// Those that hold another element, and are replaced for another reason.
    pub(super) beside: Vec<ObjectId>,
}

impl Changed {
    /// Those in some series of instances; `stood` tells where the element of each index stood before.
    pub(super) fn by<'s>(
        plan: &Plan,
        stood: &BTreeMap<u64, Stood>,
        all: impl Iterator<Item = &'s Series>,
    ) -> Self {
        let mut changed = Self::default();
        for series in all {
            for (index, id) in series {
                changed.add(plan, *id, stood.get(index), series);
            }
        }
        changed.objects.sort_unstable();
        changed.beside.sort_unstable();
        changed
    }

    fn add(&mut self, plan: &Plan, id: ObjectId, stood: Option<&Stood>, series: &Series) {
        let action = plan.objects[id].action();
        let neighbour = match stood {
            // It holds what it held: what changes of it is not the list's doing.
            Some(Stood::Here) => return,
            Some(Stood::At(old)) => series.get(old).copied(),
            _ => None,
        };
        let replaced = matches!(action, Action::Replace { .. });
        if replaced && neighbour.is_some_and(|old| is_forced_otherwise(plan, id, old)) {
            self.beside.push(id);
        } else if action.changes() {
            self.objects.push(id);
        }
    }
}

/// Whether an object that gets the element of a neighbour is replaced for something that is not the neighbour's.
fn is_forced_otherwise(plan: &Plan, id: ObjectId, neighbour: ObjectId) -> bool {
    let kept = |id: ObjectId| plan.objects[id].change().kept.as_deref();
    let (Some(own), Some(theirs)) = (kept(id), kept(neighbour)) else {
        return false;
    };
    let change = plan.objects[id].change();
    if change.forced_by.is_empty() {
        let asked = ["replace_because_tainted", "replace_by_request"];
        return asked.contains(&plan.objects[id].reason());
    }
    change.forced_by.iter().all(|forced| {
        // What the plan changes back is what it was: the list has no part in it.
        if change.drifted.contains(&forced.attribute) {
            return true;
        }
        let texts = |leaves| texts(plan, leaves, &forced.path);
        let (is, was) = (texts(&own.after), texts(&theirs.before));
        // Of what is not known yet, and of what is no text, nobody can tell where it is from.
        !forced.unknown && !is.is_empty() && is != was
    })
}

/// The texts at a path and below it. What stands beside it, in the same block, may be the provider's: the uid in the
/// `metadata` of Kubernetes is unknown until the object is there.
fn texts(plan: &Plan, leaves: &Leaves, forced: &str) -> Vec<(PathId, Print)> {
    let within = |path: PathId| {
        let rest = plan.paths[path as usize].strip_prefix(forced);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let leaves = leaves.iter(plan);
    leaves
        .filter(|(path, print)| print.is_text() && within(*path))
        .collect()
}
