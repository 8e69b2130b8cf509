//! Splits DOT into tokens, reading through a small window: a graph of a large apply is hundreds of megabytes.
//!
//! The lexis is Graphviz's (quoted strings, HTML ids, comments, `+`), the escapes are Go's, which Terraform writes.

use std::io::{self, Read};

const WINDOW: usize = 1 << 18;
/// A longer name or comment is no graph of Terraform's.
const LONGEST: usize = 16 << 20;

/// A token. The text of a name is in [`Lexer::text`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// An identifier, number or keyword.
    Word,
    /// A quoted string, or an HTML id.
    Name,
    /// `->`.
    Arrow,
    /// `--`.
    Line,
    /// One of `{}[]=;,:`.
    Sign(u8),
    /// The end.
    End,
}

/// What is wrong, and at which byte.
#[derive(Debug)]
pub(super) enum Wrong {
    Io(io::Error),
    Syntax { offset: u64, what: &'static str },
}

pub(super) struct Lexer<R> {
    reader: R,
    window: Vec<u8>,
    at: usize,
    /// Offset of the window's first byte, and the line and the start of the line it is in.
    passed: u64,
    lines: u64,
    line_start: u64,
    ended: bool,
    /// Text of the last word or name, decoded.
    pub(super) text: String,
    /// Terraform up to 0.12 wrote `"[root] x["a"]"`, quotes as they are.
    unescaped: bool,
}

impl<R: Read> Lexer<R> {
    /// `unescaped`: strings hold quotes as they are.
    pub(super) fn new(reader: R, unescaped: bool) -> Self {
        Self {
            reader,
            window: Vec::new(),
            at: 0,
            passed: 0,
            lines: 1,
            line_start: 0,
            ended: false,
            text: String::new(),
            unescaped,
        }
    }

    pub(super) fn offset(&self) -> u64 {
        self.passed + self.at as u64
    }

    /// Line and column of an offset in the window, or of the window's start for one before it.
    pub(super) fn place(&self, offset: u64) -> (u64, u64) {
        let upto = usize::try_from(offset.saturating_sub(self.passed))
            .unwrap_or(0)
            .min(self.window.len());
        let before = &self.window[..upto];
        let lines = self.lines + memchr::memchr_iter(b'\n', before).count() as u64;
        let start =
            memchr::memrchr(b'\n', before).map_or(self.line_start, |n| self.passed + n as u64 + 1);
        (lines, self.passed + upto as u64 - start + 1)
    }

    /// The bytes around an offset, as far as they are in the window.
    pub(super) fn around(&self, offset: u64, width: usize) -> (&[u8], usize) {
        let at = usize::try_from(offset.saturating_sub(self.passed))
            .unwrap_or(0)
            .min(self.window.len());
        let (from, to) = (
            at.saturating_sub(width),
            (at + width).min(self.window.len()),
        );
        (&self.window[from..to], at - from)
    }

    pub(super) fn wrong(&self, what: &'static str) -> Wrong {
        Wrong::Syntax {
            offset: self.offset(),
            what,
        }
    }

