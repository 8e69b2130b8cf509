//! What is kept of the values of an object that comes, goes or shifts: prints of them, by which two objects can
//! be told to be the same. No value can be read back; labels, which may be shown, are never marked as sensitive.

use super::attributes::Attributes;
use super::leaves::{Leaves, PathId, Paths};
use super::values::{has_true_leaf, mark_some_of, marked};
use super::{Home, Name, attribute_of};
use crate::catalog::{Facts, Guard};
use crate::input::json::parts::{elements, get, members, text_or_none};
use crate::input::names::Names;
use foldhash::fast::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;

/// A short text that may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where it stands.
    pub path: PathId,
    /// The text.
    pub text: Name,
}

/// The state of an attribute that protects an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protection {
    /// The attribute.
    pub attribute: &'static str,
    /// Whether it protects before the change; nothing when it is not set or not known.
    pub before: Option<bool>,
    /// Whether it protects afterwards.
    pub after: Option<bool>,
}

/// What is kept of a change's values.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The values before.
    pub before: Leaves,
    /// The known values after.
    pub after: Leaves,
    /// Top-level attributes whose new value is not known before apply.
    pub unknown: Arc<[PathId]>,
    /// Texts that may name an element, before and after.
    pub labels: Option<Box<[Vec<Label>; 2]>>,
    /// What protects the object.
    pub protections: Box<[Protection]>,
    /// Prints of what others may call the object by: its id, ARN and the identity of its type.
    pub identities: Box<[u64]>,
    /// Where an object that goes lives.
    pub home: Option<Box<Home>>,
}

impl Kept {
    /// Whether anything is known of what comes, if only what is not known yet.
    pub fn says_anything(&self) -> bool {
        !(self.after.is_empty() && self.unknown.is_empty())
    }
}

/// Texts that people name the elements of a list by.
const LABELS: [&str; 9] = [
    "name",
    "cidr_block",
    "availability_zone",
    "address_prefix",
    "ip_cidr_range",
    "key",
    "input",
    "zone",
    "triggers_replace",
];
/// Attributes that providers compute to name an object.
pub(super) const IDS: [&str; 3] = ["id", "arn", "self_link"];
/// What providers fill with `tags` and their own: nobody writes it, and it says nothing new.
const COMPUTED: &[u8] = b"tags_all";
/// A longer text is no name.
const LONGEST_LABEL: usize = 64;
/// Shorter texts are words that anybody may use.
const SHORTEST_IDENTITY: usize = 6;

/// Nobody writes a longer path; behind a key of megabytes each value would have its own copy of it.
pub(super) const LONGEST_PATH: usize = 512;

/// Most objects have no more values than this.
const USUAL: usize = 32;

/// Which values are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of an object that comes or goes.
    All,
    /// What may tell an element that moved along its list, or its number: all but switches.
    Element,
    /// The name of an object that another may take over.
    Identity,
    /// None: what protects the object is enough.
    Protections,
}

/// Takes what is kept out of raw values.
pub(super) struct Keeper<'a> {
    pub(super) paths: &'a mut Paths,
    pub(super) prints: &'a mut Vec<u64>,
    pub(super) names: &'a mut Names,
    pub(super) hasher: &'a RandomState,
    pub(super) facts: &'static Facts,
    /// Whether `count` repeats the object or a module around it.
    pub(super) counted: bool,
}

