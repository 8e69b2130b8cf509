//! Walks over the texts of a value, those in JSON documents within it included.

use super::How;
use super::book::is_own;
use super::call::{Call, Caller, Place};
use super::noun::Nouns;
use crate::input::json::parts::{elements, get, members, text_or_none};
use crate::input::json::strings::each_text;
use crate::input::names::{Name, Names};
use crate::input::plan::kept::LONGEST_PATH;
use foldhash::fast::RandomState;

/// JSON in a text is read up to this length.
const LONGEST_DOCUMENT: usize = 1 << 14;

/// A text on the way: where it stands, which of all texts it is, and what it may call.
pub(super) struct Found<'p> {
    pub(super) path: &'p str,
    pub(super) nth: u32,
    pub(super) call: Call,
    pub(super) how: How,
    pub(super) place: Place,
}

/// A text that somebody wrote, and what it may call.
#[derive(Debug, Clone)]
pub struct Written {
    /// Which text it is, of one object or block another for each: one may be an id and an ARN.
    pub(super) nth: u32,
    /// Where it stands.
    pub(super) path: Name,
    pub(super) call: Call,
    pub(super) how: How,
    pub(super) place: Place,
}

impl Found<'_> {
    pub(super) fn keep(&self, names: &mut Names) -> Written {
        Written {
            nth: self.nth,
            path: names.intern(self.path),
            call: self.call,
            how: self.how,
            place: self.place,
        }
    }
}

/// Walks over the texts of a value. Elements of a list stand where the list does.
pub(super) struct Walk<'a> {
    pub(super) hasher: &'a RandomState,
    pub(super) nouns: &'a mut Nouns,
    pub(super) seen: &'a mut u32,
    /// Whether JSON documents in texts are read.
    pub(super) deep: bool,
    pub(super) visit: &'a mut dyn FnMut(Found<'_>),
}

impl Walk<'_> {
    /// Texts of a value; `key` is the last name on the way to it.
    pub(super) fn value(&mut self, key: &str, path: &mut String, value: &[u8]) {
        self.inside(key, path, value, Self::value);
    }

    /// Literal texts of an expression as the configuration has it, or of nested blocks of them.
    pub(super) fn expression(&mut self, key: &str, path: &mut String, expression: &[u8]) {
        if let Some(constant) = get(expression, "constant_value") {
            self.value(key, path, constant);
        } else {
            self.inside(key, path, expression, |walk, key, path, value| {
                // Names of what is referred to are no texts.
                if matches!(value.first(), Some(b'{' | b'[')) && key != "references" {
                    walk.expression(key, path, value);
                }
            });
        }
    }

    fn inside(
        &mut self,
        key: &str,
        path: &mut String,
        value: &[u8],
        next: fn(&mut Self, &str, &mut String, &[u8]),
    ) {
        let length = path.len();
        match value.first() {
            Some(b'{') => {
                for (name, value) in members(value).flatten() {
                    if is_own(&name) || length + name.len() > LONGEST_PATH {
                        continue;
                    }
                    let name = String::from_utf8_lossy(&name);
                    path.push('.');
                    path.push_str(&name);
                    next(self, &name, path, value);
                    path.truncate(length);
                }
            }
            Some(b'[') => {
                for value in elements(value).flatten() {
                    next(self, key, path, value);
                }
            }
            // A document that is not read is not decoded.
            Some(b'"') if self.deep || !matches!(value.get(1), Some(b'{' | b'[')) => {
                if let Some(text) = text_or_none(value) {
                    self.text(key, path, &text);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, key: &str, path: &str, text: &str) {
        let text = text.trim_start();
        if text.starts_with(['{', '[']) {
            // Terraform's jsonencode and the JSON people paste.
            let wanted = self.deep && text.len() <= LONGEST_DOCUMENT;
            if wanted && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
                self.document(key, path, text);
            }
            return;
        }
        *self.seen = self.seen.wrapping_add(1);
        let (nth, visit) = (*self.seen, &mut *self.visit);
        Caller(self.hasher).of_text(self.nouns, key, text, &mut |call, how, place| {
            visit(Found {
                path,
                nth,
                call,
                how,
                place,
            });
        });
    }

    /// Values in a JSON document stand where the document does.
    fn document(&mut self, key: &str, path: &str, document: &str) {
        each_text(document.as_bytes(), key, &mut |key, text| {
            let inner = text_or_none(text).unwrap_or_default();
            if !inner.starts_with(['{', '[']) {
                self.text(key, path, &inner);
            }
        });
    }
}
