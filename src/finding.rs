//! What rules report.

use crate::facts::Facts;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// How bad it is. The order is that of reports: the worst first.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Blocks a merge.
    Error,
    /// Wants a human look.
    Warning,
    /// Informs.
    Note,
}

impl Severity {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// Something else a reader should see beside a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Related {
    /// Its address.
    pub address: String,
    /// What it has to do with the finding.
    pub message: Cow<'static, str>,
    /// Where its block stands, if the sources tell.
    pub location: Option<Box<Location>>,
}

impl Related {
    /// Something related.
    pub fn new(address: impl Into<String>, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            address: address.into(),
            message: message.into(),
            location: None,
        }
    }
}

/// Which part of its block a finding is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Place {
    /// The block as a whole.
    #[default]
    Block,
    /// An argument, or a path in one: `metadata.name`.
    Argument(Box<str>),
    /// An entry of `depends_on`.
    Entry(Box<str>),
    /// Of a variable what the call of its module gives it; the variable itself where that says nothing.
    Passed,
    /// The `backend` or `cloud` block, whatever the address.
    Backend,
}

/// A place in the sources. Lines and columns begin at 1, columns count characters; the end is the first column
/// behind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Location {
    /// Path of the file, relative to the repository or the working directory.
    pub file: String,
    /// The first line.
    pub line: usize,
    /// The first column.
    pub column: usize,
    /// The last line.
    pub end_line: usize,
    /// The column behind the last.
    pub end_column: usize,
    /// The column behind the last on the first line.
    #[serde(skip)]
    pub first_end_column: usize,
    /// The block it is in, as its header says without quotes: `resource aws_vpc main`. It is the only one of that
    /// name in its file.
    #[serde(skip)]
    pub block: Box<str>,
}

/// The line of a location, without the text of string literals, and the marked bytes in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// The line.
    pub text: String,
    /// Where the marked bytes begin.
    pub at: usize,
    /// How many there are.
    pub length: usize,
}

/// How to repair it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// What to do, as a sentence.
    pub description: Cow<'static, str>,
    /// HCL to paste, if that does it.
    pub hcl: Option<String>,
    /// The file it goes to, if known.
    pub file: Option<String>,
}

/// What the gate makes of a finding. Only open ones can fail a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Status {
    /// Nobody has accepted it.
    #[default]
    Open,
    /// A waiver covers it.
    Waived,
    /// A human consented to exactly this.
    Approved,
    /// The baseline has it already, no better.
    Unchanged,
}

impl Status {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waived => "waived",
            Self::Approved => "approved",
            Self::Unchanged => "unchanged",
        }
    }
}

/// Why a finding is not open. Its texts are safe to show.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Justification {
    /// The reason somebody wrote down.
    pub reason: Option<String>,
    /// Who did.
    pub by: Option<String>,
    /// The last day it holds, as `2027-01-31`.
    pub expires: Option<String>,
    /// Where it is written: a file, with the line if it has one.
    pub source: String,
}

/// A member as far as it takes to know it again in another plan: no value of it. What is not known is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// Its address.
    pub address: String,
    /// What is planned for it, in Terraform's words; nothing for what does not change.
    pub action: String,
    /// The source of its provider: `hashicorp/aws`.
    pub provider: String,
    /// Its deposed key.
    pub deposed: String,
    /// A hash of its id, when nobody can guess that.
    pub id: String,
    /// Else hashes of what it is called, each salted with the id of the anchor it stands at.
    pub beside: BTreeMap<String, String>,
    /// The attributes that an update changes: `tags.Name`.
    pub changes: BTreeSet<String>,
    /// The protections that stand before its destroy.
    pub guards: BTreeSet<String>,
}

impl Identity {
    /// Whether this very object is destroyed.
    pub fn is_destroyed(&self) -> bool {
        self.action.split(", ").any(|word| word == "delete")
    }
}

