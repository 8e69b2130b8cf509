//! Groups replacements under what set them off.

use super::written::{has_by_itself, written};
use crate::input::plan::{Action, Forced, ObjectId, Plan};
use crate::rules::Context;
use std::collections::{BTreeMap, BTreeSet};

/// Objects that are replaced under one root, or under roots that one edit made.
#[derive(Default)]
pub(super) struct Group {
    pub(super) roots: Vec<ObjectId>,
    pub(super) members: Vec<ObjectId>,
    causes: BTreeSet<Option<&'static str>>,
    pub(super) deferred: BTreeSet<ObjectId>,
    pub(super) others: BTreeSet<ObjectId>,
    /// What would have the roots replaced without their own reason.
    pub(super) besides: BTreeSet<ObjectId>,
    /// Of members that others would set off as well, these others.
    doubly: Vec<BTreeSet<ObjectId>>,
    /// Members that would stay as they are without the roots.
    pub(super) spared: usize,
    /// The variable or local that roots in several blocks are made of.
    pub(super) decider: Option<String>,
    /// The variable or local that the value of a root is made of, where one is the likeliest to have been edited.
    pub(super) made_of: Option<String>,
}

impl Group {
    /// The cause word. A late read explains more than the change it waited for.
    pub(super) fn cause(&self) -> Option<&'static str> {
        let mut causes = self.causes.iter().copied().flatten();
        let late = causes.clone().find(|cause| *cause == "deferred_read");
        late.or_else(|| causes.next())
    }

    /// The cause, when there is no other.
    pub(super) fn only_cause(&self) -> Option<&'static str> {
        let mut causes = self.causes.iter().copied();
        causes.next().flatten().filter(|_| causes.next().is_none())
    }

    /// The address of the roots: of what decides them, or of their block.
    pub(super) fn address(&self, plan: &Plan) -> String {
        match (&self.decider, self.roots.as_slice()) {
            (Some(decider), _) => return decider.clone(),
            (None, [only]) => return plan.address(*only),
            _ => {}
        }
        let blocks: BTreeSet<_> = (self.roots.iter())
            .map(|id| plan.objects[*id].block)
            .collect();
        match blocks.first() {
            Some(block) if blocks.len() == 1 => plan.block_address(*block),
            _ => plan.config_address(plan.objects[self.roots[0]].block),
        }
    }

    /// Members that would be replaced without their root: they are among the others themselves.
    pub(super) fn by_themselves(&self) -> impl Iterator<Item = &ObjectId> {
        let members: BTreeSet<_> = self.members.iter().copied().collect();
        self.others.iter().filter(move |id| members.contains(id))
    }

    /// The other roots of members, and how many members have some.
    pub(super) fn roots_beside(&self) -> (BTreeSet<ObjectId>, usize) {
        let own: BTreeSet<ObjectId> = self.by_themselves().copied().collect();
        let behind = self.doubly.iter().filter(|others| !others.is_subset(&own));
        (&self.others - &own, behind.count())
    }

    /// How many members are no roots.
    pub(super) fn followers(&self) -> usize {
        let roots: BTreeSet<_> = self.roots.iter().collect();
        let follow = |id: &&ObjectId| !roots.contains(id);
        self.members.iter().filter(follow).count()
    }

    /// Takes another group in that the same edit made.
    pub(super) fn join(&mut self, other: Self) {
        self.roots.extend(other.roots);
        self.members.extend(other.members);
        self.causes.extend(other.causes);
        self.deferred.extend(other.deferred);
        self.others.extend(other.others);
        self.besides.extend(other.besides);
        self.doubly.extend(other.doubly);
    }

    /// Counts who would stay without the roots, once all of them are known.
    pub(super) fn settle(&mut self) {
        let roots: BTreeSet<ObjectId> = self.roots.iter().copied().collect();
        self.others = &self.others - &roots;
        self.doubly.retain(|others| !others.is_subset(&roots));
        self.spared = self.followers() - self.doubly.len();
    }
}

/// The replacements of a plan that no more exact finding tells of, by root.
pub(super) fn by_root(context: &Context<'_>) -> Vec<Group> {
    let plan = context.plan;
    let mut groups: BTreeMap<ObjectId, Group> = BTreeMap::new();
    for (id, root) in &context.story().replaced {
        let group = groups.entry(root.object).or_default();
        group.roots = vec![root.object];
        group.members.push(*id);
        group.deferred.extend(root.deferred);
        group.others.extend(&root.others);
        group.besides.extend(&root.besides);
        if *id != root.object && !root.others.is_empty() {
            group.doubly.push(root.others.clone());
        }
        if *id == root.object || !plan.objects[root.object].action().replaces() {
            group.causes.insert(root.cause);
        }
    }
    groups.into_values().collect()
}

/// What instances have in common that one line of configuration has replaced, or that have others replaced: the block, the
/// cause, and what forces it.
type Line<'p> = (String, &'static str, Vec<&'p str>);

fn line<'p>(plan: &'p Plan, group: &Group) -> Option<Line<'p>> {
    let (root, cause) = (*group.roots.first()?, group.only_cause()?);
    let causes: &[&str] = match plan.objects[root].action() {
        action if action.replaces() => &["attribute", "drift"],
        Action::Update | Action::Create => &["triggers", "upstream", "provider"],
        _ => &[],
    };
    let forced = plan.objects[root].change().forced_by.iter();
    let forced = forced.map(|forced| &*forced.attribute).collect();
    let block = plan.config_address(plan.objects[root].block);
    causes.contains(&cause).then_some((block, cause, forced))
}

/// Where values that a module alone decides changed, which ones, and to what.
type Edit<'p> = (String, BTreeSet<(&'p str, Option<u64>)>);

fn edit_inside<'p>(plan: &'p Plan, group: &Group) -> Option<Edit<'p>> {
    group.only_cause().filter(|cause| *cause == "attribute")?;
    let first = plan.objects[*group.roots.first()?].block;
    let forced = || {
        let roots = group.roots.iter();
        roots.flat_map(|root| &plan.objects[*root].change().forced_by)
    };
    let is_own = |forced: &Forced| has_by_itself(plan, first, &forced.attribute);
    let changed = forced().map(|forced| {
        let how = forced.rewording.as_ref().map(|how| how.print);
        (&*forced.attribute, how)
    });
    let is_inside = plan.blocks[first].module != 0 && forced().all(is_own);
    is_inside.then(|| (written(plan, first), changed.collect()))
}

/// Joins the instances of one block that are replaced for the same attributes, and such instances in all calls of a module
/// that was edited: one line of configuration did it.
pub(super) fn by_line(plan: &Plan, groups: Vec<Group>) -> Vec<Group> {
    let lines = joined(groups, |group| line(plan, group));
    let mut edits = joined(lines, |group| edit_inside(plan, group));
    edits.iter_mut().for_each(Group::settle);
    edits
}

/// Joins groups of which the same is true; those of which nothing is stay alone.
fn joined<T: Ord>(groups: Vec<Group>, of: impl Fn(&Group) -> Option<T>) -> Vec<Group> {
    let mut joined: Vec<Group> = Vec::new();
    let mut known: BTreeMap<T, usize> = BTreeMap::new();
    for group in groups {
        let line = of(&group);
        let at = line.as_ref().and_then(|line| known.get(line).copied());
        if let Some(at) = at {
            joined[at].join(group);
        } else {
            known.extend(line.map(|line| (line, joined.len())));
            joined.push(group);
        }
    }
    joined
}
