//! Finds the top-level blocks of an HCL file without parsing what is in them.
//!
//! Tolerant on purpose: a file that Terraform accepts and a parser does not must cost one block, not the file.
//! After something that follows no grammar the scan goes on at the next line that begins with a word.

use std::ops::Range;

/// A top-level block: `resource "aws_vpc" "main" {`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    /// The word it begins with.
    pub(super) keyword: String,
    /// Its labels, as they stand between the quotes.
    pub(super) labels: Vec<String>,
    /// From the keyword to the opening brace, exclusive.
    pub(super) head: Range<usize>,
    /// From the keyword to behind the closing brace.
    pub(super) whole: Range<usize>,
}

/// Expressions in strings in expressions, nested deeper than anybody writes.
const DEEPEST: usize = 50;
/// Each block that does not end costs a walk to the end of the file: after so many the file is given up.
const MOST_BROKEN: usize = 50;

/// The comments of a file, in order; those of what is no block are left out. A `#` in a string or heredoc begins none.
pub(super) fn comments(text: &str) -> Vec<Range<usize>> {
    let mut kept = Vec::new();
    walk(text, Some(&mut kept));
    for comment in &mut kept {
        comment.end = comment.start + text[comment.clone()].trim_end().len();
    }
    kept
}

/// The blocks of a file, in order, and how many pieces were no blocks.
pub(super) fn headers(text: &str) -> (Vec<Header>, usize) {
    walk(text, None)
}

fn walk(text: &str, comments: Option<&mut Vec<Range<usize>>>) -> (Vec<Header>, usize) {
    let mut scan = Scan {
        bytes: text.as_bytes(),
        at: 0,
        depth: 0,
        comments,
    };
    let (mut found, mut broken) = (Vec::new(), 0);
    while broken < MOST_BROKEN && scan.skip_blank() {
        let start = scan.at;
        let before = scan.comments.as_ref().map_or(0, |comments| comments.len());
        if let Some(header) = scan.header(text) {
            found.push(header);
        } else {
            broken += 1;
            if let Some(comments) = &mut scan.comments {
                comments.truncate(before);
            }
            scan.resume(start);
        }
    }
    (found, broken)
}

struct Scan<'t, 'c> {
    bytes: &'t [u8],
    at: usize,
    /// How many strings with expressions in them we are in.
    depth: usize,
    /// Where comments are kept, if they are asked for.
    comments: Option<&'c mut Vec<Range<usize>>>,
}

