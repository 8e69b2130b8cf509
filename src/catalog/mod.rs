//! Facts on resource types: what holds data, what names an object, what protects it, how long it takes.
//!
//! They are written in `rules/catalog/*.toml` and turned into a sorted table when tfguard is built
//! (`src/catalog/build.rs`): a run that needs no fact pays for none.

pub mod attributes;
pub(crate) mod naming;

use foldhash::HashMap;
use std::sync::LazyLock;

/// What is known of a resource type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// What is in it.
    pub holds: Holds,
    /// Attributes that name the real object within its account and region, as far as they are configurable.
    pub identity: &'static [&'static str],
    /// Attributes that keep the object from being destroyed, or its data from going with it.
    pub protection: &'static [(&'static str, Guard)],
    /// Typical seconds that creating it takes; nothing when unknown.
    pub create: Option<u32>,
    /// Typical seconds that destroying it takes; nothing when unknown.
    pub destroy: Option<u32>,
}

/// What an object holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Data or key material that no apply brings back, in words.
    Data(&'static str),
    /// Nothing anybody knows of.
    Unknown,
    /// A value that Terraform made up: it matters to what refers to it, and to nobody else.
    Value,
    /// Nothing: it is made anew at will.
    Nothing,
}

/// The value of an attribute that protects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// This one.
    Bool(bool),
    /// This text.
    Text(&'static str),
    /// Any number but zero.
    NonZero,
}

impl Guard {
    /// Whether a raw JSON value protects; nothing for `null` and what the catalog does not expect.
    pub fn protects(self, raw: &[u8]) -> Option<bool> {
        match (self, raw.first()?) {
            (Self::Bool(guard), b't' | b'f') => Some(guard == (raw == b"true")),
            (Self::Text(guard), b'"') => Some(&raw[1..raw.len() - 1] == guard.as_bytes()),
            (Self::NonZero, b'0'..=b'9' | b'-') => Some(raw != b"0"),
            _ => None,
        }
    }
}

static ORDINARY: Facts = Facts {
    holds: Holds::Unknown,
    identity: &[],
    protection: &[],
    create: None,
    destroy: None,
};

include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

/// The facts on a resource type; those of an ordinary one when the catalog does not have it.
pub fn facts(kind: &str) -> &'static Facts {
    known().get(kind).copied().unwrap_or(&ORDINARY)
}

/// Whether the catalog has a resource type.
pub fn knows(kind: &str) -> bool {
    known().contains_key(kind)
}

/// The types by name: each object of a plan asks several times.
fn known() -> &'static HashMap<&'static str, &'static Facts> {
    static KNOWN: LazyLock<HashMap<&str, &Facts>> =
        LazyLock::new(|| TYPES.iter().map(|(name, facts)| (*name, facts)).collect());
    &KNOWN
}

/// Every type the catalog has, in the order of names.
pub fn types() -> impl Iterator<Item = &'static str> {
    TYPES.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::{Guard, Holds, TYPES, facts};

    #[test]
    fn a_type_that_nobody_wrote_down_is_ordinary() {
        assert_eq!(facts("acme_widget").holds, Holds::Unknown);
        assert!(facts("acme_widget").identity.is_empty());
    }

    #[test]
    fn types_are_found_by_name() {
        assert!(matches!(facts("aws_s3_bucket").holds, Holds::Data(_)));
        assert_eq!(facts("terraform_data").holds, Holds::Nothing);
        assert_eq!(facts("random_id").holds, Holds::Value);
        assert!(TYPES.is_sorted_by_key(|(name, _)| *name));
    }

    #[test]
    fn a_guard_reads_raw_values() {
        assert_eq!(Guard::Bool(true).protects(b"true"), Some(true));
        assert_eq!(Guard::Bool(false).protects(b"true"), Some(false));
        assert_eq!(Guard::Bool(true).protects(b"null"), None);
        assert_eq!(Guard::Text("ACTIVE").protects(br#""ACTIVE""#), Some(true));
        assert_eq!(Guard::NonZero.protects(b"0"), Some(false));
        assert_eq!(Guard::NonZero.protects(b"30"), Some(true));
    }
}
