//! Groups deletes: those that share one cause, and causes that belong together.

use super::cause::{Cause, Causes};
use super::removal::{decides, module_keys};
use super::story::Story;
use super::switch;
use super::written::{repeats_by_itself, written};
use crate::input::plan::{Action, Key, ListId, ObjectId, Plan};
use std::collections::{BTreeMap, BTreeSet};

/// The deletes of a plan that no more exact finding tells of, by cause.
pub(super) fn groups(plan: &Plan, stack: &str, story: &Story) -> BTreeMap<Cause, Vec<ObjectId>> {
    let causes = Causes::new(plan, stack);
    let mut groups: BTreeMap<Cause, Vec<ObjectId>> = BTreeMap::new();
    for (id, object) in plan.managed() {
        let deleted = matches!(object.action(), Action::Delete | Action::OtherDelete);
        if deleted && object.deposed.is_none() && !story.is_told(id) {
            groups.entry(causes.of(id)).or_default().push(id);
        }
    }
    let groups = by_decider(plan, together(plan, groups));
    switch::joined(plan, in_all_calls(plan, groups))
}

/// Joins removed blocks that depended on each other: they went as one.
fn together(plan: &Plan, groups: BTreeMap<Cause, Vec<ObjectId>>) -> BTreeMap<Cause, Vec<ObjectId>> {
    let (removed, mut joined): (BTreeMap<_, _>, BTreeMap<_, _>) = groups
        .into_iter()
        .partition(|(cause, _)| cause.word == Some("config_removed"));
    let addresses: BTreeMap<String, usize> = removed
        .keys()
        .enumerate()
        .map(|(nth, cause)| (cause.address.clone(), nth))
        .collect();
    let removed: Vec<_> = removed.into_iter().collect();
    let mut of: Vec<usize> = (0..removed.len()).collect();
    let mut dependents = vec![0usize; removed.len()];
    for (nth, (_, members)) in removed.iter().enumerate() {
        for other in remembered(plan, members, &addresses) {
            if other != nth {
                dependents[other] += 1;
                let (mine, theirs) = (find(&mut of, nth), find(&mut of, other));
                of[mine] = theirs;
            }
        }
    }
    let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for nth in 0..removed.len() {
        parts.entry(find(&mut of, nth)).or_default().push(nth);
    }
    for part in parts.into_values() {
        let first = part
            .iter()
            .copied()
            .max_by_key(|nth| (dependents[*nth], std::cmp::Reverse(*nth)));
        let cause = removed[first.unwrap_or_default()].0.clone();
        let members = part.iter().flat_map(|nth| removed[*nth].1.iter().copied());
        joined.insert(cause, members.collect());
    }
    joined
}

/// The one that stands for the group of an element; the way there is shortened for the next who asks.
fn find(of: &mut [usize], mut at: usize) -> usize {
    while of[at] != at {
        of[at] = of[of[at]];
        at = of[at];
    }
    at
}

/// Which of the addresses the members remember as dependencies.
fn remembered(
    plan: &Plan,
    members: &[ObjectId],
    addresses: &BTreeMap<String, usize>,
) -> BTreeSet<usize> {
    let lists: BTreeSet<ListId> = members
        .iter()
        .filter_map(|id| plan.objects[*id].dependencies)
        .collect();
    lists
        .into_iter()
        .flat_map(|list| &plan.dependency_lists[list.index()])
        .filter_map(|name| addresses.get(&**name).copied())
        .collect()
}

/// Joins what went in several calls of one module, where nothing but the module says that it goes: one edit there did it.
fn in_all_calls(
    plan: &Plan,
    groups: BTreeMap<Cause, Vec<ObjectId>>,
) -> BTreeMap<Cause, Vec<ObjectId>> {
    let mut joined: BTreeMap<Cause, Vec<ObjectId>> = BTreeMap::new();
    let mut known: BTreeMap<_, Cause> = BTreeMap::new();
    for (cause, members) in groups {
        let edit = edit_inside(plan, &cause, &members);
        let first = edit.map(|edit| known.entry(edit).or_insert_with(|| cause.clone()));
        let first = first.cloned().unwrap_or(cause);
        joined.entry(first).or_default().extend(members);
    }
    joined
}

