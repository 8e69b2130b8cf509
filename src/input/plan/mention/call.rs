//! The hashes by which a text of one object is found to be what another one is called.

use super::How;
use super::arn::{Arn, named};
use super::noun::{ALIAS, Nouns, answered, convention, is_name};
use super::text::{is_id, is_path_name};
use crate::catalog::attributes::is_whereabouts;
use crate::catalog::{self, Facts, Holds};
use crate::input::json::parts::{members, text_or_none};
use crate::input::plan::ObjectId;
use crate::input::plan::attributes::Attributes;
use crate::input::plan::border::OwnName;
use crate::input::plan::kept::{IDS, follow};
use foldhash::HashSet;
use foldhash::fast::RandomState;
use std::hash::BuildHasher as _;

/// A hash of how an object is called: equal for the text that calls it and for the object.
pub(super) type Call = u64;

/// Who calls an object so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// A text.
    Text,
    /// A data source that looks for it.
    Lookup,
}

/// Hashes of the region and the account that an ARN names; 0 for none.
pub(super) type Place = [u64; 2];

/// Types whose names are paths.
const PATHS: [&str; 3] = [
    "aws_cloudwatch_log_group",
    "aws_secretsmanager_secret",
    "aws_ssm_parameter",
];

/// Attributes whose paths are their own: names, addresses, what is in a file.
const CONTENT: [&str; 9] = [
    "content", "key", "name", "path", "prefix", "source", "uri", "url", "value",
];
/// Azure's ids are the longest: a longer text is prose.
pub(super) const LONGEST: usize = 320;
/// Tags of one object that are looked at.
const MOST_TAGS: usize = 16;
/// Room for the path of most tags.
const USUAL_PATH: usize = 32;

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

    /// The region and the account that an ARN names.
    fn place(self, arn: Arn<'_>) -> Place {
        [self.part(arn.region), self.part(arn.account)]
    }

    /// The hash of a region or an account; 0 for none.
    pub(super) fn part(self, text: &str) -> u64 {
        if text.is_empty() {
            0
        } else {
            self.0.hash_one(("part", text)).max(1)
        }
    }

    fn name(self, noun: &str, name: &str) -> Call {
        self.0.hash_one(("name", noun, name))
    }

    /// A name that a convention derives from that of such an object.
    fn purpose(self, noun: &str, name: &str) -> Call {
        self.0.hash_one(("for", noun, name))
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

    /// That an object is part of what an attribute names.
    fn part_of(self, key: &[u8], text: &str) -> (Call, Call) {
        (self.0.hash_one(key), self.0.hash_one(("in", text)))
    }

    /// All that a text at a key may call.
    pub(super) fn of_text(
        self,
        nouns: &mut Nouns,
        key: &str,
        text: &str,
        visit: &mut impl FnMut(Call, How, Place),
    ) {
        if text.len() > LONGEST {
            return;
        }
        if is_id(text) {
            visit(self.id(text), How::Id, [0; 2]);
            let whole = text.trim_end_matches("/*").trim_end_matches(":*");
            if whole.len() < text.len() {
                visit(self.id(whole), How::Id, [0; 2]);
            }
            // Objects in a bucket.
            if let Some(at) = text.find('/').filter(|_| text.starts_with("arn:aws:s3:::")) {
                visit(self.id(&text[..at]), How::Id, [0; 2]);
            }
            if let Some(arn) = Arn::parse(whole)
                && let Some((words, name)) = named(arn)
            {
                visit(self.arn(&words, name), How::Arn, self.place(arn));
            }
            return;
        }
        if is_path_name(text) && !CONTENT.contains(&key) {
            visit(self.path(text), How::Name, [0; 2]);
        }
        if let Some((noun, name)) = convention(text) {
            visit(self.purpose(noun, name), How::Name, [0; 2]);
        }
        if text.starts_with(ALIAS) {
            visit(self.name("kms_alias", text), How::Name, [0; 2]);
        }
        if let Some(noun) = nouns.wanted(key).filter(|_| is_name(text)) {
            visit(self.name(&noun, text), How::Name, [0; 2]);
        }
    }
}