impl Scan<'_, '_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn starts_with(&self, text: &[u8]) -> bool {
        self.bytes[self.at..].starts_with(text)
    }

    /// Moves to just behind a text, or to the end.
    fn pass(&mut self, text: &[u8]) {
        let found = memchr::memmem::find(&self.bytes[self.at..], text);
        self.at = found.map_or(self.bytes.len(), |n| self.at + n + text.len());
    }

    /// Passes over a comment, if one begins here.
    fn comment(&mut self) -> bool {
        let end: &[u8] = if self.starts_with(b"/*") {
            b"*/"
        } else if self.starts_with(b"#") || self.starts_with(b"//") {
            b"\n"
        } else {
            return false;
        };
        let start = self.at;
        self.pass(end);
        let behind = self.at;
        if let Some(comments) = &mut self.comments {
            comments.push(start..behind);
        }
        true
    }

    /// Passes over white space and comments; false at the end of the text.
    fn skip_blank(&mut self) -> bool {
        loop {
            match self.peek() {
                None => return false,
                Some(byte) if byte.is_ascii_whitespace() => self.at += 1,
                Some(_) if self.comment() => {}
                Some(_) => return true,
            }
        }
    }

    fn word(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let inside =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | 0x80..);
        self.at += self.bytes[start..].iter().take_while(|b| inside(b)).count();
        let starts = self.bytes.get(start).is_some_and(|b| !b.is_ascii_digit());
        (self.at > start && starts).then_some(start..self.at)
    }

    fn header(&mut self, text: &str) -> Option<Header> {
        let start = self.at;
        let keyword = text[self.word()?].to_owned();
        let mut labels = Vec::new();
        loop {
            while matches!(self.peek(), Some(b' ' | b'\t')) || self.starts_with(b"/*") {
                if !self.comment() {
                    self.at += 1;
                }
            }
            match self.peek()? {
                b'{' => break,
                b'"' => labels.push(self.label(text)?),
                _ => labels.push(text[self.word()?].to_owned()),
            }
        }
        let head = start..self.at;
        self.braces()?;
        Some(Header {
            keyword,
            labels,
            head,
            whole: start..self.at,
        })
    }

    fn label(&mut self, text: &str) -> Option<String> {
        let start = self.at + 1;
        let line = self.bytes[start..]
            .iter()
            .position(|b| matches!(b, b'"' | b'\n'))?;
        let end = start + line;
        self.at = end + 1;
        (self.bytes[end] == b'"').then(|| text[start..end].to_owned())
    }

    /// Passes over a balanced `{…}`; nothing when it does not end.
    fn braces(&mut self) -> Option<()> {
        let mut depth = 0usize;
        loop {
            match self.peek()? {
                b'{' => depth += 1,
                b'}' => {
                    depth -= 1;
                    if depth == 0 {
                        self.at += 1;
                        return Some(());
                    }
                }
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'<' if self.starts_with(b"<<") => {
                    self.heredoc();
                    continue;
                }
                b'#' | b'/' if self.comment() => continue,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Passes over a quoted string, the expressions in it included: `"${a["b"]}"`.
    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match self.peek()? {
                b'\\' => self.at += 2,
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'$' | b'%' if self.starts_with(b"$${") || self.starts_with(b"%%{") => self.at += 3,
                b'$' | b'%' if self.bytes.get(self.at + 1) == Some(&b'{') => {
                    self.at += 1;
                    self.depth += 1;
                    if self.depth > DEEPEST {
                        return None;
                    }
                    self.braces()?;
                    self.depth -= 1;
                }
                b'\n' => return None,
                _ => self.at += 1,
            }
        }
    }

    /// Passes over `<<WORD` up to the line of that word alone; anything else that begins so, by one byte.
    fn heredoc(&mut self) {
        let from = self.at;
        self.at += 2 + usize::from(self.bytes.get(self.at + 2) == Some(&b'-'));
        let Some(word) = self.word() else {
            self.at = from + 1;
            return;
        };
        let word = &self.bytes[word];
        self.pass(b"\n");
        while self.at < self.bytes.len() {
            let start = self.at;
            self.pass(b"\n");
            if self.bytes[start..self.at].trim_ascii() == word {
                return;
            }
        }
    }

    /// Goes on at the next line that begins with a letter.
    fn resume(&mut self, start: usize) {
        (self.at, self.depth) = (start, 0);
        loop {
            self.pass(b"\n");
            match self.peek() {
                Some(byte) if !byte.is_ascii_alphabetic() => {}
                _ => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::headers;
    use proptest::prelude::*;

    fn shown(text: &str) -> Vec<String> {
        let (found, _) = headers(text);
        let shown = found.iter().map(|h| {
            assert!(text[h.whole.clone()].ends_with('}'), "{h:?}");
            format!("{} {}", h.keyword, h.labels.join("."))
        });
        shown.collect()
    }

    #[test]
    fn blocks_are_found_with_their_labels() {
        let text = "# a\nresource \"aws_vpc\" \"main\" {\n cidr = \"10\" }\nlocals {}\n/* x */ module a {}";
        assert_eq!(
            shown(text),
            ["resource aws_vpc.main", "locals ", "module a"]
        );
    }

    #[test]
    fn braces_in_strings_heredocs_and_comments_do_not_count() {
        let text =
            "a {\n x = \"}${b[\"}\"]}\" # }\n y = <<-E\n  }}\n  E\n z = \"$${\" /* } */\n}\nb {}";
        assert_eq!(shown(text), ["a ", "b "]);
    }

    #[test]
    fn a_block_that_does_not_end_costs_itself_alone() {
        let text = "a {\n x = \"unclosed\n\nb {\n}\nc {\n}\n";
        assert_eq!(shown(text), ["b ", "c "]);
    }

    #[test]
    fn what_is_no_block_is_passed_over() {
        assert_eq!(shown("x = 1\n}\n\"a\" {\nb {\n}\n"), ["b "]);
        assert_eq!(shown(""), [""; 0]);
    }

    #[test]
    fn hostile_nesting_ends_in_time() {
        assert_eq!(shown(&"a {\n".repeat(100_000)), [""; 0]);
        assert_eq!(
            shown(&format!("a {{ x = {}", "\"${".repeat(100_000))),
            [""; 0]
        );
    }

    proptest! {
        #[test]
        fn any_text_is_scanned_to_its_end(text in "[a-z{}\"$%<#/*\\\\ \n]{0,200}") {
            for header in headers(&text).0 {
                prop_assert!(header.head.end < header.whole.end);
            }
        }
    }
}
