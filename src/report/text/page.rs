//! Lines that fit the terminal.

use super::super::Style;
use super::super::inert::inert;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr as _;

/// A page that is being written.
pub(super) struct Page {
    pub(super) text: String,
    pub(super) style: Style,
}

impl Page {
    pub(super) fn line(&mut self, text: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{}", inert(text.trim_end()));
    }

    /// Text in lines of the width there is. Words are never broken but for addresses, which are fitted.
    pub(super) fn wrapped(&mut self, text: &str, first: &str, other: &str) {
        let mut line = first.to_owned();
        let mut empty = true;
        for word in words(text) {
            let word = self.fitted(word, other.len());
            if !empty && line.width() + 1 + word.width() > self.style.width {
                self.line(&line);
                other.clone_into(&mut line);
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line.push_str(&word);
            empty = false;
        }
        self.line(&line);
    }

    /// A word with its middle left out where it would not fit; whole with `-v`.
    pub(super) fn fitted(&self, word: &str, indent: usize) -> String {
        let room = self.style.width.saturating_sub(indent).max(20);
        if self.style.verbose || word.width() <= room {
            return word.to_owned();
        }
        let half = (room - 3) / 2;
        let head = take(word.chars(), half);
        let tail: String = take(word.chars().rev(), half).chars().rev().collect();
        format!("{head}...{tail}")
    }
}

/// The characters that fit into so many columns.
fn take(chars: impl Iterator<Item = char>, width: usize) -> String {
    let mut taken = String::new();
    for c in chars {
        taken.push(c);
        if taken.width() > width {
            taken.pop();
            break;
        }
    }
    taken
}

/// Splits at spaces, but not inside the quotes of an instance key.
fn words(text: &str) -> Vec<&str> {
    let (mut words, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if quoted || text[..at].ends_with('[') => quoted = !quoted,
            ' ' if !quoted => {
                words.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    words.push(&text[start..]);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::{Page, Style, words};
    use unicode_width::UnicodeWidthStr as _;

    fn page(verbose: bool) -> Page {
        Page {
            text: String::new(),
            style: Style {
                width: 40,
                verbose,
                ..Style::default()
            },
        }
    }

    #[test]
    fn lines_fit_the_width_and_keep_keys_together() {
        let mut page = page(false);
        page.wrapped(
            "for_each lost x.y[\"a key with spaces\"], and the rest of this sentence is long",
            "  ",
            "    ",
        );
        assert!(
            page.text.lines().all(|line| line.width() <= 40),
            "{}",
            page.text
        );
        assert!(
            page.text.contains("x.y[\"a key with spaces\"],"),
            "{}",
            page.text
        );
    }

    #[test]
    fn long_addresses_lose_their_middle_unless_verbose() {
        let address = format!("aws_sqs_queue.q[\"{}\"]", "東京".repeat(40));
        let short = page(false).fitted(&address, 4);
        assert!(
            short.width() <= 36 && short.starts_with("aws_sqs_queue.q[") && short.ends_with("\"]"),
            "{short}"
        );
        assert_eq!(page(true).fitted(&address, 4), address);
    }

    #[test]
    fn words_are_split_outside_quoted_keys() {
        assert_eq!(
            words("a  b[\"c \\\" d\"] \"e f\""),
            ["a", "b[\"c \\\" d\"]", "\"e", "f\""]
        );
    }
}
