//! Traces a replacement whose forcing attribute has a known value.

use super::origin::{drifted, handed_on};
use super::root::{Root, Roots, Source, known_cause, pick};
use crate::input::plan::{Change, Forced, ObjectId};
use std::collections::BTreeSet;

impl Roots<'_> {
    /// The root of what is replaced for known values: the object itself, unless all of them are handed on by what is
    /// replaced for them.
    pub(super) fn known(&mut self, id: ObjectId, change: &Change) -> Root {
        let (mut sources, mut is_own) = (Vec::new(), false);
        for forced in &change.forced_by {
            match self.behind(id, change, forced) {
                Some(found) => sources.extend(found),
                None => is_own = true,
            }
        }
        let own = Root::of(id, Some(known_cause(change)));
        let Some(source) = pick(sources) else {
            return self.outside(id, change).unwrap_or(own);
        };
        if !is_own {
            return Root {
                deferred: source.deferred,
                others: source.others,
                ..Root::of(source.root, Some("upstream"))
            };
        }
        let all = source.others.into_iter().chain([source.root]);
        let besides: BTreeSet<_> = all.filter(|other| *other != id).collect();
        Root { besides, ..own }
    }

    /// The root of what is replaced because something that it reads changed outside of Terraform.
    fn outside(&self, id: ObjectId, change: &Change) -> Option<Root> {
        let mut found = BTreeSet::new();
        for forced in change.forced_by.iter().filter(|forced| !forced.unknown) {
            found.extend(drifted(self.plan, self.graph, id, &forced.attribute)?);
        }
        let first = found.pop_first()?;
        Some(Root {
            others: found,
            ..Root::of(first, Some("drift"))
        })
    }

    /// What would have an object replaced without its triggers: others, or it by itself.
    pub(super) fn untriggered(&mut self, id: ObjectId) -> BTreeSet<ObjectId> {
        let plan = self.plan;
        let mut found = BTreeSet::new();
        found.extend(plan.tainted.contains(&id).then_some(id));
        let change = plan.objects[id].change();
        for forced in &change.forced_by {
            match self.behind(id, change, forced) {
                Some(sources) => found.extend(sources.iter().map(|source| source.root)),
                None => _ = found.insert(id),
            }
        }
        found
    }

    /// What is behind a forcing attribute; nothing when it is the object's own.
    fn behind(&mut self, id: ObjectId, change: &Change, forced: &Forced) -> Option<Vec<Source>> {
        let found = if forced.unknown {
            let made_of = self.graph.made_of(self.plan, id, Some(&forced.attribute));
            self.handing(id, forced, made_of)
        } else if change.drifted.contains(&forced.attribute) {
            return None;
        } else {
            handed_on(self.plan, self.graph, id, forced)?
        };
        let found = found.into_iter();
        Some(found.filter_map(|object| self.explains(object)).collect())
    }
}