/// Tells all that an object is called by, attribute by attribute.
pub(super) struct Called<'a, F> {
    caller: Caller<'a>,
    kind: &'a str,
    facts: &'static Facts,
    /// The names of an object that has no ARN yet.
    new: Vec<String>,
    has_arn: bool,
    /// The account it lives in, when its ARN tells.
    account: u64,
    /// What names the object among all of its type, whether for good, and whether it was called so before it goes.
    selves: Vec<(Call, bool, bool)>,
    /// Whether what is told is what the object was before it goes.
    was: bool,
    /// The ids that others may hold as a text.
    ids: Vec<Call>,
    identity: Vec<(String, String)>,
    /// What it is part of: the attribute that tells, and what it tells, each once.
    parts: Vec<(Call, Call)>,
    visit: F,
}

impl<'a, F: FnMut(By, Call)> Called<'a, F> {
    pub(super) fn new(hasher: &'a RandomState, kind: &'a str, visit: F) -> Self {
        Self {
            caller: Caller(hasher),
            kind,
            facts: catalog::facts(kind),
            new: Vec::new(),
            has_arn: false,
            account: 0,
            selves: Vec::new(),
            was: false,
            ids: Vec::new(),
            identity: Vec::new(),
            parts: Vec::new(),
            visit,
        }
    }

    /// Whether nobody would name such an object.
    fn is_nobody(&self) -> bool {
        self.facts.holds == Holds::Nothing
    }

    /// Tells all of an object.
    pub(super) fn object(&mut self, object: &Attributes<'_>) {
        for (key, value) in &object.each {
            self.attribute(key, value);
        }
        self.end(object.raw);
    }

    fn attribute(&mut self, key: &[u8], value: &[u8]) {
        if self.is_nobody() {
            return;
        }
        let is_text = value.first() == Some(&b'"');
        if is_text && !self.facts.identity.is_empty() && is_whereabouts(key) {
            let text = text_or_none(value).filter(|text| !text.is_empty());
            let part = text.map(|text| self.caller.part_of(key, &text));
            // What it is part of afterwards counts, where it was part of something else before.
            let is_known = |(key, _): &(Call, Call)| self.parts.iter().any(|(own, _)| own == key);
            self.parts.extend(part.filter(|part| !is_known(part)));
        }
        if is_text && is_looked_for(key, self.facts) {
            let key = std::str::from_utf8(key).unwrap_or_default();
            if let Some(text) = text_or_none(value).filter(|text| !text.is_empty()) {
                self.field(key, &text);
            }
        } else if *key == *b"tags" {
            self.tags(value);
        }
    }

    fn field(&mut self, key: &str, text: &str) {
        let (caller, kind) = (self.caller, self.kind);
        if key == "arn" {
            self.has_arn = true;
            self.account = Arn::parse(text).map_or(0, |arn| caller.part(arn.account));
        }
        if IDS.contains(&key) && is_id(text) {
            (self.visit)(By::Text, caller.id(text));
            self.ids.push(caller.id(text));
            self.add_self(caller.field(kind, key, text), true);
        }
        if self.facts.identity.contains(&key) {
            self.identity.push((key.to_owned(), text.to_owned()));
        }
        if key == "name" || self.facts.identity.contains(&key) {
            self.name(text);
            self.new.push(text.to_owned());
        }
        (self.visit)(By::Lookup, caller.field(kind, key, text));
        (self.visit)(By::Lookup, caller.has(kind, key));
    }

    /// From here on tells what the object was before it goes.
    pub(super) fn before(&mut self) {
        self.was = true;
    }

    fn add_self(&mut self, call: Call, sure: bool) {
        self.selves.push((call, sure, self.was));
    }

    fn name(&mut self, text: &str) {
        let (caller, kind) = (self.caller, self.kind);
        if PATHS.contains(&kind) && is_path_name(text) {
            (self.visit)(By::Text, caller.path(text));
        }
        if is_id(text) {
            (self.visit)(By::Text, caller.id(text));
        } else if is_name(text) {
            for noun in answered(kind) {
                (self.visit)(By::Text, caller.name(noun, text));
            }
        }
        // A convention names what it is for, even by a word that is nothing on its own.
        let own = answered(kind).next().unwrap_or(kind);
        (self.visit)(By::Text, caller.purpose(own, text));
    }

