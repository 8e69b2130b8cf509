//! The attributes of an object.

use crate::input::json::parts::{Member, members};

/// Most objects have no more attributes than this.
const USUAL: usize = 32;

/// An object that is in memory, taken apart on top.
#[derive(Debug, Default)]
pub(super) struct Attributes<'a> {
    /// The whole.
    pub(super) raw: &'a [u8],
    /// The attributes as they come; none when it is no object.
    pub(super) each: Vec<Member<'a>>,
}

impl<'a> Attributes<'a> {
    /// Those of an object.
    pub(super) fn of(raw: &'a [u8]) -> Self {
        let mut attributes = Self::default();
        attributes.fill(raw);
        attributes
    }

    /// Those of an object, in the room of another one.
    pub(super) fn fill(&mut self, raw: &'a [u8]) -> &Self {
        self.raw = raw;
        self.each.clear();
        if raw.first() == Some(&b'{') {
            self.each.reserve(USUAL);
            self.each.extend(members(raw).flatten());
        }
        self
    }

    /// The raw value of one; the last one counts when it is repeated.
    pub(super) fn get(&self, name: &str) -> Option<&'a [u8]> {
        let mut each = self.each.iter().rev();
        each.find(|(key, _)| **key == *name.as_bytes())
            .map(|(_, value)| *value)
    }
}