/// By which objects the state is known again that a finding is about: hashes of their ids, which nobody can guess.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Anchors {
    /// Those to be written into an approval that is made now.
    pub chosen: BTreeSet<String>,
    /// Those that an approval asks for, as far as the plan has them.
    pub met: BTreeSet<String>,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Id of the rule.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// One or more sentences, the first of which stands for itself.
    pub message: String,
    /// The stack whose plan it is about.
    pub stack: String,
    /// The root: the thing whose configuration changed, or the object a cascade starts from.
    pub address: String,
    /// Objects that have the finding's action themselves.
    pub members: Vec<String>,
    /// Whether the members are other stacks: whoever excuses it excuses what its address names.
    pub touches_stacks: bool,
    /// Why Terraform plans it, in the words of the rule's page.
    pub cause: Option<&'static str>,
    /// A path through the graph that proves it, dependent first.
    pub path: Vec<String>,
    /// Where the steps of the path stand; nothing at all without sources.
    pub places: Vec<Option<Box<Location>>>,
    /// What merely follows, or stays behind: the first of it, where that is much.
    pub related: Vec<Related>,
    /// So much more is related than is listed.
    pub unlisted: usize,
    /// Facts for machines, documented on the rule's page.
    pub facts: Facts,
    /// How to repair it.
    pub fix: Option<Fix>,
    /// Tells it from others of its rule, address and cause, where those do not suffice.
    pub discriminator: String,
    /// Which part of the block it is about.
    pub place: Place,
    /// Where that stands in the sources, if they tell.
    pub location: Option<Box<Location>>,
    /// The line that stands there.
    pub snippet: Option<Box<Snippet>>,
    /// The members, to be known again; only where an approval is made or looked for.
    pub identities: Box<[Identity]>,
    /// What tells its state from others; as the members.
    pub anchors: Option<Box<Anchors>>,
    /// What the gate makes of it.
    pub status: Status,
    /// Why it is not open.
    pub justification: Option<Box<Justification>>,
}

impl Finding {
    /// A readable identity, the same in every run that finds the same thing: no values, no counts, no
    /// positions.
    pub fn fingerprint(&self) -> String {
        let mut parts = vec![self.rule, &self.stack, &self.address];
        parts.extend(self.cause);
        if !self.discriminator.is_empty() {
            parts.push(&self.discriminator);
        }
        parts.join("|")
    }

    /// What a waiver must cover, all of it: the members, or the address when there are none that are objects.
    pub fn subjects(&self) -> impl Iterator<Item = &str> {
        let is_alone = self.members.is_empty() || self.touches_stacks;
        let members = self.members.iter().filter(move |_| !is_alone);
        let alone = is_alone.then_some(&self.address);
        members.chain(alone).map(String::as_str)
    }

    /// Whether data is lost with its objects.
    pub fn loses_data(&self) -> bool {
        self.facts["data_loss"] == true
    }

    /// The objects whose data is lost.
    pub fn data_objects(&self) -> impl Iterator<Item = &str> {
        let objects = self.facts["data_objects"].as_array();
        objects.into_iter().flatten().filter_map(Value::as_str)
    }

    /// Whether nobody has accepted it.
    pub fn is_open(&self) -> bool {
        self.status == Status::Open
    }

    /// Gives back the room its texts were built in: a large plan has ten thousand findings.
    pub(crate) fn shrink(&mut self) {
        self.message.shrink_to_fit();
        self.members.shrink_to_fit();
        self.path.shrink_to_fit();
        self.related.shrink_to_fit();
        let texts = self.members.iter_mut().chain(&mut self.path);
        texts.for_each(String::shrink_to_fit);
        for related in &mut self.related {
            related.address.shrink_to_fit();
        }
    }

    /// Adds a fact.
    #[must_use]
    pub fn fact(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.facts.insert(name, value.into());
        self
    }

    /// Names the members, in the order of addresses.
    #[must_use]
    pub fn members(mut self, mut members: Vec<String>) -> Self {
        members.sort_by(|a, b| natural(a, b));
        self.members = members;
        self
    }

    /// Adds what is related, in the order of addresses.
    #[must_use]
    pub fn related(mut self, related: impl IntoIterator<Item = Related>) -> Self {
        self.related.extend(related);
        self.related.sort_by(|a, b| {
            natural(&a.address, &b.address).then_with(|| a.message.cmp(&b.message))
        });
        self.related.dedup();
        self
    }

    /// Says how many are related in truth, where only the first are listed.
    #[must_use]
    pub fn out_of(mut self, all: usize) -> Self {
        self.unlisted = all.saturating_sub(self.related.len());
        self
    }

