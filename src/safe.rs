//! Makes strings safe to show.
//!
//! Text of a plan comes from whoever opened the pull request. Characters that steer a terminal or reorder
//! what a reader sees become visible escapes at the border, once; each output format escapes on top.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character is shown as an escape: controls, line and paragraph separators, marks that
/// reorder or hide text (UAX 9 embeddings and isolates, zero-width characters, tags, the byte order mark).
fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text with hostile characters written as `\u{…}`.
pub(crate) fn safe(text: &str) -> String {
    // Nearly all of it is, and is known to be without a look at each character.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hostile(c) {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{{{:x}}}", c as u32);
        } else {
            out.push(c);
        }
    }
    out
}

/// A line that is no command to a CI system that reads the log: GitHub takes `::` at its beginning for one, GitHub and
/// Azure `##[` and `##vso[` anywhere.
pub(crate) fn inert(line: &str) -> Cow<'_, str> {
    let (indent, text) = line.split_at(line.len() - line.trim_start().len());
    let begins = text.starts_with("::");
    if !begins && !line.contains("##[") && !line.contains("##vso[") {
        return Cow::Borrowed(line);
    }
    let text = text.replace("##[", "# #[").replace("##vso[", "# #vso[");
    let text = if begins {
        text.replacen(':', ": ", 1)
    } else {
        text
    };
    Cow::Owned([indent, &text].concat())
}

#[cfg(test)]
mod tests {
    use super::{inert, safe};

    #[test]
    fn terminal_codes_newlines_and_reordering_marks_become_visible() {
        assert_eq!(
            safe("\u{1b}[31m\n\r\u{202e}a\u{200b}b\u{feff}\u{9b}"),
            r"\u{1b}[31m\u{a}\u{d}\u{202e}a\u{200b}b\u{feff}\u{9b}"
        );
        assert_eq!(safe("köln 🚀 %{"), "köln 🚀 %{");
    }

    #[test]
    fn no_line_is_a_command_to_a_ci_system() {
        assert_eq!(inert("  ::error::x ##[y"), "  : :error::x # #[y");
        assert_eq!(inert("a ##vso[task.x]"), "a # #vso[task.x]");
        assert_eq!(inert("  a ::error::x ##"), "  a ::error::x ##");
    }
}