    /// Makes more bytes available behind the current place; false at the end.
    fn fill(&mut self) -> Result<bool, Wrong> {
        if self.ended {
            return Ok(false);
        }
        if self.at > WINDOW / 2 || self.at == self.window.len() {
            let gone = &self.window[..self.at];
            self.lines += memchr::memchr_iter(b'\n', gone).count() as u64;
            if let Some(last) = memchr::memrchr(b'\n', gone) {
                self.line_start = self.passed + last as u64 + 1;
            }
            self.passed += self.at as u64;
            self.window.drain(..self.at);
            self.at = 0;
        }
        if self.window.len() > LONGEST {
            return Err(self.wrong("a name or comment that does not end"));
        }
        let filled = self.window.len();
        self.window.resize(filled + WINDOW, 0);
        loop {
            match self.reader.read(&mut self.window[filled..]) {
                Ok(n) => {
                    self.window.truncate(filled + n);
                    self.ended = n == 0;
                    return Ok(n > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Wrong::Io(error)),
            }
        }
    }

    /// The byte `n` behind the current place.
    fn peek(&mut self, n: usize) -> Result<Option<u8>, Wrong> {
        while self.at + n >= self.window.len() {
            if !self.fill()? {
                return Ok(None);
            }
        }
        Ok(Some(self.window[self.at + n]))
    }

    /// Where a byte that satisfies something is, counted from the current place.
    fn find(
        &mut self,
        from: usize,
        found: impl Fn(&[u8]) -> Option<usize>,
    ) -> Result<Option<usize>, Wrong> {
        let mut searched = from;
        loop {
            if let Some(rest) = self.window.get(self.at + searched..)
                && let Some(n) = found(rest)
            {
                return Ok(Some(searched + n));
            }
            searched = from.max(self.window.len() - self.at);
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Passes over white space, comments and preprocessor lines.
    fn skip(&mut self) -> Result<(), Wrong> {
        while let Some(byte) = self.peek(0)? {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'#' => self.skip_line()?,
                b'/' if self.peek(1)? == Some(b'/') => self.skip_line()?,
                b'/' if self.peek(1)? == Some(b'*') => {
                    let mut from = 2;
                    loop {
                        let star = self.find(from, |rest| memchr::memchr(b'*', rest))?;
                        let star = star.ok_or_else(|| self.wrong("a comment that does not end"))?;
                        if self.peek(star + 1)? == Some(b'/') {
                            self.at += star + 2;
                            break;
                        }
                        from = star + 1;
                    }
                }
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    fn skip_line(&mut self) -> Result<(), Wrong> {
        let end = self.find(0, |rest| memchr::memchr(b'\n', rest))?;
        self.at = end.map_or(self.window.len(), |n| self.at + n);
        Ok(())
    }

    /// The next token.
    pub(super) fn next(&mut self) -> Result<Token, Wrong> {
        self.skip()?;
        let Some(byte) = self.peek(0)? else {
            return Ok(Token::End);
        };
        match byte {
            b'{' | b'}' | b'[' | b']' | b'=' | b';' | b',' | b':' => {
                self.at += 1;
                Ok(Token::Sign(byte))
            }
            b'-' => match self.peek(1)? {
                Some(b'>') => Ok(self.sign(Token::Arrow)),
                Some(b'-') => Ok(self.sign(Token::Line)),
                _ => self.word(),
            },
            b'"' => self.quoted(),
            b'<' => self.html(),
            _ => self.word(),
        }
    }

    fn sign(&mut self, token: Token) -> Token {
        self.at += 2;
        token
    }

    fn word(&mut self) -> Result<Token, Wrong> {
        let inside =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | 0x80..);
        let end = self.find(0, |rest| rest.iter().position(|byte| !inside(byte)))?;
        let end = end.unwrap_or(self.window.len() - self.at);
        // `a--b` and `a->b` are edges.
        let word = &self.window[self.at..self.at + end];
        let end = memchr::memchr(b'-', word.get(1..).unwrap_or_default()).map_or(end, |n| n + 1);
        if end == 0 {
            return Err(self.wrong("a character that DOT does not know"));
        }
        self.take(end);
        Ok(Token::Word)
    }

    /// Takes the next bytes as text.
    fn take(&mut self, length: usize) {
        self.text.clear();
        self.text.push_str(&String::from_utf8_lossy(
            &self.window[self.at..self.at + length],
        ));
        self.at += length;
    }

    /// `<a <b> c>`.
    fn html(&mut self) -> Result<Token, Wrong> {
        let (mut depth, mut n) = (0usize, 0);
        loop {
            match self.peek(n)? {
                Some(b'<') => depth += 1,
                Some(b'>') => depth -= 1,
                Some(_) => {}
                None => return Err(self.wrong("an HTML id that does not end")),
            }
            n += 1;
            if depth == 0 {
                self.take(n);
                return Ok(Token::Name);
            }
        }
    }

    /// A quoted string; `"a" + "b"` is one.
    fn quoted(&mut self) -> Result<Token, Wrong> {
        self.text.clear();
        loop {
            self.at += 1;
            let end = if self.unescaped {
                self.unescaped_end()?
            } else {
                self.closing_quote()?
            };
            let raw = &self.window[self.at..self.at + end];
            match std::str::from_utf8(raw) {
                Ok(text) if memchr::memchr(b'\\', raw).is_none() => self.text.push_str(text),
                Ok(text) => unescape(text, &mut self.text),
                Err(_) => unescape(&String::from_utf8_lossy(raw), &mut self.text),
            }
            self.at += end + 1;
            let offset = self.offset();
            if self.peek(0)?.is_some_and(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'"' | b'.')
            }) {
                return Err(self.wrong("a name with quotes in it that are not escaped"));
            }
            if self
                .peek(0)?
                .is_none_or(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'+'))
            {
                return Ok(Token::Name);
            }
            if !self.plus_follows(offset)? {
                return Ok(Token::Name);
            }
        }
    }

    /// Whether `+ "` follows; then the place is at the quote.
    fn plus_follows(&mut self, offset: u64) -> Result<bool, Wrong> {
        let blank = |rest: &[u8]| rest.iter().position(|byte| !byte.is_ascii_whitespace());
        let Some(plus) = self.find(0, blank)? else {
            return Ok(false);
        };
        debug_assert_eq!(self.offset(), offset, "looking ahead does not move");
        if self.peek(plus)? != Some(b'+') {
            return Ok(false);
        }
        self.at += plus + 1;
        self.skip()?;
        if self.peek(0)? == Some(b'"') {
            return Ok(true);
        }
        Err(self.wrong("expected a string after +"))
    }

    fn closing_quote(&mut self) -> Result<usize, Wrong> {
        let mut from = 0;
        loop {
            let found = self.find(from, |rest| memchr::memchr2(b'"', b'\\', rest))?;
            let Some(n) = found else {
                return Err(self.wrong("a string that does not end"));
            };
            if self.window[self.at + n] == b'"' {
                return Ok(n);
            }
            from = n + 2;
        }
    }

    /// The quote that ends a name which may hold quotes: ` ->`, ` [`, `;` or the end of the line follows.
    fn unescaped_end(&mut self) -> Result<usize, Wrong> {
        let mut from = 0;
        loop {
            let Some(n) = self.find(from, |rest| memchr::memchr2(b'"', b'\n', rest))? else {
                return Err(self.wrong("a string that does not end"));
            };
            if self.peek(n)? == Some(b'\n') {
                return Err(self.wrong("a string that does not end on its line"));
            }
            let ends = match (self.peek(n + 1)?, self.peek(n + 2)?) {
                // Values of attributes, too: `[label = "x", shape = "box"]`.
                (None | Some(b'\n' | b'\r' | b';'), _)
                | (Some(b' '), Some(b'-' | b'[' | b'{'))
                | (Some(b','), Some(b' ')) => true,
                (Some(b']'), next) => !matches!(next, Some(b'"' | b'.' | b' ')),
                _ => false,
            };
            if ends {
                return Ok(n);
            }
            from = n + 1;
        }
    }
}

/// Undoes Go's `%q`; what it does not know stays as it is, as in Graphviz.
fn unescape(raw: &str, text: &mut String) {
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        text.push_str(&rest[..at]);
        let escape = &rest[at + 1..];
        let (decoded, used) = match escape.as_bytes().first() {
            Some(b'n') => (Some('\n'), 1),
            Some(b't') => (Some('\t'), 1),
            Some(b'r') => (Some('\r'), 1),
            Some(b'a') => (Some('\u{7}'), 1),
            Some(b'b') => (Some('\u{8}'), 1),
            Some(b'f') => (Some('\u{c}'), 1),
            Some(b'v') => (Some('\u{b}'), 1),
            Some(b'"') => (Some('"'), 1),
            Some(b'\\') => (Some('\\'), 1),
            // A line that goes on.
            Some(b'\n') => (None, 1),
            Some(b'x') => hexadecimal(escape, 2),
            Some(b'u') => hexadecimal(escape, 4),
            Some(b'U') => hexadecimal(escape, 8),
            _ => (Some('\\'), 0),
        };
        text.extend(decoded);
        rest = &escape[used..];
    }
    text.push_str(rest);
}

fn hexadecimal(escape: &str, digits: usize) -> (Option<char>, usize) {
    let code = escape
        .get(1..=digits)
        .and_then(|digits| u32::from_str_radix(digits, 16).ok());
    match code.and_then(char::from_u32) {
        Some(character) => (Some(character), digits + 1),
        None => (Some('\\'), 0),
    }
}

#[cfg(test)]
mod tests {
    use super::{Lexer, Token};
    use proptest::prelude::*;

