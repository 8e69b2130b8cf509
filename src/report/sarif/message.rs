//! The words of a result. Text of a plan has no links to give and no arguments to ask for.

use super::group::Group;
use super::unique;
use crate::finding::{Finding, Related};
use std::collections::HashSet;

/// Addresses, messages and links that are named in one result.
const NAMED: usize = 10;
/// The longest message; nobody reads more of an alert.
const LONGEST: usize = 4000;

/// Text without what SARIF reads into a message: `[words](target)` is a link, `{0}` an argument.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut last = ' ';
    for c in text.chars() {
        if (last == ']' && c == '(') || (last == '{' && c.is_ascii_digit()) {
            out.push(' ');
        }
        out.push(c);
        last = c;
    }
    out
}

/// A sentence: every message ends with a full stop.
pub(super) fn sentence(text: &str) -> String {
    let mut text = escaped(text);
    if !text.ends_with('.') {
        text.push('.');
    }
    text
}

/// The message of a result. The first sentence is what code scanning shows as the title: it names the address.
pub(super) fn message(group: &Group<'_>, linked: &[(usize, &Related)]) -> String {
    let first = group.findings[0];
    let mut text = escaped(&title(group, first));
    text += &escaped(&others(group));
    text += &escaped(&members(group));
    let mut fixes: Vec<&str> = Vec::new();
    for fix in group.findings.iter().filter_map(|f| f.fix.as_ref()) {
        if fixes.len() < NAMED && !fixes.contains(&&*fix.description) {
            fixes.push(&fix.description);
            text.push(' ');
            text += &escaped(&fix.description);
        }
    }
    let mut text = shortened(text);
    text += &links(linked);
    text
}

fn title(group: &Group<'_>, first: &Finding) -> String {
    let same = |finding: &&Finding| finding.address == first.address;
    match group.findings.iter().filter(|f| !same(f)).count() {
        0 => format!("'{}': {}", first.address, first.message),
        more => format!("'{}' and {more} more: {}", first.address, first.message),
    }
}

/// What the other findings say: those that say the same are named, the rest speak for themselves.
fn others(group: &Group<'_>) -> String {
    let first = group.findings[0];
    let (same, other): (Vec<&Finding>, Vec<&Finding>) = group.findings[1..]
        .iter()
        .partition(|finding| finding.message == first.message);
    let mut text = String::new();
    let same = unique(
        same.iter()
            .map(|f| &*f.address)
            .filter(|a| *a != first.address),
    );
    if !same.is_empty() {
        text.extend([" The same of ", &named(&same), "."]);
    }
    for finding in other.iter().take(NAMED) {
        if finding.address == first.address {
            text.extend([" ", &finding.message]);
        } else {
            text.extend([" '", &finding.address, "': ", &finding.message]);
        }
    }
    let more = other.len().saturating_sub(NAMED);
    if more > 0 {
        text.extend([" And ", &more.to_string(), " more findings at this block."]);
    }
    text
}

fn members(group: &Group<'_>) -> String {
    let told: HashSet<&str> = group.findings.iter().map(|f| &*f.address).collect();
    let members = group.findings.iter().flat_map(|f| &f.members);
    let members = unique(members.map(String::as_str).filter(|m| !told.contains(m)));
    if members.is_empty() {
        return String::new();
    }
    format!(" Objects: {}.", named(&members))
}

fn named(addresses: &[&str]) -> String {
    let shown = addresses.iter().take(NAMED).map(|a| format!("'{a}'"));
    let shown = shown.collect::<Vec<_>>().join(", ");
    match addresses.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Related places are shown only where the message links to them.
fn links(linked: &[(usize, &Related)]) -> String {
    let link = |(id, related): &(usize, &Related)| {
        let address = escaped(&related.address);
        format!("'{address}' [{}]({id})", words(&related.message))
    };
    let links: Vec<_> = linked.iter().take(NAMED).map(link).collect();
    if links.is_empty() {
        return String::new();
    }
    format!(" Related: {}.", links.join(", "))
}

/// The words of a link: what is related, where those are plain words.
fn words(message: &str) -> &str {
    let plain = |c: char| c.is_ascii_alphanumeric() || " ,-".contains(c);
    if !message.is_empty() && message.len() <= 80 && message.chars().all(plain) {
        message
    } else {
        "is here"
    }
}

fn shortened(text: String) -> String {
    if text.len() <= LONGEST {
        return text;
    }
    let end = (0..=LONGEST).rev().find(|at| text.is_char_boundary(*at));
    let head = &text[..end.unwrap_or(0)];
    let whole = head.rfind(' ').map_or(head, |at| &head[..at]);
    format!("{whole} ...")
}

#[cfg(test)]
mod tests {
    use super::{escaped, shortened, words};

    #[test]
    fn text_of_a_plan_is_neither_a_link_nor_an_argument() {
        assert_eq!(
            escaped("[x](http://e) {0} {a} ]]((1)"),
            "[x] (http://e) { 0} {a} ]] ((1)"
        );
    }

    #[test]
    fn links_are_made_of_plain_words() {
        assert_eq!(words("depends on it"), "depends on it");
        assert_eq!(words("is aws_x.y[\"](2)\"]"), "is here");
        assert_eq!(words(""), "is here");
    }

    #[test]
    fn a_message_is_cut_between_words() {
        let long = shortened("köln ".repeat(1000));
        assert!(long.len() <= 4004 && long.ends_with("köln ..."), "{long}");
    }
}
