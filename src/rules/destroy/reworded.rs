//! Joins replacements of several blocks that one edit made: `var.prefix` in the names of ten blocks is one decision.

use super::origin::deciders;
use super::replaced::Group;
use crate::input::names::Name;
use crate::input::plan::{BlockId, ObjectId, Plan, Rewording};
use std::collections::{BTreeMap, BTreeSet};

/// How the values of a group changed, and what may have changed them.
struct Edit {
    print: u64,
    deciders: BTreeSet<String>,
}

/// Joins groups whose values changed in the same way and are made of the same variable or local.
pub(super) fn by_decider(plan: &Plan, groups: Vec<Group>) -> Vec<Group> {
    let edits: Vec<_> = groups.iter().map(|group| edit(plan, group)).collect();
    let mut alike: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (nth, edit) in edits.iter().enumerate() {
        if let Some(edit) = edit {
            alike.entry(edit.print).or_default().push(nth);
        }
    }
    // One edit may put several words for others.
    let mut made_of: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for mut left in alike.into_values() {
        while let Some((decider, those)) = most_made_of(&edits, &left) {
            left.retain(|nth| !those.contains(nth));
            made_of.entry(decider).or_default().extend(those);
        }
    }
    let mut groups: Vec<_> = groups.into_iter().map(Some).collect();
    for (decider, mut those) in made_of {
        those.sort_unstable();
        let taken = those.iter().filter_map(|nth| groups[*nth].take());
        groups[those[0]] = Some(joined(decider, taken.collect()));
    }
    groups.into_iter().flatten().collect()
}

/// The edit of a group, when it is one: every value that forces a replacement has changed alike.
fn edit(plan: &Plan, group: &Group) -> Option<Edit> {
    group.only_cause().filter(|cause| *cause == "attribute")?;
    let mut edit: Option<Edit> = None;
    let mut seen: BTreeSet<(BlockId, &Name)> = BTreeSet::new();
    for root in &group.roots {
        let forced = plan.objects[*root].change().forced_by.iter();
        for forced in forced.filter(|forced| !forced.unknown) {
            let rewording = forced.rewording.as_deref()?;
            let block = plan.objects[*root].block;
            let is_new = seen.insert((block, &forced.attribute));
            let made_of = || likely(rewording, deciders(plan, block, &forced.attribute));
            match &mut edit {
                Some(edit) if edit.print != rewording.print => return None,
                Some(edit) if is_new => edit.deciders = &edit.deciders & &made_of(),
                Some(_) => {}
                None => {
                    edit = Some(Edit {
                        print: rewording.print,
                        deciders: made_of(),
                    });
                }
            }
        }
    }
    edit
}

/// Of what a value is made of what may have changed it: the root variables that hold the new word, where any does; else
/// locals, and variables of modules. A root variable without the word stayed what it was.
fn likely(rewording: &Rewording, deciders: BTreeSet<String>) -> BTreeSet<String> {
    let Some(holding) = &rewording.variables else {
        return deciders;
    };
    let holding: BTreeSet<_> = holding.iter().map(|name| format!("var.{name}")).collect();
    let both = &holding & &deciders;
    if !both.is_empty() {
        return both;
    }
    let of_root = |name: &String| name.starts_with("var.");
    let others = deciders.into_iter().filter(|name| !of_root(name));
    others.collect()
}

/// What most of some groups are made of, with those groups; nothing when it is not two.
fn most_made_of(edits: &[Option<Edit>], groups: &[usize]) -> Option<(String, Vec<usize>)> {
    let mut made_of: BTreeMap<&String, Vec<usize>> = BTreeMap::new();
    for nth in groups {
        for decider in edits[*nth].iter().flat_map(|edit| &edit.deciders) {
            made_of.entry(decider).or_default().push(*nth);
        }
    }
    let most = made_of.values().map(Vec::len).max().filter(|n| *n > 1)?;
    let mut made_of = made_of.into_iter();
    let (decider, those) = made_of.find(|(_, those)| those.len() == most)?;
    Some((decider.clone(), those))
}

fn joined(decider: String, groups: Vec<Group>) -> Group {
    let mut all = Group::default();
    all.decider = Some(decider);
    let each_follows = groups.iter().all(|group| !group.besides.is_empty());
    for group in groups {
        all.join(group);
    }
    let roots: BTreeSet<ObjectId> = all.roots.iter().copied().collect();
    all.others = &all.others - &roots;
    all.besides.retain(|id| each_follows && !roots.contains(id));
    if all.others.is_empty() {
        all.spared = all.followers();
    }
    all
}
