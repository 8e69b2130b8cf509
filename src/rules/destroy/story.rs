//! Which finding tells the end of which object: every object that is destroyed is a member of exactly one.

use super::formerly::Formerly;
use super::rename::{self, Renames};
use super::root::{Root, Roots};
use super::shift::{self, Shift};
use super::survivors::{self, Literals};
use super::users::Users;
use crate::graph::{Direction, Graph, Sense};
use crate::input::plan::{Action, Forced, ObjectId, Plan};
use std::collections::{BTreeMap, BTreeSet};

/// What several rules of the family need to know of each other.
#[derive(Debug, Default)]
pub(in crate::rules) struct Story {
    /// Lists whose elements moved, with the replaced objects that only follow and what goes as they got shorter.
    pub(super) shifts: Vec<(Shift, Vec<ObjectId>)>,
    pub(super) renames: Renames,
    /// The root of every object that is replaced and has no other finding.
    pub(super) replaced: BTreeMap<ObjectId, Root>,
    /// Where the names of what goes stand literally.
    pub(super) literals: Literals,
    /// Of what the old values of those are that are replaced.
    pub(in crate::rules) formerly: Formerly,
    /// Who referred to the made up values that go.
    pub(super) users: Users,
    told: BTreeSet<ObjectId>,
}

impl Story {
    /// Tells the story of a plan.
    pub(in crate::rules) fn new(plan: &Plan, graph: &Graph) -> Self {
        let formerly = Formerly::of(plan);
        let found = shift::find(plan);
        let shifted = found.iter().flat_map(|shift| &shift.objects);
        let mut roots = Roots::new(plan, graph, &formerly);
        roots.shifted = shifted.copied().collect();
        let replaced = plan
            .managed()
            .filter(|(_, object)| object.action().replaces());
        let mut replaced: BTreeMap<ObjectId, Root> =
            replaced.map(|(id, _)| (id, roots.of(id))).collect();
        let shifted = std::mem::take(&mut roots.shifted);
        drop(roots);
        let mut told = BTreeSet::new();
        let mut shifts = Vec::new();
        let shortened = shift::shortened(plan, &found);
        for (mut shift, mut followers) in found.into_iter().zip(shortened) {
            let inside: BTreeSet<_> = shift.objects.iter().copied().collect();
            let besides = inside.iter().filter_map(|id| {
                let others = &replaced.get(id)?.besides - &shifted;
                (!others.is_empty()).then_some((*id, others))
            });
            shift.anyway = besides.collect();
            // What hangs on two lists follows one of them.
            let follows =
                |root: &Root| inside.contains(&root.object) && root.others.is_subset(&shifted);
            let behind = replaced
                .iter()
                .filter(|(id, root)| !shifted.contains(id) && follows(root))
                .map(|(id, _)| *id);
            followers.extend(behind);
            followers.sort_unstable();
            told.extend(inside.iter().chain(&followers).copied());
            shifts.push((shift, followers));
        }
        let mut renames = rename::find(plan, graph, &told);
        follow((plan, graph, &formerly), &mut renames, &mut replaced);
        rename::look_ahead(plan, graph, &mut renames.pairs);
        for pair in &renames.pairs {
            told.extend(pair.members());
        }
        told.extend(renames.ambiguous.keys().copied());
        replaced.retain(|id, _| !told.contains(id));
        Self {
            shifts,
            renames,
            replaced,
            literals: survivors::named(plan),
            formerly,
            users: Users::of(plan, graph),
            told,
        }
    }

    /// Whether a more exact finding than "it is destroyed" tells of an object.
    pub(super) fn is_told(&self, id: ObjectId) -> bool {
        self.told.contains(&id)
    }

    /// Whether an object that goes is known to come back under another address.
    pub(in crate::rules) fn is_renamed(&self, id: ObjectId) -> bool {
        self.renames.pairs.iter().any(|pair| pair.from == id)
    }
}

/// Tells what is replaced only because of renames beside them, and what else is behind the rest.
fn follow(
    (plan, graph, formerly): (&Plan, &Graph, &Formerly),
    renames: &mut Renames,
    replaced: &mut BTreeMap<ObjectId, Root>,
) {
    let targets: BTreeMap<ObjectId, usize> = (renames.pairs.iter().enumerate())
        .map(|(nth, pair)| (pair.to, nth))
        .collect();
    if targets.is_empty() {
        return;
    }
    let starts = targets.keys().map(|id| graph.object(*id));
    let behind = graph.search(starts, Direction::Dependents, Sense::Flow, |_, _, _| true);
    let renamed: BTreeSet<ObjectId> = renames.pairs.iter().map(|pair| pair.from).collect();
    let may_follow = |id| !renamed.contains(id) && behind.contains(graph.object(*id));
    let origins = renames.pairs.iter().map(|pair| (pair.to, pair.from));
    let mut roots = Roots::beside(plan, graph, formerly, origins.collect());
    for (id, root) in replaced.iter_mut().filter(|(id, _)| may_follow(id)) {
        let behind = roots.of(*id);
        let is_renamed = |id: &ObjectId| targets.contains_key(id);
        if behind.others.iter().all(is_renamed)
            && let Some(nth) = targets.get(&behind.object)
            && only_follows(
                &roots,
                *id,
                renames.pairs[*nth].from,
                (&renamed, is_renamed),
            )
        {
            renames.pairs[*nth].followers.push(*id);
        } else if !is_renamed(&behind.object) {
            *root = behind;
            root.others.retain(|id| !is_renamed(id));
        }
    }
}

/// Whether an object would refer to what it did, had that been moved: its dependency is what went, the same instance as far
/// as keys and old values tell or one of those that all were renamed, and nothing else that is new makes it be replaced.
fn only_follows(
    roots: &Roots<'_>,
    id: ObjectId,
    went: ObjectId,
    (renamed, is_renamed): (&BTreeSet<ObjectId>, impl Fn(&ObjectId) -> bool),
) -> bool {
    let (plan, graph) = (roots.plan, roots.graph);
    let (object, old) = (&plan.objects[id], &plan.objects[went]);
    let address = plan.config_address(old.block);
    let list = object
        .dependencies
        .map(|list| &plan.dependency_lists[list.index()]);
    let depended = list.is_some_and(|names| names.iter().any(|name| **name == *address));
    let comes = |id: &ObjectId| plan.objects[*id].action() == Action::Create;
    let forced = &object.change().forced_by;
    let had = |forced: &Forced| roots.was_of(forced, |id| renamed.contains(id));
    let mut instances = plan.blocks[old.block].objects.iter();
    let same = instances.len() == 1
        || old.key == object.key
        || instances.all(|id| renamed.contains(id) || comes(id))
        || forced.iter().all(had);
    let new = |forced: &Forced| {
        let made_of = graph.made_of(plan, id, Some(&forced.attribute));
        let made_of = roots.taken_from(id, forced, made_of);
        let new = |id: &ObjectId| comes(id) && !is_renamed(id);
        made_of.iter().any(new)
    };
    depended && same && !forced.iter().any(new)
}
