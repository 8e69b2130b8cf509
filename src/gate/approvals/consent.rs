//! What exactly a human consents to, and whether that covers what a plan does.

use crate::finding::{Finding, Identity};
use crate::input::plan::HIDDEN;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt;

/// Facts that say what is done and why. The others count what surrounds it, and change with every other change.
const REASONS: [&str; 17] = [
    "action",
    "argument",
    "attribute",
    "attributes",
    "backend",
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
}

/// Why nobody can consent to a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// Secrets in its keys are hidden, and nothing else tells its objects from others.
    Hidden,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a key is hidden for its secret, and nothing else tells its objects from others",
        )
    }
}

impl Consent {
    /// The consent to a finding whose members are identified.
    ///
    /// # Errors
    /// The finding cannot be told from one about other objects.
    pub fn of(finding: &Finding) -> Result<Self, Unfit> {
        let because = REASONS.iter().flat_map(|name| reasons(finding, name));
        let consent = Self {
            key: Key::of(finding),
            because: because.collect(),
            data_loss: finding.loses_data(),
            objects: objects(finding),
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

    /// What is planned and not consented to; nothing when all is covered. Fewer objects are, as long as each one is
    /// destroyed by itself and nothing else differs.
    pub fn uncovered(&self, planned: &Self) -> Option<String> {
        if self.key != planned.key {
            return Some("it is about something else".to_owned());
        }
        if let Some(object) = planned
            .objects
            .iter()
            .find(|object| !self.objects.contains(object))
        {
            return Some(self.told(object));
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

    /// What is new about an object.
    fn told(&self, object: &Identity) -> String {
        let address = &object.address;
        let mut same = self
            .objects
            .iter()
            .filter(|known| known.address == *address);
        match same.next() {
            None => format!("{address} was not in it"),
            Some(known) if known.action != object.action => {
                let action = |action: &str| {
                    if action.is_empty() {
                        "no action".to_owned()
                    } else {
                        action.to_owned()
                    }
                };
                let (was, is) = (action(&known.action), action(&object.action));
                format!("the action on {address} was {was} and is {is}")
            }
            Some(_) => format!("{address} is another object by now"),
        }
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

/// The members; where nobody identified them their addresses alone, which no approval of an object covers.
fn objects(finding: &Finding) -> BTreeSet<Identity> {
    if !finding.identities.is_empty() {
        return finding.identities.iter().cloned().collect();
    }
    let plain = |address: &String| Identity {
        address: address.clone(),
        ..Identity::default()
    };
    finding.members.iter().map(plain).collect()
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
