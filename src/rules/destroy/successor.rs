//! How the successor of a replaced object comes.

use crate::catalog;
use crate::input::plan::{Action, Forced, Kept, ObjectId, PathId, Plan};

/// Whether successors are created before what they replace is destroyed.
pub(super) fn order(plan: &Plan, members: &[ObjectId]) -> &'static str {
    let first =
        |id: &ObjectId| plan.objects[*id].action() == Action::Replace { create_first: true };
    match members.iter().filter(|id| first(id)).count() {
        0 => "destroy_first",
        n if n == members.len() => "create_first",
        _ => "mixed",
    }
}

/// Objects whose successor is created first and has the same name in the cloud, in the same place.
pub(super) fn collisions(plan: &Plan, members: &[ObjectId]) -> Vec<String> {
    let collides = |id: &&ObjectId| {
        let object = &plan.objects[**id];
        let identity = catalog::facts(&plan.block(**id).kind).identity;
        let kept = object.change().kept.as_deref();
        let path = |name: &str| plan.paths.iter().position(|path| &**path == name);
        let same = |kept: &Kept| {
            let mut named = identity.iter().filter_map(|name| path(name));
            let place = |forced: &Forced| forced.unknown || forced.attribute.ends_with("_id");
            named.any(|at| {
                let at = at.try_into().unwrap_or(PathId::MAX);
                kept.before.get(plan, at).is_some()
                    && kept.before.get(plan, at) == kept.after.get(plan, at)
            }) && !object.change().forced_by.iter().any(place)
        };
        object.action() == Action::Replace { create_first: true } && kept.is_some_and(same)
    };
    let found = members.iter().filter(collides);
    found.map(|id| plan.address(*id)).collect()
}