impl Keeper<'_> {
    /// The leaves of an object, by path.
    pub(super) fn leaves(&mut self, object: &Attributes<'_>, wanted: Wanted) -> Leaves {
        let (mut found, mut path) = (Vec::with_capacity(USUAL), Vec::new());
        if wanted == Wanted::Identity {
            for name in self.facts.identity {
                let attribute = attribute_of(name);
                path.extend_from_slice(attribute.as_bytes());
                let value = object.get(attribute).unwrap_or_default();
                self.descend(value, wanted, &mut path, &mut found);
                path.clear();
            }
        } else {
            let written = object.each.iter().filter(|(key, _)| **key != *COMPUTED);
            for (key, value) in written {
                path.extend_from_slice(key);
                self.descend(value, wanted, &mut path, &mut found);
                path.clear();
            }
        }
        found.sort_by_key(|(path, _)| *path);
        // Of a repeated key the last counts.
        found.dedup_by(|next, kept| {
            let again = next.0 == kept.0;
            if again {
                *kept = *next;
            }
            again
        });
        let start = self.prints.len();
        let paths: Vec<_> = found.iter().map(|(path, _)| *path).collect();
        self.prints.extend(found.iter().map(|(_, print)| *print));
        Leaves {
            paths: self.paths.list(&paths),
            start,
        }
    }

    fn descend(
        &mut self,
        value: &[u8],
        wanted: Wanted,
        path: &mut Vec<u8>,
        found: &mut Vec<(PathId, u64)>,
    ) {
        let length = path.len();
        match value.first() {
            _ if length > LONGEST_PATH => {}
            Some(b'{') => {
                for (key, value) in members(value).flatten() {
                    path.push(b'.');
                    path.extend_from_slice(&key);
                    self.descend(value, wanted, path, found);
                    path.truncate(length);
                }
            }
            Some(b'[') => {
                for (nth, value) in elements(value).flatten().enumerate() {
                    push_index(path, nth);
                    self.descend(value, wanted, path, found);
                    path.truncate(length);
                }
            }
            None | Some(b'n') => {}
            Some(b't' | b'f') if wanted == Wanted::Element => {}
            Some(_) if value == br#""""# => {}
            Some(first) => {
                let text = u64::from(*first == b'"');
                let path = self.paths.id(path, self.names);
                found.push((path, self.hasher.hash_one(value) & !1 | text));
            }
        }
    }

    /// The top-level attributes that some mark says `true` of.
    pub(super) fn marked(&mut self, marks: &[u8]) -> Arc<[PathId]> {
        let mut found: Vec<_> = marked(marks)
            .map(|(name, _)| self.paths.id(&name, self.names))
            .collect();
        found.sort_unstable();
        self.paths.list(&found)
    }

    /// The texts that may name an element of a list, unless a mark says that they are sensitive.
    pub(super) fn labels(&mut self, object: &Attributes<'_>, marks: [&[u8]; 2]) -> Vec<Label> {
        let mut found = Vec::new();
        let marked = |name: &str| marks.iter().any(|marks| mark_some_of(marks, name));
        for (key, value) in &object.each {
            let is = |name: &&str| name.as_bytes() == &**key;
            let wanted = LABELS.iter().any(is) || self.facts.identity.iter().any(is);
            if !wanted && **key != *b"tags" {
                continue;
            }
            let name = std::str::from_utf8(key).ok();
            let Some(name) = name.filter(|name| !marked(name)) else {
                continue;
            };
            if wanted {
                self.label(name, value, &mut found);
            } else if let Some(value) = get(value, "Name") {
                self.label("tags.Name", value, &mut found);
            }
        }
        let nested = self.facts.identity.iter().filter(|name| name.contains('.'));
        for name in nested.filter(|name| !marked(attribute_of(name))) {
            if let Some((path, value)) = first_at(object.raw, name) {
                self.label(&path, value, &mut found);
            }
        }
        found
    }

    fn label(&mut self, path: &str, value: &[u8], found: &mut Vec<Label>) {
        let text = text_or_none(value);
        // What would have to be escaped in HCL is no good key.
        let plain = |c: char| !c.is_control() && !matches!(c, '"' | '\\' | '$' | '%');
        let fits =
            |text: &str| !text.is_empty() && text.len() <= LONGEST_LABEL && text.chars().all(plain);
        if let Some(text) = text.filter(|text| fits(text)) {
            let path = self.paths.id(path.as_bytes(), self.names);
            if found.iter().all(|label| label.path != path) {
                let text = self.names.intern(&text);
                found.push(Label { path, text });
            }
        }
    }

    /// What protects the object. A protection that is taken out of the configuration is as good as switched off, as
    /// long as it is not `unknown`.
    pub(super) fn protections(
        &self,
        before: &Attributes<'_>,
        after: &Attributes<'_>,
        unknown: &[u8],
    ) -> Box<[Protection]> {
        let guards = self.facts.protection;
        let mut found: Box<[Protection]> = guards
            .iter()
            .map(|(attribute, _)| Protection {
                attribute,
                before: None,
                after: None,
            })
            .collect();
        for (object, after) in [(before, false), (after, true)] {
            if guards.is_empty() {
                break;
            }
            for (key, value) in &object.each {
                for ((name, guard), known) in guards.iter().zip(&mut found) {
                    let state = at(name, key, value).and_then(|value| guard.protects(value));
                    let known = if after {
                        &mut known.after
                    } else {
                        &mut known.before
                    };
                    *known = known.or(state);
                }
            }
        }
        for ((name, guard), known) in guards.iter().zip(&mut found) {
            let attribute = attribute_of(name);
            let gone = known.before == Some(true) && known.after.is_none() && !after.raw.is_empty();
            let unknown = || get(unknown, attribute).is_some_and(has_true_leaf);
            if gone && *guard != Guard::Bool(false) && after.raw != b"null" && !unknown() {
                known.after = Some(false);
            }
        }
        found
    }

    /// Prints of what others may call the object by.
    pub(super) fn identities(&self, object: &Attributes<'_>) -> Box<[u64]> {
        let named = |key: &[u8]| {
            let is = |name: &&str| name.as_bytes() == key;
            IDS.iter().any(is) || self.facts.identity.iter().any(is)
        };
        let own = object.each.iter().filter(|(key, _)| named(key));
        let own = own.map(|(_, value)| *value);
        let nested = self.facts.identity.iter().filter(|name| name.contains('.'));
        let nested = nested.filter_map(|name| follow(object.raw, name));
        let mut found: Vec<_> = own
            .chain(nested)
            .filter_map(|value| identity_print(value, self.hasher))
            .collect();
        found.sort_unstable();
        found.dedup();
        found.into_boxed_slice()
    }
}

