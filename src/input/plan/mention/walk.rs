//! Walks over the texts of a value, those in JSON documents within it included.

use super::book::{Book, Text};
use super::call::Caller;
use crate::input::json::parts::{elements, members, text_or_none};
use crate::input::names::Names;
use crate::input::plan::ObjectId;
use crate::input::plan::kept::Paths;

/// JSON in a text is read up to this length.
const LONGEST_DOCUMENT: usize = 1 << 16;

/// Walks over the texts of a value.
pub(super) struct Walk<'a> {
    pub(super) book: &'a mut Book,
    pub(super) id: ObjectId,
    pub(super) paths: &'a mut Paths,
    pub(super) names: &'a mut Names,
    /// How many more texts are taken in.
    pub(super) left: usize,
}

impl Walk<'_> {
    /// `key` is the last name on the way to the value.
    pub(super) fn value(&mut self, key: &str, path: &mut String, value: &[u8]) {
        let length = path.len();
        match value.first() {
            Some(b'{') => {
                for (name, value) in members(value).flatten() {
                    let name = String::from_utf8_lossy(&name);
                    path.push('.');
                    path.push_str(&name);
                    self.value(&name, path, value);
                    path.truncate(length);
                }
            }
            Some(b'[') => {
                for (nth, value) in elements(value).flatten().enumerate() {
                    path.extend(["[", &nth.to_string(), "]"]);
                    self.value(key, path, value);
                    path.truncate(length);
                }
            }
            Some(b'"') => {
                if let Some(text) = text_or_none(value) {
                    self.text(key, path, &text);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, key: &str, path: &str, text: &str) {
        if text.starts_with(['{', '[']) && text.len() <= LONGEST_DOCUMENT {
            // Terraform's jsonencode and the JSON people paste.
            if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
                self.document(key, path, text.as_bytes());
            }
            return;
        }
        let Self {
            book,
            id,
            paths,
            names,
            left,
        } = self;
        let Book {
            texts,
            hasher,
            seen,
            ..
        } = &mut **book;
        *seen = seen.wrapping_add(1);
        let nth = *seen;
        let mut at = None;
        Caller(hasher).of_text(key, text, &mut |call, how| {
            if *left > 0 {
                *left -= 1;
                let path = *at.get_or_insert_with(|| paths.id(path, names));
                texts.push(Text {
                    object: *id,
                    nth,
                    path,
                    call,
                    how,
                });
            }
        });
    }

    /// Values in a JSON document stand where the document does.
    fn document(&mut self, key: &str, path: &str, value: &[u8]) {
        match value.first() {
            Some(b'{') => {
                for (name, value) in members(value).flatten() {
                    self.document(&String::from_utf8_lossy(&name), path, value);
                }
            }
            Some(b'[') => {
                for value in elements(value).flatten() {
                    self.document(key, path, value);
                }
            }
            Some(b'"') => {
                let inner = text_or_none(value).unwrap_or_default();
                if !inner.starts_with(['{', '[']) {
                    self.text(key, path, &inner);
                }
            }
            _ => {}
        }
    }
}
