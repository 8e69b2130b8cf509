//! Failed checks: `check` blocks, pre- and postconditions, validations of variables.
//!
//! Messages are written by people and may hold any value: they are kept raw until the secrets of the plan are
//! known, then masked, and only then made safe and short.

use super::builder::Builder;
use super::hide::hide_address;
use super::secrets::{HIDDEN, Mask};
use super::unmarked::without_secret;
use crate::input::address::config_address;
use crate::input::json::parts::{Malformed, elements, get, text_or_none, value_len};
use crate::input::names::{Name, Names};

/// So many messages are kept of an instance, and of so many instances.
const MOST_MESSAGES: usize = 3;
const MOST_INSTANCES: usize = 10;
/// A longer message is not kept whole.
const LONGEST: usize = 4_000;
/// No more of a message is shown.
const SHOWN: usize = 240;

/// Something that can be checked, some of whose checks failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its address without instance keys: `check.c`, `module.m.output.x`, `var.y`, or that of a resource.
    pub address: Name,
    /// What it is.
    pub kind: Checkable,
    /// Its instances that failed, in the order of the document.
    pub failures: Vec<Failure>,
}

/// What can be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checkable {
    /// A `check` block: Terraform warns and goes on (1.5 and later).
    Block,
    /// A resource with pre- or postconditions.
    Resource,
    /// An output with preconditions.
    Output,
    /// A variable with validations (1.5 and later).
    Variable,
    /// Something this version does not know.
    Other,
}

/// An instance whose checks failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Its address.
    pub address: Name,
    /// Whether the conditions could be evaluated at all.
    pub evaluated: bool,
    /// The messages, masked and short; those of the first few instances only.
    pub messages: Vec<Name>,
}

/// A check as the document tells it.
pub(super) struct Told {
    address: String,
    kind: Checkable,
    failures: Vec<ToldFailure>,
    /// Whether it comes from `condition_results`.
    old: bool,
}

struct ToldFailure {
    address: String,
    evaluated: bool,
    messages: Vec<Message>,
}

struct Message {
    text: String,
    cut: bool,
}

impl Told {
    /// Whether the check was told under a top-level key.
    pub(super) fn is_of(&self, key: &str) -> bool {
        self.old == (key == "condition_results")
    }
}

impl Builder {
    /// Takes in an element of `checks`.
    pub(super) fn check(&mut self, raw: &[u8]) -> Result<usize, Malformed> {
        let used = value_len(raw).ok_or_else(|| Malformed::new(raw, "expected a value"))?;
        let address = get(raw, "address").unwrap_or_default();
        let kind = kind(&text(address, "kind"));
        if kind == Checkable::Block {
            let module = self.names.intern(&text(address, "module"));
            self.plan.check_modules.insert(module);
        }
        let mut failures = Vec::new();
        for instance in elements(get(raw, "instances").unwrap_or_default()).flatten() {
            if let Some(evaluated) = failed(instance) {
                let problems = (failures.len() < MOST_INSTANCES).then(|| get(instance, "problems"));
                let address = get(instance, "address").unwrap_or_default();
                failures.push(ToldFailure {
                    address: text(address, "to_display"),
                    evaluated,
                    messages: messages(problems.flatten().unwrap_or_default()),
                });
            }
        }
        if !failures.is_empty() || failed(raw).is_some() {
            self.checks.push(Told {
                address: display(address),
                kind,
                failures,
                old: false,
            });
        }
        Ok(used)
    }

    /// Takes in an element of `condition_results`, which told of conditions in Terraform 1.2.
    pub(super) fn condition(&mut self, raw: &[u8]) -> Result<usize, Malformed> {
        let used = value_len(raw).ok_or_else(|| Malformed::new(raw, "expected a value"))?;
        if get(raw, "result") != Some(b"false") || get(raw, "unknown") == Some(b"true") {
            return Ok(used);
        }
        let (instance, bare) = (text(raw, "address"), text(raw, "address"));
        let failure = ToldFailure {
            address: instance,
            evaluated: true,
            messages: get(raw, "error_message")
                .and_then(message)
                .into_iter()
                .collect(),
        };
        let address = config_address(&bare).into_owned();
        match self
            .checks
            .iter_mut()
            .find(|told| told.old && told.address == address)
        {
            Some(told) => told.failures.push(failure),
            None => self.checks.push(Told {
                address,
                kind: old_kind(&text(raw, "condition_type")),
                failures: vec![failure],
                old: true,
            }),
        }
        Ok(used)
    }
}

fn text(raw: &[u8], key: &str) -> String {
    let text = get(raw, key).and_then(text_or_none);
    text.unwrap_or_default().into_owned()
}

