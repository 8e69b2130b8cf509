//! Lines that fit the terminal.

use super::super::Style;
use super::super::words::{fitted, width, words};
use crate::safe::inert;
use std::borrow::Cow;
use std::fmt::Write as _;

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
        let (mut line, mut used) = (first.to_owned(), width(first));
        let mut empty = true;
        for word in words(text) {
            let word = self.fitted(word, other.len());
            let columns = width(&word);
            if !empty && used + 1 + columns > self.style.width {
                self.line(&line);
                other.clone_into(&mut line);
                used = width(other);
                empty = true;
            }
            if !empty {
                line.push(' ');
                used += 1;
            }
            line.push_str(&word);
            used += columns;
            empty = false;
        }
        self.line(&line);
    }

    /// A word with its middle left out where it would not fit; whole with `-v`.
    pub(super) fn fitted<'w>(&self, word: &'w str, indent: usize) -> Cow<'w, str> {
        let room = self.style.width.saturating_sub(indent).max(20);
        let room = if self.style.verbose { usize::MAX } else { room };
        fitted(word, room, "...")
    }
}

#[cfg(test)]
mod tests {
    use super::{Page, Style};
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
}