/// The print of a text by which objects are called; nothing for texts that anybody may use.
pub(super) fn identity_print(value: &[u8], hasher: &impl BuildHasher) -> Option<u64> {
    let long = value.first() == Some(&b'"') && value.len() >= SHORTEST_IDENTITY + 2;
    long.then(|| hasher.hash_one(value))
}

/// The prints of all texts in a value by which objects are called.
pub(super) fn identity_prints(value: &[u8], hasher: &impl BuildHasher) -> Vec<u64> {
    let mut found = Vec::new();
    texts_in(value, &mut |text| {
        found.extend(identity_print(text, hasher));
    });
    found
}

/// Visits every text in a value.
fn texts_in<'v>(value: &'v [u8], visit: &mut impl FnMut(&'v [u8])) {
    match value.first() {
        Some(b'{') => {
            for (_, value) in members(value).flatten() {
                texts_in(value, visit);
            }
        }
        Some(b'[') => {
            for value in elements(value).flatten() {
                texts_in(value, visit);
            }
        }
        Some(b'"') => visit(value),
        _ => {}
    }
}

/// Writes `[7]` behind a path.
fn push_index(path: &mut Vec<u8>, nth: usize) {
    path.push(b'[');
    match u8::try_from(nth) {
        // Nearly all: what writes any number takes ten times as long.
        Ok(digit) if digit < 10 => path.push(b'0' + digit),
        _ => path.extend_from_slice(nth.to_string().as_bytes()),
    }
    path.push(b']');
}

/// The value at a path that begins with this attribute.
fn at<'v>(path: &str, attribute: &[u8], value: &'v [u8]) -> Option<&'v [u8]> {
    let rest = path.as_bytes().strip_prefix(attribute)?;
    match rest {
        [] => Some(value),
        [b'.', ..] => {
            let value = elements(value).flatten().next().unwrap_or(value);
            follow(value, &path[attribute.len() + 1..])
        }
        _ => None,
    }
}

/// The value at a path of names, of nested blocks the first, and its path as [`Leaves`] have it.
fn first_at<'a>(object: &'a [u8], path: &str) -> Option<(String, &'a [u8])> {
    let mut written = String::new();
    let value = path.split('.').try_fold(object, |value, name| {
        let value = match value.first() {
            Some(b'[') => {
                written.push_str("[0]");
                elements(value).flatten().next()?
            }
            _ => value,
        };
        if !written.is_empty() {
            written.push('.');
        }
        written.push_str(name);
        get(value, name)
    });
    Some((written, value?))
}

