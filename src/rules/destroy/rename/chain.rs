//! Follows renames through addresses that are in use: `a` takes the address of `b`, `b` that of `c`. Terraform
//! then destroys `a`, replaces `b` and creates `c`, where three moves in the state would do.

use super::compare::{Comparer, Confidence};
use super::index::name;
use super::{Outlook, Pair, Renames};
use crate::input::plan::{Action, ObjectId, Plan};
use foldhash::HashMap;
use std::collections::{BTreeMap, BTreeSet};

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
    let comparer = Comparer::new(plan);
    for objects in kinds.values() {
        let replaced = |id: &&ObjectId| plan.objects[**id].action().replaces();
        if objects.iter().any(|id| replaced(&id)) {
            chains(&comparer, plan, objects, found);
        }
    }
}

fn chains<'p>(comparer: &Comparer<'p>, plan: &'p Plan, objects: &[ObjectId], found: &mut Renames) {
    let next = successors(comparer, plan, objects);
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
fn successors<'p>(
    comparer: &Comparer<'p>,
    plan: &'p Plan,
    objects: &[ObjectId],
) -> BTreeMap<ObjectId, Pair> {
    let kind = objects.first().map_or("", |id| &*plan.block(*id).kind);
    let identity = comparer.identity(kind);
    let comes = objects
        .iter()
        .filter(|id| !plan.objects[**id].action().removes());
    let mut named: HashMap<_, Vec<ObjectId>> = HashMap::default();
    for id in comes {
        let name = comparer
            .kept(*id)
            .and_then(|kept| name(&identity, |path| kept.after.get(plan, path)));
        if let Some(name) = name {
            named.entry(name).or_default().push(*id);
        }
    }
    let mut next = BTreeMap::new();
    for from in objects {
        let kept = comparer.kept(*from);
        let name = kept.and_then(|kept| name(&identity, |path| kept.before.get(plan, path)));
        let same = name.and_then(|name| named.get(&name)).map(Vec::as_slice);
        let [to] = same.unwrap_or_default() else {
            continue;
        };
        let likeness = comparer.compare(*from, *to).filter(|_| to != from);
        if let Some(likeness) = likeness.filter(|likeness| likeness.identity) {
            let pair = Pair {
                from: *from,
                to: *to,
                confidence: Confidence::High,
                same: likeness.same,
                // Of what is replaced on the way nothing but its name is kept: what else differs nobody can tell.
                differing: Vec::new(),
                followers: Vec::new(),
                outlook: Outlook::default(),
            };
            next.insert(*from, pair);
        }
    }
    // Where two have the same name nobody can tell which of them went on.
    let mut wanted: BTreeMap<ObjectId, usize> = BTreeMap::new();
    for pair in next.values() {
        *wanted.entry(pair.to).or_default() += 1;
    }
    next.retain(|_, pair| wanted[&pair.to] == 1);
    next
}
