//! What tags and names of an object say: of its owner, and of its environment a word of a few. No other value is kept.

use super::Name;
use super::builder::Builder;
use super::values::{RawChange, mark_some_of};
use crate::input::environment::{self, Told, in_name, in_tag, is_tag};
use crate::input::json::parts::{Member, members, text_or_none};
use std::borrow::Cow;
use std::hash::BuildHasher;

/// Attributes that hold tags.
fn holds_tags(attribute: &[u8]) -> bool {
    matches!(attribute, b"tags" | b"tags_all" | b"labels")
}

/// Attributes that people name the real object by.
fn is_name(attribute: &[u8]) -> bool {
    matches!(
        attribute,
        b"name"
            | b"bucket"
            | b"identifier"
            | b"name_prefix"
            | b"cluster_identifier"
            | b"cluster_name"
            | b"database_name"
            | b"display_name"
            | b"function_name"
            | b"resource_group_name"
    )
}

/// A longer text is no name.
const LONGEST: usize = 200;

/// The environment of an object, as its values have it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Called {
    /// By a tag for it. One that names no environment we know of is for several, as far as anybody can tell.
    pub tag: Told,
    /// By its name.
    pub name: Told,
    /// What names have in common that differ by their environment alone; 0 for nothing.
    pub twin: u32,
}

impl Builder {
    /// The tag that names the owner, and the one before when it is another; an empty one where an object had none.
    pub(super) fn tags(
        &mut self,
        values: &RawChange<'_>,
    ) -> (Option<Box<Name>>, Option<Box<Name>>) {
        let Some(tag) = self.options.owner_tag.as_deref() else {
            return (None, None);
        };
        let (after, before) = values.tags(tag);
        let had_none = before.is_none() && values.was();
        let before = before.filter(|before| after.as_ref() != Some(before));
        let before = before.or_else(|| had_none.then_some(Cow::Borrowed("")));
        let mut intern =
            |tag: Option<Cow<'_, str>>| tag.map(|tag| Box::new(self.names.intern(&tag)));
        // What has no tag any more, or one that is not known yet, is still whose it was.
        match (after, before) {
            (None, before) => (intern(before.filter(|tag| !tag.is_empty())), None),
            (after, before) => (intern(after), intern(before)),
        }
    }
}

/// Reads what an object is called; what is marked as sensitive is not looked at.
pub(super) fn called(attributes: &[Member<'_>], marks: &[u8], hasher: &impl BuildHasher) -> Called {
    let mut called = Called::default();
    let mut name: Option<(Cow<'_, str>, Told)> = None;
    let mut tags_before: &[u8] = b"";
    for (key, value) in attributes {
        let (tags, names) = (holds_tags(key), is_name(key));
        if !(tags && value.first() == Some(&b'{') || names && is_short(value)) {
            continue;
        }
        if std::str::from_utf8(key).is_ok_and(|key| mark_some_of(marks, key)) {
            continue;
        }
        if names {
            name = text_or_none(value)
                .map(telling)
                .filter(|(_, told)| *told != Told::Nothing)
                .or(name);
            continue;
        }
        // What a provider computes of the tags is mostly what was written.
        if std::mem::replace(&mut tags_before, value) == *value {
            continue;
        }
        for (key, value) in members(value).flatten() {
            let names = name.is_none() && key.eq_ignore_ascii_case(b"name");
            let tells = called.tag == Told::Nothing && is_tag(&String::from_utf8_lossy(&key));
            let text = (names || tells) && is_short(value);
            let Some(text) = text.then(|| text_or_none(value)).flatten() else {
                continue;
            };
            if names {
                name = Some(telling(text));
            } else if !text.trim().is_empty() {
                called.tag = match in_tag(&text) {
                    Told::Nothing => Told::Several,
                    told => told,
                };
            }
        }
    }
    if let Some((name, told)) = name {
        called.name = told;
        if called.name != Told::Nothing {
            // Half of the hash is enough: it only has to tell names of one type apart.
            let hash = hasher.hash_one(environment::without(&name)) >> 32;
            called.twin = u32::try_from(hash).unwrap_or(u32::MAX).max(1);
        }
    }
    called
}

/// A name, and what it tells.
fn telling(name: Cow<'_, str>) -> (Cow<'_, str>, Told) {
    let told = in_name(&name);
    (name, told)
}

fn is_short(value: &[u8]) -> bool {
    value.first() == Some(&b'"') && value.len() <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::{Called, called, members};
    use crate::input::environment::Environment::{Development, Production};
    use crate::input::environment::Told;
    use foldhash::fast::FixedState;

    fn read(object: &str, marks: &str) -> Called {
        let attributes: Vec<_> = members(object.as_bytes()).flatten().collect();
        called(&attributes, marks.as_bytes(), &FixedState::default())
    }

    #[test]
    fn tags_and_names_tell_of_an_environment() {
        let table = [
            (
                r#"{"tags":{"Environment":"prod"}}"#,
                Told::One(Production),
                Told::Nothing,
            ),
            (
                r#"{"tags":null,"tags_all":{"env":"Dev"}}"#,
                Told::One(Development),
                Told::Nothing,
            ),
            (
                r#"{"labels":{"environment":"blue"},"name":"x"}"#,
                Told::Several,
                Told::Nothing,
            ),
            (
                r#"{"bucket":"acme-dev-logs","id":"prod"}"#,
                Told::Nothing,
                Told::One(Development),
            ),
            (
                r#"{"tags":{"Name":"prod-web"}}"#,
                Told::Nothing,
                Told::One(Production),
            ),
            (
                r#"{"name":"prod-to-dev","description":"dev"}"#,
                Told::Nothing,
                Told::Several,
            ),
            (
                r#"{"description":"used by dev","name":"product"}"#,
                Told::Nothing,
                Told::Nothing,
            ),
            (
                r#"{"tags":{"Environment":7,"Env":""},"name":["dev"]}"#,
                Told::Nothing,
                Told::Nothing,
            ),
            ("null", Told::Nothing, Told::Nothing),
            ("", Told::Nothing, Told::Nothing),
        ];
        for (object, tag, name) in table {
            let called = read(object, "{}");
            assert_eq!((called.tag, called.name), (tag, name), "{object}");
        }
    }

    #[test]
    fn what_is_sensitive_is_not_looked_at() {
        let called = read(
            r#"{"name":"dev","tags":{"Env":"dev"}}"#,
            r#"{"name":true,"tags":{"Env":true}}"#,
        );
        assert_eq!(called, Called::default());
        let called = read(r#"{"name":"dev","tags":{"Env":"dev"}}"#, "true");
        assert_eq!(called, Called::default());
        // The same tags again, of which nobody says so.
        let called = read(
            r#"{"tags":{"Env":"dev"},"tags_all":{"Env":"dev"}}"#,
            r#"{"tags":{"Env":true}}"#,
        );
        assert_eq!(called.tag, Told::One(Development));
    }

    #[test]
    fn names_that_differ_by_their_environment_alone_are_twins() {
        let twin = |name: &str| read(&format!(r#"{{"name":"{name}"}}"#), "{}").twin;
        assert_eq!(twin("prod-orders"), twin("orders_dev"));
        assert_ne!(twin("prod-orders"), twin("dev-mails"));
        assert_eq!(twin("orders"), 0);
    }
}
