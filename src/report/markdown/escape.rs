//! Text of a plan in Markdown: every word that could be anything but a word goes into a code span.
//!
//! Mentions, issue numbers, commit hashes, links, HTML, emoji, formulas and the quick actions of GitLab are inert
//! there, on every host, which is more than backslashes can do: an escaped `@team` still notifies.

use super::super::words::{fitted, words};
use crate::safe::safe;
use std::borrow::Cow;

/// A word as long as an abbreviated commit hash, of nothing but its digits, may be one.
const HASH: usize = 7;

/// Text in a code span whose delimiter is longer than any run of backticks inside.
pub(super) fn code(text: &str) -> String {
    let text = visible(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    let backtick = text.starts_with('`') || text.ends_with('`');
    let spaces = text.starts_with(' ') && text.ends_with(' ') && text.trim() != "";
    if text.is_empty() {
        // Two backticks with nothing between would open a span that ends elsewhere.
        "` `".to_owned()
    } else if backtick || spaces {
        format!("{fence} {text} {fence}")
    } else {
        format!("{fence}{text}{fence}")
    }
}

/// A message as prose: at most so many columns, words of at most so many. It must not begin a line.
pub(super) fn prose(text: &str, room: usize, word_room: usize) -> String {
    let (mut out, mut used) = (String::new(), 0);
    for word in words(text) {
        let word = fitted(word, word_room, "…");
        used += word.chars().count() + 1;
        if used > room {
            out.push_str(" …");
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&prose_word(&word));
    }
    out
}

/// A word, in a code span unless it is a plain one; punctuation around it stays outside.
fn prose_word(word: &str) -> String {
    let open = |c: char| matches!(c, '(' | '"' | '\'');
    let close = |c: char| matches!(c, '.' | ',' | ';' | ':' | ')' | '"' | '\'' | '?');
    let core = word.trim_start_matches(open);
    let (before, core) = (&word[..word.len() - core.len()], core);
    let core = core.trim_end_matches(close);
    let behind = &word[before.len() + core.len()..];
    if core.is_empty() || behind.contains("::") {
        return code(word);
    }
    if is_plain(core) {
        return word.to_owned();
    }
    // A bracket or quote that is closed inside belongs to the name: `["a"]`, `jsondecode("x")`.
    if behind.contains([')', '"', '\'']) && core.contains(['(', '"', '\'']) {
        return code(word);
    }
    format!("{before}{}{behind}", code(core))
}

fn is_plain(word: &str) -> bool {
    if word == "=" {
        return true;
    }
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphabetic());
    let number = word.strip_suffix('%').unwrap_or(word);
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || b == b',');
    if word.len() >= HASH && word.bytes().all(|b| b.is_ascii_hexdigit()) {
        return false;
    }
    word.split(['-', '\'']).all(letters)
        || number.starts_with(|c: char| c.is_ascii_digit()) && digits(number)
}

/// A block of code, behind so much indentation, whose fence is longer than any run of backticks inside.
pub(super) fn fence(language: &str, text: &str, indent: usize) -> String {
    let lines: Vec<_> = text.lines().map(visible).collect();
    let longest = lines.iter().map(|line| longest_run(line)).max();
    let fence = "`".repeat((longest.unwrap_or(0) + 1).max(3));
    let open = format!("{fence}{language}");
    let lines = std::iter::once(open.as_str())
        .chain(lines.iter().map(AsRef::as_ref))
        .chain([fence.as_str()]);
    lines
        .map(|line| format!("{:indent$}{line}", "").trim_end().to_owned() + "\n")
        .collect()
}

/// Markdown inside a cell of a table, where a bar counts even in a code span.
pub(super) fn cell(markdown: &str) -> String {
    markdown.replace('|', "\\|")
}

/// The text without what steers a terminal or a reader. What comes from a plan is so already.
fn visible(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(safe(text))
    }
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`');
    runs.map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{cell, code, fence, prose};

    fn said(text: &str) -> String {
        prose(text, 400, 100)
    }

    #[test]
    fn code_spans_hold_any_text() {
        let table = [
            ("aws_x.y", "`aws_x.y`"),
            ("", "` `"),
            (" ", "` `"),
            (" lead", "` lead`"),
            (" both ", "`  both  `"),
            ("a`b", "``a`b``"),
            ("`a``", "``` `a`` ```"),
            ("@everyone #1 </details>", "`@everyone #1 </details>`"),
            (
                "\u{1b}[31m\r\n\u{202e}x",
                "`\\u{1b}[31m\\u{d}\\u{a}\\u{202e}x`",
            ),
        ];
        for (text, want) in table {
            assert_eq!(code(text), want);
        }
    }

    #[test]
    fn only_plain_words_stand_outside_of_code() {
        let table = [
            (
                "count went from 3 to 1: 2 objects.",
                "count went from 3 to 1: 2 objects.",
            ),
            (
                "1,600 objects (75% of it), Terraform's",
                "1,600 objects (75% of it), Terraform's",
            ),
            (
                "ami of aws_x.y[\"a b\"], too",
                "ami of `aws_x.y[\"a b\"]`, too",
            ),
            ("it has [\"x\"], [\"y\"]", "it has `[\"x\"]`, `[\"y\"]`"),
            ("timeout \"too long\".", "timeout \"too long\"."),
            (
                "ask @acme/team, #12, GH-7",
                "ask `@acme/team`, `#12`, `GH-7`",
            ),
            ("http://x.y www.x.y a@b.c", "`http://x.y` `www.x.y` `a@b.c`"),
            ("deadbeef 1234567 a1b2c3d", "`deadbeef` `1234567` `a1b2c3d`"),
            ("<b> </details> --> ]]>", "`<b>` `</details>` `-->` `]]>`"),
            (
                "*a* _b_ ~c~ $d$ :tada: [e](f) !g",
                "`*a*` `_b_` `~c~` `$d$` `:tada`: `[e](f)` `!g`",
            ),
            (
                "::error::x ##[group] /close",
                "`::error::x` `##[group]` `/close`",
            ),
            ("a\nb \u{202e}c", "`a\\u{a}b` `\\u{202e}c`"),
            ("- + 1. 2) # > = |", "`-` `+` 1. 2) `#` `>` = `|`"),
            ("` `` ```", "`` ` `` ``` `` ``` ```` ``` ````"),
            ("köln", "`köln`"),
        ];
        for (text, want) in table {
            assert_eq!(said(text), want);
        }
    }

    #[test]
    fn prose_ends_where_there_is_no_more_room() {
        assert_eq!(prose("one two three", 8, 100), "one two …");
        assert_eq!(prose("aws_instance.web is", 100, 9), "`aws…web` is");
    }

    #[test]
    fn fences_outlast_the_backticks_inside() {
        assert_eq!(fence("hcl", "a\n  b", 2), "  ```hcl\n  a\n    b\n  ```\n");
        assert!(fence("hcl", "x ```` y", 0).starts_with("`````hcl\n"));
    }

    #[test]
    fn bars_do_not_end_a_cell() {
        assert_eq!(cell("`a|b`"), "`a\\|b`");
    }
}
