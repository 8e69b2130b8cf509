//! What instances of a list have by their number rather than by their element.

use super::{Series, Stood};
use crate::input::plan::references::Target;
use crate::input::plan::{ObjectId, PathId, Plan, attribute_of};
use std::collections::{BTreeMap, BTreeSet};

/// The arguments that stay with the number when elements move: an object that holds the element of its neighbour still
/// has its own value there, where the neighbour has another. They are made of `count.index`, or of another list by it.
pub(super) fn numbered<'s>(
    plan: &Plan,
    stood: &BTreeMap<u64, Stood>,
    all: impl Iterator<Item = &'s Series>,
) -> Vec<String> {
    let mut found = BTreeSet::new();
    for series in all {
        for (index, id) in series {
            if let Some(Stood::At(old)) = stood.get(index)
                && let Some(neighbour) = series.get(old)
            {
                found.extend(kept_beside(plan, *id, *neighbour));
            }
        }
    }
    found.into_iter().collect()
}

/// Arguments whose value an object keeps, and of which its neighbour had another.
fn kept_beside(plan: &Plan, id: ObjectId, neighbour: ObjectId) -> Vec<String> {
    let kept = |id: ObjectId| plan.objects[id].change().kept.as_deref();
    let (Some(own), Some(theirs)) = (kept(id), kept(neighbour)) else {
        return Vec::new();
    };
    // What a provider computes stays with the object, whatever it holds.
    let Some(resource) = plan.resource(plan.objects[id].block) else {
        return Vec::new();
    };
    let leaves = own.before.beside(&own.after, plan);
    // A number in a block may be what a provider counts.
    let is_nested = |path: PathId| {
        let path = &*plan.paths[path as usize];
        attribute_of(path) != path
    };
    let same = leaves.filter(|(path, was, is)| {
        let other = theirs.before.get(plan, *path);
        let told = was.is_text() || !is_nested(*path);
        told && *is == Some(*was) && other.is_some_and(|other| other != *was)
    });
    let attributes = same.map(|(path, ..)| attribute_of(&plan.paths[path as usize]));
    // What it refers to by its own number goes with it, and so does what is in its own instance of a module.
    let is_inside = plan.block(id).module != plan.block(neighbour).module;
    let is_object = |target: &Target| !matches!(target, Target::Variable(_) | Target::Local(_));
    let follows = |name: &str| {
        let mut references = resource.references_of(name);
        references.any(|reference| reference.same_key || is_inside && is_object(&reference.target))
    };
    let written = attributes.filter(|name| resource.has_argument(name) && !follows(name));
    written.map(str::to_owned).collect()
}
