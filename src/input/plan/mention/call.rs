//! The hashes by which a text of one object is found to be what another one is called.

use super::How;
use super::arn;
use super::noun::{answered, convention, is_name, wanted};
use super::text::{is_id, is_path_name};
use crate::catalog::Facts;
use crate::input::json::parts::{elements, get, members, text_or_none};
use foldhash::fast::RandomState;
use std::hash::BuildHasher as _;

/// A hash of how an object is called: equal for the text that calls it and for the object.
pub(super) type Call = u64;

/// Attributes that providers compute to name an object.
const IDS: [&str; 3] = ["id", "arn", "self_link"];
/// Types whose names are paths.
const PATHS: [&str; 3] = [
    "aws_cloudwatch_log_group",
    "aws_secretsmanager_secret",
    "aws_ssm_parameter",
];

/// Makes calls.
#[derive(Clone, Copy)]
pub(super) struct Caller<'h>(pub(super) &'h RandomState);

impl Caller<'_> {
    fn id(self, text: &str) -> Call {
        self.0.hash_one(("id", text))
    }

    fn arn(self, words: &str, name: &str) -> Call {
        self.0.hash_one(("arn", words, name))
    }

    fn name(self, noun: &str, name: &str) -> Call {
        self.0.hash_one(("name", noun, name))
    }

    fn path(self, text: &str) -> Call {
        self.0.hash_one(("path", text))
    }

    /// What a data source of a type may look for.
    pub(super) fn field(self, kind: &str, path: &str, text: &str) -> Call {
        self.0.hash_one(("field", kind, path, text))
    }

    /// That an object of a type has a known value at a path.
    pub(super) fn has(self, kind: &str, path: &str) -> Call {
        self.0.hash_one(("has", kind, path))
    }

    /// All an object is called by, as its values say.
    pub(super) fn of_object(
        self,
        kind: &str,
        facts: &Facts,
        object: &[u8],
        visit: &mut impl FnMut(Call),
    ) {
        for (key, value) in members(object).flatten() {
            let Ok(key) = std::str::from_utf8(&key) else {
                continue;
            };
            if let Some(text) = text_or_none(value).filter(|text| !text.is_empty()) {
                if IDS.contains(&key) && is_id(&text) {
                    visit(self.id(&text));
                }
                if key == "name" || facts.identity.contains(&key) {
                    self.of_name(kind, &text, visit);
                }
                if is_looked_for(key, facts) {
                    visit(self.field(kind, key, &text));
                    visit(self.has(kind, key));
                }
            } else if key == "tags" {
                self.of_tags(kind, value, visit);
            }
        }
        for path in facts.identity.iter().filter(|path| path.contains('.')) {
            if let Some(text) = nested(object, path).and_then(text_or_none) {
                self.of_name(kind, &text, visit);
            }
        }
        if get(object, "arn").and_then(text_or_none).is_none() {
            self.of_new(kind, facts, object, visit);
        }
    }

    fn of_name(self, kind: &str, text: &str, visit: &mut impl FnMut(Call)) {
        if PATHS.contains(&kind) && is_path_name(text) {
            visit(self.path(text));
        }
        if is_id(text) {
            visit(self.id(text));
        } else if is_name(text) {
            answered(kind).for_each(|noun| visit(self.name(noun, text)));
        }
        // A convention names what it is for, even by a word that is nothing on its own.
        let own = answered(kind).next().unwrap_or(kind);
        visit(self.arn(&["for ", own].concat(), text));
    }

    fn of_tags(self, kind: &str, tags: &[u8], visit: &mut impl FnMut(Call)) {
        for (key, value) in members(tags).flatten().take(16) {
            if let (Ok(key), Some(text)) = (std::str::from_utf8(&key), text_or_none(value)) {
                let path = ["tags.", key].concat();
                visit(self.field(kind, &path, &text));
                visit(self.has(kind, &path));
            }
        }
    }

    /// The ARN that a new object will have tells its type and name.
    fn of_new(self, kind: &str, facts: &Facts, object: &[u8], visit: &mut impl FnMut(Call)) {
        let own = answered(kind).next().unwrap_or(kind);
        let names = facts.identity.iter().chain(&["name"]);
        for name in names.filter_map(|name| get(object, name)) {
            if let Some(name) = text_or_none(name) {
                visit(self.arn(own, &name));
            }
        }
    }

    /// All that a text at a key may call.
    pub(super) fn of_text(self, key: &str, text: &str, visit: &mut impl FnMut(Call, How)) {
        if text.len() > 1024 {
            return;
        }
        if is_id(text) {
            visit(self.id(text), How::Id);
            let whole = text.trim_end_matches("/*").trim_end_matches(":*");
            if whole.len() < text.len() {
                visit(self.id(whole), How::Id);
            }
            if let Some((words, name)) = arn::named(whole) {
                visit(self.arn(&words, &name), How::Arn);
            }
            return;
        }
        if is_path_name(text) && !matches!(key, "name" | "path" | "uri" | "url") {
            visit(self.path(text), How::Name);
        }
        if let Some((noun, name)) = convention(text) {
            visit(self.arn(&["for ", noun].concat(), name), How::Name);
        }
        if let Some(noun) = wanted(key).filter(|_| is_name(text)) {
            visit(self.name(&noun, text), How::Name);
        }
    }
}

/// Whether data sources look objects up by an attribute, or say with it where to look.
pub(super) fn is_looked_for(key: &str, facts: &Facts) -> bool {
    IDS.contains(&key)
        || key == "name"
        || facts.identity.contains(&key)
        || key.ends_with("_id")
        || key.ends_with("_name")
}

/// The value at a path of names; of nested blocks the first.
fn nested<'a>(object: &'a [u8], path: &str) -> Option<&'a [u8]> {
    path.split('.').try_fold(object, |value, name| {
        let first = || elements(value).flatten().next();
        let value = if value.first() == Some(&b'[') {
            first()?
        } else {
            value
        };
        get(value, name)
    })
}
