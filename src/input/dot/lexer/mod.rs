//! The tokens of DOT: identifiers, numerals, strings, HTML, comments, punctuation.
//!
//! One pass over a window. Behind an identifier the lexer has looked ahead to what follows it, so that a parser sees
//! whether `=` comes next while the text of the identifier is still at hand.

#[cfg(test)]
mod tests;

use super::quoted::{self, Style};
use super::window::{Spot, Window};
use std::io::{self, Read};
use std::ops::Range;

/// A piece of DOT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    Equals,
    Semicolon,
    Comma,
    Colon,
    /// `->`
    Arrow,
    /// `--`
    Line,
    /// An identifier or numeral without quotes, which may be a keyword. [`Lexer::text`] has it.
    Word,
    /// A string, or HTML. [`Lexer::text`] has it, decoded.
    Quoted,
    End,
}

/// Why a graph could not be read on.
#[derive(Debug)]
pub(super) enum Stop {
    /// The reader under the window failed.
    Io(io::Error),
    /// The text ended too early; what was open.
    End(&'static str),
    /// The text is no DOT at this byte.
    Wrong(Box<Spot>, &'static str),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Where the text of the last identifier is.
enum Held {
    Window(Range<usize>),
    Scratch,
}

/// Cuts a text into tokens.
pub(super) struct Lexer<R> {
    window: Window<R>,
    /// Where the last token begins…
    token: u64,
    /// …kept apart when the window may have moved on since.
    spot: Option<Box<Spot>>,
    held: Held,
    scratch: Vec<u8>,
    /// Names of Terraform 0.12 with unescaped keys were seen.
    bare_keys: bool,
}

impl<R: Read> Lexer<R> {
    pub(super) fn new(window: Window<R>) -> Self {
        Self {
            window,
            token: 0,
            spot: None,
            held: Held::Scratch,
            scratch: Vec::new(),
            bare_keys: false,
        }
    }

    /// The window, for errors and for what stands around the graph.
    pub(super) fn window(&mut self) -> &mut Window<R> {
        &mut self.window
    }

    /// The text of the identifier that was read last.
    pub(super) fn text(&self) -> &[u8] {
        match &self.held {
            Held::Window(span) => self.window.span(span.clone()),
            Held::Scratch => &self.scratch,
        }
    }

    /// Something is wrong with the token that was read last.
    pub(super) fn wrong<T>(&mut self, what: &'static str) -> Result<T, Stop> {
        let spot = self.spot.take();
        let spot = spot.unwrap_or_else(|| Box::new(self.window.spot(self.token)));
        Err(Stop::Wrong(spot, what))
    }

    /// The next token.
    pub(super) fn next(&mut self) -> Result<Token, Stop> {
        let first = self.ahead()?;
        self.token = self.window.offset();
        self.spot = None;
        let token = match first {
            None => return Ok(Token::End),
            Some(b'"') => return self.string(),
            Some(b'<') => return self.html(),
            Some(b'-') => return self.dash(),
            Some(b'.' | b'0'..=b'9') => return self.numeral(),
            Some(byte) if is_word(byte) => return self.word(),
            Some(b'{') => Token::OpenBrace,
            Some(b'}') => Token::CloseBrace,
            Some(b'[') => Token::OpenBracket,
            Some(b']') => Token::CloseBracket,
            Some(b'=') => Token::Equals,
            Some(b';') => Token::Semicolon,
            Some(b',') => Token::Comma,
            Some(b':') => Token::Colon,
            Some(_) => return self.wrong("nothing in DOT begins with this"),
        };
        self.window.advance(1);
        Ok(token)
    }

    /// The first byte of the next token, left unread: white space and comments are passed over.
    pub(super) fn ahead(&mut self) -> Result<Option<u8>, Stop> {
        loop {
            let rest = self.window.rest();
            let Some(spaces) = rest.iter().position(|byte| !is_space(*byte)) else {
                let all = rest.len();
                self.window.advance(all);
                if self.window.more()? {
                    continue;
                }
                return Ok(None);
            };
            let byte = rest[spaces];
            self.window.advance(spaces);
            match byte {
                // A line that begins with # is the C preprocessor's, and nothing else begins so.
                b'#' => {
                    self.pass(b'\n')?;
                }
                b'/' if self.comment()? => {}
                _ => return Ok(Some(byte)),
            }
        }
    }

    /// Whether an edge operator comes next.
    pub(super) fn edge_ahead(&mut self) -> Result<bool, Stop> {
        Ok(self.ahead()? == Some(b'-') && matches!(self.second()?, Some(b'>' | b'-')))
    }

    /// The byte behind the next one.
    fn second(&mut self) -> Result<Option<u8>, Stop> {
        while self.window.rest().len() < 2 && self.window.more()? {}
        Ok(self.window.rest().get(1).copied())
    }

    /// Passes over a comment, of any length, in the window there is. False when there is none.
    fn comment(&mut self) -> Result<bool, Stop> {
        match self.second()? {
            Some(b'/') => {
                self.pass(b'\n')?;
            }
            Some(b'*') => {
                self.window.advance(2);
                self.comment_end()?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn comment_end(&mut self) -> Result<(), Stop> {
        while self.pass(b'*')? {
            while self.window.rest().is_empty() && self.window.more()? {}
            if self.window.rest().first() == Some(&b'/') {
                self.window.advance(1);
                return Ok(());
            }
        }
        Err(Stop::End("a comment"))
    }

    /// Passes over everything up to a byte, which is passed over as well. False when the text ends before.
    fn pass(&mut self, byte: u8) -> Result<bool, Stop> {
        loop {
            let rest = self.window.rest();
            let (n, found) = match memchr::memchr(byte, rest) {
                Some(n) => (n + 1, true),
                None => (rest.len(), false),
            };
            self.window.advance(n);
            if found {
                return Ok(true);
            }
            if !self.window.more()? {
                return Ok(false);
            }
        }
    }

    fn dash(&mut self) -> Result<Token, Stop> {
        let token = match self.second()? {
            Some(b'>') => Token::Arrow,
            Some(b'-') => Token::Line,
            Some(b'.' | b'0'..=b'9') => return self.numeral(),
            _ => return self.wrong("expected -> or a number"),
        };
        self.window.advance(2);
        Ok(token)
    }

    fn numeral(&mut self) -> Result<Token, Stop> {
        let mut point = false;
        self.word_while(|n, byte| match byte {
            b'-' => n == 0,
            b'.' => !std::mem::replace(&mut point, true),
            _ => byte.is_ascii_digit(),
        })
    }

    fn word(&mut self) -> Result<Token, Stop> {
        self.word_while(|_, byte| is_word(byte) || byte.is_ascii_digit())
    }

    /// An identifier of the bytes that belong to it. `belongs` sees each once, in order.
    fn word_while(&mut self, mut belongs: impl FnMut(usize, u8) -> bool) -> Result<Token, Stop> {
        let mut length = 0;
        loop {
            let ahead = &self.window.rest()[length..];
            if let Some(n) = ahead
                .iter()
                .enumerate()
                .position(|(n, byte)| !belongs(length + n, *byte))
            {
                length += n;
                break;
            }
            length += ahead.len();
            if !self.window.more()? {
                break;
            }
        }
        self.hold(0..length, length, false)?;
        Ok(Token::Word)
    }

    fn html(&mut self) -> Result<Token, Stop> {
        let (mut looked, mut depth) = (0, 0_usize);
        loop {
            let Some(n) = memchr::memchr2(b'<', b'>', &self.window.rest()[looked..]) else {
                looked = self.window.rest().len();
                if self.window.more()? {
                    continue;
                }
                return Err(Stop::End("an HTML text"));
            };
            looked += n + 1;
            match self.window.rest()[looked - 1] {
                b'<' => depth += 1,
                _ => depth -= 1,
            }
            if depth == 0 {
                self.hold(1..looked - 1, looked, false)?;
                return Ok(Token::Quoted);
            }
        }
    }

    fn string(&mut self) -> Result<Token, Stop> {
        let (length, style) = self.measure()?;
        let inside = 1..length - 1;
        if style == Style::Escaped {
            self.scratch.clear();
            quoted::decode(&self.window.rest()[inside], &mut self.scratch);
            self.held = Held::Scratch;
            self.window.advance(length);
            self.look_ahead(true)?;
        } else {
            self.hold(inside, length, true)?;
        }
        Ok(Token::Quoted)
    }

    /// The length of the string that begins here, quotes included, all of it in the window then.
    fn measure(&mut self) -> Result<(usize, Style), Stop> {
        loop {
            if let Some(found) = quoted::scan(self.window.rest(), self.bare_keys) {
                self.bare_keys |= found.style == Style::BareKeys;
                return Ok((found.length, found.style));
            }
            if !self.window.more()? {
                return Err(Stop::End("a string"));
            }
        }
    }

    /// Takes a token of `length` bytes whose text is the `inside` of it.
    fn hold(&mut self, inside: Range<usize>, length: usize, string: bool) -> Result<(), Stop> {
        let from = self.window.mark();
        self.held = Held::Window(from + inside.start..from + inside.end);
        self.window.advance(length);
        self.look_ahead(string)
    }

    /// Looks for what follows an identifier. In the rare case that takes new text into the window, or finds a `+`
    /// that makes the string longer, the identifier is kept apart.
    fn look_ahead(&mut self, string: bool) -> Result<(), Stop> {
        let rest = self.window.rest();
        match rest.iter().position(|byte| !is_space(*byte)) {
            Some(spaces) if !matches!(rest[spaces], b'+' | b'/' | b'#') => {
                self.window.advance(spaces);
                return Ok(());
            }
            _ => {}
        }
        if let Held::Window(span) = &self.held {
            self.scratch.clear();
            self.scratch
                .extend_from_slice(self.window.span(span.clone()));
            self.held = Held::Scratch;
        }
        self.spot = Some(Box::new(self.window.spot(self.token)));
        while self.ahead()? == Some(b'+') && string {
            self.append()?;
        }
        Ok(())
    }

    /// Reads `+ "more"` behind a string.
    fn append(&mut self) -> Result<(), Stop> {
        self.window.advance(1);
        if self.ahead()? != Some(b'"') {
            self.token = self.window.offset();
            self.spot = None;
            return self.wrong("expected a string behind the +");
        }
        let (length, style) = self.measure()?;
        let raw = &self.window.rest()[1..length - 1];
        if style == Style::Escaped {
            quoted::decode(raw, &mut self.scratch);
        } else {
            self.scratch.extend_from_slice(raw);
        }
        self.window.advance(length);
        Ok(())
    }
}

/// White space. A stray zero byte or form feed separates as well as a blank.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}
