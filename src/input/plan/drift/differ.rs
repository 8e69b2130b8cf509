//! How two values differ, as somebody would say who changed one of them outside of Terraform.

use crate::input::json::parts::{Member, elements, members, text_or_none};
use foldhash::fast::RandomState;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::BuildHasher as _;

/// Deeper differences are told of the value they are in.
const DEEPEST: usize = 8;
/// A longer text is compared as it is, not as the document it may hold.
const LONGEST_DOCUMENT: usize = 1 << 16;
/// A longer key is no name.
const LONGEST_KEY: usize = 40;

/// The print of nothing, and of what providers write for nothing.
pub(super) const BLANK: u64 = 0;

/// A place where two values differ.
pub(super) struct Difference<'p> {
    /// The whole path.
    pub(super) path: &'p str,
    /// As much of it as may be shown: keys of maps only where they are plain names.
    pub(super) shown: &'p str,
    /// Prints of both values.
    pub(super) before: u64,
    pub(super) after: u64,
}

/// A path, and how much of it may be shown.
struct Path {
    text: String,
    shown: Option<usize>,
    depth: usize,
}

/// Compares values by seeded prints.
#[derive(Clone, Copy)]
pub(super) struct Differ<'a> {
    pub(super) hasher: &'a RandomState,
}

