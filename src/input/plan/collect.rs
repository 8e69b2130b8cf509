//! What the builder takes from the values of a change.

use super::builder::{Builder, MOST_CALLED};
use super::element::Element;
use super::kept::{Keeper, Kept, Wanted};
use super::values::RawChange;
use super::{Action, Change, ObjectId};
use crate::catalog;
use crate::input::address::Mode;
use std::borrow::Cow;

impl Builder {
    pub(super) fn read_change(&mut self, id: ObjectId, element: &Element<'_>) -> Change {
        let values = &element.change;
        let (to_known, to_unknown) = if values.action == Action::Update {
            values.differs()
        } else {
            (false, false)
        };
        let mut intern = |text: &Option<Cow<'_, str>>| {
            let text = text.as_deref();
            text.map(|text| self.names.intern(text))
        };
        Change {
            action: values.action,
            reason: intern(&element.reason),
            importing: values.importing,
            forced_by: values.forced(&mut self.names),
            to_known,
            to_unknown,
            tag_before: None,
            drifted: Vec::new(),
            vanished: None,
            kept: self.keep(id, element),
        }
    }

    /// What is kept of the values: of objects that come or go, of those that may shift along a list, and of
    /// types that know a protection.
    fn keep(&mut self, id: ObjectId, element: &Element<'_>) -> Option<Box<Kept>> {
        let block = &self.plan.blocks[self.plan.objects[id].block];
        let action = element.change.action;
        if block.mode != Mode::Managed || !action.changes() {
            return None;
        }
        let facts = catalog::facts(&block.kind);
        let counted = has_index(&element.address);
        let wanted = match action {
            Action::Create | Action::Delete => Wanted::All,
            Action::Update | Action::Replace { .. } if counted => Wanted::Texts,
            Action::Replace { .. } => Wanted::Identity,
            _ if facts.protection.is_empty() => return None,
            _ => Wanted::Protections,
        };
        let mut keeper = Keeper {
            paths: &mut self.paths,
            prints: &mut self.plan.prints,
            names: &mut self.names,
            hasher: &self.hasher,
            facts,
            counted,
        };
        Some(Box::new(element.change.keep(&mut keeper, wanted)))
    }

    /// Notes what an object is called, and whom its values call.
    pub(super) fn mention(&mut self, id: ObjectId, change: &RawChange<'_>) {
        let block = &self.plan.blocks[self.plan.objects[id].block];
        if block.mode == Mode::Managed {
            self.book.object(id, &block.kind, change, id < MOST_CALLED);
        }
    }
}

/// Whether an address has a key of `count` in it.
fn has_index(address: &str) -> bool {
    memchr::memchr_iter(b'[', address.as_bytes()).any(|at| {
        address
            .as_bytes()
            .get(at + 1)
            .is_some_and(u8::is_ascii_digit)
    })
}
