//! Joins replacements of several blocks that one edit made: `var.prefix` in the names of ten blocks is one decision.

use super::decider::{Decider, Deciders, Way, deciders, is_unchanged, is_written};
use super::replaced::Group;
use crate::input::address::config_address;
use crate::input::names::Name;
use crate::input::plan::{BlockId, ObjectId, Plan, Rewording};
use crate::rules::Context;
use std::collections::{BTreeMap, BTreeSet};

/// How the values of a group changed, and what may have changed them.
struct Edit<'p> {
    print: u64,
    deciders: Deciders<'p>,
    /// Whether a `moved` block brought all roots from another key.
    is_rekeyed: bool,
    /// Whether the roots are in several instances of a module.
    is_spread: bool,
}

impl Edit<'_> {
    /// What is likelier to have been edited than anything else; nothing where two are alike, or an argument of a module.
    fn likeliest(&self) -> Option<String> {
        let rank = |way| rank(way, self.is_rekeyed, self.is_spread);
        let ways = self.deciders.values().map(|decider| decider.way);
        let ways = ways.filter(|way| *way != Way::Argument);
        let first = ways.map(rank).min()?;
        let likely = self.deciders.iter();
        let mut likely = likely.filter(|(_, decider)| rank(decider.way) == first);
        let (name, _) = likely.next()?;
        likely.next().is_none().then(|| name.clone())
    }

    /// Leaves out what cannot have changed: a key, where objects kept theirs.
    fn without_keys(&mut self) {
        let is_rekeyed = self.is_rekeyed;
        self.deciders
            .retain(|_, decider| decider.way != Way::Key || is_rekeyed);
    }
}

/// The place of a way among others, the likeliest first. Who wants another word in the names of all instances of a module
/// writes it once, in the module; whoever renames a key does it where the keys are.
fn rank(way: Way, is_rekeyed: bool, is_spread: bool) -> (bool, bool, Way) {
    let by_element = matches!(way, Way::Each | Way::Key);
    let late = by_element && is_spread || matches!(way, Way::Argument | Way::Key);
    (!(by_element && is_rekeyed), late && !is_rekeyed, way)
}

/// Joins groups whose values changed in the same way and are made of the same variable or local.
pub(super) fn by_decider(context: &Context<'_>, groups: Vec<Group>) -> Vec<Group> {
    let edits = edits(context, &groups);
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
    for (group, edit) in groups.iter_mut().zip(&edits) {
        if let (Some(group), Some(edit)) = (group, edit) {
            group.made_of = edit.likeliest();
        }
    }
    for (decider, mut those) in made_of {
        those.sort_unstable();
        let taken = those.iter().filter_map(|nth| groups[*nth].take());
        groups[those[0]] = Some(joined(decider, taken.collect()));
    }
    groups.into_iter().flatten().collect()
}

/// The edits of groups, without deciders that are known to be what they were.
fn edits<'p>(context: &Context<'p>, groups: &[Group]) -> Vec<Option<Edit<'p>>> {
    let (plan, graph) = (context.plan, context.graph);
    let mut edits: Vec<_> = groups.iter().map(|group| edit(plan, group)).collect();
    let mut known: BTreeMap<String, bool> = BTreeMap::new();
    for edit in edits.iter_mut().flatten() {
        edit.deciders.retain(|name, decider| {
            let unchanged = known.entry(name.clone());
            !*unchanged.or_insert_with(|| is_unchanged(plan, graph, decider))
        });
    }
    edits
}

/// The edit of a group, when it is one: every value that forces a replacement has changed alike.
fn edit<'p>(plan: &'p Plan, group: &Group) -> Option<Edit<'p>> {
    group.only_cause().filter(|cause| *cause == "attribute")?;
    let mut edit: Option<Edit<'p>> = None;
    let mut seen: BTreeSet<(BlockId, &Name)> = BTreeSet::new();
    for root in &group.roots {
        let forced = plan.objects[*root].change().forced_by.iter();
        for forced in forced.filter(|forced| !forced.unknown) {
            let rewording = forced.rewording.as_deref()?;
            let block = plan.objects[*root].block;
            let is_new = seen.insert((block, &forced.attribute));
            let made_of = || likely(plan, rewording, deciders(plan, block, &forced.attribute));
            match &mut edit {
                Some(edit) if edit.print != rewording.print => return None,
                Some(edit) if is_new => {
                    let too = made_of();
                    edit.deciders.retain(|name, _| too.contains_key(name));
                }
                Some(_) => {}
                None => {
                    edit = Some(Edit {
                        print: rewording.print,
                        deciders: made_of(),
                        is_rekeyed: group.roots.iter().all(|root| is_rekeyed(plan, *root)),
                        is_spread: is_spread(plan, &group.roots),
                    });
                }
            }
        }
    }
    if let Some(edit) = &mut edit {
        edit.without_keys();
    }
    edit
}