impl Differ<'_> {
    /// What equal values have in common. Providers read back `null` as empty and documents in another order of
    /// keys: such values count as equal.
    pub(super) fn print(self, value: Option<&[u8]>) -> u64 {
        let Some(value) = value.filter(|value| !is_blank(value, 0)) else {
            return BLANK;
        };
        match document(value) {
            Some(text) => self.hasher.hash_one(text) | 1,
            None => self.hasher.hash_one(value) | 1,
        }
    }

    /// The print of a path.
    pub(super) fn key(self, path: &str) -> u64 {
        self.hasher.hash_one(path)
    }

    /// Visits where two values of an attribute differ.
    pub(super) fn differences(
        self,
        attribute: &str,
        before: Option<&[u8]>,
        after: Option<&[u8]>,
        visit: &mut impl FnMut(&Difference<'_>),
    ) {
        self.compare(&mut Path::new(attribute), before, after, visit);
    }

    fn compare(
        self,
        path: &mut Path,
        before: Option<&[u8]>,
        after: Option<&[u8]>,
        visit: &mut impl FnMut(&Difference<'_>),
    ) {
        if before == after {
            return;
        }
        let prints = (self.print(before), self.print(after));
        if prints.0 == prints.1 {
            return;
        }
        match (before.map(parts), after.map(parts)) {
            (Some(Parts::Map(old)), Some(Parts::Map(new))) if path.depth < DEEPEST => {
                let mut both: BTreeMap<Cow<'_, [u8]>, [Option<&[u8]>; 2]> = BTreeMap::new();
                for (side, members) in [old, new].into_iter().enumerate() {
                    for (key, value) in members {
                        both.entry(key).or_default()[side] = Some(value);
                    }
                }
                for (key, [old, new]) in both {
                    path.enter(&key, |path| self.compare(path, old, new, visit));
                }
            }
            (Some(Parts::Single(old)), Some(Parts::Single(new))) if path.depth < DEEPEST => {
                path.enter_first(|path| self.compare(path, Some(old), Some(new), visit));
            }
            _ => visit(&Difference {
                path: &path.text,
                shown: path.shown(),
                before: prints.0,
                after: prints.1,
            }),
        }
    }

    /// Visits every value that [`Differ::differences`] may speak of, as prints of path and value, and whether it
    /// is a scalar that says something.
    pub(super) fn nodes(
        self,
        attribute: &str,
        value: &[u8],
        visit: &mut impl FnMut(u64, u64, bool),
    ) {
        self.descend(&mut Path::new(attribute), value, visit);
    }

    fn descend(self, path: &mut Path, value: &[u8], visit: &mut impl FnMut(u64, u64, bool)) {
        let scalar = !matches!(value.first(), None | Some(b'{' | b'[' | b'n'));
        visit(self.key(&path.text), self.print(Some(value)), scalar);
        match parts(value) {
            Parts::Map(inside) if path.depth < DEEPEST => {
                for (key, value) in inside {
                    path.enter(&key, |path| self.descend(path, value, visit));
                }
            }
            Parts::Single(value) if path.depth < DEEPEST => {
                path.enter_first(|path| self.descend(path, value, visit));
            }
            _ => {}
        }
    }
}

impl Path {
    fn new(attribute: &str) -> Self {
        Self {
            text: attribute.to_owned(),
            shown: None,
            depth: 0,
        }
    }

    fn shown(&self) -> &str {
        &self.text[..self.shown.unwrap_or(self.text.len())]
    }

    fn enter(&mut self, key: &[u8], visit: impl FnOnce(&mut Self)) {
        let key = String::from_utf8_lossy(key);
        let (length, shown) = (self.text.len(), self.shown);
        if !is_plain(&key) {
            self.shown = shown.or(Some(length));
        }
        self.text.extend([".", &key]);
        self.step(visit);
        self.text.truncate(length);
        self.shown = shown;
    }

    fn enter_first(&mut self, visit: impl FnOnce(&mut Self)) {
        let length = self.text.len();
        self.text.push_str("[0]");
        self.step(visit);
        self.text.truncate(length);
    }

    fn step(&mut self, visit: impl FnOnce(&mut Self)) {
        self.depth += 1;
        visit(self);
        self.depth -= 1;
    }
}

fn is_plain(key: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    !key.is_empty() && key.len() <= LONGEST_KEY && key.bytes().all(plain)
}

/// What a value is made of, as far as it is gone into: elements of a set have no place of their own, so that
/// only a list of one is.
enum Parts<'a> {
    Map(Vec<Member<'a>>),
    Single(&'a [u8]),
    Whole,
}

fn parts(value: &[u8]) -> Parts<'_> {
    match value.first() {
        Some(b'{') => Parts::Map(members(value).flatten().collect()),
        Some(b'[') => {
            let mut elements = elements(value).flatten();
            match (elements.next(), elements.next()) {
                (Some(only), None) => Parts::Single(only),
                _ => Parts::Whole,
            }
        }
        _ => Parts::Whole,
    }
}

/// Whether a value says nothing: null, empty, off, or made of such.
fn is_blank(value: &[u8], depth: usize) -> bool {
    match value.first() {
        Some(b'{') if depth < DEEPEST => members(value)
            .flatten()
            .all(|(_, value)| is_blank(value, depth + 1)),
        Some(b'[') if depth < DEEPEST => elements(value)
            .flatten()
            .all(|value| is_blank(value, depth + 1)),
        _ => matches!(value, b"null" | b"false" | b"0" | br#""""#),
    }
}

/// A text that is a JSON document (an IAM policy, say), in one order of keys and without white space.
fn document(value: &[u8]) -> Option<String> {
    let holds_one = matches!(value, [b'"', b'{' | b'[', ..]) && value.len() <= LONGEST_DOCUMENT;
    let text = holds_one.then(|| text_or_none(value)).flatten()?;
    let parsed: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(parsed.to_string())
}

#[cfg(test)]
mod tests {
    use super::Differ;
    use foldhash::fast::RandomState;

    fn paths(before: &str, after: &str) -> Vec<(String, String)> {
        let hasher = RandomState::default();
        let mut found = Vec::new();
        let (before, after) = (before.as_bytes(), after.as_bytes());
        let differ = Differ { hasher: &hasher };
        differ.differences("a", Some(before), Some(after), &mut |difference| {
            found.push((difference.path.to_owned(), difference.shown.to_owned()));
        });
        found
    }

    #[test]
    fn what_providers_write_for_nothing_is_no_difference() {
        for (before, after) in [
            ("null", "{}"),
            ("[]", "null"),
            ("\"\"", "null"),
            ("null", "false"),
            ("[]", r#"[{"days":0,"enabled":false}]"#),
            (r#"[{"tags":null,"size":1}]"#, r#"[{"tags":{},"size":1}]"#),
        ] {
            assert!(paths(before, after).is_empty(), "{before} {after}");
        }
        assert_eq!(paths("null", "true").len(), 1);
        assert_eq!(paths("0", "1").len(), 1);
    }

    #[test]
    fn documents_are_compared_by_what_they_say() {
        let (old, new) = (r#""{\"a\":1,\"b\":[2]}""#, r#""{\n \"b\":[2], \"a\":1}""#);
        assert!(paths(old, new).is_empty());
        assert_eq!(paths(old, r#""{\"a\":1,\"b\":[3]}""#).len(), 1);
        assert_eq!(paths(r#""{not json""#, r#""{not json either""#).len(), 1);
    }

    #[test]
    fn differences_are_named_where_they_are() {
        let path = |before, after| -> Vec<String> {
            paths(before, after).into_iter().map(|(_, s)| s).collect()
        };
        assert_eq!(
            path(r#"{"x":1,"y":2}"#, r#"{"x":1,"y":3,"z":4}"#),
            ["a.y", "a.z"]
        );
        assert_eq!(path(r#"[{"s":1}]"#, r#"[{"s":2}]"#), ["a[0].s"]);
        // A second element may stand before or behind the first: sets have no order that means anything.
        assert_eq!(path(r#"[{"s":1}]"#, r#"[{"s":0},{"s":1}]"#), ["a"]);
    }

    #[test]
    fn keys_that_are_no_names_are_not_shown() {
        let found = paths(r#"{"S3 CR3T\n":{"b":1}}"#, r#"{"S3 CR3T\n":{"b":2}}"#);
        assert_eq!(found.len(), 1);
        assert!(found[0].0.len() > "a".len());
        assert_eq!(found[0].1, "a");
    }
}
