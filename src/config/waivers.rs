//! `[[waiver]]`: standing exceptions.

use super::glob::{AddressGlob, Subject, WordGlob};
use crate::finding::Location;
use crate::input::day::Day;

/// Rules that nobody can be excused from: they are about the excuses.
pub const NOT_WAIVABLE: [&str; 2] = ["expired-waiver", "unused-waiver"];

/// A standing exception.
#[derive(Debug)]
pub struct Waiver {
    /// The rule it is about.
    pub rule: &'static str,
    /// The glob over addresses, as it is written; or the name of the one thing in the plans that is called so.
    pub address: String,
    pub(super) glob: AddressGlob,
    pub(super) stack: Option<WordGlob>,
    /// Why, safe to show.
    pub reason: String,
    /// The last day it holds.
    pub expires: Option<Day>,
    /// Where it is written.
    pub location: Location,
}

impl Waiver {
    /// Whether it is about a stack.
    pub fn is_for(&self, stack: &str) -> bool {
        self.stack.as_ref().is_none_or(|glob| glob.is_match(stack))
    }

    /// Whether it covers an object, module or stack: the glob matches it, or a module around it.
    pub fn covers(&self, subject: &Subject<'_>) -> bool {
        self.glob.covers(subject)
    }
}
