//! What exactly a human consents to, and whether that covers what a plan does.

use super::object::{covers, objects, told};
use crate::finding::{Finding, Identity};
use crate::input::plan::HIDDEN;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt;

/// Facts that say what is done and why. The others count what surrounds it, and change with every other change.
const REASONS: [&str; 18] = [
    "action",
    "argument",
    "attribute",
    "attributes",
    "backend",
    "conditions",
    "effect",
    "environments",
    "first_index",
    "kind",
    "made",
    "modules",
    "other",
    "other_roots",
    "provider",
    "reason",
    "shift",
    "to",
];

/// Which finding an approval speaks of.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The stack: first, so that those of one stack stand together.
    pub stack: String,
    /// The rule.
    pub rule: String,
    /// The address.
    pub address: String,
    /// The cause; empty for none.
    pub cause: String,
    /// What tells it from others of its rule, address and cause.
    pub detail: String,
}

impl Key {
    /// That of a finding.
    pub fn of(finding: &Finding) -> Self {
        Self {
            stack: finding.stack.clone(),
            rule: finding.rule.to_owned(),
            address: finding.address.clone(),
            cause: finding.cause.unwrap_or_default().to_owned(),
            detail: finding.discriminator.clone(),
        }
    }

    /// Whether all but the stack is the same.
    pub(super) fn is_same_elsewhere(&self, other: &Self) -> bool {
        self.rule == other.rule
            && self.address == other.address
            && self.cause == other.cause
            && self.detail == other.detail
    }
}

/// What a human consents to: one finding, with every object in it and what is done to that.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consent {
    /// Which finding.
    pub key: Key,
    /// Facts that say what is done and why, `attributes=ami`, in order.
    pub because: BTreeSet<String>,
    /// Whether data is lost with the objects.
    pub data_loss: bool,
    /// The members of the finding.
    pub objects: BTreeSet<Identity>,
    /// Hashes of ids by which its state is known again, where the members do not tell it.
    pub anchors: BTreeSet<String>,
    /// The directory its stack was called after, from the top of the repository.
    pub directory: Option<String>,
}

/// Why nobody can consent to a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// Secrets in its keys are hidden, and nothing else tells its objects from others.
    Hidden,
    /// It is about what the plan does not show; says what to do instead.
    Unseen(&'static str),
}

/// Rules about what a plan does not show: nobody knows what such a consent would be to.
const UNSEEN: [(&str, &str); 3] = [
    (
        "errored-plan",
        "a plan that failed does not show what it would do; mend the error and plan again",
    ),
    (
        "partial-plan",
        "a plan made with -target does not show what it leaves out; plan again without",
    ),
    (
        "stale-plan",
        "an old plan does not show what it would do by now; plan again",
    ),
];

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hidden => {
                "a key is hidden for its secret, and nothing else tells its objects from others"
            }
            Self::Unseen(why) => why,
        })
    }
}

impl Consent {
    /// The consent to a finding whose members are identified.
    ///
    /// # Errors
    /// The finding cannot be told from one about other objects.
    pub fn of(finding: &Finding) -> Result<Self, Unfit> {
        let anchors = finding.anchors.as_deref();
        let chosen = anchors.map(|anchors| anchors.chosen.clone());
        let mut consent = Self::at(finding, chosen.unwrap_or_default())?;
        if consent.tells_its_state() {
            consent.anchors.clear();
        }
        Ok(consent)
    }

    /// The same finding, known by what an earlier consent knows it by.
    ///
    /// # Errors
    /// As [`Consent::of`].
    pub(super) fn as_known(finding: &Finding, known: &Self) -> Result<Self, Unfit> {
        let met = finding.anchors.iter().flat_map(|anchors| &anchors.met);
        let met = met.filter(|hash| known.anchors.contains(*hash));
        Self::at(finding, met.cloned().collect())
    }

    fn at(finding: &Finding, anchors: BTreeSet<String>) -> Result<Self, Unfit> {
        if let Some(why) = unseen(finding) {
            return Err(Unfit::Unseen(why));
        }
        let because = REASONS.iter().flat_map(|name| reasons(finding, name));
        let consent = Self {
            key: Key::of(finding),
            because: because.collect(),
            data_loss: finding.loses_data(),
            objects: objects(finding, &anchors),
            anchors,
            directory: None,
        };
        if consent.is_hidden() {
            Err(Unfit::Hidden)
        } else {
            Ok(consent)
        }
    }

