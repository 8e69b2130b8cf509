//! The shape of an output's value, and what becomes of it: who reads an output takes an element or an attribute of it.

use super::values::{RawChange, has_true_leaf};
use crate::input::json::parts::members;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// What becomes of the shape of a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reshaped {
    /// Nothing that is known.
    #[default]
    No,
    /// It was of this kind, and is of that: `a list`, `an object`.
    Kind(&'static str, &'static str),
    /// So many of its attributes or keys are not there any more.
    Less(usize),
}

impl Reshaped {
    /// What a change does to the shape.
    pub(super) fn by(change: &RawChange<'_>) -> Self {
        let (Some(before), Some(after)) = (change.before, change.after) else {
            return Self::No;
        };
        let unknown = change.after_unknown.unwrap_or_default();
        match (kind(before), kind(after)) {
            // Of what was empty nobody took anything.
            _ if matches!(before, b"[]" | b"{}") => Self::No,
            (Some(was), Some(is)) if was != is => Self::Kind(was, is),
            // An output that is null is in no state (Terraform 1.11).
            (Some(was), None) if !has_true_leaf(unknown) => Self::Kind(was, "nothing"),
            (Some(OBJECT), Some(_)) => {
                let there = &keys(after) | &keys(unknown);
                match keys(before).difference(&there).count() {
                    0 => Self::No,
                    gone => Self::Less(gone),
                }
            }
            _ => Self::No,
        }
    }
}

const OBJECT: &str = "an object";

/// The kind of a value; nothing for null, which has any. Text, numbers and switches are one: Terraform converts them.
fn kind(raw: &[u8]) -> Option<&'static str> {
    match raw.first()? {
        b'{' => Some(OBJECT),
        b'[' => Some("a list"),
        b'n' => None,
        _ => Some("a single value"),
    }
}

fn keys(raw: &[u8]) -> BTreeSet<Cow<'_, [u8]>> {
    members(raw).flatten().map(|(key, _)| key).collect()
}

#[cfg(test)]
mod tests {
    use super::Reshaped;
    use crate::input::json::parts::Parts;
    use crate::input::plan::values::RawChange;

    fn by(before: &str, after: &str, unknown: &str) -> Reshaped {
        let raw = format!(
            r#"{{"actions":["update"],"before":{before},"after":{after},"after_unknown":{unknown}}}"#
        );
        let mut parts = Parts::object(raw.as_bytes());
        Reshaped::by(&RawChange::read(&mut parts).expect("a change"))
    }

    #[test]
    fn what_a_reader_may_have_taken_of_a_value_is_missed() {
        let map = r#"{"a":1,"b":2}"#;
        assert_eq!(
            by("[1]", map, "false"),
            Reshaped::Kind("a list", "an object")
        );
        assert_eq!(
            by(r#""x""#, "[]", "false"),
            Reshaped::Kind("a single value", "a list")
        );
        assert_eq!(by(map, r#"{"a":1}"#, "false"), Reshaped::Less(1));
        assert_eq!(by(map, r#"{"a":1}"#, r#"{"b":true}"#), Reshaped::No);
        assert_eq!(by("3", r#""3""#, "false"), Reshaped::No);
        assert_eq!(by(map, "null", "true"), Reshaped::No);
        assert_eq!(
            by("3", "null", "false"),
            Reshaped::Kind("a single value", "nothing")
        );
        assert_eq!(by("[]", "{}", "false"), Reshaped::No);
        assert_eq!(by(map, r#"{"a":1,"b":3,"c":4}"#, "false"), Reshaped::No);
    }
}