fn kind(word: &str) -> Checkable {
    match word {
        "check" => Checkable::Block,
        "resource" => Checkable::Resource,
        "output_value" => Checkable::Output,
        "var" => Checkable::Variable,
        _ => Checkable::Other,
    }
}

fn old_kind(word: &str) -> Checkable {
    match word {
        "OutputPrecondition" => Checkable::Output,
        _ => Checkable::Resource,
    }
}

/// The address of what is checked; put together where it is not told.
fn display(address: &[u8]) -> String {
    let told = text(address, "to_display");
    if !told.is_empty() {
        return told;
    }
    let word = match kind(&text(address, "kind")) {
        Checkable::Block => "check".to_owned(),
        Checkable::Output => "output".to_owned(),
        Checkable::Variable => "var".to_owned(),
        _ => match text(address, "mode").as_str() {
            "data" => format!("data.{}", text(address, "type")),
            _ => text(address, "type"),
        },
    };
    let parts = [text(address, "module"), word, text(address, "name")];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(".")
}

/// Whether an instance failed, and if so, whether its conditions could be evaluated.
fn failed(raw: &[u8]) -> Option<bool> {
    match &*text(raw, "status") {
        "fail" => Some(true),
        "error" => Some(false),
        _ => None,
    }
}

fn messages(problems: &[u8]) -> Vec<Message> {
    let problems = elements(problems).flatten();
    let found = problems.filter_map(|problem| message(get(problem, "message")?));
    found.take(MOST_MESSAGES).collect()
}

fn message(raw: &[u8]) -> Option<Message> {
    let text = text_or_none(raw).filter(|text| !text.trim().is_empty())?;
    Some(match text.char_indices().nth(LONGEST) {
        Some((end, _)) => Message {
            text: text[..end].to_owned(),
            cut: true,
        },
        None => Message {
            text: text.into_owned(),
            cut: false,
        },
    })
}

/// The failed checks, fit to be shown.
pub(super) fn finish(told: Vec<Told>, mask: &mut Mask<'_>, names: &mut Names) -> Vec<Check> {
    // Terraform 1.3 tells the same twice.
    let known = told.iter().any(|told| !told.old);
    let told = told.into_iter().filter(|told| !(known && told.old));
    let mut checks = Vec::new();
    for told in told {
        let mut failures = Vec::new();
        for failure in told.failures {
            let address = if failure.address.is_empty() {
                &told.address
            } else {
                &failure.address
            };
            let messages = failure.messages.iter().map(|message| shown(message, mask));
            let messages: Vec<_> = messages.collect();
            let address = names.intern(address);
            failures.push(Failure {
                address: hide_address(&address, mask, names),
                evaluated: failure.evaluated,
                messages: messages.iter().map(|text| names.intern(text)).collect(),
            });
        }
        checks.push(Check {
            address: names.intern(&told.address),
            kind: told.kind,
            failures,
        });
    }
    checks
}

/// A message as it may be shown: without secrets, on one line, and short.
fn shown(message: &Message, mask: &Mask<'_>) -> String {
    let text = match mask.text(&message.text) {
        // What was cut off may be the other half of a secret.
        Some(_) if message.cut => return HIDDEN.to_owned(),
        Some(masked) => masked,
        None => message.text.clone(),
    };
    let words = text.split_whitespace().map(without_secret);
    let text = words.collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::{Message, shown};
    use crate::input::plan::secrets::Secrets;

    fn message(text: &str) -> Message {
        super::message(serde_json::to_string(text).expect("JSON").as_bytes()).expect("a message")
    }

    #[test]
    fn messages_are_masked_before_they_are_made_safe_and_short() {
        let mut secrets = Secrets::default();
        secrets.add_marked(br#""-----BEGIN\nS3CR3T\n-----END""#, b"true");
        let mask = secrets.mask();
        let text = "the key is\n\n  -----BEGIN\nS3CR3T\n-----END, too short";
        assert_eq!(
            shown(&message(text), &mask),
            "the key is (sensitive), too short"
        );
        assert_eq!(shown(&message("plain words"), &mask), "plain words");
    }

    #[test]
    fn a_message_that_is_too_long_to_be_kept_shows_no_half_secret() {
        let mut secrets = Secrets::default();
        let long = "k".repeat(3_900);
        secrets.add_marked(format!("\"{long}\"").as_bytes(), b"true");
        let mask = secrets.mask();
        assert_eq!(
            shown(&message(&format!("{long} {long}")), &mask),
            "(sensitive)"
        );
        let harmless = "word ".repeat(2_000);
        assert!(shown(&message(&harmless), &mask).chars().count() <= 241);
    }
}