    /// Says how to repair it.
    #[must_use]
    pub fn fix(mut self, description: impl Into<Cow<'static, str>>) -> Self {
        self.fix = Some(Fix {
            description: description.into(),
            hcl: None,
            file: None,
        });
        self
    }

    /// The one order of findings: worst first, then rule, address, message, and the rest to break ties.
    pub fn order(&self, other: &Self) -> Ordering {
        let key = |f: &Self| (f.severity, f.rule);
        key(self)
            .cmp(&key(other))
            .then_with(|| natural(&self.address, &other.address))
            .then_with(|| self.message.cmp(&other.message))
            .then_with(|| self.stack.cmp(&other.stack))
            .then_with(|| self.fingerprint().cmp(&other.fingerprint()))
            .then_with(|| self.members.cmp(&other.members))
    }
}

/// Orders addresses as a reader expects: `x[2]` before `x[10]`.
pub fn natural(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let equal = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    // Where both have a number that they differ in, its first digits may be equal.
    let start = equal - count_digits(a[..equal].iter().rev());
    let (ours, theirs) = (digits(&a[start..]), digits(&b[start..]));
    let by_number = if ours.is_empty() || theirs.is_empty() {
        Ordering::Equal
    } else {
        let by_value = number(ours).cmp(&number(theirs));
        by_value.then_with(|| ours.len().cmp(&theirs.len()))
    };
    // Characters are in the order of their bytes.
    by_number.then_with(|| a[equal..].cmp(&b[equal..]))
}

fn digits(text: &[u8]) -> &[u8] {
    &text[..count_digits(text.iter())]
}

fn count_digits<'t>(bytes: impl Iterator<Item = &'t u8>) -> usize {
    bytes.take_while(|byte| byte.is_ascii_digit()).count()
}

/// Numbers as text of any length: shorter without leading zeros is smaller.
fn number(digits: &[u8]) -> (usize, &[u8]) {
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    let digits = &digits[zeros..];
    (digits.len(), digits)
}

#[cfg(test)]
mod tests {
    use super::natural;
    use proptest::prelude::*;
    use std::cmp::Ordering;

    #[test]
    fn numbers_in_addresses_are_ordered_as_numbers() {
        let mut addresses = [
            "x[10]",
            "x[9]",
            "x",
            "x[99999999999999999999999]",
            "w",
            "x[\"b\"]",
            "x[010]",
        ];
        addresses.sort_by(|a, b| natural(a, b));
        assert_eq!(
            addresses,
            [
                "w",
                "x",
                "x[\"b\"]",
                "x[9]",
                "x[10]",
                "x[010]",
                "x[99999999999999999999999]"
            ]
        );
        assert_eq!(natural("a", "a"), Ordering::Equal);
    }

    /// Number by number and character by character, as the sentence says it.
    fn spelled(text: &str) -> Vec<(bool, usize, String, usize)> {
        let mut parts: Vec<(bool, usize, String, usize)> = Vec::new();
        let mut number = String::new();
        for c in text.chars().chain(['\0']) {
            if c.is_ascii_digit() {
                number.push(c);
                continue;
            }
            if !number.is_empty() {
                let value = number.trim_start_matches('0').to_owned();
                parts.push((true, value.len(), value, number.len()));
                number.clear();
            }
            parts.push((false, 0, c.to_string(), 0));
        }
        parts
    }

    fn naive(a: &str, b: &str) -> Ordering {
        for (one, other) in spelled(a).iter().zip(&spelled(b)) {
            let order = if one.0 && other.0 {
                one.cmp(other)
            } else {
                // A number beside something else counts by its first digit.
                let first = |text: &str, at: usize| text.chars().nth(at);
                let at = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
                if one == other {
                    Ordering::Equal
                } else {
                    first(a, at).cmp(&first(b, at))
                }
            };
            if order.is_ne() {
                return order;
            }
        }
        Ordering::Equal
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_numbers_and_characters(a in "[a0-2é\\[]{0,6}", b in "[a0-2é\\[]{0,6}") {
            prop_assert_eq!(natural(&a, &b), naive(&a, &b));
            prop_assert_eq!(natural(&a, &b), natural(&b, &a).reverse());
        }
    }
}