/// The value at a path of names; of nested blocks the first.
pub(super) fn follow<'a>(object: &'a [u8], path: &str) -> Option<&'a [u8]> {
    first_at(object, path).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::{Keeper, Paths, Wanted};
    use crate::catalog::facts;
    use crate::input::names::Names;
    use crate::input::plan::attributes::Attributes;
    use foldhash::fast::RandomState;

    fn with<T>(kind: &str, ask: impl FnOnce(&mut Keeper<'_>) -> T) -> T {
        let (mut paths, mut names) = (Paths::default(), Names::default());
        let (hasher, mut prints) = (RandomState::default(), Vec::new());
        ask(&mut Keeper {
            paths: &mut paths,
            prints: &mut prints,
            names: &mut names,
            hasher: &hasher,
            facts: facts(kind),
            counted: true,
        })
    }

    #[test]
    fn equal_values_at_equal_paths_have_equal_leaves() {
        with("x", |keeper| {
            let one = br#"{"a":"x","b":null,"c":{"k":[1,"","y"]},"d":{}}"#;
            let one = keeper.leaves(&Attributes::of(one), Wanted::All);
            let other = br#"{"c":{"k":[1,null,"y"]},"a":"x"}"#;
            let other = keeper.leaves(&Attributes::of(other), Wanted::All);
            let plan = crate::input::plan::Plan {
                prints: std::mem::take(keeper.prints),
                ..Default::default()
            };
            let (one, other): (Vec<_>, Vec<_>) =
                (one.iter(&plan).collect(), other.iter(&plan).collect());
            assert_eq!(one, other);
            assert_eq!(one.len(), 3);
            assert_eq!(one.iter().filter(|(_, print)| print.is_text()).count(), 2);
        });
    }

    #[test]
    fn of_a_repeated_key_the_last_counts() {
        with("x", |keeper| {
            let object = br#"{"a":"1","b":"2","a":"3","a":"4"}"#;
            let (object, other) = (Attributes::of(object), br#"{"a":"4","b":"2"}"#);
            let one = keeper.leaves(&object, Wanted::All);
            let other = keeper.leaves(&Attributes::of(other), Wanted::All);
            let prints = &keeper.prints;
            assert_eq!(one.paths, other.paths);
            assert_eq!(prints[one.start..other.start], prints[other.start..]);
        });
    }

    #[test]
    fn a_path_that_nobody_writes_is_none() {
        with("x", |keeper| {
            let key = "k".repeat(1 << 20);
            let object = format!(r#"{{"a":"1","b":{{"{key}":["2","3"]}},"{key}":"4"}}"#);
            let leaves = keeper.leaves(&Attributes::of(object.as_bytes()), Wanted::All);
            assert_eq!(leaves.len(), 1);
            assert!(keeper.paths.names.iter().all(|path| path.len() < 600));
        });
    }

    #[test]
    fn labels_are_short_and_never_sensitive() {
        with("aws_s3_bucket", |keeper| {
            let object = br#"{"bucket":"b","name":"secret","tags":{"Name":"n"},"key":7}"#;
            let object = &Attributes::of(object);
            let shown = |labels: Vec<super::Label>| -> Vec<String> {
                labels.iter().map(|label| label.text.to_string()).collect()
            };
            assert_eq!(
                shown(keeper.labels(object, [br#"{"name":true}"#, b"{}"])),
                ["b", "n"]
            );
            assert_eq!(
                shown(keeper.labels(object, [b"{}", br#"{"tags":{"Name":true},"name":true}"#])),
                ["b"]
            );
            assert!(keeper.labels(object, [b"{}", b"true"]).is_empty());
        });
    }

    #[test]
    fn a_name_in_a_block_is_a_label_at_the_path_of_its_value() {
        with("kubernetes_namespace", |keeper| {
            let object = br#"{"metadata":[{"name":"red","uid":"u-1"}]}"#;
            let object = &Attributes::of(object);
            let labels = keeper.labels(object, [b"{}", b"{}"]);
            let [label] = &labels[..] else {
                panic!("{labels:?}");
            };
            assert_eq!(&*label.text, "red");
            assert_eq!(
                &*keeper.paths.names[label.path as usize],
                "metadata[0].name"
            );
            let marked = br#"{"metadata":[{"name":true}]}"#;
            assert!(keeper.labels(object, [b"{}", marked]).is_empty());
        });
    }

    #[test]
    fn protections_are_followed_into_nested_blocks() {
        with("aws_s3_bucket", |keeper| {
            let known = |before: &str, after: &str| {
                let [before, after] = [before, after].map(|raw| Attributes::of(raw.as_bytes()));
                let found = keeper.protections(&before, &after, b"{}");
                (found[0].before, found[0].after)
            };
            let off = r#"{"force_destroy":true}"#;
            assert_eq!(
                known(r#"{"force_destroy":false}"#, off),
                (Some(true), Some(false))
            );
            // What nobody sets is false: that still protects.
            assert_eq!(
                known(r#"{"force_destroy":false}"#, r#"{"force_destroy":null}"#),
                (Some(true), None)
            );
        });
        with("aws_db_instance", |keeper| {
            let before = Attributes::of(br#"{"deletion_protection":true}"#);
            let after = Attributes::of(br#"{"deletion_protection":null}"#);
            let dropped = |unknown: &[u8]| {
                let found = keeper.protections(&before, &after, unknown);
                let known = found
                    .iter()
                    .find(|known| known.attribute == "deletion_protection");
                known.and_then(|known| known.after)
            };
            assert_eq!(dropped(b"{}"), Some(false));
            assert_eq!(dropped(br#"{"deletion_protection":true}"#), None);
        });
        assert_eq!(
            super::follow(br#"{"s":[{"p":true}]}"#, "s.p"),
            Some(&b"true"[..])
        );
    }
}
