//! Follows renames through addresses that are in use: `a` takes the address of `b`, `b` that of `c`. Terraform
//! then destroys `a`, replaces `b` and creates `c`, where three moves would do.

use super::compare::{Comparer, Confidence};
use super::{Pair, Renames};
use crate::input::plan::{Action, ObjectId, Plan};
use std::collections::{BTreeMap, BTreeSet};

/// Beyond this many replaced objects of a type nobody renames by hand.
const MOST_LINKS: usize = 50;

/// Adds chains that begin with an object that goes, end with one that comes, and keep every name on the way.
pub(super) fn add(plan: &Plan, taken: &BTreeSet<ObjectId>, found: &mut Renames) {
    let mut kinds: BTreeMap<&str, Vec<ObjectId>> = BTreeMap::new();
    let known: BTreeSet<_> = found
        .pairs
        .iter()
        .flat_map(|pair| [pair.from, pair.to])
        .collect();
    for (id, object) in plan.managed() {
        let links = matches!(
            object.action(),
            Action::Delete | Action::Create | Action::Replace { .. }
        );
        if links && !taken.contains(&id) && !known.contains(&id) && object.deposed.is_none() {
            kinds.entry(&plan.block(id).kind).or_default().push(id);
        }
    }
    for objects in kinds.values() {
        let replaced = |id: &&ObjectId| plan.objects[**id].action().replaces();
        let links = objects.iter().filter(replaced).count();
        if (1..=MOST_LINKS).contains(&links) {
            chains(plan, objects, found);
        }
    }
}

fn chains(plan: &Plan, objects: &[ObjectId], found: &mut Renames) {
    let next = successors(plan, objects);
    let begins = objects
        .iter()
        .copied()
        .filter(|id| plan.objects[*id].action() == Action::Delete);
    for start in begins {
        let mut chain = Vec::new();
        let mut at = start;
        while let Some(pair) = next.get(&at) {
            chain.push(pair.clone());
            at = pair.to;
            if chain.len() > objects.len() {
                break;
            }
        }
        if chain.len() > 1 && plan.objects[at].action() == Action::Create {
            found.pairs.extend(chain);
        }
    }
}

/// What each object became, where exactly one has its name.
fn successors(plan: &Plan, objects: &[ObjectId]) -> BTreeMap<ObjectId, Pair> {
    let comparer = Comparer::new(plan);
    let mut next = BTreeMap::new();
    let comes = |id: &&ObjectId| !plan.objects[**id].action().removes();
    let goes = |id: &&ObjectId| plan.objects[**id].action() != Action::Create;
    for from in objects.iter().filter(goes) {
        let named = objects.iter().filter(comes).filter(|to| *to != from);
        let mut named = named.filter_map(|to| {
            let likeness = comparer.compare(*from, *to)?;
            (likeness.identity && !likeness.apart).then_some((*to, likeness))
        });
        if let (Some((to, likeness)), None) = (named.next(), named.next()) {
            let pair = Pair {
                from: *from,
                to,
                confidence: Confidence::High,
                same: likeness.same,
                differing: likeness.differing,
            };
            next.insert(*from, pair);
        }
    }
    next
}
