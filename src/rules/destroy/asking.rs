//! What would have an object replaced beside the one reason that Terraform gives: a taint, a request, a trigger hide the rest.

use super::origin::places;
use super::replaced::Group;
use super::replacement::some;
use crate::catalog::attributes::TAGS;
use crate::finding::natural;
use crate::input::plan::{Forced, ObjectId, Plan};
use crate::rules::context::named;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// So many attributes are named.
const NAMED: usize = 3;

/// What keeps a tainted object.
pub(super) fn untaint(plan: &Plan, root: ObjectId) -> Cow<'static, str> {
    let kept = "If the object is fine, terraform untaint keeps it.";
    asked(plan, root, "terraform untaint", kept)
}

/// What keeps an object that somebody asked to replace.
pub(super) fn take_back(plan: &Plan, root: ObjectId) -> Cow<'static, str> {
    let kept = "Plan without -replace to keep it.";
    asked(plan, root, "Planning without -replace", kept)
}

/// What keeps an object whose replacement was asked for: to take that back, unless something else forces it.
fn asked(plan: &Plan, root: ObjectId, back: &str, kept: &'static str) -> Cow<'static, str> {
    let forced = beside_the_asking(plan, root);
    if !forced.is_empty() {
        return format!(
            "{back} alone does not keep it: {forced} cannot be changed in place either."
        )
        .into();
    }
    match changed(plan, root).as_slice() {
        [] => kept.into(),
        some => format!(
            "{back} keeps it only if what else the plan changes in it ({}) can be changed in place.",
            named(some, NAMED)
        )
        .into(),
    }
}

/// What would force the replacement of an object that is tainted, or that somebody asked to replace. Of a tainted one the plan
/// does not say that (Terraform 1.11), but of what other instances of its block are replaced for, and that it changes as well.
fn beside_the_asking(plan: &Plan, root: ObjectId) -> String {
    let forced = |id: &ObjectId| &plan.objects[*id].change().forced_by;
    let others = plan.block(root).objects.iter().flat_map(forced);
    let others = others.filter(|forced| plan.changed(root).any(|name| *name == forced.attribute));
    let own = forced(&root).iter();
    paths(own.chain(others))
}

/// The attributes of a tainted object that the plan changes, or that refer to what is not known any more.
fn changed(plan: &Plan, root: ObjectId) -> Vec<String> {
    let block = plan.objects[root].block;
    let refers = |name: &str| places(plan, block, name).next().is_some();
    let unknown = plan.unknown(root).filter(|name| refers(name));
    let all = plan.changed(root).chain(unknown);
    // Tags are changed in place wherever there are any.
    let all: BTreeSet<&str> = all
        .map(|name| &**name)
        .filter(|name| !TAGS.contains(name))
        .collect();
    all.into_iter().map(str::to_owned).collect()
}

/// What members of a group would be replaced for without their root; begins with a space.
pub(super) fn all_the_same(plan: &Plan, group: &Group) -> String {
    let own: Vec<_> = group.by_themselves().copied().collect();
    match (&*own, &*group.members) {
        ([], _) => String::new(),
        ([only], [_]) => match &*own_paths(plan, *only) {
            "" => " It would be replaced all the same: it is tainted.".to_owned(),
            forced => {
                format!(" It would be replaced all the same: {forced} cannot be changed in place.")
            }
        },
        _ => {
            let why = |id: &ObjectId| match own_paths(plan, *id) {
                forced if forced.is_empty() => format!("{} (tainted)", plan.address(*id)),
                forced => format!("{} ({forced})", plan.address(*id)),
            };
            let mut all: Vec<_> = own.iter().map(why).collect();
            all.sort_by(|a, b| natural(a, b));
            format!(" {} would be replaced all the same.", some(&all))
        }
    }
}

/// What forces the replacement of an object whatever becomes of others.
fn own_paths(plan: &Plan, id: ObjectId) -> String {
    let forced = plan.objects[id].change().forced_by.iter();
    paths(forced.filter(|forced| !forced.unknown))
}

/// The paths of what forces replacements, each once.
pub(super) fn paths<'p>(forced: impl Iterator<Item = &'p Forced>) -> String {
    let paths: BTreeSet<&str> = forced.map(|forced| &*forced.path).collect();
    paths.into_iter().collect::<Vec<_>>().join(", ")
}
