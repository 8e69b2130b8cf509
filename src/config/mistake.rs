//! What TOML or its types find wrong in `tfguard.toml`, said with the way to mend it.

use crate::error::Error;
use crate::rules;

const SEE: &str = "docs/configuration.md shows what a tfguard.toml can hold";

/// What is said of a wrong type or a missing key: a part of the message, and the help.
const HELP: [(&str, &str); 9] = [
    ("missing field `reason`", "say why: reason = \"...\""),
    (
        "missing field `address`",
        "say what it covers: address = \"module.sandbox.**\"; \"**\" is everything",
    ),
    (
        "missing field `rule`",
        "name one rule: rule = \"planned-delete\"",
    ),
    (
        "missing field `rules`",
        "say what is different there: [override.rules.planned-delete] with severity = \"note\"",
    ),
    ("missing field `name`", "every [[owner]] has a name"),
    (
        "expected a TOML datetime",
        "use a day without quotes or time: expires = 2027-01-31",
    ),
    ("expected a string", "it is one text, in quotes: \"...\""),
    ("expected a boolean", "it is true or false, without quotes"),
    (
        "expected a map",
        "it is a table, such as [rules.planned-delete] with severity = \"note\" below",
    ),
];

/// A mistake that TOML or its types found, with the nearest right key.
pub(super) fn not_understood(path: &str, text: &str, error: &toml::de::Error) -> Error {
    let said = error.message();
    let shown = Error::new(format!("{path} cannot be understood: {said}"));
    let span = error.span().unwrap_or_default();
    let known = HELP.iter().find(|(part, _)| said.contains(part));
    let near = nearest(said);
    let help = shape(said, text, &span).or_else(|| Some(format!("did you mean {}?", near?)));
    let help = help.or_else(|| known.map(|(_, help)| (*help).to_owned()));
    let shown = match error.span() {
        Some(span) => shown.in_text(text, span, "here"),
        None => shown,
    };
    shown.help(help.as_deref().unwrap_or(SEE))
}

/// The right key most like one that is unknown.
fn nearest(said: &str) -> Option<&str> {
    let mut quoted = said.split('`').skip(1).step_by(2);
    let typed = quoted
        .next()
        .filter(|_| said.starts_with("unknown field"))?;
    rules::nearest_of(typed, quoted)
}

/// How a table or list is written that is not one, or is one and should be several.
fn shape(said: &str, text: &str, span: &std::ops::Range<usize>) -> Option<String> {
    let header = text.get(span.clone())?.lines().next()?.trim();
    let name = header
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    match name {
        Some(name) if name.starts_with('[') && said.starts_with("invalid type") => {
            Some(format!("there is only one: write {name}"))
        }
        _ if !said.contains("expected a sequence") => None,
        Some(name) => Some(format!("there can be several: write [[{name}]]")),
        None => Some("it is a list, in brackets: [\"...\"]".to_owned()),
    }
}