    fn tokens(text: &str) -> Vec<String> {
        let mut lexer = Lexer::new(text.as_bytes(), false);
        let mut found = Vec::new();
        loop {
            match lexer.next() {
                Ok(Token::End) => return found,
                Ok(Token::Word | Token::Name) => found.push(lexer.text.clone()),
                Ok(Token::Sign(sign)) => found.push(char::from(sign).to_string()),
                Ok(token) => found.push(format!("{token:?}")),
                Err(wrong) => {
                    found.push(format!("{wrong:?}"));
                    return found;
                }
            }
        }
    }

    #[test]
    fn words_strings_html_and_comments_are_told_apart() {
        let text = "digraph G { // c\n# p\na->b /* x */ \"q\\\"\\u00e9\" + \"r\" <b<i>> -1.5; }";
        assert_eq!(
            tokens(text),
            [
                "digraph", "G", "{", "a", "Arrow", "b", "q\"ér", "<b<i>>", "-1.5", ";", "}"
            ]
        );
    }

    #[test]
    fn what_does_not_end_is_an_error() {
        for text in ["\"abc", "/* x", "<a"] {
            assert!(
                tokens(text).last().expect("one").contains("does not end"),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_string_is_read_back_as_it_was_escaped(text in "\\PC{0,40}") {
            let quoted = format!("{} x", serde_json::to_string(&text).expect("JSON"));
            let mut lexer = Lexer::new(quoted.as_bytes(), false);
            prop_assert_eq!(lexer.next().expect("a token"), Token::Name);
            prop_assert_eq!(&lexer.text, &text);
        }

        #[test]
        fn any_bytes_come_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut lexer = Lexer::new(&bytes[..], false);
            for _ in 0..=bytes.len() {
                match lexer.next() {
                    Ok(Token::End) | Err(_) => return Ok(()),
                    Ok(_) => {}
                }
            }
            prop_assert!(false, "more tokens than bytes");
        }
    }
}
