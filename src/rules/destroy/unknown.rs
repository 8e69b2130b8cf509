//! Which values of an object are not known before apply: only these are handed on to who is replaced or updated for them.

use super::cause::shown;
use super::origin::{Place, read_by};
use crate::input::plan::{Action, ObjectId, Plan};

/// Whether a value of an object may not be known before apply: of what stays as it is, all are.
pub(super) fn has_unknown(plan: &Plan, id: ObjectId) -> bool {
    let change = plan.objects[id].change();
    match change.action {
        Action::NoOp | Action::Delete | Action::Forget => false,
        Action::Update => change.to_unknown,
        _ => true,
    }
}

/// Whether the new value of an attribute is known before apply, as that of a configured name is. A new object has an id that
/// is not: of one without any, nothing is told.
pub(super) fn is_known(plan: &Plan, id: ObjectId, attribute: &str) -> bool {
    if !has_unknown(plan, id) {
        return true;
    }
    let mut unknown = plan.unknown(id).peekable();
    unknown.peek().is_some() && unknown.all(|name| **name != *attribute)
}

/// Of the objects that an attribute is made of, or a whole block without one, those of which it may get a value that is not
/// known.
pub(super) fn handing_on(
    plan: &Plan,
    id: ObjectId,
    attribute: Option<&str>,
    mut objects: Vec<ObjectId>,
) -> Vec<ObjectId> {
    if objects.is_empty() {
        return objects;
    }
    let read = read_by(plan, plan.objects[id].block, attribute);
    let read: Vec<_> = read
        .into_iter()
        .map(|read| (named(plan, read), read))
        .collect();
    objects.retain(|other| {
        let address = plan.config_address(plan.objects[*other].block);
        let mut own = read.iter().filter(|(name, _)| *name == address).peekable();
        let is_known = |(_, (_, reference)): &(String, Place<'_>)| {
            let attribute = reference.attribute.as_ref();
            attribute.is_some_and(|attribute| is_known(plan, *other, attribute))
        };
        // What is reached through a module that is handed over whole is in none of the references.
        own.peek().is_none() || !own.all(is_known)
    });
    objects
}

fn named(plan: &Plan, (module, reference): Place<'_>) -> String {
    shown(plan, module, &reference.target)
}
