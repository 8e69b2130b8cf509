//! Groups replacements under what set them off.

use crate::input::plan::{Action, ObjectId, Plan};
use crate::rules::Context;
use std::collections::{BTreeMap, BTreeSet};

/// Objects that are replaced under one root, or under roots that are one line.
#[derive(Default)]
pub(super) struct Group {
    pub(super) members: Vec<ObjectId>,
    pub(super) causes: BTreeSet<Option<&'static str>>,
    pub(super) deferred: BTreeSet<ObjectId>,
    pub(super) others: BTreeSet<ObjectId>,
    /// What would have the root replaced without its own reason.
    pub(super) besides: BTreeSet<ObjectId>,
    /// Members that would stay as they are without the root.
    pub(super) spared: usize,
}

/// The replacements of a plan that no more exact finding tells of, each group with its roots.
pub(super) fn groups(context: &Context<'_>) -> Vec<(Vec<ObjectId>, Group)> {
    let plan = context.plan;
    let mut groups: BTreeMap<ObjectId, Group> = BTreeMap::new();
    for (id, root) in &context.story().replaced {
        let group = groups.entry(root.object).or_default();
        group.members.push(*id);
        group.deferred.extend(root.deferred);
        group.others.extend(&root.others);
        group.besides.extend(&root.besides);
        if *id != root.object && root.others.is_empty() {
            group.spared += 1;
        }
        if *id == root.object || !plan.objects[root.object].action().replaces() {
            group.causes.insert(root.cause);
        }
    }
    alike(plan, groups)
}

/// What instances have in common that one line of configuration has replaced, or that have others replaced: the block, the
/// cause, and what forces it.
type Line<'p> = (String, &'static str, Vec<&'p str>);

fn line<'p>(plan: &'p Plan, root: ObjectId, group: &Group) -> Option<Line<'p>> {
    let mut causes = group.causes.iter().copied();
    let (Some(Some(cause)), None) = (causes.next(), causes.next()) else {
        return None;
    };
    let causes: &[&str] = match plan.objects[root].action() {
        action if action.replaces() => &["attribute", "drift"],
        Action::Update => &["triggers", "upstream"],
        _ => &[],
    };
    let forced = plan.objects[root].change().forced_by.iter();
    let forced = forced.map(|forced| &*forced.attribute).collect();
    let block = plan.config_address(plan.objects[root].block);
    causes.contains(&cause).then_some((block, cause, forced))
}

/// Joins the instances of one block that are replaced for the same attributes: one line of configuration did it. What
/// another root would set off as well joins where that is one of them.
fn alike(plan: &Plan, groups: BTreeMap<ObjectId, Group>) -> Vec<(Vec<ObjectId>, Group)> {
    let groups = groups.into_iter();
    let groups: Vec<_> = groups
        .map(|(root, group)| (line(plan, root, &group), root, group))
        .collect();
    let mut lines: BTreeMap<Line<'_>, BTreeSet<ObjectId>> = BTreeMap::new();
    for (line, root, _) in &groups {
        if let Some(line) = line {
            lines.entry(line.clone()).or_default().insert(*root);
        }
    }
    let mut joined: Vec<(Vec<ObjectId>, Group)> = Vec::new();
    let mut known: BTreeMap<Line<'_>, usize> = BTreeMap::new();
    for (line, root, mut group) in groups {
        let line = line.filter(|line| group.others.is_subset(&lines[line]));
        let at = line.as_ref().and_then(|line| known.get(line).copied());
        if line.is_some() {
            // Without the line there would be none of them.
            group.spared = group.members.iter().filter(|id| **id != root).count();
            group.others.clear();
        }
        if let Some(at) = at {
            let (roots, all) = &mut joined[at];
            roots.push(root);
            all.members.extend(group.members);
            all.deferred.extend(group.deferred);
            all.besides.extend(group.besides);
            all.spared += group.spared;
        } else {
            known.extend(line.map(|line| (line, joined.len())));
            joined.push((vec![root], group));
        }
    }
    joined
}
