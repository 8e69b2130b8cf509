//! Finds what bears one name in its cloud: what leaves under one address and comes under another is one object.

use crate::input::plan::{Change, ObjectId, OwnName, Plan};
use std::collections::BTreeMap;

/// What goes, and what comes under its name: an object of one kind. Of several that come, the first.
pub(super) fn namesakes(
    plan: &Plan,
    goes: impl Fn(&OwnName, &Change) -> bool,
    comes: impl Fn(&OwnName, &Change) -> bool,
) -> BTreeMap<ObjectId, ObjectId> {
    let called = |name: &OwnName| (name.call, &*plan.block(name.object()).kind);
    let change = |name: &OwnName| plan.objects[name.object()].change();
    let names = || plan.selves.called.iter();
    let mut first = BTreeMap::new();
    for name in names().filter(|name| comes(name, change(name))) {
        let first = first.entry(called(name)).or_insert_with(|| name.object());
        *first = name.object().min(*first);
    }
    let gone = names().filter(|name| goes(name, change(name)));
    let pairs = gone.filter_map(|name| Some((name.object(), *first.get(&called(name))?)));
    pairs.collect()
}