    /// The namespace that stands beside a nested name, which is one of many of it.
    fn namespace(&mut self, object: &[u8], name: &str) {
        let path = name
            .strip_suffix("name")
            .map(|head| format!("{head}namespace"));
        let raw = path.and_then(|path| follow(object, &path));
        if let Some(text) = raw.and_then(text_or_none) {
            let part = self.caller.part_of(b"namespace", &text);
            let is_known = self.parts.iter().any(|(key, _)| *key == part.0);
            self.parts.extend((!is_known).then_some(part));
        }
    }

    fn tags(&mut self, tags: &[u8]) {
        let mut path = String::new();
        for (key, value) in members(tags).flatten().take(MOST_TAGS) {
            if let (Ok(key), Some(text)) = (std::str::from_utf8(&key), text_or_none(value)) {
                path.clear();
                path.reserve(USUAL_PATH);
                path.extend(["tags.", key]);
                (self.visit)(By::Lookup, self.caller.field(self.kind, &path, &text));
                (self.visit)(By::Lookup, self.caller.has(self.kind, &path));
            }
        }
    }

    /// Adds what it is for other stacks; of types that nobody wrote down only its ids.
    fn add_to(self, own: &mut Own, id: ObjectId) {
        if catalog::knows(self.kind) && !self.is_nobody() {
            let is_nested = self.facts.identity.iter().any(|path| path.contains('.'));
            if is_nested || self.selves.iter().any(|(_, sure, _)| !sure) {
                let parts = self.parts.into_iter();
                own.parts.extend(parts.map(|(key, text)| (id, key, text)));
            }
            let selves = self.selves.into_iter();
            own.selves
                .extend(selves.map(|(call, sure, was)| OwnName::new(call, id, sure, was)));
        }
        own.ids.extend(self.ids.into_iter().map(|call| (call, id)));
        own.accounts
            .extend(Some(self.account).filter(|account| *account > 0));
    }

    /// What is known when all attributes were seen: nested names, and the ARN that a new object will have.
    fn end(&mut self, object: &[u8]) {
        if self.is_nobody() {
            return;
        }
        for path in self.facts.identity.iter().filter(|path| path.contains('.')) {
            if let Some(text) = follow(object, path).and_then(text_or_none) {
                self.name(&text);
            }
            self.namespace(object, path);
        }
        let own = answered(self.kind).next().unwrap_or(self.kind);
        for name in self.new.drain(..) {
            if !self.has_arn {
                (self.visit)(By::Text, self.caller.arn(own, &name));
            }
        }
        self.has_arn = false;
        self.identity.sort_unstable();
        if !self.identity.is_empty() && self.identity.len() == self.facts.identity.len() {
            let named = self.caller.0.hash_one(("self", self.kind, &self.identity));
            self.add_self(named, false);
        }
        self.identity.clear();
    }
}

/// What objects are called, for other stacks.
#[derive(Default)]
pub(super) struct Own {
    pub(super) selves: Vec<OwnName>,
    /// What objects that a name names are part of.
    pub(super) parts: Vec<(ObjectId, Call, Call)>,
    pub(super) ids: Vec<(Call, ObjectId)>,
    /// The accounts that the objects live in.
    pub(super) accounts: HashSet<u64>,
}

impl Own {
    pub(super) fn add<F: FnMut(By, Call)>(&mut self, id: ObjectId, called: Called<'_, F>) {
        called.add_to(self, id);
    }

    pub(super) fn append(&mut self, other: Self) {
        self.selves.extend(other.selves);
        self.parts.extend(other.parts);
        self.ids.extend(other.ids);
        self.accounts.extend(other.accounts);
    }
}

/// Whether data sources look objects up by an attribute, or say with it where to look.
fn is_looked_for(key: &[u8], facts: &Facts) -> bool {
    let anybody = matches!(
        key,
        b"arn" | b"id" | b"name" | b"namespace" | b"resource_group_name" | b"self_link" | b"vpc_id"
    );
    anybody || facts.identity.iter().any(|name| name.as_bytes() == key)
}