/// What was edited in a module: which blocks, what became of them, and the keys that were taken; nothing where its calls may
/// have a say.
fn edit_inside<'p>(
    plan: &'p Plan,
    cause: &Cause,
    members: &[ObjectId],
) -> Option<(BTreeSet<String>, Option<&'static str>, BTreeSet<&'p Key>)> {
    let blocks: BTreeSet<_> = members.iter().map(|id| plan.objects[*id].block).collect();
    let is_inside = match cause.word {
        Some("config_removed") => true,
        Some("count_decreased" | "count_zero" | "each_key_removed") => {
            // Others go over this one.
            let mut blocks = blocks.iter();
            let own = blocks.find(|block| plan.config_address(**block) == cause.address);
            own.is_some_and(|block| repeats_by_itself(plan, *block))
        }
        _ => false,
    };
    is_inside.then(|| {
        let written = blocks.iter().map(|block| written(plan, *block));
        let keys = keys_taken(plan, cause, members);
        (written.collect(), cause.word, keys)
    })
}

/// Joins what the same variable or local decides: `var.enabled` behind the count of ten blocks is one decision, and so
/// is `local.services` behind ten `for_each`.
fn by_decider(
    plan: &Plan,
    groups: BTreeMap<Cause, Vec<ObjectId>>,
) -> BTreeMap<Cause, Vec<ObjectId>> {
    let by: BTreeMap<&Cause, Cause> = groups
        .iter()
        .filter(|(cause, _)| cause.is_decided())
        .filter_map(|(cause, members)| {
            let Ok([address]) = <[String; 1]>::try_from(decides(plan, cause, members)) else {
                return None;
            };
            let word = cause.word;
            (!switch::is_on(plan, &address)).then_some((cause, Cause { address, word }))
        })
        .collect();
    let mut deciders: BTreeMap<Cause, BTreeMap<BTreeSet<&Key>, Vec<Cause>>> = BTreeMap::new();
    for cause in by.keys() {
        // A block whose instances another block repeats itself over lost its own by the same decision.
        let steps = std::iter::successors(by.get(*cause), |cause| by.get(cause));
        if let Some(last) = steps.take(by.len()).last() {
            let alike = deciders.entry(last.clone()).or_default();
            let keys = keys_taken(plan, cause, &groups[*cause]);
            alike.entry(keys).or_default().push((*cause).clone());
        }
    }
    // Who goes over a block that lost keys by an edit of its own.
    for (shared, alike) in &mut deciders {
        if let Some(members) = groups.get(shared).filter(|_| !by.contains_key(shared)) {
            let keys = keys_taken(plan, shared, members);
            alike.entry(keys).or_default().push(shared.clone());
        }
    }
    // Of one variable that took several sets of keys, the most frequent is told by its name.
    let shared: Vec<(Cause, Vec<Cause>)> = deciders
        .into_iter()
        .filter_map(|(shared, alike)| Some((shared, alike.into_values().max_by_key(Vec::len)?)))
        .collect();
    let mut groups = groups;
    for (shared, causes) in shared.into_iter().filter(|(_, causes)| causes.len() > 1) {
        let members: Vec<_> = causes
            .iter()
            .filter_map(|cause| groups.remove(cause))
            .collect();
        // What decides may lose instances itself.
        groups.entry(shared).or_default().extend(members.concat());
    }
    groups
}

/// The keys that a `for_each` lost: one variable may hold the keys of several.
fn keys_taken<'p>(plan: &'p Plan, cause: &Cause, members: &[ObjectId]) -> BTreeSet<&'p Key> {
    match cause.word {
        Some("each_key_removed") => {
            let keys = members.iter().map(|id| plan.objects[*id].key.as_ref());
            keys.flatten().collect()
        }
        Some("module_key_removed") => module_keys(plan, cause, members),
        _ => BTreeSet::new(),
    }
}
