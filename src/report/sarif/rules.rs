//! The rules, as SARIF describes them.

use super::super::links::{HOME, page};
use crate::finding::Severity;
use crate::rules::{Meta, RULES};
use serde_json::{Value, json};

/// The longest `fullDescription` code scanning takes.
const LONGEST_DESCRIPTION: usize = 1024;

/// Every rule: a rule without results tells that it was looked for.
pub(super) fn descriptors() -> Vec<Value> {
    RULES.iter().map(|rule| descriptor(rule.meta())).collect()
}

/// The place of a rule among the descriptors.
pub(super) fn index(id: &str) -> Option<usize> {
    RULES.iter().position(|rule| rule.meta().id == id)
}

fn descriptor(meta: &Meta) -> Value {
    let severity = if meta.severity == Severity::Note {
        "recommendation"
    } else {
        meta.severity.word()
    };
    let page = page(meta.id);
    let markdown = meta
        .page
        .replace("](catalog)", &format!("]({HOME}/tree/main/rules/catalog)"));
    json!({
        "id": meta.id,
        "name": pascal(meta.id),
        "shortDescription": {"text": meta.summary},
        "fullDescription": {"text": description(meta)},
        // Code scanning shows no helpUri.
        "help": {"text": plain(meta.page), "markdown": format!("{markdown}\n[{}]({page})\n", meta.id)},
        "helpUri": page,
        "defaultConfiguration": {"level": meta.severity.word()},
        "properties": {"tags": [meta.family.word()], "problem.severity": severity, "precision": "very-high"},
    })
}

/// The summary and why it matters, as far as there is room.
fn description(meta: &Meta) -> String {
    let why = meta.page.split("\n## Why it matters\n").nth(1);
    let why = why.and_then(|why| why.split("\n## ").next());
    let why = plain(why.unwrap_or_default());
    let mut text = meta.summary.to_owned();
    let mut sentence = String::new();
    for word in why.split_whitespace() {
        sentence.push(' ');
        sentence += word;
        if word.ends_with('.') && text.len() + sentence.len() <= LONGEST_DESCRIPTION {
            text += &std::mem::take(&mut sentence);
        }
    }
    text
}

/// A page without the marks of Markdown. Examples stay as they are, but for their fences.
fn plain(page: &str) -> String {
    let (mut text, mut example) = (String::new(), false);
    for line in page.lines() {
        if line.starts_with("```") {
            example = !example;
            continue;
        }
        let shown = if example {
            line.to_owned()
        } else {
            unlinked(line.trim_start_matches('#').trim_start()).replace(['`', '*'], "")
        };
        text += &shown;
        text.push('\n');
    }
    text
}

/// A line with `[words](target)` as words alone.
fn unlinked(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, link)) = rest.split_once("](") {
        let Some((_, after)) = link.split_once(')') else {
            break;
        };
        let (head, words) = before.rsplit_once('[').unwrap_or((before, ""));
        text += head;
        text += words;
        rest = after;
    }
    text + rest
}

/// The name of a rule. It must not be the id again in other letters (SARIF1001), as that of one word would be.
fn pascal(id: &str) -> String {
    let capital = |word: &str| {
        word.chars()
            .enumerate()
            .map(|(n, c)| if n == 0 { c.to_ascii_uppercase() } else { c })
            .collect::<String>()
    };
    let rest = if id.contains('-') { "" } else { "rule" };
    id.split('-').chain([rest]).map(capital).collect()
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_DESCRIPTION, description, pascal, plain};
    use crate::rules::RULES;

    #[test]
    fn names_are_those_of_their_rules() {
        assert_eq!(pascal("fan-out-hot-spot"), "FanOutHotSpot");
        assert_eq!(pascal("drift"), "DriftRule");
    }

    #[test]
    fn a_page_is_read_without_its_marks() {
        let page = "# a\n\nThe [catalog](catalog) of `b`, *c*.\n\n```hcl\n# x = [1](2)\n```\n";
        assert_eq!(plain(page), "a\n\nThe catalog of b, c.\n\n# x = [1](2)\n");
    }

    #[test]
    fn descriptions_are_whole_sentences_that_code_scanning_takes() {
        for rule in RULES {
            let text = description(rule.meta());
            assert!(
                text.len() <= LONGEST_DESCRIPTION && text.ends_with('.'),
                "{text}"
            );
            assert!(text.len() > rule.meta().summary.len(), "{text}");
        }
    }
}
