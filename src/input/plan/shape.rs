//! The shape of an output's value, and what becomes of it: who reads an output takes an element or an attribute of it.

use super::values::{RawChange, has_true_leaf};
use crate::input::json::parts::{get, members};
use crate::input::names::{Name, Names};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

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

/// What becomes of an attribute or a key of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It is there, as it was.
    Kept,
    /// It gets another value, or one that is not known yet.
    Changed,
    /// It is not there any more.
    Gone,
}

/// What becomes of the attributes or keys that a value had; nothing where it was none that has some, or is none.
pub(super) fn parts(change: &RawChange<'_>, names: &mut Names) -> BTreeMap<Name, Part> {
    let (before, after) = (change.before, change.after);
    let is_object = |raw: Option<&[u8]>| raw.and_then(kind) == Some(OBJECT);
    if !is_object(before) || !is_object(after) {
        return BTreeMap::new();
    }
    let unknown = change.after_unknown.unwrap_or_default();
    let old = members(before.unwrap_or_default()).flatten();
    old.map(|(key, was)| {
        let name = String::from_utf8_lossy(&key);
        let part = match get(after.unwrap_or_default(), &name) {
            _ if get(unknown, &name).is_some_and(has_true_leaf) => Part::Changed,
            Some(is) if is == was => Part::Kept,
            Some(_) => Part::Changed,
            None => Part::Gone,
        };
        (names.intern(&name), part)
    })
    .collect()
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
    use super::{Part, Reshaped, parts};
    use crate::input::json::parts::Parts;
    use crate::input::names::Names;
    use crate::input::plan::values::RawChange;

    fn by(before: &str, after: &str, unknown: &str) -> Reshaped {
        let raw = format!(
            r#"{{"actions":["update"],"before":{before},"after":{after},"after_unknown":{unknown}}}"#
        );
        let mut parts = Parts::object(raw.as_bytes());
        Reshaped::by(&RawChange::read(&mut parts).expect("a change"))
    }

    #[test]
    fn of_an_object_each_attribute_has_a_fate_of_its_own() {
        let raw = r#"{"actions":["update"],"before":{"a":1,"b":[2],"c":3,"d":4},
            "after":{"a":1,"b":[3],"e":5},"after_unknown":{"b":[false],"d":true}}"#;
        let mut members = Parts::object(raw.as_bytes());
        let change = RawChange::read(&mut members).expect("a change");
        let found = parts(&change, &mut Names::default());
        let found: Vec<_> = found.iter().map(|(key, part)| (&**key, *part)).collect();
        let want = [
            ("a", Part::Kept),
            ("b", Part::Changed),
            ("c", Part::Gone),
            ("d", Part::Changed),
        ];
        assert_eq!(found, want);
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
