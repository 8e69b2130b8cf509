//! Reads the file of approvals. What is damaged is refused: an approval that was lost would only be missed, one that
//! was garbled could approve anything.

use super::consent::{Consent, Key};
use super::known::Known;
use super::{Approval, safe};
use crate::error::Error;
use crate::finding::Identity;
use crate::input::day::Day;
use crate::input::quotable::is_quotable;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;
use toml::value::Datetime;

/// The version of the file.
pub(super) const VERSION: i64 = 1;

#[derive(Deserialize)]
struct Head {
    version: Option<Spanned<toml::Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "version")]
    _version: i64,
    #[serde(default)]
    approval: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    stack: Spanned<String>,
    rule: Spanned<String>,
    address: Spanned<String>,
    #[serde(default)]
    cause: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    because: BTreeSet<String>,
    #[serde(default)]
    data_loss: bool,
    directory: Option<Spanned<String>>,
    #[serde(default)]
    anchors: Vec<String>,
    by: Spanned<String>,
    on: Spanned<Datetime>,
    expires: Spanned<Datetime>,
    reason: Spanned<String>,
    objects: Vec<Spanned<Object>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Object {
    address: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    provider: String,
    #[serde(default)]
    deposed: String,
    #[serde(default)]
    id: String,
    /// One hash for each of the anchors, in their order.
    #[serde(default)]
    beside: Vec<String>,
    #[serde(default)]
    changes: BTreeSet<String>,
    #[serde(default)]
    guards: BTreeSet<String>,
}

/// The text and the name of the file.
struct Source<'s> {
    shown: &'s str,
    text: &'s str,
}

/// Reads the approvals.
pub(super) fn parse(shown: &str, text: &str) -> Result<Known, Error> {
    let source = Source { shown, text };
    source.version()?;
    let file: File = toml::from_str(text).map_err(|error| source.not_understood(&error))?;
    let mut known = Known::default();
    for entry in file.approval {
        let span = entry.span();
        let approval = source.approval(entry.into_inner(), &span)?;
        match known.beside(&approval.consent) {
            // Two branches brought the same.
            Some(other)
                if (Approval {
                    line: approval.line,
                    ..other.clone()
                }) == approval => {}
            Some(other) => {
                let what = format!("also approved in line {}, otherwise", other.line);
                return Err(source
                    .damaged(span, &what)
                    .help("keep one of the two; which one counts is for a human to say"));
            }
            None => known.add(approval),
        }
    }
    Ok(known)
}

