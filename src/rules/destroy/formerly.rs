//! Which of several instances a value came from. In the configuration nothing tells `x[each.value]` of one instance from
//! that of another; but who is replaced for an unknown value had an old one, and that is what one of them is called.

use crate::input::plan::{BlockId, Forced, ObjectId, Plan};
use foldhash::HashMap;
use std::collections::BTreeSet;

/// The objects that go, by what those were called that are replaced for unknown values.
#[derive(Debug, Default)]
pub(in crate::rules) struct Formerly(HashMap<u64, Vec<ObjectId>>);

impl Formerly {
    /// Those of a plan.
    pub(super) fn of(plan: &Plan) -> Self {
        let replaced = plan
            .managed()
            .filter(|(_, object)| object.action().replaces());
        let forced = replaced.flat_map(|(_, object)| &object.change().forced_by);
        let prints = forced.flat_map(was);
        let mut found: HashMap<u64, Vec<ObjectId>> =
            prints.map(|print| (*print, Vec::new())).collect();
        if found.is_empty() {
            return Self(found);
        }
        for (id, object) in plan.managed() {
            let kept = object.change().kept.as_deref();
            for print in kept.map_or(&[][..], |kept| &kept.identities) {
                if let Some(holders) = found.get_mut(print) {
                    holders.push(id);
                }
            }
        }
        Self(found)
    }

    /// The objects that were called what stood in a forcing attribute before.
    pub(super) fn holders(&self, forced: &Forced) -> Vec<ObjectId> {
        let found = was(forced).iter().filter_map(|print| self.0.get(print));
        found.flatten().copied().collect()
    }

    /// Tells the instances beside those whose values an object had: those it does not hang on, whatever the configuration
    /// names.
    pub(super) fn beside<'p>(
        &self,
        plan: &'p Plan,
        id: ObjectId,
    ) -> impl Fn(ObjectId) -> bool + 'p {
        let forced = plan.objects[id].change().forced_by.iter();
        let holders: BTreeSet<ObjectId> = forced.flat_map(|one| self.holders(one)).collect();
        let block = |id: &ObjectId| plan.objects[*id].block;
        let blocks: BTreeSet<BlockId> = holders.iter().map(block).collect();
        move |other| {
            let of = plan.objects[other].block;
            !holders.contains(&other) && blocks.iter().any(|block| plan.is_same_block(*block, of))
        }
    }

    /// Of the objects that an attribute may be made of those that its old value came from. `origin` says what an object was
    /// before: itself, or another under another address, or nothing. Where what had the value comes back as none of them,
    /// it is any that is new.
    pub(super) fn narrowed(
        &self,
        plan: &Plan,
        forced: &Forced,
        mut objects: Vec<ObjectId>,
        origin: impl Fn(ObjectId) -> Option<ObjectId>,
    ) -> Vec<ObjectId> {
        let holders = self.holders(forced);
        if holders.is_empty() || objects.len() < 2 {
            return objects;
        }
        let held = |id: ObjectId| origin(id).is_some_and(|id| holders.contains(&id));
        // A value that is one text came from one object.
        if matches!(&*forced.was, [_]) && objects.iter().any(|id| held(*id)) {
            objects.retain(|id| held(*id));
            return objects;
        }
        let site = |id: ObjectId| plan.config_address(plan.objects[id].block);
        let blocks: BTreeSet<String> = holders.iter().map(|id| site(*id)).collect();
        let back = objects.iter().filter(|id| held(**id));
        let back: BTreeSet<String> = back.filter_map(|id| Some(site(origin(*id)?))).collect();
        objects.retain(|id| {
            let was = origin(*id);
            let block = site(was.unwrap_or(*id));
            match was {
                _ if !blocks.contains(&block) => true,
                Some(was) => holders.contains(&was),
                None => !back.contains(&block),
            }
        });
        objects
    }
}

/// The prints in the old value, where nothing is known of the new one.
fn was(forced: &Forced) -> &[u64] {
    if forced.unknown { &forced.was } else { &[] }
}