/// Whether objects are in several instances of a module.
fn is_spread(plan: &Plan, roots: &[ObjectId]) -> bool {
    let mut modules: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for root in roots {
        let module = plan.block(*root).module;
        let instances = modules
            .entry(plan.config_module_address(module))
            .or_default();
        instances.insert(&plan.modules[module].address);
    }
    modules.values().any(|instances| instances.len() > 1)
}

/// Whether a `moved` block brought an object, or a module around it, from another key.
fn is_rekeyed(plan: &Plan, id: ObjectId) -> bool {
    let from = plan.moved_from.get(&id);
    from.is_some_and(|from| config_address(from) == plan.config_address(plan.objects[id].block))
}

/// Of what a value is made of what may have changed it: the root variables that hold the new word, where any does, or the
/// arguments of modules that have it literally; else locals, and variables of modules. A root variable without the word
/// stayed what it was.
fn likely<'p>(plan: &Plan, rewording: &Rewording, mut deciders: Deciders<'p>) -> Deciders<'p> {
    let is_argument = |decider: &Decider<'_>| is_written(plan, decider, rewording.word);
    let written = |deciders: Deciders<'p>| {
        if !deciders.values().any(is_argument) {
            return deciders;
        }
        let deciders = deciders.into_iter();
        let mut own: Deciders<'p> = deciders.filter(|(_, own)| is_argument(own)).collect();
        for decider in own.values_mut() {
            decider.way = Way::Named;
        }
        own
    };
    let Some(holding) = &rewording.variables else {
        return written(deciders);
    };
    let holding: BTreeSet<_> = holding.iter().map(|name| format!("var.{name}")).collect();
    if deciders.keys().any(|name| holding.contains(name)) {
        deciders.retain(|name, _| holding.contains(name));
    } else {
        deciders.retain(|name, _| !name.starts_with("var."));
        deciders = written(deciders);
    }
    deciders
}

/// What most of some groups are made of, with those groups; nothing when it is not two.
fn most_made_of(edits: &[Option<Edit<'_>>], groups: &[usize]) -> Option<(String, Vec<usize>)> {
    let mut made_of: BTreeMap<&String, (Way, Vec<usize>)> = BTreeMap::new();
    let edits = || {
        groups
            .iter()
            .filter_map(|nth| Some((*nth, edits[*nth].as_ref()?)))
    };
    for (nth, edit) in edits() {
        for (name, decider) in &edit.deciders {
            let (way, those) = made_of.entry(name).or_insert((decider.way, Vec::new()));
            *way = decider.way.min(*way);
            those.push(nth);
        }
    }
    let is_rekeyed = edits().all(|(_, edit)| edit.is_rekeyed);
    let is_spread = edits().any(|(_, edit)| edit.is_spread);
    let made_of = made_of
        .into_iter()
        .filter(|(_, (_, those))| those.len() > 1);
    let (decider, (_, those)) = made_of.min_by_key(|(name, (way, those))| {
        let rank = rank(*way, is_rekeyed, is_spread);
        (std::cmp::Reverse(those.len()), rank, *name)
    })?;
    Some((decider.clone(), those))
}

fn joined(decider: String, groups: Vec<Group>) -> Group {
    let mut all = Group::default();
    all.decider = Some(decider);
    let each_follows = groups.iter().all(|group| !group.besides.is_empty());
    for group in groups {
        all.join(group);
    }
    all.settle();
    let roots = &all.roots;
    all.besides.retain(|id| each_follows && !roots.contains(id));
    all
}
