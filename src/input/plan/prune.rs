//! Lets go of kept values that no rule can use: of objects that come and go, most have no counterpart.

use super::leaves::Leaves;
use super::{Action, Kept, Name, ObjectId, PathId, Plan, Print};
use crate::catalog;
use crate::catalog::attributes::{NAMES, TELLING, is_detail};
use foldhash::{HashMap, HashSet};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A text at a path.
type Text = (PathId, u64);

/// Of so many of a type it is asked whether they differ in details alone: more of them would take room, and are not told
/// apart by less than a name.
const MOST_COMPARED: usize = 400;

/// What paths tell.
struct Told<'d> {
    /// Those that tell objects of a type from each other.
    names: Vec<PathId>,
    /// By path, whether an object stays what it is without it; nothing where they are too many to ask.
    details: &'d [bool],
}

/// Clears the values of created objects that nothing which goes resembles, and then of what goes when nothing
/// that comes is left to compare it with. Elements of a `count` stay: they are compared with each other; so do
/// objects created before their predecessor is destroyed.
pub(super) fn prune(plan: &mut Plan) {
    let mut by_kind: BTreeMap<Name, Vec<ObjectId>> = BTreeMap::new();
    for id in 0..plan.objects.len() {
        let pairs = |action| matches!(action, Action::Create | Action::Replace { .. });
        let action = plan.objects[id].action();
        if kept(plan, id).is_some() && (pairs(action) || action.destroys()) {
            let kind = Name::clone(&plan.block(id).kind);
            by_kind.entry(kind).or_default().push(id);
        }
    }
    let ids: HashMap<&str, PathId> = (0..)
        .zip(&plan.paths)
        .map(|(id, name)| (&**name, id))
        .collect();
    let details: Vec<bool> = plan.paths.iter().map(|path| is_detail(path)).collect();
    let mut cleared = Vec::new();
    for (kind, objects) in &by_kind {
        let few = objects.len() <= MOST_COMPARED;
        let telling: &[&str] = if few { &TELLING } else { &[] };
        let names = NAMES.iter().chain(telling);
        let names = names.filter_map(|name| ids.get(name).copied());
        let told = Told {
            names: names.chain(identity_paths(&ids, kind)).collect(),
            details: if few { &details } else { &[] },
        };
        cleared.extend(useless(plan, objects, &told));
    }
    for id in cleared {
        let Some(change) = plan.objects[id].change.as_deref_mut() else {
            continue;
        };
        // What others get of an object that is replaced counts all the same.
        let replaces = change.action.replaces();
        if let Some(kept) = change.kept.as_deref_mut() {
            (kept.before, kept.after) = (Leaves::default(), Leaves::default());
            if !replaces {
                kept.unknown = Arc::default();
            }
        }
    }
    compact(plan);
}

/// The paths of what names an object of a type in its cloud; in a nested block also where that is a list.
pub(crate) fn identity_paths(ids: &HashMap<&str, PathId>, kind: &str) -> Vec<PathId> {
    let identity = catalog::facts(kind).identity.iter();
    let listed = |name: &str| ids.get(&*name.replacen('.', "[0].", 1)).copied();
    let paths = identity.flat_map(|name| [ids.get(name).copied(), listed(name)]);
    let mut found: Vec<_> = paths.flatten().collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Gives back the room of prints that nobody refers to any more.
fn compact(plan: &mut Plan) {
    let old = std::mem::take(&mut plan.prints);
    let mut prints = Vec::new();
    let changes = plan
        .objects
        .iter_mut()
        .filter_map(|object| object.change.as_mut());
    for kept in changes.filter_map(|change| change.kept.as_mut()) {
        for leaves in [&mut kept.before, &mut kept.after] {
            let start = prints.len();
            prints.extend_from_slice(&old[leaves.start..leaves.start + leaves.paths.len()]);
            leaves.start = start;
        }
    }
    plan.prints = prints;
}

fn kept(plan: &Plan, id: ObjectId) -> Option<&Kept> {
    plan.objects[id].change().kept.as_deref()
}

/// The objects of one type that cannot be compared with any other.
fn useless(plan: &Plan, objects: &[ObjectId], told: &Told<'_>) -> Vec<ObjectId> {
    let going: HashSet<Text> = objects
        .iter()
        .filter_map(|id| kept(plan, *id))
        .flat_map(|kept| texts(plan, &kept.before))
        .collect();
    let resembles =
        |id: &ObjectId| kept(plan, *id).is_some_and(|kept| resembles(plan, kept, &going, told));
    let comes = |id: &ObjectId| !plan.objects[*id].action().removes();
    let stays = |id: &ObjectId| {
        kept(plan, *id).is_some_and(|kept| kept.labels.is_some())
            || plan.objects[*id].action() == Action::Replace { create_first: true }
    };
    let created: Vec<_> = objects.iter().filter(|id| comes(id)).copied().collect();
    let some = created
        .iter()
        .any(|id| plan.objects[*id].action() == Action::Create && resembles(id));
    let wanted = |id: &ObjectId| stays(id) || (some && (!comes(id) || resembles(id)));
    objects.iter().filter(|id| !wanted(id)).copied().collect()
}

/// Whether a created object has a name of one that goes, or all its texts but details; of one that has nothing else,
/// any of them.
fn resembles(plan: &Plan, kept: &Kept, going: &HashSet<Text>, told: &Told<'_>) -> bool {
    let texts = || texts(plan, &kept.after);
    let is_known = |text: Text| going.contains(&text);
    let is_detail = |(path, _): &Text| told.details.get(*path as usize) == Some(&true);
    let mut telling = texts().filter(|text| !is_detail(text)).peekable();
    let alike = if telling.peek().is_none() {
        texts().any(is_known) || texts().next().is_none()
    } else {
        telling.all(is_known)
    };
    let mut names = texts().filter(|(path, _)| told.names.contains(path));
    alike || names.any(is_known)
}

fn texts<'a>(plan: &'a Plan, leaves: &'a Leaves) -> impl Iterator<Item = Text> {
    let texts = leaves
        .iter(plan)
        .filter(|(_, print): &(_, Print)| print.is_text());
    texts.map(|(path, print)| (path, print.bits()))
}