    /// Whether hidden keys could stand for other ones: they are numbered in the order of the plan.
    fn is_hidden(&self) -> bool {
        let mark = HIDDEN.trim_end_matches(')');
        let key = [&self.key.stack, &self.key.address, &self.key.detail];
        let members = self.objects.iter().map(|object| &object.address);
        let mut texts = key.into_iter().chain(members).chain(&self.because);
        let known =
            !self.objects.is_empty() && self.objects.iter().all(|object| !object.id.is_empty());
        !known && texts.any(|text| text.contains(mark))
    }

    /// Whether every object has an id of its own: no other state has those.
    fn tells_its_state(&self) -> bool {
        let own = |object: &Identity| !object.id.is_empty();
        !self.objects.is_empty() && self.objects.iter().all(own)
    }

    /// Whether every object that there is already is told from another one that takes its address later.
    pub fn tells_its_objects(&self) -> bool {
        let told = |object: &Identity| !object.id.is_empty() || !object.beside.is_empty();
        let new = |object: &Identity| matches!(&*object.action, "" | "create");
        self.objects
            .iter()
            .all(|object| new(object) || told(object))
    }

    /// For what else it was given.
    pub(super) fn elsewhere(&self, planned: &Self) -> Option<String> {
        let directory = self.directory.as_ref();
        if let Some(was) = directory.filter(|_| directory != planned.directory.as_ref()) {
            return Some(format!("it was given for {was}"));
        }
        (!self.anchors.is_empty() && planned.anchors.is_empty())
            .then(|| "it was given for another state".to_owned())
    }

    /// Whether two consents to one finding may be about one state: then only one of them counts.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        let directories = [self, other].map(|consent| consent.directory.as_ref());
        let apart = matches!(directories, [Some(one), Some(other)] if one != other);
        let [one, other] = [self, other].map(Self::ids);
        !apart && (one.is_empty() || other.is_empty() || !one.is_disjoint(&other))
    }

    /// All hashes of ids in it.
    fn ids(&self) -> BTreeSet<&String> {
        let own = self.objects.iter().map(|object| &object.id);
        let own = own.filter(|id| !id.is_empty());
        self.anchors.iter().chain(own).collect()
    }

    /// What is planned and not consented to; nothing when all is covered. Fewer objects are, as long as each one is
    /// destroyed by itself and nothing else differs.
    pub fn uncovered(&self, planned: &Self) -> Option<String> {
        if self.key != planned.key {
            return Some("it is about something else".to_owned());
        }
        if let Some(elsewhere) = self.elsewhere(planned) {
            return Some(elsewhere);
        }
        let covered = |object: &&Identity| self.objects.iter().any(|known| covers(known, object));
        if let Some(object) = planned.objects.iter().find(|object| !covered(object)) {
            return Some(told(&self.objects, object));
        }
        if self.because != planned.because {
            let [was, is] = [self, planned].map(Self::why);
            return Some(format!("the reason was {was} and is {is}"));
        }
        if planned.data_loss && !self.data_loss {
            return Some("data is lost with it, which nobody knew".to_owned());
        }
        let alone =
            !planned.objects.is_empty() && planned.objects.iter().all(Identity::is_destroyed);
        let same = planned.objects.len() == self.objects.len();
        (!same && !alone).then(|| "it had more members".to_owned())
    }

    fn why(&self) -> String {
        let list: Vec<_> = self.because.iter().map(String::as_str).collect();
        if list.is_empty() {
            "none".to_owned()
        } else {
            list.join(", ")
        }
    }
}

/// What a finding hides, when it is about that.
fn unseen(finding: &Finding) -> Option<&'static str> {
    // What is put off to a later plan has a name.
    hidden_by(finding.rule).filter(|_| finding.members.is_empty())
}

/// Why nobody knows from a plan what it would do, of rules that say so: it cannot be believed as it is.
pub fn hidden_by(rule: &str) -> Option<&'static str> {
    let mut rules = UNSEEN.iter();
    rules.find(|(id, _)| *id == rule).map(|(_, why)| *why)
}

fn reasons(finding: &Finding, name: &str) -> Vec<String> {
    let shown = |value: &Value| match value {
        Value::String(text) => format!("{name}={text}"),
        other => format!("{name}={other}"),
    };
    match &finding.facts[name] {
        Value::Null => Vec::new(),
        Value::Array(values) => values.iter().map(shown).collect(),
        value => vec![shown(value)],
    }
}