impl Source<'_> {
    /// Refuses what a newer tfguard may have written, before its fields are taken for wrong.
    fn version(&self) -> Result<(), Error> {
        let head: Head = toml::from_str(self.text).map_err(|error| self.not_understood(&error))?;
        match head.version {
            Some(version) if version.get_ref().as_integer() == Some(VERSION) => Ok(()),
            Some(version) => Err(self.damaged(version.span(), "no such version").help(format!(
                "this tfguard knows version {VERSION}: use a newer one, or restore the file from git"
            ))),
            None => {
                let (at, what) = self.no_version();
                Err(self.damaged(at, what).help(format!(
                    "version = {VERSION} stands before the first [[approval]]: restore the file from git, or put it there"
                )))
            }
        }
    }

    /// Behind a table a key belongs to that one.
    fn no_version(&self) -> (Range<usize>, &'static str) {
        let mut at = 0;
        for line in self.text.split_inclusive('\n') {
            if line.starts_with("version") {
                return (
                    at..at + line.trim_end().len(),
                    "too late: it belongs to the block above",
                );
            }
            at += line.len();
        }
        (0..0, "there is no version")
    }

    fn approval(&self, entry: Entry, span: &Range<usize>) -> Result<Approval, Error> {
        let key = Key {
            stack: self.filled(&entry.stack)?,
            rule: self.filled(&entry.rule)?,
            address: self.filled(&entry.address)?,
            cause: safe(&entry.cause),
            detail: safe(&entry.detail),
        };
        let anchors: Vec<_> = entry.anchors.iter().map(|hash| safe(hash)).collect();
        let objects = entry.objects.into_iter();
        let objects = objects.map(|object| self.object(object, &anchors));
        let directory = entry.directory.as_ref().map(|text| self.filled(text));
        let consent = Consent {
            key,
            because: entry.because.iter().map(|text| safe(text)).collect(),
            data_loss: entry.data_loss,
            objects: objects.collect::<Result<_, Error>>()?,
            directory: directory.transpose()?,
            anchors: anchors.into_iter().collect(),
        };
        Ok(Approval {
            consent,
            by: self.filled(&entry.by)?,
            on: self.day(&entry.on)?,
            expires: self.day(&entry.expires)?,
            reason: self.filled(&entry.reason)?,
            line: self.line(span),
        })
    }

    fn filled(&self, text: &Spanned<String>) -> Result<String, Error> {
        if text.get_ref().trim().is_empty() {
            return Err(self
                .damaged(text.span(), "nothing is said here")
                .help("restore it from git, or approve again"));
        }
        Ok(safe(text.get_ref()))
    }

    fn object(&self, object: Spanned<Object>, anchors: &[String]) -> Result<Identity, Error> {
        let span = object.span();
        let object = object.into_inner();
        if !object.beside.is_empty() && object.beside.len() != anchors.len() {
            let error = self.damaged(span, "not one hash in beside for each of the anchors");
            return Err(error.help("restore it from git, or approve again"));
        }
        let beside = anchors.iter().cloned();
        let beside = beside.zip(object.beside.iter().map(|hash| safe(hash)));
        let all = |texts: &BTreeSet<String>| texts.iter().map(|text| safe(text)).collect();
        Ok(Identity {
            address: safe(&object.address),
            action: safe(&object.action),
            provider: safe(&object.provider),
            deposed: safe(&object.deposed),
            id: safe(&object.id),
            beside: beside.collect(),
            changes: all(&object.changes),
            guards: all(&object.guards),
        })
    }

    fn day(&self, day: &Spanned<Datetime>) -> Result<Day, Error> {
        Day::parse(&day.get_ref().to_string()).ok_or_else(|| {
            self.damaged(day.span(), "not a day")
                .help("days are written as 2027-01-31, without quotes")
        })
    }

    fn damaged(&self, span: Range<usize>, what: &str) -> Error {
        let (shown, line) = (self.shown, self.line(&span));
        let message = format!("{shown}:{line} is damaged: nothing is approved by it");
        let error = Error::new(message);
        // Another file may have been named, with anything in it.
        if is_quotable(Path::new(self.shown)) {
            error.in_text(self.text, span, what)
        } else {
            error
        }
    }

    fn line(&self, span: &Range<usize>) -> usize {
        let before = self.text.as_bytes().iter().take(span.start);
        1 + before.filter(|byte| **byte == b'\n').count()
    }

    /// A mistake that TOML or its types found; most often two branches were merged by hand, or not to the end.
    fn not_understood(&self, error: &toml::de::Error) -> Error {
        let said = error.message().lines().next().unwrap_or_default();
        let conflict = self.conflict();
        let span = conflict
            .clone()
            .or_else(|| error.span())
            .unwrap_or_default();
        let what = if conflict.is_some() {
            "a merge was not finished"
        } else {
            said
        };
        self.damaged(span, what).help(if conflict.is_some() {
            "keep the blocks of both sides, each whole, and take the marks out"
        } else {
            "restore it from git, or take the block out and approve again"
        })
    }

    /// The first mark that git leaves in a file with conflicts.
    fn conflict(&self) -> Option<Range<usize>> {
        let marks = ["<<<<<<< ", "=======\n", "||||||| ", ">>>>>>> "];
        let mut at = 0;
        for line in self.text.split_inclusive('\n') {
            if marks.iter().any(|mark| line.starts_with(mark)) {
                return Some(at..at + line.trim_end().len());
            }
            at += line.len();
        }
        None
    }
}
