//! What the builder takes from the values of a change.

use super::attributes::Attributes;
use super::builder::{Builder, MOST_CALLED};
use super::element::Element;
use super::kept::{Keeper, Kept, LONGEST_PATH, Wanted};
use super::values::RawChange;
use super::{Action, BlockId, Change, Label, ListId, Object, ObjectId};
use crate::catalog::{self, Facts};
use crate::input::address::Mode;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Builder {
    pub(super) fn read_change(&mut self, id: ObjectId, element: &Element<'_>) -> Change {
        let values = &element.change;
        // Of a tainted object the plan does not say what else would force its replacement (Terraform 1.11).
        let tainted = element.reason.as_deref() == Some("replace_because_tainted");
        let (changed, to_unknown) = if values.action == Action::Update || tainted {
            values.changed()
        } else {
            (Vec::new(), false)
        };
        let changed = self.attributes(&changed);
        let mut intern = |text: &Option<Cow<'_, str>>| {
            let text = text.as_deref();
            text.map(|text| self.names.intern(text))
        };
        Change {
            action: values.action,
            reason: intern(&element.reason),
            importing: values.importing,
            forced_by: values.forced(&self.variables, &self.hasher, &mut self.names),
            changed,
            to_unknown,
            tag_before: None,
            drifted: Box::default(),
            vanished: None,
            kept: self.keep(id, element, to_unknown),
        }
    }

    /// The shared list of some top-level attributes; nothing for none.
    fn attributes(&mut self, names: &[&[u8]]) -> Option<ListId> {
        if names.is_empty() {
            return None;
        }
        let names = names.iter();
        let mut paths: Vec<_> = names
            .map(|name| {
                self.paths
                    .id(&name[..name.len().min(LONGEST_PATH)], &mut self.names)
            })
            .collect();
        paths.sort_unstable();
        let list = self.paths.list(&paths);
        let lists = &mut self.plan.attribute_lists;
        let next = ListId::of(lists.len());
        let known = self.attribute_lists.entry(Arc::clone(&list));
        Some(*known.or_insert_with(|| {
            lists.push(list);
            next
        }))
    }

    /// What is kept of the values: of objects that come, go or are taken over, of those that may shift along a list or get values that are
    /// not known, and of types that know a protection.
    fn keep(&mut self, id: ObjectId, element: &Element<'_>, to_unknown: bool) -> Option<Box<Kept>> {
        let block = &self.plan.blocks[self.plan.objects[id].block];
        let action = element.change.action;
        if block.mode != Mode::Managed || !action.changes() {
            return None;
        }
        let facts = catalog::facts(&block.kind);
        let counted = has_number(&element.address);
        let wanted = match action {
            Action::Create | Action::Delete => Wanted::All,
            Action::Update if element.change.importing => Wanted::All,
            Action::Update | Action::Replace { .. } if counted => Wanted::Element,
            Action::Replace { .. } => Wanted::Identity,
            _ if facts.protection.is_empty() && !to_unknown => return None,
            _ => Wanted::Protections,
        };
        let mut keeper = self.keeper(facts, counted);
        Some(Box::new(element.change.keep(&mut keeper, wanted)))
    }

    fn keeper(&mut self, facts: &'static Facts, counted: bool) -> Keeper<'_> {
        Keeper {
            paths: &mut self.paths,
            prints: &mut self.plan.prints,
            names: &mut self.names,
            hasher: &self.hasher,
            facts,
            counted,
        }
    }

    /// Takes the labels of an instance that stays as it is, where others of its block may have moved along a list. The
    /// prior state follows on the changes in every document of Terraform; of one in another order there are no labels.
    pub(super) fn label(&mut self, id: ObjectId, element: &Element<'_>) {
        let object = &self.plan.objects[id];
        let numbered = object
            .key
            .as_ref()
            .is_some_and(|key| key.number().is_some());
        let stays = object.change.is_none() && numbered;
        if !(stays && object.listed && element.mode == Mode::Managed) {
            return;
        }
        let block = object.block;
        if !self.counted().contains(&block) {
            return;
        }
        let facts = catalog::facts(&self.plan.blocks[block].kind);
        let values = Attributes::of(element.values.unwrap_or_default());
        let marks = element.sensitive_values.unwrap_or_default();
        let labels = self.keeper(facts, true).labels(&values, [marks, b"{}"]);
        self.plan.labels.insert(id, labels);
    }

    /// The blocks in which an instance gets another label: the elements of no other list have moved.
    fn counted(&mut self) -> &BTreeSet<BlockId> {
        let plan = &self.plan;
        self.counted.get_or_insert_with(|| {
            let moved = plan.objects.iter().filter(|object| is_relabelled(object));
            moved.map(|object| object.block).collect()
        })
    }

    /// Notes what an object is called, and whom its values call.
    pub(super) fn mention(&mut self, id: ObjectId, change: &RawChange<'_>) {
        let block = &self.plan.blocks[self.plan.objects[id].block];
        if block.mode == Mode::Managed {
            self.book.object(id, &block.kind, change, id < MOST_CALLED);
        }
    }
}

/// Whether a label of an object changes.
fn is_relabelled(object: &Object) -> bool {
    let kept = object.change().kept.as_deref();
    let labels = kept.and_then(|kept| kept.labels.as_deref());
    labels.is_some_and(|[before, after]| {
        let another = |old: &Label| {
            let mut after = after.iter();
            after.any(|new| new.path == old.path && new.text != old.text)
        };
        before.iter().any(another)
    })
}

/// Whether an address has a key in it that is a number, of `count` or of a `for_each` over positions.
fn has_number(address: &str) -> bool {
    memchr::memchr_iter(b'[', address.as_bytes()).any(|at| {
        let digit = |byte: &u8| byte.is_ascii_digit();
        match &address.as_bytes()[at + 1..] {
            [b'"', text @ ..] => {
                let digits = text.iter().take_while(|byte| digit(byte)).count();
                digits > 0 && text.get(digits) == Some(&b'"')
            }
            rest => rest.first().is_some_and(digit),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::has_number;

    #[test]
    fn a_number_in_a_key_is_all_of_it() {
        for address in [
            "a.b[0]",
            "module.m[12].a.b",
            "a.b[\"3\"]",
            "module.m[\"x\"].a.b[\"0\"]",
        ] {
            assert!(has_number(address), "{address}");
        }
        for address in [
            "a.b",
            "a.b[\"5xx\"]",
            "a.b[\"10.0.0.0/8\"]",
            "a.b[\"\"]",
            "a.b[*]",
            "a.b[",
        ] {
            assert!(!has_number(address), "{address}");
        }
    }
}
