//! Finds what the plan destroys under one address and imports under another: a rename by an `import` block, after which
//! the state knows an object that is not there any more.

use super::compare::Confidence;
use super::{Pair, Renames};
use crate::input::plan::{Action, Change, ObjectId, OwnName, Plan};
use foldhash::HashMap;
use std::collections::BTreeSet;

/// Adds pairs of what goes and what takes the same object in, known by an id or ARN.
pub(super) fn add(plan: &Plan, taken: &BTreeSet<ObjectId>, found: &mut Renames) {
    if plan.counts.import == 0 {
        return;
    }
    let names = |is_it: fn(&Change) -> bool| {
        let called = plan.selves.called.iter();
        called.filter(move |name| name.sure && is_it(plan.objects[name.object()].change()))
    };
    let named = |name: &OwnName| ((name.call, &plan.block(name.object()).kind), name.object());
    let takes = names(|change| change.importing && !change.action.destroys());
    // Of several the first: names come in the order of hashes, which is another in every run.
    let mut takes: Vec<_> = takes.map(named).collect();
    takes.sort_unstable_by_key(|(_, id)| std::cmp::Reverse(*id));
    let takes: HashMap<_, _> = takes.into_iter().collect();
    let goes = names(|change| change.action == Action::Delete && !change.importing);
    let same = goes.filter_map(|name| {
        let (called, from) = named(name);
        Some((from, *takes.get(&called)?))
    });
    let same: BTreeSet<(ObjectId, ObjectId)> =
        same.filter(|(from, _)| !taken.contains(from)).collect();
    for (from, to) in same {
        found.pairs.retain(|pair| pair.from != from);
        found.ambiguous.remove(&from);
        found.pairs.push(Pair {
            from,
            to,
            confidence: Confidence::High,
            same: Vec::new(),
            differing: Vec::new(),
            followers: Vec::new(),
        });
    }
}
